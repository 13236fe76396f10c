"""Attempts to get round the rules of the jury and the council, each of them refused."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from portal.files.models import StoredFile
from portal.text.errors import Refusal
from rounds.enums import Body, ComplaintState, RoundState, SeatRole, SheetState
from rounds.models import Complaint, Conflict, Declaration, ScoreSheet, Seat, Verdict
from rounds.services import conflicts, extensions, paper_sheets, scoring, sessions
from tests import factories

from . import helpers
from .test_scoring import NOW, Bench

pytestmark = pytest.mark.django_db
MANY_DIGITS = "9" * 5000
LATER = helpers.AFTER + dt.timedelta(days=1)


@pytest.fixture
def bench():
    # The pages go by the clock of the server.
    return Bench(scoring_until=timezone.now() + dt.timedelta(days=3))


def save_url(bench):
    return f"/cham-diem/{bench.dossier.uuid}/luu/"


def post(client, bench, body):
    return client.post(save_url(bench), body, content_type="application/json")


# --- what no database takes ------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [str(10**30), f"-{10**30}", str(2**63)])
def test_a_criterion_with_an_impossible_number_is_a_fault_in_words(client, bench, key):
    client.force_login(bench.judge)
    answer = post(client, bench, {"revision": 0, "values": {key: {"points": "1"}}})
    assert answer.status_code in {200, 400}
    assert not bench.points()


def test_forty_thousand_boxes_are_no_error_of_the_server(client, bench):
    client.force_login(bench.judge)
    answer = post(client, bench, {"revision": 0, "values": {str(n): {} for n in range(10**6, 10**6 + 40_000)}})
    assert answer.status_code in {200, 400}


def test_a_reason_loses_the_character_that_no_database_keeps(client, bench):
    client.force_login(bench.judge)
    client.post(f"/cham-diem/{bench.dossier.uuid}/khong-danh-gia/", {"ly-do": "Mẫu\x00 hỏng"})
    assert ScoreSheet.objects.get().cannot_assess_reason == "Mẫu hỏng"


@pytest.mark.parametrize("count", ["²", MANY_DIGITS])
def test_a_declaration_with_an_odd_number_of_rows_is_read(client, bench, count):
    client.force_login(bench.judge)
    page = f"/cham-diem/cam-ket/{bench.round.uuid}/"
    assert client.post(page, {"so-dong": count, "act": "add"}).status_code == 200


@pytest.mark.parametrize("act", ["remove-²", f"find-{MANY_DIGITS}", "drop-²"])
def test_a_declaration_with_an_odd_button_is_read(client, bench, act):
    client.force_login(bench.judge)
    page = f"/cham-diem/cam-ket/{bench.round.uuid}/"
    assert client.post(page, {"so-dong": "1", "act": act}).status_code == 200


def test_a_declaration_keeps_nothing_that_no_database_keeps(client, bench):
    Declaration.objects.all().delete()
    client.force_login(bench.judge)
    page = f"/cham-diem/cam-ket/{bench.round.uuid}/"
    facts = {"noi-lam-viec": "Cơ\x00 sở", "mst-noi-lam-viec": "01\x00", "dia-chi-noi-lam-viec": "Xã\x00"}
    client.post(page, {"so-dong": "0", "act": "sign", "ho-ten": f"{bench.judge}\x00", **facts})
    signed = Declaration.objects.filter(user=bench.judge).first()
    if signed is not None:
        kept = (signed.signed_name, signed.employer, signed.employer_tax_code, signed.employer_address)
        assert "\x00" not in "".join(kept)


# --- points before their time ----------------------------------------------------------------------------------


def test_the_head_judge_prints_no_sheet_of_others_before_all_are_in(client, bench):
    bench.seat.role = SeatRole.HEAD_JUDGE
    bench.seat.save()
    other = factories.SeatFactory(round=bench.round).user
    sheet = scoring.open_sheet(dossier=bench.dossier, judge=other, now=NOW)
    values = {leaf.pk: (min(Decimal(4), leaf.max_points), "") for leaf in bench.leaves()}
    sheet = scoring.save_scores(sheet=sheet, values=values, revision=0, actor=other, now=NOW).sheet
    scoring.submit_sheet(sheet=sheet, actor=other, now=NOW)
    client.force_login(bench.judge)
    of_round = client.get(reverse("admin:rounds_round_form", args=[bench.round.pk, "phieu-cham", "docx"]))
    assert of_round.status_code in {302, 404}
    of_dossier = client.get(reverse("admin:rounds_dossier_form", args=[bench.dossier.pk, "phieu-cham", "docx"]))
    assert of_dossier.status_code in {302, 403, 404}
    own = scoring.submit_sheet(sheet=bench.full(), actor=bench.judge, now=NOW)
    assert own.state == SheetState.SUBMITTED
    of_round = client.get(reverse("admin:rounds_round_form", args=[bench.round.pk, "phieu-cham", "docx"]))
    assert of_round.status_code == 200


def test_a_secretary_who_judges_enters_no_paper_sheet_of_others(bench):
    secretary = factories.SeatFactory(round=bench.round, body=Body.COUNCIL, role=SeatRole.SECRETARY).user
    factories.SeatFactory(round=bench.round, user=secretary)
    with pytest.raises(Refusal) as refused:
        paper_sheets.enter(
            dossier=bench.dossier, judge=bench.judge, values={}, scan=StoredFile(), actor=secretary, now=NOW
        )
    assert refused.value.code == "own_seat"


# --- one's own case --------------------------------------------------------------------------------------------


def test_nobody_grants_more_time_to_oneself_alone(bench):
    factories.SeatFactory(round=bench.round, user=bench.judge, body=Body.COUNCIL, role=SeatRole.CHAIR)
    facts = {"round_": bench.round, "reason": "Đi công tác.", "actor": bench.judge, "now": timezone.now()}
    until = timezone.now() + dt.timedelta(days=9)
    with pytest.raises(Refusal) as refused:
        extensions.extend(until=until, judge=bench.judge, **facts)
    assert refused.value.code == "own_deadline"
    assert extensions.extend(until=until, **facts).judge is None


# --- conflicts -------------------------------------------------------------------------------------------------


def test_a_conflict_that_ends_gives_no_sheet_back_to_a_representative(bench):
    chair = factories.SeatFactory(round=bench.round, body=Body.COUNCIL, role=SeatRole.CHAIR).user
    sheet = bench.open()
    conflicts.declare(dossier=bench.dossier, user=bench.judge, reason="Vốn góp", now=NOW)
    factories.RepresentativeFactory(facility=bench.dossier.product.facility, user=bench.judge)
    conflicts.withdraw(conflict=Conflict.objects.get(), reason="Đã bán vốn góp.", actor=chair, now=NOW)
    sheet.refresh_from_db()
    assert sheet.state == SheetState.VOIDED


def test_a_signature_for_a_sheet_of_one_who_stands_aside_since_is_refused_in_words(bench):
    secretary = factories.SeatFactory(round=bench.round, body=Body.COUNCIL, role=SeatRole.SECRETARY).user
    sheet = scoring.submit_sheet(sheet=bench.full(), actor=bench.judge, now=NOW)
    bench.round.state = RoundState.DELIBERATION
    bench.round.save()
    conflicts.declare(dossier=bench.dossier, user=bench.judge, reason="Vốn góp", now=NOW)
    with pytest.raises(Refusal) as refused:
        paper_sheets.record_signature(sheets=[sheet], signed_on=NOW.date(), actor=secretary, now=NOW)
    assert refused.value.code == "stands_aside"


def test_what_keeps_minutes_open_names_no_dossier_to_one_who_stands_aside(province, officer, leader):
    round_ = helpers.deliberating_round(province, officer, shares=("0.9", "0.85", "0.8"))
    session = helpers.council_session(round_, leader)
    secretary = Seat.objects.get(round=round_, role=SeatRole.SECRETARY).user
    first, second = (round_.dossiers.get(result__rank=rank) for rank in (1, 2))
    factories.ConflictFactory(dossier=first, user=secretary)
    common = {"session": session, "recorded_by": leader, "decided_at": LATER, "votes_for": 7, "votes_against": 0}
    Verdict.objects.create(dossier=first, choice="decline", reason="Chưa rõ nguồn gốc.", **common)
    Verdict.objects.create(dossier=second, choice="recognise", **common)
    assert any(first.entry_code in said for said in sessions.closing_blockers(session))
    assert not any(first.entry_code in said for said in sessions.closing_blockers(session, reader=secretary))


# --- complaints ------------------------------------------------------------------------------------------------


@pytest.fixture
def provisional(province, officer):
    round_ = helpers.deliberating_round(province, officer)
    type(round_).objects.filter(pk=round_.pk).update(state=RoundState.PROVISIONAL)
    round_.refresh_from_db()
    return round_


def at_the_desk(client, round_, dossier, complainant):
    facts = {
        "about": "product",
        "content": "Cơ sở này không tự sản xuất sản phẩm.",
        "complainant": complainant,
        "channel": "paper",
        "received_on": f"{timezone.localdate():%Y-%m-%d}",
        "dossier": dossier.pk,
    }
    return client.post(reverse("admin:rounds_round_complaints", args=[round_.pk]), facts)


def test_a_stranger_s_letter_is_not_given_to_the_facility_it_is_about(client, provisional, officer):
    dossier = provisional.dossiers.first()
    client.force_login(officer)
    assert at_the_desk(client, provisional, dossier, "Người dân trong xã").status_code == 302
    row = Complaint.objects.get()
    assert (row.dossier, row.facility) == (dossier, None)
    person = factories.RepresentativeFactory(facility=dossier.product.facility).user
    client.force_login(person)
    page = reverse("my_complaints", args=[dossier.uuid])
    assert "không tự sản xuất" not in client.get(page).content.decode()
    assert client.post(page, {"rut": "1", "rut-reason": "Xin rút."}).status_code == 404
    row.refresh_from_db()
    assert row.state == ComplaintState.RECEIVED


def test_a_facility_s_own_letter_is_its_own(client, provisional, officer):
    dossier = provisional.dossiers.first()
    client.force_login(officer)
    at_the_desk(client, provisional, dossier, f" {dossier.product.facility.name.upper()} ")
    assert Complaint.objects.get().facility == dossier.product.facility


@pytest.mark.parametrize("number", [MANY_DIGITS, "²", str(10**30)])
def test_taking_back_a_complaint_of_no_such_number_is_nowhere(client, provisional, number):
    dossier = provisional.dossiers.first()
    client.force_login(factories.RepresentativeFactory(facility=dossier.product.facility).user)
    answer = client.post(reverse("my_complaints", args=[dossier.uuid]), {"rut": number, "rut-reason": "Xin rút."})
    assert answer.status_code == 404


def test_the_database_refuses_an_answer_by_one_who_scored(client, provisional, officer):
    dossier = provisional.dossiers.first()
    client.force_login(officer)
    at_the_desk(client, provisional, dossier, "Người dân trong xã")
    judge = dossier.sheets.first().judge
    with pytest.raises(IntegrityError, match="không trả lời"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE rounds_complaint SET answerer_id = %s, state = 'answered', answered_at = %s, outcome = 'rejected',"
            " answer = 'Không có gì sai.', assigned_at = %s",
            [judge.pk, LATER, LATER],
        )


# --- sets ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["propose_split", "decide_set", "propose_set"])
def test_a_set_of_no_such_number_is_nowhere(client, provisional, officer, leader, name):
    client.force_login(leader)
    key = {"propose_split": "bo", "decide_set": "de-xuat", "propose_set": "co-so"}[name]
    answer = client.post(reverse(f"admin:rounds_round_{name}", args=[provisional.pk]), {key: MANY_DIGITS})
    assert answer.status_code in {400, 404}
