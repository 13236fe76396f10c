"""Charts: well-formed whatever the words, readable without colour, the same colours as the style sheet."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from portal.pages import charts
from portal.pages.charts import PHONE, TOKENS, WIDE, Chart, Item, svg, svg_file

CSS = Path(__file__).parents[2] / "static" / "css"
HOSTILE = 'Chè <b>“Tân & Cương”</b> \x00\x0b "]]>' + "ềỗ" * 40
ITEMS = (
    Item(HOSTILE, 7, "7", note="70%", parts=(4, 3), published=9, published_shown="gần 9"),
    Item("2024", 0, "0", parts=(0, 0)),
    Item("2025", 10, "10", parts=(10, 0)),
)
KINDS = ("bars", "columns", "steps", "funnel", "slope")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("width", [WIDE, PHONE])
def test_every_chart_is_well_formed_named_and_within_its_width(kind, width):
    chart = Chart(kind, HOSTILE, ITEMS, ("cấp tỉnh", "cấp quốc gia"), published="đã công bố")
    drawn = ET.fromstring(svg(chart, name="x", width=width))
    named = drawn.attrib["aria-labelledby"].split()
    assert [drawn.find(f".//*[@id='{one}']").tag.rsplit("}")[-1] for one in named] == ["title", "desc"]
    assert drawn.attrib["role"] == "img"
    assert "style" not in ET.tostring(drawn, encoding="unicode")
    for box in drawn.iter("{http://www.w3.org/2000/svg}rect"):
        assert float(box.attrib["x"]) + float(box.attrib["width"]) <= width + 0.5


def test_the_description_says_every_number_in_words():
    chart = Chart("bars", "x", ITEMS[:1], ("tỉnh", "quốc gia"), published="đã công bố")
    assert chart.desc.endswith(": 7, đã công bố gần 9, tỉnh 4, quốc gia 3, 70%")


def test_each_series_has_a_pattern_of_its_own_and_the_hatch_is_for_what_was_published():
    drawn = svg(Chart("columns", "x", ITEMS, ("a", "b"), published="p"), name="x")
    assert {"f-solid", "f-dots", "f-hatch"} == set(re.findall(r'<rect class="(f-[a-z]+)"', drawn))
    whole = svg(Chart("funnel", "x", (Item("a", 3, "3"),), hatched=True), name="x")
    assert re.findall(r'<rect class="(f-[a-z]+)"', whole) == ["f-hatch"]


def test_bars_begin_at_zero_and_are_as_long_as_their_numbers():
    drawn = svg(Chart("bars", "x", (Item("a", 100, "100"), Item("b", 50, "50"), Item("c", 0, "0"))), name="x")
    widths = [float(found) for found in re.findall(r'class="f-solid"[^>]* width="([0-9.]+)"', drawn)]
    assert len(widths) == 2
    assert widths[1] == pytest.approx(widths[0] / 2, abs=0.2)


def test_on_a_phone_a_long_number_stands_below_its_label_and_does_not_squeeze_it():
    item = Item("Cả nước, 2021 (lần IV): sản phẩm đạt cấp quốc gia", 2, "đếm được 2", note="công bố 200")
    drawn = svg(Chart("bars", "x", (item,)), name="x", width=PHONE)
    placed = [(float(y), words) for y, words in re.findall(r'<text [^>]*y="([0-9.]+)"[^>]*>([^<]+)</text>', drawn)]
    *label, (below, number) = sorted(placed)
    assert number == "đếm được 2 (công bố 200)"
    assert len(label) == 2
    assert below > label[-1][0] + 8


@pytest.mark.parametrize("width", [WIDE, PHONE])
def test_what_is_said_of_a_column_stands_below_its_name_also_where_the_name_is_broken(width):
    items = tuple(Item(f"{year}, lần III", 6, "6", note="6 có trang") for year in range(2015, 2021))
    drawn = svg(Chart("columns", "x", items), name="x", width=width)
    placed = re.findall(r'<text x="([0-9.]+)" y="([0-9.]+)"[^>]*>([^<]+)</text>', drawn)
    first = sorted((float(y), words) for x, y, words in placed if x == placed[-1][0])
    assert " ".join(words for _y, words in first) == "6 2020, lần III 6 có trang"
    assert float(re.search(r'height="([0-9.]+)"', drawn)[1]) > first[-1][0]


def test_a_file_stands_alone_and_has_the_colours_of_the_page():
    found = svg_file(Chart("bars", HOSTILE, ITEMS, ("a", "b")), about=["nguồn <x>"])
    ET.fromstring(found)
    assert all(f'id="{name}"' in found for name in re.findall(r"url\(#([a-z-]+)\)", found))
    written = re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", (CSS / "tokens.css").read_text(encoding="utf-8"))
    tokens = dict(reversed(written))  # the first is the plain one, what follows is high contrast
    assert {name: tokens[name] for name in TOKENS} == TOKENS


def test_an_empty_chart_and_a_long_run_of_years_are_drawn():
    for kind in KINDS:
        ET.fromstring(svg(Chart(kind, "x", (), ("a", "b")), name="x"))
    assert charts.years([1900, 2026]) == [1900, 2026]
    assert charts.years([2019, 2022]) == [2019, 2020, 2021, 2022]
