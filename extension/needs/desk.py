"""The shelf of needs at the desk: ranked with the bases of each rank, one need and its answer, several as one project."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import compress
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from facilities.models import Facility
from portal.accounts.exports import as_xlsx
from portal.accounts.queries import own_province
from portal.accounts.staff_pages import for_staff
from portal.audit.opening import open_file
from portal.audit.services import record_access
from portal.territory.models import Territory
from portal.territory.queries import family_ids
from portal.text.clock import today
from portal.text.errors import Refusal
from portal.text.folding import fold
from portal.text.inputs import OK, WRONG, apply_refusal, attempt, picked, status_of
from portal.text.sheets import Strong, with_sums

from ..enums import ActivityHead, Funding, NeedState, ProjectKind
from ..models import Need, Programme
from ..services import needs as services
from ..states import CAME_TO_NOTHING, NEED_TRANSITIONS
from . import queries
from . import rules as need_rules
from .forms import DeclineForm, PlainForm, ShelveForm, TurnForm
from .queries import Shelved, Wanted
from .ranking import Rank
from .views import UNKNOWN, need_form

PER_PAGE = 30
SHOWN_MATCHES = 8
S = NeedState
WAITING = "cho"
STATES: tuple[tuple[str, Any, tuple[str, ...]], ...] = (
    (WAITING, gettext_lazy("Đang chờ"), ()),
    (S.REGISTERED.value, gettext_lazy("Mới đăng ký"), (S.REGISTERED,)),
    (S.SHELVED.value, gettext_lazy("Trong tủ đề án"), (S.SHELVED,)),
    (S.TURNED.value, S.TURNED.label, (S.TURNED,)),
    (S.DECLINED.value, S.DECLINED.label, (S.DECLINED,)),
    (S.WITHDRAWN.value, S.WITHDRAWN.label, (S.WITHDRAWN,)),
)


@dataclass(frozen=True)
class Act:
    """One act on a need: the state it leads to, its form, what it does, the words that say it is done."""

    to: NeedState | None
    form: type[forms.Form]
    done: Any
    carry_out: Callable[[Need, dict[str, Any], Any], Any]


ACTS: dict[str, Act] = {
    "xep": Act(
        S.SHELVED,
        ShelveForm,
        gettext_lazy("Đã đưa vào tủ đề án. Người đăng ký nhận được thông báo."),
        lambda need, given, user: services.shelve(need=need, actor=user, now=timezone.now(), **given),
    ),
    "chua": Act(
        S.DECLINED,
        DeclineForm,
        gettext_lazy("Đã trả lời. Người đăng ký nhận được thông báo."),
        lambda need, given, user: services.decline(need=need, actor=user, now=timezone.now(), **given),
    ),
    "xem-lai": Act(
        None,
        PlainForm,
        gettext_lazy("Nhu cầu đã trở lại danh sách chờ."),
        lambda need, _given, user: services.put_back(need=need, actor=user, now=timezone.now()),
    ),
}


def urls(site: AdminSite) -> list[URLPattern]:
    """Addresses below the desk's own."""
    guarded = for_staff(site)
    return [
        path("khuyen-cong/nhu-cau/", guarded(board), name="need_shelf"),
        path("khuyen-cong/nhu-cau/danh-sach.xlsx", guarded(export), name="need_shelf_export"),
        path("khuyen-cong/nhu-cau/moi/", guarded(new), name="extension_need_new"),
        path("khuyen-cong/nhu-cau/lap-de-an/", guarded(turn), name="extension_need_turn"),
        path("khuyen-cong/nhu-cau/<uuid:uuid>/", guarded(one), name="extension_need"),
        path("khuyen-cong/nhu-cau/<uuid:uuid>/tep/", guarded(file), name="extension_need_file"),
    ]


# --- the shelf -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """What the address asks for, and how to say it again."""

    wanted: Wanted
    state: str
    call: str
    province: str

    @property
    def is_narrowed(self) -> bool:
        """Whether more than the state was asked for."""
        wanted = self.wanted
        return bool(wanted.year or wanted.head or self.call or self.province or wanted.words)

    def query(self, **changes: str) -> str:
        """The address's query with other values."""
        known = {
            "tinh-trang": self.state if self.state != WAITING else "",
            "nam": str(self.wanted.year or ""),
            "noi-dung": str(self.wanted.head or ""),
            "dot": self.call,
            "tinh": self.province,
            "q": self.wanted.words,
        }
        return "?" + urlencode({name: value for name, value in {**known, **changes}.items() if value})


def _asked(request: HttpRequest, calls: list[Any], provinces: list[Territory]) -> Asked:
    """Read kindly: what is no value of a list is left out."""
    get = request.GET.get
    state = get("tinh-trang", WAITING)
    states = next((found for name, _label, found in STATES if name == state), None)
    call = next((row for row in calls if str(row.uuid) == get("dot")), None)
    province = next((row for row in provinces if row.slug == get("tinh")), None)
    head, year = get("noi-dung", ""), get("nam", "")
    wanted = Wanted(
        year=int(year) if year.isascii() and year.isdigit() and len(year) == 4 else None,  # noqa: PLR2004
        states=states or (),
        head=int(head) if head in {str(value) for value in ActivityHead.values} else None,
        call=call.pk if call else None,
        words=get("q", "").strip()[:200],
        territory_ids=family_ids(province.pk) if province else None,
    )
    known = state if states is not None else WAITING
    return Asked(wanted, known, str(call.uuid) if call else "", province.slug if province else "")


@require_safe
def board(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Needs of the person's provinces in their order, each with why it stands there. Constant queries."""
    on, user = today(), request.user
    calls, provinces = queries.calls_of(user), queries.provinces_of(user)
    asked = _asked(request, calls, provinces)
    page = Paginator(queries.shelf(user, asked.wanted, on=on), PER_PAGE).get_page(request.GET.get("page"))
    here = own_province(user)
    may_keep = here is not None and need_rules.may_keep(user, here)
    context = {
        **_frame(request, site, _("Nhu cầu hỗ trợ")),
        "asked": asked,
        "states": [(label, asked.query(**{"tinh-trang": name}), name == asked.state) for name, label, _f in STATES],
        "tally": queries.tally(user, asked.wanted),
        "calls": calls,
        "heads": ActivityHead.choices,
        "years": queries.years_of(user),
        "provinces": provinces if len(provinces) > 1 else [],
        "page": page,
        "rows": page.object_list,
        "may_keep": may_keep,
        "area_missing": here if may_keep and here and not queries.knows_areas(here, on=on) else None,
        "export": f"{reverse('admin:need_shelf_export')}{asked.query()}",
    }
    return render(request, "admin/extension/need_shelf.html", context)


@require_safe
def export(request: HttpRequest, site: AdminSite) -> HttpResponseBase:
    """The shelf as it stands, as a workbook that is read on A4; taking it is recorded."""
    user: Any = request.user
    provinces = queries.provinces_of(user)
    asked = _asked(request, queries.calls_of(user), provinces)
    rows = queries.shelf(user, asked.wanted, on=today())
    headings = [
        _("Thứ tự"), _("Điểm ưu tiên"), _("Vì sao"), _("Cơ sở"), _("Tỉnh"), _("Xã, phường"), _("Cần hỗ trợ gì"),
        _("Nội dung chi"), _("Năm"), _("Tổng chi phí (đồng)"), _("Vốn tự có (đồng)"), _("Tình trạng"), _("Đề án"),
        _("Ngày đăng ký"),
    ]  # fmt: skip
    record_access(
        request,
        action="extension.needs_exported",
        sentence=_("Tải danh sách %(n)s nhu cầu hỗ trợ.") % {"n": len(rows)},
        subject=user,
    )
    widths = (0, 0, 22, 15, 10, 11, 18, 13, 0, 0, 0, 10, 13, 0)
    # One province throughout, or no project yet, needs no column.
    told = {4: len(provinces) > 1, 12: any(row.need.project_id for row in rows)}
    kept = [told.get(place, True) for place in range(len(headings))]
    lines = with_sums(map(_line, rows), (9, 10), _("Cộng"))
    return as_xlsx(
        _("Nhu cầu hỗ trợ"),
        list(compress(headings, kept)),
        (Strong(compress(line, kept)) if isinstance(line, Strong) else list(compress(line, kept)) for line in lines),
        file_name=f"nhu-cau-{today():%Y-%m-%d}.xlsx",
        widths=list(compress(widths, kept)),
    )


def _line(row: Shelved) -> list[Any]:
    need = row.need
    why = "; ".join(f"{reason.rule.name}: {reason.because} ({reason.rule.basis})" for reason in row.rank.reasons)
    return [
        row.place, row.rank.points, why, row.who, str(need.territory), str(need.commune or ""), need.title,
        str(need.item or ""), need.year, need.cost, need.own_funds, need.get_state_display(),
        need.project.name if need.project else "", timezone.localdate(need.registered_at),
    ]  # fmt: skip


def _frame(request: HttpRequest, site: AdminSite, title: str) -> dict[str, Any]:
    return {**site.each_context(request), "opts": Need._meta, "has_view_permission": True, "title": title}


# --- one need ----------------------------------------------------------------------------------------------------


def _need_or_404(request: HttpRequest, uuid: UUID) -> Need:
    return get_object_or_404(queries.visible_needs(request.user).select_related("file", "answered_by"), uuid=uuid)


@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, site: AdminSite, uuid: UUID) -> HttpResponse:
    """One need: who asks for what, why it ranks as it does, the centre's answer."""
    need = _need_or_404(request, uuid)
    may_keep = need_rules.may_keep(request.user, need.territory_id)
    bound: dict[str, forms.Form] = {}
    status = 200
    if request.method == "POST":
        if not may_keep:
            raise PermissionDenied(str(need_rules.ONLY_KEEPERS))
        said, status = _act(request, need, bound)
        if said:
            messages.success(request, said)
            return redirect("admin:extension_need", need.uuid)
    words = request.GET.get("q", "").strip()[:200]
    unknown = may_keep and need.facility is None and need.state in (S.REGISTERED, S.SHELVED)
    rank = queries.ranks_of([need], on=today())[need.pk]
    context = {
        **_frame(request, site, need.title),
        "need": need,
        "who": queries.who_of(need),
        "rank": rank,
        "limit": queries.limit_of(need, rank, on=today()),
        "kept": need.ranking,
        "may_keep": may_keep,
        "offered": _offered(need) if may_keep else (),
        "forms": {name.replace("-", "_"): bound.get(name) or act.form() for name, act in ACTS.items()},
        "turn_link": f"{reverse('admin:extension_need_turn')}?nhu-cau={need.uuid}",
        "unknown": unknown,
        "q": words,
        "matches": _matches(request, need, words or need.facility_name) if unknown else (),
    }
    return render(request, "admin/extension/need.html", context, status=status)


def _offered(need: Need) -> list[str]:
    """The acts that the state allows."""
    if need.state == S.TURNED:
        return ["xem-lai"] if need.project and need.project.state in CAME_TO_NOTHING else []
    legal = NEED_TRANSITIONS[S(need.state)]
    back = need.state in (S.DECLINED, S.SHELVED)
    return [name for name, act in ACTS.items() if (act.to in legal if act.to else back)]


def _matches(request: HttpRequest, need: Need, words: str) -> list[Facility]:
    """Facilities of the province that the need may mean, by the words of its name. One query."""
    rows = Facility.objects.visible_to(request.user).filter(territory__in=family_ids(need.territory_id))
    for word in fold(words).split()[:8]:
        rows = rows.filter(folded__contains=word)
    return list(rows.select_related("commune", "territory")[:SHOWN_MATCHES])


def _act(request: HttpRequest, need: Need, bound: dict[str, forms.Form]) -> tuple[str, int]:
    """Carry out one act: the words for a done one, else the status; the form with its errors goes into `bound`."""
    name = request.POST.get("act", "")
    if name == "co-so":
        return _attach(request, need)
    act = ACTS.get(name)
    if act is None:
        return "", 400
    form = bound[name] = act.form(request.POST)
    if not form.is_valid():
        return "", WRONG
    try:
        act.carry_out(need, form.cleaned_data, request.user)
    except Refusal as refusal:
        apply_refusal(form, refusal)
        messages.error(request, str(refusal))
        return "", status_of(refusal)
    return str(act.done), OK


def _attach(request: HttpRequest, need: Need) -> tuple[str, int]:
    """Say which facility of the register a need is of that came with a name only."""
    rows = Facility.objects.visible_to(request.user).filter(territory__in=family_ids(need.territory_id))
    facility = picked(rows, request.POST.get("facility", ""))
    if facility is None:
        return "", 400
    try:
        services.change(need=need, actor=request.user, now=timezone.now(), facility=facility)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return "", status_of(refusal)
    return _("Đã gắn nhu cầu với %(facility)s.") % {"facility": facility}, 200


@require_safe
def file(request: HttpRequest, site: AdminSite, uuid: UUID) -> HttpResponseBase:
    """The paper that came with a need; opening it is recorded once a day."""
    need = _need_or_404(request, uuid)
    if need.file is None:
        raise Http404
    return open_file(
        request,
        need.file,
        filename=f"nhu-cau-{timezone.localdate(need.registered_at)}",
        action="extension.need_file",
        sentence=_("Mở giấy tờ kèm nhu cầu “%(title)s”.") % {"title": need.title},
        subject=need,
        territory=need.territory,
    )


# --- entering what came on paper ------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Enter a need that came on paper or by word: first for whom, then what."""
    here = own_province(request.user)
    if here is None or not need_rules.may_keep(request.user, here):
        raise PermissionDenied(str(need_rules.ONLY_KEEPERS))
    rows = Facility.objects.visible_to(request.user).select_related("territory", "commune")
    chosen = request.GET.get("co-so", "")
    frame = _frame(request, site, _("Nhập nhu cầu hỗ trợ"))
    if not chosen:
        words = request.GET.get("q", "").strip()[:200]
        for word in fold(words).split()[:8]:
            rows = rows.filter(folded__contains=word)
        page = Paginator(rows.order_by("sort_key", "pk"), PER_PAGE).get_page(request.GET.get("page"))
        return render(request, "admin/extension/need_choose.html", {**frame, "q": words, "page": page})
    maker = None if chosen == UNKNOWN else _facility_or_404(rows, chosen)
    calls = [row for row in queries.calls_of(request.user) if row.year >= today().year]
    form = need_form(request, makers=[maker] if maker else [], unknown=maker is None, calls=calls, on=today())
    status = 200
    if request.method == "POST":
        place = {"facility": maker} if maker else {"territory": Territory.objects.get(pk=here)}
        need, status = attempt(
            form,
            lambda form: services.register(actor=request.user, now=timezone.now(), **place, **form.facts()),
        )
        if need:
            messages.success(request, _("Đã ghi nhu cầu."))
            return redirect("admin:extension_need", need.uuid)
    return render(request, "admin/extension/need_new.html", {**frame, "form": form, "maker": maker}, status=status)


def _facility_or_404(rows: Any, text: str) -> Facility:
    try:
        wanted = UUID(text)
    except ValueError as error:
        raise Http404 from error
    return get_object_or_404(rows, uuid=wanted)


# --- several needs as one project -----------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def turn(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """The chosen needs as one project: GET proposes, POST makes it."""
    chosen = _chosen(request)
    if not chosen:
        messages.error(request, _("Hãy chọn ít nhất một nhu cầu để lập đề án."))
        return redirect("admin:need_shelf")
    if not all(need_rules.may_keep(request.user, need.territory_id) for need in chosen):
        raise PermissionDenied(str(need_rules.ONLY_KEEPERS))
    here = {need.territory_id for need in chosen}
    programmes = Programme.objects.filter(Q(territory__in=here) | Q(territory=None))
    form = TurnForm(
        request.POST if request.method == "POST" else None, initial=_proposal(chosen), programmes=programmes
    )
    status = 200
    if request.method == "POST":
        project, status = attempt(
            form,
            lambda form: services.turn(needs=chosen, actor=request.user, now=timezone.now(), **form.cleaned_data),
        )
        if project:
            messages.success(request, _("Đã lập đề án từ %(n)s nhu cầu. Hãy lập dự toán tiếp.") % {"n": len(chosen)})
            return redirect("admin:extension_project_change", project.pk)
    rows = [Shelved(place, need, rank) for place, (need, rank) in enumerate(_ranked(chosen), start=1)]
    context = {
        **_frame(request, site, _("Lập đề án từ nhu cầu")),
        "form": form,
        "rows": rows,
        "not_ready": [need for need in chosen if need.state != S.SHELVED],
        "unknown": [need for need in chosen if need.facility is None],
        "cost": sum(need.cost or 0 for need in chosen),
        "own_funds": sum(need.own_funds or 0 for need in chosen),
    }
    return render(request, "admin/extension/need_turn.html", context, status=status)


def _chosen(request: HttpRequest) -> list[Need]:
    """The needs that the address or the form names, of those the person reaches."""
    named = request.POST if request.method == "POST" else request.GET
    keys = []
    for text in named.getlist("nhu-cau")[:200]:
        try:
            keys.append(UUID(text))
        except ValueError:
            continue
    return list(queries.visible_needs(request.user).filter(uuid__in=keys).order_by("registered_at", "pk"))


def _ranked(chosen: list[Need]) -> list[tuple[Need, Rank]]:
    ranks = queries.ranks_of(chosen, on=today())
    return [(need, ranks[need.pk]) for need in sorted(chosen, key=lambda need: -ranks[need.pk].points)]


def _proposal(chosen: list[Need]) -> dict[str, Any]:
    """What the needs already say of the project; where they differ, nothing."""

    def common(values: set[Any]) -> Any:
        return values.pop() if len(values) == 1 else None

    first = chosen[0]
    return {
        "name": first.title if len(chosen) == 1 else "",
        "kind": ProjectKind.SINGLE if len(chosen) == 1 else ProjectKind.GROUP,
        "funding": common({need.wanted_funding for need in chosen}) or Funding.LOCAL,
        "head": common({need.head for need in chosen}),
        "year": common({need.year for need in chosen}) or min(need.year for need in chosen),
        "trade": common({need.trade for need in chosen}) or "",
    }
