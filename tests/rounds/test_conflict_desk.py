"""The desk's page of declarations and conflicts: who may see, who may settle, what is said."""

import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from portal.audit.models import AuditEntry
from portal.notices.models import Notice
from rounds.enums import Body, SeatRole
from rounds.models import Conflict, Declaration
from rounds.services import conflicts, declarations
from rounds.services.declarations import Interest

from ..factories import ConflictFactory, DossierFactory, SeatFactory, UserFactory
from .test_scoring import NOW, Bench

pytestmark = pytest.mark.django_db


@pytest.fixture
def bench():
    return Bench()


@pytest.fixture
def secretary(bench):
    return SeatFactory(round=bench.round, body=Body.COUNCIL, role=SeatRole.SECRETARY).user


def page(bench, name="conflicts", *args):
    base = f"/quan-tri/rounds/round/{bench.round.pk}/xung-dot/"
    return base + {"conflicts": "", "remind": "nhac/", "check": "doi-chieu/", "export": "xuat/"}.get(name, f"{name}/")


def found(bench, judge=None):
    """The judge's employer is the facility."""
    user = judge or bench.judge
    signed = declarations.sign(
        round_=bench.round, user=user, signed_name=str(user), employer=bench.dossier.product.facility.name, now=NOW
    )
    return signed.found[0].conflict


def test_what_was_declared_stands_beside_what_the_register_says(client, bench, secretary):
    found(bench)
    client.force_login(secretary)
    words = client.get(page(bench)).content.decode()
    facility = bench.dossier.product.facility.name
    assert f"Nơi làm việc: {facility}" in words
    assert "Trùng tên cơ sở" in words
    assert "Đúng là xung đột" in words


def test_the_secretary_confirms_and_dismisses(client, bench, secretary):
    conflict = found(bench)
    client.force_login(secretary)
    assert client.post(page(bench, conflict.pk), {"act": "confirm"}).status_code == 302
    conflict.refresh_from_db()
    assert conflict.confirmed_by == secretary
    answer = client.post(page(bench, conflict.pk), {"act": "dismiss", f"c{conflict.pk}-reason": "Trùng tên, khác tỉnh"})
    assert answer.status_code == 302
    conflict.refresh_from_db()
    assert (conflict.withdrawn_by, conflict.withdrawn_reason) == (secretary, "Trùng tên, khác tỉnh")
    assert "Trùng tên, khác tỉnh" in client.get(page(bench)).content.decode()


def test_a_dismissal_without_a_reason_comes_back_with_the_sentence(client, bench, secretary):
    conflict = found(bench)
    client.force_login(secretary)
    answer = client.post(page(bench, conflict.pk), {"act": "dismiss"})
    assert answer.status_code == 400
    assert "Việc này cần lý do" in answer.content.decode()
    assert Conflict.objects.filter(withdrawn_at=None).count() == 1


def test_the_head_judge_sees_who_but_not_why_and_settles_nothing(client, bench):
    head = SeatFactory(round=bench.round, role=SeatRole.HEAD_JUDGE).user
    conflict = conflicts.declare(dossier=bench.dossier, user=bench.judge, reason="Bí mật riêng", now=NOW).conflict
    client.force_login(head)
    words = client.get(page(bench)).content.decode()
    assert bench.judge.full_name in words
    assert "Bí mật riêng" not in words
    assert (
        client.post(page(bench, conflict.pk), {"act": "withdraw", f"c{conflict.pk}-reason": "Nhầm"}).status_code == 403
    )


def test_whoever_stands_aside_sees_no_row_and_settles_nothing(client, bench, secretary):
    conflict = found(bench)
    ConflictFactory(dossier=bench.dossier, user=secretary)
    client.force_login(secretary)
    assert bench.dossier.product.name not in client.get(page(bench)).content.decode()
    assert client.post(page(bench, conflict.pk), {"act": "confirm"}).status_code == 404


def test_those_who_have_not_signed_are_named_and_reminded_once_a_day(client, bench, secretary):
    late = SeatFactory(round=bench.round, declared=False).user
    client.force_login(secretary)
    assert "chưa ký, chưa mở được hồ sơ" in client.get(page(bench)).content.decode()
    client.post(page(bench, "remind"))
    client.post(page(bench, "remind"))
    assert Notice.objects.filter(kind="declaration_due", user=late).count() == 1
    assert AuditEntry.objects.filter(action="declaration.remind").count() == 1


def test_looking_again_finds_what_came_later(client, bench, secretary):
    Declaration.objects.filter(user=bench.judge).update(employer=bench.dossier.product.facility.name)
    client.force_login(secretary)
    client.post(page(bench, "check"))
    assert Conflict.objects.get().user == bench.judge


def test_the_export_is_an_act_and_leaves_out_what_is_shut(client, bench, secretary):
    found(bench)
    shut = DossierFactory(round=bench.round, product__name="Sản phẩm đóng kín")
    ConflictFactory(dossier=shut, user=bench.judge)
    ConflictFactory(dossier=shut, user=secretary)
    client.force_login(secretary)
    answer = client.get(page(bench, "export"))
    book = load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    cells = [str(cell) for row in book.active.iter_rows(values_only=True) for cell in row if cell]
    assert bench.dossier.product.name in cells
    assert "Sản phẩm đóng kín" not in cells
    assert AuditEntry.objects.filter(action="conflict.export", actor=secretary).count() == 1


def test_other_roles_do_not_reach_the_page(client, bench):
    member = SeatFactory(round=bench.round, body=Body.SUPPORT, role=SeatRole.SUPPORT_MEMBER).user
    for user, status in ((member, 403), (bench.judge, 403), (UserFactory(), 403)):
        client.force_login(user)
        assert client.get(page(bench)).status_code == status, user


@pytest.mark.parametrize("rows", [1, 3, 50])
def test_the_page_asks_as_much_for_fifty_conflicts_as_for_one(client, bench, secretary, rows):
    dossiers = DossierFactory.create_batch(rows, round=bench.round)
    people = [seat.user for seat in SeatFactory.create_batch(rows, round=bench.round)]
    for dossier, person in zip(dossiers, people, strict=True):
        ConflictFactory(dossier=dossier, user=person)
    declarations.sign(
        round_=bench.round,
        user=people[0],
        signed_name=str(people[0]),
        interests=[Interest("other", name=f"Doanh nghiệp {n}") for n in range(min(rows, 30))],
        now=NOW,
    )
    client.force_login(secretary)
    client.get(page(bench))
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(page(bench)).status_code == 200
    assert len(asked) <= 32, len(asked)
    counts = test_the_page_asks_as_much_for_fifty_conflicts_as_for_one.__dict__.setdefault("counts", set())
    counts.add(len(asked))
    assert len(counts) == 1
