"""The main job from end to end: from an empty round to a certificate that a buyer can check."""

import datetime as dt
import io
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Page, expect

from facilities.enums import FacilityKind
from portal.accounts.enums import Role
from portal.territory.models import Territory
from products.models import Certificate, Recognition
from rounds.enums import Body, RoundState, SeatRole, SheetState
from rounds.models import Round, ScoreSheet
from rounds.services import bodies, declarations
from tests import factories

from .conftest import DESK, PHONE, assert_accessible

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
JUDGES = 7
PRODUCT = "Chè tôm nõn hữu cơ Tân Cương hộp thiếc 200 g"
PAPERS = [
    "registration_form",
    "business_registration",
    "statement",
    "photo_front",
    "photo_side",
    "photo_top",
    "cover_letter",
]
PHOTOS = {"photo_front", "photo_side", "photo_top"}


@pytest.fixture(autouse=True)
def register(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    call_command("load_reference", "--apply", verbosity=0)


@pytest.fixture
def thai_nguyen() -> Territory:
    return Territory.objects.get(slug="thai-nguyen")


class Cast:
    """Everyone who takes part."""

    def __init__(self, province: Territory) -> None:
        self.province = province
        self.officer = factories.staff(Role.OFFICER, province)
        self.leader = factories.staff(Role.LEADER, province)
        self.secretary = factories.UserFactory(full_name="Thư ký hội đồng")
        self.support = factories.UserFactory(full_name="Tổ trưởng tổ giúp việc")
        self.council = [factories.UserFactory(full_name=f"Ủy viên {n}") for n in range(5)]
        self.judges = [factories.UserFactory(full_name=f"Giám khảo {n}") for n in range(JUDGES)]

    def take_seats(self, round_: Round) -> None:
        places = [
            (self.leader, Body.COUNCIL, SeatRole.CHAIR),
            (self.secretary, Body.COUNCIL, SeatRole.SECRETARY),
            *[(user, Body.COUNCIL, SeatRole.MEMBER) for user in self.council],
            (self.judges[0], Body.JURY, SeatRole.HEAD_JUDGE),
            *[(user, Body.JURY, SeatRole.JUDGE) for user in self.judges[1:]],
            (self.support, Body.SUPPORT, SeatRole.SUPPORT_LEAD),
        ]
        for user, body, role in places:
            bodies.seat(round_=round_, user=user, body=body, role=role, since=timezone.localdate(), actor=self.officer)
            if body == Body.JURY:
                declarations.sign(round_=round_, user=user, signed_name=str(user), now=timezone.now())


def photograph() -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (1800, 1200), (120, 140, 90)).save(content, "JPEG")
    return content.getvalue()


def paper_for(kind: str) -> dict[str, Any]:
    if kind in PHOTOS:
        return {"name": f"{kind}.jpg", "mimeType": "image/jpeg", "buffer": photograph()}
    return {
        "name": f"{kind}.pdf",
        "mimeType": "application/pdf",
        "buffer": b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n",
    }


def say_when(page: Page, name: str, moment: dt.datetime) -> None:
    page.locator(f"#id_{name}").fill(f"{timezone.localtime(moment):%Y-%m-%dT%H:%M}")


def open_round(page: Page, province: Territory) -> Round:
    now = timezone.now()
    page.goto("/quan-tri/rounds/round/add/")
    page.locator("#id_level").select_option("province")
    page.locator("#id_territory").select_option(str(province.pk))
    page.locator("#id_year").fill(str(now.year))
    say_when(page, "receiving_from", now - dt.timedelta(hours=1))
    say_when(page, "receiving_until", now + dt.timedelta(days=30))
    say_when(page, "scoring_until", now + dt.timedelta(days=45))
    page.get_by_role("button", name="Lưu", exact=True).click()
    page.wait_for_url(re.compile(r"/rounds/round/(\d+/change/)?$"))
    return Round.objects.get()


def step(page: Page, round_: Round, words: str, state: str, *, reason: str = "") -> None:
    page.goto(f"/quan-tri/rounds/round/{round_.pk}/change/")
    if reason:
        page.locator("form", has=page.locator(f"input[name='to'][value='{state}']")).get_by_label("Lý do").fill(reason)
    page.get_by_role("button", name=words, exact=True).click()
    page.wait_for_load_state()
    round_.refresh_from_db()
    assert round_.state == state, page.locator("main, #content").first.inner_text()


def agree_on_criteria(writer: Page, approver: Page, round_: Round) -> None:
    """One copies the template and hands it in, another approves."""
    writer.goto(f"/quan-tri/rounds/round/{round_.pk}/tieu-chi/")
    assert_accessible(writer)
    writer.get_by_role("button", name="Chép thành bản nháp").click()
    expect(writer.get_by_role("heading", level=1)).to_have_text("Soạn bộ tiêu chí")
    assert_accessible(writer)
    points = writer.get_by_label("Tối đa").nth(2)
    points.fill("11")
    expect(writer.get_by_text("mục con: 17")).to_be_visible()
    points.fill("10")
    expect(writer.get_by_text("Điểm khớp, tổng 100.")).to_be_visible()
    writer.get_by_role("button", name="Trình duyệt").click()
    writer.wait_for_url(re.compile(r"/tieu-chi/$"))
    approver.goto(f"/quan-tri/rounds/round/{round_.pk}/tieu-chi/{round_.criteria_sets.get().pk}/")
    assert_accessible(approver)
    approver.get_by_role("button", name="Duyệt bộ tiêu chí").click()
    expect(approver.get_by_text("Đang dùng", exact=True)).to_be_visible()
    approver.context.close()


def enter_dossier(page: Page, round_: Round, product: Any) -> None:
    page.goto(f"/quan-tri/rounds/dossier/add/?round={round_.pk}")
    page.locator("#id_find").fill(product.facility.name)
    page.locator(f"input[name='facility'][value='{product.facility_id}']").check()
    page.locator(f"input[name='product'][value='{product.pk}']").check()
    page.get_by_role("button", name="Lưu hồ sơ đang lập").click()
    page.wait_for_url(re.compile(r"/rounds/dossier/\d+/change/"))
    page.locator("#nhieu-tep").set_input_files([paper_for(kind) for kind in PAPERS])
    page.get_by_role("button", name="Tải lên").click()
    for number, kind in enumerate(PAPERS, start=1):
        page.locator(f"#tep-{number}").select_option(kind)
    page.get_by_role("button", name="Ghi vào hồ sơ").click()
    expect(page.get_by_text("Giấy tờ đã đủ theo Điều 12.")).to_be_visible()
    page.get_by_role("button", name="Nộp hồ sơ", exact=True).click()
    page.wait_for_load_state()


def admit(page: Page, round_: Round) -> None:
    page.goto(f"/quan-tri/rounds/dossier/{round_.dossiers.get().pk}/change/")
    answers = page.locator("#viec-answers")
    for met in answers.locator("input[type='radio'][value='met']").all():
        met.check()
    answers.get_by_label("Căn cứ chung").fill("Đã xem tại xưởng ở xã Tân Cương, ngoài khu công nghiệp.")
    answers.get_by_role("button", name="Lưu kết quả kiểm tra").click()
    expect(page.get_by_text("Mọi điều kiện đều đạt.")).to_be_visible()
    page.locator("#viec-admit").get_by_role("button").click()
    page.wait_for_load_state()


def score(page: Page, round_: Round) -> None:
    """Fills every box on a phone, then hands the sheet in."""
    page.goto("/cham-diem/")
    page.get_by_role("link", name=re.compile("Chè tôm nõn")).first.click()
    page.wait_for_url(re.compile(r"/cham-diem/[0-9a-f-]+/$"))
    boxes = page.locator("input[name^='diem-']")
    leaves = round_.criteria_sets.get().criteria.filter(children=None, max_points__isnull=False)
    assert boxes.count() == leaves.count()
    for leaf in leaves:
        page.locator(f"#diem-{leaf.pk}").fill(f"{leaf.max_points - Decimal('0.5'):.1f}".replace(".", ","))
    expect(page.locator("[data-left]")).to_have_text(f"đã chấm đủ {leaves.count()} mục")
    page.get_by_role("button", name="Nộp phiếu").click()
    page.get_by_role("button", name="Nộp và khóa phiếu").click()
    expect(page.get_by_text("Phiếu đã nộp lúc")).to_be_visible()


def hold_session(page: Page, round_: Round) -> None:
    """The secretary opens the session, marks who is there, fills in the list, and locks the minutes."""
    page.goto(f"/quan-tri/rounds/round/{round_.pk}/phien-hop/")
    page.get_by_label("Địa điểm").fill("Phòng họp tầng 3")
    page.get_by_role("button", name="Mở phiên họp").click()
    for box in page.locator("input[name='present']").all():
        box.check()
    page.get_by_role("button", name="Lưu có mặt").click()
    expect(page.get_by_text("Có mặt 7 trên 7 thành viên", exact=False).first).to_be_visible()
    page.locator("#all_for").fill("7")
    page.get_by_role("button", name="Điền để xem lại").click()
    assert_accessible(page)
    page.locator(".verdicts__dock button").click()
    page.get_by_label("Kết luận của chủ trì", exact=False).fill("Nhất trí đề nghị công nhận.")
    page.get_by_role("button", name="Lưu nội dung").click()
    page.get_by_role("button", name="Khóa biên bản").click()
    expect(page.get_by_text("Đã khóa biên bản.", exact=False).first).to_be_visible()


def submit_to_authority(page: Page, round_: Round) -> None:
    page.goto(f"/quan-tri/rounds/round/{round_.pk}/change/")
    form = page.locator("form", has=page.locator("input[name='to'][value='submitted']"))
    form.get_by_label("Số tờ trình").fill("125/TTr-SCT")
    form.get_by_label("Ngày trình").fill(f"{timezone.localdate():%Y-%m-%d}")
    form.get_by_role("button").click()
    page.wait_for_load_state()


def record_decision(page: Page, round_: Round) -> None:
    page.goto(f"/quan-tri/rounds/round/{round_.pk}/decision/")
    page.get_by_role("button", name="Ghi quyết định và lập công nhận").click()
    expect(page.get_by_text("Hãy ghi số quyết định.").first).to_be_visible()
    page.get_by_label("Số", exact=True).fill("2718")
    page.get_by_label("Ký hiệu").fill("QĐ-UBND")
    page.get_by_label("Ngày ký").fill(f"{timezone.localdate():%Y-%m-%d}")
    page.get_by_label("Cơ quan ban hành").fill("Ủy ban nhân dân tỉnh Thái Nguyên")
    page.get_by_role("button", name="Ghi quyết định và lập công nhận").click()
    page.wait_for_load_state()


def test_a_product_goes_from_an_empty_round_to_a_valid_certificate(person: Any, thai_nguyen: Territory) -> None:
    cast = Cast(thai_nguyen)
    facility = factories.FacilityFactory(
        name="Hợp tác xã chè an toàn và du lịch cộng đồng Tân Cương mẫu",
        territory=thai_nguyen,
        kind=FacilityKind.COOPERATIVE,
    )
    product = factories.ProductFactory(name=PRODUCT, facility=facility)
    officer = person(viewport=DESK, user=cast.officer)

    round_ = open_round(officer, thai_nguyen)
    officer.goto(f"/quan-tri/rounds/round/{round_.pk}/change/")
    assert_accessible(officer)
    agree_on_criteria(officer, person(viewport=DESK, user=cast.leader), round_)
    cast.take_seats(round_)
    step(officer, round_, "Mở nhận hồ sơ", RoundState.RECEIVING)

    enter_dossier(officer, round_, product)
    assert_accessible(officer)
    step(officer, round_, "Khóa nhận hồ sơ", RoundState.SCREENING, reason="Đã nhận đủ hồ sơ của các xã.")

    support = person(viewport=DESK, user=cast.support)
    admit(support, round_)
    step(officer, round_, "Chuyển Ban Giám khảo", RoundState.SCORING)

    for judge in cast.judges:
        page = person(viewport=PHONE, user=judge)
        score(page, round_)
        page.context.close()
    assert ScoreSheet.objects.filter(state=SheetState.SUBMITTED).count() == JUDGES

    step(officer, round_, "Khóa chấm điểm", RoundState.DELIBERATION)
    secretary = person(viewport=DESK, user=cast.secretary)
    hold_session(secretary, round_)
    submit_to_authority(officer, round_)
    assert not Recognition.objects.exists()

    leader = person(viewport=DESK, user=cast.leader)
    record_decision(leader, round_)
    recognition = Recognition.objects.get()
    stranger = person(viewport=PHONE)
    assert stranger.goto(f"/san-pham/{product.slug}/").status == 404
    step(leader, round_, "Công bố kết quả", RoundState.ANNOUNCED)

    code = Certificate.objects.get(recognition=recognition).code
    stranger.goto("/san-pham/?q=che+tom+non")
    stranger.get_by_role("link", name=re.compile("Chè tôm nõn")).first.click()
    expect(stranger.get_by_role("heading", level=1)).to_have_text(PRODUCT)
    assert_accessible(stranger)
    assert code in stranger.content().replace("-", "")
    stranger.goto("/tra-cuu/")
    stranger.get_by_label("Mã", exact=False).first.fill(code.lower())
    stranger.get_by_role("main").get_by_role("button").first.click()
    expect(stranger.locator(".slab")).to_contain_text("Còn hiệu lực")
    assert_accessible(stranger)
