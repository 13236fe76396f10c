"""The desk's page of a project's money: lines with what was paid of each, payments by three people, settlement."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from portal.accounts.staff_pages import for_staff
from portal.audit.opening import open_file
from portal.files.models import StoredFile
from portal.files.services import store
from portal.text.clock import today
from portal.text.inputs import WRONG, attempt

from .. import rules
from ..enums import EstimateState, PaymentKind, PaymentState, ProjectState
from ..forms import ReasonForm
from ..models import Liquidation, Payment, Project, Settlement
from ..project_desk import Bound, context, project_or_404, refuse_stale, shown_or_done
from ..services import payments, settling
from .advances import rule_for
from .forms import ApproveSettlementForm, LiquidationForm, PaidForm, ProposeForm, SettlementForm
from .ledger import Ledger, ledger_of

PAGE = "admin:project_money"

P = PaymentState


@dataclass(frozen=True)
class Row:
    """One payment as this person sees it: whether they may decide, pay or take it back, else whom it waits for."""

    payment: Payment
    may_decide: bool = False
    may_pay: bool = False
    may_withdraw: bool = False
    waits_for: str = ""
    refuse: ReasonForm | None = None
    pay: PaidForm | None = None


def urls(site: AdminSite) -> list[URLPattern]:
    """Addresses below the desk's own."""
    guarded = for_staff(site)
    return [
        path("de-an/<uuid:uuid>/tien/", guarded(show), name="project_money"),
        path("de-an/<uuid:uuid>/tien/chung-tu/<uuid:payment_uuid>/", guarded(voucher), name="project_voucher"),
        path("de-an/<uuid:uuid>/tien/quyet-toan/", guarded(settlement_file), name="project_settlement_file"),
        path("de-an/<uuid:uuid>/tien/thanh-ly/", guarded(liquidation_file), name="project_liquidation_file"),
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, site: AdminSite, uuid: UUID) -> HttpResponse:
    """A project's money. At most fourteen queries, however many lines and payments."""
    project = project_or_404(request, uuid)
    return shown_or_done(
        request,
        project,
        may=rules.may_edit(request.user, project.territory_id) or rules.may_approve(request.user, project),
        act=_act,
        draw=lambda bound: _page(request, site, project, bound),
        template="admin/extension/money.html",
        page=PAGE,
    )


# --- acts -----------------------------------------------------------------------------------------------


def _act(request: HttpRequest, project: Project, bound: Bound) -> tuple[str, int]:
    """Carry out one act: the words for a done one, else the status; the form with its errors goes into `bound`."""
    act = ACTS.get(request.POST.get("act", ""))
    if act is None:
        return "", WRONG
    form, key, carry_out = act(request, project)
    bound[key] = form
    return attempt(form, carry_out)


Act = tuple[Any, str, Callable[[Any], str]]


def _propose(request: HttpRequest, project: Project) -> Act:
    def carry_out(form: ProposeForm) -> str:
        given = form.cleaned_data
        payments.propose_payment(
            project=project,
            kind=PaymentKind(given["kind"]),
            parts=form.parts,
            reason=given["reason"],
            request_key=given["request_key"],
            actor=request.user,
            now=timezone.now(),
        )
        return _("Đã đề nghị. Lãnh đạo Sở sẽ thấy ở Việc cần xử lý.")

    return ProposeForm(request.POST, ledger=ledger_of(project)), "propose", carry_out


def _withdraw(request: HttpRequest, project: Project) -> Act:
    payment = _payment_or_404(request, project)

    def carry_out(form: forms.Form) -> str:
        payments.withdraw_payment(payment=payment, actor=request.user)
        return _("Đã rút đề nghị.")

    return forms.Form(request.POST), f"withdraw-{payment.uuid}", carry_out


def _approve(request: HttpRequest, project: Project) -> Act:
    payment = _payment_or_404(request, project)

    def carry_out(form: forms.Form) -> str:
        payments.approve_payment(payment=payment, actor=request.user, now=timezone.now())
        return _("Đã duyệt. Một cán bộ khuyến công khác người đề nghị sẽ ghi chi.")

    return forms.Form(request.POST), f"approve-{payment.uuid}", carry_out


def _refuse(request: HttpRequest, project: Project) -> Act:
    payment = _payment_or_404(request, project)

    def carry_out(form: ReasonForm) -> str:
        reason = form.cleaned_data["reason"]
        payments.refuse_payment(payment=payment, reason=reason, actor=request.user, now=timezone.now())
        return _("Đã trả lại đề nghị chi.")

    return ReasonForm(request.POST, prefix=f"r{payment.pk}"), f"refuse-{payment.uuid}", carry_out


def _pay(request: HttpRequest, project: Project) -> Act:
    payment = _payment_or_404(request, project)

    def carry_out(form: PaidForm) -> str:
        given = form.cleaned_data
        payments.record_paid(
            payment=payment,
            paid_on=given["paid_on"],
            document=given["document"],
            file=_kept(given["upload"]),
            actor=request.user,
            now=timezone.now(),
        )
        return _("Đã ghi chi. Số đã giải ngân của đề án vừa được tính lại.")

    return PaidForm(request.POST, request.FILES, prefix=f"p{payment.pk}"), f"pay-{payment.uuid}", carry_out


def _settle(request: HttpRequest, project: Project) -> Act:
    def carry_out(form: SettlementForm) -> str:
        given = dict(form.cleaned_data)
        upload = given.pop("upload")
        settling.submit_settlement(
            project=project,
            **{**given, "counterpart_funds": given["counterpart_funds"] or 0, "other_funds": given["other_funds"] or 0},
            file=_kept(upload),
            actor=request.user,
            today=today(),
        )
        return _("Đã nộp hồ sơ quyết toán.")

    return SettlementForm(request.POST, request.FILES, prefix="settle"), "settle", carry_out


def read_as(settlement: Settlement) -> str:
    """What the page of a decision carries: the sums and the file that were read."""
    sums = (settlement.extension_funds, settlement.counterpart_funds, settlement.other_funds)
    return ":".join(map(str, (*sums, settlement.submitted_on, settlement.file_id or "")))


def _approve_settlement(request: HttpRequest, project: Project) -> Act:
    settlement = _settlement_or_404(project)

    def carry_out(form: ApproveSettlementForm) -> str:
        refuse_stale(request, read_as(settlement))
        settling.approve_settlement(
            settlement=settlement,
            number_=form.cleaned_data["number"],
            signed_on=form.cleaned_data["signed_on"],
            actor=request.user,
            now=timezone.now(),
            today=today(),
        )
        return _("Đã phê duyệt quyết toán.")

    return ApproveSettlementForm(request.POST, prefix="approve"), "approve_settlement", carry_out


def _return_settlement(request: HttpRequest, project: Project) -> Act:
    settlement = _settlement_or_404(project)

    def carry_out(form: ReasonForm) -> str:
        refuse_stale(request, read_as(settlement))
        reason = form.cleaned_data["reason"]
        settling.return_settlement(settlement=settlement, reason=reason, actor=request.user, now=timezone.now())
        return _("Đã trả lại hồ sơ quyết toán.")

    return ReasonForm(request.POST, prefix="return"), "return_settlement", carry_out


def _liquidate(request: HttpRequest, project: Project) -> Act:
    def carry_out(form: LiquidationForm) -> str:
        given = form.cleaned_data
        settling.record_liquidation(
            project=project,
            number_=given["number"],
            signed_on=given["signed_on"],
            note=given["note"],
            file=_kept(given["upload"]),
            actor=request.user,
            now=timezone.now(),
            today=today(),
        )
        return _("Đã ghi biên bản thanh lý. Đề án chuyển sang “đã thanh lý” ở trang Tiến trình.")

    return LiquidationForm(request.POST, request.FILES, prefix="liquidate"), "liquidate", carry_out


ACTS: dict[str, Callable[[HttpRequest, Project], Act]] = {
    "propose": _propose,
    "withdraw": _withdraw,
    "approve": _approve,
    "refuse": _refuse,
    "pay": _pay,
    "settle": _settle,
    "approve_settlement": _approve_settlement,
    "return_settlement": _return_settlement,
    "liquidate": _liquidate,
}


def _kept(upload: Any) -> StoredFile | None:
    return store(upload, field="upload") if upload else None


def _payment_or_404(request: HttpRequest, project: Project) -> Payment:
    try:
        wanted = UUID(request.POST.get("payment", ""))
    except ValueError as error:
        raise Http404 from error
    return _one_payment(project, wanted)


def _one_payment(project: Project, uuid: UUID) -> Payment:
    found = project.payments.select_related("file").filter(uuid=uuid).first()
    if found is None:
        raise Http404
    found.project = project
    return found


def _settlement_or_404(project: Project) -> Settlement:
    found = Settlement.objects.select_related("file").filter(project=project).first()
    if found is None:
        raise Http404
    return found


# --- the page -------------------------------------------------------------------------------------------


def _page(request: HttpRequest, site: AdminSite, project: Project, bound: Bound) -> dict[str, Any]:
    ledger = ledger_of(project)
    rows = project.payments.select_related("proposed_by", "approved_by", "paid_by").prefetch_related(
        "lines__line__facility"
    )
    shown = [_row(request.user, project, payment, bound) for payment in rows]
    may_edit = rules.may_edit(request.user, project.territory_id)
    settlement = Settlement.objects.select_related("submitted_by", "decided_by").filter(project=project).first()
    liquidation = Liquidation.objects.select_related("recorded_by").filter(project=project).first()
    rule = rule_for(project, today())
    propose = _propose_form(ledger, bound) if may_edit and _can_propose(project, ledger) else None
    return {
        **context(request, site, project, "project_money", _("Chi và quyết toán")),
        "ledger": ledger,
        "rows": shown,
        "mine": [row for row in shown if row.may_pay or (row.may_decide and row.payment.state == P.PROPOSED)],
        "states": PaymentState,
        "rule": rule,
        "advance_most": (project.extension_funds or 0) * (rule.percent if rule else 0) // 100,
        "propose": propose,
        "propose_lines": [(balance, propose.line(balance.line.pk)) for balance in ledger.balances] if propose else [],
        "settlement": settlement,
        "settlement_read": read_as(settlement) if settlement else "",
        "liquidation": liquidation,
        "refused": next((form for form in bound.values() if form.errors), None),
        **_settling(request.user, ledger, settlement, liquidation, bound, may_edit=may_edit),
    }


def _can_propose(project: Project, ledger: Ledger) -> bool:
    return ledger.estimate is not None and any(project.state in states for states in payments.PAYABLE.values())


def _propose_form(ledger: Ledger, bound: Bound) -> ProposeForm:
    """Only the kinds that the project's state lets through are offered."""
    form = bound.get("propose") or ProposeForm(ledger=ledger)
    offered = [kind for kind, states in payments.PAYABLE.items() if ledger.project.state in states]
    form.fields["kind"].choices = [(kind.value, kind.label) for kind in offered]  # type: ignore[attr-defined]
    form.initial["kind"] = offered[0].value
    return form  # type: ignore[return-value]


def _row(user: Any, project: Project, payment: Payment, bound: Bound) -> Row:
    may_edit, may_approve = rules.may_edit(user, project.territory_id), rules.may_approve(user, project)
    proposed, approved = payment.state == P.PROPOSED, payment.state == P.APPROVED
    may_decide = may_approve and payment.proposed_by_id != user.pk and (proposed or approved)
    may_pay = approved and may_edit and user.pk not in (payment.proposed_by_id, payment.approved_by_id)
    waits = ""
    if proposed and not may_decide:
        waits = _("Chờ lãnh đạo duyệt.")
    elif approved and not may_pay:
        waits = _("Chờ một cán bộ khuyến công khác người đề nghị ghi chi.")
    return Row(
        payment,
        may_decide=may_decide,
        may_pay=may_pay,
        may_withdraw=proposed and may_edit and payment.proposed_by_id == user.pk,
        waits_for=waits,
        refuse=bound.get(f"refuse-{payment.uuid}") or ReasonForm(prefix=f"r{payment.pk}"),  # type: ignore[arg-type]
        pay=bound.get(f"pay-{payment.uuid}") or PaidForm(prefix=f"p{payment.pk}"),  # type: ignore[arg-type]
    )


def _settling(
    user: Any,
    ledger: Ledger,
    settlement: Settlement | None,
    liquidation: Liquidation | None,
    bound: Bound,
    *,
    may_edit: bool,
) -> dict[str, Any]:
    """The forms of the end that this person may use now."""
    project = ledger.project
    open_again = settlement is None or settlement.state == EstimateState.RETURNED
    decides = (
        settlement is not None
        and settlement.state == EstimateState.PROPOSED
        and rules.may_approve(user, project)
        and settlement.submitted_by_id != user.pk
    )
    start = {
        "extension_funds": ledger.sums.net or None,
        "counterpart_funds": project.counterpart_funds,
        "other_funds": project.other_funds,
        "submitted_on": today(),
    }
    settle = bound.get("settle") or SettlementForm(prefix="settle", initial=start)
    ends = project.state == ProjectState.SETTLED and may_edit and liquidation is None
    return {
        "settle": settle if open_again and may_edit and project.state == ProjectState.ACCEPTED else None,
        "approve_settlement": (bound.get("approve_settlement") or ApproveSettlementForm(prefix="approve"))
        if decides
        else None,
        "return_settlement": (bound.get("return_settlement") or ReasonForm(prefix="return")) if decides else None,
        "liquidate": (bound.get("liquidate") or LiquidationForm(prefix="liquidate")) if ends else None,
    }


# --- files ----------------------------------------------------------------------------------------------


@require_safe
def voucher(request: HttpRequest, site: AdminSite, uuid: UUID, payment_uuid: UUID) -> HttpResponseBase:
    """The voucher of one payment."""
    project = project_or_404(request, uuid)
    return _served(request, project, _one_payment(project, payment_uuid).file, _("chứng từ chi"))


@require_safe
def settlement_file(request: HttpRequest, site: AdminSite, uuid: UUID) -> HttpResponseBase:
    """The file that was submitted for settlement."""
    project = project_or_404(request, uuid)
    return _served(request, project, _settlement_or_404(project).file, _("hồ sơ quyết toán"))


@require_safe
def liquidation_file(request: HttpRequest, site: AdminSite, uuid: UUID) -> HttpResponseBase:
    """The signed record of liquidation."""
    project = project_or_404(request, uuid)
    found = Liquidation.objects.select_related("file").filter(project=project).first()
    return _served(request, project, found.file if found else None, _("biên bản thanh lý"))


def _served(request: HttpRequest, project: Project, file: StoredFile | None, what: str) -> HttpResponseBase:
    if file is None:
        raise Http404
    return open_file(
        request,
        file,
        filename=what,
        action="extension.money_file_read",
        sentence=_("Mở %(what)s của đề án “%(name)s”.") % {"what": what, "name": project.name},
        subject=project,
        territory=project.territory,
    )
