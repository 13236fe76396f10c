"""Public pages are kept for visitors, and a kept page is right the moment anything it shows has changed."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.test import Client

from facilities.enums import FacilityKind
from facilities.models import Contact
from portal.files.models import StoredFile
from products import register
from products.models import (
    DistributionChannel,
    IntellectualProperty,
    Product,
    ProductPhoto,
    ProductStandard,
    PublishedFigure,
    Recognition,
    SalesLink,
    ValidityRule,
)
from rounds.enums import RoundState
from tests.factories import (
    BeneficiaryFactory,
    CertificateFactory,
    CommuneFactory,
    ContactFactory,
    DecisionFactory,
    FacilityFactory,
    OrganisationFactory,
    ProductFactory,
    ProgrammeFactory,
    ProjectFactory,
    RecognitionFactory,
    RoundFactory,
    SetMemberFactory,
    TerritoryFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class World:
    """One product with everything its pages show, held as rows that can be changed."""

    product: Product
    recognition: Recognition
    rows: dict[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.rows[name]


@pytest.fixture
def world(settings, tmp_path) -> World:
    settings.MEDIA_ROOT = tmp_path
    province = TerritoryFactory(name="Thái Nguyên", slug="thai-nguyen")
    commune = CommuneFactory(name="Tân Cương", territory=province)
    household = FacilityFactory(
        name="Hộ mẫu", slug="ho-mau", kind=FacilityKind.HOUSEHOLD, territory=province, commune=commune,
        address_today="Số 1", address_recognised="Số 1",
    )  # fmt: skip
    product = ProductFactory(name="Chè mẫu", slug="che-mau", facility=household, is_set=True)
    decision = DecisionFactory(number="99")
    recognition = RecognitionFactory(product=product, decision=decision, territory=province)
    file = StoredFile(sha256="a" * 64, content_type="image/png", size=4)
    file.content.save("anh.png", ContentFile(b"\x89PNG"), save=True)
    unit = OrganisationFactory(name="Trung tâm mẫu")
    programme = ProgrammeFactory(name="Chương trình mẫu", territory=province)
    project = ProjectFactory(
        name="Máy sấy mẫu", slug="may-say", territory=province, programme=programme, implementing_unit=unit
    )
    rows = {
        "province": province,
        "name of the province": province.names.first(),
        "commune": commune,
        "facility": household,
        "contact": ContactFactory(facility=household, value="mau@example.vn", may_publish=False),
        "decision": decision,
        "certificate": CertificateFactory(recognition=recognition, code="T000000000"),
        "member": SetMemberFactory(product_set=product, name="Trà mẫu"),
        "photo": ProductPhoto.objects.create(product=product, file=file, angle="front", is_public=False),
        "programme": programme,
        "project": project,
        "support": BeneficiaryFactory(project=project, facility=household, turns=2),
        "unit": unit,
    }
    return World(product, recognition, rows)


def changed(row: Any, **values: Any) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.save()


def with_rule(world: World) -> None:
    rule = ValidityRule.objects.create(
        code="mau", legal_basis="Mẫu", years=3, to_end_of_year=False, valid_from=dt.date(2020, 1, 1), is_certain=True
    )
    changed(world.recognition, validity_rule=rule)
    Client().get("/san-pham/che-mau/")
    changed(rule, is_certain=False)


def published(_world: World, value: int) -> PublishedFigure:
    return PublishedFigure.objects.create(
        place="Cả nước", period="2025", year_from=2025, year_to=2025, what="Công nhận", measure="recognised",
        level="national", value=value, value_text=str(value), source="Nguồn mẫu",
    )  # fmt: skip


def neighbour(world: World, name: str) -> Recognition:
    return RecognitionFactory(product=ProductFactory(name=name, facility=world["facility"]))


PRODUCT, FACILITY, HOME, STATISTICS = "/san-pham/che-mau/", "/co-so/ho-mau/", "/", "/thong-ke/"
LIST, PROJECT = "/khuyen-cong/", "/khuyen-cong/may-say/"
CHANGES: list[tuple[str, Callable[[World], Any], str]] = [
    (PRODUCT, lambda w: changed(w.product, name="Trà xanh"), "Trà xanh"),
    (PRODUCT, lambda w: changed(w.product, summary="Hái một tôm"), "Hái một tôm"),
    (PRODUCT, lambda w: changed(w.recognition, revoked_on=dt.date(2025, 1, 2), status_reason="Vi phạm"), "02/01/2025"),
    (PRODUCT, lambda w: changed(w["decision"], number="4567"), "4567/QĐ-UBND"),
    (PRODUCT, lambda w: changed(w["certificate"], code="T111111111"), "T-1111-1111-1"),
    (PRODUCT, lambda w: changed(w["facility"], name="Hộ mới"), "Hộ mới"),
    (PRODUCT, lambda w: changed(w["commune"], name="Phúc Xuân"), "Phúc Xuân"),
    (PRODUCT, lambda w: changed(w["member"], name="Trà hoa"), "Trà hoa"),
    (PRODUCT, lambda w: SetMemberFactory(product_set=w.product, name="Trà sen"), "Trà sen"),
    (PRODUCT, lambda w: changed(w["photo"], is_public=True), "data-gallery"),
    (PRODUCT, lambda w: ProductStandard.objects.create(product=w.product, kind="ocop", stars=4), "OCOP 4 sao"),
    (PRODUCT, lambda w: SalesLink.objects.create(product=w.product, channel="website", url="https://ban.vn"), "ban.vn"),
    (PRODUCT, lambda w: DistributionChannel.objects.create(product=w.product, kind="shop", name="Quầy 7"), "Quầy 7"),
    (PRODUCT, lambda w: IntellectualProperty.objects.create(product=w.product, kind="mark", name="Nhãn 9"), "Nhãn 9"),
    (PRODUCT, with_rule, "tạm tính"),
    (PRODUCT, lambda w: changed(w["project"], name="Máy vò mẫu"), "Máy vò mẫu"),
    (PRODUCT, lambda w: changed(w["support"], turns=7), "7 lượt"),
    (PRODUCT, lambda w: neighbour(w, "Gốm bên"), "Gốm bên"),
    (FACILITY, lambda w: changed(w["contact"], may_publish=True), "mau@example.vn"),
    (FACILITY, lambda w: changed(w["facility"], introduction="Nghề cũ"), "Nghề cũ"),
    (FACILITY, lambda w: changed(w["project"], name="Máy vò mẫu"), "Máy vò mẫu"),
    (FACILITY, lambda w: changed(w["province"], name="Tỉnh mới"), "Tỉnh mới"),
    (HOME, lambda w: RoundFactory(territory=w["province"], year=2031, slug="k", state=RoundState.RECEIVING), "2031"),
    (STATISTICS, lambda w: published(w, 246), "246"),
    (
        STATISTICS,
        lambda w: RecognitionFactory(product=w.product, level="national", year=2026, issued_on=None),
        "2026</th>",
    ),
    (LIST, lambda w: changed(w["project"], name="Máy vò mẫu"), "Máy vò mẫu"),
    (LIST, lambda w: ProjectFactory(name="Đề án mới", territory=w["province"]), "Đề án mới"),
    (PROJECT, lambda w: changed(w["programme"], name="Chương trình mới"), "Chương trình mới"),
    (PROJECT, lambda w: changed(w["unit"], name="Trung tâm mới"), "Trung tâm mới"),
    (PROJECT, lambda w: changed(w["facility"], name="Hộ mới"), "Hộ mới"),
]


@pytest.mark.parametrize("case", CHANGES, ids=[f"{c[0]} {c[2]}" for c in CHANGES])
def test_a_kept_page_is_right_the_moment_something_it_shows_has_changed(client, world, django_assert_num_queries, case):
    address, change, said = case
    before = client.get(address).content.decode()
    with django_assert_num_queries(1):
        assert client.get(address).content.decode() == before
    assert said not in before
    change(world)
    assert said in client.get(address).content.decode()


def test_what_is_taken_out_of_the_register_leaves_its_page_at_once(client, world):
    assert client.get(PRODUCT).status_code == 200
    changed(world.recognition, published_at=None)
    assert client.get(PRODUCT).status_code == 404
    assert client.get(FACILITY).status_code == 404


def test_a_consent_that_is_taken_back_is_heeded_at_once(client, world):
    changed(world["contact"], may_publish=True)
    assert "mau@example.vn" in client.get(FACILITY).content.decode()
    Contact.objects.get().delete()
    assert "mau@example.vn" not in client.get(FACILITY).content.decode()


@pytest.mark.parametrize("address", [PRODUCT, FACILITY, HOME, STATISTICS, LIST, PROJECT])
def test_whoever_is_logged_in_gets_a_page_of_their_own(client, world, address):
    client.get(address)
    client.force_login(UserFactory(full_name="Cán bộ thử"))
    assert "Cán bộ thử" in client.get(address).content.decode()
    client.logout()
    assert "Cán bộ thử" not in client.get(address).content.decode()


def test_languages_are_kept_apart(client, world):
    assert 'lang="vi"' in client.get(PRODUCT).content.decode()
    assert 'lang="en"' in client.get(PRODUCT, headers={"accept-language": "en"}).content.decode()


def test_every_model_of_the_public_rooms_is_watched_or_said_to_be_out_of_sight():
    out_of_sight = {
        "extension.Acceptance",
        "extension.AcceptanceMember",
        "extension.Adjustment",
        "extension.AdvanceRule",
        "extension.AuthorityRule",
        "extension.ChecklistItem",
        "extension.DueRule",
        "extension.DuplicateAlarm",
        "extension.Estimate",
        "extension.EstimateLine",
        "extension.EvidenceRule",
        "extension.Finding",
        "extension.Inspection",
        "extension.InspectionAnswer",
        "extension.InspectionPhoto",
        "extension.Liquidation",
        "extension.Need",
        "extension.Payment",
        "extension.PaymentLine",
        "extension.Plan",
        "extension.PlanLine",
        "extension.PriorityRule",
        "extension.ProgressReport",
        "extension.ProjectPaper",
        "extension.ReportPeriod",
        "extension.ResultIndicator",
        "extension.ResultLine",
        "extension.Settlement",
        "facilities.FacilityYear",
        "facilities.Merging",
        "facilities.NotTwins",
        "facilities.ReportingRule",
        "facilities.Representative",
        "facilities.YearlyReport",
        "products.CertificateBook",
        "products.CheckCount",
        "products.DepartmentReport",
        "products.Inquiry",
        "products.PageRating",
        "products.ProductYear",
        "products.RegisterChange",
        "products.RegisterMark",
        "products.RenewalAnswer",
        "products.TrustRoot",
        "products.WithdrawalRequest",
    }
    rooms = [
        model for room in ("facilities", "products", "extension") for model in apps.get_app_config(room).get_models()
    ]
    unwatched = {m._meta.label for m in rooms if not m.__name__.startswith("Historical") and not register.is_watched(m)}
    assert unwatched == out_of_sight
