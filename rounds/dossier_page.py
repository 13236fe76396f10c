"""The one-screen page of a dossier: facility, product, papers, conditions, requests, history, and every act on it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib.admin import AdminSite
from django.db.models import Q, QuerySet
from django.forms import BoundField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.audit.models import AuditEntry
from portal.files.responses import EXTENSIONS
from products.models import Product
from products.standing_levels import lines_of_product

from . import official, queries, renewing
from .completeness import PHOTOS, Requirement, is_complete, missing_by_addressee, missing_sentences
from .desk import context
from .dossier_acts import ACTS, ROAD_ACTS, conditions, open_requests
from .dossier_forms import DocumentForm, StatementForm
from .eligibility import MET, NOT_APPLICABLE, Check
from .enums import CheckKind, DocumentKind, DossierState, RoundState
from .models import Dossier, DossierDocument, Round, SupplementRequest
from .statement import STATEMENT_PARTS
from .states import CHECKING, DECIDED

D = DossierState
R = RoundState
HISTORY_ROWS = 12


@dataclass(frozen=True)
class Theirs:
    """What someone else wrote meanwhile where this person typed something else."""

    label: str
    value: str


@dataclass(frozen=True)
class Bound:
    """An act that was tried and comes back: its form as typed, and what stands in its way."""

    name: str
    form: forms.Form
    target: int = 0
    theirs: tuple[Theirs, ...] = ()


@dataclass(frozen=True)
class Offered:
    """An act as the page shows it."""

    name: str
    words: Any
    form: forms.Form
    target: int = 0
    tag: str = ""
    quiet: bool = False
    hint: Any = ""
    blocked: tuple[str, ...] = ()
    theirs: tuple[Theirs, ...] = ()

    @property
    def anchor(self) -> str:
        return f"viec-{self.name}-{self.target}" if self.target else f"viec-{self.name}"


@dataclass(frozen=True)
class PaperRow:
    """A required paper with the copies there are, and the two small acts on the newest."""

    requirement: Requirement
    documents: list[DossierDocument]
    from_register: Any
    fix: Offered | None = None

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


@dataclass(frozen=True)
class Angle:
    """One of the three views: the photo of it, if there is one, and what its size leaves to be wished."""

    kind: str
    label: str
    document: DossierDocument | None
    warning: str


@dataclass(frozen=True)
class CheckRow:
    """A condition, and the two inputs where this person may answer it."""

    check: Check
    answer: BoundField | None = None
    reason: BoundField | None = None


@dataclass(frozen=True)
class RequestRow:
    """A request that waits for an answer, and the act that takes it back."""

    asked: SupplementRequest
    withdraw: Offered | None


@dataclass
class FileRows:
    """Uploaded files on their way into the dossier: what each is, and those that were refused with the reason."""

    rows: list[Any] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    unnamed: bool = False


def paper_rows(dossier: Dossier) -> list[PaperRow]:
    """The required papers in the circular's order. No query on a dossier read for the desk."""
    on = timezone.localdate()
    recognition = queries.lower_certificate(dossier, on=on)
    held = list(dossier.documents.all())
    return [
        PaperRow(
            requirement=row,
            documents=[document for document in held if document.kind == row.kind],
            from_register=recognition if row.kind == DocumentKind.LOWER_CERTIFICATE else None,
        )
        for row in queries.checklist(dossier, on=on)
    ]


def offer(request: HttpRequest, dossier: Dossier, name: str, bound: Bound | None, target: int = 0) -> Offered | None:
    """An act as the page shows it, or None where it does not apply or is not this person's."""
    act = ACTS[name]
    if not act.when(dossier) or not act.rule(request.user, dossier):
        return None
    mine = bound if bound is not None and (bound.name, bound.target) == (name, target) else None
    prefix = f"{name}-{target}" if target else name
    return Offered(
        name=name,
        words=act.words,
        form=mine.form if mine else act.form(prefix=prefix, initial=act.initial(dossier), dossier=dossier),
        target=target,
        tag=act.tag(dossier) if act.tag else "",
        quiet=act.quiet,
        hint=act.hint,
        blocked=act.blocked(dossier),
        theirs=mine.theirs if mine else (),
    )


def theirs(form: forms.Form) -> tuple[Theirs, ...]:
    """The fields in which what stands in the dossier now differs from what was typed."""
    return tuple(
        Theirs(str(bound.label), _as_read(bound))
        for bound in form
        if not bound.is_hidden and bound.initial not in (None, "") and _differs(bound)
    )


def _differs(bound: BoundField) -> bool:
    return bound.field.has_changed(bound.initial, bound.data)


def _as_read(bound: BoundField) -> str:
    """A stored value as people read it: the label of a choice, the name of a row."""
    choices = dict(getattr(bound.field, "choices", ()) or ())
    value = bound.initial
    if isinstance(value, bool):
        return _("có") if value else _("không")
    return str(choices.get(value, value))


def show(
    request: HttpRequest,
    site: AdminSite,
    dossier: Dossier,
    *,
    bound: Bound | None = None,
    files: FileRows | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page. A fixed number of queries, however many papers, and however many dossiers there are."""
    acts = {name: offer(request, dossier, name, bound) for name, act in ACTS.items() if not act.of_row}
    page = context(
        site,
        request,
        Dossier,
        title=dossier.product.name,
        dossier=dossier,
        round=dossier.round,
        road=road(dossier),
        acts=acts,
        road_acts=[acts[name] for name in ROAD_ACTS if acts[name]],
        records=history_of(dossier),
        opens_register=site.get_model_admin(Product).has_view_permission(request),
        opens_round=site.get_model_admin(Round).has_view_permission(request),
        forms=official.offered(dossier, user=request.user),
        is_new="moi" in request.GET,
        files=files,
        **_renewal(request, dossier),
        kinds=DocumentKind.choices,
        statement=_statement(dossier),
        **_papers(request, dossier, bound, acts),
        **_intake(request, dossier, bound, acts),
    )
    return render(request, "admin/rounds/dossier.html", page, status=status)


def _papers(
    request: HttpRequest, dossier: Dossier, bound: Bound | None, acts: dict[str, Offered | None]
) -> dict[str, Any]:
    rows = [
        PaperRow(row.requirement, row.documents, row.from_register, _fix(request, dossier, row, bound))
        for row in paper_rows(dossier)
    ]
    requirements = [row.requirement for row in rows]
    required = {row.kind for row in requirements}
    _ask_for(request, acts)
    return {
        "rows": rows,
        "done": sum(row.ok for row in requirements),
        "to_fix": sum(row.present and row.needs_fix for row in requirements),
        "missing": sum(not row.present for row in requirements),
        "is_complete": is_complete(requirements),
        "sentences": missing_sentences(requirements),
        "owed": [(addressee.label, lines) for addressee, lines in missing_by_addressee(requirements).items()],
        "not_there": [row.requirement for row in rows if not row.requirement.present],
        "others": [document for document in dossier.documents.all() if document.kind not in required],
        "angles": _angles(dossier, requirements),
        "takes_papers": acts["add_document"] is not None,
    }


def _fix(request: HttpRequest, dossier: Dossier, row: PaperRow, bound: Bound | None) -> Offered | None:
    if row.document is None:
        return None
    offered = offer(request, dossier, "needs_fix", bound, row.document.pk)
    if offered is not None and not offered.form.is_bound:
        offered.form.initial = {"remark": row.document.remark}
    return offered


def _ask_for(request: HttpRequest, acts: dict[str, Offered | None]) -> None:
    """The row of a missing paper leads to the form with that paper chosen."""
    offered, asked = acts["add_document"], request.GET.get("giay-to", "")
    if offered is not None and asked and isinstance(offered.form, DocumentForm) and not offered.form.is_bound:
        offered.form.initial = {"kind": asked}


def _angles(dossier: Dossier, requirements: Sequence[Requirement]) -> list[Angle]:
    warnings = {row.kind: row.warning for row in requirements}
    held = {document.kind: document for document in dossier.documents.all() if document.file_id}
    return [Angle(kind, str(DocumentKind(kind).label), held.get(kind), warnings.get(kind, "")) for kind in PHOTOS]


def _intake(
    request: HttpRequest, dossier: Dossier, bound: Bound | None, acts: dict[str, Offered | None]
) -> dict[str, Any]:
    found = conditions(dossier)
    asked = open_requests(dossier)
    return {
        "to_answer": [_check_row(check, acts["answers"]) for check in found if check.kind == CheckKind.ANSWERED],
        "failing": [CheckRow(check) for check in found if check.kind != CheckKind.ANSWERED and _stands_out(check)],
        "in_order": [CheckRow(check) for check in found if check.kind != CheckKind.ANSWERED and not _stands_out(check)],
        "checks_open": sum(not check.ok for check in found),
        "requests": [RequestRow(one, offer(request, dossier, "withdraw_request", bound, one.pk)) for one in asked],
        "earlier": queries.earlier_papers(dossier, on=timezone.localdate()) if acts["reuse"] else (),
        "is_overdue": dossier.supplement_until is not None and dossier.supplement_until <= timezone.now(),
        "parts": list(dossier.gathered.all()),
    }


def _stands_out(check: Check) -> bool:
    return check.outcome not in {MET, NOT_APPLICABLE}


def _check_row(check: Check, offered: Offered | None) -> CheckRow:
    name = f"answer_{check.rule_id}"
    if offered is None or name not in offered.form.fields:
        return CheckRow(check)
    return CheckRow(check, offered.form[name], offered.form[f"reason_{check.rule_id}"])


def _renewal(request: HttpRequest, dossier: Dossier) -> dict[str, Any]:
    """What is still valid at which level; of a renewed dossier what it says otherwise than the one before.

    One query, six more for a renewed dossier.
    """
    levels = lines_of_product(dossier.product, on=timezone.localdate())
    if dossier.renews is None:
        return {"levels": levels}
    caution = renewing.caution(dossier.round, [line.row for line in levels])
    return {
        "levels": levels,
        "comparison": renewing.comparison(dossier),
        "caution": caution,
        "opens_source": Dossier.objects.visible_to(request.user).filter(copies=dossier.pk).exists(),
    }


def _statement(dossier: Dossier) -> list[tuple[str, str]]:
    """The parts of the product statement that say something, each under its title."""
    parts = {name: str(StatementForm.base_fields[name].label) for name in (*STATEMENT_PARTS, "statement")}
    return [(title, getattr(dossier, name)) for name, title in parts.items() if getattr(dossier, name)]


def history_of(dossier: Dossier) -> QuerySet[AuditEntry]:
    """The newest lines of the audit on the dossier, its product and its facility. One query."""
    about = Q()
    for thing in (dossier, dossier.product, dossier.product.facility):
        if thing is not None:
            about |= Q(subject_type=thing._meta.label_lower, subject_id=str(thing.pk))
    return AuditEntry.objects.filter(about).order_by("-pk")[:HISTORY_ROWS]


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
