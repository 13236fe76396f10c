"""The maker's own page to ask that a recognition be withdrawn. Nothing ends before the officer has confirmed it."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from facilities.representing import represented
from portal.text.errors import Refusal

from . import services
from .ending_desk import consequences
from .ending_forms import REASON_MISSING, text_field
from .enums import Stage, WithdrawalState
from .models import Recognition, WithdrawalRequest


class AskForm(forms.Form):
    reason = text_field(
        gettext_lazy("Lý do xin rút"),
        required=REASON_MISSING,
        help_text=gettext_lazy("Lý do được công khai khi cán bộ xác nhận. Không ghi số điện thoại, tên người."),
        rows=3,
    )


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, recognition_uuid: UUID) -> HttpResponse:
    """Ask, or take the request back while nobody has answered it."""
    row = _own_or_404(request, recognition_uuid)
    waiting = row.withdrawal_requests.filter(state=WithdrawalState.ASKED).first()
    sent = request.POST if request.method == "POST" and waiting is None else None
    form = AskForm(sent)
    if request.method == "POST":
        done = _take_back(request, waiting) if waiting else _ask(request, row, form)
        if done:
            return redirect("ask_withdrawal", recognition_uuid)
    context = {
        "row": row,
        "form": form,
        "waiting": waiting,
        "answered": row.withdrawal_requests.exclude(state=WithdrawalState.ASKED).first(),
        "may_ask": not (row.revoked_on or row.withdrawn_on) and row.stage == Stage.RECOGNISED,
        "consequences": consequences("rut", row),
        "nav": "facility",
    }
    return render(request, "applicant/give_back.html", context, status=400 if form.is_bound else 200)


def _ask(request: HttpRequest, row: Recognition, form: AskForm) -> bool:
    if not form.is_valid():
        return False
    facts: dict[str, Any] = {"recognition": row, "actor": request.user, "now": timezone.now()}
    try:
        services.ask_withdrawal(**facts, reason=form.cleaned_data["reason"])
    except Refusal as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return False
    messages.success(request, _("Đã gửi đề nghị rút. Công nhận vẫn còn hiệu lực đến khi cán bộ xác nhận."))
    return True


def _take_back(request: HttpRequest, waiting: WithdrawalRequest) -> bool:
    try:
        services.take_back_withdrawal(request=waiting, actor=request.user, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Đã thôi xin rút. Công nhận giữ như cũ."))
    return True


def _own_or_404(request: HttpRequest, uuid: UUID) -> Recognition:
    """A published recognition of a facility the person speaks for; any other does not exist."""
    own = Recognition.objects.filter(
        product__facility__in=represented(request.user), published_at__isnull=False, product__merged_into=None
    )
    row = own.select_related("product__facility", "territory", "decision").filter(uuid=uuid).first()
    if row is None:
        raise Http404
    return row
