"""News to subscribe to, as Atom: what was recognised last, which rounds opened or told their result. In both languages."""

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid5

from django.conf import settings
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal.territory.queries import Unit, family_ids, unit_by_slug
from portal.text.clock import today
from portal.text.formats import day, number
from portal.text.templatetags.look import LEVEL_IN_WORDS
from products.cards import facility_name, place_then
from products.enums import Level, ProductGroup, Stage
from products.filters import last
from products.models import Recognition
from products.register import kept, mark
from products.validity_sql import due_to_be_withheld
from rounds.enums import RoundState
from rounds.models import Round

ENTRIES = 50
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
# Of a feed without entries: the day is not news, and readers must not fetch it anew every time.
BEGINNING = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
ANNOUNCED = (RoundState.ANNOUNCED, RoundState.CLOSED)


class Feed(Atom1Feed):
    """Atom whose time is that of its newest entry, also while there is none."""

    def latest_post_date(self) -> dt.datetime:
        return max((item["updateddate"] for item in self.items), default=BEGINNING)


@require_safe
def recognitions(request: HttpRequest) -> HttpResponse:
    """The recognitions published last, of everywhere or of a province, a group, a level; 404 for one unknown."""
    unit, group, level = _asked(request)
    on = today()

    def build() -> Feed:
        feed = _feed(request, _title(unit, group, level), reverse("catalogue"))
        for row in _newest(unit, group, level, on):
            _add(feed, row)
        return feed

    return _answered(request, f"{on}", build)


@require_safe
def rounds(request: HttpRequest) -> HttpResponse:
    """Rounds that opened, and rounds that told their result, the newest first."""
    now = timezone.now()

    def build() -> Feed:
        feed = _feed(request, _("Kỳ bình chọn mới và kết quả"), reverse("rounds"))
        for moment, fields in _newest_first(_events(_rounds(), now)):
            feed.add_item(**fields, pubdate=moment, updateddate=moment)
        return feed

    # A round opens by the clock, not by a change of the register: the minute is part of what is kept.
    return _answered(request, f"{now:%Y-%m-%d %H:%M}", build)


# --- recognitions -------------------------------------------------------------------------------------------


def _asked(request: HttpRequest) -> tuple[Unit | None, str, str]:
    slug, group, level = (last(request.GET, name).strip() for name in ("province", "group", "level"))
    unit = unit_by_slug(slug) if slug else None
    if (slug and unit is None) or (group and group not in ProductGroup.values) or (level and level not in Level.values):
        raise Http404(_("Không có tin theo điều kiện này."))
    return unit, group, level


def _title(unit: Unit | None, group: str, level: str) -> str:
    parts = [
        unit.name if unit else "",
        str(ProductGroup(group).label) if group else "",
        str(LEVEL_IN_WORDS[level]) if level else "",
    ]
    narrowed = ", ".join(part for part in parts if part)
    title = _("Sản phẩm công nghiệp nông thôn tiêu biểu mới được công nhận")
    return f"{title}: {narrowed}" if narrowed else title


def _newest(unit: Unit | None, group: str, level: str, on: dt.date) -> Iterable[Recognition]:
    """One query."""
    rows = Recognition.objects.published().exclude(due_to_be_withheld(on))
    if unit:
        rows = rows.filter(territory__in={unit.pk} if unit.until else family_ids(unit.pk))
    if group:
        rows = rows.filter(product__group=group)
    if level:
        rows = rows.filter(level=level)
    return rows.select_related("product__facility", "territory", "decision").order_by("-published_at", "-pk")[:ENTRIES]


def _add(feed: Feed, row: Recognition) -> None:
    published = row.published_at or BEGINNING
    words = {"name": row.product.display_name, "level": LEVEL_IN_WORDS[row.level], "year": row.year}
    feed.add_item(
        title=_("%(name)s, công nhận %(level)s năm %(year)s") % words,
        link=_whole(reverse("product", args=[row.product.slug])),
        description=_summary(row),
        unique_id=f"urn:uuid:{row.uuid}",
        pubdate=published,
        updateddate=published,
        categories=[row.product.get_group_display()],
    )


def _summary(row: Recognition) -> str:
    """Who makes it, where, by which decision, until when."""
    facts = [facility_name(row.product.facility), place_then(row)]
    if row.decision:
        facts.append(_("Quyết định %(number)s") % {"number": row.decision.full_number})
    if row.expires_on:
        until = str(row.expires_on.year) if row.expiry_precision == "year" else day(row.expires_on)
        facts.append(_("hiệu lực đến %(until)s") % {"until": until})
    return ". ".join(fact[:1].upper() + fact[1:] for fact in facts if fact) + "."


# --- rounds -------------------------------------------------------------------------------------------------


def _rounds() -> Iterable[Round]:
    """One query."""
    published = Q(decision__recognitions__published_at__isnull=False, decision__recognitions__stage=Stage.RECOGNISED)
    rows = Round.objects.public().select_related("territory", "decision")
    return rows.annotate(recognised=Count("decision__recognitions", filter=published)).order_by("-year", "-pk")[
        :ENTRIES
    ]


def _events(rows: Iterable[Round], now: dt.datetime) -> Iterable[tuple[dt.datetime, dict[str, Any]]]:
    for row in rows:
        link = _whole(reverse("round", args=[row.slug]))
        if row.receiving_from and row.receiving_from <= now:
            yield row.receiving_from, _event(row, "call", link, _("Nhận hồ sơ: %(title)s"), _call_words(row))
        if row.announced_at and row.announced_at <= now and row.state in ANNOUNCED:
            yield row.announced_at, _event(row, "result", link, _("Kết quả: %(title)s"), _result_words(row))


def _event(row: Round, what: str, link: str, title: str, words: str) -> dict[str, Any]:
    return {
        "title": title % {"title": row.title},
        "link": link,
        "description": words,
        "unique_id": f"urn:uuid:{uuid5(UUID(str(row.uuid)), what)}",
    }


def _call_words(row: Round) -> str:
    if row.receiving_until is None:
        return _("Kỳ bình chọn nhận hồ sơ đăng ký.")
    return _("Nhận hồ sơ đăng ký đến hết %(day)s.") % {"day": day(timezone.localdate(row.receiving_until))}


def _result_words(row: Any) -> str:
    words = ngettext("%(number)s sản phẩm được công nhận.", "%(number)s sản phẩm được công nhận.", row.recognised)
    return words % {"number": number(row.recognised)}


def _newest_first(events: Iterable[tuple[dt.datetime, dict[str, Any]]]) -> list[tuple[dt.datetime, dict[str, Any]]]:
    return sorted(events, key=lambda event: event[0], reverse=True)[:ENTRIES]


# --- the document -------------------------------------------------------------------------------------------


def _whole(path: str) -> str:
    return settings.SITE_URL + path


def _feed(request: HttpRequest, title: str, page: str) -> Feed:
    """An empty feed with its own address as its lasting identity: only the names that are known, in one order."""
    known = [(name, last(request.GET, name).strip()) for name in ("province", "group", "level")]
    query = urlencode([(name, value) for name, value in known if value])
    address = _whole(request.path) + (f"?{query}" if query else "")
    return Feed(
        title=title,
        link=_whole(page),
        description=_("Cổng Sản phẩm công nghiệp nông thôn tiêu biểu"),
        language=get_language(),
        author_name=_("Cổng Sản phẩm công nghiệp nông thôn tiêu biểu"),
        feed_url=address,
        feed_guid=address,
        feed_copyright=LICENCE,
        ttl=None,
    )


def _answered(request: HttpRequest, when: str, build: Callable[[], Feed]) -> HttpResponse:
    """The feed as kept under the register's mark; 304 to a reader who has it."""
    asked = hashlib.sha256(f"{request.get_full_path()}|{get_language()}|{when}".encode()).hexdigest()

    content = kept(mark(), f"feed:{asked}", lambda: build().writeString("utf-8").encode())
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    answer = HttpResponse(content, content_type="application/atom+xml; charset=utf-8")
    answer["ETag"] = tag
    patch_cache_control(answer, public=True, no_cache=True)
    return get_conditional_response(request, etag=tag, response=answer) or answer
