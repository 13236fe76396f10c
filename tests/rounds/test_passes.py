"""Two passes, each with its own sheet, its own deadline and its own pages; extensions to the second."""

import datetime as dt
import json
from decimal import Decimal

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse

from portal.audit.models import AuditEntry
from portal.notices.models import Notice
from portal.text.errors import Refusal
from rounds.deadlines_of import Deadlines, until
from rounds.enums import Body, ScoringPass, SeatRole, SheetState
from rounds.judge_list import benches
from rounds.judge_pass import weight_in_words
from rounds.models import DeadlineExtension, ScoreSheet
from rounds.services import extensions, scoring

from ..factories import SeatFactory, UserFactory
from .test_scoring import NOW, SECOND, UNTIL, Bench

pytestmark = pytest.mark.django_db

SITE = ScoringPass.SITE
HOUR = dt.timedelta(hours=1)
SITE_UNTIL = UNTIL + 24 * HOUR


@pytest.fixture
def bench():
    return Bench(has_site_pass=True, site_scoring_from=NOW, site_scoring_until=SITE_UNTIL)


@pytest.fixture
def chair(bench):
    return SeatFactory(round=bench.round, body=Body.COUNCIL, role=SeatRole.CHAIR).user


def opened(bench, now=NOW, scoring_pass=SITE):
    return scoring.open_sheet(dossier=bench.dossier, judge=bench.judge, now=now, scoring_pass=scoring_pass)


def refusal(call, *args, **facts):
    with pytest.raises(Refusal) as refused:
        call(*args, **facts)
    return refused.value.code


def extend(bench, actor, moment, judge=None, scoring_pass=ScoringPass.DOSSIER):
    return extensions.extend(
        round_=bench.round,
        judge=judge,
        scoring_pass=scoring_pass,
        until=moment,
        reason="Mất điện",
        actor=actor,
        now=NOW,
    )


# Sheets of two passes


def test_a_judge_has_one_sheet_in_each_pass_and_neither_holds_the_others_points(bench):
    paper, site = bench.open(), opened(bench)
    assert paper.pk != site.pk
    bench.save(site, {"1.1": (Decimal(3), "")})
    assert (paper.scores.count(), site.scores.count()) == (0, 1)
    assert opened(bench).pk == site.pk


def test_a_round_without_the_site_pass_refuses_it_in_words_and_in_the_database():
    bench = Bench()
    assert refusal(opened, bench) == "no_site_pass"
    with pytest.raises(IntegrityError, match="không chấm tại chỗ"), transaction.atomic():
        ScoreSheet.objects.create(dossier=bench.dossier, judge=bench.judge, scoring_pass=SITE)


def test_a_sheet_never_moves_to_the_other_pass(bench):
    sheet = opened(bench)
    with pytest.raises(IntegrityError, match="không đổi lượt chấm"), transaction.atomic():
        ScoreSheet.objects.filter(pk=sheet.pk).update(scoring_pass=ScoringPass.DOSSIER)


@pytest.mark.parametrize(
    ("now", "code"),
    [
        (NOW - SECOND, "not_begun"),
        (NOW, None),
        (NOW + SECOND, None),
        (SITE_UNTIL - SECOND, None),
        (SITE_UNTIL, "deadline_passed"),
        (SITE_UNTIL + SECOND, "deadline_passed"),
    ],
)
def test_the_site_pass_is_open_from_its_beginning_up_to_its_own_deadline(bench, now, code):
    if code:
        assert refusal(opened, bench, now) == code
    else:
        assert opened(bench, now).scoring_pass == SITE


def test_each_pass_has_its_own_deadline(bench):
    assert refusal(bench.open, UNTIL) == "deadline_passed"
    assert opened(bench, UNTIL).pk


# Extensions


@pytest.mark.parametrize("scoring_pass", ScoringPass.values)
@pytest.mark.parametrize("alone", [True, False])
def test_an_extension_holds_to_the_second(bench, chair, scoring_pass, alone):
    later = (SITE_UNTIL if scoring_pass == SITE else UNTIL) + HOUR
    extend(bench, chair, later, bench.judge if alone else None, scoring_pass)
    sheet = opened(bench, later - 2 * SECOND, scoring_pass)
    assert bench.save(sheet, {"1.1": (Decimal(1), "")}, now=later - SECOND).written == 1
    for now in (later, later + SECOND):
        with pytest.raises(Refusal) as refused:
            bench.save(sheet, {"1.1": (Decimal(2), "")}, revision=1, now=now)
        assert refused.value.code == "deadline_passed"
        assert "18:00" in str(refused.value)


def test_an_extension_for_one_judge_is_nobody_elses_and_of_no_other_pass(bench, chair):
    other = SeatFactory(round=bench.round).user
    extend(bench, chair, UNTIL + HOUR, other)
    assert (until(bench.round, other), until(bench.round, bench.judge)) == (UNTIL + HOUR, UNTIL)
    assert until(bench.round, other, SITE) == SITE_UNTIL
    assert refusal(bench.open, UNTIL) == "deadline_passed"


def test_of_several_deadlines_the_latest_counts(bench, chair):
    extend(bench, chair, UNTIL + 3 * HOUR, bench.judge)
    extend(bench, chair, UNTIL + HOUR)
    found = Deadlines.of(bench.round)
    assert (found.general, found.until(bench.judge.pk), found.last) == (UNTIL + HOUR, *[UNTIL + 3 * HOUR] * 2)
    assert Deadlines.of(Bench(scoring_until=None).round).last is None


def test_an_extension_is_told_to_those_concerned_and_written_down(bench, chair):
    other = SeatFactory(round=bench.round).user
    extend(bench, chair, UNTIL + HOUR, other)
    extend(bench, chair, UNTIL + 2 * HOUR)
    told = Notice.objects.filter(kind="scoring_extended").values_list("user", flat=True)
    assert sorted(told) == sorted([other.pk, other.pk, bench.judge.pk])
    entry = AuditEntry.objects.filter(action="scoring.extend").order_by("pk").first()
    assert (entry.actor, entry.reason) == (chair, "Mất điện")
    assert str(other) in entry.sentence


def test_no_extension_is_shorter_or_past_or_by_just_anyone(bench, chair):
    assert refusal(extend, bench, chair, UNTIL) == "not_later"
    assert refusal(extend, bench, chair, NOW) == "in_the_past"
    assert refusal(extend, bench, bench.judge, UNTIL + HOUR) == "not_allowed"
    assert refusal(extend, bench, chair, UNTIL + HOUR, UserFactory()) == "not_seated"
    assert refusal(extend, Bench(), None, UNTIL + HOUR, None, SITE) == "no_site_pass"
    assert not DeadlineExtension.objects.exists()


def test_an_extension_is_never_changed_or_removed(bench, chair):
    made = extend(bench, chair, UNTIL + HOUR)
    for act in (
        lambda: DeadlineExtension.objects.filter(pk=made.pk).update(until=UNTIL + 9 * HOUR),
        lambda: DeadlineExtension.objects.filter(pk=made.pk).delete(),
    ):
        with pytest.raises(IntegrityError, match="giữ nguyên"), transaction.atomic():
            act()


# Pages


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def test_the_list_shows_both_passes_and_which_counts(client, bench, clock):
    client.force_login(bench.judge, backend="django.contrib.auth.backends.ModelBackend")
    scoring.submit_sheet(sheet=bench.full(), actor=bench.judge, now=NOW)
    states = [[line.state for line in found.lines] for found in benches(bench.judge)]
    assert states == [[SheetState.SUBMITTED], ["todo"]]
    words = client.get("/cham-diem/").content.decode()
    assert "Kết quả tính 50% điểm chấm trên hồ sơ và 50% điểm chấm tại chỗ." in words
    assert reverse("judge_site_sheet", args=[bench.dossier.uuid]) in words


@pytest.mark.parametrize(
    ("weight", "words"), [(0, "chỉ tính lượt chấm trên hồ sơ"), (100, "chỉ tính lượt chấm tại chỗ")]
)
def test_a_pass_that_does_not_count_is_said_to_be_for_reference(bench, weight, words):
    bench.round.site_weight = weight
    assert words in weight_in_words(bench.round)


def test_the_site_sheet_is_saved_and_handed_in_at_its_own_addresses(client, bench, clock):
    client.force_login(bench.judge, backend="django.contrib.auth.backends.ModelBackend")
    page = reverse("judge_site_sheet", args=[bench.dossier.uuid])
    shown = client.get(page).content.decode()
    assert f'data-save="{page}luu/"' in shown
    values = {str(leaf.pk): {"points": "4"} for leaf in bench.leaves()}
    body = json.dumps({"revision": 0, "values": values})
    assert client.post(f"{page}luu/", body, content_type="application/json").json()["revision"] == 1
    assert client.post(f"{page}nop/", {"lan-luu": "1"}).headers["Location"] == page
    sheet = ScoreSheet.objects.get()
    assert (sheet.scoring_pass, sheet.state) == (SITE, SheetState.SUBMITTED)
    assert "Chưa có điểm nào" in client.get(reverse("judge_sheet", args=[bench.dossier.uuid])).content.decode()


def test_the_site_pages_of_a_round_without_the_pass_are_not_there(client, clock):
    bench = Bench()
    client.force_login(bench.judge, backend="django.contrib.auth.backends.ModelBackend")
    response = client.get(reverse("judge_site_sheet", args=[bench.dossier.uuid]))
    assert response.status_code == 403
    assert bench.dossier.product.name not in response.content.decode()
