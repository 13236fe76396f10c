"""A notice as a letter: text and HTML, and the way out that RFC 8058 asks for."""

import re
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from portal.text.folding import normalise

from . import kinds, tokens
from .models import Notice

SALT = "notices.unsubscribe"


def token_of(notice: Notice) -> str:
    """The way out of this kind of letters for whoever got this one. Names a row of the ledger, nothing else."""
    return signing.Signer(salt=SALT).sign(notice.uuid.hex)


def read_token(token: str) -> UUID | None:
    """The row that a token names, or None when the portal did not sign it."""
    try:
        return UUID(signing.Signer(salt=SALT).unsign(token))
    except (signing.BadSignature, ValueError):
        return None


def message(notice: Notice, server: Any) -> EmailMultiAlternatives:
    """The letter, ready to be sent. One query for a digest, none for the others."""
    with translation.override(kinds.get(notice.kind).language):
        context = _context(notice)
        name = "digest" if notice.kind == kinds.DIGEST else "letter"
        letter = EmailMultiAlternatives(
            normalise(notice.title),  # mail allows no line break in a subject, and a name may have come with one
            render_to_string(f"notices/{name}.txt", context),
            from_email=return_address(notice),
            to=[notice.recipient],
            connection=server,
            headers=_headers(notice) | _way_out(context["stop_url"]),
        )
        letter.attach_alternative(render_to_string(f"notices/{name}.html", context), "text/html")
    return letter


def _context(notice: Notice) -> dict[str, Any]:
    kind = kinds.get(notice.kind)
    may_stop = not kind.legal and (notice.user_id is not None or kind.by_consent)
    return {
        "notice": notice,
        "kind": kind,
        "paragraphs": notice.body.split("\n\n"),
        "groups": grouped(notice.gathered.order_by("kind", "pk")) if notice.kind == kinds.DIGEST else (),
        "button_url": _first_link(notice.body) or (_inbox(notice) if notice.user_id else ""),
        "inbox_url": settings.SITE_URL + reverse("notices") if notice.user_id else "",
        "stop_url": settings.SITE_URL + reverse("notices_stop", args=[token_of(notice)]) if may_stop else "",
        "site_url": settings.SITE_URL,
    }


def _first_link(body: str) -> str:
    """The first address of the portal that a letter names: its one button leads there."""
    found = re.search(re.escape(settings.SITE_URL) + r"/[^\s)]*", body)
    return found[0].rstrip(".,;") if found else ""


def _inbox(notice: Notice) -> str:
    return f"{settings.SITE_URL}{reverse('notices')}#tb-{notice.uuid}"


def grouped(rows: Any) -> list[tuple[str, list[Notice]]]:
    """Notices under the names of their kinds, in the order in which they come."""
    found: dict[str, list[Notice]] = {}
    for row in rows:
        found.setdefault(row.kind_label, []).append(row)
    return list(found.items())


def return_address(notice: Notice) -> str:
    """Where a mail server returns the letter: an address that names it, when the deployment has one to read."""
    if not settings.BOUNCE_ADDRESS:
        return settings.DEFAULT_FROM_EMAIL
    box, host = settings.BOUNCE_ADDRESS.split("@")
    return f"{box}+{tokens.make(notice.uuid)}@{host}"


def _headers(notice: Notice) -> dict[str, str]:
    """The sender that people see, a name for the letter that stays when it is sent again, and what it is to machines."""
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    return {
        "From": settings.DEFAULT_FROM_EMAIL,
        "Message-ID": f"<n.{tokens.make(notice.uuid)}@{host}>",
        "Auto-Submitted": "auto-generated",
    }


def _way_out(address: str) -> dict[str, str]:
    if not address:
        return {}
    return {"List-Unsubscribe": f"<{address}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
