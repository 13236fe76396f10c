"""Open data: whole or not at all, as the dictionary says, nobody's home in them, and the same register read back."""

import csv
import datetime as dt
import hashlib
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from django.utils import timezone, translation

from facilities.models import Facility
from portal.pages.open_data import making as open_data
from portal.pages.open_data.sets import DATA_SETS
from portal.pages.open_data.table import VERSION
from products.enums import Level, ProductGroup
from products.imports import import_recognitions
from products.models import Certificate, Decision, Product, Recognition, RecognitionEvent, SetMember, Suspension
from products.serializers import clock_of_today
from tests import factories

pytestmark = pytest.mark.django_db

NOW = "2026-11-21 09:00:00+07:00"
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
JSON_TYPES: dict[str, Any] = {"text": str, "integer": int, "decimal": str, "boolean": bool, "list": list}


@pytest.fixture(autouse=True)
def on_a_day(settings: Any, tmp_path: Path) -> Any:
    settings.MEDIA_ROOT = tmp_path
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def register() -> dict[str, Any]:
    """A small register with everything that is awkward about a real one."""
    then = factories.TerritoryFactory(name="Vĩnh Phúc", slug="vinh-phuc-2025", valid_to=dt.date(2025, 6, 30))
    now = factories.TerritoryFactory(name="Phú Thọ", slug="phu-tho", valid_from=dt.date(1990, 1, 1))
    factories.SuccessionFactory(predecessor=then, successor=now)
    commune = factories.CommuneFactory(name="Tân Cương", territory=now)
    household = factories.FacilityFactory(
        name="Hộ Nguyễn Văn Mẫu", kind="household", founded_year=1987, territory=then, commune=commune, tax_code="012345678901",
        address_recognised="Số 7 ngõ 3, xã Tân Cương", address_today="Số 7 ngõ 3, xã Tân Cương", latitude="21.51234",
        longitude="105.81234",
    )  # fmt: skip
    company = factories.FacilityFactory(
        name="=HTX; Mẫu", territory=then, tax_code="0101234567", latitude="21.50000", longitude="105.80000"
    )
    factories.ContactFactory(facility=company, value="kin@example.vn", may_publish=False)
    factories.ContactFactory(facility=company, value="cong-khai@example.vn", may_publish=True)
    decision = factories.DecisionFactory(number="15", issuer="Ủy ban nhân dân tỉnh Vĩnh Phúc", territory=then)
    chosen = factories.ProductFactory(name="Bộ trà", is_set=True, facility=company)
    factories.SetMemberFactory(product_set=chosen, name="Trà đinh")
    factories.SetMemberFactory(product_set=chosen, name="Trà nõn")
    first = factories.RecognitionFactory(product=chosen, decision=decision, round_ordinal=6)
    factories.CertificateFactory(recognition=first, official_number="01/GCN")
    # The same maker and product again after the merger, in the province of today.
    factories.RecognitionFactory(
        product=chosen, level=Level.NATIONAL, year=2025, territory=now, issued_on=dt.date(2025, 9, 1)
    )
    factories.RecognitionFactory(
        product__name="-Gốm, “mẫu”", product__facility=household, product__group=ProductGroup.HANDICRAFT
    )
    factories.RecognitionFactory(product__facility=None, product__territory=then, product__group_certain=False)
    stopped = factories.RecognitionFactory(
        product__facility=company, suspended_from=dt.date(2026, 3, 1), status_reason="Kiểm tra"
    )
    ended = factories.RecognitionFactory(
        product__facility=company, revoked_on=dt.date(2026, 5, 1), status_reason="Vi phạm"
    )
    left = factories.RecognitionFactory(
        product__facility=company, withdrawn_on=dt.date(2026, 4, 1), status_reason="Xin rút"
    )
    factories.RecognitionFactory(published_at=None, product__name="Chưa công bố")
    Recognition.objects.update(source_note="Ghi riêng cho cán bộ")
    return {"household": household, "company": company, "stopped": stopped, "ended": ended, "left": left}


def made() -> open_data.Edition:
    call_command("make_open_data", "--apply", stdout=io.StringIO())
    edition = open_data.latest()
    assert edition is not None
    return edition


def lines(edition: open_data.Edition, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (edition.folder / f"{name}.jsonl").read_text().splitlines()]


def cells(edition: open_data.Edition, name: str) -> list[dict[str, str]]:
    with (edition.folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as source:
        return list(csv.DictReader(source))


def test_without_apply_rows_are_counted_and_nothing_is_written(register: Any, tmp_path: Path) -> None:
    out = io.StringIO()
    call_command("make_open_data", stdout=out)
    assert "recognitions: 7 dòng." in out.getvalue()
    assert list(tmp_path.iterdir()) == []


def test_checksums_sizes_and_counts_are_those_of_the_files(register: Any) -> None:
    edition = made()
    manifest = json.loads((edition.folder / "manifest.json").read_text())
    sums = dict(reversed(line.split("  ")) for line in (edition.folder / "SHA256SUMS").read_text().splitlines())
    assert (manifest["day"], manifest["version"]) == ("2026-11-21", VERSION)
    assert {one["name"] for one in manifest["files"]} == {path.name for path in edition.folder.iterdir()} - {
        "manifest.json"
    }
    for one in manifest["files"]:
        content = (edition.folder / one["name"]).read_bytes()
        assert (one["size"], one["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
        if one["name"] != "SHA256SUMS":
            assert sums[one["name"]] == one["sha256"]
    for one in DATA_SETS:
        assert len(lines(edition, one.name)) == len(cells(edition, one.name)) == edition.served(f"{one.name}.csv").rows  # type: ignore[union-attr]


def test_the_dictionary_describes_exactly_what_is_written(register: Any) -> None:
    factories.RoundFactory(state="receiving")
    factories.ProjectFactory()
    edition = made()
    dictionary = json.loads((edition.folder / "dictionary.json").read_text())
    assert [one["name"] for one in dictionary["data_sets"]] == [one.name for one in DATA_SETS]
    for one in dictionary["data_sets"]:
        names = [field["name"] for field in one["fields"]]
        header = (edition.folder / f"{one['name']}.csv").read_text(encoding="utf-8-sig").splitlines()[0]
        assert header.split(",") == names
        for row in lines(edition, one["name"]):
            assert list(row) == names
            for field in one["fields"]:
                _conforms(row[field["name"]], field)


def _conforms(value: Any, field: dict[str, Any]) -> None:
    if value is None or value == "":
        return
    match field["type"]:
        case "uuid":
            assert UUID.fullmatch(value), field
        case "date":
            dt.date.fromisoformat(value)
        case "date-time":
            assert dt.datetime.fromisoformat(value).tzinfo
        case "uri":
            assert value.startswith("http"), field
        case kind:
            assert isinstance(value, JSON_TYPES[kind]), field
    if "codes" in field:
        assert str(value) in field["codes"], field


def test_nothing_points_at_a_home_and_nobodys_tax_code_or_kept_contact_is_told(register: Any) -> None:
    edition = made()
    told = "".join(path.read_text() for path in edition.folder.iterdir() if path.suffix != ".zip")
    for secret in (
        "012345678901",
        "0101234567",
        "ngõ 3",
        "21.51234",
        "105.81234",
        "kin@example.vn",
        "Chưa công bố",
        "Ghi riêng",
    ):
        assert secret not in told, secret
    assert "cong-khai@example.vn" in told
    assert {row["founded_year"] for row in lines(edition, "facilities") if row["kind"] == "household"} == {None}
    features = json.loads((edition.folder / "facilities.geojson").read_text())["features"]
    places = {one["properties"]["name"]: (one["geometry"], one["properties"]["location"]) for one in features}
    assert places["Hộ Nguyễn Văn Mẫu"] == (None, "commune")
    assert places["=HTX; Mẫu"] == ({"type": "Point", "coordinates": [105.8, 21.5]}, "pin")


def test_no_cell_runs_as_a_formula_and_all_are_read_back(register: Any) -> None:
    edition = made()
    assert {row["name"] for row in cells(edition, "facilities")} >= {"'=HTX; Mẫu", "Hộ Nguyễn Văn Mẫu"}
    for path in edition.folder.glob("*.csv"):
        for row in csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")):
            assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))]


def figures(client: Client) -> dict[str, Any]:
    asked = [
        {"by": by, "basis": basis}
        for by in ("level", "group", "province", "year", "facility_kind")
        for basis in ("current", "at_the_time")
    ]
    asked += [{"status": status} for status in ("valid", "expiring", "expired", "suspended", "withdrawn", "revoked")]
    answers = [client.get("/api/v1/statistics/recognitions/", query).json() for query in asked]
    return {str(query): (answer["total"], answer["rows"]) for query, answer in zip(asked, answers, strict=True)}


def test_read_into_an_empty_portal_the_data_give_the_same_statistics(client: Client, register: Any) -> None:
    before = figures(client)
    edition = made()
    for model in (Certificate, Suspension, SetMember):
        model.objects.all().delete()
    _emptied()
    assert figures(client) != before
    report = import_recognitions(
        edition.folder / "recognitions.csv", now=timezone.now(), today=dt.date(2026, 11, 21), actor=None, apply=True
    )
    assert (report.errors, report.applied) == ([], True)
    assert figures(client) == before
    assert {product.name for product in Product.objects.filter(is_set=True)} == {"Bộ trà"}
    assert Facility.objects.filter(name="=HTX; Mẫu").count() == 1
    assert Recognition.objects.get(revoked_on__isnull=False).events.filter(kind="revoked").count() == 1


def _emptied() -> None:
    """Take the register away, as it never may be outside a test: what was revoked is kept by the database."""
    from django.db import connection

    from portal.audit import triggers

    triggers.drop(connection)
    RecognitionEvent.objects.all().delete()
    Recognition.objects.all().delete()
    Product.objects.all().delete()
    Facility.objects.all().delete()
    Decision.objects.all().delete()
    triggers.install(connection)


def test_who_is_cut_off_leaves_the_earlier_data(register: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    earlier = made()

    def cut(_files: Any, *_facts: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(open_data, "_manifest", cut)
    with time_machine.travel("2026-11-22 01:15:00+07:00", tick=False), pytest.raises(KeyboardInterrupt):
        open_data.make_today()
    assert open_data.latest() == earlier
    assert [path.name for path in (tmp_path / "open-data").iterdir() if path.is_dir()] == ["2026-11-21"]


def test_thirty_days_are_kept(tmp_path: Path) -> None:
    for day in ("2026-09-01", "2026-09-02", "2026-10-22", "2026-10-20", "2026-11-20"):
        (tmp_path / "open-data" / day).mkdir(parents=True)
    made()
    kept = sorted(path.name for path in (tmp_path / "open-data").iterdir() if path.is_dir())
    assert kept == ["2026-10-22", "2026-11-20", "2026-11-21"]


def test_made_again_the_same_day_the_newer_is_shown(register: Any) -> None:
    first = made()
    factories.RecognitionFactory()
    second = made()
    assert (first.folder.name, second.folder.name) == ("2026-11-21", "2026-11-21.2")
    assert len(lines(second, "recognitions")) == 8
    assert not first.folder.exists()


def test_a_file_is_served_with_its_checksum_in_parts_and_as_known(client: Client, register: Any) -> None:
    edition = made()
    content = (edition.folder / "recognitions.csv").read_bytes()
    address = "/du-lieu-mo/moi-nhat/recognitions.csv"
    whole = client.get(address)
    assert b"".join(whole.streaming_content) == content  # type: ignore[attr-defined]
    assert whole["ETag"] == f'"{hashlib.sha256(content).hexdigest()}"'
    assert whole["Content-Type"] == "text/csv; charset=utf-8"
    assert client.get(address, headers={"if-none-match": whole["ETag"]}).status_code == 304
    for asked, part, said in (
        ("bytes=0-9", content[:10], f"bytes 0-9/{len(content)}"),
        ("bytes=10-", content[10:], f"bytes 10-{len(content) - 1}/{len(content)}"),
        ("bytes=-7", content[-7:], f"bytes {len(content) - 7}-{len(content) - 1}/{len(content)}"),
    ):
        answer = client.get(address, headers={"range": asked})
        assert (answer.status_code, b"".join(answer.streaming_content), answer["Content-Range"]) == (206, part, said)  # type: ignore[attr-defined]
    assert client.get(address, headers={"range": f"bytes={len(content)}-"}).status_code == 416
    assert client.get(address, headers={"range": "bytes=0-9", "if-range": '"old"'}).status_code == 200
    assert client.get(address, headers={"range": "apples=1-2"}).status_code == 200


@pytest.mark.parametrize("name", ["nothing.csv", "..%2f..%2fdb.sqlite3", "latest.json", "%00", ".making-x"])
@pytest.mark.parametrize("edition", ["moi-nhat", "2026-11-21", "2026-11-22", "..", ".making-x"])
def test_only_what_is_published_is_served(client: Client, edition: str, name: str) -> None:
    made()
    assert client.get(f"/du-lieu-mo/{edition}/{name}").status_code == 404


@pytest.mark.parametrize("address", ["/du-lieu-mo/", "/en/du-lieu-mo/"])
def test_the_page_tells_what_there_is(
    client: Client, register: Any, address: str, django_assert_max_num_queries: Any
) -> None:
    with translation.override("vi"):  # the language of a request stays with the thread
        assert client.get(address).status_code == 200
        edition = made()
        with django_assert_max_num_queries(3):
            text = client.get(address).content.decode()
    for file in edition.files:
        assert f"/du-lieu-mo/moi-nhat/{file.name}" in text
        assert file.sha256 in text
    schema = json.loads(text.split('<script type="application/ld+json">')[1].split("</script>")[0])
    assert [one["identifier"] for one in schema["dataset"]] == [one.name for one in DATA_SETS]
    assert "DataDownload" in schema["dataset"][0]["distribution"][0]["@type"]
    assert f"<dt>{VERSION}</dt>" in text
    assert ("Portal of outstanding rural industrial products. Open data" in text) == address.startswith("/en/")


def test_the_day_after_midnight_holds_nothing_of_what_a_household_lost(register: Any) -> None:
    ended = {"issued_on": dt.date(2024, 11, 1), "expires_on": dt.date(2026, 11, 20), "revoked_on": dt.date(2026, 3, 1)}
    lost = factories.RecognitionFactory(product__facility=register["household"], status_reason="Vi phạm", **ended)
    assert clock_of_today().on == dt.date(2026, 11, 21)
    assert str(lost.uuid) not in {row["uuid"] for row in lines(made(), "recognitions")}


def test_projects_do_not_name_a_household_that_left_the_register(register: Any) -> None:
    lost = factories.FacilityFactory(name="Hộ đã rời sổ", kind="household")
    ended = {"issued_on": dt.date(2024, 11, 1), "expires_on": dt.date(2026, 11, 20), "revoked_on": dt.date(2026, 3, 1)}
    factories.RecognitionFactory(product__facility=lost, status_reason="Vi phạm", **ended)
    project = factories.ProjectFactory(slug="may-say")
    for facility in (lost, register["company"]):
        factories.BeneficiaryFactory(project=project, facility=facility)
    named = next(row["beneficiaries"] for row in lines(made(), "projects") if row["slug"] == "may-say")
    assert named == [register["company"].name]


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_all_tables_are_read_as_of_one_moment_and_writing_goes_on(register: Any) -> None:
    edition = made()
    assert [len(lines(edition, name)) for name in ("products", "recognitions", "facilities")] == [6, 7, 2]
    factories.RecognitionFactory()
    assert len(lines(made(), "recognitions")) == 8
