"""Who answers today for a certificate whose authority is gone."""

import datetime as dt

import pytest
from django.core.management import call_command

from portal.accounts.enums import Role
from portal.territory.models import Territory
from portal.territory.queries import forget_register
from products import codes, reference_data
from products.models import Recognition, SuccessorAuthority
from products.successors import Successor, successor_of, what_is_gone
from tests.factories import CertificateFactory, RecognitionFactory, staff

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 21)


@pytest.fixture(autouse=True)
def reference() -> None:
    call_command("load_reference", "--apply", verbosity=0)
    forget_register()


def recognised(level: str, slug: str, year: int = 2024, **more: object) -> Recognition:
    return RecognitionFactory(
        level=level, year=year, territory=Territory.objects.get(slug=slug), issued_on=dt.date(year, 3, 1), **more
    )


def test_a_district_is_answered_for_by_the_department_of_the_province_of_today() -> None:
    row = recognised("district", "lam-dong-2025", locality="TP Bảo Lộc")
    found = successor_of(row, TODAY)
    assert found is not None
    assert (found.authority, found.is_certain) == ("Sở Công Thương tỉnh Lâm Đồng", False)
    assert what_is_gone(row) == ("Cơ quan cấp giấy này của TP Bảo Lộc không còn, vì từ 01/07/2025 không còn cấp huyện.")


def test_a_merged_province_is_answered_for_by_the_one_it_went_into() -> None:
    row = recognised("province", "binh-dinh-2025")
    found = successor_of(row, TODAY)
    assert found is not None
    assert found.authority == "Sở Công Thương tỉnh Gia Lai"
    assert "từ 01/07/2025 Bình Định đã thuộc Gia Lai" in what_is_gone(row)


@pytest.mark.parametrize(
    ("level", "slug"),
    [("province", "cao-bang"), ("province", "gia-lai-2025"), ("commune", "gia-lai"), ("national", "cao-bang")],
)
def test_an_authority_that_stands_or_kept_its_name_answers_itself(level: str, slug: str) -> None:
    assert successor_of(recognised(level, slug), TODAY) is None


def test_what_was_issued_after_the_change_has_its_own_issuer() -> None:
    assert successor_of(recognised("region", "gia-lai", year=2026), TODAY) is None
    assert successor_of(recognised("region", "gia-lai-2025", year=2024), TODAY) is not None


def test_before_its_day_a_row_says_nothing() -> None:
    assert successor_of(recognised("district", "lam-dong-2025"), dt.date(2025, 6, 30)) is None


def test_the_row_that_names_the_place_most_closely_is_taken() -> None:
    row = recognised("district", "lam-dong-2025", locality="TP  bảo lộc")
    unit = row.territory
    common = {"level": "district", "territory": unit, "legal_basis": "Văn bản mẫu", "valid_from": dt.date(2025, 7, 1)}
    SuccessorAuthority.objects.create(authority="Sở của tỉnh", **common)
    assert _authority(row) == "Sở của tỉnh"
    SuccessorAuthority.objects.create(authority="Phường 1 Bảo Lộc", locality="TP Bảo Lộc", **common)
    assert _authority(row) == "Phường 1 Bảo Lộc"
    SuccessorAuthority.objects.create(authority="Nơi khác", locality="Huyện Di Linh", **common)
    assert _authority(row) == "Phường 1 Bảo Lộc"


def _authority(row: Recognition) -> str:
    found = successor_of(row, TODAY)
    assert isinstance(found, Successor)
    return found.authority


def test_the_page_names_whom_to_ask(client) -> None:
    paper = CertificateFactory(recognition=recognised("district", "lam-dong-2025"), code=codes.generate("district"))
    text = client.get(f"/tra-cuu/{paper.code}/").content.decode()
    assert "Nay hỏi Sở Công Thương tỉnh Lâm Đồng." in text
    assert "Chưa tìm thấy văn bản nêu rõ nơi tiếp nhận" in text


def test_loading_again_keeps_what_staff_changed() -> None:
    SuccessorAuthority.objects.filter(level="district").update(authority="Sở khác")
    assert reference_data.load()["successors_created"] == 0
    assert SuccessorAuthority.objects.get(level="district").authority == "Sở khác"


# --- the desk ---------------------------------------------------------------------------------------------

ADD = "/quan-tri/products/successorauthority/add/"


def posted(**facts: str) -> dict[str, str]:
    return {
        "level": "district", "territory": "", "locality": "", "authority": "Sở {province}", "contact": "",
        "legal_basis": "Văn bản mẫu", "is_certain": "on", "valid_from": "01/01/2027", "valid_to": "", **facts,
    }  # fmt: skip


@pytest.fixture
def keeper(client):
    client.force_login(staff(Role.AGENCY_NATIONAL))
    return client


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"authority": "Sở {tỉnh}"}, "Chỉ dùng được {province}."),
        ({"locality": "Huyện Mẫu"}, "Có huyện, xã thì phải chọn tỉnh khi công nhận."),
        ({}, "Nơi này đã có cơ quan tiếp nhận trong thời gian đó."),
    ],
)
def test_a_row_that_cannot_be_is_refused_at_its_field(keeper, facts: dict[str, str], sentence: str) -> None:
    assert sentence in keeper.post(ADD, posted(**facts)).content.decode()


def test_a_row_is_added_with_its_trace(keeper) -> None:
    SuccessorAuthority.objects.filter(level="district").update(valid_to=dt.date(2026, 12, 31))
    assert keeper.post(ADD, posted()).status_code == 302
    assert SuccessorAuthority.objects.filter(level="district").count() == 2
