"""Addresses of the API: version 1, its schema, its pages for reading."""

from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import SimpleRouter

from extension.api import ProjectViewSet
from extension.markets.fair_api import FairViewSet
from facilities.api import FacilityViewSet
from products.api import RecognitionViewSet
from products.changes_api import ChangesView
from products.check_api import CertificateView
from rounds.api import RoundViewSet
from rounds.exchange_api import PackagesView, PackageTakenView, PackageView

from . import statistics_api
from .api_manners import by_content, counting_itself, public
from .api_products import PublicProductViewSet

router = SimpleRouter()
router.register("products", PublicProductViewSet, basename="api-product")
router.register("recognitions", RecognitionViewSet, basename="api-recognition")
router.register("facilities", FacilityViewSet, basename="api-facility")
router.register("rounds", RoundViewSet, basename="api-round")
router.register("extension/projects", ProjectViewSet, basename="api-project")
router.register("extension/fairs", FairViewSet, basename="api-fair")

lists = router.urls
for one in lists:
    assert one.callback is not None
    one.callback = public(one.callback)

v1: list[URLPattern | URLResolver] = [
    path("", include(lists)),
    path("changes/", public(ChangesView.as_view()), name="api-changes"),
    path("certificates/<str:code>/", counting_itself(CertificateView.as_view()), name="api-certificate"),
    path(
        "statistics/recognitions/",
        public(statistics_api.RecognitionStatisticsView.as_view()),
        name="api-statistics-recognitions",
    ),
    path(
        "statistics/renewals/",
        by_content(statistics_api.RenewalStatisticsView.as_view()),
        name="api-statistics-renewals",
    ),
    path("statistics/funnel/", by_content(statistics_api.FunnelStatisticsView.as_view()), name="api-statistics-funnel"),
    path("statistics/shares/", by_content(statistics_api.ShareStatisticsView.as_view()), name="api-statistics-shares"),
    path("statistics/rounds/", by_content(statistics_api.RoundStatisticsView.as_view()), name="api-statistics-rounds"),
    path(
        "statistics/extension/",
        public(statistics_api.ExtensionStatisticsView.as_view()),
        name="api-statistics-extension",
    ),
    path("exchange/packages/", PackagesView.as_view(), name="api-exchange-packages"),
    path("exchange/packages/<str:digest>/", PackageView.as_view(), name="api-exchange-package"),
    path("exchange/packages/<str:digest>/taken/", PackageTakenView.as_view(), name="api-exchange-taken"),
]

urlpatterns = [
    path("v1/", include(v1)),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="api_docs"),
]
