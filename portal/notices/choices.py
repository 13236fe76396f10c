"""What a person does with notices: reads them, chooses how to hear, stops letters with one click."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.accounts.models import User
from portal.audit.services import record
from portal.text.errors import Refusal

from . import kinds, people
from .enums import Channel, NoticeState
from .models import Notice, NoticePreference
from .services import UNSENT


def mark_read(*, user: User, now: dt.datetime, notice: Notice | None = None) -> int:
    """Mark one of the person's notices as read, or all that are due; returns how many were unread."""
    mine = Notice.objects.filter(user=user, read_at__isnull=True, due_on__lte=timezone.localdate(now))
    return (mine.filter(pk=notice.pk) if notice else mine).update(read_at=now)


@transaction.atomic
def choose(*, user: User, channels: Mapping[str, str], now: dt.datetime) -> int:
    """Set how the person hears of each named kind; what still waits to be sent follows. Returns how many changed.

    Raises Refusal ("notice_legal", "notice_unknown").
    """
    locked = User.objects.select_for_update().get(pk=user.pk)
    held = dict(NoticePreference.objects.filter(user=locked).values_list("kind", "channel"))
    changed = 0
    for code, channel in channels.items():
        kind = kinds.get(code)
        if channel not in Channel or kind not in kinds.all_kinds():
            raise Refusal("notice_unknown", _("Không có lựa chọn này. Hãy tải lại trang rồi chọn lại."))
        if kind.legal:
            raise Refusal(
                "notice_legal",
                _("“%(kind)s” là thông báo theo quy định nên luôn được gửi.") % {"kind": kind.label},
            )
        if held.get(code, kind.default) != channel:
            _set(locked, code, channel, now)
            changed += 1
    return changed


@transaction.atomic
def stop(*, notice: Notice, now: dt.datetime) -> bool:
    """Stop letters of the notice's kind to whoever got it; they stay readable in the portal. Safe to repeat.

    From a day's letter: every kind that the person gets that way. From a letter to a bare address: its agreement
    to letters is taken back everywhere. Returns whether anything changed. Raises Refusal ("notice_legal").
    """
    kind = kinds.get(notice.kind)
    if kind.legal:
        raise Refusal("notice_legal", _("Thông báo này được gửi theo quy định nên không ngừng được."))
    if notice.user is None:
        _drop_waiting(Notice.objects.filter(user=None, recipient=notice.recipient, kind=notice.kind))
        return bool(people.stop(notice.recipient))
    gathered = notice.gathered.values_list("kind", flat=True).distinct()
    codes = list(gathered) if kind.code == kinds.DIGEST else [kind.code]
    portal = {code: Channel.PORTAL for code in codes if not kinds.get(code).legal}
    return bool(choose(user=notice.user, channels=portal, now=now))


def _set(user: User, code: str, channel: str, now: dt.datetime) -> None:
    NoticePreference.objects.update_or_create(user=user, kind=code, defaults={"channel": channel, "changed_at": now})
    waiting = Notice.objects.filter(user=user, kind=code, state__in=UNSENT, digest=None).exclude(recipient="")
    if channel in (Channel.EMAIL, Channel.DIGEST):
        waiting.update(channel=channel)
    else:
        _show_only(waiting)
    record(
        actor=user,
        action="notice.choice",
        sentence=_("Chọn cách nhận “%(kind)s”: %(channel)s.")
        % {"kind": kinds.get(code).label, "channel": Channel(channel).label.lower()},
        subject=user,
        data={"kind": code, "channel": str(channel)},
    )


def _show_only(waiting: Any) -> None:
    """What was to be mailed is shown in the portal instead: nothing already said is taken back."""
    waiting.update(state=NoticeState.SHOWN, channel=Channel.PORTAL)


def _drop_waiting(waiting: Any) -> None:
    waiting.filter(state__in=UNSENT).update(state=NoticeState.DROPPED)
