"""Monthly progress: sent by the project's side, taken note of or sent back by the extension officer.

All raise `Refusal` with a sentence: "not_allowed", "not_running", "month_ahead", "month_before", "invalid",
"spent_too_much", "went_back", "already_seen", "reason_missing".
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.audit.services import record
from portal.files.services import store
from portal.text.errors import Refusal
from portal.text.formats import money, percent

from .. import rules
from ..enums import ProgressState, ProjectState
from ..models import ProgressReport, Project
from ..watch import monthly
from ..watch.queries import began


@dataclass(frozen=True)
class Told:
    """What a report says. Sums in whole đồng and the work in hundredths, both counted from the beginning."""

    percent: int
    done: str
    difficulties: str = ""
    spent_extension: int = 0
    spent_counterpart: int = 0


@transaction.atomic
def send_progress(
    *, project: Project, month: dt.date, told: Told, actor: Any, now: dt.datetime, upload: Any = None
) -> ProgressReport:
    """The report of one month; sent again it replaces what stood there, until an officer has taken note of it."""
    locked = Project.objects.locked(project.pk)
    rules.require_report(actor, locked)
    month = monthly.month_of(month)
    _refuse_month(locked, month, timezone.localdate(now))
    _refuse_sums(locked, told)
    report = ProgressReport.objects.select_for_update().filter(project=locked, month=month).first()
    if report and report.state == ProgressState.SEEN:
        raise Refusal("already_seen", _("Báo cáo tháng này đã được tiếp nhận nên không sửa được nữa."))
    _refuse_going_back(locked, month, told)
    report = report or ProgressReport(project=locked, month=month)
    _fill(report, told, upload, actor, now)
    said = _("Gửi báo cáo tiến độ tháng %(month)s của đề án “%(name)s”: %(percent)s.")
    facts = {"month": f"{month:%m/%Y}", "name": locked.name, "percent": percent(told.percent)}
    _audit(actor, "extension.progress_send", said % facts, report)
    return report


def _fill(report: ProgressReport, told: Told, upload: Any, actor: Any, now: dt.datetime) -> None:
    report.percent, report.done, report.difficulties = told.percent, told.done.strip(), told.difficulties.strip()
    report.spent_extension, report.spent_counterpart = told.spent_extension, told.spent_counterpart
    report.state, report.sent_by, report.sent_at, report.answer = ProgressState.SENT, actor, now, ""
    if upload:
        report.file = store(upload, allow={"image", "pdf", "office"}, field="upload")
    try:
        report.full_clean(exclude=["project", "sent_by"])
    except ValidationError as error:
        name, sentences = next(iter(error.message_dict.items()))
        raise Refusal("invalid", sentences[0], field=None if name == "__all__" else name) from error
    report.save()


@transaction.atomic
def see_progress(*, report: ProgressReport, actor: Any, now: dt.datetime) -> ProgressReport:
    """The extension officer has read it; from now on it stands."""
    locked = _locked_sent(report)
    rules.require_edit(actor, locked.project.territory_id)
    locked.state, locked.seen_by, locked.seen_at = ProgressState.SEEN, actor, now
    locked.save(update_fields=["state", "seen_by", "seen_at"])
    said = _("Tiếp nhận báo cáo tiến độ tháng %(month)s của đề án “%(name)s”.")
    _audit(actor, "extension.progress_see", said % _facts(locked), locked)
    return locked


@transaction.atomic
def return_progress(*, report: ProgressReport, reason: str, actor: Any) -> ProgressReport:
    """What the report lacks; the unit sends it again."""
    locked = _locked_sent(report)
    rules.require_edit(actor, locked.project.territory_id)
    if not reason.strip():
        raise Refusal("reason_missing", _("Hãy ghi báo cáo cần bổ sung gì."), field="reason")
    locked.state, locked.answer = ProgressState.RETURNED, reason.strip()
    locked.save(update_fields=["state", "answer"])
    said = _("Yêu cầu bổ sung báo cáo tiến độ tháng %(month)s của đề án “%(name)s”.")
    _audit(actor, "extension.progress_return", said % _facts(locked), locked, reason=locked.answer)
    return locked


def _locked_sent(report: ProgressReport) -> ProgressReport:
    project = Project.objects.locked(report.project.pk)
    locked = ProgressReport.objects.select_for_update(of=("self",)).get(pk=report.pk)
    locked.project = project
    if locked.state != ProgressState.SENT:
        said = _("Báo cáo này đang “%(state)s” nên không làm việc này được.")
        raise Refusal("already_seen", said % {"state": locked.get_state_display().lower()})
    return locked


def _refuse_month(project: Project, month: dt.date, on: dt.date) -> None:
    if project.state != ProjectState.RUNNING:
        said = _("Đề án đang “%(state)s”. Báo cáo tiến độ chỉ gửi khi đề án đang thực hiện.")
        raise Refusal("not_running", said % {"state": project.get_state_display().lower()})
    if month > monthly.month_of(on):
        raise Refusal("month_ahead", _("Tháng này chưa đến. Hãy chọn tháng đã hoặc đang qua."), field="month")
    start = began(project)
    if start and month < monthly.month_of(start):
        said = _("Đề án bắt đầu từ tháng %(month)s, nên không có báo cáo của tháng trước đó.")
        raise Refusal("month_before", said % {"month": f"{start:%m/%Y}"}, field="month")


def _refuse_sums(project: Project, told: Told) -> None:
    funds = project.extension_funds
    if funds is not None and told.spent_extension > funds:
        said = _("Khuyến công đã chi %(spent)s, vượt kinh phí của đề án là %(funds)s. Hãy kiểm tra lại số tiền.")
        facts = {"spent": money(told.spent_extension), "funds": money(funds)}
        raise Refusal("spent_too_much", said % facts, field="spent_extension")


def _refuse_going_back(project: Project, month: dt.date, told: Told) -> None:
    """Less work done than a month before may be true, but then it is said why."""
    earlier = project.progress_reports.filter(month__lt=month).order_by("-month").first()
    if earlier and told.percent < earlier.percent and not told.difficulties.strip():
        said = _("Tháng %(month)s đã báo %(percent)s. Khối lượng giảm thì hãy ghi rõ vì sao ở mục khó khăn.")
        facts = {"month": f"{earlier.month:%m/%Y}", "percent": percent(earlier.percent)}
        raise Refusal("went_back", said % facts, field="difficulties")


def _facts(report: ProgressReport) -> dict[str, str]:
    return {"month": f"{report.month:%m/%Y}", "name": report.project.name}


def _audit(actor: Any, action: str, sentence: str, report: ProgressReport, **more: Any) -> None:
    territory = report.project.territory
    record(actor=actor, action=action, sentence=sentence, subject=report, territory=territory, **more)
