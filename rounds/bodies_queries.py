"""Reads of the bodies of a round: who sat where, who replaced whom, how much each judge has. Each states its queries."""

from collections import Counter
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from portal.text.formats import day
from products.enums import ProductGroup

from .body_rules import NO_LOAD, Load
from .enums import Body, ScoringPass, SeatRole, SheetState
from .models import EstablishingDecision, Round, Seat
from .sheet_states import DUE, sheet_states

DONE = frozenset({SheetState.SUBMITTED, SheetState.CANNOT_ASSESS})


@dataclass
class SeatLine:
    """One place as it is held now, with those who held it before, newest first."""

    seat: Seat
    before: list[Seat] = field(default_factory=list)
    load: Load = NO_LOAD

    @property
    def group_labels(self) -> list[str]:
        """The groups that the judge was asked for, by name; empty for all of them."""
        return [str(group.label) for group in ProductGroup if group in self.seat.groups]

    @property
    def history(self) -> str:
        """ "Thay Trần Thị Hòa từ 12/11/2026, người này thay Lê Văn An từ 01/10/2026." as one line."""
        if not self.before:
            return ""
        steps = [self.seat, *self.before]
        words = [
            _("thay %(before)s từ %(day)s") % {"before": steps[place + 1].user, "day": day(steps[place].since)}
            for place in range(len(self.before))
        ]
        line = _(", người này ").join(words)
        return line[:1].upper() + line[1:] + "."


@dataclass
class BodyShown:
    """A body with its places, those who left without a successor, and the papers that set it up."""

    body: Body
    lines: list[SeatLine] = field(default_factory=list)
    gone: list[Seat] = field(default_factory=list)
    papers: list[EstablishingDecision] = field(default_factory=list)


def all_seats(round_: Round) -> list[Seat]:
    """Everyone who sits or sat. One query."""
    return list(Seat.objects.filter(round=round_).select_related("user__organisation").order_by("body", "pk"))


def shown(round_: Round, seats: list[Seat], load_of: dict[int, Load]) -> list[BodyShown]:
    """The three bodies. One query, for the papers."""
    by_pk = {seat.pk: seat for seat in seats}
    replaced = {seat.replaces_id for seat in seats if seat.replaces_id}
    found = {body: BodyShown(body) for body in Body}
    for seat in seats:
        place = found[Body(seat.body)]
        if seat.until is None:
            load = load_of.get(seat.user_id, NO_LOAD) if seat.body == Body.JURY else NO_LOAD
            place.lines.append(SeatLine(seat, _before(seat, by_pk), load))
        elif seat.pk not in replaced:
            place.gone.append(seat)
    for paper in round_.establishing.select_related("scan"):
        found[Body(paper.body)].papers.append(paper)
    for place in found.values():
        place.lines.sort(key=lambda line: (_rank(line.seat), line.seat.pk))
    return list(found.values())


def before(seat: Seat, seats: list[Seat]) -> list[Seat]:
    """Who held the place before, newest first. No query."""
    return _before(seat, {one.pk: one for one in seats})


def _before(seat: Seat, by_pk: dict[int, Seat]) -> list[Seat]:
    found = []
    earlier = by_pk.get(seat.replaces_id or 0)
    while earlier is not None:
        found.append(earlier)
        earlier = by_pk.get(earlier.replaces_id or 0)
    return found


def _rank(seat: Seat) -> int:
    return list(SeatRole).index(SeatRole(seat.role))


def load_of(round_: Round) -> dict[int, Load]:
    """Per judge what there is to score on dossiers, recusals taken off. Two queries and those of `sheet_states`."""
    group_of = dict(round_.dossiers.values_list("pk", "product__group"))
    due: Counter[int] = Counter()
    done: Counter[int] = Counter()
    drafts: Counter[int] = Counter()
    groups: dict[int, Counter[str]] = {}
    for dossier, passes in sheet_states(round_).items():
        for judge, state in passes.get(ScoringPass.DOSSIER, {}).items():
            if state not in DUE:
                continue
            due[judge] += 1
            done[judge] += state in DONE
            drafts[judge] += state == SheetState.DRAFT
            groups.setdefault(judge, Counter())[group_of[dossier]] += 1
    return {judge: Load(due[judge], done[judge], drafts[judge], groups[judge]) for judge in due}
