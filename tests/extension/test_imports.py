import datetime as dt
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from extension import queries
from extension.models import Beneficiary, Fair, Participation, Project
from portal.accounts.enums import Role
from portal.imports import services
from portal.imports.enums import Verdict
from tests.factories import FacilityFactory, SuccessionFactory, staff

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 5, 20, 9, tzinfo=dt.UTC)
MILLION = 1_000_000
FAIR = ["Hội chợ", "Từ ngày", "Đến hết ngày", "Cơ sở", "Chi phí", "Doanh thu", "Số hợp đồng"]
TURNS = ["Hội chợ", "Cơ sở", "Số lượt", "Từ năm", "Đến năm", "Doanh thu", "Nguồn"]
NAME = "Đưa sản phẩm tiêu biểu đi hội chợ"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def keeper(province):
    return staff(Role.EXTENSION_OFFICER, province)


@pytest.fixture
def makers(province):
    return [FacilityFactory(name=name, territory=province) for name in ("Hợp tác xã Tâm Hòa", "Hợp tác xã Tân Việt Á")]


def bring(keeper, province, *rows):
    book, out = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    file = SimpleUploadedFile("hoi-cho.xlsx", out.getvalue())
    known = {"kind": "fairs", "scope": str(province.pk), "options": (), "actor": keeper, "now": NOW}
    return services.upload(file=file, name="hoi-cho.xlsx", **known)


def test_published_sums_come_in_as_published_and_make_no_single_fairs(keeper, province, makers):
    rows = [
        [NAME, "HTX Tâm Hòa".replace("HTX", "Hợp tác xã"), 15, 2022, 2025, "308 triệu", "Bản tin Khuyến công 10/2025"],
        [NAME, "Hợp tác xã Tân Việt Á", 7, 2022, 2025, "153 triệu", "Bản tin Khuyến công 10/2025"],
    ]
    services.confirm(batch=bring(keeper, province, TURNS, *rows), actor=keeper, now=NOW)
    found = list(Beneficiary.objects.order_by("pk").values_list("facility", "turns", "fair_revenue"))
    assert found == [(makers[0].pk, 15, 308 * MILLION), (makers[1].pk, 7, 153 * MILLION)]
    assert (Project.objects.get().year_to, Fair.objects.count()) == (2025, 0)
    again = bring(keeper, province, TURNS, *rows)
    assert [row.verdict for row in again.rows.all()] == [Verdict.SAME, Verdict.SAME]
    Project.objects.update(is_public=True)
    (told,) = queries.support_of_facility(makers[0])
    assert (told.beneficiary.turns, told.fair_revenue) == (15, 308 * MILLION)


def test_a_list_of_one_fair_makes_the_fair_and_its_rows_and_is_taken_back_whole(keeper, province, makers):
    rows = [
        ["Hội chợ Xuân", "06/05/2026", "10/05/2026", makers[0].name, "6 triệu", "12 triệu", 2],
        ["Hội chợ Xuân", "06/05/2026", "10/05/2026", makers[1].name, "6 triệu", "0 đồng", ""],
    ]
    batch = services.confirm(batch=bring(keeper, province, FAIR, *rows), actor=keeper, now=NOW)
    fair = Fair.objects.get()
    assert (fair.ends_on, fair.is_public) == (dt.date(2026, 5, 10), False)
    found = list(fair.participations.order_by("pk").values_list("revenue", "contracts", "reported_at"))
    assert found == [(12 * MILLION, 2, None), (0, None, None)]
    changed = bring(keeper, province, FAIR, [*rows[0][:5], "13 triệu", 2])
    assert changed.rows.get().diff == [["doanh thu tại hội chợ (đồng)", "12.000.000", "13.000.000"]]
    services.undo(batch=batch, actor=keeper, now=NOW)
    assert (Fair.objects.count(), Participation.objects.count()) == (0, 0)


def test_the_province_of_a_fair_is_read_as_of_its_first_day_and_asked_for_once(keeper, province, makers):
    merged = SuccessionFactory(predecessor__name="Mẫu Cũ").predecessor
    columns = [*FAIR, "Tỉnh nơi tổ chức"]
    rows = [["Hội chợ Xuân", "06/05/2025", "", maker.name, "", "", "", "Mẫu Cũ"] for maker in makers]
    services.confirm(batch=bring(keeper, province, columns, *rows), actor=keeper, now=NOW)
    assert Fair.objects.get().host_territory == merged
    late = bring(keeper, province, columns, ["Hội chợ Thu", "06/09/2025", "", makers[0].name, "", "", "", "Mẫu Cũ"])
    assert late.rows.get().verdict == Verdict.WRONG
    assert "Mẫu Cũ" in late.rows.get().sentences[0]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ((FAIR, ["Hội chợ", "06/05/2026", "", "Hợp tác xã không có", "", "", ""]), "chưa có cơ sở"),
        ((FAIR, ["Hội chợ", "", "", "Hợp tác xã Tâm Hòa", "", "1 triệu", ""]), "Chưa ghi ngày của hội chợ"),
        ((FAIR, ["Hội chợ", "06/05/2026", "05/05/2026", "Hợp tác xã Tâm Hòa", "", "", ""]), "không được trước ngày"),
        ((FAIR, ["Hội chợ", "06/05/2026", "", "Hợp tác xã Tâm Hòa", "", "200", ""]), "chưa rõ là đồng hay triệu đồng"),
        ((TURNS, [NAME, "Hợp tác xã Tâm Hòa", 15, 2022, 2025, "308 triệu", ""]), "Hãy ghi nguồn"),
        ((TURNS, [NAME, "Hợp tác xã Tâm Hòa", 15, "", "", "308 triệu", "Bản tin"]), "cần có năm"),
    ],
)
def test_a_row_that_cannot_be_meant_is_refused_in_words(keeper, province, makers, rows, said):
    batch = bring(keeper, province, *rows)
    wrong = batch.rows.get()
    assert wrong.verdict == Verdict.WRONG
    assert said in wrong.sentences[0]
