"""Addresses of rounds: the public pages here, the judges' in `judge_urls`."""

from django.urls import URLPattern, URLResolver, include, path

from . import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("ky-binh-chon/", views.round_list, name="rounds"),
    path("ky-binh-chon/<slug:slug>/", views.round_detail, name="round"),
    path("", include("rounds.judge_urls")),
]
