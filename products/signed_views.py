"""The signed file of a certificate, for anyone who checks it."""

import datetime as dt
from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from portal.files.responses import serve

from . import check_limits, codes
from .check_views import limited, too_often
from .models import Certificate
from .signed_file import public_paper


@limited
def signed_file(request: HttpRequest, code: str, *, now: dt.datetime, **_kept: Any) -> HttpResponseBase:
    """The PDF as it was signed, byte for byte; 404 unless it is published, in use and unaltered. Two queries.

    Who guesses codes here is slowed down as on the check page itself.
    """
    stored = codes.normalise(code[:60])
    certificate = Certificate.objects.filter(code=stored).first() if codes.is_valid(stored) else None
    if certificate is None and (wait := check_limits.unknown(check_limits.caller_of(request), stored, now)):
        return too_often(request, wait)
    paper = public_paper(certificate, on=timezone.localdate(now)) if certificate else None
    if paper is None:
        raise Http404
    return serve(paper.file, filename=f"giay-chung-nhan-{codes.display(stored)}", inline=True, request=request)
