"""check_invariants: a sound register passes, each rule finds its own breach."""

import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from portal.pages import invariants
from products import codes
from products.enums import Level
from products.models import Certificate, Product, ValidityRule
from rounds.enums import RoundState, SheetState
from rounds.models import RoundSeal, ScoreSheet
from tests import factories

pytestmark = pytest.mark.django_db


def sound() -> Certificate:
    row = factories.RecognitionFactory()
    return factories.CertificateFactory(recognition=row, code=codes.generate(Level.PROVINCE))


def test_a_sound_register_passes_one_line_per_rule() -> None:
    sound()
    out = io.StringIO()
    call_command("check_invariants", stdout=out)
    lines = out.getvalue().splitlines()
    assert len(lines) == len(invariants.CHECKS)
    assert all(line.startswith("ĐÚNG  ") for line in lines)


def without_certificate() -> None:
    sound().delete()


def wrong_code() -> None:
    Certificate.objects.filter(pk=sound().pk).update(code="T000000001")


def wrong_level() -> None:
    Certificate.objects.filter(pk=sound().pk).update(code=codes.generate(Level.NATIONAL))


def late_district() -> None:
    factories.RecognitionFactory(level=Level.DISTRICT, issued_on=dt.date(2025, 7, 1), year=2025)


def province_of_the_past() -> None:
    ended = factories.TerritoryFactory(valid_to=dt.date(2008, 8, 1))
    factories.SuccessionFactory(predecessor=ended)
    factories.RecognitionFactory(territory=ended)


def member_of_a_single_product() -> None:
    factories.SetMemberFactory(product_set__is_set=False)


def stale_search_text() -> None:
    Product.objects.filter(pk=factories.ProductFactory().pk).update(search_text="cũ")


def unit_without_successor() -> None:
    factories.TerritoryFactory(valid_to=dt.date(2025, 6, 30))


def circle_of_units() -> None:
    one, two = factories.TerritoryFactory(), factories.TerritoryFactory()
    factories.SuccessionFactory(predecessor=one, successor=two)
    factories.SuccessionFactory(predecessor=two, successor=one)


def two_rules_at_once() -> None:
    for code in "ab":
        ValidityRule.objects.create(
            code=code, legal_basis=code, valid_from=dt.date(2020, 1, 1), years=2, to_end_of_year=True
        )


def more_given_than_granted() -> None:
    project = factories.ProjectFactory(extension_funds=100)
    factories.BeneficiaryFactory(project=project, extension_funds=101)


def round_of_another_decision() -> None:
    dossier = factories.DossierFactory()
    dossier.recognition = factories.RecognitionFactory(product=dossier.product, decision=factories.DecisionFactory())
    dossier.save()


@pytest.mark.parametrize(
    ("breach", "rule"),
    [
        (without_certificate, "every_recognition_has_one_certificate_in_use"),
        (wrong_code, "certificate_codes_are_in_order"),
        (wrong_level, "certificate_codes_are_in_order"),
        (late_district, "levels_existed_when_they_recognised"),
        (province_of_the_past, "provinces_existed_when_they_recognised"),
        (member_of_a_single_product, "single_products_have_no_members"),
        (stale_search_text, "search_texts_are_current"),
        (unit_without_successor, "every_unit_that_ended_went_somewhere"),
        (circle_of_units, "successions_do_not_run_in_circles"),
        (two_rules_at_once, "validity_rules_do_not_overlap"),
        (more_given_than_granted, "beneficiaries_stay_within_the_project"),
        (round_of_another_decision, "recognitions_of_a_round_rest_on_its_decision"),
    ],
)
def test_a_breach_is_found_and_stops_with_1(breach: Callable[[], Any], rule: str) -> None:
    breach()
    assert list(getattr(invariants, rule)())
    out = io.StringIO()
    with pytest.raises(CommandError):
        call_command("check_invariants", stdout=out)
    assert f"SAI   {rule}: " in out.getvalue()


def scored_by_one_with_a_conflict(*, noted: dt.timedelta) -> str:
    """A submitted sheet in a sealed round; the conflict is noted that long after the seal. The sheet's key."""
    now = timezone.now()
    round_ = factories.RoundFactory(state=RoundState.DELIBERATION)
    sheet = factories.ScoreSheetFactory(dossier=factories.DossierFactory(round=round_))
    ScoreSheet.objects.filter(pk=sheet.pk).update(state=SheetState.SUBMITTED, submitted_at=now, total=70)
    RoundSeal.objects.create(round=round_, number=1, manifest={}, sha256="0" * 64, sealed_at=now)
    factories.ConflictFactory(dossier=sheet.dossier, user=sheet.judge, declared_at=now + noted)
    return str(sheet.pk)


def test_a_sheet_against_a_conflict_known_before_the_seal_is_a_breach() -> None:
    sheet = scored_by_one_with_a_conflict(noted=dt.timedelta(seconds=-1))
    assert list(invariants.nobody_scores_against_a_conflict()) == [sheet]


def test_what_is_noted_after_the_seal_leaves_the_sealed_sheet() -> None:
    scored_by_one_with_a_conflict(noted=dt.timedelta(seconds=1))
    assert list(invariants.nobody_scores_against_a_conflict()) == []


def test_a_seal_that_was_opened_again_protects_nothing() -> None:
    sheet = scored_by_one_with_a_conflict(noted=dt.timedelta(seconds=1))
    RoundSeal.objects.update(reopened_at=timezone.now(), reopened_reason="Xem lại.")
    assert list(invariants.nobody_scores_against_a_conflict()) == [sheet]
