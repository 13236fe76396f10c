"""Addresses of the portal. Public pages also live under /en/."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

from portal.pages import sitemaps
from portal.pages import views as pages
from portal.pages.open_data.page import open_data_file
from portal.pages.small_map import small_map

urlpatterns = [
    path("healthz", pages.healthz, name="healthz"),
    path("robots.txt", sitemaps.robots, name="robots"),
    path("sitemap.xml", sitemaps.index, name="sitemap"),
    path("sitemap-<slug:section>.xml", sitemaps.file, name="sitemap_file"),
    path("sitemap-<slug:section>.<int:part>.xml", sitemaps.file, name="sitemap_file"),
    path("opensearch.xml", sitemaps.opensearch, name="opensearch"),
    path("quan-tri/", admin.site.urls),
    path("api/", include("portal.pages.api_urls")),
    path("du-lieu-mo/<str:edition>/<str:name>", open_data_file, name="open_data_file"),
    path("ban-do/<slug:slug>.svg", small_map, name="small_map"),
    path("", include("facilities.urls")),
    path("", include("portal.pages.own_urls")),
    path("", include("products.maker_urls")),
    path("", include("rounds.applicant_urls")),
    path("", include("extension.own_urls")),
    path("", include("portal.notices.urls")),
    path("", include("rounds.commune_urls")),
]
urlpatterns += i18n_patterns(
    path("", include("portal.pages.urls")),
    path("", include("portal.accounts.urls")),
    path("", include("products.urls")),
    path("", include("rounds.urls")),
    path("", include("extension.urls")),
    prefix_default_language=False,
)
handler400 = "portal.pages.errors.bad_request"
handler403 = "portal.pages.errors.forbidden"
handler404 = "portal.pages.errors.not_found"
handler500 = "portal.pages.errors.server_error"
