"""Addresses of calendars that a person's telephone reads: made, ended, and noted as read."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from portal.accounts.enums import Role
from portal.accounts.models import User
from portal.accounts.queries import Reach, staff_reach
from portal.audit.services import record
from portal.territory.models import Territory
from portal.territory.queries import current_id
from portal.text.errors import Refusal

from .models import CalendarFeed

READERS = frozenset({Role.OFFICER, Role.LEADER, Role.EXTENSION_OFFICER, Role.AGENCY_REGIONAL})


def open_feeds(user: Any) -> QuerySet[CalendarFeed]:
    """The person's calendars in use. One query when read."""
    found = CalendarFeed.objects.filter(user=user, ended_at__isnull=True, territory__isnull=False)
    return found.select_related("territory").order_by("pk")


def provinces_of(user: Any, *, on: dt.date | None = None) -> QuerySet[Territory]:
    """Units of today whose calendar the person may read."""
    reach = staff_reach(user, on)
    standing = Territory.objects.filter(valid_to__isnull=True)
    if reach.everything:
        return standing
    return standing.filter(pk__in={current_id(pk) for pk in reach.territory_ids if _reaches(reach, pk)})


@transaction.atomic
def make(*, user: User, territory: Territory, now: dt.datetime) -> CalendarFeed:
    """A calendar of a province for one person. Raises Refusal ("feed_reach", "feed_made")."""
    if not _reaches(staff_reach(user), territory.pk):
        raise Refusal("feed_reach", _("Lịch của tỉnh dành cho cán bộ của tỉnh đó và của Cục."))
    try:
        with transaction.atomic():
            feed = CalendarFeed.objects.create(user=user, territory=territory, made_at=now)
    except IntegrityError:
        raise Refusal("feed_made", _("Bạn đã có lịch của tỉnh này. Hãy dùng địa chỉ đã có.")) from None
    record(
        actor=user,
        action="feed.made",
        sentence=_("Lập địa chỉ lịch của %(province)s.") % {"province": territory.name},
        subject=feed,
        territory=territory,
    )
    return feed


@transaction.atomic
def end(*, feed: CalendarFeed, actor: User, now: dt.datetime) -> None:
    """Stop a calendar: its address leads nowhere from now on. Raises Refusal ("feed_ended")."""
    locked = CalendarFeed.objects.select_for_update().filter(pk=feed.pk, ended_at__isnull=True).first()
    if locked is None:
        raise Refusal("feed_ended", _("Lịch này đã thôi dùng."))
    locked.ended_at = now
    locked.save(update_fields=["ended_at"])
    record(
        actor=actor,
        action="feed.ended",
        sentence=_("Thôi dùng địa chỉ lịch của %(province)s.") % {"province": locked.territory or ""},
        subject=locked,
        territory=locked.territory,
    )


def read(token: UUID, *, on: dt.date) -> CalendarFeed | None:
    """The calendar behind an address, while it is in use and its owner still works there; noted as read once a day."""
    feed = CalendarFeed.objects.select_related("user", "territory").filter(token=token, ended_at__isnull=True).first()
    if feed is None or feed.territory_id is None or not _reaches(staff_reach(feed.user, on), feed.territory_id):
        return None
    if feed.last_read_on != on:
        CalendarFeed.objects.filter(pk=feed.pk).update(last_read_on=on)
    return feed


def _reaches(reach: Reach, territory_id: int) -> bool:
    return reach.everything or bool(reach.roles_in.get(territory_id, frozenset()) & READERS)
