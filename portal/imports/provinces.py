"""A list that is entered into a province of today: the one the person works for, or one of several."""

from collections.abc import Collection
from typing import Any

from django.utils.translation import gettext as _

from portal.accounts.enums import Role
from portal.accounts.queries import staff_reach
from portal.territory.models import Territory
from portal.territory.queries import current_ids, register
from portal.text.errors import Refusal
from portal.text.folding import sort_key

from .registry import Scope


def provinces_of(user: Any, roles: Collection[str]) -> list[tuple[str, str]]:
    """Provinces of today in which the person holds one of the roles, by name."""
    units, today = register().units, current_ids()
    reach = staff_reach(user)
    if Role.ADMINISTRATOR in reach.roles or Role.AGENCY_NATIONAL in reach.roles & set(roles):
        ids = set(today.values())
    else:
        ids = {today[pk] for pk, held in reach.roles_in.items() if held & set(roles) and pk in today}
    return [(str(pk), units[pk].name) for pk in sorted(ids, key=lambda pk: sort_key(units[pk].name))]


def province_scope(value: str, user: Any, roles: Collection[str]) -> Scope:
    """The province behind a choice. Raises Refusal `scope_unknown` when it is not among the person's."""
    offered = dict(provinces_of(user, roles))
    if value not in offered:
        raise Refusal("scope_unknown", _("Bạn chỉ nhập được danh sách của tỉnh mình phụ trách."), field="scope")
    return Scope(value, offered[value], Territory.objects.get(pk=int(value)))
