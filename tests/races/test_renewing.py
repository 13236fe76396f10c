"""A maker who clicks twice, on PostgreSQL: one dossier; the control shows that without the lock two try to write."""

from collections.abc import Callable
from typing import Any

import pytest

from rounds.models import Dossier
from rounds.services import dossiers
from rounds.services.renewing import start
from tests import factories
from tests.races.test_rounds import meet_before, unlocked  # noqa: F401  a fixture
from tests.races.test_scoring import together
from tests.rounds.renewal_world import NOW, ending, receiving_round

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def clicking(province: Any) -> Callable[[], Dossier]:
    facility = factories.FacilityFactory(territory=province)
    maker = factories.RepresentativeFactory(facility=facility).user
    recognition = ending(factories.ProductFactory(facility=facility))
    round_ = receiving_round(province)
    return lambda: start(recognition=recognition, round_=round_, actor=maker, now=NOW)


def test_four_clicks_at_once_give_one_dossier(clicking):
    results = together(*[clicking] * 4)
    assert len({result.pk for result in results}) == 1
    assert Dossier.objects.count() == 1


def test_without_the_lock_the_constraint_still_gives_the_same_dossier(clicking, unlocked, monkeypatch):  # noqa: F811
    """Both have seen that nothing is entered before either writes."""
    meet_before(monkeypatch, dossiers, "refuse_unfit_entry", 2)
    results = together(clicking, clicking)
    assert len({result.pk for result in results}) == 1
    assert Dossier.objects.count() == 1
