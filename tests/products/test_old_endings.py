"""The migration that tells what ended before there was a trace."""

import datetime as dt
import importlib

import pytest
from django.apps import apps

from products.models import RecognitionEvent, Suspension
from tests.factories import DecisionFactory, RecognitionFactory

pytestmark = pytest.mark.django_db
tell = importlib.import_module("products.migrations.0011_old_endings").tell_old_endings
JUNE, JULY = dt.date(2026, 6, 1), dt.date(2026, 7, 1)


def test_old_endings_become_rows_once() -> None:
    RecognitionFactory()
    decision = DecisionFactory()
    revoked = RecognitionFactory(
        suspended_from=JUNE, suspended_to=JUNE, revoked_on=JULY, revocation_decision=decision, status_reason="Vi phạm"
    )
    withdrawn = RecognitionFactory(withdrawn_on=JUNE, status_reason="Xin rút")
    for _twice in range(2):
        tell(apps, None)
    told = RecognitionEvent.objects.order_by("recognition", "on").values_list(
        "recognition", "kind", "on", "until", "reason", "decision"
    )
    assert list(told) == [
        (revoked.pk, "suspended", JUNE, JUNE, "", None),
        (revoked.pk, "revoked", JULY, None, "Vi phạm", decision.pk),
        (withdrawn.pk, "withdrawn", JUNE, None, "Xin rút", None),
    ]
    pause = Suspension.objects.get()
    assert (pause.begins_on, pause.ends_on, pause.basis) == (JUNE, JUNE, "Chưa ghi căn cứ khi nhập vào sổ")
