import datetime as dt
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from extension.enums import Funding, PlanState, ProjectState
from extension.models import Plan
from extension.plans.queries import against
from extension.services import plans
from portal.accounts.enums import Role
from portal.audit.models import AuditEntry
from portal.text.errors import Refusal
from tests.factories import GrantFactory, ProjectFactory, staff

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 6, 1, 3, 0, tzinfo=dt.UTC)
SIGNED = {"number": "12/QĐ-SCT", "signed_on": dt.date(2026, 6, 1)}


@pytest.fixture
def clerk(province):
    return staff(Role.EXTENSION_OFFICER, province)


@pytest.fixture
def plan(province):
    row = Plan.objects.create(territory=province, year=2027, funding=Funding.LOCAL, name="Kế hoạch khuyến công 2027")
    row.lines.create(head=3, projects=2, funds=500_000_000)
    return row


def test_a_plan_goes_from_draft_to_assigned_by_two_people(plan, clerk, leader):
    plans.submit(plan=plan, actor=clerk, now=NOW)
    with pytest.raises(Refusal) as refused:
        plans.save_plan(plan=Plan.objects.get(pk=plan.pk), actor=clerk)
    assert refused.value.code == "not_draft"
    plans.approve(plan=plan, actor=leader, now=NOW, **SIGNED)
    plan.refresh_from_db()
    assert (plan.state, plan.submitted_by, plan.decided_by) == (PlanState.APPROVED, clerk, leader)
    assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True)) == [
        "extension.plan_submit",
        "extension.plan_approve",
    ]


def test_who_submitted_a_plan_does_not_approve_it_even_as_a_leader(plan, clerk, province):
    GrantFactory(user=clerk, role=Role.LEADER, territory=province)
    plans.submit(plan=plan, actor=clerk, now=NOW)
    with pytest.raises(Refusal) as refused:
        plans.approve(plan=plan, actor=clerk, now=NOW, **SIGNED)
    assert refused.value.code == "same_person"
    with pytest.raises(IntegrityError), transaction.atomic():
        Plan.objects.filter(pk=plan.pk).update(decided_by=clerk)


def test_a_returned_plan_says_why_and_is_a_draft_again(plan, clerk, leader):
    plans.submit(plan=plan, actor=clerk, now=NOW)
    with pytest.raises(Refusal) as refused:
        plans.give_back(plan=plan, actor=leader, now=NOW, reason=" ")
    assert refused.value.field == "reason"
    plans.give_back(plan=plan, actor=leader, now=NOW, reason="Thiếu dòng hội chợ.")
    plan.refresh_from_db()
    assert (plan.state, plan.answer) == (PlanState.DRAFT, "Thiếu dòng hội chợ.")
    plans.submit(plan=plan, actor=clerk, now=NOW)


def test_an_empty_plan_is_not_submitted(province, clerk):
    empty = Plan.objects.create(territory=province, year=2027, funding=Funding.LOCAL, name="Trống")
    with pytest.raises(Refusal) as refused:
        plans.submit(plan=empty, actor=clerk, now=NOW)
    assert refused.value.code == "empty"


def test_the_lines_of_a_plan_stay_within_its_funds(plan, clerk):
    Plan.objects.filter(pk=plan.pk).update(planned_funds=499_999_999)
    with pytest.raises(Refusal) as refused:
        plans.submit(plan=plan, actor=clerk, now=NOW)
    assert refused.value.code == "above_plan"
    Plan.objects.filter(pk=plan.pk).update(planned_funds=500_000_000)
    assert plans.submit(plan=plan, actor=clerk, now=NOW).state == PlanState.SUBMITTED


def test_a_decision_of_tomorrow_is_not_written_down(plan, clerk, leader):
    plans.submit(plan=plan, actor=clerk, now=NOW)
    with pytest.raises(Refusal) as refused:
        plans.approve(plan=plan, actor=leader, now=NOW, **SIGNED | {"signed_on": dt.date(2026, 6, 2)})
    assert (refused.value.code, refused.value.field) == ("future_day", "signed_on")


def test_a_page_read_before_the_plan_was_submitted_anew_does_not_approve_it(client, plan, clerk, leader):
    leader.is_staff = True
    leader.save()
    client.force_login(leader)
    page = reverse("admin:plan_page", args=[plan.uuid])
    plans.submit(plan=plan, actor=clerk, now=NOW)
    read = client.get(page).context["read"]
    plans.give_back(plan=plan, actor=leader, now=NOW, reason="Thiếu mục tiêu.")
    plans.submit(plan=plan, actor=clerk, now=NOW + dt.timedelta(hours=1))
    sent = {"act": "approve", "number": "12/QĐ-SCT", "signed_on": "2026-06-01", "read": read}
    refused = client.post(page, sent)
    assert refused.status_code == 409
    assert "Nội dung đã được trình lại sau khi bạn mở trang." in refused.content.decode()
    assert client.post(page, sent | {"read": refused.context["read"]}).status_code == 302


def test_a_plan_is_held_against_what_was_granted(plan, province, other_province):
    facts = {"year": 2027, "funding": Funding.LOCAL, "extension_funds": 100}
    ProjectFactory(territory=province, state=ProjectState.APPROVED, **facts)
    ProjectFactory(territory=province, state=ProjectState.RUNNING, plan=plan, **facts, head=4, disbursed=40)
    ProjectFactory(territory=province, state=ProjectState.REGISTERED, **facts)
    ProjectFactory(territory=other_province, state=ProjectState.APPROVED, **facts)
    for paid in (5, 0, None):
        ProjectFactory(territory=province, state=ProjectState.STOPPED, **facts, head=4, disbursed=paid)
    found = against(plan)
    assert [(row.head, row.projects, row.funds) for row in found.rows] == [(3, 1, 100), (4, 1, 100)]
    assert (found.projects, found.disbursed, found.planned_funds) == (2, 45, 500_000_000)
    assert [row.stopped for row in found.rows] == [0, 5]


def test_the_page_of_a_plan_submits_and_approves_it(client, plan, clerk, leader, officer):
    address = reverse("admin:plan_page", args=[plan.uuid])
    client.force_login(clerk)
    assert client.post(address, {"act": "submit"}).status_code == 302
    client.force_login(officer)
    assert client.post(address, {"act": "approve"}).status_code == 403
    client.force_login(leader)
    assert "Hãy ghi số quyết định." in client.post(address, {"act": "approve"}).content.decode()
    typed = {"act": "approve", "number": "12/QĐ-SCT", "signed_on": "01/07/2026"}
    assert client.post(address, typed).status_code == 302
    plan.refresh_from_db()
    assert plan.state == PlanState.APPROVED


def test_the_page_of_a_plan_costs_the_same_for_any_number_of_projects(
    client, plan, clerk, province, django_assert_max_num_queries
):
    client.force_login(clerk)
    address = reverse("admin:plan_page", args=[plan.uuid])
    client.get(address)
    ProjectFactory(territory=province, year=2027, funding=Funding.LOCAL)
    with django_assert_max_num_queries(20) as before:
        client.get(address)
    for head in range(1, 9):
        ProjectFactory(territory=province, year=2027, funding=Funding.LOCAL, head=head)
    with django_assert_max_num_queries(len(before)):
        client.get(address)


@pytest.mark.parametrize("fmt", ["docx", "pdf"])
def test_a_plan_is_a_paper_with_its_heads_and_projects(client, plan, clerk, province, fmt):
    asks = {"territory": province, "year": 2027, "funding": Funding.LOCAL, "extension_funds": 300_000_000}
    ProjectFactory(**asks, name="Đề án <mẫu> máy sấy", state=ProjectState.REGISTERED)
    ProjectFactory(**asks, name="Đề án đã ngừng", state=ProjectState.STOPPED)
    client.force_login(clerk)
    made = client.get(reverse("admin:plan_list", args=[plan.uuid, fmt]))
    assert made.status_code == 200
    if fmt == "docx":
        said = ZipFile(BytesIO(made.content)).read("word/document.xml").decode()
        assert "Đề án &lt;mẫu&gt; máy sấy" in said
        assert "500.000.000" in said
        assert "DỰ THẢO" in said
        assert "Đề án đã ngừng" not in said
    else:
        assert made.content[:4] == b"%PDF"
    assert AuditEntry.objects.filter(action="extension.plan_print").count() == 1
