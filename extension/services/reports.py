"""A province's extension report of a period: written, sent with the figures of that moment, returned or locked.

All raise `Refusal` with a sentence: "not_allowed", "not_begun", "not_over", "handed_in", "not_sent", "reason_missing", "locked",
"moved".
A locked period takes no payment dated in it any more (`money_triggers`); what is corrected counts in the next.
"""

import datetime as dt
import hashlib
import json
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.accounts.enums import Role
from portal.accounts.queries import staff_reach
from portal.audit.services import record
from portal.territory.models import Territory
from portal.territory.queries import family_ids
from portal.text.errors import Refusal
from portal.text.folding import normalise

from ..enums import Cycle, PaymentState, ReportState
from ..models import Payment, ReportPeriod
from ..reports.periods import Period

S = ReportState
OPEN = (S.DRAFT, S.RETURNED)


def may_write(user: Any, territory_id: int) -> bool:
    """The province's extension officers and leaders."""
    reach = staff_reach(user)
    return any(reach.holds(role, territory_id) for role in (Role.EXTENSION_OFFICER, Role.LEADER))


def may_take_in(user: Any) -> bool:
    """The agency's national staff, and administrators."""
    return bool(staff_reach(user).roles & {Role.AGENCY_NATIONAL, Role.ADMINISTRATOR})


@transaction.atomic
def save_report(
    *, territory: Territory, period: Period, words: str, actor: Any, now: dt.datetime, samples: bool = False
) -> ReportPeriod:
    """Write what the province says of the period, making the report when there is none. Refused before it begins."""
    _require_writer(actor, territory)
    if timezone.localdate(now) < period.starts_on:
        raise Refusal(
            "not_begun",
            _("Kỳ này bắt đầu từ ngày %(day)s. Báo cáo lập được từ ngày đó.")
            % {"day": period.starts_on.strftime("%d/%m/%Y")},
        )
    row = _locked_row(territory, period, samples=samples)
    _require_open(row)
    row.words = words.strip()
    row.save()
    _record(row, actor, "save", _("Lưu báo cáo khuyến công %(period)s, %(province)s."))
    return row


@transaction.atomic
def send_report(
    *,
    territory: Territory,
    period: Period,
    words: str,
    figures: dict[str, Any],
    actor: Any,
    now: dt.datetime,
    samples: bool = False,
) -> ReportPeriod:
    """Send the report with these figures, which stay as they are. Refused before the period is over."""
    _require_writer(actor, territory)
    if timezone.localdate(now) <= period.ends_on:
        raise Refusal(
            "not_over",
            _("Kỳ này kết thúc hết ngày %(day)s. Báo cáo gửi được từ ngày hôm sau.")
            % {"day": period.ends_on.strftime("%d/%m/%Y")},
        )
    row = _locked_row(territory, period, samples=samples)
    _require_open(row)
    row.words, row.figures, row.sha256 = words.strip(), figures, fingerprint(figures)
    row.state, row.sent_by, row.sent_at, row.answer = S.SENT, actor, now, ""
    row.version += 1
    row.save()
    _record(row, actor, "send", _("Gửi báo cáo khuyến công %(period)s, %(province)s."), sha256=row.sha256)
    return row


@transaction.atomic
def return_report(*, report: ReportPeriod, reason: str, actor: Any) -> ReportPeriod:
    """The agency gives a sent report back with a reason; a locked one stays."""
    row = _taken_in(report, actor)
    if not normalise(reason):
        raise Refusal("reason_missing", _("Hãy ghi điều Sở cần sửa."), field="reason")
    row.state, row.answer = S.RETURNED, normalise(reason)
    row.save()
    _record(row, actor, "return", _("Trả lại báo cáo khuyến công %(period)s, %(province)s."), reason=row.answer)
    return row


@transaction.atomic
def lock_report(*, report: ReportPeriod, actor: Any, now: dt.datetime) -> ReportPeriod:
    """The agency takes the report in: figures and days of the period are closed.

    Refused while the book holds payments of these days that were recorded after the figures were sent.
    """
    row = _taken_in(report, actor)
    _still_as_sent(row)
    row.state, row.locked_by, row.locked_at = S.LOCKED, actor, now
    row.save()
    _record(row, actor, "lock", _("Khóa báo cáo khuyến công %(period)s, %(province)s."))
    return row


def fingerprint(figures: dict[str, Any]) -> str:
    """SHA-256 of the figures as they are kept."""
    return hashlib.sha256(json.dumps(figures, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _taken_in(report: ReportPeriod, actor: Any) -> ReportPeriod:
    if not may_take_in(actor):
        raise Refusal("not_allowed", _("Chỉ cán bộ Cục trả lại hoặc khóa báo cáo khuyến công."))
    row = ReportPeriod.objects.select_for_update(of=("self",)).select_related("territory").get(pk=report.pk)
    if row.state == S.LOCKED:
        raise Refusal(
            "locked", _("Báo cáo đã khóa nên không khóa lại, không trả lại. Điều cần sửa được tính vào kỳ sau.")
        )
    if row.state != S.SENT:
        raise Refusal("not_sent", _("Báo cáo không ở trạng thái đã gửi. Hãy tải lại trang."))
    return row


def _still_as_sent(row: ReportPeriod) -> None:
    later = Payment.objects.filter(
        project__territory__in=family_ids(row.territory_id),
        project__is_illustrative__in={False, row.is_illustrative},
        state=PaymentState.PAID,
        paid_on__range=(row.starts_on, row.ends_on),
        paid_at__gt=row.sent_at,
    ).count()
    if later:
        raise Refusal(
            "moved",
            ngettext(
                "Sau khi báo cáo được gửi, Sở ghi thêm %(count)d khoản chi có ngày trong kỳ. Hãy trả lại để Sở gửi số mới.",
                "Sau khi báo cáo được gửi, Sở ghi thêm %(count)d khoản chi có ngày trong kỳ. Hãy trả lại để Sở gửi số mới.",
                later,
            )
            % {"count": later},
        )


def _locked_row(territory: Territory, period: Period, *, samples: bool) -> ReportPeriod:
    facts = {"territory": territory, "cycle": period.cycle, "year": period.year, "ordinal": period.ordinal}
    made = {"starts_on": period.starts_on, "ends_on": period.ends_on, "is_illustrative": samples}
    ReportPeriod.objects.get_or_create(**facts, defaults=made)
    return ReportPeriod.objects.select_for_update(of=("self",)).select_related("territory").get(**facts)


def _require_writer(actor: Any, territory: Territory) -> None:
    if not may_write(actor, territory.pk):
        raise Refusal("not_allowed", _("Báo cáo khuyến công do cán bộ khuyến công, lãnh đạo Sở của tỉnh lập."))


def _require_open(row: ReportPeriod) -> None:
    if row.state == S.LOCKED:
        raise Refusal("locked", _("Kỳ báo cáo đã khóa. Điều cần sửa được tính vào kỳ sau."))
    if row.state not in OPEN:
        raise Refusal("handed_in", _("Báo cáo đã gửi Cục nên không sửa được. Cần sửa, hãy nhờ Cục trả lại."))


def _record(row: ReportPeriod, actor: Any, act: str, sentence: str, reason: str = "", **data: Any) -> None:
    period = Period(Cycle(row.cycle), row.year, row.ordinal)
    record(
        actor=actor,
        action=f"extension_report.{act}",
        sentence=sentence % {"period": period.name, "province": row.territory.name},
        subject=row,
        territory=row.territory,
        reason=reason,
        data=data or None,
    )
