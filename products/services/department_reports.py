"""The department's yearly report to the agency: remarks, its frozen figures, sent, taken in or given back."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from facilities.enums import YearlyReportState
from portal.accounts.enums import Role
from portal.accounts.queries import staff_reach
from portal.audit.services import record
from portal.files.models import StoredFile
from portal.territory.models import Territory
from portal.text.errors import Refusal
from portal.text.folding import normalise

from ..models import DepartmentReport

S = YearlyReportState
WRITERS = frozenset({Role.OFFICER, Role.LEADER})
TAKERS = frozenset({Role.AGENCY_NATIONAL})


def may_write(user: Any, territory_id: int) -> bool:
    """Officers and leaders of the province."""
    reach = staff_reach(user)
    return any(reach.holds(role, territory_id) for role in WRITERS)


def may_take_in(user: Any) -> bool:
    """The agency's national staff, and administrators."""
    return bool(staff_reach(user).roles & (TAKERS | {Role.ADMINISTRATOR}))


@transaction.atomic
def save_department_report(
    *,
    territory: Territory,
    year: int,
    remarks: str,
    actor: Any,
    number: str = "",
    scan: StoredFile | None = None,
) -> DepartmentReport:
    """Write remarks, number and signed paper of a report that was not sent yet, making it when there is none."""
    _require_writer(actor, territory)
    DepartmentReport.objects.get_or_create(territory=territory, year=year)
    row = _locked(territory, year)
    _require_open(row)
    row.remarks, row.number = remarks.strip(), normalise(number)
    row.scan = scan or row.scan
    row.save()
    _record(row, actor, "save", _("Lưu báo cáo năm %(year)s của Sở Công Thương %(province)s."))
    return row


@transaction.atomic
def submit_department_report(
    *, report: DepartmentReport, figures: dict[str, Any], actor: Any, now: dt.datetime
) -> DepartmentReport:
    """Send the report with the figures of this moment, which stay as they are. Refused without a number."""
    row = _locked(report.territory, report.year)
    _require_writer(actor, row.territory)
    _require_open(row)
    if not row.number:
        raise Refusal("number_missing", _("Hãy ghi số văn bản của báo cáo trước khi gửi."), field="number")
    row.state, row.submitted_at, row.submitted_by = S.SUBMITTED, now, actor
    row.figures, row.returned_reason = figures, ""
    row.save()
    _record(row, actor, "submit", _("Gửi Cục báo cáo năm %(year)s của Sở Công Thương %(province)s."))
    return row


@transaction.atomic
def decide_department_report(
    *, report: DepartmentReport, accept: bool, actor: Any, now: dt.datetime, reason: str = ""
) -> DepartmentReport:
    """The agency takes the report in, or gives it back with a reason."""
    row = _locked(report.territory, report.year)
    if not may_take_in(actor):
        raise Refusal("not_allowed", _("Chỉ cán bộ Cục tiếp nhận báo cáo của Sở Công Thương."))
    if row.state != S.SUBMITTED:
        raise Refusal("not_submitted", _("Báo cáo này không ở trạng thái đã nộp. Hãy tải lại trang."))
    if not accept and not normalise(reason):
        raise Refusal("reason_missing", _("Hãy ghi điều Sở cần sửa."), field="reason")
    row.state, row.decided_at = (S.ACCEPTED if accept else S.RETURNED), now
    row.returned_reason = "" if accept else normalise(reason)
    row.save()
    sentence = (
        _("Tiếp nhận báo cáo năm %(year)s của Sở Công Thương %(province)s.")
        if accept
        else _("Trả lại báo cáo năm %(year)s của Sở Công Thương %(province)s.")
    )
    _record(row, actor, "accept" if accept else "return", sentence, reason=row.returned_reason)
    return row


def _locked(territory: Territory, year: int) -> DepartmentReport:
    return (
        DepartmentReport.objects.select_for_update(of=("self",))
        .select_related("territory")
        .get(territory=territory, year=year)
    )


def _require_writer(actor: Any, territory: Territory) -> None:
    if not may_write(actor, territory.pk):
        raise Refusal("not_allowed", _("Báo cáo của Sở do cán bộ, lãnh đạo Sở Công Thương của tỉnh lập."))


def _require_open(row: DepartmentReport) -> None:
    if row.state not in (S.DRAFT, S.RETURNED):
        raise Refusal("handed_in", _("Báo cáo đã gửi Cục nên không sửa được. Cần sửa, hãy nhờ Cục trả lại."))


def _record(row: DepartmentReport, actor: Any, act: str, sentence: str, reason: str = "") -> None:
    record(
        actor=actor,
        action=f"department_report.{act}",
        sentence=sentence % {"year": row.year, "province": row.territory.name},
        subject=row,
        territory=row.territory,
        reason=reason,
    )
