"""Addresses of a round's pages at the desk, gathered from the modules that hold them."""

from collections.abc import Callable

from django.http import HttpResponse
from django.urls import URLPattern, path

from . import round_pages

Page = Callable[..., HttpResponse]


def patterns(at: Callable[[Page], Page]) -> list[URLPattern]:
    """The pages of `round_pages`, each behind the site's own door, as `admin:rounds_round_<name>`."""
    return [
        path(f"<int:pk>/{route}", at(view), name=f"rounds_round_{name}")
        for module in round_pages.MODULES
        for route, view, name in module.PATHS
    ]
