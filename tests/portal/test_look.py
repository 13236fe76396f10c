"""The design language in templates: icons, seals, badges, swatches, numbers, error pages."""

import json
import re
import unicodedata
import xml.etree.ElementTree as ET
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.template import Context, Template
from django.template.loader import render_to_string
from django.urls import path
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from portal.text import formats, swatches
from portal.text.seal import INK_BY_STATUS, LINES, seal_svg
from portal.text.templatetags.look import BADGE_ICONS

STATIC = Path(settings.BASE_DIR) / "static"
KEY = "2f1f7f0e-6f0c-4f3a-9d6e-0b8c1d2e3f40"


urlpatterns = i18n_patterns(path("tim/", lambda _request: None, name="tim"), prefix_default_language=False)


def render(source: str, **values: object) -> str:
    return Template("{% load look %}" + source).render(Context(values))


# Numbers, money, dates


@pytest.mark.parametrize(
    ("number", "numeral"), [(1, "I"), (4, "IV"), (6, "VI"), (9, "IX"), (44, "XLIV"), (2026, "MMXXVI")]
)
def test_an_ordinal_is_written_in_roman_numerals(number, numeral):
    assert formats.roman(number) == numeral
    assert render("{% roman n %}", n=number) == numeral


@pytest.mark.parametrize("number", [0, -1, 4000])
def test_there_is_no_roman_numeral_outside_one_to_3999(number):
    with pytest.raises(ValueError, match="No Roman numeral"):
        formats.roman(number)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (999, "999"),
        (1234567, "1.234.567"),
        (Decimal("1234567.80"), "1.234.567,8"),
        (-4200, "-4.200"),
        (Decimal("-0.50"), "-0,5"),
        (Decimal("-0.00"), "0"),
        (Decimal("1E+3"), "1.000"),
    ],
)
def test_numbers_have_dots_between_thousands_and_a_comma(value, text):
    assert render("{{ v|vn_number }}", v=value) == text


@given(st.integers(min_value=-(10**15), max_value=10**15))
def test_a_written_number_reads_back_as_itself(value):
    assert int(formats.number(value).replace(".", "")) == value


@pytest.mark.parametrize(
    ("value", "text"), [("8.50", "8,5"), ("40.00", "40"), ("0", "0"), ("69.9986", "69,9986"), ("100", "100")]
)
def test_points_show_a_comma_and_no_trailing_zeros(value, text):
    assert render("{{ v|points }}", v=Decimal(value)) == text


def test_an_unscored_item_stays_empty_and_is_never_zero():
    assert render("{{ v|points }}", v=None) == ""


@pytest.mark.parametrize(
    ("dong", "text"),
    [
        (0, "0 đồng"),
        (950_000, "950.000 đồng"),
        (200_000_000, "200 triệu đồng"),
        (1_500_000, "1,5 triệu đồng"),
        (12_310_000_000, "12,31 tỷ đồng"),
        (999_999_999, "1 tỷ đồng"),
        (994_000_000, "994 triệu đồng"),
        (-200_000_000, "-200 triệu đồng"),
    ],
)
def test_money_is_said_in_the_unit_people_use_on_one_line(dong, text):
    assert render("{{ v|vn_money }}", v=dong) == text.replace(" ", formats.UNBROKEN)


def test_a_sum_to_the_last_dong_stays_on_one_line():
    assert render("{{ v|vn_dong }}, {{ none|vn_dong }}", v=1_234_567, none=None) == "1.234.567\xa0đồng, "


def test_a_percent_and_its_sign_stay_on_one_line():
    assert render("{{ v|vn_percent }}, {{ none|vn_percent }}", v=Decimal("12.50"), none=None) == "12,5\xa0%, "


def test_dates_and_times_are_shown_in_vietnam():
    late = datetime(2026, 11, 20, 18, 30, tzinfo=UTC)
    assert render("{{ d|vn_date }}", d=date(2026, 11, 2)) == "02/11/2026"
    assert render("{{ d|vn_date }} {{ d|vn_time }}", d=late) == "21/11/2026 01:30"


@pytest.mark.parametrize("name", ["vn_number", "vn_money", "vn_dong", "vn_date", "vn_time", "points"])
def test_nothing_is_shown_for_nothing(name):
    assert render("{{ v|" + name + " }}", v=None) == ""


# Icons


def test_an_icon_is_hidden_from_screen_readers_and_points_into_the_sprite():
    svg = ET.fromstring(render('{% icon "hourglass" 16 "icon--bold" %}'))
    assert svg.attrib["aria-hidden"] == "true"
    assert (svg.attrib["width"], svg.attrib["class"]) == ("16", "icon icon--bold")
    assert svg[0].attrib["href"].endswith("vendor/icons.svg#hourglass")


def test_every_icon_named_in_a_template_or_tag_is_in_the_sprite():
    sprite = set(re.findall(r'<symbol id="([^"]+)"', (STATIC / "vendor/icons.svg").read_text()))
    root = Path(settings.BASE_DIR)
    used = {
        name
        for template in root.glob("templates/**/*.html")
        for name in re.findall(r"""{% icon ["']([a-z0-9-]+)["']""", template.read_text())
    }
    assert used | set(BADGE_ICONS.values()) <= sprite, (used | set(BADGE_ICONS.values())) - sprite


# Seal


@pytest.mark.parametrize("level", LINES)
@pytest.mark.parametrize("status", INK_BY_STATUS)
def test_every_seal_is_well_formed_and_names_itself(level, status):
    svg = ET.fromstring(seal_svg(level=level, year=2025, status=status, size=60, label="Biểu trưng"))
    assert svg.attrib["role"] == "img"
    assert svg.attrib["aria-label"] == "Biểu trưng"
    assert "".join(svg.itertext()) == "".join(LINES[level]) + "2025"


def test_the_label_says_level_and_year_and_whether_it_is_still_in_force():
    in_force = ET.fromstring(render('{% seal "national" 2025 "expiring" 104 %}'))
    revoked = ET.fromstring(render('{% seal "province" 2024 "revoked" %}'))
    assert in_force.attrib["aria-label"] == "Biểu trưng công nhận cấp quốc gia 2025"
    assert revoked.attrib["aria-label"] == "Biểu trưng công nhận cấp tỉnh 2024, đã thu hồi"


@pytest.mark.parametrize(
    ("status", "red"),
    [("valid", True), ("expiring", True), ("expired", False), ("suspended", False), ("revoked", False)],
)
def test_only_a_recognition_in_force_is_lacquer_red(status, red):
    drawn = seal_svg(level="national", year=2025, status=status, size=60, label="x")
    assert ("#A3231B" in drawn) is red


def test_the_seal_is_denser_the_higher_the_level():
    ink = [
        seal_svg(level=level, year=2025, status="valid", size=60, label="x")
        for level in ("district", "province", "region", "national")
    ]
    assert ["stroke-dasharray" in seal for seal in ink] == [True, False, False, False]
    assert [seal.count("<path") for seal in ink] == [2, 2, 3, 3]
    assert ['fill="currentColor" ' in seal or 'Z" fill="currentColor"' in seal for seal in ink] == [
        False,
        False,
        False,
        True,
    ]


def test_a_seal_cannot_carry_markup_in_its_year_or_label():
    drawn = seal_svg(level="province", year="<b>", status="valid", size=60, label='"><script>')
    assert "<script" not in drawn
    assert "<b>" not in drawn


# Status badge


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ('"valid" d', "Còn hiệu lực đến 31/12/2024"),
        ('"valid" d "year"', "Còn hiệu lực đến 2024"),
        ('"valid"', "Còn hiệu lực"),
        ('"expiring" d "day" 40', "Còn 40 ngày hiệu lực"),
        ('"expiring" d "day" 0', "Hôm nay là ngày cuối có hiệu lực"),
        ('"expiring" d "year"', "Sắp hết hiệu lực, đến 2024"),
        ('"expired" d', "Hết hiệu lực từ 01/01/2025"),
        ('"expired" d "year"', "Hết hiệu lực từ 2025"),
        ('"revoked" since=d', "Đã thu hồi từ 31/12/2024"),
        ('"revoked"', "Đã thu hồi"),
        ('"withdrawn"', "Đã rút"),
        ('"suspended" since=d', "Tạm dừng hiệu lực từ 31/12/2024"),
        ('"superseded" since=2025', "Đã có công nhận mới năm 2025"),
        ('"superseded" since=nothing', "Đã có công nhận mới"),
    ],
)
def test_a_badge_says_its_state_in_words_beside_an_icon(source, words):
    badge = ET.fromstring(render("{% status_badge " + source + " %}", d=date(2024, 12, 31)))
    assert "".join(badge.itertext()) == words
    assert badge[0].tag == "svg"


# Swatches


@pytest.mark.parametrize("group", swatches.PATTERNS)
@pytest.mark.parametrize(
    "which",
    [{"square": True}, {}, {"width": 360}, {"form": "avif"}, {"width": 360, "form": "avif"}],
    ids=["square", "large", "small", "large avif", "small avif"],
)
def test_every_swatch_the_hash_can_choose_lies_among_the_static_files(group, which):
    for pattern in swatches.PATTERNS[group]:
        for variant in range(1, swatches.VARIANTS + 1):
            assert (STATIC / swatches.Swatch(group, pattern, variant).path(**which)).is_file()


def test_a_product_has_the_same_swatch_everywhere_large_and_small():
    large, small = (render("{% swatch key 'processing' 'Miến dong' s %}", key=KEY, s=s) for s in (False, True))
    assert large == small.replace("-sq.webp", ".webp")
    assert swatches.swatch(KEY, "processing", "Miến dong") == swatches.swatch(KEY, "processing", "Miến dong")


@pytest.mark.parametrize(
    ("group", "name", "pattern"),
    [
        ("processing", "Chè móc câu", "bup-che"),
        ("processing", "Trà hoa vàng", "bup-che"),
        ("processing", "Miến dong Bình Liêu", "soi-phoi"),
        ("handicraft", "Chiếu trúc", "long-thuyen"),
        ("other", "Ngói công nghệ cao", "gach-xay"),
        ("other", "Gạch bông", "gach-bong"),
    ],
)
def test_a_word_of_the_name_picks_the_pattern(group, name, pattern):
    assert swatches.swatch(KEY, group, name).pattern == pattern


def test_a_word_counts_whole_with_its_marks_and_only_within_its_group():
    by_hash = swatches.swatch(KEY, "processing").pattern
    assert swatches.swatch(KEY, "processing", "Che đậy").pattern == by_hash
    assert swatches.swatch(KEY, "processing", "Chiếu").pattern == by_hash


def test_a_word_is_found_however_its_accents_are_composed():
    assert swatches.swatch(KEY, "processing", unicodedata.normalize("NFD", "Chè")).pattern == "bup-che"


def test_the_hash_reaches_every_pattern_of_a_group():
    chosen = {swatches.swatch(str(i), "handicraft") for i in range(400)}
    assert len(chosen) == len(swatches.PATTERNS["handicraft"]) * swatches.VARIANTS


# Pages and files


@pytest.mark.parametrize("code", ["400", "500", "403_csrf"])
def test_plain_error_pages_need_no_context_at_all(code):
    page = render_to_string(f"{code}.html")
    assert page.count("<h1>") == 1
    assert '<html lang="vi">' in page


def test_a_list_without_rows_states_the_fact_and_what_to_do():
    page = render_to_string("_empty.html", {"fact": "Không còn việc nào.", "advice": "Việc mới sẽ hiện ở đây."})
    assert "Không còn việc nào." in page
    assert "Việc mới sẽ hiện ở đây." in page


def test_the_layers_are_declared_in_order_before_any_is_filled():
    sheet = (STATIC / "css/tokens.css").read_text()
    order = re.search(r"@layer ([\w, ]+);", sheet)
    assert order
    assert order.group(1) == "tokens, base, layout, components, page, print"
    assert sheet.index(order.group(0)) < sheet.index("{")


def test_every_token_a_sheet_uses_is_defined_somewhere():
    sheets = "".join(path.read_text() for path in (STATIC / "css").glob("*.css"))
    used, defined = set(re.findall(r"var\((--[\w-]+)", sheets)), set(re.findall(r"(--[\w-]+):", sheets))
    assert used <= defined, used - defined


def test_every_file_a_sheet_points_to_exists():
    for sheet in (STATIC / "css").glob("*.css"):
        for address in re.findall(r'url\("([^"#][^"]*)"\)', sheet.read_text()):
            assert (sheet.parent / address).resolve().is_file(), f"{sheet.name}: {address}"


def test_lacquer_red_belongs_to_the_seal_alone():
    for sheet in (STATIC / "css").glob("*.css"):
        rules = re.findall(r"([^{}]+)\{[^{}]*var\(--lacquer\)", sheet.read_text())
        assert [rule.strip() for rule in rules] in ([], [".seal--lacquer"]), sheet.name


def test_the_map_keeps_every_former_province_and_both_archipelagos():
    places = json.loads((STATIC / "vendor/vietnam-map/vietnam.json").read_text())["locations"]
    assert len(places) == 65
    assert {"hoangsa", "truongsa"} <= set(places)
    assert all(place["name"] and place["path"][0] in "mM" for place in places.values())


@pytest.mark.urls(__name__)
def test_the_other_language_is_one_link_away_and_keeps_the_query(rf):
    request = rf.get("/tim/", {"q": "chè"})
    with translation.override("vi"):
        assert render("{% in_language 'en' %}", request=request) == "/en/tim/?q=ch%C3%A8"
        assert render("{% in_language 'vi' %}", request=request) == "/tim/?q=ch%C3%A8"


def test_what_is_refused_as_a_whole_is_said_alone_and_inputs_are_counted():
    def said(form: forms.Form) -> str:
        return " ".join(render_to_string("_form_errors.html", {"form": form}).split())

    class Typed(forms.Form):
        name = forms.CharField(label="Tên")

    form = Typed({"name": "Máy sấy"})
    form.add_error(None, "Đợt đăng ký đã đóng.")
    assert "<p>Đợt đăng ký đã đóng.</p> </div>" in said(form)
    assert "mục cần sửa" not in said(form)
    form.add_error("name", "Tên đã có.")
    assert "Chưa lưu được: có 2 mục cần sửa." in said(form)
    assert "<li>Đợt đăng ký đã đóng.</li>" in said(form)
    assert '<a href="#id_name">Tên: Tên đã có.</a>' in said(form)
