"""Public addresses of what has an address of its own: under a slug of the past they lead to that of today."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase

from extension.models import Fair, Project
from facilities.models import Facility
from portal.text.clock import today
from portal.text.old_slugs import leads_on
from products.models import Product
from rounds.models import Round


def _products() -> QuerySet[Any]:
    return Product.objects.public(on=today())


def _facilities() -> QuerySet[Any]:
    return Facility.objects.public(on=today())


# By the name of an address, the rows that the public may be led to. The API asks its own lists (`portal.text.api_errors`).
SHOWN: dict[str, Callable[[], QuerySet[Any]]] = {
    **dict.fromkeys(("product", "share_picture", "ask_maker", "request_purchase", "report_error"), _products),
    **dict.fromkeys(("facility", "write_facility"), _facilities),
    **dict.fromkeys(("round", "applicant_start"), Round.objects.public),
    "extension_project": Project.objects.public,
    "extension_fair": Fair.objects.public,
}


class OldAddressMiddleware:
    """Leads on from where a page says that nothing is there."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        match = request.resolver_match
        shown = SHOWN.get(match.url_name or "") if match and isinstance(exception, Http404) else None
        return leads_on(request, shown()) if shown else None
