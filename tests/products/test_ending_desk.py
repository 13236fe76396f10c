"""The desk's pages that pause and end a recognition: who may, what each asks for, what it says beforehand."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from portal.accounts.enums import Role
from portal.accounts.models import User
from portal.territory.models import Territory
from products import services
from products.enums import Level
from products.models import Decision, Recognition
from tests import factories

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 6, 20, 3, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def today() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def row(province: Territory) -> Recognition:
    return factories.RecognitionFactory(
        product__territory=province,
        product__facility__territory=province,
        product__facility__name="Hợp tác xã Tân Cương",
        product__facility__kind="cooperative",
    )


@pytest.fixture
def desk(client: Client, officer: User) -> Client:
    client.force_login(officer)
    return client


def page(row: Recognition, key: str) -> str:
    return reverse("admin:products_recognition_act", args=[row.pk, key])


def act(client: Client, row: Recognition, key: str, **facts: Any) -> Any:
    return client.post(page(row, key), facts)


def errors(response: Any) -> dict[str, list[str]]:
    return {name: list(found) for name, found in response.context["form"].errors.items()}


REVOKING = {"on": "2026-06-15", "reason": "Vi phạm", "proposal": "Biên bản 03/BB-HĐBC"}
NEW_DECISION = {
    "number": "77",
    "symbol": "QĐ-UBND",
    "signed_on": "2026-06-14",
    "issuer": "Ủy ban nhân dân tỉnh",
}


def test_revoking_records_the_decision_in_the_same_act(desk: Client, row: Recognition) -> None:
    response = act(desk, row, "thu-hoi", **REVOKING, **NEW_DECISION)
    assert response.status_code == 302
    row.refresh_from_db()
    decision = Decision.objects.get(number="77")
    assert (row.revoked_on, row.revocation_decision, row.revocation_proposal, row.status_reason) == (
        dt.date(2026, 6, 15), decision, "Biên bản 03/BB-HĐBC", "Vi phạm",
    )  # fmt: skip
    assert (decision.territory, decision.signed_on) == (row.territory, dt.date(2026, 6, 14))


def test_revoking_takes_a_decision_that_is_recorded(desk: Client, row: Recognition) -> None:
    decision = factories.DecisionFactory(territory=row.territory, signed_on=dt.date(2026, 6, 1), year=2026)
    assert act(desk, row, "thu-hoi", **REVOKING, decision=decision.pk).status_code == 302
    row.refresh_from_db()
    assert row.revocation_decision == decision


@pytest.mark.parametrize(
    ("facts", "field", "sentence"),
    [
        ({}, "decision", "Thu hồi cần quyết định có số. Hãy chọn quyết định đã ghi, hoặc ghi quyết định mới."),
        (
            {"number": "77"},
            "number",
            "Quyết định cần có số, ký hiệu và cơ quan ban hành. Hãy nhập đủ như trên văn bản.",
        ),
        (NEW_DECISION | {"signed_on": ""}, "signed_on", "Chưa ghi ngày ký quyết định. Hãy ghi ngày ký."),
        (
            NEW_DECISION | {"signed_on": "2026-06-16"},
            "on",
            "Quyết định ký ngày 16/06/2026. Thu hồi có hiệu lực từ hôm đó trở đi.",
        ),
        (NEW_DECISION | {"on": ""}, "on", "Chưa ghi ngày. Hãy ghi ngày việc này có hiệu lực."),
        (NEW_DECISION | {"on": "2026-02-29"}, "on", "Ngày này không có. Hãy ghi ngày, tháng, năm."),
        (
            NEW_DECISION | {"proposal": ""},
            "proposal",
            "Thu hồi theo đề nghị của hội đồng. Hãy ghi số, ngày của văn bản đề nghị.",
        ),
    ],
)
def test_what_is_missing_is_said_at_its_field_and_nothing_is_written(
    desk: Client, row: Recognition, facts: dict[str, Any], field: str, sentence: str
) -> None:
    response = act(desk, row, "thu-hoi", **REVOKING | facts)
    assert response.status_code == 400
    assert errors(response)[field] == [sentence]
    row.refresh_from_db()
    assert (row.revoked_on, Decision.objects.count()) == (None, 0)


def test_only_decisions_of_that_authority_are_offered(
    desk: Client, row: Recognition, other_province: Territory
) -> None:
    own = factories.DecisionFactory(territory=row.territory)
    factories.DecisionFactory(territory=other_province)
    factories.DecisionFactory(territory=None)
    offered = desk.get(page(row, "thu-hoi")).context["form"].fields["decision"].queryset
    assert list(offered) == [own]


def test_a_national_recognition_is_ended_by_the_agency_only(desk: Client, row: Recognition) -> None:
    Recognition.objects.update(level=Level.NATIONAL)
    refused = desk.get(page(row, "thu-hoi"))
    assert refused.status_code == 403
    assert "Công nhận cấp khu vực, quốc gia do Cục xử lý." in refused.content.decode()
    shown = desk.get(reverse("admin:products_recognition_change", args=[row.pk])).content.decode()
    assert "Công nhận cấp khu vực, quốc gia do Cục xử lý." in shown
    assert page(row, "thu-hoi") not in shown
    agency = Client()
    agency.force_login(factories.staff(Role.AGENCY_NATIONAL))
    decision = factories.DecisionFactory(territory=None, signed_on=dt.date(2026, 6, 1), year=2026)
    assert act(agency, row, "thu-hoi", **REVOKING, decision=decision.pk).status_code == 302


def test_a_suspension_is_recorded_made_longer_and_lifted(desk: Client, row: Recognition) -> None:
    missing = act(desk, row, "tam-dung", on="2026-06-18", reason="Kiểm tra")
    assert errors(missing)["basis"] == ["Chỉ tạm dừng khi có căn cứ. Hãy ghi văn bản hoặc quy định làm căn cứ."]
    done = act(desk, row, "tam-dung", on="2026-06-18", until="2026-06-30", reason="Kiểm tra", basis="CV 12/SCT")
    assert done.status_code == 302
    assert act(desk, row, "keo-dai", until="2026-07-15", reason="Chưa xong", basis="CV 15/SCT").status_code == 302
    assert act(desk, row, "khoi-phuc", on="2026-07-01", reason="Đã khắc phục").status_code == 302
    row.refresh_from_db()
    assert (row.suspended_from, row.suspended_to) == (dt.date(2026, 6, 18), dt.date(2026, 6, 30))
    shown = desk.get(reverse("admin:products_recognition_change", args=[row.pk])).content.decode()
    for words in (
        "Tạm dừng từ 18/06/2026 đến hết 30/06/2026.",
        "Kéo dài tạm dừng đến hết 15/07/2026, trước là đến hết 30/06/2026.",
        "Khôi phục từ 01/07/2026.",
        "CV 15/SCT",
    ):
        assert words in shown


def offered(client: Client, row: Recognition) -> list[str]:
    life = client.get(reverse("admin:products_recognition_change", args=[row.pk])).context["life"]
    return [found.key for found, _address in life.acts]


def test_each_state_offers_the_acts_that_make_sense(desk: Client, row: Recognition, officer: User) -> None:
    assert offered(desk, row) == ["tam-dung", "rut", "thu-hoi"]
    services.suspend(recognition=row, on=dt.date(2026, 6, 18), reason="x", basis="b", actor=officer)
    assert offered(desk, row) == ["khoi-phuc", "rut", "thu-hoi"]
    services.withdraw(recognition=row, on=dt.date(2026, 6, 19), reason="x", actor=officer)
    assert offered(desk, row) == []
    late = act(desk, row, "thu-hoi", **REVOKING, **NEW_DECISION)
    assert (late.status_code, late.url) == (302, reverse("admin:products_recognition_change", args=[row.pk]))
    assert desk.get(page(row, "khong-co")).status_code == 404


def test_the_page_says_beforehand_what_follows(desk: Client, row: Recognition) -> None:
    shown = desk.get(page(row, "thu-hoi")).content.decode()
    assert "Không khôi phục được." in shown
    assert "hộ kinh doanh" not in shown
    row.product.facility.kind = "household"
    row.product.facility.save()
    shown = desk.get(page(row, "thu-hoi")).content.decode()
    assert "Cơ sở là hộ kinh doanh: công nhận này thôi hiện công khai sau 31/12/2027, hết thời hạn ban đầu." in shown


def test_a_makers_request_is_answered(desk: Client, row: Recognition) -> None:
    asked = services.ask_withdrawal(recognition=row, reason="Ngừng sản xuất", actor=factories.UserFactory(), now=NOW)
    address = reverse("admin:products_recognition_answer", args=[row.pk, asked.uuid])
    assert address in desk.get(reverse("admin:products_recognition_change", args=[row.pk])).content.decode()
    assert "Ngừng sản xuất" in desk.get(address).content.decode()
    assert errors(desk.post(address, {"confirm": "yes"}))["on"] == ["Chưa ghi ngày. Hãy ghi ngày thôi hiệu lực."]
    assert desk.post(address, {"confirm": "yes", "on": "2026-06-20"}).status_code == 302
    row.refresh_from_db()
    assert (row.withdrawn_on, row.status_reason) == (dt.date(2026, 6, 20), "Ngừng sản xuất")
    assert desk.get(address).status_code == 302


def test_out_of_reach_it_does_not_exist(client: Client, row: Recognition, other_province: Territory) -> None:
    client.force_login(factories.staff(Role.OFFICER, other_province))
    assert client.get(page(row, "thu-hoi")).status_code == 404
    client.force_login(factories.staff(Role.LEADER, row.territory))
    assert client.get(page(row, "thu-hoi")).status_code == 403
