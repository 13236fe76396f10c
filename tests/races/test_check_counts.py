"""Many who ask for one certificate at the same instant are all counted, on PostgreSQL; the control loses some."""

import datetime as dt
import threading
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from products import check_counts
from products.models import Certificate, CheckCount
from tests import factories

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]
TODAY = dt.date(2026, 11, 21)
PEOPLE, TIMES = 6, 15


@pytest.fixture
def paper() -> Certificate:
    return factories.CertificateFactory()


def crowd(ask: Callable[[], None]) -> None:
    """Everybody asks as often, and all begin together."""
    start = threading.Barrier(PEOPLE)

    def person() -> None:
        try:
            start.wait()
            for _time in range(TIMES):
                ask()
        finally:
            connection.close()

    people = [threading.Thread(target=person) for _person in range(PEOPLE)]
    for one in people:
        one.start()
    for one in people:
        one.join()


@pytest.mark.parametrize("known", [True, False])
def test_nobody_is_lost_nor_counted_in_two_rows(paper: Certificate, known: bool) -> None:
    pk = paper.pk if known else None
    crowd(lambda: check_counts.count(on=TODAY, certificate_id=pk, way="qr", answer="valid"))
    assert list(CheckCount.objects.values_list("certificate", "count")) == [(pk, PEOPLE * TIMES)]


def test_control_reading_first_and_writing_then_loses_some(paper: Certificate) -> None:
    row = CheckCount.objects.create(on=TODAY, certificate=paper, way="qr", answer="valid")
    both_have_read = threading.Barrier(2)

    def careless() -> None:
        try:
            with transaction.atomic():
                found = CheckCount.objects.get(pk=row.pk)
                both_have_read.wait()
                found.count += 1
                found.save()
        finally:
            connection.close()

    people = [threading.Thread(target=careless) for _person in range(2)]
    for one in people:
        one.start()
    for one in people:
        one.join()
    row.refresh_from_db()
    assert row.count == 1
