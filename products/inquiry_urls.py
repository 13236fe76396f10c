"""Addresses of what visitors write to the portal and to makers."""

from django.urls import path

from . import inquiry_views, rating_views

urlpatterns = [
    path("san-pham/<slug:slug>/hoi/", inquiry_views.ask_maker, name="ask_maker"),
    path("san-pham/<slug:slug>/dat-mua/", inquiry_views.request_purchase, name="request_purchase"),
    path("san-pham/<slug:slug>/bao-sai/", inquiry_views.report_error, name="report_error"),
    path("co-so/<slug:slug>/lien-he/", inquiry_views.write_facility, name="write_facility"),
    path("lien-he/", inquiry_views.contact, name="contact"),
    path("thu/<uuid:uuid>/", inquiry_views.sent, name="inquiry_sent"),
    path("danh-gia/", rating_views.rate, name="rate_page"),
]
