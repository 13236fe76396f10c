"""Whether a public page was useful to its reader."""

from django.http import Http404, HttpRequest, HttpResponse


def rate(request: HttpRequest) -> HttpResponse:
    raise Http404
