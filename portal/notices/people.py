"""Who may still be written to: active accounts with a standing, and addresses that agreed."""

import datetime as dt
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from portal.accounts.enums import Role
from portal.accounts.models import Grant, User

from .enums import Audience

# Which of these people have that capacity on a day. One query each, whatever the number.
Standing = Callable[[Collection[int], dt.date], set[int]]


@dataclass(frozen=True)
class AddressBook:
    """Bare addresses that a room keeps: which of them agree to letters, and how one stops."""

    agreed: Callable[[Collection[str]], set[str]]
    stop: Callable[[str], int]


_STANDINGS: dict[Audience, Standing] = {}
_BOOKS: dict[str, AddressBook] = {}


def register_standing(audience: Audience, find: Standing) -> None:
    _STANDINGS[audience] = find


def register_book(name: str, book: AddressBook) -> None:
    _BOOKS[name] = book


def reachable(user_ids: Collection[int], whom: Iterable[Audience], *, on: dt.date) -> set[int]:
    """Those with an active account that still has one of the capacities (any account when none is named).

    One query, and one per capacity.
    """
    active = set(User.objects.filter(pk__in=user_ids, is_active=True).values_list("pk", flat=True))
    audiences = list(whom)
    if not audiences or not active:
        return active
    return {pk for audience in audiences for pk in _STANDINGS[audience](active, on)}


def audiences_of(user: Any, *, on: dt.date) -> frozenset[Audience]:
    """In what capacities the person works with the portal. One query each."""
    return frozenset(audience for audience, find in _STANDINGS.items() if user.pk in find([user.pk], on))


def agreed(addresses: Collection[str]) -> set[str]:
    """Addresses at which somebody agreed to be written to. One query per book."""
    return {address for book in _BOOKS.values() for address in book.agreed(addresses)} if addresses else set()


def stop(address: str) -> int:
    """Take back the agreement of an address everywhere; returns how many entries changed."""
    return sum(book.stop(address) for book in _BOOKS.values())


def _staff(user_ids: Collection[int], on: dt.date) -> set[int]:
    grants = Grant.objects.active(on).exclude(role=Role.COMMUNE_OFFICER)
    found = User.objects.filter(Q(is_superuser=True) | Q(pk__in=grants.values("user_id")), pk__in=user_ids)
    return set(found.values_list("pk", flat=True))


def _commune(user_ids: Collection[int], on: dt.date) -> set[int]:
    grants = Grant.objects.active(on).filter(user__in=user_ids, role=Role.COMMUNE_OFFICER)
    return set(grants.values_list("user_id", flat=True))


register_standing(Audience.STAFF, _staff)
register_standing(Audience.COMMUNE, _commune)
