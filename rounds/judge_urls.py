"""Addresses of the judges."""

from django.urls import path

from portal.text.offline import worker

from . import declaring, judge_home, judge_more, judge_paper, judging
from .enums import ScoringPass

SITE = {"scoring_pass": ScoringPass.SITE}

urlpatterns = [
    path("cham-diem/", judge_home.home, name="judge_home"),
    path("cham-diem/sw.js", worker, name="judge_worker"),
    path("cham-diem/mat-song/", judge_more.offline, name="judge_offline"),
    path("cham-diem/huong-dan/", judging.guide, name="judge_guide"),
    path("cham-diem/xung-dot/", declaring.conflict, name="judge_conflict"),
    path("cham-diem/cam-ket/<uuid:round_uuid>/", declaring.declaration, name="judge_declaration"),
    path("cham-diem/so-sanh/<uuid:round_uuid>/", judge_more.compare, name="judge_compare"),
    path("cham-diem/phieu-in/<uuid:round_uuid>/", judge_more.printed_round, name="judge_print_round"),
    path("cham-diem/<uuid:uuid>/", judging.sheet, name="judge_sheet"),
    path("cham-diem/<uuid:uuid>/luu/", judging.save, name="judge_save"),
    path("cham-diem/<uuid:uuid>/nop/", judging.submit, name="judge_submit"),
    path("cham-diem/<uuid:uuid>/khong-danh-gia/", judging.cannot, name="judge_cannot_assess"),
    path("cham-diem/<uuid:uuid>/xac-nhan/", judge_paper.confirm, name="judge_confirm"),
    path("cham-diem/<uuid:uuid>/ban-chup/", judge_paper.scan, name="judge_scan"),
    path("cham-diem/<uuid:uuid>/xin-mo-lai/", judge_paper.ask_reopening, name="judge_reopening"),
    path("cham-diem/<uuid:uuid>/phieu-in/", judge_more.printed, name="judge_print"),
    path("cham-diem/<uuid:uuid>/tai-cho/", judging.sheet, SITE, name="judge_site_sheet"),
    path("cham-diem/<uuid:uuid>/tai-cho/luu/", judging.save, SITE, name="judge_site_save"),
    path("cham-diem/<uuid:uuid>/tai-cho/nop/", judging.submit, SITE, name="judge_site_submit"),
    path("cham-diem/<uuid:uuid>/tai-cho/khong-danh-gia/", judging.cannot, SITE, name="judge_site_cannot_assess"),
    path("cham-diem/<uuid:uuid>/tai-cho/xac-nhan/", judge_paper.confirm, SITE, name="judge_site_confirm"),
    path("cham-diem/<uuid:uuid>/tai-cho/ban-chup/", judge_paper.scan, SITE, name="judge_site_scan"),
    path("cham-diem/<uuid:uuid>/tai-cho/xin-mo-lai/", judge_paper.ask_reopening, SITE, name="judge_site_reopening"),
    path("cham-diem/<uuid:uuid>/tai-cho/phieu-in/", judge_more.printed, SITE, name="judge_site_print"),
    path("cham-diem/<uuid:uuid>/tep/<int:pk>/", judging.document, name="judge_document"),
]
