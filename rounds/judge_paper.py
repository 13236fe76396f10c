"""What a judge does about a sheet that is no draft: confirm or return the own paper sheet, ask for a re-opening."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from portal.audit.opening import open_file
from portal.text.errors import Refusal

from . import judge_queries as queries
from .enums import ScoringPass
from .judge_pass import Links
from .models import ScoreSheet
from .services import paper_sheets, reopening


def _own(request: HttpRequest, uuid: UUID, scoring_pass: str) -> Any:
    """The person's own sheet of a dossier that the person may still judge. Two queries."""
    dossier = get_object_or_404(queries.judged_dossiers(request.user), uuid=uuid)
    sheets = ScoreSheet.objects.select_related("paper_scan", "dossier__round__territory")
    return get_object_or_404(sheets, dossier=dossier, judge=request.user, scoring_pass=scoring_pass)


def _back(request: HttpRequest, uuid: UUID, scoring_pass: str, refusal: Refusal | None) -> HttpResponse:
    if refusal:
        messages.error(request, str(refusal.sentence))
    return redirect(Links(uuid, scoring_pass).sheet)


@never_cache
@login_required
@require_POST
def confirm(request: HttpRequest, uuid: UUID, scoring_pass: str = ScoringPass.DOSSIER) -> HttpResponse:
    """The judge's word on a paper sheet that the secretary entered: yes, or back with a reason."""
    own, now = _own(request, uuid, scoring_pass), timezone.now()
    try:
        if request.POST.get("act") == "refuse":
            paper_sheets.refuse(sheet=own, reason=request.POST.get("ly-do", ""), actor=request.user, now=now)
        else:
            paper_sheets.confirm(sheet=own, actor=request.user, now=now)
    except Refusal as refusal:
        return _back(request, uuid, scoring_pass, refusal)
    return _back(request, uuid, scoring_pass, None)


@login_required
@require_safe
def scan(request: HttpRequest, uuid: UUID, scoring_pass: str = ScoringPass.DOSSIER) -> HttpResponseBase:
    """The own paper sheet as it was scanned."""
    own = _own(request, uuid, scoring_pass)
    if own.paper_scan is None:
        raise Http404
    return open_file(
        request,
        own.paper_scan,
        filename=f"phieu-giay-{own.dossier.entry_code}",
        action="sheet.scan",
        sentence=_("Xem bản chụp phiếu chấm giấy hồ sơ %(code)s.") % {"code": own.dossier.entry_code},
        subject=own,
        territory=own.dossier.round.territory,
    )


@never_cache
@login_required
@require_POST
def ask_reopening(request: HttpRequest, uuid: UUID, scoring_pass: str = ScoringPass.DOSSIER) -> HttpResponse:
    """Asks the council's chair to re-open the own sheet, with a reason."""
    own = _own(request, uuid, scoring_pass)
    try:
        reason = request.POST.get("ly-do", "")
        reopening.ask(sheet=own, reason=reason, actor=request.user, now=timezone.now())
    except Refusal as refusal:
        return _back(request, uuid, scoring_pass, refusal)
    messages.success(request, _("Đã gửi đề nghị mở lại phiếu tới chủ tịch hội đồng."))
    return _back(request, uuid, scoring_pass, None)
