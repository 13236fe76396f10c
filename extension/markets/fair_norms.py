"""Which norm lets the state pay for a facility's part in a fair, and how much of it."""

from dataclasses import dataclass

from portal.territory.queries import family_ids

from ..models import Fair, NormItem, SupportNorm
from ..norms import allowance as norms
from ..norms.queries import Applied, book

MOST_ABROAD = 2
ABROAD, OWN, AWAY, JOINED = "hoi_cho_nuoc_ngoai", "hoi_cho_to_chuc", "hoi_cho_ngoai_tinh", "hoi_cho_tham_gia"


@dataclass(frozen=True)
class Allowed:
    """The most that may be supported, in đồng, and the sentence that says why."""

    amount: int
    why: str
    norm: SupportNorm


def items_of(fair: Fair) -> tuple[str, ...]:
    """Codes of what the money is spent on, the nearest first. A former unit of today's province is inside it."""
    if fair.is_abroad:
        return (ABROAD,)
    if fair.is_own:
        return (OWN,)
    return (JOINED,) if fair.host_territory_id in family_ids(fair.territory_id) else (AWAY, JOINED)


def is_place_wanted(fair: Fair) -> bool:
    """Whether the norm hangs on the province where the fair is held, and nobody has said which."""
    return not (fair.is_abroad or fair.is_own or fair.host_territory_id)


def norm_of(fair: Fair) -> Applied | None:
    """The norm in force on the fair's first day. Two queries."""
    held = book(fair.territory, fair.starts_on)
    items = dict(NormItem.objects.filter(code__in=items_of(fair)).values_list("code", "pk"))
    found = (held.applied(items[code]) for code in items_of(fair) if code in items)
    return next((applied for applied in found if applied), None)


def allowance_of(fair: Fair, *, cost: int, asked: int, booths: int) -> Allowed | None:
    """How much of a cost may be supported; None where no norm is in force that day."""
    applied = norm_of(fair)
    return allowed_by(applied, cost=cost, asked=asked, booths=booths) if applied else None


def allowed_by(applied: Applied, *, cost: int, asked: int, booths: int) -> Allowed:
    """The reckoning of one norm. No query."""
    found = norms.allow(
        cost=cost,
        asked=asked,
        units=booths,
        percent=applied.percent,
        ceiling=applied.norm.ceiling,
        counts_units=applied.norm.item.counts_units,
    )
    return Allowed(found.allowed, found.why, applied.norm)
