"""Numbers of certificates given at the same instant, on PostgreSQL, with a control that shows the race can be lost."""

import datetime as dt
import threading
from typing import Any

import pytest
from django.db import IntegrityError

from portal.territory.models import Territory
from portal.text.errors import Refusal
from products import services
from products.enums import ReissueKind
from products.models import Certificate, CertificateBook
from products.services import certificates
from tests import factories

from .test_scoring import together

ON = dt.date(2026, 3, 2)
ISSUER = "Ủy ban nhân dân tỉnh Thái Nguyên"
pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def officer() -> Any:
    return factories.UserFactory()


def paper() -> Certificate:
    product = factories.ProductFactory(facility=factories.FacilityFactory(address_today="Xã Tân Cương"))
    unit = Territory.objects.filter(name="Thái Nguyên").first() or factories.TerritoryFactory(name="Thái Nguyên")
    recognition = factories.RecognitionFactory(product=product, decision=factories.DecisionFactory(), territory=unit)
    return factories.CertificateFactory(recognition=recognition)


def given(papers: list[Certificate], officer: Any) -> Any:
    return services.issue_batch(certificates=papers, issuer=ISSUER, actor=officer, on=ON)


def serials() -> list[int]:
    return sorted(Certificate.objects.exclude(serial=None).values_list("serial", flat=True))


def meeting_before_the_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both writers have read the book before either gives a number."""
    meeting, give = threading.Barrier(2), certificates._give

    def late(*args: Any, **more: Any) -> Any:
        meeting.wait(timeout=10)
        return give(*args, **more)

    monkeypatch.setattr(certificates, "_give", late)


def test_two_offices_at_once_never_share_a_number_nor_leave_one_out(officer: Any) -> None:
    given([paper()], officer)
    halves = [[paper() for _turn in range(10)] for _half in range(2)]
    results = together(*(lambda half=half: given(half, officer) for half in halves))
    assert not [result for result in results if isinstance(result, Exception)]
    assert serials() == list(range(1, 22))
    assert CertificateBook.objects.get().last_number == 21


def test_the_first_two_numbers_of_a_year_open_one_book(officer: Any) -> None:
    papers = [paper(), paper()]
    results = together(*(lambda one=one: given([one], officer) for one in papers))
    assert not [result for result in results if isinstance(result, Exception)]
    assert (serials(), CertificateBook.objects.count()) == ([1, 2], 1)


def test_control_without_the_locks_both_take_the_same_number(officer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    given([paper()], officer)
    monkeypatch.setattr("django.db.models.query.QuerySet.select_for_update", lambda self, **_options: self)
    meeting_before_the_number(monkeypatch)
    papers = [paper(), paper()]
    results = together(*(lambda one=one: given([one], officer) for one in papers))
    assert [type(result) for result in results if isinstance(result, Exception)] == [IntegrityError]
    assert serials() == [1, 2]


def test_one_certificate_numbered_twice_at_once_has_one_number(officer: Any) -> None:
    one = paper()
    results = together(lambda: given([one], officer), lambda: given([one], officer))
    refused = [result for result in results if isinstance(result, Refusal)]
    assert [str(refusal) for refusal in refused] == ["Giấy đã mang số 001/GCN-CNNTTB."]
    assert serials() == [1]


def test_issued_again_twice_at_once_makes_a_chain_of_editions(officer: Any) -> None:
    first = given([paper()], officer)[0]

    def again() -> Certificate:
        return services.reissue_certificate(
            recognition=first.recognition, kind=ReissueKind.DAMAGED, on=ON, reason="Rách", actor=officer
        )

    results = together(again, again)
    assert not [result for result in results if isinstance(result, Exception)]
    rows = list(first.recognition.certificates.order_by("edition"))
    assert [row.serial for row in rows] == [1, 2, 3]
    assert [row.supersedes for row in rows] == [None, rows[0], rows[1]]
