"""One row of a register of facilities, understood: every cell read or refused in a sentence."""

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import gettext as _

from portal.imports.repeats import Firsts
from portal.territory.models import Commune, Territory
from portal.territory.queries import resolve_for_year, unit_of
from portal.text.cells import short, year_of
from portal.text.errors import Refusal
from portal.text.folding import name_key
from portal.text.tables import Row

from .. import taxcode
from ..enums import FacilityKind
from ..kinds import kind_of, parse_kind
from .known import Communes

HEADINGS: dict[str, tuple[str, ...]] = {
    "name": ("Tên cơ sở", "Cơ sở", "Tên cơ sở công nghiệp nông thôn", "Tên đơn vị", "Tên doanh nghiệp", "facility"),
    "province": ("Tỉnh, thành phố", "Tỉnh", "Tỉnh/Thành phố", "Tỉnh thành"),
    "kind": ("Loại hình", "Loại hình cơ sở", "facility_kind"),
    "tax_code": ("Mã số thuế", "MST", "Mã số doanh nghiệp", "MST cơ sở", "Mã số thuế cơ sở"),
    "address": ("Địa chỉ", "Địa chỉ khi công nhận", "Địa chỉ cơ sở", "facility_address", "address_recognised"),
    "address_today": ("Địa chỉ hiện nay", "Địa chỉ mới"),
    "year": ("Năm", "Năm ghi nhận"),
    "founded_year": ("Năm thành lập",),
    "name_en": ("Tên tiếng Anh",),
    "introduction": ("Giới thiệu",),
}
COMMUNE_HEADINGS = ("Xã, phường", "Xã", "Phường", "Xã/Phường", "Xã, phường, đặc khu", "Xã phường")
REQUIRED = ("name", "province")
LONGEST = {"name": 250, "address": 300, "address_today": 300, "name_en": 250, "introduction": 5000}


@dataclass(frozen=True)
class Entry:
    """A clean row, ready to be written. `kind_stated` tells a kind the row says from one read off the name."""

    row: int
    name: str
    key: str
    kind: FacilityKind
    territory: Territory
    tax_code: str
    texts: dict[str, str]
    founded_year: int | None
    kind_stated: bool = False
    commune: Commune | None = None


class Earlier:
    """Remembers which facilities the rows of a file named, to find an earlier row that means the same one.

    Two rows mean one facility when they bear the same tax code, else the same name in the same province.
    """

    def __init__(self) -> None:
        self._seen = Firsts()

    def same(self, entry: Entry) -> int | None:
        """The number of an earlier row for the same facility; remembers this one by its name and its tax code."""
        name = (entry.key, entry.territory.pk)
        found = self._seen.get("without a code" if entry.tax_code else "name", *name)
        if entry.tax_code and found is None:
            first = self._seen.add(entry.row, "code", entry.tax_code)
            found = None if first == entry.row else first
        self._seen.add(entry.row, "name", *name)
        if not entry.tax_code:
            self._seen.add(entry.row, "without a code", *name)
        return found


class Provinces:
    """Which unit a row means by a name, asked once for each name and year of the file."""

    def __init__(self, on: dt.date, default: Territory | None = None) -> None:
        self._on, self._default = on, default
        self._known: dict[tuple[str, int | None], Territory | Refusal] = {}

    def of(self, name: str, year: int | None) -> Territory:
        if not name and self._default is not None:
            return self._default
        key = (name, year)
        if key not in self._known:
            try:
                self._known[key] = resolve_for_year(name, year) if year else unit_of(name, self._on)
            except Refusal as refusal:
                self._known[key] = refusal
        found = self._known[key]
        if isinstance(found, Refusal):
            raise found
        return found


def entry_of(row: Row, provinces: Provinces, communes: Communes | None = None) -> Entry:
    """The row as an entry. Raises Refusal with the first thing that is wrong with it."""
    if row.problems:
        raise Refusal("bad_cell", " ".join(row.problems))
    name = row["name"]
    key = name_key(name)
    if not key:
        raise Refusal("name_missing", _("chưa có tên cơ sở. Hãy ghi tên cơ sở."))
    for code, longest in LONGEST.items():
        if len(row[code]) > longest:
            short(row[code], HEADINGS[code][0], longest)
    kind = kind_stated(row["kind"])
    territory = provinces.of(row["province"], _year(row["year"]))
    return Entry(
        row=row.number,
        name=name,
        key=key,
        kind=kind_of(name) if kind == FacilityKind.UNKNOWN else kind,
        kind_stated=kind != FacilityKind.UNKNOWN,
        territory=territory,
        commune=communes.find(row["commune"], territory.pk) if communes else None,
        tax_code=tax_code_of(row["tax_code"]),
        texts={
            "address_recognised": row["address"],
            "address_today": row["address_today"],
            "name_en": row["name_en"],
            "introduction": row["introduction"],
        },
        founded_year=_year(row["founded_year"]),
    )


def kind_stated(text: str) -> FacilityKind:
    """The kind a cell states, UNKNOWN for an empty one. Raises Refusal `bad_kind`."""
    kind = _kind(text)
    if kind is None:
        known = ", ".join(str(kind.label) for kind in FacilityKind)
        raise Refusal(
            "bad_kind",
            _("không có loại hình “%(kind)s”. Hãy ghi một trong: %(known)s.") % {"kind": text, "known": known},
        )
    return kind


_kind = lru_cache(maxsize=256)(parse_kind)


def tax_code_of(text: str) -> str:
    """The tax code as stored. Raises Refusal `tax_code_long`."""
    code = taxcode.normalise(text)
    if len(code) > taxcode.STORED_LENGTH:
        raise Refusal("tax_code_long", _("mã số thuế %(code)s quá dài. Hãy chỉ ghi một mã.") % {"code": code[:40]})
    return code


def _year(text: str) -> int | None:
    return year_of(text, _("năm")) if text else None
