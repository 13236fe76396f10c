"""More pages of the judges: without a network, own scores side by side, own sheets on paper. Thin."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal.audit.services import record_access

from . import comparing
from . import judge_queries as queries
from .declared import has_declared
from .enums import DossierState, ScoringPass, SheetState
from .judge_pass import passes_of, weight_in_words
from .models import Dossier, Round, ScoreSheet
from .official import pdf
from .official.facts.sheets import chosen_sheets
from .official.facts.words import clean


@never_cache
@login_required
@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """What a judge sees where there is no network and no copy; kept on the device with the first page."""
    return render(request, "rounds/judge_offline.html", {"nav": ""})


@never_cache
@login_required
@require_safe
def compare(request: HttpRequest, round_uuid: UUID) -> HttpResponse:
    """The judge's own totals side by side by group. Six queries besides the login."""
    round_ = _round(request, round_uuid)
    scoring_pass = _pass(request, round_)
    asked = request.GET.get("sap", comparing.TOTAL)
    groups = comparing.groups_of(request.user, round_, scoring_pass, asked)
    context = {
        "round": round_,
        "groups": groups,
        "sort": comparing.known_sort(asked, groups),
        "passes": passes_of(round_) if round_.has_site_pass else (),
        "scoring_pass": scoring_pass,
        "weight": weight_in_words(round_),
        "printable": any(row.state == SheetState.SUBMITTED for group in groups for row in group.rows),
        "nav": "mine",
    }
    return render(request, "rounds/judge_compare.html", context)


@never_cache
@login_required
@require_safe
def printed_round(request: HttpRequest, round_uuid: UUID) -> HttpResponse:
    """All own handed-in sheets of a round for signing (Phụ lục 4), both passes."""
    round_ = _round(request, round_uuid)
    return _printed(request, round_, queries.judged_dossiers(request.user).filter(round=round_))


@never_cache
@login_required
@require_safe
def printed(request: HttpRequest, uuid: UUID, scoring_pass: str = ScoringPass.DOSSIER) -> HttpResponse:
    """The own handed-in sheet of one dossier for signing (Phụ lục 4)."""
    found = queries.judged_dossiers(request.user).filter(uuid=uuid).select_related("round__territory")
    dossier = get_object_or_404(found)
    return _printed(request, dossier.round, found, dossier=dossier, scoring_pass=scoring_pass)


def _printed(
    request: HttpRequest, round_: Round, dossiers: Any, *, dossier: Any = None, scoring_pass: str = ""
) -> HttpResponse:
    judge: Any = request.user
    own = ScoreSheet.objects.filter(judge=judge, dossier__in=dossiers.values("pk"))
    if scoring_pass:
        own = own.filter(scoring_pass=scoring_pass)
    with translation.override("vi"):
        copies = chosen_sheets(own, timezone.localdate())
        if not copies:
            raise Http404
        data = pdf.render("score_sheet", clean({"copies": copies}))
    record_access(
        request,
        action="sheet.print",
        sentence=_("In %(count)d phiếu chấm của mình để ký.") % {"count": len(copies)},
        subject=dossier or round_,
        territory=round_.territory,
        data={"sheets": len(copies)},
    )
    name = f"phieu-cham-{dossier.entry_code if dossier else round_.year}.pdf"
    response = HttpResponse(data, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _round(request: HttpRequest, uuid: UUID) -> Round:
    """A round that the person judges now and has signed the declaration of."""
    rounds = Round.objects.filter(
        queries.jury_seat(request.user, OuterRef("pk")),
        has_declared(request.user, OuterRef("pk")),
        state__in=queries.OPEN_STATES,
    )
    return get_object_or_404(rounds.select_related("territory"), uuid=uuid)


def _pass(request: HttpRequest, round_: Round) -> str:
    asked = request.GET.get("luot", "")
    return asked if asked in passes_of(round_) else passes_of(round_)[0]


def not_mine(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A judge of the round who scanned an exhibit that is not the own: in words, without a look inside. Else 404."""
    seated = queries.jury_seat(request.user, OuterRef("round"))
    found = (
        Dossier.objects.filter(seated, uuid=uuid, state=DossierState.ELIGIBLE)
        .exclude(entry_code="")
        .values("entry_code", "round__state")
        .first()
    )
    if found is None:
        raise Http404
    opened = found["round__state"] in queries.OPEN_STATES
    page = {"code": found["entry_code"], "opened": opened}
    return render(request, "rounds/judge_not_mine.html", page, status=403)
