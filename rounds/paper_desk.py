"""Paper at the desk: entered sheets that wait, print-outs to be signed, signed ones received. Thin views.

Points are read here by the secretary alone, from paper or from print-outs made in the judge's presence; a
secretary who judges too does neither, so that the sheets stay blind to one another.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET

from portal.accounts.models import User
from portal.files.services import store
from portal.text.clock import today
from portal.text.errors import Refusal
from portal.text.inputs import OK, DateField, attempt, key_of
from portal.text.slugs import slugify

from . import printing, rules
from .desk import SCAN, context, posted_or_back, visible_dossiers
from .enums import RoundState, SheetState
from .models import Dossier, Round, ScoreSheet
from .progress_desk import round_in_scoring
from .services import paper_sheets


class ReceiveForm(forms.Form):
    """Signed print-outs: when they were signed, and a scan of them where there is one."""

    signed_on = DateField(label=gettext_lazy("Ngày ký"), error_messages={"required": gettext_lazy("Hãy ghi ngày ký.")})
    scan = forms.FileField(
        label=gettext_lazy("Bản chụp"),
        required=False,
        help_text=gettext_lazy("PDF hoặc ảnh, một tệp cho các phiếu đã chọn."),
    )


def show(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    """What waits for a judge's word, and what waits for a signature, judge by judge."""
    return _page(request, site, round_in_scoring(request, pk), ReceiveForm(initial={"signed_on": today()}))


def _page(
    request: HttpRequest,
    site: AdminSite,
    round_: Round,
    form: ReceiveForm,
    *,
    of_judge: int | None = None,
    ticked: frozenset[int] = frozenset(),
    status: int = 200,
) -> HttpResponse:
    dossiers = visible_dossiers(request, round_)
    batches = list(_batches(round_, dossiers))
    page = context(
        site,
        request,
        Round,
        title=_("Phiếu giấy, bản ký"),
        round=round_,
        entered=_entered(round_, dossiers),
        batches=batches,
        unsigned=sum(len(batch.unsigned) for batch in batches),
        signed=sum(batch.signed for batch in batches),
        form=form,
        of_judge=of_judge,
        ticked=ticked,
        may_enter=rules.may_enter_paper(request.user, round_),
        why_not=_why_not(request, round_),
        is_open=round_.state == RoundState.SCORING,
        two_passes=round_.has_site_pass,
    )
    return render(request, "admin/rounds/paper.html", page, status=status)


def _entered(round_: Round, dossiers: "QuerySet[Dossier]") -> "QuerySet[ScoreSheet]":
    """Paper sheets that wait for their judges. One query."""
    found = ScoreSheet.objects.filter(dossier__in=dossiers, state=SheetState.ENTERED)
    return (
        found.select_related("dossier__product", "judge", "entered_by").defer("total", "remark").order_by("entered_at")
    )


@dataclass(frozen=True)
class Batch:
    """One judge's submitted sheets: those without a signed print-out, and how many have one."""

    judge: User
    unsigned: tuple[ScoreSheet, ...]
    signed: int


def _batches(round_: Round, dossiers: "QuerySet[Dossier]") -> Iterator[Batch]:
    """By judge, the sheets to be signed. Two queries."""
    waiting = paper_sheets.unsigned(round_).filter(dossier__in=dossiers).defer("total", "remark")
    mine = {judge: tuple(sheets) for judge, sheets in groupby(waiting, key=lambda sheet: sheet.judge_id)}
    received = ScoreSheet.objects.filter(dossier__in=dossiers, state=SheetState.SUBMITTED).exclude(
        pk__in=paper_sheets.unsigned(round_).order_by().values("pk")
    )
    done: dict[int, int] = {}
    for judge in received.values_list("judge_id", flat=True):
        done[judge] = done.get(judge, 0) + 1
    people = User.objects.in_bulk({*mine, *done})
    for judge in sorted(people, key=lambda one: (one not in mine, str(people[one]))):
        yield Batch(people[judge], mine.get(judge, ()), done.get(judge, 0))


def _why_not(request: HttpRequest, round_: Round) -> str:
    """Why this person enters and prints nothing here; "" for who may."""
    if not rules.may_enter_paper(request.user, round_):
        return str(rules.may_enter_paper.sentence)
    return str(paper_sheets.OWN_SEAT) if rules.may_score(request.user, round_) else ""


def round_of_secretary(request: HttpRequest, pk: int) -> Round:
    round_ = round_in_scoring(request, pk)
    if why := _why_not(request, round_):
        raise PermissionDenied(why)
    return round_


@posted_or_back("admin:rounds_round_paper")
def receive(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    """POST: printed sheets came back with their judges' signatures, one, several or all of one judge."""
    round_ = round_of_secretary(request, pk)
    form = ReceiveForm(request.POST, request.FILES)
    ticked = frozenset(filter(None, map(key_of, request.POST.getlist("sheets"))))
    of_judge = key_of(request.POST.get("judge", ""))
    chosen = ScoreSheet.objects.filter(dossier__in=visible_dossiers(request, round_))
    if "all" in request.POST:
        waiting = paper_sheets.not_aside(paper_sheets.unsigned(round_).filter(judge=of_judge))
        chosen = chosen.filter(pk__in=waiting.order_by().values("pk"))
    else:
        chosen = chosen.filter(pk__in=ticked)
    received, status = attempt(form, lambda form: _receive(request, list(chosen), form))
    if status != OK:
        return _page(request, site, round_, form, of_judge=of_judge, ticked=ticked, status=status)
    said = ngettext("Đã nhận %(n)d phiếu có chữ ký.", "Đã nhận %(n)d phiếu có chữ ký.", received) % {"n": received}
    messages.success(request, said)
    return redirect("admin:rounds_round_paper", pk)


@transaction.atomic
def _receive(request: HttpRequest, chosen: list[ScoreSheet], form: ReceiveForm) -> int:
    facts = form.cleaned_data
    scan = store(facts["scan"], allow=SCAN, field="scan") if facts["scan"] else None
    done = paper_sheets.record_signature(
        sheets=chosen, signed_on=facts["signed_on"], scan=scan, actor=request.user, now=timezone.now()
    )
    return len(done)


@require_GET
def print_batch(request: HttpRequest, site: AdminSite, pk: int, judge_pk: int) -> HttpResponse:
    """One judge's submitted sheets as one PDF, or the one asked for. Every print is a line in the audit."""
    round_ = round_of_secretary(request, pk)
    sheets = ScoreSheet.objects.filter(dossier__in=visible_dossiers(request, round_), judge=judge_pk)
    one = key_of(request.GET.get("phieu", ""))
    if one is not None:
        sheets = sheets.filter(pk=one)
    elif "chua-ky" in request.GET:
        sheets = sheets.filter(pk__in=paper_sheets.unsigned(round_).order_by().values("pk"))
    judge = User.objects.filter(pk=judge_pk, sheets__dossier__round=round_).first()
    if judge is None:
        raise Http404
    name = f"phieu-cham-{slugify(str(judge))}"
    try:
        return printing.handed_out(request, round_, sheets, name=name, whose=judge, on=today())
    except Refusal as refusal:
        messages.error(request, str(refusal.sentence))
        return redirect("admin:rounds_round_paper", pk)


PATHS = (
    ("phieu-giay/", show, "paper"),
    ("phieu-giay/nhan/", receive, "paper_receive"),
    ("phieu-giay/in/<int:judge_pk>/", print_batch, "paper_print"),
)
