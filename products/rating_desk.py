"""The desk's page of which public pages readers found useful, the worst first."""

from typing import Any

from django.contrib.admin import AdminSite
from django.core.paginator import Paginator
from django.db.models import Count, F, Max, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal.accounts.queries import staff_reach
from portal.accounts.staff_pages import for_staff

from .models import PageRating

ON_A_PAGE, REMARKS = 50, 5
# So many imagined votes, one of them against, keep a page with a single bad vote from standing above one with many.
IMAGINED = 4


def urls(site: AdminSite) -> list[URLPattern]:
    """Addresses below the desk's own."""
    return [path("danh-gia-thong-tin/", for_staff(site)(page), name="ratings")]


def ratings_of(user: Any) -> QuerySet[PageRating]:
    """Votes on every page for who sees the whole country; on products of their provinces for the others."""
    reach = staff_reach(user)
    rows = PageRating.objects.all()
    return rows if reach.everything else rows.filter(product__territory__in=reach.territory_ids)


@require_safe
def page(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Pages by how many found them wanting, with the last remarks. Four queries, however many votes."""
    votes = ratings_of(request.user)
    totals = votes.order_by().aggregate(all=Count("pk"), good=Count("pk", filter=Q(useful=True)))
    pages = (
        votes.order_by()
        .values("page", "product__name")
        .annotate(all=Count("pk"), bad=Count("pk", filter=Q(useful=False)), last=Max("on"))
        .annotate(rank=(F("bad") + 1) * 10_000 / (F("all") + IMAGINED))
        .order_by("-rank", "-all", "page")
    )
    found = Paginator(pages, ON_A_PAGE).get_page(request.GET.get("page"))
    rows = list(found.object_list)
    remarks = _remarks(votes, [row["page"] for row in rows])
    context = {
        **site.each_context(request),
        "title": _("Đánh giá thông tin"),
        "totals": totals | {"bad": totals["all"] - totals["good"]},
        "everything": staff_reach(request.user).everything,
        "rows": [(row, remarks.get(row["page"], [])) for row in rows],
        "page": found,
    }
    return render(request, "admin/products/inquiries/ratings.html", context)


def _remarks(votes: QuerySet[PageRating], pages: list[str]) -> dict[str, list[PageRating]]:
    """The newest remarks on each page. One query."""
    found: dict[str, list[PageRating]] = {}
    for row in votes.filter(page__in=pages).exclude(comment="").order_by("-on", "-pk")[: REMARKS * ON_A_PAGE * 4]:
        if len(found.setdefault(row.page, [])) < REMARKS:
            found[row.page].append(row)
    return found
