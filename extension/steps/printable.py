"""Which papers of a project can be made in the phase it is in: its page offers them, their addresses ask the same."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from portal.accounts.enums import OrganisationKind

from ..enums import Funding, ProjectState
from ..models import Beneficiary, Project
from ..states import GRANTED


@dataclass(frozen=True)
class Printable:
    """One paper and where its two files are."""

    name: str
    word: str
    pdf: str


def may_have_contract(project: Project) -> bool:
    """A project that was granted; one that was stopped only where a contract was signed."""
    stopped = project.state == ProjectState.STOPPED and bool(project.contract_number)
    return project.state in GRANTED or stopped


def signs_with_facilities(project: Project) -> bool:
    """Whether contracts are made with the facilities: of local money, where the centre carries the project out."""
    unit = project.implementing_unit
    return project.funding != Funding.NATIONAL and (unit is None or unit.kind == OrganisationKind.EXTENSION_CENTRE)


def facilities_of(project: Project) -> QuerySet[Beneficiary]:
    """The facilities among the beneficiaries. One query when read."""
    rows = project.beneficiaries.filter(facility__isnull=False)
    return rows.select_related("facility__territory", "facility__commune").order_by("pk")


def separate_contracts(project: Project) -> list[Beneficiary]:
    """The facilities with which contracts of their own are made, where there are several. At most one query."""
    rows = list(facilities_of(project)) if signs_with_facilities(project) else []
    return rows if len(rows) > 1 else []


def offered(project: Project) -> list[Printable]:
    """The papers of the phase, in the order of the work. At most two queries."""
    found = [_printable(_("Đề án"), "project_proposal", project)]
    if project.estimates.exists():
        found.append(_printable(_("Biên bản thẩm định"), "project_appraisal_record", project))
    if may_have_contract(project):
        found += _contracts(project)
    return found


def _contracts(project: Project) -> list[Printable]:
    separate = separate_contracts(project)
    if not separate:
        return [_printable(_("Hợp đồng"), "project_contract", project)]
    said = _("Hợp đồng với %(facility)s")
    return [
        _printable(said % {"facility": one.facility}, "project_contract", project, f"?co-so={one.pk}")
        for one in separate
    ]


def _printable(name: str, page: str, project: Project, query: str = "") -> Printable:
    word, pdf = (reverse(f"admin:{page}", args=[project.uuid, fmt]) + query for fmt in ("docx", "pdf"))
    return Printable(name, word, pdf)
