"""Public pages of rounds: what is going on, who may enter, what was recognised. Never a score, never a judge."""

import datetime as dt
from itertools import groupby
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from products.enums import ProductGroup

from . import queries
from .completeness import required_kinds
from .enums import Body, DocumentKind, RoundState
from .models import Dossier, Round
from .public_facts import complaint_numbers, recusals
from .services.complaints import last_day
from .services.guards import moment
from .states import BEFORE_SCORING
from .tally import shown_mean
from .words_of_rules import sentences

PER_PAGE = 20
R = RoundState


def public_state(round_: Round, now: dt.datetime) -> str:
    """The state as the public needs to hear it."""
    if round_.state == R.RECEIVING:
        return _receiving_words(round_, now)
    return {
        R.SCREENING: _("Đã hết hạn nhận hồ sơ, đang kiểm tra hồ sơ"),
        R.SCORING: _("Ban Giám khảo đang chấm điểm"),
        R.DELIBERATION: _("Hội đồng bình chọn đang xét"),
        R.PROVISIONAL: _("Đang công khai danh sách dự kiến"),
        R.SUBMITTED: _("Đã trình, chờ cấp có thẩm quyền ký quyết định"),
        R.DECIDED: _("Đã có quyết định, sắp công bố kết quả"),
        R.ANNOUNCED: _("Đã công bố kết quả"),
        R.CLOSED: _("Đã kết thúc"),
    }[R(round_.state)]


def _receiving_words(round_: Round, now: dt.datetime) -> str:
    if round_.receiving_from and now < round_.receiving_from:
        return _("Nhận hồ sơ từ %(moment)s") % {"moment": moment(round_.receiving_from)}
    if round_.receiving_until and now >= round_.receiving_until:
        return _("Đã hết hạn nhận hồ sơ")
    if round_.receiving_until:
        return _("Đang nhận hồ sơ đến %(moment)s") % {"moment": moment(round_.receiving_until)}
    return _("Đang nhận hồ sơ")


@require_safe
def round_list(request: HttpRequest) -> HttpResponse:
    """Rounds the public may know of, the newest first. Two queries."""
    now = timezone.now()
    rounds = Round.objects.public().select_related("territory", "decision").order_by("-year", "-pk")
    page = Paginator(rounds, PER_PAGE).get_page(request.GET.get("page"))
    rows = [(round_, public_state(round_, now), round_.receiving_open(now)) for round_ in page]
    return render(request, "rounds/round_list.html", {"nav": "rounds", "page": page, "rows": rows})


@require_safe
def round_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One round: dates, bodies by size, numbers per group, the lists that are public by now.

    Fifteen queries at most, however many dossiers.
    """
    round_ = Round.objects.public().select_related("territory", "decision", "receiving_unit").filter(slug=slug).first()
    if round_ is None:
        raise Http404(_("Không có kỳ bình chọn này."))
    now = timezone.now()
    numbers, carried_on = queries.numbers_told_elsewhere(round_)
    numbers = numbers or queries.group_numbers(round_)
    page = {
        "nav": "rounds",
        "crumbs": [(_("Kỳ bình chọn"), reverse("rounds")), (round_.title, "")],
        "round": round_,
        "state_words": public_state(round_, now),
        "is_open": round_.receiving_open(now),
        "numbers": numbers,
        "carried_on": carried_on,
        "totals": _totals(numbers),
        "bodies": _body_sizes(round_),
        "papers": _papers(round_) if round_.state == R.RECEIVING else [],
        "provisional": _by_group(queries.provisional_list(round_)) if queries.shows_provisional(round_) else [],
        "recognised": _by_group(_recognised(round_, carried_on)) if queries.shows_recognised(round_) else [],
        "is_announced": queries.shows_recognised(round_),
        **_how_it_was_run(round_, carried_on),
    }
    return render(request, "rounds/round.html", page)


def _how_it_was_run(round_: Round, carried_on: dt.date | None) -> dict[str, Any]:
    """How it is counted from the opening of the scoring on; complaints and what the round publishes afterwards."""
    announced = queries.shows_recognised(round_)
    return {
        "counting": sentences(round_) if round_.state not in BEFORE_SCORING and not carried_on else (),
        "seal": queries.seal_of(round_) if announced else None,
        "recusals": recusals(round_) if announced and round_.publish_recusals else None,
        "complaints": complaint_numbers(round_) if queries.shows_provisional(round_) or announced else None,
        "complaints_until": last_day(round_),
    }


def _recognised(round_: Round, carried_on: dt.date | None) -> Any:
    """What was recognised: dossiers, or the recognitions of the round's decision where those are kept elsewhere."""
    return queries.recognised_by_decision(round_) if carried_on else _with_means(round_)


def _with_means(round_: Round) -> list[Any]:
    """The recognised dossiers; each carries its mean where the council so decided. One query."""
    found: list[Any] = list(queries.recognised_list(round_).select_related("result"))
    for dossier in found:
        result = getattr(dossier, "result", None) if round_.publish_means else None
        dossier.shown_mean = (
            shown_mean(points=result.points, divisor=result.divisor, threshold=round_.threshold) if result else None
        )
    return found


def _totals(numbers: list[queries.GroupNumbers]) -> dict[str, int]:
    names = ("dossiers", "eligible", "recognised_singles", "recognised_sets")
    return {name: sum(getattr(row, name) for row in numbers) for name in names}


def _body_sizes(round_: Round) -> list[tuple[str, int]]:
    """How many sit in the council and the jury. One query; no names."""
    seats = [seat.body for seat in queries.active_seats(round_)]
    return [(str(body.label), seats.count(body)) for body in (Body.COUNCIL, Body.JURY) if seats.count(body)]


def _papers(round_: Round) -> list[str]:
    kinds = required_kinds(level=round_.level, lower_round_held=round_.lower_round_held)
    return [str(DocumentKind(kind).label) for kind in kinds]


def _by_group(dossiers: Any) -> list[tuple[str, list[Dossier]]]:
    ordered = sorted(dossiers, key=lambda dossier: list(ProductGroup).index(ProductGroup(dossier.product.group)))
    return [
        (str(ProductGroup(group).label), list(rows))
        for group, rows in groupby(ordered, lambda dossier: dossier.product.group)
    ]
