"""Reading a catalogue query and writing it again."""

import unicodedata

import pytest
from django.http import QueryDict

from products.filters import VALUES_OF_A_FIELD, Asked, Filters, Ignored, parse

PROVINCES = {"gia-lai": 1, "gia-lai-2025": 2}


def read(query: str) -> Asked:
    return parse(QueryDict(query), PROVINCES)


def test_a_repeated_key_keeps_every_value_once():
    assert read("level=national&level=region&level=national").filters.level == ("national", "region")


def test_of_endless_values_only_so_many_are_read():
    asked = read("&".join(f"year={year}" for year in range(1900, 2100)))
    assert len(asked.filters.year) == VALUES_OF_A_FIELD


def test_values_that_make_no_sense_are_left_out_and_named():
    asked = read("level=xyz&year=20x5&province=hogwarts&status=new&sort=price&page=-1&basis=now&group=toys")
    assert asked.filters == Filters()
    assert {(bad.key, bad.value) for bad in asked.ignored} == {
        ("level", "xyz"), ("year", "20x5"), ("province", "hogwarts"), ("status", "new"),
        ("sort", "price"), ("page", "-1"), ("basis", "now"), ("group", "toys"),
    }  # fmt: skip


def test_good_values_beside_bad_ones_stay():
    asked = read("level=xyz&level=province")
    assert asked == Asked(Filters(level=("province",)), (Ignored("level", "xyz"),))


@pytest.mark.parametrize(
    "query", ["page=%00", "q=%00%00", "year=9999999999999999999999", "page=1e9", "level=", "q=%F0%9F%92%A9"]
)
def test_no_query_raises(query: str):
    read(query)


@pytest.mark.parametrize("text", ["😀", "%", "_", "- / -"])
def test_words_without_a_letter_or_digit_are_left_out_and_named(text: str):
    query = QueryDict(mutable=True)
    query["q"] = text
    assert parse(query, PROVINCES) == Asked(Filters(), (Ignored("q", text),))


def test_only_eight_words_of_two_hundred_characters_are_searched_for():
    asked = read("q=" + "mot hai ba bon nam sau bay tam chin muoi".replace(" ", "+"))
    assert asked.filters.words == ["mot", "hai", "ba", "bon", "nam", "sau", "bay", "tam"]
    assert len(read("q=" + "a" * 500).filters.q) == 200


def test_decomposed_text_and_text_without_marks_search_for_the_same():
    composed = Filters(q="Mỳ Chũ").words
    assert composed == Filters(q=unicodedata.normalize("NFD", "Mỳ Chũ")).words == Filters(q="mi chu").words


def test_the_address_leaves_out_what_is_as_by_default():
    assert Filters().query == "?"
    assert Filters(level=("national",), sort="newest", page=3).query == "?level=national&sort=newest&page=3"


def test_reading_an_address_gives_the_query_back():
    filters = Filters(
        q="chè", group=("processing",), province=("gia-lai",), basis="at_the_time", year=("2025",), page=2
    )
    assert read(filters.query[1:]).filters == filters


def test_taking_a_value_away_leads_back_to_the_first_page():
    filters = Filters(level=("national", "region"), page=7)
    assert filters.without("level", "national") == Filters(level=("region",))
    assert filters.without("level") == Filters()


def test_clearing_keeps_the_words_and_the_order():
    assert Filters(q="chè", level=("national",), sort="newest").cleared == "?q=ch%C3%A8&sort=newest"
