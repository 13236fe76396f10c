"""The desk's pages of industrial extension that are no table's own: gathered here, hung up by the desk."""

from typing import Any

from django.contrib.admin import AdminSite

from . import (
    accept_desk,
    adjust_desk,
    checklist_desk,
    effect_desk,
    estimate_desk,
    fair_desk,
    file_desk,
    inspection_plan_desk,
    money_book,
    money_desk,
    need_desk,
    outlet_desk,
    plan_desk,
    results_desk,
    steps_desk,
    watch_desk,
)


def urls(site: AdminSite) -> list[Any]:
    """Every page below /quan-tri/de-an/ and /quan-tri/khuyen-cong/."""
    return [
        *plan_desk.urls(site),
        *steps_desk.urls(site),
        *estimate_desk.urls(site),
        *money_desk.urls(site),
        *money_book.urls(site),
        *watch_desk.urls(site),
        *inspection_plan_desk.urls(site),
        *checklist_desk.urls(site),
        *file_desk.urls(site),
        *accept_desk.urls(site),
        *adjust_desk.urls(site),
        *results_desk.urls(site),
        *effect_desk.urls(site),
        *need_desk.urls(site),
        *fair_desk.urls(site),
        *outlet_desk.urls(site),
    ]
