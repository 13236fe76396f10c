"""Two languages: Vietnamese at every plain address, English below /en/ for whatever the public sees."""

import io
import re
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from urllib.parse import urljoin

import pytest
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone, translation
from openpyxl import load_workbook

from extension.enums import ActivityHead
from extension.models import Call, Fair, Listing, NormItem, SupportNorm
from facilities.models import Facility
from portal.text import formats
from portal.text.templatetags.look import status_words
from products import codes, extract
from products.enums import InquiryKind, Level
from products.models import Inquiry, Product, PublishedFigure
from rounds.enums import RoundState
from rounds.models import Round
from tests import translations
from tests.factories import (
    BeneficiaryFactory,
    CertificateFactory,
    FacilityFactory,
    FairFactory,
    OutletFactory,
    ParticipationFactory,
    ProductFactory,
    ProjectFactory,
    RecognitionFactory,
    RoundFactory,
    TerritoryFactory,
)

pytestmark = pytest.mark.crawl

VIETNAMESE_LETTERS = re.compile(r"[ăâđêôơưĂÂĐÊÔƠƯạ-ỹẠ-Ỹáàảãéèíìóòúùý]")
# What the fixtures put into the register.
CONTENT = re.compile("Nam Hà|Nong|“mẫu”")
# What the pages answer to a question, and to one that makes no sense.
FURTHER = [
    ("verify_code", "?phieu=1", 200),
    ("verify_code", "?ngay=2025", 200),
    ("verify_code", "?ngay=03/02/2026&phieu=1", 200),
    ("verify_code", "?ngay=xx", 200),
    ("verify_code", "?ngay=2999", 200),
    ("verify", "?ma=nong", 200),
    ("verify", "?ma=zzzz", 200),
    ("verify", "?ma=", 200),
    ("verify", "?ma=https://example.org/Q-7K2M-9XTA-3", 404),
    ("verify_code", "../Q-7K2M-9XTA-3/", 404),
    ("verify_code", "../Q-7K2/", 404),
    ("extract_check", "../x.y/", 404),
    ("day_list", "?ngay=1950-01-01", 200),
    ("day_list", "?ngay=xx&cap=x&co-so=x&tinh=x&trang=x", 200),
    ("day_list", "?ngay=2099-01-01&co-so=then&trang=9", 200),
]
# Parts of a page that hold wording only, nothing from the register.
FRAMES = {"header", "nav", "footer", "form", "label", "button", "th", "dt", "h2", "legend"}
PUBLIC = {
    "home", "open_data", "catalogue", "day_list", "product", "facility", "verify", "verify_code", "rounds", "round", "extension",
    "extension_project", "extension_fairs", "extension_fair", "extension_outlets", "support_norms", "extract_check", "display", "saved", "statistics", "statistics_list",
    "statistics_extension", "statistics_published", "statistics_renewals", "statistics_rounds", "statistics_shares",
    "statistics_ways", "login", "logout", "demo_accounts",
    "map", "province", "ask_maker", "contact", "inquiry_sent", "report_error", "request_purchase", "write_facility",
}  # fmt: skip
NO_PAGE_OR_STAFF = {
    "feed_recognitions", "feed_rounds", "photo", "share_picture", "rate_page", "saved_change", "signed_file", "after_login", "resume", "password_change", "second_factor", "second_factor_enrol",
    "judge_home", "judge_guide", "judge_conflict", "judge_sheet", "judge_save", "judge_submit",
    "judge_cannot_assess", "judge_document", "judge_compare", "judge_confirm", "judge_declaration", "judge_offline",
    "judge_print", "judge_print_round", "judge_reopening", "judge_scan", "judge_site_cannot_assess",
    "judge_site_confirm", "judge_site_print", "judge_site_reopening", "judge_site_save", "judge_site_scan",
    "judge_site_sheet", "judge_site_submit", "judge_worker",
}  # fmt: skip


class Words(HTMLParser):
    """What a page says: (words, the elements around them). Attributes that are read out count too."""

    SPOKEN = ("aria-label", "alt", "title", "placeholder")
    VOID = frozenset({"meta", "link", "input", "img", "br", "hr", "rect", "path", "circle", "use"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.around: list[str] = []
        self.said: list[tuple[str, frozenset[str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if given.get("lang") != "vi":
            self.said += [(str(given[name]), frozenset({*self.around, tag})) for name in self.SPOKEN if given.get(name)]
        if tag not in self.VOID:
            self.around.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self.around and self.around.pop() != tag:
            pass

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_data(self, data: str) -> None:
        words = " ".join(data.split())
        if words and not {"script", "style"} & set(self.around):
            self.said.append((words, frozenset(self.around)))


@pytest.fixture
def addresses(db: None) -> dict[str, str]:
    """One page of every public kind, all showing something. English addresses."""
    province = TerritoryFactory(name="Nam Hà", slug="nam-ha")
    maker = FacilityFactory(name="HTX Nam Hà", territory=province)
    product = ProductFactory(name="Nong tre", facility=maker)
    figure = {"place": "Nam Hà", "territory": province, "source": "Nam Hà", "what": "Nam Hà", "value_text": "1.200"}
    PublishedFigure.objects.create(period="2025", year_from=2025, year_to=2025, value=1200, **figure)
    recognition = RecognitionFactory(product=product, level=Level.NATIONAL, year=2025)
    RecognitionFactory(
        product=ProductFactory(name="Nong hai", facility=maker),
        year=2019,
        issued_on=date(2019, 5, 1),
        expires_on=date(2021, 12, 31),
    )
    certificate = CertificateFactory(recognition=recognition, code=codes.generate(Level.NATIONAL))
    round_ = RoundFactory(
        slug="ky", territory=province, state=RoundState.RECEIVING, ordinal=7, year=2026,
        receiving_from=timezone.now(), receiving_until=timezone.now() + timezone.timedelta(days=9),
    )  # fmt: skip
    project = ProjectFactory(name="Nong", territory=province)
    BeneficiaryFactory(project=project, facility=maker, product=product, extension_funds=2_500_000_000)
    kwargs = {
        "product": {"slug": product.slug},
        "facility": {"slug": maker.slug},
        "province": {"slug": province.slug},
        "verify_code": {"code": certificate.code},
        **{name: {"slug": product.slug} for name in ("ask_maker", "report_error", "request_purchase")},
        "write_facility": {"slug": maker.slug},
        "inquiry_sent": {"uuid": _letter(product).uuid},
        "round": {"slug": round_.slug},
        "extension_project": {"slug": project.slug},
        "extension_fair": {"slug": _promotion(maker).slug},
        "extract_check": {"token": extract.token_of(_extract(maker))},
    }
    with translation.override("en"):
        return {name: reverse(name, kwargs=kwargs.get(name)) for name in sorted(PUBLIC)}


@pytest.fixture
def untranslated() -> set[str]:
    """Whole Vietnamese messages that English pages must not show."""
    found = translations.entries(translations.ENGLISH.read_text())
    return {form for one in found for form in one.forms if form not in one.translations and "%(" not in form}


def _letter(product: Product) -> Inquiry:
    return Inquiry.objects.create(
        kind=InquiryKind.ERROR, about="name", product=product, territory=product.territory, received_at=timezone.now()
    )


def _promotion(maker: Facility) -> Fair:
    """What the pages of extension tell besides projects: a fair with figures, a point of sale, a call, a norm."""
    unit, place = maker.territory, "Nam Hà"
    fair = FairFactory(name="Nong", slug="nong", place=place, organiser=place, territory=unit)
    ParticipationFactory(fair=fair, facility=maker, revenue=17_000_000, consented_at=timezone.now())
    outlet = OutletFactory(name="Nong", address=place, territory=unit)
    Listing.objects.create(outlet=outlet, product=maker.products.first())
    on = timezone.localdate()
    Call.objects.create(
        territory=unit, title="Nong", year=on.year + 1, funding="local", opens_on=on, closes_on=on, is_public=True
    )
    item = NormItem.objects.create(code="nong", name="Nong", name_en="Tray", head=ActivityHead.TECHNOLOGY)
    norm = {"percent": 50, "ceiling": 300_000_000, "legal_basis": place, "valid_from": date(2020, 1, 1)}
    SupportNorm.objects.create(item=item, **norm)
    SupportNorm.objects.create(item=item, territory=unit, **norm)
    return fair


def _extract(maker: Facility) -> extract.Extract:
    now = timezone.now()
    day = timezone.localdate(now)
    return extract.make(facility=maker, day=day, now=now, at=day, language="vi", actor=None)


def names_of_pages(patterns: list[URLPattern | URLResolver]) -> set[str]:
    found = set()
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            found |= names_of_pages(pattern.url_patterns)
        elif pattern.name:
            found.add(pattern.name)
    return found


def test_every_page_below_a_language_is_public_or_known_to_be_for_staff():
    translated = [
        found for found in get_resolver().url_patterns if type(found.pattern).__name__ == "LocalePrefixPattern"
    ]
    assert names_of_pages(translated) == PUBLIC | NO_PAGE_OR_STAFF


@pytest.mark.parametrize("name", sorted(PUBLIC))
@override_settings(DEMO=True)
def test_a_public_page_speaks_english_below_en(client: Client, addresses, untranslated, name):
    response = client.get(addresses[name])
    assert addresses[name].startswith("/en/")
    assert response.status_code == 200
    html = response.content.decode()
    assert '<html lang="en">' in html
    said = Words(html).said
    assert {words for words, _around in said} & untranslated == set()


@pytest.mark.parametrize("name", sorted(PUBLIC))
@override_settings(DEMO=True)
def test_no_vietnamese_stands_in_the_frame_of_an_english_page(client: Client, addresses, name):
    said = Words(client.get(addresses[name]).content.decode()).said
    found = {words for words, around in said if around & FRAMES and VIETNAMESE_LETTERS.search(words)}
    assert {words for words in found if not CONTENT.search(words)} == set()


@pytest.mark.parametrize(("name", "question", "status"), FURTHER)
def test_what_a_public_page_answers_further_is_english(client: Client, addresses, name, question, status):
    response = client.get(urljoin(addresses[name], question))
    assert response.status_code == status
    said = Words(response.content.decode()).said
    found = {words for words, around in said if "svg" not in around and VIETNAMESE_LETTERS.search(words)}
    assert {words for words in found if not CONTENT.search(words)} == set()


def test_the_table_of_a_day_is_headed_in_english(client: Client, addresses):
    response = client.get(addresses["day_list"] + "?tai=xlsx")
    sheet = load_workbook(io.BytesIO(response.getvalue()), read_only=True).worksheets[0]
    said = {str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell}
    assert "Certificate number" in said
    found = {words for words in said if VIETNAMESE_LETTERS.search(words)}
    assert {words for words in found if not CONTENT.search(words)} == set()


@pytest.mark.parametrize("name", sorted(PUBLIC))
@override_settings(DEMO=True)
def test_vietnamese_stays_at_the_plain_address_whatever_the_browser_prefers(client: Client, addresses, name):
    html = client.get(addresses[name].removeprefix("/en"), headers={"accept-language": "en"}).content.decode()
    assert '<html lang="vi">' in html
    assert "Tra cứu chứng nhận" in html
    assert "Check a certificate" not in html


def test_a_page_leads_to_itself_in_the_other_language(client: Client, addresses):
    assert f'href="{addresses["product"]}"' in client.get(addresses["product"].removeprefix("/en")).content.decode()
    assert 'href="/thong-ke/?basis=at_the_time"' in client.get("/en/thong-ke/?basis=at_the_time").content.decode()


def test_english_pages_lead_on_to_english_pages(client: Client, addresses):
    plain = re.compile(r'(?:href|action)="(/[^"]*)"')
    for name in ("home", "product", "catalogue"):
        led = {
            found
            for found in plain.findall(client.get(addresses[name]).content.decode())
            if not found.startswith("/en/")
        }
        of_no_language = ("/static/", "/api/", "/quan-tri/", "/opensearch.xml", "/favicon", "/apple-touch", "/site.web")
        assert {found for found in led if not found.startswith(of_no_language)} == {addresses[name].removeprefix("/en")}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "status", "words"),
    [("/en/khong-co/", 404, "There is no such page"), ("/khong-co/", 404, "Không có trang này")],
)
def test_error_pages_speak_the_language_of_the_address(client: Client, address, status, words):
    response = client.get(address)
    assert response.status_code == status
    assert words in response.content.decode()


@pytest.mark.django_db
def test_a_kept_page_is_kept_per_language(client: Client):
    assert "Sản phẩm công nghiệp nông thôn tiêu biểu" in client.get("/").content.decode()
    assert "Outstanding rural industrial products" in client.get("/en/").content.decode()
    assert "Outstanding rural industrial products" not in client.get("/").content.decode()


@pytest.mark.parametrize(
    ("value", "vietnamese", "english"),
    [
        (1234567, "1.234.567", "1,234,567"),
        (Decimal("1234.50"), "1.234,5", "1,234.5"),
        (100, "100", "100"),
        (0, "0", "0"),
    ],
)
def test_numbers_are_grouped_as_the_language_does(value, vietnamese, english):
    assert formats.number(value) == vietnamese
    with translation.override("en"):
        assert formats.number(value) == english


def test_sums_and_scores_in_english():
    with translation.override("en"):
        assert formats.money(12_310_000_000) == "VND\N{NO-BREAK SPACE}12.31\N{NO-BREAK SPACE}billion"
        assert formats.money(200_000_000) == "VND\N{NO-BREAK SPACE}200\N{NO-BREAK SPACE}million"
        assert formats.points(Decimal("8.50")) == "8,5", "judges type a comma in either language"


@pytest.mark.parametrize(
    ("days", "words"), [(1, "Valid for 1 more day"), (2, "Valid for 2 more days"), (0, "Today is the last valid day")]
)
def test_english_has_a_form_for_one_and_a_form_for_more(days, words):
    with translation.override("en"):
        assert status_words("expiring", date(2026, 12, 31), "day", days) == words


@pytest.mark.django_db
def test_a_round_without_a_name_is_titled_in_both_languages(province):
    round_ = Round(level=Level.PROVINCE, territory=province, ordinal=7, year=2026)
    assert round_.title == "Cấp tỉnh Thái Nguyên, lần thứ VII, năm 2026"
    with translation.override("en"):
        assert round_.title == "Provincial level, Thái Nguyên, round VII, 2026"


def test_what_django_leaves_in_english_is_vietnamese():
    for message, words in {
        "Select all objects on this page for an action": "Chọn mọi dòng của trang này",
        "Show counts": "Hiện số đếm",
        "This field is required.": "Mục này chưa có. Hãy nhập.",
        "Go": "Thực hiện",
    }.items():
        assert translation.gettext(message) == words
