"""One click for all communes that have not answered: their officers are reminded to file or to report none."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from portal.accounts.enums import Role
from portal.accounts.models import Grant, User
from portal.audit.services import record
from portal.notices.services import plan
from portal.territory.models import Commune
from portal.text.errors import Refusal

from .. import intake_board, rules
from ..models import Dossier, Round
from ..notices import COMMUNE_REMINDED
from .guards import moment
from .receiving import today_of


@dataclass(frozen=True)
class Reminded:
    """How many communes are silent, how many people were told now, and which communes have nobody to tell."""

    silent: int
    told: int
    unreached: tuple[Commune, ...]


@transaction.atomic
def remind_communes(*, round_: Round, actor: Any, now: dt.datetime) -> Reminded:
    """Remind the officers of every commune without a dossier and without a report; once a day at most.

    Raises Refusal `round_not_receiving` after the deadline, when a commune can no longer answer, and `none_silent`.
    """
    rules.may_check.require(actor, round_)
    if not round_.receiving_open(now):
        said = _("Kỳ không nhận hồ sơ lúc này nên xã không nộp, không báo cáo trên cổng được.")
        raise Refusal("round_not_receiving", said)
    found = intake_board.board(round_, Dossier.objects.all(), on=today_of(now))
    silent = [row.commune for row in found.rows if row.is_silent and row.commune]
    if not silent:
        raise Refusal("none_silent", _("Mọi xã đều đã nộp hồ sơ hoặc đã báo cáo."))
    grants = Grant.objects.active(today_of(now)).filter(
        role=Role.COMMUNE_OFFICER, commune__in=silent, user__is_active=True
    )
    reached = set(grants.values_list("commune", flat=True))
    told = plan(
        kind=COMMUNE_REMINDED.code,
        subject=round_,
        due_on=today_of(now),
        title=_("Nộp hồ sơ hoặc báo cáo không có: %(round)s") % {"round": round_.title},
        body=_body(round_),
        users=User.objects.filter(pk__in=grants.values("user")),
        territory=round_.territory,
    )
    if told:
        _note(round_, actor, silent=len(silent), told=told)
    return Reminded(len(silent), told, tuple(row for row in silent if row.pk not in reached))


def _body(round_: Round) -> str:
    facts = {"round": round_.title, "until": moment(round_.receiving_until) if round_.receiving_until else ""}
    said = _("%(round)s chưa nhận được hồ sơ hay báo cáo nào của xã.") % facts
    if round_.receiving_until:
        said += " " + _("Hạn nhận là trước %(until)s.") % facts
    return said + "\n\n" + _("Việc cần làm: nộp thay cơ sở, hoặc báo cáo không có ở trang “Việc của xã”.")


def _note(round_: Round, actor: Any, *, silent: int, told: int) -> None:
    record(
        actor=actor,
        action="round.communes_reminded",
        sentence=_("Nhắc %(silent)s xã chưa báo cáo cho %(round)s, %(told)s người nhận.")
        % {"silent": silent, "round": round_.title, "told": told},
        subject=round_,
        territory=round_.territory,
    )
