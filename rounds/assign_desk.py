"""The assignment of dossiers to judges at the desk: state of affairs, four methods, preview, history. Thin views."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from portal.accounts.exports import FORMATS, as_csv, as_xlsx
from portal.audit.services import record_access
from portal.text.clock import today
from portal.text.errors import Refusal
from portal.text.inputs import OK, ReasonForm, apply_refusal, attempt, status_of

from . import assigning as pure
from . import rules
from .assign_boxes import Boxes
from .assign_facts import facts_from, facts_of, pairs_of
from .assign_forms import ApplyForm, GroupsForm, PlanForm
from .assign_view import Division, division, seen_by, table
from .assign_words import fault_sentences, names_of
from .assigning import Facts
from .desk import context, posted_or_back, round_for
from .enums import AssignmentMode, PlanMethod, PlanState
from .models import Assignment, AssignmentPlan, Round
from .services import assigning

USUAL_PANEL = 5
OPEN_UP_TO = 40  # more dossiers than this are folded by group
PAGE = "admin:rounds_round_assign"
SHOW = "admin:rounds_round_assign_show"
BY_HAND = "admin:rounds_round_assign_hand"


def _round(request: HttpRequest, pk: int) -> Round:
    return round_for(request, pk, rules.may_run_scoring)


def _plan(round_: Round, number: int) -> AssignmentPlan:
    found = get_object_or_404(
        AssignmentPlan.objects.select_related("made_by", "applied_by"), round=round_, number=number
    )
    found.round = round_
    return found


def _least(round_: Round) -> int:
    return max(round_.quorum, assigning.SMALLEST)


def in_force(request: HttpRequest, round_: Round, facts: Facts) -> Division:
    """What holds now, as this person sees it."""
    everyone = round_.assignment == AssignmentMode.EVERYONE
    pairs = pure.everyone(facts) if everyone else facts.stands()
    return division(facts, pairs, minimum=_least(round_), seen=seen_by(request.user, round_))


def show(
    request: HttpRequest, site: AdminSite, pk: int, *, bound: PlanForm | None = None, status: int = 200
) -> HttpResponse:
    """The state of affairs, the four methods, the history of plans. The same queries for any number of dossiers."""
    round_ = _round(request, pk)
    facts = facts_of(round_)
    everyone = round_.assignment == AssignmentMode.EVERYONE
    pairs = pure.everyone(facts) if everyone else facts.stands()
    faults = pure.faults(facts, pairs, minimum=_least(round_)) if facts.entries else []
    page = context(
        site,
        request,
        Round,
        title=_("Phân công, %(round)s") % {"round": round_.title},
        round=round_,
        everyone=everyone,
        found=in_force(request, round_, facts),
        faults=fault_sentences(faults, facts),
        left=len(facts.held - facts.stands()),
        current=assigning.in_force(round_),
        plans=_history(round_),
        is_open=round_.state in assigning.WORKS_IN,
        methods=_methods(round_, facts, bound),
        refused=bound,
        minimum=_least(round_),
        may_release=not everyone and round_.state in assigning.WORKS_IN,
        opened=not everyone and len(facts.entries) <= OPEN_UP_TO,
    )
    return render(request, "admin/rounds/assign.html", page, status=status)


def _history(round_: Round) -> "QuerySet[AssignmentPlan]":
    return round_.plans.select_related("made_by", "applied_by").defer("pairs", "options").order_by("-number")


def _methods(round_: Round, facts: Facts, bound: PlanForm | None) -> list[dict[str, Any]]:
    """The four ways, the one that was just refused open with what was typed."""
    said = {
        PlanMethod.BALANCED: _(
            "Cổng chia hồ sơ sao cho người nhiều nhất nhận ít nhất có thể, các nhóm rải đều, không ai quá giới hạn."
        ),
        PlanMethod.BY_GROUP: _("Mỗi giám khảo chấm mọi hồ sơ của những nhóm được chọn."),
        PlanMethod.BY_HAND: _("Bắt đầu từ phân công đang có, rồi chọn từng hồ sơ cho từng giám khảo."),
        PlanMethod.EVERYONE: _("Ai cũng chấm mọi hồ sơ, trừ hồ sơ có xung đột lợi ích."),
    }
    found = []
    for method, words in said.items():
        form = bound if bound is not None and bound.method == method else _form(method, round_, facts)
        is_open = form is bound or (bound is None and method == PlanMethod.BALANCED)
        found.append({"method": method, "label": method.label, "words": words, "form": form, "is_open": is_open})
    return found


def _form(method: str, round_: Round, facts: Facts, data: Any = None) -> PlanForm:
    if method == PlanMethod.BY_GROUP:
        names = names_of(judge.key for judge in facts.judges)
        rows = sorted(((judge, names[judge.key]) for judge in facts.judges), key=lambda row: row[1])
        return GroupsForm(rows, data)
    usual = min(max(round_.quorum, USUAL_PANEL), max(len(facts.judges), 1))
    return PlanForm(method, data, initial={"per_dossier": usual})


@posted_or_back(PAGE)
def make(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    """POST of a method and its terms: a plan to look at, or every reason why there is none."""
    round_ = _round(request, pk)
    method = request.POST.get("method", "")
    if method not in PlanMethod.values:
        messages.error(request, _("Hãy chọn một cách phân công."))
        return show(request, site, pk, status=400)
    form = _form(method, round_, facts_of(round_), request.POST)
    made, status = attempt(
        form,
        lambda form: assigning.plan(
            round_=round_, method=method, actor=request.user, now=timezone.now(), **form.terms()
        ),
    )
    if not made:
        return show(request, site, pk, bound=form, status=status)
    if method == PlanMethod.BY_HAND:
        return redirect(BY_HAND, pk, made.number)
    messages.success(request, _("Đã lập phương án số %(number)s. Hãy xem rồi áp dụng.") % {"number": made.number})
    return redirect(SHOW, pk, made.number)


@posted_or_back(PAGE)
def mend(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    """POST: a plan that moves the fewest dossiers."""
    round_ = _round(request, pk)
    return _made(
        request, site, round_, lambda: assigning.rebalance(round_=round_, actor=request.user, now=timezone.now())
    )


def _made(request: HttpRequest, site: AdminSite, round_: Round, act: Callable[[], AssignmentPlan]) -> HttpResponse:
    try:
        made = act()
    except Refusal as refusal:
        if refusal.code == "nothing_to_do":
            messages.info(request, str(refusal.sentence))
            return redirect(PAGE, round_.pk)
        refused = PlanForm("", {})
        refused.is_valid()
        apply_refusal(refused, refusal)
        return show(request, site, round_.pk, bound=refused, status=status_of(refusal))
    messages.success(request, _("Đã lập phương án số %(number)s. Hãy xem rồi áp dụng.") % {"number": made.number})
    return redirect(SHOW, round_.pk, made.number)


def look(
    request: HttpRequest,
    site: AdminSite,
    pk: int,
    number: int,
    *,
    bound: forms.Form | None = None,
    status: int = 200,
) -> HttpResponse:
    """One plan: its loads, who scores each dossier and why, what it changes, and whether it may be applied."""
    round_ = _round(request, pk)
    plan = _plan(round_, number)
    facts, pairs = facts_from(plan), pairs_of(plan)
    minimum = plan.options["per_dossier"]
    faults = pure.faults(facts, pairs, minimum=minimum)
    is_preview = plan.state == PlanState.PREVIEW and round_.state in assigning.WORKS_IN
    page = context(
        site,
        request,
        Round,
        title=_("Phương án phân công số %(number)s") % {"number": plan.number},
        round=round_,
        plan=plan,
        found=division(facts, pairs, minimum=minimum, seen=seen_by(request.user, round_)),
        faults=fault_sentences(faults, facts),
        minimum=minimum,
        compares=bool(facts.held),
        is_preview=is_preview,
        by_hand=plan.method == PlanMethod.BY_HAND,
        form=bound or (ApplyForm(needed=assigning.needs_reason(round_, facts)) if is_preview else None),
        opened=len(facts.entries) <= OPEN_UP_TO,
    )
    return render(request, "admin/rounds/assign_plan.html", page, status=status)


def put_in_force(request: HttpRequest, site: AdminSite, pk: int, number: int) -> HttpResponse:
    """POST: apply a plan, or say what has changed since it was made."""
    if request.method != "POST":
        return redirect(SHOW, pk, number)
    round_ = _round(request, pk)
    plan = _plan(round_, number)
    form = ApplyForm(request.POST, needed=assigning.needs_reason(round_, facts_from(plan)))
    _made, status = attempt(
        form, lambda form: assigning.apply(plan=plan, actor=request.user, now=timezone.now(), **form.cleaned_data)
    )
    if status != OK:
        return look(request, site, pk, number, bound=form, status=status)
    messages.success(request, _("Đã áp dụng phương án số %(number)s và báo cho giám khảo.") % {"number": number})
    return redirect(PAGE, pk)


def drop(request: HttpRequest, site: AdminSite, pk: int, number: int) -> HttpResponse:
    """POST: a plan that will not be applied."""
    if request.method != "POST":
        return redirect(SHOW, pk, number)
    round_ = _round(request, pk)
    try:
        assigning.discard(plan=_plan(round_, number), actor=request.user, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal.sentence))
        return redirect(SHOW, pk, number)
    messages.success(request, _("Đã bỏ phương án số %(number)s.") % {"number": number})
    return redirect(PAGE, pk)


def once_more(request: HttpRequest, site: AdminSite, pk: int, number: int) -> HttpResponse:
    """POST: the same plan from the facts of now."""
    if request.method != "POST":
        return redirect(SHOW, pk, number)
    round_ = _round(request, pk)
    old = _plan(round_, number)
    return _made(request, site, round_, lambda: assigning.again(old=old, actor=request.user, now=timezone.now()))


def edit(request: HttpRequest, site: AdminSite, pk: int, number: int) -> HttpResponse:
    """POST: a plan by hand that begins as this one."""
    if request.method != "POST":
        return redirect(SHOW, pk, number)
    round_ = _round(request, pk)
    old = _plan(round_, number)
    try:
        made = assigning.plan(
            round_=round_, method=PlanMethod.BY_HAND, pairs=pairs_of(old), actor=request.user, now=timezone.now()
        )
    except Refusal as refusal:
        messages.error(request, " ".join([str(refusal.sentence), *map(str, refusal.details)]))
        return redirect(SHOW, pk, number)
    return redirect(BY_HAND, pk, made.number)


def by_hand(request: HttpRequest, site: AdminSite, pk: int, number: int) -> HttpResponse:
    """A plan by hand: judges and dossiers to choose from, then the boxes of one of them."""
    round_ = _round(request, pk)
    plan = _plan(round_, number)
    if plan.method != PlanMethod.BY_HAND or plan.state != PlanState.PREVIEW:
        messages.info(request, _("Chỉ phương án chọn tay đang xem trước mới sửa được."))
        return redirect(SHOW, pk, number)
    facts = facts_of(round_)
    boxes = Boxes(request, round_, facts, pairs_of(plan))
    form, status = forms.Form(), 200
    if request.method == "POST" and boxes.is_chosen:
        form, status = _tick(request, plan, boxes)
        if not form.errors:
            messages.success(request, _("Đã ghi vào phương án số %(number)s.") % {"number": number})
            return redirect(BY_HAND, pk, number)
    page = context(
        site,
        request,
        Round,
        title=_("Chọn tay, phương án số %(number)s") % {"number": number},
        round=round_,
        plan=plan,
        boxes=boxes,
        form=form,
        found=division(facts, pairs_of(plan), minimum=plan.options["per_dossier"], seen=boxes.seen),
        opened=len(facts.entries) <= OPEN_UP_TO,
        minimum=plan.options["per_dossier"],
    )
    return render(request, "admin/rounds/assign_hand.html", page, status=status)


def _tick(request: HttpRequest, plan: AssignmentPlan, boxes: Boxes) -> tuple[forms.Form, int]:
    form = forms.Form(request.POST)
    form.is_valid()
    ticked = [pair for pair in boxes.shown if boxes.value(pair) in request.POST.getlist("pair")]
    try:
        assigning.assign_by_hand(plan=plan, shown=boxes.shown, ticked=ticked, actor=request.user, now=timezone.now())
    except Refusal as refusal:
        apply_refusal(form, refusal)
        boxes.ticked = frozenset(ticked)
        return form, status_of(refusal)
    return form, 200


def let_go(request: HttpRequest, site: AdminSite, pk: int, dossier_pk: int, judge_pk: int) -> HttpResponse:
    """Take one dossier from one judge: what it means, the reason, the act."""
    round_ = _round(request, pk)
    row = (
        Assignment.objects.filter(
            dossier__in=seen_by(request.user, round_), dossier=dossier_pk, judge=judge_pk, released_at__isnull=True
        )
        .select_related("dossier__product", "dossier__round", "judge")
        .first()
    )
    if row is None:
        raise Http404
    form = ReasonForm(request.POST or None)
    status = OK
    if request.method == "POST":
        _made, status = attempt(
            form,
            lambda form: assigning.release(assignment=row, actor=request.user, now=timezone.now(), **form.cleaned_data),
        )
        if status == OK:
            done = _("Đã thôi phân hồ sơ %(code)s cho %(judge)s.")
            messages.success(request, done % {"code": row.dossier.entry_code, "judge": row.judge})
            return redirect(PAGE, pk)
    page = context(site, request, Round, title=_("Thôi phân hồ sơ"), round=round_, row=row, form=form)
    return render(request, "admin/rounds/assign_release.html", page, status=status)


def export(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponseBase:
    """The assignment in force as a file; taking it is an act."""
    round_ = _round(request, pk)
    wanted = request.GET.get("dang", FORMATS[0])
    if wanted not in FORMATS:
        return redirect(PAGE, pk)
    found = in_force(request, round_, facts_of(round_))
    headings, rows = table(found)
    title = _("Phân công chấm")
    record_access(
        request,
        action="assignment.export",
        sentence=_("Tải bảng phân công chấm, %(total)s hồ sơ, dạng %(kind)s.") % {"total": len(rows), "kind": wanted},
        subject=round_,
        territory=round_.territory,
        data={"rows": len(rows), "format": wanted},
    )
    name = f"phan-cong-{slugify(round_.slug)}-{today():%Y-%m-%d}.{wanted}"
    if wanted == "csv":
        return as_csv(headings, iter(rows), file_name=name)
    return as_xlsx(title, headings, iter(rows), file_name=name, about=[round_.title])


PATHS = (
    ("phan-cong/", show, "assign"),
    ("phan-cong/lap/", make, "assign_plan"),
    ("phan-cong/chia-lai/", mend, "assign_mend"),
    ("phan-cong/tai/", export, "assign_export"),
    ("phan-cong/thoi/<int:dossier_pk>/<int:judge_pk>/", let_go, "assign_release"),
    ("phan-cong/<int:number>/", look, "assign_show"),
    ("phan-cong/<int:number>/ap-dung/", put_in_force, "assign_apply"),
    ("phan-cong/<int:number>/bo/", drop, "assign_discard"),
    ("phan-cong/<int:number>/lap-lai/", once_more, "assign_again"),
    ("phan-cong/<int:number>/sua/", edit, "assign_edit"),
    ("phan-cong/<int:number>/tay/", by_hand, "assign_hand"),
)
