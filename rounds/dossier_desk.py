"""The one-screen page of a dossier: facility, product, papers, what is missing, and every act."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.files.responses import EXTENSIONS, serve
from portal.files.services import EVERYTHING, store
from portal.files.sniffing import Kind
from portal.text.errors import Refusal
from products.models import Product

from . import queries, rules
from .completeness import PHOTOS, Requirement, is_complete, missing_sentences
from .desk import context, log_of, posted_or_back, status_of
from .enums import DossierState, RoundState
from .forms import (
    AdmitForm,
    DocumentForm,
    FixForm,
    ReasonForm,
    ReceivedForm,
    ResubmitForm,
    StatementForm,
    SubmitForm,
    SupplementForm,
    apply_refusal,
)
from .models import Dossier, DossierDocument
from .services import dossiers
from .states import BEFORE_SEAL, CHECKING, DECIDED

D = DossierState
R = RoundState
PICTURES: frozenset[Kind] = frozenset({"image"})
OPEN_FOR_PAPERS = (D.DRAFT, D.SUBMITTED, D.NEEDS_SUPPLEMENT)


def dossier_or_404(request: HttpRequest, pk: int) -> Dossier:
    found = queries.desk_dossiers(request.user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@dataclass(frozen=True)
class Act:
    """One act on a dossier: its form, its button, when it stands on the page, how it is done."""

    form: type[forms.Form]
    words: Any
    done: Any
    run: Callable[[HttpRequest, Dossier, dict[str, Any]], object]
    when: Callable[[Dossier], bool]
    rule: rules.Rule = rules.may_check
    quiet: bool = False
    hint: Any = ""
    initial: Callable[[Dossier], dict[str, Any]] = field(default=lambda _dossier: {})


def _document(dossier: Dossier, pk: int) -> DossierDocument:
    found = dossier.documents.filter(pk=pk).first()
    if found is None:
        raise Refusal("document_unknown", _("Hồ sơ không có giấy tờ này. Hãy tải lại trang."))
    return found


def _add_document(request: HttpRequest, dossier: Dossier, data: dict[str, Any]) -> object:
    facts = dict(data)
    upload = facts.pop("file")
    allow = PICTURES if facts["kind"] in PHOTOS else EVERYTHING
    stored = store(upload, allow=allow, field="file") if upload else None
    return dossiers.add_document(dossier=dossier, actor=request.user, file=stored, **facts)


def _mark_fix(request: HttpRequest, dossier: Dossier, data: dict[str, Any]) -> object:
    document = _document(dossier, data["document"])
    return dossiers.mark_needs_fix(document=document, remark=data["remark"], actor=request.user)


def _mark_received(request: HttpRequest, dossier: Dossier, data: dict[str, Any]) -> object:
    return dossiers.mark_received(document=_document(dossier, data["document"]), actor=request.user)


def _timed(service: Callable[..., object]) -> Callable[[HttpRequest, Dossier, dict[str, Any]], object]:
    def run(request: HttpRequest, dossier: Dossier, data: dict[str, Any]) -> object:
        return service(dossier=dossier, actor=request.user, now=timezone.now(), **data)

    return run


def _request_words(dossier: Dossier) -> dict[str, Any]:
    rows = queries.checklist(dossier, on=timezone.localdate())
    until = timezone.localtime(dossier.supplement_until) if dossier.supplement_until else None
    return {"request": dossier.supplement_request or "\n".join(missing_sentences(rows)), "until": until}


def _being_checked(dossier: Dossier) -> bool:
    return dossier.state == D.SUBMITTED and dossier.round.state in CHECKING


def _supplementing(dossier: Dossier) -> bool:
    return dossier.state == D.NEEDS_SUPPLEMENT and dossier.round.state in CHECKING


def _may_be_refused(dossier: Dossier) -> bool:
    return dossier.state in (D.SUBMITTED, D.NEEDS_SUPPLEMENT, D.ELIGIBLE) and dossier.round.state in BEFORE_SEAL


def _may_be_withdrawn(dossier: Dossier) -> bool:
    return dossier.state not in (D.NOT_ELIGIBLE, D.WITHDRAWN) and dossier.round.state in BEFORE_SEAL


def _takes_papers(dossier: Dossier) -> bool:
    return dossier.state in OPEN_FOR_PAPERS and dossier.round.state in CHECKING


ACTS: dict[str, Act] = {
    "submit": Act(
        SubmitForm,
        gettext_lazy("Nộp hồ sơ"),
        gettext_lazy("Đã nộp hồ sơ, số %(code)s."),
        _timed(dossiers.submit),
        lambda d: d.state == D.DRAFT,
        rules.may_receive,
        initial=lambda d: {"received_on": d.received_on},
    ),
    "admit": Act(
        AdmitForm,
        gettext_lazy("Kết luận đủ điều kiện"),
        gettext_lazy("Hồ sơ %(code)s đủ điều kiện, sẽ được chuyển Ban Giám khảo."),
        _timed(dossiers.admit),
        _being_checked,
        initial=lambda d: {"area_reason": d.area_reason, "remark": d.support_remark},
    ),
    "resubmit": Act(
        ResubmitForm,
        gettext_lazy("Nhận lại hồ sơ đã bổ sung"),
        gettext_lazy("Hồ sơ %(code)s đã nộp lại."),
        _timed(dossiers.resubmit),
        _supplementing,
        hint=gettext_lazy("Bấm khi cơ sở đã gửi đủ giấy tờ cần bổ sung."),
    ),
    "request_supplement": Act(
        SupplementForm,
        gettext_lazy("Thông báo bổ sung hồ sơ"),
        gettext_lazy("Đã ghi thông báo bổ sung hồ sơ %(code)s."),
        _timed(dossiers.request_supplement),
        lambda d: _being_checked(d) or _supplementing(d),
        quiet=True,
        initial=_request_words,
    ),
    "reject": Act(
        ReasonForm,
        gettext_lazy("Kết luận không đủ điều kiện"),
        gettext_lazy("Hồ sơ %(code)s không đủ điều kiện."),
        _timed(dossiers.reject),
        _may_be_refused,
        quiet=True,
    ),
    "withdraw": Act(
        ReasonForm,
        gettext_lazy("Ghi cơ sở rút hồ sơ"),
        gettext_lazy("Đã ghi cơ sở rút hồ sơ %(code)s."),
        _timed(dossiers.withdraw),
        _may_be_withdrawn,
        rules.may_receive,
        quiet=True,
    ),
    "add_document": Act(
        DocumentForm, gettext_lazy("Thêm giấy tờ"), gettext_lazy("Đã nhận giấy tờ."), _add_document, _takes_papers
    ),
    "needs_fix": Act(
        FixForm, gettext_lazy("Đánh dấu cần sửa"), gettext_lazy("Đã đánh dấu cần sửa."), _mark_fix, _takes_papers
    ),
    "received": Act(
        ReceivedForm,
        gettext_lazy("Xác nhận đủ"),
        gettext_lazy("Đã xác nhận giấy tờ đủ."),
        _mark_received,
        _takes_papers,
    ),
    "update": Act(
        StatementForm,
        gettext_lazy("Lưu nội dung"),
        gettext_lazy("Đã lưu nội dung hồ sơ."),
        lambda request, dossier, data: dossiers.update_dossier(dossier=dossier, actor=request.user, **data),
        lambda d: d.state in OPEN_FOR_PAPERS,
        initial=lambda d: {"statement": d.statement, "first_time": d.first_time, "booth": d.booth},
    ),
}
MAIN_ACTS = ("submit", "admit", "resubmit", "request_supplement", "reject", "withdraw")


@dataclass(frozen=True)
class PaperRow:
    """A required paper with the copies there are."""

    requirement: Requirement
    documents: list[DossierDocument]
    from_register: Any

    @property
    def document(self) -> DossierDocument | None:
        return self.documents[-1] if self.documents else None

    @property
    def file_words(self) -> str:
        """What kind of file it is, as people say it."""
        if self.document is None or self.document.file is None:
            return _("bản giấy") if self.document else ""
        if self.document.file.is_image:
            return _("ảnh")
        return EXTENSIONS.get(self.document.file.content_type, ".").lstrip(".").upper() or _("tệp")


def paper_rows(dossier: Dossier) -> list[PaperRow]:
    """The required papers in the circular's order. No query on a dossier read for the desk."""
    on = timezone.localdate()
    recognition = queries.lower_certificate(dossier, on=on)
    held = list(dossier.documents.all())
    return [
        PaperRow(
            requirement=row,
            documents=[document for document in held if document.kind == row.kind],
            from_register=recognition if row.kind == "lower_certificate" else None,
        )
        for row in queries.checklist(dossier, on=on)
    ]


def show(
    request: HttpRequest,
    site: AdminSite,
    dossier: Dossier,
    *,
    bound: tuple[str, forms.Form] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page. About ten queries, however many papers."""
    rows = paper_rows(dossier)
    requirements = [row.requirement for row in rows]
    required = {row.requirement.kind for row in rows}
    page = context(
        site,
        request,
        Dossier,
        title=dossier.product.name,
        dossier=dossier,
        round=dossier.round,
        road=road(dossier),
        rows=rows,
        done=sum(row.ok for row in requirements),
        to_fix=sum(row.present and row.needs_fix for row in requirements),
        missing=sum(not row.present for row in requirements),
        is_complete=is_complete(requirements),
        sentences=missing_sentences(requirements),
        others=[document for document in dossier.documents.all() if document.kind not in required],
        photos=[document for document in dossier.documents.all() if document.kind in PHOTOS and document.file],
        acts=[act for name in MAIN_ACTS if (act := _offered(request, dossier, name, bound))],
        paper_form=_paper_form(request, dossier, bound),
        text_act=_offered(request, dossier, "update", bound),
        fix=bound[1] if bound is not None and bound[0] == "needs_fix" else None,
        takes_papers=_takes_papers(dossier) and rules.may_check(request.user, dossier.round),
        records=log_of(dossier),
        opens_register=site.get_model_admin(Product).has_view_permission(request),
    )
    return render(request, "admin/rounds/dossier.html", page, status=status)


def _offered(
    request: HttpRequest, dossier: Dossier, name: str, bound: tuple[str, forms.Form] | None
) -> dict[str, Any] | None:
    """An act as the page shows it, or None where it does not apply or is not this person's."""
    act = ACTS[name]
    if not act.when(dossier) or not act.rule(request.user, dossier.round):
        return None
    form = bound[1] if bound is not None and bound[0] == name else act.form(prefix=name, initial=act.initial(dossier))
    return {
        "name": name,
        "words": act.words,
        "form": form,
        "quiet": act.quiet,
        "hint": act.hint,
        "blocked": name == "admit" and not is_complete(queries.checklist(dossier, on=timezone.localdate())),
    }


def _paper_form(request: HttpRequest, dossier: Dossier, bound: tuple[str, forms.Form] | None) -> dict[str, Any] | None:
    offered = _offered(request, dossier, "add_document", bound)
    asked = request.GET.get("giay-to", "")
    if offered and asked and bound is None:
        offered["form"] = DocumentForm(prefix="add_document", initial={"kind": asked})
    return offered


def road(dossier: Dossier) -> list[dict[str, Any]]:
    """Nộp → Kiểm tra → Chấm → Hội đồng → Dự kiến công nhận → Quyết định, as done, now or later."""
    now = _place(dossier)
    labels = [
        (_("Nộp"), dossier.submitted_at),
        (_("Kiểm tra"), dossier.supplement_until),
        (_("Chấm"), dossier.round.scoring_until),
        (_("Hội đồng"), None),
        (_("Dự kiến công nhận"), None),
        (_("Quyết định"), None),
    ]
    return [
        {"label": label, "when": when if place <= now else None, "is_done": place < now, "is_now": place == now}
        for place, (label, when) in enumerate(labels)
    ]


def _place(dossier: Dossier) -> int:
    state = dossier.round.state
    if dossier.state == D.DRAFT:
        return 0
    if dossier.state != D.ELIGIBLE or state in CHECKING:
        return 1
    if state in DECIDED:
        return 5
    return {R.SCORING: 2, R.DELIBERATION: 3, R.PROVISIONAL: 4, R.SUBMITTED: 4}.get(R(state), 1)


@posted_or_back("admin:rounds_dossier_change")
def act(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    """POST of one act; refused, the page comes back with the reasons and everything typed."""
    dossier = dossier_or_404(request, pk)
    name = request.POST.get("act", "")
    if name not in ACTS:
        messages.error(request, _("Không có việc này. Hãy chọn lại một việc trên trang."))
        return show(request, site, dossier, status=400)
    chosen = ACTS[name]
    form = chosen.form(request.POST, request.FILES, prefix=name)
    if not form.is_valid():
        _say_where_unseen(request, dossier, name, form)
        return show(request, site, dossier, bound=(name, form), status=400)
    if request.POST.get("seen", dossier.state) != dossier.state:
        messages.error(request, _moved_on(dossier))
        return show(request, site, dossier, bound=(name, form), status=409)
    try:
        with transaction.atomic():
            chosen.run(request, dossier, form.cleaned_data)
    except Refusal as refusal:
        apply_refusal(form, refusal)
        if name not in (*MAIN_ACTS, "add_document", "update") or not chosen.when(dossier):
            messages.error(request, str(refusal.sentence))
        return show(request, site, dossier, bound=(name, form), status=status_of(refusal))
    dossier.refresh_from_db(fields=["entry_code"])
    messages.success(request, str(chosen.done) % {"code": dossier.entry_code})
    return redirect("admin:rounds_dossier_change", pk)


def _say_where_unseen(request: HttpRequest, dossier: Dossier, name: str, form: forms.Form) -> None:
    """Errors whose form is not on the page now, or at inputs nobody sees, are said above it."""
    stands = _offered(request, dossier, name, None) is not None
    unseen = [name for name in form.errors if not stands or name == "document"]
    for sentence in dict.fromkeys(str(error) for name in unseen for error in form.errors[name]):
        messages.error(request, sentence)


def _moved_on(dossier: Dossier) -> str:
    """Two people work on one dossier: what the second saw is no longer so."""
    return _("Hồ sơ đã chuyển sang “%(state)s” từ khi bạn mở trang. Hãy xem lại rồi làm tiếp nếu vẫn cần.") % {
        "state": dossier.get_state_display()
    }


def document_file(request: HttpRequest, pk: int, document_pk: int) -> HttpResponseBase:
    """One paper of a dossier the person may see."""
    dossier = dossier_or_404(request, pk)
    document = dossier.documents.select_related("file").filter(pk=document_pk, file__isnull=False).first()
    if document is None or document.file is None:
        raise Http404
    name = f"ho-so-{dossier.entry_code or dossier.pk}-{document.kind}"
    return serve(document.file, filename=name, inline=True, request=request)
