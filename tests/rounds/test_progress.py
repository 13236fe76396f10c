"""Where every sheet stands, told apart; the quorum by dossier and group; the nudge, never doubled."""

import datetime as dt
import re

import pytest
import time_machine
from django.urls import reverse

from portal.audit.models import AuditEntry
from portal.notices.models import Notice
from portal.text.errors import Refusal
from products.enums import ProductGroup
from rounds.enums import AssignmentMode, Body, RoundState, ScoringPass, SeatRole, SheetState
from rounds.models import DeadlineExtension, Dossier, Nudge, ScoreSheet
from rounds.progress import ORDER, Standing
from rounds.progress_queries import progress
from rounds.progress_words import STATE_WORDS, what_to_do, why_short
from rounds.services import nudging

from .. import factories as make

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 21, 5, 0, tzinfo=dt.UTC)
UNTIL = NOW + dt.timedelta(days=3)


@pytest.fixture(autouse=True)
def frozen():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def round_(province):
    return make.RoundFactory(territory=province, state=RoundState.SCORING, quorum=2, scoring_until=UNTIL, year=2026)


@pytest.fixture
def judges(round_):
    return [make.SeatFactory(round=round_, user__full_name=f"Giám khảo {number}").user for number in range(1, 8)]


@pytest.fixture
def chair(round_):
    return make.SeatFactory(round=round_, body=Body.COUNCIL, role=SeatRole.CHAIR).user


@pytest.fixture
def desk(client, chair):
    """The chair at the desk."""
    client.force_login(chair)
    return client


@pytest.fixture
def secretary(round_):
    return make.SeatFactory(round=round_, body=Body.COUNCIL, role=SeatRole.SECRETARY).user


def sheet(dossier, judge, state=SheetState.SUBMITTED, **more):
    facts = {
        SheetState.DRAFT: {"saved_at": NOW},
        SheetState.SUBMITTED: {"submitted_at": NOW, "saved_at": NOW, "total": 81},
        SheetState.CANNOT_ASSESS: {"submitted_at": NOW, "cannot_assess_reason": "Không có mẫu để xem."},
        SheetState.VOIDED: {"voided_reason": "Từ chối chấm muộn."},
    }[state]
    return make.ScoreSheetFactory(dossier=dossier, judge=judge, state=state, **{**facts, **more})


def entered(dossier, judge, by):
    from django.core.files.base import ContentFile

    from portal.files.services import store

    scan = store(ContentFile(b"%PDF-1.7\n%%EOF\n", name="a.pdf"))
    return make.ScoreSheetFactory(
        dossier=dossier, judge=judge, state=SheetState.ENTERED, entered_by=by, entered_at=NOW, paper_scan=scan, total=70
    )


def read(round_, scoring_pass=ScoringPass.DOSSIER, now=NOW):
    return progress(round_, Dossier.objects.filter(round=round_), scoring_pass, now=now, groups=ProductGroup.values)


@pytest.fixture
def every_state(round_, judges, secretary, settings, tmp_path):
    """One dossier on which each of the seven judges stands elsewhere."""
    settings.MEDIA_ROOT = tmp_path
    dossier = make.DossierFactory(round=round_, entry_code="0001")
    _not_opened, draft, waits, submitted, cannot, recused, voided = judges
    sheet(dossier, draft, SheetState.DRAFT)
    entered(dossier, waits, secretary)
    sheet(dossier, submitted)
    sheet(dossier, cannot, SheetState.CANNOT_ASSESS)
    make.ConflictFactory(dossier=dossier, user=recused)
    sheet(dossier, voided, SheetState.VOIDED)
    return dossier


def test_every_state_is_told_apart_by_dossier_and_by_judge(round_, judges, every_state):
    found = read(round_)
    (line,) = found.lines
    assert [line.states[judge.pk] for judge in judges] == list(ORDER)
    assert [one.counts for one in found.judges] == [{state: 1} for state in ORDER]
    assert (line.valid, line.waiting, line.missing, line.standing) == (1, 3, 1, Standing.WAITING)
    assert [found.total(state) for state in ORDER] == [1] * 7


def test_the_page_says_each_state_in_words_and_no_points(desk, round_, judges, every_state):
    for address in (
        reverse("admin:rounds_round_progress", args=[round_.pk]),
        reverse("admin:rounds_round_progress_dossier", args=[round_.pk, every_state.pk]),
    ):
        page = desk.get(address).content.decode()
        for state, judge in zip(ORDER, judges, strict=True):
            assert str(STATE_WORDS[state]) in page
            assert str(judge) in page
        assert not re.search(r"(?<!\d)81(?!\d)", re.sub(r"<[^>]*>", " ", page))
    page = desk.get(reverse("admin:rounds_round_progress", args=[round_.pk])).content.decode()
    for state, judge in zip(ORDER, judges, strict=True):
        assert f'<li class="mark mark--{state}" title="{judge}: {str(STATE_WORDS[state]).lower()}">' in page


@pytest.mark.parametrize("filled", [0, 1, 2])
def test_a_dossier_is_short_when_those_who_can_still_hand_in_are_too_few(round_, judges, filled):
    dossier = make.DossierFactory(round=round_)
    for judge in judges[filled:]:
        make.ConflictFactory(dossier=dossier, user=judge)
    (line,) = read(round_).lines
    assert line.is_short == (filled < 2)
    if filled == 1:
        assert why_short(line) == "Có 0 phiếu hợp lệ, cần 2: 6 người từ chối chấm."
        assert what_to_do(line, AssignmentMode.ASSIGNED) == "Hãy phân thêm giám khảo cho hồ sơ này."


def test_the_deadline_makes_what_is_missing_short_to_the_second(round_, judges):
    dossier = make.DossierFactory(round=round_)
    sheet(dossier, judges[0])
    DeadlineExtension.objects.create(
        round=round_, judge=judges[1], until=UNTIL + dt.timedelta(hours=1), reason="Ốm", granted_by=judges[2],
        granted_at=NOW,
    )  # fmt: skip
    second = dt.timedelta(seconds=1)
    assert read(round_, now=UNTIL - second).lines[0].standing == Standing.WAITING
    assert read(round_, now=UNTIL).lines[0].standing == Standing.WAITING, "one judge has an hour more"
    assert read(round_, now=UNTIL + dt.timedelta(hours=1) - second).lines[0].standing == Standing.WAITING
    late = read(round_, now=UNTIL + dt.timedelta(hours=1)).lines[0]
    assert late.standing == Standing.SHORT
    assert why_short(late) == "Có 1 phiếu hợp lệ, cần 2: 6 phiếu chưa nộp khi đã hết hạn."
    assert what_to_do(late, AssignmentMode.EVERYONE) == "Hãy gia hạn chấm cho người chưa nộp."


def test_groups_put_those_in_need_first_and_add_up(round_, judges):
    done, waiting, short = [
        make.DossierFactory(round=round_, entry_code=code, product__group="handicraft") for code in ("1", "2", "3")
    ]
    for judge in judges:
        sheet(done, judge)
        make.ConflictFactory(dossier=short, user=judge)
    (group,) = read(round_).groups
    assert [line.entry.code for line in group.lines] == ["3", "2", "1"]
    assert (group.short, group.waiting, group.enough, group.valid, group.due) == (1, 1, 1, 7, 14)
    assert {waiting.pk, done.pk, short.pk} == {line.entry.pk for line in group.lines}


def test_the_two_passes_are_counted_apart(round_, judges):
    round_.has_site_pass = True
    round_.save()
    dossier = make.DossierFactory(round=round_)
    sheet(dossier, judges[0], scoring_pass=ScoringPass.SITE)
    assert read(round_).lines[0].valid == 0
    assert read(round_, ScoringPass.SITE).lines[0].valid == 1


def test_a_dossier_the_reader_stands_aside_from_is_not_on_the_page(client, round_, judges, chair):
    hidden, seen = make.DossierFactory.create_batch(2, round=round_)
    make.ConflictFactory(dossier=hidden, user=chair)
    client.force_login(chair)
    page = client.get(reverse("admin:rounds_round_progress", args=[round_.pk])).content.decode()
    assert seen.product.name in page
    assert hidden.product.name not in page
    assert client.get(reverse("admin:rounds_round_progress_dossier", args=[round_.pk, hidden.pk])).status_code == 404


@pytest.mark.parametrize(("query", "rows"), [("", 3), ("xem=thieu", 1), ("trang-thai=draft", 1), ("nhom=other", 0)])
def test_filters_show_exactly_what_they_say(desk, round_, judges, query, rows):
    done, started, short = make.DossierFactory.create_batch(3, round=round_, product__group="handicraft")
    for judge in judges:
        sheet(done, judge)
        make.ConflictFactory(dossier=short, user=judge)
    sheet(started, judges[0], SheetState.DRAFT)
    page = desk.get(reverse("admin:rounds_round_progress", args=[round_.pk]) + f"?{query}")
    assert page.context["shown"] == rows


@pytest.mark.parametrize(
    "query", ["giam-khao=x", "giam-khao=99999999999999999999999", "trang-thai=xyz", "luot=site&nhom=?"]
)
def test_unknown_filters_are_ignored(client, round_, judges, chair, query):
    make.DossierFactory(round=round_)
    client.force_login(chair)
    page = client.get(reverse("admin:rounds_round_progress", args=[round_.pk]) + f"?{query}")
    assert page.status_code == 200
    assert page.context["shown"] == 1


@pytest.mark.parametrize("number", [1, 3, 50])
def test_the_page_costs_the_same_for_any_number_of_dossiers(desk, round_, judges, django_assert_num_queries, number):
    for dossier in make.DossierFactory.create_batch(number, round=round_):
        sheet(dossier, judges[0])
        sheet(dossier, judges[1], SheetState.DRAFT)
    address = reverse("admin:rounds_round_progress", args=[round_.pk])
    desk.get(address)
    with django_assert_num_queries(QUERIES):
        desk.get(address)


QUERIES = 27


# --- the nudge ----------------------------------------------------------------------------------------------


def nudge(round_, actor, judges=None, now=NOW, scoring_pass=ScoringPass.DOSSIER):
    return nudging.nudge(round_=round_, scoring_pass=scoring_pass, judges=judges, actor=actor, now=now)


def test_a_nudge_says_what_is_missing_until_when_and_once_an_hour(round_, judges, chair, mailoutbox):
    first, second = [make.DossierFactory(round=round_, entry_code=code) for code in ("0002", "0001")]
    sheet(first, judges[0], SheetState.DRAFT)
    for judge in judges[1:]:
        sheet(first, judge)
        sheet(second, judge)
    assert nudge(round_, chair) == nudging.Nudged(told=1, just_told=0, over=0)
    row = Nudge.objects.get()
    assert (row.judge, row.missing, row.until, row.sent_by) == (judges[0], 2, UNTIL, chair)
    notice = Notice.objects.get(kind="scoring_nudge")
    assert notice.user == judges[0]
    assert notice.title == f"Còn 2 phiếu chấm chưa nộp: {round_.title}"
    assert notice.body == (
        f"Bạn còn 2 phiếu chưa nộp trong {round_.title}. Trong đó có 1 hồ sơ chưa mở; 1 phiếu đang chấm dở.\n\n"
        "Hồ sơ: 0001, 0002.\n\n"
        "Hạn nộp là trước 12:00 ngày 24/11/2026, tính theo giờ của máy chủ.\n\n"
        "Việc cần làm: mở trang Chấm điểm, chấm và nộp các phiếu này, hoặc báo không đánh giá được."
    )
    hour = dt.timedelta(hours=1)
    assert nudge(round_, chair, now=NOW + hour - dt.timedelta(seconds=1)) == nudging.Nudged(0, 1, 0)
    assert nudge(round_, chair, now=NOW + hour) == nudging.Nudged(1, 0, 0)
    assert Notice.objects.filter(kind="scoring_nudge").count() == 2
    assert AuditEntry.objects.filter(action="round.judges_nudged").count() == 2


def test_one_judge_can_be_nudged_alone_and_who_owes_nothing_never(round_, judges, chair):
    dossier = make.DossierFactory(round=round_)
    sheet(dossier, judges[0])
    assert nudge(round_, chair, [judges[1].pk]).told == 1
    with pytest.raises(Refusal, match="không có ai để nhắc"):
        nudge(round_, chair, [judges[0].pk])
    with pytest.raises(Refusal, match="không có ai để nhắc"):
        nudge(round_, chair, [make.UserFactory().pk])


def test_nobody_is_nudged_once_the_time_is_over_or_outside_scoring(round_, judges, chair):
    make.DossierFactory(round=round_)
    assert nudge(round_, chair, now=UNTIL - dt.timedelta(seconds=1)).told == 7
    with pytest.raises(Refusal, match="Hãy gia hạn chấm trước"):
        nudge(round_, chair, now=UNTIL)
    round_.state = RoundState.DELIBERATION
    round_.save()
    with pytest.raises(Refusal, match="không ở bước chấm điểm"):
        nudge(round_, chair)


def test_only_those_who_run_the_scoring_nudge(round_, judges):
    make.DossierFactory(round=round_)
    with pytest.raises(Refusal, match="được nhắc giám khảo"):
        nudge(round_, judges[0])


def test_the_portal_reminds_before_the_deadline_once_for_each_window(round_, judges):
    dossier = make.DossierFactory(round=round_)
    for judge in judges[1:]:
        sheet(dossier, judge)
    minute = dt.timedelta(minutes=1)

    def run(before):
        return nudging.remind_all(now=UNTIL - before)

    assert run(dt.timedelta(hours=24) + minute) == 0
    assert run(dt.timedelta(hours=24)) == 1
    assert run(dt.timedelta(hours=23)) == 0
    assert run(dt.timedelta(hours=2)) == 1
    assert run(minute) == 0
    assert run(-minute) == 0
    assert list(Nudge.objects.order_by("sent_at").values_list("hours_before", flat=True)) == [24, 2]
    assert Notice.objects.filter(kind="scoring_nudge", user=judges[0]).count() == 2


def test_of_two_reminders_slept_through_only_the_last_is_sent(round_, judges):
    make.DossierFactory(round=round_)
    assert nudging.remind_all(now=UNTIL - dt.timedelta(minutes=30)) == 7
    assert set(Nudge.objects.values_list("hours_before", flat=True)) == {2}


def test_an_extended_deadline_is_reminded_of_anew(round_, judges, chair):
    make.DossierFactory(round=round_)
    assert nudging.remind_all(now=UNTIL - dt.timedelta(hours=20)) == 7
    DeadlineExtension.objects.create(
        round=round_, judge=judges[0], until=UNTIL + dt.timedelta(days=2), reason="Ốm", granted_by=chair, granted_at=NOW
    )
    assert nudging.remind_all(now=UNTIL + dt.timedelta(days=1, hours=12)) == 1


def test_a_judge_nudged_by_hand_is_not_reminded_within_the_hour(round_, judges, chair):
    make.DossierFactory(round=round_)
    when = UNTIL - dt.timedelta(hours=2, minutes=30)
    nudge(round_, chair, [judges[0].pk], now=when)
    assert nudging.remind_all(now=when + dt.timedelta(minutes=40)) == 6
    assert nudging.remind_all(now=when + dt.timedelta(minutes=60)) == 1


def test_the_buttons_of_the_page_nudge_one_or_all(client, round_, judges, chair):
    make.DossierFactory(round=round_)
    client.force_login(chair)
    address = reverse("admin:rounds_round_nudge", args=[round_.pk])
    page = client.post(address, {"judge": judges[0].pk, "luot": "dossier"}, follow=True)
    assert [str(message) for message in page.context["messages"]] == ["Đã nhắc 1 giám khảo."]
    page = client.post(address, {"luot": "dossier"}, follow=True)
    assert [str(message) for message in page.context["messages"]] == [
        "Đã nhắc 6 giám khảo. 1 giám khảo đã được nhắc trong vòng một giờ nên không nhắc lại."
    ]
    assert client.get(address).status_code == 302
    assert ScoreSheet.objects.count() == 0


def test_beat_runs_the_reminders(settings):
    from rounds.tasks import remind_late_judges

    assert "rounds.tasks.remind_late_judges" in {row["task"] for row in settings.CELERY_BEAT_SCHEDULE.values()}
    assert remind_late_judges() == {"told": 0}
