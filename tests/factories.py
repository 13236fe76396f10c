"""Small honest objects for tests; every factory makes a row that the forms would accept too."""

import datetime as dt
from decimal import Decimal
from typing import Any

import factory
from django.utils import timezone

from extension.enums import ActivityHead, Funding, OutletKind, ProjectState
from extension.models import Beneficiary, Fair, Outlet, Participation, Programme, Project
from facilities.enums import FacilityKind, RepresentativeState
from facilities.models import Contact, Facility, Representative
from portal.accounts.enums import OrganisationKind, Role
from portal.accounts.models import Grant, Organisation, User
from portal.territory.models import Commune, Succession, Territory, TerritoryName
from portal.text.slugs import slugify
from products.enums import Level, ProductGroup
from products.models import Certificate, Decision, Product, Recognition, SetMember
from rounds.enums import Body, DossierState, RoundState, SeatRole
from rounds.models import Conflict, CriteriaSet, Criterion, Declaration, Dossier, Round, Score, ScoreSheet, Seat

PASSWORD = "mat-khau-thu-nghiem"
NAMES = ["Thái Nguyên", "Cao Bằng", "Đồng Tháp", "Lào Cai", "Nghệ An", "Khánh Hòa", "Vĩnh Long", "Hà Tĩnh"]
# Code, maximum of the inputs under the four fixed heads of 40, 40, 10 and 10 points.
LEAVES = [
    ("1.1", 16),
    ("1.2", 24),
    ("2.1", 12),
    ("2.2", 14),
    ("2.3", 8),
    ("2.4", 6),
    ("3.1", 5),
    ("3.2", 5),
    ("4.1", 10),
]
HEADS = [("1", 40), ("2", 40), ("3", 10), ("4", 10)]


class Factory(factory.django.DjangoModelFactory):
    class Meta:
        abstract = True
        skip_postgeneration_save = True


class TerritoryFactory(Factory):
    class Meta:
        model = Territory

    code = factory.Sequence(lambda n: f"{n % 100:02}")
    name = factory.Sequence(lambda n: f"{NAMES[n % len(NAMES)]} {n}")
    slug = factory.LazyAttribute(lambda o: slugify(o.name))
    kind = "province"
    region = "north"
    # Later than the unknown start of the reference units, whose codes these would repeat.
    valid_from = factory.Sequence(lambda n: dt.date(1901, 1, 1) + dt.timedelta(days=n // 100))

    @factory.post_generation
    def named(obj: Territory, create: bool, extracted: Any, **kwargs: Any) -> None:
        TerritoryName.objects.create(
            territory=obj, name=obj.name, full_name=f"Tỉnh {obj.name}", kind=obj.kind, valid_from=obj.valid_from
        )


class SuccessionFactory(Factory):
    class Meta:
        model = Succession

    predecessor = factory.SubFactory(TerritoryFactory, valid_to=dt.date(2025, 6, 30))
    successor = factory.SubFactory(TerritoryFactory, valid_from=dt.date(2025, 7, 1))
    on = dt.date(2025, 7, 1)


class CommuneFactory(Factory):
    class Meta:
        model = Commune

    territory = factory.SubFactory(TerritoryFactory)
    code = factory.Sequence(lambda n: f"{n:05}")
    name = factory.Sequence(lambda n: f"Tân Cương {n}")
    kind = "commune"


class OrganisationFactory(Factory):
    class Meta:
        model = Organisation

    name = factory.Sequence(lambda n: f"Sở Công Thương số {n}")
    kind = OrganisationKind.DEPARTMENT
    territory = factory.SubFactory(TerritoryFactory)


class UserFactory(Factory):
    class Meta:
        model = User

    username = factory.Sequence(lambda n: f"nguoi{n}")
    full_name = factory.Sequence(lambda n: f"Cán bộ số {n}")
    email = factory.LazyAttribute(lambda o: f"{o.username}@example.vn")

    @factory.post_generation
    def password(obj: User, create: bool, extracted: Any, **kwargs: Any) -> None:
        obj.set_password(extracted or PASSWORD)
        obj.save(update_fields=["password"])


class GrantFactory(Factory):
    class Meta:
        model = Grant

    user = factory.SubFactory(UserFactory)
    role = Role.OFFICER
    territory = factory.SubFactory(TerritoryFactory)
    valid_from = dt.date(2020, 1, 1)


def staff(role: str, territory: Territory | None = None, **grant: Any) -> User:
    """A person holding one role."""
    user = UserFactory(full_name=str(Role(role).label))
    if role in {Role.AGENCY_NATIONAL, Role.ADMINISTRATOR}:
        territory = None
    GrantFactory(user=user, role=role, territory=territory, **grant)
    return user


class FacilityFactory(Factory):
    class Meta:
        model = Facility

    name = factory.Sequence(lambda n: f"Hợp tác xã mẫu {n}")
    slug = factory.LazyAttribute(lambda o: slugify(o.name))
    kind = FacilityKind.COOPERATIVE
    territory = factory.SubFactory(TerritoryFactory)


class ContactFactory(Factory):
    class Meta:
        model = Contact

    facility = factory.SubFactory(FacilityFactory)
    kind = "email"
    value = factory.Sequence(lambda n: f"coso{n}@example.vn")
    may_notify = True
    consent_on = dt.date(2024, 1, 1)


class RepresentativeFactory(Factory):
    """A producer whose account the province has approved."""

    class Meta:
        model = Representative

    user = factory.SubFactory(UserFactory)
    facility = factory.SubFactory(FacilityFactory)
    territory = factory.LazyAttribute(lambda o: o.facility.territory)
    claimed_name = factory.LazyAttribute(lambda o: o.facility.name)
    claimed_kind = factory.LazyAttribute(lambda o: o.facility.kind)
    state = RepresentativeState.APPROVED
    applied_at = factory.LazyFunction(timezone.now)
    decided_at = factory.LazyFunction(timezone.now)


class ProductFactory(Factory):
    class Meta:
        model = Product

    name = factory.Sequence(lambda n: f"Chè mẫu {n}")
    slug = factory.LazyAttribute(lambda o: slugify(o.name))
    group = ProductGroup.PROCESSING
    facility = factory.SubFactory(FacilityFactory)
    territory = factory.LazyAttribute(lambda o: o.facility.territory if o.facility else TerritoryFactory())


class SetMemberFactory(Factory):
    class Meta:
        model = SetMember

    product_set = factory.SubFactory(ProductFactory, is_set=True)
    name = factory.Sequence(lambda n: f"Thành phần {n}")


class DecisionFactory(Factory):
    class Meta:
        model = Decision

    number = factory.Sequence(lambda n: str(100 + n))
    symbol = "QĐ-UBND"
    year = 2024
    signed_on = dt.date(2024, 11, 20)
    issuer = "Ủy ban nhân dân tỉnh"


class RecognitionFactory(Factory):
    """Published, valid to 31/12/2027 unless told otherwise."""

    class Meta:
        model = Recognition

    product = factory.SubFactory(ProductFactory)
    level = Level.PROVINCE
    year = 2024
    territory = factory.LazyAttribute(lambda o: o.product.territory)
    issued_on = dt.date(2024, 11, 20)
    expires_on = dt.date(2027, 12, 31)
    published_at = factory.LazyFunction(timezone.now)


class CertificateFactory(Factory):
    class Meta:
        model = Certificate

    recognition = factory.SubFactory(RecognitionFactory)
    code = factory.Sequence(lambda n: f"T{n:09}")


class CriteriaSetFactory(Factory):
    """A full set: four fixed heads of 40, 40, 10 and 10 points with nine inputs below. Approved unless told else.

    Rows of an approved set never change, so the set comes into its round once they are there.
    """

    class Meta:
        model = CriteriaSet

    name = "Bộ tiêu chí mẫu"

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> CriteriaSet:
        place = {name: kwargs.pop(name) for name in ("round", "frozen_at") if name in kwargs}
        made = super()._create(model_class, *args, **kwargs)
        made._place = place
        return made

    @factory.post_generation
    def rows(obj: CriteriaSet, create: bool, extracted: Any, **kwargs: Any) -> None:
        heads = {
            code: Criterion.objects.create(
                criteria_set=obj, code=code, name=f"Tiêu chí {code}", max_points=points, position=index * 10
            )
            for index, (code, points) in enumerate(HEADS)
        }
        for index, (code, points) in enumerate(LEAVES):
            Criterion.objects.create(
                criteria_set=obj,
                parent=heads[code[0]],
                code=code,
                name=f"Tiêu chí {code}",
                max_points=Decimal(points),
                position=int(code[0]) * 10 + index,
            )
        for name, value in obj._place.items():  # type: ignore[attr-defined]
            setattr(obj, name, value)
        obj.save()


class RoundFactory(Factory):
    class Meta:
        model = Round

    level = Level.PROVINCE
    territory = factory.SubFactory(TerritoryFactory)
    year = factory.Sequence(lambda n: 2020 + n % 60)
    slug = factory.Sequence(lambda n: f"ky-{n}")
    state = RoundState.DRAFT


class SeatFactory(Factory):
    class Meta:
        model = Seat

    round = factory.SubFactory(RoundFactory)
    user = factory.SubFactory(UserFactory)
    body = Body.JURY
    role = SeatRole.JUDGE
    since = dt.date(2024, 1, 1)

    @factory.post_generation
    def declared(obj: Seat, create: bool, extracted: bool | None, **kwargs: Any) -> None:
        """Judges have signed their declaration, unless `declared=False`."""
        signs = obj.body == Body.JURY if extracted is None else extracted
        if signs and not Declaration.objects.filter(round=obj.round, user=obj.user, replaced_at=None).exists():
            DeclarationFactory(round=obj.round, user=obj.user)


class DeclarationFactory(Factory):
    class Meta:
        model = Declaration

    round = factory.SubFactory(RoundFactory)
    user = factory.SubFactory(UserFactory)
    statement = "Tôi cam kết chấm độc lập, không có quan hệ lợi ích với cơ sở nào ngoài những gì đã khai."
    signed_name = factory.LazyAttribute(lambda o: o.user.full_name)
    signed_at = factory.LazyFunction(timezone.now)


class DossierFactory(Factory):
    class Meta:
        model = Dossier

    round = factory.SubFactory(RoundFactory)
    product = factory.SubFactory(
        ProductFactory,
        facility=factory.SubFactory(FacilityFactory, territory=factory.SelfAttribute("...round.territory")),
    )
    state = DossierState.ELIGIBLE
    entry_code = factory.Sequence(lambda n: f"{n:04}")
    submitted_at = factory.LazyFunction(timezone.now)


class ConflictFactory(Factory):
    class Meta:
        model = Conflict

    dossier = factory.SubFactory(DossierFactory)
    user = factory.SubFactory(UserFactory)
    reason = "Từng làm việc tại cơ sở."
    declared_at = factory.LazyFunction(timezone.now)


class ScoreSheetFactory(Factory):
    class Meta:
        model = ScoreSheet

    dossier = factory.SubFactory(DossierFactory)
    judge = factory.SubFactory(UserFactory)


class ScoreFactory(Factory):
    class Meta:
        model = Score

    sheet = factory.SubFactory(ScoreSheetFactory)
    points = Decimal(4)
    saved_at = factory.LazyFunction(timezone.now)


class ProgrammeFactory(Factory):
    class Meta:
        model = Programme

    name = factory.Sequence(lambda n: f"Chương trình khuyến công {n}")
    territory = factory.SubFactory(TerritoryFactory)
    year_from = 2021
    year_to = 2025


class ProjectFactory(Factory):
    class Meta:
        model = Project

    name = factory.Sequence(lambda n: f"Hỗ trợ máy sấy chè số {n}")
    slug = factory.LazyAttribute(lambda o: slugify(o.name))
    funding = Funding.LOCAL
    head = ActivityHead.TECHNOLOGY
    year = 2025
    territory = factory.SubFactory(TerritoryFactory)
    extension_funds = 200_000_000
    counterpart_funds = 300_000_000
    state = ProjectState.APPROVED
    is_public = True


class BeneficiaryFactory(Factory):
    class Meta:
        model = Beneficiary

    project = factory.SubFactory(ProjectFactory)
    facility = factory.SubFactory(FacilityFactory)


class FairFactory(Factory):
    class Meta:
        model = Fair

    name = factory.Sequence(lambda n: f"Hội chợ hàng công nghiệp nông thôn {n}")
    slug = factory.LazyAttribute(lambda o: slugify(o.name))
    territory = factory.SubFactory(TerritoryFactory)
    place = "Nhà thi đấu tỉnh"
    starts_on = dt.date(2026, 5, 6)
    ends_on = dt.date(2026, 5, 10)
    is_public = True


class ParticipationFactory(Factory):
    class Meta:
        model = Participation

    fair = factory.SubFactory(FairFactory)
    facility = factory.SubFactory(FacilityFactory, territory=factory.SelfAttribute("..fair.territory"))


class OutletFactory(Factory):
    class Meta:
        model = Outlet

    kind = OutletKind.SUPERMARKET
    name = factory.Sequence(lambda n: f"Siêu thị số {n}")
    territory = factory.SubFactory(TerritoryFactory)
    is_public = True
