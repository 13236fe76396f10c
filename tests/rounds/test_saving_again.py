"""The same save sent again: answered as the first time, written once; other content under its key is refused."""

import datetime as dt
import json
from decimal import Decimal
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse

from portal.text.errors import Refusal
from rounds.enums import RoundState
from rounds.models import Score, ScoreSheet, SheetSave
from rounds.services import scoring
from rounds.services.forgetting import forget_saves

from .test_scoring import NOW, SECOND, UNTIL, Bench

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


@pytest.fixture
def bench():
    return Bench()


@pytest.fixture
def key():
    return uuid4()


def test_a_save_sent_again_with_its_key_is_answered_as_the_first_time(bench, key):
    sheet = bench.open()
    first = bench.save(sheet, {"1.1": ("8", ""), "2.4": ("60", "")}, revision=0, key=key)
    bench.save(sheet, {"1.1": ("9", "")}, revision=1)
    again = bench.save(sheet, {"1.1": ("8", ""), "2.4": ("60", "")}, revision=0, key=key, now=NOW + SECOND)
    assert (again.revision, again.saved_at, again.faults) == (first.revision, first.saved_at, first.faults)
    assert (again.written, bench.points()) == (0, {"1.1": Decimal(9)})


def test_other_content_under_a_key_is_refused_whatever_revision_it_claims(bench, key):
    sheet = bench.open()
    bench.save(sheet, {"1.1": ("8", "")}, revision=0, key=key)
    for revision in (0, 1, 7):
        with pytest.raises(Refusal) as refused:
            bench.save(sheet, {"1.1": ("3", "")}, revision=revision, key=key)
        assert refused.value.code == "key_reused"
    assert (bench.points(), SheetSave.objects.count()) == ({"1.1": Decimal(8)}, 1)
    assert ScoreSheet.objects.get().revision == 1


def test_a_save_that_changed_nothing_keeps_its_key_too(bench, key):
    sheet = bench.save(bench.open(), {"1.1": ("8", "")}, revision=0).sheet
    bench.save(sheet, {"1.1": ("8", "")}, revision=1, key=key)
    assert bench.save(sheet, {"1.1": ("8", "")}, revision=1, key=key).revision == 1
    with pytest.raises(Refusal) as refused:
        bench.save(sheet, {"1.1": ("9", "")}, revision=1, key=key)
    assert refused.value.code == "key_reused"


def test_what_was_saved_in_time_is_acknowledged_after_the_deadline_and_after_handing_in(bench, key):
    sheet = bench.full()
    bench.save(sheet, {"1.1": ("9", "")}, revision=1, key=key)
    scoring.submit_sheet(sheet=sheet, actor=bench.judge, now=NOW)
    again = bench.save(sheet, {"1.1": ("9", "")}, revision=1, key=key, now=UNTIL + SECOND)
    assert (again.revision, again.written) == (2, 0)


def test_one_key_on_two_sheets_is_two_saves(bench, key):
    other = Bench()
    for found in (bench, other):
        assert found.save(found.open(), {"1.1": ("8", "")}, revision=0, key=key).written == 1


def test_a_judge_removed_meanwhile_gets_no_answer_again(bench, key):
    sheet = bench.open()
    bench.save(sheet, {"1.1": ("8", "")}, revision=0, key=key)
    bench.seat.until, bench.seat.until_reason = NOW.date(), "Thay người"
    bench.seat.save()
    with pytest.raises(Refusal) as refused:
        bench.save(sheet, {"1.1": ("8", "")}, revision=0, key=key)
    assert refused.value.code == "not_seated"


@pytest.fixture
def page(client, bench):
    client.force_login(bench.judge, backend="django.contrib.auth.backends.ModelBackend")
    url = reverse("judge_save", args=[bench.dossier.uuid])

    def post(values, revision=0, **more):
        body = {"revision": revision, "values": {str(pk): value for pk, value in values.items()}, **more}
        return client.post(url, json.dumps(body), content_type="application/json")

    with time_machine.travel(NOW, tick=False):
        yield post


def test_the_server_killed_between_write_and_answer_doubles_nothing(client, bench, page, key, monkeypatch):
    """The write is committed, the answer is lost; the browser sends the same again."""
    client.raise_request_exception = False
    with monkeypatch.context() as killed:
        killed.setattr("rounds.judging._clock", lambda *_args: (_ for _ in ()).throw(SystemError("killed")))
        assert page({bench.leaf("1.1").pk: {"points": "8"}}, key=str(key)).status_code == 500
    assert ScoreSheet.objects.get().revision == 1
    answer = page({bench.leaf("1.1").pk: {"points": "8"}}, key=str(key))
    assert (answer.status_code, answer.json()["revision"]) == (200, 1)
    assert (Score.objects.count(), SheetSave.objects.count(), ScoreSheet.objects.get().revision) == (1, 1, 1)


def test_a_reused_key_is_told_in_words(bench, page, key):
    page({bench.leaf("1.1").pk: {"points": "8"}}, key=str(key))
    answer = page({bench.leaf("1.1").pk: {"points": "9"}}, revision=1, key=str(key))
    assert (answer.status_code, answer.json()["code"]) == (422, "key_reused")
    assert answer.json()["sentence"].startswith("Máy chủ đã nhận lần gửi này với nội dung khác")


@pytest.mark.parametrize("key", ["", "x", 7, []])
def test_a_key_that_is_none_is_malformed(bench, page, key):
    assert page({}, key=key).json()["code"] == "malformed"


def test_an_altered_offline_sheet_gets_a_sentence_for_each_and_the_right_ones_are_saved(bench, page, key):
    strange = Bench().leaf("1.1").pk
    answer = page(
        {
            bench.leaf("1.1").pk: {"points": "8"},
            bench.leaf("2.4").pk: {"points": "600"},
            bench.leaf("3.2").pk: {"points": "4.3"},
            strange: {"points": "1"},
        },
        key=str(key),
    ).json()
    assert set(answer["faults"]) == {str(bench.leaf("2.4").pk), str(bench.leaf("3.2").pk), str(strange)}
    assert bench.points() == {"1.1": Decimal(8)}


def test_the_phones_clock_decides_nothing_and_the_servers_is_told(bench, page, key):
    answer = page({bench.leaf("1.1").pk: {"points": "8"}}, key=str(key), saved_at="2031-01-01T00:00:00Z").json()
    assert (answer["saved_at"], answer["server_time"]) == ("14:32", "2026-11-21T07:32:00+00:00")
    with time_machine.travel(UNTIL, tick=False):
        late = page({bench.leaf("1.1").pk: {"points": "9"}}, 1, key=str(uuid4()), now="2026-11-21T00:00:00Z")
    assert (late.status_code, late.json()["code"]) == (409, "deadline_passed")


def test_keys_are_forgotten_a_week_after_the_scoring_and_no_scores_with_them(bench, key):
    bench.save(bench.open(), {"1.1": ("8", "")}, revision=0, key=key)
    later = NOW + 8 * DAY
    assert forget_saves(now=later) == 0
    bench.round.state = RoundState.DELIBERATION
    bench.round.save()
    assert [forget_saves(now=NOW + DAY), forget_saves(now=later)] == [0, 1]
    assert bench.points() == {"1.1": Decimal(8)}
