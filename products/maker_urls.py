"""Addresses of what a maker takes out for packs and tenders; Vietnamese only."""

from django.urls import path

from . import certificate_views, extract_views, kit_views, own_product

KIT = "ho-so-cua-toi/bieu-trung/<uuid:facility_uuid>/"
ONE = f"{KIT}<uuid:recognition_uuid>/"
EXTRACT = "ho-so-cua-toi/trich-luc/<uuid:facility_uuid>/"

urlpatterns = [
    path("ho-so-cua-toi/giay-chung-nhan/<str:code>.pdf", certificate_views.own_certificate, name="own_certificate"),
    path("co-so-cua-toi/san-pham/<uuid:product_uuid>/", own_product.own_product, name="own_product"),
    path("ho-so-cua-toi/bieu-trung/", kit_views.start, name="packaging_start"),
    path(KIT, kit_views.overview, name="packaging"),
    path(ONE, kit_views.product, name="packaging_product"),
    path(f"{ONE}ma-qr.<slug:ext>", kit_views.qr, name="packaging_qr"),
    path(f"{ONE}tep/<uuid:paper_uuid>/", kit_views.paper, name="packaging_paper"),
    path(f"{ONE}<slug:shape>/<slug:ink>.<slug:ext>", kit_views.mark, name="packaging_mark"),
    path(EXTRACT, extract_views.ask, name="extract"),
    path(f"{EXTRACT}trich-luc.pdf", extract_views.pdf, name="extract_pdf"),
]
