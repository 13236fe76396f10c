"""By which day something in extension is due: the rules are rows that staff change, read once for a whole page.

A province's own rule stands in for the general one, one of a funding source for that of all.
"""

import datetime as dt
from dataclasses import dataclass

from portal.territory.queries import current_id
from portal.text.workdays import after_working_days

from .enums import DueCode
from .models import DueRule


@dataclass(frozen=True)
class Rules:
    """Every rule, as `rules()` read it."""

    rows: tuple[DueRule, ...]

    def rule(self, code: DueCode, *, funding: str, territory_id: int | None, on: dt.date) -> DueRule | None:
        """The nearest rule in force on a day: of the province and source, of the province, of the source, of all."""
        unit = current_id(territory_id) if territory_id else None
        fitting = [row for row in self.rows if row.code == code and row.holds_on(on) and _fits(row, funding, unit)]
        return max(fitting, key=lambda row: (bool(row.territory_id), bool(row.funding), row.valid_from), default=None)

    def in_year(
        self, code: DueCode, *, year: int, funding: str, territory_id: int | None, on: dt.date
    ) -> dt.date | None:
        """The day of a yearly matter of projects or plans of `year`; None when no rule names a month."""
        found = self.rule(code, funding=funding, territory_id=territory_id, on=on)
        return None if found is None else day_in_year(found, year)

    def in_month(self, code: DueCode, *, month: dt.date, funding: str, territory_id: int | None) -> dt.date | None:
        """The day of a monthly matter in the month of that date; the rule is the one of that month."""
        found = self.rule(code, funding=funding, territory_id=territory_id, on=month)
        return clamped(month.year, month.month, found.day) if found and found.day else None

    def after(self, code: DueCode, *, event: dt.date, funding: str, territory_id: int | None) -> dt.date | None:
        """The last day of a term that begins with an event, by the rule of that day."""
        found = self.rule(code, funding=funding, territory_id=territory_id, on=event)
        if found is None or found.days is None:
            return None
        return term_end(event, found.days, working_days=found.working_days)


def rules() -> Rules:
    """All rules. One query."""
    return Rules(tuple(DueRule.objects.order_by("pk")))


def day_in_year(rule: DueRule, year: int) -> dt.date | None:
    """The day that a yearly rule names for matters of a year."""
    if rule.month is None or rule.day is None:
        return None
    return clamped(year + rule.year_offset, rule.month, rule.day)


def term_end(event: dt.date, days: int, *, working_days: bool) -> dt.date:
    return after_working_days(event, days) if working_days else event + dt.timedelta(days=days)


def clamped(year: int, month: int, day: int) -> dt.date:
    """The day of a month, or its last one when the month is shorter."""
    following = dt.date(year + month // 12, month % 12 + 1, 1)
    return min(dt.date(year, month, 1) + dt.timedelta(days=day - 1), following - dt.timedelta(days=1))


def _fits(row: DueRule, funding: str, unit: int | None) -> bool:
    place = row.territory_id is None or current_id(row.territory_id) == unit
    return place and row.funding in ("", funding)
