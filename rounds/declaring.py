"""Pages on which a member signs the declaration of a round, and stands aside from a dossier. Thin.

The register is searched by name there, never the list of the round: before signing nobody learns who has entered.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from facilities.models import Facility
from portal.text.errors import Refusal
from portal.text.folding import fold
from portal.text.inputs import key_of

from . import judge_queries as queries
from .enums import Body, InterestKind, RecusalReason
from .models import Conflict, Declaration, Dossier, Round, Seat
from .services import conflicts, declarations
from .services.declarations import INTERESTS_AT_MOST, Interest

UNPROCESSABLE, CONFLICT = 422, 409
FOUND_AT_MOST = 8
SHORTEST_SEARCH = 2


@dataclass(frozen=True)
class Row:
    """One tie as it stands on the page: what was typed, what the register holds of that name."""

    number: int
    kind: str = ""
    facility: Facility | None = None
    name: str = ""
    tax_code: str = ""
    address: str = ""
    hits: tuple[Facility, ...] | None = None

    @property
    def is_blank(self) -> bool:
        return not (self.facility or self.name or self.tax_code or self.address)

    def as_interest(self) -> Interest:
        return Interest(self.kind, self.facility, self.name, self.tax_code, self.address)


@dataclass(frozen=True)
class Typed:
    """The whole page as it was sent, or as it starts."""

    employer: str = ""
    employer_tax_code: str = ""
    employer_address: str = ""
    signed_name: str = ""
    rows: tuple[Row, ...] = ()


def search_register(words: str) -> tuple[Facility, ...]:
    """Facilities that everybody may know of, by a part of the name. One query."""
    key = fold(words)
    if len(key) < SHORTEST_SEARCH:
        return ()
    found = Facility.objects.public().standing().filter(folded__contains=key).select_related("territory")
    return tuple(found.order_by("sort_key", "pk")[:FOUND_AT_MOST])


def _round(user: Any, uuid: UUID) -> Round:
    seats = Seat.objects.filter(user=user, until__isnull=True)
    return get_object_or_404(Round.objects.select_related("territory"), uuid=uuid, pk__in=seats.values("round_id"))


def _in_force(round_: Round, user: Any) -> Declaration | None:
    found = Declaration.objects.filter(round=round_, user=user, replaced_at__isnull=True)
    return found.prefetch_related("interests__facility__territory").first()


def _start(user: Any, signed: Declaration | None) -> Typed:
    """What stands there at first: the declaration in force, or the employer the account knows."""
    if signed is None:
        return Typed(employer=str(user.organisation) if user.organisation else "")
    rows = tuple(
        Row(number, one.kind, one.facility, one.name, one.tax_code, one.address)
        for number, one in enumerate(signed.interests.all())
    )
    return Typed(signed.employer, signed.employer_tax_code, signed.employer_address, rows=rows)


def _read(data: QueryDict, signed: Declaration | None) -> Typed:
    """What was sent. A facility is taken by its id when the public knows it, or when it was named before."""
    count = min(INTERESTS_AT_MOST + 1, key_of(data.get("so-dong", "0")) or 0)
    wanted = [_text(data, f"co-so-{number}") for number in range(count)]
    picked = {str(found.uuid): found for found in _by_uuid(wanted, signed)}
    rows = tuple(
        Row(
            number,
            kind=_text(data, f"quan-he-{number}"),
            facility=picked.get(wanted[number]),
            name=_text(data, f"ten-{number}"),
            tax_code=_text(data, f"mst-{number}"),
            address=_text(data, f"dia-chi-{number}"),
        )
        for number in range(count)
    )
    return Typed(
        employer=_text(data, "noi-lam-viec"),
        employer_tax_code=_text(data, "mst-noi-lam-viec"),
        employer_address=_text(data, "dia-chi-noi-lam-viec"),
        signed_name=_text(data, "ho-ten"),
        rows=rows,
    )


def _text(data: QueryDict, name: str) -> str:
    """What was typed, without the character that no database keeps."""
    return str(data.get(name, "")).replace("\x00", "")


def _by_uuid(wanted: list[str], signed: Declaration | None) -> list[Facility]:
    uuids = [text for text in wanted if _is_uuid(text)]
    if not uuids:
        return []
    named = [one.facility_id for one in signed.interests.all() if one.facility_id] if signed else []
    found = Facility.objects.standing().filter(Q(pk__in=Facility.objects.public().values("pk")) | Q(pk__in=named))
    return list(found.select_related("territory").filter(uuid__in=uuids))


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _changed(typed: Typed, act: str) -> Typed:
    """The page after a button that saves nothing: a row more, a row less, names looked up."""
    rows = list(typed.rows)
    verb, _dash, place = act.partition("-")
    found = key_of(place)
    number = -1 if found is None else found
    if verb == "add" and len(rows) < INTERESTS_AT_MOST:
        rows.append(Row(len(rows)))
    elif verb == "remove" and 0 <= number < len(rows):
        rows.pop(number)
    elif verb == "find" and 0 <= number < len(rows):
        rows[number] = _with(rows[number], hits=search_register(rows[number].name))
    elif verb == "drop" and 0 <= number < len(rows):
        rows[number] = _with(rows[number], facility=None)
    numbered = tuple(_with(row, number=place) for place, row in enumerate(rows))
    return Typed(typed.employer, typed.employer_tax_code, typed.employer_address, typed.signed_name, numbered)


def _with(row: Row, **changes: Any) -> Row:
    facts = {name: getattr(row, name) for name in Row.__dataclass_fields__}
    return Row(**{**facts, **changes})


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def declaration(request: HttpRequest, round_uuid: UUID) -> HttpResponse:
    """Reads, changes and signs the own declaration of a round. Six queries besides the login for reading."""
    round_ = _round(request.user, round_uuid)
    signed = _in_force(round_, request.user)
    if request.method != "POST":
        return _page(request, round_, signed, _start(request.user, signed))
    typed = _read(request.POST, signed)
    act = request.POST.get("act", "sign")
    if act != "sign":
        return _page(request, round_, signed, _changed(typed, act), at=act)
    try:
        declarations.sign(
            round_=round_,
            user=request.user,
            signed_name=typed.signed_name,
            employer=typed.employer,
            employer_tax_code=typed.employer_tax_code,
            employer_address=typed.employer_address,
            interests=[row.as_interest() for row in typed.rows if not (row.is_blank and not row.kind)],
            now=timezone.now(),
        )
    except Refusal as refusal:
        return _page(request, round_, signed, typed, refusal=refusal)
    return _see_other(f"{reverse('judge_declaration', args=[round_.uuid])}?da-ky=1")


def _page(
    request: HttpRequest,
    round_: Round,
    signed: Declaration | None,
    typed: Typed,
    *,
    refusal: Refusal | None = None,
    at: str = "",
) -> HttpResponse:
    user: Any = request.user
    mine = Conflict.objects.filter(dossier__round=round_, user=user, withdrawn_at__isnull=True)
    is_judge = Seat.objects.filter(round=round_, user=user, body=Body.JURY, until__isnull=True).exists()
    page = {
        "round": round_,
        "signed": signed,
        "typed": typed,
        "just_signed": signed is not None and "da-ky" in request.GET,
        "closed": mine.select_related("dossier").order_by("dossier__entry_code") if signed else [],
        "kinds": InterestKind.choices,
        "may_add": len(typed.rows) < INTERESTS_AT_MOST,
        "is_over": round_.state in conflicts.OVER,
        "is_judge": is_judge,
        "statement": declarations.STATEMENT.splitlines(),
        "refusal": refusal,
        "at": at,
        "nav": "mine",
    }
    status = 200 if refusal is None else UNPROCESSABLE if refusal.code not in {"not_seated", "round_over"} else CONFLICT
    return render(request, "rounds/judge_declaration.html", page, status=status)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def conflict(request: HttpRequest) -> HttpResponseBase:
    """Stands aside from one of the own dossiers, without opening it first. Five queries besides the login."""
    choices = list(
        queries.judged_dossiers(request.user)
        .filter(round__state__in=queries.LISTED_STATES)
        .select_related("product__facility", "round__territory")
        .order_by("round", "entry_code")
    )
    chosen = request.POST.get("ho-so") or request.GET.get("ho-so") or ""
    picked_reason, note = request.POST.get("ly-do-chon", ""), request.POST.get("ly-do", "")
    refusal: Refusal | None = None
    if request.method == "POST":
        picked = next((found for found in choices if str(found.uuid) == chosen), None)
        if picked is None and _closed_already(request.user, chosen):
            return redirect("judge_home")
        refusal = _declare(picked, request.user, picked_reason, note)
        if picked and refusal is None:
            return _see_other(f"{reverse('judge_home')}?da-khai={picked.entry_code}")
    page = {
        "choices": choices,
        "chosen": chosen,
        "reasons": RecusalReason.choices,
        "picked_reason": picked_reason,
        "reason": note,
        "refusal": refusal,
        "nav": "conflict",
    }
    status = 200 if refusal is None else UNPROCESSABLE if refusal.field else CONFLICT
    return render(request, "rounds/judge_conflict.html", page, status=status)


def _declare(dossier: Dossier | None, user: Any, picked: str, note: str) -> Refusal | None:
    """Why the declaration was refused, None when it stands."""
    if dossier is None:
        return Refusal("dossier_missing", _("Hãy chọn hồ sơ bạn có xung đột lợi ích."), field="dossier")
    if picked not in RecusalReason.values:
        return Refusal("reason_missing", _("Hãy chọn một lý do."), field="choice")
    try:
        conflicts.declare(dossier=dossier, user=user, reason=_reason(picked, note), now=timezone.now())
    except Refusal as refusal:
        return refusal
    return None


def _reason(picked: str, note: str) -> str:
    label = str(RecusalReason(picked).label)
    return f"{label}: {note.strip()}" if note.strip() else label


def _closed_already(user: Any, chosen: str) -> bool:
    return chosen in {str(uuid) for uuid in queries.recused_dossiers(user).values_list("uuid", flat=True)}


def _see_other(url: str) -> HttpResponse:
    return HttpResponseRedirect(url, status=303)
