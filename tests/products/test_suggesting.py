"""What somebody meant who typed a word that no product has."""

import random
import unicodedata
from collections import Counter

import pytest
from django.test import Client

from portal.text.folding import fold
from products import suggesting
from products.models import Product
from products.suggesting import Vocabulary, is_plausible, reach
from tests.factories import FacilityFactory, ProductFactory, RecognitionFactory, SetMemberFactory, TerritoryFactory

NAMES = (
    "Mỳ Chũ Thủ Dương",
    "Miến dong Bình Liêu",
    "Chè Tân Cương",
    "Nón lá Chuông",
    "Cà phê Đắk Hà",
    "Gốm Phù Lãng 88",
)
WORDS = Vocabulary(Counter(word for name in NAMES for word in fold(name).split()))


@pytest.mark.parametrize(
    ("word", "slips"), [("mi", 0), ("dog", 1), ("mienn", 1), ("thuduo", 2), ("88", 0), ("sp2025", 0)]
)
def test_a_number_and_a_short_word_hold_no_slip(word, slips):
    assert reach(word) == slips


@pytest.mark.parametrize(
    ("word", "near", "likely"),
    [
        ("chu", "chi", False),
        ("che", "cha", False),
        ("men", "mien", False),
        ("mat", "ma", False),
        ("trau", "tra", False),
        ("nghe", "nge", False),
        ("dac", "dak", True),
        ("xuc", "suc", True),
        ("dog", "dong", True),
        ("kjo", "keo", True),
        ("keoo", "keo", True),
        ("tae", "tea", True),
        ("dung", "dong", True),
        ("mienn", "mien", True),
    ],
)
def test_a_syllable_beside_a_short_word_is_meant_as_it_stands_unless_they_sound_alike(word, near, likely):
    assert is_plausible(word, near) is likely


def test_words_run_together_are_taken_apart_into_the_fewest_known_ones():
    assert WORDS.apart("mychu") == ["mi", "chu"]
    assert WORDS.apart("chetancuong") == ["che", "tan", "cuong"]
    assert WORDS.apart("chetanxuong") == []
    assert WORDS.apart("x" * 5000) == []


def test_every_single_slip_in_a_long_enough_word_leads_back_to_it():
    """Property: one letter left out, doubled, changed or swapped with the next is undone, whatever the word.

    A slip may make another word: one of the register, or one that is not near (`is_plausible`). Nothing is undone then.
    """
    dice = random.Random(7)
    for word in (word for word in WORDS.words if len(word) > 3):
        for _time in range(20):
            typed = slip(word, dice)
            another = WORDS.is_known(typed) or not is_plausible(typed, word)
            assert another or word in WORDS.alike(typed), (word, typed)


def slip(word: str, dice: random.Random) -> str:
    at = dice.randrange(len(word) - 1)
    letter = dice.choice("abcdeghiklmnopqrstuvxy")
    return dice.choice(
        [
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            word[:at] + letter + word[at + 1 :],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        ]
    )


def test_words_are_told_as_the_products_spell_them():
    assert suggesting.as_written(["mien", "dong", "x"], ["Bột", "Bộ sản phẩm “Miến dong”"]) == "miến dong x"


# --- on the page -----------------------------------------------------------------------------------------------


@pytest.fixture
def shelf(db) -> list[Product]:
    made = [ProductFactory(name=name) for name in NAMES]
    for product in made:
        RecognitionFactory(product=product)
    return made


def page(client: Client, query: str) -> str:
    answer = client.get("/san-pham/", {"q": query})
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize(
    "typed",
    [
        "mỳ chũ",
        "mi chu",
        "mì Chũ",
        unicodedata.normalize("NFD", "Mỳ Chũ"),
        "mychu",
        "MỲCHŨ",
        "chũ mỳ",
        "mỳ chũ thu duơgn",
    ],
)
def test_however_it_is_typed_the_same_is_found(client, shelf, typed):
    assert "Mỳ Chũ Thủ Dương</a>" in page(client, typed)


def test_the_page_says_plainly_what_it_shows_instead_and_how_to_search_exactly(client, shelf):
    text = page(client, "mien dog")
    assert "Không có sản phẩm nào khớp “mien dog”. Đang hiện kết quả cho “miến dong”." in text
    assert 'href="?q=mien+dog&amp;exact=1"' in text
    exactly = client.get("/san-pham/?q=mien+dog&exact=1").content.decode()
    assert "Đang hiện kết quả" not in exactly
    assert "Xem 1 sản phẩm khớp “miến dong”" in exactly


def test_codes_and_nonsense_are_never_corrected(client, shelf):
    for typed in ("89", "zzzzzz", "mien 89", "x" * 200):
        text = page(client, typed)
        assert "Đang hiện kết quả" not in text
        assert "Không có sản phẩm nào khớp" in text


def test_another_short_word_is_no_correction(client, shelf):
    for name in ("Bánh mì Chị Tư", "Bánh mì chuối"):
        RecognitionFactory(product=ProductFactory(name=name))
    Product.objects.filter(name__startswith="Mỳ Chũ").first().recognitions.all().delete()
    text = page(client, "mỳ chũ")
    assert "Bánh mì chuối</a>" in text
    assert "Chị Tư" not in text
    Product.objects.get(name="Bánh mì chuối").recognitions.all().delete()
    text = page(client, "mỳ chũ")
    assert "Không có sản phẩm nào khớp “mỳ chũ”" in text
    assert "Đang hiện kết quả" not in text
    assert "Cà phê Đắk Hà</a>" in page(client, "cà phê đắc hà")


def test_what_is_published_later_is_known_at_once(client, shelf, django_capture_on_commit_callbacks):
    assert "Đang hiện kết quả" not in page(client, "kjo")
    with django_capture_on_commit_callbacks(execute=True):
        RecognitionFactory(product=ProductFactory(name="Kẹo dừa"))
    assert "Kẹo dừa</a>" in page(client, "keo dua")
    assert "Kẹo dừa</a>" in page(client, "keoo dừa")


def test_members_english_names_and_provinces_then_and_now_are_found(client, shelf):
    province = TerritoryFactory(name="Hưng Yên", slug="hung-yen")
    province.names.update(name="Hưng An")
    maker = FacilityFactory(name="HTX Sen", name_en="Lotus Cooperative", territory=province)
    made = ProductFactory(name="Bộ sản phẩm sen", name_en="Lotus gift set", is_set=True, facility=maker)
    RecognitionFactory(product=made)
    member = SetMemberFactory(product_set=made, name="Tâm sen sấy", name_en="Dried embryo")
    for typed in ("tam sen say", "lotus", "cooperative", "embryo", "hung an", "hưng yên"):
        assert "Bộ sản phẩm sen</a>" in page(client, typed), typed
    member.delete()
    made.refresh_from_db()
    assert made.search_extra == ""
