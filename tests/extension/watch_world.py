"""A province with its extension officers, a running project, its unit, a facility's representative, a checklist."""

import datetime as dt
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from extension.enums import DueCode, Funding, ProjectState
from extension.models import ChecklistItem, DueRule
from extension.services import inspecting
from portal.accounts.enums import Role
from tests.factories import (
    BeneficiaryFactory,
    FacilityFactory,
    OrganisationFactory,
    ProjectFactory,
    RepresentativeFactory,
    TerritoryFactory,
    UserFactory,
    staff,
)

NOW = dt.datetime(2026, 11, 20, 3, 0, tzinfo=dt.UTC)
TODAY = dt.date(2026, 11, 20)


def photo(colour="white", name="anh.jpg"):
    kept = BytesIO()
    Image.new("RGB", (64, 48), colour).save(kept, "JPEG")
    return SimpleUploadedFile(name, kept.getvalue(), "image/jpeg")


class Watch:
    """What a story of supervision needs; `project` runs since February 2026 and reports before the 25th."""

    def __init__(self):
        self.province = TerritoryFactory()
        self.unit = OrganisationFactory(territory=self.province)
        self.officer = staff(Role.EXTENSION_OFFICER, self.province)
        self.other = staff(Role.EXTENSION_OFFICER, self.province)
        self.leader = staff(Role.LEADER, self.province)
        self.outsider = staff(Role.EXTENSION_OFFICER, TerritoryFactory())
        self.worker = UserFactory(organisation=self.unit)
        facility = FacilityFactory(territory=self.province)
        self.maker = RepresentativeFactory(facility=facility).user
        self.project = ProjectFactory(
            territory=self.province,
            implementing_unit=self.unit,
            state=ProjectState.RUNNING,
            starts_on=dt.date(2026, 9, 10),
            ends_on=dt.date(2026, 12, 31),
        )
        BeneficiaryFactory(project=self.project, facility=facility)
        rule = {"code": DueCode.PROGRESS, "funding": Funding.LOCAL, "territory": self.province}
        DueRule.objects.create(**rule, day=25, legal_basis="Quy ước thử")
        self.first = ChecklistItem.objects.create(ordinal=1, question="Máy chạy được", needs_photo=True)
        self.second = ChecklistItem.objects.create(ordinal=2, question="Đúng hợp đồng")

    def plan(self, **facts):
        facts = {"planned_on": TODAY, "inspectors": [self.leader], "project": self.project} | facts
        return inspecting.plan_inspection(actor=self.officer, now=NOW, **facts)
