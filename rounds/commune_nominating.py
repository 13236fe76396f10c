"""A commune's list of nominations to the province's round, on a phone, in plain words. Thin views."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal.territory.models import Commune
from portal.text.clock import today
from portal.text.errors import Refusal
from portal.text.inputs import apply_refusal, status_of
from products.enums import Level

from .commune import own_or_404
from .commune_queries import reaches
from .enums import ListState, NotNominated
from .models import NominationList, Round
from .nominate_desk import ListForm, deadline_of, form_of, write
from .nominate_rows import sheet_of
from .nominating import reasons_not_to_send
from .official import nominations as papers
from .official.views import download
from .services import nominating

# Reasons that a commune has; the others are the council's and the province's.
REASONS = (
    NotNominated.MAKER_DECLINES,
    NotNominated.DOSSIER_INCOMPLETE,
    NotNominated.NO_LONGER_MADE,
    NotNominated.OVER_QUOTA,
    NotNominated.COUNCIL_CHOICE,
    NotNominated.OTHER,
)


def round_or_404(commune: Commune, uuid: UUID) -> Round:
    """A province's round that the commune's facilities may enter."""
    found = Round.objects.public().select_related("territory").filter(uuid=uuid, level=Level.PROVINCE).first()
    if found is None or not reaches(found, commune):
        raise Http404
    return found


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def nominate(request: HttpRequest, pk: int, round_uuid: UUID) -> HttpResponse:
    """The commune's list: made when it is first opened, decided and sent on one page, then read."""
    commune, _mine = own_or_404(request, pk)
    round_ = round_or_404(commune, round_uuid)
    row = _list_of(commune, round_)
    if request.method != "POST":
        return _show(request, commune, round_, row)
    try:
        return _act(request, commune, round_, row)
    except Refusal as refusal:
        form = ListForm(request.POST, request.FILES)
        form.is_valid()
        apply_refusal(form, refusal)
        return _show(request, commune, round_, _list_of(commune, round_), form, status=status_of(refusal))


def _list_of(commune: Commune, round_: Round) -> NominationList | None:
    """The list that stands, else the last one returned."""
    rows = NominationList.objects.filter(round=round_, commune=commune).select_related("round", "commune", "territory")
    return rows.exclude(state=ListState.RETURNED).first() or rows.order_by("-returned_at").first()


def _act(request: HttpRequest, commune: Commune, round_: Round, row: NominationList | None) -> HttpResponse:
    does = request.POST.get("do", "")
    if does == "open":
        nominating.open_list(
            round_=round_, territory=commune.territory, commune=commune, actor=request.user, now=timezone.now()
        )
    elif row is not None and does in {"save", "send"}:
        write(request, row, _bound(request))
        if does == "send":
            nominating.send(nomination_list=row, actor=request.user, now=timezone.now())
        messages.success(request, _("Đã gửi danh sách cho tỉnh.") if does == "send" else _("Đã lưu. Chưa gửi."))
    else:
        messages.error(request, _("Không có việc này. Hãy tải lại trang."))
    return redirect("commune_nominate", commune.pk, round_.uuid)


def _bound(request: HttpRequest) -> ListForm:
    form = ListForm(request.POST, request.FILES)
    form.is_valid()
    return form


def _show(  # noqa: PLR0917
    request: HttpRequest,
    commune: Commune,
    round_: Round,
    row: NominationList | None,
    form: ListForm | None = None,
    status: int = 200,
) -> HttpResponse:
    sheet = sheet_of(row, on=today()) if row is not None else None
    writes = row is not None and row.state == ListState.DRAFT
    page: dict[str, Any] = {
        "commune": commune,
        "round": round_,
        "row": row,
        "sheet": sheet,
        "form": form_of(row, sheet, form) if row is not None else None,
        "writes": writes,
        "may_open": (row is None or row.state == ListState.RETURNED) and round_.receiving_open(timezone.now()),
        "waits": _waits(row, sheet) if writes and row is not None else [],
        "reasons": [(choice.value, choice.label) for choice in REASONS],
        "deadline": deadline_of(round_),
        "papers": papers.offered(row) if row is not None else [],
        "nav": "commune",
    }
    return render(request, "commune/nominate.html", page, status=status)


def _waits(row: NominationList, sheet: Any) -> list[str]:
    draft = nominating.draft_of(row, [one.as_line for one in sheet.rows], timezone.now())
    return reasons_not_to_send(draft, on=today())


@never_cache
@require_safe
@login_required
def paper(request: HttpRequest, pk: int, round_uuid: UUID, form: str, fmt: str) -> HttpResponse:
    """The commune's letter or abstract list as a file."""
    commune, _mine = own_or_404(request, pk)
    row = _list_of(commune, round_or_404(commune, round_uuid))
    if row is None:
        raise Http404
    data, name = papers.made(row, form, fmt, on=today(), actor=request.user)
    return download(data, name, fmt)
