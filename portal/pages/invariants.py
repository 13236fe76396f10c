"""What must hold across tables, checked on the real data: one function per rule, each yields its breaches.

Most of it is also a constraint or a trigger; here a copy that came from elsewhere, or was edited by hand
in the database, is found out.
"""

import datetime as dt
from collections.abc import Callable, Iterator

from django.db.models import Count, Exists, F, OuterRef, Q, Sum
from django.db.models.functions import Coalesce

from extension.models import Project
from portal.territory.models import Succession, Territory, TerritoryName
from products import codes, validity
from products.enums import LEVEL_LETTER, Level, Stage
from products.models import Certificate, Product, Recognition, ValidityRule
from products.models.product import search_text_of
from rounds.enums import (
    ComplaintOutcome,
    ComplaintState,
    DossierState,
    ProposalState,
    RoundState,
    SessionState,
    SheetState,
)
from rounds.models import Complaint, Conflict, CouncilSession, Dossier, RoundSeal, ScoreSheet, SetProposal, Verdict
from rounds.states import DECIDED

from . import life_invariants

Check = Callable[[], Iterator[str]]
CHUNK = 2000
SEARCH_LENGTH = 1000


def every_unit_that_ended_went_somewhere() -> Iterator[str]:
    """An ended province has one main successor."""
    main = Succession.objects.filter(is_main=True).values("predecessor")
    for unit in Territory.objects.filter(valid_to__isnull=False).exclude(pk__in=main):
        yield f"{unit.slug}"


def successions_do_not_run_in_circles() -> Iterator[str]:
    """Following the main successors always ends at a unit of today."""
    successor = dict(Succession.objects.filter(is_main=True).values_list("predecessor__slug", "successor__slug"))
    for start in successor:
        seen, here = {start}, start
        while here in successor:
            here = successor[here]
            if here in seen:
                yield start
                break
            seen.add(here)


def names_of_a_unit_do_not_overlap() -> Iterator[str]:
    """A province has one name on a day."""
    yield from _overlaps(
        (row.territory.slug, row.valid_from, row.valid_to)
        for row in TerritoryName.objects.select_related("territory").order_by("territory", "valid_from")
    )


def validity_rules_do_not_overlap() -> Iterator[str]:
    """One rule of validity holds on a day."""
    rules = ValidityRule.objects.order_by("valid_from").values_list("valid_from", "valid_to")
    yield from _overlaps(("validity", start, end) for start, end in rules)


def _overlaps(periods: Iterator[tuple[str, dt.date, dt.date | None]]) -> Iterator[str]:
    before: tuple[str, dt.date | None] = ("", None)
    first = True
    for owner, start, end in periods:
        if not first and owner == before[0] and (before[1] is None or start <= before[1]):
            yield f"{owner} {start}"
        before, first = (owner, end), False


def every_recognition_has_one_certificate_in_use() -> Iterator[str]:
    """What is recognised has exactly one certificate in use; what is only proposed has none."""
    in_use = Count("certificates", filter=Q(certificates__superseded_on=None))
    rows = Recognition.objects.annotate(papers=Count("certificates"), in_use=in_use)
    broken = rows.filter(Q(stage=Stage.RECOGNISED) & ~Q(in_use=1) | Q(stage=Stage.PROPOSED, papers__gt=0))
    yield from (str(pk) for pk in broken.values_list("pk", flat=True))


def certificate_codes_are_in_order() -> Iterator[str]:
    """A code has its check character and the letter of its level."""
    papers = Certificate.objects.values_list("code", "recognition__level")
    for code, level in papers.iterator(CHUNK):
        if not codes.is_valid(code) or code[0] != LEVEL_LETTER[Level(level)]:
            yield code


def levels_existed_when_they_recognised() -> Iterator[str]:
    """Districts to 2025-06-30, communes from 2025-07-01."""
    dated = Recognition.objects.filter(level__in=[Level.DISTRICT, Level.COMMUNE])
    for row in dated.select_related("decision").iterator(CHUNK):
        decided_on = row.decision.signed_on if row.decision else None
        on = decided_on or row.issued_on or validity.day_standing_for(row.year, row.level)
        if not validity.level_exists(row.level, on=on):
            yield str(row.pk)


def provinces_existed_when_they_recognised() -> Iterator[str]:
    """The province of a recognition stood in its year."""
    gone = Q(territory__valid_to__isnull=False, territory__valid_to__year__lt=F("year"))
    unborn = Q(territory__valid_from__year__gt=F("year"))
    yield from (str(pk) for pk in Recognition.objects.filter(gone | unborn).values_list("pk", flat=True))


def single_products_have_no_members() -> Iterator[str]:
    """Only sets have members."""
    yield from Product.objects.filter(is_set=False, members__isnull=False).values_list("slug", flat=True).distinct()


def search_texts_are_current() -> Iterator[str]:
    """A product is found by the names that it and its facility bear now."""
    for product in Product.objects.select_related("facility", "territory").iterator(CHUNK):
        if product.search_text != search_text_of(product)[:SEARCH_LENGTH]:
            yield product.slug


def recognitions_of_a_round_rest_on_its_decision() -> Iterator[str]:
    """What a round recognised carries the round's decision, or one that followed an accepted complaint, and its level."""
    upheld = Complaint.objects.filter(
        dossier=OuterRef("pk"), outcome__in=[ComplaintOutcome.UPHELD, ComplaintOutcome.PARTLY]
    )
    other_paper = ~Q(recognition__decision=F("round__decision")) & ~Exists(upheld)
    differs = other_paper | ~Q(recognition__level=F("round__level"))
    rows = Dossier.objects.filter(recognition__isnull=False).filter(differs)
    yield from (str(pk) for pk in rows.values_list("pk", flat=True))


def announced_recognitions_are_published() -> Iterator[str]:
    """Announcing publishes: before it nothing of the round is public, after it everything that no complaint holds."""
    announced = Q(round__state__in=[RoundState.ANNOUNCED, RoundState.CLOSED])
    held = Complaint.objects.filter(dossier=OuterRef("pk"), holds=True, answered_at=None).exclude(
        state=ComplaintState.WITHDRAWN
    )
    hidden = announced & Q(recognition__isnull=False, recognition__published_at=None) & ~Exists(held)
    early = Q(round__state=RoundState.DECIDED, recognition__published_at__isnull=False)
    yield from (str(pk) for pk in Dossier.objects.filter(hidden | early).values_list("pk", flat=True))


def only_admitted_dossiers_are_recognised() -> Iterator[str]:
    """A recognised dossier was admitted."""
    rows = Dossier.objects.filter(recognition__isnull=False).exclude(state=DossierState.ELIGIBLE)
    yield from (str(pk) for pk in rows.values_list("pk", flat=True))


def nobody_scores_against_a_conflict() -> Iterator[str]:
    """No sheet counts whose judge has a standing conflict of interest with the dossier.

    What was noted only after the points were sealed leaves the sheet as it is: the seal holds it, and the
    conflict stands beside it for whoever hears a complaint.
    """
    sealed = RoundSeal.objects.filter(
        round=OuterRef("dossier__round"), reopened_at=None, sealed_at__lte=OuterRef("declared_at")
    )
    noted_in_time = Conflict.objects.filter(~Exists(sealed), withdrawn_at=None)
    standing = set(noted_in_time.values_list("dossier_id", "user_id"))
    sheets = ScoreSheet.objects.filter(state=SheetState.SUBMITTED).values_list("pk", "dossier_id", "judge_id")
    for pk, dossier_id, judge_id in sheets.iterator(CHUNK):
        if (dossier_id, judge_id) in standing:
            yield str(pk)


def late_sets_hold_only_what_passed() -> Iterator[str]:
    """A set formed after the seal has no result and no sheet, and every part of it passed by itself."""
    wholes = Dossier.objects.filter(gathered_late=True).exclude(state=DossierState.WITHDRAWN)
    own = wholes.filter(Q(result__isnull=False) | Q(sheets__isnull=False))
    parts = Dossier.objects.filter(gathered_into__in=wholes).exclude(result__passed=True)
    yield from (str(pk) for pk in own.distinct().values_list("pk", flat=True))
    yield from (str(pk) for pk in parts.values_list("gathered_into", flat=True).distinct())


def gathered_entries_are_of_one_round_and_facility() -> Iterator[str]:
    """What was put into a set is of the set's round and facility, and the set says on which ground."""
    parts = Dossier.objects.filter(gathered_into__isnull=False)
    elsewhere = ~Q(round=F("gathered_into__round")) | ~Q(product__facility=F("gathered_into__product__facility"))
    yield from (str(pk) for pk in parts.filter(elsewhere | Q(gathered_into__set_basis="")).values_list("pk", flat=True))


def the_council_speaks_in_sessions_of_its_round() -> Iterator[str]:
    """A word is of a session of the same round; votes are no more than those present; closed minutes are kept."""
    votes = Coalesce("votes_for", 0) + Coalesce("votes_against", 0) + Coalesce("votes_abstain", 0)
    here = Count("session__attendances", filter=Q(session__attendances__present=True))
    said = Verdict.objects.filter(session__isnull=False).annotate(given=votes, here=here)
    broken = said.filter(~Q(session__round=F("dossier__round")) | Q(given__gt=F("here")))
    yield from (str(pk) for pk in broken.values_list("dossier", flat=True))
    bare = CouncilSession.objects.filter(state=SessionState.CLOSED, minutes__isnull=True)
    yield from (str(session) for session in bare.select_related("round"))


def sets_are_decided_by_another() -> Iterator[str]:
    """Nobody decides on the own proposal; nothing stays undecided once the result is submitted."""
    own = Q(decided_by=F("proposed_by"))
    over = Q(state=ProposalState.PROPOSED, round__state__in=[RoundState.SUBMITTED, *DECIDED])
    yield from (str(pk) for pk in SetProposal.objects.filter(own | over).values_list("pk", flat=True))


def beneficiaries_stay_within_the_project() -> Iterator[str]:
    """What the beneficiaries of a project received is at most its extension funds."""
    rows = Project.objects.annotate(given=Sum("beneficiaries__extension_funds"))
    yield from rows.filter(given__gt=F("extension_funds")).values_list("slug", flat=True)


CHECKS: tuple[Check, ...] = (
    every_unit_that_ended_went_somewhere,
    successions_do_not_run_in_circles,
    names_of_a_unit_do_not_overlap,
    validity_rules_do_not_overlap,
    every_recognition_has_one_certificate_in_use,
    certificate_codes_are_in_order,
    levels_existed_when_they_recognised,
    provinces_existed_when_they_recognised,
    single_products_have_no_members,
    search_texts_are_current,
    recognitions_of_a_round_rest_on_its_decision,
    announced_recognitions_are_published,
    only_admitted_dossiers_are_recognised,
    nobody_scores_against_a_conflict,
    late_sets_hold_only_what_passed,
    gathered_entries_are_of_one_round_and_facility,
    the_council_speaks_in_sessions_of_its_round,
    sets_are_decided_by_another,
    beneficiaries_stay_within_the_project,
    *life_invariants.CHECKS,
)
