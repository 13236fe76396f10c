"""Published totals: entered as written, shown as entered, beside what is counted and never part of it."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape

from portal.accounts.enums import Role
from portal.audit.models import AuditEntry
from portal.pages.figures import agrees
from portal.territory.models import Territory
from portal.territory.reference_data import load as load_territory
from products.enums import SELECTION_MEASURES, SUPPORT_MEASURES
from products.models import PublishedFigure
from tests import factories as make

pytestmark = pytest.mark.django_db
ADD = reverse("admin:products_publishedfigure_add")
COMPARED = reverse("admin:figures")
FILE = Path(__file__).parents[2] / "products" / "reference" / "figures.csv"


def published() -> list[dict[str, str]]:
    with FILE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def typed(row: dict[str, str], units: dict[str, int]) -> dict[str, object]:
    """A line of the file as an officer types it: the number behind the words is left to the form."""
    return row | {"territory": units.get(row["territory"], ""), "value": ""}


def facts(**changes: object) -> dict[str, object]:
    return {
        "place": "Thái Nguyên (cũ)", "period": "2020", "what": "sản phẩm đạt cấp tỉnh", "measure": "recognised",
        "level": "province", "value_text": "30", "precision": "exact", "source": "Sở Công Thương",
    } | changes  # fmt: skip


def figure(**changes: object) -> PublishedFigure:
    return PublishedFigure.objects.create(
        **{"value": Decimal(30), "year_from": 2020, "year_to": 2020} | facts(**changes)
    )


@pytest.fixture
def desk(client, officer):
    client.force_login(officer)
    return client


def errors(answer) -> str:
    return " ".join(str(e) for found in answer.context["adminform"].form.errors.values() for e in found)


def test_all_79_figures_are_entered_through_the_form_and_shown_as_written(client):
    load_territory()
    client.force_login(make.staff(Role.AGENCY_NATIONAL))
    units = dict(Territory.objects.values_list("slug", "pk"))
    rows = published()
    assert len(rows) == 79
    before = client.get("/api/v1/statistics/recognitions/?by=level").json()["total"]
    for row in rows:
        answer = client.post(ADD, typed(row, units))
        assert answer.status_code == 302, (row, errors(answer))
    for row in rows:
        found = PublishedFigure.objects.get(place=row["place"], period=row["period"], what=row["what"])
        assert found.value_text == row["value_text"]
        assert found.value == (Decimal(row["value"]) if row["value"] else None)
        assert (str(found.year_from or ""), str(found.year_to or "")) == (row["year_from"], row["year_to"])
    compared = client.get(COMPARED).content.decode()
    beside = client.get("/thong-ke/da-cong-bo/").context["answers"]
    assert [answer.key for answer in beside] == ["doi-chieu", "khuyen-cong"]
    selections, support = ({tuple(str(c.value) for c in line.cells) for line in one.table.lines} for one in beside)
    told = selections | support
    assert client.get("/api/v1/statistics/recognitions/?by=level").json()["total"] == before
    assert client.get("/thong-ke/").context["figures"] == len(selections)
    for row in rows:
        assert f"<b>{escape(row['value_text'])}</b>" in compared
        assert escape(row["note"]) in compared
        if row["measure"] in {*SELECTION_MEASURES, *SUPPORT_MEASURES}:
            place, source = f"{row['place']}, {row['period']}", f"{row['source']}. {row['note']}".rstrip(". ")
            shown = [line for line in told if line[:2] == (place, row["what"]) and line[5].rstrip(". ") == source]
            assert [line[2] for line in shown] == [f"{row['value_text']} {row['unit']}".strip()]
    assert AuditEntry.objects.filter(action="publishedfigure.added").count() == 79


def test_a_second_entry_of_the_same_is_refused_in_any_spelling(desk, province):
    assert desk.post(ADD, facts(territory=province.pk)).status_code == 302
    again = desk.post(ADD, facts(territory=province.pk, place="thái nguyên (Cũ)", what="Sản phẩm đạt cấp  tỉnh"))
    assert "Đã có số liệu này" in errors(again)
    assert PublishedFigure.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"value_text": "40 / 20 / 8"}, "Hãy chọn “nguyên văn”."),
        ({"value_text": "gần 800", "precision": "almost", "value": "80"}, "Giá trị này khác số trong “gần 800”."),
        ({"value_text": "40 / 20", "precision": "text", "value": "40"}, "Nguyên văn không có giá trị để so."),
        ({"territory": ""}, "Số của cả nước do Cục nhập."),
        ({"year_from": "2022", "year_to": "2020"}, "Năm đầu không được sau năm cuối."),
        ({"value": "ba mươi"}, "không phải là số"),
        ({"measure": ""}, ""),
    ],
)
def test_what_does_not_fit_is_said(desk, province, changes, said):
    answer = desk.post(ADD, facts(**{"territory": province.pk, **changes}))
    assert answer.status_code == 200
    assert said in errors(answer)


@pytest.mark.parametrize(("text", "value"), [("5.500", 5500), ("12,31", "12.31"), ("gần 100", 100)])
def test_numbers_are_read_as_written_here(desk, province, text, value):
    precision = "almost" if "gần" in text else "exact"
    desk.post(ADD, facts(territory=province.pk, value_text=text, precision=precision))
    assert PublishedFigure.objects.get().value == Decimal(value)


def test_officers_keep_their_own_province_s_figures_only(desk, province, other_province):
    elsewhere, country = figure(territory=other_province), figure(place="Cả nước")
    for row in (elsewhere, country):
        page = reverse("admin:products_publishedfigure_change", args=[row.pk])
        assert desk.get(page).status_code == 200
        assert desk.post(page, facts(territory=province.pk)).status_code == 403
    assert desk.post(ADD, facts(territory=other_province.pk)).status_code == 200
    assert PublishedFigure.objects.count() == 2


def test_the_filter_says_measures_in_words(desk):
    page = desk.get(reverse("admin:products_publishedfigure_changelist")).content.decode()
    assert "Sản phẩm được công nhận, lũy kế" in page
    assert "recognised_cumulative</a>" not in page


def line_of(desk, row: PublishedFigure):
    lines = [line for _place, lines in desk.get(COMPARED).context["groups"] for line in lines]
    return next(line for line in lines if line.figure == row)


@pytest.fixture
def old(province):
    unit = make.TerritoryFactory(name="Bắc Kạn", slug="bac-kan-2025", valid_to="2025-06-30")
    make.SuccessionFactory(predecessor=unit, successor=province)
    return unit


def recognised(unit, number, **changes):
    for product in make.ProductFactory.create_batch(number, facility__territory=unit, **changes.pop("product", {})):
        make.RecognitionFactory(product=product, **{"year": 2020, "territory": unit} | changes)


def test_a_total_is_held_against_the_list_on_both_bases(desk, old, province):
    row = figure(territory=old, value=Decimal(2), value_text="2")
    assert line_of(desk, row).at_the_time.word == "chưa nhập danh sách"
    recognised(old, 2)
    recognised(province, 1)
    recognised(old, 1, year=2021)
    recognised(old, 1, level="national")
    line = line_of(desk, row)
    assert (line.at_the_time.value, line.at_the_time.word) == (2, "khớp")
    assert (line.current.value, line.current.word) == (3, "lệch +1")


def test_sets_named_apart_are_not_counted_among_the_products(desk, province):
    products = figure(territory=province, value=Decimal(2), value_text="2")
    recognised(province, 2)
    recognised(province, 1, product={"is_set": True})
    assert line_of(desk, products).current.word == "lệch +1"
    sets = figure(territory=province, value=Decimal(1), value_text="1", what="bộ sản phẩm", measure="recognised_sets")
    assert [line_of(desk, row).current.word for row in (products, sets)] == ["khớp", "khớp"]


def test_entries_first_timers_and_makers_of_a_round_are_counted(desk, province):
    round_ = make.RoundFactory(territory=province, year=2020, state="receiving")
    dossiers = make.DossierFactory.create_batch(3, round=round_)
    dossiers[0].first_time = True
    dossiers[0].save()
    make.DossierFactory(round=round_, state="draft")
    of = {"territory": province}
    rows = [
        figure(**of, what="đăng ký", measure="registered", value=Decimal(3)),
        figure(**of, what="lần đầu", measure="first_time", value=Decimal(1)),
        figure(**of, what="cơ sở", measure="facilities_registered", value=Decimal(3)),
        figure(**of, what="kỳ", measure="rounds", value=Decimal(1)),
    ]
    assert [line_of(desk, row).at_the_time.word for row in rows] == ["khớp"] * 4


def test_a_contradiction_of_the_source_is_shown_as_one(desk, province):
    clash, plain = (
        figure(territory=province, what=note, note=note)
        for note in ("Nguồn mâu thuẫn: 850 + 900 = 1.750.", "4 + 2 + 24 = 30")
    )
    assert (clash.is_contradiction, plain.is_contradiction) == (True, False)
    assert desk.get(COMPARED).content.decode().count('class="told__clash"') == 1


@pytest.mark.parametrize(
    ("precision", "counted", "is_so"),
    [
        ("exact", 80, True), ("exact", 81, False), ("over", 80, True), ("over", 88, True), ("over", 79, False),
        ("over", 89, False), ("almost", 80, True), ("almost", 72, True), ("almost", 71, False), ("almost", 81, False),
        ("about", 72, True), ("about", 88, True), ("about", 71, False),
    ],
)  # fmt: skip
def test_an_approximate_total_allows_a_tenth_on_its_side(precision, counted, is_so):
    assert agrees(precision, Decimal(80), counted) is is_so


def test_a_list_of_one_province_or_group_has_its_totals_beside_it_and_uncounted(client, old, province):
    figure(territory=old, what="đạt cấp tỉnh của tỉnh cũ")
    figure(territory=old, what="thủ công mỹ nghệ", group="handicraft", value_text="4")
    recognised(province, 1)
    page = client.get("/san-pham/", {"province": province.slug}).content.decode()
    assert "đạt cấp tỉnh của tỉnh cũ" in page
    assert "<b>1</b> sản phẩm" in page
    assert "thủ công mỹ nghệ" in client.get("/san-pham/", {"group": "handicraft"}).content.decode()
    for asked in ({}, {"province": province.slug, "q": "che"}, {"province": province.slug, "basis": "at_the_time"}):
        assert "đạt cấp tỉnh của tỉnh cũ" not in client.get("/san-pham/", asked).content.decode()


def test_statistics_point_from_a_province_to_its_totals(client, old, province):
    recognised(province, 1)
    assert "có số đã công bố" not in client.get("/thong-ke/").content.decode()
    figure(territory=old)
    assert "có số đã công bố" in client.get("/thong-ke/").content.decode()


def test_the_comparison_costs_the_same_for_1_3_and_50_rows(desk, province):
    counts = []
    done = 0
    for total in (1, 3, 50):
        for n in range(done, total):
            figure(territory=province, what=f"số {n}")
            recognised(province, 1)
        done = total
        desk.get(COMPARED)
        with CaptureQueriesContext(connection) as seen:
            desk.get(COMPARED)
        counts.append(len(seen))
    assert len(set(counts)) == 1


def test_an_english_page_says_what_a_total_counts_above_the_words_of_its_source(client, province):
    figure(territory=province, value_text="30")
    for address in (
        "/en/thong-ke/da-cong-bo/",
        f"/en/ban-do/{province.slug}/",
        f"/en/san-pham/?province={province.slug}",
    ):
        page = client.get(address).content.decode()
        assert (
            'Recognised products, provincial level<br><span class="meta" lang="vi">sản phẩm đạt cấp tỉnh</span>' in page
        )
    figure(place="Cả nước", period="2025", level="national", value=108, value_text="108", year_from=2025, year_to=2025)
    drawn = client.get("/en/thong-ke/da-cong-bo/?tai=svg&muc=doi-chieu").content.decode()
    assert "Whole country, 2025: Recognised products, national level" in drawn
    assert "sản phẩm" not in drawn
    assert "Recognised products" not in client.get("/thong-ke/da-cong-bo/").content.decode()
