"""Who comes across what: a secret in each hidden field, and every page, search, sort, export and file read for it.

One literal table: by role, what it meets somewhere. Anything else that turns up anywhere is a leak; anything of the
table that no longer turns up means that the crawler has gone blind.
"""

import logging

import pytest
from django.db import transaction
from django.test import Client, override_settings

from extension.markets import disclosure
from rounds.models.dossier import DossierQuerySet

from .leak_world import POINTS_NAME, REVENUE_NAME, SECRETS, LeakWorld, tells_revenue

pytestmark = pytest.mark.crawl

FACILITY = frozenset({"facility name", "facility address"})
ENTRY = frozenset({"facility name", "product name"})
DOSSIER = ENTRY | {"statement", "statement part", "paper content"}
PAPERS = frozenset({"paper title", "paper remark"})
# The secretary hands out sheets that were handed in, printed for their judges to sign (rounds/paper_desk.py).
SHEET = frozenset({POINTS_NAME, "sheet remark", "score note"})
# What the extension programme knows of one facility: its own people read what is asked of them, the centre everything.
ASKED = frozenset({"need", "need's contact", "finding", REVENUE_NAME})
SUPPORT = ASKED | {"voucher", "estimate line"}
# What a role meets, and what besides it may meet without harm.
TABLE: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "anonymous": (frozenset(), frozenset()),
    # Speaks for the facility that was written to.
    "producer": (ASKED | {"letter", "letter's sender"}, frozenset()),
    "other province": (frozenset(), frozenset()),
    # Staff of the province: reads dossiers as every officer does.
    "extension officer": (SUPPORT, DOSSIER | FACILITY | PAPERS | {"support remark"}),
    "removed judge": (frozenset(), frozenset()),
    "undeclared judge": (frozenset(), frozenset()),
    "unassigned judge": (frozenset(), frozenset()),
    # The list tells a judge which dossier is shut, by its number and name; the own words stand on the own page.
    "conflicted judge": (frozenset({"conflict reason"}), ENTRY),
    "conflicted support": (frozenset(), frozenset()),
    "conflicted member": (frozenset(), frozenset()),
    "judge": (DOSSIER, frozenset({"paper title"})),
    "applicant": (ENTRY | {"paper content"}, DOSSIER | FACILITY | PAPERS),
    "officer": (DOSSIER | SUPPORT | {"support remark", "complaint"}, FACILITY | PAPERS | {"complainant", "letter"}),
    "council secretary": (
        DOSSIER | {"conflict reason", "declaration", "complaint"},
        FACILITY | PAPERS | {"support remark", "complainant"} | SHEET,
    ),
    # Leads the jury, and was not given this dossier to score.
    "head judge": (ENTRY, DOSSIER | FACILITY | PAPERS | {"support remark"}),
}


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory):
    logging.disable(logging.CRITICAL)
    with (
        django_db_blocker.unblock(),
        override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media"), DEMO=False),
        transaction.atomic(),
    ):
        yield LeakWorld()
        transaction.set_rollback(True)
    logging.disable(logging.NOTSET)


@pytest.mark.django_db
@pytest.mark.parametrize("role", TABLE)
def test_each_role_comes_across_what_the_table_says(world, role):
    must, may = TABLE[role]
    met = world.met(role)
    leaked = {name: where for name, where in met.items() if name not in must | may}
    assert leaked == {}, f"{role} meets what is hidden from this role"
    assert must - set(met) == set(), f"The crawler no longer finds what {role} may see"


def test_only_who_prints_sheets_for_signing_may_meet_what_another_judge_wrote():
    assert [role for role, (must, may) in TABLE.items() if (must | may) & SHEET] == ["council secretary"]
    assert all(must | may <= set(SECRETS) | SHEET | {REVENUE_NAME} for must, may in TABLE.values())


@pytest.mark.django_db
def test_control_a_door_that_forgets_the_conflict_is_seen(world, monkeypatch):
    monkeypatch.setattr(DossierQuerySet, "without_conflict", lambda self, _user: self)
    # Assigned nothing of it, a support member with a conflict is let in by the desk's doors alone.
    assert {"statement", "product name"} <= set(world.met("conflicted support", pages=20))


@pytest.mark.django_db
def test_control_a_search_that_reads_every_dossier_is_seen(world, monkeypatch):
    from rounds.models import Dossier

    monkeypatch.setattr(DossierQuerySet, "visible_to", lambda _self, _user: Dossier.objects.all())
    assert "product name" in world.met("other province", pages=0)


@pytest.mark.django_db
def test_control_a_sum_of_one_facility_is_seen(world, monkeypatch):
    address = f"/api/v1/extension/fairs/{world.own.fair.slug}/"
    assert not tells_revenue(Client().get(address))
    monkeypatch.setattr(disclosure, "FEWEST", 1)
    monkeypatch.setattr(disclosure, "_tells_one", lambda *_amounts: False)
    assert tells_revenue(Client().get(address))
