"""Nominations at the desk: which rounds above take lists, one list on one page, its letter and its sending. Thin views."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from portal.accounts.enums import Role
from portal.accounts.queries import staff_reach
from portal.accounts.staff_pages import for_staff
from portal.files.responses import serve
from portal.files.services import store
from portal.territory.models import Territory
from portal.territory.queries import current_id
from portal.text.clock import today
from portal.text.errors import Refusal
from portal.text.inputs import DateField, apply_refusal, key_of, picked, status_of

from . import exchange_rules, rules
from . import nomination_queries as queries
from .deadlines import Deadline
from .desk import SCAN, context
from .enums import ListState, NotNominated
from .models import NominationList, Round
from .nominate_rows import choices_in, sheet_of
from .nominating import CHAIN, reasons_not_to_send
from .nominating_rules import may_nominate, may_take, may_write
from .official import nominations as papers
from .official.views import download
from .services import nominating

SHOWN = 60
LETTER = ("letter_number", "letter_on", "letter_signer")


class ListForm(forms.Form):
    """What a list says besides its products."""

    nothing_reason = forms.CharField(
        label=gettext_lazy("Lý do không đề cử sản phẩm nào"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    letter_number = forms.CharField(
        label=gettext_lazy("Số công văn đề nghị"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("Ví dụ: 125/SCT-QLCN."),
    )
    letter_on = DateField(label=gettext_lazy("Ngày công văn"), required=False)
    letter_signer = forms.CharField(
        label=gettext_lazy("Chức danh người ký"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("Ví dụ: Giám đốc Sở Công Thương."),
    )
    letter_scan = forms.FileField(
        label=gettext_lazy("Bản chụp công văn"), required=False, help_text=gettext_lazy("Ảnh hoặc PDF.")
    )


@dataclass(frozen=True)
class Above:
    """A round above and the unit's list for it."""

    round: Round
    row: NominationList | None
    is_open: bool
    deadline: Deadline | None


def urls(site: AdminSite) -> list[URLPattern]:
    """Addresses below the desk's own."""
    guarded = for_staff(site)
    return [
        path("de-cu/", guarded(overview), name="nominations"),
        path("de-cu/mo/<int:round_pk>/", guarded(open_), name="nomination_open"),
        path("de-cu/<int:pk>/", guarded(show), name="nomination_list"),
        path("de-cu/<int:pk>/viec/", guarded(act), name="nomination_act"),
        path("de-cu/<int:pk>/cong-van/", guarded(letter_file), name="nomination_scan"),
        path("de-cu/<int:pk>/bieu-mau/<slug:form>/<slug:fmt>/", guarded(paper), name="nomination_paper"),
    ]


# --- what is open -----------------------------------------------------------------------------------------


def overview(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """The rounds above for each province the person writes lists of, what waits to be taken in, and what was sent."""
    provinces = own_provinces(request.user)
    lists = NominationList.objects.visible_to(request.user).filter(round__isnull=False)
    mine = _with_counts(lists.filter(commune=None, territory__in=provinces))
    page = context(
        site,
        request,
        NominationList,
        title=_("Đề cử"),
        provinces=[(unit, _above(unit, mine)) for unit in provinces],
        arrived=_with_counts(lists.filter(state=ListState.SENT).exclude(territory__in=provinces, commune=None))[:SHOWN],
        run=_run_here(request.user),
        past=[row for row in mine if row.state != ListState.DRAFT][:SHOWN],
    )
    return render(request, "admin/rounds/nominations.html", page)


def own_provinces(user: Any) -> list[Territory]:
    """Today's provinces whose lists the person writes. One query."""
    reach = staff_reach(user)
    held = {current_id(pk) for pk in reach.territory_ids if may_nominate_as_officer(user, pk)}
    return list(Territory.objects.filter(pk__in=held))


def may_nominate_as_officer(user: Any, territory_id: int) -> bool:
    """Without the administrator, whom every role is open to: the page would list every province."""
    roles = staff_reach(user).roles_in.get(territory_id, frozenset())
    return bool(roles & {Role.OFFICER, Role.LEADER})


def _with_counts(lists: "QuerySet[NominationList]") -> "QuerySet[Any]":
    return (
        lists.select_related("round__territory", "territory", "commune", "sent_by")
        .annotate(total=Count("nominations"), chosen=Count("nominations", filter=Q(nominations__chosen=True)))
        .order_by("-year", "-pk")
    )


def _above(unit: Territory, mine: "QuerySet[Any]") -> list[Above]:
    now = timezone.now()
    held = {row.round_id: row for row in reversed(mine) if current_id(row.territory_id) == unit.pk}
    rounds = queries.open_above(unit.pk, now=now)
    return [Above(one, held.get(one.pk), True, deadline_of(one)) for one in rounds]


def deadline_of(round_: Round) -> Deadline | None:
    until = round_.receiving_until
    return Deadline(timezone.localtime(until), timezone.localtime()) if until else None


def _run_here(user: Any) -> list[Round]:
    """Rounds that the person takes lists in for, the newest first. One query, and those of the rule."""
    rounds = Round.objects.visible_to(user).public().filter(level__in=list(CHAIN)).select_related("territory")
    return [one for one in rounds.order_by("-year", "-pk")[:SHOWN] if rules.may_receive(user, one)]


def open_(request: HttpRequest, site: AdminSite, round_pk: int) -> HttpResponse:
    """POST: the province's list for a round above, made when there is none."""
    if request.method != "POST":
        return redirect("admin:nominations")
    round_ = Round.objects.public().filter(pk=round_pk).first()
    unit = picked(Territory.objects.all(), request.POST.get("tinh", ""))
    if round_ is None or unit is None or not may_nominate(request.user, territory_id=unit.pk):
        raise Http404
    try:
        row = nominating.open_list(round_=round_, territory=unit, actor=request.user, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal.sentence))
        return redirect("admin:nominations")
    return redirect("admin:nomination_list", row.pk)


# --- one list ---------------------------------------------------------------------------------------------


def list_or_404(request: HttpRequest, pk: int) -> NominationList:
    found = (
        NominationList.objects.visible_to(request.user)
        .select_related("round__territory", "territory", "commune", "sent_by", "received_by", "letter_scan")
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise Http404
    return found


def show(
    request: HttpRequest, site: AdminSite, pk: int, *, form: ListForm | None = None, status: int = 200
) -> HttpResponse:
    """A draft to be decided and sent by its unit, or a sent list with what became of it."""
    row = list_or_404(request, pk)
    words = (request.POST if request.method == "POST" else request.GET).get("q", "")[:100]
    sheet = sheet_of(row, on=today(), words=words)
    writes = row.state == ListState.DRAFT and row.round is not None and may_write(request.user, row)
    takes = row.state == ListState.SENT and may_take(request.user, row.round)
    page = context(
        site,
        request,
        NominationList,
        title=_("Danh sách đề cử"),
        row=row,
        sheet=sheet,
        form=form_of(row, sheet, form),
        writes=writes,
        takes=takes,
        again=_may_begin_again(request.user, row),
        waits=_waits(row, sheet) if writes else [],
        reasons=[(choice.value, choice.label) for choice in NotNominated],
        deadline=deadline_of(row.round) if row.round else None,
        papers=papers.offered(row),
        packages=exchange_rules.packages_of(request.user).filter(nomination_list=row).order_by("-pk"),
        may_pack=exchange_rules.waits_for_package(request.user, row),
        words=words,
        offers_more=writes and row.round is not None and not row.round.lower_round_held,
    )
    return render(request, "admin/rounds/nomination_list.html", page, status=status)


def _may_begin_again(user: Any, row: NominationList) -> bool:
    """Whether the person may write a new list of the province after this one was returned."""
    if row.state != ListState.RETURNED or row.round is None or row.commune_id is not None:
        return False
    return may_write(user, row) and row.round.receiving_open(timezone.now())


def form_of(row: NominationList, sheet: Any, bound: ListForm | None = None) -> ListForm:
    """The letter as it stands, or as it was typed; what sending asks for is not called optional."""
    form = bound or ListForm(initial={name: getattr(row, name) for name in ListForm.base_fields})
    for name in LETTER if sheet.chosen or not row.nothing_reason else ():
        form.fields[name].required = True
    form.fields["nothing_reason"].required = not sheet.chosen
    return form


def _waits(row: NominationList, sheet: Any) -> list[str]:
    """What still stands between the list and its sending."""
    lines = [one.as_line for one in sheet.rows]
    return reasons_not_to_send(nominating.draft_of(row, lines, timezone.now()), on=today())


def act(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    """POST of one act on a list; on refusal the same page again with every reason."""
    row = list_or_404(request, pk)
    if request.method != "POST":
        return redirect("admin:nomination_list", pk)
    does = ACTS.get(request.POST.get("do", ""))
    if does is None:
        messages.error(request, _("Không có việc này. Hãy tải lại trang."))
        return show(request, site, pk, status=400)
    form = ListForm(request.POST, request.FILES)
    form.is_valid()
    try:
        said = does(request, row, form)
    except Refusal as refusal:
        return _refused(request, site, row, form, refusal)
    messages.success(request, said)
    query = urlencode({"q": request.POST["q"][:100]}) if request.POST.get("q") else ""
    return redirect(reverse("admin:nomination_list", args=[pk]) + (f"?{query}" if query else ""))


def _refused(
    request: HttpRequest, site: AdminSite, row: NominationList, form: ListForm, refusal: Refusal
) -> HttpResponse:
    """What was typed in the letter stays; above it stands every reason."""
    shown = form if request.POST.get("do") in WRITING else ListForm(initial={})
    if shown.is_bound:
        apply_refusal(shown, refusal)
    else:
        messages.error(request, " ".join([str(refusal.sentence), *map(str, refusal.details)]))
    return show(request, site, row.pk, form=shown if shown.is_bound else None, status=status_of(refusal))


def _save(request: HttpRequest, row: NominationList, form: ListForm) -> str:
    write(request, row, form)
    return _("Đã lưu danh sách. Chưa gửi.")


def write(request: HttpRequest, row: NominationList, form: ListForm) -> None:
    """Everything on the page: decisions and the reason for nothing first, so that a wrong date loses none of them."""
    now = timezone.now()
    keys = [key_of(name.removeprefix("co-")) or 0 for name in request.POST if name.startswith("co-")]
    nominating.decide(
        nomination_list=row,
        choices=choices_in(request, keys),
        nothing_reason=request.POST.get("nothing_reason", "")[:500],
        actor=request.user,
        now=now,
    )
    if not form.is_valid():
        raise Refusal(
            "form_wrong", _("Đã lưu các lựa chọn. Công văn chưa lưu vì có ô nhập chưa đúng."), field="__all__"
        )
    _attach(request, row, form)


@transaction.atomic
def _attach(request: HttpRequest, row: NominationList, form: ListForm) -> None:
    facts = form.cleaned_data
    upload = facts["letter_scan"]
    nominating.attach_letter(
        nomination_list=row,
        number=facts["letter_number"],
        on=facts["letter_on"],
        signer=facts["letter_signer"],
        scan=store(upload, allow=SCAN, field="letter_scan") if upload else None,
        actor=request.user,
        now=timezone.now(),
    )


def _send(request: HttpRequest, row: NominationList, form: ListForm) -> str:
    write(request, row, form)
    nominating.send(nomination_list=row, actor=request.user, now=timezone.now())
    return _("Đã gửi danh sách. Danh sách đã khóa; kết quả sẽ hiện ở trang này.")


def _council(request: HttpRequest, row: NominationList, form: ListForm) -> str:
    write(request, row, form)
    nominating.fill_from_council(nomination_list=row, actor=request.user, now=timezone.now())
    return _("Đã điền theo kết quả của hội đồng cấp dưới. Hãy xem lại rồi gửi.")


def _receive(request: HttpRequest, row: NominationList, form: ListForm) -> str:
    taken = nominating.receive(nomination_list=row, actor=request.user, now=timezone.now())
    total = taken.nominations.filter(chosen=True).count()
    return _("Đã nhận danh sách, lập %(total)s hồ sơ trong kỳ.") % {"total": total}


def _return(request: HttpRequest, row: NominationList, form: ListForm) -> str:
    reason = request.POST.get("reason", "")[:500]
    nominating.return_(nomination_list=row, reason=reason, actor=request.user, now=timezone.now())
    return _("Đã trả lại danh sách. Đơn vị gửi nhận được lý do.")


ACTS: dict[str, Callable[[HttpRequest, NominationList, ListForm], str]] = {
    "save": _save,
    "send": _send,
    "council": _council,
    "receive": _receive,
    "return": _return,
}
WRITING = {"save", "send", "council"}


@require_GET
def letter_file(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponseBase:
    """The scan of the letter, to its unit and to who runs the round above."""
    row = list_or_404(request, pk)
    if row.letter_scan is None:
        raise Http404
    return serve(row.letter_scan, filename=_("Công văn đề nghị"), inline=True, request=request)


@require_GET
def paper(request: HttpRequest, site: AdminSite, pk: int, form: str, fmt: str) -> HttpResponse:
    """The letter of proposal or the abstract list as a file; every file taken is an act."""
    row = list_or_404(request, pk)
    data, name = papers.made(row, form, fmt, on=today(), actor=request.user)
    return download(data, name, fmt)
