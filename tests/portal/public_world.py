"""A small register in which every public page has something to show, and the crawler that reads all of it."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import Resolver404, resolve
from django.utils import timezone

from extension.models import Listing
from facilities.enums import FacilityKind
from products import codes
from products.enums import Level, StandardKind
from products.models import ProductStandard, PublishedFigure
from rounds.enums import RoundState
from tests import factories as make

# Doors of people who log in: that they are shut is tested elsewhere.
SHUT = (
    "/quan-tri/",
    "/cham-diem/",
    "/co-so-cua-toi/",
    "/dang-ky/",
    "/thong-bao/",
    "/ho-so-cua-toi/",
    "/vao-viec/",
    "/xa/",
)
# Drawn by a library.
FOREIGN = ("/api/docs/",)
OUTSIDE = ("mailto:", "tel:", "data:", "webcal:", "javascript:")
# Two that stand for the many of test_hostile_queries.
HOSTILE = ("x" * 10_000, "a%00b%ff" + quote("²"))
# Choices multiply: of one page that many queries are read, with new names first.
QUERIES = 3
REDIRECTS = {301, 302}
# Names and texts of the register in Vietnamese alone: on an English page they stand in an element that says so.
VIETNAMESE = re.compile(
    "Hợp tác xã Nha Xá|Hộ mẫu|Bộ khăn lụa|Bánh đa|Kỳ đang|Máy se tơ|Làm bằng tay|Báo cáo mẫu|Xã Mộc Nam"
    "|Hội chợ mẫu|Siêu thị mẫu"
)
VOID = frozenset(
    {"area", "br", "circle", "col", "hr", "img", "input", "line", "link", "meta", "path", "rect", "source", "use"}
)


def fill() -> None:
    """Two provinces that became one, makers, products of every standing, rounds of every state, support, figures."""
    then = make.TerritoryFactory(name="Hà Nam", slug="ha-nam-2025", valid_to=date(2025, 6, 30))
    now = make.TerritoryFactory(name="Ninh Bình", slug="ninh-binh", valid_from=date(2025, 7, 1))
    make.SuccessionFactory(predecessor=then, successor=now)
    maker = make.FacilityFactory(name="Hợp tác xã Nha Xá", territory=then, address_today="Xã Mộc Nam")
    make.ContactFactory(facility=maker, kind="phone", value="0900000000", may_publish=True, consent_on=date(2026, 1, 1))
    household = make.FacilityFactory(name="Hộ mẫu", territory=now, kind=FacilityKind.HOUSEHOLD)
    silk = make.ProductFactory(name="Lụa Nha Xá", name_en="Nha Xa silk", facility=maker, territory=then)
    boxed = make.ProductFactory(name="Bộ khăn lụa", facility=maker, territory=then, is_set=True)
    make.SetMemberFactory(product_set=boxed, name="Lụa Nha Xá", product=silk)
    rice = make.ProductFactory(name="Bánh đa", facility=household, territory=now, story="Làm bằng tay.")
    ProductStandard.objects.create(product=rice, kind=StandardKind.OCOP, stars=4, issued_year=2025)
    decision = make.DecisionFactory(number="99")
    new = make.RecognitionFactory(product=silk, territory=then, level=Level.NATIONAL, year=2025, decision=decision)
    make.CertificateFactory(recognition=new, code=codes.generate(Level.NATIONAL))
    old = {"year": 2019, "issued_on": date(2019, 5, 1), "expires_on": date(2021, 12, 31)}
    make.RecognitionFactory(product=boxed, territory=then, **old)
    make.RecognitionFactory(product=rice, territory=now, year=2026, issued_on=date(2026, 1, 9))
    _rounds(now)
    project = make.ProjectFactory(name="Máy se tơ", territory=now)
    make.BeneficiaryFactory(project=project, facility=maker, product=silk)
    fair = make.FairFactory(name="Hội chợ mẫu", slug="hoi-cho-mau", territory=now, place="Xã Mộc Nam", project=project)
    make.ParticipationFactory(fair=fair, facility=maker).products.add(silk)
    Listing.objects.create(outlet=make.OutletFactory(name="Siêu thị mẫu", territory=now), product=silk)
    PublishedFigure.objects.create(
        place="Hà Nam", territory=then, period="2020", year_from=2020, year_to=2020, what="Sản phẩm được công nhận",
        measure="recognised", level="province", value=12, value_text="12", source="Báo cáo mẫu",
    )  # fmt: skip


def _rounds(unit: Any) -> None:
    now = timezone.now()
    receiving = {"receiving_from": now - timedelta(days=3), "receiving_until": now + timedelta(days=9)}
    make.RoundFactory(name="Kỳ đang nhận", territory=unit, state=RoundState.RECEIVING, **receiving)
    make.RoundFactory(name="Kỳ đang chấm", territory=unit, state=RoundState.SCORING)
    make.RoundFactory(name="Kỳ kín", territory=unit, state=RoundState.DRAFT)


class Page(HTMLParser):
    """What of a page leads on, what it calls itself, and what its parts are named."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: Counter[str] = Counter()
        self.title = ""
        self.headings = 0
        self.forms: list[dict[str, Any]] = []
        self._inside: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.ids.update([given["id"]] if given.get("id") else [])
        self.headings += tag == "h1"
        if tag == "title" and "svg" not in self._inside:
            self._inside.append("title")
        elif tag == "svg":
            self._inside.append("svg")
        self.links += self._leads(tag, given)
        if tag == "form":
            self.forms.append(
                {"method": given.get("method", "get").lower(), "action": given.get("action", ""), "fields": []}
            )
        elif tag in {"input", "select", "button"} and self.forms and given.get("name"):
            self.forms[-1]["fields"].append((given["name"], given.get("value", "")))

    @staticmethod
    def _leads(tag: str, given: dict[str, str]) -> list[str]:
        if tag == "link" and not {
            "stylesheet",
            "icon",
            "alternate",
            "canonical",
            "search",
            "manifest",
            "preload",
        } & set(given.get("rel", "").split()):
            return []
        found = [given[name] for name in ("href", "src", "poster") if given.get(name)]
        return found + [part.split()[0] for part in given.get("srcset", "").split(",") if part.strip()]

    def handle_endtag(self, tag: str) -> None:
        if self._inside and self._inside[-1] == tag:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        if self._inside == ["title"]:
            self.title += data


class Unmarked(HTMLParser):
    """Vietnamese words of the register in the main part of an English page that no element calls Vietnamese."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._around: list[tuple[str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self._around.append((tag, dict(attrs).get("lang") or ""))

    def handle_endtag(self, tag: str) -> None:
        while self._around and self._around.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        words = " ".join(data.split())
        if VIETNAMESE.match(words) and any(tag == "main" for tag, _language in self._around):
            languages = [language for _tag, language in self._around if language]
            if languages[-1] != "vi":
                self.found.append(words)


@dataclass
class Crawl:
    """Reads from the first addresses on until nothing is new. `faults` says what is wrong, each once."""

    client: Client
    faults: list[str] = field(default_factory=list)
    read: dict[str, Page | None] = field(default_factory=dict)
    names: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    anchors: list[tuple[str, str, str]] = field(default_factory=list)
    _queries: Counter[str] = field(default_factory=Counter)
    _files: set[str] = field(default_factory=set)

    def run(self, *starts: str) -> "Crawl":
        left = list(starts)
        while left:
            address = left.pop()
            if self._is_new(address):
                left += self._visit(address)
        self._hurt()
        self.faults += [
            f"{page}: leads to #{anchor} of {target}, which has none"
            for page, target, anchor in self.anchors
            if (found := self.read.get(target)) and anchor not in found.ids
        ]
        return self

    def _is_new(self, address: str) -> bool:
        """Whether to read it: any new path, and of a path's queries those that ask for a name nobody asked for, up to a few."""
        path, _mark, query = address.partition("?")
        names = {name for name, _value in parse_qsl(query, keep_blank_values=True)}
        told = self.names[path]
        if address in self.read or (query and names <= told) or self._queries[path] >= QUERIES:
            return False
        self._queries[path] += bool(query)
        told |= names
        return True

    def _visit(self, address: str) -> list[str]:
        self.read[address] = None
        answer = self.client.get(address)
        if answer.status_code in REDIRECTS:
            return [self._inside(answer["Location"], address)]
        if answer.status_code != 200:
            self.faults.append(f"{address}: {answer.status_code}")
            return []
        body = answer.getvalue()
        kind = answer["Content-Type"].split(";")[0]
        if kind == "text/html":
            return list(self._page(address, body.decode()))
        if kind in {"application/xml", "text/xml", "application/atom+xml"}:
            return [self._inside(found, address) for found in re.findall(r'(?:<loc>|href=")([^<"]+)', body.decode())]
        return []

    def _page(self, address: str, html: str) -> Iterator[str]:
        page = self.read[address] = Page(html)
        if page.headings != 1 and not address.startswith(FOREIGN):
            self.faults.append(f"{address}: {page.headings} h1")
        self.faults += [f"{address}: id {name} {times} times" for name, times in page.ids.items() if times > 1]
        if address.startswith("/en/"):
            self.faults += [f"{address}: not marked as Vietnamese: {words}" for words in Unmarked(html).found]
        for link in page.links:
            yield self._inside(link, address)
        for form in page.forms:
            if form["method"] == "get":
                action = form["action"].partition("#")[0]
                yield self._inside(f"{action}?{urlencode(dict(form['fields']))}", address)

    def _inside(self, link: str, page: str) -> str:
        """The address in this portal that a link means; the page itself for what leads elsewhere or is a file."""
        link = link.replace("&amp;", "&").strip()
        if link.startswith(settings.SITE_URL):
            link = link.removeprefix(settings.SITE_URL) or "/"
        if link.startswith(OUTSIDE) or urlsplit(link).netloc:
            return page
        whole = urlsplit(urljoin(page, link))
        address = whole.path + (f"?{whole.query}" if whole.query else "")
        if whole.fragment:
            self.anchors.append((page, address, whole.fragment))
        if whole.path.startswith(settings.STATIC_URL):
            self._file(whole.path, page)
            return page
        return page if whole.path.startswith(SHUT) else address

    def _file(self, path: str, page: str) -> None:
        """A static file is there, and what a style sheet names is there too."""
        if path in self._files:
            return
        self._files.add(path)
        found = finders.find(path.removeprefix(settings.STATIC_URL))
        if found is None:
            self.faults.append(f"{page}: no file {path}")
        elif path.endswith(".css"):
            for link in re.findall(r'url\("?([^")]+)"?\)', Path(str(found)).read_text(encoding="utf-8")):
                if not link.startswith(("data:", "#")):
                    self._file(urljoin(path, link), path)

    def _hurt(self) -> None:
        """Each name that a kind of page is asked for, with values made to hurt beside a harmless one."""
        hurt: set[tuple[str, str]] = set()
        for path, names in list(self.names.items()):
            kind = _kind(path)
            for name in names:
                if not kind or (kind, name) in hurt:
                    continue
                hurt.add((kind, name))
                for value in HOSTILE:
                    answer = self.client.get(f"{path}?{quote(name)}=1&{quote(name)}={value}")
                    if answer.status_code >= 500 or (answer.status_code in REDIRECTS and "//" in answer["Location"]):
                        self.faults.append(f"{path}?{name}={value[:20]}: {answer.status_code}")
                    if answer.streaming:
                        b"".join(answer.streaming_content)

    def titles(self) -> dict[tuple[str, bool], set[str]]:
        """Titles, per language, with the paths that bear them; a certificate's code may be written with its hyphens or without."""
        found: dict[tuple[str, bool], set[str]] = defaultdict(set)
        for address, page in self.read.items():
            if page is not None:
                path = address.partition("?")[0]
                found[" ".join(page.title.split()), path.startswith("/en/")].add(path.replace("-", ""))
        return found


def _kind(path: str) -> str:
    """The name of the page's kind; nothing for an address that leads nowhere, which is a fault already."""
    try:
        return resolve(path).view_name
    except Resolver404:
        return ""
