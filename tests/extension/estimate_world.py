"""A project with facilities, the norms of its day, and the people who type, propose and approve."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from extension.enums import ProjectState
from extension.models import Estimate, NormItem, Project, SupportNorm
from extension.services import estimates
from extension.services.estimates import Line, Paper
from portal.accounts.enums import Role
from portal.territory.models import Territory
from tests import factories as make

NOW = dt.datetime(2026, 3, 2, 3, tzinfo=dt.UTC)
ON = dt.date(2026, 3, 2)
MILLION = 1_000_000
PAPER = Paper("12/QĐ-SCT", ON, "Sở Công Thương")


def items() -> dict[str, NormItem]:
    """A machine at 50 % up to 300 million, a fair abroad, a booth by the piece, and half more for priorities."""
    facts: dict[str, dict[str, Any]] = {
        "machine": {"norm": {"percent": 50, "ceiling": 300 * MILLION}, "needs_new_machine": True},
        "abroad": {"norm": {"percent": 100}, "is_abroad": True, "counts_units": True},
        "booth": {"norm": {"percent": 80, "ceiling": 10 * MILLION}, "counts_units": True},
        "uu_tien": {"norm": {"multiplier": "1.5"}},
        "management": {"norm": {"percent": "2.5"}, "of_estimate": True},
    }
    found = {}
    for code, known in facts.items():
        norm = known.pop("norm")
        found[code] = NormItem.objects.create(code=code, name=code, head=3, **known)
        SupportNorm.objects.create(item=found[code], legal_basis="Thông tư mẫu", valid_from=dt.date(2018, 1, 1), **norm)
    return found


@dataclass
class World:
    province: Territory
    items: dict[str, NormItem] = field(default_factory=items)
    clerk: Any = None
    leader: Any = None
    project: Project = field(init=False)
    facility: Any = None

    def __post_init__(self) -> None:
        self.clerk = make.staff(Role.EXTENSION_OFFICER, self.province)
        self.leader = make.staff(Role.LEADER, self.province)
        self.facility = make.FacilityFactory(territory=self.province)
        self.project = self.another()

    def another(self, **facts: Any) -> Project:
        """A project of 2026 that supports the facility."""
        known = {"year": 2026, "state": ProjectState.REGISTERED, "extension_funds": None} | facts
        project = make.ProjectFactory(territory=self.province, counterpart_funds=None, **known)
        make.BeneficiaryFactory(project=project, facility=self.facility)
        return project

    def line(self, item: str = "machine", *, asked: int = 300, cost: int = 600, **facts: Any) -> Line:
        """Sums in millions."""
        known = {"description": "Máy sấy", "facility": self.facility} | facts
        return Line(
            self.items[item], cost=cost * MILLION, asked=asked * MILLION, counterpart=(cost - asked) * MILLION, **known
        )

    def draft(self, *lines: Line, project: Project | None = None) -> Estimate:
        estimate = estimates.begin(project=project or self.project, on=ON, actor=self.clerk)
        return estimates.save_lines(estimate=estimate, lines=lines, actor=self.clerk)

    def proposed(self, *lines: Line, project: Project | None = None) -> Estimate:
        return estimates.propose(estimate=self.draft(*lines, project=project), actor=self.clerk, now=NOW)

    def approve(self, estimate: Estimate, **facts: Any) -> Estimate:
        known = {"actor": self.leader, "now": NOW, "paper": PAPER} | facts
        return estimates.approve(estimate=estimate, **known)

    def approved(self, *lines: Line, project: Project | None = None) -> Estimate:
        return self.approve(self.proposed(*lines, project=project))
