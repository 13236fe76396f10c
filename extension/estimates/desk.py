"""The desk's pages of estimates: the table as typed with what each line is allowed, the decision, the alarms."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from facilities.models import Facility
from portal.accounts.staff_pages import for_staff
from portal.audit.opening import open_file
from portal.files.models import StoredFile
from portal.text.clock import today
from portal.text.errors import Refusal
from portal.text.inputs import key_of, picked
from products.models import Product

from .. import approval, project_desk, rules
from ..enums import AlarmState, EstimateState
from ..models import DuplicateAlarm, Estimate, EstimateLine, NormItem, PriorityRule, Project
from ..models.norm import SupportNorm
from ..norms import queries as norm_queries
from ..services import duplicates as alarms
from ..services import estimates
from ..states import SEALED
from . import checking as estimating
from . import duplicates, from_needs
from .forms import EMPTY_LINES, AlarmForm, DayForm, DecisionForm, Lines, ReturnForm, initial_of, refuse

OK, WRONG, AGAINST = 200, 400, 409
MOST_EXTRA = 20
PER_PAGE = 25


@dataclass
class Page:
    """What one request knows of the page: the edition, what was judged of it, forms with what was typed."""

    project: Project
    editions: list[Estimate]
    estimate: Estimate | None
    lines: list[EstimateLine] = field(default_factory=list)
    judged: list[estimating.Checked] = field(default_factory=list)
    bound: dict[str, Any] = field(default_factory=dict)
    status: int = OK
    # The mark of the table that the page shows, or of the one that was read when what was typed is shown again.
    mark: str = ""

    @property
    def is_last(self) -> bool:
        return bool(self.editions) and self.estimate == self.editions[0]


def urls(site: AdminSite) -> list[URLPattern]:
    """Addresses below the desk's own."""
    guarded = for_staff(site)
    return [
        path("de-an/<uuid:uuid>/du-toan/", guarded(show), name="project_estimate"),
        path("de-an/<uuid:uuid>/du-toan/kiem-tra/", guarded(check), name="project_estimate_check"),
        path("de-an/<uuid:uuid>/du-toan/<int:version>/quyet-dinh/", guarded(paper), name="project_estimate_paper"),
        path("de-an/<uuid:uuid>/du-toan/dong/<uuid:line_uuid>/", guarded(proof), name="project_estimate_proof"),
        path("khuyen-cong/canh-bao-trung/", guarded(duplicate_alarms), name="duplicate_alarms"),
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, site: AdminSite, uuid: UUID) -> HttpResponse:
    """One edition with its lines, alarms and acts. A fixed number of queries, whatever the lines."""
    page = _page(request, project_desk.project_or_404(request, uuid))
    if request.method == "POST":
        if not (
            rules.may_edit(request.user, page.project.territory_id) or rules.may_approve(request.user, page.project)
        ):
            raise PermissionDenied(rules.ONLY_EXTENSION_OFFICER)
        said = _act(request, page)
        if said:
            messages.success(request, said)
            return redirect(_address(request))
    return render(request, "admin/extension/estimate.html", _context(request, site, page), status=page.status)


def _address(request: HttpRequest) -> str:
    """The same page; with one more empty line where it was asked for."""
    more = request.POST.get("more", "")
    return request.path if key_of(more) is None else f"{request.path}?them={more}#dong-moi"


def _page(request: HttpRequest, project: Project) -> Page:
    editions = list(project.estimates.select_related("proposed_by", "decided_by", "file").order_by("-version"))
    asked = request.GET.get("ban", "")
    wanted = [row for row in editions if row.version == key_of(asked)]
    if asked and not wanted:
        raise Http404(_("Đề án không có bản dự toán này."))
    page = Page(project, editions, next(iter(wanted or editions), None))
    if page.estimate:
        page.estimate.project = project
        page.lines = estimates.lines_of(page.estimate)
        page.judged = estimates.judged(page.estimate, page.lines)
        page.mark = estimates.mark_of(page.estimate, page.lines)
    return page


ACTS = ("begin", "save", "propose", "return", "approve", "alarm")


def _act(request: HttpRequest, page: Page) -> str:
    """Carry out one act: the words for a done one; else the forms with their errors go into the page."""
    act = request.POST.get("act", "")
    if act not in ACTS or (act != "begin" and page.estimate is None):
        page.status = WRONG
        return ""
    form = _bound(request, page, act)
    page.bound[act] = form
    read = request.POST.get("table", page.mark)
    if not form.is_valid():
        page.status, page.mark = WRONG, read
        if isinstance(form, forms.Form):
            page.bound["refused"] = form
        return ""
    try:
        return _carried_out(request, page, act, form)
    except Refusal as refusal:
        page.mark = page.mark if refusal.code == "stale" else read
        page.bound["refused"] = form if isinstance(form, forms.Form) else forms.Form({})
        page.bound["refused"].is_valid()
        refuse(page.bound["refused"], refusal)
        page.status = AGAINST
        return ""


def _bound(request: HttpRequest, page: Page, act: str) -> Any:
    if act == "begin":
        return DayForm(request.POST)
    if act == "save":
        page.bound["day"] = DayForm(request.POST)
        page.bound["day"].is_valid()
        return _lines(request, page)
    if act == "return":
        return ReturnForm(request.POST)
    if act == "approve":
        return DecisionForm(request.POST, request.FILES, lines=page.lines)
    if act == "alarm":
        return AlarmForm(request.POST, auto_id=_alarm_ids(request.POST.get("alarm", "")))
    return forms.Form(request.POST)


def _alarm_ids(key: Any) -> str:
    return f"canh-bao-{key}-%s"


def _alarm_form(request: HttpRequest, page: Page, alarm: DuplicateAlarm) -> AlarmForm:
    """The form of one alarm: as typed where it was this one that was answered."""
    sent = page.bound.get("alarm") if request.POST.get("alarm") == str(alarm.pk) else None
    return sent or AlarmForm(auto_id=_alarm_ids(alarm.pk))


def _lines(request: HttpRequest, page: Page) -> Any:
    """The table as typed; a line is known by its identifier, wherever it stands."""
    formset = Lines(request.POST, request.FILES, form_kwargs={"choices": _choices(page)}, prefix="form")
    held = {str(line.uuid): (line, checked) for line, checked in zip(page.lines, page.judged, strict=True)}
    for form in formset.forms:
        form.line, form.checked = held.get(form["uuid"].value() or "", (None, None))
    return formset


def _carried_out(request: HttpRequest, page: Page, act: str, form: Any) -> str:
    user, now, estimate = request.user, timezone.now(), page.estimate
    if act == "begin":
        estimates.begin(project=page.project, on=form.cleaned_data["on"], actor=user)
        return _("Đã mở bản dự toán. Hãy ghi từng dòng.")
    assert estimate is not None
    if act == "save":
        day = page.bound["day"]
        on = day.cleaned_data.get("on") if day.is_valid() else None
        lines = [row.typed() for row in form.kept()]
        estimates.save_lines(estimate=estimate, lines=lines, actor=user, on=on, read=request.POST.get("table"))
        return _("Đã lưu dự toán.")
    if act == "propose":
        estimates.propose(estimate=estimate, actor=user, now=now)
        return _("Đã trình dự toán. Người duyệt thấy dự toán ở việc cần xử lý.")
    if act in ("return", "approve"):
        _as_read(request, estimate)
    if act == "return":
        estimates.send_back(estimate=estimate, actor=user, answer=form.cleaned_data["answer"], now=now)
        return _("Đã trả lại dự toán kèm lý do.")
    if act == "approve":
        estimates.approve(estimate=estimate, actor=user, now=now, paper=form.paper(), amounts=form.sums())
        return _("Đã duyệt dự toán. Kinh phí của đề án lấy theo các dòng được duyệt.")
    return _answer(request, estimate, form)


def read_as(estimate: Estimate) -> str:
    """What the page of a decision carries: the edition and the moment it was proposed."""
    return f"{estimate.uuid}:{estimate.proposed_at.timestamp() if estimate.proposed_at else ''}"


def _as_read(request: HttpRequest, estimate: Estimate) -> None:
    if request.POST.get("read", read_as(estimate)) != read_as(estimate):
        raise Refusal("stale", _("Dự toán đã được trình lại sau khi bạn mở trang. Hãy đọc lại rồi quyết định."))


def _answer(request: HttpRequest, estimate: Estimate, form: AlarmForm) -> str:
    key = request.POST.get("alarm", "")
    alarm = picked(duplicates.alarms_of(estimate), key)
    if alarm is None:
        raise Refusal("wrong_line", _("Cảnh báo này không còn nữa. Hãy mở lại trang."))
    facts = form.cleaned_data
    alarms.decide(
        alarm=alarm, state=AlarmState(facts["state"]), reason=facts["reason"], actor=request.user, now=timezone.now()
    )
    return _("Đã ghi câu trả lời cho cảnh báo.")


def _choices(page: Page) -> dict[str, Any]:
    """What the lines may name: expenses, the project's facilities and their products, priorities of its day. Four queries."""
    facilities = list(Facility.objects.filter(supports__project=page.project).distinct().order_by("name"))
    on = page.estimate.on if page.estimate else today()
    places = norm_queries.places_of(page.project.territory, on)
    priorities = [row for row in PriorityRule.objects.all() if row.holds_on(on) and _is_here(row, places)]
    return {
        "item": list(NormItem.objects.exclude(code=norm_queries.PRIORITY_ITEM)),
        "facility": facilities,
        "product": list(Product.objects.filter(facility__in=facilities).select_related("facility").order_by("name")),
        "priority": priorities,
    }


def _is_here(rule: PriorityRule, places: list[int]) -> bool:
    return rule.territory_id is None or rule.territory_id in places


def _context(request: HttpRequest, site: AdminSite, page: Page) -> dict[str, Any]:
    estimate, project = page.estimate, page.project
    own = rules.may_edit(request.user, project.territory_id) and project.state not in SEALED
    decides = rules.may_approve(request.user, project) and project.state not in SEALED
    is_open = estimate is not None and page.is_last and estimate.state in estimates.OPEN
    waits = estimate is not None and page.is_last and estimate.state == EstimateState.PROPOSED
    found = list(duplicates.alarms_of(estimate)) if estimate else []
    again = own and (estimate is None or (page.is_last and estimate.state == EstimateState.APPROVED))
    must_adjust = again and approval.waits_for_adjustment(project)
    rows = [
        Row(n, line, checked) for n, (line, checked) in enumerate(zip(page.lines, page.judged, strict=True), start=1)
    ]
    return project_desk.context(request, site, project, "project_estimate", str(_("Dự toán"))) | {
        "estimate": estimate,
        "editions": page.editions,
        "rows": rows,
        "sums": Sums.of(page.lines),
        "lines": _editor(request, page) if is_open and own else None,
        "day": page.bound.get("day") or DayForm(initial={"on": estimate.on if estimate else today()}),
        "may_begin": again and not must_adjust,
        "must_adjust": must_adjust,
        "begin": page.bound.get("begin") or DayForm(initial={"on": today()}),
        "may_propose": is_open and own and bool(page.lines),
        "decision": _decision(request, page) if waits and decides else None,
        "back": page.bound.get("return") or ReturnForm(),
        "own_estimate": waits and estimate is not None and estimate.proposed_by_id == request.user.pk,
        "waits": waits,
        "read": read_as(estimate) if waits and estimate else "",
        "alarms": [(alarm, _alarm_form(request, page, alarm)) for alarm in found],
        "open_alarms": sum(alarm.state == AlarmState.OPEN for alarm in found),
        "seen": _seen(request, found),
        "mark": page.mark,
        "may_answer": ((own or decides) and (is_open or waits)) or _raised_late(request, page, found),
        "refused": page.bound.get("refused"),
        "problems": estimating.said_lines(page.judged) if is_open else [],
    }


def _raised_late(request: HttpRequest, page: Page, found: list[DuplicateAlarm]) -> bool:
    """Whether a merged facility raised an alarm on an approved estimate that this person may answer."""
    estimate, project = page.estimate, page.project
    if estimate is None or estimate.state != EstimateState.APPROVED:
        return False
    may = rules.may_edit(request.user, project.territory_id) or rules.may_approve(request.user, project)
    return may and any(alarm.state == AlarmState.OPEN for alarm in found)


@dataclass(frozen=True)
class Row:
    number: int
    line: EstimateLine
    checked: estimating.Checked


@dataclass(frozen=True)
class Sums:
    """The columns of the table added up."""

    cost: int
    asked: int
    counterpart: int
    other: int
    approved: int

    @classmethod
    def of(cls, lines: list[EstimateLine]) -> "Sums":
        names = ("cost", "asked", "counterpart", "other", "approved")
        return cls(**{name: sum(getattr(line, name) or 0 for line in lines) for name in names})


def _editor(request: HttpRequest, page: Page) -> Any:
    """The table to type in: as it was sent, else as it is kept with empty lines after it."""
    if "save" in page.bound:
        return page.bound["save"]
    more = request.GET.get("them", "")
    begun = [initial_of(line) for line in page.lines] or (from_needs.proposed(page.estimate) if page.estimate else [])
    formset: Any = Lines(initial=begun, form_kwargs={"choices": _choices(page)}, prefix="form")
    formset.extra = (
        min(EMPTY_LINES if (number := key_of(more)) is None else number, MOST_EXTRA) if page.lines or more else 1
    )
    formset.is_from_needs = bool(begun) and not page.lines
    for form, line, checked in zip(formset.forms, page.lines, page.judged, strict=False):
        form.line, form.checked = line, checked
    return formset


def _decision(request: HttpRequest, page: Page) -> DecisionForm | None:
    if page.estimate is None or page.estimate.proposed_by_id == request.user.pk:
        return None
    return page.bound.get("approve") or DecisionForm(lines=page.lines, initial={"signed_on": today()})


def _seen(request: HttpRequest, found: list[DuplicateAlarm]) -> set[int]:
    """Which of the projects that alarms name this person may open. One query, none without alarms."""
    others = {alarm.other.project_id for alarm in found}
    rows = Project.objects.visible_to(request.user).filter(pk__in=others)
    return set(rows.values_list("pk", flat=True)) if others else set()


@require_POST
def check(request: HttpRequest, site: AdminSite, uuid: UUID) -> HttpResponse:
    """What the lines as typed would be allowed, without keeping anything: one block for each line, in their order."""
    page = _page(request, project_desk.project_or_404(request, uuid))
    if not rules.may_edit(request.user, page.project.territory_id):
        raise PermissionDenied(rules.ONLY_EXTENSION_OFFICER)
    formset, day = _lines(request, page), DayForm(request.POST)
    on = day.cleaned_data["on"] if day.is_valid() else (page.estimate.on if page.estimate else today())
    formset.is_valid()
    whole = {
        number: form for number, form in enumerate(formset.forms) if form.is_valid() and form.cleaned_data.get("item")
    }
    lines = [_unsaved(form) for form in whole.values() if not form.cleaned_data.get("DELETE")]
    known = estimates.recognised_on(on, {line.product_id for line in lines if line.product_id})
    book = norm_queries.book(page.project.territory, on)
    judged = estimating.check([estimates.facts_of(line, known) for line in lines], book, on)
    kept = [number for number, form in whole.items() if not form.cleaned_data.get("DELETE")]
    return render(request, "admin/extension/_estimate_checks.html", {"found": list(zip(kept, judged, strict=True))})


def _unsaved(form: Any) -> EstimateLine:
    data = form.cleaned_data
    names = ("item", "facility", "product", "units", "cost", "asked", "is_new_machine", "priority")
    proof = data.get("priority_proof") or ("…" if data.get("priority_upload") else "")
    kept = form.line.priority_file if form.line else None
    return EstimateLine(**{name: data[name] for name in names}, priority_proof=proof, priority_file=kept)


@require_safe
def paper(request: HttpRequest, site: AdminSite, uuid: UUID, version: int) -> HttpResponseBase:
    """The decision that approved an edition."""
    project = project_desk.project_or_404(request, uuid)
    estimate = project.estimates.select_related("file").filter(version=version).first()
    return _file(request, project, estimate.file if estimate else None, f"quyet-dinh-du-toan-{version}")


@require_safe
def proof(request: HttpRequest, site: AdminSite, uuid: UUID, line_uuid: UUID) -> HttpResponseBase:
    """The paper that proves a line's priority."""
    project = project_desk.project_or_404(request, uuid)
    line = project.estimate_lines.select_related("priority_file").filter(uuid=line_uuid).first()
    return _file(request, project, line.priority_file if line else None, "giay-to-uu-tien")


def _file(request: HttpRequest, project: Project, file: StoredFile | None, name: str) -> HttpResponseBase:
    if file is None:
        raise Http404(_("Không có tệp này."))
    return open_file(
        request,
        file,
        filename=name,
        action="extension.estimate_file_read",
        sentence=_("Xem giấy tờ dự toán của đề án “%(name)s”.") % {"name": project.name},
        subject=project,
        territory=project.territory,
    )


@require_safe
def duplicate_alarms(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Every alarm of the person's provinces, open ones first. A fixed number of queries."""
    rows = (
        DuplicateAlarm.objects.visible_to(request.user)
        .select_related("line__item", "line__facility", "line__project", "other__project__territory", "decided_by")
        .order_by("state", "-pk")
    )
    wanted = request.GET.get("trang-thai", AlarmState.OPEN.value)
    shown = rows.filter(state=wanted) if wanted in AlarmState.values else rows
    found = Paginator(shown, PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "admin/extension/duplicate_alarms.html",
        {
            **site.each_context(request),
            "opts": SupportNorm._meta,
            "has_view_permission": True,
            "title": _("Cảnh báo hỗ trợ trùng"),
            "page": found,
            "wanted": wanted,
            "states": AlarmState.choices,
            "seen": _seen(request, list(found)),
        },
    )
