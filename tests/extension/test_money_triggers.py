"""Whoever writes by hand, past every service: the database itself holds the limits of money, on both databases."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from extension.enums import PaymentKind, PaymentState, ProjectState, ReportState
from extension.models import AdvanceRule, Payment, PaymentLine, ReportPeriod, Settlement
from portal.audit import triggers
from tests import factories as make

from .money_world import NOW, TODAY, World, approve, estimate, world

pytestmark = pytest.mark.django_db
K = PaymentKind


@pytest.fixture
def made(province) -> World:
    return world(province, 100_000_000, 50_000_000, percent=70)


def sql(statement: str, *params: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, params)


def refused(words: str, act: Callable[[], Any]) -> None:
    with pytest.raises(IntegrityError, match=words), transaction.atomic():
        act()


def asked(made: World, *amounts: int, kind: PaymentKind = K.DISBURSEMENT, amount: int | None = None) -> Payment:
    """A proposal written past the service, with its lines."""
    payment = Payment.objects.create(
        project=made.project,
        kind=kind,
        amount=sum(amounts) if amount is None else amount,
        reason="Ghi tay",
        proposed_by=made.asks,
        proposed_at=NOW,
    )
    for line, sum_ in zip(made.lines, amounts, strict=False):
        if sum_:
            PaymentLine.objects.create(payment=payment, line=line, amount=sum_)
    return payment


def approve_by_hand(made: World, payment: Payment) -> None:
    sql(
        "UPDATE extension_payment SET state = 'approved', approved_by_id = %s, approved_at = %s WHERE id = %s",
        made.leads.pk,
        NOW,
        payment.pk,
    )


def pay_by_hand(made: World, payment: Payment, on: dt.date = TODAY) -> None:
    sql(
        "UPDATE extension_payment SET state = 'paid', paid_by_id = %s, paid_at = %s, paid_on = %s WHERE id = %s",
        made.pays.pk,
        NOW,
        on,
        payment.pk,
    )


def through(made: World, payment: Payment) -> None:
    approve_by_hand(made, payment)
    pay_by_hand(made, payment)


def test_the_last_dong_passes_and_one_more_does_not(made):
    through(made, asked(made, 99_999_999))
    approve_by_hand(made, asked(made, 1))
    refused("vượt số được duyệt của một dòng", lambda: approve_by_hand(made, asked(made, 1)))


def test_the_sum_of_the_lines_does_not_pass_the_project(made):
    sql("UPDATE extension_project SET extension_funds = 120000000 WHERE id = %s", made.project.pk)
    through(made, asked(made, 100_000_000, 20_000_000))
    refused("vượt kinh phí khuyến công", lambda: approve_by_hand(made, asked(made, 0, 1)))


def test_what_was_approved_is_bound_before_it_is_paid(made):
    approve_by_hand(made, asked(made, 100_000_000))
    refused("vượt số được duyệt của một dòng", lambda: approve_by_hand(made, asked(made, 1)))


def test_a_refund_is_not_larger_than_what_was_paid(made):
    through(made, asked(made, 10))
    refused("Số thu hồi lớn hơn", lambda: approve_by_hand(made, asked(made, 11, kind=K.RECOVERY)))
    through(made, asked(made, 4, kind=K.RECOVERY))
    approve_by_hand(made, asked(made, 6, kind=K.RECOVERY))
    refused("Số thu hồi lớn hơn", lambda: approve_by_hand(made, asked(made, 1, kind=K.RECOVERY)))


def test_money_that_came_back_may_leave_again(made):
    through(made, asked(made, 100_000_000))
    approve_by_hand(made, back := asked(made, 5, kind=K.RECOVERY))
    refused("vượt số được duyệt", lambda: approve_by_hand(made, asked(made, 5)))
    pay_by_hand(made, back)
    approve_by_hand(made, asked(made, 5))


def test_advances_stop_at_the_percent_of_the_closest_rule(made):
    AdvanceRule.objects.create(percent=30, territory=made.province, kind=made.project.kind, legal_basis="Tỉnh")
    AdvanceRule.objects.create(percent=100, territory=made.province, valid_to=dt.date(2025, 6, 1), legal_basis="Cũ")
    through(made, asked(made, 45_000_000, kind=K.ADVANCE))
    refused("vượt mức được tạm ứng", lambda: approve_by_hand(made, asked(made, 1, kind=K.ADVANCE)))


def test_without_any_rule_nothing_is_advanced(made):
    AdvanceRule.objects.all().delete()
    refused("vượt mức được tạm ứng", lambda: approve_by_hand(made, asked(made, 1, kind=K.ADVANCE)))


@pytest.mark.parametrize("former", [False, True])
def test_a_day_of_a_locked_report_is_closed(made, former):
    unit = make.SuccessionFactory(predecessor=made.province).successor if former else made.province
    days = {"starts_on": dt.date(2025, 5, 1), "ends_on": TODAY, "sent_at": NOW, "locked_at": NOW}
    ReportPeriod.objects.create(territory=unit, cycle="month", year=2025, state=ReportState.LOCKED, **days)
    approve_by_hand(made, payment := asked(made, 1))
    refused("kỳ báo cáo đã khóa", lambda: pay_by_hand(made, payment))
    pay_by_hand(made, payment, TODAY + dt.timedelta(days=1))


def test_the_same_person_never_does_two_of_the_three(made):
    payment = asked(made, 1)
    same = "UPDATE extension_payment SET state = 'approved', approved_by_id = proposed_by_id, approved_at = %s"
    refused("payment_three_people", lambda: sql(same, NOW))
    approve_by_hand(made, payment)
    for column in ("approved_by_id", "proposed_by_id"):
        paid = f"UPDATE extension_payment SET state = 'paid', paid_by_id = {column}, paid_at = %s, paid_on = %s"
        refused("payment_three_people", lambda paid=paid: sql(paid, NOW, TODAY))


def test_a_payment_goes_its_way_and_is_kept(made):
    approved = {"state": PaymentState.APPROVED, "approved_by": made.leads, "approved_at": NOW}
    new = {"project": made.project, "kind": K.ADVANCE, "amount": 1, "proposed_by": made.asks, "proposed_at": NOW}
    refused("bắt đầu bằng một đề nghị", lambda: Payment.objects.create(**new, **approved))
    payment = asked(made, 7)
    rows = Payment.objects.filter(pk=payment.pk)
    paid = {**approved, "state": PaymentState.PAID, "paid_by": made.pays, "paid_at": NOW, "paid_on": TODAY}
    refused("không sửa", lambda: rows.update(**paid))
    approve_by_hand(made, payment)
    for change in ({"amount": 6}, {"kind": K.ADVANCE}, {"proposed_by": made.pays}, {"state": "proposed"}):
        refused("không sửa|payment_state_agrees|bằng số tiền|tạm ứng", lambda change=change: rows.update(**change))
    pay_by_hand(made, payment)
    for change in ({"paid_on": dt.date(2025, 5, 30)}, {"state": "approved"}, {"state": "refused", "answer": "Sai"}):
        refused("không sửa|payment_state_agrees", lambda change=change: rows.update(**change))
    parts = PaymentLine.objects.filter(payment=payment)
    refused("không sửa các dòng", lambda: parts.update(amount=6))
    refused("không sửa các dòng", parts.delete)
    refused("không sửa các dòng", lambda: PaymentLine.objects.create(payment=payment, line=made.lines[1], amount=1))
    refused("được giữ, không xóa", lambda: sql("DELETE FROM extension_payment WHERE id = %s", payment.pk))
    asked(made, 7).delete()


def test_the_lines_add_up_and_are_of_the_same_project(made, province):
    refused("cộng lại phải bằng", lambda: approve_by_hand(made, asked(made, 5, amount=6)))
    other = world(province, 10)
    refused("của đề án khác", lambda: PaymentLine.objects.create(payment=asked(made, 1), line=other.lines[0], amount=1))


def test_what_stands_does_not_sink_below_what_was_paid(made):
    made.paid(60, 10)
    project = "UPDATE extension_project SET {} WHERE id = %s"
    refused("không được thấp hơn số đã chi", lambda: sql(project.format("extension_funds = 69"), made.project.pk))
    for sum_ in ("69", "71", "NULL"):
        refused(
            "do sổ chi tính ra|thấp hơn", lambda sum_=sum_: sql(project.format(f"disbursed = {sum_}"), made.project.pk)
        )
    sql(project.format("extension_funds = 70"), made.project.pk)


def test_a_later_edition_covers_what_was_paid(made):
    made.paid(60, 10)
    sql("UPDATE extension_estimate SET state = 'replaced' WHERE id = %s", made.estimate.pk)
    for amounts, passes in (((59, 10), False), ((60, 10), True)):
        found, lines = estimate(made, *amounts, version=9 - passes, decided=False)
        for line, before in zip(lines, made.lines, strict=True):
            line.lineage = before.lineage
            line.save()
        if passes:
            approve(found, made)
        else:
            refused("thấp hơn số đã chi của dòng", lambda found=found: approve(found, made))


def test_a_project_with_money_keeps_its_province_and_its_source(made, other_province):
    for change in (f"territory_id = {other_province.pk}", "funding = 'national'"):
        refused("giữ tỉnh và nguồn", lambda change=change: sql(f"UPDATE extension_project SET {change}"))


def test_a_settlement_stays_within_the_funds_and_is_the_ceiling_from_then_on(province):
    made = world(province, 100, state=ProjectState.ACCEPTED)
    facts = {"project": made.project, "submitted_on": TODAY, "submitted_by": made.asks}
    refused("vượt kinh phí", lambda: Settlement.objects.create(**facts, total=101, extension_funds=101))
    row = Settlement.objects.create(**facts, total=80, extension_funds=80)
    rows = Settlement.objects.filter(pk=row.pk)
    refused("settlement_two_people", lambda: rows.update(decided_by=made.asks))
    rows.update(state="approved", decided_by=made.leads, decided_at=timezone.now())
    refused("không sửa được", lambda: rows.update(total=70, extension_funds=70))
    refused("không xóa", rows.delete)
    approve_by_hand(made, asked(made, 80))
    refused("vượt kinh phí khuyến công", lambda: approve_by_hand(made, asked(made, 1)))


def test_without_the_guard_one_dong_over_would_pass(made):
    through(made, asked(made, 100_000_000))
    triggers.drop(connection)
    through(made, asked(made, 1))
    assert made.disbursed() is None
