"""The facility's own pages of fairs: what it sold there, and whether that may be shown. Thin views."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from facilities.publication import is_person
from portal.text.clock import today
from portal.text.errors import Refusal
from portal.text.inputs import apply_refusal, status_of

from ..models import Participation
from ..services import fairs as services
from . import fair_queries as queries
from .fair_forms import FiguresForm

OPEN, CLOSE = "cong-khai", "thoi-cong-khai"
WRONG = 400


@never_cache
@login_required
@require_safe
def my_fairs(request: HttpRequest) -> HttpResponse:
    """Every fair the person's facilities took part in. Constant queries."""
    context = {"rows": list(queries.own_rows(request.user)), "today": today(), "nav": "facility"}
    return render(request, "applicant/fairs.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def my_fair(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One fair: the figures, and the consent to show them, each by its own button."""
    row = queries.own_rows(request.user).filter(uuid=uuid).first()
    if row is None:
        raise Http404(_("Không có hội chợ này trong danh sách của cơ sở."))
    act = request.POST.get("act", "")
    form = FiguresForm(request.POST if request.method == "POST" and act not in (OPEN, CLOSE) else None, row=row)
    status = 200
    if request.method == "POST":
        status = _consented(request, row, act) if act in (OPEN, CLOSE) else _reported(request, row, form)
        if status == 302:  # noqa: PLR2004
            return redirect("own_fair", row.uuid)
    return render(request, "applicant/fair.html", _facts(row, form), status=status)


def _facts(row: Participation, form: FiguresForm) -> dict[str, Any]:
    on = today()
    return {
        "row": row,
        "fair": row.fair,
        "form": form,
        "has_begun": on >= row.fair.starts_on,
        "due": queries.due_on(row.fair),
        "is_late": row.revenue is None and on > queries.due_on(row.fair),
        "is_person": is_person(row.facility),
        "nav": "facility",
    }


def _reported(request: HttpRequest, row: Participation, form: FiguresForm) -> int:
    """302 when all went well, else the status of the page shown again."""
    if not form.is_valid():
        return WRONG
    try:
        services.report(participation=row, actor=request.user, now=timezone.now(), **form.facts())
    except Refusal as refusal:
        apply_refusal(form, refusal)
        return status_of(refusal)
    messages.success(request, _("Đã ghi số liệu của cơ sở tại hội chợ."))
    return 302


def _consented(request: HttpRequest, row: Participation, act: str) -> int:
    try:
        if act == OPEN:
            services.consent(participation=row, actor=request.user, now=timezone.now())
            said = _("Số liệu của cơ sở tại hội chợ này nay hiện công khai. Bạn thôi công khai được bất cứ lúc nào.")
        else:
            services.withdraw_consent(participation=row, actor=request.user)
            said = _("Số liệu của cơ sở tại hội chợ này không còn hiện riêng.")
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return status_of(refusal)
    messages.success(request, said)
    return 302
