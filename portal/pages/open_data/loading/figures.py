"""Published totals of the open data; they take the place of those of the reference data."""

from collections.abc import Iterator

from products.models import PublishedFigure

from ..checking import Row
from .world import World

TEXTS = ("place", "period", "what", "measure", "level", "group", "value_text", "unit", "source", "note")


def figures(world: World, row: Row) -> Iterator[PublishedFigure]:
    yield PublishedFigure(
        territory=world.territory_or_none(row["province"]),
        year_from=row["year_from"],
        year_to=row["year_to"],
        value=row["value"],
        precision=row["precision"],
        **{name: row.text(name) for name in TEXTS},
    )
