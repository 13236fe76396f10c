"""The map of Viet Nam."""

import re

import pytest

from portal.pages import map as drawing
from portal.territory.models import Territory


@pytest.fixture
def provinces(db) -> None:
    from portal.territory.reference_data import load

    load()


def shapes(svg: str) -> list[str]:
    return re.findall(r"<title>([^<]*)</title>", svg)


@pytest.mark.parametrize(
    ("count", "step"), [(0, 0), (1, 1), (3, 1), (4, 2), (6, 2), (7, 3), (12, 3), (13, 4), (999, 4)]
)
def test_a_count_has_its_step(count: int, step: int):
    assert drawing.step(count) == step


def test_steps_grow_with_the_register_and_the_first_is_always_one():
    assert drawing.steps_for(52) == drawing.STEPS
    assert drawing.steps_for(53) == (1, 8, 14, 26)
    assert drawing.steps_for(10_000) == (1, 800, 1400, 2600)
    assert [words for _place, words in drawing.legend()] == [
        "từ 13 lượt trở lên", "7 đến 12 lượt", "4 đến 6 lượt", "1 đến 3 lượt", "chưa có lượt nào",
    ]  # fmt: skip


def test_small_former_units_of_the_delta_are_drawn_large_once_more_outside_the_order_of_tabs(provinces):
    units = Territory.objects.filter(slug__in=["bac-ninh-2025", "ha-nam-2025", "ca-mau-2025"])
    svg = drawing.draw({}, {unit.pk: f"/{unit.slug}/" for unit in units}, basis="at_the_time", inset=True)
    inset = svg.partition('class="map-inset"')[2]
    for slug in ("bac-ninh-2025", "ha-nam-2025"):
        assert f'<a href="/{slug}/" tabindex="-1" aria-hidden="true">' in inset
    assert "ca-mau" not in inset
    assert "Hà Nam</text>" in inset


@pytest.mark.parametrize("slug", ["bac-ninh-2025", "da-nang"])
def test_a_locator_shows_one_unit_in_few_bytes_with_both_archipelagos(provinces, slug):
    svg = drawing.locator(Territory.objects.get(slug=slug).pk)
    assert len(svg) < 26_000
    assert re.search(r'class="locator__here" d="M[^"]+"', svg)
    assert "Hoàng Sa</text>" in svg
    assert "Trường Sa</text>" in svg


def test_34_units_of_today_and_both_archipelagos_are_drawn(provinces):
    svg = drawing.draw({}, {}, basis="current")
    assert len(shapes(svg)) == 34 + 2
    assert "Chưa rõ" not in svg


def test_63_units_of_then_are_drawn_on_the_other_basis(provinces):
    assert len(shapes(drawing.draw({}, {}, basis="at_the_time"))) == 63 + 2


@pytest.mark.parametrize("basis", ["current", "at_the_time"])
def test_hoang_sa_and_truong_sa_are_always_drawn_and_named(provinces, basis):
    svg = drawing.draw({}, {}, basis=basis)
    for name in ("Hoàng Sa", "Trường Sa"):
        assert re.search(rf"<text [^>]*>{name}</text>", svg)
    assert len(re.findall("map-islets", svg)) == 2


def test_they_belong_to_da_nang_and_khanh_hoa(provinces):
    counts = {Territory.objects.get(slug="da-nang").pk: 2, Territory.objects.get(slug="khanh-hoa").pk: 20}
    svg = drawing.draw(counts, {}, basis="current")
    assert "<title>Hoàng Sa, thuộc Đà Nẵng: 2 lượt công nhận</title>" in svg
    assert "<title>Trường Sa, thuộc Khánh Hòa: 20 lượt công nhận</title>" in svg
    assert 'class="map-4 map-islets"' in svg


def test_the_country_is_drawn_even_without_any_unit_on_record(db):
    svg = drawing.draw({}, {}, basis="current")
    assert "Hoàng Sa" in svg
    assert len(svg) > 50_000


def test_a_unit_with_records_leads_to_its_products(provinces):
    hanoi = Territory.objects.get(slug="ha-noi")
    svg = drawing.draw({hanoi.pk: 5}, {hanoi.pk: "/san-pham/?province=ha-noi"}, basis="current")
    assert '<a href="/san-pham/?province=ha-noi" aria-label="Hà Nội: 5 lượt công nhận">' in svg


def test_neighbours_keep_their_common_corners():
    """Corners are set on one grid, so a border has the same points on both sides."""
    border = {
        shape: {point for ring in drawing._rings(path, 1) for point in ring}
        for shape, path in drawing._raw().items()
        if shape in {"hanoi", "hoabinh"}
    }
    assert len(border["hanoi"] & border["hoabinh"]) > 20
