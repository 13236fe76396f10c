"""Kiên Giang's round of 2023 entered from the office's own sheet, by an officer of the province it became."""

import datetime as dt
import io
import os
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from openpyxl import Workbook, load_workbook
from playwright.sync_api import Page, expect

from facilities.models import Facility
from portal.accounts.enums import Role
from portal.imports.models import ImportBatch
from portal.territory.models import Territory
from portal.text.sheets import HERE
from rounds.enums import DossierState, RoundState
from rounds.models import Dossier, Round
from tests import factories
from tests.portal import kien_giang

from .conftest import DESK, PHONE, assert_accessible

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ADD = "/quan-tri/imports/importbatch/add/"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# One file of 179 dossiers is written in one go.
SLOW = 180_000


@pytest.fixture(autouse=True)
def register(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    call_command("load_reference", "--apply", verbosity=0)


@pytest.fixture
def round_() -> Round:
    return factories.RoundFactory(
        territory=Territory.objects.get(slug="kien-giang-2025"),
        year=2023,
        state=RoundState.RECEIVING,
        receiving_from=dt.datetime(2023, 2, 1, tzinfo=HERE),
        receiving_until=dt.datetime(2023, 4, 15, 17, tzinfo=HERE),
    )


@pytest.fixture
def officer() -> Any:
    return factories.staff(Role.OFFICER, Territory.objects.get(slug="an-giang"))


def send(page: Page, kind: str, content: bytes, name: str) -> None:
    page.goto(ADD)
    page.get_by_role("link", name=kind, exact=True).click()
    page.get_by_label("Tệp danh sách").set_input_files({"name": name, "mimeType": XLSX, "buffer": content})
    page.get_by_role("button", name="Tải lên và xem trước").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name, timeout=SLOW)


def count_of(page: Page, label: str) -> str:
    return page.locator(".import-tab", has_text=label).locator("strong").inner_text()


def look(page: Page, name: str) -> None:
    """A picture of the page, for whoever asks for pictures."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def test_the_round_of_2023_is_entered_from_the_sheet_and_supplements_are_chased(
    person: Any, officer: Any, round_: Round
) -> None:
    page = person(viewport=DESK, user=officer)
    page.set_default_timeout(SLOW)
    page.goto(ADD)
    assert_accessible(page)
    look(page, "kinds-1280")

    send(page, "Hồ sơ của kỳ bình chọn", kien_giang.workbook(bad=True), "tong-hop-2023.xlsx")
    assert [count_of(page, label) for label in ("Tất cả", "Sai")] == ["179", "3"]
    expect(page.get_by_text("Ngày nhận “30/2/2023” không phải là ngày.")).to_be_visible()
    expect(page.get_by_role("button", name="Xác nhận nhập")).to_have_count(0)
    assert_accessible(page)
    look(page, "wrong-1280")
    with page.expect_download() as download:
        page.get_by_role("link", name="Tải các dòng sai").click()
    rows = list(load_workbook(io.BytesIO(Path(download.value.path()).read_bytes())).active.values)
    assert [row[0] for row in rows[1:]] == [10, 12, 14]
    assert (Facility.objects.count(), Dossier.objects.count()) == (0, 0)

    page.get_by_role("link", name="Tải tệp đã sửa").click()
    page.get_by_label("Tệp danh sách").set_input_files(
        {"name": "tong-hop-2023.xlsx", "mimeType": XLSX, "buffer": kien_giang.workbook()}
    )
    page.get_by_role("button", name="Tải lên và xem trước").click()
    expect(page.get_by_role("button", name="Xác nhận nhập")).to_be_visible()
    assert [count_of(page, label) for label in ("Mới", "Thay đổi", "Đã có", "Sai")] == ["179", "0", "0", "0"]
    assert Dossier.objects.count() == 0
    assert_accessible(page)
    look(page, "preview-1280")
    page.set_viewport_size(PHONE)
    assert_accessible(page)
    look(page, "preview-360")
    page.set_viewport_size(DESK)
    page.get_by_role("button", name="Xác nhận nhập").click()
    expect(page.get_by_text("Đã nhập 179 dòng mới và 0 dòng thay đổi.")).to_be_visible()
    look(page, "applied-1280")

    page.goto(f"/quan-tri/rounds/dossier/?round={round_.pk}")
    expect(page.locator(".paginator")).to_contain_text("179")
    assert (Dossier.objects.count(), Facility.objects.count()) == (179, 102)
    chase(page, Dossier.objects.get(entry_code="007"))


def chase(page: Page, dossier: Dossier) -> None:
    """Asks for what is missing, from the dossier's own page."""
    page.goto(f"/quan-tri/rounds/dossier/{dossier.pk}/change/")
    section = page.locator("#bo-sung")
    section.locator("summary", has_text="Soạn thông báo bổ sung").click()
    moment = timezone.localtime() + dt.timedelta(days=10)
    section.locator("input[type='datetime-local']").fill(f"{moment:%Y-%m-%dT17:00}")
    section.locator("button[type='submit']").last.click()
    page.wait_for_load_state()
    dossier.refresh_from_db()
    assert dossier.state == DossierState.NEEDS_SUPPLEMENT, page.locator("#content").inner_text()


def test_a_small_list_is_taken_back(person: Any, officer: Any) -> None:
    book = Workbook()
    book.active.append(["TT", "Tên cơ sở", "Địa chỉ"])
    book.active.append([1, "Cơ sở mẫu Tân Hòa", "Ấp 2, xã Tân Hòa"])
    book.active.append([2, "Cơ sở mẫu An Biên", "Ấp 1, xã An Biên"])
    out = io.BytesIO()
    book.save(out)
    page = person(viewport=PHONE, user=officer)
    page.set_default_timeout(SLOW)
    send(page, "Cơ sở công nghiệp nông thôn", out.getvalue(), "co-so.xlsx")
    page.get_by_role("button", name="Xác nhận nhập").click()
    expect(page.get_by_text("Đã nhập 2 dòng mới")).to_be_visible()
    assert Facility.objects.count() == 2
    page.locator("summary", has_text="Hoàn tác lần nhập này").click()
    assert_accessible(page)
    look(page, "undo-360")
    page.get_by_role("button", name="Hoàn tác lần nhập này").click()
    expect(page.get_by_text("Đã hoàn tác. Sổ trở lại như trước lần nhập này.")).to_be_visible()
    expect(page.get_by_role("button", name="Hoàn tác lần nhập này")).to_have_count(0)
    assert Facility.objects.count() == 0
    assert list(ImportBatch.objects.values_list("state", flat=True)) == ["undone"]
    page.goto("/quan-tri/imports/importbatch/")
    assert_accessible(page)
    look(page, "list-360")
