"""Which things here are the things of a package, and where the two do not say the same. Reads only.

A facility is known again by its earlier exchange, else by its tax code, else by name and province; a product by its
earlier exchange, else by facility and name; a recognition by product, level, year and ordinal.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from facilities.models import Facility
from portal.territory.models import Territory
from portal.territory.queries import current_of, family_ids, unit_by_slug
from portal.text.errors import Refusal
from portal.text.folding import name_key
from portal.text.formats import day
from products import codes, validity
from products.enums import Level, ProductGroup, Stage
from products.models import Certificate, Product, Recognition

from ..enums import ConflictChoice
from ..models import ForeignIdentity, Peer
from .reading import FacilityFact, ListFact, Nominated, ProductFact, RecognitionFact, Unit

C = ConflictChoice
LIST, FACILITY, PRODUCT, RECOGNITION = "list", "facility", "product", "recognition"
# What may be said to each kind of difference; everything else would break an identity or undo a decision.
CHOICES: dict[tuple[str, str], tuple[ConflictChoice, ...]] = {
    (LIST, "territory"): (C.OURS,),
    (FACILITY, "name"): (C.OURS, C.THEIRS, C.SEPARATE),
    (FACILITY, "tax_code"): (C.OURS, C.THEIRS, C.SEPARATE),
    (FACILITY, "merged"): (C.OURS, C.SEPARATE),
    (FACILITY, "territory"): (C.OURS, C.THEIRS),
    (PRODUCT, "merged"): (C.OURS, C.SEPARATE),
    (PRODUCT, "facility"): (C.OURS, C.SEPARATE),
    (PRODUCT, "group"): (C.OURS, C.THEIRS),
    (PRODUCT, "members"): (C.OURS, C.THEIRS),
    (RECOGNITION, "territory"): (C.OURS, C.THEIRS),
    (RECOGNITION, "code"): (C.OURS, C.SEPARATE),
    (RECOGNITION, "expires_on"): (C.OURS, C.THEIRS),
    (RECOGNITION, "ended"): (C.OURS,),
}
Key = tuple[str, UUID, str]


@dataclass(frozen=True)
class Difference:
    """One point on which the package and the register do not agree, in words that two columns can show."""

    subject: str
    uuid: UUID
    field: str
    ours: str
    theirs: str

    @property
    def key(self) -> Key:
        return self.subject, self.uuid, self.field


@dataclass(frozen=True)
class Match:
    """What a thing of the package is here, if it is here, and what differs."""

    found: Any = None
    differences: tuple[Difference, ...] = ()


@dataclass
class Matcher:
    """Matches the things of one partner's package against the register as it stands."""

    peer: Peer
    _units: dict[str, Territory | None] = field(default_factory=dict)

    # --- what the partner's uuids are here -----------------------------------------------------------

    @cached_property
    def identities(self) -> dict[tuple[str, UUID], int]:
        rows = ForeignIdentity.objects.filter(peer=self.peer).values_list("kind", "foreign_uuid", "local_id")
        return {(kind, uuid): local_id for kind, uuid, local_id in rows}

    def _known(self, model: Any, kind: str, uuid: UUID) -> Any:
        local_id = self.identities.get((kind, uuid))
        return model.objects.filter(pk=local_id).first() if local_id else None

    # --- units ----------------------------------------------------------------------------------------

    def unit(self, told: Unit) -> Territory:
        """The unit of that address. Raises Refusal `unknown_unit`: no answer of a person could mend it."""
        if told.slug not in self._units:
            known = unit_by_slug(told.slug)
            self._units[told.slug] = Territory.objects.get(pk=known.pk) if known else None
        found = self._units[told.slug]
        if found is None:
            raise Refusal(
                "unknown_unit",
                _("Gói nêu %(name)s (%(slug)s), danh mục tỉnh của cổng này không có. Hãy nạp lại danh mục tỉnh.")
                % {"name": told.name, "slug": told.slug},
                field="file",
            )
        return found

    def _unit_difference(self, subject: str, uuid: UUID, told: Unit, on: dt.date) -> Iterator[Difference]:
        unit = self.unit(told)
        if unit.holds_on(on):
            return
        ours = current_of(unit) if unit.valid_to and unit.valid_to < on else None
        words = _("%(name)s không tồn tại vào ngày %(day)s") % {"name": unit.name, "day": day(on)}
        here = _("%(words)s; đơn vị khi đó: %(now)s") % {"words": words, "now": ours.name} if ours else words
        yield Difference(subject, uuid, "territory", here, told.name)

    # --- one thing at a time --------------------------------------------------------------------------

    def unit_of_list(self, told: ListFact, *, on: dt.date) -> Match:
        return Match(self.unit(told.territory), tuple(self._unit_difference(LIST, told.uuid, told.territory, on)))

    def facility(self, told: FacilityFact) -> Match:
        first = self._facility(told)
        if first is None:
            return Match()
        found, differences = _standing(first, FACILITY, told.uuid, told.name)
        if name_key(found.name) != name_key(told.name):
            differences.append(Difference(FACILITY, told.uuid, "name", found.name, told.name))
        if found.tax_code and told.tax_code and found.tax_code != told.tax_code:
            differences.append(Difference(FACILITY, told.uuid, "tax_code", found.tax_code, told.tax_code))
        return Match(found, tuple(differences))

    def _facility(self, told: FacilityFact) -> Facility | None:
        known: Facility | None = self._known(Facility, FACILITY, told.uuid)
        if known is None and told.tax_code:
            same = Facility.objects.filter(tax_code=told.tax_code).order_by("merged_into_id", "pk")
            known = same.filter(merged_into=None).first() or same.first()
        return known or self._facility_by_name(told)

    def _facility_by_name(self, told: FacilityFact) -> Facility | None:
        """Of several of one name in the province, the one whose tax code does not speak against it."""
        family = family_ids(self.unit(told.territory).pk)
        same = Facility.objects.filter(name_key=name_key(told.name), territory__in=family).order_by("pk")
        rows = sorted(same, key=lambda row: (row.merged_into_id is not None, _speaks_against(row, told), row.pk))
        return rows[0] if rows else None

    def product(self, told: ProductFact, facility: Facility | None) -> Match:
        """`facility` is what its maker is here; without one the product is new too, unless it came before."""
        known: Product | None = self._known(Product, PRODUCT, told.uuid) or self._product_of(told, facility)
        if known is None:
            return self._without_maker(told)
        found, differences = _standing(known, PRODUCT, told.uuid, told.name)
        return Match(found, (*differences, *_product_differences(found, told)))

    def _product_of(self, told: ProductFact, facility: Facility | None) -> Product | None:
        same = Product.objects.filter(name_key=name_key(told.name), facility=facility) if facility else None
        return same.order_by("merged_into_id", "pk").first() if same is not None else None

    def _without_maker(self, told: ProductFact) -> Match:
        """An old list may hold the product without its maker: a person says whether it is the same."""
        family = family_ids(self.unit(told.territory).pk)
        rows = Product.objects.standing().filter(name_key=name_key(told.name), territory__in=family, facility=None)
        found = rows.order_by("pk").first()
        if found is None:
            return Match()
        here = _("“%(name)s”, chưa rõ cơ sở") % {"name": found.name}
        differences = (Difference(PRODUCT, told.uuid, "facility", here, told.name),)
        return Match(found, (*differences, *_product_differences(found, told)))

    def recognition(self, told: RecognitionFact, product: Product | None) -> Match:
        found = self._recognition(told, product)
        differences = list(self._unit_difference(RECOGNITION, told.uuid, told.territory, day_of(told)))
        holder = _holder(told.code)
        if holder is not None and (found is None or holder.pk != found.pk):
            here = _("mã %(code)s là của %(what)s") % {"code": codes.display(told.code), "what": holder}
            differences.append(Difference(RECOGNITION, told.uuid, "code", here, codes.display(told.code)))
        if found is not None and found.stage == Stage.RECOGNISED:
            differences += _recognition_differences(found, told)
        return Match(found, tuple(differences))

    def _recognition(self, told: RecognitionFact, product: Product | None) -> Recognition | None:
        if product is None:
            return None
        same = Recognition.objects.filter(product=product, level=told.level, year=told.year)
        return same.select_related("product").filter(round_ordinal=told.round_ordinal).first()

    # --- the whole ------------------------------------------------------------------------------------

    def differences(self, told: Nominated, *, on: dt.date) -> list[Difference]:
        """Every difference between a list and the register, in the order of the package."""
        found = [*self.unit_of_list(told.list, on=on).differences]
        makers = {uuid: self.facility(one) for uuid, one in told.facilities.items()}
        for one in told.facilities.values():
            self.unit(one.territory)
        goods = {uuid: self.product(one, makers[one.facility].found) for uuid, one in told.products.items()}
        papers = [self.recognition(one, goods[one.product].found) for one in told.recognitions.values()]
        for match in (*makers.values(), *goods.values(), *papers):
            found += match.differences
        return found


def day_of(told: RecognitionFact) -> dt.date:
    """The day whose units a recognition is read by: of the decision, of issue, or the one that stands for the year."""
    decided_on = told.decision.signed_on if told.decision else None
    return decided_on or told.issued_on or validity.day_standing_for(told.year, told.level)


def _speaks_against(row: Facility, told: FacilityFact) -> bool:
    return bool(row.tax_code and told.tax_code and row.tax_code != told.tax_code)


def _standing(row: Any, subject: str, uuid: UUID, theirs: str) -> tuple[Any, list[Difference]]:
    """The thing that is left after mergers, with the difference that says so."""
    found = row
    while found.merged_into is not None:
        found = found.merged_into
    if found is row:
        return row, []
    here = _("“%(name)s” ở đây đã gộp vào “%(into)s”") % {"name": row.name, "into": found.name}
    return found, [Difference(subject, uuid, "merged", here, theirs)]


def _product_differences(found: Product, told: ProductFact) -> Iterator[Difference]:
    if found.group != told.group:
        groups = str(ProductGroup(found.group).label), str(ProductGroup(told.group).label)
        yield Difference(PRODUCT, told.uuid, "group", *groups)
    ours = [member.name for member in found.members.all()] if found.is_set else []
    if {name_key(name) for name in ours} != {name_key(name) for name in told.members if told.is_set}:
        yield Difference(PRODUCT, told.uuid, "members", _made_of(ours), _made_of(told.members if told.is_set else ()))


def _made_of(names: Any) -> str:
    return _("bộ gồm %(names)s") % {"names": "; ".join(names)} if names else _("sản phẩm đơn")


def _holder(code: str) -> Recognition | None:
    """The recognition whose certificate bears the code here."""
    if not code:
        return None
    found = Certificate.objects.filter(code=code).select_related("recognition__product").first()
    return found.recognition if found else None


def _recognition_differences(found: Recognition, told: RecognitionFact) -> Iterator[Difference]:
    if found.expires_on != told.expires_on:
        assert found.expires_on is not None  # a recognised one has its end: constraint recognition_stage_agrees
        yield Difference(RECOGNITION, told.uuid, "expires_on", day(found.expires_on), day(told.expires_on))
    ours, theirs = _end(found), _end(told)
    if ours != theirs:
        yield Difference(RECOGNITION, told.uuid, "ended", ours, theirs)


def _end(row: Recognition | RecognitionFact) -> str:
    if row.revoked_on:
        return _("đã thu hồi từ %(day)s") % {"day": day(row.revoked_on)}
    if row.withdrawn_on:
        return _("cơ sở đã xin rút từ %(day)s") % {"day": day(row.withdrawn_on)}
    return _("không thu hồi, không rút")


def level_words(level: str) -> str:
    return str(Level(level).label).lower()
