"""The desk's page that answers the leader: how many recognised products were supported, and what became of them."""

from dataclasses import dataclass
from typing import Any

from django.contrib.admin import AdminSite
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from portal.accounts.staff_pages import for_staff
from products.enums import Level
from products.models import Recognition

from ..models import Project
from . import effect

PER_PAGE = 30
YEARS = range(2000, 2101)
WORDS = {
    "before": gettext_lazy("Được hỗ trợ trước hoặc trong năm công nhận"),
    "after": gettext_lazy("Được hỗ trợ sau khi công nhận"),
    "both": gettext_lazy("Được hỗ trợ cả trước và sau"),
    "never": gettext_lazy("Chưa được hỗ trợ"),
}


@dataclass(frozen=True)
class Row:
    """Products of one kind, with the shares that say what became of them."""

    key: str
    label: str
    sum: effect.Sum
    renewed: int | None
    raised: int | None
    on_markets: int | None


def urls(site: AdminSite) -> list[URLPattern]:
    """Addresses below the desk's own."""
    return [path("khuyen-cong/tac-dong/", for_staff(site)(show), name="support_effect")]


@require_safe
def show(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """The effect in the person's provinces, narrowed by level and years of recognition. Fixed queries.

    Where no project is real yet, the samples are shown, and said to be samples.
    """
    level, since, until = _asked(request)
    samples = _only_samples(request)
    rows = Recognition.objects.visible_to(request.user).published().filter(is_illustrative=samples)
    if level:
        rows = rows.filter(level=level)
    if since:
        rows = rows.filter(year__gte=since)
    if until:
        rows = rows.filter(year__lte=until)
    found = effect.effect_of(rows, samples=samples)
    when = request.GET.get("nhom", "")
    chosen = [life for life in found.lives if life.when == when] if when in WORDS else found.lives
    page = Paginator(sorted(chosen, key=lambda life: (-life.first, life.product_id)), PER_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        **site.each_context(request),
        "opts": Project._meta,
        "has_view_permission": True,
        "title": _("Tác động đến sản phẩm được công nhận"),
        "effect": found,
        "samples": samples,
        "rows": [_row(key, str(WORDS[key]), found.by_when[key]) for key in effect.WHEN],
        "supported": _row("", _("Được hỗ trợ, tất cả"), found.supported),
        "levels": Level.choices,
        "level": level,
        "since": since,
        "until": until,
        "when": when if when in WORDS else "",
        "when_words": WORDS.get(when, ""),
        "page": page,
        "products": effect.named(page.object_list),
        "words": WORDS,
    }
    return render(request, "admin/extension/effect.html", context)


def _only_samples(request: HttpRequest) -> bool:
    kinds = Project.objects.visible_to(request.user).order_by().values_list("is_illustrative", flat=True)
    return set(kinds.distinct()) == {True}


def _asked(request: HttpRequest) -> tuple[str, int | None, int | None]:
    level = request.GET.get("cap", "")
    return level if level in Level.values else "", _year(request, "tu"), _year(request, "den")


def _year(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) == 4 and int(text) in YEARS else None  # noqa: PLR2004


def _row(key: str, label: str, one: effect.Sum) -> Row:
    return Row(key, label, one, _share(one.renewed, one), _share(one.raised, one), _share(one.on_markets, one))


def _share(part: int, one: effect.Sum) -> Any:
    return (200 * part + one.products) // (2 * one.products) if one.products else None
