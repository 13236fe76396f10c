"""Readers' letters at the desk: what waits, one letter and its acts."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from portal.accounts.staff_pages import for_staff
from portal.text.clock import today
from portal.text.errors import Refusal
from portal.text.inputs import apply_refusal

from . import inquiry_queries, inquiry_rules
from .enums import InquiryKind, InquiryState
from .inquiry_acts_forms import AnswerForm, HandOverForm, NoteForm
from .inquiry_states import FOR_MAKERS, OPEN, may_become
from .models import Inquiry
from .services import inquiries as services

ON_A_PAGE = 50
OK, WRONG, AGAINST = 200, 400, 409
S = InquiryState
WAITING = "cho"
STATES = (
    (WAITING, gettext_lazy("Chờ Sở xử lý")),
    (S.PASSED_ON.value, gettext_lazy("Ở cơ sở")),
    (S.ANSWERED.value, S.ANSWERED.label),
    (S.CLOSED.value, S.CLOSED.label),
    (S.REJECTED.value, S.REJECTED.label),
    ("tat-ca", gettext_lazy("Tất cả")),
)


@dataclass(frozen=True)
class Act:
    """One act on a letter: its form, what it does, and the words that say it is done."""

    form: Callable[..., Any]
    done: Any
    carry_out: Callable[[Inquiry, dict[str, Any], Any], Any]


ACTS: dict[str, Act] = {
    "tra-loi": Act(
        AnswerForm,
        gettext_lazy("Đã trả lời. Người gửi đọc được ở trang riêng, và qua thư nếu có ghi địa chỉ."),
        lambda row, given, user: services.answer_inquiry(
            inquiry=row, text=given["text"], actor=user, now=timezone.now()
        ),
    ),
    "chuyen": Act(
        NoteForm,
        gettext_lazy("Đã chuyển cho người đại diện cơ sở."),
        lambda row, _given, user: services.pass_to_maker(inquiry=row, actor=user, now=timezone.now()),
    ),
    "noi-khac": Act(
        HandOverForm,
        gettext_lazy("Đã chuyển sang nơi khác."),
        lambda row, given, user: services.hand_over(inquiry=row, territory=given["territory"], actor=user),
    ),
    "xong": Act(
        NoteForm,
        gettext_lazy("Đã đóng thư."),
        lambda row, given, user: services.close_inquiry(
            inquiry=row, note=given["note"], actor=user, now=timezone.now()
        ),
    ),
    "thu-rac": Act(
        NoteForm,
        gettext_lazy("Đã đánh dấu thư rác."),
        lambda row, _given, user: services.reject_inquiry(inquiry=row, actor=user, now=timezone.now()),
    ),
    "mo-lai": Act(
        NoteForm,
        gettext_lazy("Đã bỏ dấu thư rác."),
        lambda row, _given, user: services.restore_inquiry(inquiry=row, actor=user),
    ),
}


def urls(site: AdminSite) -> list[URLPattern]:
    """Addresses below the desk's own."""
    guarded = for_staff(site)
    return [
        path("thu-ban-doc/", guarded(board), name="inquiries"),
        path("thu-ban-doc/<uuid:uuid>/", guarded(one), name="inquiry"),
    ]


# --- the list -------------------------------------------------------------------------------------------------


@require_safe
def board(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Letters of the person's provinces, those that wait first. Four queries, however many letters."""
    on, state, kind = today(), request.GET.get("tinh-trang", WAITING), request.GET.get("loai", "")
    state = state if state in dict(STATES) else WAITING
    kind = kind if kind in InquiryKind else ""
    letters = Inquiry.objects.visible_to(request.user)
    chosen = _narrowed(letters.filter(kind=kind) if kind else letters, state, on)
    rows = inquiry_queries.waiting_first(chosen, on).select_related("product", "facility", "territory")
    page = Paginator(rows, ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        **site.each_context(request),
        "title": _("Thư của bạn đọc"),
        "state": state,
        "states": STATES,
        "kind": kind,
        "kinds": [("", _("Mọi loại")), *InquiryKind.choices],
        "counts": _counts(letters, on),
        "rows": [(row, inquiry_queries.due_day(row) if row.state in OPEN else None) for row in page.object_list],
        "today": on,
        "page": page,
    }
    return render(request, "admin/products/inquiries/list.html", context)


def _narrowed(letters: QuerySet[Inquiry], state: str, on: Any) -> QuerySet[Inquiry]:
    if state == WAITING:
        return letters.filter(inquiry_queries.waiting_for_staff(on))
    return letters.filter(state=state) if state in S else letters


def _counts(letters: QuerySet[Inquiry], on: Any) -> dict[str, int]:
    """One query."""
    return letters.order_by().aggregate(
        waiting=Count("pk", filter=inquiry_queries.waiting_for_staff(on)),
        with_makers=Count("pk", filter=Q(state=S.PASSED_ON)),
        answered=Count("pk", filter=Q(state=S.ANSWERED)),
        closed=Count("pk", filter=Q(state=S.CLOSED)),
        rejected=Count("pk", filter=Q(state=S.REJECTED)),
    )


# --- one letter -------------------------------------------------------------------------------------------------


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, site: AdminSite, uuid: UUID) -> HttpResponse:
    """One letter, who wrote it for who must answer, and what may be done with it."""
    rows = Inquiry.objects.visible_to(request.user).select_related("product", "facility__territory", "territory")
    letter = rows.filter(uuid=uuid).first()
    if letter is None:
        raise Http404
    may_handle = inquiry_rules.may_handle(request.user, letter)
    bound: dict[str, Any] = {}
    status = OK
    if request.method == "POST":
        if not may_handle:
            raise PermissionDenied(_("Chỉ cán bộ của nơi nhận thư xử lý thư này."))
        status = _act(request, letter, bound)
        if status == OK:
            return redirect("admin:inquiry", uuid)
    context = {**site.each_context(request), **_page(request, letter, may_handle, bound)}
    return render(request, "admin/products/inquiries/one.html", context, status=status)


def _act(request: HttpRequest, letter: Inquiry, bound: dict[str, Any]) -> int:
    """Carry out one act; a form with its errors goes into `bound`."""
    key = request.POST.get("act", "")
    act = ACTS.get(key)
    if act is None:
        messages.error(request, _("Không có việc này. Hãy tải lại trang."))
        return WRONG
    form = bound[key] = act.form(request.POST, prefix=key)
    if not form.is_valid():
        return WRONG
    try:
        act.carry_out(letter, form.cleaned_data, request.user)
    except Refusal as refusal:
        apply_refusal(form, refusal)
        if not refusal.field:
            messages.error(request, str(refusal))
        return WRONG if refusal.field else AGAINST
    messages.success(request, str(act.done))
    return OK


def _page(request: HttpRequest, letter: Inquiry, may_handle: bool, bound: dict[str, Any]) -> dict[str, Any]:
    on = today()
    speakers = inquiry_queries.speakers_of(letter.facility) if letter.kind in FOR_MAKERS else []
    return {
        "title": letter.get_kind_display(),
        "letter": letter,
        "is_for_maker": letter.kind in FOR_MAKERS,
        "speakers": len(speakers),
        "due": inquiry_queries.due_day(letter) if letter.state in OPEN else None,
        "is_overdue": inquiry_queries.is_overdue(letter, on=on),
        "today": on,
        "may_handle": may_handle,
        "sees_sender": inquiry_rules.sees_sender(request.user, letter, on=on),
        "by_maker": inquiry_queries.answered_by_maker(letter),
        "mend": _place_to_mend(letter),
        "offered": _offered(letter, speakers) if may_handle else set(),
        "forms": {key.replace("-", "_"): bound.get(key) or act.form(prefix=key) for key, act in ACTS.items()},
    }


def _offered(letter: Inquiry, speakers: list[Any]) -> set[str]:
    """The acts that the letter's state allows."""
    found = set()
    if letter.erased_at is None:
        found |= {"tra-loi"} if may_become(letter.state, S.ANSWERED) else set()
        found |= {"chuyen"} if speakers and may_become(letter.state, S.PASSED_ON) else set()
        found |= {"mo-lai"} if letter.state == S.REJECTED else set()
    found |= {"xong"} if may_become(letter.state, S.CLOSED) else set()
    found |= {"thu-rac"} if may_become(letter.state, S.REJECTED) else set()
    found |= {"noi-khac"} if letter.kind == InquiryKind.CONTACT and letter.state == S.NEW else set()
    return found


def _place_to_mend(letter: Inquiry) -> str:
    """The desk's page of the product that a report of an error is about."""
    if letter.kind != InquiryKind.ERROR or letter.product_id is None:
        return ""
    return reverse("admin:products_product_change", args=[letter.product_id])
