"""check_invariants on the life of recognitions: each rule finds its own breach, the services leave none."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from portal.pages import life_invariants as life
from products import services
from products.models import Recognition, Suspension
from tests.factories import DecisionFactory, RecognitionFactory, UserFactory

pytestmark = pytest.mark.django_db


def paused(**facts: Any) -> Recognition:
    return RecognitionFactory(status_reason="Lý do", **facts)


def pause_of(row: Recognition, first: dt.date, last: dt.date | None) -> Suspension:
    return Suspension.objects.create(recognition=row, begins_on=first, ends_on=last, basis="b", reason="r")


JUNE = dt.date(2026, 6, 1)


@pytest.mark.parametrize(
    ("check", "breach"),
    [
        (life.recognitions_repeat_their_latest_suspension, lambda: paused(suspended_from=JUNE)),
        (
            life.recognitions_repeat_their_latest_suspension,
            lambda: pause_of(RecognitionFactory(), JUNE, None).recognition,
        ),
        (life.every_ending_is_told, lambda: paused(revoked_on=JUNE)),
        (life.every_ending_is_told, lambda: paused(withdrawn_on=JUNE)),
        (life.only_households_revoked_are_withheld, lambda: RecognitionFactory(withheld_at=timezone.now())),
    ],
)
def test_a_breach_in_the_life_of_a_recognition_is_found(check: life.Check, breach: Callable[[], Recognition]) -> None:
    row = breach()
    assert list(check()) == [str(row.pk)]


def test_a_life_that_went_through_the_services_has_no_breach() -> None:
    row = RecognitionFactory(product__facility__kind="household", expires_on=dt.date(2025, 12, 31))
    officer = UserFactory()
    begins, ends = dt.date(2025, 3, 1), dt.date(2025, 3, 9)
    services.suspend(recognition=row, on=begins, until=ends, reason="x", basis="b", actor=officer)
    decision = DecisionFactory(territory=row.territory)
    services.revoke(recognition=row, on=dt.date(2025, 6, 1), reason="x", proposal="p", decision=decision, actor=officer)
    services.withhold_due(now=dt.datetime(2026, 1, 1, 1, tzinfo=dt.UTC))
    assert [breach for check in life.CHECKS for breach in check()] == []
