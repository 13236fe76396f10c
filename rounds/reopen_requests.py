"""Judges who ask to have a sheet opened again, told from the audit: asked since handing in, not declined since."""

from typing import Any

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Cast

from portal.audit.models import AuditEntry

from .enums import RoundState, SheetState
from .models import ScoreSheet

ASKED, DECLINED = "sheet.ask_reopen", "sheet.decline_reopen"


def _said(action: str, **narrowed: Any) -> "QuerySet[AuditEntry]":
    key = Cast(OuterRef("pk"), CharField())
    label = ScoreSheet._meta.label_lower
    return AuditEntry.objects.filter(action=action, subject_type=label, subject_id=key, **narrowed).order_by("-pk")


def asked(*narrowed: Q) -> "QuerySet[ScoreSheet]":
    """Handed-in sheets of rounds being scored whose judge waits for the chair's word, with when and why. One query."""
    sheets = ScoreSheet.objects.filter(
        *narrowed, state__in=[SheetState.SUBMITTED, SheetState.CANNOT_ASSESS], dossier__round__state=RoundState.SCORING
    )
    request = _said(ASKED, at__gte=OuterRef("submitted_at"))
    waiting = sheets.annotate(
        asked_pk=Subquery(request.values("pk")[:1]),
        asked_at=Subquery(request.values("at")[:1]),
        asked_reason=Subquery(request.values("reason")[:1]),
    ).filter(asked_pk__isnull=False)
    return waiting.filter(~Exists(_said(DECLINED, pk__gt=OuterRef("asked_pk")))).order_by("asked_pk")
