"""What the jury and the council of a person's rounds ask for. A fixed number of queries, whatever the rounds."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.text.workdays import after_working_days
from rounds import reopen_requests
from rounds.deadlines_of import Deadlines, own_deadline
from rounds.declared import has_declared
from rounds.enums import (
    AssignmentMode,
    Body,
    ComplaintState,
    ConflictOrigin,
    CriteriaState,
    DossierState,
    ProposalState,
    RoundState,
    ScoringPass,
    SessionState,
    SheetState,
)
from rounds.models import (
    Complaint,
    Conflict,
    CouncilSession,
    CriteriaSet,
    DeadlineExtension,
    Dossier,
    Sample,
    ScoreSheet,
    Seat,
    SetProposal,
)
from rounds.progress import Entry, dossier_lines, missing_by_judge
from rounds.progress_queries import unsigned
from rounds.sheet_states import DUE, JudgeStates, passes_of, sheet_states

from .tasks import Task, local_day, page

# Judges are worth a nudge when their deadline is this near.
NUDGE_WITHIN = dt.timedelta(days=3)
COMPLAINT_DAYS = 15
HANDED_IN = (SheetState.SUBMITTED, SheetState.CANNOT_ASSESS)
R = RoundState
BEFORE_CLOSE = (R.SCORING, R.DELIBERATION, R.PROVISIONAL, R.SUBMITTED)


@dataclass
class Numbers:
    """What one round's jury and council are waited for, as far as the person sees its dossiers."""

    due: int = 0
    handed_in: int = 0
    late: dict[str, int] = field(default_factory=dict)
    late_until: dict[str, dt.datetime | None] = field(default_factory=dict)
    short: dict[str, int] = field(default_factory=dict)
    too_few: int = 0
    detected: int = 0
    undeclared: int = 0
    proposed_criteria: int = 0
    proposed_sets: int = 0
    unsigned: int = 0
    reopenings: int = 0
    samples: int = 0
    complaints: int = 0
    complaints_due: dt.date | None = None
    sessions: int = 0


def count_jury(rounds: list[Any], user: Any, now: dt.datetime) -> None:
    """Notes on each round what its jury and council are waited for. Nineteen queries, none without a round."""
    for round_ in rounds:
        round_.jury_numbers = Numbers()
    if not rounds:
        return
    seen = Dossier.objects.filter(round__in=rounds).without_conflict(user)
    _count_sheets([one for one in rounds if one.state == R.SCORING], seen, now)
    _count_assigned([one for one in rounds if one.state in (R.SCREENING, R.SCORING)], seen)
    _put(rounds, "detected", _detected(rounds, user, seen), by="dossier__round")
    _put(rounds, "undeclared", _undeclared(rounds), by="round")
    proposed = CriteriaSet.objects.filter(round__in=rounds, state=CriteriaState.PROPOSED).exclude(proposed_by=user)
    _put(rounds, "proposed_criteria", proposed, by="round")
    sets = SetProposal.objects.filter(round__in=rounds, state=ProposalState.PROPOSED).exclude(proposed_by=user)
    _put(rounds, "proposed_sets", sets, by="round")
    _put(rounds, "unsigned", _unsigned(rounds, seen), by="dossier__round")
    asked = reopen_requests.asked(Q(dossier__in=seen.filter(round__in=rounds))).exclude(judge=user)
    _put(rounds, "reopenings", asked, by="dossier__round")
    _put(rounds, "samples", samples_here(seen), by="dossier__round")
    sessions = CouncilSession.objects.filter(round__in=rounds, state=SessionState.OPEN)
    _put(rounds, "sessions", sessions, by="round")
    _count_complaints(rounds, seen)


def _put(rounds: Iterable[Any], name: str, rows: "QuerySet[Any]", *, by: str) -> None:
    """The number of rows of each round. One query."""
    counted = dict(rows.order_by().values_list(by).annotate(n=Count("pk")))
    for round_ in rounds:
        setattr(round_.jury_numbers, name, counted.get(round_.pk, 0))


def _count_sheets(rounds: list[Any], seen: "QuerySet[Dossier]", now: dt.datetime) -> None:
    """Sheets due and handed in, judges who are late, dossiers that cannot reach the quorum. Nine queries."""
    if not rounds:
        return
    states = sheet_states(*rounds)
    listed = seen.filter(round__in=rounds).values_list("pk", "round_id")
    home: dict[int, list[int]] = {}
    for dossier, round_id in listed:
        home.setdefault(round_id, []).append(dossier)
    granted = _granted(rounds)
    seated = set(_jury(rounds).values_list("round_id", "user_id"))
    for round_ in rounds:
        mine = {pk: states[pk] for pk in home.get(round_.pk, ()) if pk in states}
        jury = {user for of_round, user in seated if of_round == round_.pk}
        for scoring_pass in passes_of(round_):
            of_pass = {pk: passes[scoring_pass] for pk, passes in mine.items()}
            deadlines = _deadlines(round_, scoring_pass, granted)
            _note_late(round_, scoring_pass, of_pass, {judge: deadlines.until(judge) for judge in jury})
            _note_short(round_, scoring_pass, of_pass, {one for one in jury if not _is_over(deadlines.until(one), now)})


def _note_late(
    round_: Any, scoring_pass: str, of_pass: dict[int, JudgeStates], until: dict[int, dt.datetime | None]
) -> None:
    numbers = round_.jury_numbers
    flat = Counter(state for judges in of_pass.values() for state in judges.values())
    numbers.due += sum(flat[state] for state in DUE)
    numbers.handed_in += sum(flat[state] for state in HANDED_IN)
    late = [judge for judge in missing_by_judge(of_pass) if judge in until]
    numbers.late[scoring_pass] = len(late)
    numbers.late_until[scoring_pass] = min((moment for judge in late if (moment := until[judge])), default=None)


def _note_short(round_: Any, scoring_pass: str, of_pass: dict[int, JudgeStates], able: set[int]) -> None:
    """`able`: judges who may still hand in."""
    judges = {judge for states in of_pass.values() for judge in states}
    entries = [Entry(pk, "", "", "", "") for pk in of_pass]
    lines = dossier_lines(entries, of_pass, quorum=round_.quorum, overdue=judges - able)
    round_.jury_numbers.short[scoring_pass] = sum(line.is_short for line in lines)


def _is_over(until: dt.datetime | None, now: dt.datetime) -> bool:
    return until is not None and now >= until


def _jury(rounds: Collection[Any]) -> "QuerySet[Seat]":
    return Seat.objects.filter(round__in=rounds, body=Body.JURY, until__isnull=True).order_by()


def _granted(rounds: Collection[Any]) -> list[tuple[int, str, int | None, dt.datetime]]:
    rows = DeadlineExtension.objects.filter(round__in=rounds).order_by("until")
    return list(rows.values_list("round_id", "scoring_pass", "judge_id", "until"))


def _deadlines(round_: Any, scoring_pass: str, granted: list[tuple[int, str, int | None, dt.datetime]]) -> Deadlines:
    rows = [(judge, until) for pk, which, judge, until in granted if (pk, which) == (round_.pk, scoring_pass)]
    return Deadlines.read(own_deadline(round_, scoring_pass), rows)


def _count_assigned(rounds: list[Any], seen: "QuerySet[Dossier]") -> None:
    """Dossiers that too few judges were given, in rounds that divide them. One query."""
    divided = [round_ for round_ in rounds if round_.assignment == AssignmentMode.ASSIGNED]
    given = Count(
        "assignments__judge",
        filter=Q(
            Exists(
                Seat.objects.filter(
                    round=OuterRef("round"), user=OuterRef("assignments__judge"), body=Body.JURY, until__isnull=True
                )
            ),
            assignments__released_at__isnull=True,
        ),
    )
    found = seen.filter(round__in=divided, state=DossierState.ELIGIBLE, gathered_late=False).order_by()
    least = {round_.pk: max(round_.quorum, 1) for round_ in divided}
    too_few = Counter(
        round_id
        for _pk, round_id, n in found.annotate(given=given).values_list("pk", "round_id", "given")
        if n < least[round_id]
    )
    for round_ in divided:
        round_.jury_numbers.too_few = too_few[round_.pk]


def _detected(rounds: Collection[Any], user: Any, seen: "QuerySet[Dossier]") -> "QuerySet[Conflict]":
    """Conflicts that the portal found and nobody has confirmed or dismissed, of others than the reader."""
    found = Conflict.objects.filter(
        dossier__round__in=rounds,
        origin=ConflictOrigin.DETECTED,
        confirmed_at__isnull=True,
        withdrawn_at__isnull=True,
    )
    return found.filter(dossier__in=seen).exclude(user=user)


def _undeclared(rounds: Collection[Any]) -> "QuerySet[Seat]":
    """Judges without a signed declaration, from when dossiers are being checked."""
    near = [round_.pk for round_ in rounds if round_.state in (R.SCREENING, R.SCORING)]
    return _jury(near).filter(~has_declared(OuterRef("user"), OuterRef("round")))


def _unsigned(rounds: Collection[Any], seen: "QuerySet[Dossier]") -> "QuerySet[ScoreSheet]":
    """Submitted sheets without their judge's signature, until the round's papers have left the house."""
    asked = [round_ for round_ in rounds if round_.state in BEFORE_CLOSE]
    return unsigned(*asked).filter(dossier__in=seen)


def samples_here(seen: "QuerySet[Dossier]") -> "QuerySet[Sample]":
    """Specimens to be given back."""
    return Sample.objects.filter(dossier__in=seen, to_be_returned=True, returned_at__isnull=True)


def _count_complaints(rounds: Iterable[Any], seen: "QuerySet[Dossier]") -> None:
    """Complaints that nobody was given yet, and by when they must be answered. One query."""
    fresh = Complaint.objects.filter(round__in=rounds, state=ComplaintState.RECEIVED).filter(
        Q(dossier__isnull=True) | Q(dossier__in=seen)
    )
    counted = fresh.order_by().values("round").annotate(n=Count("pk"), due=Min("answer_due_on"))
    found = {row["round"]: row for row in counted}
    for round_ in rounds:
        if row := found.get(round_.pk):
            round_.jury_numbers.complaints, round_.jury_numbers.complaints_due = row["n"], row["due"]


# --- the lines ----------------------------------------------------------------------------------------------

Maker = Callable[[Any, dt.date], Task | None]


def _line(
    n: int,
    said: str,
    round_: Any,
    icon: str,
    *,
    act: str,
    to: str,
    at: str = "",
    due: dt.date | None = None,
    **query: Any,
) -> Task | None:
    """A line that leads to a page of the round; none when there is nothing."""
    if not n:
        return None
    url = page(f"rounds_round_{to}", query, args=[round_.pk])
    return Task(said % {"n": n}, round_.title, icon, act, f"{url}#{at}" if at else url, due)


def late_judges(scoring_pass: str) -> Maker:
    """Judges with sheets missing, once their deadline is near."""

    def make(round_: Any, on: dt.date) -> Task | None:
        numbers = round_.jury_numbers
        until = local_day(numbers.late_until.get(scoring_pass))
        if until is None or until > on + NUDGE_WITHIN:
            return None
        n = numbers.late[scoring_pass]
        said = ngettext("Nhắc %(n)d giám khảo còn phiếu chưa nộp", "Nhắc %(n)d giám khảo còn phiếu chưa nộp", n)
        if scoring_pass == ScoringPass.SITE:
            said = ngettext(
                "Nhắc %(n)d giám khảo còn phiếu tại chỗ chưa nộp", "Nhắc %(n)d giám khảo còn phiếu tại chỗ chưa nộp", n
            )
        return _line(
            n, said, round_, "send", act=_("Xem và nhắc"), to="progress", due=until, luot=scoring_pass, xem="cham"
        )

    return make


def short_dossiers(scoring_pass: str) -> Maker:
    """Dossiers that can no longer reach their quorum."""

    def make(round_: Any, on: dt.date) -> Task | None:
        n = round_.jury_numbers.short.get(scoring_pass, 0)
        said = ngettext("Xử lý %(n)d hồ sơ không thể đủ phiếu", "Xử lý %(n)d hồ sơ không thể đủ phiếu", n)
        if scoring_pass == ScoringPass.SITE:
            said = ngettext(
                "Xử lý %(n)d hồ sơ không thể đủ phiếu tại chỗ", "Xử lý %(n)d hồ sơ không thể đủ phiếu tại chỗ", n
            )
        return _line(
            n,
            said,
            round_,
            "triangle-alert",
            act=_("Xem hồ sơ"),
            to="progress",
            at="ho-so",
            luot=scoring_pass,
            xem="thieu",
        )

    return make


def follow_scoring(round_: Any, on: dt.date) -> Task | None:
    numbers = round_.jury_numbers
    facts = {"in": numbers.handed_in, "due": numbers.due}
    if numbers.due and numbers.handed_in >= numbers.due:
        said = _("Khép chấm điểm: đã đủ %(due)d phiếu") % facts
        return Task(said, round_.title, "clipboard-check", _("Mở kỳ"), page("rounds_round_change", args=[round_.pk]))
    said = _("Theo dõi chấm điểm: đã nộp %(in)d trên %(due)d phiếu") % facts
    url = page("rounds_round_progress", args=[round_.pk])
    return Task(said, round_.title, "clipboard-pen", _("Xem tiến độ"), url, local_day(round_.scoring_until))


def settle_conflicts(round_: Any, on: dt.date) -> Task | None:
    n = round_.jury_numbers.detected
    said = ngettext(
        "Xác nhận hoặc gỡ %(n)d xung đột cổng phát hiện", "Xác nhận hoặc gỡ %(n)d xung đột cổng phát hiện", n
    )
    return _line(n, said, round_, "scale", act=_("Xem và quyết định"), to="conflicts")


def collect_declarations(round_: Any, on: dt.date) -> Task | None:
    n = round_.jury_numbers.undeclared
    said = ngettext("Nhắc %(n)d giám khảo chưa ký bản cam kết", "Nhắc %(n)d giám khảo chưa ký bản cam kết", n)
    return _line(n, said, round_, "file-pen-line", act=_("Xem danh sách"), to="conflicts")


def approve_criteria(round_: Any, on: dt.date) -> Task | None:
    n = round_.jury_numbers.proposed_criteria
    said = ngettext("Duyệt %(n)d bộ tiêu chí", "Duyệt %(n)d bộ tiêu chí", n)
    return _line(n, said, round_, "list", act=_("Xem bộ tiêu chí"), to="criteria_sets")


def decide_sets(round_: Any, on: dt.date) -> Task | None:
    n = round_.jury_numbers.proposed_sets
    said = ngettext("Quyết định %(n)d đề xuất về bộ sản phẩm", "Quyết định %(n)d đề xuất về bộ sản phẩm", n)
    return _line(n, said, round_, "layers", act=_("Xem đề xuất"), to="sets")


def receive_signatures(round_: Any, on: dt.date) -> Task | None:
    n = round_.jury_numbers.unsigned
    said = ngettext("Nhận bản ký của %(n)d phiếu đã nộp", "Nhận bản ký của %(n)d phiếu đã nộp", n)
    return _line(n, said, round_, "stamp", act=_("Xem phiếu"), to="paper")


def answer_reopenings(round_: Any, on: dt.date) -> Task | None:
    n = round_.jury_numbers.reopenings
    said = ngettext("Trả lời %(n)d đề nghị mở lại phiếu", "Trả lời %(n)d đề nghị mở lại phiếu", n)
    return _line(n, said, round_, "lock-open", act=_("Xem đề nghị"), to="progress")


def divide_dossiers(round_: Any, on: dt.date) -> Task | None:
    n = round_.jury_numbers.too_few
    said = ngettext("Phân giám khảo cho %(n)d hồ sơ chưa đủ người", "Phân giám khảo cho %(n)d hồ sơ chưa đủ người", n)
    return _line(n, said, round_, "users", act=_("Mở phân công"), to="assign")


def finish_minutes(round_: Any, on: dt.date) -> Task | None:
    n = round_.jury_numbers.sessions
    said = ngettext("Khóa biên bản %(n)d phiên họp đang mở", "Khóa biên bản %(n)d phiên họp đang mở", n)
    return _line(n, said, round_, "scroll-text", act=_("Mở phiên họp"), to="sessions")


def give_complaints(round_: Any, on: dt.date) -> Task | None:
    numbers = round_.jury_numbers
    said = ngettext("Giao người xem xét %(n)d kiến nghị", "Giao người xem xét %(n)d kiến nghị", numbers.complaints)
    return _line(
        numbers.complaints,
        said,
        round_,
        "message-circle-warning",
        act=_("Xem kiến nghị"),
        to="complaints",
        due=numbers.complaints_due,
    )


def return_samples(round_: Any, on: dt.date) -> Task | None:
    """Once complaints can no longer ask to see a specimen, it is due at its maker's."""
    n = round_.jury_numbers.samples
    announced = local_day(round_.announced_at)
    due = after_working_days(announced, COMPLAINT_DAYS) if announced else None
    said = ngettext("Trả %(n)d mẫu sản phẩm cho cơ sở", "Trả %(n)d mẫu sản phẩm cho cơ sở", n)
    return _line(n, said, round_, "package", act=_("Xem mẫu"), to="samples", due=due, xem="con-giu")


# --- what waits for the person alone ------------------------------------------------------------------------


def own_jury_tasks(user: Any) -> Iterator[Task]:
    """Declarations to sign, paper sheets to confirm, complaints given to the person to answer. Three queries."""
    yield from _own_declarations(user)
    waiting = ScoreSheet.objects.filter(
        judge=user,
        state=SheetState.ENTERED,
        dossier__round__state=R.SCORING,
        dossier__in=Dossier.objects.for_judge(user),
    )
    if n := waiting.count():
        said = ngettext("Xác nhận %(n)d phiếu giấy thư ký đã nhập", "Xác nhận %(n)d phiếu giấy thư ký đã nhập", n)
        why = _("Bạn là thành viên Ban Giám khảo")
        yield Task(said % {"n": n}, why, "clipboard-check", _("So và xác nhận"), reverse("judge_home"))
    given = Complaint.objects.filter(answerer=user, state=ComplaintState.ASSIGNED).select_related("round__territory")
    for complaint in given.order_by("answer_due_on", "pk"):
        said = _("Trả lời kiến nghị số %(number)s") % {"number": complaint.number}
        url = page("rounds_round_complaint", args=[complaint.round_id, complaint.pk])
        why = complaint.round.title
        yield Task(said, why, "message-circle-warning", _("Soạn trả lời"), url, complaint.answer_due_on)


def _own_declarations(user: Any) -> Iterator[Task]:
    """Rounds whose declaration the person has not signed, once dossiers come in. A judge reads none before. One query."""
    seats = Seat.objects.filter(user=user, until__isnull=True, round__state__in=[R.RECEIVING, R.SCREENING, R.SCORING])
    unsigned = seats.filter(~has_declared(user, OuterRef("round"))).select_related("round__territory")
    judged: dict[Any, bool] = {}
    for seat in unsigned.order_by("round", "pk"):
        judged[seat.round] = judged.get(seat.round, False) or seat.body == Body.JURY
    for round_, judges in judged.items():
        why = _("%(round)s: hồ sơ mở ra sau khi bạn ký") % {"round": round_.title} if judges else round_.title
        url = reverse("judge_declaration", args=[round_.uuid])
        yield Task(_("Ký bản cam kết không xung đột lợi ích"), why, "file-pen-line", _("Đọc và ký"), url)
