"""The change feed: what it says after each kind of change, without gaps, and what it never names."""

import datetime as dt

import pytest
from django.db import transaction
from django.utils import timezone

from products import register
from products.models import Product, Recognition, RegisterChange, RegisterMark, ValidityRule
from tests.factories import (
    ContactFactory,
    DecisionFactory,
    FacilityFactory,
    ProductFactory,
    RecognitionFactory,
    RoundFactory,
    TerritoryFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def tea() -> Product:
    province = TerritoryFactory(name="Thái Nguyên")
    made = ProductFactory(name="Chè", slug="che", facility=FacilityFactory(territory=province))
    RecognitionFactory(product=made, decision=DecisionFactory(number="9"))
    return made


def told(after: int) -> list[tuple[str, str]]:
    """Kind and slug of every entry since; numbers follow each other to the mark's own."""
    entries = list(RegisterChange.objects.filter(number__gt=after))
    last = RegisterMark.objects.get().number
    assert [entry.number for entry in entries] == list(range(after + 1, last + 1))
    return [(entry.kind, entry.slug) for entry in entries]


def test_whatever_belongs_to_a_product_names_it(tea):
    for change in (
        tea.save,
        tea.facility.save,
        tea.recognitions.get().save,
        tea.recognitions.get().decision.save,
        lambda: ContactFactory(facility=tea.facility),
        lambda: tea.standards.create(kind="ocop", stars=4),
        lambda: tea.standards.all().delete(),
        lambda: tea.channels.create(kind="shop", name="Quầy 7"),
    ):
        before = register.state()
        change()
        assert told(before.number) == [("published", "che")]
        assert register.state().word != before.word


def test_all_that_one_transaction_touched_is_told_once(tea):
    before = register.state().number
    with transaction.atomic():
        tea.save()
        tea.facility.save()
        RecognitionFactory(product=ProductFactory(name="Gốm", slug="gom", facility=tea.facility))
    assert told(before) == [("published", "che"), ("published", "gom")]


def test_what_leaves_the_register_is_told_as_gone_once(tea):
    before = register.state().number
    row = tea.recognitions.get()
    row.published_at = None
    row.save()
    tea.save()
    assert told(before) == [("gone", "che")]


def test_what_was_public_before_the_feed_began_is_told_as_gone_by_its_history(tea):
    RegisterChange.objects.all().delete()
    before = register.state().number
    row = tea.recognitions.get()
    row.published_at = None
    row.save()
    assert told(before) == [("gone", "che")]


def test_what_was_never_public_is_never_named():
    province = TerritoryFactory(name="Cao Bằng")
    secret = ProductFactory(name="Sắp đề nghị", facility=FacilityFactory(territory=province))
    RecognitionFactory(product=secret, published_at=None)
    before = register.state()
    secret.save()
    secret.recognitions.get().save()
    assert told(before.number) == []
    assert register.state().word != before.word


def test_a_rule_concerns_all_and_a_round_nothing_of_the_feed(tea):
    before = register.state().number
    RoundFactory(territory=tea.territory)
    assert told(before) == []
    ValidityRule.objects.create(
        code="mau", legal_basis="Mẫu", years=3, to_end_of_year=False, valid_from=dt.date(2020, 1, 1)
    )
    assert told(before) == [("all", "")]


def test_a_transaction_taken_back_tells_nothing(tea):
    before = register.state()
    with transaction.atomic():
        tea.save()
        transaction.set_rollback(True)
    assert register.state() == before


def test_bulk_writers_touch_by_hand(tea):
    before = register.state()
    Recognition.objects.update(year=2024)
    assert register.state() == before
    register.touch([tea.pk])
    assert told(before.number) == [("published", "che")]
    register.touch(everything=True)
    assert told(before.number) == [("published", "che"), ("all", "")]


def test_a_large_import_is_one_write_of_few_statements(tea, django_assert_max_num_queries):
    made = Product.objects.bulk_create(
        [Product(name=f"Chè {n}", slug=f"che-{n}", group="other", territory=tea.territory) for n in range(3000)]
    )
    Recognition.objects.bulk_create(
        Recognition(
            product=one, level="province", year=2024, territory=tea.territory, expires_on=dt.date(2027, 1, 1),
            published_at=timezone.now(),
        )
        for one in made
    )  # fmt: skip
    before = register.state().number
    # SQLite takes a thousand values in one statement, so even there one insert holds 140 entries.
    with django_assert_max_num_queries(30):
        register.touch([one.pk for one in made])
    assert len(told(before)) == 3000


def test_old_entries_are_forgotten_but_never_the_last(tea):
    tea.save()
    RegisterChange.objects.update(at=timezone.now() - register.KEPT_FOR - dt.timedelta(days=1))
    register.forget_old_changes(now=timezone.now())
    assert list(RegisterChange.objects.values_list("number", flat=True)) == [register.state().number]
