"""Addresses of a facility's own pages that join rooms; Vietnamese only."""

from django.urls import path

from extension.markets import own_fairs
from products import giving_back, inquiry_inbox

from . import calendar, yearly_reports

urlpatterns = [
    path("co-so-cua-toi/thu/", inquiry_inbox.inbox, name="own_letters"),
    path("co-so-cua-toi/thu/<uuid:uuid>/", inquiry_inbox.letter, name="own_letter"),
    path("co-so-cua-toi/khuyen-cong/hoi-cho/", own_fairs.my_fairs, name="own_fairs"),
    path("co-so-cua-toi/khuyen-cong/hoi-cho/<uuid:uuid>/", own_fairs.my_fair, name="own_fair"),
    path("lich/<uuid:token>.ics", calendar.feed, name="calendar_feed"),
    path("lich/<slug:slug>.ics", calendar.public, name="calendar_public"),
    path("thong-bao/lich/", calendar.calendars, name="calendar"),
    path("thong-bao/lich/<uuid:token>/thoi/", calendar.end, name="calendar_end"),
    path("ho-so-cua-toi/xin-rut/<uuid:recognition_uuid>/", giving_back.ask, name="ask_withdrawal"),
    path("ho-so-cua-toi/bao-cao/", yearly_reports.my_reports, name="my_reports"),
    path("ho-so-cua-toi/bao-cao/<uuid:facility_uuid>/<int:year>/", yearly_reports.my_report, name="my_report"),
]
