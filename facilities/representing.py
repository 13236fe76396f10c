"""Who speaks for which facility, and what the register knows that a claim may mean."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from portal.territory.queries import family_ids
from portal.text.folding import fold

from . import taxcode
from .models import Facility, Representative

SHOWN = 8
# Words that half the register's names share; they tell no facility from another.
COMMON = frozenset(
    fold(
        "htx hợp tác xã công ty tnhh mtv cổ phần cp hộ kinh doanh doanh nghiệp tư nhân dntn tổ cơ sở sản xuất và "
        "thương mại dịch vụ"
    ).split()
)


@dataclass(frozen=True)
class Fact:
    """One thing said twice: by the person who registered and by the register."""

    label: str
    claimed: str
    known: str

    @property
    def differs(self) -> bool:
        return bool(self.claimed) and bool(self.known) and fold(self.claimed) != fold(self.known)


@dataclass(frozen=True)
class Match:
    """A facility of the register that a claim may mean, and why it is thought so."""

    facility: Facility
    why: str
    facts: tuple[Fact, ...]

    @property
    def differing(self) -> int:
        return sum(fact.differs for fact in self.facts)


def represented(user: Any) -> QuerySet[Facility]:
    """Facilities the person speaks for now, in the register's order. One query when read."""
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return Facility.objects.none()
    mine = Representative.objects.approved().filter(user=user)
    return Facility.objects.filter(pk__in=mine.values("facility"))


def claims_of(user: Any) -> QuerySet[Representative]:
    """Everything the person ever registered, newest first. One query when read."""
    return Representative.objects.filter(user=user).select_related("territory", "commune", "facility")


def speaks_for_any(user: Any) -> bool:
    """Whether the account is a producer's, approved or still waiting. One query, kept on the user object."""
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return False
    found: bool | None = getattr(user, "_is_producer", None)
    if found is None:
        found = Representative.objects.filter(user=user).exists()
        user._is_producer = found
    return found


def matches(claim: Representative, *, search: str = "") -> tuple[Match, ...]:
    """Facilities of the claim's province: by tax code, then by name without marks, then what was searched for.

    Two queries, and one more for a search.
    """
    here = Facility.objects.filter(territory__in=family_ids(claim.territory_id), merged_into=None).select_related(
        "territory", "commune"
    )
    code = taxcode.normalise(claim.claimed_tax_code)
    found: dict[int, Match] = {}
    if code:
        _add(found, claim, here.filter(tax_code=code), _("trùng mã số thuế"))
    _add(found, claim, _named(here, claim.claimed_name), _("tên gần giống"))
    if search.strip():
        _add(found, claim, _searched(here, search), _("tìm thấy theo từ bạn nhập"))
    return tuple(found.values())


def elsewhere(claim: Representative) -> Facility | None:
    """A facility of another province that holds the claimed tax code: its own province's officers decide. One query."""
    code = taxcode.normalise(claim.claimed_tax_code)
    if not code:
        return None
    others = Facility.objects.filter(tax_code=code, merged_into=None).exclude(
        territory__in=family_ids(claim.territory_id)
    )
    return others.select_related("territory").first()


def telling_words(name: str) -> tuple[str, ...]:
    """The words of a name that tell it from others, without marks."""
    words = fold(name).split()
    return tuple(word for word in words if word not in COMMON) or tuple(words)


def _named(here: QuerySet[Facility], name: str) -> QuerySet[Facility]:
    for word in telling_words(name):
        here = here.filter(folded__contains=word)
    return here[:SHOWN]


def _searched(here: QuerySet[Facility], text: str) -> QuerySet[Facility]:
    code = taxcode.normalise(text)
    if code[:4].isdigit():
        return here.filter(tax_code__startswith=code)[:SHOWN]
    for word in fold(text).split()[:SHOWN]:
        here = here.filter(folded__contains=word)
    return here[:SHOWN]


def _add(found: dict[int, Match], claim: Representative, rows: Iterable[Facility], why: str) -> None:
    for facility in rows:
        found.setdefault(facility.pk, Match(facility, why, _facts(claim, facility)))


def _facts(claim: Representative, facility: Facility) -> tuple[Fact, ...]:
    return (
        Fact(_("Tên cơ sở"), claim.claimed_name, facility.name),
        Fact(_("Loại hình"), claim.get_claimed_kind_display(), facility.get_kind_display()),
        Fact(_("Mã số thuế"), claim.claimed_tax_code, facility.tax_code),
        Fact(_("Xã, phường"), str(claim.commune or ""), str(facility.commune or "")),
        Fact(_("Địa chỉ"), claim.claimed_address, facility.address_today or facility.address_recognised),
    )
