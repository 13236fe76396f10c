"""Addresses of people who speak for a facility; Vietnamese only."""

from django.urls import path

from . import views

urlpatterns = [
    path("dang-ky/", views.register, name="register"),
    path("dang-ky/xa/", views.communes, name="register_communes"),
    path("dang-ky/da-gui/", views.registered, name="registered"),
    path("co-so-cua-toi/dang-ky/", views.claim_new, name="claim_new"),
    path("co-so-cua-toi/dang-ky/<uuid:claim_uuid>/", views.claim_edit, name="claim_edit"),
    path("co-so-cua-toi/dang-ky/<uuid:claim_uuid>/rut/", views.claim_withdraw, name="claim_withdraw"),
    path("co-so-cua-toi/sua/<uuid:facility_uuid>/", views.edit_facility, name="facility_edit_own"),
]
