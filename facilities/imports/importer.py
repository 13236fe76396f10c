"""The register of facilities as the desk takes it in: previewed, confirmed, undone."""

from collections.abc import Callable, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.imports.enums import Verdict
from portal.imports.provinces import province_scope, provinces_of
from portal.imports.registry import Column, Context, Importer, Judged, Scope, Writing, read_or_why, register
from portal.text.errors import Refusal
from portal.text.fields import label
from portal.text.folding import name_key
from portal.text.tables import Row

from .. import rules, services, taxcode
from ..enums import FacilityKind
from ..models import Facility
from ..queries import match
from .entries import COMMUNE_HEADINGS, HEADINGS, Earlier, Entry, Provinces, entry_of
from .known import Communes, Facilities, commune_unknown, same_code

KINDS = tuple(kind.label for kind in FacilityKind if kind != FacilityKind.UNKNOWN)


def column(code: str, **facts: Any) -> Column:
    heading, *others = HEADINGS[code]
    return Column(code, gettext_lazy(heading), tuple(others), **facts)


class FacilityImporter(Importer):
    kind = "facilities"
    label = gettext_lazy("Cơ sở công nghiệp nông thôn")
    scope_label = gettext_lazy("Tỉnh của các dòng không ghi tỉnh")
    columns = (
        column("name", required=True, example="Hợp tác xã mẫu Tân Hòa", width=36),
        column("kind", example="Hợp tác xã", choices=KINDS, help=gettext_lazy("Bỏ trống thì đọc từ tên.")),
        column("tax_code", example="0100109106", help=gettext_lazy("10 số, 10-3 số, hoặc 12 số của chủ hộ.")),
        column("address", example="Ấp 2, xã Tân Hòa", width=40),
        Column("commune", gettext_lazy("Xã, phường"), COMMUNE_HEADINGS[1:], example="Xã Tân Hòa"),
        column("address_today", example="", width=40, help=gettext_lazy("Địa chỉ theo xã, tỉnh mới, nếu đã đổi.")),
        column("province", example="", help=gettext_lazy("Bỏ trống thì lấy tỉnh chọn khi tải lên.")),
        column("year", example="", help=gettext_lazy("Năm mà tên tỉnh ở dòng này còn dùng.")),
        column("founded_year", example="2015"),
        column("name_en", example="", width=30),
        column("introduction", example="", width=40),
    )
    fill_down = ("name", "address", "tax_code", "commune", "kind")

    def scopes(self, user: Any) -> list[tuple[str, str]]:
        return provinces_of(user, rules.EDITORS)

    def scope(self, value: str, user: Any) -> Scope:
        return province_scope(value, user, rules.EDITORS)

    def judge(self, context: Context) -> Callable[[Sequence[Row]], list[Judged]]:
        return Judge(context)

    def write(self, context: Context) -> Writing:
        reader = Reader(context)

        def write(row: Row) -> None:
            entry, _notes = reader.read(row)
            known = match(name=entry.name, territory=entry.territory, tax_code=entry.tax_code)
            if known is None:
                create(entry, context.actor)
            elif found := changes(known, entry):
                services.update_facility(facility=known, actor=context.actor, reason=_("Nhập từ danh sách."), **found)

        return Writing(write)


class Reader:
    """Rows as entries, with their commune, within what the person may enter."""

    def __init__(self, context: Context) -> None:
        self._actor = context.actor
        self._provinces = Provinces(context.today, context.scope.territory)
        self._communes = Communes()

    def read(self, row: Row) -> tuple[Entry, list[str]]:
        """The entry and what there is to note. Raises Refusal."""
        entry = entry_of(row, self._provinces, self._communes)
        if not rules.may_edit(self._actor, entry.territory.pk):
            raise Refusal(
                "not_your_province",
                _("%(province)s ngoài phạm vi của bạn. Hãy chỉ nhập cơ sở của tỉnh mình.")
                % {"province": entry.territory.name},
            )
        named = row["commune"]
        missed = named and entry.commune is None and self._communes.are_known(entry.territory.pk)
        return entry, [commune_unknown(named)] if missed else []


class Judge:
    """Judges rows in batches; a facility named twice in the file is wrong the second time."""

    def __init__(self, context: Context) -> None:
        self._reader, self._earlier, self._known = Reader(context), Earlier(), Facilities()

    def __call__(self, rows: Sequence[Row]) -> list[Judged]:
        read = [read_or_why(self._reader.read, row) for row in rows]
        entries = [found[0] for found in read if not isinstance(found, Refusal)]
        self._known.fetch([wanted(entry) for entry in entries])
        return [
            Judged.wrong(row["name"], [sentence(found)]) if isinstance(found, Refusal) else self._judged(*found)
            for row, found in zip(rows, read, strict=True)
        ]

    def _judged(self, entry: Entry, notes: list[str]) -> Judged:
        if (other := self._earlier.same(entry)) is not None:
            return Judged.wrong(entry.name, [_("Trùng với dòng %(row)s. Hãy bỏ một trong hai dòng.") % {"row": other}])
        try:
            known = self._known.match(entry.name, wanted(entry))
        except Refusal as refusal:
            return Judged.wrong(entry.name, [refusal])
        if warning := taxcode.check(entry.tax_code):
            notes.append(warning)
        if known is None:
            return Judged(Verdict.NEW, entry.name, sentences=notes)
        if known.name_key != entry.key:
            notes.append(same_code(known, entry.tax_code))
        found = changes(known, entry)
        return Judged(Verdict.CHANGED if found else Verdict.SAME, entry.name, differences(known, found), notes)


def wanted(entry: Entry) -> tuple[str, int, str]:
    return entry.key, entry.territory.pk, entry.tax_code


def sentence(refusal: Refusal) -> str:
    """Sentences of the commands begin small, after "Dòng 3:"; alone they begin large."""
    words = str(refusal)
    return words[:1].upper() + words[1:]


def create(entry: Entry, actor: Any) -> Facility:
    texts: dict[str, Any] = dict(entry.texts)
    return services.create_facility(
        name=entry.name,
        kind=entry.kind,
        territory=entry.territory,
        tax_code=entry.tax_code,
        address=texts.pop("address_recognised"),
        commune=entry.commune,
        founded_year=entry.founded_year,
        actor=actor,
        **texts,
    )


def changes(known: Facility, entry: Entry) -> dict[str, Any]:
    """What the row says and the register does not. The address of the decision is never overwritten: another
    address is where the facility is today. A kind read off the name, and a second tax code, change nothing.
    """
    offered: dict[str, Any] = {
        **entry.texts,
        "founded_year": entry.founded_year,
        "commune": entry.commune,
        "kind": entry.kind if entry.kind_stated else "",
    }
    if not known.tax_code:
        offered["tax_code"] = entry.tax_code
    if known.kind == FacilityKind.UNKNOWN != entry.kind:
        offered["kind"] = entry.kind
    address = offered.pop("address_recognised")
    if not known.address_recognised:
        offered["address_recognised"] = address
    elif not _same(known.address_recognised, address):
        offered["address_today"] = offered["address_today"] or address
    return {name: value for name, value in offered.items() if value and not _same(getattr(known, name), value)}


def _same(before: Any, after: Any) -> bool:
    """Whether two values differ by habit of spelling at most."""
    if isinstance(before, str) and isinstance(after, str):
        return before == after or name_key(before) == name_key(after)
    return bool(before == after)


def differences(known: Facility, found: dict[str, Any]) -> list[list[str]]:
    """Label, before, after, for people."""
    return [[label(Facility, name), _said(name, getattr(known, name)), _said(name, found[name])] for name in found]


def _said(name: str, value: Any) -> str:
    if name == "kind":
        return str(FacilityKind(value).label)
    if name == "tax_code":
        return taxcode.mask(value)
    return "" if value is None else str(value)


register(FacilityImporter())
