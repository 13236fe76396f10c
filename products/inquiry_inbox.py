"""The maker's own pages of what readers ask: a list, one letter, the answer."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from portal.text.clock import today
from portal.text.errors import Refusal

from . import inquiry_queries
from .enums import InquiryState
from .inquiry_acts_forms import AnswerForm
from .models import Inquiry
from .services import inquiries as services

ON_A_PAGE = 20
DONE, WRONG, AGAINST = 302, 400, 409


@never_cache
@login_required
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """Letters to the facilities the person speaks for. Three queries, however many letters."""
    page = Paginator(inquiry_queries.inbox(request.user), ON_A_PAGE).get_page(request.GET.get("page"))
    rows = [(row, inquiry_queries.due_day(row) if row.state == InquiryState.PASSED_ON else None) for row in page]
    context = {"page": page, "rows": rows, "today": today(), "nav": "facility"}
    return render(request, "inquiries/inbox.html", context)


@never_cache
@login_required
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def letter(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One letter with the sender's address; answered here, or noted as talked over elsewhere."""
    row = inquiry_queries.inbox(request.user).filter(uuid=uuid).first()
    if row is None:
        raise Http404
    waits = row.state == InquiryState.PASSED_ON
    form = AnswerForm(request.POST if request.POST.get("act") == "tra-loi" else None)
    status = 200
    if request.method == "POST":
        status = _act(request, row, form)
        if status == DONE:
            gone = request.POST.get("act") == "thu-rac"
            return redirect("own_letters") if gone else redirect("own_letter", uuid)
    context = {
        "letter": row,
        "waits": waits,
        "due": inquiry_queries.due_day(row) if waits else None,
        "today": today(),
        "by_maker": inquiry_queries.answered_by_maker(row),
        "form": form,
        "nav": "facility",
    }
    return render(request, "inquiries/own_letter.html", context, status=status)


def _act(request: HttpRequest, row: Inquiry, form: AnswerForm) -> int:
    """Carry out one act of the maker."""
    facts: dict[str, Any] = {"inquiry": row, "actor": request.user, "now": timezone.now()}
    try:
        if form.is_bound:
            if not form.is_valid():
                return WRONG
            services.answer_inquiry(**facts, text=form.cleaned_data["text"])
            messages.success(request, _("Đã gửi trả lời."))
        elif request.POST.get("act") == "ngoai-cong":
            with translation.override(row.language):
                note = _("Cơ sở ghi là hai bên đã trao đổi ngoài cổng.")
            services.close_inquiry(**facts, note=note)
            messages.success(request, _("Đã ghi là hai bên đã trao đổi."))
        elif request.POST.get("act") == "thu-rac":
            services.reject_inquiry(**facts)
            messages.success(request, _("Đã bỏ thư này."))
        else:
            return WRONG
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return AGAINST
    return DONE
