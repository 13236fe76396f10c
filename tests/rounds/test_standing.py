"""One answer to "who stands aside", whichever door asks."""

import pytest
from django.db import IntegrityError, transaction
from django.db.models import OuterRef

from portal.text.errors import Refusal
from rounds import judge_queries, queries
from rounds.enums import AssignmentMode
from rounds.models import Conflict, Dossier, ScoreSheet
from rounds.official.links import stands_aside
from rounds.services import scoring
from rounds.standing import no_standing_conflict, standing_conflict, standing_pairs

from ..factories import ConflictFactory, RepresentativeFactory
from .test_scoring import NOW, Bench

pytestmark = pytest.mark.django_db


def nothing(bench):
    pass


def declared(bench):
    ConflictFactory(dossier=bench.dossier, user=bench.judge)


def detected(bench):
    ConflictFactory(
        dossier=bench.dossier, user=bench.judge, origin="detected", basis="name", evidence="a\nb", evidence_key="k"
    )


def taken_back(bench):
    declared(bench)
    Conflict.objects.update(withdrawn_at=NOW)


def speaks(bench):
    RepresentativeFactory(facility=bench.dossier.product.facility, user=bench.judge)


def spoke(bench):
    RepresentativeFactory(
        facility=bench.dossier.product.facility, user=bench.judge, state="ended", reason="Thôi", decided_at=NOW
    )


def speaks_for_another(bench):
    RepresentativeFactory(user=bench.judge)


def of_another_dossier(bench):
    ConflictFactory(user=bench.judge)


CASES = [
    (nothing, False),
    (declared, True),
    (detected, True),
    (taken_back, False),
    (speaks, True),
    (spoke, False),
    (speaks_for_another, False),
    (of_another_dossier, False),
]


def database_refuses(bench):
    mark = transaction.savepoint()
    try:
        with transaction.atomic():
            ScoreSheet.objects.create(dossier=bench.dossier, judge=bench.judge)
    except IntegrityError:
        return True
    transaction.savepoint_rollback(mark)
    return False


def opening_refuses(bench):
    mark = transaction.savepoint()
    try:
        with transaction.atomic():
            scoring.open_sheet(dossier=bench.dossier, judge=bench.judge, now=NOW)
    except Refusal as refusal:
        return refusal.code == "conflict"
    transaction.savepoint_rollback(mark)
    return False


@pytest.mark.parametrize(("case", "aside"), CASES, ids=[case.__name__ for case, _aside in CASES])
def test_every_door_says_the_same(bench, case, aside):
    case(bench)
    user, own = bench.judge, Dossier.objects.filter(pk=bench.dossier.pk)
    answers = {
        "query": own.filter(standing_conflict(user, OuterRef("pk"))).exists(),
        "query by facility": own.filter(
            standing_conflict(user, OuterRef("pk"), OuterRef("product__facility"))
        ).exists(),
        "its opposite": not own.filter(no_standing_conflict(user, OuterRef("pk"))).exists(),
        "pairs": user.pk in standing_pairs(bench.round).get(bench.dossier.pk, ()),
        "without_conflict": not own.without_conflict(user).exists(),
        "for_judge": not own.for_judge(user).exists(),
        "judged_dossiers": not judge_queries.judged_dossiers(user).exists(),
        "recused_dossiers": judge_queries.recused_dossiers(user).exists(),
        "official forms": stands_aside(user, bench.round),
        "board": queries.board(bench.round)[0].due == 0,
        "opening": opening_refuses(bench),
        "database": database_refuses(bench),
    }
    assert {name: answer for name, answer in answers.items() if answer is not aside} == {}


@pytest.fixture
def bench():
    found = Bench()
    assert found.round.assignment == AssignmentMode.EVERYONE
    return found
