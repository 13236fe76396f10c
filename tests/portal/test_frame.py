"""The frame of every page: its address, languages, sharing, sitemap, how it is shown, what it weighs."""

import gzip
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils.timezone import localdate

from portal.pages import sitemaps
from portal.text import display
from products import register
from tests.factories import (
    FacilityFactory,
    FairFactory,
    ProductFactory,
    ProjectFactory,
    RecognitionFactory,
    RoundFactory,
)
from tests.factories import TerritoryFactory as Province
from tests.portal.test_language import PUBLIC

pytestmark = [pytest.mark.crawl, pytest.mark.django_db]
STATIC = Path(settings.BASE_DIR) / "static"
BUDGET = 150 * 1024
SITE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
LINK = "{http://www.w3.org/1999/xhtml}link"


class Head(HTMLParser):
    """What a page links and says of itself."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[dict[str, str]] = []
        self.said: dict[str, str] = {}
        self.files: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "link":
            self.links.append(given)
        if tag == "meta":
            self.said[given.get("property") or given.get("name", "")] = given.get("content", "")
        loads = {
            "link": given.get("href"),
            "script": given.get("src"),
            "img": given.get("src"),
            "use": given.get("href"),
        }
        if (file := loads.get(tag)) and file.startswith(settings.STATIC_URL):
            self.files.add(urlsplit(file).path.removeprefix(settings.STATIC_URL))

    def of(self, rel: str) -> list[str]:
        return [link["href"] for link in self.links if link.get("rel") == rel]


@pytest.fixture
def product():
    maker = FacilityFactory(name="HTX Chè", slug="htx-che", territory=Province(name="Thái Nguyên", slug="thai-nguyen"))
    made = ProductFactory(name="Chè Tân Cương", slug="che-tan-cuong", facility=maker)
    RecognitionFactory(product=made)
    return made


def head(client: Client, address: str) -> Head:
    response = client.get(address)
    assert response.status_code == 200
    return Head(response.content.decode())


# Address, languages, sharing


def test_a_page_says_its_one_address_and_its_address_in_each_language(client, product):
    here = f"{settings.SITE_URL}/san-pham/che-tan-cuong/"
    there = f"{settings.SITE_URL}/en/san-pham/che-tan-cuong/"
    for address, own in ((f"{here}?x=1", here), (f"{there}?x=1", there)):
        found = head(client, address.removeprefix(settings.SITE_URL))
        assert found.of("canonical") == [own]
        alternates = {
            link["hreflang"]: link["href"]
            for link in found.links
            if link.get("rel") == "alternate" and "hreflang" in link
        }
        assert alternates == {"vi": here, "en": there, "x-default": here}


def test_a_shared_page_carries_its_title_its_sentence_and_a_picture(client, product):
    said = head(client, "/san-pham/che-tan-cuong/").said
    assert said["og:title"] == "Chè Tân Cương, HTX Chè"
    assert said["og:description"] == said["description"] != ""
    assert said["og:url"] == f"{settings.SITE_URL}/san-pham/che-tan-cuong/"
    assert said["og:image"].startswith(settings.SITE_URL)
    assert (said["twitter:card"], said["og:locale"]) == ("summary_large_image", "vi_VN")


def test_a_page_without_a_picture_of_its_own_is_shared_with_the_portals(client):
    picture = head(client, "/lien-he/").said["og:image"]
    assert (STATIC / picture.removeprefix(settings.SITE_URL + settings.STATIC_URL)).is_file()


@pytest.mark.parametrize("name", ["favicon.ico", "apple-touch-icon.png", "site.webmanifest", "icon-512.png"])
def test_what_browsers_look_for_at_fixed_addresses_lies_there(client, name):
    response = client.get(f"/{name}")
    assert response.status_code == 200
    assert response.getvalue() == (settings.BASE_DIR / "static" / "site-root" / name).read_bytes()


# Sitemap, robots, search


def locations(client: Client, address: str) -> list[str]:
    response = client.get(address)
    assert response.status_code == 200
    return [str(found.text) for found in ET.fromstring(response.content).iter(f"{SITE}loc")]


def test_the_sitemap_leads_to_every_public_page_in_both_languages(client, product):
    RoundFactory(slug="ky-mot", state="receiving")
    RoundFactory(slug="ky-nhap", state="draft")
    ProjectFactory(slug="may-say")
    FairFactory(slug="hoi-cho-mot")
    FairFactory(slug="hoi-cho-kin", is_public=False)
    ProductFactory(slug="chua-cong-nhan")
    files = [urlsplit(found).path for found in locations(client, "/sitemap.xml")]
    found = [urlsplit(address).path for file in files for address in locations(client, file)]
    assert len(found) == len(set(found))
    expected = {
        "/",
        "/san-pham/",
        "/san-pham/che-tan-cuong/",
        "/co-so/htx-che/",
        "/ky-binh-chon/ky-mot/",
        "/khuyen-cong/may-say/",
        "/khuyen-cong/hoi-cho/hoi-cho-mot/",
    }
    assert expected | {f"/en{path}" for path in expected} <= set(found)
    hidden = {"/ky-binh-chon/ky-nhap/", "/san-pham/chua-cong-nhan/", "/khuyen-cong/hoi-cho/hoi-cho-kin/"}
    assert not hidden & set(found)
    for path in ("/", "/co-so/htx-che/", "/khuyen-cong/may-say/", "/ban-do/thai-nguyen/"):
        assert client.get(path).status_code == 200, path


def test_no_public_page_is_forgotten_in_the_sitemap():
    not_for_search = {"saved", "login", "logout", "demo_accounts", "statistics_list"}
    # Their addresses come with a product, a maker, a code: through the files of those, or only from whoever holds it.
    with_more = {name for name in PUBLIC if not _stands_alone(name)}
    assert PUBLIC - not_for_search - with_more == set(sitemaps.PAGES) & PUBLIC


def _stands_alone(name: str) -> bool:
    try:
        reverse(name)
    except NoReverseMatch:
        return False
    return True


def test_a_page_in_the_sitemap_names_its_other_language_and_the_day_it_changed(client, product):
    text = client.get(f"/sitemap-san-pham.{product.pk // sitemaps.PER_FILE}.xml").content
    entry = ET.fromstring(text)[0]
    assert [link.attrib["hreflang"] for link in entry.iter(LINK)] == ["vi", "en", "x-default"]
    assert entry.findtext(f"{SITE}lastmod") == f"{localdate(product.updated_at)}"


@pytest.mark.parametrize(
    "address",
    [
        "/sitemap-x.xml",
        "/sitemap-san-pham.xml",
        "/sitemap-san-pham.77.xml",
        "/sitemap-trang.0.xml",
        f"/sitemap-co-so.{10**30}.xml",
    ],
)
def test_a_file_without_pages_is_not_there(client, product, address):
    assert client.get(address).status_code == 404


def test_a_file_costs_the_same_however_many_products_it_names(client, product, django_assert_num_queries):
    address = f"/sitemap-san-pham.{product.pk // sitemaps.PER_FILE}.xml"
    for _more in range(2):
        RecognitionFactory(product=ProductFactory())
        with django_assert_num_queries(3):
            sitemaps._urlset(sitemaps._range("san-pham", product.pk // sitemaps.PER_FILE))
            register.mark()
        assert client.get(address).status_code == 200


def test_robots_are_led_to_the_sitemap_and_kept_out_of_endless_questions(client):
    lines = client.get("/robots.txt").content.decode().splitlines()
    assert f"Sitemap: {settings.SITE_URL}/sitemap.xml" in lines
    assert {
        "Disallow: /quan-tri/",
        "Disallow: /san-pham/?",
        "Disallow: /en/san-pham/?",
        "Allow: /san-pham/?page=",
    } <= set(lines)
    shut = [line.removeprefix("Disallow: ") for line in lines if line.startswith("Disallow")]
    assert not [path for path in shut if "/san-pham/che/".startswith(path) or path == "/"]


def test_a_browser_can_search_the_catalogue_from_its_own_field(client):
    root = ET.fromstring(client.get("/opensearch.xml").content)
    template = next(found.attrib["template"] for found in root if found.tag.endswith("Url"))
    assert template == f"{settings.SITE_URL}/san-pham/?q={{searchTerms}}"


# How pages are shown


@pytest.mark.parametrize(
    ("code", "classes"),
    [
        ("", ""),
        ("lon", "hien-thi-lon"),
        ("rat-lon.tuong-phan", "hien-thi-rat-lon hien-thi-tuong-phan"),
        ("tuong-phan", "hien-thi-tuong-phan"),
        ('"><script>', ""),
        ("lon.rat-lon." + "x" * 5000, "hien-thi-lon"),
    ],
)
def test_the_cookie_of_display_means_one_of_six_things(code, classes):
    assert display.display(code).classes == classes


def test_what_is_not_asked_of_the_display_stays_as_it_is(client):
    client.get("/hien-thi/?co=lon")
    client.get("/hien-thi/?tuong-phan=1")
    assert client.cookies[display.COOKIE].value == "lon.tuong-phan"
    client.get("/hien-thi/?co=thuong")
    assert client.cookies[display.COOKIE].value == "tuong-phan"
    client.get("/hien-thi/?tuong-phan=0")
    assert client.cookies[display.COOKIE].value == ""


@pytest.mark.parametrize(
    ("back", "led"),
    [
        ("/san-pham/?q=ch%C3%A8", "/san-pham/?q=ch%C3%A8"),
        ("//example.org/", "/hien-thi/"),
        ("https://example.org/", "/hien-thi/"),
        ("/\\example.org", "/hien-thi/"),
        ("/" + "x" * 5000, "/hien-thi/"),
        ("san-pham", "/hien-thi/"),
    ],
)
def test_the_choice_of_display_leads_back_into_the_portal_only(client, back, led):
    response = client.get("/hien-thi/", {"co": "lon", "ve": back})
    assert (response.status_code, response["Location"]) == (302, led)
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db(transaction=True)
def test_a_query_too_long_to_go_along_does_not_swell_the_page(client, product):
    plain, endless = client.get("/san-pham/?q=zzz"), client.get("/san-pham/?q=" + quote("ế" * 10_000))
    assert len(endless.content) < len(plain.content) + 20_000
    kept = client.get("/san-pham/?q=mi").content.decode()
    assert '"/en/san-pham/?q=mi"' in kept
    assert "ve=%2Fsan-pham%2F%3Fq%3Dmi" in kept


def test_a_kept_page_is_kept_apart_by_how_it_is_shown(product):
    plain, large = Client(), Client()
    large.cookies[display.COOKIE] = "rat-lon"
    for _again in range(2):
        assert 'class="hien-thi-rat-lon"' in large.get("/san-pham/").content.decode()
        assert 'hien-thi-rat-lon"' not in plain.get("/san-pham/").content.decode().split("<body")[0]


@pytest.mark.django_db(transaction=True)
def test_a_kept_page_is_squeezed_for_those_who_can_read_it_so_and_not_sent_twice(client, product):
    plain = client.get("/san-pham/")
    squeezed = client.get("/san-pham/", headers={"accept-encoding": "br, gzip"})
    assert squeezed["Content-Encoding"] == "gzip"
    assert gzip.decompress(squeezed.content) == plain.content
    assert "Content-Encoding" not in client.get("/san-pham/", headers={"accept-encoding": "gzip;q=0"})
    again = client.get("/san-pham/", headers={"if-none-match": plain["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    RecognitionFactory(product=ProductFactory())
    assert client.get("/san-pham/", headers={"if-none-match": plain["ETag"]}).status_code == 200


# Weight


def weight(client: Client, address: str) -> dict[str, int]:
    """Bytes of everything a first visit loads but pictures of products, as whitenoise serves it."""
    response = client.get(address)
    page = Head(response.content.decode())
    found = {"page": len(gzip.compress(response.content, 6))}
    sheets = {file for file in page.files if file.endswith(".css")}
    # At most what the sheets name: a browser fetches only the weights it uses.
    named = {
        (STATIC / sheet).parent.joinpath(file).resolve().relative_to(STATIC).as_posix()
        for sheet in sheets
        for file in re.findall(r'url\("(\.\./[^"#]*)"\)', (STATIC / sheet).read_text())
    }
    for file in sorted({*page.files, *named}):
        if not file.startswith("swatches/"):
            content = (STATIC / file).read_bytes()
            found[file] = len(content) if file.endswith((".woff2", ".webp", ".png")) else len(gzip.compress(content, 9))
    return found


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["home", "catalogue", "statistics", "product"])
def test_the_first_visit_stays_under_its_budget_without_photos(client, product, name):
    for _more in range(12):
        RecognitionFactory(product=ProductFactory(facility=product.facility))
    loads = weight(client, reverse(name, args=[product.slug] if name == "product" else None))
    assert sum(loads.values()) <= BUDGET, sorted(loads.items(), key=lambda one: -one[1])


# The design page


def test_the_design_page_names_every_colour_with_its_value_and_shows_only_pictures_that_exist():
    sheet = (STATIC / "css/tokens.css").read_text()
    told = (settings.BASE_DIR / "docs/thiet-ke.md").read_text()
    usual = sheet[sheet.index(":root {") : sheet.index("--sans")]
    high = sheet[sheet.index(":root.hien-thi-tuong-phan") : sheet.index("@media (prefers-contrast")]
    contrast = dict(re.findall(r"--([\w-]+): (#\w+);", high))
    for name, value in re.findall(r"--([\w-]+): (#\w+);", usual):
        row = next(line for line in told.splitlines() if line.startswith(f"| `--{name}` | `{value}` |"))
        assert row.endswith(f"| `{contrast[name]}` |" if name in contrast else "|  |"), name
    for picture in re.findall(r"\((pictures/[^)]+)\)", told):
        assert (settings.BASE_DIR / "docs" / picture).is_file(), picture


def test_high_contrast_is_the_same_whether_the_portal_or_the_machine_is_asked():
    sheet = (STATIC / "css/tokens.css").read_text()
    asked = sheet[sheet.index(":root.hien-thi-tuong-phan") : sheet.index("@media (prefers-contrast")]
    told = sheet[sheet.index("@media (prefers-contrast") : sheet.index(".hien-thi-lon")]
    values = re.compile(r"--([\w-]+): ([^;]+);")
    assert values.findall(asked) == values.findall(told)
