"""The estimate of a project as papers print it: expense by expense, with its norm, and the sums of all."""

from collections.abc import Sequence
from dataclasses import dataclass

from extension.enums import EstimateState
from extension.models import Estimate, EstimateLine, Project
from facilities.models import Facility
from portal.text.formats import number

from .parts import Sums, added


@dataclass(frozen=True)
class Expenses:
    """One edition of the estimate with its lines, all or those of one facility."""

    estimate: Estimate | None
    lines: Sequence[EstimateLine]

    @property
    def sums(self) -> Sums:
        return added(sums_of(line) for line in self.lines)

    def rows(self, *, why: bool = False) -> list[dict[str, str]]:
        return [_row(place, line, why=why) for place, line in enumerate(self.lines, start=1)]

    def bases(self) -> list[str]:
        """The texts whose norms the lines follow, each once, in the order of the lines."""
        return list(dict.fromkeys(line.norm.legal_basis for line in self.lines if line.norm))


def approved(project: Project, facility: Facility | None = None) -> Expenses:
    """The estimate in force. Two queries."""
    return _of(project.estimates.filter(state=EstimateState.APPROVED).first(), facility)


def newest(project: Project) -> Expenses:
    """The edition that was written last, approved or not. Two queries."""
    return _of(project.estimates.order_by("-version").first())


def _of(estimate: Estimate | None, facility: Facility | None = None) -> Expenses:
    if estimate is None:
        return Expenses(None, ())
    lines = estimate.lines.select_related("item", "facility", "norm").order_by("ordinal", "pk")
    return Expenses(estimate, list(lines.filter(facility=facility) if facility else lines))


def sums_of(line: EstimateLine) -> Sums:
    """As approved; before that as asked. What was asked and not approved falls on the counterpart."""
    given = line.asked if line.approved is None else line.approved
    return Sums(given, line.cost - given - line.other, line.other)


def money_row(sums: Sums) -> dict[str, str]:
    return {
        "total": number(sums.total),
        "extension": number(sums.extension),
        "others": number(sums.counterpart + sums.other),
    }


def _row(place: int, line: EstimateLine, *, why: bool) -> dict[str, str]:
    about = [line.facility.name] if line.facility else []
    about += [line.machine] if line.machine else []
    about += [f"số lượng {number(line.units)}"] if line.units > 1 else []
    return {
        "place": str(place),
        "name": line.description,
        "about": "; ".join(about),
        "why": line.why if why else "",
        **money_row(sums_of(line)),
    }
