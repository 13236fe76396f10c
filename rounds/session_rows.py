"""The list that the council speaks of, group by group, and what came back typed. Plain values for the page."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from portal.accounts.models import User
from portal.text.errors import Refusal
from portal.text.inputs import key_of
from products.enums import ProductGroup

from . import council_queries, tally
from .council_queries import Entry
from .deliberation import Room, Votes
from .enums import DossierState, VerdictChoice
from .models import Dossier, Round, Verdict
from .services.council import Word, departure_words

NAMES = {"choice": "c", "for": "f", "against": "a", "abstain": "b", "prize": "p", "reason": "r"}
LENGTHS = {"prize": 60, "reason": 500}
MOST_VOTES = 99
FIELD_OF = {"choice": "choice", "votes_for": "for", "prize": "prize", "reason": "reason"}


@dataclass(frozen=True)
class Typed:
    """One row as it stands in its inputs."""

    choice: str = ""
    for_: str = ""
    against: str = ""
    abstain: str = ""
    prize: str = ""
    reason: str = ""

    @property
    def has_votes(self) -> bool:
        return bool(self.for_ or self.against or self.abstain)


@dataclass(frozen=True)
class Row:
    """One dossier of the list, with what may be said of it and what was."""

    dossier: Dossier
    entry: Entry
    mean: Decimal | None
    disagrees: bool
    spread: Decimal | None
    parts: list[Dossier]
    voters: int
    silent: list[str]
    verdict: Verdict | None
    typed: Typed
    faults: dict[str, str] = field(default_factory=dict)
    departs: str = ""
    needs_reason: bool = False

    @property
    def rank(self) -> int | None:
        ranks = [one.rank for one in self.entry.behind]
        return min(ranks) if ranks else None

    @property
    def earlier(self) -> int | None:
        """The session that decided it before the one that sits."""
        session = self.verdict.session if self.verdict else None
        return session.number if session else None


@dataclass(frozen=True)
class Group:
    """One group with how much of it is left to speak of."""

    group: str
    label: str
    total: int
    unspoken: int
    proposed: int


def dossiers_of(visible: "QuerySet[Dossier]") -> list[Dossier]:
    """What the list prints, without what nobody reads there. Two queries."""
    parts = Dossier.objects.select_related("product").order_by("entry_code")
    found = visible.filter(state=DossierState.ELIGIBLE).select_related(
        "product__facility", "result", "verdict__session"
    )
    return list(found.prefetch_related(Prefetch("gathered", parts)).order_by("entry_code", "pk"))


def rows_of(
    round_: Round,
    dossiers: list[Dossier],
    room: Room | None,
    *,
    reader: User,
    typed: Mapping[int, Typed] | None = None,
    faults: Mapping[int, Mapping[str, str]] | None = None,
) -> list[Row]:
    """The rows in the order of the ranking; late sets by their best part. Four queries."""
    entries = council_queries.entries_of(round_)
    by_pk = {one.pk: one for one in entries}
    departures, unexplained = council_queries.departures_of(entries), council_queries.unexplained(entries)
    seen = {one.entry_code for one in dossiers}
    hidden = frozenset(one.code for one in entries) - seen
    people = {one.pk: str(one) for one in User.objects.filter(pk__in=room.present)} if room else {}
    found = []
    for dossier in dossiers:
        entry = by_pk.get(dossier.pk)
        if entry is None:
            continue
        verdict: Verdict | None = getattr(dossier, "verdict", None)
        result = getattr(dossier, "result", None)
        stands = typed_of(verdict)
        found.append(
            Row(
                dossier=dossier,
                entry=entry,
                mean=_mean(round_, dossier),
                spread=result.spread if result else None,
                disagrees=result is not None and _disagrees(result.spread, round_),
                parts=list(dossier.gathered.all()) if entry.is_late_set else [],
                voters=room.voters(dossier.pk) if room else 0,
                silent=sorted(people[pk] for pk in room.silent(dossier.pk)) if room else [],
                verdict=verdict,
                typed=typed.get(dossier.pk, stands) if typed is not None else stands,
                faults=dict((faults or {}).get(dossier.pk, {})),
                departs=departure_words(departures[entry.code], hidden) if entry.code in departures else "",
                needs_reason=entry.code in unexplained,
            )
        )
    return sorted(found, key=lambda row: (row.rank is None, row.rank or 0, row.dossier.entry_code))


def _mean(round_: Round, dossier: Dossier) -> Decimal | None:
    result = getattr(dossier, "result", None)
    if result is None:
        return None
    return tally.shown_mean(points=result.points, divisor=result.divisor, threshold=round_.threshold)


def _disagrees(spread: Decimal | None, round_: Round) -> bool:
    return spread is not None and spread >= round_.disagreement_points


def groups_of(dossiers: Iterable[Dossier]) -> list[Group]:
    """The groups that the list has, in their order. No query."""
    listed = list(dossiers)
    found = []
    for group in ProductGroup:
        mine = [one for one in listed if one.product.group == group]
        if mine:
            spoken = [one.verdict for one in mine if hasattr(one, "verdict")]
            found.append(
                Group(
                    group=str(group),
                    label=str(group.label),
                    total=len(mine),
                    unspoken=len(mine) - len(spoken),
                    proposed=sum(one.choice == VerdictChoice.RECOGNISE for one in spoken),
                )
            )
    return found


# --- what was typed ------------------------------------------------------------------------------------------


def typed_of(verdict: Verdict | None) -> Typed:
    if verdict is None:
        return Typed()
    votes = (verdict.votes_for, verdict.votes_against, verdict.votes_abstain)
    for_, against, abstain = ("" if one is None else str(one) for one in votes)
    return Typed(verdict.choice, for_, against, abstain, verdict.prize, verdict.reason)


def read(data: Mapping[str, str], pks: Iterable[int]) -> dict[int, Typed]:
    """The inputs of the rows; a row whose inputs are missing is left as it stands."""
    found = {}
    for pk in pks:
        if f"c{pk}" not in data:
            continue
        said = {name: str(data.get(f"{letter}{pk}", "")).strip() for name, letter in NAMES.items()}
        found[pk] = Typed(said["choice"], said["for"], said["against"], said["abstain"], said["prize"], said["reason"])
    return found


def words_of(typed: Mapping[int, Typed]) -> tuple[dict[int, Word], dict[int, dict[str, str]]]:
    """Typed rows as words, and what cannot be read, by row and input. A row without a choice says nothing."""
    words: dict[int, Word] = {}
    faults: dict[int, dict[str, str]] = {}
    for pk, row in typed.items():
        wrong = _unreadable(row)
        if wrong:
            faults[pk] = wrong
        elif row.choice:
            votes = Votes(*(int(one) if one else None for one in (row.for_, row.against, row.abstain)))
            words[pk] = Word(row.choice, votes, row.prize, row.reason)
    return words, faults


def _unreadable(row: Typed) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if row.choice and row.choice not in VerdictChoice.values:
        wrong["choice"] = _("Không có ý kiến này. Hãy chọn lại.")
    if not row.choice and (row.has_votes or row.prize or row.reason):
        wrong["choice"] = _("Hãy chọn đề nghị hay không đề nghị.")
    for one in (row.for_, row.against, row.abstain):
        if one and ((votes := key_of(one)) is None or votes > MOST_VOTES):
            wrong["for"] = _("Số phiếu là số nguyên từ 0 đến %(most)s.") % {"most": MOST_VOTES}
    for name, most in LENGTHS.items():
        if len(getattr(row, name)) > most:
            wrong[name] = _("Viết trong %(most)s ký tự.") % {"most": most}
    return wrong


def faults_of(rows: Mapping[int, Iterable[Refusal]]) -> dict[int, dict[str, str]]:
    """Refusals of the service at the inputs they speak of."""
    found: dict[int, dict[str, str]] = {}
    for pk, refusals in rows.items():
        for refusal in refusals:
            found.setdefault(pk, {}).setdefault(FIELD_OF.get(refusal.field or "", "choice"), str(refusal.sentence))
    return found


# --- the common words of a group -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Common:
    """What holds for most rows of a group: down to which rank to propose, by which votes, why not the others."""

    upto: str = ""
    for_: str = ""
    against: str = ""
    abstain: str = ""
    reason: str = ""

    @classmethod
    def read(cls, data: Mapping[str, str]) -> "Common":
        return cls(
            *(
                str(data.get(name, "")).strip()
                for name in ("upto", "all_for", "all_against", "all_abstain", "all_reason")
            )
        )


def filled(rows: Iterable[Row], typed: Mapping[int, Typed], common: Common) -> dict[int, Typed]:
    """Rows that say nothing yet, filled: what passed and stands above the line is proposed, the rest is not."""
    line = key_of(common.upto)
    found = dict(typed)
    for row in rows:
        pk = row.dossier.pk
        if found.get(pk, row.typed).choice:
            continue
        found[pk] = _fill(row, line, common)
    return found


def _fill(row: Row, line: int | None, common: Common) -> Typed:
    if not row.entry.passed:
        return Typed(choice=VerdictChoice.DECLINE, reason=_("Chưa đạt điểm trung bình."))
    if line is not None and (row.rank is None or row.rank > line):
        return Typed(choice=VerdictChoice.DECLINE, reason=common.reason)
    if row.silent:  # fewer may vote here: nobody's vote is made up
        return Typed(choice=VerdictChoice.RECOGNISE)
    return Typed(VerdictChoice.RECOGNISE, common.for_, common.against, common.abstain)


def with_common_votes(rows: Iterable[Row], typed: Mapping[int, Typed], common: Common) -> dict[int, Typed]:
    """Proposed rows without votes of their own take the common ones, where everybody present may vote."""
    found = dict(typed)
    for row in rows:
        mine = found.get(row.dossier.pk)
        if mine is None or mine.choice != VerdictChoice.RECOGNISE or mine.has_votes or row.silent:
            continue
        found[row.dossier.pk] = Typed(mine.choice, common.for_, common.against, common.abstain, mine.prize, mine.reason)
    return found
