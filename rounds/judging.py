"""Pages of the judges. Thin: who is asking, what did they send, which page answers.

Every page goes through `judged_dossiers`: a seat given up, a conflict declared or a dossier withdrawn a
minute ago closes them all. What a judge may not see is 404; a dossier the judge declared a conflict with
answers 403 with the sentence that says so.
"""

import datetime as dt
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.files.responses import serve
from portal.text.errors import Refusal
from portal.text.formats import day
from portal.text.formats import points as written

from . import judge_queries as queries
from .deadlines import Deadline
from .downloads import record_download
from .enums import SheetState
from .judge_page import Facts, SheetPage, draw, statement_blocks, told_by_criterion
from .judge_words import script_words
from .models import Dossier, DossierDocument, ScoreSheet
from .outline import Outline
from .score_input import Typed, from_form, from_json, revision_of
from .services import conflicts, scoring

UNPROCESSABLE, CONFLICT = 422, 409
SEALED = frozenset({SheetState.SUBMITTED, SheetState.CANNOT_ASSESS})
STATUS_OF = {"incomplete": 422, "reason_missing": 422, "reason_too_long": 422, "not_seated": 403, "conflict": 403}


def _status(refusal: Refusal) -> int:
    return STATUS_OF.get(refusal.code, CONFLICT)


def _deadline(until: dt.datetime | None, now: dt.datetime) -> Deadline | None:
    return Deadline(timezone.localtime(until), timezone.localtime(now)) if until else None


def _dossier(request: HttpRequest, uuid: UUID) -> Dossier:
    """The dossier, if the person may judge it now. Two queries."""
    wanted = queries.shown_to_judges(queries.judged_dossiers(request.user))
    return get_object_or_404(wanted, uuid=uuid)


def _recused(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What stands where a dossier cannot be opened: the declaration still to be signed, the sentence after a
    conflict of interest, else 404."""
    unsigned = queries.undeclared_round(request.user, uuid)
    if unsigned:
        return redirect("judge_declaration", uuid=unsigned.uuid)
    dossier = queries.recused_dossiers(request.user).filter(uuid=uuid).first()
    if dossier is None:
        raise Http404
    return render(
        request,
        "rounds/judge_recused.html",
        {"sentence": scoring.recused_sentence(dossier), "dossier": dossier},
        status=403,
    )


def _own_sheet(dossier: Dossier, user: Any) -> ScoreSheet | None:
    return ScoreSheet.objects.filter(dossier=dossier, judge=user).first()


@never_cache
@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The judge's list of every round. Five queries besides the login."""
    now = timezone.now()
    found = [
        {"bench": bench, "deadline": _deadline(bench.round.scoring_until, now), "open": bench.round.scoring_open(now)}
        for bench in queries.benches(request.user)
    ]
    context = {
        "rounds": found,
        "nav": "mine",
        "declared": request.GET.get("da-khai", "")[:10],
        "today": day(timezone.localdate(now)),
    }
    return render(request, "rounds/judge_list.html", context)


@never_cache
@login_required
@require_safe
def guide(request: HttpRequest) -> HttpResponse:
    return render(request, "rounds/judge_guide.html", {"nav": "guide"})


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def sheet(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """The score sheet; after handing in, its receipt. Seven queries besides the login for reading."""
    now = timezone.now()
    try:
        dossier = _dossier(request, uuid)
    except Http404:
        return _recused(request, uuid)
    own = _own_sheet(dossier, request.user)
    if request.method == "POST":
        return _posted(request, dossier, own, now)
    if (own and own.state != SheetState.DRAFT) or not dossier.round.scoring_open(now):
        return _receipt(request, dossier, own, now)
    return _form(request, dossier, own, now)


def _posted(request: HttpRequest, dossier: Dossier, own: ScoreSheet | None, now: dt.datetime) -> HttpResponse:
    """A whole form: save what is right, then show what is wrong with all that was typed, or go on."""
    typed = from_form(request.POST)
    try:
        opened = own or scoring.open_sheet(dossier=dossier, judge=request.user, now=now)
        saved = scoring.save_scores(
            sheet=opened, values=typed.values, revision=typed.revision, actor=request.user, now=now, remark=typed.remark
        )
    except scoring.Stale as stale:
        return _form(request, dossier, own, now, typed=typed, refusal=stale, status=CONFLICT)
    except Refusal as refusal:
        if refusal.code == "sealed":
            return redirect("judge_sheet", uuid=dossier.uuid)
        return _form(request, dossier, own, now, typed=typed, refusal=refusal, status=_status(refusal))
    if saved.faults:
        return _form(request, dossier, saved.sheet, now, typed=typed, faults=saved.faults, status=UNPROCESSABLE)
    if request.POST.get("act") != "submit":
        return _see_other(reverse("judge_sheet", kwargs={"uuid": dossier.uuid}))
    outline = queries.outline_for(dossier.round_id, dossier.product.group)
    missing = outline.missing(queries.points_of(queries.stored_scores(saved.sheet)))
    if missing:
        incomplete = Refusal("incomplete", scoring.incomplete_sentence(len(missing)))
        return _form(request, dossier, saved.sheet, now, refusal=incomplete, status=UNPROCESSABLE)
    return _see_other(reverse("judge_submit", kwargs={"uuid": dossier.uuid}))


def _see_other(url: str) -> HttpResponse:
    answer = HttpResponseRedirect(url)
    answer.status_code = 303
    return answer


def _form(
    request: HttpRequest,
    dossier: Dossier,
    own: ScoreSheet | None,
    now: dt.datetime,
    *,
    typed: Typed | None = None,
    faults: dict[int, str] | None = None,
    refusal: Refusal | None = None,
    status: int = 200,
) -> HttpResponse:
    outline = queries.outline_for(dossier.round_id, dossier.product.group)
    facts = Facts(
        scores=queries.stored_scores(own),
        remark=own.remark if own else "",
        typed=typed or Typed(),
        faults=faults or {},
        theirs={found.row.pk: found for found in refusal.differences} if isinstance(refusal, scoring.Stale) else {},
    )
    page = draw(outline, facts)
    context = {
        **_dossier_context(request, dossier, now),
        "page": page,
        "sheet": own,
        "revision": own.revision if own else 0,
        "refusal": refusal,
        "show_missing": refusal is not None and refusal.code == "incomplete",
        "step": written(dossier.round.score_step),
        "words": script_words(),
    }
    return render(request, "rounds/judge_sheet.html", context, status=status)


def _dossier_context(request: HttpRequest, dossier: Dossier, now: dt.datetime) -> dict[str, Any]:
    told = told_by_criterion(dossier)
    return {
        "dossier": dossier,
        "round": dossier.round,
        "product": dossier.product,
        "papers": queries.papers(dossier),
        "statement": statement_blocks(dossier.statement),
        "told": told,
        "told_codes": [part.code for part in told],
        "around": queries.neighbours(request.user, dossier),
        "deadline": _deadline(dossier.round.scoring_until, now),
    }


def _receipt(request: HttpRequest, dossier: Dossier, own: ScoreSheet | None, now: dt.datetime) -> HttpResponse:
    """What was handed in, or what stood there when the scoring closed: read-only."""
    outline = queries.outline_for(dossier.round_id, dossier.product.group)
    scores = queries.stored_scores(own)
    submitted = own is not None and own.state == SheetState.SUBMITTED
    context = {
        **_dossier_context(request, dossier, now),
        "page": draw(outline, Facts(scores=scores, remark=own.remark if own else "")),
        "sheet": own,
        "code": _code(own, dossier, request.user, outline, scores) if own and submitted else "",
    }
    return render(request, "rounds/judge_receipt.html", context)


def _code(own: ScoreSheet, dossier: Dossier, user: Any, outline: Outline, scores: dict[int, Any]) -> str:
    own.dossier, own.judge = dossier, user
    return scoring.code_of(own, outline, queries.points_of(scores))


@never_cache
@require_POST
def save(request: HttpRequest, uuid: UUID) -> JsonResponse:
    """Autosave. Besides login: one query for the sheet, five for the save; the first save of a sheet, four more."""
    if not request.user.is_authenticated:
        words = _("Phiên đăng nhập đã hết. Hãy đăng nhập lại ở thẻ khác rồi gửi lại.")
        return JsonResponse({"code": "login", "sentence": words}, status=401)
    now = timezone.now()
    try:
        typed = from_json(request.body)
    except ValueError:
        return JsonResponse({"code": "malformed", "sentence": _("Máy chủ không đọc được dữ liệu gửi lên.")}, status=400)
    try:
        held = ScoreSheet.objects.filter(dossier__uuid=uuid, judge=request.user).only("pk")
        own = held.first() or scoring.open_sheet(
            dossier=get_object_or_404(queries.judged_dossiers(request.user), uuid=uuid), judge=request.user, now=now
        )
        saved = scoring.save_scores(
            sheet=own, values=typed.values, revision=typed.revision, actor=request.user, now=now, remark=typed.remark
        )
    except Http404:
        if queries.undeclared_round(request.user, uuid):
            return JsonResponse({"code": "undeclared", "sentence": scoring.undeclared_sentence()}, status=CONFLICT)
        words = _("Hồ sơ này không còn trong danh sách chấm của bạn.")
        return JsonResponse({"code": "not_found", "sentence": words}, status=404)
    except scoring.Stale as stale:
        return JsonResponse({**_said(stale), **_server_state(own, stale)}, status=CONFLICT)
    except Refusal as refusal:
        return JsonResponse(_said(refusal), status=_status(refusal))
    return JsonResponse(
        {
            "revision": saved.revision,
            "saved_at": _clock(saved.saved_at),
            "faults": {str(k): v for k, v in saved.faults.items()},
        }
    )


def _said(refusal: Refusal) -> dict[str, Any]:
    return {"code": refusal.code, "sentence": str(refusal.sentence)}


def _clock(instant: dt.datetime | None) -> str:
    return f"{timezone.localtime(instant):%H:%M}" if instant else ""


def _server_state(own: ScoreSheet, stale: scoring.Stale) -> dict[str, Any]:
    """All the server holds, so that the page can tell which boxes only one side has touched."""
    held = ScoreSheet.objects.get(pk=own.pk)
    return {
        "revision": held.revision,
        "remark": held.remark,
        "saved_at": _clock(held.saved_at),
        "differs": [found.row.pk for found in stale.differences],
        "values": {
            str(pk): {
                "points": "" if score.points is None else written(score.points),
                "note": score.note,
                "saved_at": _clock(score.saved_at),
            }
            for pk, score in queries.stored_scores(held).items()
        },
    }


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def submit(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """Asks once before a sheet is handed in; sent twice, the second answers with the receipt."""
    now = timezone.now()
    try:
        dossier = _dossier(request, uuid)
    except Http404:
        return _recused(request, uuid)
    own = _own_sheet(dossier, request.user)
    if own is None or own.state != SheetState.DRAFT:
        return redirect("judge_sheet", uuid=uuid)
    if request.method != "POST":
        return _ask(request, dossier, own)
    try:
        scoring.submit_sheet(sheet=own, actor=request.user, now=now, revision=revision_of(request.POST))
    except Refusal as refusal:
        if refusal.code == "sealed":
            return redirect("judge_sheet", uuid=uuid)
        return _ask(request, dossier, _own_sheet(dossier, request.user) or own, refusal)
    return _see_other(reverse("judge_sheet", kwargs={"uuid": uuid}))


def _ask(request: HttpRequest, dossier: Dossier, own: ScoreSheet, refusal: Refusal | None = None) -> HttpResponse:
    outline = queries.outline_for(dossier.round_id, dossier.product.group)
    page: SheetPage = draw(outline, Facts(scores=queries.stored_scores(own), remark=own.remark))
    missing = outline.missing({s.row.pk: s.box.maximum for p in page.parts for s in p.strands if s.box and s.box.text})
    context = {"dossier": dossier, "sheet": own, "page": page, "missing": missing, "refusal": refusal}
    return render(request, "rounds/judge_submit.html", context, status=_status(refusal) if refusal else 200)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def cannot(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """ "Không đánh giá được", with its reason."""
    now = timezone.now()
    try:
        dossier = _dossier(request, uuid)
    except Http404:
        return _recused(request, uuid)
    refusal: Refusal | None = None
    reason = request.POST.get("ly-do", "")
    if request.method == "POST":
        try:
            own = _own_sheet(dossier, request.user) or scoring.open_sheet(dossier=dossier, judge=request.user, now=now)
            scoring.cannot_assess(sheet=own, reason=reason, actor=request.user, now=now)
            return _see_other(reverse("judge_sheet", kwargs={"uuid": uuid}))
        except Refusal as found:
            if found.code == "sealed":
                return redirect("judge_sheet", uuid=uuid)
            refusal = found
    context = {"dossier": dossier, "product": dossier.product, "reason": reason, "refusal": refusal}
    return render(request, "rounds/judge_cannot.html", context, status=_status(refusal) if refusal else 200)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def conflict(request: HttpRequest) -> HttpResponseBase:
    """Declares a conflict of interest with one of the own dossiers, without opening it first."""
    choices = list(
        queries.judged_dossiers(request.user)
        .filter(round__state__in=queries.LISTED_STATES)
        .select_related("product__facility", "round__territory")
        .order_by("round", "entry_code")
    )
    chosen = request.POST.get("ho-so") or request.GET.get("ho-so") or ""
    reason = request.POST.get("ly-do", "")
    refusal: Refusal | None = None
    if request.method == "POST":
        picked = next((d for d in choices if str(d.uuid) == chosen), None)
        if picked is None and _declared_already(request, chosen):
            return redirect("judge_home")
        refusal = _declare(picked, request.user, reason)
        if picked and refusal is None:
            return _see_other(f"{reverse('judge_home')}?da-khai={picked.entry_code}")
    context = {"choices": choices, "chosen": chosen, "reason": reason, "refusal": refusal, "nav": "conflict"}
    status = UNPROCESSABLE if refusal and refusal.field else _status(refusal) if refusal else 200
    return render(request, "rounds/judge_conflict.html", context, status=status)


def _declare(dossier: Dossier | None, user: Any, reason: str) -> Refusal | None:
    """Why the declaration was refused, None when it stands."""
    if dossier is None:
        return Refusal("dossier_missing", _("Hãy chọn hồ sơ bạn có xung đột lợi ích."), field="dossier")
    try:
        conflicts.declare(dossier=dossier, user=user, reason=reason, now=timezone.now())
    except Refusal as refusal:
        return refusal
    return None


def _declared_already(request: HttpRequest, chosen: str) -> bool:
    return chosen in {str(uuid) for uuid in queries.recused_dossiers(request.user).values_list("uuid", flat=True)}


@login_required
@require_safe
def document(request: HttpRequest, uuid: UUID, pk: int) -> HttpResponseBase:
    """One paper or photo of a dossier the person judges; 404 for everyone else. Two queries besides the login."""
    dossier = get_object_or_404(queries.judged_dossiers(request.user), uuid=uuid)
    paper = get_object_or_404(
        DossierDocument.objects.select_related("file"), pk=pk, dossier=dossier, file__isnull=False
    )
    record_download(request, dossier, paper)
    name = f"ho-so-{dossier.entry_code or dossier.pk}-{paper.kind.replace('_', '-')}"
    return serve(paper.file, filename=name, inline=True, request=request)  # type: ignore[arg-type]
