from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from .queries import held_register


class HeldRegisterMiddleware:
    """One look at the register of provinces per request, however many rows ask for a name."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with held_register():
            return self.get_response(request)
