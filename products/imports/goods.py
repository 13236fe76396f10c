"""A product and who makes it, as a row of a department's sheet says, and what the register knows of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from facilities import rules as facility_rules
from facilities import taxcode
from facilities.enums import FacilityKind
from facilities.imports.entries import LONGEST as FACILITY_LONGEST
from facilities.imports.entries import Provinces, kind_stated, tax_code_of
from facilities.imports.known import Communes, Facilities, Wanted, commune_unknown, same_code
from facilities.kinds import kind_of
from facilities.models import Facility
from facilities.services import create_facility, update_facility
from portal.imports.registry import Context
from portal.territory.models import Commune, Territory
from portal.text.cells import short, yes_of
from portal.text.errors import Refusal
from portal.text.folding import name_key
from portal.text.tables import Row

from .. import services
from ..enums import GROUP_SHORT, ProductGroup
from ..models import Product
from . import columns
from .columns import Unreadable

LONGEST_NAME = 300
SET_BEGINS = name_key("bộ")


@dataclass(frozen=True)
class Goods:
    """What a row says. `group` and `is_set` are None where it does not say."""

    row: int
    facility: str
    kind: FacilityKind
    tax_code: str
    address: str
    commune: Commune | None
    territory: Territory
    name: str
    group: ProductGroup | None
    is_set: bool | None
    members: tuple[str, ...]

    @property
    def wanted(self) -> Wanted:
        return name_key(self.facility), self.territory.pk, self.tax_code

    @property
    def key(self) -> str:
        return name_key(self.name)


class Reader:
    """Rows as goods, within what the person may enter. Raises Refusal with everything that is wrong in a row."""

    def __init__(self, context: Context) -> None:
        self._actor = context.actor
        self._provinces = Provinces(context.today, context.scope.territory)
        self._communes = Communes()

    def read(self, row: Row) -> tuple[Goods, list[str]]:
        problems: list[str] = list(row.problems)

        def tried(read: Any, *given: Any) -> Any:
            try:
                return read(*given)
            except (Refusal, Unreadable) as error:
                words = str(error)
                problems.append(words[:1].upper() + words[1:])
                return None

        names = [tried(_named, row["facility"], _("Tên cơ sở"), FACILITY_LONGEST["name"])]
        names.append(tried(_named, row["product"], _("Tên sản phẩm"), LONGEST_NAME))
        territory = tried(self._place, row["province"])
        kind = tried(kind_stated, row["facility_kind"]) or FacilityKind.UNKNOWN
        tax_code = tried(tax_code_of, row["tax_code"]) or ""
        address = tried(short, row["facility_address"], _("Địa chỉ"), FACILITY_LONGEST["address"]) or ""
        group = tried(columns.group_of, row["group"])
        is_set = tried(yes_of, row["is_set"], _("Cột bộ sản phẩm"))
        members = tuple(services.member_names(row["members"].split(";")))
        if members and is_set is False:
            problems.append(_("Có thành phần nhưng lại ghi không phải bộ sản phẩm. Hãy sửa một trong hai cột."))
        if problems:
            raise Refusal("bad_row", problems[0], details=tuple(problems))
        commune = self._communes.find(row["commune"], territory.pk)
        missed = row["commune"] and commune is None and self._communes.are_known(territory.pk)
        notes = [commune_unknown(row["commune"])] if missed else []
        if warning := taxcode.check(tax_code):
            notes.append(warning)
        goods = Goods(
            row=row.number,
            facility=names[0],
            kind=kind_of(names[0]) if kind == FacilityKind.UNKNOWN else kind,
            tax_code=tax_code,
            address=address,
            commune=commune,
            territory=territory,
            name=names[1],
            group=group,
            is_set=True if is_set is None and members else is_set,
            members=members,
        )
        return goods, notes

    def _place(self, name: str) -> Territory:
        territory = self._provinces.of(name, None)
        if not facility_rules.may_edit(self._actor, territory.pk):
            raise Refusal(
                "not_your_province",
                _("%(province)s ngoài phạm vi của bạn. Hãy chỉ nhập cơ sở của tỉnh mình.")
                % {"province": territory.name},
            )
        return territory


def _named(text: str, what: str, longest: int) -> str:
    if not name_key(text):
        raise Refusal("name_missing", _("Chưa ghi %(what)s.") % {"what": what.lower()})
    return short(text, what, longest)


@dataclass(frozen=True)
class Met:
    """What the register has of a row's goods. `identity` tells two rows of one product apart from two products."""

    facility: Facility | None
    product: Product | None
    identity: tuple[Any, ...]


class Known:
    """Facilities and products that rows name: four queries at most for any number of rows."""

    def __init__(self) -> None:
        self._facilities = Facilities()
        self._products: dict[tuple[int, str], Product] = {}

    def fetch(self, goods: Sequence[Goods]) -> None:
        self._facilities.fetch([one.wanted for one in goods])
        makers = {found.pk for one in goods if isinstance(found := self._match(one), Facility)}
        rows = Product.objects.standing().filter(facility__in=makers, name_key__in={one.key for one in goods})
        products = rows.prefetch_related("members").order_by("pk") if makers else ()
        self._products = {(int(one.facility_id or 0), one.name_key): one for one in products}

    def meet(self, goods: Goods) -> Met:
        """Raises Refusal when the row may mean more than one facility."""
        facility = self._match(goods)
        if isinstance(facility, Refusal):
            raise facility
        if facility is not None:
            return Met(facility, self._products.get((facility.pk, goods.key)), (facility.pk, goods.key))
        key, place, code = goods.wanted
        return Met(None, None, (key, place, code, goods.key))

    def _match(self, goods: Goods) -> Facility | Refusal | None:
        try:
            return self._facilities.match(goods.facility, goods.wanted, family=True)
        except Refusal as refusal:
            return refusal


def notes_of(goods: Goods, met: Met) -> list[str]:
    """What the person should know of a row that is entered all the same."""
    notes = []
    if met.facility is None:
        notes.append(_("Cơ sở mới."))
    elif met.facility.name_key != name_key(goods.facility):
        notes.append(same_code(met.facility, goods.tax_code))
    elif met.facility.territory_id != goods.territory.pk:
        notes.append(_("Cơ sở này đã có trong sổ, ghi ở %(place)s.") % {"place": met.facility.territory.name})
    product = met.product
    if product is None:
        if goods.is_set is None and goods.key.startswith(SET_BEGINS):
            notes.append(_("Tên bắt đầu bằng “bộ” nhưng chưa ghi là bộ, tạm coi là sản phẩm đơn."))
        return notes
    if goods.group and product.group_certain and goods.group != product.group:
        notes.append(
            _("Sổ đang xếp sản phẩm vào nhóm “%(group)s”; giữ như trong sổ.")
            % {"group": GROUP_SHORT[ProductGroup(product.group)]}
        )
    if goods.is_set is not None and product.set_certain and goods.is_set != product.is_set:
        notes.append(_("Sổ đang ghi khác về bộ hay sản phẩm đơn; giữ như trong sổ."))
    return notes


def require_whole(goods: Goods, met: Met) -> None:
    """What a new product cannot do without. Raises Refusal."""
    if met.product is not None:
        return
    if goods.group is None:
        raise Refusal(
            "group_missing", _("Chưa ghi nhóm sản phẩm. Hãy ghi nhóm ở cột riêng hoặc ở dòng nhóm phía trên.")
        )
    if goods.is_set and not goods.members:
        raise services.set_without_members()


# --- what a row adds ----------------------------------------------------------------------------------


def facility_gaps(goods: Goods, facility: Facility) -> dict[str, Any]:
    """What the row knows of the maker and the register does not; nothing is overwritten."""
    offered = {"tax_code": goods.tax_code, "address_recognised": goods.address, "commune": goods.commune}
    gaps: dict[str, Any] = {name: value for name, value in offered.items() if value and not getattr(facility, name)}
    if facility.address_today:
        gaps.pop("address_recognised", None)
    if facility.kind == FacilityKind.UNKNOWN != goods.kind:
        gaps["kind"] = goods.kind
    return gaps


def product_gaps(goods: Goods, product: Product) -> dict[str, Any]:
    """What the row knows of the product and the register left open."""
    gaps: dict[str, Any] = {}
    if goods.group and not product.group_certain:
        gaps["group"] = goods.group
    if goods.is_set is not None and not product.set_certain:
        gaps["is_set"] = goods.is_set
    is_set = gaps.get("is_set", product.is_set)
    if goods.members and is_set and not product.members.all():
        gaps["members"] = goods.members
    return gaps


def differences(goods: Goods, met: Met) -> list[list[str]]:
    """Label, before, after of everything the row would fill in."""
    rows: list[list[str]] = []
    if met.facility is not None:
        for name, value in facility_gaps(goods, met.facility).items():
            words = str(FacilityKind(value).label) if name == "kind" else str(value)
            rows.append([_FACILITY_WORDS[name](), "", taxcode.mask(words) if name == "tax_code" else words])
    if met.product is not None:
        for name, value in product_gaps(goods, met.product).items():
            rows.append([_PRODUCT_WORDS[name](), "", _said(name, value)])
    return rows


_FACILITY_WORDS: dict[str, Any] = {
    "tax_code": lambda: _("mã số thuế của cơ sở"),
    "address_recognised": lambda: _("địa chỉ của cơ sở"),
    "commune": lambda: _("xã, phường của cơ sở"),
    "kind": lambda: _("loại hình của cơ sở"),
}
_PRODUCT_WORDS: dict[str, Any] = {
    "group": lambda: _("nhóm sản phẩm"),
    "is_set": lambda: _("bộ sản phẩm"),
    "members": lambda: _("thành phần của bộ"),
}


def _said(name: str, value: Any) -> str:
    if name == "group":
        return str(GROUP_SHORT[ProductGroup(value)])
    if name == "is_set":
        return _("có") if value else _("không")
    return "; ".join(value)


# --- writing ------------------------------------------------------------------------------------------


def meet_now(goods: Goods) -> Met:
    """The register as it stands while writing, row by row."""
    known = Known()
    known.fetch([goods])
    return known.meet(goods)


def enter(goods: Goods, actor: Any) -> Product:
    """The row's product with its maker, made or completed. Raises Refusal."""
    met = meet_now(goods)
    facility = met.facility
    if facility is None:
        facility = create_facility(
            name=goods.facility,
            kind=goods.kind,
            territory=goods.territory,
            tax_code=goods.tax_code,
            address=goods.address,
            commune=goods.commune,
            actor=actor,
        )
    elif gaps := facility_gaps(goods, facility):
        facility = update_facility(facility=facility, actor=actor, reason=_("Nhập từ danh sách."), **gaps)
    if met.product is None:
        return _make(goods, facility, actor)
    if found := product_gaps(goods, met.product):
        services.complete_product(product=met.product, actor=actor, **found)
        met.product.refresh_from_db()
    return met.product


def _make(goods: Goods, facility: Facility, actor: Any) -> Product:
    return services.create_product(
        name=goods.name,
        group=goods.group or ProductGroup.OTHER,
        facility=facility,
        territory=facility.territory,
        is_set=bool(goods.is_set),
        set_certain=goods.is_set is not None,
        members=goods.members,
        actor=actor,
    )
