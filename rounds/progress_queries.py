"""What the progress of a round's scoring is made of. Reads only, each with its number of queries; never points."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Max, QuerySet
from django.db.models.functions import Coalesce

from portal.accounts.models import User

from .deadlines_of import Deadlines
from .enums import Body, SheetState
from .models import Dossier, Nudge, Round, ScoreSheet, Seat
from .progress import DossierLine, Entry, GroupLine, JudgeLine, by_group, counts_by_judge, dossier_lines
from .sheet_states import JudgeStates, sheet_states


def entries(dossiers: "QuerySet[Dossier]") -> list[Entry]:
    """The dossiers by entry code, as lists name them. One query."""
    rows = dossiers.order_by("entry_code", "pk").values_list(
        "pk", "entry_code", "product__name", "product__facility__name", "product__group"
    )
    return [Entry(pk, code, name, maker or "", group) for pk, code, name, maker, group in rows]


@dataclass(frozen=True)
class Progress:
    """One pass of a round as it stands."""

    deadlines: Deadlines
    judges: tuple[JudgeLine, ...]
    lines: tuple[DossierLine, ...]
    groups: tuple[GroupLine, ...]
    people: Mapping[int, User]

    @property
    def numbers(self) -> dict[int, int]:
        """The number that stands for a judge in the rows of dossiers."""
        return {line.judge: line.number for line in self.judges}

    @property
    def late(self) -> tuple[JudgeLine, ...]:
        """Judges who still owe a sheet."""
        return tuple(line for line in self.judges if line.is_seated and line.missing)

    def total(self, *states: str) -> int:
        return sum(line.count(state) for line in self.judges for state in states)


def progress(
    round_: Round,
    dossiers: "QuerySet[Dossier]",
    scoring_pass: str,
    *,
    now: dt.datetime,
    groups: Iterable[str],
) -> Progress:
    """How one pass stands, as far as the reader sees its dossiers. Thirteen queries at most, whatever the rows.

    `dossiers` leaves out what the reader stands aside from; its sheets are not counted either.
    """
    listed = entries(dossiers)
    states = _of_pass(sheet_states(round_), listed, scoring_pass)
    deadlines = Deadlines.of(round_, scoring_pass)
    judges = _judge_lines(round_, states, scoring_pass, deadlines, now)
    overdue = {line.judge for line in judges if line.is_over or not line.is_seated}
    lines = dossier_lines(listed, states, quorum=round_.quorum, overdue=overdue)
    people = User.objects.select_related("organisation").in_bulk([line.judge for line in judges])
    return Progress(deadlines, judges, tuple(lines), tuple(by_group(lines, groups)), people)


def _of_pass(
    states: Mapping[int, Mapping[str, JudgeStates]], listed: Iterable[Entry], scoring_pass: str
) -> dict[int, JudgeStates]:
    return {entry.pk: states[entry.pk][scoring_pass] for entry in listed if entry.pk in states}


def _judge_lines(
    round_: Round,
    states: Mapping[int, JudgeStates],
    scoring_pass: str,
    deadlines: Deadlines,
    now: dt.datetime,
) -> tuple[JudgeLine, ...]:
    counts = counts_by_judge(states)
    seated = list(jury(round_))
    gone = sorted(set(counts) - set(seated))
    worked, nudged = _last_work(round_, scoring_pass), last_nudges(round_)
    return tuple(
        JudgeLine(
            number=number,
            judge=judge,
            counts=counts.get(judge, {}),
            is_seated=judge in seated,
            until=(until := deadlines.until(judge)),
            last_saved=worked.get(judge),
            nudged_at=nudged.get(judge),
            is_over=until is not None and now >= until,
        )
        for number, judge in enumerate([*seated, *gone], start=1)
    )


def jury(round_: Round) -> "QuerySet[Seat, int]":
    """Who sits in the jury now, in the order of their seats. One query."""
    seats = Seat.objects.filter(round=round_, body=Body.JURY, until__isnull=True)
    return seats.order_by("pk").values_list("user_id", flat=True)


def _last_work(round_: Round, scoring_pass: str) -> dict[int, dt.datetime]:
    """When each judge last saved or handed in. One query."""
    sheets = ScoreSheet.objects.filter(dossier__round=round_, scoring_pass=scoring_pass).order_by()
    last = sheets.values_list("judge_id").annotate(last=Max(Coalesce("submitted_at", "saved_at")))
    return {judge: moment for judge, moment in last if moment is not None}


def last_nudges(round_: Round) -> dict[int, dt.datetime]:
    """When each judge was last told what is missing. One query."""
    told = Nudge.objects.filter(round=round_).order_by().values_list("judge_id")
    return dict(told.annotate(last=Max("sent_at")))


def sheets_of(dossier: Dossier) -> "QuerySet[ScoreSheet]":
    """Every sheet of a dossier with what the desk shows of it, and without a single figure. Two queries."""
    sheets = ScoreSheet.objects.filter(dossier=dossier).select_related("judge", "entered_by")
    return sheets.prefetch_related("versions__reopened_by").defer("total", "remark").order_by("scoring_pass", "pk")


def unsigned(*rounds: Round) -> "QuerySet[ScoreSheet]":
    """Submitted sheets whose signed print-out has not been received. A sheet entered from paper has its scan."""
    sheets = ScoreSheet.objects.filter(dossier__round__in=rounds, state=SheetState.SUBMITTED)
    return sheets.filter(signed_on__isnull=True, paper_scan__isnull=True)
