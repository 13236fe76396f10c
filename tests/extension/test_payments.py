"""Money leaves a project through three people, to the last đồng and not one further."""

import datetime as dt
from uuid import uuid4

import pytest
from django.utils import timezone

from extension.enums import PaymentKind, PaymentState, ProjectState, ReportState
from extension.models import EstimateLine, Payment, ReportPeriod
from extension.money.ledger import ledger_of
from extension.services import payments, settling
from extension.services.projects import change_state
from portal.audit.models import AuditEntry
from portal.text.errors import Refusal
from portal.text.formats import UNBROKEN
from tests import factories as make

from .money_world import NOW, TODAY, World, approve, estimate, world

pytestmark = pytest.mark.django_db
K = PaymentKind


@pytest.fixture
def made(province) -> World:
    return world(province, 100_000_000, 50_000_001)


def words(refused):
    return str(refused).replace(UNBROKEN, " ")


def refusal(act) -> Refusal:
    with pytest.raises(Refusal) as refused:
        act()
    return refused.value


def test_money_goes_out_to_the_last_dong_through_three_people(made):
    made.paid(30_000_000, 15_000_000, kind=K.ADVANCE)
    made.paid(70_000_000, 35_000_001)
    assert made.disbursed() == 150_000_001
    ledger = ledger_of(made.project)
    assert [(row.sums.advanced, row.sums.settled, row.left) for row in ledger.balances] == [
        (30_000_000, 70_000_000, 0),
        (15_000_000, 35_000_001, 0),
    ]
    acts = (
        AuditEntry.objects.filter(action__startswith="extension.payment").order_by("pk").values_list("action", "actor")
    )
    assert list(acts[:3]) == [
        ("extension.payment_propose", made.asks.pk),
        ("extension.payment_approve", made.leads.pk),
        ("extension.payment_paid", made.pays.pk),
    ]


def test_one_dong_over_a_line_is_refused_in_words_and_nothing_is_written(made):
    made.paid(99_999_999)
    refused = refusal(lambda: made.propose(2))
    assert refused.code == "line_ceiling"
    assert words(refused) == "“Máy số 1”: ghi 2 đồng, chỉ còn được chi 1 đồng, vượt 1 đồng."
    assert (Payment.objects.count(), made.disbursed()) == (1, 99_999_999)


def test_a_proposal_holds_its_sum_so_that_no_other_promises_it_again(made):
    made.propose(60_000_000)
    assert refusal(lambda: made.propose(40_000_001)).code == "line_ceiling"
    made.propose(40_000_000)


def test_funds_lower_than_the_lines_are_the_ceiling(made):
    made.project.extension_funds = 120_000_000
    made.project.save()
    assert refusal(lambda: made.propose(100_000_000, 20_000_001)).code == "ceiling"


def test_advances_stop_at_the_percent_of_the_rule(made):
    most = 150_000_001 * 30 // 100
    made.paid(most, kind=K.ADVANCE)
    refused = refusal(lambda: made.propose(1, kind=K.ADVANCE))
    assert refused.code == "advance_ceiling"
    assert "tối đa 30 %, là 45.000.000 đồng" in words(refused)
    made.propose(1)


def test_what_comes_back_is_at_most_what_was_paid_of_the_line(made):
    made.paid(80_000_000, 20_000_000)
    refused = refusal(lambda: made.propose(80_000_001, kind=K.RECOVERY))
    assert (refused.code, words(refused)) == (
        "refund_ceiling",
        "“Máy số 1”: thu hồi 80.000.001 đồng, lớn hơn 80.000.000 đồng đã chi còn lại.",
    )
    made.paid(80_000_000, kind=K.RECOVERY)
    assert made.disbursed() == 20_000_000
    assert refusal(lambda: made.propose(1, kind=K.RECOVERY)).code == "refund_ceiling"
    made.paid(100_000_000)
    assert made.disbursed() == 120_000_000


def test_each_of_the_three_is_another_person(made, administrator):
    payment = made.propose(1_000, actor=administrator)
    act = {"payment": payment, "actor": administrator, "now": NOW}
    assert refusal(lambda: payments.approve_payment(**act)).code == "same_person"
    assert refusal(lambda: payments.refuse_payment(**act, reason="Sai")).code == "same_person"
    payments.approve_payment(**{**act, "actor": made.leads})
    assert refusal(lambda: made.pay(payment, actor=administrator)).code == "same_person"
    assert made.pay(payment, actor=made.asks).state == PaymentState.PAID


def test_who_may_not_is_told_so(made, officer):
    assert refusal(lambda: made.propose(1, actor=officer)).code == "not_allowed"
    payment = made.propose(1)
    for actor in (made.pays, officer):
        act = {"payment": payment, "actor": actor, "now": NOW}
        assert refusal(lambda act=act: payments.approve_payment(**act)).code == "not_allowed"
    payments.approve_payment(payment=payment, actor=made.leads, now=NOW)
    assert refusal(lambda: made.pay(payment, actor=officer)).code == "not_allowed"


def test_the_same_request_twice_is_one_payment(made):
    key = uuid4()
    assert made.propose(1_000, request_key=key) == made.propose(1_000, request_key=key)
    assert Payment.objects.count() == 1


def test_a_form_gone_back_to_and_sent_again_is_not_asked_for_twice(made):
    first = made.propose(1_000, reason="Đợt 1", request_key=uuid4())
    refused = refusal(lambda: made.propose(1_000, reason=" Đợt  1", request_key=uuid4()))
    assert (refused.code, refused.field) == ("asked_twice", "reason")
    made.propose(1_000, reason="Đợt 2", request_key=uuid4())
    made.propose(1_001, reason="Đợt 1", request_key=uuid4())
    payments.withdraw_payment(payment=first, actor=made.asks)
    made.propose(1_000, reason="Đợt 1", request_key=uuid4())


def test_a_refusal_names_who_the_line_supports(made):
    line = made.lines[0]
    line.facility = make.FacilityFactory(territory=made.project.territory, name="Hợp tác xã mẫu")
    EstimateLine.objects.filter(pk=line.pk).update(facility=line.facility)
    assert "“Máy số 1, Hợp tác xã mẫu”: ghi" in str(refusal(lambda: made.propose(100_000_001)))


def test_a_decided_payment_is_not_decided_again(made):
    payment = made.approved(1_000)
    assert (
        refusal(lambda: payments.approve_payment(payment=payment, actor=made.leads, now=NOW)).code == "already_decided"
    )
    assert refusal(lambda: payments.withdraw_payment(payment=payment, actor=made.asks)).code == "already_decided"
    made.pay(payment)
    assert refusal(lambda: made.pay(payment)).code == "already_decided"


def test_a_refused_or_withdrawn_proposal_frees_its_sum(made):
    proposed = made.propose(100_000_000)
    assert refusal(lambda: payments.withdraw_payment(payment=proposed, actor=made.pays)).code == "not_allowed"
    payments.withdraw_payment(payment=proposed, actor=made.asks)
    payment = made.approved(100_000_000)
    assert refusal(lambda: payments.refuse_payment(payment=payment, reason=" ", actor=made.leads, now=NOW)).code == (
        "reason_missing"
    )
    payments.refuse_payment(payment=payment, reason="Thiếu hóa đơn.", actor=made.leads, now=NOW)
    made.propose(100_000_000)


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        (ProjectState.APPROVED, K.DISBURSEMENT),
        (ProjectState.ACCEPTED, K.ADVANCE),
        (ProjectState.LIQUIDATED, K.RECOVERY),
        (ProjectState.STOPPED, K.DISBURSEMENT),
    ],
)
def test_each_kind_of_payment_has_its_phases(province, state, kind):
    assert refusal(lambda: world(province, 1_000, state=state).propose(1, kind=kind)).code == "wrong_state"


def test_without_an_approved_estimate_nothing_is_paid(made):
    made.project = make.ProjectFactory(territory=made.province, state=ProjectState.RUNNING)
    assert refusal(lambda: made.propose(1)).code == "no_estimate"


@pytest.mark.parametrize(
    ("amounts", "code"), [((), "no_lines"), ((0, 0), "no_lines"), ((-1,), "invalid"), ((5, -1), "invalid")]
)
def test_a_proposal_needs_positive_sums(made, amounts, code):
    assert refusal(lambda: made.propose(*amounts)).code == code


def test_a_line_of_another_project_is_not_paid(made, province):
    made.lines = world(province, 1_000).lines
    assert refusal(lambda: made.propose(1)).code == "invalid"


def test_the_day_of_the_voucher_stands_in_an_open_time(made):
    payment = made.approved(1_000)
    assert refusal(lambda: made.pay(payment, on=TODAY + dt.timedelta(days=1))).code == "future_day"
    assert refusal(lambda: made.pay(payment, on=dt.date(2025, 5, 4))).code == "before_estimate"


def test_a_locked_report_closes_its_days_also_for_projects_of_a_former_unit(made):
    today = make.SuccessionFactory(predecessor=made.province, on=dt.date(2025, 7, 1)).successor
    ReportPeriod.objects.create(
        territory=today,
        cycle="month",
        year=2025,
        ordinal=5,
        starts_on=dt.date(2025, 5, 1),
        ends_on=dt.date(2025, 5, 31),
        state=ReportState.LOCKED,
        sent_at=timezone.now(),
        locked_at=timezone.now(),
    )
    payment = made.approved(1_000)
    refused = refusal(lambda: made.pay(payment, on=dt.date(2025, 5, 31)))
    assert (refused.code, refused.field) == ("period_locked", "paid_on")
    assert made.pay(payment, on=dt.date(2025, 6, 1)).state == PaymentState.PAID


def test_a_later_edition_of_the_estimate_counts_what_was_paid_before(made):
    made.paid(60_000_000)
    made.estimate.state = "replaced"
    made.estimate.save()
    later, lines = estimate_like(made, 70_000_000, 50_000_001)
    made.lines = lines
    assert refusal(lambda: made.propose(10_000_001)).code == "line_ceiling"
    made.paid(10_000_000)
    assert ledger_of(made.project).balances[0].left == 0
    assert later.lines.count() == 2


def estimate_like(made, *approved):
    """A second edition whose lines continue the first."""
    lineages = [line.lineage for line in made.lines]
    found, lines = estimate_draft(made, *approved)
    for line, lineage in zip(lines, lineages, strict=True):
        line.lineage = lineage
        line.save()
    approve(found, made)
    return found, lines


def estimate_draft(made, *approved):
    return estimate(made, *approved, version=2, decided=False)


def test_a_settlement_becomes_the_ceiling_and_what_is_above_comes_back(province):
    made = world(province, 100_000_000, state=ProjectState.ACCEPTED)
    made.paid(90_000_000)
    row = submitted(made, 80_000_000)
    settling.approve_settlement(
        settlement=row, number_="12/QĐ", signed_on=TODAY, actor=made.leads, now=NOW, today=TODAY
    )
    made.project.refresh_from_db()
    change_state(project=made.project, to=ProjectState.SETTLED, actor=made.asks, on=TODAY)
    assert refusal(lambda: made.propose(1)).code == "ceiling"
    liquidation = {
        "project": made.project,
        "number_": "BB 1",
        "signed_on": TODAY,
        "actor": made.asks,
        "now": NOW,
        "today": TODAY,
    }
    refused = refusal(lambda: settling.record_liquidation(**liquidation))
    assert words(refused) == "Còn 10.000.000 đồng đã chi quá quyết toán phải thu hồi."
    made.paid(10_000_000, kind=K.RECOVERY)
    made.project.refresh_from_db()
    assert refusal(
        lambda: change_state(project=made.project, to=ProjectState.LIQUIDATED, actor=made.asks, on=TODAY)
    ).details
    settling.record_liquidation(**liquidation)
    change_state(project=made.project, to=ProjectState.LIQUIDATED, actor=made.asks, on=TODAY)


def submitted(made, funds, **facts):
    facts = {"submitted_on": TODAY, "actor": made.asks, "today": TODAY, **facts}
    return settling.submit_settlement(project=made.project, extension_funds=funds, **facts)


def test_a_settlement_is_within_the_funds_and_decided_by_another(province):
    made = world(province, 100_000_000, state=ProjectState.ACCEPTED)
    refused = refusal(lambda: submitted(made, 100_000_001))
    assert (refused.code, refused.field) == ("above_funds", "extension_funds")
    row = submitted(made, 100_000_000, counterpart_funds=5)
    assert row.total == 100_000_005
    assert refusal(lambda: submitted(made, 1)).code == "already_settled"
    decide = {"settlement": row, "now": NOW, "actor": made.leads}
    approval = {**decide, "number_": "1", "signed_on": TODAY, "today": TODAY}
    assert refusal(lambda: settling.approve_settlement(**{**approval, "actor": made.pays})).code == "not_allowed"
    settling.return_settlement(**decide, reason="Thiếu hóa đơn.")
    again = submitted(made, 99_000_000)
    assert (again.pk, again.decided_by, again.state) == (row.pk, None, "proposed")
    settling.approve_settlement(**approval)
    assert refusal(lambda: settling.return_settlement(**decide, reason="Nhầm.")).code == "already_decided"


def test_a_project_is_not_settled_or_stopped_with_money_in_the_air(made):
    made.propose(1)
    with pytest.raises(Refusal) as refused:
        change_state(
            project=made.project, to=ProjectState.STOPPED, actor=made.leads, on=TODAY, reason="Cơ sở xin thôi."
        )
    assert "Còn 1 khoản đề nghị chi chưa xong. Hãy chi hoặc trả lại." in refused.value.details
