from django.urls import path

from . import display, entrance, facility, feeds, home, map_page, product, province, share, statistics_page

urlpatterns = [
    path("", home.home, name="home"),
    path("san-pham/<slug:slug>/", product.product, name="product"),
    path("anh/chia-se/<slug:slug>.png", share.share_picture, name="share_picture"),
    path("co-so/<slug:slug>/", facility.facility, name="facility"),
    path("ban-do/", map_page.map_page, name="map"),
    path("ban-do/<slug:slug>/", province.province, name="province"),
    path("tin/cong-nhan.atom", feeds.recognitions, name="feed_recognitions"),
    path("tin/ky-binh-chon.atom", feeds.rounds, name="feed_rounds"),
    path("thong-ke/", statistics_page.statistics_page, name="statistics"),
    path("hien-thi/", display.display_page, name="display"),
    path("vao-viec/", entrance.after_login, name="after_login"),
    path("tai-khoan-mau/", entrance.demo_accounts, name="demo_accounts"),
]
