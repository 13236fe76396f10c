"""Tạm dừng: a recognition pauses from a day, to the end of another or until further notice, and goes on.

The rows of `Suspension` are what counts; the recognition repeats the latest, so that today's status is read from
one row. For that, an earlier suspension must be over before a later one is recorded; two never share a day.
"""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.text.errors import Refusal
from portal.text.folding import normalise
from portal.text.formats import day

from ..enums import EventKind
from ..models import Decision, Recognition, Suspension
from .ending_steps import locked_in_force, noted, require_within_term
from .events import note_event
from .shared import locked, require_reason

ONE_DAY = dt.timedelta(days=1)


@transaction.atomic
def suspend(
    *,
    recognition: Recognition,
    on: dt.date,
    reason: str,
    basis: str,
    actor: Any,
    until: dt.date | None = None,
    decision: Decision | None = None,
    now: dt.datetime | None = None,
) -> Recognition:
    """Tạm dừng from a day on, to the end of `until` or until further notice; only where a basis is recorded.

    Raises Refusal `basis_missing`, `reason_missing`, `before_issue`, `after_end`, `suspension_out_of_order`,
    `suspension_overlaps` or `still_suspended`.
    """
    row = locked_in_force(recognition, on=on, reason=reason)
    require_within_term(row, on=on)
    require_basis(basis)
    if until and until < on:
        raise Refusal(
            "suspension_out_of_order", _("Ngày kết thúc tạm dừng không được trước ngày bắt đầu."), field="until"
        )
    now = now or timezone.now()
    _refuse_beside_others(row, on=on, until=until, today=timezone.localdate(now))
    Suspension.objects.create(
        recognition=row,
        begins_on=on,
        ends_on=until,
        basis=normalise(basis),
        reason=normalise(reason),
        decision=decision,
    )
    repeat_latest(row)
    note_event(
        recognition=row, kind=EventKind.SUSPENDED, on=on, until=until, reason=reason, basis=basis, decision=decision,
        actor=actor, now=now,
    )  # fmt: skip
    sentence = _("Tạm dừng công nhận “%(product)s” %(level)s từ %(day)s.")
    return noted(row, actor=actor, act="suspend", sentence=sentence, on=on, reason=reason)


@transaction.atomic
def extend_suspension(
    *,
    recognition: Recognition,
    until: dt.date | None,
    reason: str,
    basis: str,
    actor: Any,
    decision: Decision | None = None,
    now: dt.datetime | None = None,
) -> Recognition:
    """Let the suspension that runs last longer: to the end of a later day, or until further notice.

    Raises Refusal `not_suspended`, `extension_out_of_order`, `basis_missing` or `reason_missing`.
    """
    row = locked(recognition)
    require_reason(reason)
    require_basis(basis)
    now = now or timezone.now()
    latest = row.suspensions.select_for_update().order_by("-begins_on").first()
    if latest is None or latest.ends_on is None or latest.ends_on < timezone.localdate(now):
        raise Refusal(
            "not_suspended",
            _("Không có lần tạm dừng nào đang chạy và có ngày kết thúc. Hãy ghi một lần tạm dừng mới."),
        )
    if until and until <= latest.ends_on:
        raise Refusal(
            "extension_out_of_order",
            _("Đang tạm dừng đến hết %(day)s. Hãy chọn ngày sau hôm đó, hoặc khôi phục nếu muốn kết thúc sớm.")
            % {"day": day(latest.ends_on)},
            field="until",
        )
    before, latest.ends_on = latest.ends_on, until
    latest.save()
    repeat_latest(row)
    note_event(
        recognition=row, kind=EventKind.SUSPENDED, on=before + ONE_DAY, until=until, before=before, after=until,
        reason=reason, basis=basis, decision=decision, actor=actor, now=now,
    )  # fmt: skip
    sentence = _("Kéo dài tạm dừng công nhận “%(product)s” %(level)s từ %(day)s.")
    return noted(row, actor=actor, act="extend_suspension", sentence=sentence, on=before + ONE_DAY, reason=reason)


@transaction.atomic
def resume(
    *, recognition: Recognition, on: dt.date, reason: str, actor: Any, now: dt.datetime | None = None
) -> Recognition:
    """End a suspension: from the given day on the recognition counts again.

    From its own first day on it never was in force, so its row goes; the trace keeps both acts.
    """
    row = locked(recognition)
    latest = row.suspensions.select_for_update().order_by("-begins_on").first()
    if latest is None or (latest.ends_on and latest.ends_on < on):
        raise Refusal("not_suspended", _("Công nhận này không bị tạm dừng nên không có gì để khôi phục."))
    require_reason(reason)
    if on <= latest.begins_on:
        latest.delete()
    else:
        latest.ends_on = on - ONE_DAY
        latest.save()
    repeat_latest(row)
    note_event(recognition=row, kind=EventKind.RESUMED, on=on, reason=reason, actor=actor, now=now)
    sentence = _("Khôi phục công nhận “%(product)s” %(level)s từ %(day)s.")
    return noted(row, actor=actor, act="resume", sentence=sentence, on=on, reason=reason)


def require_basis(basis: str) -> None:
    if not normalise(basis):
        raise Refusal(
            "basis_missing",
            _("Chỉ tạm dừng khi có căn cứ. Hãy ghi văn bản hoặc quy định làm căn cứ."),
            field="basis",
        )


def repeat_latest(row: Recognition) -> None:
    """Write the latest suspension into the recognition itself."""
    latest = row.suspensions.order_by("-begins_on").first()
    row.suspended_from = latest.begins_on if latest else None
    row.suspended_to = latest.ends_on if latest else None
    if not (row.revoked_on or row.withdrawn_on):
        row.status_reason = latest.reason if latest else ""
    row.save()


def _refuse_beside_others(row: Recognition, *, on: dt.date, until: dt.date | None, today: dt.date) -> None:
    periods = [(each.begins_on, each.ends_on) for each in row.suspensions.all()]
    for begins_on, ends_on in periods:
        if begins_on <= (until or dt.date.max) and (ends_on or dt.date.max) >= on:
            raise Refusal("suspension_overlaps", _overlapping(begins_on, ends_on), field="on")
    periods.append((on, until))
    for _begins_on, ends_on in sorted(periods, key=lambda period: period[0])[:-1]:
        if ends_on is not None and ends_on >= today:
            raise Refusal(
                "still_suspended",
                _("Một lần tạm dừng còn chạy đến hết %(day)s. Hãy kéo dài lần đó, hoặc ghi lần sau khi nó đã hết.")
                % {"day": day(ends_on)},
                field="on",
            )


def _overlapping(begins_on: dt.date, ends_on: dt.date | None) -> str:
    days = {"first": day(begins_on), "last": day(ends_on) if ends_on else ""}
    if ends_on:
        return _("Đã có lần tạm dừng từ %(first)s đến hết %(last)s. Hãy chọn ngày khác, hoặc kéo dài lần đó.") % days
    return _("Đang tạm dừng từ %(first)s, chưa có ngày kết thúc. Hãy khôi phục trước khi ghi lần khác.") % days
