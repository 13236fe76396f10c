"""A running project with its people, for the tests of its file, acceptance, adjustments and results."""

import datetime as dt
from types import SimpleNamespace

from django.core.files.uploadedfile import SimpleUploadedFile

from extension.enums import Authority, CommitteeRole, ProjectState
from extension.models import AuthorityRule
from extension.services.accepting import Member
from portal.accounts.enums import Role
from tests.factories import BeneficiaryFactory, OrganisationFactory, ProjectFactory, RepresentativeFactory, staff

NOW = dt.datetime(2026, 6, 10, 2, tzinfo=dt.UTC)
ON = NOW.date()
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
MEMBERS = (
    Member("Nguyễn Văn Mẫu", "Sở Công Thương", CommitteeRole.CHAIR),
    Member("Trần Thị Mẫu", "Trung tâm Khuyến công", CommitteeRole.SECRETARY),
    Member("Lê Văn Mẫu", "Sở Tài chính"),
)


def upload(name="van-ban.pdf", content=PDF):
    return SimpleUploadedFile(name, content, content_type="application/pdf")


def world(province, **facts):
    """The officer, the leader, a running project of a facility with its speaker, and the agency."""
    known = {"state": ProjectState.RUNNING, "extension_funds": 200_000_000, "funding": "local"} | facts
    unit = OrganisationFactory(territory=province)
    project = ProjectFactory(territory=province, implementing_unit=unit, **known)
    beneficiary = BeneficiaryFactory(project=project)
    return SimpleNamespace(
        project=project,
        beneficiary=beneficiary,
        unit=unit,
        officer=staff(Role.EXTENSION_OFFICER, province),
        leader=staff(Role.LEADER, province),
        agency=staff(Role.AGENCY_NATIONAL),
        speaker=RepresentativeFactory(facility=beneficiary.facility).user,
    )


def rule(act, authority=Authority.DEPARTMENT, funding="local", territory=None, **days):
    return AuthorityRule.objects.create(
        funding=funding, act=act, authority=authority, territory=territory, legal_basis="Quy định mẫu", **days
    )
