from django.urls import path

from . import entrance, facility, feeds, home, map_page, product, province, statistics_page

urlpatterns = [
    path("", home.home, name="home"),
    path("san-pham/<slug:slug>/", product.product, name="product"),
    path("co-so/<slug:slug>/", facility.facility, name="facility"),
    path("ban-do/", map_page.map_page, name="map"),
    path("ban-do/<slug:slug>/", province.province, name="province"),
    path("tin/cong-nhan.atom", feeds.recognitions, name="feed_recognitions"),
    path("tin/ky-binh-chon.atom", feeds.rounds, name="feed_rounds"),
    path("thong-ke/", statistics_page.statistics_page, name="statistics"),
    path("vao-viec/", entrance.after_login, name="after_login"),
    path("tai-khoan-mau/", entrance.demo_accounts, name="demo_accounts"),
]
