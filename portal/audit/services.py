"""Writing the audit chain."""

import hashlib
import json
from typing import Any

from django.db import models, transaction
from django.http import HttpRequest
from django.utils import timezone

from portal.territory.models import Territory

from .middleware import current_ip
from .models import AuditEntry, ChainHead

GENESIS = "0" * 64
SYSTEM = "Hệ thống"


@transaction.atomic
def record(
    *,
    actor: Any,
    action: str,
    sentence: Any,
    subject: models.Model,
    territory: Territory | None = None,
    reason: str = "",
    data: dict[str, Any] | None = None,
) -> AuditEntry:
    """Append one act to the chain, in the caller's transaction.

    `actor` is a User or None for the system; `action` a stable code ("round.advance"); `sentence` the
    Vietnamese sentence people read. The head row is locked, so that two writers cannot fork the chain.
    """
    head, _created = ChainHead.objects.select_for_update().get_or_create(pk=1, defaults={"hash": GENESIS})
    user = actor if actor is not None and actor.is_authenticated else None
    entry = AuditEntry(
        at=timezone.now(),
        actor=user,
        actor_label=str(user) if user else SYSTEM,
        action=action,
        sentence=str(sentence),
        subject_type=subject._meta.label_lower,
        subject_id=str(subject.pk),
        subject_label=str(subject)[:300],
        territory=territory,
        reason=reason,
        data=data or {},
        ip=current_ip.get(),
        previous_hash=head.hash,
    )
    entry.hash = digest(entry)
    entry.save(force_insert=True)
    head.hash = entry.hash
    head.save(update_fields=["hash"])
    return entry


def record_access(
    request: HttpRequest,
    *,
    action: str,
    sentence: Any,
    subject: models.Model,
    territory: Territory | None = None,
    data: dict[str, Any] | None = None,
    once_a_day: bool = False,
) -> AuditEntry | None:
    """Taking a protected thing out of the portal (an export, a download, a print) is an act like any other.

    With `once_a_day` the same person reading the same thing again on the same day writes nothing more
    (None is returned): a paper opened ten times while scoring is one act.
    """
    if once_a_day and _was_today(request.user, action, subject):
        return None
    return record(actor=request.user, action=action, sentence=sentence, subject=subject, territory=territory, data=data)


def _was_today(user: Any, action: str, subject: models.Model) -> bool:
    since = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    about = AuditEntry.objects.filter(subject_type=subject._meta.label_lower, subject_id=str(subject.pk))
    return about.filter(actor=user, action=action, at__gte=since).exists()


def digest(entry: AuditEntry) -> str:
    """SHA-256 over the previous hash and every field that says something."""
    fields = [
        entry.previous_hash,
        entry.at.isoformat(),
        str(entry.actor_id or ""),
        entry.actor_label,
        entry.action,
        entry.sentence,
        entry.subject_type,
        entry.subject_id,
        entry.subject_label,
        str(entry.territory_id or ""),
        entry.reason,
        json.dumps(entry.data, sort_keys=True, ensure_ascii=False),
        entry.ip or "",
    ]
    return hashlib.sha256(json.dumps(fields, ensure_ascii=False).encode()).hexdigest()
