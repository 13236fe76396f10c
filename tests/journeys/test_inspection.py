"""An inspection where there is no reception: answers and photos stay on the phone and reach the server once."""

import json

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from extension.enums import InspectionState
from extension.models import Finding, Inspection, InspectionAnswer, InspectionPhoto
from extension.services import inspecting
from tests.extension.watch_world import Watch, photo

from .conftest import DESK, PHONE, assert_accessible, log_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WORKER_READY = "navigator.serviceWorker.ready.then(() => navigator.serviceWorker.controller !== null)"
KEPT = """async (path) => {
    for (const name of await caches.keys()) {
        if (await (await caches.open(name)).match(path)) return true;
    }
    return false;
}"""


@pytest.fixture
def world():
    return Watch()


@pytest.fixture
def visit(world):
    """The address of an inspection of today, not begun."""
    now = timezone.now()
    sheet = inspecting.plan_inspection(
        project=world.project,
        planned_on=timezone.localdate(now),
        inspectors=[world.leader],
        actor=world.officer,
        now=now,
    )
    return f"/quan-tri/kiem-tra/{sheet.uuid}/"


def test_an_inspection_without_reception_reaches_the_server_once(world, visit, person):
    phone = person(viewport=PHONE, user=world.leader)
    phone.goto("/quan-tri/kiem-tra/")
    assert_accessible(phone)
    phone.get_by_role("link", name=world.project.name).click()
    phone.wait_for_function(WORKER_READY)
    phone.wait_for_function(f"async () => ({KEPT})({json.dumps(visit)})")
    assert_accessible(phone)
    state, first = phone.locator("[data-state]"), phone.locator(f"#cau-{world.first.pk}")

    phone.context.set_offline(True)
    first.get_by_role("radio", name="Chưa đạt").check()
    first.get_by_text("Ghi chú", exact=True).click()
    first.get_by_role("textbox").fill("Máy chưa lắp")
    upload = photo()
    first.locator("[type=file]").set_input_files({"name": "anh.jpg", "mimeType": "image/jpeg", "buffer": upload.read()})
    expect(first.get_by_text("chờ gửi")).to_be_visible()
    expect(state).to_contain_text("Đang giữ trên máy này")
    phone.reload()
    expect(first.get_by_role("textbox")).to_have_value("Máy chưa lắp")
    expect(first.get_by_role("radio", name="Chưa đạt")).to_be_checked()
    expect(first.get_by_text("chờ gửi")).to_be_visible()
    assert not InspectionAnswer.objects.exists()

    phone.context.set_offline(False)
    expect(state).to_contain_text("Đã lưu trên máy chủ")
    expect(first.get_by_text("chờ gửi")).to_have_count(0)
    assert [(row.item, row.answer, row.note) for row in InspectionAnswer.objects.all()] == [
        (world.first, "no", "Máy chưa lắp")
    ]
    assert InspectionPhoto.objects.get().item == world.first

    phone.locator(f"#cau-{world.second.pk}").get_by_role("radio", name="Đạt", exact=True).check()
    phone.get_by_label("Kết luận của đoàn kiểm tra").fill("Cần lắp xong máy.")
    phone.get_by_role("link", name="Kết thúc kiểm tra").click()
    phone.wait_for_url("**/xong/")
    expect(phone.get_by_label("Tồn tại cần khắc phục")).to_have_value("Máy chưa lắp")
    assert_accessible(phone)
    phone.get_by_role("button", name="Kết thúc kiểm tra").click()
    expect(phone.get_by_text("Đã kết thúc kiểm tra")).to_be_visible()
    sheet = Inspection.objects.get()
    assert (sheet.state, Finding.objects.get().inspection) == (InspectionState.DONE, sheet)
    assert_accessible(phone)


def test_a_photo_alone_on_the_server_is_told_by_the_state_line(world, visit, person):
    phone = person(viewport=PHONE, user=world.leader)
    phone.goto(visit)
    state, first = phone.locator("[data-state]"), phone.locator(f"#cau-{world.first.pk}")
    expect(state).to_contain_text("Chưa có gì trên máy chủ")
    taken = {"name": "anh.jpg", "mimeType": "image/jpeg", "buffer": photo().read()}
    first.locator("[type=file]").set_input_files(taken)
    expect(state).to_contain_text("Trên máy chủ mới có 1 ảnh")
    assert InspectionPhoto.objects.get().item == world.first


@pytest.mark.parametrize(("side", "kept"), [("mine", "yes"), ("theirs", "no")])
def test_of_two_answers_to_one_question_the_inspector_chooses(world, visit, person, side, kept):
    phone, desk = person(viewport=PHONE, user=world.leader), person(viewport=DESK, user=world.leader)
    question = f"#cau-{world.first.pk}"
    phone.goto(visit)
    desk.goto(visit)
    desk.locator(question).get_by_role("radio", name="Chưa đạt").check()
    expect(desk.locator("[data-state]")).to_contain_text("Đã lưu trên máy chủ")
    phone.locator(question).get_by_role("radio", name="Đạt", exact=True).check()
    expect(phone.locator("[data-state]")).to_contain_text("Câu 1 đã được sửa ở máy khác")
    expect(phone.get_by_role("button", name="Giữ của tôi: Đạt")).to_be_visible()
    expect(phone.get_by_role("button", name="Lấy bản kia: Chưa đạt")).to_be_visible()
    assert_accessible(phone)
    phone.get_by_role("button", name="Chọn bản giữ lại").click()
    phone.locator(f"[data-side={side}]").click()
    expect(phone.locator("[data-state]")).to_contain_text("Đã lưu trên máy chủ")
    expect(phone.locator("[data-side]")).to_have_count(0)
    assert InspectionAnswer.objects.get().answer == kept


def test_of_a_form_sent_by_itself_and_refused_the_scripts_ask_which_text_to_keep(world, visit, person):
    phone, desk = person(viewport=PHONE, user=world.leader), person(viewport=DESK, user=world.leader)
    question = f"#cau-{world.first.pk}"
    phone.goto(visit)
    desk.goto(visit)
    desk.locator(question).get_by_role("radio", name="Chưa đạt").check()
    expect(desk.locator("[data-state]")).to_contain_text("Đã lưu trên máy chủ")
    with phone.expect_navigation():
        phone.locator(question).get_by_role("radio", name="Đạt", exact=True).evaluate(
            "radio => { radio.checked = true; HTMLFormElement.prototype.submit.call(radio.form); }"
        )
    expect(phone.get_by_role("button", name="Lấy bản kia: Chưa đạt")).to_be_visible()
    expect(phone.get_by_text("Máy chủ đang giữ")).to_have_count(0)
    assert_accessible(phone)
    phone.get_by_role("button", name="Giữ của tôi: Đạt").click()
    expect(phone.locator("[data-state]")).to_contain_text("Đã lưu trên máy chủ")
    assert InspectionAnswer.objects.get().answer == "yes"


def test_without_scripts_the_page_fits_the_phone(world, visit, browser, live_server):
    context = browser.new_context(viewport=PHONE, base_url=live_server.url, locale="vi-VN", java_script_enabled=False)
    phone = context.new_page()
    log_in(phone, world.leader)
    phone.goto(visit)
    assert phone.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    context.close()


def test_what_is_given_before_the_scripts_have_come_is_kept_too(world, visit, person):
    phone = person(viewport=PHONE, user=world.leader)
    held = []

    def hold(route):
        held.append(route)

    phone.route("**/js/outbox*.js", hold)
    phone.goto(visit, wait_until="commit")
    phone.get_by_label("Địa điểm").fill("Xưởng số 2")
    phone.locator(f"#cau-{world.first.pk}").get_by_role("radio", name="Đạt", exact=True).check()
    phone.get_by_label("Kết luận của đoàn kiểm tra").fill("Đã chạy thử.")
    for route in held:
        route.continue_()
    phone.unroute("**/js/outbox*.js")
    expect(phone.locator("[data-state]")).to_contain_text("Đã lưu trên máy chủ")
    expect(phone.get_by_label("Địa điểm")).to_have_value("Xưởng số 2")
    expect(phone.get_by_label("Kết luận của đoàn kiểm tra")).to_have_value("Đã chạy thử.")
    assert InspectionAnswer.objects.get().answer == "yes"
    sheet = Inspection.objects.get()
    assert (sheet.place, sheet.conclusion) == ("Xưởng số 2", "Đã chạy thử.")
