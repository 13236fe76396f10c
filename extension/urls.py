from django.urls import path

from . import views
from .markets import fair_views
from .norms import lookup_views

urlpatterns = [
    path("khuyen-cong/hoi-cho/", fair_views.fair_list, name="extension_fairs"),
    path("khuyen-cong/hoi-cho/<slug:slug>/", fair_views.fair, name="extension_fair"),
    path("khuyen-cong/noi-ban/", fair_views.outlets, name="extension_outlets"),
    path("khuyen-cong/muc-ho-tro/", lookup_views.support_norms, name="support_norms"),
    path("khuyen-cong/<slug:slug>/", views.project, name="extension_project"),
]
