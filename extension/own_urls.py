"""Addresses of those whom the programme supports, and of their communes' officers; Vietnamese only."""

from django.urls import path

from . import own_support
from .needs import views as need_views
from .results import views as result_views
from .watch import views as watch_views

urlpatterns = [
    path("co-so-cua-toi/khuyen-cong/", own_support.own_support, name="own_support"),
    path("co-so-cua-toi/khuyen-cong/nhu-cau/", need_views.own_needs, name="own_needs"),
    path("co-so-cua-toi/khuyen-cong/nhu-cau/moi/", need_views.own_need_new, name="own_need_new"),
    path("co-so-cua-toi/khuyen-cong/nhu-cau/<uuid:uuid>/", need_views.own_need, name="own_need"),
    path("co-so-cua-toi/khuyen-cong/nhu-cau/<uuid:uuid>/tep/", need_views.own_need_file, name="own_need_file"),
    path("co-so-cua-toi/khuyen-cong/<uuid:uuid>/ket-qua/", result_views.own_results, name="own_results"),
    path("co-so-cua-toi/khuyen-cong/<uuid:uuid>/tien-do/", watch_views.own_progress, name="own_progress"),
    path("co-so-cua-toi/khuyen-cong/<uuid:uuid>/ton-tai/", watch_views.own_findings, name="own_findings"),
    path(
        "co-so-cua-toi/khuyen-cong/<uuid:uuid>/tep/<slug:kind>/<uuid:row_uuid>/",
        watch_views.own_watch_file,
        name="own_watch_file",
    ),
    path("viec-cua-xa/<int:pk>/nhu-cau/", need_views.commune_needs, name="commune_needs"),
    path("viec-cua-xa/<int:pk>/nhu-cau/moi/", need_views.commune_need_new, name="commune_need_new"),
    path("viec-cua-xa/<int:pk>/nhu-cau/<uuid:uuid>/", need_views.commune_need, name="commune_need"),
    path("viec-cua-xa/<int:pk>/nhu-cau/<uuid:uuid>/tep/", need_views.commune_need_file, name="commune_need_file"),
]
