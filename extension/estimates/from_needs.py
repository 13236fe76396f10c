"""How the first estimate of a project begins: one line for each need it was made from, to be looked over and saved."""

from typing import Any

from ..models import Estimate, Need
from ..needs.queries import who_of
from ..norms import queries as norm_queries
from .checking import Facts, check

DESCRIPTION_LENGTH = 300


def proposed(estimate: Estimate) -> list[dict[str, Any]]:
    """What the needs say of each line; nothing once there are lines. At most three queries.

    Of the cost, what the maker does not bring itself is asked for, as far as the norm of the day lets it through. A
    need without a cost or an expense leaves those boxes empty.
    """
    if estimate.version > 1:
        return []
    needs = list(estimate.project.needs.select_related("item", "facility", "product").order_by("registered_at", "pk"))
    asked = _asked(estimate, needs)
    return [_line(need, asked.get(need.pk)) for need in needs]


def _asked(estimate: Estimate, needs: list[Need]) -> dict[int, int]:
    whole = [need for need in needs if need.item and need.cost]
    if not whole:
        return {}
    facts = [Facts(need.item, need.cost, _wanted(need), facility_id=need.facility_id) for need in whole]  # type: ignore[arg-type]
    found = check(facts, norm_queries.book(estimate.project.territory, estimate.on), estimate.on)
    return {
        need.pk: _wanted(need) if row.allowed is None else row.allowed for need, row in zip(whole, found, strict=True)
    }


def _wanted(need: Need) -> int:
    return max(0, (need.cost or 0) - (need.own_funds or 0))


def _line(need: Need, asked: int | None) -> dict[str, Any]:
    fits = need.product is not None and need.product.facility_id == need.facility_id
    said = need.title if need.facility_id else f"{who_of(need)}: {need.title}"
    return {
        "item": need.item_id,
        "facility": need.facility_id,
        "product": need.product_id if fits else None,
        "description": said[:DESCRIPTION_LENGTH],
        "units": 1,
        "cost": need.cost or None,
        "asked": asked,
        "is_new_machine": True,
    }
