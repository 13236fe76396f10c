from django.urls import path

from . import entrance, facility, home, product, statistics_page

urlpatterns = [
    path("", home.home, name="home"),
    path("san-pham/<slug:slug>/", product.product, name="product"),
    path("co-so/<slug:slug>/", facility.facility, name="facility"),
    path("thong-ke/", statistics_page.statistics_page, name="statistics"),
    path("vao-viec/", entrance.after_login, name="after_login"),
    path("tai-khoan-mau/", entrance.demo_accounts, name="demo_accounts"),
]
