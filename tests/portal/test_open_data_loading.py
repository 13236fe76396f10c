"""Open data read back into an empty portal: the same numbers, nothing made up, all or nothing."""

import datetime as dt
import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from extension.enums import BeneficiaryKind
from extension.markets import fair_queries
from extension.models import Beneficiary, Fair, Listing, Participation
from facilities.models import Facility
from portal.accounts.models import Organisation
from portal.pages.open_data import making
from portal.pages.open_data.loading import Report, load
from portal.pages.open_data.sets import DATA_SETS
from portal.territory.models import Commune, Succession, Territory, TerritoryName
from portal.text.errors import Refusal
from products import codes, columns, kept_pages
from products.enums import Level
from products.models import (
    DistributionChannel,
    IntellectualProperty,
    Product,
    PublishedFigure,
    Recognition,
    RecognitionEvent,
    RegisterChange,
    Suspension,
    TradeFacts,
    ValidityRule,
)
from products.services import reissue_certificate, revoke
from rounds.models import Nomination, NominationList, Result, Round
from tests import factories
from tests.emptied import empty

from .statistics_said import said

pytestmark = pytest.mark.django_db

NOW = "2026-11-21 09:00:00+07:00"
LOST = {"issued_on": dt.date(2024, 11, 1), "expires_on": dt.date(2026, 11, 20), "revoked_on": dt.date(2026, 3, 1)}


@pytest.fixture(autouse=True)
def on_a_day(settings: Any, tmp_path: Path) -> Any:
    settings.MEDIA_ROOT = tmp_path
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def portal() -> dict[str, Any]:
    """A portal with everything that is awkward to read back."""
    then = factories.TerritoryFactory(name="Vĩnh Phúc", slug="vinh-phuc-2025", valid_to=dt.date(2025, 6, 30))
    now = factories.TerritoryFactory(name="Phú Thọ", slug="phu-tho", valid_from=dt.date(1990, 1, 1))
    factories.SuccessionFactory(predecessor=then, successor=now)
    rule = ValidityRule.objects.create(code="ba-nam", legal_basis="Thông tư", years=3, to_end_of_year=True)
    facts = {"then": then, "now": now, "rule": rule, **_register(then, now, rule)}
    return facts | _rounds(facts) | _extension(facts)


def _register(then: Territory, now: Territory, rule: ValidityRule) -> dict[str, Any]:
    commune = factories.CommuneFactory(name="Tân Cương", territory=now)
    household = factories.FacilityFactory(name="Hộ mẫu Tân Cương", kind="household", territory=then, commune=commune)
    # Two of one name, told apart by tax codes alone, which the open data do not tell.
    first, twin = (
        factories.FacilityFactory(
            name="Hợp tác xã Mẫu", slug=f"htx-{code}", kind="cooperative", territory=then, tax_code=code
        )
        for code in ("0101234567", "0101234574")
    )
    factories.ContactFactory(facility=first, value="cong-khai@example.vn", may_publish=True)
    chosen = factories.ProductFactory(name="Bộ trà", is_set=True, facility=first)
    alone = factories.ProductFactory(name="Trà đinh", facility=first)
    factories.SetMemberFactory(product_set=chosen, name="Trà đinh", product=alone)
    factories.SetMemberFactory(product_set=chosen, name="Trà nõn")
    decision = factories.DecisionFactory(number="15", issuer="Ủy ban nhân dân tỉnh Vĩnh Phúc", territory=then)
    rows = {
        "set": factories.RecognitionFactory(product=chosen, decision=decision, round_ordinal=6, validity_rule=rule),
        "alone": factories.RecognitionFactory(product=alone, decision=decision, validity_confirmed=True),
        "twin": factories.RecognitionFactory(
            product__facility=twin, product__name="Trà đinh", product__slug="tra-dinh-2", territory=then
        ),
        "household": factories.RecognitionFactory(product__facility=household, territory=then),
        "unknown": factories.RecognitionFactory(product__facility=None, product__territory=then, issued_on=None),
    }
    factories.RecognitionFactory(product=chosen, level=Level.NATIONAL, year=2025, territory=now, issued_on=None)
    for row in rows.values():
        factories.CertificateFactory(recognition=row, code=codes.generate(row.level))
    paused = rows["twin"]
    for begins, ends in ((dt.date(2025, 3, 1), dt.date(2025, 12, 31)), (dt.date(2026, 3, 1), None)):
        Suspension.objects.create(
            recognition=paused, begins_on=begins, ends_on=ends, basis="Văn bản 7", reason="Kiểm tra"
        )
    Recognition.objects.filter(pk=paused.pk).update(suspended_from=dt.date(2026, 3, 1), status_reason="Kiểm tra")
    IntellectualProperty.objects.create(product=alone, kind="trademark", name="Nhãn hiệu mẫu")
    DistributionChannel.objects.create(product=alone, kind="market", name="Chợ mẫu")
    TradeFacts.objects.create(product=alone, pack="Hộp 250 g", declared_on=dt.date(2026, 1, 5))
    reissue_certificate(recognition=rows["alone"], kind="damaged", reason="Rách", on=dt.date(2026, 2, 2), actor=None)
    revoke(
        recognition=rows["household"], on=dt.date(2026, 5, 1), reason="Vi phạm", proposal="Tờ trình 3",
        decision=decision, actor=None, now=timezone.now(),
    )  # fmt: skip
    PublishedFigure.objects.create(
        place="Tỉnh Vĩnh Phúc (cũ)", territory=then, period="2024", year_from=2024, year_to=2024, what="sản phẩm công nhận",
        measure="recognised", level="province", value=5, value_text="5", source="Bản tin mẫu",
    )  # fmt: skip
    return {"first": first, "twin": twin, "household": household, "decision": decision, "alone": alone, "rows": rows}


def _rounds(facts: dict[str, Any]) -> dict[str, Any]:
    office = Organisation.objects.create(name="Trung tâm Khuyến công mẫu", kind="extension_centre")
    held = factories.RoundFactory(
        territory=facts["then"], year=2024, state="announced", decision=facts["decision"], announced_at=timezone.now(),
        receiving_unit=office,
    )  # fmt: skip
    for name in ("set", "alone", "twin"):
        row = facts["rows"][name]
        told = row if name != "twin" else None
        dossier = factories.DossierFactory(round=held, product=row.product, recognition=told, first_time=name == "set")
        Result.objects.create(dossier=dossier, sheets=5, points=400, divisor=5, passed=name != "twin")
    coming = factories.RoundFactory(
        territory=facts["now"], year=2026, state="receiving", receiving_until="2026-12-31 17:00+07:00"
    )
    factories.DossierFactory(round=coming, product=facts["rows"]["set"].product, state="submitted")
    decided = factories.RoundFactory(territory=facts["now"], year=2025, state="decided", decision=facts["decision"])
    above = NominationList.objects.create(
        territory=facts["then"], level=Level.REGION, region=facts["then"].region, year=2024, state="sent",
        sent_at=timezone.now(), manifest_hash="0" * 64,
    )  # fmt: skip
    Nomination.objects.create(
        nomination_list=above, product=facts["alone"], chosen=True, outcome={"code": "recognised"}
    )
    Nomination.objects.create(
        nomination_list=above,
        product=facts["rows"]["set"].product,
        chosen=False,
        why_not="quota",
        reason="Hết số lượng",
    )
    return {"held": held, "coming": coming, "decided": decided}


def _extension(facts: dict[str, Any]) -> dict[str, Any]:
    then, first = facts["then"], facts["first"]
    gone = factories.FacilityFactory(name="Hộ đã rời sổ", kind="household", territory=then)
    factories.RecognitionFactory(
        product__facility=gone, territory=then, status_reason="Vi phạm", withheld_at=timezone.now(), **LOST
    )
    fresh = factories.FacilityFactory(name="Cơ sở chưa có công nhận", territory=then)
    unlisted = factories.ProductFactory(name="Chưa công nhận", facility=facts["twin"])
    projects: list[Any] = [
        factories.ProjectFactory(territory=then, programme=factories.ProgrammeFactory()) for _n in range(2)
    ]
    for facility in (gone, fresh):
        for project in projects:
            factories.BeneficiaryFactory(project=project, facility=facility, turns=2)
    factories.BeneficiaryFactory(project=projects[0], facility=first, product=facts["alone"], extension_funds=5_000_000)
    factories.BeneficiaryFactory(project=projects[0], facility=facts["twin"], product=unlisted)
    Beneficiary.objects.create(project=projects[1], kind=BeneficiaryKind.TRAINEES, name="Lớp nghề", people=30)
    fair = factories.FairFactory(territory=then, project=projects[0])
    amounts = (100_000_000, 120_000_000, 140_000_000, 90_000_000)
    for amount in amounts:
        factories.ParticipationFactory(fair=fair, revenue=amount, contracts=20)
    shown: Any = factories.ParticipationFactory(fair=fair, facility=first, revenue=7, consented_at=timezone.now())
    shown.products.add(facts["alone"])
    outlet: Any = factories.OutletFactory(territory=then)
    Listing.objects.create(outlet=outlet, product=facts["alone"], project=projects[0])
    return {"gone": gone, "fresh": fresh, "fair": fair}


def _bare() -> None:
    """An empty portal with the provinces and rules that both have."""
    kept = [list(model.objects.all()) for model in (Territory, TerritoryName, Succession, ValidityRule)]
    empty()
    for rows in kept:
        for row in rows:
            row.save(force_insert=True)
    columns.forget()
    kept_pages.forget()


def loaded(path: Path, *, apply: bool = True) -> Report:
    report = load(path, apply=apply)
    columns.forget()
    kept_pages.forget()
    return report


def rows(folder: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / f"{name}.jsonl").read_text().splitlines()]


def packed(tmp_path: Path) -> Path:
    """The file of today, outside the portal's own folder."""
    edition = making.make_today()
    kept = tmp_path / "giu" / making.TOGETHER
    kept.parent.mkdir(exist_ok=True)
    kept.write_bytes((edition.folder / making.TOGETHER).read_bytes())
    return kept


def test_the_same_is_said_of_everything(client: Client, portal: Any, tmp_path: Path) -> None:
    path, before = packed(tmp_path), said(client)
    told = {one.name: rows(making.latest().folder, one.name) for one in DATA_SETS}  # type: ignore[union-attr]
    _bare()
    report = loaded(path)
    assert (report.problems, report.applied) == ([], True)
    after = said(client)
    assert {
        question: (before[question], after[question]) for question in before if before[question] != after[question]
    } == {}
    edition = making.make_today()
    differing = {name for name, known in told.items() if known != rows(edition.folder, name)}
    # A maker's number in the name, a state that is not told, a household's key: said in the report.
    assert differing == {"facilities", "products", "recognitions", "rounds", "projects", "support"}
    assert any("Hợp tác xã Mẫu (2)" in sentence for sentence in report.warnings)
    assert any("ghi là “Đã trình" in sentence for sentence in report.warnings)
    _nothing_is_made_up(client, portal)


def _nothing_is_made_up(client: Client, portal: dict[str, Any]) -> None:
    text = client.get(f"/ky-binh-chon/{portal['held'].slug}/").content.decode()
    assert "Hồ sơ của kỳ này lưu ở cổng khác." in text
    assert "Bộ trà" in text
    assert "Cách tính điểm" not in text
    assert not Round.objects.get(uuid=portal["coming"].uuid).receiving_open(timezone.now())
    assert not Facility.objects.filter(name__contains="Hộ đã rời sổ").exists()
    assert Facility.objects.filter(name__startswith="Hộ kinh doanh không nêu tên").count() == 1
    assert Commune.objects.get(name="Tân Cương").facilities.get().name == "Hộ mẫu Tân Cương"
    fair = Fair.objects.get(uuid=portal["fair"].uuid)
    assert fair_queries.shown(fair, (), dt.date(2026, 11, 21)).figures.revenue.about
    assert Participation.objects.exclude(revenue=None).count() == 1
    text = client.get(f"/khuyen-cong/hoi-cho/{fair.slug}/").content.decode()
    assert "Hợp tác xã Mẫu" in text
    found = client.get("/san-pham/", {"q": "tra non"}).content.decode()
    assert "Bộ trà" in found
    revoked = RecognitionEvent.objects.get(kind="revoked")
    assert (revoked.basis, revoked.decision and revoked.decision.full_number) == ("Tờ trình 3", "15/QĐ-UBND")
    assert Recognition.history.filter(history_change_reason="Nạp từ dữ liệu mở ngày 21/11/2026").count() > 0


@pytest.mark.django_db(transaction=True)
def test_the_change_feed_says_that_all_is_to_be_read_anew(portal: Any, tmp_path: Path) -> None:
    path = packed(tmp_path)
    _bare()
    known = set(RegisterChange.objects.values_list("number", flat=True))
    loaded(path)
    assert [row.kind for row in RegisterChange.objects.exclude(number__in=known)] == ["all"]


def test_a_trial_run_and_any_wrong_row_leave_nothing(portal: Any, tmp_path: Path) -> None:
    path = packed(tmp_path)
    _bare()
    assert not loaded(path, apply=False).applied
    assert not Facility.objects.exists()
    folder = _unpacked(path, tmp_path)
    _change(folder, "recognitions", lambda row: row | {"level": "làng"}, 0)
    _change(folder, "recognitions", lambda row: row | {"product_id": "00000000-0000-0000-0000-000000000000"}, 1)
    _change(folder, "products", lambda row: row | {"first_made_year": "xưa"}, 2)
    _change(folder, "facilities", lambda row: row | {"province_at_the_time": "khong-co"}, 0)
    _change(folder, "rounds", lambda row: row | {"level": "national"}, 0)
    report = loaded(folder)
    said_of = {(problem.file, problem.line): problem.sentence for problem in report.problems}
    assert said_of["recognitions.jsonl", 1] == "Cột level không có giá trị “làng”."
    assert "Không có sản phẩm mang mã 00000000" in said_of["recognitions.jsonl", 2]
    assert said_of["products.jsonl", 3] == "Cột first_made_year ghi “xưa”, không phải kiểu integer."
    assert said_of["facilities.jsonl", 1].startswith("Không có tỉnh, thành phố “khong-co”")
    assert said_of["rounds.jsonl", 1].startswith("Phạm vi phải hợp với cấp")
    assert not report.applied
    assert not Product.objects.exists()
    assert not PublishedFigure.objects.exists()


def test_the_command_tells_each_wrong_row_and_fails(portal: Any, tmp_path: Path) -> None:
    path = packed(tmp_path)
    _bare()
    folder, told = _unpacked(path, tmp_path), io.StringIO()
    _change(folder, "recognitions", lambda row: row | {"level": "làng"}, 0)
    with pytest.raises(CommandError, match="chỗ sai nên chưa ghi gì"):
        call_command("load_open_data", str(folder), "--apply", stdout=io.StringIO(), stderr=told)
    assert "recognitions.jsonl, dòng 1: Cột level không có giá trị “làng”." in told.getvalue()


@pytest.mark.parametrize("name", ["recognitions.jsonl", "figures.jsonl"])
def test_a_file_that_is_missing_or_not_as_told_is_refused(portal: Any, tmp_path: Path, name: str) -> None:
    path = packed(tmp_path)
    _bare()
    folder = _unpacked(path, tmp_path)
    with (folder / name).open("a") as target:
        target.write("{}\n")
    assert [(one.file, "SHA-256" in one.sentence) for one in loaded(folder).problems] == [(name, True)]
    (folder / name).unlink()
    assert [str(one) for one in loaded(folder).problems] == [f"{name}: Thiếu tệp này. Hãy tải lại trọn bộ."]


def test_only_an_empty_portal_is_filled(portal: Any, tmp_path: Path) -> None:
    path = packed(tmp_path)
    with pytest.raises(Refusal, match="chỉ nạp được vào cổng trống") as refused:
        load(path, apply=True)
    assert refused.value.code == "not_empty"


def test_what_is_no_open_data_or_of_another_version_is_refused(portal: Any, tmp_path: Path) -> None:
    path = packed(tmp_path)
    nothing = tmp_path / "khong-co.zip"
    nothing.write_bytes(b"no zip")
    for wrong in (nothing, tmp_path / "nowhere", tmp_path):
        with pytest.raises(Refusal) as refused:
            load(wrong, apply=True)
        assert refused.value.code == "no_open_data"
    folder = _unpacked(path, tmp_path)
    manifest = json.loads((folder / making.MANIFEST).read_text())
    (folder / making.MANIFEST).write_text(json.dumps(manifest | {"version": "1.2"}))
    with pytest.raises(Refusal, match=r"phiên bản 1\.2"):
        load(folder, apply=True)


def test_a_packed_name_leads_nowhere_else(portal: Any, tmp_path: Path) -> None:
    path = packed(tmp_path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("../../ngoai.txt", "x")
    _bare()
    assert loaded(path).problems == []
    assert not list(tmp_path.parent.rglob("ngoai.txt"))


def _unpacked(path: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "mo"
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder)
    return folder


def _change(folder: Path, name: str, change: Any, place: int) -> None:
    """Another row, with the checksum that fits it."""
    path, manifest = folder / f"{name}.jsonl", folder / making.MANIFEST
    told = path.read_text().splitlines()
    told[place] = json.dumps(change(json.loads(told[place])), ensure_ascii=False)
    path.write_text("".join(f"{line}\n" for line in told))
    facts = json.loads(manifest.read_text())
    for one in facts["files"]:
        if one["name"] == path.name:
            one["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    manifest.write_text(json.dumps(facts))
