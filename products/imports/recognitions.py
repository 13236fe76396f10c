"""Published lists of recognised products as the desk takes them in. Judging asks the register in batches
what the command's writer asks row by row; confirming writes with that writer.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from facilities.enums import FacilityKind
from facilities.imports.known import Facilities, Wanted, same_code
from facilities.models import Facility
from facilities.taxcode import mask, normalise
from portal.imports.enums import Verdict
from portal.imports.provinces import province_scope, provinces_of
from portal.imports.registry import Column, Context, Importer, Judged, Scope, Writing, read_or_why, register
from portal.text.errors import Refusal
from portal.text.folding import name_key
from portal.text.formats import day
from portal.text.tables import Row

from .. import rules
from ..enums import GROUP_SHORT, ProductGroup, Stage
from ..models import Product, Recognition
from ..services import publish_recognitions
from .columns import HEADINGS, is_group
from .importer import KINDS, YES_NO
from .lines import Line, Places, line_of, warnings_of
from .writer import Writer

IMPORTERS = frozenset(rules.EDITORS)


def column(code: str, heading: Any, **facts: Any) -> Column:
    return Column(code, heading, HEADINGS[code], **facts)


class RecognitionImporter(Importer):
    kind = "recognitions"
    label = gettext_lazy("Sản phẩm đã được công nhận")
    scope_label = gettext_lazy("Tỉnh của các dòng không ghi tỉnh")
    columns = (
        column("level", gettext_lazy("Cấp công nhận"), required=True, example="tỉnh", choices=("huyện", "xã", "tỉnh", "khu vực", "quốc gia"), width=14),
        column("year", gettext_lazy("Năm công nhận"), required=True, example="2023", width=12),
        column("round_ordinal", gettext_lazy("Lần thứ"), example="", width=10),
        column("province", gettext_lazy("Tỉnh"), help=gettext_lazy("Tên tỉnh khi công nhận. Bỏ trống thì lấy tỉnh chọn khi tải lên.")),
        column("product", gettext_lazy("Tên sản phẩm"), required=True, example="Nước mắm mẫu 40 độ đạm", width=38),
        column("is_set", gettext_lazy("Là bộ sản phẩm"), example="không", choices=YES_NO, width=14),
        column("members", gettext_lazy("Thành phần của bộ"), help=gettext_lazy("Các tên cách nhau bằng dấu chấm phẩy."), width=34),
        column("facility", gettext_lazy("Tên cơ sở"), example="Cơ sở mẫu Tân Hòa", width=34),
        column("facility_kind", gettext_lazy("Loại hình"), choices=KINDS),
        column("tax_code", gettext_lazy("Mã số thuế")),
        column("facility_address", gettext_lazy("Địa chỉ"), example="Ấp 2, xã Tân Hòa", width=36),
        column("group", gettext_lazy("Nhóm sản phẩm"), example="Chế biến nông, lâm, thủy sản", choices=tuple(GROUP_SHORT.values()), width=30),
        column("decision_number", gettext_lazy("Số quyết định"), example="1234/QĐ-UBND", width=20),
        column("decision_date", gettext_lazy("Ngày quyết định"), example="20/11/2023", width=16),
        column("certificate_number", gettext_lazy("Số giấy chứng nhận"), width=18),
        column("issued_on", gettext_lazy("Ngày cấp"), width=14),
        column("expires_on", gettext_lazy("Ngày hết hiệu lực"), width=16),
        column("stage", gettext_lazy("Giai đoạn"), choices=(gettext_lazy("đã công nhận"), gettext_lazy("đề nghị")), width=14),
        column("source", gettext_lazy("Nguồn"), width=30),
        column("note", gettext_lazy("Ghi chú"), width=30),
    )  # fmt: skip
    fill_down = ("facility", "facility_kind", "tax_code", "facility_address")
    section = "group"

    def is_section(self, text: str) -> bool:
        return is_group(text)

    def scopes(self, user: Any) -> list[tuple[str, str]]:
        return provinces_of(user, IMPORTERS)

    def scope(self, value: str, user: Any) -> Scope:
        return province_scope(value, user, IMPORTERS)

    def judge(self, context: Context) -> Callable[[Sequence[Row]], list[Judged]]:
        return Judge(context)

    def write(self, context: Context) -> Writing:
        writer, reader = Writer(actor=context.actor), Reader(context)

        def finish() -> None:
            publish_recognitions(recognitions=writer.recognised, at=context.now, actor=context.actor)

        return Writing(lambda row: writer.enter(reader.read(row)), finish)


class Reader:
    """Rows as lines, within the provinces the person may enter for."""

    def __init__(self, context: Context) -> None:
        self._context, self._places = context, Places()

    def read(self, row: Row) -> Line:
        """Raises Refusal with every sentence in its details."""
        if not row["province"]:
            row = replace(row, cells={**row.cells, "province": self._context.scope.label})
        line, problems = line_of(row, today=self._context.today, places=self._places)
        if line is None:
            raise Refusal("bad_row", problems[0], details=tuple(problems))
        if not rules.may_edit(self._context.actor, line.territory.pk):
            raise Refusal(
                "not_your_province",
                _("%(province)s ngoài phạm vi của bạn. Hãy chỉ nhập sản phẩm của tỉnh mình.")
                % {"province": line.territory.name},
            )
        return line


class Judge:
    """Judges lines in batches, as the writer would enter them."""

    def __init__(self, context: Context) -> None:
        self._reader = Reader(context)
        self._facilities = Facilities()
        self._products: dict[str, list[Product]] = {}
        self._rows: dict[tuple[Any, ...], list[tuple[int, int]]] = {}

    def __call__(self, rows: Sequence[Row]) -> list[Judged]:
        read = [read_or_why(self._reader.read, row) for row in rows]
        lines = [found for found in read if isinstance(found, Line)]
        self._fetch(lines)
        return [
            self._judged(found) if isinstance(found, Line) else Judged.wrong(row["product"], found.details or [found])
            for row, found in zip(rows, read, strict=True)
        ]

    def _fetch(self, lines: Sequence[Line]) -> None:
        self._facilities.fetch([_wanted(line) for line in lines if line.facility])
        found = Product.objects.standing().filter(name_key__in={name_key(line.name) for line in lines})
        self._products = {}
        for product in found.prefetch_related("members", "recognitions__certificates").order_by("pk"):
            self._products.setdefault(product.name_key, []).append(product)

    def _judged(self, line: Line) -> Judged:
        try:
            facility = self._facilities.match(line.facility, _wanted(line)) if line.facility else None
            self._refuse_repeat(line, facility)
        except Refusal as refusal:
            return Judged.wrong(line.name, [refusal])
        notes = [f"{words[:1].upper()}{words[1:].rstrip('.')}." for words in warnings_of(line)]
        if facility is not None and facility.name_key != name_key(line.facility):
            notes.append(same_code(facility, line.tax_code))
        product, recognition = self._find(line, facility)
        if recognition is None:
            return Judged(Verdict.NEW, line.name, [], notes)
        diff = [*_facility_gaps(line, facility), *_product_gaps(line, product), *_recognition_gaps(line, recognition)]
        return Judged(Verdict.CHANGED if diff else Verdict.SAME, line.name, diff, notes)

    def _refuse_repeat(self, line: Line, facility: Facility | None) -> None:
        maker = facility.pk if facility else (name_key(line.facility), line.territory.pk)
        seen = self._rows.setdefault((maker, name_key(line.name), line.level, line.year), [])
        for row, ordinal in seen:
            if ordinal == line.ordinal or not (ordinal and line.ordinal):
                raise Refusal(
                    "repeated_row",
                    _("Dòng này lặp lại dòng %(other)s: cùng sản phẩm, cấp, năm và lần. Hãy bỏ một dòng.")
                    % {"other": row},
                )
        seen.append((line.number, line.ordinal))

    def _find(self, line: Line, facility: Facility | None) -> tuple[Product | None, Recognition | None]:
        """As the writer finds them: the maker's product, else one entered before its maker was known."""
        same = self._products.get(name_key(line.name), [])
        here = next((p for p in same if p.facility_id is None and p.territory_id == line.territory.pk), None)
        if line.facility:
            product = next((p for p in same if facility and p.facility_id == facility.pk), None)
            candidates = [product, here]
        else:
            made = [p for p in same if p.facility_id and p.territory_id == line.territory.pk]
            candidates = [here, *made]
        for candidate in candidates:
            if candidate and (found := _recognition(candidate, line)):
                return candidate, found
        return candidates[0], None


def _wanted(line: Line) -> Wanted:
    return name_key(line.facility), line.territory.pk, normalise(line.tax_code)


def _recognition(product: Product, line: Line) -> Recognition | None:
    rows = sorted(product.recognitions.all(), key=lambda row: row.pk)
    rows = [row for row in rows if (row.level, row.year) == (line.level, line.year)]
    same = [row for row in rows if row.round_ordinal == line.ordinal]
    open_ = [row for row in rows if not (row.round_ordinal and line.ordinal)]
    return next(iter(same or open_), None)


def _facility_gaps(line: Line, facility: Facility | None) -> list[list[str]]:
    if facility is None:
        return [[_("cơ sở"), "", line.facility]] if line.facility else []
    gaps = []
    if line.tax_code and not facility.tax_code:
        gaps.append([_("mã số thuế của cơ sở"), "", mask(line.tax_code)])
    if line.address and not facility.address_recognised:
        gaps.append([_("địa chỉ của cơ sở"), "", line.address])
    if facility.kind == FacilityKind.UNKNOWN != line.kind:
        gaps.append([_("loại hình của cơ sở"), "", str(line.kind.label)])
    return gaps


def _product_gaps(line: Line, product: Product | None) -> list[list[str]]:
    if product is None:
        return []
    gaps = []
    is_set = product.is_set if product.set_certain or line.is_set is None else line.is_set
    if product.facility_id is None and line.facility:
        gaps.append([_("cơ sở của sản phẩm"), "", line.facility])
    if line.is_set is not None and not product.set_certain:
        gaps.append([_("bộ sản phẩm"), "", _("có") if line.is_set else _("không")])
    if line.group and line.group_certain and not product.group_certain:
        gaps.append([_("nhóm sản phẩm"), "", str(GROUP_SHORT[ProductGroup(line.group)])])
    if line.members and is_set and not product.members.all():
        gaps.append([_("thành phần của bộ"), "", "; ".join(line.members)])
    return gaps


def _recognition_gaps(line: Line, recognition: Recognition) -> list[list[str]]:
    if line.stage == Stage.PROPOSED:
        return []
    if recognition.stage == Stage.PROPOSED:
        return [[_("giai đoạn"), str(Stage.PROPOSED.label), str(Stage.RECOGNISED.label)]]
    gaps = []
    if line.ordinal and not recognition.round_ordinal:
        gaps.append([_("lần thứ"), "", str(line.ordinal)])
    if line.decision and recognition.decision_id is None:
        gaps.append([_("quyết định"), "", "/".join(line.decision)])
    if line.issued_on and recognition.issued_on is None:
        gaps.append([_("ngày cấp"), "", day(line.issued_on)])
    if line.expires_on and not recognition.validity_confirmed:
        before = day(recognition.expires_on) if recognition.expires_on else ""
        gaps.append([_("có hiệu lực đến hết"), before, day(line.expires_on)])
    paper = next((paper for paper in recognition.certificates.all() if paper.superseded_on is None), None)
    if line.official_number and paper and not paper.official_number:
        gaps.append([_("số giấy chứng nhận"), "", line.official_number])
    return gaps


register(RecognitionImporter())
