"""Products and their makers as the desk takes them in."""

from collections.abc import Callable, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from facilities.enums import FacilityKind
from facilities.imports.entries import COMMUNE_HEADINGS
from portal.imports.enums import Verdict
from portal.imports.provinces import province_scope, provinces_of
from portal.imports.registry import Column, Context, Importer, Judged, Scope, Writing, read_or_why, register
from portal.imports.repeats import Firsts
from portal.text.errors import Refusal
from portal.text.tables import Row

from .. import rules
from ..enums import GROUP_SHORT
from . import goods
from .columns import HEADINGS, is_group
from .goods import Goods

KINDS = tuple(kind.label for kind in FacilityKind if kind != FacilityKind.UNKNOWN)
YES_NO = (gettext_lazy("có"), gettext_lazy("không"))


def column(code: str, heading: Any, **facts: Any) -> Column:
    return Column(code, heading, HEADINGS.get(code, ()), **facts)


# What a sheet says of a product and its maker, whatever it is kept for.
GOODS_COLUMNS = (
    column("facility", gettext_lazy("Tên cơ sở"), required=True, example="Cơ sở mẫu Tân Hòa", width=34),
    column("facility_kind", gettext_lazy("Loại hình"), example="Hộ kinh doanh", choices=KINDS),
    Column(
        "tax_code",
        gettext_lazy("Mã số thuế"),
        (*HEADINGS["tax_code"], "MST cơ sở", "Mã số thuế cơ sở"),
        help=gettext_lazy("Giúp nhận ra cơ sở đã có dù tên ghi khác."),
    ),
    column("facility_address", gettext_lazy("Địa chỉ"), example="Ấp 2, xã Tân Hòa", width=36),
    Column("commune", gettext_lazy("Xã, phường"), COMMUNE_HEADINGS[1:], example="Xã Tân Hòa"),
    Column("province", gettext_lazy("Tỉnh, thành phố"), ("Tỉnh", "Tỉnh thành"), help=gettext_lazy("Bỏ trống thì lấy tỉnh đang nhập.")),
    column("product", gettext_lazy("Tên sản phẩm"), required=True, example="Nước mắm mẫu 40 độ đạm", width=38),
    column("group", gettext_lazy("Nhóm sản phẩm"), example="Chế biến nông, lâm, thủy sản", choices=tuple(GROUP_SHORT.values()), width=30),
    column("is_set", gettext_lazy("Là bộ sản phẩm"), example="không", choices=YES_NO, width=14),
    column("members", gettext_lazy("Thành phần của bộ"), help=gettext_lazy("Các tên cách nhau bằng dấu chấm phẩy."), width=34),
)  # fmt: skip
FILL_DOWN = ("facility", "facility_kind", "tax_code", "facility_address", "commune", "province")


class ProductImporter(Importer):
    kind = "products"
    label = gettext_lazy("Sản phẩm và bộ sản phẩm")
    scope_label = gettext_lazy("Tỉnh của các dòng không ghi tỉnh")
    columns: tuple[Column, ...] = GOODS_COLUMNS
    fill_down = FILL_DOWN
    section = "group"

    def is_section(self, text: str) -> bool:
        return is_group(text)

    def scopes(self, user: Any) -> list[tuple[str, str]]:
        return provinces_of(user, rules.PRODUCT_EDITORS - {"agency_regional"})

    def scope(self, value: str, user: Any) -> Scope:
        return province_scope(value, user, rules.PRODUCT_EDITORS - {"agency_regional"})

    def judge(self, context: Context) -> Callable[[Sequence[Row]], list[Judged]]:
        return Judge(context)

    def write(self, context: Context) -> Writing:
        reader = goods.Reader(context)

        def write(row: Row) -> None:
            one, _notes = reader.read(row)
            goods.enter(one, context.actor)

        return Writing(write)


class Judge:
    """Judges rows in batches. What is done with the product besides is said by `further`."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.known = goods.Known()
        self._reader = goods.Reader(context)
        self._rows = Firsts()

    def __call__(self, rows: Sequence[Row]) -> list[Judged]:
        read = [read_or_why(self._reader.read, row) for row in rows]
        ready = [found[0] for found in read if not isinstance(found, Refusal)]
        self.known.fetch(ready)
        self.prepare(ready)
        return [
            _wrong(row, found) if isinstance(found, Refusal) else self._judged(row, *found)
            for row, found in zip(rows, read, strict=True)
        ]

    def _judged(self, row: Row, one: Goods, notes: list[str]) -> Judged:
        try:
            met = self.known.meet(one)
            goods.require_whole(one, met)
            self._refuse_repeat(one, met)
            verdict, diff, more = self.further(row, one, met)
        except Refusal as refusal:
            return _wrong(row, refusal)
        return Judged(verdict, one.name, diff, [*notes, *goods.notes_of(one, met), *more])

    def _refuse_repeat(self, one: Goods, met: goods.Met) -> None:
        earlier = self._rows.add(one.row, *met.identity)
        if earlier != one.row:
            raise Refusal(
                "repeated_row",
                _("Trùng với dòng %(row)s: cùng cơ sở, cùng sản phẩm. Hãy bỏ một trong hai dòng.") % {"row": earlier},
            )

    def prepare(self, ready: Sequence[Goods]) -> None:
        """What else is asked of the register for these rows at once."""

    def further(self, row: Row, one: Goods, met: goods.Met) -> tuple[Verdict, list[list[str]], list[str]]:
        """The verdict, what would change, and what else to say. Raises Refusal."""
        diff = goods.differences(one, met)
        if met.product is None:
            return Verdict.NEW, diff, []
        return (Verdict.CHANGED if diff else Verdict.SAME), diff, []


def _wrong(row: Row, refusal: Refusal) -> Judged:
    return Judged.wrong(row["product"], [str(line) for line in refusal.details] or [str(refusal)])


register(ProductImporter())
