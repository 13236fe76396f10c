"""The demo's open data fill an empty portal, which then says the same of everything."""

import datetime as dt
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client, override_settings
from django.utils import timezone

from portal.audit.models import AuditEntry
from portal.pages.open_data import making
from portal.pages.open_data.sets import DATA_SETS
from portal.text.clock import today
from products import columns, kept_pages
from products.models import Product
from rounds.models import Round
from tests.emptied import empty

from .statistics_said import said

pytestmark = [pytest.mark.crawl, pytest.mark.django_db]


def rows(folder: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / f"{name}.jsonl").read_text().splitlines()]


def forget() -> None:
    columns.forget()
    kept_pages.forget()


@pytest.fixture
def media(tmp_path: Path) -> Any:
    with override_settings(MEDIA_ROOT=tmp_path):
        yield tmp_path


def test_the_open_data_fill_an_empty_portal_that_says_the_same(client: Client, media: Path) -> None:
    call_command("load_reference", "--apply", stdout=io.StringIO())
    call_command("load_demo", "--apply", stdout=io.StringIO())
    first, before = making.make_today(), said(client)
    told = {one.name: rows(first.folder, one.name) for one in DATA_SETS}
    assert len(before) > 400

    empty()
    call_command("load_reference", "--apply", stdout=io.StringIO())
    call_command("load_open_data", str(first.folder), "--apply", stdout=io.StringIO())
    forget()
    after = said(client)
    assert {question for question in before if before[question] != after[question]} == set()

    second = making.make_today()
    for one in DATA_SETS:
        told_again = rows(second.folder, one.name)
        for row in (*told[one.name], *told_again):
            row.pop("images", None)  # photos are not among the open data
        assert told[one.name] == told_again, one.name
    call_command("check_invariants", stdout=io.StringIO())
    assert AuditEntry.objects.get(action="open_data.load").data["công nhận"] == len(told["recognitions"])
    _pages_open(client, second.day)


def _pages_open(client: Client, day: dt.date) -> None:
    assert day == today() == timezone.localdate()
    product = Product.objects.public(on=day).exclude(facility=None).first()
    assert product is not None
    assert product.facility is not None
    addresses = [
        "/", "/san-pham/", f"/san-pham/{product.slug}/", f"/co-so/{product.facility.slug}/", "/ban-do/", "/thong-ke/",
        "/ky-binh-chon/", "/khuyen-cong/", "/khuyen-cong/hoi-cho/", "/khuyen-cong/noi-ban/", "/du-lieu-mo/",
    ]  # fmt: skip
    addresses += [f"/ky-binh-chon/{slug}/" for slug in Round.objects.public().values_list("slug", flat=True)]
    assert [address for address in addresses if client.get(address).status_code != 200] == []
