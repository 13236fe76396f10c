"""The sitemap: every public page in both languages, with the day it last changed.

Half a million products do not go through a paginator: products and makers lie in files by their keys, a file being
one range of the index, so that a file costs the same wherever it stands and one change touches one file. All are
kept under the register's mark; rounds, projects and fairs change without it, and are few.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import F, Max, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from django.utils.translation import override
from django.views.decorators.http import require_safe

from extension.models import Fair, Project
from facilities.models import Facility
from portal.territory.models import Territory
from products.models import Product, RegisterChange
from products.register import kept, mark
from rounds.models import Round

PER_FILE = 10_000
LAST_FILE = 1_000_000
TYPE = "application/xml; charset=utf-8"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
XHTML = "http://www.w3.org/1999/xhtml"
PAGES = (
    "home", "catalogue", "map", "statistics", "statistics_rounds", "statistics_ways", "statistics_renewals",
    "statistics_shares", "statistics_extension", "statistics_published", "rounds", "extension", "support_norms",
    "extension_fairs", "extension_outlets", "day_list", "verify", "open_data", "contact", "display",
)  # fmt: skip
LONG = {"san-pham": "product", "co-so": "facility"}
SHORT = ("trang", "tinh", "ky-binh-chon", "khuyen-cong", "hoi-cho")
# Reversing an address for each of ten thousand pages costs more than all the rest of a file.
MARK = "0-0"

# What robots are asked to leave alone.
DOORS = ("login", "logout", "judge_home", "after_login", "demo_accounts", "resume", "saved", "rate_page")
OTHER_DOORS = ("/quan-tri/", "/co-so-cua-toi/", "/ho-so-cua-toi/", "/viec-cua-xa/", "/thong-bao/", "/dang-ky/")
LETTERS = ("thu/", "san-pham/*/hoi/", "san-pham/*/dat-mua/", "san-pham/*/bao-sai/", "co-so/*/lien-he/")
QUESTIONS = (*PAGES, "statistics_list")


class Entry(NamedTuple):
    """A page by the name of its address, the part of the address that is its own, and when it last changed."""

    name: str
    slug: str = ""
    changed: dt.datetime | None = None


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The files there are. Six queries and the mark's when not kept."""
    return HttpResponse(kept(mark(), f"sitemap:{settings.SITE_URL}", _index), content_type=TYPE)


@require_safe
def file(request: HttpRequest, section: str, part: int | None = None) -> HttpResponse:
    """One file of addresses. Two queries and the mark's at most, 404 for a range without pages."""
    if section in SHORT and part is None:
        text = _urlset(_short(section))
    elif section in LONG and part is not None and part <= LAST_FILE:
        key = f"sitemap:{settings.SITE_URL}:{section}:{part}:{timezone.localdate()}"
        text = kept(mark(), key, lambda: _urlset(_range(section, part)))
    else:
        raise Http404
    if not text:
        raise Http404
    return HttpResponse(text, content_type=TYPE)


def _public(section: str) -> QuerySet[Any]:
    on = timezone.localdate()
    return Product.objects.public(on=on) if section == "san-pham" else Facility.objects.public(on=on)


def _range(section: str, number: int) -> Iterator[Entry]:
    keys = {"gte": number * PER_FILE, "lt": (number + 1) * PER_FILE}
    rows = _public(section).filter(**{f"pk__{word}": key for word, key in keys.items()}).order_by("pk")
    # A maker's page changes with all of its products': better no day than one too early.
    changed = _changes(keys) if section == "san-pham" else {}
    for pk, slug, saved in rows.values_list("pk", "slug", "updated_at").iterator(chunk_size=2000):
        yield Entry(LONG[section], slug, changed.get(pk, saved) if section == "san-pham" else None)


def _changes(keys: dict[str, int]) -> dict[int, dt.datetime]:
    """When the public entry of each product changed last, as the change feed tells it."""
    rows = RegisterChange.objects.filter(**{f"product_id__{word}": key for word, key in keys.items()})
    return dict(rows.order_by().values_list("product_id").annotate(Max("at")))


def _short(section: str) -> Iterator[Entry]:
    if section == "trang":
        yield from map(Entry, PAGES)
    elif section == "tinh":
        yield from (Entry("province", slug) for slug in Territory.objects.order_by("pk").values_list("slug", flat=True))
    elif section == "ky-binh-chon":
        yield from (
            Entry("round", slug) for slug in Round.objects.public().order_by("pk").values_list("slug", flat=True)
        )
    elif section == "khuyen-cong":
        projects = Project.objects.public().order_by("pk").values_list("slug", flat=True)
        yield from (Entry("extension_project", slug) for slug in projects)
    else:
        fairs = Fair.objects.public().order_by("pk").values_list("slug", flat=True)
        yield from (Entry("extension_fair", slug) for slug in fairs)


def _index() -> str:
    filled = [section for section in SHORT if next(_short(section), None)]
    lines = [_file_line(reverse("sitemap_file", args=[section])) for section in filled]
    for section in LONG:
        parts = _public(section).order_by().annotate(part=F("pk") / PER_FILE).values_list("part", flat=True).distinct()
        lines += [_file_line(reverse("sitemap_file", args=[section, part])) for part in sorted(parts)]
    return f'{HEAD}<sitemapindex xmlns="{SITEMAP}">\n{"".join(lines)}</sitemapindex>\n'


def _file_line(path: str) -> str:
    return f"<sitemap><loc>{settings.SITE_URL}{path}</loc></sitemap>\n"


def _urlset(entries: Iterable[Entry]) -> str:
    """Each page once per language, every time with all its languages; empty when there is no page."""
    forms: dict[str, dict[str, str]] = {}
    lines = []
    for entry in entries:
        if entry.name not in forms:
            forms[entry.name] = _forms(entry)
        addresses = {code: form.replace(MARK, escape(entry.slug)) for code, form in forms[entry.name].items()}
        links = "".join(
            f'<xhtml:link rel="alternate" hreflang="{code}" href="{address}"/>'
            for code, address in (*addresses.items(), ("x-default", addresses[settings.LANGUAGE_CODE]))
        )
        tail = f"{_lastmod(entry.changed)}{links}</url>\n"
        lines += [f"<url><loc>{address}</loc>{tail}" for address in addresses.values()]
    if not lines:
        return ""
    return f'{HEAD}<urlset xmlns="{SITEMAP}" xmlns:xhtml="{XHTML}">\n{"".join(lines)}</urlset>\n'


def _forms(entry: Entry) -> dict[str, str]:
    """The address of such a page per language, with MARK where its own part stands."""
    found = {}
    for code, _name in settings.LANGUAGES:
        with override(code):
            found[code] = settings.SITE_URL + reverse(entry.name, args=[MARK] if entry.slug else None)
    return found


def _lastmod(changed: dt.datetime | None) -> str:
    return f"<lastmod>{timezone.localtime(changed):%Y-%m-%d}</lastmod>" if changed else ""


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What robots are asked to leave alone: doors of those who work here, and questions without end."""
    return HttpResponse(_robots(), content_type="text/plain; charset=utf-8")


def _robots() -> str:
    homes = tuple(_in_each_language("home"))
    shut = [
        *OTHER_DOORS,
        *(path for name in DOORS for path in _in_each_language(name)),
        *(home + letter for home in homes for letter in LETTERS),
        *(f"{path}?" for name in QUESTIONS for path in _in_each_language(name)),
    ]
    # Of two rules that fit, the longer one counts: pages of the whole catalogue stay open.
    open_ = [f"{path}?page=" for path in _in_each_language("catalogue")]
    sitemap = f"Sitemap: {settings.SITE_URL}{reverse('sitemap')}"
    rules = [*(f"Allow: {path}" for path in open_), *(f"Disallow: {path}" for path in shut)]
    return "\n".join(("User-agent: *", *rules, "", sitemap, ""))


def _in_each_language(name: str) -> Iterator[str]:
    for code, _name in settings.LANGUAGES:
        with override(code):
            yield reverse(name)


@require_safe
def opensearch(request: HttpRequest) -> HttpResponse:
    """How a browser's search field asks the catalogue."""
    with override(settings.LANGUAGE_CODE):
        search = settings.SITE_URL + reverse("catalogue")
    text = (
        f'{HEAD}<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">'
        "<ShortName>Sản phẩm tiêu biểu</ShortName>"
        "<Description>Sản phẩm công nghiệp nông thôn tiêu biểu</Description>"
        "<InputEncoding>UTF-8</InputEncoding>"
        f'<Image width="16" height="16" type="image/x-icon">{settings.SITE_URL}/favicon.ico</Image>'
        f'<Url type="text/html" template="{search}?{urlencode({"q": ""})}{{searchTerms}}"/>'
        "</OpenSearchDescription>\n"
    )
    return HttpResponse(text, content_type="application/opensearchdescription+xml; charset=utf-8")
