"""Whoever speaks for a facility is a party to its dossiers: never judge, checker or secretary of them as well."""

import datetime as dt

import pytest

from portal.text.errors import Refusal
from rounds import judge_queries, queries
from rounds.enums import DocumentKind
from rounds.models import Dossier
from rounds.services import dossiers, papers, scoring
from tests import factories

from . import helpers
from .helpers import NOON


@pytest.fixture
def scored(province, officer):
    return helpers.scoring_round(province, officer)


@pytest.fixture
def submitted(province, officer):
    """A dossier whose facility the officer of the receiving office speaks for."""
    dossier = helpers.submitted(helpers.receiving_round(province, officer), officer)
    factories.RepresentativeFactory(facility=dossier.product.facility, user=officer)
    return dossier


def refused(act, **facts):
    with pytest.raises(Refusal) as caught:
        act(**facts)
    return caught.value.code


def test_a_judge_does_not_score_the_own_facility(scored):
    own, other = scored.dossiers.order_by("pk")
    judge = helpers.judges_of(scored)[0]
    factories.RepresentativeFactory(facility=own.product.facility, user=judge)
    assert list(Dossier.objects.for_judge(judge)) == [other]
    assert list(judge_queries.recused_dossiers(judge)) == [own]
    assert refused(scoring.open_sheet, dossier=own, judge=judge, now=NOON) == "conflict"


def test_a_sheet_opened_before_is_not_written_on_any_more(scored):
    own = scored.dossiers.order_by("pk").first()
    judge = helpers.judges_of(scored)[0]
    sheet = factories.ScoreSheetFactory(dossier=own, judge=judge)
    factories.RepresentativeFactory(facility=own.product.facility, user=judge)
    kept = {"values": {}, "revision": sheet.revision, "actor": judge, "now": NOON}
    assert refused(scoring.save_scores, sheet=sheet, **kept) == "conflict"


def test_no_sheet_is_waited_for_from_the_facilitys_own_people(scored):
    own = scored.dossiers.order_by("pk").first()
    first, second, _third = helpers.judges_of(scored)
    before = {row.dossier.pk: row.due for row in queries.board(scored)}
    factories.RepresentativeFactory(facility=own.product.facility, user=first)
    factories.ConflictFactory(dossier=own, user=first)
    factories.ConflictFactory(dossier=own, user=second)
    after = {row.dossier.pk: row.due for row in queries.board(scored)}
    assert (before[own.pk] - after[own.pk], after[own.pk]) == (2, 1)


def test_an_officer_neither_sees_nor_concludes_the_own_dossier_at_the_desk(submitted, officer):
    assert not Dossier.objects.visible_to(officer).exists()
    assert refused(dossiers.reject, dossier=submitted, actor=officer, now=NOON, reason="Lý do") == "conflict"
    until = NOON + dt.timedelta(days=3)
    assert refused(dossiers.request_supplement, dossier=submitted, until=until, actor=officer, now=NOON) == "conflict"


def test_an_officer_adds_no_paper_to_the_own_dossier_once_it_is_handed_in(submitted, officer):
    facts = {"kind": DocumentKind.AWARD, "on_paper": True, "actor": officer}
    assert refused(papers.add_document, dossier=submitted, **facts) == "not_allowed"


def test_a_representation_that_ended_holds_nobody_back(scored):
    own = scored.dossiers.order_by("pk").first()
    judge = helpers.judges_of(scored)[0]
    factories.RepresentativeFactory(facility=own.product.facility, user=judge, state="ended", reason="Thôi việc")
    assert own in Dossier.objects.for_judge(judge)
