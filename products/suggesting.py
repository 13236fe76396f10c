"""What somebody meant who typed a word that no product has: letters swapped or missed, spaces left out.

The vocabulary is every word products are found by. Each process holds one: read whole once, then added to from the
change feed. A word that left the register may stay in it until the next day; that does no harm, because nothing is
proposed that was not asked of the register first.
"""

import re
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice, product
from threading import Lock

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from portal.text.folding import fold

from . import register
from .enums import ChangeKind
from .models import Product, RegisterChange
from .searching import word_condition, words_of_units

CHUNK = 20_000
MOST_ADDED = 500
RENEWED_AFTER = 24 * 3600.0
ALIKE = 5
# How many corrected queries are put to the register at most, the nearest first.
TRIES = 8
MOST_VARIED = 3
MOST_BESIDE = 2000
SHORTEST, LONG = 3, 6
SHORTEST_PART = 2
LONGEST_RUN = 40
# A folded Vietnamese syllable: what it begins with, its vowels, what it ends with.
SYLLABLE = re.compile(
    r"(?:[ckpt]h|g[hi]|ngh?|nh|qu|tr|[bcdghklmnprstvx])?"
    r"(?:a[iouy]?|e[ou]?|i(?:eu|[aeu])?|o(?:a[iy]|eo|[aei])?|u(?:o[iu]|y[ae]|[aeiouy])?|ye?u?)"
    r"(?:ch|n[gh]|[cmnpt])?"
)
# Letters that one hears alike and writes for one another: Đắc for Đắk, xúc for súc.
_HEARD = str.maketrans("ks", "cx")
Finds = Callable[[list[str]], bool]


def reach(word: str) -> int:
    """How many slips a word may hold: none in one of two letters or a number, one in a syllable, two in a long word."""
    if len(word) < SHORTEST or any(letter.isdigit() for letter in word):
        return 0
    return 1 if len(word) < LONG else 2


def is_plausible(word: str, near: str) -> bool:
    """Whether who typed the word may have meant the near one.

    A syllable a letter away from a short word ("chũ" and "chi", "trâu" and "trà") is a word of its own unless both
    sound alike; letters that make no syllable ("dog") are a slip.
    """
    if min(len(word), len(near)) > SHORTEST or not SYLLABLE.fullmatch(word):
        return True
    return word.translate(_HEARD) == near.translate(_HEARD)


@dataclass(frozen=True)
class Vocabulary:
    """Words and how many products have each."""

    words: Counter[str]
    mark: str = ""
    number: int = 0
    read_at: float = field(default_factory=time.monotonic)

    @cached_property
    def _list(self) -> list[str]:
        return list(self.words)

    def is_known(self, word: str) -> bool:
        """Whether a search for the word finds something: it need only be part of a word."""
        return word in self.words or any(word in known for known in self._list)

    def alike(self, word: str) -> list[str]:
        """The nearest words, the nearest first; of those as near, the one that begins alike and more products have."""
        if not (most := reach(word)):
            return []
        found = process.extract(word, self._list, scorer=DamerauLevenshtein.distance, score_cutoff=most, limit=None)
        likely = (one for one in found if is_plausible(word, one[0]))
        ranked = sorted(likely, key=lambda one: (one[1], one[0][0] != word[0], -self.words[one[0]], one[0]))
        return [near for near, _distance, _place in ranked[:ALIKE]]

    def apart(self, word: str) -> list[str]:
        """The word as several known ones written without spaces ("mychu"), the fewest possible; or nothing."""
        if len(word) > LONGEST_RUN:
            return []
        best: list[tuple[int, int, list[str]] | None] = [(0, 0, []), *([None] * len(word))]
        for end in range(SHORTEST_PART, len(word) + 1):
            ways = []
            for start in range(end - SHORTEST_PART + 1):
                begun, part = best[start], fold(word[start:end])
                if begun is not None and self.words[part]:
                    ways.append((begun[0] + 1, begun[1] - self.words[part], [*begun[2], part]))
            best[end] = min(ways, default=None)
        whole = best[-1]
        return whole[2] if whole and len(whole[2]) > 1 else []


def meant(words: list[str], finds: Finds) -> list[str] | None:
    """Other words near these that find something, or None. `finds` asks the register; a few times at most."""
    known = vocabulary()
    strange = frozenset(word for word in words if not known.is_known(word))
    # Where that leads nowhere, words that are only part of some other are doubted too.
    partial = frozenset(word for word in words if not known.words[word])
    tried: list[list[str]] = []
    for doubted in dict.fromkeys(kind for kind in (strange, partial) if kind):
        beside = _beside([word for word in words if word not in doubted])
        for proposed in (*_proposals(beside, words, doubted), *_proposals(known, words, doubted)):
            if proposed not in tried and finds(proposed):
                return proposed
            tried.append(proposed)
    return None


def _beside(others: list[str]) -> Vocabulary:
    """The words of products that have the other words of the query: there a slip is undone best. One query."""
    found = Product.objects.public().order_by()
    for word in others:
        found = found.filter(word_condition(word))
    texts = found.values_list("search_text", flat=True)[:MOST_BESIDE] if others else ()
    return Vocabulary(Counter(" ".join(texts).split()))


def known_of(words: list[str]) -> list[str]:
    """The words that products have at all."""
    known = vocabulary()
    return [word for word in words if known.is_known(word)]


def _proposals(known: Vocabulary, words: list[str], doubted: frozenset[str]) -> list[list[str]]:
    """Whole queries with each doubted word as something near, the nearest first."""
    most = ALIKE if len(doubted) <= MOST_VARIED else 1
    choices = [_choices(known, word)[:most] if word in doubted else [[word]] for word in words]
    # How far down its list each word stands: 0 for the nearest.
    places = sorted(product(*(range(len(each)) for each in choices)), key=sum)[:TRIES]
    tried = ([each[place] for each, place in zip(choices, chosen, strict=True)] for chosen in places)
    found = ([word for part in parts for word in part] for parts in tried)
    return [proposed for proposed in found if proposed != words]


def _choices(known: Vocabulary, word: str) -> list[list[str]]:
    """What a word may stand for: known words without their spaces, the nearest ones; else what was typed."""
    apart = known.apart(word)
    return [*([apart] if apart else []), *([near] for near in known.alike(word))] or [[word]]


def as_written(words: Iterable[str], texts: Iterable[str]) -> str:
    """Folded words as the texts spell them ("dong" is "dong", "mien" is "miến"), in small letters."""
    spelled: dict[str, str] = {}
    for text in texts:
        for written in text.lower().split():
            tidy = written.strip(".,;:()[]“”\"'–-")
            spelled.setdefault(fold(tidy), tidy)
    return " ".join(spelled.get(word, word) for word in words)


# --- held by the process -------------------------------------------------------------------------------

_lock = Lock()
_held: Vocabulary | None = None


def vocabulary() -> Vocabulary:
    """The words of the register. One query; one more after a change, and all texts once in a process and a day."""
    global _held  # noqa: PLW0603  one for the whole process is the point
    now = register.state()
    if not now.word or register.is_changing():
        return _read(now)
    if _held is None or _held.mark != now.word:
        with _lock:
            _held = _brought_to(_held, now)
    return _held


def _brought_to(held: Vocabulary | None, now: register.State) -> Vocabulary:
    if held is None or time.monotonic() - held.read_at > RENEWED_AFTER:
        return _read(now)
    entries = RegisterChange.objects.filter(number__gt=held.number, number__lte=now.number)
    changed = list(entries.values_list("kind", "product_id")[: MOST_ADDED + 1])
    named = [pk for kind, pk in changed if kind != ChangeKind.ALL and pk is not None]
    if len(named) < len(changed) or len(changed) > MOST_ADDED or len(changed) != now.number - held.number:
        return _read(now)
    words = held.words + _counted(named)
    return Vocabulary(words, now.word, now.number, held.read_at)


def _read(now: register.State) -> Vocabulary:
    words = _counted()
    words.update(words_of_units() - words.keys())
    return Vocabulary(words, now.word, now.number)


def _counted(keys: list[int] | None = None) -> Counter[str]:
    texts = Product.objects.public().order_by()
    if keys is not None:
        texts = texts.filter(pk__in=keys)
    found: Counter[str] = Counter()
    rows = texts.values_list("search_text", flat=True).iterator(CHUNK)
    while some := list(islice(rows, CHUNK)):
        found.update(" ".join(some).split())
    return found
