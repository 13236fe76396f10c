"""Addresses of applicants; Vietnamese only."""

from django.urls import path

from . import applicant, applicant_steps, complaining, renewing_pages

urlpatterns = [
    path("co-so-cua-toi/", applicant.my_facility, name="my_facility"),
    path("ho-so-cua-toi/moi/<slug:round_slug>/<uuid:facility_uuid>/", applicant_steps.start, name="applicant_start"),
    path("ho-so-cua-toi/dang-ky-lai/<uuid:recognition_uuid>/", renewing_pages.renewal, name="renewal"),
    path("ho-so-cua-toi/<uuid:uuid>/", applicant.my_dossier, name="my_dossier"),
    path("ho-so-cua-toi/<uuid:uuid>/san-pham/", applicant_steps.product, name="applicant_product"),
    path("ho-so-cua-toi/<uuid:uuid>/thuyet-minh/", applicant_steps.statement, name="applicant_statement"),
    path("ho-so-cua-toi/<uuid:uuid>/anh/", applicant_steps.photos, name="applicant_photos"),
    path("ho-so-cua-toi/<uuid:uuid>/giay-to/", applicant_steps.paper_list, name="applicant_papers"),
    path("ho-so-cua-toi/<uuid:uuid>/kiem-tra/", applicant_steps.check, name="applicant_check"),
    path("ho-so-cua-toi/<uuid:uuid>/nop/", applicant_steps.submit, name="applicant_submit"),
    path("ho-so-cua-toi/<uuid:uuid>/bien-nhan/", applicant.receipt, name="applicant_receipt"),
    path("ho-so-cua-toi/<uuid:uuid>/kien-nghi/", complaining.mine, name="my_complaints"),
    path(
        "ho-so-cua-toi/<uuid:uuid>/kien-nghi/<int:number>/<slug:which>/", complaining.paper, name="my_complaint_paper"
    ),
    path("ho-so-cua-toi/<uuid:uuid>/rut/", applicant.withdraw, name="applicant_withdraw"),
    path("ho-so-cua-toi/<uuid:uuid>/tep/<int:document_pk>/", applicant.document, name="applicant_file"),
]
