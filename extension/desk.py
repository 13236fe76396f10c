"""The desk's pages of industrial extension that are no table's own: gathered here, hung up by the desk."""

from typing import Any

from django.contrib.admin import AdminSite

from . import fair_desk, file_desk, money_desk, need_desk, outlet_desk


def urls(site: AdminSite) -> list[Any]:
    """Every page below /quan-tri/de-an/ and /quan-tri/khuyen-cong/."""
    return [
        *money_desk.urls(site),
        *file_desk.urls(site),
        *need_desk.urls(site),
        *fair_desk.urls(site),
        *outlet_desk.urls(site),
    ]
