"""What people bring to the desk: registrations, lists to import, score sheets; and what the machine needs."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from facilities.enums import RepresentativeState
from facilities.models import Representative
from portal.accounts.enums import Role
from portal.accounts.queries import Reach
from portal.files import antivirus
from portal.imports.enums import BatchState
from portal.imports.models import ImportBatch
from portal.text.formats import day
from rounds.enums import RoundState, ScoringPass, SheetState
from rounds.models import Dossier, ScoreSheet

from .tasks import Task, local_day, page, provinces_with

BEGUN = (BatchState.UPLOADED, BatchState.PREVIEWED)
# Sheets that ask for no scoring any more; an entered paper sheet asks for its judge's word instead.
SCORED = (SheetState.SUBMITTED, SheetState.CANNOT_ASSESS, SheetState.VOIDED, SheetState.ENTERED)


def registration_tasks(reach: Reach) -> Iterator[Task]:
    """People who ask to speak for a facility. One query."""
    provinces = provinces_with(reach, {Role.OFFICER})
    if not provinces:
        return
    found = Representative.objects.filter(territory__in=provinces, state=RepresentativeState.PENDING).aggregate(
        n=Count("pk"), first=Min("applied_at")
    )
    if n := found["n"]:
        what = ngettext("Duyệt %(n)d đăng ký đại diện cơ sở", "Duyệt %(n)d đăng ký đại diện cơ sở", n) % {"n": n}
        why = _("Chờ sớm nhất từ %(day)s") % {"day": day(timezone.localdate(found["first"]))}
        url = page("facilities_representative_changelist", {"state__exact": RepresentativeState.PENDING})
        yield Task(what, why, "user-check", _("Xem đăng ký"), url)


def import_tasks(user: Any) -> Iterator[Task]:
    """Lists the person brought in and has neither confirmed nor dropped. One query."""
    n = ImportBatch.objects.filter(actor=user, state__in=BEGUN).count()
    if n:
        what = ngettext("Xác nhận hoặc bỏ %(n)d danh sách đang nhập", "Xác nhận hoặc bỏ %(n)d danh sách đang nhập", n)
        query = {"actor__id__exact": user.pk, "state__in": ",".join(BEGUN)}
        url = page("imports_importbatch_changelist", query)
        yield Task(what % {"n": n}, _("Chưa có dòng nào được ghi"), "table-2", _("Xem lại"), url)


def sheet_tasks(user: Any) -> Iterator[Task]:
    """Score sheets that the person still owes, for those who work at the desk and judge too. Two queries."""
    why = _("Bạn là thành viên Ban Giám khảo")
    home = reverse("judge_home")
    owed = _owed(user, ScoringPass.DOSSIER).aggregate(n=Count("pk"), until=Min("round__scoring_until"))
    if n := owed["n"]:
        what = ngettext("Chấm và nộp phiếu của %(n)d hồ sơ", "Chấm và nộp phiếu của %(n)d hồ sơ", n) % {"n": n}
        yield Task(what, why, "clipboard-pen", _("Chấm điểm"), home, local_day(owed["until"]))
    site = _owed(user, ScoringPass.SITE).filter(round__has_site_pass=True)
    owed = site.aggregate(n=Count("pk"), until=Min("round__site_scoring_until"))
    if n := owed["n"]:
        what = ngettext("Chấm tại chỗ và nộp phiếu của %(n)d hồ sơ", "Chấm tại chỗ và nộp phiếu của %(n)d hồ sơ", n)
        yield Task(what % {"n": n}, why, "clipboard-pen", _("Chấm điểm"), home, local_day(owed["until"]))


def _owed(user: Any, scoring_pass: str) -> "QuerySet[Dossier]":
    done = ScoreSheet.objects.filter(dossier=OuterRef("pk"), judge=user, scoring_pass=scoring_pass, state__in=SCORED)
    return Dossier.objects.for_judge(user).filter(~Exists(done), round__state=RoundState.SCORING)


def scanner_tasks(reach: Reach) -> Iterator[Task]:
    """A virus scanner that does not answer stops every upload: its keeper has to know. No query."""
    if Role.ADMINISTRATOR in reach.roles and antivirus.is_configured() and not antivirus.answers():
        yield Task(
            _("Khởi động lại máy quét vi-rút"),
            _("Máy quét không trả lời, cổng đang từ chối mọi tệp gửi lên"),
            "octagon-x",
            _("Xem nhật ký"),
            page("audit_auditentry_changelist"),
        )
