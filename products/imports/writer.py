"""Enters the lines of a list: matches them with the register, creates, completes or skips.

Identity (contract): a facility is its tax code, else name key and province then; a product its facility
and name key, without a facility name key and province; a recognition product, level, year, ordinal.
"""

import datetime as dt
from collections import Counter
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from facilities.enums import FacilityKind
from facilities.models import Facility
from facilities.queries import match
from facilities.services import create_facility, update_facility
from portal.territory.queries import name_on
from portal.text.errors import Refusal
from portal.text.folding import name_key
from portal.text.formats import lowered

from .. import services
from ..enums import Level, ProductGroup, Stage
from ..models import Decision, Product, Recognition
from .lines import Line

AGENCY_RENAMED = dt.date(2025, 7, 1)


class Writer:
    """Enters lines one by one, inside the caller's transaction, and remembers what it touched."""

    def __init__(self, *, actor: Any) -> None:
        self.actor = actor
        self.counts: Counter[str] = Counter()
        self.warnings: list[str] = []
        self.recognised: list[Recognition] = []
        self._line_of: dict[int, int] = {}
        # Open data name makers and products by keys of their own: one key is one of them, in whatever province a
        # row was recognised.
        self._facility_of: dict[str, int] = {}
        self._product_of: dict[str, int] = {}
        self._filled = False

    def enter(self, line: Line) -> None:
        """Create, complete or skip what the line names. Raises Refusal for a repeat or an impossible row."""
        self._filled = False
        facility = self._facility(line)
        product, recognition = self._find(line, facility)
        known = self._product_of.get(line.product_id)
        if known and recognition is None:
            product = Product.objects.select_related("facility", "territory").get(pk=known)
            recognition = self._recognition(product, line)
        if recognition is not None:
            self._meet(line, recognition, facility)
            return
        if product is None:
            product = self._create_product(line, facility)
        else:
            self._fill_product(line, product, facility)
        if line.product_id:
            self._product_of[line.product_id] = product.pk
        self._line_of[self._recognise(line, product).pk] = line.number

    # --- matching -------------------------------------------------------------------------------

    def _find(self, line: Line, facility: Facility | None) -> tuple[Product | None, Recognition | None]:
        """The product and the recognition in the register that the line means, as far as there are any."""
        same = Product.objects.standing().filter(name_key=name_key(line.name)).select_related("facility", "territory")
        here = same.filter(facility=None, territory=line.territory).first()
        product = same.filter(facility=facility).first() if facility else here
        if product and (found := self._recognition(product, line)):
            return product, found
        if facility is None:
            return product, self._fuller(line, same)
        if here and (found := self._recognition(here, line)) and found.pk not in self._line_of:
            return self._adopt(line, here, product, facility, found)
        return product, None

    def _recognition(self, product: Product, line: Line) -> Recognition | None:
        """Same level and year, and the same ordinal or one of the two unknown."""
        rows = list(product.recognitions.filter(level=line.level, year=line.year).order_by("pk"))
        same = [row for row in rows if row.round_ordinal == line.ordinal]
        open_ = [row for row in rows if not (row.round_ordinal and line.ordinal)]
        return next(iter(same or open_), None)

    def _fuller(self, line: Line, same: Any) -> Recognition | None:
        """For a line without a maker: the recognition that a fuller list has entered before."""
        makers = list(same.filter(facility__isnull=False, territory=line.territory))
        for product in makers:
            found = self._recognition(product, line)
            if found and found.pk not in self._line_of:
                return found
        if makers:
            self._warn(
                line,
                _("đã có sản phẩm cùng tên của %(facility)s; dòng này chưa rõ cơ sở nên được ghi riêng")
                % {"facility": makers[0].facility.name},
            )
        return None

    def _adopt(
        self, line: Line, flagged: Product, product: Product | None, facility: Facility, found: Recognition
    ) -> tuple[Product, Recognition]:
        """A fuller row names the maker of a product entered without one."""
        self._filled = True
        if product is None:
            services.complete_product(product=flagged, actor=self.actor, facility=facility)
            return flagged, found
        self._warn(line, _("công nhận ghi trước đây chưa rõ cơ sở nay chuyển về sản phẩm của cơ sở"))
        return product, services.move_recognition(recognition=found, product=product, actor=self.actor)

    # --- what is there already ------------------------------------------------------------------

    def _meet(self, line: Line, recognition: Recognition, facility: Facility | None) -> None:
        if recognition.pk in self._line_of:
            raise Refusal(
                "repeated_row",
                _("Dòng này lặp lại dòng %(other)s: cùng sản phẩm, cấp, năm và lần. Hãy bỏ một dòng.")
                % {"other": self._line_of[recognition.pk]},
            )
        self._line_of[recognition.pk] = line.number
        self._fill_product(line, recognition.product, facility)
        self._fill_recognition(line, recognition)
        self.counts["completed" if self._filled else "skipped"] += 1

    def _fill_product(self, line: Line, product: Product, facility: Facility | None) -> None:
        if line.is_set is not None and product.set_certain and line.is_set != product.is_set:
            self._warn(line, _("sổ đang ghi khác về bộ hay sản phẩm đơn; giữ như trong sổ"))
        if line.group_certain and product.group_certain and line.group != product.group:
            self._warn(line, _("sổ đang ghi nhóm khác; giữ như trong sổ"))
        done = services.complete_product(
            product=product,
            actor=self.actor,
            facility=facility,
            members=line.members,
            group=line.group.value if line.group and line.group_certain else "",
            is_set=line.is_set,
        )
        self._filled |= bool(done)

    def _fill_recognition(self, line: Line, recognition: Recognition) -> None:
        if line.stage == Stage.PROPOSED:
            return
        if recognition.stage == Stage.PROPOSED:
            self._filled = True
            self._recognise(line, recognition.product, proposal=recognition)
            return
        done = services.complete_recognition(
            recognition=recognition,
            actor=self.actor,
            round_ordinal=line.ordinal,
            decision=self._decision(line),
            issued_on=line.issued_on,
            expires_on=line.expires_on,
            official_number=line.official_number,
        )
        self._filled |= bool(done)

    # --- what is new ----------------------------------------------------------------------------

    def _facility(self, line: Line) -> Facility | None:
        if not line.facility:
            return None
        if known := self._facility_of.get(line.facility_id):
            return Facility.objects.select_related("territory").get(pk=known)
        facility = self._matched(line)
        if line.facility_id:
            self._facility_of[line.facility_id] = facility.pk
        return facility

    def _matched(self, line: Line) -> Facility:
        found = match(name=line.facility, territory=line.territory, tax_code=line.tax_code)
        if found is None:
            self.counts["facilities"] += 1
            return create_facility(
                name=line.facility,
                kind=line.kind,
                territory=line.territory,
                tax_code=line.tax_code,
                address=line.address,
                actor=self.actor,
            )
        if name_key(found.name) != name_key(line.facility):
            self._warn(line, _("mã số thuế này là của %(name)s; giữ tên như trong sổ") % {"name": found.name})
        return self._fill_facility(line, found)

    def _fill_facility(self, line: Line, facility: Facility) -> Facility:
        changes: dict[str, Any] = {}
        if line.tax_code and not facility.tax_code:
            changes["tax_code"] = line.tax_code
        if line.address and not facility.address_recognised:
            changes["address_recognised"] = line.address
        if facility.kind == FacilityKind.UNKNOWN and line.kind != FacilityKind.UNKNOWN:
            changes["kind"] = line.kind
        if not changes:
            return facility
        self._filled = True
        return update_facility(facility=facility, actor=self.actor, **changes)

    def _create_product(self, line: Line, facility: Facility | None) -> Product:
        self.counts["products"] += 1
        return services.create_product(
            name=line.name,
            group=line.group or ProductGroup.OTHER,
            group_certain=line.group_certain,
            facility=facility,
            territory=line.territory,
            is_set=bool(line.is_set),
            set_certain=line.is_set is not None,
            members=line.members,
            incomplete=True,
            actor=self.actor,
        )

    def _recognise(self, line: Line, product: Product, proposal: Recognition | None = None) -> Recognition:
        facts: dict[str, Any] = {
            "product": product,
            "level": line.level,
            "year": line.year,
            "round_ordinal": proposal.round_ordinal if proposal else line.ordinal,
            "territory": line.territory,
            "locality": line.locality,
            "source": line.source,
            "source_note": line.note,
            "actor": self.actor,
        }
        if line.stage == Stage.PROPOSED:
            self.counts["proposals"] += 1
            return services.propose(**facts)
        recognition = services.recognise(
            decision=self._decision(line),
            issued_on=line.issued_on,
            expires_on=line.expires_on,
            official_number=line.official_number,
            **facts,
        )
        if line.endings:
            services.take_over_endings(
                recognition=recognition, endings=line.endings, actor=self.actor, now=timezone.now()
            )
            recognition.refresh_from_db()
        self.counts["recognitions"] += 1
        self.recognised.append(recognition)
        return recognition

    def _decision(self, line: Line) -> Decision | None:
        if line.decision is None:
            return None
        number, symbol = line.decision
        year = line.decided_on.year if line.decided_on else line.year
        issuer = issuer_of(line)
        found = Decision.objects.filter(issuer=issuer, number=number, symbol=symbol, year=year).first()
        if found:
            return found
        self.counts["decisions"] += 1
        return services.record_decision(
            number=number,
            symbol=symbol,
            signed_on=line.decided_on,
            year=year,
            issuer=issuer,
            territory=None if line.level in {Level.NATIONAL, Level.REGION} else line.territory,
            source=line.source,
            actor=self.actor,
        )

    def _warn(self, line: Line, sentence: str) -> None:
        self.warnings.append(_("Dòng %(number)s: %(sentence)s.") % {"number": line.number, "sentence": sentence})


def issuer_of(line: Line) -> str:
    """Who signs at a level (rules.md §5), under the name of then."""
    on = line.decided_on or dt.date(line.year, 12, 31)
    if line.level == Level.NATIONAL:
        return "Bộ Công Thương"
    if line.level == Level.REGION:
        if on >= AGENCY_RENAMED:
            return "Cục Đổi mới sáng tạo, Chuyển đổi xanh và Khuyến công"
        return "Cục Công Thương địa phương"
    unit = lowered(name_on(line.territory, on, full=True))
    if line.level == Level.PROVINCE:
        return f"Ủy ban nhân dân {unit}"
    place = line.locality or ("cấp huyện" if line.level == Level.DISTRICT else "cấp xã")
    return f"Ủy ban nhân dân {place}, {unit}"
