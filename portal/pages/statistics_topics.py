"""Pages of statistics about one topic each: a question form, answers, files."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from products.catalogue import Clock
from products.kept_pages import kept_page
from products.serializers import clock_of_today

from . import charts, extension_answers, published_answers, renewal_answers, round_answers, shares, ways_up
from .answers import Answer, file_of
from .recognition_answers import BY_LABELS
from .statistics_form import form
from .statistics_query import Question, read

PATTERNS = mark_safe(charts.PATTERNS)  # noqa: S308  our own drawing


@dataclass(frozen=True)
class Topic:
    """One page: its name in the addresses, its words, the fields its form has, how it may be divided.

    Dossiers and nominations change without the register's mark, so pages that count them are not kept.
    """

    name: str
    title: Any
    lead: Any
    fields: tuple[str, ...]
    answers: Callable[[Question, Clock], Sequence[Answer]]
    by: Mapping[str, Any]
    is_kept: bool = True


TOPICS = {
    topic.name: topic
    for topic in (
        Topic(
            "statistics_rounds",
            gettext_lazy("Kỳ bình chọn"),
            gettext_lazy("Bao nhiêu hồ sơ đăng ký, đủ điều kiện, đạt điểm và được công nhận."),
            ("level", "province", "basis", "from", "to"),
            round_answers.answers,
            {},
            is_kept=False,
        ),
        Topic(
            "statistics_ways",
            gettext_lazy("Từ tỉnh lên quốc gia"),
            gettext_lazy("Trong số sản phẩm cấp tỉnh, bao nhiêu lên được cấp khu vực và cấp quốc gia."),
            ("group", "kind", "province", "basis", "from", "to", "within"),
            ways_up.answers,
            {},
            is_kept=False,
        ),
        Topic(
            "statistics_renewals",
            gettext_lazy("Công nhận lại"),
            gettext_lazy(
                "Khi công nhận hết hiệu lực, bao nhiêu sản phẩm được công nhận lại, và giữ danh hiệu bao lâu."
            ),
            ("level", "group", "kind", "province", "basis", "from", "to", "by"),
            renewal_answers.answers,
            {name: BY_LABELS[name] for name in renewal_answers.BY} | {"year": gettext_lazy("Năm hết hiệu lực")},
        ),
        Topic(
            "statistics_shares",
            gettext_lazy("Hỗ trợ và phân phối"),
            gettext_lazy("Bao nhiêu phần trăm sản phẩm còn hiệu lực đã được hỗ trợ và đã có nơi bán."),
            ("level", "group", "kind", "province", "basis"),
            shares.answers,
            {},
        ),
        Topic(
            "statistics_extension",
            gettext_lazy("Khuyến công"),
            gettext_lazy("Bao nhiêu đề án, cơ sở, lượt hỗ trợ và bao nhiêu tiền."),
            ("province", "basis", "from", "to", "by"),
            extension_answers.answers,
            extension_answers.BY_LABELS,
        ),
        Topic(
            "statistics_published",
            gettext_lazy("Số đã công bố"),
            gettext_lazy("Báo cáo và bản tin nêu con số nào, và sổ đếm được bao nhiêu cho đúng nơi và kỳ đó."),
            (),
            published_answers.answers,
            {},
            is_kept=False,
        ),
    )
}


def topics_menu(here: str) -> list[tuple[str, str, bool]]:
    """The pages of statistics: title, address, whether it is this one."""
    menu = [("statistics", _("Công nhận")), *((topic.name, str(topic.title)) for topic in TOPICS.values())]
    return [(title, reverse(name), name == here) for name, title in menu]


def _topic_page(request: HttpRequest, topic: Topic) -> HttpResponseBase:
    asked, clock = read(request.GET, fields_read=topic.fields, by=topic.by), clock_of_today()
    if "tai" in request.GET:
        file = file_of(request, topic.answers(asked.question, clock))
        if file is not None:
            return file

    def build(_mark: str) -> HttpResponse:
        facts = {
            "nav": "statistics",
            "on": clock.on,
            "topic": topic,
            "told": asked.told,
            "question": asked.question,
            "is_open": not asked.question.is_plain,
            "form": form(asked.question, topic.fields, year=clock.on.year, by=topic.by),
            "answers": topic.answers(asked.question, clock),
            "patterns": PATTERNS,
            "topics": topics_menu(topic.name),
        }
        return render(request, "pages/statistics_topic.html", facts)

    return kept_page(request, clock, build) if topic.is_kept else build("")


@require_safe
def rounds(request: HttpRequest) -> HttpResponseBase:
    return _topic_page(request, TOPICS["statistics_rounds"])


@require_safe
def ways(request: HttpRequest) -> HttpResponseBase:
    return _topic_page(request, TOPICS["statistics_ways"])


@require_safe
def renewals(request: HttpRequest) -> HttpResponseBase:
    return _topic_page(request, TOPICS["statistics_renewals"])


@require_safe
def supported_and_sold(request: HttpRequest) -> HttpResponseBase:
    return _topic_page(request, TOPICS["statistics_shares"])


@require_safe
def extension(request: HttpRequest) -> HttpResponseBase:
    return _topic_page(request, TOPICS["statistics_extension"])


@require_safe
def published(request: HttpRequest) -> HttpResponseBase:
    return _topic_page(request, TOPICS["statistics_published"])
