"""Which norm is in force, and what it allows."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from extension.models import NormItem, PriorityRule, SupportNorm
from extension.norms import allowance as norms
from extension.norms import queries as norm_queries
from extension.norms import reference as norm_reference
from portal.territory import reference_data as territory
from portal.territory.models import Territory
from portal.text.formats import UNBROKEN
from tests.factories import SuccessionFactory, TerritoryFactory

D = dt.date
MILLION = 1_000_000


@pytest.mark.parametrize(
    ("facts", "allowed"),
    [
        ({"percent": Decimal(50), "ceiling": 300 * MILLION}, 300 * MILLION),
        ({"percent": Decimal(50), "ceiling": 300 * MILLION, "cost": 500 * MILLION}, 250 * MILLION),
        ({"percent": None, "ceiling": 300 * MILLION, "cost": 400 * MILLION}, 300 * MILLION),
        ({"percent": None, "ceiling": 300 * MILLION, "multiplier": Decimal("1.5")}, 450 * MILLION),
        ({"percent": Decimal(50), "ceiling": 300 * MILLION, "multiplier": Decimal("1.5")}, 300 * MILLION),
        ({"percent": Decimal(80), "ceiling": None}, 480 * MILLION),
        ({"percent": None, "ceiling": 5 * MILLION, "units": 3, "counts_units": True}, 15 * MILLION),
        ({"percent": None, "ceiling": 5 * MILLION, "units": 3}, 5 * MILLION),
        ({"percent": Decimal(50), "ceiling": 300 * MILLION, "already": 250 * MILLION}, 50 * MILLION),
        ({"percent": Decimal(50), "ceiling": 300 * MILLION, "already": 400 * MILLION}, 0),
        ({"percent": Decimal("33.33"), "ceiling": None, "cost": 1001}, 333),
    ],
)
def test_the_least_of_what_is_asked_percent_and_ceiling_is_allowed(facts, allowed):
    known = {"cost": 600 * MILLION, "asked": 600 * MILLION} | facts
    assert norms.allow(**known).allowed == allowed


def test_the_reckoning_is_said_to_the_last_dong():
    found = norms.allow(cost=600 * MILLION + 1, asked=350 * MILLION, percent=Decimal(50), ceiling=300 * MILLION)
    assert found.why.replace(UNBROKEN, " ") == (
        "50 % của 600.000.001 đồng là 300 triệu đồng. Mức tối đa 300 triệu đồng. "
        "Đề nghị 350 triệu đồng vượt mức này 50 triệu đồng, được phép nhiều nhất 300 triệu đồng."
    )


@pytest.fixture
def item(db):
    return NormItem.objects.create(code="may", name="Máy", head=3)


FIRST = D(2020, 1, 1)


def norm(item, place=None, start=FIRST, **facts):
    known = {"legal_basis": "Văn bản mẫu", "percent": 50, "ceiling": 100 * MILLION} | facts
    return SupportNorm.objects.create(item=item, territory=place, valid_from=start, **known)


def test_the_provinces_own_norm_goes_before_the_nations_on_its_days_only(item, province, other_province):
    nation = norm(item)
    own = norm(item, province, D(2025, 5, 5), valid_to=D(2025, 12, 31))
    on = {day: norm_queries.norm_for(item, province, day) for day in (D(2025, 5, 4), D(2025, 5, 5), D(2026, 1, 1))}
    assert on == {D(2025, 5, 4): nation, D(2025, 5, 5): own, D(2026, 1, 1): nation}
    assert norm_queries.norm_for(item, other_province, D(2025, 6, 1)) == nation
    assert norm_queries.norm_for(item, province, D(2019, 12, 31)) is None


def test_a_former_unit_keeps_its_norm_and_then_takes_its_successors(item):
    old, new = TerritoryFactory(name="Quảng Bình", valid_to=D(2025, 6, 30)), TerritoryFactory(name="Quảng Trị")
    SuccessionFactory(predecessor=old, successor=new, on=D(2025, 7, 1))
    theirs = norm(item, new, D(2021, 1, 1))
    assert norm_queries.norm_for(item, old, D(2025, 6, 30)) is None
    assert norm_queries.norm_for(item, old, D(2025, 7, 1)) == theirs
    own = norm(item, old, D(2024, 1, 1))
    assert norm_queries.norm_for(item, old, D(2025, 7, 1)) == own
    assert norm_queries.norm_for(item, new, D(2025, 7, 1)) == theirs


def test_a_norm_of_unknown_first_day_is_never_applied(item, province):
    norm(item, province, start_known=False)
    assert norm_queries.norm_for(item, province, D(2026, 1, 1)) is None


def test_where_the_provinces_text_states_no_percent_the_nations_counts(item, province):
    nation = norm(item)
    own = norm(item, province, percent=None, ceiling=300 * MILLION)
    found = norm_queries.book(province, D(2025, 1, 1)).applied(item.pk)
    assert (found.norm, found.percent, found.percent_from) == (own, Decimal(50), nation)


@pytest.mark.parametrize(
    ("start", "end"), [(D(2019, 1, 1), D(2020, 1, 1)), (D(2024, 12, 31), None), (D(2021, 1, 1), D(2022, 1, 1))]
)
def test_the_database_refuses_overlapping_norms_of_one_place(item, province, start, end):
    norm(item, province, valid_to=D(2024, 12, 31))
    with pytest.raises(IntegrityError, match="không được trùng ngày"), transaction.atomic():
        norm(item, province, start, valid_to=end)
    norm(item, province, D(2025, 1, 1))
    norm(item, None, start, valid_to=end)


def test_reference_norms_load_once_and_keep_what_staff_changed(db):
    territory.load()
    first = norm_reference.load()
    assert (first["norms_created"], first["norm_items_created"], first["priorities_created"]) == (50, 28, 4)
    SupportNorm.objects.filter(legal_basis__startswith="NQ 13/2025").update(note="đã đối chiếu")
    assert norm_reference.load() == {"norm_items_kept": 28, "norms_kept": 50, "priorities_kept": 4}
    assert SupportNorm.objects.filter(note="đã đối chiếu").count() == 11
    assert not SupportNorm.objects.get(legal_basis__contains="109/2025", item__code="mo_hinh_moi").start_known


def test_priorities_raise_ceilings_by_half_and_a_machine_is_paid_half(db):
    territory.load()
    norm_reference.load()
    lai_chau = Territory.objects.get(slug="lai-chau")
    for on in (D(2016, 1, 1), D(2026, 1, 1)):
        assert norm_queries.priority_multiplier(on, lai_chau).multiplier == Decimal("1.5")
    machine = NormItem.objects.get(code="may_moc")
    assert norm_queries.norm_for(machine, None, D(2016, 1, 1)).ceiling == 200 * MILLION
    assert norm_queries.norm_for(machine, lai_chau, D(2026, 1, 1)).legal_basis == "NQ 18/2025/NQ-HĐND"
    assert norm_queries.norm_for(machine, lai_chau, D(2013, 1, 1)) is None
    assert {rule.kind for rule in PriorityRule.objects.all()} == {"area", "trade", "recognised"}
