"""Nominations as officers meet them: at the desk of the province, at the Cục's board, on a commune's phone."""

import datetime as dt
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from portal.accounts.enums import Role
from portal.audit.models import AuditEntry
from portal.notices.models import Notice
from rounds.enums import ListState
from rounds.models import Dossier, NominationList, NominationQuota
from rounds.services import nominations_taken
from tests import factories

from . import nomination_world as world
from .nomination_world import NOON

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n%%EOF\n"


@pytest.fixture(autouse=True)
def frozen(time_machine, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def round_(db):
    return world.round_above()


@pytest.fixture
def agency(db):
    return world.agency()


def text(response):
    return response.content.decode()


def opened(client, officer, round_, province):
    client.force_login(officer)
    answer = client.post(reverse("admin:nomination_open", args=[round_.pk]), {"tinh": province.pk})
    return NominationList.objects.get(round=round_, territory=province), answer


def page_of(row):
    return reverse("admin:nomination_list", args=[row.pk])


def act_of(row):
    return reverse("admin:nomination_act", args=[row.pk])


def letter(**changes):
    return {"letter_number": "125/SCT", "letter_on": "2026-11-20", "letter_signer": "Giám đốc Sở", **changes}


def ticked(product, **more):
    return {f"co-{product.pk}": "1", f"chon-{product.pk}": "1", **more}


def left(product, why="maker_declines", reason=""):
    return {f"co-{product.pk}": "1", f"vi-sao-{product.pk}": why, f"giai-thich-{product.pk}": reason}


def test_the_officer_sees_which_rounds_take_lists(client, officer, province, round_):
    world.round_above(level="national", region="")
    world.round_above(region="south")
    world.round_above(year=2024, state="closed", decision=factories.DecisionFactory(), announced_at=NOON)
    client.force_login(officer)
    page = client.get(reverse("admin:nominations"))
    ((unit, rounds),) = page.context["provinces"]
    assert (unit, sorted(one.round.level for one in rounds)) == (province, ["national", "region"])
    assert "Lập danh sách" in text(page)


def test_a_list_is_decided_lettered_and_sent_on_one_page(client, officer, province, round_):
    first, second = world.certified(province), world.certified(province)
    no = world.certified(province, expires_on=dt.date(2026, 11, 25))
    row, answer = opened(client, officer, round_, province)
    assert answer.url == page_of(row)
    page = client.get(page_of(row))
    assert no.name in text(page)
    assert "1 sản phẩm không đề cử được, và vì sao" in text(page)
    scan = SimpleUploadedFile("cv.pdf", PDF)
    data = {**ticked(first), **left(second, "incomplete"), **letter(letter_scan=scan), "do": "send"}
    assert client.post(act_of(row), data).url == page_of(row)
    row.refresh_from_db()
    assert (row.state, row.letter_scan.content_type) == (ListState.SENT, "application/pdf")
    shown = text(client.get(page_of(row)))
    assert "Đề cử 1 trong 2 sản phẩm đủ điều kiện" in shown
    assert "Hồ sơ chưa đủ" in shown
    scan = client.get(reverse("admin:nomination_scan", args=[row.pk]))
    assert (scan.status_code, b"".join(scan.streaming_content)) == (200, PDF)


def test_after_a_return_the_list_is_made_again_from_either_page(client, officer, province, round_, agency):
    row = world.sent(round_, province, officer, chosen=[world.certified(province)])
    nominations_taken.return_(nomination_list=row, reason="Thiếu bản chụp.", actor=agency, now=NOON)
    client.force_login(officer)
    assert "Lập lại danh sách" in text(client.get(reverse("admin:nominations")))
    assert "Lập lại danh sách" in text(client.get(page_of(row)))
    answer = client.post(reverse("admin:nomination_open", args=[round_.pk]), {"tinh": province.pk})
    again = NominationList.objects.exclude(pk=row.pk).get()
    assert (answer.url, again.state) == (page_of(again), ListState.DRAFT)
    assert "Lập tiếp" in text(client.get(reverse("admin:nominations")))
    client.force_login(agency)
    assert "Lập lại danh sách" not in text(client.get(page_of(row)))


def test_a_refused_sending_keeps_what_was_decided_and_says_why(client, officer, province, round_):
    first, second = world.certified(province), world.certified(province)
    NominationQuota.objects.create(round=round_, maximum=1, basis="Công văn của Cục")
    row, _answer = opened(client, officer, round_, province)
    answer = client.post(act_of(row), {**ticked(first), **ticked(second), "do": "send"})
    assert answer.status_code == 409
    assert "Đã chọn 2, số lượng được đề cử là 1. Hãy bỏ bớt 1." in text(answer)
    assert row.nominations.filter(chosen=True).count() == 2
    assert 'data-maximum="1"' in text(answer)


def test_a_wrong_date_loses_no_decision(client, officer, province, round_):
    product = world.certified(province)
    row, _answer = opened(client, officer, round_, province)
    answer = client.post(act_of(row), {**ticked(product), **letter(letter_on="hôm qua"), "do": "save"})
    assert answer.status_code == 400
    assert row.nominations.get().chosen
    assert "Ngày chưa đúng" in text(answer)


def test_the_upper_level_receives_or_returns(client, officer, province, round_, agency):
    product = world.certified(province)
    row = world.sent(round_, province, officer, chosen=[product])
    client.force_login(agency)
    assert "Xem và nhận" in text(client.get(reverse("admin:nominations")))
    assert client.post(act_of(row), {"do": "return", "reason": ""}).status_code == 400
    assert client.post(act_of(row), {"do": "receive"}).status_code == 302
    dossier = Dossier.objects.get(round=round_)
    assert f"hồ sơ {dossier.entry_code}" in text(client.get(page_of(row)))
    assert client.post(act_of(row), {"do": "return", "reason": "Muộn."}).status_code == 409


def test_drafts_are_the_units_own(client, officer, other_province, province, round_, agency):  # noqa: PLR0917
    row, _answer = opened(client, officer, round_, province)
    for stranger in (agency, factories.staff(Role.OFFICER, other_province)):
        client.force_login(stranger)
        assert client.get(page_of(row)).status_code == 404
        assert client.post(act_of(row), {"do": "send"}).status_code == 404
    client.force_login(factories.staff(Role.OFFICER, other_province))
    assert client.post(reverse("admin:nomination_open", args=[round_.pk]), {"tinh": province.pk}).status_code == 404


@pytest.mark.parametrize(
    ("form", "fmt", "starts"),
    [
        ("cong-van-de-nghi", "docx", b"PK"),
        ("cong-van-de-nghi", "pdf", b"%PDF"),
        ("danh-sach-trich-ngang", "docx", b"PK"),
        ("danh-sach-trich-ngang", "pdf", b"%PDF"),
        ("danh-sach-trich-ngang", "xlsx", b"PK"),
    ],
)
def test_letter_and_abstract_list_come_as_files(client, officer, province, round_, form, fmt, starts):  # noqa: PLR0917
    row = world.sent(round_, province, officer, chosen=[world.certified(province), world.certified(province)])
    client.force_login(officer)
    answer = client.get(reverse("admin:nomination_paper", args=[row.pk, form, fmt]))
    assert answer.content.startswith(starts)
    assert AuditEntry.objects.filter(action="form.made", data__format=fmt).count() == 1
    assert client.get(reverse("admin:nomination_paper", args=[row.pk, "khac", fmt])).status_code == 404


# --- who has reported ---------------------------------------------------------------------------------------


def board(client, round_, **query):
    return client.get(reverse("admin:rounds_round_nominations", args=[round_.pk]), query)


def row_of(page, unit):
    return next(row for row in page.context["board"].rows if row.key == unit.pk)


def test_cao_bang_sends_two_of_three_and_the_board_says_why_the_third_is_missing(client, other_province):
    """The national round of 2025: three facilities could enter, two did (the bulletin's own numbers)."""
    officer = factories.staff(Role.OFFICER, other_province)
    nation = world.round_above(level="national", region="", year=2025, ordinal=6)
    sausage, noodles, third = (world.certified(other_province, level="region", dossier=False) for _number in range(3))
    row, _answer = opened(client, officer, nation, other_province)
    data = {
        **ticked(sausage),
        **ticked(noodles),
        **left(third, "other", "Vướng mắc pháp lý."),
        **letter(),
        "do": "send",
    }
    assert client.post(act_of(row), data).status_code == 302
    client.force_login(factories.staff(Role.AGENCY_NATIONAL))
    page = board(client, nation)
    found = row_of(page, other_province)
    assert (found.chosen, found.total) == (2, 3)
    assert found.left_out == (("Lý do khác", third.name, "Vướng mắc pháp lý."),)
    assert page.context["board"].reasons == [("Lý do khác", 1)]
    assert "Gửi 2 trong 3" in text(page)


def test_the_board_tells_silence_from_nothing_to_send(client, officer, province, other_province, round_, agency):  # noqa: PLR0917
    world.certified(province)
    third = factories.TerritoryFactory(name="Lào Cai", region="north")
    product = world.certified(third)
    world.sent(round_, third, factories.staff(Role.OFFICER, third), chosen=[])
    client.force_login(agency)
    page = board(client, round_)
    silent, empty, nothing = row_of(page, province), row_of(page, other_province), row_of(page, third)
    assert (silent.is_silent, len(silent.eligible)) == (True, 1)
    assert (empty.is_silent, empty.eligible) == (True, ())
    assert (nothing.has_nothing, nothing.total, nothing.row.nothing_reason) == (True, 1, "Không cơ sở nào đăng ký.")
    assert page.context["board"].expected == [silent]
    assert [row.name for row in board(client, round_, xem="chua").context["rows"]] == ["Thái Nguyên"]
    assert product.name in text(page)


def test_those_who_owe_a_list_are_reminded_once_a_day(client, officer, leader, province, round_, agency):  # noqa: PLR0917
    world.certified(province)
    client.force_login(agency)
    address = reverse("admin:rounds_round_nominations_nudge", args=[round_.pk])
    for _time in range(2):
        assert client.post(address).status_code == 302
    assert set(Notice.objects.filter(kind="nomination_due").values_list("user", flat=True)) == {officer.pk, leader.pk}
    assert Notice.objects.filter(kind="nomination_due").count() == 2


def test_the_board_goes_out_as_a_workbook_and_that_is_an_act(client, officer, province, round_, agency):
    first, second = world.certified(province), world.certified(province)
    world.sent(round_, province, officer, chosen=[first])
    client.force_login(agency)
    answer = client.get(reverse("admin:rounds_round_nominations_export", args=[round_.pk]))
    sheet = load_workbook(BytesIO(b"".join(answer.streaming_content))).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    line = next(row for row in rows if row[0] == "Thái Nguyên")
    assert line[1:4] == ["đã gửi", 2, 1]
    assert second.name in line[-1]
    assert AuditEntry.objects.filter(action="nominations.taken_out").count() == 1


def test_quotas_are_written_by_who_runs_the_round(client, province, round_, agency):
    client.force_login(agency)
    address = reverse("admin:rounds_round_nominations_quota", args=[round_.pk])
    assert client.post(address, {"territory": "", "maximum": "10", "basis": ""}).status_code == 400
    assert client.post(address, {"territory": "", "maximum": "10", "basis": "Kế hoạch 12"}).status_code == 302
    assert client.post(address, {"territory": province.pk, "maximum": "3", "basis": "Kế hoạch 12"}).status_code == 302
    assert row_of(board(client, round_), province).quota == 3
    assert client.post(address, {"territory": province.pk, "maximum": "", "basis": ""}).status_code == 302
    assert row_of(board(client, round_), province).quota == 10


def count_queries(client, address):
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_pages_cost_the_same_for_one_three_and_fifty_products(client, officer, province, round_, agency):
    seen = []
    for more in (1, 2, 47):
        for _number in range(more):
            world.certified(province)
        row, _answer = opened(client, officer, round_, province)
        counts = [count_queries(client, page_of(row)), count_queries(client, reverse("admin:nominations"))]
        client.force_login(agency)
        counts.append(count_queries(client, reverse("admin:rounds_round_nominations", args=[round_.pk])))
        seen.append(counts)
    assert seen[0] == seen[1] == seen[2]


def test_the_board_costs_the_same_for_more_provinces(client, round_, agency):
    client.force_login(agency)
    address = reverse("admin:rounds_round_nominations", args=[round_.pk])
    seen = []
    for more in (1, 2, 10):
        for _number in range(more):
            unit = factories.TerritoryFactory(region="north")
            world.sent(round_, unit, factories.staff(Role.OFFICER, unit), chosen=[world.certified(unit)])
        seen.append(count_queries(client, address))
    assert seen[0] == seen[1] == seen[2]


# --- a commune ----------------------------------------------------------------------------------------------


def test_a_commune_nominates_to_the_province_on_its_phone(client, officer, province):
    commune = factories.CommuneFactory(territory=province, name="Tân Cương")
    person = factories.UserFactory()
    factories.GrantFactory(user=person, role=Role.COMMUNE_OFFICER, territory=province, commune=commune)
    round_ = world.round_above(level="province", region="", territory=province, ordinal=0)
    facility = factories.FacilityFactory(territory=province, commune=commune)
    tea = world.certified(province, level="commune", facility=facility, dossier=False)
    old = world.certified(province, level="district", facility=facility, dossier=False, year=2023)
    client.force_login(person)
    assert "Đề cử lên tỉnh" in text(client.get(reverse("commune", args=[commune.pk])))
    address = reverse("commune_nominate", args=[commune.pk, round_.uuid])
    assert "Lập danh sách" in text(client.get(address))
    assert client.post(address, {"do": "open"}).status_code == 302
    data = {**ticked(tea), **left(old, "no_longer_made"), **letter(letter_signer="Chủ tịch UBND xã")}
    assert client.post(address, {**data, "do": "save"}).status_code == 302
    assert client.post(address, {**data, "do": "send"}).status_code == 302
    row = NominationList.objects.get(commune=commune)
    assert (row.state, row.territory) == (ListState.SENT, province)
    assert "Chờ tỉnh nhận." in text(client.get(address))
    paper = reverse("commune_nomination_paper", args=[commune.pk, round_.uuid, "cong-van-de-nghi", "pdf"])
    assert client.get(paper).content.startswith(b"%PDF")
    client.force_login(officer)
    found = next(one for one in board(client, round_).context["board"].rows if one.key == commune.pk)
    assert (found.chosen, found.total) == (1, 2)
    assert client.post(act_of(row), {"do": "receive"}).status_code == 302
    assert Dossier.objects.get(round=round_).product == tea


def test_another_commune_has_no_such_page(client, province):
    commune = factories.CommuneFactory(territory=province)
    round_ = world.round_above(level="province", region="", territory=province)
    client.force_login(factories.UserFactory())
    assert client.get(reverse("commune_nominate", args=[commune.pk, round_.uuid])).status_code == 404
