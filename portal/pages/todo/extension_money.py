"""Money of extension that waits: to approve, to pay, a settlement to decide."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from extension.enums import EstimateState, Funding, PaymentState, ProjectState
from extension.models import Payment, Settlement
from portal.accounts.enums import Role
from portal.accounts.queries import Reach

from .tasks import Task, page, provinces_with

# More settlements than this wait in no office; the sentence need not count further.
MANY = 500


def money_tasks(user: Any, reach: Reach) -> Iterator[Task]:
    """Payments to approve and to pay, settlements to decide, of other people's asking. Two queries at most."""
    officers = provinces_with(reach, {Role.EXTENSION_OFFICER})
    decides = _decides(reach)
    if not officers and decides is None:
        return
    of_others = Payment.objects.exclude(proposed_by=user)
    found = of_others.aggregate(
        asked=_count(Q(state=PaymentState.PROPOSED) & decides) if decides is not None else _count(Q(pk__in=[])),
        to_pay=_count(Q(state=PaymentState.APPROVED, project__territory__in=officers) & ~Q(approved_by=user)),
    )
    waiting = page("money_book", {"xem": "cho"})
    if n := found["asked"]:
        what = ngettext("Duyệt %(n)d khoản đề nghị chi", "Duyệt %(n)d khoản đề nghị chi", n) % {"n": n}
        yield Task(what, _("Cán bộ khuyến công đã đề nghị"), "hand-coins", _("Xem đề nghị"), waiting)
    if n := found["to_pay"]:
        what = ngettext("Ghi chi %(n)d khoản đã duyệt", "Ghi chi %(n)d khoản đã duyệt", n) % {"n": n}
        yield Task(what, _("Người khác đề nghị, lãnh đạo đã duyệt"), "banknote", _("Mở các khoản"), waiting)
    if decides is not None:
        yield from _settlements(user, decides)


def _decides(reach: Reach) -> Q | None:
    """Whose payments this person approves: the leader those of the province, the agency national ones too."""
    provinces = provinces_with(reach, {Role.LEADER})
    if Role.AGENCY_NATIONAL in reach.roles:
        return Q(project__funding=Funding.NATIONAL) | Q(project__territory__in=provinces)
    return Q(project__territory__in=provinces) if provinces else None


def _count(condition: Q) -> Count:
    return Count("pk", filter=condition)


def _settlements(user: Any, decides: Q) -> Iterator[Task]:
    rows = Settlement.objects.filter(decides, state=EstimateState.PROPOSED).exclude(submitted_by=user)
    uuids = list(rows.values_list("project__uuid", flat=True)[:MANY])
    if not uuids:
        return
    n = len(uuids)
    what = ngettext("Phê duyệt %(n)d hồ sơ quyết toán", "Phê duyệt %(n)d hồ sơ quyết toán", n) % {"n": n}
    accepted = page("extension_project_changelist", {"state__exact": ProjectState.ACCEPTED})
    url = page("project_money", args=uuids) if n == 1 else accepted
    yield Task(what, _("Đề án đã nghiệm thu, hồ sơ đã nộp"), "file-check", _("Mở đề án"), url)
