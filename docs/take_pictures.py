"""Takes every picture of the documentation from a running demo, at 1280 or 360 px or both.

    make demo-reset
    python docs/take_pictures.py http://127.0.0.1:8000 [name …]

It logs in with the demo accounts, in Vietnamese, and walks to each page by its words, so that a picture
can be taken again after the pages have changed. Some pictures need steps of their own, which are taken once:
a list is uploaded to be looked through, a facility is entered twice to be compared, a producer hands a dossier
in, and before the form of the decision can be shown, the council's word and the submission of one sample round
are entered. Take the pictures on a fresh demo.
"""

import argparse
import io
import os
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

import pypdfium2
from openpyxl import Workbook
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).resolve().parent
PICTURES = HERE / "pictures"
PASSWORD = "xem-thu-cong-2026"  # noqa: S105  shown on the demo's own page
DESK, PHONE = 1280, 360
HEIGHTS = {DESK: 860, PHONE: 740}
COLOURS = 96
FEW_COLOURS = 64  # enough for the patterns that stand for photographs
LARGEST_FOLDER = 4_000_000
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-sync",
    "--lang=vi",
]

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LIST = "danh-sach-dang-ky-2027.xlsx"
MAKER, ENTRY = "Hợp tác xã chè hữu cơ Tân Cương", "Chè móc câu đặc biệt hộp thiếc"
SCORING, DELIBERATION, RECEIVING, ANNOUNCED = "2026, đợt 2", "2026, đợt 1", "năm 2027", "năm 2025"
ON_SITE, PREPARED = "2026, đợt 3", "năm 2028"
# The letter of the demo that its maker answered.
LETTER = uuid5(NAMESPACE_URL, "https://example.vn/thu/answered")
# Signs of a code and what they are read as when the print is poor.
MISREAD = {"5": "S", "S": "5", "2": "Z", "Z": "2", "M": "N", "N": "M", "7": "1"}
Walk = Callable[[Page], None]


@dataclass(frozen=True)
class Scene:
    """A picture: who looks, how to get there, how wide, how much of the page; or the first sheet of an official form."""

    name: str
    walk: Walk
    user: str = ""
    widths: tuple[int, ...] = (DESK, PHONE)
    height: int = 0
    prepare: Walk | None = None
    paper: str = ""
    colours: int = COLOURS


def at(path: str, *, to: str = "", css: str = "") -> Walk:
    """Opens a page, and scrolls to some words or to an element on it."""

    def walk(page: Page) -> None:
        page.goto(path)
        if to:
            scroll(page, f"text={to}")
        if css:
            scroll(page, css)

    return walk


def scroll(page: Page, selector: str, above: int = 90) -> None:
    page.locator(selector).first.evaluate(
        "(e, above) => window.scrollTo(0, e.getBoundingClientRect().top + window.scrollY - above)", above
    )


def round_page(words: str, link: str = "", *, to: str = "") -> Walk:
    """A round's page at the desk, then one of the pages it links to."""

    def walk(page: Page) -> None:
        page.goto("/quan-tri/rounds/round/")
        follow(page, f"main table a:has-text('{words}')")
        if link:
            page.locator("main a", has_text=link).first.click()
        page.wait_for_load_state()
        if to:
            scroll(page, to)

    return walk


def dossier(words: str, *, to: str = "") -> Walk:
    def walk(page: Page) -> None:
        page.goto("/quan-tri/rounds/dossier/")
        follow(page, f"main table a:has-text('{words}')")
        page.wait_for_load_state()
        if to:
            scroll(page, to)

    return walk


def row(path: str, words: str, *, to: str = "") -> Walk:
    def walk(page: Page) -> None:
        page.goto(path)
        follow(page, f"main table a:has-text('{words}')")
        page.wait_for_load_state()
        if to:
            scroll(page, to)

    return walk


def follow(page: Page, selector: str) -> None:
    """Goes where the first such link leads."""
    page.goto(page.locator(selector).first.get_attribute("href") or "/")


def sample_product(page: Page) -> None:
    """A product of an invented maker, so that no picture holds the name of a household."""
    page.goto("/san-pham/?q=che+moc+cau+dac+biet")
    follow(page, ".card a")


def what_buyers_need(page: Page) -> None:
    sample_product(page)
    scroll(page, "section:has(> #nguoi-mua)", 40)


def in_english(page: Page) -> None:
    sample_product(page)
    page.goto(f"/en{urlsplit(page.url).path}")


def order_form(page: Page) -> None:
    sample_product(page)
    page.get_by_role("link", name="Gửi yêu cầu mua hàng").click()
    page.wait_for_load_state()


def filters_open(page: Page) -> None:
    page.goto("/san-pham/?q=che")
    page.locator(".filter-bar a").first.click()
    page.locator("[data-filter-close]").wait_for()


def saved_list(page: Page) -> None:
    """Three products of invented makers, saved as a visitor does."""
    page.goto("/san-pham/?q=co+so+mau+che")
    for at in range(3):
        page.locator(".card .save__button").nth(at).click()
        page.locator("[data-saved-count]", has_text=str(at + 1)).first.wait_for(state="attached")
    page.goto("/da-luu/")


def for_buyers(page: Page) -> None:
    """What a maker tells buyers of the product that it told most of."""
    page.goto("/co-so-cua-toi/")
    page.get_by_role("link", name="Thông tin cho người mua").first.click()
    page.wait_for_load_state()


def line_of_life(page: Page) -> None:
    sample_product(page)
    scroll(page, "h2:has-text('Quá trình công nhận')")


def certificate(status: str) -> Walk:
    """The check of a sample certificate in the given state, as reached from its product's page."""

    def walk(page: Page) -> None:
        page.goto(f"/san-pham/?status={status}&level=province&q=co+so+mau")
        follow(page, ".card a")
        follow(page, 'main a[href*="/tra-cuu/"]')

    return walk


def mistyped(page: Page) -> None:
    """A code with one of its characters read wrong, so that the page says which one it may be."""
    sample_product(page)
    code = (page.locator('main a[href*="/tra-cuu/"]').first.get_attribute("href") or "").strip("/").split("/")[-1]
    place = next((at for at, one in enumerate(code) if at and one in MISREAD), len(code) - 3)
    page.goto(f"/tra-cuu/{code[:place]}{MISREAD.get(code[place], '7')}{code[place + 1 :]}/")


def making_day(page: Page) -> None:
    """A revoked certificate, and a pack made in a month when it still stood."""
    certificate("revoked")(page)
    page.fill(
        "[name=ngay]",
        page.evaluate("new Date(Date.now() - 90 * 864e5).toISOString().slice(0, 7).split('-').reverse().join('/')"),
    )
    page.get_by_role("button", name="Xem ngày đó").click()
    page.wait_for_load_state()
    scroll(page, "h2:has-text('Sản phẩm sản xuất ngày nào')", 330)


def list_upwards(page: Page) -> None:
    """The province's list for the round above, as far as it has come."""
    page.goto("/quan-tri/de-cu/")
    page.locator("main a", has_text="Lập tiếp").first.click()
    page.wait_for_load_state()


def kit(page: Page) -> None:
    """What a maker takes for the pack of one product."""
    page.goto("/co-so-cua-toi/")
    page.get_by_role("link", name="Biểu trưng, bao bì, trích lục").click()
    page.get_by_role("link", name="Lấy biểu trưng").first.click()
    page.wait_for_load_state()


def next_month(page: Page) -> None:
    page.goto("/quan-tri/dang-ky-lai/")
    page.get_by_role("link", name="Tháng sau").click()
    page.wait_for_load_state()


def dossier_refused(page: Page) -> None:
    """Asking for a supplement with a deadline in the past is refused; nothing is written."""
    dossier("Mứt trà gừng lát")(page)
    form = page.locator("form:has([name=request_supplement-until])")
    page.locator("details:has([name=request_supplement-until]) > summary").click()
    form.locator("[name=request_supplement-until]").fill("2026-01-15T17:00")
    form.locator("button[type=submit], button:not([type])").first.click()
    page.wait_for_load_state()
    scroll(page, "form:has([name=request_supplement-until])", 220)


def new_dossier(page: Page) -> None:
    """The form with a facility found by its name, typed without its marks."""
    page.goto("/quan-tri/rounds/dossier/add/")
    page.fill("[name=find]", "gao bao thai")
    page.get_by_role("button", name="Tìm cơ sở").click()
    page.locator("main [name=facility]").first.check()
    page.wait_for_load_state("networkidle")
    page.evaluate("window.scrollTo(0, 0)")


def applicant(step: str, words: str = "Trà shan tuyết") -> Walk:
    """A step of the producer's dossier, reached from the producer's own page."""

    def walk(page: Page) -> None:
        page.goto("/co-so-cua-toi/")
        dossier_of(page, words)
        page.goto(f"{own_dossier(page.url)}{step}")

    return walk


def dossier_of(page: Page, words: str) -> None:
    """Follows the producer's own dossier that says these words, a pattern."""
    entry = page.locator(".case", has_text=re.compile(words, re.DOTALL))
    page.goto(entry.locator("a").first.get_attribute("href") or "/")


def own_dossier(address: str) -> str:
    """The address of the dossier itself, from that of any of its pages."""
    head, tail = address.split("/ho-so-cua-toi/")
    return f"{head}/ho-so-cua-toi/{tail.split('/')[0]}/"


def hand_in(page: Page) -> None:
    """The producer's second dossier, from choosing the product to the receipt."""
    log_in(page, "coso.tancuong")
    page.goto("/co-so-cua-toi/")
    page.get_by_role("link", name="Lập thêm hồ sơ").click()
    choice = page.get_by_label(ENTRY)
    if not choice.count():
        return
    choice.check()
    page.get_by_role("button", name="Lập hồ sơ và tiếp").click()
    page.wait_for_load_state()
    own = own_dossier(page.url)
    page.goto(f"{own}thuyet-minh/")
    for box in page.locator("main textarea").all():
        box.fill("Mỗi tháng làm 300 hộp, mười hai người có việc làm (số liệu mẫu).")
    page.wait_for_timeout(3_000)  # the page saves by itself what was filled in
    page.wait_for_load_state("networkidle")
    page.get_by_role("button", name="Lưu và tiếp").click()
    page.wait_for_load_state("networkidle")
    for angle in range(3):
        page.goto(f"{own}anh/")
        page.locator("input[type=file][name=file]").nth(angle).set_input_files(
            {"name": f"anh-{angle}.jpg", "mimeType": "image/jpeg", "buffer": photo(angle)}
        )
        page.get_by_text("Đã có ảnh").nth(angle).wait_for()
    page.goto(f"{own}giay-to/")
    page.get_by_role("button", name="Dùng lại bản cũ").first.click()
    page.goto(f"{own}nop/")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Nộp hồ sơ").click()
    page.wait_for_load_state()


def photo(angle: int) -> bytes:
    """A plain picture of the size that the rules ask for."""
    image = Image.new("RGB", (1800, 1200), ("#d9c9a3", "#c9b48a", "#b7a074")[angle])
    ImageDraw.Draw(image).rectangle((500, 250, 1300, 950), fill="#5c6f46")
    kept = io.BytesIO()
    image.save(kept, "JPEG")
    return kept.getvalue()


def upload_list(page: Page) -> None:
    """A list as departments keep it, looked through and not confirmed."""
    log_in(page, "canbo.thainguyen")
    page.goto("/quan-tri/imports/importbatch/")
    if page.locator("main table a", has_text=LIST).count():
        return
    page.goto("/quan-tri/imports/importbatch/add/?kind=dossiers")
    page.get_by_label("Tệp danh sách").set_input_files({"name": LIST, "mimeType": XLSX, "buffer": kept_list()})
    page.get_by_role("button", name="Tải lên và xem trước").click()
    page.wait_for_load_state()


def kept_list() -> bytes:
    book = Workbook()
    table = book.active
    table.title = "Đăng ký 2027"
    for line in (
        ("DANH SÁCH SẢN PHẨM ĐĂNG KÝ BÌNH CHỌN (bản mẫu)",),
        ("TT", "Tên cơ sở", "Loại hình", "Xã, phường", "Tên sản phẩm", "Ngày nhận hồ sơ"),
        ("I. Nhóm sản phẩm thủ công mỹ nghệ",),
        (1, "Cơ sở mẫu: Tổ hợp tác đan lát Định Hóa", "Tổ hợp tác", "Xã Tân Cương", "Gùi mây hai quai", "18/11/2026"),
        (2, None, None, None, "Mâm tre đan lóng mốt", "18/11/2026"),
        ("II. Nhóm sản phẩm chế biến nông, lâm, thủy sản, thực phẩm",),
        (3, f"Cơ sở mẫu: {MAKER}", "Hợp tác xã", "Xã Tân Cương", "Bột trà xanh nghiền đá", "12/11/2026"),
        (4, None, None, None, "Trà hoa nhài sấy", "31/02/2026"),
        (),
        (None, None, None, None, "Người lập biểu"),
    ):
        table.append(line)
    table.merge_cells("A1:F1")
    for column in "BCD":
        table.merge_cells(f"{column}4:{column}5")
        table.merge_cells(f"{column}7:{column}8")
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def looked_through(page: Page) -> None:
    row("/quan-tri/imports/importbatch/", LIST)(page)
    page.locator(".import-tab", has_text="Tất cả").click()
    page.wait_for_load_state()


def enter_twice(page: Page) -> None:
    """A facility entered a second time under a name that lost a mark."""
    log_in(page, "canbo.thainguyen")
    page.goto("/quan-tri/chat-luong/?muc=co-so-trung")
    if page.get_by_role("link", name="So sánh").count():
        return
    page.goto("/quan-tri/facilities/facility/add/")
    page.fill("[name=name]", "Cơ sở mẫu: Hợp tác xã mây tre Phú Binh")
    page.select_option("[name=kind]", label="Hợp tác xã")
    page.select_option("[name=territory]", label="Thái Nguyên")
    page.locator("[name=_save]").click()
    page.wait_for_load_state()


def twins(page: Page) -> None:
    page.goto("/quan-tri/chat-luong/?muc=co-so-trung")
    page.get_by_role("link", name="So sánh").first.click()
    page.wait_for_load_state()


def filing(page: Page) -> None:
    """The commune files for a producer."""
    page.goto("/viec-cua-xa/")
    page.get_by_role("link", name="Nộp thay cho cơ sở").click()
    follow(page, "main a[href*='/nop-thay/']")


def bench(page: Page, group: str) -> None:
    """The first dossier of one group in the judge's list of the round that is scored from the papers alone."""
    page.goto("/cham-diem/")
    follow(page, f"main .bench:has-text('{SCORING}') section:has(h3:has-text('{group}')) a")


def sheet(page: Page) -> None:
    """A sheet that this judge has begun."""
    bench(page, "Đang chấm")


def sheet_middle(page: Page) -> None:
    sheet(page)
    scroll(page, ".score-row:has(input:placeholder-shown)", 240)


def sheet_too_high(page: Page) -> None:
    """Points above the maximum stay in the box and are not saved."""
    sheet(page)
    box = page.locator(".score-row input:placeholder-shown").first
    box.fill("99")
    box.press("Tab")
    page.wait_for_timeout(900)
    scroll(page, ".score-row:has([aria-invalid=true])", 260)


def sheet_locked(page: Page) -> None:
    bench(page, "Đã nộp")


def sheet_on_paper(page: Page) -> None:
    """What the secretary entered, beside the judge's own words about it."""
    bench(page, "Chờ bạn xác nhận")


def own_scores(page: Page) -> None:
    page.goto("/cham-diem/")
    page.locator(f".bench:has-text('{SCORING}') a", has_text="So điểm của tôi").click()
    page.wait_for_load_state()


def declaration(page: Page) -> None:
    """The declaration of a judge, reached by the address of the judge's own list."""
    own_scores(page)
    page.goto(page.url.split("?")[0].replace("/so-sanh/", "/cam-ket/"))


def session(to: str = "") -> Walk:
    """The session of the council that sits."""

    def walk(page: Page) -> None:
        round_page(DELIBERATION, "Phiên họp")(page)
        follow(page, "main a[href*='/phien-hop/']:has-text('phiên họp'):not([aria-current])")
        page.wait_for_load_state()
        if to:
            scroll(page, to)

    return walk


def waiting_criteria(page: Page) -> None:
    """The version that waits for approval, what it changes in sight."""
    round_page(PREPARED, "Bộ tiêu chí")(page)
    page.locator("main a", has_text="Xem").first.click()
    page.wait_for_load_state()


def paper_sheets(page: Page) -> None:
    round_page(SCORING, "Tiến độ chấm")(page)
    page.locator("main a", has_text="Phiếu giấy, bản ký").click()
    page.wait_for_load_state()


def public_round(page: Page) -> None:
    page.goto("/ky-binh-chon/")
    page.locator("main a", has_text=ANNOUNCED).first.click()
    page.wait_for_load_state()
    scroll(page, "h2:has-text('Khiếu nại')")


def sheet_conflict(page: Page) -> None:
    sheet(page)
    page.locator("main a", has_text="xung đột lợi ích").first.click()
    page.wait_for_load_state()


def say(page: Page) -> None:
    """The form of the council's word, with a group that it has not spoken of."""
    session()(page)
    page.locator(".group-nav a", has_text="còn").first.click()
    page.wait_for_load_state()
    scroll(page, "#danh-sach")


def submit_round(page: Page) -> None:
    """Enters what the decision's form waits for: the council's word on every dossier, then the submission."""
    enter_verdicts(page)
    log_in(page, "canbo.thainguyen")
    round_page(DELIBERATION)(page)
    number = page.locator("[name=submitted-submission_number]")
    if number.count():
        today = page.evaluate("new Date(Date.now() + 7 * 3600e3).toISOString().slice(0, 10)")
        number.fill("08/TTr-MAU")
        page.locator("[name=submitted-submitted_on]").fill(today)
        page.locator("form:has([name=submitted-submission_number]) button").click()
        page.wait_for_load_state()


def enter_verdicts(page: Page) -> None:
    """The set is decided on, every group is spoken of, the minutes are locked."""
    log_in(page, "chutich.thainguyen")
    round_page(DELIBERATION, "Bộ sản phẩm")(page)
    proposal = page.locator("button[name=do][value=accept]")
    if not proposal.count():
        return
    proposal.click()
    log_in(page, "thuky.thainguyen")
    session()(page)
    groups = page.locator(".group-nav a:has-text('còn')")
    while groups.count():
        groups.first.click()
        page.fill("#all_for", "7")
        page.fill("#all_against", "0")
        page.locator("button[name=do][value=fill]").click()
        page.locator(".verdicts__dock button").click()
        page.wait_for_load_state()
    page.locator("#thao-luan textarea").last.fill("Hội đồng nhất trí danh sách đề nghị công nhận (nội dung mẫu).")
    page.locator("#thao-luan button[type=submit]").click()
    page.locator("form[action$='/khoa/'] button[type=submit]").click()
    page.wait_for_load_state()


def project(words: str, tab: str = "", *, to: str = "") -> Walk:
    """A sample project of extension at the desk, then one of its tabs."""

    def walk(page: Page) -> None:
        row("/quan-tri/extension/project/", words)(page)
        page.get_by_role("link", name="Mở tiến trình").click()
        page.wait_for_load_state()
        if tab:
            page.locator("main nav a", has_text=tab).first.click()
            page.wait_for_load_state()
        if to:
            scroll(page, to)

    return walk


def above_its_norm(page: Page) -> None:
    """A line of an estimate that asks for more than its norm allows, as the page says while it is typed."""
    project("máy đóng gói", "Dự toán")(page)
    if page.get_by_role("button", name="Lập dự toán").count():
        page.get_by_role("button", name="Lập dự toán").click()
        page.wait_for_load_state()
    line = page.locator("[data-expense]").first
    line.locator("select").first.select_option(label="Ứng dụng máy móc, thiết bị tiên tiến; chuyển giao công nghệ")
    line.locator("select").nth(1).select_option(index=1)
    line.locator("[name$=description]").fill("Máy đóng gói hút chân không")
    line.locator("[name$=cost]").fill("800 triệu")
    line.locator("[name$=asked]").fill("450 triệu")
    line.locator("[name$=asked]").press("Tab")
    page.locator("[data-said]", has_text="vượt").first.wait_for()
    scroll(page, "[data-expense]", 150)


def own_checklist(page: Page) -> None:
    """The checklist of the next inspection, a little way down."""
    page.goto("/quan-tri/kiem-tra/")
    follow(page, "main a:has-text('hội chợ phía Bắc')")
    page.wait_for_load_state()
    scroll(page, "text=Nội dung kiểm tra")


def sample_fair(page: Page) -> None:
    """The table of a sample fair for which facilities have begun to report."""
    row("/quan-tri/extension/fair/", "vùng chè")(page)
    follow(page, "main a[href*='/quan-tri/khuyen-cong/hoi-cho/']")
    page.wait_for_load_state()


def last_quarter(page: Page) -> None:
    """The report of the last quarter that is over."""
    page.goto("/quan-tri/khuyen-cong/bao-cao/")
    page.locator("main table tr", has_not_text="Đang trong kỳ").locator("a").last.click()
    page.wait_for_load_state()


def own_need(page: Page) -> None:
    page.goto("/co-so-cua-toi/khuyen-cong/nhu-cau/")
    page.get_by_role("link", name="Đăng ký nhu cầu").first.click()
    page.wait_for_load_state()


def own_results(page: Page) -> None:
    page.goto("/co-so-cua-toi/khuyen-cong/")
    page.get_by_role("link", name="Cho biết kết quả").first.click()
    page.wait_for_load_state()


SCENES = (
    # who looks things up
    Scene("trang-chu", at("/"), colours=FEW_COLOURS),
    Scene("danh-muc", at("/san-pham/?q=che"), colours=FEW_COLOURS),
    Scene("tim-go-sai", at("/san-pham/?q=mien+dog"), widths=(DESK,), colours=FEW_COLOURS),
    Scene("loc", filters_open, widths=(PHONE,)),
    Scene("da-luu", saved_list, widths=(PHONE,), colours=FEW_COLOURS),
    Scene("san-pham", sample_product, colours=FEW_COLOURS),
    Scene("qua-trinh", line_of_life, widths=(DESK,)),
    Scene("nguoi-mua", what_buyers_need, widths=(DESK,)),
    Scene("san-pham-tieng-anh", in_english, widths=(DESK,), colours=FEW_COLOURS),
    Scene("dat-mua", order_form, widths=(PHONE,), height=556),
    Scene("thu-da-tra-loi", at(f"/thu/{LETTER}/"), widths=(PHONE,)),
    Scene("tra-cuu", certificate("valid"), widths=(PHONE,)),
    Scene("tra-cuu-thu-hoi", certificate("revoked"), widths=(PHONE,)),
    Scene("tra-cuu-khong-thay", mistyped, widths=(PHONE,)),
    Scene("tra-cuu-ngay-san-xuat", making_day, widths=(PHONE,)),
    Scene("danh-muc-ngay", at("/danh-muc/"), widths=(DESK,)),
    Scene("ban-do", at("/ban-do/"), widths=(DESK,)),
    Scene("tinh", at("/ban-do/thai-nguyen/"), widths=(DESK,), colours=FEW_COLOURS),
    Scene("thong-ke", at("/thong-ke/")),
    Scene("thong-ke-tra-loi", at("/thong-ke/?province=thai-nguyen", css=".answer"), widths=(DESK,)),
    Scene("cong-nhan-lai", at("/thong-ke/cong-nhan-lai/", css=".answer"), widths=(DESK,)),
    Scene("du-lieu-mo", at("/du-lieu-mo/"), widths=(DESK,)),
    Scene("khuyen-cong", at("/khuyen-cong/", css="section:has(#o-dau)"), widths=(DESK,)),
    Scene("ky-binh-chon", at("/ky-binh-chon/"), widths=(DESK,)),
    Scene("api", at("/api/docs/"), widths=(DESK,)),
    Scene("tai-khoan-mau", at("/tai-khoan-mau/"), widths=(DESK,)),
    # officer
    Scene("can-bo-viec", at("/quan-tri/"), "canbo.thainguyen"),
    Scene("can-bo-ky-moi", at("/quan-tri/rounds/round/add/"), "canbo.thainguyen", (DESK,)),
    Scene(
        "can-bo-thanh-vien",
        round_page(RECEIVING, "Hội đồng, giám khảo"),
        "canbo.thainguyen",
        (DESK,),
    ),
    Scene("can-bo-ky", round_page(SCORING), "canbo.thainguyen"),
    Scene("can-bo-san-pham", row("/quan-tri/products/product/?q=bot+tra", "Bột trà"), "canbo.thainguyen", (DESK,)),
    Scene("can-bo-cong-nhan", at("/quan-tri/products/recognition/?status=expiring"), "canbo.thainguyen", (DESK,)),
    Scene(
        "giay-chung-nhan",
        row("/quan-tri/products/certificate/?paper=in_use&q=che+moc+cau", "T-"),
        "canbo.thainguyen",
        (DESK,),
        paper="/giay.pdf",
    ),
    Scene("thu-ban-doc", at("/quan-tri/thu-ban-doc/"), "canbo.thainguyen", (DESK,)),
    Scene("danh-gia-thong-tin", at("/quan-tri/danh-gia-thong-tin/"), "canbo.thainguyen", (DESK,)),
    Scene("dang-ky-lai", next_month, "canbo.thainguyen", (DESK,)),
    Scene("de-cu", list_upwards, "canbo.thainguyen", (DESK,)),
    # how a reader asks pages to look
    Scene("hien-thi", at("/hien-thi/"), widths=(DESK,)),
    Scene("tuong-phan-cao", at("/hien-thi/?co=lon&tuong-phan=1&ve=/san-pham/%3Fq%3Dche"), colours=FEW_COLOURS),
    Scene("chu-rat-lon", at("/hien-thi/?co=rat-lon&ve=/"), widths=(PHONE,)),
    # receiving unit, support team
    Scene("ho-so", dossier("Mứt trà gừng lát"), "totruong.thainguyen"),
    Scene("ho-so-giay-to", dossier("Mứt trà gừng lát", to="#them-giay-to"), "tiepnhan", (DESK,)),
    Scene("ho-so-moi", new_dossier, "tiepnhan", (DESK,)),
    Scene("ho-so-dieu-kien", dossier("Bột trà xanh", to="#dieu-kien"), "totruong.thainguyen", (DESK,)),
    Scene("tiep-nhan-xa", round_page(RECEIVING, "Tiếp nhận"), "tiepnhan", (DESK,)),
    # producer
    Scene("co-so-dang-ky", at("/dang-ky/"), widths=(PHONE,)),
    Scene("co-so-cho", at("/co-so-cua-toi/"), "cosomoi.thainguyen", (PHONE,)),
    Scene("co-so-nha", at("/co-so-cua-toi/"), "coso.tancuong", (PHONE,)),
    Scene("co-so-nguoi-mua", for_buyers, "coso.tancuong", (PHONE,)),
    Scene("co-so-thu", at("/co-so-cua-toi/thu/"), "coso.tancuong", (PHONE,)),
    Scene("co-so-bieu-trung", kit, "coso.tancuong", (DESK,)),
    Scene("co-so-thuyet-minh", applicant("thuyet-minh/"), "coso.tancuong", (PHONE,)),
    Scene("co-so-anh", applicant("anh/"), "coso.tancuong", (PHONE,)),
    Scene("co-so-kiem-tra", applicant("kiem-tra/"), "coso.tancuong", (PHONE,)),
    Scene("co-so-theo-doi", applicant("", "Bột trà xanh nghiền đá"), "coso.tancuong", (PHONE,)),
    Scene("co-so-bien-nhan", applicant("bien-nhan/", f"{ENTRY}.*2027"), "coso.tancuong", (PHONE,), prepare=hand_in),
    # lists in and out, official forms, data quality, notices
    Scene(
        "can-bo-dai-dien", row("/quan-tri/facilities/representative/", "Người đăng ký cho"), "canbo.thainguyen", (DESK,)
    ),
    Scene("nhap-xem-truoc", looked_through, "canbo.thainguyen", (DESK,), height=1000, prepare=upload_list),
    Scene("bieu-mau", round_page(ANNOUNCED, "Biểu mẫu"), "canbo.thainguyen", (DESK,)),
    Scene("bieu-mau-to-trinh", round_page(ANNOUNCED, "Biểu mẫu"), "canbo.thainguyen", (DESK,), paper="/to-trinh/pdf/"),
    Scene("chat-luong", at("/quan-tri/chat-luong/"), "canbo.thainguyen", (DESK,)),
    Scene("chat-luong-so-sanh", twins, "canbo.thainguyen", (DESK,), prepare=enter_twice),
    Scene("doi-chieu-so-lieu", at("/quan-tri/so-lieu-cong-bo/"), "canbo.thainguyen", (DESK,)),
    Scene("thong-bao-lua-chon", at("/thong-bao/lua-chon/"), "canbo.thainguyen", (DESK,)),
    Scene("ho-so-bi-tu-choi", dossier_refused, "totruong.thainguyen", (DESK,)),
    Scene("ho-so-ket-luan", dossier("Bột trà xanh", to="#viec-admit"), "totruong.thainguyen", (DESK,)),
    # judge
    Scene("giam-khao-danh-sach", at("/cham-diem/", to=SCORING), "giamkhao5.thainguyen", (PHONE,)),
    Scene("giam-khao-phieu", sheet, "giamkhao5.thainguyen", (PHONE, DESK)),
    Scene("giam-khao-muc", sheet_middle, "giamkhao5.thainguyen", (PHONE,)),
    Scene("giam-khao-qua-diem", sheet_too_high, "giamkhao5.thainguyen", (PHONE,)),
    Scene("giam-khao-xung-dot", sheet_conflict, "giamkhao5.thainguyen", (PHONE,)),
    Scene("giam-khao-bien-nhan", sheet_locked, "giamkhao5.thainguyen", (PHONE,)),
    Scene("giam-khao-cam-ket", declaration, "giamkhao6.thainguyen", (PHONE,)),
    Scene("giam-khao-phieu-giay", sheet_on_paper, "giamkhao7.thainguyen", (PHONE,)),
    Scene("giam-khao-so-diem", own_scores, "giamkhao2.thainguyen", (DESK,)),
    # chair, secretary, leader
    Scene("tieu-chi", round_page(PREPARED, "Bộ tiêu chí"), "canbo.thainguyen", (DESK,)),
    Scene("tieu-chi-duyet", waiting_criteria, "chutich.thainguyen", (DESK,)),
    Scene("xung-dot", round_page(SCORING, "Cam kết, xung đột"), "chutich.thainguyen", (DESK,)),
    Scene("phan-cong", round_page(ON_SITE, "Phân công"), "canbo.thainguyen", (DESK,)),
    Scene("tien-do", round_page(SCORING, "Tiến độ chấm"), "chutich.thainguyen"),
    Scene("phieu-giay", paper_sheets, "thuky.thainguyen", (DESK,)),
    Scene("bo-san-pham", round_page(DELIBERATION, "Bộ sản phẩm"), "chutich.thainguyen", (DESK,)),
    Scene("kien-nghi", round_page(ANNOUNCED, "Kiến nghị"), "thuky.thainguyen", (DESK,)),
    Scene("ky-da-cong-bo", public_round, widths=(DESK,)),
    Scene("phien-hop", session(), "thuky.thainguyen", (DESK,)),
    Scene("bang-diem", round_page(DELIBERATION, "Bảng điểm"), "thuky.thainguyen", (DESK,)),
    Scene("bang-diem-y-kien", say, "thuky.thainguyen", (DESK,)),
    Scene("lanh-dao-viec", at("/quan-tri/"), "lanhdao.thainguyen", (DESK,)),
    Scene(
        "lanh-dao-quyet-dinh",
        round_page(DELIBERATION, "Ghi quyết định"),
        "lanhdao.thainguyen",
        (DESK,),
        prepare=submit_round,
    ),
    Scene("lanh-dao-cong-bo", round_page(ANNOUNCED), "lanhdao.thainguyen", (DESK,)),
    # extension
    Scene("khuyen-cong-de-an", at("/quan-tri/extension/project/"), "khuyencong.thainguyen", (DESK,)),
    Scene("khuyen-cong-nhu-cau", at("/quan-tri/khuyen-cong/nhu-cau/"), "khuyencong.thainguyen", (DESK,)),
    Scene("khuyen-cong-tien-trinh", project("hội chợ phía Bắc"), "khuyencong.thainguyen", (DESK,)),
    Scene("khuyen-cong-du-toan", above_its_norm, "khuyencong.thainguyen", (DESK,), height=880),
    Scene("khuyen-cong-tien", project("hội chợ phía Bắc", "Chi và quyết toán"), "khuyencong.thainguyen", (DESK,)),
    Scene(
        "khuyen-cong-ke-hoach-kiem-tra",
        at("/quan-tri/khuyen-cong/ke-hoach-kiem-tra/"),
        "khuyencong.thainguyen",
        (DESK,),
    ),
    Scene("khuyen-cong-phieu-kiem-tra", own_checklist, "khuyencong.thainguyen", (PHONE,)),
    Scene(
        "khuyen-cong-ho-so",
        project("hội chợ phía Bắc", "Nghiệm thu, hồ sơ", to="h2:has-text('đã nghiệm thu')"),
        "khuyencong.thainguyen",
        (DESK,),
    ),
    Scene("khuyen-cong-hoi-cho", sample_fair, "khuyencong.thainguyen", (DESK,)),
    Scene("khuyen-cong-bao-cao", last_quarter, "lanhdao.thainguyen", (DESK,)),
    Scene("co-so-khuyen-cong", at("/co-so-cua-toi/khuyen-cong/"), "coso.tancuong", (PHONE,)),
    Scene("co-so-nhu-cau", own_need, "coso.tancuong", (PHONE,)),
    Scene("co-so-ket-qua", own_results, "coso.tancuong", (PHONE,)),
    Scene(
        "muc-ho-tro",
        at("/khuyen-cong/muc-ho-tro/?q=máy sấy 600 triệu ở Lai Châu", to="Ứng dụng máy móc"),
        widths=(PHONE,),
    ),
    # commune, agency, administrator
    Scene("cap-xa-viec", at("/viec-cua-xa/"), "xa.tancuong"),
    Scene("cap-xa-nop-thay", filing, "xa.tancuong", (PHONE,)),
    Scene("cuc-so-cong-nhan", at("/quan-tri/products/recognition/"), "cuc.quocgia", (DESK,)),
    Scene("cuc-tinh", at("/quan-tri/territory/territory/"), "cuc.quocgia", (DESK,)),
    Scene("quan-tri-tai-khoan", at("/quan-tri/accounts/user/"), "quantri", (DESK,)),
    Scene("quan-tri-vai-tro", at("/quan-tri/accounts/grant/add/"), "quantri", (DESK,)),
    Scene("quan-tri-dieu-kien", at("/quan-tri/rounds/eligibilityrule/"), "quantri", (DESK,)),
    Scene("quan-tri-nhat-ky", at("/quan-tri/audit/auditentry/"), "quantri", (DESK,)),
)


def log_in(page: Page, user: str) -> None:
    page.context.clear_cookies()
    if not user:
        return
    page.goto("/dang-nhap/")
    page.fill("[name=username]", user)
    page.fill("[name=password]", PASSWORD)
    page.locator("form:has([name=password]) button[type=submit]").click()
    page.wait_for_load_state()


def shoot(browser: Browser, base: str, scene: Scene) -> None:
    for width in scene.widths:
        height = scene.height or HEIGHTS[width]
        context = browser.new_context(
            base_url=base,
            viewport={"width": width, "height": height},
            locale="vi-VN",
            timezone_id="Asia/Ho_Chi_Minh",
            reduced_motion="reduce",
        )
        page = context.new_page()
        page.set_default_timeout(15_000)
        if scene.prepare:
            scene.prepare(page)
        log_in(page, scene.user)
        scene.walk(page)
        page.wait_for_load_state("networkidle")
        page.evaluate("document.fonts.ready")
        picture = first_sheet(page, scene.paper) if scene.paper else page.screenshot()
        save(picture, PICTURES / f"{scene.name}-{width}.webp", scene.colours)
        context.close()


def first_sheet(page: Page, form: str) -> bytes:
    """The first sheet of an official form, drawn from its PDF."""
    answer = page.request.get(page.locator(f"main a[href*='{form}']").first.get_attribute("href") or "/")
    image = pypdfium2.PdfDocument(answer.body())[0].render(scale=1.2).to_pil()
    kept = io.BytesIO()
    image.save(kept, "PNG")
    return kept.getvalue()


def save(picture: bytes, path: Path, colours: int) -> None:
    """Few colours are enough for flat pages and make a quarter of the size; WebP without loss a quarter less again."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    # Some rounds of k-means keep what is rare on a page, such as the red of a seal.
    flat = image.quantize(colours, method=Image.Quantize.MEDIANCUT, kmeans=3, dither=Image.Dither.NONE)
    flat.convert("RGB").save(path, lossless=True, quality=100, method=6)
    sys.stdout.write(f"{path.name}  {path.stat().st_size // 1024} KB\n")


def main(base: str, names: list[str]) -> None:
    PICTURES.mkdir(exist_ok=True)
    unknown = set(names) - {scene.name for scene in SCENES}
    if unknown:
        sys.exit(f"No such picture: {', '.join(sorted(unknown))}.")
    installed = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=installed, args=QUIET, env={**os.environ, "LANGUAGE": "vi"}
        )
        for scene in SCENES:
            if not names or scene.name in names:
                shoot(browser, base, scene)
        browser.close()
    total = sum(path.stat().st_size for path in PICTURES.glob("*.webp"))
    sys.stdout.write(f"{total // 1024} KB in all\n")
    if total > LARGEST_FOLDER:
        sys.exit("The pictures together are over 4 MB: take fewer, or with fewer colours.")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Takes the pictures of the documentation from a running demo.")
    parser.add_argument("base", help="where the demo runs, such as http://127.0.0.1:8000")
    parser.add_argument("names", nargs="*", help="only these pictures")
    asked = parser.parse_args()
    main(asked.base.rstrip("/"), asked.names)
