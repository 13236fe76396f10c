"""What products, dossiers and recognitions become when brought in, and that an undo leaves the register as it was."""

import datetime as dt
import io
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Count
from openpyxl import Workbook, load_workbook
from simple_history.models import HistoricalChanges

from facilities.models import Facility
from portal.accounts.enums import Role
from portal.imports import services
from portal.imports.blanks import blank
from portal.imports.enums import BatchState, Verdict
from portal.imports.models import ImportBatch
from portal.imports.registry import importer_of, importers
from portal.territory import reference_data as territory_data
from portal.territory.models import Territory
from portal.text.errors import Refusal
from portal.text.sheets import HERE
from products import reference_data
from products.enums import ProductGroup
from products.models import Product, Recognition
from rounds.enums import DossierState, Origin, RoundState
from rounds.models import Dossier, Round
from rounds.services import requests
from tests import factories
from tests.portal import kien_giang

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 20, 9, tzinfo=HERE)
BESIDE = {"audit", "imports", "files", "sessions", "contenttypes", "admin", "axes", "notices"}


@pytest.fixture(autouse=True)
def register(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    territory_data.load()
    reference_data.load()


@pytest.fixture
def an_giang() -> Territory:
    return Territory.objects.get(slug="an-giang")


@pytest.fixture
def officer(an_giang: Territory) -> Any:
    return factories.staff(Role.OFFICER, an_giang)


@pytest.fixture
def round_() -> Round:
    """Kiên Giang's round of 2023, with its window of then."""
    return factories.RoundFactory(
        territory=Territory.objects.get(slug="kien-giang-2025"),
        year=2023,
        state=RoundState.RECEIVING,
        receiving_from=dt.datetime(2023, 2, 1, tzinfo=HERE),
        receiving_until=dt.datetime(2023, 4, 15, 17, tzinfo=HERE),
    )


def book(*rows: list[Any]) -> bytes:
    made = Workbook()
    for row in rows:
        made.active.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def bring(kind: str, content: bytes, actor: Any, scope: Any, *options: str) -> ImportBatch:
    value = str(getattr(scope, "uuid", None) or scope.pk) if isinstance(scope, Round) else str(scope.pk)
    return services.upload(
        file=SimpleUploadedFile("ds.xlsx", content),
        name="ds.xlsx",
        kind=kind,
        scope=value,
        options=options,
        actor=actor,
        now=NOW,
    )


def confirm(batch: ImportBatch) -> ImportBatch:
    return services.confirm(batch=batch, actor=batch.actor, now=NOW)


def undo(batch: ImportBatch) -> ImportBatch:
    return services.undo(batch=batch, actor=batch.actor, now=NOW)


def everything() -> dict[str, list[Any]]:
    """Every row of the register, without times of writing and version tags."""
    found = {}
    for model in apps.get_models():
        if model._meta.app_label in BESIDE or issubclass(model, HistoricalChanges):
            continue
        names = [f.attname for f in model._meta.concrete_fields if f.name not in {"updated_at", "revision", "word"}]
        found[model._meta.label] = list(model._base_manager.order_by("pk").values_list(*names))
    return found


def sentences(batch: ImportBatch) -> dict[int, list[str]]:
    return {row.number: row.sentences for row in batch.rows.filter(verdict=Verdict.WRONG)}


# --- dossiers -------------------------------------------------------------------------------------------------


def test_the_round_of_kien_giang_is_entered_by_one_list(officer: Any, round_: Round) -> None:
    batch = bring("dossiers", kien_giang.workbook(), officer, round_, "submit")
    assert (batch.rows_new, batch.rows_wrong, sentences(batch)) == (179, 0, {})
    confirm(batch)
    entered = Dossier.objects.filter(round=round_)
    assert dict(entered.values_list("product__group").annotate(Count("pk")).order_by()) == {
        ProductGroup.HANDICRAFT: 24,
        ProductGroup.PROCESSING: 140,
        ProductGroup.MACHINERY: 4,
        ProductGroup.OTHER: 11,
    }
    assert Facility.objects.count() == 102
    assert entered.filter(product__facility__name__contains="\u00a0").count() == 0
    # Where the sheet ticks nothing the register decides, and it knows none of them: ticks alone tell 72.
    assert batch.rows.filter(cells__first_time="x").count() == 72
    assert set(entered.values_list("state", "origin")) == {(DossierState.SUBMITTED, Origin.PAPER)}
    assert sorted(entered.values_list("entry_code", flat=True)) == [f"{n:03}" for n in range(1, 180)]
    assert entered.get(entry_code="001").received_on == dt.date(2023, 3, 2)


def test_undoing_a_round_s_list_leaves_the_register_as_it_was(officer: Any, round_: Round) -> None:
    known = factories.FacilityFactory(name="Cơ sở mẫu Vĩnh Thuận 1", territory=round_.territory, kind="unknown")
    factories.ProductFactory(name="Khô cá sặc mẫu Vĩnh Thuận 1", facility=known, group_certain=False)
    before = everything()
    batch = confirm(bring("dossiers", kien_giang.workbook(), officer, round_, "submit"))
    assert everything() != before
    undo(batch)
    assert everything() == before


def test_undo_refuses_once_a_supplement_was_asked_for(officer: Any, round_: Round) -> None:
    batch = confirm(bring("dossiers", kien_giang.workbook(), officer, round_, "submit"))
    dossier = Dossier.objects.get(round=round_, entry_code="007")
    requests.request_supplement(dossier=dossier, until=NOW + dt.timedelta(days=10), actor=officer, now=NOW)
    with pytest.raises(Refusal) as caught:
        undo(batch)
    assert caught.value.code == "built_on"
    assert any("Hồ sơ 007" in str(line) for line in caught.value.details)
    assert Dossier.objects.filter(round=round_).count() == 179


def test_bad_rows_of_the_round_s_list_are_named_and_nothing_is_written(officer: Any, round_: Round) -> None:
    batch = bring("dossiers", kien_giang.workbook(bad=True), officer, round_, "submit")
    assert sentences(batch) == {
        10: ["Trùng với dòng 9: cùng cơ sở, cùng sản phẩm. Hãy bỏ một trong hai dòng."],
        12: ["Chưa ghi tên sản phẩm."],
        14: ["Ngày nhận “30/2/2023” không phải là ngày. Hãy ghi ngày/tháng/năm, ví dụ 03/10/2025."],
    }
    with pytest.raises(Refusal, match="Còn 3 dòng sai"):
        confirm(batch)
    assert (Facility.objects.count(), Dossier.objects.count()) == (0, 0)


HEAD = ["TT", "Tên cơ sở", "Tên sản phẩm", "Nhóm", "Ngày nhận", "Gian", "Thành phần", "Nguồn nộp", "Lần đầu"]


def test_a_second_list_says_same_and_changed(officer: Any, round_: Round) -> None:
    first = [
        HEAD,
        [1, "Cơ sở mẫu A", "Mật ong", "chế biến", "12/3/2023"],
        [2, "Cơ sở mẫu A", "Rượu sim", "2", "12/3/2023"],
    ]
    confirm(bring("dossiers", book(*first), officer, round_, "submit"))
    first[2][5:6] = ["B7"]
    batch = bring("dossiers", book(*first), officer, round_, "submit")
    assert list(batch.rows.values_list("verdict", "diff")) == [
        (Verdict.SAME, []),
        (Verdict.CHANGED, [["gian trưng bày", "", "B7"]]),
    ]
    confirm(batch)
    assert Dossier.objects.get(product__name="Rượu sim").booth == "B7"


def test_undoing_a_change_of_a_submitted_dossier_keeps_what_was_submitted(officer: Any, round_: Round) -> None:
    row = [1, "Cơ sở mẫu A", "Mật ong", "2", "12/3/2023"]
    confirm(bring("dossiers", book(HEAD, row), officer, round_, "submit"))
    dossier = Dossier.objects.get()
    head = [*HEAD, "Thuyết minh"]
    batch = confirm(bring("dossiers", book(head, [*row, "B7", "", "", "", "Ngọt thanh"]), officer, round_, "submit"))
    dossier.refresh_from_db()
    assert (dossier.booth, dossier.statement, dossier.version) == ("B7", "Ngọt thanh", 2)
    undo(batch)
    dossier.refresh_from_db()
    assert (dossier.booth, dossier.statement, dossier.version) == ("", "", 3)
    assert [version.content["statement"] for version in dossier.versions.order_by("number")] == ["", "Ngọt thanh", ""]


def test_the_deadline_holds_in_the_preview_too(officer: Any, round_: Round) -> None:
    rows = [
        [1, "Cơ sở mẫu A", "Mật ong", "2", "16/4/2023"],
        [2, "Cơ sở mẫu A", "Rượu", "2", "1/1/2023"],
        [3, "Cơ sở mẫu A", "Trà", "2"],
    ]
    batch = bring("dossiers", book(HEAD, *rows), officer, round_, "submit")
    found = sentences(batch)
    assert "Đã hết nhận hồ sơ" in found[2][0]
    assert "nhận hồ sơ từ 01/02/2023" in found[3][0]
    assert "Đã hết nhận hồ sơ" in found[4][0]


def test_a_set_needs_its_members_and_a_product_its_group(officer: Any, round_: Round) -> None:
    rows = [
        [1, "Cơ sở mẫu A", "Bộ trà", "2", "12/3/2023", "", "Trà xanh; Trà đen"],
        [2, "Cơ sở mẫu A", "Mật ong", "", "12/3/2023"],
        [3, "Cơ sở mẫu A", "Rượu", "2", "12/3/2023", "", "", "Nộp trên cổng"],
    ]
    batch = bring("dossiers", book(HEAD, *rows), officer, round_)
    assert set(sentences(batch)) == {3, 4}
    assert "Chưa ghi nhóm sản phẩm" in sentences(batch)[3][0]
    assert "Nguồn nộp" in sentences(batch)[4][0]


def test_without_the_wish_to_submit_the_dossiers_stay_drafts(officer: Any, round_: Round) -> None:
    confirm(bring("dossiers", book(HEAD, [1, "Cơ sở mẫu A", "Mật ong", "2", "12/3/2023"]), officer, round_))
    assert list(Dossier.objects.values_list("state", "entry_code")) == [(DossierState.DRAFT, "")]


def test_a_facility_of_the_former_province_is_met_from_the_successor_s_round(officer: Any, an_giang: Territory) -> None:
    known = factories.FacilityFactory(name="Cơ sở mẫu A", territory=Territory.objects.get(slug="kien-giang-2025"))
    now = factories.RoundFactory(territory=an_giang, year=2026, state=RoundState.RECEIVING)
    batch = bring("dossiers", book(HEAD, [1, "Cơ sở mẫu A", "Mật ong", "2"]), officer, now, "submit")
    assert "Cơ sở này đã có trong sổ, ghi ở Kiên Giang." in batch.rows.get().sentences
    confirm(batch)
    assert Product.objects.get().facility == known


@pytest.mark.parametrize("kind", ["dossiers", "products", "recognitions"])
def test_judging_costs_the_same_queries_for_any_number_of_rows(
    kind: str, officer: Any, round_: Round, an_giang: Territory, django_assert_max_num_queries: Any
) -> None:
    costs = set()
    for rows in (1, 3, 50):
        head = ["Tên cơ sở", "Tên sản phẩm", "Nhóm", "Ngày nhận", "Cấp", "Năm"]
        lines = [[f"Cơ sở mẫu {n}", f"Mật ong {n}", "2", "12/3/2023", "tỉnh", "2023"] for n in range(rows)]
        batch = bring(kind, book(head, *lines), officer, round_ if kind == "dossiers" else an_giang)
        assert batch.rows_wrong == 0
        with django_assert_max_num_queries(60) as counted:
            services.preview(batch=batch, actor=officer, now=NOW)
        costs.add(len(counted))
    assert len(costs) == 1


# --- products -------------------------------------------------------------------------------------------------


def test_products_are_made_with_their_facility_and_taken_back(officer: Any, an_giang: Territory) -> None:
    before = everything()
    head = ["TT", "Tên cơ sở", "Tên sản phẩm", "Thành phần"]
    batch = bring(
        "products",
        book(head, ["I", "Nhóm thủ công mỹ nghệ"], [1, "Cơ sở mẫu A", "Bộ giỏ", "Giỏ to; Giỏ nhỏ"], [2, "", "Chiếu"]),
        officer,
        an_giang,
    )
    assert batch.rows.get(number=4).sentences[0].startswith("Cơ sở mới.")
    assert batch.rows.get(number=4).sentences[-1] == "Ô “Tên cơ sở” để trống nên lấy theo dòng trên: Cơ sở mẫu A."
    confirm(batch)
    assert list(Product.objects.order_by("pk").values_list("name", "group", "is_set", "facility__name")) == [
        ("Bộ giỏ", ProductGroup.HANDICRAFT, True, "Cơ sở mẫu A"),
        ("Chiếu", ProductGroup.HANDICRAFT, False, "Cơ sở mẫu A"),
    ]
    undo(batch)
    assert everything() == before


# --- recognitions ---------------------------------------------------------------------------------------------

LIST = [
    "Cấp",
    "Năm",
    "Tên sản phẩm",
    "Cơ sở",
    "Địa chỉ",
    "Nhóm",
    "Số quyết định",
    "Ngày quyết định",
    "Số giấy chứng nhận",
]
ROW = ["tỉnh", 2023, "Mật ong mẫu", "Cơ sở mẫu A", "xã A", "chế biến", "12/QĐ-UBND", "ngày 20 tháng 11 năm 2023", ""]


def test_recognitions_are_published_completed_and_taken_back(officer: Any, an_giang: Territory) -> None:
    before = everything()
    first = confirm(bring("recognitions", book(LIST, ROW), officer, an_giang))
    assert Recognition.objects.published().get().decision.full_number == "12/QĐ-UBND"
    entered = everything()
    again = bring("recognitions", book(LIST, ROW), officer, an_giang)
    assert again.rows_same == 1
    fuller = bring("recognitions", book(LIST, [*ROW[:8], "07/2023"]), officer, an_giang)
    assert fuller.rows.get().diff == [["số giấy chứng nhận", "", "07/2023"]]
    undo(confirm(fuller))
    assert everything() == entered
    undo(first)
    assert everything() == before


def test_a_list_for_another_province_is_wrong_row_by_row(officer: Any, an_giang: Territory) -> None:
    batch = bring("recognitions", book([*LIST, "Tỉnh"], [*ROW, "Cà Mau"]), officer, an_giang)
    assert "ngoài phạm vi của bạn" in sentences(batch)[2][0]


# --- templates ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["facilities", "products", "dossiers", "recognitions"])
def test_a_template_filled_with_its_own_example_is_read_without_a_question(
    kind: str, officer: Any, round_: Round, an_giang: Territory
) -> None:
    content = blank(importer_of(kind))
    batch = bring(kind, content, officer, round_ if kind == "dossiers" else an_giang)
    assert (batch.state, batch.total, batch.rows_wrong) == (BatchState.PREVIEWED, 1, 0)
    assert [note for note in batch.notes if "không" in note.lower()] == []
    made = load_workbook(io.BytesIO(content))
    assert len(made.worksheets[0].data_validations.dataValidation) == sum(
        bool(c.choices) for c in importer_of(kind).columns
    )
    assert made.worksheets[1].sheet_state == "hidden"


def test_the_five_lists_are_registered() -> None:
    assert [one.kind for one in importers()] == ["facilities", "products", "recognitions", "dossiers", "fairs"]
