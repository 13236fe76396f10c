import datetime as dt
import html
import json
import re
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from extension.enums import FindingState, InspectionState
from extension.models import Finding, InspectionAnswer, InspectionPhoto
from extension.services import findings, inspecting
from portal.accounts.enums import Role
from portal.accounts.queries import staff_reach
from portal.audit.models import AuditEntry
from portal.pages.todo.extension_watch import watch_tasks
from tests.factories import FacilityFactory, staff

from .watch_world import Watch, photo

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return Watch()


@pytest.fixture
def sheet(world):
    now = timezone.now()
    on = timezone.localdate(now)
    return inspecting.plan_inspection(
        project=world.project, planned_on=on, inspectors=[world.leader], actor=world.officer, now=now
    )


def address(sheet, more=""):
    return f"/quan-tri/kiem-tra/{sheet.uuid}/{more}"


def opened(client, path):
    """The status of a served file, read to its end."""
    answer = client.get(path)
    list(answer)
    return answer.status_code


def send(client, sheet, body, **headers):
    return client.post(address(sheet, "luu/"), json.dumps(body), content_type="application/json", **headers)


def test_a_script_is_answered_in_json_whoever_asks(client, world, sheet):
    nothing = {"revision": 0, "values": {}}
    assert send(client, sheet, nothing).status_code == 401
    client.force_login(world.worker)
    assert send(client, sheet, nothing).json()["code"] == "not_allowed"
    client.force_login(world.outsider)
    assert send(client, sheet, nothing).status_code == 404
    client.force_login(world.leader)
    assert send(client, sheet, nothing, HTTP_X_WRITER=str(world.officer.uuid)).json()["code"] == "login"
    for wrong in ({}, {"revision": "x"}, {"revision": 0, "values": {"1": "yes"}}):
        assert send(client, sheet, wrong).json()["code"] == "malformed"


def test_answers_of_two_devices_meet_without_loss(client, world, sheet):
    client.force_login(world.leader)
    said = send(
        client, sheet, {"revision": 0, "values": {str(world.first.pk): {"answer": "no"}, "": {"met": "Ông chủ"}}}
    )
    assert said.json()["revision"] == 1
    stale = send(client, sheet, {"revision": 0, "values": {str(world.first.pk): {"answer": "yes"}}})
    assert stale.status_code == 409
    held = stale.json()
    assert (held["revision"], held["values"][str(world.first.pk)]["answer"]) == (1, "no")
    assert held["values"][""] == {"place": "", "met": "Ông chủ", "conclusion": "", "spot": ""}
    spot = send(client, sheet, {"revision": 1, "values": {"": {"spot": "21.5944,105.8481,12"}}})
    assert spot.json()["revision"] == 2
    assert InspectionAnswer.objects.get().answer == "no"


def test_a_photo_arrives_once_and_is_shown_to_the_staff_of_the_province_only(client, world, sheet):
    client.force_login(world.leader)
    key = str(uuid4())
    for _time in range(2):
        facts = {"key": key, "item": world.first.pk, "taken_at": "2026-01-02T03:04:05Z", "spot": "21.5,105.8,9"}
        answer = client.post(address(sheet, "anh/"), facts | {"photo": photo()})
        assert (answer.status_code, answer.json()["key"]) == (200, key)
    kept = InspectionPhoto.objects.get()
    assert (kept.item, str(kept.latitude), kept.taken_at.year) == (world.first, "21.500000", 2026)
    assert opened(client, address(sheet, f"tep/{kept.pk}/")) == 200
    refused = client.post(address(sheet, "anh/"), {"key": "no", "photo": photo()})
    assert refused.json()["code"] == "malformed"
    client.force_login(world.outsider)
    assert client.get(address(sheet, f"tep/{kept.pk}/")).status_code == 404


def test_without_scripts_the_form_saves_answers_and_photos_and_leads_to_the_end(client, world, sheet):
    client.force_login(world.leader)
    first, second = world.first.pk, world.second.pk
    typed = {
        "lan-luu": "0",
        f"tra-loi-{first}": "no",
        f"ghi-chu-{first}": "Chưa lắp",
        f"tra-loi-{second}": "yes",
        "ket-luan": "Cần lắp xong.",
        f"anh-{first}": photo(),
        "act": "finish",
    }
    answer = client.post(address(sheet), typed)
    assert (answer.status_code, answer.headers["Location"]) == (303, address(sheet, "xong/"))
    page = client.get(address(sheet, "xong/")).content.decode()
    assert "Chưa lắp" in page
    assert "Phiếu còn thiếu" not in page
    sheet.refresh_from_db()
    day = timezone.localdate().isoformat()
    name = f"tt{first}"
    closing = {"lan-luu": sheet.revision, f"{name}-text": "Lắp máy", f"{name}-due_on": day, f"{name}-is_serious": "on"}
    assert client.post(address(sheet, "xong/"), closing).status_code == 303
    sheet.refresh_from_db()
    assert (sheet.state, Finding.objects.get().is_serious) == (InspectionState.DONE, True)
    read = client.get(address(sheet)).content.decode()
    assert "Lắp máy" in read
    assert "Đã lưu trên máy chủ" not in read
    assert client.post(address(sheet), typed).status_code == 403


def shown_at(page, name):
    """What stands at an input as wrong; nothing where it is right."""
    found = re.search(rf'<p class="field__error" id="loi-{name}"[^>]*>(?:<svg.*?</svg>)?(.*?)</p>', page, re.DOTALL)
    return html.unescape(found[1]).strip() if found else ""


def chosen(page, item):
    return re.findall(rf'name="tra-loi-{item.pk}" value="(\w+)" checked', page)


def test_without_scripts_a_stale_form_comes_back_as_typed_beside_what_the_server_holds(client, world, sheet):
    client.force_login(world.leader)
    first, second = world.first.pk, world.second.pk
    held = {str(first): {"answer": "no"}, "": {"met": "Bà chủ", "spot": "21.5944,105.8481,12"}}
    assert send(client, sheet, {"revision": 0, "values": held}).status_code == 200
    typed = {
        "lan-luu": "0",
        "noi": "Xưởng số 2",
        "lam-viec-voi": "Ông chủ",
        f"tra-loi-{first}": "yes",
        f"ghi-chu-{second}": "Thiếu phụ lục",
        "ket-luan": "Dòng một\r\ndòng hai",
        "vi-tri": "",
        f"anh-{first}": photo(),
    }
    refused = client.post(address(sheet), typed)
    page = refused.content.decode()
    assert (refused.status_code, InspectionAnswer.objects.get().answer) == (409, "no")
    assert (chosen(page, world.first), chosen(page, world.second)) == (["yes"], [])
    for words in ('value="Xưởng số 2"', 'value="Ông chủ"', ">Thiếu phụ lục</textarea>", "dòng hai</textarea>"):
        assert words in page
    assert shown_at(page, "lam-viec-voi").startswith("Máy chủ đang giữ “Bà chủ”.")
    assert shown_at(page, f"tra-loi-{first}").startswith("Máy chủ đang giữ “Chưa đạt”.")
    assert shown_at(page, "noi").startswith("Máy chủ đang để trống mục này.")
    assert shown_at(page, f"tra-loi-{second}") == shown_at(page, f"ghi-chu-{first}") == ""
    assert 'value="21.594400,105.848100,12"' in page
    assert "data-typed" in page
    assert InspectionPhoto.objects.count() == 1

    assert client.post(address(sheet), typed | {"lan-luu": "1", f"anh-{first}": photo()}).status_code == 303
    sheet.refresh_from_db()
    assert (sheet.place, sheet.met, sheet.conclusion) == ("Xưởng số 2", "Ông chủ", "Dòng một\ndòng hai")
    assert (sheet.accuracy, InspectionPhoto.objects.count()) == (12, 1)


def test_without_scripts_what_the_end_lacks_is_said_at_each_input(client, world, sheet):
    client.force_login(world.leader)
    first, second = world.first.pk, world.second.pk
    refused = client.post(address(sheet), {"lan-luu": "0", "noi": "Xưởng 1", f"tra-loi-{first}": "no", "act": "finish"})
    page = refused.content.decode()
    assert refused.status_code == 409
    assert "Còn thiếu 4 điều trên phiếu." in page
    assert "chưa đạt" in shown_at(page, f"ghi-chu-{first}")
    assert "ít nhất một ảnh" in shown_at(page, f"anh-{first}")
    assert "chưa có kết quả" in shown_at(page, f"tra-loi-{second}")
    assert shown_at(page, "ket-luan") == "Chưa ghi kết luận."
    assert (shown_at(page, f"tra-loi-{first}"), chosen(page, world.first)) == ("", ["no"])
    assert 'value="Xưởng 1"' in page
    assert "Đã lưu trên máy chủ" in page
    assert "data-typed" not in page


def test_without_scripts_a_refused_photo_is_said_at_its_input_and_costs_nothing_else(client, world, sheet):
    client.force_login(world.leader)
    first = world.first.pk
    wrong = SimpleUploadedFile("anh.jpg", b"no picture", "image/jpeg")
    typed = {"lan-luu": "0", "noi": "Xưởng 1", "ket-luan": "Đã xem.", f"anh-{first}": wrong, "anh-chung": photo()}
    refused = client.post(address(sheet), typed)
    page = refused.content.decode()
    assert (refused.status_code, bool(shown_at(page, f"anh-{first}"))) == (400, True)
    assert shown_at(page, "anh-chung") == ""
    assert 'value="Xưởng 1"' in page
    assert ">Đã xem.</textarea>" in page
    assert InspectionPhoto.objects.get().item is None


def test_a_finding_typed_at_the_end_stays_when_the_sheet_changed_meanwhile(client, world, sheet):
    client.force_login(world.leader)
    first, second = world.first.pk, world.second.pk
    values = {str(first): {"answer": "no", "note": "Chưa lắp"}, "": {"conclusion": "Xong"}}
    send(client, sheet, {"revision": 0, "values": values})
    day = timezone.localdate().isoformat()
    typed = {"lan-luu": "1", f"tt{first}-text": "Lắp máy thứ hai", f"tt{first}-due_on": day}
    said = client.post(address(sheet, "xong/"), typed)
    assert (said.status_code, "Lắp máy thứ hai" in said.content.decode()) == (409, True)
    send(client, sheet, {"revision": 1, "values": {str(second): {"answer": "no", "note": "Sai mẫu"}}})
    said = client.post(address(sheet, "xong/"), typed)
    page = said.content.decode()
    assert (said.status_code, "vừa được sửa ở máy khác" in page) == (409, True)
    assert "Lắp máy thứ hai" in page
    assert "Sai mẫu</textarea>" in page
    assert "field__error" not in page


def test_the_state_line_tells_of_a_photo_that_came_before_any_word(client, world, sheet):
    client.force_login(world.leader)
    assert ">Chưa có gì trên máy chủ<" in client.get(address(sheet)).content.decode()
    facts = {"key": str(uuid4()), "item": world.first.pk, "photo": photo()}
    assert client.post(address(sheet, "anh/"), facts).status_code == 200
    page = client.get(address(sheet)).content.decode()
    assert ">Trên máy chủ mới có 1 ảnh<" in page
    assert ">Chưa có gì trên máy chủ<" not in page


def test_what_is_missing_is_listed_before_the_end(client, world, sheet):
    client.force_login(world.leader)
    page = client.get(address(sheet, "xong/")).content.decode()
    assert "Câu 2 chưa có kết quả: Đúng hợp đồng" in page
    assert client.post(address(sheet, "xong/"), {"lan-luu": 0}).status_code == 409


def test_a_checklist_costs_the_same_for_few_and_many_questions(client, world, sheet, django_assert_max_num_queries):
    client.force_login(world.leader)
    for number in range(30):
        world.first.__class__.objects.create(question=f"Câu {number}", ordinal=number)
        world.project.beneficiaries.create(facility=FacilityFactory(territory=world.province))
    client.get(address(sheet))
    with django_assert_max_num_queries(14):
        assert client.get(address(sheet)).status_code == 200


def test_the_project_page_plans_finds_and_reads_reports_by_forms(client, world, sheet):
    page = f"/quan-tri/de-an/{world.project.uuid}/kiem-tra/"
    client.force_login(world.leader)
    assert client.post(page, {"act": "plan"}).status_code == 403
    client.force_login(world.officer)
    day = timezone.localdate().isoformat()
    assert client.post(page, {"act": "plan", "plan-planned_on": day}).status_code == 400
    planned = {"act": "plan", "plan-planned_on": day, "plan-inspectors": [world.leader.pk, world.other.pk]}
    assert client.post(page, planned).status_code == 302
    assert world.project.inspections.count() == 2
    assert client.post(page, {"act": "finding", "finding-text": "Thiếu nhãn", "finding-due_on": day}).status_code == 302
    row = world.project.findings.get()
    assert client.post(page, {"act": "close", "row": row.uuid}).status_code == 400
    client.force_login(world.maker)
    own = f"/co-so-cua-toi/khuyen-cong/{world.project.uuid}/"
    answered = {"row": row.uuid, f"tl-{row.pk}-answer": "Đã dán"}
    assert client.post(f"{own}ton-tai/", answered).status_code == 302
    told = {"percent": "30", "done": "Đã đặt máy", "spent_extension": "50 triệu", "upload": photo()}
    assert client.post(f"{own}tien-do/?thang={timezone.localdate():%Y-%m}", told).status_code == 302
    report = world.project.progress_reports.get()
    assert (report.spent_extension, opened(client, f"{own}tep/tien-do/{report.uuid}/")) == (50_000_000, 200)
    client.force_login(world.other)
    key = f"close-{row.pk}-note"
    assert client.post(page, {"act": "close", "row": row.uuid, key: "Đã xem"}).status_code == 302
    assert client.post(page, {"act": "see", "row": report.uuid}).status_code == 302
    report.refresh_from_db()
    assert (report.state, world.project.findings.get().state) == ("seen", "closed")
    assert client.post(page, {"act": "see", "row": "x"}).status_code == 404
    shown = client.get(page).content.decode()
    assert "30\N{NO-BREAK SPACE}%" in shown
    assert "Thiếu nhãn" in shown
    client.force_login(world.outsider)
    assert [client.get(each).status_code for each in (page, f"{own}tien-do/", f"{own}ton-tai/")] == [404, 404, 404]


def test_the_plan_sends_people_to_several_projects_at_once(client, world):
    client.force_login(world.officer)
    page = "/quan-tri/khuyen-cong/ke-hoach-kiem-tra/"
    assert world.project.name in client.get(page).content.decode()
    day = timezone.localdate().isoformat()
    facts = {"planned_on": day, "inspectors": [world.leader.pk]}
    assert client.post(page, facts).status_code == 400
    assert client.post(page, facts | {"project": [str(world.project.uuid)]}).status_code == 302
    assert world.project.inspections.get().inspectors.get() == world.leader
    client.force_login(world.leader)
    assert client.post(page, facts).status_code == 403
    assert world.project.name in client.get("/quan-tri/kiem-tra/").content.decode()


def test_a_double_press_writes_one_finding_and_one_inspection_and_says_so(client, world):
    client.force_login(world.officer)
    page, plan = f"/quan-tri/de-an/{world.project.uuid}/kiem-tra/", "/quan-tri/khuyen-cong/ke-hoach-kiem-tra/"
    day = timezone.localdate().isoformat()
    finding = {"act": "finding", "finding-text": "Thiếu nhãn", "finding-due_on": day}
    sent = {"act": "plan", "plan-planned_on": day, "plan-inspectors": [world.leader.pk, world.other.pk]}
    of_many = {"planned_on": day, "inspectors": sent["plan-inspectors"], "project": [str(world.project.uuid)]}
    for where, what in ((page, finding), (page, sent), (plan, of_many)):
        said = [client.post(where, what, follow=True).content.decode() for _press in range(2)]
        assert "không ghi thêm" in said[1]
    assert (world.project.findings.count(), world.project.inspections.count()) == (1, 1)
    assert AuditEntry.objects.filter(action__in=["extension.finding_open", "extension.inspection_plan"]).count() == 2
    client.post(page, sent | {"plan-inspectors": [world.leader.pk]})
    client.post(page, finding | {"finding-text": "Thiếu mã"})
    assert (world.project.findings.count(), world.project.inspections.count()) == (2, 2)


def test_a_finding_that_was_closed_may_be_found_again(world):
    now = timezone.now()
    found = findings.Found("Thiếu nhãn", timezone.localdate(now))
    first = findings.open_finding(project=world.project, found=found, actor=world.officer, now=now)
    findings.close_finding(finding=first, note="Đã dán", actor=world.other, now=now)
    again = findings.open_finding(project=world.project, found=found, actor=world.officer, now=now)
    assert (again.pk != first.pk, again.repeated) == (True, False)


def test_what_watching_asks_stands_on_the_to_do_by_itself(world, sheet, django_assert_max_num_queries):
    now = timezone.now()
    on = timezone.localdate(now)
    facts = {"project": world.project, "found_by": world.officer, "found_at": now}
    Finding.objects.create(text="Chưa lắp", due_on=on - dt.timedelta(days=2), **facts)
    Finding.objects.create(text="Thiếu nhãn", due_on=on, state=FindingState.ANSWERED, **facts)
    world.project.progress_reports.create(
        month=on.replace(day=1), percent=5, done="x", sent_by=world.worker, sent_at=now
    )
    world.project.starts_on = on - dt.timedelta(days=70)
    world.project.ends_on = None
    world.project.save()
    reach = staff_reach(world.officer)
    with django_assert_max_num_queries(8):
        rows = list(watch_tasks(world.officer, reach, on))
    assert sorted(row.what for row in rows) == [
        "Xem 1 báo cáo tiến độ mới gửi",
        "Xem 1 tồn tại đã báo khắc phục",
        "Đôn đốc 1 tồn tại quá hạn khắc phục",
        "Đôn đốc 1 đề án chưa gửi báo cáo tiến độ",
    ]
    mine = list(watch_tasks(world.leader, staff_reach(world.leader), on))
    assert [(row.what, row.due) for row in mine] == [(f"Kiểm tra đề án “{world.project.name}”", on)]
    assert list(watch_tasks(world.outsider, staff_reach(world.outsider), on)) == []


def test_the_way_to_report_progress_is_shown_to_whom_it_lets_in(client, world):
    page, way = f"/quan-tri/de-an/{world.project.uuid}/kiem-tra/", reverse("own_progress", args=[world.project.uuid])
    for user, lets_in in ((world.officer, True), (staff(Role.AGENCY_NATIONAL), False)):
        client.force_login(user)
        assert (way in client.get(page).content.decode()) == lets_in
        assert client.get(way).status_code == (200 if lets_in else 404)
