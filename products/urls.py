from django.urls import include, path

from . import check_views, day_list, extract_views, saved_views, signed_views, views

urlpatterns = [
    path("", include("products.inquiry_urls")),
    path("san-pham/", views.catalogue, name="catalogue"),
    path("da-luu/", saved_views.saved_list, name="saved"),
    path("da-luu/doi/", saved_views.change, name="saved_change"),
    path("danh-muc/", day_list.day_list, name="day_list"),
    path("tra-cuu/", check_views.verify, name="verify"),
    path("tra-cuu/trich-luc/<str:token>/", extract_views.check, name="extract_check"),
    path("tra-cuu/<str:code>/ban-ky-so.pdf", signed_views.signed_file, name="signed_file"),
    path("tra-cuu/<str:code>/", check_views.verify_code, name="verify_code"),
    path("anh/<int:pk>/", views.photo, name="photo"),
]
