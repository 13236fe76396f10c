from django.urls import path

from . import (
    display,
    entrance,
    extension_page,
    facility,
    feeds,
    home,
    map_page,
    product,
    province,
    share,
    statistics_list,
    statistics_page,
    statistics_topics,
)
from .open_data.page import open_data_page

urlpatterns = [
    path("", home.home, name="home"),
    path("san-pham/<slug:slug>/", product.product, name="product"),
    path("anh/chia-se/<slug:slug>.png", share.share_picture, name="share_picture"),
    path("co-so/<slug:slug>/", facility.facility, name="facility"),
    path("khuyen-cong/", extension_page.extension_page, name="extension"),
    path("ban-do/", map_page.map_page, name="map"),
    path("ban-do/<slug:slug>/", province.province, name="province"),
    path("tin/cong-nhan.atom", feeds.recognitions, name="feed_recognitions"),
    path("tin/ky-binh-chon.atom", feeds.rounds, name="feed_rounds"),
    path("du-lieu-mo/", open_data_page, name="open_data"),
    path("thong-ke/", statistics_page.statistics_page, name="statistics"),
    path("thong-ke/danh-sach/", statistics_list.statistics_list, name="statistics_list"),
    path("thong-ke/ky-binh-chon/", statistics_topics.rounds, name="statistics_rounds"),
    path("thong-ke/tu-tinh-len-quoc-gia/", statistics_topics.ways, name="statistics_ways"),
    path("thong-ke/cong-nhan-lai/", statistics_topics.renewals, name="statistics_renewals"),
    path("thong-ke/ho-tro-va-phan-phoi/", statistics_topics.supported_and_sold, name="statistics_shares"),
    path("thong-ke/khuyen-cong/", statistics_topics.extension, name="statistics_extension"),
    path("thong-ke/da-cong-bo/", statistics_topics.published, name="statistics_published"),
    path("hien-thi/", display.display_page, name="display"),
    path("vao-viec/", entrance.after_login, name="after_login"),
    path("tai-khoan-mau/", entrance.demo_accounts, name="demo_accounts"),
]
