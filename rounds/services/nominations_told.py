"""Telling people about lists of nominations: sent up, returned, results back, and who has not reported yet."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from portal.accounts.enums import Role
from portal.accounts.models import Grant, User
from portal.audit.services import record
from portal.notices.services import plan
from portal.territory.queries import family_ids
from portal.text.errors import Refusal
from products.enums import Level

from .. import nomination_queries as queries
from .. import rules
from ..models import NominationList, Round
from ..nominating import RECOGNISED
from ..notices import NOMINATION_DUE, NOMINATION_RESULT, NOMINATION_RETURNED, NOMINATION_SENT
from .guards import moment
from .receiving import today_of


def tell_sent(row: NominationList, *, now: dt.datetime) -> int:
    """To who runs the round above."""
    assert row.round is not None
    return plan(
        kind=NOMINATION_SENT.code,
        subject=row,
        due_on=today_of(now),
        title=_("%(unit)s gửi danh sách đề cử: %(round)s") % _words(row),
        body=_("%(unit)s đã gửi danh sách đề cử cho %(round)s.\n\nViệc cần làm: xem danh sách, nhận hoặc trả lại.")
        % _words(row),
        users=_runners(row.round, now),
        territory=row.round.territory,
    )


def tell_returned(row: NominationList, *, now: dt.datetime) -> int:
    """To the unit that sent it, with the reason."""
    body = _(
        "Danh sách đề cử của %(unit)s cho %(round)s bị trả lại. Lý do: %(reason)s\n\n"
        "Việc cần làm: sửa rồi gửi lại trước hạn nhận hồ sơ."
    )
    return plan(
        kind=NOMINATION_RETURNED.code,
        subject=row,
        due_on=today_of(now),
        title=_("Danh sách đề cử bị trả lại: %(round)s") % _words(row),
        body=body % {**_words(row), "reason": row.returned_reason},
        users=senders(row.territory_id, row.commune_id, now),
        territory=row.territory,
    )


def tell_result(row: NominationList, *, now: dt.datetime) -> int:
    """To the unit that sent it: how many were recognised of how many."""
    codes = [line.outcome.get("code") for line in row.nominations.all() if line.chosen]
    facts = {**_words(row), "recognised": codes.count(RECOGNISED), "total": len(codes)}
    return plan(
        kind=NOMINATION_RESULT.code,
        subject=row,
        due_on=today_of(now),
        title=_("Kết quả đề cử: %(round)s") % facts,
        body=_("%(round)s đã công bố kết quả: %(recognised)s trong %(total)s sản phẩm %(unit)s đề cử được công nhận.")
        % facts,
        users=senders(row.territory_id, row.commune_id, now),
        territory=row.territory,
    )


def _words(row: NominationList) -> dict[str, Any]:
    return {"unit": row.commune or row.territory, "round": row.round.title if row.round else row}


def senders(territory_id: int, commune_id: int | None, now: dt.datetime) -> "QuerySet[User]":
    """Accounts of those who write the unit's lists."""
    held = Grant.objects.active(today_of(now)).filter(user__is_active=True)
    if commune_id is not None:
        mine = held.filter(role=Role.COMMUNE_OFFICER, commune=commune_id)
    else:
        mine = held.filter(role__in=[Role.OFFICER, Role.LEADER], territory__in=family_ids(territory_id))
    return User.objects.filter(pk__in=mine.values("user"))


def _runners(round_: Round, now: dt.datetime) -> "QuerySet[User]":
    held = Grant.objects.active(today_of(now)).filter(user__is_active=True)
    if round_.level == Level.NATIONAL:
        mine = held.filter(role=Role.AGENCY_NATIONAL)
    elif round_.level == Level.REGION:
        mine = held.filter(role=Role.AGENCY_REGIONAL, region=round_.region)
    else:
        mine = held.filter(role=Role.OFFICER, territory__in=family_ids(round_.territory_id or 0))
    return User.objects.filter(pk__in=mine.values("user"))


@dataclass(frozen=True)
class Nudged:
    """How many units are silent though something could go up, how many people were told now, whom nobody reaches."""

    silent: int
    told: int
    unreached: tuple[str, ...]


@transaction.atomic
def nudge_senders(*, round_: Round, actor: Any, now: dt.datetime) -> Nudged:
    """Remind every unit that has something to decide on and has not reported; each person once a day at most.

    Raises Refusal `not_allowed`, `round_not_receiving`, `none_silent`.
    """
    rules.may_receive.require(actor, round_)
    if not round_.receiving_open(now):
        raise Refusal("round_not_receiving", _("Kỳ không nhận danh sách đề cử lúc này nên không nhắc."))
    silent = queries.board(round_, on=today_of(now)).expected
    if not silent:
        raise Refusal("none_silent", _("Mọi đơn vị có sản phẩm đủ điều kiện đều đã báo cáo."))
    by_unit = _people_by_unit(round_, [row.key for row in silent], now)
    told = plan(
        kind=NOMINATION_DUE.code,
        subject=round_,
        due_on=today_of(now),
        title=_("Đề cử hoặc báo cáo không đề cử: %(round)s") % {"round": round_.title},
        body=_due_body(round_),
        users=User.objects.filter(pk__in={pk for people in by_unit.values() for pk in people}),
        territory=round_.territory,
    )
    if told:
        _note(round_, actor, silent=len(silent), told=told)
    return Nudged(len(silent), told, tuple(row.name for row in silent if not by_unit.get(row.key)))


def _people_by_unit(round_: Round, keys: list[int], now: dt.datetime) -> dict[int, set[int]]:
    """Who writes the lists of each unit. One query."""
    held = Grant.objects.active(today_of(now)).filter(user__is_active=True)
    found: dict[int, set[int]] = {}
    if queries.sends_from_communes(round_):
        rows = held.filter(role=Role.COMMUNE_OFFICER, commune__in=keys).values_list("commune_id", "user_id")
        for key, user_id in rows:
            found.setdefault(key or 0, set()).add(user_id)
        return found
    unit_of = {pk: key for key in keys for pk in family_ids(key)}
    rows = held.filter(role__in=[Role.OFFICER, Role.LEADER], territory__in=unit_of).values_list(
        "territory_id", "user_id"
    )
    for territory_id, user_id in rows:
        found.setdefault(unit_of[territory_id or 0], set()).add(user_id)
    return found


def _due_body(round_: Round) -> str:
    facts = {"round": round_.title, "until": moment(round_.receiving_until) if round_.receiving_until else ""}
    said = _("%(round)s chưa nhận được danh sách đề cử của đơn vị, dù có sản phẩm đủ điều kiện.") % facts
    if round_.receiving_until:
        said += " " + _("Hạn nhận là trước %(until)s.") % facts
    return said + "\n\n" + _("Việc cần làm: chọn sản phẩm đề cử và gửi, hoặc báo không đề cử kèm lý do.")


def _note(round_: Round, actor: Any, *, silent: int, told: int) -> None:
    record(
        actor=actor,
        action="round.nominations_nudged",
        sentence=_("Nhắc %(silent)s đơn vị chưa báo cáo đề cử cho %(round)s, %(told)s người nhận.")
        % {"silent": silent, "round": round_.title, "told": told},
        subject=round_,
        territory=round_.territory,
    )
