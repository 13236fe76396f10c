"""Telling judges what they still have to hand in: by hand, at most once an hour, and by the portal before a deadline.

Every nudge is a row; the notice is about that row. Who nudges locks the judges' seats first, so that two people
who press the button at once tell a judge once.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from portal.accounts.models import User
from portal.audit.services import record
from portal.notices.services import Letter, plan_many, post_soon
from portal.text.errors import Refusal

from .. import rules
from ..deadlines_of import Deadlines, is_open
from ..enums import Body, RoundState, ScoringPass, SheetState
from ..models import Dossier, Nudge, Round, Seat
from ..notices import SCORING_NUDGE
from ..progress import missing_by_judge
from ..sheet_states import NOT_OPENED, passes_of, sheet_states
from .guards import moment
from .receiving import today_of

ONCE_IN = dt.timedelta(hours=1)
CODES_NAMED = 20
Missing = Mapping[str, Sequence[int]]


@dataclass(frozen=True)
class Nudged:
    """What came of it: how many were told now, who was told less than an hour ago, whose time is over."""

    told: int
    just_told: int
    over: int


@transaction.atomic
def nudge(
    *, round_: Round, scoring_pass: str, actor: Any, now: dt.datetime, judges: Collection[int] | None = None
) -> Nudged:
    """Tell the judges (all who are late when None) which sheets are missing, each at most once an hour.

    Raises Refusal "not_scoring", "nobody_late" (nothing is missing), "all_over" (no time left: extend first).
    """
    rules.may_nudge.require(actor, round_)
    seats = _lock(round_, judges)
    if round_.state != RoundState.SCORING:
        raise Refusal("not_scoring", _("Kỳ này không ở bước chấm điểm nên không nhắc giám khảo."))
    missing = {judge: owed for judge, owed in _missing(round_, scoring_pass).items() if judge in seats}
    if not missing:
        raise Refusal("nobody_late", _("Không còn phiếu nào chưa nộp nên không có ai để nhắc."))
    deadlines = Deadlines.of(round_, scoring_pass)
    able = {judge for judge in missing if is_open(round_, scoring_pass, deadlines.until(judge), now)}
    if not able:
        raise Refusal("all_over", _("Đã hết hạn nộp nên nhắc cũng không nộp được. Hãy gia hạn chấm trước."))
    just = _told_since(round_, able, now - ONCE_IN)
    rows = [
        Nudge(
            round=round_,
            judge_id=judge,
            scoring_pass=scoring_pass,
            missing=_total(missing[judge]),
            until=deadlines.until(judge),
            sent_at=now,
            sent_by=actor,
        )
        for judge in sorted(able - just)
    ]
    Nudge.objects.bulk_create(rows)
    _tell(round_, rows, missing, now)
    if rows:
        _note(round_, rows, actor)
    return Nudged(told=len(rows), just_told=len(just), over=len(missing) - len(able))


def remind_all(*, now: dt.datetime) -> int:
    """Remind the late judges of every round whose deadline comes near; safe to run at any time and twice."""
    rounds = Round.objects.filter(state=RoundState.SCORING).select_related("territory")
    return sum(remind(round_=one, now=now) for one in rounds)


@transaction.atomic
def remind(*, round_: Round, now: dt.datetime) -> int:
    """Remind the late judges of one round of a deadline that is less than so many hours away.

    Of several reminders that are due only the last is sent; a judge told within the hour is left in peace. The
    unique key of the row decides, so that two schedulers tell nobody twice.
    """
    seats = _lock(round_, None)
    just = _told_since(round_, seats, now - ONCE_IN)
    told = 0
    for scoring_pass in passes_of(round_):
        told += _remind_pass(round_, scoring_pass, seats - just, now)
    return told


def _remind_pass(round_: Round, scoring_pass: str, seats: Collection[int], now: dt.datetime) -> int:
    deadlines = Deadlines.of(round_, scoring_pass)
    due = {judge: hours for judge in seats if (hours := _hours_before(deadlines.until(judge), now))}
    if not due:
        return 0
    missing = _missing(round_, scoring_pass)
    wanted = [
        Nudge(
            round=round_,
            judge_id=judge,
            scoring_pass=scoring_pass,
            missing=_total(missing[judge]),
            until=deadlines.until(judge),
            hours_before=hours,
            sent_at=now,
        )
        for judge, hours in sorted(due.items())
        if judge in missing and is_open(round_, scoring_pass, deadlines.until(judge), now)
    ]
    Nudge.objects.bulk_create(wanted, ignore_conflicts=True)
    rows = list(Nudge.objects.filter(uuid__in=[row.uuid for row in wanted]))
    _tell(round_, rows, missing, now)
    return len(rows)


def _hours_before(until: dt.datetime | None, now: dt.datetime) -> int | None:
    """The nearest of the set hours within which the deadline lies; None when it is far, or over."""
    if until is None or now >= until:
        return None
    near = [hours for hours in settings.SCORING_REMINDER_HOURS if until - now <= dt.timedelta(hours=hours)]
    return min(near, default=None)


def _lock(round_: Round, judges: Collection[int] | None) -> set[int]:
    """The judges who sit in the jury now, their seats locked."""
    seats = Seat.objects.select_for_update().filter(
        round=round_, body=Body.JURY, until__isnull=True, user__is_active=True
    )
    if judges is not None:
        seats = seats.filter(user__in=judges)
    return set(seats.order_by("pk").values_list("user_id", flat=True))


def _missing(round_: Round, scoring_pass: str) -> dict[int, dict[str, list[int]]]:
    of_pass = {dossier: passes[scoring_pass] for dossier, passes in sheet_states(round_).items()}
    return missing_by_judge(of_pass)


def _told_since(round_: Round, judges: Collection[int], since: dt.datetime) -> set[int]:
    told = Nudge.objects.filter(round=round_, judge__in=judges, sent_at__gt=since)
    return set(told.values_list("judge_id", flat=True))


def _total(owed: Missing) -> int:
    return sum(len(dossiers) for dossiers in owed.values())


def _tell(round_: Round, rows: Sequence[Nudge], missing: Mapping[int, Missing], now: dt.datetime) -> None:
    if not rows:
        return
    codes = dict(Dossier.objects.filter(round=round_).values_list("pk", "entry_code"))
    plan_many([_letter(round_, row, missing[row.judge_id], codes, now) for row in rows], on=today_of(now))
    post_soon()


def _letter(round_: Round, row: Nudge, owed: Missing, codes: Mapping[int, str], now: dt.datetime) -> Letter:
    return Letter(
        kind=SCORING_NUDGE.code,
        subject_type=Nudge._meta.label_lower,
        subject_id=row.uuid,
        recipient="",
        due_on=today_of(now),
        title=(_("Còn %(total)s phiếu chấm chưa nộp: %(round)s") % {"total": row.missing, "round": round_.title})[:300],
        body=body(round_, row, owed, codes),
        territory_id=round_.territory_id,
        user_id=row.judge_id,
    )


def body(round_: Round, row: Nudge, owed: Missing, codes: Mapping[int, str]) -> str:
    """What is missing and until when, in sentences that name the entry codes and nothing that is scored."""
    facts = {"total": row.missing, "round": round_.title, "where": row.get_scoring_pass_display().lower()}
    told = _("Bạn còn %(total)s phiếu chưa nộp trong %(round)s.") % facts
    if round_.has_site_pass:
        told = _("Bạn còn %(total)s phiếu chưa nộp trong %(round)s, lượt %(where)s.") % facts
    parts = [told + _split(owed), _named(owed, codes)]
    if row.until is not None:
        parts.append(_("Hạn nộp là trước %(until)s, tính theo giờ của máy chủ.") % {"until": moment(row.until)})
    parts.append(_("Việc cần làm: mở trang Chấm điểm, chấm và nộp các phiếu này, hoặc báo không đánh giá được."))
    return "\n\n".join(parts)


def _split(owed: Missing) -> str:
    words = (
        (NOT_OPENED, _("%(n)s hồ sơ chưa mở")),
        (SheetState.DRAFT, _("%(n)s phiếu đang chấm dở")),
        (SheetState.ENTERED, _("%(n)s phiếu giấy thư ký đã nhập, chờ bạn xác nhận")),
    )
    said = [sentence % {"n": len(owed[state])} for state, sentence in words if owed.get(state)]
    return " " + _("Trong đó có %(parts)s.") % {"parts": "; ".join(said)}


def _named(owed: Missing, codes: Mapping[int, str]) -> str:
    names = sorted(codes[dossier] for dossiers in owed.values() for dossier in dossiers)
    said = ", ".join(names[:CODES_NAMED])
    if len(names) > CODES_NAMED:
        said = _("%(codes)s và %(rest)s hồ sơ khác") % {"codes": said, "rest": len(names) - CODES_NAMED}
    return _("Hồ sơ: %(codes)s.") % {"codes": said}


def _note(round_: Round, rows: Sequence[Nudge], actor: Any) -> None:
    people = User.objects.in_bulk([row.judge_id for row in rows])
    names = ", ".join(str(people[row.judge_id]) for row in rows)
    record(
        actor=actor,
        action="round.judges_nudged",
        sentence=_("Nhắc %(total)s giám khảo còn phiếu chưa nộp: %(names)s.") % {"total": len(rows), "names": names},
        subject=round_,
        territory=round_.territory,
        data={
            "pass": str(ScoringPass(rows[0].scoring_pass)),
            "missing": {str(row.judge_id): row.missing for row in rows},
        },
    )
