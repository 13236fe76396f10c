"""Pages on which visitors write to the portal and to makers."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render


def ask_maker(request: HttpRequest, slug: str) -> HttpResponse:
    return render(request, "inquiries/form.html")


def request_purchase(request: HttpRequest, slug: str) -> HttpResponse:
    return render(request, "inquiries/form.html")


def report_error(request: HttpRequest, slug: str) -> HttpResponse:
    return render(request, "inquiries/form.html")


def write_facility(request: HttpRequest, slug: str) -> HttpResponse:
    return render(request, "inquiries/form.html")


def contact(request: HttpRequest) -> HttpResponse:
    return render(request, "inquiries/form.html")


def sent(request: HttpRequest, uuid: UUID) -> HttpResponse:
    raise Http404
