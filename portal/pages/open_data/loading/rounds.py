"""Rounds that were held in another portal, with their numbers; their dossiers stay there."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from rounds.enums import RoundState
from rounds.models import NominationCount, Round, RoundCount

from ..checking import Row
from .organisations import organisation_of
from .recognitions import decision_of
from .world import World

COUNTS = ("dossiers", "facilities", "first_time", "eligible", "scored", "passed", "recognised", "singles", "sets")
NOMINATED = ("year", "level", "eligible", "nominated", "entered", "recognised")


def rounds(world: World, row: Row) -> Iterator[Round]:
    yield Round(
        uuid=row["uuid"],
        slug=row["slug"],
        level=row["level"],
        territory=world.territory_or_none(row["province_at_the_time"]),
        region=row.text("region"),
        locality=row.text("locality"),
        year=row["year"],
        ordinal=row["round_ordinal"] or 0,
        name=row.text("own_name"),
        state=_state(world, row),
        receiving_unit_id=organisation_of(world, row, "receiving_unit"),
        receiving_from=row["receiving_from"],
        receiving_until=row["receiving_until"],
        decision_id=decision_of(world, row),
        announced_at=row["announced_at"],
        is_illustrative=row["is_illustrative"],
        held_elsewhere=True,
    )


def _state(world: World, row: Row) -> str:
    """The state as told, but a decision that is not announced yet is not told."""
    if row["state"] != RoundState.DECIDED:
        return str(row["state"])
    words = _("%(round)s đã có quyết định nhưng chưa công bố: ghi là “%(state)s”.")
    world.warnings.append(words % {"round": row["name"], "state": RoundState.SUBMITTED.label})
    return RoundState.SUBMITTED


def round_counts(world: World, row: Row) -> Iterator[RoundCount]:
    numbers = {name: row[name] for name in COUNTS}
    yield RoundCount(round_id=world.key(Round, row["round_id"]), group=row.text("group"), on=world.day, **numbers)


def nominations(world: World, row: Row) -> Iterator[NominationCount]:
    numbers = {name: row[name] for name in NOMINATED}
    yield NominationCount(territory=world.territory(row["province_at_the_time"]), **numbers)
