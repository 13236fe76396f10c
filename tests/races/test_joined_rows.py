"""What is decided of a dossier or a recognition while its product or its facility is merged, on PostgreSQL.

Whoever waits for a row is given the row as it then stands, but not what it was joined to. The controls lock joined
rows, or take no turns.
"""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import OperationalError, transaction
from django.db.models.query import QuerySet

from facilities.merging import facilities_joining, merge_facilities, products_joining
from products.models import Product, Recognition
from products.services import endings, merging, update_product
from products.services.merging import merge_products
from rounds import merged
from rounds.models import Dossier
from rounds.services import detection, lifecycle, samples
from tests import factories
from tests.races.test_extension import codes, first_and_then
from tests.races.test_merging import at_one_point, told
from tests.races.test_rounds import decide
from tests.races.test_scoring import together
from tests.rounds import helpers
from tests.rounds.helpers import AFTER, NOON

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def joined(monkeypatch: pytest.MonkeyPatch) -> None:
    """A locked row is read together with what it names."""
    locking = QuerySet.select_for_update
    named = {Dossier: ["product"], Recognition: ["product"]}

    def reading(self: Any, **options: Any) -> Any:
        return locking(self, **options).select_related(*named.get(self.model, []))

    monkeypatch.setattr(QuerySet, "select_for_update", reading)


@pytest.fixture
def no_turns() -> Iterator[None]:
    """A merge that does not hold the rounds before facilities and products."""
    facilities_joining.disconnect(dispatch_uid="rounds-of-joining-facilities")
    products_joining.disconnect(dispatch_uid="rounds-of-joining-products")
    yield
    merged.connect()


@pytest.fixture
def decided(province: Any, officer: Any, leader: Any) -> Any:
    """A round whose decision is about to be recorded; of two dossiers the first one's product is entered twice."""
    helpers.validity_rule()
    return helpers.submitted_round(province, officer, leader)


def joining(product: Product, officer: Any) -> Any:
    kept = factories.ProductFactory(territory=product.territory, facility=product.facility)
    facts = {"reason": "Nhập hai lần.", "actor": officer, "now": AFTER}
    return lambda: merge_products(survivor=kept, loser=product, **facts)


def first_product(round_: Any) -> Product:
    return Dossier.objects.filter(round=round_).order_by("entry_code")[0].product


# --- a decision that recognises, and a merge ------------------------------------------------------------------------


def product_merged_at_one_point(monkeypatch: pytest.MonkeyPatch, decided: Any, officer: Any, leader: Any) -> list[Any]:
    """The decision holds the dossiers, the merge the products, and each is about to ask for what the other holds."""
    merge = joining(first_product(decided), officer)
    at_one_point(monkeypatch, (lifecycle, "_proposed"), (merging, "lock_pair"))
    return codes(together(told(decide(decided, leader)), told(merge)))


def test_a_decision_and_a_merge_of_products_take_turns(monkeypatch, decided, officer, leader):
    assert product_merged_at_one_point(monkeypatch, decided, officer, leader) == []
    assert Recognition.objects.filter(product__merged_into=None).count() == 2


def test_control_without_turns_the_decision_or_the_merge_is_ended(monkeypatch, decided, officer, leader, no_turns):
    assert product_merged_at_one_point(monkeypatch, decided, officer, leader) == [OperationalError]


def facility_merged_at_one_point(monkeypatch: pytest.MonkeyPatch, decided: Any, officer: Any, leader: Any) -> list[Any]:
    """The decision holds the round, the merge has moved the product and is about to look at the round's declarations."""
    gone = first_product(decided).facility
    kept = factories.FacilityFactory(territory=gone.territory)
    facts = {"reason": "Nhập hai lần.", "actor": officer, "now": AFTER}
    point, looking = SimpleNamespace(reached=lambda: None), detection.facility_changed
    at_one_point(monkeypatch, (lifecycle, "_proposed"), (point, "reached"))

    def reaching(*args: Any, **told_of: Any) -> Any:
        point.reached()
        return looking(*args, **told_of)

    monkeypatch.setattr(detection, "facility_changed", reaching)
    merge = told(lambda: merge_facilities(survivor=kept, loser=gone, **facts))
    return codes(together(told(decide(decided, leader)), merge))


def test_a_decision_and_a_merge_of_facilities_take_turns(monkeypatch, decided, officer, leader):
    assert facility_merged_at_one_point(monkeypatch, decided, officer, leader) == []
    assert Recognition.objects.filter(product__facility__merged_into=None).count() == 2


def test_control_without_turns_one_of_the_two_is_ended(monkeypatch, decided, officer, leader, no_turns):
    assert facility_merged_at_one_point(monkeypatch, decided, officer, leader) == [OperationalError]


def edited_at_one_point(monkeypatch: pytest.MonkeyPatch, decided: Any, officer: Any, leader: Any) -> list[Any]:
    """The decision has written its first audit row, an officer holds a product to write one about it."""
    product = first_product(decided)
    point = SimpleNamespace(held=lambda: Product.objects.select_for_update().get(pk=product.pk))
    at_one_point(monkeypatch, (lifecycle, "write_decision"), (point, "held"))

    @transaction.atomic
    def edit() -> Any:
        return update_product(product=point.held(), actor=officer, changed=["summary"])

    return codes(together(told(decide(decided, leader)), told(edit)))


def test_a_decision_and_an_edit_of_a_product_take_turns(monkeypatch, decided, officer, leader):
    assert edited_at_one_point(monkeypatch, decided, officer, leader) == []


def test_control_with_the_products_held_after_the_first_audit_row(monkeypatch, decided, officer, leader):
    monkeypatch.setattr(lifecycle, "_hold_products", lambda dossiers: dossiers)
    assert edited_at_one_point(monkeypatch, decided, officer, leader) == [OperationalError]


# --- a row whose product changes while somebody waits for it --------------------------------------------------------


def found(act: Any) -> Any:
    """The act; a row that is not found is a result like another."""

    def done() -> Any:
        try:
            return act()
        except ObjectDoesNotExist as lost:
            return lost

    return done


def specimen_while_merged(province: Any, officer: Any) -> list[Any]:
    """A specimen of a dossier is taken in while its product becomes one with another."""
    dossier = helpers.submitted(helpers.receiving_round(province, officer), officer)
    merge = joining(dossier.product, officer)
    facts = {"description": "Hộp trà", "actor": officer, "now": NOON}
    return codes(first_and_then(told(merge), found(lambda: samples.receive(dossier=dossier, **facts))))


def test_a_specimen_is_taken_in_though_the_product_was_merged_meanwhile(province, officer):
    assert specimen_while_merged(province, officer) == []


def test_control_read_with_its_product_the_dossier_is_not_found(province, officer, joined):
    assert specimen_while_merged(province, officer) == [Dossier.DoesNotExist]


def withdrawn_while_merged(province: Any, officer: Any) -> list[Any]:
    """A facility gives a recognition back while its product becomes one with another."""
    row = factories.RecognitionFactory(product__territory=province, territory=province)
    merge = joining(row.product, officer)
    facts = {"on": max(row.begins_on, AFTER.date()), "reason": "Thôi sản xuất.", "actor": officer, "now": AFTER}
    return codes(first_and_then(told(merge), found(lambda: endings.withdraw(recognition=row, **facts))))


def test_a_recognition_is_withdrawn_though_its_product_was_merged_meanwhile(province, officer):
    assert withdrawn_while_merged(province, officer) == []
    assert Recognition.objects.get().withdrawn_on


def test_control_read_with_its_product_the_recognition_is_not_found(province, officer, joined):
    assert withdrawn_while_merged(province, officer) == [Recognition.DoesNotExist]
