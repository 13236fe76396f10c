"""The public look-up of norms: plain words in, the right sum out."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import translation

from extension.models import SupportNorm
from extension.norms import lookup
from extension.norms import reference as norm_reference
from extension.norms.lookup_days import Days, days_in
from extension.norms.lookup_words import Named, Understood, understand
from portal.territory import reference_data as territory
from portal.text.clock import today

ITEMS = [
    Named("machine", ("máy sấy", "máy móc", "dryer")),
    Named("line", ("dây chuyền", "dây chuyền sấy")),
    Named("fair", ("hội chợ ngoài tỉnh", "hội chợ")),
]
PLACES = [Named("lai-chau", ("Lai Châu", "Lai Chau")), Named("hai-phong", ("Hải Phòng",))]
ON = dt.date(2026, 11, 22)


@pytest.mark.parametrize(
    ("text", "items", "place", "cost"),
    [
        ("máy sấy 600 triệu ở Lai Châu", ("machine",), "lai-chau", 600_000_000),
        ("may say 600tr o lai chau", ("machine",), "lai-chau", 600_000_000),
        ("Hợp tác xã muốn mua máy sấy giá 1,2 tỷ đồng, Hải Phòng", ("machine",), "hai-phong", 1_200_000_000),
        ("a dryer for 600 million in Lai Chau", ("machine",), "lai-chau", 600_000_000),
        ("dây chuyền sấy 1 tỷ 200 triệu", ("line",), "", 1_200_000_000),
        ("máy sấy 600.000.000", ("machine",), "", 600_000_000),
        ("dryer for 1.2 billion VND", ("machine",), "", 1_200_000_000),
        ("dryer, VND 600,000,000", ("machine",), "", 600_000_000),
        ("2 máy sấy HG-200", ("machine",), "", None),
        ("vay vốn", (), "", None),
        ("", (), "", None),
    ],
)
def test_words_name_an_expense_a_place_and_a_sum(text, items, place, cost):
    assert understand(text, items=ITEMS, places=PLACES) == Understood(items, place, cost)


@pytest.fixture
def law(db):
    territory.load()
    norm_reference.load()


def words(response):
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


@pytest.fixture
def ask(client, law):
    return lambda text="", **fields: words(client.get(reverse("support_norms"), {"q": text, **fields}))


def answer(text="", **fields):
    return lookup.answer(lookup.question_of({"q": text, **fields}, lookup.shelf(), ON))


def test_a_dryer_of_600_million_in_lai_chau_gets_at_most_300(ask):
    page = ask("Hợp tác xã tôi muốn mua máy sấy 600 triệu ở Lai Châu, được bao nhiêu?")
    assert "<span>Nhiều nhất</span> 300 triệu đồng" in page
    assert "Cơ sở góp ít nhất 300 triệu đồng trong 600 triệu đồng." in page
    assert "NQ 18/2025/NQ-HĐND</span>, Lai Châu, từ 05/05/2025" in page
    assert "Theo báo chí, chưa đối chiếu với văn bản gốc." in page
    assert "Máy móc, thiết bị phải mới, chưa qua sử dụng." in page


@pytest.mark.parametrize(
    ("text", "most"),
    [
        ("máy sấy 400 triệu ở Lai Châu", 200_000_000),
        ("máy sấy 600 triệu ở Hải Phòng", 250_000_000),
        ("máy sấy 600 triệu ở Thái Nguyên", 300_000_000),
        ("máy sấy 600 triệu", 300_000_000),
        ("dây chuyền 600 triệu ở Lai Châu", 450_000_000),
        ("hội chợ ngoài tỉnh 50 triệu ở Lai Châu", 40_000_000),
    ],
)
def test_sums_of_provinces_and_of_the_nation(law, text, most):
    assert answer(text).sum.most == most


def test_what_is_not_in_force_is_said_with_what_held_last(ask):
    page = ask("xây dựng thương hiệu 60 triệu ở Thái Nguyên")
    assert "chưa có mức hỗ trợ nào cho “Xây dựng và đăng ký thương hiệu”" in page
    assert "TTLT 26/2014/TTLT-BTC-BCT, hết hiệu lực ngày 27/03/2018" in page


def test_a_text_of_unknown_day_is_shown_and_not_applied(law):
    found = answer("mô hình trình diễn 4 tỷ ở Sơn La")
    assert found.applied.norm.legal_basis == "TT 28/2018/TT-BTC"
    assert [(row.place, row.applies) for row in found.rows if row.place == "Sơn La"] == [("Sơn La", False)]


def test_fields_correct_what_the_words_were_taken_for(ask):
    page = ask("máy sấy 600 triệu ở Lai Châu", item="day_chuyen", province="hai-phong", cost="1 tỷ")
    assert "<span>Nhiều nhất</span> 375 triệu đồng" in page
    unclear = ask("máy sấy 600 triệu", cost="2.605 tỷ")
    assert "có thể đọc theo hai cách" in unclear
    assert 'value="2.605 tỷ"' in unclear
    assert "có thể đọc theo hai cách" in ask("máy sấy 2.605 tỷ ở Lai Châu")


def test_nonsense_is_answered_with_what_to_do_next(ask):
    assert "Chưa rõ bạn cần hỗ trợ việc gì." in ask("???")
    assert "Hỏi" in ask(item="khong-co", province="khong-co", cost="-5")


def test_the_english_page_speaks_english_about_the_expense(client, law):
    with translation.override("en"):
        page = words(client.get(reverse("support_norms"), {"q": "a dryer for 600 million in Lai Chau"}))
    assert "Advanced machinery and equipment; technology transfer" in page
    assert "Machinery must be new, never used." in page


@pytest.mark.parametrize("asked", [{"q": "a dryer in Lai Chau", "cost": "950,000"}, {"q": "a dryer for 950,000"}])
def test_the_english_page_reads_a_cost_as_english_writes_it(client, law, asked):
    with translation.override("en"):
        page = client.get(reverse("support_norms"), asked)
    assert page.context["question"].cost == 950_000
    with translation.override("vi"):
        assert client.get(reverse("support_norms"), asked).context["question"].cost is None


def test_a_changed_norm_shows_at_once_on_a_kept_page(client, law, django_capture_on_commit_callbacks):
    asked = {"q": "máy sấy 600 triệu ở Hải Phòng"}
    assert "250 triệu đồng" in words(client.get(reverse("support_norms"), asked))
    with django_capture_on_commit_callbacks(execute=True):
        norm = SupportNorm.objects.get(legal_basis__startswith="NQ 13/2025", item__code="may_moc")
        norm.ceiling = 260_000_000
        norm.save()
    assert "<span>Nhiều nhất</span> 260 triệu đồng" in words(client.get(reverse("support_norms"), asked))


def test_the_page_costs_the_same_for_one_norm_and_for_many(client, law, django_assert_max_num_queries):
    with django_assert_max_num_queries(8):
        client.get(reverse("support_norms"), {"q": "máy sấy 600 triệu ở Lai Châu"})


def span(first, last=None):
    return Days(dt.date(*first), dt.date(*(last or first)))


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("máy sấy ở Lai Châu năm 2010", span((2010, 1, 1), (2010, 12, 31))),
        ("may say o lai chau nam 2010?", span((2010, 1, 1), (2010, 12, 31))),
        ("ma\u0301y sa\u0302\u0301y na\u0306m 2024, 600 trie\u0323\u0302u", span((2024, 1, 1), (2024, 12, 31))),
        ("máy sấy ngày 15/03/2023", span((2023, 3, 15))),
        ("máy sấy 15-3-2023 600 triệu", span((2023, 3, 15))),
        ("máy sấy ngày 15 tháng 3 năm 2023", span((2023, 3, 15))),
        ("tháng 2/2024 mua máy sấy", span((2024, 2, 1), (2024, 2, 29))),
        ("tháng 2 năm 2023", span((2023, 2, 1), (2023, 2, 28))),
        ("a dryer in 2010", span((2010, 1, 1), (2010, 12, 31))),
        ("a dryer in May 2023 in Lai Chau", span((2023, 5, 1), (2023, 5, 31))),
        ("a dryer on 15 March 2023", span((2023, 3, 15))),
        ("a dryer on March 15th, 2023", span((2023, 3, 15))),
        ("a dryer on 2023-03-15", span((2023, 3, 15))),
        ("máy sấy đời 2010, 2000 cái", None),
        ("máy sấy hằng năm 2000 triệu", None),
        ("NQ 18/2025/NQ-HĐND", None),
        ("máy sấy 2.605.000.000", None),
    ],
)
def test_a_day_or_a_year_is_heard_where_a_word_says_it(text, days):
    assert (days_in(text)[0], days_in(text)[2]) == (days, "")


@pytest.mark.parametrize(
    "text", ["may say 600 trieu o Lai Chau nam 2010", "năm 2010 máy sấy 600 triệu Lai Châu", "dryer 600 million in 2010, Lai Chau"]
)  # fmt: skip
def test_a_year_stands_beside_the_other_words_and_takes_none_of_them(text):
    said = understand(text, items=ITEMS, places=PLACES)
    assert (said.items, said.place, said.cost) == (("machine",), "lai-chau", 600_000_000)
    assert said.days.last == dt.date(2010, 12, 31)
    assert days_in("máy sấy ở Quang Nam 2010")[1].split()[-1] == "Nam"


@pytest.mark.parametrize("text", ["máy sấy ngày 31/02/2023", "tháng 13 năm 2023", "15/03/0023", "31 tháng 4 năm 2023"])
def test_a_day_that_is_none_is_said(text):
    days, _rest, fault = days_in(text)
    assert days is None
    assert "Hãy ghi ngày, tháng, năm từ 1900 đến 2100" in fault


@pytest.mark.parametrize(
    ("text", "on"),
    [
        ("máy sấy năm 2024", dt.date(2024, 12, 31)),
        ("máy sấy năm 2026", ON),
        ("máy sấy năm 2030", dt.date(2030, 1, 1)),
        ("máy sấy tháng 10/2026", dt.date(2026, 10, 31)),
        ("máy sấy ngày 15/03/2023", dt.date(2023, 3, 15)),
        ("máy sấy", ON),
    ],
)
def test_of_a_past_year_the_last_day_is_taken_of_a_coming_one_the_first(law, text, on):
    assert lookup.question_of({"q": text}, lookup.shelf(), ON).on == on


def test_the_norm_of_the_year_that_was_asked_for_is_given(law):
    assert answer("máy sấy 600 triệu ở Lai Châu năm 2015").sum.most == 200_000_000
    assert answer("máy sấy 600 triệu ở Hải Phòng năm 2024").sum.most == 300_000_000
    assert answer("máy sấy 600 triệu ở Hải Phòng năm 2025").sum.most == 250_000_000
    assert answer("a dryer for 600 million in Hai Phong in 2024").sum.most == 300_000_000
    found = answer("mô hình trình diễn 4 tỷ ở Sơn La năm 2024")
    assert {row.place for row in found.rows} == {"Cả nước"}


def test_the_norm_of_the_unit_of_that_year_is_given(law):
    """Of two units of one name the one that there was on the day."""
    now = lookup.question_of({"q": "máy sấy ở Thái Nguyên"}, lookup.shelf(), ON).place
    then = lookup.question_of({"q": "máy sấy ở Thái Nguyên năm 2020"}, lookup.shelf(), ON).place
    assert (now.name, then.name, now.holds_on(ON), then.holds_on(dt.date(2020, 12, 31))) == (
        "Thái Nguyên", "Thái Nguyên", True, True,
    )  # fmt: skip


def test_the_page_says_which_day_was_taken_and_its_date_field_agrees(ask):
    page = ask("máy sấy 600 triệu ở Lai Châu năm 2015")
    assert "Mức áp dụng ngày 31/12/2015, ngày cuối của thời gian bạn hỏi." in page
    assert 'name="day" value="2015-12-31"' in page
    assert "<span>Nhiều nhất</span> 200 triệu đồng" in page
    assert "&amp;day=2019-12-31" in ask("dây chuyền máy sấy 600 triệu năm 2019")
    page = ask("máy sấy 600 triệu ở Lai Châu năm 2015", day="2023-03-15")
    assert "Mức áp dụng ngày 15/03/2023." in page
    assert "<span>Nhiều nhất</span> 300 triệu đồng" in page
    page = ask("máy sấy 600 triệu ở Lai Châu")
    assert f"Mức áp dụng hôm nay, ngày {today():%d/%m/%Y}." in page
    assert 'name="day" value=""' in page


def test_a_year_without_a_norm_says_so_for_that_day(ask):
    assert "Ngày 31/12/2010 cổng chưa có mức hỗ trợ nào cho" in ask("máy sấy 600 triệu ở Lai Châu năm 2010")
    for fields in ({"text": "máy sấy ngày 31/02/2023"}, {"text": "máy sấy", "day": "2023-02-31"}):
        page = ask(**fields)
        assert "Hãy ghi ngày, tháng, năm từ 1900 đến 2100" in page
        assert "Mức áp dụng hôm nay" in page
