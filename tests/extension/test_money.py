import pytest
from hypothesis import given
from hypothesis import strategies as st

from extension.money.words import SMALLEST_BARE, parse_money
from portal.text.errors import Refusal
from portal.text.formats import number

SUMS = st.integers(min_value=0, max_value=10**14)


@pytest.mark.parametrize(
    ("text", "dong"),
    [
        ("200 triệu", 200_000_000),
        ("200 triệu đồng", 200_000_000),
        ("200tr", 200_000_000),
        ("1.075.000.000", 1_075_000_000),
        ("1,075,000,000", 1_075_000_000),
        ("1.075.000.000đ", 1_075_000_000),
        ("1 075 000 000 đồng", None),
        ("12,31 tỷ", 12_310_000_000),
        ("12,31 tỉ đồng", 12_310_000_000),
        ("2,605 tỷ", 2_605_000_000),
        ("1 tỷ 075 triệu", 1_075_000_000),
        ("1 tỷ 75 triệu đồng", 1_075_000_000),
        ("5.500 triệu", 5_500_000_000),
        ("879,6 triệu", 879_600_000),
        ("950 nghìn đồng", 950_000),
        ("500 đồng", 500),
        ("0", 0),
        ("  300000000  ", 300_000_000),
    ],
)
def test_sums_are_read_as_officers_write_them(text, dong):
    if dong is None:
        with pytest.raises(Refusal):
            parse_money(text)
    else:
        assert parse_money(text) == dong


def test_an_empty_text_is_no_sum():
    assert parse_money("  ") is None


@pytest.mark.parametrize(
    "text",
    [
        "200",
        "1.075",
        "1,075",
        "1.5 triệu",
        "2.605 tỷ",
        "1 tỷ 5",
        "1 tỷ 1200 triệu",
        "5 triệu 2 tỷ",
        "1,5 tỷ 2 triệu",
        "-5 triệu",
        "khoảng 3 tỷ",
        "gần 11,8 tỷ",
        "0,5 đồng",
        "1..000",
        "triệu",
        "1.00.000",
        "5 tấn",
        "²00 triệu",
        "99999999 tỷ",
    ],
)
def test_what_could_mean_two_sums_is_refused_in_a_whole_sentence(text):
    with pytest.raises(Refusal) as refused:
        parse_money(text)
    assert refused.value.code == "money_unclear"
    assert str(refused.value).endswith(".")


def test_the_refusal_shows_how_to_write_a_decimal():
    with pytest.raises(Refusal, match="“2,605 tỷ”"):
        parse_money("2.605 tỷ")


@given(SUMS.filter(lambda n: n == 0 or n >= SMALLEST_BARE))
def test_a_grouped_number_reads_back_as_itself(dong):
    assert parse_money(number(dong)) == parse_money(str(dong)) == dong


@given(st.integers(min_value=0, max_value=999), st.integers(min_value=0, max_value=999))
def test_billions_and_millions_add_up(billions, millions):
    assert parse_money(f"{billions} tỷ {millions:03} triệu đồng") == billions * 10**9 + millions * 10**6


@given(st.integers(min_value=0, max_value=10**5), st.integers(min_value=0, max_value=999_999))
def test_a_decimal_comma_before_a_unit_never_goes_through_a_float(whole, fraction):
    assert parse_money(f"{whole},{fraction:06} triệu") == whole * 10**6 + fraction


@pytest.mark.parametrize(
    ("text", "dong"),
    [
        ("950,000", 950_000),
        ("950,000 VND", 950_000),
        ("950,000₫", 950_000),
        ("1,075,000,000", 1_075_000_000),
        ("1.075.000.000", 1_075_000_000),
        ("600 million", 600_000_000),
        ("1,075 million", 1_075_000_000),
        ("1.5 million dong", 1_500_000),
        ("2.605 billion", 2_605_000_000),
        ("1 billion 75 million", 1_075_000_000),
        ("12,31 tỷ", 12_310_000_000),
        ("200 triệu", 200_000_000),
        ("950000", 950_000),
    ],
)
def test_english_pages_read_sums_as_english_writes_them(text, dong):
    assert parse_money(text, language="en") == dong


@pytest.mark.parametrize(
    "text",
    ["200", "950.000", "1,5 million", "9,50,000", "950,00", "1,075", "2.605 tỷ", "-5 million", "5 tons", "0.5 VND"],
)
def test_english_refuses_too_what_could_mean_two_sums(text):
    with pytest.raises(Refusal) as refused:
        parse_money(text, language="en")
    assert refused.value.code == "money_unclear"
    assert f"“{text.lower()}" in str(refused.value)


@given(SUMS.filter(lambda n: n == 0 or n >= SMALLEST_BARE))
def test_a_sum_as_english_pages_write_it_reads_back_as_itself(dong):
    assert parse_money(f"{dong:,}", language="en") == parse_money(str(dong), language="en") == dong
    if dong < 10**9:
        assert parse_money(f"{dong:,} million", language="en") == dong * 10**6


@given(st.text(max_size=40), st.sampled_from(["vi", "en"]))
def test_any_text_gives_a_whole_sum_or_a_sentence(text, language):
    outcome = read(text, language)
    assert outcome in {None, "money_unclear"} or (isinstance(outcome, int) and outcome >= 0)


def read(text, language):
    try:
        return parse_money(text, language=language)
    except Refusal as refused:
        return refused.code
