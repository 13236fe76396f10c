import pytest
from django.utils import timezone

from rounds import queries
from rounds.enums import Body, ScoringPass, SeatRole, SheetState
from rounds.models import Conflict, ScoreSheet, Seat
from rounds.sheet_states import hands_of
from tests.factories import DossierFactory, RoundFactory, ScoreSheetFactory, SeatFactory

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def round_(province):
    return RoundFactory(territory=province, state="scoring")


@pytest.fixture
def dossier(round_):
    return DossierFactory(round=round_, state="eligible", entry_code="001")


def judges(round_, count):
    return [SeatFactory(round=round_, body=Body.JURY, role=SeatRole.JUDGE).user for _number in range(count)]


def of(round_, dossier, scoring_pass=ScoringPass.DOSSIER):
    return queries.sheet_states(round_)[dossier.pk][scoring_pass]


def test_the_states_of_a_dossier_are_told_apart(round_, dossier):
    unopened, drafting, done, unable, away = judges(round_, 5)
    ScoreSheetFactory(dossier=dossier, judge=drafting)
    ScoreSheetFactory(dossier=dossier, judge=done, state=SheetState.SUBMITTED, submitted_at=NOW, total=80)
    ScoreSheetFactory(
        dossier=dossier,
        judge=unable,
        state=SheetState.CANNOT_ASSESS,
        submitted_at=NOW,
        total=None,
        cannot_assess_reason="Không rõ",
    )
    Conflict.objects.create(dossier=dossier, user=away, reason="Góp vốn", declared_at=NOW)
    assert of(round_, dossier) == {
        unopened.pk: "not_opened",
        drafting.pk: "draft",
        done.pk: "submitted",
        unable.pk: "cannot_assess",
        away.pk: "recused",
    }
    hands = hands_of(queries.sheet_states(round_)[dossier.pk])
    assert (hands.due, hands.waiting, hands.submitted, hands.cannot_assess, hands.recused) == (4, 2, 1, 1, 1)


def test_a_late_recusal_shows_as_recused_and_a_sheet_voided_for_another_cause_as_voided(round_, dossier):
    away, wrong = judges(round_, 2)
    for judge in (away, wrong):
        ScoreSheetFactory(dossier=dossier, judge=judge, state=SheetState.VOIDED, voided_reason="Lý do")
    Conflict.objects.create(dossier=dossier, user=away, reason="Góp vốn", declared_at=NOW)
    assert of(round_, dossier) == {away.pk: "recused", wrong.pk: "voided"}
    assert hands_of(queries.sheet_states(round_)[dossier.pk]).due == 0


def test_who_left_the_jury_is_counted_by_the_sheet_handed_in_and_never_by_a_draft(round_, dossier):
    handed_in, drafted = judges(round_, 2)
    ScoreSheetFactory(dossier=dossier, judge=handed_in, state=SheetState.SUBMITTED, submitted_at=NOW, total=80)
    ScoreSheetFactory(dossier=dossier, judge=drafted)
    Seat.objects.filter(round=round_).update(until=NOW.date(), until_reason="Chuyển công tác")
    assert of(round_, dossier) == {handed_in.pk: "submitted"}


def test_each_pass_has_its_own_states(round_, dossier):
    (judge,) = judges(round_, 1)
    round_.has_site_pass = True
    round_.save()
    ScoreSheetFactory(
        dossier=dossier,
        judge=judge,
        scoring_pass=ScoringPass.SITE,
        state=SheetState.SUBMITTED,
        submitted_at=NOW,
        total=9,
    )
    assert of(round_, dossier) == {judge.pk: "not_opened"}
    assert of(round_, dossier, ScoringPass.SITE) == {judge.pk: "submitted"}


@pytest.mark.parametrize("number", [1, 3, 30])
def test_the_states_of_a_round_take_as_many_queries_for_one_dossier_as_for_thirty(
    round_, number, django_assert_num_queries
):
    for judge in judges(round_, 2):
        for dossier in DossierFactory.create_batch(number, round=round_, state="eligible"):
            ScoreSheetFactory(dossier=dossier, judge=judge)
    with django_assert_num_queries(6):
        queries.sheet_states(round_)
    assert ScoreSheet.objects.count() == number * 2
