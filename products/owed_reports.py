"""Which yearly reports a facility owes or has handed in, by when, and what became of each."""

import datetime as dt
from dataclasses import dataclass

from facilities.enums import Reporter
from facilities.models import Facility, ReportingRule, YearlyReport
from facilities.reporting import due_on

from . import yearly
from .services.yearly_reports import OPEN

YEARS_BACK = 3


@dataclass(frozen=True)
class Owed:
    """One year of one facility: what is owed, by when, and what became of it."""

    facility: Facility
    year: int
    due: dt.date | None
    report: YearlyReport | None
    on: dt.date

    @property
    def is_open(self) -> bool:
        return self.report is None or self.report.state in OPEN

    @property
    def is_late(self) -> bool:
        return self.is_open and self.due is not None and self.due < self.on


def years_asked(on: dt.date) -> range:
    """The years that can be reported on, newest first: this one from December, and some before."""
    last = on.year if on.month == 12 else on.year - 1  # noqa: PLR2004
    return range(last, last - YEARS_BACK, -1)


def owed_by(facilities: list[Facility], on: dt.date) -> list[Owed]:
    """What the facilities owe or have handed in, newest year first. Two queries, and one for each year."""
    rules = list(ReportingRule.objects.order_by("-valid_from"))
    reports = {(row.facility_id, row.year): row for row in YearlyReport.objects.filter(facility__in=facilities)}
    found = []
    for year in years_asked(on):
        owing = set(yearly.owing(year).filter(pk__in=[one.pk for one in facilities]).values_list("pk", flat=True))
        due = due_on(rules, reporter=Reporter.FACILITY, year=year)
        for facility in facilities:
            report = reports.get((facility.pk, year))
            if report is not None or facility.pk in owing:
                found.append(Owed(facility, year, due, report, on))
    return found
