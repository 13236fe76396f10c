"""The catalogue query (contract): what was asked, what of it makes sense, and its address again. Pure."""

import re
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Protocol
from urllib.parse import urlencode

from facilities.enums import FacilityKind
from portal.territory.enums import Basis
from portal.text.folding import fold, normalise

from .enums import Level, ProductGroup, Status
from .traits import CHANNELS, EXPORT, STARS, TRAITS

QUERY_LENGTH = 200
QUERY_WORDS = 8
VALUES_OF_A_FIELD = 60
EXACTLY = "1"
BEST, BY_NAME = "match", "name"
SORTS = (BEST, BY_NAME, "newest", "expiring")
REPEATABLE = ("group", "level", "province", "year", "status", *TRAITS)
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_PAGE = re.compile(r"[1-9][0-9]{0,5}")


class Params(Protocol):
    """The part of a QueryDict that is read."""

    def getlist(self, key: str) -> list[str]: ...


@dataclass(frozen=True)
class Filters:
    """One catalogue query. Values within a field mean "or"; fields mean "and".

    `exact` asks for the words as typed, where others near them would be looked for.
    """

    q: str = ""
    group: tuple[str, ...] = ()
    level: tuple[str, ...] = ()
    province: tuple[str, ...] = ()
    basis: str = Basis.CURRENT
    year: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    stars: tuple[str, ...] = ()
    channel: tuple[str, ...] = ()
    export: tuple[str, ...] = ()
    sort: str = ""
    exact: str = ""
    page: int = 1

    @property
    def words(self) -> list[str]:
        """The words to search for, folded."""
        return fold(self.q).split()[:QUERY_WORDS]

    @property
    def order(self) -> str:
        """The order of the list: as asked for, else what matches the words best, else by name."""
        if self.words:
            return self.sort or BEST
        return BY_NAME if self.sort in {"", BEST} else self.sort

    @property
    def applied(self) -> int:
        """How many values narrow the list, the search words not counted."""
        return sum(len(getattr(self, name)) for name in REPEATABLE)

    @property
    def narrowed(self) -> bool:
        return bool(self.applied or self.words)

    def but(self, **changes: Any) -> "Filters":
        """The same query with other values; back on the first page unless told otherwise."""
        return replace(self, **{"page": 1, **changes})

    def without(self, name: str, value: str | None = None) -> "Filters":
        """The query less one value of a field, or less the whole field."""
        if name == "q":
            return self.but(q="", exact="")
        left = tuple(v for v in getattr(self, name) if value is not None and v != value)
        return self.but(**{name: left})

    def pairs(self) -> list[tuple[str, str]]:
        """What to write into an address or into hidden inputs; what is as by default is left out."""
        plain = Filters()
        found: list[tuple[str, str]] = []
        for field in fields(self):
            value = getattr(self, field.name)
            if value == getattr(plain, field.name):
                continue
            values: Iterable[Any] = value if isinstance(value, tuple) else (value,)
            found.extend((field.name, str(v)) for v in values)
        return found

    @property
    def query(self) -> str:
        """The address's query with its question mark, or "?" alone, which leads back to everything."""
        return "?" + urlencode(self.pairs())

    @property
    def cleared(self) -> str:
        """The same words and order with every filter taken away."""
        return Filters(q=self.q, basis=self.basis, sort=self.sort, exact=self.exact).query

    @property
    def filter_page(self) -> str:
        """The page that holds the filters alone, for phones without scripts."""
        return "?" + urlencode([*self.but().pairs(), ("view", "filter")])

    @property
    def kept_by_search(self) -> list[tuple[str, str]]:
        return self.but(q="", exact="").pairs()

    @property
    def kept_by_sort(self) -> list[tuple[str, str]]:
        return self.but(sort="").pairs()

    @property
    def kept_by_facets(self) -> list[tuple[str, str]]:
        return Filters(q=self.q, basis=self.basis, sort=self.sort, exact=self.exact).pairs()


@dataclass(frozen=True)
class Ignored:
    """A value that was asked for and makes no sense."""

    key: str
    value: str


@dataclass(frozen=True)
class Asked:
    filters: Filters
    ignored: tuple[Ignored, ...]


def parse(params: Params, provinces: Container[str]) -> Asked:
    """Read a query. Values that make no sense are left out and named; nothing raises."""
    ignored: list[Ignored] = []
    keep = _keeper(params, ignored)
    filters = Filters(
        q=_words(params, ignored),
        group=keep("group", lambda v: v in ProductGroup.values),
        level=keep("level", lambda v: v in Level.values),
        province=keep("province", lambda v: v in provinces),
        basis=one(params, "basis", Basis.values, ignored),
        year=keep("year", lambda v: bool(_YEAR.fullmatch(v))),
        status=keep("status", lambda v: v in Status.values),
        kind=keep("kind", lambda v: v in FacilityKind.values),
        stars=keep("stars", lambda v: v in STARS),
        channel=keep("channel", lambda v: v in CHANNELS),
        export=keep("export", lambda v: v in EXPORT),
        sort=one(params, "sort", ("", *SORTS), ignored),
        exact=one(params, "exact", ("", EXACTLY), ignored),
        page=_page(params, ignored),
    )
    return Asked(filters, tuple(ignored))


def _keeper(params: Params, ignored: list[Ignored]) -> Callable[[str, Callable[[str], bool]], tuple[str, ...]]:
    def keep(key: str, makes_sense: Callable[[str], bool]) -> tuple[str, ...]:
        values = list(dict.fromkeys(v.strip() for v in params.getlist(key) if v.strip()))[:VALUES_OF_A_FIELD]
        ignored.extend(Ignored(key, v[:60]) for v in values if not makes_sense(v))
        return tuple(v for v in values if makes_sense(v))

    return keep


def _words(params: Params, ignored: list[Ignored]) -> str:
    """What to search for; a text without a letter or digit finds nothing and is left out."""
    text = normalise(last(params, "q")[:QUERY_LENGTH])
    if text and not fold(text):
        ignored.append(Ignored("q", text[:60]))
        return ""
    return text


def last(params: Params, key: str) -> str:
    values = params.getlist(key)
    return values[-1] if values else ""


def one(params: Params, key: str, known: Sequence[str], ignored: list[Ignored]) -> str:
    """A field that takes one value: the last given, or the first of the known ones."""
    value = last(params, key).strip()
    if value in known:
        return value
    if value:
        ignored.append(Ignored(key, value[:60]))
    return str(known[0])


def _page(params: Params, ignored: list[Ignored]) -> int:
    value = last(params, "page").strip()
    if _PAGE.fullmatch(value):
        return int(value)
    if value:
        ignored.append(Ignored("page", value[:60]))
    return 1
