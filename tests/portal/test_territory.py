"""Which unit was it then, which is it now."""

import csv
import datetime as dt
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from django.core.cache import cache

from portal.territory import queries, reference_data
from portal.territory.models import UNKNOWN_START, Succession, Territory, TerritoryName
from portal.territory.naming import bare, nearest
from portal.territory.periods import overlapping
from portal.text.errors import Refusal

BEFORE, AFTER = dt.date(2025, 6, 30), dt.date(2025, 7, 1)


@pytest.fixture
def provinces(db):
    return reference_data.load()


def unit(slug: str) -> Territory:
    return Territory.objects.get(slug=slug)


def refusal(call, *args) -> Refusal:
    with pytest.raises(Refusal) as caught:
        call(*args)
    return caught.value


# --- the table -----------------------------------------------------------------------------------


def test_there_were_63_provinces_and_there_are_34(provinces):
    units = list(Territory.objects.all())
    assert len(units) == 86
    assert sum(row.holds_on(BEFORE) for row in units) == 63
    assert sum(row.holds_on(AFTER) for row in units) == 34
    assert sum(row.holds_on(BEFORE) and row.holds_on(AFTER) for row in units) == 11


def test_every_former_province_is_one_of_the_34_today(provinces):
    today = set(Territory.objects.filter(valid_to=None).values_list("pk", flat=True))
    assert len(today) == 34
    former = [row for row in Territory.objects.all() if row.holds_on(BEFORE)]
    assert {queries.current_id(row.pk) for row in former} == today


def test_successors_are_those_of_the_resolution(provinces):
    found = {row.predecessor.slug: row.successor.slug for row in Succession.objects.all()}
    assert len(found) == 52
    assert found["bac-giang-2025"] == "bac-ninh"
    assert found["binh-dinh-2025"] == "gia-lai"
    assert found["kon-tum-2025"] == "quang-ngai"
    assert found["binh-thuan-2025"] == "lam-dong"
    assert found["long-an-2025"] == "tay-ninh"
    assert found["ba-ria-vung-tau-2025"] == "ho-chi-minh"
    assert {row.legal_basis for row in Succession.objects.all()} == {"Nghị quyết 202/2025/QH15"}


def test_a_code_is_not_unique_over_time(provinces):
    codes = Counter(Territory.objects.values_list("code", flat=True))
    assert codes["24"] == 2
    assert dict(Territory.objects.filter(code="24").values_list("valid_from", "name")) == {
        UNKNOWN_START: "Bắc Giang",
        AFTER: "Bắc Ninh",
    }
    assert sum(count == 2 for count in codes.values()) == 23


def test_slugs_follow_the_contract(provinces):
    for row in Territory.objects.all():
        assert row.slug == queries.display_slug(row.name, row.valid_to)
    assert unit("gia-lai").valid_from == AFTER
    assert unit("gia-lai-2025").valid_to == BEFORE
    assert unit("cao-bang").valid_from == UNKNOWN_START


def test_every_unit_has_a_name_on_every_day_it_stood(provinces):
    for row in Territory.objects.prefetch_related("names"):
        names = sorted(row.names.all(), key=lambda name: name.valid_from)
        assert names[0].valid_from == row.valid_from
        assert names[-1].valid_to == row.valid_to
        assert names[-1].name == row.name
        assert names[-1].kind == row.kind
        for earlier, later in pairwise(names):
            assert later.valid_from == earlier.valid_to + dt.timedelta(days=1)


def test_five_units_were_cities_then_six_and_now_seven(provinces):
    def cities(on: dt.date) -> set[str]:
        rows = TerritoryName.objects.filter(kind="city").select_related("territory")
        return {row.name for row in rows if row.holds_on(on)}

    assert cities(dt.date(2024, 12, 31)) == {"Hà Nội", "Hải Phòng", "Đà Nẵng", "Hồ Chí Minh", "Cần Thơ"}
    assert cities(AFTER) == {"Hà Nội", "Hải Phòng", "Đà Nẵng", "Hồ Chí Minh", "Cần Thơ", "Huế"}
    assert cities(dt.date(2026, 4, 30)) == cities(AFTER) | {"Đồng Nai"}


def test_regions_count_28_15_and_20_before_and_18_8_and_8_after(provinces):
    def regions(on: dt.date) -> Counter[str]:
        return Counter(row.region for row in Territory.objects.all() if row.holds_on(on))

    assert regions(BEFORE) == {"north": 28, "central": 15, "south": 20}
    assert regions(AFTER) == {"north": 18, "central": 8, "south": 8}
    assert list(Territory.objects.filter(region_certain=False).values_list("slug", flat=True)) == ["lam-dong"]


def test_loading_again_changes_nothing(provinces):
    assert provinces == {
        "units_created": 86,
        "units_kept": 0,
        "names_created": 88,
        "names_kept": 0,
        "successions_created": 52,
        "successions_kept": 0,
    }
    again = reference_data.load()
    assert (again["units_created"], again["names_created"], again["successions_created"]) == (0, 0, 0)


def test_loading_again_keeps_what_staff_wrote(provinces):
    Territory.objects.filter(slug="lam-dong").update(region="south", region_certain=True)
    reference_data.load()
    row = unit("lam-dong")
    assert (row.region, row.region_certain) == ("south", True)


def test_the_reference_files_name_only_units_they_list():
    def column(name: str, field: str) -> set[str]:
        with (Path(reference_data.FOLDER) / f"{name}.csv").open(encoding="utf-8") as file:
            return {row[field] for row in csv.DictReader(file)}

    slugs = column("units", "slug")
    assert column("names", "unit") == slugs
    assert column("successions", "predecessor") | column("successions", "successor") < slugs


# --- then and now --------------------------------------------------------------------------------


def test_hue_is_one_unit_under_two_names(provinces):
    hue = unit("hue")
    assert queries.name_on(hue, dt.date(2024, 12, 31)) == "Thừa Thiên Huế"
    assert queries.name_on(hue, dt.date(2024, 12, 31), full=True) == "Tỉnh Thừa Thiên Huế"
    assert queries.name_on(hue, dt.date(2025, 1, 1), full=True) == "Thành phố Huế"
    assert queries.then_and_now(hue, dt.date(2020, 5, 1)) == ("Thừa Thiên Huế", "Huế")
    assert queries.current_of(hue) == hue


def test_dong_nai_is_one_unit_of_two_kinds(provinces):
    row = unit("dong-nai")
    assert queries.name_on(row, dt.date(2026, 4, 29), full=True) == "Tỉnh Đồng Nai"
    assert queries.name_on(row, dt.date(2026, 4, 30), full=True) == "Thành phố Đồng Nai"
    assert row.kind == "city"
    assert queries.resolve_for_year("Đồng Nai", 2025) == queries.resolve_for_year("Đồng Nai", 2026) == row
    assert queries.resolve_for_year("Đồng Nai", 2024) == unit("dong-nai-2025")


def test_gia_lai_is_two_units(provinces):
    assert queries.resolve_for_year("Gia Lai", 2024) == unit("gia-lai-2025")
    assert queries.resolve_for_year("Gia Lai", 2026) == unit("gia-lai")
    assert queries.current_of(unit("gia-lai-2025")) == unit("gia-lai")
    assert queries.current_of(unit("binh-dinh-2025")) == unit("gia-lai")


def test_a_province_that_ended_shows_then_and_now(provinces):
    assert queries.then_and_now(unit("vinh-phuc-2025")) == ("Vĩnh Phúc", "Phú Thọ")
    assert queries.then_and_now(unit("cao-bang")) == ("Cao Bằng", "Cao Bằng")


def test_a_family_is_the_unit_of_today_with_all_that_went_into_it(provinces):
    family = {"phu-tho", "phu-tho-2025", "vinh-phuc-2025", "hoa-binh-2025"}
    for slug in family:
        ids = queries.family_ids(unit(slug).pk)
        assert set(Territory.objects.filter(pk__in=ids).values_list("slug", flat=True)) == family


def test_a_region_takes_in_former_units_by_where_they_are_today(provinces):
    south_once = unit("binh-thuan-2025")
    assert south_once.region == "south"
    assert south_once.pk in queries.region_ids("central")
    assert sum(len(queries.region_ids(region)) for region in ("north", "central", "south")) == 86


def test_the_whole_register_costs_three_queries_and_none_when_kept(provinces, django_assert_num_queries):
    cache.clear()
    one = Territory.objects.first()
    with django_assert_num_queries(3):
        queries.family_ids(one.pk)
        queries.region_ids("north")
        queries.then_and_now(one)
        queries.current_ids()


def test_a_change_is_seen_at_once(provinces):
    row = unit("cao-bang")
    assert queries.name_on(row, AFTER) == "Cao Bằng"
    name = row.names.get()
    name.name = "Cao Bình"
    name.save()
    assert queries.name_on(row, AFTER) == "Cao Bình"
    name.delete()
    assert queries.name_on(row, AFTER) == "Cao Bằng"


def test_a_circle_is_an_error_and_not_an_endless_loop(provinces):
    Succession.objects.create(predecessor=unit("gia-lai"), successor=unit("binh-dinh-2025"), on=AFTER)
    with pytest.raises(ValueError, match="circle"):
        queries.current_id(unit("gia-lai").pk)


# --- which unit is meant by a name ---------------------------------------------------------------


@pytest.mark.parametrize(
    "written, slug",
    [
        ("Thái Nguyên", "thai-nguyen"),
        ("Tỉnh Thái Nguyên", "thai-nguyen"),
        ("tỉnh thái nguyên", "thai-nguyen"),
        ("thai nguyen", "thai-nguyen"),
        ("Tinh Thai Nguyen", "thai-nguyen"),
        ("TP. Hồ Chí Minh", "ho-chi-minh"),
        ("TP.HCM", "ho-chi-minh"),
        ("TPHCM", "ho-chi-minh"),
        ("Tp Hồ Chí Minh", "ho-chi-minh"),
        ("Thành phố Hồ Chí Minh", "ho-chi-minh"),
        ("Ho Chi Minh City", "ho-chi-minh"),
        ("TP Huế", "hue"),
        ("Thừa Thiên - Huế", "hue"),
        ("Khánh Hoà", "khanh-hoa"),
        ("Thành phố Đà Nẵng", "da-nang"),
        ("Đăk Lăk", "dak-lak"),
        ("Đắc Lắc", "dak-lak"),
        ("  Cà   Mau ", "ca-mau"),
    ],
)
def test_a_province_is_known_however_officers_write_it(provinces, written, slug):
    assert queries.unit_of(written, dt.date(2026, 5, 1)).slug == slug


def test_every_name_in_the_table_is_known_on_its_days(provinces):
    for row in TerritoryName.objects.select_related("territory"):
        on = row.valid_to or dt.date(2026, 11, 21)
        for written in (row.name, row.full_name, row.name.upper()):
            assert queries.unit_of(written, on) == row.territory


@pytest.mark.parametrize(
    "name, year, level, slug",
    [
        ("Vĩnh Phúc", 2025, "", "vinh-phuc-2025"),
        ("Phú Thọ", 2025, "", "phu-tho"),
        ("Phú Thọ", 2025, "district", "phu-tho-2025"),
        ("Phú Thọ", 2025, "commune", "phu-tho"),
        ("Phú Thọ", 2024, "district", "phu-tho-2025"),
        ("Thừa Thiên Huế", 2024, "", "hue"),
        ("Thừa Thiên Huế", 2025, "", "hue"),
        ("Huế", 2019, "", "hue"),
        ("Bà Rịa-Vũng Tàu", 2021, "national", "ba-ria-vung-tau-2025"),
    ],
)
def test_where_only_the_year_is_known_the_unit_of_its_last_day_counts(provinces, name, year, level, slug):
    assert queries.resolve_for_year(name, year, level).slug == slug


def test_a_year_without_a_valid_unit_is_refused_with_what_became_of_it(provinces):
    found = refusal(queries.resolve_for_year, "Bình Định", 2026)
    assert found.code == "no_unit_then"
    assert str(found) == (
        "Bình Định không còn là đơn vị cấp tỉnh vào năm 2026, vì từ 01/07/2025 đã thuộc Gia Lai. "
        "Hãy ghi Gia Lai, hoặc sửa lại năm."
    )
    assert str(refusal(queries.unit_of, "Bến Tre", AFTER)).startswith(
        "Bến Tre không còn là đơn vị cấp tỉnh vào ngày 01/07/2025"
    )


def test_an_unknown_province_is_refused_with_the_nearest_names(provinces):
    found = refusal(queries.unit_of, "Thái Nguyênn", AFTER)
    assert found.code == "unknown_unit"
    assert found.field == "province"
    assert str(found).startswith("Không có tỉnh, thành phố nào tên “Thái Nguyênn”. Tên gần nhất là Thái Nguyên")
    assert str(refusal(queries.unit_of, "Xyz", AFTER)) == (
        "Không có tỉnh, thành phố nào tên “Xyz”. Hãy ghi tên chính thức của tỉnh, thành phố."
    )


@pytest.mark.parametrize("nothing", ["", "  ", "tỉnh"])
def test_an_empty_province_is_refused(provinces, nothing):
    assert refusal(queries.unit_of, nothing, AFTER).code == "unknown_unit"


@pytest.mark.parametrize("year", [0, 12, 1850, 20025, -1])
def test_a_year_that_is_none_is_refused(provinces, year):
    assert refusal(queries.resolve_for_year, "Gia Lai", year).code == "bad_year"


def test_a_name_without_diacritics_that_may_be_two_is_refused(provinces):
    twin = Territory.objects.create(
        code="99", slug="ha-giang-moi", name="Hạ Giang", kind="province", region="north", valid_from=UNKNOWN_START
    )
    found = refusal(queries.unit_of, "Ha Giang", BEFORE)
    assert found.code == "ambiguous_unit"
    assert str(found) == "“Ha Giang” có thể là Hạ Giang hoặc Tỉnh Hà Giang. Hãy ghi đủ dấu hoặc ghi tên đầy đủ."
    assert queries.unit_of("Hạ Giang", BEFORE) == twin
    assert queries.unit_of("Hà Giang", BEFORE) == unit("ha-giang-2025")


# --- small parts ---------------------------------------------------------------------------------


def test_bare_names_keep_their_diacritics():
    assert bare("TP. Cần Thơ") == bare("cần thơ") != bare("can tho")


def test_nearest_names_come_best_first_and_at_most_three():
    found = nearest("Quang Nin", ["Quảng Ninh", "Quảng Nam", "Quảng Bình", "Quảng Trị", "Cà Mau"])
    assert found[0] == "Quảng Ninh"
    assert len(found) <= 3


DAYS = [dt.date(2025, 1, day) for day in range(1, 8)]


@pytest.mark.parametrize(
    "periods, clash",
    [
        ([], None),
        ([(DAYS[0], None)], None),
        ([(DAYS[0], DAYS[1]), (DAYS[2], None)], None),
        ([(DAYS[2], None), (DAYS[0], DAYS[1])], None),
        ([(DAYS[0], DAYS[2]), (DAYS[2], None)], ((DAYS[0], DAYS[2]), (DAYS[2], None))),
        ([(DAYS[3], None), (DAYS[0], None)], ((DAYS[0], None), (DAYS[3], None))),
    ],
)
def test_periods_that_share_a_day_overlap(periods, clash):
    assert overlapping(periods) == clash


# --- one look per request ----------------------------------------------------------------------------


def test_a_request_looks_once_at_the_cached_register_and_sees_its_own_changes(provinces, monkeypatch):
    looks = Counter()
    read = cache.get
    monkeypatch.setattr(cache, "get", lambda key, *rest: looks.update([key]) or read(key, *rest))
    with queries.held_register():
        for _row in range(12):
            queries.unit_today(unit("binh-dinh-2025").pk)
        assert looks[queries.CACHE_KEY] == 1
        Territory.objects.create(name="Tỉnh mới", slug="tinh-moi", code="99", region="north", sort_key="z")
        assert queries.unit_by_slug("tinh-moi") is not None
    queries.register()
    queries.register()
    assert looks[queries.CACHE_KEY] == 4
