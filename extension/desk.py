"""The desk's pages of industrial extension that are no table's own: gathered here, hung up by the desk."""

from typing import Any

from django.contrib.admin import AdminSite

from .estimates import desk as estimate_desk
from .file import accept_desk
from .file import desk as file_desk
from .markets import fair_desk, outlet_desk
from .money import book as money_book
from .money import desk as money_desk
from .needs import desk as need_desk
from .plans import desk as plan_desk
from .results import desk as results_desk
from .results import effect_desk
from .steps import adjust_desk
from .steps import desk as steps_desk
from .watch import checklist_desk, inspection_plan_desk
from .watch import desk as watch_desk


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
