from django.urls import path

from . import views

urlpatterns = [
    path("khuyen-cong/", views.project_list, name="extension"),
    path("khuyen-cong/<slug:slug>/", views.project, name="extension_project"),
]
