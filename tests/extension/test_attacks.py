"""Ways around that were tried: each is refused in words, with the right status and nothing half done."""

import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from extension.enums import AdjustmentKind, PaymentKind, ProjectState
from extension.models import Estimate, Payment
from extension.services import adjusting, estimates, projects
from extension.watch.checklist_input import spot_of, taken_from
from facilities.enums import FacilityKind
from portal.accounts.enums import Role
from portal.pages.figures import compared
from portal.text.errors import Refusal
from portal.text.formats import UNBROKEN
from products.models import PublishedFigure
from tests import factories as make
from tests.extension import estimate_world, file_world
from tests.extension.money_world import NOW, World, world

pytestmark = pytest.mark.django_db
NASTY = '<script>alert(1)</script> =HYPERLINK("http://a")'


@pytest.fixture
def made(province: Any) -> World:
    return world(province, 1_000_000, percent=100)


def address(made: World, page: str) -> str:
    return f"/quan-tri/de-an/{made.project.uuid}/{page}/"


def asked(made: World, amount: str, **more: str) -> dict[str, str]:
    facts = {"act": "propose", "kind": PaymentKind.DISBURSEMENT.value, "reason": "Đợt chi 1"}
    return facts | {"request_key": str(uuid4()), f"line_{made.lines[0].pk}": amount} | more


# --- money, through the page ------------------------------------------------------------------------------


def test_one_dong_over_is_said_on_the_page_and_what_was_typed_stays(made: World, client: Any) -> None:
    client.force_login(made.asks)
    answer = client.post(address(made, "tien"), asked(made, "1.000.001"))
    text = answer.content.decode()
    assert answer.status_code == 409
    assert f"vượt 1{UNBROKEN}đồng" in text
    assert "Đợt chi 1" in text
    assert "1.000.001" in text
    assert not Payment.objects.exists()


def test_a_double_click_asks_once_and_pays_once(made: World, client: Any) -> None:
    client.force_login(made.asks)
    form = asked(made, "1.000.000")
    assert [client.post(address(made, "tien"), form).status_code for _click in range(2)] == [302, 302]
    payment = Payment.objects.get()
    client.force_login(made.leads)
    approve = {"act": "approve", "payment": str(payment.uuid)}
    assert [client.post(address(made, "tien"), approve).status_code for _click in range(2)] == [302, 409]
    client.force_login(made.pays)
    paid = {f"p{payment.pk}-paid_on": "2025-06-02", f"p{payment.pk}-document": "PC-1"}
    pay = {"act": "pay", "payment": str(payment.uuid)} | paid
    assert [client.post(address(made, "tien"), pay).status_code for _click in range(2)] == [302, 409]
    assert made.disbursed() == 1_000_000


def test_a_refund_larger_than_paid_is_said_on_the_page(made: World, client: Any) -> None:
    made.paid(500_000)
    client.force_login(made.asks)
    answer = client.post(address(made, "tien"), asked(made, "500.001", kind=PaymentKind.RECOVERY.value))
    assert (answer.status_code, Payment.objects.count()) == (409, 1)
    assert f"lớn hơn 500.000{UNBROKEN}đồng đã chi còn lại" in answer.content.decode()


def test_nobody_from_elsewhere_reaches_the_money_of_a_project(made: World, client: Any, other_province: Any) -> None:
    beneficiary = make.BeneficiaryFactory(project=made.project)
    made.project.implementing_unit = make.OrganisationFactory(territory=made.province)
    made.project.save()
    people = {
        make.staff(Role.EXTENSION_OFFICER, other_province): 404,
        make.staff(Role.LEADER, other_province): 404,
        make.staff(Role.OFFICER, made.province): 403,
        make.RepresentativeFactory(facility=beneficiary.facility).user: 403,
        make.UserFactory(organisation=made.project.implementing_unit): 403,
    }
    for person, status in people.items():
        client.force_login(person)
        for page, form in (("tien", asked(made, "1")), ("du-toan", {"act": "begin", "on": "2025-06-02"})):
            assert client.post(address(made, page), form).status_code == status, (person, page)
    assert (Payment.objects.count(), Estimate.objects.count()) == (0, 1)


def test_names_with_markup_are_text_on_the_pages_and_in_the_workbook(made: World, client: Any) -> None:
    made.project.name = NASTY
    made.project.save()
    made.propose(1, reason=NASTY)
    client.force_login(made.asks)
    pages = [address(made, page) for page in ("tien", "du-toan", "tien-trinh", "kiem-tra", "ho-so", "ket-qua")]
    found = [client.get(page) for page in [*pages, "/quan-tri/khuyen-cong/so-kinh-phi/", "/khuyen-cong/"]]
    assert all(answer.status_code in {200, 404} for answer in found)
    assert sum(answer.status_code == 200 for answer in found) >= 4
    assert not any("<script>alert(1)" in answer.content.decode() for answer in found)


# --- decisions over what was not read -----------------------------------------------------------------------


def test_an_adjustment_that_took_anothers_place_is_not_agreed_to_unread(province: Any, client: Any) -> None:
    scene = file_world.world(province)
    file_world.rule(AdjustmentKind.TIME)
    ask: dict[str, Any] = {"project": scene.project, "kind": "time", "reason": "Chậm.", "actor": scene.officer}
    first = adjusting.propose(**ask, now=file_world.NOW, after={"ends_on": "2026-12-31"})
    adjusting.refuse(adjustment=first, actor=scene.leader, now=file_world.NOW, answer="Quá dài.")
    adjusting.propose(**ask, now=file_world.NOW, after={"ends_on": "2030-12-31"})
    client.force_login(scene.leader)
    form = {"act": "agree", "adjustment": str(first.uuid), "number": "1/QĐ", "signed_on": "2026-06-10"}
    answer = client.post(f"/quan-tri/de-an/{scene.project.uuid}/dieu-chinh/", form)
    assert answer.status_code == 409
    assert "nay có đề nghị khác" in answer.content.decode()
    scene.project.refresh_from_db()
    assert scene.project.ends_on is None


def test_an_estimate_proposed_again_is_not_approved_as_it_was_read(province: Any, client: Any) -> None:
    made = estimate_world.World(province)
    estimate = made.proposed(made.line())
    client.force_login(made.leader)
    page = f"/quan-tri/de-an/{made.project.uuid}/du-toan/"
    read = client.get(page).context["read"]
    now = estimate_world.NOW
    estimates.send_back(estimate=estimate, actor=made.leader, answer="Sửa giá.", now=now)
    estimates.propose(estimate=estimate, actor=made.clerk, now=now + dt.timedelta(hours=1))
    form = {"act": "approve", "read": read, "number": "9/QĐ", "signed_on": "2026-03-02"}
    form[f"sum-{estimate.lines.get().uuid}"] = "100.000.000"
    answer = client.post(page, form)
    assert answer.status_code == 409
    assert "Hãy đọc lại rồi quyết định." in answer.content.decode()
    estimate.refresh_from_db()
    assert estimate.state == "proposed"


def test_a_year_without_a_norm_is_said_on_the_page(province: Any, client: Any) -> None:
    made = estimate_world.World(province)
    project = made.another(year=2015)
    client.force_login(made.clerk)
    page = f"/quan-tri/de-an/{project.uuid}/du-toan/"
    assert client.post(page, {"act": "begin", "on": "2015-03-02"}).status_code == 302
    estimate = Estimate.objects.get(project=project)
    estimates.save_lines(estimate=estimate, lines=[made.line()], actor=made.clerk)
    answer = client.post(page, {"act": "propose"})
    assert answer.status_code == 409
    assert "Ngày 02/03/2015 chưa có mức chi nào" in answer.content.decode()


@pytest.mark.parametrize("query", ["ban=" + "9" * 5000, "them=" + "9" * 5000])
def test_numbers_beyond_measure_are_no_fault_of_the_server(province: Any, client: Any, query: str) -> None:
    made = estimate_world.World(province)
    made.proposed(made.line())
    client.force_login(made.leader)
    answer = client.get(f"/quan-tri/de-an/{made.project.uuid}/du-toan/?{query}")
    assert answer.status_code in {200, 404}
    form = {"act": "propose", "viec": "beneficiary", "joins": "²", "reason": "x"}
    client.force_login(made.clerk)
    assert client.post(f"/quan-tri/de-an/{made.project.uuid}/dieu-chinh/", form).status_code in {400, 409}


# --- what a device sends ------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["NaN,105,1", "21,sNaN,1", "Infinity,1,1", "21,105,NaN", "91,1,1", "1,181,1", "1,1"])
def test_a_place_that_is_none_on_earth_is_no_place(text: str) -> None:
    assert spot_of(text) is None


def test_a_device_whose_clock_stopped_says_no_time() -> None:
    photo = SimpleUploadedFile("a.jpg", b"x")
    for said in ("0001-01-01T00:00:00+14:00", "1970-01-01T00:00:00Z", "2026-01-01T00:00:00"):
        assert taken_from({"key": str(uuid4()), "taken_at": said}, photo, now=NOW).taken_at == NOW


# --- figures of single facilities -----------------------------------------------------------------------------


def test_a_published_total_is_not_held_against_what_a_facility_told_without_opening_it(province: Any) -> None:
    maker = make.FacilityFactory(territory=province, name="Hợp tác xã Tâm Hòa")
    fair = make.FairFactory(territory=province, is_public=True, starts_on=dt.date(2023, 5, 1))
    row = make.ParticipationFactory(fair=fair, facility=maker, revenue=20_000_000)
    facts = {"what": "doanh thu tại hội chợ", "measure": "fair_sales", "unit": "triệu đồng", "value": Decimal(308)}
    figure = PublishedFigure(
        place="HTX Tâm Hòa", territory=province, period="2022-2025", year_from=2022, year_to=2025, precision="exact",
        source="x", **facts,
    )  # fmt: skip
    assert [line.at_the_time.value for line in compared([figure]) if line.at_the_time] == [0]
    row.consented_at, row.consented_by = NOW, make.UserFactory()
    row.save()
    assert [line.at_the_time.value for line in compared([figure]) if line.at_the_time] == [20]


def test_sales_of_a_fair_are_typed_into_a_project_only_from_a_source(made: World) -> None:
    project = make.ProjectFactory(territory=made.province, state=ProjectState.REGISTERED, source="")
    facts: dict[str, Any] = {"project": project, "actor": made.asks, "facility": make.FacilityFactory()}
    with pytest.raises(Refusal) as refused:
        projects.add_beneficiary(**facts, fair_revenue=5)
    assert (refused.value.code, refused.value.field) == ("source_missing", "fair_revenue")


@pytest.mark.parametrize("facts", [{"kind": FacilityKind.HOUSEHOLD}, {"kind": FacilityKind.UNKNOWN}])
def test_sales_of_what_may_be_a_person_are_never_shown(facts: dict[str, Any], client: Any) -> None:
    row = make.BeneficiaryFactory(facility=make.FacilityFactory(**facts), fair_revenue=308_000_000)
    assert "308 triệu" not in client.get(f"/khuyen-cong/{row.project.slug}/").content.decode().replace("\xa0", " ")
