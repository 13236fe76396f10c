"""Offices that the open data name, each once."""

from collections.abc import Callable, Iterator

from portal.accounts.models import Organisation

from ..checking import Row
from .world import World


def named(column: str) -> Callable[[World, Row], Iterator[Organisation]]:
    """A step that makes the offices of one column."""

    def build(world: World, row: Row) -> Iterator[Organisation]:
        name = row[column]
        if name is None or world.knows(Organisation, name):
            return
        held = Organisation.objects.filter(name=name).order_by("pk").first()
        world.keys[Organisation, name] = held.pk if held else 0
        if held is None:
            yield Organisation(name=name, kind=row[f"{column}_kind"])

    return build


def key_of(organisation: Organisation) -> str:
    return organisation.name


def organisation_of(world: World, row: Row, column: str) -> int | None:
    return world.key_or_none(Organisation, row[column])
