"""Conditions to enter, each both ways; then as they stand on a dossier."""

import datetime as dt
from dataclasses import replace

import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from portal.text.errors import Refusal
from rounds import eligibility as pure
from rounds import queries
from rounds.eligibility import (
    COMPUTED,
    MET,
    NOT_APPLICABLE,
    NOT_MET,
    OPEN,
    Answer,
    Certificate,
    Condition,
    DatedPaper,
    Facts,
    Member,
    checks,
    in_force,
    refused_by,
    stands_in_the_way,
    words_of_refusal,
)
from rounds.enums import CheckAnswer, CheckKind, DocumentKind, DossierState, RoundState, SetBasis
from rounds.models import EligibilityAnswer, EligibilityRule
from rounds.reference_data import load
from rounds.services import dossiers, eligibility, lifecycle
from tests import factories

from . import helpers
from .helpers import AFTER, NOON

DAY = dt.date(2026, 11, 21)
BEFORE, LATER = DAY - dt.timedelta(days=1), DAY + dt.timedelta(days=1)
GOOD = Facts(level="province", on=DAY, submitted_on=DAY, facility=1, facility_kind="household", group="handicraft")
SET = replace(GOOD, is_set=True, set_basis="fitting", members=(Member("Chén", 1), Member("Đĩa", None)))
ABOVE = replace(GOOD, lower_round_held=True)
COPY = DatedPaper(DocumentKind.LOWER_CERTIFICATE, "Giấy chứng nhận", LATER)
LETTER = DatedPaper(DocumentKind.COVER_LETTER, "Công văn")

BOTH_WAYS = [
    ("facility_known", GOOD, MET),
    ("facility_known", replace(GOOD, facility=None), NOT_MET),
    ("facility_kind", GOOD, MET),
    ("facility_kind", replace(GOOD, facility_kind="enterprise"), MET),
    ("facility_kind", replace(GOOD, facility_kind="cooperative"), MET),
    ("facility_kind", replace(GOOD, facility_kind="cooperative_group"), MET),
    ("facility_kind", replace(GOOD, facility_kind="unknown"), OPEN),
    ("facility_kind", replace(GOOD, facility_kind=""), OPEN),
    ("facility_kind", replace(GOOD, facility_kind="ministry"), NOT_MET),
    ("register_current", GOOD, MET),
    ("register_current", replace(GOOD, facility_merged=True), NOT_MET),
    ("register_current", replace(GOOD, product_merged=True), NOT_MET),
    ("tax_code", replace(GOOD, tax_code="0100109106"), MET),
    ("tax_code", GOOD, MET),
    ("tax_code", replace(GOOD, tax_code="0100109107"), NOT_MET),
    ("group_given", GOOD, MET),
    ("group_given", replace(GOOD, group=""), NOT_MET),
    ("group_given", replace(GOOD, group_certain=False), OPEN),
    ("set_of_one_facility", GOOD, NOT_APPLICABLE),
    ("set_of_one_facility", SET, MET),
    ("set_of_one_facility", replace(SET, members=(Member("Chén", 1), Member("Đĩa", 2))), NOT_MET),
    ("set_has_members", GOOD, NOT_APPLICABLE),
    ("set_has_members", replace(GOOD, set_certain=False), OPEN),
    ("set_has_members", SET, MET),
    ("set_has_members", replace(SET, members=(Member("Chén", 1),)), NOT_MET),
    ("set_basis", GOOD, NOT_APPLICABLE),
    *[("set_basis", replace(SET, set_basis=basis), MET) for basis in SetBasis.values],
    ("set_basis", replace(SET, set_basis=""), OPEN),
    ("lower_certificate", GOOD, NOT_APPLICABLE),
    ("lower_certificate", replace(ABOVE, level="commune"), NOT_APPLICABLE),
    ("lower_certificate", ABOVE, NOT_MET),
    ("lower_certificate", replace(ABOVE, certificates=(Certificate(True, LATER),)), MET),
    ("lower_certificate", replace(ABOVE, certificates=(Certificate(False, BEFORE),)), NOT_MET),
    ("lower_certificate", replace(ABOVE, papers=(COPY,)), MET),
    ("certificate_covers", ABOVE, NOT_APPLICABLE),
    ("certificate_covers", replace(ABOVE, certificates=(Certificate(True, DAY),)), MET),
    ("certificate_covers", replace(ABOVE, certificates=(Certificate(False, BEFORE),)), NOT_MET),
    ("certificate_covers", replace(ABOVE, certificates=(Certificate(False, LATER),), papers=(COPY,)), NOT_MET),
    ("certificate_covers", replace(ABOVE, papers=(replace(COPY, valid_until=DAY),)), MET),
    ("certificate_covers", replace(ABOVE, papers=(replace(COPY, valid_until=BEFORE),)), NOT_MET),
    ("certificate_covers", replace(ABOVE, papers=(replace(COPY, valid_until=None),)), OPEN),
    ("cover_letter", GOOD, NOT_MET),
    ("cover_letter", replace(GOOD, papers=(LETTER,)), MET),
    ("cover_letter", ABOVE, NOT_APPLICABLE),
    ("cover_letter", replace(GOOD, level="district"), NOT_APPLICABLE),
    ("papers_valid", GOOD, MET),
    ("papers_valid", replace(GOOD, papers=(DatedPaper("standard", "TCCS", DAY),)), MET),
    ("papers_valid", replace(GOOD, papers=(DatedPaper("standard", "TCCS", BEFORE),)), NOT_MET),
    (
        "papers_valid",
        replace(GOOD, papers=(DatedPaper("standard", "TCCS", BEFORE), DatedPaper("standard", "TCCS mới", LATER))),
        MET,
    ),
    ("entered_once", GOOD, MET),
    ("entered_once", replace(GOOD, entered_too=("012",)), NOT_MET),
]


def condition(code="rural_area", kind=CheckKind.ANSWERED, pk=1, **changes):
    words = {"sentence": f"Điều kiện {code}.", "failure": f"Không đạt {code}.", "guidance": "", "legal_basis": "Điều 6"}
    return Condition(id=pk, code=code, kind=kind, **{**words, **changes})


@pytest.mark.parametrize("code,facts,outcome", BOTH_WAYS)
def test_every_computed_rule_holds_both_ways(code, facts, outcome):
    assert COMPUTED[code](facts).outcome == outcome


@pytest.mark.parametrize("code,facts,outcome", [row for row in BOTH_WAYS if row[2] in (NOT_MET, OPEN)])
def test_what_is_not_met_or_not_known_says_why(code, facts, outcome):
    check = checks([condition(code, CheckKind.COMPUTED)], facts)[0]
    assert check.outcome == outcome
    assert check.said.startswith(f"Không đạt {code}." if outcome == NOT_MET else f"Chưa rõ: Điều kiện {code}.")


def test_each_computed_rule_is_tried_in_both_directions():
    good = {code for code, _facts, outcome in BOTH_WAYS if outcome == MET}
    bad = {code for code, _facts, outcome in BOTH_WAYS if outcome in (NOT_MET, OPEN)}
    assert good == bad == set(COMPUTED)


def test_an_answered_rule_is_open_until_a_person_has_answered():
    assert [check.outcome for check in checks([condition()], GOOD)] == [OPEN]
    for value in CheckAnswer.values:
        found = checks([condition()], GOOD, {1: Answer(value, "Xem tại xưởng.", "Cán bộ", NOON)})[0]
        assert (found.outcome, found.reason, found.by, found.at) == (value, "Xem tại xưởng.", "Cán bộ", NOON)


def test_a_rule_of_one_group_is_not_asked_of_another():
    food = condition("food_safety", group="processing")
    assert checks([food], GOOD)[0].outcome == NOT_APPLICABLE
    assert checks([food], replace(GOOD, group="processing"))[0].outcome == OPEN


def test_a_rule_that_only_warns_stands_in_nobodys_way():
    odd = condition("tax_code", CheckKind.COMPUTED, warns_only=True)
    found = checks([odd], replace(GOOD, tax_code="123"))
    assert (found[0].outcome, found[0].ok, stands_in_the_way(found), refused_by(found)) == (NOT_MET, True, (), ())


def test_a_computed_rule_without_a_function_is_open_never_met():
    assert checks([condition("unheard_of", CheckKind.COMPUTED)], GOOD)[0].outcome == OPEN


def test_a_refusal_is_written_from_what_is_not_met_with_its_legal_basis():
    found = checks(
        [condition("facility_known", CheckKind.COMPUTED), condition(pk=2)],
        replace(GOOD, facility=None),
        {2: Answer(NOT_MET, "Xưởng ở phường.", "Cán bộ", NOON)},
    )
    assert words_of_refusal(found).split("\n") == [
        "Không đạt facility_known. Hãy ghi cơ sở làm ra sản phẩm. (Điều 6)",
        "Không đạt rural_area. Xưởng ở phường. (Điều 6)",
    ]


@given(
    st.builds(
        Facts,
        level=st.sampled_from(["district", "commune", "province", "region", "national"]),
        on=st.just(DAY),
        submitted_on=st.just(DAY),
        lower_round_held=st.booleans(),
        facility=st.none() | st.integers(1, 3),
        facility_kind=st.sampled_from(["", "unknown", "household", "other"]),
        tax_code=st.text("0123456789- x", max_size=14),
        group=st.sampled_from(["", "handicraft", "processing"]),
        group_certain=st.booleans(),
        is_set=st.booleans(),
        set_certain=st.booleans(),
        set_basis=st.sampled_from(["", *SetBasis.values]),
        members=st.lists(st.builds(Member, st.text(max_size=5), st.none() | st.integers(1, 3)), max_size=4).map(tuple),
        certificates=st.lists(st.builds(Certificate, st.booleans(), st.none() | st.dates()), max_size=3).map(tuple),
        papers=st.lists(
            st.builds(DatedPaper, st.sampled_from(DocumentKind.values), st.text(max_size=5), st.none() | st.dates()),
            max_size=5,
        ).map(tuple),
    )
)
def test_whatever_the_facts_every_rule_speaks_and_nothing_passes_in_silence(facts):
    found = checks([condition(code, CheckKind.COMPUTED, pk) for pk, code in enumerate(COMPUTED)], facts)
    assert {check.outcome for check in found} <= {MET, NOT_MET, NOT_APPLICABLE, OPEN}
    assert all(bool(check.said) is (check.outcome in (NOT_MET, OPEN)) for check in found)
    assert len(stands_in_the_way(found)) == sum(check.outcome in (NOT_MET, OPEN) for check in found)


@given(st.dates(dt.date(2010, 1, 1), dt.date(2030, 1, 1)))
def test_on_any_day_at_most_one_row_of_a_rule_holds(on):
    rows = [
        EligibilityRule(code="a", level="", valid_from=dt.date(2014, 10, 21), valid_to=dt.date(2025, 6, 30)),
        EligibilityRule(code="a", level="", valid_from=dt.date(2025, 7, 1)),
        EligibilityRule(code="a", level="province", valid_from=dt.date(2020, 1, 1)),
    ]
    held = in_force(rows, level="province", on=on)
    assert [row.code for row in held] == (["a"] if on >= dt.date(2014, 10, 21) else [])
    assert not held or (held[0].level == "province") is (on >= dt.date(2020, 1, 1))


# --- on a dossier -----------------------------------------------------------------------------------------


@pytest.fixture
def law(db):
    load()
    return {rule.code: rule for rule in EligibilityRule.objects.all()}


@pytest.fixture
def dossier(province, officer):
    found = helpers.submitted(helpers.receiving_round(province, officer), officer)
    facility = found.product.facility
    facility.kind = "household"
    facility.save()
    helpers.hand_in_papers(found, officer)
    return found


def meet_all(dossier, officer, law):
    found = {
        law[check.code]: (MET, "Đã xem hồ sơ.")
        for check in queries.eligibility(dossier, on=DAY)
        if check.kind == CheckKind.ANSWERED and check.outcome == OPEN
    }
    return eligibility.answer_all(dossier=dossier, answers=found, actor=officer, now=NOON)


def test_the_reference_names_only_functions_that_exist_and_every_one_of_them(law):
    assert {code for code, rule in law.items() if rule.kind == CheckKind.COMPUTED} == set(COMPUTED)
    assert [code for code, rule in law.items() if not rule.is_certain] == ["rural_area"]
    assert all("Điều" in rule.legal_basis for rule in law.values())
    assert load()["eligibility_rules"] == 0


def test_admission_names_every_condition_not_yet_answered(dossier, officer, law):
    with pytest.raises(Refusal) as refused:
        dossiers.admit(dossier=dossier, actor=officer, now=NOON)
    answered = [rule for rule in law.values() if rule.kind == CheckKind.ANSWERED and not rule.group]
    assert refused.value.code == "not_eligible"
    assert len(refused.value.details) == len(answered) + (dossier.product.group == "processing")
    assert meet_all(dossier, officer, law).state == DossierState.SUBMITTED
    assert dossiers.admit(dossier=dossier, actor=officer, now=NOON).state == DossierState.ELIGIBLE


def test_a_frozen_version_carries_the_answers(dossier, officer, law):
    meet_all(dossier, officer, law)
    admitted = dossiers.admit(dossier=dossier, actor=officer, now=NOON)
    content = admitted.versions.get(number=admitted.version).content
    assert {"rule": "rural_area", "answer": "met", "reason": "Đã xem hồ sơ."} in content["answers"]


def test_a_condition_found_not_met_refuses_and_writes_the_reason(dossier, officer, law):
    meet_all(dossier, officer, law)
    eligibility.answer(
        dossier=dossier, rule=law["not_copy"], answer=NOT_MET, reason="Giống mẫu đã bán.", actor=officer, now=NOON
    )
    with pytest.raises(Refusal) as refused:
        dossiers.admit(dossier=dossier, actor=officer, now=NOON)
    assert refused.value.details == ("Sản phẩm là bản sao chép của sản phẩm khác. Giống mẫu đã bán.",)
    done = dossiers.reject(dossier=dossier, actor=officer, now=NOON)
    assert done.state_reason == (
        "Sản phẩm là bản sao chép của sản phẩm khác. Giống mẫu đã bán. (TT 26/2014/TT-BCT, Điều 6)"
    )


@pytest.mark.parametrize(
    "found,code",
    [((MET, " "), "reason_missing"), (("perhaps", "Có."), "answer_unknown")],
)
def test_an_answer_needs_one_of_three_words_and_a_ground(found, code, dossier, officer, law):
    with pytest.raises(Refusal) as refused:
        eligibility.answer(
            dossier=dossier, rule=law["series"], answer=found[0], reason=found[1], actor=officer, now=NOON
        )
    assert refused.value.code == code
    assert not EligibilityAnswer.objects.exists()


def test_a_computed_rule_is_not_answered_by_hand(dossier, officer, law):
    with pytest.raises(Refusal) as refused:
        eligibility.answer(dossier=dossier, rule=law["group_given"], answer=MET, reason="Có.", actor=officer, now=NOON)
    assert refused.value.code == "rule_unknown"


def test_of_several_answers_one_bad_one_writes_none(dossier, officer, law):
    with pytest.raises(Refusal):
        eligibility.answer_all(
            dossier=dossier,
            answers={law["series"]: (MET, "Có."), law["quality"]: (MET, "")},
            actor=officer,
            now=NOON,
        )
    assert not EligibilityAnswer.objects.exists()


def test_an_answer_given_again_replaces_the_first_and_both_stay_in_the_history(dossier, officer, law):
    for value in (NOT_MET, MET):
        eligibility.answer(
            dossier=dossier, rule=law["series"], answer=value, reason="Xem lại.", actor=officer, now=NOON
        )
    row = EligibilityAnswer.objects.get()
    assert (row.answer, row.history.count()) == (MET, 2)


def test_a_concluded_dossier_takes_no_more_answers(dossier, officer, law):
    meet_all(dossier, officer, law)
    dossiers.admit(dossier=dossier, actor=officer, now=NOON)
    with pytest.raises(Refusal) as refused:
        eligibility.answer(dossier=dossier, rule=law["series"], answer=NOT_MET, reason="Sai.", actor=officer, now=NOON)
    assert refused.value.code == "dossier_closed"


def test_the_rule_of_the_day_of_submission_holds(dossier, officer, law):
    old = law["series"]
    old.valid_to = dossier.received_on
    old.save()
    EligibilityRule.objects.create(
        code="series", kind="answered", sentence="Mới.", failure="Sai.", legal_basis="Mới", valid_from=LATER
    )
    later = {check.code: check for check in queries.eligibility(dossier, on=AFTER.date())}
    assert later["series"].rule_id == old.pk
    type(dossier).objects.filter(pk=dossier.pk).update(received_on=LATER)
    dossier.refresh_from_db()
    assert {check.code: check for check in queries.eligibility(dossier, on=AFTER.date())}["series"].sentence == "Mới."


def test_a_product_that_also_stands_in_a_set_of_the_round_is_found(dossier, officer, law):
    facility = dossier.product.facility
    a_set = factories.ProductFactory(facility=facility, is_set=True)
    factories.SetMemberFactory(product_set=a_set, product=dossier.product, name=dossier.product.name)
    whole = factories.DossierFactory(round=dossier.round, product=a_set, state=DossierState.SUBMITTED)
    found = {check.code: check for check in queries.eligibility(dossier, on=DAY)}["entered_once"]
    assert found.said == f"Sản phẩm có hơn một hồ sơ trong kỳ. Cũng có trong hồ sơ {whole.entry_code}."
    dossiers.withdraw(dossier=whole, reason="Rút.", actor=officer, now=NOON)
    assert {check.code: check for check in queries.eligibility(dossier, on=DAY)}["entered_once"].outcome == MET


@pytest.mark.parametrize(
    "recognition,outcomes",
    [
        ({"level": "commune", "expires_on": DAY}, (MET, MET)),
        ({"level": "commune", "expires_on": BEFORE}, (NOT_MET, NOT_MET)),
        ({"level": "province", "expires_on": LATER}, (NOT_MET, NOT_APPLICABLE)),
    ],
)
def test_the_certificate_of_the_level_below_is_read_from_the_register(recognition, outcomes, province, officer, law):
    round_ = helpers.receiving_round(province, officer, lower_round_held=True)
    product = helpers.product_of(province)
    factories.RecognitionFactory(product=product, year=2024, **recognition)
    found = dossiers.create_dossier(round_=round_, product=product, actor=officer, now=NOON)
    found = dossiers.submit(dossier=found, actor=officer, now=NOON)
    checked = {check.code: check.outcome for check in queries.eligibility(found, on=AFTER.date())}
    assert (checked["lower_certificate"], checked["certificate_covers"]) == outcomes


@pytest.mark.parametrize("total", [1, 3, 50])
def test_the_conditions_of_a_list_cost_the_same_however_many(total, province, officer, law, django_assert_num_queries):
    round_ = factories.RoundFactory(territory=province, state=RoundState.SCREENING, receiving_unit=None)
    for number in range(total):
        product = helpers.product_of(province, is_set=bool(number % 2))
        factories.SetMemberFactory(product_set=factories.ProductFactory(is_set=True), product=product)
        made = factories.DossierFactory(round=round_, product=product, state=DossierState.SUBMITTED)
        EligibilityAnswer.objects.create(
            dossier=made, rule=law["series"], answer=MET, reason="Có.", answered_by=officer, answered_at=NOON
        )
    rows = list(queries.desk_dossiers(officer))
    with django_assert_num_queries(3):
        book = queries.book_for(rows)
        found = [queries.eligibility(row, on=DAY, book=book) for row in rows]
    assert len(found) == total


def test_the_migrated_answer_uses_the_reference_row(law):
    """The data migration makes the same row that the reference file names, so that loading doubles nothing."""
    from importlib import import_module

    moved = import_module("rounds.migrations.0004_rural_area_as_answer")
    row = law["rural_area"]
    assert {name: getattr(row, name) for name in moved.RULE} == moved.RULE
    assert (row.code, row.level, row.valid_from) == (moved.CODE, "", moved.SINCE)


def test_after_checking_is_over_no_answer_is_taken(dossier, officer, law):
    round_ = dossier.round
    meet_all(dossier, officer, law)
    dossiers.admit(dossier=dossier, actor=officer, now=NOON)
    lifecycle.advance(round_=round_, to=RoundState.SCREENING, actor=officer, now=AFTER)
    lifecycle.advance(round_=round_, to=RoundState.SCORING, actor=officer, now=AFTER)
    with pytest.raises(Refusal) as refused:
        eligibility.answer(dossier=dossier, rule=law["series"], answer=MET, reason="Có.", actor=officer, now=AFTER)
    assert refused.value.code == "round_state"


def test_the_rules_come_with_the_command_that_loads_the_law(db):
    call_command("load_reference", "--apply")
    assert EligibilityRule.objects.count() == 22
    assert pure.SMALLEST_SET == 2
