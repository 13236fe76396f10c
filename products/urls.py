from django.urls import path

from . import check_views, signed_views, views

urlpatterns = [
    path("san-pham/", views.catalogue, name="catalogue"),
    path("tra-cuu/", check_views.verify, name="verify"),
    path("tra-cuu/<str:code>/ban-ky-so.pdf", signed_views.signed_file, name="signed_file"),
    path("tra-cuu/<str:code>/", check_views.verify_code, name="verify_code"),
    path("anh/<int:pk>/", views.photo, name="photo"),
]
