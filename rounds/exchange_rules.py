"""Who may exchange packages with other deployments: predicates with the sentence that refuses. `None` is the system."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from portal.accounts.admin_base import AGENCY, PROVINCE_STAFF
from portal.accounts.enums import Role
from portal.accounts.queries import staff_reach
from portal.text.errors import Refusal

from .enums import ListState, PeerRole
from .models import ExchangePackage, NominationList, Peer
from .nominating_rules import may_write

PROVINCE = frozenset({Role.OFFICER, Role.LEADER})
NOT_FOR_YOU = _("Trang này dành cho cán bộ Sở Công Thương, cán bộ Cục và quản trị hệ thống.")
NOT_YOUR_PEER = _("Chỉ quản trị hệ thống được thêm, sửa, thôi dùng cổng trao đổi.")
NOT_YOUR_LIST = _("Chỉ cán bộ, lãnh đạo Sở của tỉnh gửi được trao đổi danh sách của tỉnh mình.")
NOT_YOUR_PACKAGE = _("Chỉ cán bộ Cục phụ trách tỉnh gửi được xử lý gói đề cử của tỉnh đó.")


def opens(user: Any) -> bool:
    """Whether the pages of the exchange are there for the person."""
    return bool(staff_reach(user).roles & (PROVINCE_STAFF | AGENCY | {Role.ADMINISTRATOR}))


def acts(user: Any) -> bool:
    """Whether the person does more than read: an extension officer sees the province's packages and leaves them alone."""
    return bool(staff_reach(user).roles & (PROVINCE | AGENCY | {Role.ADMINISTRATOR}))


def may_keep_peers(user: Any) -> bool:
    return Role.ADMINISTRATOR in staff_reach(user).roles


def packages_of(user: Any) -> "QuerySet[ExchangePackage]":
    """Packages about lists that the person works on, and those that came from their provinces."""
    reach = staff_reach(user)
    rows = ExchangePackage.objects.select_related("peer__territory", "nomination_list__territory", "handled_by")
    if reach.everything:
        return rows
    if not opens(user):
        return rows.none()
    mine = NominationList.objects.visible_to(user).filter(commune=None)
    about = rows.filter(nomination_list__in=mine.values("pk"))
    if Role.AGENCY_REGIONAL in reach.roles:
        about |= rows.filter(peer__territory__in=reach.territory_ids)
    return about


def may_send(user: Any, row: NominationList) -> bool:
    return user is None or may_write(user, row)


def packable(rows: "QuerySet[NominationList]") -> "QuerySet[NominationList]":
    """Sent lists of provinces that no package carries yet, made here."""
    return rows.filter(commune=None, state=ListState.SENT, peer=None, packages=None)


def waits_for_package(user: Any, row: NominationList) -> bool:
    """Whether the person may pack this list for a centre that is known here. At most two queries."""
    if not may_send(user, row) or not packable(NominationList.objects.filter(pk=row.pk)).exists():
        return False
    return Peer.objects.filter(role=PeerRole.CENTRE, retired_at=None).exists()


def may_take(user: Any, peer: Peer) -> bool:
    """Whether the person takes in what a province sends: the agency, for its region, and administrators."""
    if user is None:
        return True
    reach = staff_reach(user)
    if reach.roles & {Role.ADMINISTRATOR, Role.AGENCY_NATIONAL}:
        return True
    return Role.AGENCY_REGIONAL in reach.roles and peer.territory_id in reach.territory_ids


def may_handle(user: Any, peer: Peer, row: NominationList | None) -> bool:
    """Whether the person handles what came from a partner: a list at the centre, an answer in the province."""
    if peer.role == PeerRole.PROVINCE:
        return may_take(user, peer)
    return row is not None and may_send(user, row)


def require_keeper(user: Any) -> None:
    if user is not None and not may_keep_peers(user):
        raise Refusal("not_allowed", NOT_YOUR_PEER)


def require_sender(user: Any, row: NominationList) -> None:
    if not may_send(user, row):
        raise Refusal("not_allowed", NOT_YOUR_LIST)


def require_handler(user: Any, peer: Peer, row: NominationList | None) -> None:
    if not may_handle(user, peer, row):
        raise Refusal("not_allowed", NOT_YOUR_PACKAGE if peer.role == PeerRole.PROVINCE else NOT_YOUR_LIST)
