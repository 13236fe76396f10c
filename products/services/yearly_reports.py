"""The yearly report of a facility (TT 26/2014/TT-BCT, Điều 20): filled in, handed in, taken in or given back."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from facilities import rules
from facilities.enums import YearlyReportState
from facilities.models import Facility, FacilityYear, YearlyReport
from facilities.representing import represented
from portal.audit.services import record
from portal.notices import services as notices
from portal.text.errors import Refusal
from portal.text.folding import normalise

from .. import yearly
from ..models import ProductYear

S = YearlyReportState
FACTS = (
    "revenue", "export_value", "budget_paid", "invested", "workers",
    "markets", "support_received", "difficulties", "proposals",
)  # fmt: skip
LINE_FACTS = ("quantity", "unit", "revenue", "export_value", "logo_packs", "note")
OPEN = (S.DRAFT, S.RETURNED)
KIND = "yearly_report"


@transaction.atomic
def open_report(*, facility: Facility, year: int, actor: Any, on: dt.date, on_paper: bool = False) -> YearlyReport:
    """The facility's report on a year, made with a line per recognised product when there is none yet.

    Refused for a year that is not over nor nearly so (before December), and where nothing was recognised in it.
    """
    _require_writer(actor, facility, on_paper=on_paper)
    if (found := YearlyReport.objects.filter(facility=facility, year=year).first()) is not None:
        return found
    if on < dt.date(year, 12, 1):
        raise Refusal(
            "too_early", _("Báo cáo năm %(year)s lập được từ ngày 01/12/%(year)s.") % {"year": year}, field="year"
        )
    products = list(yearly.products_of(facility, year))
    if not products:
        raise Refusal(
            "nothing_recognised",
            _("Năm %(year)s cơ sở không có sản phẩm nào đang được công nhận nên không phải báo cáo.") % {"year": year},
        )
    report, created = YearlyReport.objects.get_or_create(facility=facility, year=year, defaults={"on_paper": on_paper})
    if created:
        ProductYear.objects.bulk_create([ProductYear(report=report, product=product) for product in products])
        _record(report, actor, "open", _("Lập báo cáo năm %(year)s của %(facility)s."))
    return report


@transaction.atomic
def save_report(
    *,
    report: YearlyReport,
    facts: Mapping[str, Any],
    lines: Mapping[int, Mapping[str, Any]],
    actor: Any,
    revision: int | None = None,
) -> YearlyReport:
    """Write what was typed; `lines` by product key. Refused once handed in, and over someone else's later writing."""
    row = _locked(report)
    _require_writer(actor, row.facility, on_paper=row.on_paper)
    _require_open(row)
    if revision is not None and revision != row.revision:
        raise Refusal(
            "changed_elsewhere",
            _("Báo cáo vừa được sửa ở nơi khác. Nội dung bạn nhập còn ở dưới, hãy đối chiếu rồi lưu lại."),
        )
    for name in FACTS:
        if name in facts:
            setattr(row, name, facts[name])
    row.revision += 1
    row.save()
    for line in row.lines.all():
        for name, value in lines.get(line.product_id, {}).items():
            if name in LINE_FACTS:
                setattr(line, name, value)
        line.save()
    _record(row, actor, "save", _("Lưu báo cáo năm %(year)s của %(facility)s."))
    return row


@transaction.atomic
def submit_report(*, report: YearlyReport, actor: Any, now: dt.datetime) -> YearlyReport:
    """Hand the report in. Refused while the facility's revenue, workers or a product's revenue is missing."""
    row = _locked(report)
    _require_writer(actor, row.facility, on_paper=row.on_paper)
    _require_open(row)
    missing = missing_in(row)
    if missing:
        raise Refusal(
            "incomplete", _("Báo cáo còn thiếu số liệu. Hãy ghi đủ; không có thì ghi 0."), details=tuple(missing)
        )
    row.state, row.submitted_at, row.submitted_by = S.SUBMITTED, now, actor
    row.returned_reason, row.decided_at, row.decided_by = "", None, None
    row.save()
    _record(row, actor, "submit", _("Nộp báo cáo năm %(year)s của %(facility)s."))
    return row


@transaction.atomic
def accept_report(*, report: YearlyReport, actor: Any, now: dt.datetime) -> YearlyReport:
    """Take the report in: its sums become the facility's figures of the year."""
    row = _locked(report)
    rules.require_edit(actor, row.facility)
    _require_submitted(row)
    row.state, row.decided_at, row.decided_by = S.ACCEPTED, now, actor
    row.save()
    FacilityYear.objects.update_or_create(
        facility=row.facility,
        year=row.year,
        defaults={
            "revenue": row.revenue,
            "export_value": row.export_value,
            "workers": row.workers,
            "source": _("Báo cáo năm của cơ sở"),
        },
    )
    _record(row, actor, "accept", _("Tiếp nhận báo cáo năm %(year)s của %(facility)s."))
    return row


@transaction.atomic
def give_back_report(*, report: YearlyReport, reason: str, actor: Any, now: dt.datetime) -> YearlyReport:
    """Give the report back for mending; the facility is told what is asked."""
    row = _locked(report)
    rules.require_edit(actor, row.facility)
    _require_submitted(row)
    if not normalise(reason):
        raise Refusal("reason_missing", _("Hãy ghi điều cơ sở cần sửa."), field="reason")
    row.state, row.returned_reason = S.RETURNED, normalise(reason)
    row.decided_at, row.decided_by = now, actor
    row.save()
    entry = _record(
        row, actor, "return", _("Trả lại báo cáo năm %(year)s của %(facility)s."), reason=row.returned_reason
    )
    if not row.on_paper:
        notices.plan(
            kind=KIND,
            subject=row,
            due_on=timezone.localdate(now),
            title=_("Báo cáo năm %(year)s cần sửa") % {"year": row.year},
            body=_("Sở Công Thương trả lại báo cáo năm %(year)s của %(facility)s. Điều cần sửa: %(reason)s")
            % {"year": row.year, "facility": row.facility.name, "reason": row.returned_reason},
            users=[one.user for one in row.facility.representatives.approved().select_related("user")],
            territory=row.facility.territory,
            act=entry,
        )
    return row


def missing_in(report: YearlyReport) -> list[str]:
    """What must be written before the report can be handed in, as sentences."""
    found = []
    if report.revenue is None:
        found.append(_("Doanh thu của cơ sở."))
    if report.workers is None:
        found.append(_("Số lao động của cơ sở."))
    for line in report.lines.select_related("product").order_by("product__sort_key"):
        if line.revenue is None:
            found.append(_("Doanh thu của “%(product)s”.") % {"product": line.product.name})
    return found


def _locked(report: YearlyReport) -> YearlyReport:
    return YearlyReport.objects.select_for_update(of=("self",)).get(pk=report.pk)


def _require_writer(actor: Any, facility: Facility, *, on_paper: bool) -> None:
    """The facility's own people write their report; officers write what came on paper. Raises `not_allowed`."""
    if represented(actor).filter(pk=facility.pk).exists():
        return
    if on_paper and rules.may_edit(actor, facility.territory_id):
        return
    raise Refusal(
        "not_allowed",
        _("Báo cáo do cơ sở tự lập trên cổng, hoặc do cán bộ của tỉnh nhập từ bản giấy."),
    )


def _require_open(row: YearlyReport) -> None:
    if row.state not in OPEN:
        raise Refusal("handed_in", _("Báo cáo đã nộp nên không sửa được. Cần sửa, hãy nhờ Sở Công Thương trả lại."))


def _require_submitted(row: YearlyReport) -> None:
    if row.state != S.SUBMITTED:
        raise Refusal("not_submitted", _("Báo cáo này không ở trạng thái đã nộp. Hãy tải lại trang."))


def _record(row: YearlyReport, actor: Any, act: str, sentence: str, reason: str = "") -> Any:
    return record(
        actor=actor,
        action=f"yearly_report.{act}",
        sentence=sentence % {"year": row.year, "facility": row.facility.name},
        subject=row,
        territory=row.facility.territory,
        reason=reason,
    )
