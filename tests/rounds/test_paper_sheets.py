"""Paper sheets count once their judge has confirmed them; signed print-outs are received one by one or together."""

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from portal.audit.models import AuditEntry
from portal.files.models import StoredFile
from portal.notices.models import Notice
from portal.text.errors import Refusal
from rounds.enums import Body, SeatRole, SheetState
from rounds.models import ScoreSheet
from rounds.services import conflicts, paper_sheets, scoring

from ..factories import ConflictFactory, SeatFactory
from .test_scoring import NOW, UNTIL, Bench

pytestmark = pytest.mark.django_db


@pytest.fixture
def bench():
    return Bench()


@pytest.fixture
def secretary(bench):
    return SeatFactory(round=bench.round, body=Body.COUNCIL, role=SeatRole.SECRETARY).user


@pytest.fixture
def scan(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return StoredFile.objects.create(
        sha256="c" * 64, content_type="application/pdf", size=4, content=ContentFile(b"%PDF", "x")
    )


@pytest.fixture
def enter(bench, secretary, scan):
    def act(points="4", actor=None, now=NOW, **other):
        values = {leaf.pk: (other.pop(leaf.code.replace(".", "_"), points), "") for leaf in bench.leaves()}
        return paper_sheets.enter(
            dossier=bench.dossier, judge=bench.judge, values=values, scan=scan, actor=actor or secretary, now=now
        )

    return act


def refusal(call, *args, **facts):
    with pytest.raises(Refusal) as refused:
        call(*args, **facts)
    return refused.value


def test_an_entered_sheet_waits_for_its_judge_and_counts_once_confirmed(bench, enter, secretary):
    sheet = enter()
    sheet.refresh_from_db()
    assert (sheet.state, sheet.total, sheet.entered_by, sheet.submitted_at) == ("entered", Decimal(36), secretary, None)
    assert Notice.objects.get(kind="paper_entered").user == bench.judge
    done = paper_sheets.confirm(sheet=sheet, actor=bench.judge, now=NOW)
    assert (done.state, done.total, done.submitted_at) == (SheetState.SUBMITTED, Decimal(36), NOW)
    actors = AuditEntry.objects.filter(action__startswith="sheet.").order_by("pk").values_list("action", "actor")
    assert list(actors) == [("sheet.enter", secretary.pk), ("sheet.submit", bench.judge.pk)]


def test_a_refused_sheet_is_a_draft_again_and_may_be_entered_anew(bench, enter, secretary):
    back = paper_sheets.refuse(sheet=enter(), reason="Mục 1.1 là 8", actor=bench.judge, now=NOW)
    assert (back.state, back.total) == (SheetState.DRAFT, None)
    assert Notice.objects.get(kind="paper_refused").user == secretary
    assert enter(**{"1_1": "8"}).total == Decimal(40)


def test_each_entry_and_each_return_of_one_day_is_told(bench, enter, secretary):
    for _again in range(2):
        paper_sheets.refuse(sheet=enter(), reason="Mục 1.1 là 8", actor=bench.judge, now=NOW)
    assert Notice.objects.filter(kind="paper_entered", user=bench.judge).count() == 2
    assert Notice.objects.filter(kind="paper_refused", user=secretary).count() == 2


@pytest.mark.parametrize("sent_back", [False, True])
def test_a_conflict_taken_back_leaves_the_paper_sheet_where_it_was(bench, enter, secretary, sent_back):
    sheet = enter()
    if sent_back:
        paper_sheets.refuse(sheet=sheet, reason="Mục 1.1 là 8", actor=bench.judge, now=NOW)
    before = ScoreSheet.objects.values().get()
    conflict = conflicts.declare(dossier=bench.dossier, user=bench.judge, reason="Có vốn góp", now=NOW).conflict
    assert ScoreSheet.objects.get().state == SheetState.VOIDED
    conflicts.withdraw(conflict=conflict, reason="Khai nhầm hồ sơ", actor=secretary, now=NOW)
    assert ScoreSheet.objects.values().get() == before


def test_the_database_gives_a_voided_paper_sheet_back_as_entered_only(bench, enter):
    sheets = ScoreSheet.objects.filter(pk=enter().pk)
    sheets.update(state=SheetState.VOIDED, voided_reason="Xung đột lợi ích")
    for state in (SheetState.DRAFT, SheetState.SUBMITTED):
        with pytest.raises(IntegrityError, match="đúng như trước khi bỏ"), transaction.atomic():
            sheets.update(state=state, voided_reason="")
    assert sheets.update(state=SheetState.ENTERED, voided_reason="") == 1


def test_nobody_but_the_judge_confirms(enter, secretary):
    assert refusal(paper_sheets.confirm, sheet=enter(), actor=secretary, now=NOW).code == "not_yours"


def test_a_paper_sheet_is_whole_and_right_or_not_entered(bench, enter):
    wrong = refusal(enter, **{"2_4": "60", "3_2": "4,3"})
    assert (wrong.code, [detail.split(":")[0] for detail in wrong.details]) == ("wrong_points", ["2.4", "3.2"])
    assert refusal(enter, **{"3_1": ""}).code == "incomplete"
    assert not bench.points()


def test_only_the_secretary_enters_and_not_over_what_the_judge_does_here(bench, enter, secretary):
    assert refusal(enter, actor=bench.judge).code == "not_allowed"
    bench.save(bench.open(), {"1.1": (Decimal(8), "")})
    assert refusal(enter).code == "judge_scoring"
    assert refusal(enter, now=UNTIL).code == "deadline_passed"
    ConflictFactory(dossier=bench.dossier, user=secretary)
    assert refusal(enter).code == "conflict"


def test_an_entered_sheet_is_not_scored_on_nor_changed_by_any_door(bench, enter):
    sheet = enter()
    with pytest.raises(Refusal) as refused:
        bench.save(sheet, {"1.1": (Decimal(9), "")})
    assert refused.value.code == "entered"
    for change in ({"total": 99}, {"remark": "khác"}, {"state": "cannot_assess", "cannot_assess_reason": "x"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            ScoreSheet.objects.filter(pk=sheet.pk).update(**change)
    with pytest.raises(IntegrityError, match="đã khóa"), transaction.atomic():
        sheet.scores.update(points=1)


def test_the_judge_sees_the_scan_and_confirms_on_the_page(client, bench, enter):
    enter()
    client.force_login(bench.judge, backend="django.contrib.auth.backends.ModelBackend")
    page = reverse("judge_sheet", args=[bench.dossier.uuid])
    with time_machine.travel(NOW, tick=False):
        assert "Đúng phiếu của tôi" in client.get(page).content.decode()
        assert b"".join(client.get(f"{page}ban-chup/").streaming_content) == b"%PDF"
        sent = client.post(f"{page}xac-nhan/", {"act": "refuse", "ly-do": ""}, follow=True)
        assert "Hãy ghi điều chưa đúng so với phiếu giấy." in sent.content.decode()
        client.post(f"{page}xac-nhan/", {"act": "confirm"})
    assert ScoreSheet.objects.get().state == SheetState.SUBMITTED
    other = SeatFactory(round=bench.round).user
    client.force_login(other, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(f"{page}ban-chup/").status_code == 404


def test_signed_sheets_are_received_and_the_rest_listed(bench, secretary, scan):
    sheets = []
    for judge in (bench.judge, SeatFactory(round=bench.round).user):
        bench.judge = judge
        sheets.append(scoring.submit_sheet(sheet=bench.full(), actor=judge, now=NOW))
    assert set(paper_sheets.unsigned(bench.round)) == set(sheets)
    sign = {"signed_on": NOW.date(), "actor": secretary, "now": NOW}
    paper_sheets.record_signature(sheets=sheets[:1], scan=scan, **sign)
    assert list(paper_sheets.unsigned(bench.round)) == sheets[1:]
    for facts, code in (
        ({"signed_on": NOW.date() + dt.timedelta(1)}, "signed_in_future"),
        ({"signed_on": NOW.date() - dt.timedelta(1)}, "signed_before_submitted"),
        ({"actor": bench.judge}, "not_allowed"),
        ({"sheets": []}, "nothing_chosen"),
    ):
        assert refusal(paper_sheets.record_signature, **{"sheets": sheets, **sign, **facts}).code == code


def test_a_confirmed_paper_sheet_is_signed_by_its_scan(bench, enter):
    paper_sheets.confirm(sheet=enter(), actor=bench.judge, now=NOW)
    assert not paper_sheets.unsigned(bench.round).exists()
