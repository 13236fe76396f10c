"""Which unit was it then, which is it now.

The register of provinces is small (under a hundred units), so it is read whole, in three queries, and
kept in the cache until it changes.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

from django.core.cache import cache
from django.utils.translation import gettext as _

from portal.text.errors import Refusal
from portal.text.folding import fold, name_key, normalise
from portal.text.slugs import slugify

from .models import Succession, Territory, TerritoryName
from .naming import bare, nearest

CACHE_KEY = "territory:register"
CACHE_SECONDS = 300
DISTRICTS_ENDED = dt.date(2025, 6, 30)
YEARS = range(1900, 2101)


class Named(NamedTuple):
    """One name of a unit, and the days it held."""

    unit_id: int
    name: str
    full_name: str
    name_en: str
    key: str
    folded: str
    since: dt.date
    until: dt.date | None

    def holds_on(self, on: dt.date) -> bool:
        return self.since <= on and (self.until is None or on <= self.until)


class Unit(NamedTuple):
    """A unit as the cache holds it."""

    pk: int
    code: str
    slug: str
    name: str
    region: str
    since: dt.date
    until: dt.date | None

    def holds_on(self, on: dt.date) -> bool:
        return self.since <= on and (self.until is None or on <= self.until)

    def holds_in(self, year: int) -> bool:
        return self.since.year <= year and (self.until is None or year <= self.until.year)


class Register(NamedTuple):
    """Every unit, every name, and the main successor of every ended unit with its day."""

    units: dict[int, Unit]
    names: tuple[Named, ...]
    successor: dict[int, int]
    succeeded_on: dict[int, dt.date]

    def current_id(self, territory_id: int) -> int:
        """Raises ValueError when the successions run in a circle, which the services refuse to record."""
        seen = {territory_id}
        while territory_id in self.successor:
            territory_id = self.successor[territory_id]
            if territory_id in seen:
                raise ValueError(f"Succession of territory {territory_id} runs in a circle.")
            seen.add(territory_id)
        return territory_id


# What one request has read of the register; None outside requests.
_held: ContextVar[list[Register] | None] = ContextVar("territory_register", default=None)


def register() -> Register:
    """The whole register. Three queries, or none when cached; read from the cache once in a request."""
    held = _held.get()
    if held:
        return held[0]
    found: Register | None = cache.get(CACHE_KEY)
    if found is None:
        found = _read()
        cache.set(CACHE_KEY, found, CACHE_SECONDS)
    if held is not None:
        held.append(found)
    return found


@contextmanager
def held_register() -> Iterator[None]:
    """Within, the register is fetched from the cache once: a page asks for it with every row it draws."""
    token = _held.set([])
    try:
        yield
    finally:
        _held.reset(token)


def forget_register() -> None:
    """Drop the cached register; called whenever a unit, a name or a succession is written."""
    cache.delete(CACHE_KEY)
    held = _held.get()
    if held:
        held.clear()


def _read() -> Register:
    rows = Territory.objects.values_list("pk", "code", "slug", "name", "region", "valid_from", "valid_to")
    units = {row[0]: Unit(*row) for row in rows}
    names = list(
        TerritoryName.objects.order_by("territory_id", "valid_from").values_list(
            "territory_id", "name", "full_name", "name_en", "valid_from", "valid_to"
        )
    )
    nameless = units.keys() - {row[0] for row in names}
    names += [(pk, units[pk].name, units[pk].name, "", units[pk].since, units[pk].until) for pk in sorted(nameless)]
    main = list(Succession.objects.filter(is_main=True).values_list("predecessor_id", "successor_id", "on"))
    return Register(
        units=units,
        names=tuple(
            Named(unit_id, name, full_name, name_en, name_key(name), fold(name), since, until)
            for unit_id, name, full_name, name_en, since, until in names
        ),
        successor={predecessor: successor for predecessor, successor, _on in main},
        succeeded_on={predecessor: on for predecessor, _successor, on in main},
    )


# --- then and now ---------------------------------------------------------------------------------


def current_id(territory_id: int) -> int:
    """The unit of today that the given unit is, or went into (the main successor of a split)."""
    return register().current_id(territory_id)


def current_ids() -> dict[int, int]:
    """Every unit with its unit of today: the bridge between the two bases of every figure."""
    found = register()
    return {pk: found.current_id(pk) for pk in found.units}


def current_of(territory: Territory) -> Territory:
    """The unit of today. No query when the unit still stands, one otherwise."""
    today = current_id(territory.pk)
    return territory if today == territory.pk else Territory.objects.get(pk=today)


def family_ids(territory_id: int) -> frozenset[int]:
    """The unit of today and every former unit that went into it."""
    today = current_ids()
    return frozenset(pk for pk, current in today.items() if current == today.get(territory_id, territory_id))


def region_ids(region: str) -> frozenset[int]:
    """Every unit, former or present, whose unit of today lies in the region."""
    units = register().units
    return frozenset(pk for pk, current in current_ids().items() if units[current].region == region)


def unit_today(territory_id: int) -> Unit:
    """Slug, name and region of the unit of today, for lists. No query when cached."""
    found = register()
    return found.units[found.current_id(territory_id)]


def unit_by_slug(slug: str) -> Unit | None:
    """The unit with that address, former or present. No query when cached."""
    return next((unit for unit in register().units.values() if unit.slug == slug), None)


def name_on(territory: Territory, on: dt.date, *, full: bool = False) -> str:
    """The unit's name on a day ("Huế" or "Thừa Thiên Huế"); `full` with its kind ("Thành phố Huế").

    Before the first recorded name the first, after the last the last.
    """
    unit = territory.pk
    names = [row for row in register().names if row.unit_id == unit]
    if not names:
        return territory.name
    begun = [row for row in names if row.since <= on] or names[:1]
    return begun[-1].full_name if full else begun[-1].name


def then_and_now(territory: Territory, on: dt.date | None = None) -> tuple[str, str]:
    """The name then (on the day, or the unit's last) and the name of the unit of today.

    ("Vĩnh Phúc", "Phú Thọ"); equal when nothing changed.
    """
    then = name_on(territory, on) if on else territory.name
    return then, unit_today(territory.pk).name


def display_slug(name: str, ended_on: dt.date | None = None) -> str:
    """The address of a unit: plain while it exists, with the year it ended afterwards (contract)."""
    return f"{slugify(name)}-{ended_on:%Y}" if ended_on else slugify(name)


# --- which unit is meant by a name ----------------------------------------------------------------


def unit_of(name: str, on: dt.date) -> Territory:
    """The unit that people called `name` on that day.

    Raises Refusal `unknown_unit`, `no_unit_then` or `ambiguous_unit`, with a whole sentence.
    """
    named = _called(name)
    return _one(name, [row for row in named if _unit(row).holds_on(on)], on) or _refuse_then(name, named, on=on)


def resolve_for_year(name: str, year: int, level: str = "") -> Territory:
    """The unit meant by a row of which only the year is known.

    The unit of that name valid on 31 December, else the one valid last within the year; rows of the
    district level of 2025 are read as of 30 June, the last day districts existed. Raises like `unit_of`,
    and `bad_year`.
    """
    if year not in YEARS:
        raise Refusal("bad_year", _("Năm %(year)s không hợp lệ. Hãy ghi năm bằng bốn chữ số.") % {"year": year})
    day = DISTRICTS_ENDED if level == "district" and year == DISTRICTS_ENDED.year else dt.date(year, 12, 31)
    named = _called(name)
    in_year = [row for row in named if _unit(row).holds_in(year)]
    then = [row for row in in_year if _unit(row).holds_on(day)]
    if not then and in_year:
        last = max(_unit(row).until or dt.date.max for row in in_year)
        then = [row for row in in_year if (_unit(row).until or dt.date.max) == last]
        day = min(day, last)
    return _one(name, then, day) or _refuse_then(name, named, on=day, year=year)


def _unit(row: Named) -> Unit:
    return register().units[row.unit_id]


def _called(name: str) -> list[Named]:
    """Every name row the text may mean: the same name, else the same without diacritics. Refuses an unknown name."""
    key = bare(name)
    names = register().names
    found = [row for row in names if row.key == key]
    if not found and key:
        found = [row for row in names if fold(key) in {row.folded, fold(row.name_en)}]
    if not found:
        raise Refusal("unknown_unit", _unknown(name), field="province")
    return found


def _one(name: str, rows: list[Named], on: dt.date) -> Territory | None:
    """The one unit the rows point to; a name held on that day goes before one held at another time."""
    ids = {row.unit_id for row in rows if row.holds_on(on)} or {row.unit_id for row in rows}
    if len(ids) > 1:
        names = sorted(row.full_name for row in rows)
        raise Refusal(
            "ambiguous_unit",
            _("“%(name)s” có thể là %(names)s. Hãy ghi đủ dấu hoặc ghi tên đầy đủ.")
            % {"name": normalise(name), "names": _(" hoặc ").join(names)},
            field="province",
        )
    return Territory.objects.get(pk=ids.pop()) if ids else None


def _unknown(name: str) -> str:
    if not normalise(name):
        return _("Chưa ghi tỉnh, thành phố. Hãy ghi tên tỉnh, thành phố.")
    facts = {"name": normalise(name)}
    close = nearest(name, (row.name for row in register().names))
    if not close:
        return _("Không có tỉnh, thành phố nào tên “%(name)s”. Hãy ghi tên chính thức của tỉnh, thành phố.") % facts
    return _("Không có tỉnh, thành phố nào tên “%(name)s”. Tên gần nhất là %(names)s. Hãy sửa lại tên.") % {
        **facts,
        "names": _(" hoặc ").join(close),
    }


def _refuse_then(name: str, named: list[Named], *, on: dt.date, year: int | None = None) -> Territory:
    """Say what became of the units of that name, or that none existed yet."""
    found = register()
    when = _("năm %(year)s") % {"year": year} if year else _("ngày %(day)s") % {"day": f"{on:%d/%m/%Y}"}
    facts = {"name": named[0].name, "when": when}
    ended = [row for row in named if row.unit_id in found.successor and found.succeeded_on[row.unit_id] <= on]
    if not ended:
        raise Refusal(
            "no_unit_then",
            _("Không có tỉnh, thành phố nào tên %(name)s vào %(when)s. Hãy sửa lại tên hoặc sửa lại năm.") % facts,
            field="province",
        )
    last = max(ended, key=lambda row: found.succeeded_on[row.unit_id])
    facts |= {"since": f"{found.succeeded_on[last.unit_id]:%d/%m/%Y}", "now": unit_today(last.unit_id).name}
    raise Refusal(
        "no_unit_then",
        _(
            "%(name)s không còn là đơn vị cấp tỉnh vào %(when)s, vì từ %(since)s đã thuộc %(now)s. "
            "Hãy ghi %(now)s, hoặc sửa lại năm."
        )
        % facts,
        field="province",
    )
