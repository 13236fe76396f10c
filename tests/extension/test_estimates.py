"""Estimates: typed by one, approved by another, never above the norm, nothing supported twice."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction

from extension.enums import AlarmKind, AlarmState, EstimateState, PriorityKind
from extension.models import DuplicateAlarm, EstimateLine, PriorityRule, SupportNorm
from extension.services import duplicates, estimates
from portal.audit.models import AuditEntry
from portal.text.errors import Refusal
from portal.text.formats import UNBROKEN
from tests.factories import FacilityFactory, ProductFactory, RecognitionFactory

from .estimate_world import MILLION, NOW, ON, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(province):
    return World(province)


def refused(code, act, *args, **facts):
    with pytest.raises(Refusal) as caught:
        act(*args, **facts)
    assert caught.value.code == code
    return str(caught.value)


def sql(text, *values):
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute(text, values)


def test_a_line_says_at_once_which_norm_how_much_and_why(world):
    line = world.draft(world.line(asked=350)).lines.get()
    assert (line.norm.legal_basis, line.rate_bp, line.cap, line.allowed) == (
        "Thông tư mẫu",
        5_000,
        300 * MILLION,
        300 * MILLION,
    )
    why = line.why.replace(UNBROKEN, " ")
    assert why.startswith("Theo Thông tư mẫu, áp dụng cả nước từ 01/01/2018. 50 % của 600 triệu đồng là 300")
    said = refused("not_ready", estimates.propose, estimate=line.estimate, actor=world.clerk, now=NOW)
    assert "Đề nghị 350 triệu đồng, vượt mức được phép 300 triệu đồng" in said.replace(UNBROKEN, " ")


def test_approval_takes_two_people_and_gives_the_project_its_sums(world):
    estimate = world.proposed(world.line(), world.line("booth", asked=8, cost=10))
    machine, _booth = estimate.lines.order_by("ordinal")
    refused("not_allowed", world.approve, estimate, actor=world.clerk)
    refused("above_norm", world.approve, estimate, amounts={machine.uuid: 300 * MILLION + 1})
    world.approve(estimate, amounts={machine.uuid: 200 * MILLION})
    world.project.refresh_from_db()
    assert (world.project.extension_funds, world.project.counterpart_funds) == (208 * MILLION, 402 * MILLION)
    assert world.project.beneficiaries.get().extension_funds == 208 * MILLION
    assert AuditEntry.objects.filter(action="extension.estimate_approve").count() == 1
    refused("not_editable", estimates.save_lines, estimate=estimate, lines=[], actor=world.clerk)


def test_who_proposed_does_not_approve_even_as_leader(world):
    from portal.accounts.enums import Role
    from tests.factories import GrantFactory

    GrantFactory(user=world.clerk, role=Role.LEADER, territory=world.province)
    estimate = world.proposed(world.line())
    refused("own_estimate", world.approve, estimate, actor=world.clerk)
    with pytest.raises(IntegrityError), transaction.atomic():
        estimate.__class__.objects.filter(pk=estimate.pk).update(decided_by=world.clerk)


def test_a_day_without_a_norm_is_said_and_nothing_is_approved(world):
    SupportNorm.objects.filter(item=world.items["machine"]).update(valid_to=dt.date(2020, 1, 1))
    estimate = world.draft(world.line())
    assert estimate.lines.get().allowed is None
    said = refused("not_ready", estimates.propose, estimate=estimate, actor=world.clerk, now=NOW)
    assert "Ngày 02/03/2026 chưa có mức chi nào cho “machine”" in said


def test_lines_of_one_facility_share_the_ceiling_and_units_each_have_theirs(world):
    estimate = world.draft(
        world.line(asked=200, cost=400),
        world.line(asked=200, cost=400),
        world.line("booth", asked=30, cost=40, units=3),
    )
    assert list(estimate.lines.values_list("allowed", flat=True)) == [200 * MILLION, 100 * MILLION, 30 * MILLION]


def test_management_is_a_share_of_the_other_lines(world):
    estimate = world.draft(world.line(), world.line("management", asked=20, cost=20, facility=None))
    assert estimate.lines.last().allowed == 15 * MILLION


def test_a_used_machine_is_not_proposed(world):
    estimate = world.draft(world.line(is_new_machine=False))
    assert "Chỉ hỗ trợ máy mới" in refused(
        "not_ready", estimates.propose, estimate=estimate, actor=world.clerk, now=NOW
    )


def test_a_priority_raises_the_ceiling_only_with_its_proof_and_a_recognition_in_force(world):
    rule = PriorityRule.objects.create(kind=PriorityKind.RECOGNISED, name="Sản phẩm tiêu biểu", legal_basis="Văn bản")
    product = ProductFactory(facility=world.facility)
    with pytest.raises(Refusal, match="giấy tờ chứng minh"):
        world.draft(world.line(cost=1000, asked=450, priority=rule, product=product))
    typed = world.line(cost=1000, asked=450, priority=rule, product=product, priority_proof="GCN 01")
    estimate = world.draft(typed)
    said = refused("not_ready", estimates.propose, estimate=estimate, actor=world.clerk, now=NOW)
    assert "không có giấy chứng nhận nào còn hiệu lực" in said
    RecognitionFactory(product=product, territory=world.province, year=2025, expires_on=dt.date(2027, 12, 31))
    world.approve(estimates.propose(estimate=estimate, actor=world.clerk, now=NOW))
    assert estimate.lines.get().approved == 450 * MILLION


def test_a_new_edition_carries_lines_and_answers_and_replaces_when_approved(world):
    first = world.approved(world.line())
    second = estimates.begin(project=world.project, on=ON, actor=world.clerk)
    assert second.version == 2
    line = second.lines.get()
    assert line.lineage == first.lines.get().lineage
    lower = [world.line(asked=250, cost=500, uuid=line.uuid)]
    estimates.save_lines(estimate=second, lines=lower, actor=world.clerk)
    world.approve(estimates.propose(estimate=second, actor=world.clerk, now=NOW))
    first.refresh_from_db()
    world.project.refresh_from_db()
    assert (first.state, world.project.extension_funds) == (EstimateState.REPLACED, 250 * MILLION)


def test_a_returned_estimate_says_why_and_is_mended(world):
    estimate = world.proposed(world.line())
    refused("invalid", estimates.send_back, estimate=estimate, actor=world.leader, answer=" ", now=NOW)
    back = estimates.send_back(estimate=estimate, actor=world.leader, answer="Thiếu báo giá.", now=NOW)
    assert (back.state, back.answer) == (EstimateState.RETURNED, "Thiếu báo giá.")
    again = estimates.propose(estimate=back, actor=world.clerk, now=NOW)
    assert (again.state, again.decided_by, again.answer) == (EstimateState.PROPOSED, None, "")


def test_a_facility_outside_the_project_and_a_foreign_product_are_refused(world):
    refused("wrong_line", world.draft, world.line(facility=FacilityFactory(territory=world.province)))
    refused("wrong_line", world.draft, world.line(product=ProductFactory()))


# --- nothing twice ------------------------------------------------------------------------------------


def test_the_same_expense_elsewhere_stops_approval_until_somebody_answers(world):
    world.approved(world.line(asked=100, cost=200))
    estimate = world.proposed(world.line(asked=100, cost=200), project=world.another())
    alarm = DuplicateAlarm.objects.get(line__estimate=estimate)
    assert (alarm.kind, alarm.state) == (AlarmKind.ITEM, AlarmState.OPEN)
    refused("duplicate", world.approve, estimate)
    facts = {"alarm": alarm, "actor": world.leader, "now": NOW}
    refused("reason_missing", duplicates.decide, state=AlarmState.DISMISSED, reason=" ", **facts)
    duplicates.decide(state=AlarmState.CONFIRMED, reason="Cùng một máy.", **facts)
    refused("duplicate", world.approve, estimate)
    duplicates.decide(state=AlarmState.DISMISSED, reason="Hai máy khác nhau.", **facts)
    world.approve(estimate)
    again = estimates.begin(project=estimate.project, on=ON, actor=world.clerk)
    carried = DuplicateAlarm.objects.get(line__estimate=again)
    assert (carried.state, carried.reason) == (AlarmState.DISMISSED, "Hai máy khác nhau.")


def test_one_machine_is_supported_once_whatever_the_facility(world):
    world.approved(world.line(machine="Hoàng Gia HG-200, số 77"))
    world.facility = FacilityFactory(territory=world.province)
    estimate = world.proposed(world.line(machine="hoàng gia HG-200,  số 77"), project=world.another(year=2027))
    assert DuplicateAlarm.objects.get(line__estimate=estimate).kind == AlarmKind.MACHINE
    DuplicateAlarm.objects.all().delete()
    estimate.lines.update(approved=300 * MILLION)
    with pytest.raises(IntegrityError, match="Một máy chỉ được hỗ trợ một lần"):
        sql(
            "UPDATE extension_estimate SET state = 'approved', decided_by_id = %s, decided_at = %s WHERE id = %s",
            world.leader.pk,
            NOW,
            estimate.pk,
        )


def test_a_third_support_abroad_within_a_year_is_refused(world):
    world.approved(world.line("abroad", asked=50, cost=50, units=2))
    estimate = world.proposed(world.line("abroad", asked=50, cost=50), project=world.another())
    alarm = DuplicateAlarm.objects.get(line__estimate=estimate)
    duplicates.decide(alarm=alarm, state=AlarmState.DISMISSED, reason="Khác nước.", actor=world.leader, now=NOW)
    assert "nhiều nhất hai lần" in refused("abroad", world.approve, estimate)
    estimate.lines.update(approved=50 * MILLION)
    with pytest.raises(IntegrityError, match="nhiều nhất hai lần"):
        sql(
            "UPDATE extension_estimate SET state = 'approved', decided_by_id = %s, decided_at = %s WHERE id = %s",
            world.leader.pk,
            NOW,
            estimate.pk,
        )
    next_year = world.proposed(world.line("abroad", asked=50, cost=50), project=world.another(year=2027))
    world.approve(next_year)


# --- what the database holds, by raw SQL ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("approved = 300000001", "line_approved_within_norm|vượt mức tối đa"),
        ("allowed = 300000001, approved = 300000001, cap = 300000001", "theo đúng mức chi"),
        ("allowed = 400000000, approved = 400000000, cap = NULL, rate_bp = 9000", "theo đúng mức chi"),
        ("rate_bp = 5001, approved = 300000000", "theo đúng mức chi"),
        ("approved = 300000000, priority_norm_id = (SELECT MIN(id) FROM extension_supportnorm)", "theo đúng mức chi"),
        ("cost = 700000000, counterpart = 400000000", "không sửa dòng"),
        ("asked = 299000000, counterpart = 301000000", "không sửa dòng"),
    ],
)
def test_no_line_is_approved_by_hand_above_its_norm(world, change, said):
    line = world.proposed(world.line()).lines.get()
    with pytest.raises(IntegrityError, match=said):
        sql(f"UPDATE extension_estimateline SET {change} WHERE id = %s", line.pk)


def test_lines_together_stay_below_the_ceiling_and_an_approved_estimate_stays(world):
    estimate = world.proposed(world.line(asked=200, cost=400), world.line(asked=100, cost=400))
    first, second = estimate.lines.order_by("ordinal")
    sql("UPDATE extension_estimateline SET approved = 200000000 WHERE id = %s", first.pk)
    with pytest.raises(IntegrityError, match="cộng lại vượt mức tối đa"):
        sql("UPDATE extension_estimateline SET allowed = 100000001, approved = 100000001 WHERE id = %s", second.pk)
    world.approve(estimate)
    for act in (
        "DELETE FROM extension_estimateline WHERE id = %s",
        "UPDATE extension_estimateline SET approved = 1 WHERE id = %s",
    ):
        with pytest.raises(IntegrityError):
            sql(act, first.pk)
    with pytest.raises(IntegrityError, match="không thêm dòng"), transaction.atomic():
        EstimateLine.objects.create(
            estimate=estimate,
            project=world.project,
            item=first.item,
            description="Thêm",
            cost=2,
            asked=1,
            counterpart=1,
        )
    with pytest.raises(IntegrityError, match="đã quyết định"):
        sql("UPDATE extension_estimate SET state = 'draft' WHERE id = %s", estimate.pk)


def test_a_norm_that_was_applied_stays_and_may_be_ended(world):
    estimate = world.approved(world.line())
    norm = estimate.lines.get().norm
    for change in ("percent = 60", "ceiling = 1", "valid_to = '2026-03-01'", "start_known = FALSE"):
        with pytest.raises(IntegrityError, match="đã dùng để duyệt"):
            sql(f"UPDATE extension_supportnorm SET {change} WHERE id = %s", norm.pk)
    sql("UPDATE extension_supportnorm SET valid_to = '2026-03-02' WHERE id = %s", norm.pk)


def test_an_estimate_is_approved_whole_or_not(world):
    estimate = world.proposed(world.line(), world.line("booth", asked=8, cost=10))
    sql("UPDATE extension_estimateline SET approved = 8000000 WHERE id = %s", estimate.lines.last().pk)
    with pytest.raises(IntegrityError, match="chưa ghi số được duyệt"):
        sql(
            "UPDATE extension_estimate SET state = 'approved', decided_by_id = %s, decided_at = %s WHERE id = %s",
            world.leader.pk,
            NOW,
            estimate.pk,
        )


def test_a_decision_of_tomorrow_approves_nothing(world):
    estimate = world.proposed(world.line())
    tomorrow = estimates.Paper("12/QĐ-SCT", ON + dt.timedelta(days=1))
    refused("future_day", world.approve, estimate, paper=tomorrow)
    estimate.refresh_from_db()
    assert estimate.state == EstimateState.PROPOSED
