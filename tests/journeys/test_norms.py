"""A co-operative asks from a small phone what support its dryer may get."""

from typing import Any

import pytest
from playwright.sync_api import expect

from extension.norms import reference as norm_reference
from portal.territory import reference_data as territory

from .conftest import assert_accessible

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SMALL = {"width": 360, "height": 740}


def test_a_dryer_of_600_million_in_lai_chau(person: Any) -> None:
    territory.load()
    norm_reference.load()
    page = person(viewport=SMALL)
    page.goto("/khuyen-cong/muc-ho-tro/")
    page.get_by_label("Câu hỏi").fill("hop tac xa muon mua may say 600 trieu o lai chau")
    page.get_by_role("button", name="Hỏi").click()
    expect(page.get_by_role("heading", name="Nhiều nhất 300 triệu đồng")).to_be_visible()
    expect(page.get_by_text("Cơ sở góp ít nhất 300 triệu đồng trong 600 triệu đồng.")).to_be_visible()
    expect(page.get_by_text("NQ 18/2025/NQ-HĐND, Lai Châu, từ 05/05/2025")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert_accessible(page)
    page.get_by_role("link", name="Dây chuyền công nghệ").click()
    expect(page.get_by_role("heading", name="Nhiều nhất 450 triệu đồng")).to_be_visible()
    page.get_by_text("Sửa câu hỏi").click()
    page.get_by_label("Tỉnh, thành phố").select_option(label="Hải Phòng")
    page.get_by_role("button", name="Xem mức hỗ trợ").click()
    expect(page.get_by_role("heading", name="Nhiều nhất 375 triệu đồng")).to_be_visible()
