from django.urls import path

from . import entrance, views

urlpatterns = [
    path("", views.home, name="home"),
    path("vao-viec/", entrance.after_login, name="after_login"),
]
