"""What a person's rounds ask of this person, in their present state."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.accounts.enums import Role
from portal.accounts.queries import Reach
from portal.text.formats import day
from portal.text.workdays import after_working_days
from products.enums import Level
from rounds.enums import Addressee, Body, DossierState, RoundState, ScoringPass, SeatRole
from rounds.models import Round, Sample, Seat, SupplementRequest
from rounds.states import CHECKING

from . import intake, jury
from .tasks import HORIZON, MANAGERS, Task, Waiting, count_dossiers, dossiers_page, local_day, page, provinces_with

COMPLAINT_DAYS = 15


def _mine(user: Any, reach: Reach) -> Q:
    """Rounds this person works on, not all that they may read."""
    mine = Q(pk__in=_seats(user).exclude(body=Body.JURY).values("round"))
    mine |= Q(territory__in=provinces_with(reach, MANAGERS))
    if Role.EXTENSION_OFFICER in reach.roles and user.organisation_id:
        mine |= Q(receiving_unit=user.organisation_id, territory__in=provinces_with(reach, {Role.EXTENSION_OFFICER}))
    if Role.AGENCY_REGIONAL in reach.roles:
        mine |= Q(level=Level.REGION, region__in=reach.regions)
    if Role.AGENCY_NATIONAL in reach.roles:
        mine |= Q(level__in=[Level.REGION, Level.NATIONAL])
    return mine


def own_rounds(user: Any, reach: Reach, now: dt.datetime) -> QuerySet[Any]:
    """Rounds this person works on that still go on, or that keep specimens; with the numbers of its tasks. One query."""
    kept = Sample.objects.filter(dossier__round=OuterRef("pk"), to_be_returned=True, returned_at__isnull=True)
    over = Q(state__in=[RoundState.CLOSED, RoundState.CANCELLED])
    return (
        Round.objects.filter(_mine(user, reach))
        .filter(~over | Exists(kept))
        .select_related("territory")
        .annotate(
            fresh=count_dossiers(state=DossierState.SUBMITTED),
            lacking=count_dossiers(state=DossierState.NEEDS_SUPPLEMENT),
            admitted=count_dossiers(state=DossierState.ELIGIBLE),
            unspoken=count_dossiers(state=DossierState.ELIGIBLE, verdict__isnull=True),
            **intake.numbers(now),
        )
        .order_by("pk")
    )


def _seats(user: Any) -> QuerySet[Seat]:
    return Seat.objects.filter(user=user, until__isnull=True)


def round_tasks(user: Any, reach: Reach, rounds: list[Any], now: dt.datetime) -> Iterator[Task]:
    """What each of the person's rounds asks of this person in its present state. Twenty-one queries."""
    on = timezone.localdate(now)
    seats: dict[int, set[str]] = defaultdict(set)
    for round_id, role in _seats(user).values_list("round_id", "role"):
        seats[round_id].add(role)
    if taking_in := [round_ for round_ in rounds if round_.state in CHECKING]:
        intake.count_lacking(taking_in, on)
    jury.count_jury(rounds, user, now)
    for round_ in rounds:
        hats = seats[round_.pk] | hats_in(reach, round_)
        for wearers, make in (*_BY_STATE.get(round_.state, ()), *_OF_JURY.get(round_.state, ())):
            task = make(round_, on) if hats & wearers else None
            if task and (task.due is None or task.due <= on + HORIZON):
                yield task


def hats_in(reach: Reach, round_: Round) -> set[str]:
    """The person's staff roles in a round; agency staff are officers and leaders of their own rounds."""
    if round_.level in {Level.REGION, Level.NATIONAL}:
        agency = {Role.AGENCY_NATIONAL} | ({Role.AGENCY_REGIONAL} if round_.region in reach.regions else set())
        return {Role.OFFICER, Role.LEADER} if reach.roles & agency else set()
    return set(reach.roles_in.get(round_.territory_id or 0, frozenset()))


def _open_receiving(round_: Any, on: dt.date) -> Task | None:
    if round_.receiving_from is None:
        return None
    return _of_round(round_, _("Mở nhận hồ sơ"), "folder-open", due=local_day(round_.receiving_from))


def _check_dossiers(round_: Any, on: dt.date) -> Task | None:
    if not round_.fresh:
        return None
    what = ngettext("Kiểm tra %(n)d hồ sơ đã nộp", "Kiểm tra %(n)d hồ sơ đã nộp", round_.fresh) % {"n": round_.fresh}
    due = local_day(round_.receiving_until) if round_.state == RoundState.RECEIVING else None
    url = dossiers_page(round_, state__exact=DossierState.SUBMITTED)
    return Task(what, round_.title, "folder-check", _("Xem danh sách"), url, due)


def _close_receiving(round_: Any, on: dt.date) -> Task | None:
    if round_.receiving_until is None:
        return None
    return _of_round(
        round_, _("Khóa nhận hồ sơ, chuyển sang kiểm tra"), "folder", due=local_day(round_.receiving_until)
    )


def _start_scoring(round_: Any, on: dt.date) -> Task | None:
    if round_.fresh or round_.lacking or not round_.admitted:
        return None
    return _of_round(round_, _("Chuyển Ban Giám khảo chấm điểm"), "clipboard-pen")


def _record_verdicts(round_: Any, on: dt.date) -> Task | None:
    if not round_.unspoken:
        return None
    n = round_.unspoken
    what = ngettext("Ghi ý kiến hội đồng cho %(n)d hồ sơ", "Ghi ý kiến hội đồng cho %(n)d hồ sơ", n) % {"n": n}
    return Task(what, round_.title, "vote", _("Mở phiên họp"), page("rounds_round_sessions", args=[round_.pk]))


def _submit(round_: Any, on: dt.date) -> Task | None:
    return None if round_.unspoken else _of_round(round_, _("Trình danh sách đề nghị công nhận"), "send")


def _record_decision(round_: Any, on: dt.date) -> Task:
    return _of_round(round_, _("Ghi quyết định khi đã được ký"), "gavel")


def _announce(round_: Any, on: dt.date) -> Task:
    return _of_round(round_, _("Công bố kết quả"), "bell")


def _follow_complaints(round_: Any, on: dt.date) -> Task:
    """Complaints come in within 15 working days of the announcement (TT 26/2014/TT-BCT, Điều 20)."""
    announced = timezone.localdate(round_.announced_at)
    last = after_working_days(announced, COMPLAINT_DAYS)
    if on > last:
        return _of_round(round_, _("Kết thúc kỳ: đã hết hạn khiếu nại"), "circle-check")
    return _of_round(round_, _("Theo dõi khiếu nại đến hết hạn nhận"), "message-circle-warning", due=last)


_CHECKERS = frozenset(
    {Role.OFFICER, Role.LEADER, Role.EXTENSION_OFFICER, SeatRole.SUPPORT_LEAD, SeatRole.SUPPORT_MEMBER}
)
_RUNNERS = frozenset({Role.OFFICER, Role.LEADER})
_SCRIBES = frozenset({Role.LEADER, SeatRole.SECRETARY})
_LEADERS = frozenset({Role.LEADER})
# Who is asked what, by the state of the round.
_BY_STATE: dict[str, tuple[tuple[frozenset[str], Callable[[Any, dt.date], Task | None]], ...]] = {
    RoundState.DRAFT: ((_RUNNERS, _open_receiving),),
    RoundState.RECEIVING: (
        (_CHECKERS, _check_dossiers),
        (_CHECKERS, intake.ask_for_papers),
        (_CHECKERS, intake.finish_drafts),
        (_CHECKERS, intake.settle_late),
        (_CHECKERS, intake.return_results),
        (_RUNNERS, _close_receiving),
    ),
    RoundState.SCREENING: (
        (_CHECKERS, _check_dossiers),
        (_CHECKERS, intake.ask_for_papers),
        (_CHECKERS, intake.settle_late),
        (_CHECKERS, intake.return_results),
        (_RUNNERS, _start_scoring),
    ),
    RoundState.SCORING: ((_RUNNERS, jury.follow_scoring),),
    RoundState.DELIBERATION: ((_SCRIBES, _record_verdicts), (_RUNNERS, _submit)),
    RoundState.PROVISIONAL: ((_RUNNERS, _submit),),
    RoundState.SUBMITTED: ((_LEADERS, _record_decision),),
    RoundState.DECIDED: ((_LEADERS, _announce),),
    RoundState.ANNOUNCED: ((_RUNNERS, _follow_complaints),),
}
_CHAIRS = frozenset({SeatRole.CHAIR, SeatRole.VICE_CHAIR})
_COUNCIL = _RUNNERS | {SeatRole.CHAIR, SeatRole.VICE_CHAIR, SeatRole.SECRETARY}
_SETTLERS = _LEADERS | {SeatRole.CHAIR, SeatRole.SECRETARY}
_APPROVERS = _LEADERS | {SeatRole.CHAIR}
_SECRETARY = frozenset({SeatRole.SECRETARY})
_COMPLAINTS = _RUNNERS | {SeatRole.CHAIR, SeatRole.SECRETARY}
_DECIDING = (
    (_SETTLERS, jury.settle_conflicts),
    (_APPROVERS, jury.approve_criteria),
    (_CHAIRS | _LEADERS | _SECRETARY, jury.decide_sets),
)
_SIGNING = ((_SECRETARY, jury.receive_signatures),)
_ANSWERING = ((_COMPLAINTS, jury.give_complaints),)
_RETURNING = ((_CHECKERS, jury.return_samples),)
# What the jury and the council ask for, by the state of the round.
_OF_JURY: dict[str, tuple[tuple[frozenset[str], jury.Maker], ...]] = {
    RoundState.DRAFT: ((_APPROVERS, jury.approve_criteria),),
    RoundState.RECEIVING: _DECIDING,
    RoundState.SCREENING: (
        *_DECIDING,
        (_COUNCIL, jury.collect_declarations),
        (_COUNCIL, jury.divide_dossiers),
    ),
    RoundState.SCORING: (
        *_DECIDING,
        (_COUNCIL, jury.late_judges(ScoringPass.DOSSIER)),
        (_COUNCIL, jury.late_judges(ScoringPass.SITE)),
        (_COUNCIL, jury.short_dossiers(ScoringPass.DOSSIER)),
        (_COUNCIL, jury.short_dossiers(ScoringPass.SITE)),
        (_COUNCIL, jury.collect_declarations),
        (_COUNCIL, jury.divide_dossiers),
        (_CHAIRS, jury.answer_reopenings),
        *_SIGNING,
    ),
    RoundState.DELIBERATION: (*_DECIDING, *_SIGNING, (_SCRIBES, jury.finish_minutes)),
    RoundState.PROVISIONAL: (*_SIGNING, *_ANSWERING, (_SCRIBES, jury.finish_minutes)),
    RoundState.SUBMITTED: (*_SIGNING, *_ANSWERING),
    RoundState.ANNOUNCED: (*_ANSWERING, *_RETURNING),
    RoundState.CLOSED: (*_ANSWERING, *_RETURNING),
    RoundState.CANCELLED: _RETURNING,
}


def _of_round(round_: Any, what: str, icon: str, *, due: dt.date | None = None) -> Task:
    return Task(what, round_.title, icon, _("Mở kỳ"), page("rounds_round_change", args=[round_.pk]), due)


def waiting(rounds: list[Any]) -> Iterator[Waiting]:
    """What the person's rounds wait for from others: papers by who owes them, signatures. One query."""
    asked = SupplementRequest.objects.filter(
        dossier__round__in=rounds, dossier__state=DossierState.NEEDS_SUPPLEMENT, closed_at__isnull=True
    )
    found = asked.order_by().values("addressee").annotate(n=Count("dossier", distinct=True), first=Min("until"))
    for row in sorted(found, key=lambda row: Addressee.values.index(row["addressee"])):
        facts = {"whom": Addressee(row["addressee"]).label, "n": row["n"]}
        what = ngettext("%(whom)s bổ sung %(n)d hồ sơ", "%(whom)s bổ sung %(n)d hồ sơ", row["n"]) % facts
        yield Waiting(what, _("sớm nhất hạn %(day)s") % {"day": day(timezone.localdate(row["first"]))})
    for round_ in rounds:
        if round_.state == RoundState.SUBMITTED:
            sent = _("gửi trình %(day)s") % {"day": day(round_.submitted_on)} if round_.submitted_on else round_.title
            yield Waiting(_("Cấp có thẩm quyền ký quyết định công nhận"), sent)
