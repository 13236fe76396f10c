"""The page of norms: a question in plain words, the answer, and the same expense elsewhere."""

import datetime as dt

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from products.kept_pages import kept_page
from products.views import clock

from . import lookup

EXAMPLES = (
    gettext_lazy("mua máy sấy 600 triệu ở Lai Châu"),
    gettext_lazy("dây chuyền 1,2 tỷ ở Hải Phòng"),
    gettext_lazy("hội chợ ngoài tỉnh 40 triệu ở Lai Châu"),
)


@require_safe
def support_norms(request: HttpRequest) -> HttpResponse:
    """How much support an expense may get. Constant queries, kept for visitors under the register's mark."""
    now = clock()
    return kept_page(request, now, lambda _mark: _page(request, now.on))


def _page(request: HttpRequest, on: dt.date) -> HttpResponse:
    items = lookup.shelf()
    question = lookup.question_of(request.GET.dict(), items, on)
    context = {
        "nav": "extension",
        "crumbs": [(_("Khuyến công"), reverse("extension")), (_("Mức hỗ trợ"), "")],
        "items": items,
        "places": lookup.places(),
        "question": question,
        "answer": lookup.answer(question),
        "examples": EXAMPLES,
    }
    return render(request, "extension/support_norms.html", context)
