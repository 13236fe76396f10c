"""The desk's page of an estimate: typed, proposed, approved, answered."""

import pytest
from django.urls import reverse

from extension.enums import AlarmState, EstimateState, NeedState
from extension.models import DuplicateAlarm, Estimate, Need
from portal.accounts.models import User
from portal.audit.models import AuditEntry
from tests.factories import FacilityFactory

from .estimate_world import MILLION, NOW, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(province):
    return World(province)


def enter(client, user: User):
    user.is_staff = True
    user.save()
    client.force_login(user)
    return client


def address(world, name="project_estimate"):
    return reverse(f"admin:{name}", args=[world.project.uuid])


def words(response, status=200):
    assert response.status_code == status
    return " ".join(response.content.decode().split())


def table(*rows, held=0, **more):
    """The form as typed, row by row."""
    facts = {"form-TOTAL_FORMS": len(rows), "form-INITIAL_FORMS": held, "act": "save", "on": "2026-03-02"} | more
    for number, row in enumerate(rows):
        facts |= {f"form-{number}-{name}": value for name, value in row.items()}
    return facts


def typed(world, **changes):
    facts = {
        "item": world.items["machine"].pk,
        "facility": world.facility.pk,
        "description": "Máy sấy",
        "units": "1",
        "cost": "600 triệu",
        "asked": "300 triệu",
        "is_new_machine": "on",
    }
    return facts | changes


def test_an_estimate_is_typed_proposed_and_approved_by_two_people(client, world):
    page = address(world)
    enter(client, world.clerk)
    assert "Đề án chưa có dự toán." in words(client.get(page))
    assert client.post(page, {"act": "begin", "on": "2026-03-02"}).status_code == 302
    assert client.post(page, table(typed(world), {"units": "1", "is_new_machine": "on"})).status_code == 302
    estimate = Estimate.objects.get()
    line = estimate.lines.get()
    assert (line.asked, line.counterpart, line.allowed) == (300 * MILLION,) * 3
    shown = words(client.get(page))
    assert "Đề nghị nằm trong mức chi." in shown
    assert "Theo Thông tư mẫu, áp dụng cả nước từ 01/01/2018." in shown
    assert client.post(page, {"act": "propose"}).status_code == 302
    assert "Đang chờ duyệt" in words(client.get(page))
    enter(client, world.leader)
    sums = {f"sum-{line.uuid}": "250 triệu"}
    decision = {"act": "approve", "number": "12/QĐ-SCT", "signed_on": "2026-03-05"}
    over = client.post(page, decision | {f"sum-{line.uuid}": "301 triệu"})
    assert "là vượt mức được phép 300 triệu đồng" in words(over, 409)
    assert client.post(page, decision | sums).status_code == 302
    estimate.refresh_from_db()
    world.project.refresh_from_db()
    assert (estimate.state, world.project.extension_funds) == (EstimateState.APPROVED, 250 * MILLION)
    assert "12/QĐ-SCT" in words(client.get(page))


def test_a_wrong_row_keeps_what_was_typed_and_says_why(client, world):
    world.draft()
    enter(client, world.clerk)
    response = client.post(address(world), table(typed(world, asked="700 triệu"), typed(world, cost="2.605 tỷ")))
    page = words(response, 400)
    assert "Khuyến công và nguồn khác cộng lại vượt thành tiền." in page
    assert "có thể đọc theo hai cách" in page
    assert 'value="700 triệu"' in page


def test_a_row_is_changed_and_another_taken_out(client, world):
    estimate = world.draft(world.line(), world.line("booth", asked=8, cost=10))
    first, second = estimate.lines.order_by("ordinal")
    enter(client, world.clerk)
    rows = [
        typed(world, uuid=str(first.uuid), asked="200 triệu"),
        typed(world, uuid=str(second.uuid), item=world.items["booth"].pk, DELETE="on"),
    ]
    assert client.post(address(world), table(*rows, held=2)).status_code == 302
    line = estimate.lines.get()
    assert (line.uuid, line.asked, line.counterpart) == (first.uuid, 200 * MILLION, 400 * MILLION)


def test_typing_says_at_once_what_is_allowed_and_keeps_nothing(client, world):
    estimate = world.draft()
    enter(client, world.clerk)
    rows = table(typed(world, asked="350 triệu"), typed(world, asked=""))
    page = words(client.post(address(world, "project_estimate_check"), rows))
    assert '<div data-line="0">' in page
    assert "vượt mức được phép 300 triệu đồng" in page
    assert 'data-line="1"' not in page
    assert page.count("350 triệu đồng") == 1
    assert not estimate.lines.exists()


def test_an_alarm_is_answered_on_the_page_and_leaves_the_list(client, world):
    world.approved(world.line(asked=100, cost=200))
    other = world.another(name="Đề án thứ hai")
    world.proposed(world.line(asked=100, cost=200), project=other)
    enter(client, world.leader)
    overview = reverse("admin:duplicate_alarms")
    assert "Đề án thứ hai" in words(client.get(overview))
    alarm = DuplicateAlarm.objects.get()
    page = reverse("admin:project_estimate", args=[other.uuid])
    assert "Còn 1 cảnh báo hỗ trợ trùng chưa trả lời." in words(client.get(page))
    facts = {"act": "alarm", "alarm": alarm.pk, "state": "dismissed"}
    assert client.post(page, facts).status_code == 400
    assert client.post(page, facts | {"reason": "Hai máy khác nhau."}).status_code == 302
    alarm.refresh_from_db()
    assert alarm.state == AlarmState.DISMISSED
    assert "Đề án thứ hai" not in words(client.get(overview))


def test_an_answer_without_a_choice_keeps_its_reason_and_says_what_is_missing(client, world):
    world.approved(world.line(asked=100, cost=200))
    other = world.another(name="Đề án thứ hai")
    world.proposed(world.line(asked=100, cost=200), project=other)
    enter(client, world.leader)
    alarm = DuplicateAlarm.objects.get()
    page = reverse("admin:project_estimate", args=[other.uuid])
    said = words(client.post(page, {"act": "alarm", "alarm": alarm.pk, "reason": "Số máy khác nhau."}), 400)
    assert "Hãy chọn một câu trả lời." in said
    assert "Số máy khác nhau.</textarea>" in said


def mark(client, page):
    return client.get(page).context["mark"]


def test_a_table_read_before_a_colleague_saved_theirs_does_not_take_its_lines_out(client, world):
    estimate = world.draft(world.line())
    kept = {"uuid": str(estimate.lines.get().uuid)}
    page = address(world)
    enter(client, world.clerk)
    read = mark(client, page)
    theirs = table(typed(world, **kept), typed(world, description="Máy sao"), held=1, table=read)
    assert client.post(page, theirs).status_code == 302
    mine = table(typed(world, **kept, description="Máy sấy lạnh"), held=1, table=read)
    refused = client.post(page, mine)
    assert "Người khác vừa lưu dự toán này sau khi bạn mở trang" in words(refused, 409)
    assert 'value="Máy sấy lạnh"' in words(refused, 409)
    assert set(estimate.lines.values_list("description", flat=True)) == {"Máy sấy", "Máy sao"}
    wrong = client.post(page, table(typed(world, **kept, cost="x"), held=1, table=read))
    assert wrong.context["mark"] == read
    assert client.post(page, mine | {"table": refused.context["mark"]}).status_code == 302
    assert estimate.lines.get().description == "Máy sấy lạnh"


def test_the_same_table_pressed_twice_is_saved_once(client, world):
    estimate = world.draft()
    page = address(world)
    enter(client, world.clerk)
    facts = table(typed(world), table=mark(client, page))
    assert [client.post(page, facts).status_code for _press in range(2)] == [302, 302]
    assert estimate.lines.count() == 1
    assert AuditEntry.objects.filter(action="extension.estimate_lines").count() == 2  # the empty table, this one


def test_what_is_wrong_in_a_long_table_is_said_above_it_with_its_line(client, world):
    world.draft()
    enter(client, world.clerk)
    rows = [typed(world), typed(world, asked="abc"), typed(world, description="")]
    page = words(client.post(address(world), table(*rows)), 400)
    summary = page[page.index("error-summary") : page.index("</ul>", page.index("error-summary"))]
    assert '<a href="#id_form-1-asked">Dòng 2, Đề nghị khuyến công: ' in summary
    assert '<a href="#id_form-2-description">Dòng 3, Diễn giải: ' in summary


def test_an_estimate_begins_with_a_line_for_each_need_its_project_was_made_from(client, world, province):
    known = {"territory": province, "year": 2026, "state": NeedState.TURNED, "project": world.project}
    known |= {"registered_by": world.clerk, "registered_at": NOW, "facility": world.facility}
    machine = world.items["machine"]
    Need.objects.create(**known, title="Máy sấy", item=machine, cost=800 * MILLION, own_funds=100 * MILLION)
    Need.objects.create(**known | {"facility": None, "facility_name": "Tổ chè"}, title="Máy đóng gói")
    page = address(world)
    enter(client, world.clerk)
    client.post(page, {"act": "begin", "on": "2026-03-02"})
    shown = client.get(page)
    assert "lấy từ nhu cầu đã đăng ký và chưa được lưu" in words(shown)
    rows = [form.initial for form in shown.context["lines"].forms if form.initial]
    assert [(row["item"], row["facility"], row["description"], row["cost"], row["asked"]) for row in rows] == [
        (machine.pk, world.facility.pk, "Máy sấy", 800 * MILLION, 300 * MILLION),
        (None, None, "Tổ chè: Máy đóng gói", None, None),
    ]
    first, second = typed(world, cost="800 triệu", asked="250 triệu"), typed(world, description="Bỏ", DELETE="on")
    assert client.post(page, table(first, second, held=2)).status_code == 302
    assert [line.asked for line in Estimate.objects.get().lines.all()] == [250 * MILLION]
    assert "chưa được lưu" not in words(client.get(page))


@pytest.mark.parametrize("rows", [1, 12])
def test_the_page_costs_the_same_for_one_line_and_for_many(client, world, django_assert_max_num_queries, rows):
    lines = []
    for _ in range(rows):
        world.facility = FacilityFactory(territory=world.province)
        world.project.beneficiaries.create(facility=world.facility)
        lines.append(world.line())
    world.draft(*lines)
    enter(client, world.clerk)
    with django_assert_max_num_queries(24):
        client.get(address(world))
