from django.urls import path

from . import fair_views, views

urlpatterns = [
    path("khuyen-cong/", views.project_list, name="extension"),
    path("khuyen-cong/hoi-cho/", fair_views.fair_list, name="extension_fairs"),
    path("khuyen-cong/hoi-cho/<slug:slug>/", fair_views.fair, name="extension_fair"),
    path("khuyen-cong/noi-ban/", fair_views.outlets, name="extension_outlets"),
    path("khuyen-cong/<slug:slug>/", views.project, name="extension_project"),
]
