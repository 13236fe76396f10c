"""Addresses of communes' officers; Vietnamese only."""

from django.urls import path

from . import commune, commune_nominating

urlpatterns = [
    path("viec-cua-xa/", commune.entrance, name="commune_entrance"),
    path("viec-cua-xa/<int:pk>/", commune.home, name="commune"),
    path("viec-cua-xa/<int:pk>/khong-co/<uuid:round_uuid>/", commune.nothing, name="commune_nothing"),
    path("viec-cua-xa/<int:pk>/khong-co/<uuid:round_uuid>/rut/", commune.take_back, name="commune_take_back"),
    path("viec-cua-xa/<int:pk>/de-cu/<uuid:round_uuid>/", commune_nominating.nominate, name="commune_nominate"),
    path(
        "viec-cua-xa/<int:pk>/de-cu/<uuid:round_uuid>/<slug:form>/<slug:fmt>/",
        commune_nominating.paper,
        name="commune_nomination_paper",
    ),
    path("viec-cua-xa/<int:pk>/nop-thay/", commune.choose_facility, name="commune_choose"),
    path("viec-cua-xa/<int:pk>/nop-thay/<uuid:facility_uuid>/", commune.file_for, name="commune_file"),
    path("viec-cua-xa/<int:pk>/xin-ghi-co-so/", commune.ask_for_facility, name="commune_wanted"),
]
