"""The public trace: what befell a recognition, in the order of time, in whole sentences."""

import datetime as dt

import pytest
from django.test import Client

from products import services
from products.enums import EventKind
from products.models import Recognition
from products.trace import trace_of, traces_of
from tests.factories import CertificateFactory, DecisionFactory, RecognitionFactory, UserFactory

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 6, 20, 3, tzinfo=dt.UTC)


def lines(row: Recognition) -> list[tuple[str, str]]:
    fresh = Recognition.objects.select_related("decision").get(pk=row.pk)
    return [(f"{line.on:%d/%m/%Y}" if line.on else str(line.year), line.words) for line in trace_of(fresh)]


def test_it_begins_with_the_decision_and_the_paper() -> None:
    row = RecognitionFactory(decision=DecisionFactory(number="21"))
    CertificateFactory(recognition=row, official_number="12/GCN")
    assert lines(row) == [
        ("20/11/2024", "Công nhận cấp tỉnh theo Quyết định số 21/QĐ-UBND."),
        ("20/11/2024", "Cấp giấy chứng nhận số 12/GCN."),
    ]


def test_of_an_old_list_only_the_year_is_told() -> None:
    assert lines(RecognitionFactory(issued_on=None, year=2017)) == [("2017", "Công nhận cấp tỉnh.")]


def test_every_act_leaves_its_line() -> None:
    row, officer = RecognitionFactory(), UserFactory()
    facts = {"recognition": row, "actor": officer, "now": NOW}
    services.suspend(**facts, on=dt.date(2026, 2, 1), until=dt.date(2026, 2, 28), reason="Kiểm tra", basis="CV 12")
    services.set_validity(**facts, expires_on=dt.date(2027, 6, 30), reason="Theo giấy")
    services.set_validity(**facts, expires_on=dt.date(2027, 6, 30), reason="Đối chiếu")
    decision = DecisionFactory(number="77", territory=row.territory)
    services.revoke(**facts, on=dt.date(2026, 7, 1), reason="Vi phạm", proposal="BB 03", decision=decision)
    assert lines(row)[1:] == [
        ("01/02/2026", "Tạm dừng từ 01/02/2026 đến hết 28/02/2026."),
        ("20/06/2026", "Sửa hiệu lực: trước là đến hết 31/12/2027, nay là đến hết 30/06/2027."),
        ("20/06/2026", "Xác nhận hiệu lực đến hết 30/06/2027 theo giấy chứng nhận."),
        ("01/07/2026", "Thu hồi từ 01/07/2026 theo Quyết định số 77/QĐ-UBND."),
    ]
    last = trace_of(row)[-1]
    assert (last.kind, last.reason, last.basis) == (EventKind.REVOKED, "Vi phạm", "BB 03")


def test_the_products_page_shows_it_only_where_something_happened(client: Client) -> None:
    row = RecognitionFactory()
    address = f"/san-pham/{row.product.slug}/"
    assert "Diễn biến của công nhận" not in client.get(address).content.decode()
    services.suspend(
        recognition=row, on=dt.date(2025, 2, 1), until=dt.date(2025, 2, 28), reason="Kiểm tra", basis="CV 12",
        actor=UserFactory(),
    )  # fmt: skip
    page = client.get(address).content.decode()
    assert "Tạm dừng từ 01/02/2025 đến hết 28/02/2025." in page
    assert "CV 12" in page


@pytest.mark.parametrize("number", [1, 3, 20])
def test_any_number_of_traces_costs_two_queries(django_assert_num_queries, number: int) -> None:  # type: ignore[no-untyped-def]
    rows = [CertificateFactory(recognition=RecognitionFactory()).recognition for _ in range(number)]
    with django_assert_num_queries(2):
        assert len(traces_of(rows)) == number
