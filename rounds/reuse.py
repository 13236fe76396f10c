"""Which papers may be used again in a later dossier, and what changed since they were handed in. Pure functions."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from .enums import DocumentKind

K = DocumentKind
# What speaks of the product stays with it; what speaks of its maker serves every product of the maker. A
# registration form, a letter or an authorisation is written for one round and is never used again.
ONE_PRODUCT = (K.STATEMENT, K.PHOTO_FRONT, K.PHOTO_SIDE, K.PHOTO_TOP, K.LOWER_CERTIFICATE)
ANY_PRODUCT = (K.BUSINESS_REGISTRATION, K.STANDARD, K.AWARD, K.OTHER)


@dataclass(frozen=True)
class Maker:
    """What was written of facility or product at a moment; None is not told by this row."""

    at: dt.datetime
    facility_name: str | None = None
    address: str | None = None
    kind: str | None = None
    tax_code: str | None = None
    product_name: str | None = None
    materials: str | None = None


_OF_FACILITY = ("facility_name", "address", "kind", "tax_code")
_OF_PRODUCT = ("product_name", "materials")


def changes_since(makers: Iterable[Maker], *, at: dt.datetime, of_product: bool) -> tuple[str, ...]:
    """A sentence for each fact that reads otherwise today than when the paper came in.

    A fact first written after that is no change: then it was merely not known.
    """
    rows = sorted(makers, key=lambda row: row.at)
    names = (*_OF_FACILITY, *_OF_PRODUCT) if of_product else _OF_FACILITY
    found = []
    for name in names:
        then = _last(rows, name, until=at)
        now = _last(rows, name, until=None)
        if then and now and then != now:
            found.append(_say(name, then, now))
    return tuple(found)


def _last(rows: list[Maker], name: str, *, until: dt.datetime | None) -> str | None:
    told = [value for row in rows if until is None or row.at <= until if (value := getattr(row, name)) is not None]
    return told[-1] if told else None


def _say(name: str, then: str, now: str) -> str:
    words = {
        "facility_name": _("Tên cơ sở khi đó là “%(then)s”, nay là “%(now)s”."),
        "address": _("Địa chỉ khi đó là “%(then)s”, nay là “%(now)s”."),
        "kind": _("Loại hình cơ sở khi đó là “%(then)s”, nay là “%(now)s”."),
        "tax_code": _("Mã số thuế của cơ sở đã đổi."),
        "product_name": _("Tên sản phẩm khi đó là “%(then)s”, nay là “%(now)s”."),
        "materials": _("Nguyên liệu khi đó là “%(then)s”, nay là “%(now)s”."),
    }
    return words[name] % {"then": then, "now": now} if name != "tax_code" else words[name]
