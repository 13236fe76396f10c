"""What a reader of the statistics asks: read kindly, said again as a permanent address.

The names are those of the API (contract): level, group, province, kind, status (repeatable), basis, from, to, by.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields, replace
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from facilities.enums import FacilityKind
from portal.territory.enums import Basis
from portal.territory.queries import Unit, family_ids, register
from portal.text.folding import sort_key
from products.catalogue import units_by_slug
from products.columns import IN_FORCE
from products.enums import Level, ProductGroup, Status
from products.facets import unit_label

from .statistics import BY, Asked

REPEATABLE: dict[str, Collection[str]] = {
    "level": Level.values,
    "group": ProductGroup.values,
    "kind": FacilityKind.values,
    "status": [status.value for status in Status if status != Status.SUPERSEDED],
}
NAMES = {
    "level": gettext_lazy("cấp"),
    "group": gettext_lazy("nhóm"),
    "kind": gettext_lazy("loại hình cơ sở"),
    "status": gettext_lazy("hiệu lực"),
    "province": gettext_lazy("tỉnh"),
    "basis": gettext_lazy("cách tính tỉnh"),
    "from": gettext_lazy("năm đầu"),
    "to": gettext_lazy("năm cuối"),
    "by": gettext_lazy("cách chia"),
    "within": gettext_lazy("số năm"),
}
SAID_AT_MOST = 5
# The form's one word for two statuses: in force, whether it ends soon or not.
IN_FORCE_WORD = "in_force"
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
WITHIN = range(1, 11)
WITHIN_BY_DEFAULT = 5


@dataclass(frozen=True)
class Question:
    """One question. Values of a field mean or; fields mean and; an empty `by` lets the page choose.

    `within` is for the ways up alone: how many years a product is given.
    """

    level: tuple[str, ...] = ()
    group: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    province: tuple[str, ...] = ()
    basis: str = Basis.CURRENT
    year_from: int | None = None
    year_to: int | None = None
    by: str = ""
    within: int = WITHIN_BY_DEFAULT

    def but(self, **changes: Any) -> "Question":
        return replace(self, **changes)

    @property
    def is_plain(self) -> bool:
        """Whether nothing is asked but how provinces count."""
        return replace(self, basis=Basis.CURRENT) == Question()

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """What to write into an address; what is as by default is left out."""
        plain, found = Question(), []
        for field in fields(self):
            value = getattr(self, field.name)
            if value == getattr(plain, field.name):
                continue
            name = {"year_from": "from", "year_to": "to"}.get(field.name, field.name)
            found += [(name, str(one)) for one in (value if isinstance(value, tuple) else (value,))]
        return found

    @property
    def query(self) -> str:
        """The address's query with its question mark; empty where nothing is asked."""
        return f"?{urlencode(self.pairs)}" if self.pairs else ""

    def narrowed(self, by: str, key: str) -> "Question":
        """The same question of one row of its answer."""
        if by == "year":
            return self.but(year_from=int(key), year_to=int(key), by="")
        return self.but(**{{"facility_kind": "kind"}.get(by, by): (key,)}, by="")

    def listed(self, **more: str) -> str:
        """The address of the list that holds exactly what this question counts."""
        pairs = [pair for pair in self.pairs if pair[0] not in {"by", "within"}]
        return f"{reverse('statistics_list')}?{urlencode([*pairs, *more.items()])}"

    def in_catalogue(self, years: Iterable[int]) -> str:
        """The catalogue's list of the same products; `years` are those the register knows."""
        kept = ("level", "group", "kind", "status", "province", "basis")
        pairs = [pair for pair in self.pairs if pair[0] in kept]
        if self.year_from is not None or self.year_to is not None:
            first, last = self.year_from or 0, self.year_to or 9999
            pairs += [("year", str(year)) for year in sorted(set(years)) if first <= year <= last]
        query = urlencode(pairs)
        return f"{reverse('catalogue')}?{query}" if query else reverse("catalogue")

    @property
    def unit_ids(self) -> frozenset[int] | None:
        """The units that the provinces asked for mean on the question's basis; None for everywhere."""
        if not self.province:
            return None
        units = units_by_slug()
        ids = (units[slug].pk for slug in self.province)
        if self.basis == Basis.AT_THE_TIME:
            return frozenset(ids)
        return frozenset().union(*(family_ids(pk) for pk in ids))

    @property
    def asked(self) -> Asked:
        return Asked(
            levels=self.level,
            groups=self.group,
            territory_ids=self.unit_ids,
            basis=self.basis,
            year_from=self.year_from,
            year_to=self.year_to,
            statuses=self.status,
            kinds=self.kind,
        )

    @property
    def units(self) -> list[Unit]:
        known = units_by_slug()
        return [known[slug] for slug in self.province]


@dataclass(frozen=True)
class Read:
    """A question and what of its address made no sense, one sentence each."""

    question: Question
    told: tuple[str, ...]


def read(params: QueryDict, *, fields_read: Collection[str] = NAMES, by: Collection[str] = BY) -> Read:
    """The question of an address. A value that makes no sense is left out and said; nothing raises.

    Only `fields_read` are read, the others are ignored: a page does not pretend to heed what it does not.
    """
    bad: list[tuple[str, str]] = []

    def keep(name: str, known: Collection[str]) -> tuple[str, ...]:
        if name not in fields_read:
            return ()
        values = list(dict.fromkeys(value.strip() for value in params.getlist(name) if value.strip()))
        bad.extend((name, value) for value in values if value not in known)
        return tuple(value for value in values if value in known)

    def last(name: str, known: Collection[str], default: str) -> str:
        found = keep(name, known)
        return found[-1] if found else default

    basis = last("basis", Basis.values, Basis.CURRENT)
    statuses = keep("status", [*REPEATABLE["status"], IN_FORCE_WORD])
    if IN_FORCE_WORD in statuses:
        statuses = tuple(dict.fromkeys([*(status.value for status in IN_FORCE), *statuses]))
    year_from, year_to = (_year(params, name, bad) if name in fields_read else None for name in ("from", "to"))
    if year_from is not None and year_to is not None and year_from > year_to:
        year_from, year_to = year_to, year_from
    slugs, moved = _provinces(keep("province", units_by_slug().keys()), basis)
    question = Question(
        **{name: keep(name, known) for name, known in REPEATABLE.items() if name != "status"},
        status=tuple(status for status in statuses if status != IN_FORCE_WORD),
        province=slugs,
        basis=basis,
        year_from=year_from,
        year_to=year_to,
        by=last("by", by, ""),
        within=int(last("within", [str(years) for years in WITHIN], str(WITHIN_BY_DEFAULT))),
    )
    return Read(question, (*moved, *(_said(name, value) for name, value in bad[:SAID_AT_MOST])))


def _year(params: QueryDict, name: str, bad: list[tuple[str, str]]) -> int | None:
    value = (params.getlist(name) or [""])[-1].strip()
    if not value:
        return None
    if _YEAR.fullmatch(value):
        return int(value)
    bad.append((name, value))
    return None


def _provinces(slugs: tuple[str, ...], basis: str) -> tuple[tuple[str, ...], list[str]]:
    """Where provinces of today are asked for, an ended unit is read as the one it went into, and that is said."""
    if basis == Basis.AT_THE_TIME:
        return slugs, []
    known, units = register(), units_by_slug()
    found, told = [], []
    for slug in slugs:
        now = known.units[known.current_id(units[slug].pk)]
        if now.slug != slug:
            words = _(
                "%(then)s nay thuộc %(now)s nên trang tính cho %(now)s. Muốn riêng %(then)s, hãy chọn cách tính theo "
                "tỉnh khi công nhận."
            )
            told.append(words % {"then": units[slug].name, "now": now.name})
        found.append(now.slug)
    return tuple(dict.fromkeys(found)), told


def _said(name: str, value: str) -> str:
    words = _("Không có %(key)s “%(value)s” nên điều kiện này được bỏ qua.")
    return words % {"key": NAMES[name], "value": value[:60]}


@dataclass(frozen=True)
class Choice:
    """One option of a form's field."""

    value: str
    label: str
    chosen: bool


def province_choices(question: Question) -> tuple[list[Choice], list[Choice]]:
    """Provinces of today, and those that ended, in the order of their names."""
    units = sorted(register().units.values(), key=lambda unit: (sort_key(unit.name), unit.since))
    made = [(unit, Choice(unit.slug, unit_label(unit), unit.slug in question.province)) for unit in units]
    return [c for unit, c in made if unit.until is None], [c for unit, c in made if unit.until is not None]


def choices(question: Question, name: str, labels: Iterable[tuple[str, Any]]) -> list[Choice]:
    chosen = getattr(question, name)
    return [
        Choice(value, str(label), value in chosen if isinstance(chosen, tuple) else value == chosen)
        for value, label in labels
    ]
