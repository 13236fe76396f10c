"""Pages of the judges. Thin: who is asking, what did they send, which page answers.

Every page goes through `judged_dossiers`: a seat given up, a conflict declared or a dossier withdrawn a
minute ago closes them all. What a judge may not see is 404; a dossier the judge declared a conflict with
answers 403 with the sentence that says so.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.files.responses import serve
from portal.text.errors import Refusal
from portal.text.formats import points as written

from . import judge_more, judge_order
from . import judge_queries as queries
from .deadlines import seen_from
from .deadlines_of import until
from .downloads import record_download
from .enums import RoundState, ScoringPass, SheetState
from .judge_page import Facts, SheetPage, draw, statement_blocks, told_by_criterion
from .judge_pass import Links, Pass, passes_of
from .judge_words import script_words
from .models import Dossier, DossierDocument, ScoreSheet
from .outline import Outline
from .score_input import Typed, from_form, from_json, revision_of
from .services import scoring

UNPROCESSABLE, CONFLICT = 422, 409
STATUS_OF = {
    "incomplete": 422,
    "reason_missing": 422,
    "reason_too_long": 422,
    "key_reused": 422,
    "not_seated": 403,
    "conflict": 403,
}


def _status(refusal: Refusal) -> int:
    return STATUS_OF.get(refusal.code, CONFLICT)


def _dossier(request: HttpRequest, uuid: UUID, scoring_pass: str = ScoringPass.DOSSIER) -> Any:
    """The dossier, if the person may judge it now in this pass, with all the person may judge beside it.

    Four queries: dossier, product, the person's own dossiers of the round, the deadline that was granted.
    """
    found: Any = get_object_or_404(queries.shown_to_judges(Dossier.objects.all()), uuid=uuid)
    found.mine = queries.mine_in(request.user, found.round_id)
    if all(mine.uuid != uuid for mine in found.mine) or scoring_pass not in passes_of(found.round):
        raise Http404
    found.scoring_pass = Pass(found.round, scoring_pass, until(found.round, request.user, scoring_pass))
    return found


def _recused(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What stands where a dossier cannot be opened: the declaration still to be signed, the sentence after a
    conflict of interest, else 404."""
    unsigned = queries.undeclared_round(request.user, uuid)
    if unsigned:
        return redirect("judge_declaration", unsigned.uuid)
    dossier = queries.recused_dossiers(request.user).filter(uuid=uuid).first()
    if dossier is None:
        return judge_more.not_mine(request, uuid)
    return render(
        request,
        "rounds/judge_recused.html",
        {"sentence": scoring.recused_sentence(dossier), "dossier": dossier},
        status=403,
    )


def _own_sheet(dossier: Any, user: Any) -> ScoreSheet | None:
    return ScoreSheet.objects.filter(dossier=dossier, judge=user, scoring_pass=dossier.scoring_pass.code).first()


@never_cache
@login_required
@require_safe
def guide(request: HttpRequest) -> HttpResponse:
    return render(request, "rounds/judge_guide.html", {"nav": "guide"})


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def sheet(request: HttpRequest, uuid: UUID, scoring_pass: str = ScoringPass.DOSSIER) -> HttpResponseBase:
    """The score sheet; after handing in, its receipt. Seven queries besides the login for reading."""
    now = timezone.now()
    try:
        dossier = _dossier(request, uuid, scoring_pass)
    except Http404:
        return _recused(request, uuid)
    own = _own_sheet(dossier, request.user)
    if request.method == "POST":
        return _posted(request, dossier, own, now)
    if (own and own.state != SheetState.DRAFT) or not dossier.scoring_pass.open(now):
        return _receipt(request, dossier, own, now)
    return _form(request, dossier, own, now)


def _posted(request: HttpRequest, dossier: Any, own: ScoreSheet | None, now: dt.datetime) -> HttpResponse:
    """A whole form: save what is right, then show what is wrong with all that was typed, or go on."""
    typed = from_form(request.POST)
    links = _links(dossier)
    try:
        opened = own or _opened(request, dossier, now)
        saved = scoring.save_scores(
            sheet=opened, values=typed.values, revision=typed.revision, actor=request.user, now=now, remark=typed.remark
        )
    except scoring.Stale as stale:
        return _form(request, dossier, own, now, typed=typed, refusal=stale, status=CONFLICT)
    except Refusal as refusal:
        if refusal.code == "sealed":
            return redirect(links.sheet)
        return _form(request, dossier, own, now, typed=typed, refusal=refusal, status=_status(refusal))
    if saved.faults:
        return _form(request, dossier, saved.sheet, now, typed=typed, faults=saved.faults, status=UNPROCESSABLE)
    if request.POST.get("act") != "submit":
        return _see_other(links.sheet)
    outline = queries.outline_for(dossier.round_id, dossier.product.group)
    missing = outline.missing(queries.points_of(queries.stored_scores(saved.sheet)))
    if missing:
        incomplete = Refusal("incomplete", scoring.incomplete_sentence(len(missing)))
        return _form(request, dossier, saved.sheet, now, refusal=incomplete, status=UNPROCESSABLE)
    return _see_other(links.submit)


def _links(dossier: Any) -> Links:
    return Links(dossier.uuid, dossier.scoring_pass.code)


def _opened(request: HttpRequest, dossier: Any, now: dt.datetime) -> ScoreSheet:
    code = dossier.scoring_pass.code
    return scoring.open_sheet(dossier=dossier, judge=request.user, now=now, scoring_pass=code)


def _see_other(url: str) -> HttpResponse:
    return HttpResponseRedirect(url, status=303)


def _form(
    request: HttpRequest,
    dossier: Any,
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


def _dossier_context(request: HttpRequest, dossier: Any, now: dt.datetime) -> dict[str, Any]:
    told = told_by_criterion(dossier)
    around = queries.neighbours(request.user, dossier, dossier.mine, judge_order.chosen(request.session))
    return {
        "dossier": dossier,
        "round": dossier.round,
        "product": dossier.product,
        "papers": queries.papers(dossier),
        "statement": statement_blocks(dossier.statement),
        "told": told,
        "told_codes": [part.code for part in told],
        "around": around,
        "previous": _beside(around.previous, dossier),
        "next": _beside(around.next, dossier),
        "scoring_pass": dossier.scoring_pass,
        "links": _links(dossier),
        "other_pass": _other_pass(dossier),
        "deadline": seen_from(dossier.scoring_pass.until, now),
    }


def _beside(uuid: UUID | None, dossier: Any) -> str:
    return Links(uuid, dossier.scoring_pass.code).sheet if uuid else ""


def _other_pass(dossier: Any) -> str:
    """The same dossier's sheet of the other pass, where there are two."""
    others = [code for code in passes_of(dossier.round) if code != dossier.scoring_pass.code]
    return Links(dossier.uuid, others[0]).sheet if others else ""


def _receipt(request: HttpRequest, dossier: Any, own: ScoreSheet | None, now: dt.datetime) -> HttpResponse:
    """What was handed in, or what stood there when the scoring closed: read-only."""
    outline = queries.outline_for(dossier.round_id, dossier.product.group)
    scores = queries.stored_scores(own)
    submitted = own is not None and own.state == SheetState.SUBMITTED
    context = {
        **_dossier_context(request, dossier, now),
        "page": draw(outline, Facts(scores=scores, remark=own.remark if own else "")),
        "sheet": own,
        "not_begun": dossier.scoring_pass.not_begun(now),
        "may_ask_reopening": own and own.state in scoring.SEALED and dossier.round.state == RoundState.SCORING,
        "code": _code(own, dossier, request.user, outline, scores) if own and submitted else "",
    }
    return render(request, "rounds/judge_receipt.html", context)


def _code(own: ScoreSheet, dossier: Any, user: Any, outline: Outline, scores: dict[int, Any]) -> str:
    own.dossier, own.judge = dossier, user
    return scoring.code_of(own, outline, queries.points_of(scores))


@never_cache
@require_POST
def save(request: HttpRequest, uuid: UUID, scoring_pass: str = ScoringPass.DOSSIER) -> JsonResponse:
    """Autosave. Besides login: five queries, one more with a key; the first save of a sheet, four more.

    The answer tells the server's time: what a phone's clock says decides nothing.
    """
    now = timezone.now()
    answer = _saved(request, uuid, scoring_pass, now)
    return JsonResponse({**answer.body, "server_time": now.isoformat()}, status=answer.status)


@dataclass(frozen=True)
class Answer:
    """What a script is told."""

    body: dict[str, Any]
    status: int = 200


def _saved(request: HttpRequest, uuid: UUID, scoring_pass: str, now: dt.datetime) -> Answer:
    if not request.user.is_authenticated:
        words = _("Phiên đăng nhập đã hết. Hãy đăng nhập lại ở thẻ khác rồi gửi lại.")
        return Answer({"code": "login", "sentence": words}, 401)
    if request.headers.get("X-Judge", str(request.user.uuid)) != str(request.user.uuid):
        # Typed by one person, sent under another's login on the same device: never onto the other's sheet.
        words = _("Trình duyệt này đang đăng nhập bằng tài khoản khác. Hãy đăng nhập lại bằng tài khoản đã chấm.")
        return Answer({"code": "login", "sentence": words}, 401)
    try:
        typed = from_json(request.body)
    except ValueError:
        return Answer({"code": "malformed", "sentence": _("Máy chủ không đọc được dữ liệu gửi lên.")}, 400)
    try:
        saved = _autosaved(request.user, uuid, scoring_pass, typed, now)
    except Http404:
        if queries.undeclared_round(request.user, uuid):
            return Answer({"code": "undeclared", "sentence": scoring.undeclared_sentence()}, CONFLICT)
        words = _("Hồ sơ này không còn trong danh sách chấm của bạn.")
        return Answer({"code": "not_found", "sentence": words}, 404)
    except scoring.Stale as stale:
        return Answer({**_said(stale), **_server_state(request.user, uuid, scoring_pass, stale)}, CONFLICT)
    except Refusal as refusal:
        return Answer(_said(refusal), _status(refusal))
    return Answer(
        {
            "revision": saved.revision,
            "saved_at": _clock(saved.saved_at),
            "faults": {str(k): v for k, v in saved.faults.items()},
        }
    )


def _autosaved(user: Any, uuid: UUID, scoring_pass: str, typed: Typed, now: dt.datetime) -> scoring.Saved:
    sent = scoring.Sent(typed.values, typed.revision, typed.remark, typed.key)

    def attempt() -> scoring.Saved | None:
        return scoring.autosave(dossier=uuid, scoring_pass=scoring_pass, sent=sent, actor=user, now=now)

    saved = attempt()
    if saved is None:
        dossier = get_object_or_404(queries.judged_dossiers(user), uuid=uuid)
        scoring.open_sheet(dossier=dossier, judge=user, now=now, scoring_pass=scoring_pass)
        saved = attempt()
    assert saved is not None
    return saved


def _said(refusal: Refusal) -> dict[str, Any]:
    return {"code": refusal.code, "sentence": str(refusal.sentence)}


def _clock(instant: dt.datetime | None) -> str:
    return f"{timezone.localtime(instant):%H:%M}" if instant else ""


def _server_state(user: Any, uuid: UUID, scoring_pass: str, stale: scoring.Stale) -> dict[str, Any]:
    """All the server holds, so that the page can tell which boxes only one side has touched."""
    held = ScoreSheet.objects.get(dossier__uuid=uuid, judge=user, scoring_pass=scoring_pass)
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
def submit(request: HttpRequest, uuid: UUID, scoring_pass: str = ScoringPass.DOSSIER) -> HttpResponseBase:
    """Asks once before a sheet is handed in; sent twice, the second answers with the receipt."""
    now = timezone.now()
    try:
        dossier = _dossier(request, uuid, scoring_pass)
    except Http404:
        return _recused(request, uuid)
    own = _own_sheet(dossier, request.user)
    if own is None or own.state != SheetState.DRAFT:
        return redirect(_links(dossier).sheet)
    if request.method != "POST":
        return _ask(request, dossier, own)
    try:
        scoring.submit_sheet(sheet=own, actor=request.user, now=now, revision=revision_of(request.POST))
    except Refusal as refusal:
        if refusal.code == "sealed":
            return redirect(_links(dossier).sheet)
        return _ask(request, dossier, _own_sheet(dossier, request.user) or own, refusal)
    return _see_other(_links(dossier).sheet)


def _ask(request: HttpRequest, dossier: Any, own: ScoreSheet, refusal: Refusal | None = None) -> HttpResponse:
    outline = queries.outline_for(dossier.round_id, dossier.product.group)
    page: SheetPage = draw(outline, Facts(scores=queries.stored_scores(own), remark=own.remark))
    missing = outline.missing({s.row.pk: s.box.maximum for p in page.parts for s in p.strands if s.box and s.box.text})
    context = {
        "dossier": dossier,
        "links": _links(dossier),
        "sheet": own,
        "page": page,
        "missing": missing,
        "refusal": refusal,
    }
    return render(request, "rounds/judge_submit.html", context, status=_status(refusal) if refusal else 200)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def cannot(request: HttpRequest, uuid: UUID, scoring_pass: str = ScoringPass.DOSSIER) -> HttpResponseBase:
    """ "Không đánh giá được", with its reason."""
    now = timezone.now()
    try:
        dossier = _dossier(request, uuid, scoring_pass)
    except Http404:
        return _recused(request, uuid)
    refusal: Refusal | None = None
    reason = request.POST.get("ly-do", "")
    if request.method == "POST":
        try:
            own = _own_sheet(dossier, request.user) or _opened(request, dossier, now)
            scoring.cannot_assess(sheet=own, reason=reason, actor=request.user, now=now)
            return _see_other(_links(dossier).sheet)
        except Refusal as found:
            if found.code == "sealed":
                return redirect(_links(dossier).sheet)
            refusal = found
    context = {
        "dossier": dossier,
        "links": _links(dossier),
        "product": dossier.product,
        "reason": reason,
        "refusal": refusal,
    }
    return render(request, "rounds/judge_cannot.html", context, status=_status(refusal) if refusal else 200)


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
