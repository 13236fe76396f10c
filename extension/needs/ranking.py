"""Which need comes first, and why: areas, trades and recognised products, each with its legal basis. Pure.

Of each kind of priority the rule with most points counts once, so that one fact written in two rules is not two
facts. Where points are equal, who registered first comes first.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from portal.text.folding import name_key
from products.enums import ProductGroup

from ..enums import PriorityKind

# Words that stand before a place's own name.
KINDS_OF_PLACE = frozenset(name_key("xã phường thị trấn đặc khu huyện thành phố").split())


@dataclass(frozen=True)
class Rule:
    """One priority as staff keep it: what it is known by (names of places, words of trades, a product group)."""

    key: int
    kind: str
    name: str
    basis: str
    points: int
    values: tuple[str, ...] = ()
    group: str = ""
    territory_id: int | None = None
    raises_ceiling: bool = False


@dataclass(frozen=True)
class Facts:
    """What is known of a need. `recognised` names products of the facility in force, with their groups."""

    commune: str = ""
    address: str = ""
    trade: str = ""
    group: str = ""
    recognised: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Reason:
    """One priority that holds, its points, on which basis, and the fact that it was known by."""

    rule: Rule
    because: str

    @property
    def points(self) -> int:
        return self.rule.points


@dataclass(frozen=True)
class Rank:
    reasons: tuple[Reason, ...] = ()

    @property
    def points(self) -> int:
        return sum(reason.points for reason in self.reasons)

    @property
    def raises_ceiling(self) -> bool:
        """Whether one of the priorities may raise the ceiling of support."""
        return any(reason.rule.raises_ceiling for reason in self.reasons)

    def as_data(self) -> list[dict[str, object]]:
        """What is kept of the ranking when the need becomes a project."""
        return [
            {
                "kind": str(reason.rule.kind),
                "name": reason.rule.name,
                "basis": reason.rule.basis,
                "points": reason.points,
                "because": reason.because,
            }
            for reason in self.reasons
        ]


def rank(facts: Facts, rules: Iterable[Rule]) -> Rank:
    """The priorities that hold, of each kind the one with most points, in the order of the kinds."""
    best: dict[str, Reason] = {}
    for rule in rules:
        because = _because(rule, facts)
        held = best.get(rule.kind)
        if because and (held is None or rule.points > held.points):
            best[rule.kind] = Reason(rule, because)
    return Rank(tuple(best[kind] for kind in PriorityKind.values if kind in best))


def _because(rule: Rule, facts: Facts) -> str:
    """The fact a rule is known by; empty where it does not hold. A rule that names nothing holds for nobody."""
    if rule.kind == PriorityKind.AREA:
        return _place(rule.values, facts)
    if rule.kind == PriorityKind.TRADE:
        return _trade(rule, facts)
    names = [name for name, group in facts.recognised if rule.group in {"", group}]
    return names[0] if names else ""


def _place(values: Sequence[str], facts: Facts) -> str:
    """The commune by its whole name; where none is recorded, a name that stands in the address."""
    wanted = {_own_name(value) for value in values if _own_name(value)}
    if facts.commune:
        return facts.commune if _own_name(facts.commune) in wanted else ""
    address = f" {name_key(facts.address)} "
    return facts.address if any(f" {name} " in address for name in wanted) else ""


def _own_name(place: str) -> str:
    """The name without "xã", "phường": kinds change more often than names."""
    words = name_key(place).split()
    while len(words) > 1 and words[0] in KINDS_OF_PLACE:
        words = words[1:]
    return " ".join(words)


def _trade(rule: Rule, facts: Facts) -> str:
    said = f" {name_key(facts.trade)} "
    for value in rule.values:
        word = name_key(value)
        if word and f" {word} " in said:
            return value
    return str(ProductGroup(rule.group).label) if rule.group and rule.group == facts.group else ""
