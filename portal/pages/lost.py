"""What helps somebody at an address that leads nowhere: the section that was meant, products with the address's words.

The same for whatever is not there: an address nobody ever had, a draft, what has left public view. Robots come to
such addresses all day, so what was found is kept under the register's mark, and only pages' addresses are looked at.
"""

import re
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import unquote

from django.db import DatabaseError
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from rapidfuzz import fuzz

from portal.text.folding import fold
from products import catalogue as shelves
from products import nearby
from products.cards import Card
from products.catalogue import Clock
from products.filters import Filters
from products.register import kept, mark

CARDS = 4
LONGEST = 200
ALIKE = 80
SHORTEST_WORD = 2
# Sections with what their addresses are mistaken for.
SECTIONS = {
    "catalogue": (gettext_lazy("Sản phẩm"), ("san-pham", "products", "product")),
    "map": (gettext_lazy("Bản đồ"), ("ban-do", "map", "tinh", "province", "provinces")),
    "rounds": (gettext_lazy("Kỳ bình chọn"), ("ky-binh-chon", "rounds", "binh-chon")),
    "extension": (gettext_lazy("Khuyến công"), ("khuyen-cong", "extension", "de-an")),
    "statistics": (gettext_lazy("Thống kê"), ("thong-ke", "statistics", "so-lieu")),
    "verify": (gettext_lazy("Tra cứu chứng nhận"), ("tra-cuu", "verify", "check", "chung-nhan")),
    "day_list": (gettext_lazy("Danh mục theo ngày"), ("danh-muc", "list")),
    "open_data": (gettext_lazy("Dữ liệu mở"), ("du-lieu-mo", "du-lieu", "open-data", "data")),
    "contact": (gettext_lazy("Liên hệ"), ("lien-he", "contact")),
}
# Where products lie: elsewhere the words of an address are those of other things.
OF_PRODUCTS = ("co-so", *SECTIONS["catalogue"][1])
_FILE = re.compile(r"\.[a-z0-9]{1,6}$", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]+")


@dataclass(frozen=True)
class Section:
    label: str
    link: str


@dataclass(frozen=True)
class Help:
    """What to offer: words for the search box, the section that was meant, products near."""

    words: str = ""
    section: Section | None = None
    cards: tuple[Card, ...] = ()


def help_for(path: str, clock: Clock) -> Help:
    """Help at an address. A few queries at most, none when kept, none for files; without the register the words alone."""
    parts = _parts(path)
    if not parts or _FILE.search(parts[-1]):
        return Help()
    section, words = _section(parts[0]), _words(parts)
    try:
        cards = _near(words, clock) if words else ()
    except DatabaseError:
        cards = ()
    return Help(" ".join(words), section, cards)


def _parts(path: str) -> list[str]:
    parts = [part for part in unquote(path[:LONGEST], errors="ignore").replace("\0", "").lower().split("/") if part]
    return parts[1:] if parts and parts[0] == "en" else parts


def _section(first: str) -> Section | None:
    """The section whose address is most like the first part."""
    scored = [(_alike(first, known), name) for name, (_label, addresses) in SECTIONS.items() for known in addresses]
    score, name = max(scored, key=lambda one: one[0])
    return Section(str(SECTIONS[name][0]), reverse(name)) if score >= ALIKE else None


def _alike(part: str, known: str) -> float:
    return fuzz.ratio(fold(part).replace(" ", ""), known.replace("-", ""))


def _words(parts: list[str]) -> tuple[str, ...]:
    """The words of the last part, where it may name a product: below its section, or alone at the top."""
    if len(parts) > 1 and not any(_alike(parts[0], known) >= ALIKE for known in OF_PRODUCTS):
        return ()
    if len(parts) == 1 and _section(parts[0]):
        return ()
    words = fold(parts[-1] if len(parts) == 1 else parts[1]).split()
    return tuple(word for word in words if not _NUMBER.fullmatch(word) and len(word) >= SHORTEST_WORD)


def _near(words: tuple[str, ...], clock: Clock) -> tuple[Card, ...]:
    asked = sha256(f"{words}|{get_language()}|{clock.on}".encode()).hexdigest()
    return kept(mark(), f"lost:{asked}", lambda: _found(words, clock))


def _found(words: tuple[str, ...], clock: Clock) -> tuple[Card, ...]:
    """Products with all the words, then with all but one at an end; where there are none, with words near to them."""
    found: dict[str, Card] = {}
    for part in dict.fromkeys(part for part in (words, words[:-1], words[1:], words[:-2]) if part):
        found = {card.url: card for card in (*found.values(), *shelves.page_of(Filters(q=" ".join(part)), clock))}
        if len(found) >= CARDS:
            break
    if not found and (meant := nearby.meant(Filters(q=" ".join(words)), clock)):
        found = {card.url: card for card in shelves.page_of(meant, clock)}
    return tuple(found.values())[:CARDS]


def ways_on() -> list[Section]:
    """Where most people want to go."""
    return [
        Section(str(SECTIONS[name][0]), reverse(name)) for name in ("catalogue", "map", "rounds", "verify", "contact")
    ]
