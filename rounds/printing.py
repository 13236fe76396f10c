"""Submitted score sheets (Phụ lục 4) as one PDF to be signed: one sheet, or a batch."""

import datetime as dt
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _

from portal.audit.services import record_access
from portal.text.errors import Refusal

from .models import Round, ScoreSheet
from .official import pdf
from .official.facts.sheets import chosen_sheets
from .official.facts.words import clean


def sheets_pdf(chosen: "QuerySet[ScoreSheet]", *, on: dt.date) -> tuple[bytes, int]:
    """The submitted ones of the sheets as one file, and how many they are. Raises Refusal "nothing_to_print"."""
    with translation.override("vi"):
        copies = chosen_sheets(chosen, on)
        if not copies:
            raise Refusal("nothing_to_print", _("Không có phiếu đã nộp nào để in. Phiếu in được sau khi đã nộp."))
        return pdf.render("score_sheet", clean({"copies": copies})), len(copies)


def handed_out(
    request: HttpRequest, round_: Round, chosen: "QuerySet[ScoreSheet]", *, name: str, whose: Any, on: dt.date
) -> HttpResponse:
    """The file as a download, and the act in the audit: who printed whose sheets, how many."""
    data, copies = sheets_pdf(chosen, on=on)
    record_access(
        request,
        action="sheets.print",
        sentence=_("In %(n)s phiếu chấm đã nộp của %(judge)s để ký.") % {"n": copies, "judge": whose},
        subject=round_,
        territory=round_.territory,
        data={"judge": str(whose.uuid), "copies": copies},
    )
    return pdf_response(data, name)


def pdf_response(data: bytes, name: str) -> HttpResponse:
    """A private PDF that opens in the browser, where it is printed."""
    response = HttpResponse(data, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
