"""A province with its centre, a facility with a person who speaks for it, a commune with its officer."""

import datetime as dt
from typing import Any

from django.utils import timezone

from extension.enums import ActivityHead, Funding, NeedState, PriorityKind
from extension.models import Call, Need, NormItem, PriorityRule
from portal.accounts.enums import Role
from tests.factories import (
    CommuneFactory,
    FacilityFactory,
    GrantFactory,
    RepresentativeFactory,
    TerritoryFactory,
    UserFactory,
    staff,
)

ON = dt.date(2026, 11, 21)
NOW = dt.datetime(2026, 11, 21, 2, 0, tzinfo=dt.UTC)


class World:
    """Who asks, who answers, and where."""

    def __init__(self) -> None:
        self.province = TerritoryFactory(name="Thái Nguyên", slug="thai-nguyen")
        self.commune = CommuneFactory(territory=self.province, name="Tân Cương")
        self.facility = FacilityFactory(name="HTX chè Tân Cương", territory=self.province, commune=self.commune)
        self.clerk = staff(Role.EXTENSION_OFFICER, self.province)
        self.officer = staff(Role.OFFICER, self.province)
        self.maker = UserFactory(full_name="Đại diện cơ sở")
        RepresentativeFactory(user=self.maker, facility=self.facility, territory=self.province)
        self.commune_officer = UserFactory(full_name="Cán bộ xã")
        GrantFactory(
            user=self.commune_officer, role=Role.COMMUNE_OFFICER, territory=self.province, commune=self.commune
        )
        self.stranger = UserFactory(full_name="Người lạ")
        self.item = NormItem.objects.create(
            code="may-moc", name="Ứng dụng máy móc", head=ActivityHead.TECHNOLOGY, words="máy sấy"
        )

    def need(self, **facts: Any) -> Need:
        """A row as it stands, whatever the services would say."""
        known = {
            "territory": self.province,
            "facility": self.facility,
            "commune": self.commune,
            "year": 2027,
            "title": f"Máy sấy lạnh số {Need.objects.count() + 1}",
            "head": ActivityHead.TECHNOLOGY,
            "registered_by": self.maker,
            "registered_at": NOW,
            "state": NeedState.REGISTERED,
        }
        return Need.objects.create(**{**known, **facts})

    def call(self, **facts: Any) -> Call:
        known = {
            "territory": self.province,
            "title": "Đợt đăng ký cho năm 2027",
            "year": 2027,
            "funding": Funding.LOCAL,
            "opens_on": ON - dt.timedelta(days=5),
            "closes_on": ON + dt.timedelta(days=5),
            "is_public": True,
        }
        return Call.objects.create(**{**known, **facts})


def priority(kind: str = PriorityKind.RECOGNISED, **facts: Any) -> PriorityRule:
    known = {"name": f"Ưu tiên {kind}", "points": 5, "legal_basis": "NĐ 45/2012/NĐ-CP"}
    return PriorityRule.objects.create(kind=kind, **{**known, **facts})


def local(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time(9)))
