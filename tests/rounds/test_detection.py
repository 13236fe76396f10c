"""What a declaration gives away is found whenever anything changes, and remembered when it was a false alarm."""

import pytest

from facilities.models import Facility
from portal.text.errors import Refusal
from rounds.enums import Body, ConflictBasis, ConflictOrigin, RoundState, SeatRole, SheetState
from rounds.models import Conflict, Declaration, Dossier, Round, ScoreSheet
from rounds.services import conflicts, declarations, detection, scoring
from rounds.services.declarations import Interest

from ..factories import (
    DossierFactory,
    FacilityFactory,
    ProductFactory,
    RepresentativeFactory,
    RoundFactory,
    SeatFactory,
    UserFactory,
)
from .test_scoring import NOW, Bench

pytestmark = pytest.mark.django_db


@pytest.fixture
def bench():
    return Bench()


@pytest.fixture
def secretary(bench):
    return SeatFactory(round=bench.round, body=Body.COUNCIL, role=SeatRole.SECRETARY).user


def sign(bench, **facts):
    user = facts.pop("user", bench.judge)
    return declarations.sign(**{"round_": bench.round, "user": user, "signed_name": str(user), "now": NOW, **facts})


def facility(bench, **facts):
    found = bench.dossier.product.facility
    for name, value in facts.items():
        setattr(found, name, value)
    found.save()
    return found


def test_signing_finds_the_employer_by_name_and_closes_the_dossier(bench):
    signed = sign(bench, employer=facility(bench).name.upper())
    (found,) = signed.found
    assert (found.conflict.origin, found.conflict.basis) == (ConflictOrigin.DETECTED, ConflictBasis.NAME)
    assert not Dossier.objects.for_judge(bench.judge).exists()
    with pytest.raises(Refusal) as refused:
        bench.open()
    assert refused.value.code == "conflict"


@pytest.mark.parametrize(
    ("declared", "basis"),
    [
        ({"employer_tax_code": "0101243150-001"}, ConflictBasis.TAX_CODE),
        ({"employer_address": "12 Bến Oánh, P. Túc Duyên"}, ConflictBasis.ADDRESS),
        ({"interests": [Interest("owns", tax_code="0101243150")]}, ConflictBasis.TAX_CODE),
        ({"interests": [Interest("trades", name="hop tac xa che la xanh")]}, ConflictBasis.NAME),
    ],
)
def test_every_point_of_a_declaration_is_held_against_the_facility(bench, declared, basis):
    facility(
        bench,
        name="Hợp tác xã chè Lá Xanh",
        tax_code="0101243150",
        address_today="Số 12, đường Bến Oánh, phường Túc Duyên, Thái Nguyên",
    )
    assert [found.conflict.basis for found in sign(bench, **declared).found] == [basis]


def test_a_facility_that_was_picked_is_found(bench):
    signed = sign(bench, interests=[Interest("advises", facility=facility(bench))])
    assert signed.found[0].conflict.basis == ConflictBasis.CHOSEN


def test_signed_anew_the_old_one_is_kept_and_what_was_found_stands(bench):
    sign(bench, employer=facility(bench).name)
    sign(bench, employer="Trường Đại học")
    assert Declaration.objects.filter(user=bench.judge).count() == 3  # the factory signed first
    assert Declaration.objects.filter(user=bench.judge, replaced_at=None).get().employer == "Trường Đại học"
    assert Conflict.objects.filter(withdrawn_at=None).count() == 1


def test_looking_twice_enters_one(bench):
    sign(bench, employer=facility(bench).name)
    assert detection.detect(bench.round, now=NOW) == []
    assert Conflict.objects.count() == 1


def test_what_was_dismissed_does_not_come_back_in_this_round_or_a_later_one(bench, secretary):
    name = facility(bench).name
    conflict = sign(bench, employer=name).found[0].conflict
    conflicts.dismiss(conflict=conflict, reason="Trùng tên, khác tỉnh", actor=secretary, now=NOW)
    assert sign(bench, employer=name).found == ()
    later = RoundFactory(state=RoundState.SCORING, territory=bench.round.territory)
    DossierFactory(round=later, product=ProductFactory(facility=bench.dossier.product.facility))
    SeatFactory(round=later, user=bench.judge)
    assert (
        declarations.sign(round_=later, user=bench.judge, signed_name=str(bench.judge), employer=name, now=NOW).found
        == ()
    )
    other = SeatFactory(round=bench.round).user
    assert len(sign(bench, user=other, employer=name).found) == 1


def test_another_point_raises_the_alarm_again(bench, secretary):
    found = facility(bench, tax_code="0101243150")
    conflict = sign(bench, employer=found.name).found[0].conflict
    conflicts.dismiss(conflict=conflict, reason="Trùng tên", actor=secretary, now=NOW)
    again = sign(bench, employer=found.name, employer_tax_code="0101243150").found
    assert [one.conflict.basis for one in again] == [ConflictBasis.TAX_CODE]


def test_nobody_dismisses_or_confirms_the_own(bench):
    conflict = sign(bench, employer=facility(bench).name).found[0].conflict
    for act in (
        lambda: conflicts.dismiss(conflict=conflict, reason="Nhầm", actor=bench.judge, now=NOW),
        lambda: conflicts.confirm(conflict=conflict, actor=bench.judge, now=NOW),
    ):
        with pytest.raises(Refusal) as refused:
            act()
        assert refused.value.code == "own_conflict"


def test_a_declared_conflict_is_not_dismissed_as_a_false_alarm(bench, secretary):
    conflict = conflicts.declare(dossier=bench.dossier, user=bench.judge, reason="Góp vốn", now=NOW).conflict
    with pytest.raises(Refusal) as refused:
        conflicts.dismiss(conflict=conflict, reason="Nhầm", actor=secretary, now=NOW)
    assert refused.value.code == "not_found_by_portal"


def test_a_dossier_that_enters_later_is_held_against_the_declarations(bench):
    late = FacilityFactory(name="Công ty TNHH Chè Đêm Hội")
    sign(bench, employer="Cty TNHH Chè Đêm Hội")
    dossier = DossierFactory(round=bench.round, product=ProductFactory(facility=late))
    assert Conflict.objects.get().dossier == dossier


def test_a_facility_that_changes_its_name_while_scoring_voids_the_sheets(bench):
    sign(bench, employer="Công ty TNHH Chè Đêm Hội")
    sheet = bench.full()
    facility(bench, name="Công ty TNHH Chè Đêm Hội")
    sheet.refresh_from_db()
    assert sheet.state == SheetState.VOIDED


def test_written_past_every_service_it_is_found_before_the_first_sheet_is_made(bench):
    sign(bench, employer="Công ty TNHH Chè Đêm Hội")
    Facility.objects.filter(pk=bench.dossier.product.facility_id).update(name="Công ty TNHH Chè Đêm Hội")
    with pytest.raises(Refusal) as refused:
        bench.open()
    assert refused.value.code == "conflict"
    assert (Conflict.objects.count(), ScoreSheet.objects.count()) == (1, 0)


def test_scoring_that_is_about_to_close_voids_what_was_written_past_every_service(bench):
    sign(bench, employer="Công ty TNHH Chè Đêm Hội")
    bench.full()
    Facility.objects.filter(pk=bench.dossier.product.facility_id).update(name="Công ty TNHH Chè Đêm Hội")
    detection.before_counting(bench.round, now=NOW)
    assert ScoreSheet.objects.get().state == SheetState.VOIDED


def test_a_judge_who_becomes_a_representative_keeps_no_sheet(bench):
    bench.full()
    RepresentativeFactory(facility=bench.dossier.product.facility, user=bench.judge)
    assert ScoreSheet.objects.get().state == SheetState.VOIDED


def test_people_who_have_left_and_rounds_that_are_over_are_not_looked_at(bench):
    Declaration.objects.filter(user=bench.judge).update(employer=facility(bench).name)
    bench.seat.until, bench.seat.until_reason = NOW.date(), "Thôi"
    bench.seat.save()
    assert detection.detect(bench.round, now=NOW) == []
    Round.objects.update(state=RoundState.CANCELLED, cancelled_reason="x")
    assert detection.detect(bench.round, now=NOW) == []


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"signed_name": "Người khác"}, "name_differs"),
        ({"signed_name": " "}, "name_differs"),
        ({"interests": [Interest("owns")]}, "interest_empty"),
        ({"interests": [Interest("", name="X")]}, "interest_kind"),
        ({"interests": [Interest("owns", name=f"X {n}") for n in range(31)]}, "too_many_interests"),
    ],
)
def test_what_is_not_a_declaration_is_refused(bench, facts, code):
    with pytest.raises(Refusal) as refused:
        sign(bench, **facts)
    assert refused.value.code == code


def test_the_name_is_signed_however_it_is_spelled(bench):
    assert sign(bench, signed_name=f"  {str(bench.judge).upper()} ").declaration.pk


def test_only_members_sign(bench):
    with pytest.raises(Refusal) as refused:
        sign(bench, user=UserFactory())
    assert refused.value.code == "not_seated"


def test_before_signing_nothing_is_opened_or_written(bench):
    bench.open()
    Declaration.objects.all().delete()
    assert not Dossier.objects.for_judge(bench.judge).exists()
    with pytest.raises(Refusal) as refused:
        bench.open()
    assert refused.value.code == "undeclared"
    with pytest.raises(Refusal) as refused:
        scoring.save_scores(sheet=ScoreSheet.objects.get(), values={}, revision=0, actor=bench.judge, now=NOW)
    assert refused.value.code == "undeclared"


@pytest.mark.parametrize("dossiers", [1, 3, 50])
def test_a_whole_round_is_held_against_in_five_queries(bench, dossiers, django_assert_max_num_queries):
    DossierFactory.create_batch(dossiers, round=bench.round)
    SeatFactory.create_batch(3, round=bench.round)
    with django_assert_max_num_queries(8):
        assert detection.detect(bench.round, now=NOW) == []
