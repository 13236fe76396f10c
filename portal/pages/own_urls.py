"""Addresses of a facility's own pages that join rooms; Vietnamese only."""

from django.urls import path

from . import yearly_reports

urlpatterns = [
    path("ho-so-cua-toi/bao-cao/", yearly_reports.my_reports, name="my_reports"),
    path("ho-so-cua-toi/bao-cao/<uuid:facility_uuid>/<int:year>/", yearly_reports.my_report, name="my_report"),
]
