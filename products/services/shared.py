"""Small steps that several services take."""

import datetime as dt

from django.utils.translation import gettext as _

from portal.text.errors import Refusal
from portal.text.folding import normalise

from .. import codes
from ..enums import Level
from ..models import Certificate, Recognition


def locked(recognition: Recognition) -> Recognition:
    """The row alone under its lock: a row joined to it is not read again after a wait, and a merge changes which."""
    return Recognition.objects.select_for_update(of=("self",)).get(pk=recognition.pk)


def require_reason(reason: str) -> None:
    if not normalise(reason):
        raise Refusal("reason_missing", _("Việc này cần lý do. Hãy ghi lý do."), field="reason")


def level_words(recognition: Recognition) -> str:
    return str(Level(recognition.level).label).lower()


def issue_certificate(
    *, recognition: Recognition, issued_on: dt.date | None, official_number: str = "", code: str = ""
) -> Certificate:
    """A certificate with a public code nobody holds yet. Part of a larger act, which writes the audit row.

    `code` is the one on a paper that another deployment issued; taken here already, a new one stands in for it.
    """
    code = code or codes.generate(recognition.level)
    while Certificate.objects.filter(code=code).exists():
        code = codes.generate(recognition.level)
    return Certificate.objects.create(
        recognition=recognition, code=code, issued_on=issued_on, official_number=normalise(official_number)
    )
