"""Gathering products of one facility into a set before scoring, and taking the set apart again."""

import pytest
from django.db import IntegrityError, transaction

from portal.audit.models import AuditEntry
from portal.text.errors import Refusal
from products.models import Product
from rounds import queries
from rounds.enums import DocumentKind, DossierState, RoundState, SetBasis
from rounds.models import Dossier, DossierVersion, EligibilityAnswer
from rounds.reference_data import load
from rounds.services import applying, dossiers, gathering, lifecycle, papers
from tests import factories

from . import helpers
from .helpers import AFTER, NOON

pytestmark = pytest.mark.django_db
D = DossierState
NAME = "Bộ đồ mây dùng trong bếp"


@pytest.fixture
def receiving(province, officer):
    return helpers.receiving_round(province, officer)


@pytest.fixture
def facility(province):
    return factories.FacilityFactory(territory=province, kind="household")


@pytest.fixture
def parts(receiving, officer, facility):
    names = ("Khay mây", "Giỏ mây", "Rế mây")
    return [helpers.submitted(receiving, officer, facility=facility, name=name, group="handicraft") for name in names]


def gather(parts, leader, **changes):
    facts = {"round_": parts[0].round, "dossiers": parts, "name": NAME, "basis": SetBasis.FITTING, "now": NOON}
    return gathering.gather(actor=leader, **{**facts, **changes})


def refused(parts, leader, **changes):
    with pytest.raises(Refusal) as found:
        gather(parts, leader, **changes)
    return found.value.code


def test_a_set_takes_the_place_of_its_parts_and_says_so(parts, leader):
    whole = gather(parts, leader)
    assert (whole.state, whole.entry_code, whole.set_basis, whole.is_gathered_set) == (
        D.SUBMITTED,
        "004",
        SetBasis.FITTING,
        True,
    )
    assert [member.product_id for member in whole.product.members.all()] == [part.product_id for part in parts]
    for part in Dossier.objects.filter(gathered_into=whole):
        assert part.state == D.GATHERED
    assert AuditEntry.objects.first().sentence == (
        "Gộp hồ sơ 001, 002, 003 thành bộ “Bộ đồ mây dùng trong bếp”, hồ sơ 004."
        " Căn cứ: sản phẩm khác nhau, dùng kết hợp với nhau."
    )
    assert DossierVersion.objects.get(dossier=whole).content["set_basis"] == "fitting"


def test_the_set_has_the_papers_of_its_parts_once_with_where_they_are_from(parts, officer, leader):
    for part in parts:
        helpers.hand_in_papers(part, officer)
    whole = gather(parts, leader)
    kinds = sorted(whole.documents.values_list("kind", flat=True))
    assert len(kinds) == len(set(kinds)) == 7
    assert not whole.documents.filter(reused_from=None).exists()
    assert all(row.ok for row in queries.checklist(whole, on=NOON.date()))


def test_what_was_found_about_every_part_holds_for_the_set_and_nothing_else(parts, officer, leader):
    load()
    rules = {rule.code: rule for rule in queries.book_for([]).rules}
    for part in parts:
        EligibilityAnswer.objects.create(
            dossier=part, rule=rules["series"], answer="met", reason="Có.", answered_by=officer, answered_at=NOON
        )
    EligibilityAnswer.objects.create(
        dossier=parts[0], rule=rules["quality"], answer="met", reason="Có.", answered_by=officer, answered_at=NOON
    )
    whole = gather(parts, leader)
    assert list(whole.answers.values_list("rule__code", "reason")) == [("series", "Có.")]
    found = {check.code: check.outcome for check in queries.eligibility(whole, on=NOON.date())}
    assert [found[code] for code in ("set_of_one_facility", "set_has_members", "set_basis", "entered_once")] == (
        ["met"] * 4
    )


def test_the_statement_of_the_set_says_what_each_part_said(parts, officer, leader):
    for part, text in zip(parts, ("Bán ở chợ.", "Bán trên sàn.", ""), strict=True):
        dossiers.update_dossier(dossier=part, actor=officer, statement_market=text)
    whole = gather([Dossier.objects.get(pk=part.pk) for part in parts], leader)
    assert whole.statement_market == "Khay mây\nBán ở chợ.\n\nGiỏ mây\nBán trên sàn."


@pytest.mark.parametrize(
    "changes,code",
    [({"basis": ""}, "basis_missing"), ({"basis": "alike"}, "basis_missing"), ({"name": " "}, "name_missing")],
)
def test_a_set_needs_a_name_and_one_of_the_three_grounds(changes, code, parts, leader):
    assert refused(parts, leader, **changes) == code


def test_one_product_is_no_set(parts, leader):
    assert refused(parts[:1], leader) == "too_few_parts"
    assert refused([parts[0], parts[0]], leader) == "too_few_parts"


def test_a_set_is_of_one_facility(parts, officer, receiving, leader):
    assert refused([*parts, helpers.submitted(receiving, officer)], leader) == "several_facilities"


def test_a_set_is_of_one_round(parts, officer, province, leader):
    other = helpers.receiving_round(province, officer, ordinal=2)
    assert refused([*parts, helpers.submitted(other, officer)], leader) == "part_not_here"


def test_a_set_of_several_groups_asks_for_its_own(parts, officer, receiving, facility, leader):
    machine = helpers.submitted(receiving, officer, facility=facility, group="machinery")
    assert refused([parts[0], machine], leader) == "several_groups"
    assert gather([parts[0], machine], leader, group="handicraft").product.group == "handicraft"


def test_a_set_is_not_put_into_a_set(parts, leader):
    whole = gather(parts[:2], leader)
    assert refused([whole, parts[2]], leader) == "part_is_set"


@pytest.mark.parametrize("state", [D.NEEDS_SUPPLEMENT, D.NOT_ELIGIBLE, D.WITHDRAWN])
def test_only_what_is_submitted_or_eligible_is_gathered(state, parts, leader):
    Dossier.objects.filter(pk=parts[0].pk).update(state=state, state_reason="Lý do")
    assert refused(parts, leader) == "part_out_of_order"


def test_a_name_the_facility_uses_already_is_refused(parts, leader):
    assert refused(parts, leader, name=parts[0].product.name) == "name_taken"


def test_the_support_team_does_not_gather(parts, receiving):
    helper = factories.SeatFactory(round=receiving, body="support", role="support_member").user
    assert refused(parts, helper) == "not_allowed"


def test_after_checking_nothing_is_gathered(parts, officer, receiving, leader):
    for part in parts:
        helpers.hand_in_papers(part, officer)
        dossiers.admit(dossier=part, actor=officer, now=NOON)
    for state in (RoundState.SCREENING, RoundState.SCORING):
        lifecycle.advance(round_=receiving, to=state, actor=officer, now=AFTER)
    assert refused(parts, leader) == "round_state"


def test_taken_apart_the_parts_stand_as_they_stood(parts, officer, leader):
    helpers.hand_in_papers(parts[0], officer)
    dossiers.admit(dossier=parts[0], actor=officer, now=NOON)
    whole = gather([Dossier.objects.get(pk=part.pk) for part in parts], leader)
    gathering.undo_gathering(dossier=whole, reason="Cơ sở xin tách.", actor=leader, now=NOON)
    states = dict(Dossier.objects.values_list("entry_code", "state"))
    assert states == {"001": D.ELIGIBLE, "002": D.SUBMITTED, "003": D.SUBMITTED, "004": D.WITHDRAWN}
    assert not Dossier.objects.filter(gathered_into__isnull=False).exists()


def test_taking_apart_needs_a_reason_and_a_set(parts, leader):
    with pytest.raises(Refusal) as no_set:
        gathering.undo_gathering(dossier=parts[0], reason="Tách.", actor=leader, now=NOON)
    with pytest.raises(Refusal) as no_reason:
        gathering.undo_gathering(dossier=gather(parts, leader), reason=" ", actor=leader, now=NOON)
    assert (no_set.value.code, no_reason.value.code) == ("set_not_gathered", "reason_missing")


def test_gathered_again_under_its_name_the_set_keeps_its_number(parts, leader):
    whole = gather(parts, leader)
    gathering.undo_gathering(dossier=whole, reason="Tách.", actor=leader, now=NOON)
    again = gather([Dossier.objects.get(pk=part.pk) for part in parts[:2]], leader)
    assert (again.pk, again.entry_code, again.product.members.count()) == (whole.pk, "004", 2)
    assert Product.objects.filter(is_set=True).count() == 1


def test_a_gathered_set_is_taken_apart_not_withdrawn(parts, officer, leader):
    with pytest.raises(Refusal) as found:
        dossiers.withdraw(dossier=gather(parts, leader), reason="Rút.", actor=officer, now=NOON)
    assert found.value.code == "set_is_gathered"


def test_a_gathered_dossier_takes_no_papers(parts, officer, leader):
    gather(parts, leader)
    with pytest.raises(Refusal) as found:
        papers.add_document(dossier=parts[0], kind=DocumentKind.AWARD, on_paper=True, actor=officer)
    assert found.value.code == "dossier_closed"


def test_entries_are_counted_and_the_set_made_of_them_is_not(parts, officer, receiving, leader):
    helpers.submitted(receiving, officer, group="handicraft")
    gather(parts, leader)
    numbers = queries.group_numbers(receiving)[0]
    assert (numbers.dossiers, numbers.eligible) == (4, 0)


# --- the database itself --------------------------------------------------------------------------------------


def test_the_database_holds_a_gathered_dossier_to_a_set_of_its_facility_in_its_round(parts, receiving, facility):
    elsewhere = factories.DossierFactory(product=factories.ProductFactory(facility=facility, is_set=True))
    strangers = factories.DossierFactory(round=receiving, product=factories.ProductFactory(is_set=True))
    for whole in (elsewhere, strangers, parts[1]):
        with pytest.raises(IntegrityError, match="cùng kỳ bình chọn"), transaction.atomic():
            Dossier.objects.filter(pk=parts[0].pk).update(state=D.GATHERED, gathered_into=whole)


def test_the_database_gathers_nothing_that_is_scored(parts, receiving, facility):
    whole = factories.DossierFactory(round=receiving, product=factories.ProductFactory(facility=facility, is_set=True))
    factories.ScoreSheetFactory(dossier=parts[0])
    with pytest.raises(IntegrityError, match="đã có phiếu chấm"), transaction.atomic():
        Dossier.objects.filter(pk=parts[0].pk).update(state=D.GATHERED, gathered_into=whole)


def test_the_database_keeps_a_version_as_it_was(parts):
    versions = DossierVersion.objects.filter(dossier=parts[0])
    for act in (lambda: versions.update(sha256="0" * 64), versions.delete):
        with pytest.raises(IntegrityError, match="đã khóa"), transaction.atomic():
            act()


def test_the_facility_does_not_take_a_gathered_set_back_and_strand_its_parts(parts, facility, leader):
    whole = gather(parts, leader)
    producer = factories.RepresentativeFactory(facility=facility).user
    with pytest.raises(Refusal) as found:
        applying.withdraw(dossier=whole, reason="Đổi ý", actor=producer, now=NOON)
    assert found.value.code == "set_is_gathered"
    whole.refresh_from_db()
    assert whole.state == D.SUBMITTED
