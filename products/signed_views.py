"""The signed file of a certificate, for anyone who checks it."""

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from portal.files.responses import serve
from portal.text.clock import today

from . import codes
from .models import Certificate
from .signed_file import public_paper


@require_safe
def signed_file(request: HttpRequest, code: str) -> HttpResponseBase:
    """The PDF as it was signed, byte for byte; 404 unless it is published, in use and unaltered. Two queries."""
    stored = codes.normalise(code[:60])
    certificate = Certificate.objects.filter(code=stored).first() if codes.is_valid(stored) else None
    paper = public_paper(certificate, on=today()) if certificate else None
    if paper is None:
        raise Http404
    return serve(paper.file, filename=f"giay-chung-nhan-{codes.display(stored)}", inline=True, request=request)
