from django.urls import path

from . import views

urlpatterns = [
    path("thong-bao/", views.inbox, name="notices"),
    path("thong-bao/lua-chon/", views.choices, name="notices_choices"),
    path("thong-bao/da-doc/", views.read_all, name="notices_read_all"),
    path("thong-bao/<uuid:uuid>/mo/", views.read, name="notices_read"),
    path("thong-bao/ngung/<str:token>/", views.stop, name="notices_stop"),
]
