"""Which products a searched word means: those whose own words hold it, and those of a province that bears it.

A product keeps its words folded in one column: its name, its maker's, its set's members', in both languages, and
its province's name when first recorded. Names that provinces bore or bear besides are looked up when asked, so a
merger of units never makes the column stale.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from django.db.models import Q

from portal.territory.queries import register as territory_register
from portal.text.folding import fold

EXTRA_LENGTH = 300


def word_condition(word: str, prefix: str = "") -> Q:
    """Products that a folded word means. No query when the territory register is cached."""
    return meaning(word, units_named(word), prefix)


def meaning(word: str, units: Sequence[int], prefix: str = "") -> Q:
    """Products that hold a folded word, or are of one of the units that it names."""
    found = Q(**{f"{prefix}search_text__contains": word})
    return found | Q(**{f"{prefix}territory__in": units}) if units else found


# The register of provinces comes out of the cache anew for each request, and its names are folded for each word.
_folded = lru_cache(maxsize=1024)(fold)


def units_named(word: str) -> list[int]:
    """Units that bear or bore a name with the word, and those that are part of such a unit today."""
    known = territory_register()
    named = {name.unit_id for name in known.names if word in name.folded or word in _folded(name.name_en)}
    return sorted(pk for pk in known.units if pk in named or known.current_id(pk) in named)


def words_of_units() -> set[str]:
    """Every folded word in the names of units, then and now."""
    return {word for name in territory_register().names for word in f"{name.folded} {_folded(name.name_en)}".split()}


def text_of(name: str, others: Iterable[str]) -> str:
    """The searched column: the folded name whole, then what the others add to it, each word once."""
    first = fold(name)
    return " ".join([first, *_further(others, known=first.split())])


def extra_of(name: str, members: Iterable[str]) -> str:
    """What the members of a set add to its own name, in whole words."""
    words = _further(members, known=fold(name).split())
    kept = " ".join(words)[: EXTRA_LENGTH + 1]
    return kept if len(kept) <= EXTRA_LENGTH else kept.rpartition(" ")[0]


def _further(texts: Iterable[str], known: Iterable[str]) -> list[str]:
    said = set(known)
    words = dict.fromkeys(word for text in texts for word in fold(text).split())
    return [word for word in words if word not in said]
