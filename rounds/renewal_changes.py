"""What a renewed dossier says otherwise than the one it was made from. Pure functions on frozen contents."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from facilities.enums import FacilityKind
from products.enums import ProductGroup

from .completeness import PHOTOS
from .enums import DocumentKind, SetBasis
from .statement import STATEMENT_PARTS

K = DocumentKind
# Written anew for every round: that they differ tells nothing.
OF_ONE_ROUND = frozenset({K.REGISTRATION_FORM, K.STATEMENT, K.AUTHORISATION, K.PROPOSAL_LETTER, K.COVER_LETTER})
# Fields of a frozen content in the order of the steps, each with the path to it and its name on screen.
FIELDS: dict[str, tuple[tuple[str, ...], Any]] = {
    "name": (("product", "name"), gettext_lazy("Tên sản phẩm")),
    "group": (("product", "group"), gettext_lazy("Nhóm sản phẩm")),
    "is_set": (("product", "is_set"), gettext_lazy("Là bộ sản phẩm")),
    "members": (("product", "members"), gettext_lazy("Các sản phẩm trong bộ")),
    "set_basis": (("set_basis",), gettext_lazy("Căn cứ gộp bộ")),
    "materials": (("product", "materials"), gettext_lazy("Nguyên, vật liệu")),
    "facility_name": (("facility", "name"), gettext_lazy("Tên cơ sở")),
    "facility_kind": (("facility", "kind"), gettext_lazy("Loại hình cơ sở")),
    "address": (("facility", "address"), gettext_lazy("Địa chỉ")),
    "statement": (("statement",), gettext_lazy("Nội dung thuyết minh")),
    "statement_market": (
        ("statement_parts", "statement_market"),
        gettext_lazy("Thị trường và khả năng phát triển sản xuất"),
    ),
    "statement_technology": (
        ("statement_parts", "statement_technology"),
        gettext_lazy("Kinh tế, kỹ thuật, xã hội và môi trường"),
    ),
    "statement_culture": (("statement_parts", "statement_culture"), gettext_lazy("Văn hóa, thẩm mỹ")),
    "statement_other": (("statement_parts", "statement_other"), gettext_lazy("Nội dung khác")),
}
WRITTEN = ("statement", *STATEMENT_PARTS)
CHOICES: dict[str, Mapping[str, Any]] = {
    "group": dict(ProductGroup.choices),
    "facility_kind": dict(FacilityKind.choices),
    "set_basis": dict(SetBasis.choices),
}
# A run of words that both texts share is cut down to this many at each end.
SHARED_SHOWN = 12
# Beyond this many pairs of words two texts are shown whole, one after the other: comparing would take seconds.
MOST_PAIRS = 4_000_000


class How(StrEnum):
    """How something stands to what it was before."""

    SAME = "same"
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True)
class Piece:
    """A run of words that both texts have, only the earlier one, or only the later one."""

    how: How
    text: str


@dataclass(frozen=True)
class Changed:
    """One thing that reads otherwise: its field, its name, the words before and now."""

    field: str
    label: str
    before: str
    now: str

    @property
    def how(self) -> How:
        if not self.before:
            return How.ADDED
        return How.CHANGED if self.now else How.REMOVED

    @property
    def is_long(self) -> bool:
        """Whether the two are read better as one text with marks than side by side."""
        return self.field in WRITTEN and self.how == How.CHANGED

    @property
    def pieces(self) -> tuple[Piece, ...]:
        return pieces(self.before, self.now)


@dataclass(frozen=True)
class PaperChange:
    """One paper or photo beside its like in the earlier dossier."""

    kind: str
    title: str
    how: How

    @property
    def label(self) -> str:
        return self.title or str(DocumentKind(self.kind).label)

    @property
    def words(self) -> str:
        """How it stands, as the page says it."""
        return {
            How.SAME: _("như hồ sơ trước"),
            How.CHANGED: _("đã thay"),
            How.ADDED: _("mới"),
            How.REMOVED: _("chưa có trong hồ sơ này"),
        }[self.how]


@dataclass(frozen=True)
class Comparison:
    """A renewed dossier beside the one it was made from."""

    changed: tuple[Changed, ...]
    papers: tuple[PaperChange, ...]
    unchanged_parts: tuple[str, ...]

    @property
    def by_field(self) -> dict[str, Changed]:
        return {row.field: row for row in self.changed}

    @property
    def of_the_register(self) -> tuple[Changed, ...]:
        """What the register says otherwise of the product and its maker."""
        return tuple(row for row in self.changed if row.field not in WRITTEN)

    @property
    def by_kind(self) -> dict[str, PaperChange]:
        """The newest word on each kind of paper."""
        return {row.kind: row for row in self.papers}

    @property
    def photos(self) -> tuple[PaperChange, ...]:
        return tuple(row for row in self.papers if row.kind in PHOTOS)

    @property
    def unchanged_labels(self) -> tuple[str, ...]:
        """Parts of the statement that still read as before; their figures are likely out of date."""
        return tuple(str(FIELDS[name][1]) for name in self.unchanged_parts)

    @property
    def total(self) -> int:
        return len(self.changed) + sum(row.how != How.SAME for row in self.papers)


def compare(before: Mapping[str, Any], now: Mapping[str, Any]) -> Comparison:
    """Everything of two frozen contents that a reader wants told apart. Fields that differ are named exactly once."""
    texts = {name: (_said(before, name), _said(now, name)) for name in FIELDS}
    return Comparison(
        changed=tuple(
            Changed(name, str(FIELDS[name][1]), was, is_) for name, (was, is_) in texts.items() if was != is_
        ),
        papers=compare_papers(before.get("documents", ()), now.get("documents", ())),
        unchanged_parts=tuple(name for name in WRITTEN if texts[name][0] and texts[name][0] == texts[name][1]),
    )


def _said(content: Mapping[str, Any], name: str) -> str:
    """A value of a content as people read it; what a content does not hold reads as nothing."""
    value: Any = content
    for step in FIELDS[name][0]:
        value = (value or {}).get(step)
    if isinstance(value, bool):
        return _("có") if value else _("không")
    if isinstance(value, (list, tuple)):
        return "; ".join(str(one) for one in value)
    text = str(value or "").strip()
    return str(CHOICES[name].get(text, text)) if name in CHOICES else text


def compare_papers(before: Iterable[Mapping[str, Any]], now: Iterable[Mapping[str, Any]]) -> tuple[PaperChange, ...]:
    """Papers in the order of their kinds: the same, put in place of another, new, or not there any more."""
    found: list[PaperChange] = []
    held, given = list(before), list(now)
    for kind in DocumentKind:
        if kind not in OF_ONE_ROUND:
            found += _of_kind(
                kind, [row for row in held if row["kind"] == kind], [r for r in given if r["kind"] == kind]
            )
    return tuple(found)


def _of_kind(kind: str, before: list[Mapping[str, Any]], now: list[Mapping[str, Any]]) -> list[PaperChange]:
    left = [_identity(row) for row in before]
    found, fresh = [], []
    for row in now:
        if _identity(row) in left:
            left.remove(_identity(row))
            found.append(PaperChange(kind, row["title"], How.SAME))
        else:
            fresh.append(row)
    for place, row in enumerate(fresh):
        found.append(PaperChange(kind, row["title"], How.CHANGED if place < len(left) else How.ADDED))
    gone = len(left) - len(fresh)
    return found + [PaperChange(kind, "", How.REMOVED)] * max(gone, 0)


def _identity(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return row["sha256"], row["on_paper"], row["valid_until"]


def pieces(before: str, now: str) -> tuple[Piece, ...]:
    """Two texts as one, word by word, with what went and what came marked; long shared runs are cut in the middle."""
    old, new = _words(before), _words(now)
    if len(old) * len(new) > MOST_PAIRS:
        return Piece(How.REMOVED, before), Piece(How.ADDED, now)
    found: list[Piece] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found.append(Piece(How.SAME, _shortened(old[a:b], first=a == 0, last=b == len(old))))
            continue
        if b > a:
            found.append(Piece(How.REMOVED, "".join(old[a:b])))
        if d > c:
            found.append(Piece(How.ADDED, "".join(new[c:d])))
    return tuple(found)


def _words(text: str) -> list[str]:
    """Words, each with the blanks behind it, so that joining them gives the text again."""
    return re.findall(r"\S+\s*|\s+", text)


def _shortened(words: Sequence[str], *, first: bool, last: bool) -> str:
    if len(words) <= SHARED_SHOWN * 2 + 1:
        return "".join(words)
    head = "" if first else "".join(words[:SHARED_SHOWN])
    tail = "" if last else "".join(words[-SHARED_SHOWN:])
    return f"{head}… {tail}"
