"""The campaign of renewal at the desk: who must renew in a month, how each is reached, what was said and entered."""

import datetime as dt
import io

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from portal.accounts.enums import Role
from portal.audit.models import AuditEntry
from portal.notices.enums import NoticeState
from portal.notices.models import AddressFault, Notice
from portal.pages import campaign
from products.campaign import Month, counts, must_renew
from products.enums import Level, RenewalChoice
from products.models import Recognition, RenewalAnswer
from products.reminders import KIND
from products.services import answer_renewal
from rounds.enums import DossierState, Origin
from rounds.models import Dossier
from tests import factories
from tests.rounds.renewal_world import earlier_dossier, ending, receiving_round

pytestmark = pytest.mark.django_db
PAGE = reverse("admin:campaign")
TODAY = dt.date(2026, 11, 21)
NOW = dt.datetime(2026, 11, 21, 12, 0, tzinfo=timezone.get_default_timezone())
DECEMBER = Month(2026, 12)
C = RenewalChoice


@pytest.fixture(autouse=True)
def today(monkeypatch, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr("portal.pages.campaign_desk.today", lambda: TODAY)
    monkeypatch.setattr("portal.pages.campaign_desk.timezone.now", lambda: NOW)


@pytest.fixture
def facility(province):
    return factories.FacilityFactory(territory=province, name="Hợp tác xã Mẫu")


@pytest.fixture
def desk(client, officer):
    client.force_login(officer)
    return client


def product_of(facility, **facts):
    return factories.ProductFactory(facility=facility, **facts)


def shown(user, *, only="", level="", month=DECEMBER):
    rows = campaign.rows_of(user, level=level)
    found = list(campaign.chosen(rows, month, only=only, on=TODAY))
    return campaign.rows_shown(user, found, on=TODAY, expiring_days=90)


def take_file(desk, more=""):
    """Read to its end, which closes it."""
    return b"".join(desk.post(reverse("admin:campaign_export") + "?thang=2026-12" + more).streaming_content)


# --- months -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("2026-12", DECEMBER),
        ("2026-1", Month(2026, 1)),
        ("2026-13", None),
        ("1999-01", None),
        ("abc", None),
        ("", None),
    ],
)
def test_a_month_is_read_from_the_address(text, month):
    assert Month.read(text) == month


def test_months_follow_each_other_over_the_year_and_end_on_their_last_day():
    assert (DECEMBER.shifted(1), DECEMBER.shifted(-12), str(DECEMBER)) == (Month(2027, 1), Month(2025, 12), "2026-12")
    assert (Month(2028, 2).last, DECEMBER.last) == (dt.date(2028, 2, 29), dt.date(2026, 12, 31))


def test_the_strip_counts_each_month_with_its_first_and_last_day(facility):
    for day in (dt.date(2026, 12, 1), dt.date(2026, 12, 31), dt.date(2027, 1, 1), dt.date(2028, 11, 1)):
        ending(product_of(facility), expires_on=day)
    found = counts(must_renew(Recognition.objects.all()), since=Month(2026, 12), months=3)
    assert found == {DECEMBER: 2, Month(2027, 1): 1, Month(2027, 2): 0}


# --- who ----------------------------------------------------------------------------------------------------------


def test_only_published_recognitions_of_the_person_s_provinces_then_and_now_are_asked(
    facility, province, other_province, officer
):
    former = factories.SuccessionFactory(successor=province).predecessor
    mine = ending(product_of(facility))
    inherited = ending(factories.ProductFactory(territory=former), territory=former)
    ending(factories.ProductFactory(territory=other_province), territory=other_province)
    ending(product_of(facility), published_at=None)
    ending(product_of(facility), revoked_on=TODAY, status_reason="Vi phạm")
    ending(product_of(facility), withdrawn_on=TODAY, status_reason="Thôi sản xuất")
    ending(product_of(facility), expires_on=dt.date(2027, 1, 1))
    assert {one.row for one in shown(officer)} == {mine, inherited}
    assert {one.row for one in shown(officer, level=Level.REGION)} == set()


# --- how reached, what sent ---------------------------------------------------------------------------------------


def test_a_maker_is_reached_as_it_agreed_and_otherwise_by_telephone(facility, officer):
    ending(product_of(facility))
    factories.ContactFactory(facility=facility, kind="phone", value="0912 345 678", may_notify=False, consent_on=None)
    (one,) = shown(officer)
    assert (one.ways, one.call) == ((), "0912 345 678")
    assert [row.row for row in shown(officer, only="khong-lien-he")] == [one.row]
    factories.ContactFactory(facility=facility, value="htx@example.vn")
    AddressFault.objects.create(address="htx@example.vn", kind="hard", first_at=NOW, last_at=NOW)
    factories.RepresentativeFactory(facility=facility)
    (one,) = shown(officer)
    assert [(way.kind, way.is_faulty) for way in one.ways] == [("email", True), ("account", False)]
    assert shown(officer, only="khong-lien-he") == []


def letter(recognition, **facts):
    said = {
        "kind": KIND,
        "subject_type": "products.recognition",
        "subject_id": recognition.uuid,
        "title": "x",
        "body": "x",
    }
    sent = {"sent_at": NOW} if facts.get("state") == NoticeState.SENT else {}
    return Notice.objects.create(**said, **sent, **facts)


def test_letters_to_the_maker_are_counted_and_those_to_officers_are_not(facility, officer):
    recognition = ending(product_of(facility))
    speaks = factories.RepresentativeFactory(facility=facility).user
    due = dt.date(2026, 7, 4)
    letter(recognition, recipient="htx@example.vn", due_on=due, state=NoticeState.SENT)
    letter(recognition, recipient="htx@example.vn", due_on=due + dt.timedelta(days=90), state=NoticeState.SENT)
    letter(recognition, user=speaks, channel="portal", due_on=due, state=NoticeState.SHOWN)
    letter(recognition, recipient="cu@example.vn", due_on=due, state=NoticeState.SENT, bounced_at=NOW)
    letter(recognition, recipient="b@example.vn", due_on=due, state=NoticeState.FAILED)
    letter(recognition, recipient="c@example.vn", due_on=due, state=NoticeState.PLANNED)
    letter(recognition, recipient="d@example.vn", due_on=due, state=NoticeState.DROPPED)
    letter(recognition, user=officer, recipient=officer.email, due_on=due, state=NoticeState.SENT)
    told = shown(officer)[0].reminded
    assert (told.arrived, told.bounced, told.failed, told.waiting) == (3, 1, 1, 1)
    assert told.last_on == due + dt.timedelta(days=90)


# --- what was said and entered ------------------------------------------------------------------------------------


def test_the_latest_answer_counts_and_an_unreached_maker_has_not_answered(facility, officer):
    recognition = ending(product_of(facility))
    facts = {"recognition": recognition, "actor": officer, "by_maker": False}
    answer_renewal(choice=C.WILL_NOT, reason="Thôi làm", now=NOW - dt.timedelta(days=2), **facts)
    assert [one.row for one in shown(officer, only="da-tra-loi")] == [recognition]
    answer_renewal(choice=C.NOT_REACHED, now=NOW, **facts)
    assert shown(officer, only="da-tra-loi") == []
    (one,) = shown(officer, only="chua-tra-loi")
    assert (one.answer.choice, [row.choice for row in one.earlier]) == (C.NOT_REACHED, [C.WILL_NOT])


def test_what_entered_began_lapsed_and_was_recognised_anew_is_told_apart(facility, officer, province):
    rows = {name: ending(product_of(facility)) for name in ("silent", "draft", "entered", "anew")}
    there = receiving_round(province)
    for name, state in (("draft", DossierState.DRAFT), ("entered", DossierState.SUBMITTED)):
        factories.DossierFactory(product=rows[name].product, round=there, state=state, renews=rows[name])
    ending(rows["anew"].product, year=2026, expires_on=dt.date(2028, 12, 31))
    lapsed = ending(product_of(facility), expires_on=dt.date(2026, 11, 20))
    by = {only: {one.row for one in shown(officer, only=only)} for only in campaign.ONLY}
    assert by["chua-tra-loi"] == {rows["silent"]}
    assert by["da-vao-ky"] == {rows["entered"]}
    assert by["da-het"] == set()
    assert {one.row for one in shown(officer, only="da-het", month=Month(2026, 11))} == {lapsed}
    sums = campaign.totals(campaign.rows_of(officer, level=""), DECEMBER, on=TODAY)
    assert (sums.must, sums.answered, sums.entered, sums.lapsed) == (4, 0, 1, 0)
    assert sums.by_filter == {only: len(found) for only, found in by.items()}


def test_a_district_recognition_is_taken_up_by_the_commune_s(facility, officer, province):
    district = ending(product_of(facility), level=Level.DISTRICT, year=2023)
    ending(district.product, level=Level.COMMUNE, year=2026, expires_on=dt.date(2028, 1, 1))
    (one,) = shown(officer)
    assert one.anew
    other = ending(product_of(facility), level=Level.DISTRICT, year=2023)
    ending(other.product, level=Level.PROVINCE, year=2026, expires_on=dt.date(2028, 1, 1))
    assert [one.anew for one in shown(officer) if one.row == other] == [False]


# --- the page -----------------------------------------------------------------------------------------------------


def test_the_page_shows_the_month_with_its_neighbours_and_what_to_do(desk, facility):
    product = product_of(facility, name="Chè tôm nõn")
    ending(product)
    answer = desk.get(PAGE, {"thang": "2026-12"})
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "Hết hiệu lực tháng 12/2026" in text
    assert "Gọi điện, sổ chưa có số" in text
    assert "thang=2026-11" in text
    assert "thang=2027-01" in text
    assert reverse("admin:campaign_enter", args=[product.recognitions.get().pk]) in text


@pytest.mark.parametrize("query", [{"thang": "2030-01"}, {"thang": "abc", "cap": "x", "loc": "y", "page": "z"}])
def test_an_empty_or_unreadable_month_says_what_to_do_next(desk, query):
    answer = desk.get(PAGE, query)
    assert answer.status_code == 200
    assert "Không có giấy chứng nhận nào hết hiệu lực trong tháng này." in answer.content.decode()


def test_an_answer_is_written_beside_its_row_and_leads_back_to_it(desk, officer, facility):
    recognition = ending(product_of(facility))
    there = reverse("admin:campaign_answer", args=[recognition.pk]) + "?thang=2026-12&loc=chua-tra-loi"
    answer = desk.post(there, {"choice": "will_not", "reason": "  Thôi   sản xuất "})
    assert answer.url == f"{PAGE}?thang=2026-12&loc=chua-tra-loi#cong-nhan-{recognition.pk}"
    row = RenewalAnswer.objects.get()
    assert (row.choice, row.reason, row.by_maker, row.answered_by) == (C.WILL_NOT, "Thôi sản xuất", False, officer)
    assert AuditEntry.objects.first().action == "renewal.answer"


def test_a_no_without_its_reason_comes_back_as_typed(desk, facility):
    recognition = ending(product_of(facility))
    there = reverse("admin:campaign_answer", args=[recognition.pk]) + "?thang=2026-12"
    answer = desk.post(there, {"choice": "will_not", "reason": ""})
    assert answer.status_code == 400
    assert "Hãy ghi vì sao không đăng ký nữa." in answer.content.decode()
    assert desk.post(there, {"choice": ""}).status_code == 400
    assert not RenewalAnswer.objects.exists()


def test_a_leader_reads_and_an_officer_of_another_province_finds_nothing(client, leader, facility, other_province):
    recognition = ending(product_of(facility))
    there = reverse("admin:campaign_answer", args=[recognition.pk])
    client.force_login(leader)
    assert "Ghi trả lời" not in client.get(PAGE, {"thang": "2026-12"}).content.decode()
    assert client.post(there, {"choice": "undecided"}).status_code == 403
    client.force_login(factories.staff(Role.OFFICER, other_province))
    assert client.post(there, {"choice": "undecided"}).status_code == 404
    assert recognition.product.name not in client.get(PAGE, {"thang": "2026-12"}).content.decode()


def test_an_officer_enters_the_product_from_its_row(desk, facility, province):
    product = product_of(facility)
    recognition = ending(product)
    source = earlier_dossier(product, recognition)
    there = reverse("admin:campaign_enter", args=[recognition.pk])
    assert "Không có kỳ bình chọn nào cùng cấp" in desk.get(there).content.decode()
    round_ = receiving_round(province)
    receiving_round(province, level=Level.COMMUNE, locality="xã Tân Cương")
    assert source.round.title in desk.get(there).content.decode()
    assert desk.post(there, {"origin": "paper"}).status_code == 400
    answer = desk.post(there, {"round": round_.pk, "origin": "paper"})
    dossier = Dossier.objects.get(round=round_)
    assert answer.url == reverse("admin:rounds_dossier_change", args=[dossier.pk]) + "?moi"
    assert (dossier.renews, dossier.copied_from, dossier.origin) == (recognition, source, Origin.PAPER)
    assert desk.post(there, {"round": round_.pk, "origin": "paper"}).url == answer.url
    page = desk.get(answer.url).content.decode()
    assert "Chưa thay đổi so với hồ sơ trước" in page


def test_a_product_entered_otherwise_is_said_on_the_form(desk, facility, province):
    recognition = ending(product_of(facility))
    round_ = receiving_round(province)
    factories.DossierFactory(product=recognition.product, round=round_, entry_code="007")
    there = reverse("admin:campaign_enter", args=[recognition.pk])
    answer = desk.post(there, {"round": round_.pk, "origin": "paper"})
    assert answer.status_code == 400
    assert "số 007" in answer.content.decode()


def test_the_file_holds_what_the_page_shows_and_taking_it_is_noted(desk, facility, officer):
    recognition = ending(product_of(facility, name="Chè tôm nõn"))
    ending(product_of(facility, name="Đã trả lời"))
    answered = Recognition.objects.exclude(pk=recognition.pk).get()
    answer_renewal(recognition=answered, choice=C.UNDECIDED, actor=officer, now=NOW, by_maker=False)
    there = reverse("admin:campaign_export") + "?thang=2026-12&loc=chua-tra-loi"
    assert desk.get(there).url == f"{PAGE}?thang=2026-12&loc=chua-tra-loi"
    sheet = openpyxl.load_workbook(io.BytesIO(take_file(desk, "&loc=chua-tra-loi"))).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    at = next(place for place, row in enumerate(rows) if row[0] == "Sản phẩm")
    assert [row[0] for row in rows[at + 1 :]] == ["Chè tôm nõn"]
    assert rows[at + 1][7] == "gọi điện"
    assert AuditEntry.objects.first().sentence == (
        "Xuất danh sách giấy chứng nhận hết hiệu lực tháng 12/2026, 1 dòng, ra tệp xlsx."
    )


def test_an_answer_of_the_small_hours_bears_the_day_in_vietnam(desk, facility, officer):
    row = ending(product_of(facility, name="Chè tôm nõn"))
    early = dt.datetime(2026, 11, 20, 2, 0, tzinfo=timezone.get_default_timezone())
    answer_renewal(recognition=row, choice=C.UNDECIDED, actor=officer, now=early, by_maker=False)
    sheet = openpyxl.load_workbook(io.BytesIO(take_file(desk))).active
    answered = [cell.value.date() for row in sheet.iter_rows() for cell in row if isinstance(cell.value, dt.datetime)]
    assert early.date() in answered


def test_the_page_and_the_file_cost_the_same_for_1_3_and_50_recognitions(desk, province):
    there, costs = receiving_round(province), []
    for total in (1, 3, 50):
        while Recognition.objects.count() < total:
            maker = factories.FacilityFactory(territory=province)
            factories.ContactFactory(facility=maker)
            factories.RepresentativeFactory(facility=maker)
            recognition = ending(product_of(maker))
            letter(recognition, recipient="a@example.vn", due_on=TODAY, state=NoticeState.SENT)
            factories.DossierFactory(product=recognition.product, round=there, state=DossierState.SUBMITTED)
            RenewalAnswer.objects.create(
                recognition=recognition,
                choice=C.UNDECIDED,
                answered_at=NOW,
                answered_by=maker.representatives.get().user,
            )
        take_file(desk)
        desk.get(PAGE, {"thang": "2026-12"})
        with CaptureQueriesContext(connection) as page:
            desk.get(PAGE, {"thang": "2026-12"})
        with CaptureQueriesContext(connection) as file:
            take_file(desk)
        costs.append((len(page), len(file)))
    assert len(set(costs)) == 1, costs
