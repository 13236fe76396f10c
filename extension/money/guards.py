"""What the money of a project still lacks before it may move on. They read and never write."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.text.formats import dong

from ..enums import EstimateState, PaymentState
from ..models import Liquidation, Project, Settlement
from .ledger import ledger_of


def nothing_waits(project: Project) -> list[str]:
    """No payment may be left between proposal and voucher. One query."""
    waiting = project.payments.filter(state__in=[PaymentState.PROPOSED, PaymentState.APPROVED]).count()
    if not waiting:
        return []
    said = ngettext(
        "Còn %(n)d khoản đề nghị chi chưa xong. Hãy chi hoặc trả lại.",
        "Còn %(n)d khoản đề nghị chi chưa xong. Hãy chi hoặc trả lại.",
        waiting,
    )
    return [said % {"n": waiting}]


def to_settle(project: Project) -> list[str]:
    """A project with an estimate needs its settlement approved. Projects known from print have none. Two queries."""
    if not _has_estimate(project) or Settlement.objects.filter(project=project, state=EstimateState.APPROVED).exists():
        return []
    return [_("Chưa có quyết toán được phê duyệt.")]


def to_liquidate(project: Project) -> list[str]:
    """Nothing owed either way, and the record signed. Eight queries."""
    if not _has_estimate(project):
        return []
    found = still_open(project)
    if not Liquidation.objects.filter(project=project).exists():
        found.append(_("Chưa ghi biên bản thanh lý."))
    return found


def still_open(project: Project) -> list[str]:
    """What is still to be paid, or to come back, by the settlement."""
    found = nothing_waits(project)
    ledger = ledger_of(project)
    if ledger.estimate is None:
        return found
    if ledger.to_return:
        found.append(_("Còn %(sum)s đã chi quá quyết toán phải thu hồi.") % {"sum": dong(ledger.to_return)})
    if ledger.sums.net < ledger.ceiling:
        owed = dong(ledger.ceiling - ledger.sums.net)
        found.append(_("Còn %(sum)s được quyết toán chưa chi.") % {"sum": owed})
    return found


def _has_estimate(project: Project) -> bool:
    return project.estimates.filter(state=EstimateState.APPROVED).exists()
