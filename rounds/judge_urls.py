"""Addresses of the judges."""

from django.urls import path

from . import declaring, judge_more, judging

urlpatterns = [
    path("cham-diem/", judging.home, name="judge_home"),
    path("cham-diem/sw.js", judge_more.worker, name="judge_worker"),
    path("cham-diem/mat-song/", judge_more.offline, name="judge_offline"),
    path("cham-diem/huong-dan/", judging.guide, name="judge_guide"),
    path("cham-diem/xung-dot/", judging.conflict, name="judge_conflict"),
    path("cham-diem/cam-ket/<uuid:uuid>/", declaring.declaration, name="judge_declaration"),
    path("cham-diem/<uuid:uuid>/", judging.sheet, name="judge_sheet"),
    path("cham-diem/<uuid:uuid>/luu/", judging.save, name="judge_save"),
    path("cham-diem/<uuid:uuid>/nop/", judging.submit, name="judge_submit"),
    path("cham-diem/<uuid:uuid>/khong-danh-gia/", judging.cannot, name="judge_cannot_assess"),
    path("cham-diem/<uuid:uuid>/tep/<int:pk>/", judging.document, name="judge_document"),
]
