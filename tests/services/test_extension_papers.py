"""The papers of extension open in LibreOffice, say what their PDF says, and their sums are not parted from the lines."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from extension.models import Plan
from portal.territory.models import Territory
from tests.extension.test_papers import LONG, granted
from tests.services.test_official_forms import converted, copied, pages, words

pytestmark = [pytest.mark.services, pytest.mark.django_db]


@pytest.mark.parametrize("lines", [1, 24, 40])
def test_every_paper_of_a_project_opens_and_says_what_the_pdf_says(
    client: Client, province: Territory, tmp_path: Path, lines: int
) -> None:
    made: Any = granted(province, *(1_000_000 * n for n in range(100, 100 + lines)), facilities=(LONG, "Cơ sở Hai"))
    plan = Plan.objects.create(territory=province, year=made.project.year, funding="local", name="Kế hoạch mẫu")
    payment = made.propose(*[1_000_000] * lines)
    project = made.project.uuid
    papers = {
        "project_proposal": [project],
        "project_appraisal_record": [project],
        "project_contract": [project],
        "project_payment_request": [project, payment.uuid],
        "plan_submission": [plan.uuid],
        "plan_list": [plan.uuid],
    }
    client.force_login(made.asks)
    for name, args in papers.items():
        for fmt, file in (("docx", f"{name}.docx"), ("pdf", f"{name}.typst.pdf")):
            (tmp_path / file).write_bytes(client.get(reverse(f"admin:{name}", args=[*args, fmt])).content)
    converted([tmp_path / f"{name}.docx" for name in papers], tmp_path)
    for name in papers:
        opened, ours = tmp_path / f"{name}.pdf", tmp_path / f"{name}.typst.pdf"
        assert words(copied(opened)) == words(copied(ours)), name
        assert abs(pages(opened) - pages(ours)) <= 1, name
        for page in copied(opened).split("\f"):
            assert "Cộng" not in page or re.search(r"Máy số \d|Nguồn|Hỗ trợ|miến dong", page), name
