"""The desk's pages of imports: from the upload to the undo, and what they cost."""

import datetime as dt
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from facilities.models import Facility
from portal.celery import app as celery
from portal.imports import running, services
from portal.imports.enums import BatchState
from portal.imports.models import ImportBatch
from portal.text.sheets import HERE
from tests import factories

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 20, 9, tzinfo=HERE)
LIST = "/quan-tri/imports/importbatch/"


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def desk(client: Client, officer: Any) -> Client:
    client.force_login(officer)
    return client


def book(*rows: list[Any]) -> SimpleUploadedFile:
    made = Workbook()
    made.active.append(["TT", "Tên cơ sở", "Địa chỉ"])
    for row in rows:
        made.active.append(row)
    out = io.BytesIO()
    made.save(out)
    return SimpleUploadedFile("co-so.xlsx", out.getvalue())


def bring(officer: Any, province: Any, *rows: list[Any]) -> ImportBatch:
    return services.upload(
        file=book(*rows), name="co-so.xlsx", kind="facilities", scope=str(province.pk), actor=officer, now=NOW
    )


def page_of(batch: ImportBatch) -> str:
    return f"{LIST}{batch.pk}/change/"


def act(desk: Client, batch: ImportBatch, name: str, **more: str) -> Any:
    return desk.post(f"{LIST}{batch.pk}/act/", {"act": name, **more})


@pytest.fixture
def carried_out(django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """An act together with what the worker does of it, here and now also where a broker runs."""
    monkeypatch.setitem(celery.conf, "task_always_eager", True)

    def done(desk: Client, batch: ImportBatch, name: str) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            return act(desk, batch, name)

    return done


def test_a_list_is_uploaded_confirmed_and_undone(desk: Client, province: Any, carried_out: Any) -> None:
    answer = desk.post(f"{LIST}add/?kind=facilities", {"scope": str(province.pk), "file": book([1, "HTX Một"])})
    batch = ImportBatch.objects.get()
    assert answer.headers["Location"] == page_of(batch)
    assert "Sẽ ghi 1 dòng mới và 0 dòng thay đổi." in desk.get(page_of(batch)).content.decode()
    assert carried_out(desk, batch, "confirm").status_code == 302
    assert Facility.objects.count() == 1
    page = desk.get(page_of(batch)).content.decode()
    assert "Đã nhập 1 dòng mới và 0 dòng thay đổi." in page
    assert "Hoàn tác lần nhập này" in page
    assert carried_out(desk, batch, "undo").status_code == 302
    assert Facility.objects.count() == 0
    assert "Đã hoàn tác. Sổ trở lại như trước lần nhập này." in desk.get(page_of(batch)).content.decode()
    assert act(desk, batch, "undo").status_code == 409


def test_while_a_worker_writes_the_page_says_so_and_looks_again(desk: Client, officer: Any, province: Any) -> None:
    batch = bring(officer, province, [1, "HTX Một"])
    assert act(desk, batch, "confirm").status_code == 302
    answer = desk.get(page_of(batch))
    assert "Đang ghi…" in answer.content.decode()
    assert answer.headers["Refresh"] == f"3;url={page_of(batch)}"
    for name in ("confirm", "again", "discard", "undo", "retry", "stop"):
        assert act(desk, batch, name).status_code == 409
    assert Facility.objects.count() == 0


def test_work_that_nobody_finished_is_asked_for_again_or_given_up(
    desk: Client, officer: Any, province: Any, carried_out: Any
) -> None:
    batch = bring(officer, province, [1, "HTX Một"])
    for wanted, total in (("stop", 0), ("retry", 1)):
        act(desk, batch, "confirm")
        ImportBatch.objects.update(asked_at=timezone.now() - running.STUCK_AFTER)
        answer = desk.get(page_of(batch))
        assert "lâu hơn thường lệ" in answer.content.decode()
        assert "Refresh" not in answer.headers
        assert carried_out(desk, batch, wanted).status_code == 302
        assert Facility.objects.count() == total
    assert "Đã nhập 1 dòng mới" in desk.get(page_of(batch)).content.decode()


def test_an_upload_that_cannot_be_read_comes_back_with_the_sentence_at_its_input(desk: Client, province: Any) -> None:
    file = SimpleUploadedFile("co-so.xlsx", b"not a book")
    answer = desk.post(f"{LIST}add/?kind=facilities", {"scope": str(province.pk), "file": file})
    assert answer.status_code == 400
    assert answer.context["form"].errors["file"][0].startswith("Không đọc được tệp co-so.xlsx.")


def test_confirming_a_list_with_wrong_rows_says_why_not(desk: Client, officer: Any, province: Any) -> None:
    batch = bring(officer, province, [1, "HTX Một"], [2, "htx một"])
    answer = act(desk, batch, "confirm")
    assert (answer.status_code, Facility.objects.count()) == (409, 0)
    assert "Còn 1 dòng sai nên chưa ghi gì." in answer.content.decode()


def test_the_wrong_rows_come_back_as_a_workbook_that_runs_nothing(desk: Client, officer: Any, province: Any) -> None:
    batch = bring(officer, province, [1, "HTX Một"], [2, "HTX một", "@SUM(1)"])
    batch.rows.filter(number=3).update(cells={"name": "HTX một", "address": "=1+1"})
    answer = desk.get(f"{LIST}{batch.pk}/dong-sai/")
    sheet = load_workbook(io.BytesIO(answer.content)).active
    rows = list(sheet.values)
    assert rows[0][:3] == ("Dòng", "Vì sao sai", "Tên cơ sở")
    assert rows[1][:3] == (3, "Trùng với dòng 2. Hãy bỏ một trong hai dòng.", "HTX một")
    assert (sheet["F2"].value, sheet["F2"].data_type) == ("=1+1", "s")


def test_when_the_register_moved_on_the_preview_is_made_anew(
    desk: Client, officer: Any, province: Any, carried_out: Any
) -> None:
    batch = bring(officer, province, [1, "HTX Một"])
    factories.FacilityFactory(name="HTX Một", territory=province)
    assert carried_out(desk, batch, "confirm").status_code == 302
    assert "Đã đối chiếu lại với sổ." in desk.get(page_of(batch)).content.decode()
    batch.refresh_from_db()
    assert (batch.state, batch.rows_new, batch.rows_same) == (BatchState.PREVIEWED, 0, 1)


def test_only_rows_of_the_chosen_kind_are_shown(desk: Client, officer: Any, province: Any) -> None:
    batch = bring(officer, province, [1, "HTX Một"], [2, "htx một"], [3, "HTX Hai"])
    assert [row.number for row, _cells in desk.get(page_of(batch)).context["rows"]] == [3]
    assert [row.number for row, _cells in desk.get(f"{page_of(batch)}?kq=new").context["rows"]] == [2, 4]
    assert desk.get(f"{page_of(batch)}?kq=all&page=99").context["page"].number == 1


def test_a_preview_page_costs_the_same_queries_for_any_number_of_rows(
    desk: Client, officer: Any, province: Any, django_assert_max_num_queries: Any
) -> None:
    costs = []
    for rows in (1, 3, 50, 120):
        batch = bring(officer, province, *([n, f"HTX {rows} {n}"] for n in range(rows)))
        desk.get(page_of(batch))
        with django_assert_max_num_queries(40) as counted:
            assert desk.get(page_of(batch)).status_code == 200
        costs.append(len(counted))
    assert len(set(costs)) == 1


def test_the_list_of_imports_costs_the_same_queries_for_any_number(
    desk: Client, officer: Any, province: Any, django_assert_max_num_queries: Any
) -> None:
    costs = []
    for more in (1, 2, 20):
        for _number in range(more):
            bring(officer, province, [1, "HTX Một"])
        desk.get(LIST)
        with django_assert_max_num_queries(40) as counted:
            assert desk.get(LIST).status_code == 200
        costs.append(len(counted))
    assert len(set(costs)) == 1
