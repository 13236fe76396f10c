"""The desk's pages of a round: its road, its score board, the council's word, the decision. Thin views."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.audit.models import AuditEntry
from portal.files.models import StoredFile
from portal.files.services import store
from portal.files.sniffing import Kind
from portal.territory.models import Territory
from portal.territory.queries import name_on
from portal.text.errors import Refusal
from portal.text.formats import lowered
from portal.text.inputs import OK, apply_refusal, attempt, status_of

from . import queries, rules
from .criteria import problems
from .enums import Body, CriteriaState, DossierState, RoundState
from .forms import ClosingForm, DecisionForm, StepForm, SubmissionForm
from .models import Dossier, Round
from .services import guards, lifecycle
from .states import BEFORE_SCORING, ROUND_ORDER, ROUND_TRANSITIONS

R = RoundState
SCAN: frozenset[Kind] = frozenset({"image", "pdf"})
NEW_RECORDS = 8


def posted_or_back(page: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """What only takes a form sends readers to the page of that form: logging in again leads here by address."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def inner(request: HttpRequest, site: AdminSite, pk: int, **kwargs: Any) -> HttpResponse:
            return view(request, site, pk, **kwargs) if request.method == "POST" else redirect(page, pk)

        return inner

    return decorate


def context(site: AdminSite, request: HttpRequest, model: Any, **extra: Any) -> dict[str, Any]:
    """What every page of the desk needs."""
    return {**site.each_context(request), "opts": model._meta, "has_view_permission": True, **extra}


def round_or_404(request: HttpRequest, pk: int) -> Round:
    """A round the person works on: invisible ones do not exist, judged ones are not for the desk."""
    round_ = (
        Round.objects.visible_to(request.user).select_related("territory", "decision", "receiving_unit").filter(pk=pk)
    )
    found = round_.first()
    if found is None:
        raise Http404
    require(rules.may_reach_desk, request, found)
    return found


def require(rule: rules.Rule, request: HttpRequest, round_: Round) -> None:
    """403, with the rule's sentence, for whom it does not let."""
    if not rule(request.user, round_):
        raise PermissionDenied(str(rule.sentence))


def round_for(request: HttpRequest, pk: int, rule: rules.Rule) -> Round:
    """A round of the desk, for whom the rule lets."""
    round_ = round_or_404(request, pk)
    require(rule, request, round_)
    return round_


def step_words(start: str, to: str) -> str:
    """The act behind a transition, as its button says it."""
    if to == R.DELIBERATION and start != R.SCORING:
        return _("Đưa về hội đồng xét lại")
    if to == R.SCORING and start == R.DELIBERATION:
        return _("Mở lại chấm điểm")
    return {
        R.RECEIVING: _("Mở nhận hồ sơ"),
        R.SCREENING: _("Khóa nhận hồ sơ"),
        R.SCORING: _("Chuyển Ban Giám khảo"),
        R.DELIBERATION: _("Khóa chấm điểm"),
        R.PROVISIONAL: _("Công khai danh sách dự kiến"),
        R.SUBMITTED: _("Ghi tờ trình"),
        R.DECIDED: _("Ghi quyết định công nhận"),
        R.ANNOUNCED: _("Công bố kết quả"),
        R.CLOSED: _("Kết thúc kỳ"),
        R.CANCELLED: _("Hủy kỳ bình chọn"),
    }[R(to)]


@dataclass(frozen=True)
class Step:
    """One way on from here, with everything that speaks against it."""

    to: str
    words: str
    check: guards.Check
    allowed: bool
    refusal: str
    form: forms.Form

    @property
    def needs_reason(self) -> bool:
        return bool(self.check.explain)

    @property
    def is_open(self) -> bool:
        return self.allowed and not self.check.blockers


def step_form(round_: Round, to: str, data: Any = None, files: Any = None) -> StepForm:
    if to == R.SUBMITTED:
        initial = {"submission_number": round_.submission_number, "submitted_on": round_.submitted_on}
        return SubmissionForm(data, prefix=to, initial=initial)
    if to == R.DELIBERATION and round_.state == R.SCORING:
        return ClosingForm(data, files, prefix=to)
    return StepForm(data, prefix=to)


def steps(request: HttpRequest, round_: Round, bound: StepForm | None = None) -> list[Step]:
    """The legal transitions from here, the way on before the ways back. A handful of queries each."""
    now = timezone.now()
    facts = guards.Facts(now, submission_number="?", submitted_on=timezone.localdate(now))
    found = []
    for to in _offered(round_):
        rule = rules.rule_to_advance(to, since=round_.state)
        form = bound if bound is not None and bound.prefix == to else step_form(round_, to)
        check = guards.check(round_, to, facts)
        form.fields["reason"].required = bool(check.explain)
        found.append(
            Step(
                to=to,
                words=step_words(round_.state, to),
                check=check,
                allowed=rule(request.user, round_),
                refusal=str(rule.sentence),
                form=form,
            )
        )
    return sorted(found, key=lambda step: ROUND_ORDER.index(R(step.to)) if step.to in ROUND_ORDER else len(ROUND_ORDER))


def _offered(round_: Round) -> list[R]:
    """The legal transitions without the one that the round's own settings rule out."""
    legal = ROUND_TRANSITIONS[R(round_.state)]
    if round_.state != R.DELIBERATION:
        return list(legal)
    left_out = R.SUBMITTED if round_.publish_provisional else R.PROVISIONAL
    return [to for to in legal if to != left_out]


def road(round_: Round) -> list[dict[str, Any]]:
    """The stepper: done, now, later. A provisional list that is not chosen leaves the road."""
    now = ROUND_ORDER.index(R(round_.state)) if round_.state in ROUND_ORDER else -1
    return [
        {"label": state.label, "is_done": place < now, "is_now": place == now}
        for place, state in enumerate(ROUND_ORDER)
        if state != R.PROVISIONAL or round_.publish_provisional or round_.state == R.PROVISIONAL
    ]


def show_round(
    request: HttpRequest,
    site: AdminSite,
    round_: Round,
    *,
    bound: StepForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of a round: where it stands, what blocks the next step, who sits in its bodies."""
    seats = list(queries.active_seats(round_))
    bodies = [(body, [seat for seat in seats if seat.body == body]) for body in Body]
    may_manage = rules.may_manage(request.user, round_)
    page = context(
        site,
        request,
        Round,
        title=round_.title,
        round=round_,
        road=road(round_),
        steps=steps(request, round_, bound),
        bodies=bodies,
        waiting_criteria=list(round_.criteria_sets.exclude(state=CriteriaState.APPROVED).order_by("group")),
        criteria=[(one, problems(queries.as_rows(one))) for one in queries.criteria_sets(round_).values()],
        counts=dossier_counts(round_),
        seal=queries.seal_of(round_),
        may_manage=may_manage,
        may_receive=rules.may_receive(request.user, round_),
        may_see_board=rules.may_see_board(request.user, round_),
        has_board=round_.state not in BEFORE_SCORING,
        records=log_of(round_),
        is_public=round_.state not in (R.DRAFT, R.CANCELLED),
    )
    return render(request, "admin/rounds/round.html", page, status=status)


def dossier_counts(round_: Round) -> list[tuple[str, str, int]]:
    """Dossiers by state, in the order of their road. One query."""
    counted = dict(round_.dossiers.values_list("state").annotate(total=Count("*")))
    return [(state, str(DossierState(state).label), counted[state]) for state in DossierState if state in counted]


def log_of(subject: Any) -> QuerySet[AuditEntry]:
    """The newest lines of the audit on one thing. One query."""
    rows = AuditEntry.objects.filter(subject_type=subject._meta.label_lower, subject_id=str(subject.pk))
    return rows.order_by("-pk")[:NEW_RECORDS]


@posted_or_back("admin:rounds_round_change")
def advance(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    """POST of one transition; on refusal the same page again with every reason and everything typed."""
    round_ = round_or_404(request, pk)
    to = request.POST.get("to", "")
    if to not in R.values:
        messages.error(request, _("Không có bước này. Hãy chọn lại một bước của kỳ."))
        return show_round(request, site, round_, status=400)
    form = step_form(round_, to, request.POST, request.FILES)
    if not form.is_valid():
        return show_round(request, site, round_, bound=form, status=400)
    try:
        moved = _move(request, round_, to, form)
    except Refusal as refusal:
        apply_refusal(form, refusal)
        if to not in _offered(round_) or to == R.DECIDED:
            messages.error(request, str(refusal.sentence))
        return show_round(request, site, round_, bound=form, status=status_of(refusal))
    messages.success(request, _("Đã chuyển kỳ sang “%(state)s”.") % {"state": moved.get_state_display()})
    return redirect("admin:rounds_round_change", pk)


@transaction.atomic
def _move(request: HttpRequest, round_: Round, to: str, form: StepForm) -> Round:
    facts = form.facts()
    upload = facts.pop("minutes", None)
    scan = store(upload, allow=SCAN, field="minutes") if upload else None
    return lifecycle.advance(round_=round_, to=to, actor=request.user, now=timezone.now(), minutes_scan=scan, **facts)


def visible_dossiers(request: HttpRequest, round_: Round) -> QuerySet[Dossier]:
    """Dossiers of the round from which the person does not stand aside."""
    return Dossier.objects.filter(round=round_).without_conflict(request.user)


def decision(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    """The form of the signed decision: shown while it is awaited, refused in words otherwise."""
    round_ = round_for(request, pk, rules.may_decide)
    form = DecisionForm(request.POST or None, request.FILES or None, initial=decision_initial(round_))
    if request.method != "POST":
        return _show_decision(request, site, round_, form)
    _done, status = attempt(form, lambda form: _decide(request, round_, form))
    if status != OK:
        return _show_decision(request, site, round_, form, status=status)
    messages.success(request, _("Đã ghi quyết định và lập công nhận. Sản phẩm lên danh mục khi công bố kết quả."))
    return redirect("admin:rounds_round_change", pk)


@transaction.atomic
def _decide(request: HttpRequest, round_: Round, form: DecisionForm) -> None:
    facts = dict(form.cleaned_data)
    upload = facts.pop("scan")
    scan: StoredFile | None = store(upload, allow=SCAN, field="scan") if upload else None
    lifecycle.record_decision(round_=round_, actor=request.user, now=timezone.now(), scan=scan, **facts)


def decision_initial(round_: Round) -> dict[str, str]:
    """What is usual for the level: the authority that signs, its symbol."""
    rule = queries.council_rule(round_.level, timezone.localdate())
    symbols = {"national": "QĐ-BCT", "region": "QĐ-CTĐP"}
    issuers = {"national": _("Bộ Công Thương"), "region": _("Cục Đổi mới sáng tạo, Chuyển đổi xanh và Khuyến công")}
    place = round_.locality or (_full_name(round_.territory) if round_.territory else "")
    return {
        "symbol": symbols.get(round_.level, "QĐ-UBND"),
        "issuer": issuers.get(round_.level, _("Ủy ban nhân dân %(place)s") % {"place": place}),
        "signer": rule.signer if rule else "",
    }


def _full_name(unit: Territory) -> str:
    """ "tỉnh Thái Nguyên", as it stands inside a sentence."""
    return lowered(name_on(unit, timezone.localdate(), full=True))


def _show_decision(
    request: HttpRequest, site: AdminSite, round_: Round, form: DecisionForm, status: int = 200
) -> HttpResponse:
    page = context(
        site,
        request,
        Round,
        title=_("Ghi quyết định công nhận"),
        round=round_,
        form=form,
        is_awaited=round_.state == R.SUBMITTED,
        proposed=queries.provisional_list(round_),
    )
    return render(request, "admin/rounds/decision.html", page, status=status)
