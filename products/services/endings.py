"""What ends a recognition for good: revoked, given back; and when a household's leaves public view."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.territory.queries import family_ids
from portal.text.errors import Refusal
from portal.text.folding import normalise
from portal.text.formats import day

from ..enums import EventKind, Level
from ..models import Decision, Recognition
from ..validity_sql import due_to_be_withheld
from .ending_steps import locked_in_force, noted, require_within_term
from .events import note_event

OF_THE_AGENCY = (Level.REGION, Level.NATIONAL)


@transaction.atomic
def revoke(
    *,
    recognition: Recognition,
    on: dt.date,
    reason: str,
    proposal: str,
    decision: Decision | None,
    actor: Any,
    now: dt.datetime | None = None,
) -> Recognition:
    """Thu hồi from a day on, by a numbered decision on the council's proposal (TT 26/2014/TT-BCT, Điều 20.3). Final.

    Raises Refusal `proposal_missing`, `decision_missing`, `decision_of_another`, `before_decision`, or what every
    ending is refused for.
    """
    row = locked_in_force(recognition, on=on, reason=reason)
    require_within_term(row, on=on)
    if not normalise(proposal):
        raise Refusal(
            "proposal_missing",
            _("Thu hồi theo đề nghị của hội đồng. Hãy ghi số, ngày của văn bản đề nghị."),
            field="proposal",
        )
    _require_decision(row, decision, on=on)
    row.revoked_on = on
    row.revocation_decision = decision
    row.revocation_proposal = normalise(proposal)
    row.status_reason = normalise(reason)
    row.save()
    note_event(
        recognition=row, kind=EventKind.REVOKED, on=on, reason=reason, basis=proposal, decision=decision,
        actor=actor, now=now,
    )  # fmt: skip
    sentence = _("Thu hồi công nhận “%(product)s” %(level)s từ %(day)s.")
    return noted(row, actor=actor, act="revoke", sentence=sentence, on=on, reason=reason)


@transaction.atomic
def withdraw(
    *, recognition: Recognition, on: dt.date, reason: str, actor: Any, now: dt.datetime | None = None
) -> Recognition:
    """The facility gives the recognition back from a day on."""
    row = locked_in_force(recognition, on=on, reason=reason)
    require_within_term(row, on=on)
    row.withdrawn_on = on
    row.status_reason = normalise(reason)
    row.save()
    note_event(recognition=row, kind=EventKind.WITHDRAWN, on=on, reason=reason, actor=actor, now=now)
    sentence = _("Cơ sở xin rút công nhận “%(product)s” %(level)s từ %(day)s.")
    return noted(row, actor=actor, act="withdraw", sentence=sentence, on=on, reason=reason)


@transaction.atomic
def withhold_due(*, now: dt.datetime) -> int:
    """Take revoked recognitions of household businesses out of public view once their original end has passed.

    Safe to run twice. Returns how many were taken out.
    """
    on = timezone.localdate(now)
    rows = (
        Recognition.objects.published()
        .filter(due_to_be_withheld(on))
        .select_for_update(of=("self",))
        .select_related("product", "territory")
        .order_by("pk")
    )
    found = list(rows)
    for row in found:
        row.withheld_at = now
        row.save(update_fields=["withheld_at"])
        note_event(recognition=row, kind=EventKind.WITHHELD, on=on, actor=None, now=now)
        sentence = _("Thôi hiện công khai công nhận “%(product)s” %(level)s của hộ kinh doanh từ %(day)s.")
        noted(row, actor=None, act="withhold", sentence=sentence, on=on, reason=_("Đã thu hồi và qua thời hạn ban đầu"))
    return len(found)


def _require_decision(row: Recognition, decision: Decision | None, *, on: dt.date) -> None:
    """The decision is there, is of the authority of that level, and was signed by then."""
    if decision is None:
        raise Refusal(
            "decision_missing",
            _("Thu hồi cần quyết định có số. Hãy chọn quyết định đã ghi, hoặc ghi quyết định mới."),
            field="decision",
        )
    if row.level in OF_THE_AGENCY:
        right = decision.territory_id is None
        whose = _("Công nhận cấp khu vực, quốc gia thu hồi bằng quyết định của Bộ hoặc Cục, không gắn với một tỉnh.")
    else:
        right = decision.territory_id in family_ids(row.territory_id)
        whose = _("Quyết định này không phải của tỉnh đã công nhận. Hãy chọn quyết định của tỉnh đó.")
    if not right:
        raise Refusal("decision_of_another", whose, field="decision")
    if decision.signed_on and on < decision.signed_on:
        raise Refusal(
            "before_decision",
            _("Quyết định ký ngày %(day)s. Thu hồi có hiệu lực từ hôm đó trở đi.") % {"day": day(decision.signed_on)},
            field="on",
        )
