"""Addresses that still name a unit that is no more, and how they read today. Pure.

Since 2025-07-01 there are provinces and communes only: no huyện, quận, thị xã, no city within a province, no
thị trấn; and 63 provinces became 34. What became of a commune is not told by its address, so a proposal keeps
the commune as written unless it is known, and a person looks at it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from portal.text.folding import name_key, normalise
from portal.text.formats import lowered

_PROVINCE = re.compile(r"^(?:tỉnh|thành phố|tp\.?|t\.p\.?)\s*(?P<name>\S.*)$", re.IGNORECASE)
_CITY = re.compile(r"^(?:thành phố|tp\.?|t\.p\.?)\s*(?P<name>\S.*)$", re.IGNORECASE)
_DISTRICT = re.compile(r"^(?:huyện|quận|thị xã|tx\.|h\.|q\.)\s*\S", re.IGNORECASE)
_TOWN = re.compile(r"^(?:thị trấn|tt\.)\s*\S", re.IGNORECASE)
_COMMUNE = re.compile(r"^(?:xã|phường|thị trấn|đặc khu|tt\.|p\.|x\.)\s*\S", re.IGNORECASE)


@dataclass(frozen=True)
class Provinces:
    """Names of provinces by identity key: those of today with their full name, those gone with the full name
    of what they went into. `cities` are the keys of today's cities under the central government."""

    standing: Mapping[str, str]
    gone: Mapping[str, str]
    cities: frozenset[str]


@dataclass(frozen=True)
class Proposal:
    """What of an address is no more, and the address as it reads today. `sure` when its commune is known."""

    gone: tuple[str, ...]
    text: str
    sure: bool


def proposal(address: str, provinces: Provinces, *, province: str, commune: str = "") -> Proposal | None:
    """How an address reads today; None when it names nothing that is no more.

    `province` is the full name of the facility's province of today, `commune` its commune of today if known.
    """
    parts = [normalise(part) for part in re.split(r"[,;]", address) if part.strip()]
    gone = _gone(parts, provinces)
    if not gone:
        return None
    last = _province_key(parts, provinces)
    today = provinces.gone.get(last) or provinces.standing.get(last) or province
    kept = [part for place, part in enumerate(parts) if not _falls_away(parts, place, provinces)]
    if last:
        kept = kept[:-1]
    if commune:
        kept = _with_commune(kept, commune)
    return Proposal(tuple(gone), ", ".join([*kept, lowered(today)]), bool(commune))


def _gone(parts: list[str], provinces: Provinces) -> list[str]:
    found = [part for place, part in enumerate(parts) if _TOWN.match(part) or _falls_away(parts, place, provinces)]
    if parts and _province_key(parts, provinces) in provinces.gone:
        found.append(parts[-1])
    return found


def _province_key(parts: list[str], provinces: Provinces) -> str:
    """The key of the province the last part names; empty when it names none."""
    if not parts or _is_district_city(parts, len(parts) - 1, provinces):
        return ""
    named = _PROVINCE.match(parts[-1])
    key = _key(named["name"] if named else parts[-1])
    return key if key in provinces.standing or key in provinces.gone else ""


def _falls_away(parts: list[str], place: int, provinces: Provinces) -> bool:
    return bool(_DISTRICT.match(parts[place])) or _is_district_city(parts, place, provinces)


def _is_district_city(parts: list[str], place: int, provinces: Provinces) -> bool:
    """A city within a province: "thành phố" of a name that is no city today, or before the province."""
    named = _CITY.match(parts[place])
    if not named:
        return False
    return place < len(parts) - 1 or _key(named["name"]) not in provinces.cities


def _with_commune(parts: list[str], commune: str) -> list[str]:
    kept = [part for part in parts if not _COMMUNE.match(part)]
    return [*kept, lowered(commune)] if kept else [commune]


@lru_cache(maxsize=4096)
def _key(text: str) -> str:
    return name_key(text)
