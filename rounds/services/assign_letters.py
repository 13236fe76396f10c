"""Telling judges which dossiers are theirs: one letter per judge and plan, with what came and what went."""

import datetime as dt
from uuid import UUID, uuid5

from django.utils.translation import gettext as _

from portal.accounts.models import User
from portal.notices.services import Letter, plan_many, post_soon

from ..assigning import Pairs
from ..enums import PlanMethod
from ..models import Assignment, AssignmentPlan, Round
from ..notices import ASSIGNED
from .receiving import today_of


def tell_judges(
    round_: Round, plan: AssignmentPlan, *, pairs: Pairs, gained: Pairs, lost: Pairs, now: dt.datetime
) -> None:
    """Who gains or loses a dossier hears of it; when everyone scores everything, all do."""
    concerned = {judge for _entry, judge in (pairs if plan.method == PlanMethod.EVERYONE else gained | lost)}
    users = User.objects.filter(uuid__in=concerned, is_active=True)
    letters = [
        _letter(
            round_, uuid5(round_.uuid, f"plan {plan.number}"), user, _body(str(user.uuid), pairs, gained, lost), now
        )
        for user in users
    ]
    if plan_many(letters):
        post_soon()


def tell_released(round_: Round, row: Assignment, reason: str, *, now: dt.datetime) -> None:
    """The judge hears that one dossier is the judge's no more, and why."""
    body = _("Hồ sơ %(code)s không còn phân cho bạn chấm. Lý do: %(reason)s") % {
        "code": row.dossier.entry_code,
        "reason": reason,
    }
    if plan_many([_letter(round_, uuid5(round_.uuid, f"release {row.pk}"), row.judge, body, now)]):
        post_soon()


def _body(judge: str, pairs: Pairs, gained: Pairs, lost: Pairs) -> str:
    total, new, gone = (sum(key == judge for _entry, key in found) for found in (pairs, gained, lost))
    said = [_("Bạn được phân chấm %(total)s hồ sơ.") % {"total": total}]
    if gone:
        said.append(_("Thêm %(new)s hồ sơ, thôi %(gone)s hồ sơ so với trước.") % {"new": new, "gone": gone})
    said.append(_("Danh sách của bạn ở trang chấm điểm. Có quan hệ lợi ích với cơ sở nào, hãy khai trước khi chấm."))
    return " ".join(said)


def _letter(round_: Round, about: UUID, user: User, body: str, now: dt.datetime) -> Letter:
    return Letter(
        kind=ASSIGNED.code,
        subject_type=AssignmentPlan._meta.label_lower,
        subject_id=about,
        recipient="",
        due_on=today_of(now),
        title=_("Phân công chấm, %(round)s") % {"round": round_.title},
        body=body,
        territory_id=round_.territory_id,
        user_id=user.pk,
    )
