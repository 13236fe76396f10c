"""The judge's first page: the own list of every round. Thin."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from . import judge_order
from .deadlines import seen_from
from .judge_lines import Drawer, segments
from .judge_list import Bench, Line, benches


@never_cache
@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Six queries besides the login, whatever the number of dossiers; one more for criteria not read before."""
    now = timezone.now()
    order = judge_order.choose(request.session, request.GET.get(judge_order.PARAMETER))
    found = benches(request.user, order)
    context = {
        "rounds": [_item(bench, now) for bench in found],
        "order": order,
        "has_booths": any(bench.has_booths for bench in found),
        "nav": "mine",
        "declared": request.GET.get("da-khai", "")[:10],
    }
    return render(request, "rounds/judge_list.html", context)


def _item(bench: Bench, now: dt.datetime) -> dict[str, Any]:
    draw = Drawer(bench.scoring_pass.code, timezone.localdate(now))

    def group(title: str, lines: Sequence[Line]) -> tuple[str, int, SafeString]:
        return title, len(lines), draw.lines(lines)

    groups = (
        group(_("Chờ bạn xác nhận"), bench.entered),
        group(_("Đang chấm"), bench.started),
        group(_("Chưa chấm"), bench.todo),
        group(_("Đã nộp"), bench.handed_in),
        group(_("Từ chối chấm"), bench.recused),
    )
    return {
        "bench": bench,
        "deadline": seen_from(bench.scoring_pass.until, now),
        "open": bench.scoring_pass.open(now),
        "groups": [found for found in groups if found[1]],
        "segments": segments(bench),
    }
