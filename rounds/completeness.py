"""Which papers a dossier needs, which it has, and who owes the rest (TT 26/2014/TT-BCT, Điều 12). Pure functions."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from products.enums import LEVEL_RANK, Level

from .enums import Addressee, DocumentKind, Origin

K = DocumentKind
PHOTOS = (K.PHOTO_FRONT, K.PHOTO_SIDE, K.PHOTO_TOP)
ONCE_FOR_ALL = (K.REGISTRATION_FORM, K.BUSINESS_REGISTRATION, K.STATEMENT, *PHOTOS)
# 10 × 15 cm printed at 300 dots per inch.
PHOTO_LONG, PHOTO_SHORT = 1800, 1200
ARTICLES = {
    K.REGISTRATION_FORM: "Điều 12 khoản 1 điểm a, Phụ lục 1",
    K.BUSINESS_REGISTRATION: "Điều 12 khoản 1 điểm a",
    K.STATEMENT: "Điều 12 khoản 1 điểm b, Phụ lục 2",
    K.PHOTO_FRONT: "Điều 12 khoản 1 điểm b",
    K.PHOTO_SIDE: "Điều 12 khoản 1 điểm b",
    K.PHOTO_TOP: "Điều 12 khoản 1 điểm b",
    K.LOWER_CERTIFICATE: "Điều 12",
    K.PROPOSAL_LETTER: "Điều 12, Phụ lục 5",
    K.COVER_LETTER: "Điều 12",
    K.AUTHORISATION: "Bộ luật Dân sự 2015, Điều 138",
}
OWED_BY = {
    K.PROPOSAL_LETTER: Addressee.LOWER_AUTHORITY,
    K.COVER_LETTER: Addressee.LOWER_AUTHORITY,
    K.AUTHORISATION: Addressee.COMMUNE,
}


@dataclass(frozen=True)
class Paper:
    """A paper that is there, in a file or on paper."""

    kind: str
    needs_fix: bool = False
    remark: str = ""
    warning: str = ""


@dataclass(frozen=True)
class Requirement:
    """A required paper: its legal place, whether it is there, what is to be fixed, and who owes it.

    A `warning` is said and stops nothing.
    """

    kind: str
    article: str
    present: bool
    needs_fix: bool
    remark: str
    owed_by: Addressee
    warning: str = ""

    @property
    def ok(self) -> bool:
        return self.present and not self.needs_fix

    @property
    def label(self) -> str:
        return str(DocumentKind(self.kind).label)


def required_kinds(*, level: str, lower_round_held: bool, origin: str = "") -> tuple[str, ...]:
    """The papers of a level, in the circular's order.

    Above the lowest level come the certificate of the level below and its proposal letter, or the letter
    that sends the dossier where no lower round is held. A commune that files for a facility shows its authorisation.
    """
    above: tuple[str, ...] = ()
    if LEVEL_RANK[Level(level)] > 1:
        above = (K.LOWER_CERTIFICATE, K.PROPOSAL_LETTER) if lower_round_held else (K.COVER_LETTER,)
    by_commune = (K.AUTHORISATION,) if origin == Origin.COMMUNE else ()
    return (*ONCE_FOR_ALL, *above, *by_commune)


def requirements(
    *, level: str, lower_round_held: bool, papers: Iterable[Paper], origin: str = ""
) -> tuple[Requirement, ...]:
    """One row per required paper. A good copy outweighs a bad one of the same kind."""
    held = tuple(papers)
    kinds = required_kinds(level=level, lower_round_held=lower_round_held, origin=origin)
    return tuple(_requirement(kind, held) for kind in kinds)


def is_complete(rows: Iterable[Requirement]) -> bool:
    return all(row.ok for row in rows)


def missing_sentences(rows: Iterable[Requirement]) -> tuple[str, ...]:
    """What is left to do, one sentence per paper; the request letter is written from them."""
    return tuple(_sentence(row) for row in rows if not row.ok)


def missing_by_addressee(rows: Iterable[Requirement]) -> dict[Addressee, tuple[str, ...]]:
    """Who owes what: a sentence per open paper, with its article, under whoever has to send it."""
    owed: dict[Addressee, tuple[str, ...]] = {}
    for row in rows:
        if not row.ok:
            owed[row.owed_by] = (*owed.get(row.owed_by, ()), _sentence(row, article=row.article))
    return {addressee: owed[addressee] for addressee in Addressee if addressee in owed}


def photo_remark(*, kind: str, width: int | None, height: int | None) -> str:
    """What a photo's size leaves to be wished, or nothing: a warning, since the circular names centimetres.

    Sizes in pixels; unknown sizes are not judged.
    """
    if kind not in PHOTOS or width is None or height is None:
        return ""
    if max(width, height) >= PHOTO_LONG and min(width, height) >= PHOTO_SHORT:
        return ""
    return _("%(name)s %(width)s × %(height)s điểm, in ra nhỏ hơn 10 × 15 cm. Gửi lại ảnh từ 1800 × 1200 điểm.") % {
        "name": DocumentKind(kind).label,
        "width": width,
        "height": height,
    }


def _requirement(kind: str, papers: tuple[Paper, ...]) -> Requirement:
    mine = [paper for paper in papers if paper.kind == kind]
    good = [paper for paper in mine if not paper.needs_fix]
    needs_fix = bool(mine) and not good
    return Requirement(
        kind=kind,
        article=ARTICLES[K(kind)],
        present=bool(mine),
        needs_fix=needs_fix,
        remark=mine[-1].remark if needs_fix else "",
        owed_by=OWED_BY.get(K(kind), Addressee.FACILITY),
        warning=good[-1].warning if good else "",
    )


def _sentence(row: Requirement, *, article: str = "") -> str:
    facts = {"paper": f"{row.label}, {article}" if article else row.label, "remark": row.remark}
    if row.present:
        return _("%(paper)s cần sửa: %(remark)s") % facts
    return _("%(paper)s: chưa có.") % facts
