"""The demo as a whole, loaded once for this file: a trial run first, then twice for real."""

import io

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import override_settings
from django.utils import timezone

from extension import queries as extension
from extension.enums import PlanState, ProjectState
from extension.models import Beneficiary, Fair, Plan, ProgressReport, Project
from extension.results import effect
from facilities.models import Contact, Facility, FacilityYear
from portal.accounts.enums import Role
from portal.accounts.models import Grant, User
from portal.pages.demo import accounts, endings, makers, support
from portal.text.clock import today
from portal.text.workdays import is_working_day, next_working_day
from products.enums import ProductGroup
from products.models import Certificate, Decision, Product, Recognition
from products.reminders import letters_for
from rounds.assigned import judges_of
from rounds.eligibility import stands_in_the_way
from rounds.enums import (
    Body,
    ComplaintState,
    CriteriaState,
    DossierState,
    ProposalState,
    RoundState,
    ScoringPass,
    SeatRole,
    SessionState,
    SheetState,
)
from rounds.models import (
    CommuneReturn,
    Conflict,
    Declaration,
    Dossier,
    EligibilityAnswer,
    Result,
    Round,
    Sample,
    ScoreSheet,
    Seat,
    SupplementRequest,
    Verdict,
)
from rounds.queries import eligibility

pytestmark = pytest.mark.crawl
ROOMS = ("accounts", "territory", "files", "facilities", "products", "rounds", "extension", "audit")


def sizes():
    models = [model for room in ROOMS for model in apps.get_app_config(room).get_models()]
    return {model._meta.label: model._base_manager.count() for model in models}


def load(*options):
    out = io.StringIO()
    call_command("load_demo", *options, stdout=out)
    return out.getvalue()


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker, tmp_path_factory):
    """Row counts before, after the trial, after the first and after the second load, and what was printed."""
    media = tmp_path_factory.mktemp("media")
    with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=media), transaction.atomic():
        call_command("load_reference", "--apply", stdout=io.StringIO())
        facts = {
            "before": sizes(),
            "tried": load(),
            "after_trial": sizes(),
            "files_after_trial": list(media.rglob("*")),
        }
        facts |= {"said": load("--apply"), "once": sizes()}
        facts |= {"said_again": load("--apply"), "twice": sizes()}
        yield facts
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _in_the_demo(demo, db):
    """Every test but the refusal looks at the loaded demo."""


def round_in(state):
    """The one round in that state; of the two being scored, the one without a pass on site."""
    return Round.objects.get(state=state, level="province", is_illustrative=True, has_site_pass=False)


def test_a_trial_run_writes_neither_rows_nor_files(demo):
    assert demo["after_trial"] == demo["before"]
    assert demo["files_after_trial"] == []
    assert "Chạy thử, chưa ghi gì." in demo["tried"]


def test_loading_twice_changes_nothing(demo):
    assert demo["twice"] == demo["once"]
    assert "rounds_kept 6" in demo["said_again"]


def test_the_command_prints_every_account_and_the_password(demo):
    assert accounts.PASSWORD in demo["said"]
    assert all(account.username in demo["said"] for account in accounts.ACCOUNTS)


def test_the_demo_breaks_no_rule_of_the_data():
    call_command("check_invariants", stdout=io.StringIO())


def test_every_role_has_an_account():
    held = set(Grant.objects.values_list("role", flat=True))
    seats = Seat.objects.values_list("role", flat=True)
    assert held == set(Role.values)
    assert {SeatRole.SECRETARY, SeatRole.HEAD_JUDGE, SeatRole.JUDGE, SeatRole.SUPPORT_LEAD} <= set(seats)
    assert Round.objects.filter(receiving_unit=User.objects.get(username="tiepnhan").organisation).count() == 6


def test_every_account_opens_with_the_shared_password():
    people = accounts.people()
    assert len(people) == len(accounts.ACCOUNTS)
    assert all(person.check_password(accounts.PASSWORD) for person in people.values())
    assert all(person.email.endswith("@example.vn") for person in people.values())


def test_the_published_list_stands_whole():
    assert Recognition.objects.filter(is_illustrative=False).count() == 95
    assert Recognition.objects.filter(decision__number="2568", decision__symbol="QĐ-BCT").count() == 23


def test_invented_facts_stand_only_on_sample_makers():
    real = Facility.objects.filter(is_illustrative=False)
    for model, path in (
        (Dossier, "product__facility"),
        (ScoreSheet, "dossier__product__facility"),
        (Result, "dossier__product__facility"),
        (Verdict, "dossier__product__facility"),
        (Conflict, "dossier__product__facility"),
        (FacilityYear, "facility"),
        (Contact, "facility"),
    ):
        assert model.objects.exists()
        assert not model.objects.filter(**{f"{path}__in": real}).exists(), model
    ended = Recognition.objects.exclude(revoked_on=None, withdrawn_on=None, suspended_from=None)
    assert [row.product.facility.is_illustrative for row in ended] == [True, True]
    assert not real.exclude(tax_code="").exists()
    assert not Recognition.objects.filter(is_illustrative=False).exclude(decision=None).exclude(issued_on=None).exists()


def test_every_sample_is_named_and_marked_as_one():
    samples = Facility.objects.filter(is_illustrative=True)
    assert samples.count() > 20
    assert all(facility.name.startswith(makers.PREFIX) for facility in samples)
    assert not Facility.objects.filter(is_illustrative=False, name__startswith="Cơ sở mẫu").exists()
    for model, path in ((Product, "facility"), (Recognition, "product__facility")):
        of_samples = model.objects.filter(**{f"{path}__in": samples})
        assert not of_samples.filter(is_illustrative=False).exists()
        assert not model.objects.filter(is_illustrative=True).exclude(**{f"{path}__in": samples}).exists()
    assert not Round.objects.filter(is_illustrative=False).exists()
    assert not Beneficiary.objects.filter(project__is_illustrative=True, facility__is_illustrative=False).exists()
    assert not Beneficiary.objects.filter(project__is_illustrative=False, facility__is_illustrative=True).exists()
    assert not Decision.objects.exclude(symbol="QĐ-MAU").exclude(number__in=["2568", "3116"]).exists()


def test_addresses_of_samples_lead_nowhere():
    assert all(contact.value.endswith("@example.vn") for contact in Contact.objects.all())


def test_the_round_in_scoring_is_part_way():
    round_ = round_in(RoundState.SCORING)
    entered = round_.dossiers.all()
    sheets = ScoreSheet.objects.filter(dossier__round=round_)
    states = [sheets.filter(state=state).count() for state in SheetState]
    assert entered.filter(state=DossierState.ELIGIBLE).count() == entered.count() == 24
    assert set(entered.values_list("product__group", flat=True)) == set(ProductGroup.values)
    assert all(one.product.members.count() >= 2 for one in entered.filter(product__is_set=True))
    assert round_.seats.filter(body=Body.JURY).count() == 7
    assert dict(zip(SheetState, states, strict=True)) == {
        "draft": 11,
        "entered": 1,
        "submitted": 93,
        "cannot_assess": 1,
        "voided": 0,
    }
    assert round_.scoring_until > timezone.now()


def test_the_round_in_scoring_has_what_a_chair_meets_before_the_deadline():
    round_ = round_in(RoundState.SCORING)
    sheets = ScoreSheet.objects.filter(dossier__round=round_)
    aside = Conflict.objects.filter(dossier__round=round_)
    again = sheets.get(edition=2)
    extended = round_.extensions.get()
    assert sorted(aside.values_list("origin", "user__username")) == [
        ("declared", "giamkhao3.thainguyen"),
        ("detected", "giamkhao2.thainguyen"),
        ("detected", "giamkhao6.thainguyen"),
    ]
    assert aside.exclude(withdrawn_at=None).get().withdrawn_by.username == "chutich.thainguyen"
    waiting = aside.get(origin="detected", withdrawn_at=None)
    assert Declaration.objects.get(round=round_, user=waiting.user).employer == waiting.dossier.product.facility.name
    assert again.state == SheetState.DRAFT
    assert again.versions.get().reopened_by.username == "chutich.thainguyen"
    assert extended.until > round_.scoring_until
    assert extended.judge.username == "giamkhao5.thainguyen"
    assert sheets.exclude(paper_scan=None).count() == 2
    assert sheets.exclude(signed_on=None).count() == 12
    assert Sample.objects.filter(dossier__round=round_, returned_at=None).count() == 2
    assert not round_.dossiers.filter(booth="").exists()


def test_the_round_on_site_is_scored_twice_by_those_it_was_divided_among():
    round_ = Round.objects.get(has_site_pass=True)
    owed = judges_of(round_)
    sheets = ScoreSheet.objects.filter(dossier__round=round_)
    assert {len(judges) for judges in owed.values()} == {5}
    assert all(judge in owed[dossier] for dossier, judge in sheets.values_list("dossier", "judge"))
    assert set(sheets.values_list("scoring_pass", flat=True)) == set(ScoringPass.values)


def test_the_round_being_prepared_waits_for_a_second_person():
    sets = round_in(RoundState.DRAFT).criteria_sets
    waiting = sets.get(state=CriteriaState.PROPOSED)
    assert sets.get(state=CriteriaState.APPROVED).version < waiting.version
    assert waiting.change_reason
    assert waiting.proposed_by.username == "canbo.thainguyen"


def test_the_round_in_deliberation_is_sealed_and_half_spoken():
    round_ = round_in(RoundState.DELIBERATION)
    assert round_.seals.get().sha256
    assert Result.objects.filter(dossier__round=round_).count() == round_.dossiers.count() == 10
    assert Verdict.objects.filter(dossier__round=round_).count() == 5


def test_the_council_sits_and_is_asked_about_a_set():
    round_ = round_in(RoundState.DELIBERATION)
    session = round_.sessions.get(state=SessionState.OPEN)
    proposal = round_.set_proposals.get(state=ProposalState.PROPOSED)
    assert session.attendances.filter(present=True).count() == 7
    assert proposal.dossiers.count() == 2
    assert all(part.result.passed for part in proposal.dossiers.select_related("result"))
    assert round_.dossiers.exclude(support_remark="").count() == 2


def test_the_announced_round_has_an_answered_complaint_and_an_open_one():
    round_ = round_in(RoundState.ANNOUNCED)
    answered, late = round_.complaints.order_by("number")
    assert round_.publish_means
    assert round_.sessions.get().state == SessionState.CLOSED
    assert (answered.state, answered.outcome, answered.is_late) == (ComplaintState.ANSWERED, "rejected", False)
    assert not ScoreSheet.objects.filter(dossier=answered.dossier, judge=answered.answerer).exists()
    assert (late.state, late.is_late, late.holds) == (ComplaintState.RECEIVED, True, False)


def test_the_announced_round_put_its_products_into_the_register():
    round_ = round_in(RoundState.ANNOUNCED)
    made = Recognition.objects.filter(dossier__round=round_)
    assert made.count() == Certificate.objects.filter(recognition__in=made, superseded_on=None).count() == 8
    assert not made.filter(published_at=None).exists()
    assert set(made.values_list("decision", flat=True)) == {round_.decision_id}


def test_the_receiving_round_has_dossiers_in_several_states():
    round_ = round_in(RoundState.RECEIVING)
    assert round_.receiving_open(timezone.now())
    assert sorted(round_.dossiers.values_list("state", flat=True)) == [
        "draft",
        "draft",
        "gathered",
        "gathered",
        "needs_supplement",
        "needs_supplement",
        "not_eligible",
        "submitted",
        "submitted",
        "submitted",
    ]


def test_the_receiving_round_shows_what_taking_dossiers_in_is_about():
    entered = round_in(RoundState.RECEIVING).dossiers
    whole = entered.get(is_gathered_set=True)
    assert [part.product.name for part in whole.gathered.order_by("entry_code")] == ["Khay mây tròn", "Giỏ mây có nắp"]
    assert entered.exclude(public_service_code="").count() == 1
    asked = SupplementRequest.objects.filter(dossier__in=entered.all(), closed_at=None)
    assert sorted(asked.values_list("addressee", flat=True)) == ["facility", "facility"]
    assert asked.earliest("until").until > timezone.now()
    refused = entered.get(state=DossierState.NOT_ELIGIBLE)
    assert refused.state_reason.startswith("Sản phẩm không do chính cơ sở sản xuất.")
    assert EligibilityAnswer.objects.filter(dossier__in=entered.all()).count() == 6
    assert CommuneReturn.objects.count() == 1


def test_every_admitted_dossier_was_checked_by_the_rules_in_force():
    for dossier in Dossier.objects.filter(state=DossierState.ELIGIBLE):
        assert stands_in_the_way(eligibility(dossier, on=today())) == ()


def test_a_letter_is_due_on_the_first_working_day_in_every_reminder_window():
    first = today() if is_working_day(today()) else next_working_day(today())
    letters = [letter for letter in letters_for(first) if letter.due_on == first]
    ends = Recognition.objects.filter(uuid__in=[letter.subject_id for letter in letters]).values_list(
        "expires_on", flat=True
    )
    assert {(day - first).days for day in ends} == set(endings.WINDOWS)
    addressed = [letter.recipient for letter in letters if letter.user_id is None]
    assert addressed
    assert all(address.endswith("@example.vn") for address in addressed)


def test_projects_stand_as_published():
    facility = Facility.objects.get(name="Hợp tác xã Tâm Hòa")
    lines = [
        (row.years, row.funds, row.beneficiary.turns, row.beneficiary.fair_revenue)
        for row in extension.support_of_facility(facility)
    ]
    assert lines == [("2025", 200_000_000, 1, None), ("2022 – 2025", None, 15, 308_000_000)]
    assert str(Project.objects.get(name__contains="Than Xanh 99").territory) == "Quảng Bình (đến 2025)"
    assert Project.objects.get(territory__name="Lào Cai").published_sum.startswith("hơn 1,2 tỷ")
    assert not Project.objects.filter(is_illustrative=False, source="").exists()


def test_every_sample_project_came_as_far_as_its_road_goes():
    states = dict(Project.objects.filter(name__in=[one.name for one in support.SAMPLES]).values_list("name", "state"))
    assert states == {one.name: one.road[-1] if one.road else ProjectState.REGISTERED for one in support.SAMPLES}


def test_the_plan_of_this_year_is_approved_and_the_next_one_waits_each_with_its_projects():
    this, later = Plan.objects.order_by("year")
    assert (this.state, later.state, later.year) == (PlanState.APPROVED, PlanState.SUBMITTED, this.year + 1)
    assert this.projects.count() == len(support.SAMPLES)
    assert later.projects.exists()


def test_sample_products_were_supported_before_after_and_on_both_sides_of_their_recognition():
    found = effect.effect_of(Recognition.objects.published().filter(is_illustrative=True), samples=True)
    assert all(one.products for one in found.by_when.values()), found.by_when


def test_fairs_at_home_do_not_stand_under_the_norm_of_those_elsewhere():
    away = Fair.objects.filter(is_illustrative=True, is_own=False)
    assert [fair.project.code for fair in away] == ["MAU-02"]


def test_months_of_the_project_of_fairs_tell_of_no_machine():
    told = ProgressReport.objects.filter(project__code="MAU-02").values_list("done", flat=True)
    assert told
    assert not [words for words in told if "máy" in words.lower()]


def test_sample_money_is_no_part_of_the_totals():
    real = Project.objects.filter(is_illustrative=False)
    assert extension.totals(Project.objects.all()) == extension.totals(real)


def test_without_reference_data_the_command_says_what_to_run_first():
    from rounds.models import CriteriaSet

    CriteriaSet.objects.filter(round=None).update(round=round_in(RoundState.RECEIVING), version=99)
    with pytest.raises(CommandError, match="Hãy chạy load_reference --apply trước"):
        load()
