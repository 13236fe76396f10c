"""The certificate check: what a code says today, on the poorest phone."""

import datetime as dt
import re
from html import unescape
from typing import Any

import pytest
import time_machine
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st

from products import checking, codes
from products.enums import EventKind, Stage
from products.making_day import read_span
from products.models import Certificate, RegisterMark, Suspension
from products.services.events import note_event
from products.validity import holds_on
from tests.factories import CertificateFactory, DecisionFactory, FacilityFactory, RecognitionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_the_day")]


@pytest.fixture
def on_the_day():
    with time_machine.travel(dt.datetime(2026, 11, 21, 9, 52, tzinfo=dt.UTC), tick=False):
        yield


def certificate(**recognition: Any) -> Certificate:
    row = RecognitionFactory(**recognition)
    return CertificateFactory(recognition=row, code=codes.generate(row.level))


def checked(client: Client, code: str, status: int = 200) -> str:
    response = client.get(f"/tra-cuu/{code}/" if "?" not in code else f"/tra-cuu/{code}")
    assert response.status_code == status
    return re.sub(r"\s+", " ", unescape(response.content.decode()))


@pytest.mark.parametrize(
    ("recognition", "slab", "words"),
    [
        ({}, "valid", "đến hết ngày 31/12/2027"),
        ({"expires_on": dt.date(2026, 12, 31)}, "expiring", "còn 40 ngày, đến hết ngày 31/12/2026"),
        ({"expires_on": dt.date(2026, 11, 21)}, "expiring", "hôm nay là ngày cuối"),
        ({"expires_on": dt.date(2024, 12, 31)}, "expired", "từ ngày 01/01/2025"),
        ({"expires_on": dt.date(2027, 12, 31), "expiry_precision": "year"}, "valid", "đến năm 2027"),
        ({"expires_on": dt.date(2024, 12, 31), "expiry_precision": "year"}, "expired", "từ năm 2025"),
        (
            {"revoked_on": dt.date(2026, 6, 15), "status_reason": "Vi phạm"},
            "revoked",
            "không còn giá trị từ 15/06/2026",
        ),
        ({"withdrawn_on": dt.date(2026, 6, 15), "status_reason": "Xin rút"}, "withdrawn", "từ ngày 15/06/2026"),
        ({"suspended_from": dt.date(2026, 11, 1), "status_reason": "Chờ"}, "suspended", "từ ngày 01/11/2026"),
        (
            {"suspended_from": dt.date(2026, 11, 1), "suspended_to": dt.date(2026, 12, 1), "status_reason": "Chờ"},
            "suspended",
            "từ 01/11/2026 đến hết 01/12/2026",
        ),
    ],
)
def test_each_state_has_its_slab_and_its_date(client, recognition: dict[str, Any], slab: str, words: str):
    text = checked(client, certificate(**recognition).code)
    assert f'class="slab slab--{slab}"' in text
    assert words in text


def test_it_shows_product_maker_level_decision_and_the_time_of_the_check(client):
    found = certificate(
        level="national", year=2025, round_ordinal=6, decision=DecisionFactory(number="2568", symbol="QĐ-BCT")
    )
    text = checked(client, found.code)
    product = found.recognition.product
    for said in (
        product.name,
        product.facility.name,
        "Cấp quốc gia, lần thứ VI, năm 2025",
        "2568/QĐ-BCT",
        codes.display(found.code),
        "Tra lúc 16:52 ngày 21/11/2026, giờ Việt Nam.",
    ):
        assert said in text


@pytest.mark.parametrize("typed", [str.lower, codes.display, lambda c: c.replace("0", "O"), " ".join])
def test_a_code_is_understood_however_it_is_typed(client, typed):
    found = CertificateFactory(recognition=RecognitionFactory(), code="T00000000" + codes.check_character("T00000000"))
    assert "slab--valid" in checked(client, typed(found.code))


def test_a_reissued_paper_points_to_the_one_in_use(client):
    old = certificate()
    old.superseded_on, old.superseded_reason = dt.date(2026, 1, 5), "Mất bản gốc"
    old.save()
    new = CertificateFactory(recognition=old.recognition, code=codes.generate("province"))
    text = checked(client, old.code)
    assert "slab--superseded" in text
    assert f"/tra-cuu/{codes.display(new.code)}/" in text
    assert "slab--valid" in checked(client, new.code)


def test_a_revocation_says_more_than_a_reissue(client):
    old = certificate(revoked_on=dt.date(2026, 6, 15), status_reason="Vi phạm")
    old.superseded_on, old.superseded_reason = dt.date(2026, 1, 5), "Mất bản gốc"
    old.save()
    assert "slab--revoked" in checked(client, old.code)


@pytest.mark.parametrize("code", ["Q-0000-0000-1", "%000", "a" * 300, "\u202e0", "Q-7K2M-9XTA-3", "1234567890"])
def test_an_unknown_code_is_404_and_explains_mistyping(client, code):
    text = checked(client, code, 404)
    assert "Không có mã này" in text
    assert "Hãy xem lại các ký tự dễ lẫn." in text
    assert re.search(r"\bgiả\b", text) is None


def test_a_cut_off_code_says_how_much_is_missing_and_lists_nothing(client):
    found = certificate()
    text = checked(client, codes.display(found.code)[:9], 404)
    assert "Mã có 10 ký tự, ở đây mới có 7." in text
    assert codes.display(found.code) not in text
    assert found.recognition.product.name not in text


def test_a_mistyped_code_names_the_character_when_one_certificate_is_that_near(client):
    found = certificate()
    wrong = found.code[:4] + next(c for c in codes.ALPHABET if c != found.code[4]) + found.code[5:]
    text = checked(client, wrong, 404)
    assert f"Có thể là mã {codes.display(found.code)}." in text
    assert f"Ký tự thứ 5: bạn gõ {wrong[4]}, hãy xem trên giấy có phải {found.code[4]} không." in text
    assert found.recognition.product.name not in text


@pytest.mark.parametrize(
    "recognition", [{"published_at": None}, {"withheld_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}]
)
def test_a_mistyped_code_is_never_led_to_what_is_not_public(client, recognition: dict[str, Any]):
    found = certificate(**recognition)
    wrong = found.code[:4] + next(c for c in codes.ALPHABET if c != found.code[4]) + found.code[5:]
    assert "Có thể là mã" not in checked(client, wrong, 404)


def test_where_two_certificates_are_as_near_neither_is_offered(client):
    wrong = "T00000000" + next(c for c in codes.ALPHABET if c != codes.check_character("T00000000"))
    for code in codes.near(wrong)[-2:]:
        CertificateFactory(recognition=RecognitionFactory(), code=code)
    assert "Có thể là mã" not in checked(client, wrong, 404)


@pytest.mark.parametrize(
    "recognition",
    [{"published_at": None}, {"stage": Stage.PROPOSED, "published_at": None, "issued_on": None, "expires_on": None}],
    ids=["not published", "only proposed"],
)
def test_what_is_not_published_is_unknown(client, recognition: dict[str, Any]):
    checked(client, certificate(**recognition).code, 404)


def test_what_looks_like_a_code_is_checked_and_anything_else_is_a_name(client, settings):
    settings.SITE_URL = "https://cong.vn"
    to = "/tra-cuu/Q-7K2M-9XTA-3/?tu=ma"
    assert client.get("/tra-cuu/?ma=Q-7K2M-9XTA-3").url == to
    assert client.get("/tra-cuu/?ma=q7k2m9xta3").url == to
    assert client.get("/tra-cuu/?ma=https://cong.vn/tra-cuu/Q-7K2M-9XTA-3/").url == to
    assert client.get("/tra-cuu/?ma=https://cong.vn/san-pham/che/").url == "/san-pham/che/"
    for name in ("t0000 0000 0", "chè móc câu"):
        assert name in client.get(f"/tra-cuu/?ma={name}").content.decode()


def test_a_name_in_capitals_that_happens_to_check_is_looked_up_unless_it_is_a_code(client):
    typed = next(f"TRA XANH {c}{d}{e}" for c in "ACD" for d in codes.ALPHABET[10:] for e in codes.ALPHABET[10:]
                 if codes.is_valid(f"TRAXANH{c}{d}{e}"))  # fmt: skip
    assert client.get("/tra-cuu/", {"ma": typed}).status_code == 200
    CertificateFactory(recognition=RecognitionFactory(), code=codes.normalise(typed))
    assert client.get("/tra-cuu/", {"ma": typed}).status_code == 302


def test_the_address_of_another_site_is_said_to_be_one(client):
    found = certificate()
    response = client.get("/tra-cuu/", {"ma": f"https://gia.vn/tra-cuu/{found.code}"})
    text = unescape(response.content.decode())
    assert response.status_code == 404
    assert "dẫn tới gia.vn, không phải cổng này." in text
    assert f"/tra-cuu/{codes.display(found.code)}/?tu=ma" in text
    assert found.recognition.product.name not in text


def test_nothing_typed_is_said_at_the_field(client):
    assert "Chưa có mã." in unescape(client.get("/tra-cuu/?ma=").content.decode())
    assert "Chưa có mã." not in unescape(client.get("/tra-cuu/").content.decode())


def test_it_is_light_and_needs_no_script(client):
    found = certificate()
    for address in (
        f"/tra-cuu/{found.code}/",
        f"/tra-cuu/{found.code}/?ngay=2025",
        "/tra-cuu/?ma=mau",
        "/tra-cuu/T-1/",
    ):
        content = client.get(address).content
        assert len(content) < 30_000
        assert b"<script" not in content


# --- around the answer ------------------------------------------------------------------------------------


def test_other_recognitions_in_force_are_led_to(client):
    old = certificate(expires_on=dt.date(2025, 12, 31))
    new = certificate(product=old.recognition.product, level="national", year=2025, issued_on=dt.date(2025, 10, 1))
    text = checked(client, old.code)
    assert "Công nhận khác của sản phẩm này, đang còn hiệu lực" in text
    assert f"/tra-cuu/{new.code}/" in text


def test_the_paper_keeps_its_printed_name_and_address_beside_those_of_today(client):
    found = certificate()
    maker = found.recognition.product.facility
    maker.kind, maker.address_today = "enterprise", "Thôn 2, xã Mới, tỉnh Mới"
    maker.save()
    found.content = {"holder": "Xưởng Cũ", "holder_address": "Thôn 2, huyện Cũ", "product": "Chè Cũ"}
    found.save()
    text = checked(client, found.code)
    for said in ("Xưởng Cũ", f"nay là {maker.name}", "Chè Cũ", "Thôn 2, huyện Cũ", "Thôn 2, xã Mới, tỉnh Mới"):
        assert said in text


def test_of_a_household_only_the_commune_is_said(client):
    found = certificate()
    maker = found.recognition.product.facility
    maker.kind, maker.address_today = "household", "Số 7 ngõ 3, xã Tân Cương, Thái Nguyên"
    maker.save()
    text = checked(client, found.code)
    assert "xã Tân Cương" in text
    assert "Số 7" not in text


def test_a_household_that_lost_it_is_not_named_once_it_would_have_run_out(client):
    found = certificate(
        expires_on=dt.date(2026, 11, 21), revoked_on=dt.date(2026, 6, 1), status_reason="Hộ mẫu vi phạm",
        product__facility=FacilityFactory(name="Hộ ông Mẫu", kind="household"), product__name="Chè hộ mẫu",
    )  # fmt: skip
    assert "Hộ ông Mẫu" in checked(client, found.code)
    with time_machine.travel(dt.datetime(2026, 11, 21, 17, 0, tzinfo=dt.UTC), tick=False):
        for address in (found.code, f"{found.code}/?phieu=1&ngay=2025"):
            text = checked(client, address)
            assert "slab--revoked" in text
            assert "01/06/2026" in text
            for name in ("Hộ ông Mẫu", "Chè hộ mẫu", "Hộ mẫu vi phạm"):
                assert name not in text


def test_the_trace_tells_what_befell_it_with_the_reason(client, administrator):
    found = certificate(withdrawn_on=dt.date(2026, 6, 15), status_reason="Thôi sản xuất")
    note_event(
        recognition=found.recognition, kind=EventKind.WITHDRAWN, on=dt.date(2026, 6, 15), actor=administrator,
        reason="Thôi sản xuất", basis="Đơn xin rút",
    )  # fmt: skip
    text = checked(client, found.code)
    for said in ("Diễn biến của công nhận này", "Cơ sở xin rút từ 15/06/2026.", "Lý do: Thôi sản xuất", "Đơn xin rút"):
        assert said in text


def test_the_slip_says_the_same_with_a_code_that_leads_back(client, settings):
    settings.SITE_URL = "https://cong.vn"
    found = certificate()
    response = client.get(f"/tra-cuu/{found.code}/?phieu=1&ngay=03/02/2025")
    text = unescape(response.content.decode())
    assert "slab--valid" in text
    assert "Sản xuất ngày 03/02/2025: sản phẩm đang được công nhận cấp tỉnh." in text
    assert f"https://cong.vn/tra-cuu/{codes.display(found.code)}/" in text
    assert b"hidden" in re.search(rb"<button[^>]*data-print[^>]*>", response.content).group()


# --- by the day of production -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("recognition", "typed", "answer", "words"),
    [
        ({}, "20/11/2024", "yes", "Sản xuất ngày 20/11/2024: sản phẩm đang được công nhận cấp tỉnh."),
        ({}, "19/11/2024", "no", "Công nhận bắt đầu có hiệu lực từ 20/11/2024."),
        ({}, "11/2024", "partly", "Từ 20/11/2024 đến 30/11/2024: được công nhận."),
        ({}, "02/2025", "yes", "Sản xuất tháng 02/2025:"),
        ({}, "2025", "yes", "Sản xuất năm 2025:"),
        ({"expires_on": dt.date(2025, 6, 30)}, "2025", "partly", "Từ 01/01/2025 đến 30/06/2025: được công nhận."),
        ({"issued_on": None}, "05/2024", "unknown", "Chỉ biết công nhận trong năm 2024, chưa rõ từ ngày nào."),
        ({"issued_on": None}, "05/2025", "yes", "Sản xuất tháng 05/2025:"),
        ({"revoked_on": dt.date(2026, 3, 1), "status_reason": "Vi phạm"}, "28/02/2026", "yes", "28/02/2026"),
        ({"revoked_on": dt.date(2026, 3, 1), "status_reason": "Vi phạm"}, "01/03/2026", "no", "thu hồi từ 01/03/2026."),
    ],
)
def test_a_day_of_production_is_answered(client, recognition: dict[str, Any], typed: str, answer: str, words: str):
    text = checked(client, f"{certificate(**recognition).code}/?ngay={typed}")
    assert f"check-made__answer--{answer}" in text
    assert words in text


def test_each_suspension_counts_for_the_day_of_production(client):
    found = certificate()
    for first in (dt.date(2025, 2, 1), dt.date(2025, 5, 1)):
        Suspension.objects.create(
            recognition=found.recognition,
            begins_on=first,
            ends_on=first + dt.timedelta(days=9),
            basis="CV",
            reason="Chờ",
        )
    assert "check-made__answer--no" in checked(client, f"{found.code}/?ngay=10/02/2025")
    text = checked(client, f"{found.code}/?ngay=2025")
    assert "Từ 11/02/2025 đến 30/04/2025: được công nhận." in text
    assert "Từ 11/05/2025 đến 31/12/2025: được công nhận." in text


def test_a_day_to_come_is_refused_at_the_field(client):
    text = checked(client, f"{certificate().code}/?ngay=22/11/2026")
    assert "22/11/2026 chưa đến." in text
    assert 'aria-describedby="ngay-cach ngay-loi"' in text


def test_a_pack_covered_by_another_recognition_is_said_to_be(client):
    found = certificate(expires_on=dt.date(2024, 12, 31))
    certificate(product=found.recognition.product, level="national", year=2024, issued_on=dt.date(2024, 12, 1))
    text = checked(client, f"{found.code}/?ngay=03/02/2025")
    assert "check-made__answer--no" in text
    assert "Lúc đó sản phẩm được công nhận cấp quốc gia năm 2024." in text


@settings_of_hypothesis(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(day=st.dates(dt.date(2024, 1, 1), dt.date(2026, 11, 21)))
def test_a_month_is_answered_as_its_days_are(day: dt.date):
    row = RecognitionFactory.build(
        issued_on=dt.date(2024, 11, 20), expires_on=dt.date(2026, 5, 17), suspended_from=dt.date(2025, 3, 4),
        suspended_to=dt.date(2025, 3, 9), product=None, territory=None,
    )  # fmt: skip
    facts = row.facts()
    span = read_span(f"{day:%m/%Y}", on=dt.date(2026, 11, 21))
    days = [span.first + dt.timedelta(days=n) for n in range((span.last - span.first).days + 1)]
    turns = checking._turns(facts, span)
    for one in days:
        first = max(turn for turn in turns if turn <= one)
        assert holds_on(facts, one) == holds_on(facts, first)


# --- the clock --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("second", "slab"),
    [
        (dt.datetime(2026, 12, 31, 16, 59, 59, tzinfo=dt.UTC), "expiring"),
        (dt.datetime(2026, 12, 31, 17, 0, 0, tzinfo=dt.UTC), "expired"),
        (dt.datetime(2026, 12, 30, 17, 0, 0, tzinfo=dt.UTC), "expiring"),
        (dt.datetime(2026, 10, 1, 16, 59, 59, tzinfo=dt.UTC), "valid"),
        (dt.datetime(2026, 10, 2, 16, 59, 59, tzinfo=dt.UTC), "expiring"),
    ],
)
def test_the_state_turns_at_midnight_in_vietnam_to_the_second(client, second: dt.datetime, slab: str):
    code = certificate(expires_on=dt.date(2026, 12, 31)).code
    with time_machine.travel(second, tick=False):
        assert f'class="slab slab--{slab}"' in checked(client, code)


def test_a_page_that_was_kept_turns_at_midnight_all_the_same(client):
    touch_register()
    code = certificate(expires_on=dt.date(2026, 11, 21)).code
    with time_machine.travel(dt.datetime(2026, 11, 21, 16, 59, 59, tzinfo=dt.UTC), tick=False):
        assert "slab--expiring" in checked(client, code)
        assert "Tra lúc 23:59 ngày 21/11/2026" in checked(client, code)
    with time_machine.travel(dt.datetime(2026, 11, 21, 17, 0, 0, tzinfo=dt.UTC), tick=False):
        assert "slab--expired" in checked(client, code)


def test_a_clock_set_back_is_believed(client):
    code = certificate(expires_on=dt.date(2026, 11, 20)).code
    assert "slab--expired" in checked(client, code)
    with time_machine.travel(dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC), tick=False):
        assert "slab--expiring" in checked(client, code)


@pytest.mark.parametrize(("day", "slab"), [(dt.date(2028, 2, 28), "expiring"), (dt.date(2028, 2, 29), "expired")])
def test_28_february_is_the_last_day_also_in_a_leap_year(client, day: dt.date, slab: str):
    code = certificate(issued_on=dt.date(2026, 2, 28), expires_on=dt.date(2028, 2, 28)).code
    with time_machine.travel(dt.datetime(day.year, day.month, day.day, 5, 0, tzinfo=dt.UTC), tick=False):
        assert f"slab--{slab}" in checked(client, code)


# --- kept pages -------------------------------------------------------------------------------------------


def touch_register() -> None:
    RegisterMark.objects.update_or_create(pk=1, defaults={"word": "mark"})


def test_a_kept_page_says_the_minute_it_was_asked_and_costs_one_query_and_its_count(client, django_assert_num_queries):
    found = certificate()
    touch_register()
    first = checked(client, found.code)
    with time_machine.travel(dt.datetime(2026, 11, 21, 10, 1, tzinfo=dt.UTC), tick=False), django_assert_num_queries(2):
        again = checked(client, found.code)
    assert "Tra lúc 17:01 ngày 21/11/2026" in again
    assert again.replace("17:01", "16:52") == first


def test_a_kept_page_leaves_at_once_when_the_register_changes(client):
    found = certificate()
    touch_register()
    checked(client, found.code)
    found.recognition.revoked_on, found.recognition.status_reason = dt.date(2026, 11, 21), "Vi phạm"
    found.recognition.save()
    RegisterMark.objects.filter(pk=1).update(word="another")
    assert "slab--revoked" in checked(client, found.code)


def test_no_cache_on_the_way_may_keep_an_answer(client):
    for address in (f"/tra-cuu/{certificate().code}/", "/tra-cuu/", "/tra-cuu/T-1/"):
        said = client.get(address)["Cache-Control"]
        assert {"private", "no-cache", "max-age=0"} <= set(said.split(", "))


# --- by name ----------------------------------------------------------------------------------------------


def test_a_name_lists_products_with_their_state_and_certificate(client):
    found = certificate(product__name="Chè tôm nõn", expires_on=dt.date(2026, 12, 31))
    text = unescape(client.get("/tra-cuu/", {"ma": "che tom non"}).content.decode())
    assert "Chè tôm nõn" in text
    assert "Còn 40 ngày hiệu lực" in text
    assert f"/tra-cuu/{found.code}/?tu=ten" in text


def test_a_misspelt_name_is_led_to_the_nearest(client):
    certificate(product__name="Miến dong Bình Liêu")
    text = unescape(client.get("/tra-cuu/", {"ma": "mien dongg bin lieu"}).content.decode())
    assert "Gần giống “mien dongg bin lieu”" in text
    assert "Miến dong Bình Liêu" in text


def test_a_name_that_nothing_is_like_helps_on(client):
    text = unescape(client.get("/tra-cuu/", {"ma": "zzzz qqqq"}).content.decode())
    assert "Không có sản phẩm hay cơ sở nào khớp “zzzz qqqq”." in text
    assert "Mã trông như thế nào" in text


def test_what_is_not_published_is_not_found_by_name(client):
    certificate(product__name="Chè kín", published_at=None)
    assert "Chè kín" not in client.get("/tra-cuu/", {"ma": "chè kín"}).content.decode().replace("“chè kín”", "")


def test_pages_of_names_follow_one_another(client):
    for n in range(14):
        certificate(product__name=f"Bánh số {n:02}")
    first = client.get("/tra-cuu/", {"ma": "bánh"}).content.decode()
    assert "1 đến 12 trên 14 sản phẩm" in first
    for page in ("2", "99"):
        assert "13 đến 14 trên 14 sản phẩm" in client.get("/tra-cuu/", {"ma": "bánh", "page": page}).content.decode()


@pytest.mark.parametrize("page", ["0", "-1", "x", "²", "9" * 30])
def test_a_page_that_is_none_is_the_first(client, page: str):
    certificate(product__name="Bánh")
    assert "1 đến 1 trên 1 sản phẩm" in client.get("/tra-cuu/", {"ma": "bánh", "page": page}).content.decode()


@pytest.mark.parametrize("rows", [1, 3, 12])
def test_a_list_of_names_costs_the_same_for_any_length(client, django_assert_num_queries, rows: int):
    for n in range(rows):
        certificate(product__name=f"Bánh {n}")
    client.get("/tra-cuu/", {"ma": "bánh"})
    # Within the test's transaction the register is read whole, twice; held by a process it costs one query each time.
    with django_assert_num_queries(18):
        client.get("/tra-cuu/", {"ma": "bánh"})


def test_a_fresh_answer_costs_the_same_with_a_long_life(client, django_assert_num_queries, administrator):
    short, long = certificate(), certificate()
    for n in range(5):
        certificate(product=long.recognition.product, level="province", year=2015 + n)
        note_event(
            recognition=long.recognition,
            kind=EventKind.VALIDITY_CHANGED,
            on=dt.date(2025, 1, n + 1),
            actor=administrator,
        )
    client.get(f"/tra-cuu/{short.code}/")
    # The mark, certificate, others, two of the trace, the signed file; then the count. Others bring their certificates.
    with django_assert_num_queries(7):
        client.get(f"/tra-cuu/{short.code}/")
    with django_assert_num_queries(8):
        client.get(f"/tra-cuu/{long.code}/")
