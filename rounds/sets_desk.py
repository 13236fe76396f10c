"""Sets of a round: what waits to be decided, proposing to gather or to split, the sets there are. Thin views.

Proposing is looked at first: the page shows what would come of it, read from the act itself before it is undone.
"""

from dataclasses import dataclass
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
from django.utils.translation import gettext_lazy

from facilities.models import Facility
from portal.text.errors import Refusal
from portal.text.filters import search_words
from portal.text.inputs import apply_refusal, key_of, status_of
from products.enums import ProductGroup

from . import council_queries, rules
from .desk import context, posted_or_back, require, round_or_404, visible_dossiers
from .enums import DossierState, ProposalKind, ProposalState, RoundState
from .models import Dossier, Round, SetProposal
from .services import set_proposals
from .services.set_proposals import NAME_LENGTH
from .set_words import basis_choices, basis_words
from .states import CHECKING

SMALLEST = 2
SHOWN = 60
PAGE = "admin:rounds_round_sets"


class GatherForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Tên bộ sản phẩm"),
        max_length=NAME_LENGTH,
        error_messages={"required": gettext_lazy("Hãy đặt tên cho bộ sản phẩm.")},
    )
    basis = forms.ChoiceField(
        label=gettext_lazy("Căn cứ gộp thành bộ, Điều 6"),
        choices=basis_choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Hãy chọn căn cứ của bộ sản phẩm (Điều 6).")},
    )
    group = forms.ChoiceField(
        label=gettext_lazy("Nhóm của bộ"),
        choices=[("", gettext_lazy("Theo các sản phẩm")), *ProductGroup.choices],
        required=False,
    )
    reason = forms.CharField(
        label=gettext_lazy("Lý do đề xuất"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


@dataclass(frozen=True)
class Waiting:
    """A proposal that waits, and why this person cannot decide it."""

    proposal: SetProposal
    parts: list[Dossier]
    basis: str
    may_decide: bool
    is_own: bool
    error: str = ""
    typed: str = ""


@dataclass(frozen=True)
class MadeSet:
    """A set that was gathered, and why it cannot be taken apart."""

    dossier: Dossier
    parts: list[Dossier]
    basis: str
    fixed: str
    error: str = ""
    typed: str = ""


@dataclass(frozen=True)
class Said:
    """What came back refused: which row, what was typed, why."""

    row: int
    typed: str
    error: str


def may_read(user: Any, round_: Round) -> bool:
    return (
        rules.may_propose_sets(user, round_) or rules.may_decide_sets(user, round_) or rules.may_see_board(user, round_)
    )


def show(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    """The page: proposals that wait, facilities with several entries or the entries of one, the sets there are."""
    round_ = _readable(request, pk)
    return _page(request, site, round_, facility=_facility(request, round_, request.GET.get("co-so", "")))


def _readable(request: HttpRequest, pk: int) -> Round:
    round_ = round_or_404(request, pk)
    if not may_read(request.user, round_):
        raise PermissionDenied(str(rules.may_propose_sets.sentence))
    return round_


@posted_or_back(PAGE)
def propose(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    """POST of a proposal to gather; without the last button it is only looked at."""
    round_ = _readable(request, pk)
    require(rules.may_propose_sets, request, round_)
    facility = _facility(request, round_, request.POST.get("co-so", ""))
    if facility is None:
        messages.error(request, _("Cơ sở này không có hồ sơ nào gộp được trong kỳ. Hãy chọn lại cơ sở."))
        return _page(request, site, round_, status=400)
    ticked = {pk for pk in request.POST.getlist("dossiers") if pk.isdecimal()}
    form = GatherForm(request.POST)
    chosen = [one for one in parts_of(request, round_).filter(product__facility=facility) if str(one.pk) in ticked]
    typed: dict[str, Any] = {"facility": facility, "form": form, "ticked": ticked}
    if not form.is_valid():
        return _page(request, site, round_, status=400, **typed)
    is_done = request.POST.get("do") == "propose"
    try:
        with transaction.atomic():
            set_proposals.propose_gather(
                round_=round_, dossiers=chosen, actor=request.user, now=timezone.now(), **form.cleaned_data
            )
            if not is_done:
                transaction.set_rollback(True)
    except Refusal as refusal:
        apply_refusal(form, refusal)
        return _page(request, site, round_, status=status_of(refusal), **typed)
    if not is_done:
        return _page(request, site, round_, preview=_preview(form, chosen), **typed)
    messages.success(
        request, _("Đã gửi đề xuất gộp %(total)s hồ sơ. Người khác sẽ quyết định.") % {"total": len(chosen)}
    )
    return redirect(PAGE, pk)


@posted_or_back(PAGE)
def propose_split(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    """POST of a proposal to take a set apart."""
    round_ = _readable(request, pk)
    require(rules.may_propose_sets, request, round_)
    whole = _sets(request, round_).filter(pk=_number(request, "bo")).first()
    if whole is None:
        raise Http404
    reason = request.POST.get("reason", "")[:300]
    try:
        set_proposals.propose_split(dossier=whole, reason=reason, actor=request.user, now=timezone.now())
    except Refusal as refusal:
        said = Said(whole.pk, reason, str(refusal.sentence))
        return _page(request, site, round_, split=said, status=status_of(refusal))
    messages.success(request, _("Đã gửi đề xuất tách bộ %(code)s.") % {"code": whole.entry_code})
    return redirect(PAGE, pk)


@posted_or_back(PAGE)
def decide(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    """POST of the decision on one proposal."""
    round_ = _readable(request, pk)
    require(rules.may_decide_sets, request, round_)
    proposal = _proposals(request, round_).filter(pk=_number(request, "de-xuat")).first()
    if proposal is None:
        raise Http404
    reason, accept = request.POST.get("reason", "")[:300], request.POST.get("do") == "accept"
    try:
        set_proposals.decide(proposal=proposal, accept=accept, reason=reason, actor=request.user, now=timezone.now())
    except Refusal as refusal:
        said = Said(proposal.pk, reason, str(refusal.sentence))
        return _page(request, site, round_, decided=said, status=status_of(refusal))
    done = _("Đã đồng ý và thực hiện đề xuất.") if accept else _("Đã ghi không đồng ý đề xuất.")
    messages.success(request, done)
    return redirect(PAGE, pk)


def _number(request: HttpRequest, name: str) -> int:
    return key_of(request.POST.get(name, "")) or 0


def parts_of(request: HttpRequest, round_: Round) -> "QuerySet[Dossier]":
    """Entries that may become part of a set now: before scoring what is handed in, afterwards what passed."""
    found = visible_dossiers(request, round_).filter(product__is_set=False)
    if round_.state in CHECKING:
        found = found.filter(state__in=[DossierState.SUBMITTED, DossierState.ELIGIBLE])
    elif round_.state == RoundState.DELIBERATION:
        found = found.filter(state=DossierState.ELIGIBLE, result__passed=True)
    else:
        found = found.none()
    waiting = SetProposal.objects.filter(round=round_, state=ProposalState.PROPOSED).values("dossiers")
    return found.exclude(pk__in=waiting).select_related("product", "round").order_by("entry_code", "pk")


def _facility(request: HttpRequest, round_: Round, pk: str) -> Facility | None:
    return (
        Facility.objects.filter(pk=key_of(pk) or 0, products__dossiers__in=parts_of(request, round_)).distinct().first()
    )


def _facilities(request: HttpRequest, round_: Round, words: str) -> "QuerySet[Facility]":
    """Facilities with at least two such entries. One query."""
    counted = parts_of(request, round_).order_by().values("product__facility").annotate(total=Count("pk"))
    several = counted.filter(total__gte=SMALLEST).values("product__facility")
    inside = Count("products__dossiers", distinct=True)
    rows = Facility.objects.filter(pk__in=several, products__dossiers__in=parts_of(request, round_)).annotate(
        total=inside
    )
    for word in search_words(words):
        rows = rows.filter(folded__contains=word)
    return rows.order_by("sort_key", "pk")[:SHOWN]


def _proposals(request: HttpRequest, round_: Round) -> "QuerySet[SetProposal]":
    """Proposals without those that name a dossier from which the reader stands aside."""
    hidden = Dossier.objects.filter(round=round_).exclude(pk__in=visible_dossiers(request, round_).values("pk"))
    found = SetProposal.objects.filter(round=round_).exclude(dossiers__in=hidden.values("pk"))
    return found.select_related("proposed_by", "decided_by", "session", "set_dossier__product").prefetch_related(
        "dossiers__product"
    )


def _sets(request: HttpRequest, round_: Round) -> "QuerySet[Dossier]":
    """Gathered sets that stand. Two queries when read."""
    found = visible_dossiers(request, round_).filter(is_gathered_set=True).exclude(state=DossierState.WITHDRAWN)
    return (
        found.select_related("product__facility", "result").prefetch_related("gathered__product").order_by("entry_code")
    )


def _preview(form: GatherForm, parts: list[Dossier]) -> dict[str, Any]:
    said = form.cleaned_data
    group = said["group"] or parts[0].product.group
    return {
        "name": said["name"],
        "group": str(ProductGroup(group).label),
        "basis": basis_words(said["basis"]),
        "parts": parts,
    }


def _waiting(request: HttpRequest, round_: Round, found: list[SetProposal], said: Said | None) -> list[Waiting]:
    decides = rules.may_decide_sets(request.user, round_)
    rows = []
    for one in found:
        own = one.proposed_by_id == request.user.pk
        came_back = said if said is not None and said.row == one.pk else None
        rows.append(
            Waiting(
                proposal=one,
                parts=list(one.dossiers.all()),
                basis=basis_words(one.basis),
                may_decide=decides and not own,
                is_own=own,
                error=came_back.error if came_back else "",
                typed=came_back.typed if came_back else "",
            )
        )
    return rows


def _made(round_: Round, found: list[Dossier], waiting: list[SetProposal], said: Said | None) -> list[MadeSet]:
    asked = {one.set_dossier_id for one in waiting if one.kind == ProposalKind.SPLIT}
    rows = []
    for one in found:
        came_back = said if said is not None and said.row == one.pk else None
        rows.append(
            MadeSet(
                dossier=one,
                parts=list(one.gathered.all()),
                basis=basis_words(one.set_basis),
                fixed=_why_fixed(round_, one, is_asked=one.pk in asked),
                error=came_back.error if came_back else "",
                typed=came_back.typed if came_back else "",
            )
        )
    return rows


def _why_fixed(round_: Round, one: Dossier, *, is_asked: bool) -> str:
    if is_asked:
        return _("Đề xuất tách bộ này đang chờ quyết định.")
    if not one.gathered_late and hasattr(one, "result"):
        return _("Bộ đã được chấm như một bộ nên không tách được: từng sản phẩm không có điểm riêng.")
    if round_.state not in set_proposals.WHEN:
        return _("Kỳ %(state)s nên bộ giữ nguyên.") % {"state": str(round_.get_state_display()).lower()}
    return ""


def _page(
    request: HttpRequest,
    site: AdminSite,
    round_: Round,
    *,
    facility: Facility | None = None,
    form: GatherForm | None = None,
    ticked: set[str] | None = None,
    preview: dict[str, Any] | None = None,
    decided: Said | None = None,
    split: Said | None = None,
    status: int = 200,
) -> HttpResponse:
    words = request.GET.get("q", "")[:200]
    proposals = list(_proposals(request, round_))
    waiting = [one for one in proposals if one.state == ProposalState.PROPOSED]
    is_open = round_.state in set_proposals.WHEN
    proposes = rules.may_propose_sets(request.user, round_) and is_open
    sits = round_.state != RoundState.DELIBERATION or council_queries.open_session_of(round_) is not None
    page = context(
        site,
        request,
        Round,
        title=_("Bộ sản phẩm"),
        round=round_,
        is_open=is_open,
        is_late=round_.state == RoundState.DELIBERATION,
        sits=sits,
        proposes=proposes,
        facility=facility if proposes else None,
        facilities=_facilities(request, round_, words) if proposes and facility is None else None,
        words=words,
        parts=list(parts_of(request, round_).filter(product__facility=facility)) if facility and proposes else [],
        ticked=ticked or set(),
        form=form or GatherForm(),
        preview=preview,
        waiting=_waiting(request, round_, waiting, decided),
        sets=_made(round_, list(_sets(request, round_)), waiting, split),
        decided=[
            (one, list(one.dossiers.all()), basis_words(one.basis))
            for one in proposals
            if one.state != ProposalState.PROPOSED
        ],
    )
    return render(request, "admin/rounds/sets.html", page, status=status)


PATHS = (
    ("bo-san-pham/", show, "sets"),
    ("bo-san-pham/de-xuat/", propose, "propose_set"),
    ("bo-san-pham/tach/", propose_split, "propose_split"),
    ("bo-san-pham/quyet-dinh/", decide, "decide_set"),
)
