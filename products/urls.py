from django.urls import path

from . import views

urlpatterns = [
    path("san-pham/", views.catalogue, name="catalogue"),
    path("tra-cuu/", views.verify, name="verify"),
    path("tra-cuu/<str:code>/", views.verify_code, name="verify_code"),
    path("anh/<int:pk>/", views.photo, name="photo"),
]
