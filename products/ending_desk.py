"""The desk's pages of what pauses or ends a recognition: each act says beforehand what follows from it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _

from facilities.enums import FacilityKind
from portal.text.clock import today
from portal.text.formats import day

from . import rules
from .as_of import facts_of
from .ending_forms import FORMS, ActForm, AnswerForm
from .enums import Stage, WithdrawalState
from .models import Recognition, WithdrawalRequest
from .permits import LEVEL_ABOVE, Permit, may_enter_above, may_print
from .trace import TraceLine, trace_of
from .validity import suspension_on


@dataclass(frozen=True)
class Act:
    """One act the person may carry out now: its address, its name, and what follows from it."""

    key: str
    words: str
    done: str
    consequences: tuple[str, ...]


@dataclass(frozen=True)
class Life:
    """What the page of a recognition shows below its fields."""

    trace: list[TraceLine]
    acts: list[tuple[Act, str]]
    requests: list[WithdrawalRequest]
    permits: list[Permit]
    refusal: str


def life_of(user: Any, row: Recognition) -> Life:
    """The trace, what may be done, what waits for an answer. Seven queries."""
    requests = list(
        WithdrawalRequest.objects.filter(recognition=row, state=WithdrawalState.ASKED).select_related("asked_by")
    )
    may = rules.may_end(user, row)
    acts = [(act, reverse("admin:products_recognition_act", args=[row.pk, act.key])) for act in offered(row)]
    if row.stage == Stage.PROPOSED:
        return Life([], [], [], [], "")
    facts = facts_of(row)
    permits = [may_print(facts, today())]
    if row.level in LEVEL_ABOVE:
        permits.append(may_enter_above(facts, row.level, today()))
    refusal = "" if may or not acts else rules.not_your_level()
    return Life(trace_of(row), acts if may else [], requests if may else [], permits, refusal)


def offered(row: Recognition) -> list[Act]:
    """The acts that make sense as the recognition stands."""
    if row.stage == Stage.PROPOSED or row.revoked_on or row.withdrawn_on:
        return []
    paused = suspension_on(row.facts(), today()) or (
        (row.suspended_from, row.suspended_to) if row.suspended_from and row.suspended_from > today() else None
    )
    keys = ["khoi-phuc", *(["keo-dai"] if paused[1] else [])] if paused else ["tam-dung"]
    return [act_of(key, row) for key in [*keys, "rut", "thu-hoi"]]


def act_of(key: str, row: Recognition) -> Act:
    words, done = {
        "tam-dung": (_("Tạm dừng"), _("Đã ghi tạm dừng.")),
        "keo-dai": (_("Kéo dài tạm dừng"), _("Đã kéo dài tạm dừng.")),
        "khoi-phuc": (_("Khôi phục"), _("Đã khôi phục công nhận.")),
        "rut": (_("Ghi cơ sở xin rút"), _("Đã ghi cơ sở xin rút.")),
        "thu-hoi": (_("Thu hồi"), _("Đã thu hồi công nhận.")),
    }[key]
    return Act(key, words, done, tuple(consequences(key, row)))


def consequences(key: str, row: Recognition) -> list[str]:
    """What follows from an act, said before it is carried out."""
    if key in {"tam-dung", "keo-dai"}:
        return [
            _("Trong thời gian tạm dừng: tra cứu trả lời “đang tạm dừng” kèm căn cứ và lý do."),
            _("Cơ sở không in biểu trưng trên bao bì mới, không đăng ký cấp trên."),
            _("Ngày hết hiệu lực không đổi. Khôi phục được."),
        ]
    if key == "khoi-phuc":
        return [
            _("Từ ngày khôi phục: tra cứu trả lời như trước khi tạm dừng, cơ sở lại in được biểu trưng."),
            _("Khôi phục từ chính ngày bắt đầu thì lần tạm dừng coi như chưa có; diễn biến vẫn giữ cả hai việc."),
        ]
    after = [
        _("Sau khi ghi: tra cứu trả lời “đã xin rút” từ ngày đó, kèm lý do.")
        if key == "rut"
        else _("Sau khi thu hồi: tra cứu trả lời “đã thu hồi” từ ngày đó, kèm lý do, quyết định và văn bản đề nghị."),
        _("Cơ sở không in biểu trưng, không đăng ký cấp trên, không tải bộ biểu trưng; thư nhắc gia hạn thôi gửi."),
    ]
    maker = row.product.facility
    if key == "thu-hoi" and maker and maker.kind == FacilityKind.HOUSEHOLD and row.expires_on:
        after.append(
            _("Cơ sở là hộ kinh doanh: công nhận này thôi hiện công khai sau %(day)s, hết thời hạn ban đầu.")
            % {"day": day(row.expires_on)}
        )
    after.append(_("Không khôi phục được."))
    return after


def urls(site: AdminSite) -> list[Any]:
    def at(route: str, view: Any, name: str) -> Any:
        def seen(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            return view(request, site, **kwargs)

        return path(route, site.admin_view(seen), name=name)

    return [
        at("<int:pk>/viec/<str:key>/", act_page, "products_recognition_act"),
        at("<int:pk>/xin-rut/<uuid:request_uuid>/", answer_page, "products_recognition_answer"),
    ]


def act_page(request: HttpRequest, site: AdminSite, *, pk: int, key: str) -> HttpResponse:
    """One act: what follows from it, what it needs, then done."""
    row = _row(request, pk)
    make = FORMS.get(key)
    if make is None:
        raise Http404
    if key not in {act.key for act in offered(row)}:
        messages.error(
            request, _("Việc này không còn làm được với công nhận như đang ghi. Hãy xem diễn biến bên dưới.")
        )
        return redirect("admin:products_recognition_change", pk)
    act = act_of(key, row)
    form = make(*_sent(request), recognition=row, user=request.user)
    return _answered(request, site, act, form)


def answer_page(request: HttpRequest, site: AdminSite, *, pk: int, request_uuid: UUID) -> HttpResponse:
    """The maker's request to give the recognition back, and the officer's word on it."""
    row = _row(request, pk)
    asked = get_object_or_404(WithdrawalRequest.objects.select_related("asked_by"), uuid=request_uuid, recognition=row)
    if asked.state != WithdrawalState.ASKED:
        messages.error(request, _("Đề nghị rút này đã được trả lời."))
        return redirect("admin:products_recognition_change", pk)
    asked.recognition = row
    act = Act("xin-rut", _("Trả lời đề nghị rút"), _("Đã trả lời đề nghị rút."), tuple(consequences("rut", row)))
    form = AnswerForm(*_sent(request), request=asked, user=request.user)
    return _answered(request, site, act, form, asked=asked)


def _sent(request: HttpRequest) -> tuple[Any, Any]:
    """What was posted; an empty form was posted too."""
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


def _answered(request: HttpRequest, site: AdminSite, act: Act, form: ActForm, **extra: Any) -> HttpResponse:
    row = form.recognition
    if form.is_bound and form.is_valid() and form.carry_out():
        messages.success(request, act.done)
        return redirect("admin:products_recognition_change", row.pk)
    context = {
        **site.each_context(request),
        "opts": Recognition._meta,
        "has_view_permission": True,
        "title": act.words,
        "row": row,
        "act": act,
        "form": form,
        **extra,
    }
    return render(request, "admin/products/act.html", context, status=400 if form.is_bound else 200)


def _row(request: HttpRequest, pk: int) -> Recognition:
    """A recognition the person reaches and may end; out of reach it does not exist."""
    visible = Recognition.objects.visible_to(request.user).select_related("product__facility", "territory", "decision")
    row = get_object_or_404(visible, pk=pk)
    if not rules.may_end(request.user, row):
        raise PermissionDenied(rules.not_your_level())
    return row
