"""What goes up and comes in between levels: lists to send, lists and packages that wait to be taken in."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Min
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.accounts.queries import Reach
from portal.territory.queries import current_id, family_ids
from portal.text.formats import day
from rounds import nomination_queries
from rounds.enums import ListState
from rounds.exchange_desk import waiting_of
from rounds.exchange_rules import acts
from rounds.models import NominationList
from rounds.services.receiving import last_day

from .rounds import hats_in
from .tasks import HORIZON, MANAGERS, Task, page, provinces_with


def nomination_tasks(user: Any, reach: Reach, rounds: list[Any], now: dt.datetime) -> Iterator[Task]:
    """Own lists near their deadline, lists sent to the person's rounds, packages from other deployments.

    Three queries, and one for each further province of today that the person works for.
    """
    yield from _to_send(reach, now)
    yield from _to_receive([one for one in rounds if hats_in(reach, one) & MANAGERS])
    yield from _packages(user)


def _to_send(reach: Reach, now: dt.datetime) -> Iterator[Task]:
    """One task for each round above that closes soon and has no list of the province yet."""
    until = timezone.localdate(now) + HORIZON
    for province in sorted({current_id(pk) for pk in provinces_with(reach, MANAGERS)}):
        near = [round_ for round_ in nomination_queries.open_above(province, now=now) if last_day(round_) <= until]
        if near:
            yield from _unsent(near, province)


def _unsent(near: list[Any], province: int) -> Iterator[Task]:
    """A list that was returned is to be made and sent again."""
    written = NominationList.objects.filter(round__in=near, territory__in=family_ids(province), commune=None)
    sent = set(written.exclude(state__in=[ListState.DRAFT, ListState.RETURNED]).values_list("round", flat=True))
    for round_ in near:
        if round_.pk not in sent:
            why = _("Không đề cử sản phẩm nào thì ghi lý do rồi vẫn gửi")
            what = _("Gửi danh sách đề cử: %(round)s") % {"round": round_.title}
            yield Task(what, why, "send", _("Mở danh sách"), page("nominations"), last_day(round_))


def _to_receive(rounds: list[Any]) -> Iterator[Task]:
    """Lists sent to these rounds, not yet taken in or returned."""
    waiting = NominationList.objects.filter(round__in=[one.pk for one in rounds], state=ListState.SENT).aggregate(
        n=Count("pk"), first=Min("sent_at")
    )
    if n := waiting["n"]:
        what = ngettext("Nhận %(n)d danh sách đề cử", "Nhận %(n)d danh sách đề cử", n) % {"n": n}
        why = _("Chờ sớm nhất từ %(day)s") % {"day": day(timezone.localdate(waiting["first"]))}
        yield Task(what, why, "send", _("Xem danh sách"), page("nominations"))


def _packages(user: Any) -> Iterator[Task]:
    if not acts(user):
        return
    if n := waiting_of(user).count():
        what = ngettext("Xử lý %(n)d gói từ cổng khác", "Xử lý %(n)d gói từ cổng khác", n) % {"n": n}
        why = _("Xem điều khác nhau, chọn, rồi ghi vào sổ")
        yield Task(what, why, "arrow-down-up", _("Xem gói"), page("exchange"))
