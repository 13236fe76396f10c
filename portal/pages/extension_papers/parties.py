"""The two parties of a project's contract: who gives the money, who carries it out.

National money is given by the agency to the implementing unit. Of local money the extension centre that carries the
project out makes a contract with each facility; for all of several, and for another unit, the department is the giver.
"""

import datetime as dt
from dataclasses import dataclass

from extension.enums import Funding
from extension.models import Project
from extension.steps.printable import facilities_of, signs_with_facilities
from facilities.models import Facility
from portal.accounts.enums import OrganisationKind
from portal.accounts.models import Organisation
from portal.text.folding import normalise
from rounds.official.facts import offices
from rounds.official.facts.offices import Office
from rounds.official.facts.things import facility_facts


@dataclass(frozen=True)
class Parties:
    """`receiver` is a facility, or an office of which the register knows the name alone, or nobody yet."""

    giver: Office
    receiver: Facility | Organisation | None
    on: dt.date

    def giver_lines(self) -> list[list[str]]:
        return [["Tên đơn vị", self.giver.name], ["Địa chỉ", ""], ["Đại diện", ""], ["Chức vụ", ""], *ACCOUNT]

    def receiver_lines(self) -> list[list[str]]:
        if not isinstance(self.receiver, Facility):
            return [["Tên đơn vị", self.receiver_name], *([label, ""] for label in OF_RECEIVER), *ACCOUNT]
        facts = facility_facts(self.receiver, self.on)
        # Who speaks for a facility on the portal need not be who signs for it.
        known = (facts["address"], facts["phone"], facts["tax_code"], "", "")
        pairs = zip(OF_RECEIVER, known, strict=True)
        return [["Tên đơn vị", facts["name"]], *([label, value] for label, value in pairs), *ACCOUNT]

    @property
    def receiver_name(self) -> str:
        return normalise(self.receiver.name) if self.receiver else ""


OF_RECEIVER = ("Địa chỉ", "Điện thoại", "Mã số thuế", "Đại diện", "Chức vụ")
ACCOUNT = [["Số tài khoản, nơi mở", ""]]


def parties(project: Project, on: dt.date, facility: Facility | None = None) -> Parties:
    """Those of the contract, or of the one with the facility named. At most three queries."""
    unit, department = project.implementing_unit, offices.department(project.territory, on)
    if project.funding == Funding.NATIONAL:
        return Parties(offices.agency_office(on), unit, on)
    facilities = [facility] if facility else [one.facility for one in facilities_of(project)[:2]]
    if not signs_with_facilities(project) or len(facilities) > 1:
        return Parties(department, unit, on)
    return Parties(runs(project, on), facilities[0] if facilities else None, on)


def runs(project: Project, on: dt.date) -> Office:
    """The office that carries the project out for the province: its extension centre, else the department."""
    unit, department = project.implementing_unit, offices.department(project.territory, on)
    if unit is None or unit.kind != OrganisationKind.EXTENSION_CENTRE:
        return department
    return offices.extension_centre(unit.name, department)
