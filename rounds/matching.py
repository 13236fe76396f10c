"""Whether what a member declared meets a facility: by the facility itself, a tax code, a name, an address. Pure.

Few false alarms: names are compared whole, without the words for a legal form; an address needs house number,
street and commune. What a person typed without diacritics is compared without them, otherwise they count.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from facilities.taxcode import mask
from portal.text.folding import fold, name_key, normalise

from .enums import ConflictBasis

TAX_LENGTH = 10
PERSONAL_LENGTH = 12
LONG_CORE = 3

COMPANY, COOPERATIVE, PRIVATE, HOUSEHOLD = "company", "cooperative", "private", "household"
# Words for a legal form; read with and without diacritics, the longest first.
_FORMS: dict[str, str] = {
    "công ti trách nhiệm hữu hạn một thành viên": COMPANY,
    "công ti trách nhiệm hữu hạn 1 thành viên": COMPANY,
    "công ti trách nhiệm hữu hạn hai thành viên": COMPANY,
    "công ti trách nhiệm hữu hạn": COMPANY,
    "công ti tnhh một thành viên": COMPANY,
    "công ti tnhh 1 thành viên": COMPANY,
    "công ti tnhh hai thành viên trở lên": COMPANY,
    "công ti tnhh mtv": COMPANY,
    "công ti tnhh 1 tv": COMPANY,
    "công ti tnhh": COMPANY,
    "công ti cổ phần": COMPANY,
    "công ti cp": COMPANY,
    "tổng công ti": COMPANY,
    "công ti": COMPANY,
    "cti tnhh mtv": COMPANY,
    "cti tnhh": COMPANY,
    "cti cp": COMPANY,
    "cti": COMPANY,
    "ctcp": COMPANY,
    "tnhh mtv": COMPANY,
    "tnhh": COMPANY,
    "tập đoàn": COMPANY,
    "doanh nghiệp tư nhân": PRIVATE,
    "dntn": PRIVATE,
    "doanh nghiệp": PRIVATE,
    "liên hiệp hợp tác xã": COOPERATIVE,
    "hợp tác xã": COOPERATIVE,
    "htx": COOPERATIVE,
    "tổ hợp tác": COOPERATIVE,
    "hộ kinh doanh cá thể": HOUSEHOLD,
    "hộ kinh doanh": HOUSEHOLD,
    "hkd": HOUSEHOLD,
    "cơ sở sản xuất kinh doanh": HOUSEHOLD,
    "cơ sở sản xuất": HOUSEHOLD,
    "cơ sở": HOUSEHOLD,
}
_FOLDED_FORMS = {fold(words): kind for words, kind in _FORMS.items()}
_IN_BRACKETS = re.compile(r"[(\[][^)\]]*[)\]]")
_BRANCH = f"(?:{name_key('chi nhánh')}|chi nhanh)"
_BRANCH_AFTER = re.compile(rf"\s+{_BRANCH}(?:\s.*)?$")
_BRANCH_BEFORE = re.compile(rf"^{_BRANCH}\s+(.*?)(?:\s+(?:{name_key('tại')}|tai)\s.*)?$")

_PARTS = re.compile(r"[,;\n]|\s[-\u2013]\s")
_HOUSE = re.compile(
    r"(?:so nha |nha so |so )?((?:(?:ngo|ngach|hem|kiet|lo|km) )?\d+[a-z]?(?: \d+[a-z]?| [a-z](?= |$))*)(?: (.*))?"
)
_STREET = re.compile(r"^(?:duong|pho|d)\s+")
_COMMUNE = re.compile(r"^(?:xa|phuong|thi tran|tt|p|x|dac khu)\s+(.+)$")


@dataclass(frozen=True)
class Named:
    """A name, tax code and address as somebody declared them; `facility` when picked from the register.

    `source` says in words where it stands in the declaration: the employer, or the kind of the tie.
    """

    source: str
    facility: int | None = None
    name: str = ""
    tax_code: str = ""
    address: str = ""

    @cached_property
    def name_parts(self) -> "Name":
        return read_name(self.name)

    @cached_property
    def place(self) -> "Place | None":
        return read_address(self.address)


@dataclass(frozen=True)
class Maker:
    """A facility as the register knows it. `uuid` outlives changes of its name."""

    pk: int
    uuid: str
    name: str
    tax_code: str = ""
    addresses: tuple[str, ...] = ()
    name_en: str = ""

    @cached_property
    def name_parts(self) -> "Name":
        return read_name(self.name)

    @cached_property
    def places(self) -> tuple["Place", ...]:
        return tuple(place for text in self.addresses if (place := read_address(text)))


@dataclass(frozen=True)
class Name:
    """A name cut into its legal form and the rest, with and without diacritics."""

    form: str = ""
    core: str = ""
    folded: str = ""

    @property
    def has_tones(self) -> bool:
        return self.core != self.folded


@dataclass(frozen=True)
class Place:
    """A house: its number, its street, and the commune or what else locates the street."""

    number: str
    street: str
    commune: str
    around: frozenset[str]


@dataclass(frozen=True)
class Match:
    """What met what. `key` is the same whenever the same two meet again, in whatever round."""

    basis: str
    source: str
    declared: str
    found: str
    key: str = field(compare=False)

    @property
    def evidence(self) -> str:
        """Two lines: what was declared, what the register says."""
        return f"{self.source}: {self.declared}"[:149] + "\n" + self.found[:149]


def read_name(text: str) -> Name:
    """The name without brackets, branch and legal form; empty when nothing is left."""
    key = name_key(_IN_BRACKETS.sub(" ", normalise(text)))
    branch = _BRANCH_BEFORE.match(key)
    key = _BRANCH_AFTER.sub("", branch[1] if branch else key).strip()
    form, core = _without_form(key)
    return Name(form, core, fold(core))


def _without_form(key: str) -> tuple[str, str]:
    """The legal form and what follows it; repeated, as in "Công ty cổ phần tập đoàn X"."""
    form = ""
    while True:
        found = next((words for words in _LONGEST_FIRST if key == words or key.startswith(f"{words} ")), None)
        if found is None:
            return form, key
        form = form or _ALL_FORMS[found]
        key = key[len(found) :].strip()


_ALL_FORMS: Mapping[str, str] = {**_FOLDED_FORMS, **{name_key(words): kind for words, kind in _FORMS.items()}}
_LONGEST_FIRST = sorted(_ALL_FORMS, key=len, reverse=True)


def read_address(text: str) -> Place | None:
    """The house in an address, or None where it names none: a hamlet is not a house."""
    parts = [fold(part) for part in _PARTS.split(normalise(text)) if part.strip()]
    for place, part in enumerate(parts[:3]):
        house = _HOUSE.fullmatch(part)
        if house is None:
            continue
        rest = parts[place + 1 :]
        street = _STREET.sub("", house[2] or "").strip()
        if not street and rest and not _COMMUNE.match(rest[0]):
            street, rest = _STREET.sub("", rest[0]).strip(), rest[1:]
        if not street or not rest:
            return None
        commune = next((found[1] for part in rest if (found := _COMMUNE.match(part))), "")
        return Place(house[1], street, commune, frozenset(rest))
    return None


def same_name(one: Name, other: Name) -> bool:
    """The same core; with a short core the legal form must not speak against it."""
    if not one.core or not other.core:
        return False
    cores = (one.core, other.core) if one.has_tones and other.has_tones else (one.folded, other.folded)
    if cores[0] != cores[1]:
        return False
    long_enough = len(one.core.split()) >= LONG_CORE
    return long_enough or one.form == other.form or (len(one.core.split()) > 1 and not (one.form and other.form))


def tax_root(code: str) -> str:
    """What a parent and its branches share; a personal id whole; "" for what is no tax code."""
    digits = re.sub(r"[\s./\u2013\u2014-]+", "", code)
    if not digits.isdigit() or len(set(digits)) == 1:
        return ""
    has_branch = re.fullmatch(r"\s*\d{10}\s*[-\u2013\u2014]\s*\d{1,3}\s*", code) is not None
    if len(digits) == PERSONAL_LENGTH and not has_branch:
        return digits
    return digits[:TAX_LENGTH] if len(digits) >= TAX_LENGTH else ""


def same_place(one: Place, other: Place) -> bool:
    """The same number in the same street of the same commune."""
    if (one.number, one.street) != (other.number, other.street):
        return False
    if one.commune and other.commune:
        return one.commune == other.commune
    return bool(one.around & other.around)


def matches(declared: Named, maker: Maker, *, person: str) -> Iterator[Match]:
    """Every point at which a declaration of `person` meets the facility, the plainest first."""
    if declared.facility == maker.pk:
        yield _match(ConflictBasis.CHOSEN, declared, maker, (maker.name, maker.name), person)
    root = tax_root(declared.tax_code)
    if root and root == tax_root(maker.tax_code):
        codes = mask(declared.tax_code), mask(maker.tax_code)  # of a personal id only the last digits
        yield _match(ConflictBasis.TAX_CODE, declared, maker, codes, person)
    if same_name(declared.name_parts, maker.name_parts) or _same_english(declared, maker):
        yield _match(ConflictBasis.NAME, declared, maker, (declared.name, maker.name), person)
    mine = declared.place
    for text in maker.addresses:
        theirs = read_address(text)
        if mine and theirs and same_place(mine, theirs):
            yield _match(ConflictBasis.ADDRESS, declared, maker, (declared.address, text), person)
            return


def _same_english(declared: Named, maker: Maker) -> bool:
    return bool(maker.name_en and declared.name) and name_key(maker.name_en) == name_key(declared.name)


def _match(basis: str, declared: Named, maker: Maker, words: tuple[str, str], person: str) -> Match:
    said, stands = words
    parts = (str(basis), person, maker.uuid, name_key(said), name_key(stands))
    key = hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
    return Match(str(basis), declared.source, normalise(said), normalise(stands), key)


class Register:
    """The facilities of a round, found by what a declaration could meet; a look-up, not a walk through all."""

    def __init__(self, makers: Iterable[Maker]) -> None:
        self._by: dict[tuple[str, object], list[Maker]] = {}
        for maker in makers:
            for key in set(self._keys(maker)):
                self._by.setdefault(key, []).append(maker)

    @staticmethod
    def _keys(maker: Maker) -> Iterator[tuple[str, object]]:
        yield "pk", maker.pk
        yield "tax", tax_root(maker.tax_code)
        yield "name", maker.name_parts.folded
        yield "english", name_key(maker.name_en)
        for place in maker.places:
            yield "place", (place.number, place.street)

    def near(self, declared: Named) -> list[Maker]:
        """The facilities worth comparing with what was declared."""
        keys: list[tuple[str, object]] = [
            ("pk", declared.facility),
            ("tax", tax_root(declared.tax_code)),
            ("name", declared.name_parts.folded),
            ("english", name_key(declared.name)),
        ]
        if declared.place:
            keys.append(("place", (declared.place.number, declared.place.street)))
        found = {maker.pk: maker for key in keys if key[1] for maker in self._by.get(key, ())}
        return [found[pk] for pk in sorted(found)]
