"""A group project from need to liquidation: the makers, the extension officer, the leader, the one who pays."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from extension.enums import NeedState, ProjectKind, ProjectState
from extension.file import reference as file_reference
from extension.models import ChecklistItem, Need, NormItem, Project
from extension.money import reference as money_reference
from extension.norms import reference as norm_reference
from extension.services import needs
from extension.steps import reference as steps_reference
from portal.accounts.enums import Role
from portal.territory import reference_data as territory
from portal.territory.models import Territory
from tests import factories
from tests.extension.watch_world import photo

from .conftest import PHONE, assert_accessible

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MILLION = 1_000_000
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
NAME = "Hỗ trợ máy sấy, máy sao chè cho hai cơ sở ở Tân Cương"


@pytest.fixture(autouse=True)
def rules_of_the_programme(settings: Any, tmp_path: Path) -> None:
    """Norms, steps, papers and advances as the portal comes with them; a checklist of two questions."""
    settings.MEDIA_ROOT = tmp_path / "media"
    for part in (territory, norm_reference, steps_reference, file_reference, money_reference):
        part.load()
    ChecklistItem.objects.create(ordinal=1, question="Máy đã lắp và chạy được", needs_photo=True)
    ChecklistItem.objects.create(ordinal=2, question="Nội dung đang làm đúng với hợp đồng")


class Cast:
    """Everyone who takes part, and the unit that carries the project out."""

    def __init__(self) -> None:
        self.province = Territory.objects.get(slug="thai-nguyen")
        self.unit = factories.OrganisationFactory(territory=self.province, kind="extension_centre")
        self.officer = factories.staff(Role.EXTENSION_OFFICER, self.province)
        self.payer = factories.staff(Role.EXTENSION_OFFICER, self.province)
        self.payer.full_name = "Kế toán khuyến công"
        self.payer.save()
        self.leader = factories.staff(Role.LEADER, self.province)
        self.dryer = factories.FacilityFactory(name="Hợp tác xã chè mẫu Tân Cương", territory=self.province)
        self.roaster = factories.FacilityFactory(name="Hộ kinh doanh chè mẫu Phúc Xuân", territory=self.province)
        self.maker = factories.RepresentativeFactory(facility=self.dryer).user
        self.neighbour = factories.RepresentativeFactory(facility=self.roaster).user


def test_a_group_project_from_need_to_liquidation(person: Any) -> None:
    cast = Cast()
    phone = person(viewport=PHONE, user=cast.maker)
    officer, leader = person(user=cast.officer), person(user=cast.leader)

    register_needs(phone, cast)
    project = make_project(officer, cast)
    pages = f"/quan-tri/de-an/{project.uuid}"
    ask_for_two_machines(officer, pages)
    approve_estimate(leader, pages)
    project.refresh_from_db()
    assert (project.extension_funds, project.counterpart_funds) == (450 * MILLION, 550 * MILLION)

    do_step(officer, pages, "Nhận đủ hồ sơ đăng ký đề án")
    move(officer, pages, project, ProjectState.APPRAISING)
    do_step(officer, pages, "Thẩm định đề án")
    move(leader, pages, project, ProjectState.APPROVED)
    do_step(officer, pages, "Ký hợp đồng thực hiện")
    move(officer, pages, project, ProjectState.RUNNING)

    propose_payment(officer, pages, "Tạm ứng", "210 triệu", "105 triệu")
    approve_payment(leader, pages)
    accountant = person(user=cast.payer)
    pay(accountant, pages, "PC-01")

    report_progress(phone, project)
    inspect(officer, person(viewport=PHONE, user=cast.payer), pages, cast)
    fill_the_file(officer, pages)
    accept(officer, pages)
    move(officer, pages, project, ProjectState.ACCEPTED)

    propose_payment(officer, pages, "Thanh toán", "90 triệu", "45 triệu")
    approve_payment(leader, pages)
    pay(accountant, pages, "PC-02")
    settle(officer, leader, pages)
    do_step(officer, pages, "Nộp hồ sơ quyết toán")
    move(leader, pages, project, ProjectState.SETTLED)
    liquidate(officer, pages)
    do_step(officer, pages, "Thanh lý hợp đồng")
    move(leader, pages, project, ProjectState.LIQUIDATED)

    project.refresh_from_db()
    assert (project.disbursed, project.kind) == (450 * MILLION, ProjectKind.GROUP)
    assert set(Need.objects.values_list("state", "project")) == {(NeedState.TURNED, project.pk)}
    phone.goto("/co-so-cua-toi/khuyen-cong/")
    phone.get_by_role("link", name=NAME).click()
    expect(phone.get_by_role("heading", level=1)).to_have_text(NAME)
    assert_accessible(phone)


# --- need, shelf, project ------------------------------------------------------------------------------------------


def register_needs(phone: Page, cast: Cast) -> None:
    """One maker asks from a phone; the other's need came before it."""
    item = NormItem.objects.get(code="may_moc")
    needs.register(
        facility=cast.roaster,
        title="Máy sao chè 12 kg một mẻ",
        item=item,
        year=timezone.localdate().year,
        cost=400 * MILLION,
        own_funds=200 * MILLION,
        actor=cast.neighbour,
        now=timezone.now(),
    )
    phone.goto("/co-so-cua-toi/khuyen-cong/nhu-cau/moi/")
    assert_accessible(phone)
    phone.locator("#id_item").select_option(item.code)
    phone.get_by_label("Nói ngắn gọn cần gì").fill("Máy sấy lạnh 300 kg một mẻ")
    phone.get_by_label("Tổng chi phí dự kiến").fill("600 triệu")
    phone.get_by_label("Cơ sở tự bỏ ra được").fill("300 triệu")
    phone.get_by_role("button", name="Gửi nhu cầu").click()
    expect(phone.get_by_role("heading", level=1)).to_contain_text("Máy sấy lạnh 300 kg một mẻ")
    assert_accessible(phone)


def make_project(page: Page, cast: Cast) -> Project:
    """Both needs go to the shelf, then become one project of the group."""
    for need in Need.objects.all():
        page.goto(f"/quan-tri/khuyen-cong/nhu-cau/{need.uuid}/")
        page.get_by_role("button", name="Đưa vào tủ", exact=True).click()
        expect(page.get_by_text("Đã đưa vào tủ đề án.", exact=False)).to_be_visible()
    page.goto("/quan-tri/khuyen-cong/nhu-cau/")
    assert_accessible(page)
    for box in page.locator("input[name='nhu-cau']").all():
        box.check()
    page.get_by_role("button", name="Lập đề án từ các nhu cầu đã chọn").click()
    expect(page.get_by_text("chi phí 1 tỷ đồng", exact=False)).to_be_visible()
    page.get_by_label("Tên đề án").fill(NAME)
    assert_accessible(page)
    page.get_by_role("button", name="Lập đề án", exact=True).click()
    page.wait_for_url(re.compile(r"/extension/project/\d+/change/"))
    page.locator("#id_implementing_unit").select_option(str(cast.unit.pk))
    page.locator("#id_is_public").check()
    page.get_by_role("button", name="Lưu", exact=True).click()
    page.wait_for_load_state()
    project = Project.objects.get()
    assert project.implementing_unit == cast.unit
    assert set(project.beneficiaries.values_list("facility", flat=True)) == {cast.dryer.pk, cast.roaster.pk}
    return project


# --- estimate ------------------------------------------------------------------------------------------------------


def ask_for_two_machines(page: Page, pages: str) -> None:
    """A line per need stands ready; each says at once how much is allowed; one million over the norm is not put up."""
    page.goto(f"{pages}/du-toan/")
    page.get_by_role("button", name="Lập dự toán").click()
    first = page.locator("[data-expense]").first
    type_line(first, "Hợp tác xã chè mẫu Tân Cương", "Máy sấy lạnh", cost="600 triệu", asked="301 triệu")
    expect(first.get_by_text("Được phép 300.000.000 đồng.")).to_be_visible()
    first.get_by_label("Đề nghị khuyến công").fill("300 triệu")
    expect(first.get_by_text("Đề nghị nằm trong mức chi.")).to_be_visible()
    second = page.locator("[data-expense]").nth(1)
    type_line(second, "Hộ kinh doanh chè mẫu Phúc Xuân", "Máy sao chè", cost="400 triệu", asked="150 triệu")
    page.get_by_role("button", name="Lưu dự toán").click()
    expect(page.get_by_text("Mọi dòng nằm trong mức chi.", exact=False)).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Trình dự toán").click()
    expect(page.get_by_text("Bạn trình dự toán này nên người khác duyệt.", exact=False)).to_be_visible()


def type_line(line: Locator, who: str, what: str, *, cost: str, asked: str) -> None:
    line.get_by_label("Nội dung chi").select_option(label="Ứng dụng máy móc, thiết bị tiên tiến; chuyển giao công nghệ")
    line.get_by_label("Cơ sở thụ hưởng").select_option(label=who)
    line.get_by_label("Diễn giải").fill(what)
    line.get_by_label("Thành tiền").fill(cost)
    line.get_by_label("Đề nghị khuyến công").fill(asked)


def approve_estimate(page: Page, pages: str) -> None:
    page.goto(f"{pages}/du-toan/")
    assert_accessible(page)
    page.get_by_label("Số quyết định phê duyệt").fill("12/QĐ-SCT")
    page.get_by_role("button", name="Duyệt dự toán").click()
    expect(page.get_by_text("Đã duyệt dự toán.", exact=False)).to_be_visible()


# --- steps and phases ----------------------------------------------------------------------------------------------


def do_step(page: Page, pages: str, name: str) -> None:
    page.goto(f"{pages}/tien-trinh/")
    step = page.locator(".project-step", has_text=name)
    step.get_by_text("Ghi đã làm xong").click()
    step.get_by_role("button", name="Ghi", exact=True).click()
    expect(page.get_by_text(f"Đã ghi bước “{name}”.")).to_be_visible()


def move(page: Page, pages: str, project: Project, to: ProjectState) -> None:
    page.goto(f"{pages}/tien-trinh/")
    page.locator(f"input[name='to'][value='{to}']").check()
    page.get_by_role("button", name="Chuyển giai đoạn").click()
    expect(page.get_by_text(f"Đề án đã chuyển sang “{to.label.lower()}”.")).to_be_visible()
    project.refresh_from_db()
    assert project.state == to
    if to == ProjectState.RUNNING:
        assert_accessible(page)


# --- money -----------------------------------------------------------------------------------------------------------


def propose_payment(page: Page, pages: str, kind: str, *sums: str) -> None:
    page.goto(f"{pages}/tien/")
    page.get_by_text("Đề nghị tạm ứng, thanh toán hoặc thu hồi").click()
    page.get_by_role("radio", name=kind).check()
    page.locator("#id_reason").fill(f"{kind} theo hợp đồng")
    for box, amount in zip(page.locator(".money-line input").all(), sums, strict=True):
        box.fill(amount)
    page.get_by_role("button", name="Gửi đề nghị").click()
    expect(page.get_by_text("Đã đề nghị. Lãnh đạo Sở sẽ thấy ở Việc cần xử lý.")).to_be_visible()


def approve_payment(page: Page, pages: str) -> None:
    page.goto(f"{pages}/tien/")
    page.get_by_role("button", name="Duyệt", exact=True).click()
    expect(page.get_by_text("Đã duyệt. Một cán bộ khuyến công khác", exact=False)).to_be_visible()


def pay(page: Page, pages: str, document: str) -> None:
    page.goto(f"{pages}/tien/")
    form = page.locator("form", has=page.locator("input[name='act'][value='pay']"))
    page.locator("summary", has_text="Ghi chi").click()
    form.get_by_label("Ngày chứng từ").fill(f"{timezone.localdate():%Y-%m-%d}")
    form.get_by_label("Số chứng từ").fill(document)
    form.get_by_label("Bản chụp chứng từ").set_input_files(paper("chung-tu"))
    form.get_by_role("button", name="Ghi đã chi").click()
    expect(page.get_by_text("Đã ghi chi.", exact=False)).to_be_visible()


def paper(name: str) -> dict[str, Any]:
    return {"name": f"{name}.pdf", "mimeType": "application/pdf", "buffer": PDF}


def settle(officer: Page, leader: Page, pages: str) -> None:
    """The officer hands in what was spent, the leader accepts it."""
    officer.goto(f"{pages}/tien/")
    officer.locator("summary", has_text="Nộp hồ sơ quyết toán").click()
    officer.get_by_label("Hồ sơ quyết toán").set_input_files(paper("quyet-toan"))
    officer.get_by_role("button", name="Nộp", exact=True).click()
    expect(officer.get_by_text("Đã nộp hồ sơ quyết toán.")).to_be_visible()
    leader.goto(f"{pages}/tien/")
    leader.locator("summary", has_text="Phê duyệt quyết toán").click()
    assert_accessible(leader)
    leader.get_by_label("Số văn bản phê duyệt").fill("88/QĐ-SCT")
    leader.get_by_label("Ngày phê duyệt").fill(f"{timezone.localdate():%Y-%m-%d}")
    leader.get_by_role("button", name="Phê duyệt", exact=True).click()
    expect(leader.get_by_text("Đã phê duyệt quyết toán.")).to_be_visible()


def liquidate(page: Page, pages: str) -> None:
    page.goto(f"{pages}/tien/")
    page.locator("summary", has_text="Ghi biên bản thanh lý").click()
    page.get_by_label("Số biên bản thanh lý").fill("07/BBTL")
    page.get_by_label("Ngày thanh lý").fill(f"{timezone.localdate():%Y-%m-%d}")
    page.get_by_label("Biên bản đã ký").set_input_files(paper("thanh-ly"))
    page.get_by_role("button", name="Ghi", exact=True).click()
    expect(page.get_by_text("Đã ghi biên bản thanh lý.", exact=False)).to_be_visible()


# --- supervision -----------------------------------------------------------------------------------------------------


def report_progress(phone: Page, project: Project) -> None:
    phone.goto(f"/co-so-cua-toi/khuyen-cong/{project.uuid}/tien-do/")
    assert_accessible(phone)
    phone.get_by_label("Khối lượng hoàn thành đến nay (%)").fill("60")
    phone.get_by_label("Đã làm trong tháng").fill("Máy sấy đã về xưởng và chạy thử ba mẻ.")
    phone.get_by_label("Vốn đối ứng đã chi đến nay").fill("200 triệu")
    phone.get_by_role("button", name="Gửi báo cáo").click()
    expect(phone.get_by_text("Đã gửi báo cáo tháng", exact=False)).to_be_visible()


def inspect(officer: Page, phone: Page, pages: str, cast: Cast) -> None:
    """Planned at the desk, answered at the workshop on a phone with a photo."""
    officer.goto(f"{pages}/kiem-tra/")
    officer.get_by_role("button", name="Tiếp nhận").click()
    officer.get_by_text("Lên lịch kiểm tra").click()
    officer.locator("#id_plan-planned_on").fill(f"{timezone.localdate():%Y-%m-%d}")
    officer.get_by_role("checkbox", name="Kế toán khuyến công").check()
    officer.get_by_role("button", name="Lên lịch", exact=True).click()
    assert_accessible(officer)
    phone.goto("/quan-tri/kiem-tra/")
    phone.get_by_role("link", name=NAME).click()
    for question in phone.locator(".asked").all():
        question.get_by_role("radio", name="Đạt", exact=True).check()
    taken = {"name": "anh.jpg", "mimeType": "image/jpeg", "buffer": photo().read()}
    phone.locator("[data-needs-photo] [type=file]").first.set_input_files(taken)
    phone.get_by_label("Kết luận của đoàn kiểm tra").fill("Máy mới, đúng hợp đồng.")
    expect(phone.locator("[data-photo-line]")).to_be_hidden()
    phone.get_by_role("link", name="Kết thúc kiểm tra").click()
    phone.wait_for_url("**/xong/")
    assert_accessible(phone)
    phone.get_by_role("button", name="Kết thúc kiểm tra").click()
    expect(phone.get_by_text("Đã kết thúc kiểm tra")).to_be_visible()


# --- acceptance -------------------------------------------------------------------------------------------------------


def fill_the_file(page: Page, pages: str) -> None:
    """Every paper that the file calls missing before acceptance and settlement is put in, until none is."""
    page.goto(f"{pages}/ho-so/")
    assert_accessible(page)
    wanted = [
        "Báo cáo kết quả thực hiện của đơn vị thực hiện",
        "Hóa đơn mua máy móc thiết bị mới",
        "Ảnh máy móc, thiết bị đã lắp đặt",
        "Chứng từ chi của vốn đối ứng",
    ]
    for name in wanted:
        row = page.locator(".paper", has_text=name)
        expect(row.get_by_text("Còn thiếu")).to_be_visible()
        row.get_by_text("Đưa tệp lên").click()
        row.locator("input[type=file]").set_input_files(paper("giay-to"))
        row.get_by_role("button", name="Đưa vào hồ sơ").click()
        expect(page.get_by_text(f"Đã đưa “{name}” vào hồ sơ.")).to_be_visible()


def accept(page: Page, pages: str) -> None:
    """The committee, what its members say, the outcome, the signed record."""
    page.goto(f"{pages}/nghiem-thu/")
    today = f"{timezone.localdate():%Y-%m-%d}"
    page.get_by_label("Số quyết định lập hội đồng").fill("45/QĐ-SCT")
    page.get_by_label("Ngày quyết định").fill(today)
    for number in (1, 2, 3):
        page.locator(f"#ten-{number}").fill(f"Ủy viên mẫu {number}")
    page.get_by_role("button", name="Lập hội đồng").click()
    for vote in page.get_by_role("radio", name="Đồng ý").all():
        vote.check()
    page.get_by_role("radio", name="Đạt", exact=True).check()
    page.get_by_label("Kết luận của hội đồng").fill("Hai máy chạy ổn định, đúng hợp đồng.")
    page.get_by_role("button", name="Ghi kết quả").click()
    expect(page.get_by_text("Đã ghi kết quả nghiệm thu.", exact=False)).to_be_visible()
    page.get_by_label("Biên bản đã ký").set_input_files(paper("bien-ban"))
    page.get_by_role("button", name="Đưa lên").click()
    expect(page.get_by_text("Đã giữ biên bản đã ký.")).to_be_visible()
    assert_accessible(page)
