"""What the council reads: its sessions, who is in the room, the list it speaks of. Each states its queries."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from .deliberation import Candidate, LeftOut, Ranked, Room, left_out_before
from .enums import DossierState, SessionState, VerdictChoice
from .models import Attendance, CouncilSession, Dossier, Round
from .standing import standing_pairs


@dataclass(frozen=True)
class Entry:
    """One dossier that the council decides on, in plain values. `choice` is "" while nothing is said."""

    pk: int
    code: str
    group: str
    is_late_set: bool
    scored: bool
    passed: bool
    behind: tuple[Ranked, ...]
    choice: str = ""
    reason: str = ""

    @property
    def candidate(self) -> Candidate | None:
        if not (self.choice and self.passed and self.behind):
            return None
        return Candidate(self.code, self.choice == VerdictChoice.RECOGNISE, self.behind)


def sessions_of(round_: Round) -> QuerySet[CouncilSession]:
    """The sessions of a round, newest first. One query."""
    found = CouncilSession.objects.filter(round=round_)
    return found.select_related("chaired_by__user", "minuted_by", "scan").order_by("-number")


def open_session_of(round_: Round) -> CouncilSession | None:
    """The session that sits now. One query."""
    return CouncilSession.objects.filter(round=round_, state=SessionState.OPEN).first()


def attendances_of(session: CouncilSession) -> QuerySet[Attendance]:
    """Every member of the council, present or not, in the order of the seats. One query."""
    return session.attendances.select_related("seat__user").order_by("seat__pk")


def room_of(session: CouncilSession, *, also: Iterable[int] = ()) -> Room:
    """Who may vote at the session; `also` are people whose standing conflicts are wanted too. Three queries."""
    here = dict(session.attendances.values_list("seat__user", "present"))
    return Room(
        members=len(here),
        present=frozenset(user for user, present in here.items() if present),
        quorum=session.round.council_quorum,
        aside=standing_pairs(session.round, users=[*here, *also]),
    )


def entries_of(round_: Round) -> list[Entry]:
    """Everything the council decides on: dossiers that were scored, and sets formed since. Two queries.

    A late set stands for its parts: it passed when every one of them passed, and ranks as they rank.
    """
    behind: dict[int, list[tuple[Ranked | None, bool]]] = {}
    for _pk, whole, *scored in _scored(_parts_of_late_sets(round_)):
        behind.setdefault(whole, []).append(_ranked(*scored))
    names = ("gathered_late", "verdict__choice", "verdict__reason")
    rows = round_.dossiers.filter(state=DossierState.ELIGIBLE).order_by("entry_code", "pk")
    found = []
    for pk, _whole, code, group, passed, rank, is_late, choice, reason in _scored(rows, *names):
        own = behind.get(pk, []) if is_late else [_ranked(code, group, passed, rank)]
        found.append(
            Entry(
                pk=pk,
                code=code,
                group=group,
                is_late_set=is_late,
                scored=bool(own) if is_late else passed is not None,
                passed=bool(own) and all(one_passed for _one, one_passed in own),
                behind=tuple(one for one, _passed in own if one is not None),
                choice=choice or "",
                reason=reason or "",
            )
        )
    return found


def _parts_of_late_sets(round_: Round) -> QuerySet[Dossier]:
    return round_.dossiers.filter(state=DossierState.GATHERED, gathered_into__gathered_late=True)


def _scored(rows: QuerySet[Dossier], *more: str) -> QuerySet[Dossier, tuple]:
    names = ("pk", "gathered_into_id", "entry_code", "product__group", "result__passed", "result__rank")
    return rows.values_list(*names, *more)


def _ranked(code: str, group: str, passed: bool | None, rank: int | None) -> tuple[Ranked | None, bool]:
    return (Ranked(code, group, rank) if rank is not None else None), bool(passed)


def departures_of(entries: Iterable[Entry]) -> dict[str, tuple[LeftOut, ...]]:
    """Entries proposed past better ranked ones of their group, each with those. No query."""
    return left_out_before(one for entry in entries if (one := entry.candidate) is not None)


def unexplained(entries: Iterable[Entry]) -> dict[str, tuple[LeftOut, ...]]:
    """The departures for which the council has written no reason. No query."""
    listed = list(entries)
    silent = {entry.code for entry in listed if not entry.reason}
    return {code: better for code, better in departures_of(listed).items() if code in silent}


def proposed_count(round_: Round) -> int:
    """How many products and sets the council proposes now. One query."""
    return round_.dossiers.filter(state=DossierState.ELIGIBLE, verdict__choice=VerdictChoice.RECOGNISE).count()


def sessions_with_counts(round_: Round) -> QuerySet[CouncilSession]:
    """The sessions of a round with `here`, `members` and `words`: how many are present, and were said. One query."""
    here = Count("attendances", filter=Q(attendances__present=True), distinct=True)
    return sessions_of(round_).annotate(
        here=here, members=Count("attendances", distinct=True), words=Count("verdicts", distinct=True)
    )
