"""The steps of a dossier, one short page each: product, statement, photos, papers, check, handing in. Thin views.

Every step is a plain form. With script it is saved on every change too (`X-Autosave`), answered in JSON. A page
carries the dossier's version tag; what was saved from another phone meanwhile is answered 409 with everything typed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from facilities.models import Facility
from facilities.representing import represented
from portal.accounts.queries import staff_reach
from portal.files.services import EVERYTHING, store
from portal.files.sniffing import Kind
from portal.text.errors import Refusal
from portal.text.inputs import OK, apply_refusal, attempt, key_of, picked, status_of
from products.models import Product

from . import queries, renewing, rules
from .applicant import STEP_NAMES, own_or_404
from .applicant_forms import (
    EXTRA_KINDS,
    ChoiceForm,
    HandInForm,
    PaperForm,
    ProductFactsForm,
    StatementForm,
)
from .applicant_needs import (
    ANNOUNCED,
    CHECK,
    HAND_IN,
    PAPERS,
    PICTURES,
    PRODUCT,
    STATEMENT,
    WRITTEN_HERE,
    Need,
)
from .completeness import PHOTOS, Requirement, photo_remark
from .enums import Addressee, DocumentKind, DossierState
from .models import Dossier, DossierDocument, Round
from .services import applying, papers

D = DossierState
IMAGES: frozenset[Kind] = frozenset({"image"})
LABELS = {
    PRODUCT: gettext_lazy("Sản phẩm"),
    STATEMENT: gettext_lazy("Thuyết minh"),
    PICTURES: gettext_lazy("Ảnh"),
    PAPERS: gettext_lazy("Giấy tờ"),
    CHECK: gettext_lazy("Kiểm tra"),
    HAND_IN: gettext_lazy("Nộp"),
}
STEPS = tuple(LABELS)
ANGLE_HINTS = {
    DocumentKind.PHOTO_FRONT: gettext_lazy("Mặt trước của sản phẩm, thấy rõ nhãn."),
    DocumentKind.PHOTO_SIDE: gettext_lazy("Xoay sản phẩm một phần tư vòng."),
    DocumentKind.PHOTO_TOP: gettext_lazy("Giơ máy thẳng phía trên nhìn xuống."),
}

View = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Step:
    """One step as the bar over the page shows it."""

    slug: str
    label: Any
    number: int
    url: str
    is_now: bool
    open_needs: int

    @property
    def is_done(self) -> bool:
        """Whether nothing is open there; checking and handing in are never done beforehand."""
        return not self.open_needs and self.slug not in (CHECK, HAND_IN)


def is_autosave(request: HttpRequest) -> bool:
    return request.headers.get("X-Autosave") == "1"


def revision_of(request: HttpRequest) -> int | None:
    """The version tag the page carried; a page without a readable one is not compared."""
    return key_of(request.POST.get("revision", ""))


def step_page(view: View) -> View:
    """An own dossier that may be filled now; once handed in, its steps lead to its state."""

    @wraps(view)
    def inner(request: HttpRequest, uuid: UUID, **more: Any) -> HttpResponse:
        dossier = own_or_404(request, uuid)
        if rules.may_fill(request.user, dossier):
            return view(request, dossier, **more)
        if is_autosave(request):
            return _said(Refusal("not_allowed", rules.may_fill.sentence), dossier, status=409)
        if request.method == "POST":
            messages.error(request, _("Hồ sơ đã nộp nên không sửa được. Trang này cho biết hồ sơ đang ở đâu."))
        return redirect("my_dossier", uuid)

    return never_cache(login_required(require_http_methods(["GET", "HEAD", "POST"])(inner)))


def bar(dossier: Dossier, now_at: str, needs: tuple[Need, ...]) -> list[Step]:
    return [
        Step(
            slug=slug,
            label=label,
            number=number,
            url=reverse(f"applicant_{STEP_NAMES[slug]}", args=[dossier.uuid]),
            is_now=slug == now_at,
            open_needs=sum(need.blocks and need.step == slug for need in needs),
        )
        for number, (slug, label) in enumerate(LABELS.items(), start=1)
    ]


def show(request: HttpRequest, dossier: Dossier, step: str, status: int = 200, **extra: Any) -> HttpResponse:
    """A step's page. About a dozen queries, five more beside an earlier dossier, however many papers."""
    needs = applying.needs_of(dossier, on=timezone.localdate())
    place = STEPS.index(step)
    steps = bar(dossier, step, needs)
    context = {
        "dossier": dossier,
        "step": steps[place],
        "steps": steps,
        "before": steps[place - 1] if place else None,
        "after": steps[place + 1] if place + 1 < len(steps) else None,
        "needs": needs,
        "blocking": [need for need in needs if need.blocks],
        "is_supplement": dossier.state == D.NEEDS_SUPPLEMENT,
        "comparison": renewing.comparison(dossier),
        "nav": "dossier",
        **extra,
    }
    return render(request, f"applicant/step_{STEP_NAMES[step]}.html", context, status=status)


def _said(refusal: Refusal, dossier: Dossier, *, status: int) -> JsonResponse:
    current = Dossier.objects.filter(pk=dossier.pk).values_list("revision", flat=True).first()
    body = {
        "code": refusal.code,
        "sentence": str(refusal.sentence),
        "details": [str(detail) for detail in refusal.details],
        "revision": current,
    }
    return JsonResponse(body, status=status)


def _kept(dossier: Dossier) -> JsonResponse:
    """What an autosave is answered: the new version tag and the words of the save line."""
    said = timezone.localtime(timezone.now())
    return JsonResponse(
        {"revision": dossier.revision, "words": _("Đã lưu lúc %(time)s") % {"time": f"{said.hour}:{said:%M}"}}
    )


def _refused(
    request: HttpRequest, dossier: Dossier, step: str, form: forms.BaseForm, refusal: Refusal, **extra: Any
) -> HttpResponse:
    """The page again with everything typed; it carries the version tag that stands now."""
    status = status_of(refusal)
    if is_autosave(request):
        return _said(refusal, dossier, status=status)
    apply_refusal(form, refusal)
    dossier.refresh_from_db(fields=["revision"])
    return show(request, dossier, step, status=status, form=form, **extra)


def _onward(request: HttpRequest, dossier: Dossier, step: str) -> HttpResponse:
    """After the plain button: the next step, or the same page when only saving was asked."""
    following = step if request.POST.get("next") == "stay" else STEPS[STEPS.index(step) + 1]
    return redirect(f"applicant_{STEP_NAMES[following]}", dossier.uuid)


# --- 1 product ----------------------------------------------------------------------------------------------


def facility_to_file_for(request: HttpRequest, uuid: UUID) -> Facility:
    """A facility the person represents, or one of the officer's commune; any other does not exist."""
    mine = represented(request.user).filter(uuid=uuid).first()
    if mine is not None:
        return mine
    return get_object_or_404(Facility, uuid=uuid, commune__in=staff_reach(request.user).commune_ids, merged_into=None)


def _choices(facility: Facility, round_: Round, keep: Product | None = None) -> list[Product]:
    """The facility's products without a dossier in the round."""
    entered = Dossier.objects.filter(round=round_).exclude(product=keep).values("product")
    return list(
        Product.objects.filter(facility=facility, merged_into=None).exclude(pk__in=entered).order_by("sort_key", "pk")
    )


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest, round_slug: str, facility_uuid: UUID) -> HttpResponse:
    """Step 1 of a dossier that is not there yet: which product enters the round."""
    round_ = get_object_or_404(Round.objects.public().select_related("territory"), slug=round_slug)
    facility = facility_to_file_for(request, facility_uuid)
    is_commune = not rules.represents(request.user, facility.pk)
    form = ChoiceForm(request.POST if request.method == "POST" else None, products=_choices(facility, round_))
    context = {"round": round_, "facility": facility, "form": form, "is_commune": is_commune, "nav": "dossier"}
    context["is_open"] = round_.receiving_open(timezone.now())
    status = OK
    if request.method == "POST":
        dossier, status = attempt(form, lambda form: _start(request, round_, facility, form))
        if dossier:
            return redirect("applicant_statement", dossier.uuid)
    return render(request, "applicant/start.html", context, status=status)


@transaction.atomic
def _start(request: HttpRequest, round_: Round, facility: Facility, form: ChoiceForm) -> Dossier:
    upload = request.FILES.get("authorisation")
    return applying.start(
        round_=round_,
        facility=facility,
        actor=request.user,
        now=timezone.now(),
        product=form.chosen(),
        new=form.new(),
        authorisation=store(upload, field="authorisation") if upload else None,
        authorised_on_paper="on_paper" in request.POST,
    )


@step_page
def product(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    """The product's facts, or, before the first handing in, another product."""
    facility = dossier.product.facility
    if facility is None:
        raise Http404
    may_change = applying.may_change_product(dossier)
    may_choose = dossier.version == 0 and dossier.state == D.DRAFT
    extra: dict[str, Any] = {"may_change": may_change, "may_choose": may_choose}
    if request.method == "POST" and request.POST.get("act") == "choose":
        return _choose(request, dossier, facility, extra)
    form = ProductFactsForm(request.POST or None, initial=ProductFactsForm.initial_of(dossier))
    if may_choose:
        extra["choice"] = ChoiceForm(
            products=_choices(facility, dossier.round, dossier.product), initial={"product": str(dossier.product.uuid)}
        )
    if request.method != "POST":
        return show(request, dossier, PRODUCT, form=form, **extra)
    if not form.is_valid():
        return _invalid(request, dossier, PRODUCT, form, **extra)
    try:
        kept = applying.change_product(
            dossier=dossier, facts=form.facts(), actor=request.user, revision=revision_of(request)
        )
    except Refusal as refusal:
        return _refused(request, dossier, PRODUCT, form, refusal, **extra)
    if is_autosave(request):
        kept.refresh_from_db(fields=["revision"])
        return _kept(kept)
    return _onward(request, dossier, PRODUCT)


def _choose(request: HttpRequest, dossier: Dossier, facility: Facility, extra: dict[str, Any]) -> HttpResponse:
    choice = ChoiceForm(request.POST, products=_choices(facility, dossier.round, dossier.product))
    form = ProductFactsForm(initial=ProductFactsForm.initial_of(dossier))
    _chosen, status = attempt(
        choice,
        lambda choice: applying.choose_product(
            dossier=dossier,
            product=choice.chosen(),
            new=choice.new(),
            actor=request.user,
            revision=revision_of(request),
        ),
    )
    if status != OK:
        return show(request, dossier, PRODUCT, status=status, form=form, choice=choice, **extra)
    return redirect("applicant_product", dossier.uuid)


def _invalid(request: HttpRequest, dossier: Dossier, step: str, form: forms.BaseForm, **extra: Any) -> HttpResponse:
    if is_autosave(request):
        sentence = next(iter(form.errors.values()))[0]
        return _said(Refusal("invalid", sentence), dossier, status=400)
    return show(request, dossier, step, status=400, form=form, **extra)


# --- 2 statement --------------------------------------------------------------------------------------------


@step_page
def statement(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    """The product statement in four parts, each with its questions."""
    if request.method != "POST":
        return show(request, dossier, STATEMENT, form=StatementForm(instance=dossier))
    form = StatementForm(request.POST, instance=dossier)
    if not form.is_valid():
        return _invalid(request, dossier, STATEMENT, form)
    try:
        kept = applying.save_statement(
            dossier=dossier, actor=request.user, revision=revision_of(request), **form.cleaned_data
        )
    except Refusal as refusal:
        return _refused(request, dossier, STATEMENT, form, refusal)
    return _kept(kept) if is_autosave(request) else _onward(request, dossier, STATEMENT)


# --- 3 photos -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Angle:
    """One of the three views and the photo there is."""

    kind: str
    label: Any
    hint: Any
    document: DossierDocument | None
    warning: str
    error: str = ""


@step_page
def photos(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    """Three views. A small photo is taken in with a warning; a new one takes its place."""
    wrong: tuple[str, str] | None = None
    status = 200
    if request.method == "POST":
        kind = request.POST.get("kind", "")
        upload = request.FILES.get("file") or request.FILES.get("taken")
        try:
            _take_photo(request, dossier, kind, upload)
        except Refusal as refusal:
            wrong, status = (kind, str(refusal)), status_of(refusal)
            dossier.refresh_from_db(fields=["revision"])
        else:
            return redirect(f"{reverse('applicant_photos', args=[dossier.uuid])}#{kind}")
    return show(request, dossier, PICTURES, status=status, angles=_angles(dossier, wrong), form=None)


def _take_photo(request: HttpRequest, dossier: Dossier, kind: str, upload: Any) -> None:
    if kind not in PHOTOS:
        raise Refusal("angle_unknown", _("Không có góc chụp này. Hãy tải lại trang."), field="kind")
    if upload is None:
        raise Refusal("file_missing", _("Hãy chụp hoặc chọn một ảnh."), field="file")
    stored = store(upload, allow=IMAGES, field="file")
    applying.attach(dossier=dossier, kind=kind, file=stored, actor=request.user, revision=revision_of(request))


def _angles(dossier: Dossier, wrong: tuple[str, str] | None) -> list[Angle]:
    held = {document.kind: document for document in dossier.documents.all()}
    return [
        Angle(
            kind=kind,
            label=DocumentKind(kind).label,
            hint=ANGLE_HINTS[kind],
            document=held.get(kind),
            warning=_warning(held.get(kind)),
            error=wrong[1] if wrong and wrong[0] == kind else "",
        )
        for kind in PHOTOS
    ]


def _warning(document: DossierDocument | None) -> str:
    if document is None or document.file is None:
        return ""
    return document.remark or photo_remark(kind=document.kind, width=document.file.width, height=document.file.height)


# --- 4 papers -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PaperRow:
    """One required paper: its place in the law, who owes it, what there is, what may be done."""

    requirement: Requirement
    document: DossierDocument | None
    written_here: bool
    from_register: Any
    earlier: Any
    may_announce: bool
    error: str = ""

    @property
    def is_mine(self) -> bool:
        return self.requirement.owed_by == Addressee.FACILITY or self.requirement.kind == DocumentKind.AUTHORISATION

    @property
    def owner(self) -> str:
        return str(Addressee(self.requirement.owed_by).label)

    @property
    def is_announced(self) -> bool:
        return self.requirement.remark == ANNOUNCED


@step_page
def paper_list(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    """The required papers without the photos, then what may stand beside them."""
    wrong: tuple[str, str] | None = None
    status = 200
    if request.method == "POST":
        kind = request.POST.get("kind", "")
        try:
            with transaction.atomic():
                _paper_act(request, dossier, kind)
        except Refusal as refusal:
            wrong, status = (kind, str(refusal)), status_of(refusal)
            dossier.refresh_from_db(fields=["revision"])
        else:
            return redirect(f"{reverse('applicant_papers', args=[dossier.uuid])}#{kind}")
    rows = _paper_rows(dossier, wrong)
    required = {row.requirement.kind for row in rows} | set(PHOTOS)
    return show(
        request,
        dossier,
        PAPERS,
        status=status,
        rows=rows,
        others=[document for document in dossier.documents.all() if document.kind not in required],
        extra_kinds=[(kind.value, kind.label) for kind in EXTRA_KINDS],
        wrong=wrong if wrong and wrong[0] not in required else None,
        form=None,
    )


def _paper_act(request: HttpRequest, dossier: Dossier, kind: str) -> None:
    act, revision = request.POST.get("act", "attach"), revision_of(request)
    if act == "announce":
        applying.announce_on_paper(dossier=dossier, kind=kind, actor=request.user, revision=revision)
    elif act == "remove":
        applying.remove_paper(document=_document(request, dossier), actor=request.user, revision=revision)
    elif act == "reuse":
        _reuse(request, dossier, kind, revision)
    else:
        _attach(request, dossier, kind, revision)


def _attach(request: HttpRequest, dossier: Dossier, kind: str, revision: int | None) -> None:
    form = PaperForm(request.POST, request.FILES)
    if kind not in DocumentKind.values or kind in PHOTOS:
        raise Refusal("kind_unknown", _("Không có loại giấy tờ này. Hãy tải lại trang."), field="kind")
    if not form.is_valid():
        raise Refusal("file_missing", next(iter(form.errors.values()))[0], field="file")
    stored = store(form.cleaned_data["file"], allow=EVERYTHING, field="file")
    applying.attach(
        dossier=dossier,
        kind=kind,
        file=stored,
        actor=request.user,
        revision=revision,
        valid_until=form.cleaned_data["valid_until"],
    )


def _reuse(request: HttpRequest, dossier: Dossier, kind: str, revision: int | None) -> None:
    earlier = [
        row
        for row in queries.earlier_papers(dossier, on=timezone.localdate())
        if row.document.kind == kind and row.usable
    ]
    if not earlier:
        raise Refusal("document_unknown", _("Không còn bản cũ để dùng lại. Hãy gửi tệp mới."), field="file")
    papers.reuse(
        dossier=dossier, documents=[earlier[0].document], actor=request.user, now=timezone.now(), revision=revision
    )


def _document(request: HttpRequest, dossier: Dossier) -> DossierDocument:
    found: DossierDocument | None = picked(dossier.documents.all(), request.POST.get("document", ""))
    if found is None:
        raise Refusal("document_unknown", _("Hồ sơ không còn giấy tờ này. Hãy tải lại trang."))
    return found


def _paper_rows(dossier: Dossier, wrong: tuple[str, str] | None) -> list[PaperRow]:
    on = timezone.localdate()
    held = {document.kind: document for document in dossier.documents.all()}
    register = queries.lower_certificate(dossier, on=on)
    earlier = {row.document.kind: row for row in reversed(queries.earlier_papers(dossier, on=on)) if row.usable}
    return [
        PaperRow(
            requirement=row,
            document=held.get(row.kind),
            written_here=row.kind in WRITTEN_HERE,
            from_register=register if row.kind == DocumentKind.LOWER_CERTIFICATE else None,
            earlier=earlier.get(row.kind) if row.kind not in held and row.kind not in WRITTEN_HERE else None,
            may_announce=row.kind in applying.ON_PAPER and row.kind not in WRITTEN_HERE,
            error=wrong[1] if wrong and wrong[0] == row.kind else "",
        )
        for row in _required(dossier)
    ]


def _required(dossier: Dossier) -> list[Requirement]:
    """The required papers without the photos."""
    return [row for row in queries.checklist(dossier, on=timezone.localdate()) if row.kind not in PHOTOS]


# --- 5 check, 6 hand in -------------------------------------------------------------------------------------


@step_page
def check(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    """What is still missing, each line leading to its step, and everything entered at a glance."""
    if request.method == "POST":
        return redirect("applicant_submit", dossier.uuid)
    parts = [(field.label, field.value()) for field, _questions in StatementForm(instance=dossier).parts()]
    return show(request, dossier, CHECK, form=None, parts=parts, angles=_angles(dossier, None), rows=_required(dossier))


@step_page
def submit(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    """Declare and hand in, the first time or after a supplement."""
    form = HandInForm(request.POST or None)
    if request.method != "POST":
        return show(request, dossier, HAND_IN, form=form)
    if not form.is_valid():
        return show(request, dossier, HAND_IN, form=form, status=400)
    act = applying.resubmit if dossier.state == D.NEEDS_SUPPLEMENT else applying.submit
    try:
        act(
            dossier=dossier,
            declared=form.cleaned_data["declared"],
            actor=request.user,
            now=timezone.now(),
            revision=revision_of(request),
        )
    except Refusal as refusal:
        return _refused(request, dossier, HAND_IN, form, refusal)
    return redirect("applicant_receipt", dossier.uuid)
