"""Who is told when a version of the criteria is proposed, approved or returned."""

import datetime as dt
from collections.abc import Collection

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.accounts.enums import Role
from portal.accounts.models import User
from portal.notices.services import plan, post_soon

from .. import rules
from ..enums import CriteriaState, SeatRole
from ..models import CriteriaSet, Round
from ..notices import CRITERIA_DECIDED, CRITERIA_PROPOSED


def approvers(round_: Round) -> list[User]:
    """Everyone who may approve a version now: the council's chair, the leaders of the organising office.

    One query, and one or two for each of the few it finds.
    """
    chairs = Q(seats__round=round_, seats__role=SeatRole.CHAIR, seats__until__isnull=True)
    leads = Q(grants__role__in=[Role.LEADER, Role.AGENCY_REGIONAL, Role.AGENCY_NATIONAL])
    found = User.objects.filter(chairs | leads, is_active=True).distinct().order_by("pk")
    return [user for user in found if rules.may_approve_criteria(user, round_)]


def tell_approvers(criteria_set: CriteriaSet, *, writers: Collection[User], now: dt.datetime) -> None:
    """A letter to everyone who may approve this version, without who had a hand in it."""
    round_ = criteria_set.round
    if round_ is None:
        return
    hands = {user.pk for user in writers} | {criteria_set.proposed_by_id}
    plan(
        kind=CRITERIA_PROPOSED.code,
        subject=criteria_set,
        due_on=timezone.localdate(now),
        title=_("Bộ tiêu chí chờ duyệt: %(name)s, phiên bản %(version)s")
        % {"name": criteria_set.name, "version": criteria_set.version},
        body=_("%(round)s. Người trình: %(who)s. Bộ tiêu chí có hiệu lực sau khi bạn hoặc một người khác duyệt.")
        % {"round": round_.title, "who": criteria_set.proposed_by},
        users=[user for user in approvers(round_) if user.pk not in hands],
        territory=round_.territory,
    )
    post_soon()


def tell_proposer(criteria_set: CriteriaSet, *, now: dt.datetime) -> None:
    """What became of the version, to who proposed it."""
    round_ = criteria_set.round
    if round_ is None or criteria_set.proposed_by is None:
        return
    words = {"name": criteria_set.name, "version": criteria_set.version}
    if criteria_set.state == CriteriaState.APPROVED:
        title = _("Bộ tiêu chí đã được duyệt: %(name)s, phiên bản %(version)s") % words
        body = _("%(round)s. Bộ tiêu chí này đang có hiệu lực.") % {"round": round_.title}
    else:
        title = _("Bộ tiêu chí được trả lại: %(name)s, phiên bản %(version)s") % words
        body = _("%(round)s. Lý do: %(reason)s") % {"round": round_.title, "reason": criteria_set.returned_reason}
    plan(
        kind=CRITERIA_DECIDED.code,
        subject=criteria_set,
        due_on=timezone.localdate(now),
        title=title,
        body=body,
        users=[criteria_set.proposed_by],
        territory=round_.territory,
    )
    post_soon()
