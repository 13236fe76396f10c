"""Reference data of the register: dated rules and published totals, loaded once, never overwritten."""

import datetime as dt
import io
from decimal import Decimal

import pytest
from django.core.management import call_command

from portal.territory import reference_data as territory_data
from products import reference_data
from products.enums import FigurePrecision
from products.models import PublishedFigure, ValidityRule

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def provinces() -> None:
    territory_data.load()


def test_rules_and_figures_are_created_once() -> None:
    assert reference_data.load() == {
        "rules_created": 3, "rules_kept": 0, "figures_created": 84, "figures_kept": 0,
        "successors_created": 3, "successors_kept": 0,
    }  # fmt: skip
    assert reference_data.load() == {
        "rules_created": 0, "rules_kept": 3, "figures_created": 0, "figures_kept": 84,
            "successors_created": 0, "successors_kept": 3,
    }  # fmt: skip


def test_what_staff_changed_is_kept() -> None:
    reference_data.load()
    ValidityRule.objects.filter(code="tt-38-2025").update(years=3)
    reference_data.load()
    assert ValidityRule.objects.get(code="tt-38-2025").years == 3


def test_the_rules_follow_each_other_without_a_gap_and_the_last_is_an_estimate() -> None:
    reference_data.load()
    first, second, third = ValidityRule.objects.order_by("valid_from")
    one = dt.timedelta(days=1)
    assert (first.valid_from, first.years, first.to_end_of_year) == (dt.date(2014, 10, 21), 3, True)
    assert (second.valid_from, second.years) == (first.valid_to + one, 4)
    assert (third.valid_from, third.years, third.to_end_of_year) == (second.valid_to + one, 2, False)
    assert (first.is_certain, second.is_certain, third.is_certain) == (True, True, False)


def test_figures_keep_what_their_source_says() -> None:
    reference_data.load()
    three = PublishedFigure.objects.get(place="Bến Tre (cũ)")
    assert (three.value, three.value_text, three.precision) == (None, "40 / 20 / 8", FigurePrecision.TEXT)
    assert three.territory is not None
    assert three.territory.slug == "ben-tre-2025"
    almost = PublishedFigure.objects.get(what="kinh phí hỗ trợ máy móc")
    assert (almost.value, almost.value_text, almost.precision) == (
        Decimal("11.800"),
        "gần 11,8",
        FigurePrecision.ALMOST,
    )
    contradiction = PublishedFigure.objects.get(place="Cao Bằng", period="2022", what="tổng kinh phí")
    assert contradiction.note == "Nguồn mâu thuẫn: hai phần 850 + 900 = 1.750."


def test_no_figure_points_at_a_file_of_the_authors() -> None:
    reference_data.load()
    assert not PublishedFigure.objects.filter(source__contains="sources/").exists()


def test_load_reference_writes_only_with_apply() -> None:
    out = io.StringIO()
    call_command("load_reference", stdout=out)
    assert "Chạy thử, chưa ghi gì." in out.getvalue()
    assert ValidityRule.objects.count() == 0
    call_command("load_reference", "--apply", stdout=io.StringIO())
    assert ValidityRule.objects.count() == 3
