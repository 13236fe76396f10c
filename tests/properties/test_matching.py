"""Whom a declaration meets: never missed for a habit of spelling, never met for a likeness."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.text.folding import fold
from rounds.enums import ConflictBasis
from rounds.matching import Maker, Named, Register, matches, read_address, read_name, same_name, same_place, tax_root

SYLLABLES = ["Trà", "Hoàng", "Nông", "Tân", "Cương", "Bình", "Dừa", "Dứa", "Đông", "Mỳ", "Chũ", "Hòa", "Lộc", "Quý"]
FORMS = ["Công ty TNHH", "Công ty TNHH MTV", "Công ty cổ phần", "CTCP", "HTX", "Hợp tác xã", "DNTN", "Hộ kinh doanh"]
cores = st.lists(st.sampled_from(SYLLABLES), min_size=3, max_size=5, unique=True).map(" ".join)
digits = st.text("0123456789", min_size=10, max_size=10).filter(lambda code: len(set(code)) > 1)


def maker(**facts):
    return Maker(**{"pk": 1, "uuid": "u-1", "name": "Hợp tác xã chè Tân Cương", **facts})


def bases(named, to):
    return [found.basis for found in matches(named, to, person="p")]


@given(cores, st.sampled_from(FORMS), st.sampled_from(FORMS))
def test_a_long_name_is_the_same_under_every_legal_form(core, one, other):
    assert same_name(read_name(f"{one} {core}"), read_name(f"{other} {core}"))


@given(cores, st.sampled_from(FORMS))
def test_typed_without_diacritics_or_in_capitals_it_is_the_same(core, form):
    name = read_name(f"{form} {core}")
    assert same_name(name, read_name(fold(f"{form} {core}")))
    assert same_name(name, read_name(f"{form} {core}".upper()))
    assert same_name(name, read_name(f"Chi nhánh {form} {core} tại Hà Nội"))


@given(cores, cores)
def test_other_names_are_others(one, other):
    assert same_name(read_name(f"HTX {one}"), read_name(f"HTX {other}")) == (fold(one) == fold(other) and one == other)


@given(cores, st.sampled_from(SYLLABLES))
def test_a_name_that_goes_on_is_another(core, more):
    assert not same_name(read_name(f"HTX {core}"), read_name(f"HTX {core} {more}"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("HTX Mứt dừa Bến Tre", "HTX Mứt dứa Bến Tre"),  # tones tell them apart when both are written with them
        ("Công ty TNHH Hòa Bình", "HTX Hòa Bình"),  # two common syllables, another legal form
        ("UBND tỉnh Hòa Bình", "HTX Hòa Bình"),
        ("Sở Công Thương tỉnh Thái Nguyên", "Công ty cổ phần Thái Nguyên"),
        ("Cơ sở sản xuất", "Cơ sở sản xuất"),
        ("", ""),
    ],
)
def test_these_do_not_meet(one, other):
    assert not same_name(read_name(one), read_name(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Công ty TNHH Hòa Bình", "Hoà Bình"),
        ("cty tnhh hoang nong", "Công ty TNHH Hoàng Nông"),
        ("HTX Tân Cương (Thái Nguyên)", "Hợp tác xã Tân Cương"),
        ("Công ty cổ phần Tập đoàn Mỳ Chũ Bắc Giang", "CTCP Mì Chũ Bắc Giang"),
    ],
)
def test_these_meet(one, other):
    assert same_name(read_name(one), read_name(other))


@given(digits, st.integers(1, 999))
def test_a_branch_meets_its_parent_and_its_sisters(parent, branch):
    assert tax_root(f"{parent}-{branch:03}") == tax_root(parent) == tax_root(f"{parent}-{branch}") == parent


@given(digits, digits)
def test_other_codes_are_others(one, other):
    assert (tax_root(one) == tax_root(other)) == (one == other)


@pytest.mark.parametrize("text", ["", "0000000000", "không có", "12345", "123"])
def test_what_is_no_tax_code_meets_nothing(text):
    assert tax_root(text) == ""
    assert bases(Named("x", tax_code=text), maker(tax_code=text)) == []


def test_a_personal_code_is_shown_by_its_last_digits_only():
    found = next(matches(Named("x", tax_code="001099012345"), maker(tax_code="001099012345"), person="p"))
    assert found.basis == ConflictBasis.TAX_CODE
    assert "001099" not in found.evidence


HOUSE = "Số 12, đường Bến Oánh, phường Túc Duyên, TP Thái Nguyên"


@pytest.mark.parametrize(
    "text", ["12 Bến Oánh, P. Túc Duyên, Thái Nguyên", "số nhà 12 đường bến oánh, phường túc duyên", HOUSE.upper()]
)
def test_the_same_house_is_met_however_it_is_written(text):
    assert same_place(read_address(text), read_address(HOUSE))


@pytest.mark.parametrize(
    "text",
    [
        "14 Bến Oánh, phường Túc Duyên, Thái Nguyên",
        "12 Minh Cầu, phường Túc Duyên, Thái Nguyên",
        "12 Bến Oánh, phường Trưng Vương, Thái Nguyên",
        "12A Bến Oánh, phường Túc Duyên",
        "12/3 Bến Oánh, phường Túc Duyên",
    ],
)
def test_a_neighbour_is_not_met(text):
    assert not same_place(read_address(text), read_address(HOUSE))


@pytest.mark.parametrize(
    "text", ["", "xã Tân Cương, Thái Nguyên", "Xóm Hồng Thái 2, xã Tân Cương", "Tổ 5, phường X", "12"]
)
def test_a_hamlet_or_a_commune_is_no_house(text):
    assert read_address(text) is None


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_text_can_be_read_and_meeting_goes_both_ways(one, other):
    assert same_name(read_name(one), read_name(other)) == same_name(read_name(other), read_name(one))
    here, there = read_address(one), read_address(other)
    if here and there:
        assert same_place(here, here)
        assert same_place(here, there) == same_place(there, here)


def test_a_facility_that_was_picked_is_met_first_and_by_itself_only():
    named = Named("x", facility=1, name="Hợp tác xã chè Tân Cương")
    assert bases(named, maker()) == [ConflictBasis.CHOSEN, ConflictBasis.NAME]
    assert bases(Named("x", facility=2), maker()) == []


def test_the_key_is_the_same_in_every_round_and_another_for_another_person_or_name():
    named = Named("x", name="HTX chè Tân Cương")

    def key(to, person="p"):
        return next(matches(named, to, person=person)).key

    assert key(maker()) == key(maker(pk=77))
    assert (
        len({key(maker()), key(maker(), "q"), key(maker(uuid="u-2")), key(maker(name="HỢP TÁC XÃ Chè Tân Cương."))})
        == 3
    )


@given(st.lists(cores, min_size=1, max_size=12, unique=True), cores, digits)
def test_looking_up_finds_exactly_what_walking_through_all_finds(names, wanted, code):
    makers = [
        maker(pk=n, uuid=f"u-{n}", name=f"HTX {name}", tax_code=code if n % 3 == 0 else "", addresses=(HOUSE,))
        for n, name in enumerate(names, start=1)
    ]
    named = Named("x", facility=2, name=f"Hợp tác xã {wanted}", tax_code=f"{code}-001", address=HOUSE)
    slow = {found.pk for found in makers if bases(named, found)}
    quick = {found.pk for found in Register(makers).near(named) if bases(named, found)}
    assert quick == slow
