"""What the register knows of the facilities and communes that rows name, fetched for many rows at once."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from portal.territory.models import Commune
from portal.territory.queries import current_id, family_ids
from portal.text.errors import Refusal
from portal.text.folding import fold

from .. import taxcode
from ..models import Facility

# Name key, province as recorded, tax code.
Wanted = tuple[str, int, str]


class Facilities:
    """Facilities that rows may mean. `fetch` costs at most two queries, whatever the number of rows."""

    def __init__(self) -> None:
        self._by_code: dict[str, Facility] = {}
        self._by_name: dict[str, list[Facility]] = {}

    def fetch(self, wanted: Iterable[Wanted]) -> None:
        """Forget what was fetched before, and fetch what these rows name."""
        rows = list(wanted)
        standing = Facility.objects.standing().select_related("territory", "commune").order_by("pk")
        codes = {code for _key, _place, code in rows if code}
        self._by_code = {found.tax_code: found for found in standing.filter(tax_code__in=codes)} if codes else {}
        self._by_name = {}
        for found in standing.filter(name_key__in={key for key, _place, _code in rows}):
            self._by_name.setdefault(found.name_key, []).append(found)

    def match(self, name: str, wanted: Wanted, *, family: bool = False) -> Facility | None:
        """As `facilities.queries.match`. With `family`, a facility recorded in a unit that became part of the
        same province of today is meant where the province itself has none of that name.
        """
        key, place, code = wanted
        if code and (found := self._by_code.get(code)):
            return found
        same = self._by_name.get(key, [])
        here = [found for found in same if found.territory_id == place]
        if family and not here:
            units = family_ids(place)
            here = [found for found in same if found.territory_id in units]
        if code:
            return next((found for found in here if not found.tax_code), None)
        without_code = [found for found in here if not found.tax_code]
        if len(without_code) > 1 or (not without_code and len(here) > 1):
            raise Refusal(
                "ambiguous_facility",
                _("%(province)s có nhiều cơ sở tên %(name)s. Hãy ghi mã số thuế để biết là cơ sở nào.")
                % {"province": here[0].territory.name, "name": name},
                field="tax_code",
            )
        return next(iter(without_code or here), None)


class Communes:
    """Communes of today by what rows call them. One query for each province."""

    def __init__(self) -> None:
        self._of: dict[int, dict[str, list[Commune]]] = {}

    def find(self, text: str, territory_id: int) -> Commune | None:
        """The commune meant in the province of today, or None when there is none or more than one."""
        words = fold(text) if text else ""
        if not words:
            return None
        found = self._known(current_id(territory_id)).get(words, [])
        return found[0] if len(found) == 1 else None

    def are_known(self, territory_id: int) -> bool:
        """Whether the register holds the communes of the province of today at all."""
        return bool(self._known(current_id(territory_id)))

    def _known(self, territory_id: int) -> dict[str, list[Commune]]:
        if territory_id not in self._of:
            names: dict[str, list[Commune]] = {}
            for commune in Commune.objects.filter(territory_id=territory_id, valid_to__isnull=True):
                for name in (commune.folded, fold(str(commune))):
                    names.setdefault(name, []).append(commune)
            self._of[territory_id] = names
        return self._of[territory_id]


def commune_unknown(text: str) -> str:
    return _("Danh mục không có xã, phường “%(name)s” của tỉnh hiện nay nên ô này không được ghi.") % {"name": text}


def same_code(known: Facility, code: str) -> str:
    """One tax code is one facility, whatever it is called: a wrong code would join two, so it is said."""
    return _("Mã số thuế %(code)s đang là của “%(name)s”, nên dòng này được coi là cơ sở đó. Hãy đối chiếu tên.") % {
        "code": taxcode.mask(code),
        "name": known.name,
    }
