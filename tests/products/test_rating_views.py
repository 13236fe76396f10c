"""One click at the end of a page: whose votes count, and what staff see of them."""

import pytest
from django.test import Client
from django.urls import reverse

from products import rating_views, robots
from products.models import PageRating
from tests.factories import FacilityFactory, ProductFactory, RecognitionFactory

pytestmark = pytest.mark.django_db
OWN = {"HTTP_SEC_FETCH_SITE": "same-origin"}


@pytest.fixture
def product(province):
    made = ProductFactory(name="Sản phẩm mẫu", facility=FacilityFactory(territory=province), territory=province)
    RecognitionFactory(product=made, territory=province)
    return made


def vote(client, page, useful="0", **more):
    return client.post(reverse("rate_page"), {"trang": page, "co_ich": useful}, **(more or OWN))


def test_a_vote_needs_no_token_counts_once_and_leads_to_a_remark(product):
    client, page = Client(enforce_csrf_checks=True), reverse("product", args=[product.slug])
    thanks = vote(client, page)
    row = PageRating.objects.get()
    assert (row.page, row.useful, row.product, row.language) == (page, False, product, "vi")
    assert vote(client, page, "1").status_code == 302
    assert PageRating.objects.count() == 1
    body = client.get(thanks["Location"]).content.decode()
    assert reverse("report_error", args=[product.slug]) in body
    seal = body.partition('name="dau" value="')[2].partition('"')[0]
    assert client.post(reverse("rate_page"), {"dau": seal, "comment": " "}, **OWN).status_code == 400
    assert client.post(reverse("rate_page"), {"dau": seal, "comment": "Thiếu giá."}, **OWN).status_code == 302
    row.refresh_from_db()
    assert row.comment == "Thiếu giá."


def test_the_english_page_counts_as_the_same_page():
    client = Client()
    client.post("/en/danh-gia/", {"trang": "/en/thong-ke/", "co_ich": "1"}, **OWN)
    assert list(PageRating.objects.values_list("page", "language")) == [("/thong-ke/", "en")]


@pytest.mark.parametrize(
    ("sent_from", "status"),
    [
        ({"HTTP_SEC_FETCH_SITE": "cross-site"}, 403),
        ({"HTTP_SEC_FETCH_SITE": "same-site"}, 403),
        ({"HTTP_ORIGIN": "https://example.org"}, 403),
        ({"REMOTE_ADDR": "10.0.0.1"}, 403),
        ({"HTTP_ORIGIN": "http://testserver"}, 302),
        ({"HTTP_SEC_FETCH_SITE": "same-origin"}, 302),
    ],
)
def test_only_the_portals_own_pages_vote(client, sent_from, status):
    assert vote(client, "/", **sent_from).status_code == status
    assert PageRating.objects.exists() is (status == 302)


@pytest.mark.parametrize(
    "page", ["", "/quan-tri/", "/dang-nhap/", "https://example.org/", "/san-pham/khong-co/", "//x"]
)
def test_what_is_no_public_page_is_not_judged(client, page):
    assert vote(client, page).status_code in {400, 404}
    assert not PageRating.objects.exists()


def test_votes_beyond_the_limit_are_not_kept_and_others_are(client, monkeypatch):
    monkeypatch.setattr(rating_views, "MOST_AN_HOUR", 1)
    for path in ("/", "/thong-ke/"):
        vote(client, path)
    assert PageRating.objects.count() == 1
    vote(client, "/thong-ke/", REMOTE_ADDR="10.0.0.1", **OWN)
    assert PageRating.objects.count() == 2


def test_one_address_cannot_drown_the_votes_on_a_page(client, monkeypatch):
    monkeypatch.setattr(rating_views, "MOST_OF_A_PAGE", 2)
    for _time in range(3):
        client.cookies.clear()
        vote(client, "/")
    assert PageRating.objects.filter(page="/").count() == 2
    vote(client, "/thong-ke/")
    assert PageRating.objects.count() == 3


def test_a_program_that_fills_the_trap_leaves_no_remark(client):
    seal = vote(client, "/")["Location"].partition("dau=")[2]
    facts = {"dau": seal.replace("%3A", ":"), "comment": "Mua ngay", robots.TRAP: "x"}
    assert client.post(reverse("rate_page"), facts, **OWN).status_code == 302
    assert PageRating.objects.get().comment == ""


def test_staff_see_the_worst_page_first_and_officers_their_products_only(client, officer, administrator, product):
    mine = reverse("product", args=[product.slug])
    for page, useful, shown in ((mine, False, product), (mine, False, product), ("/", False, None), ("/", True, None)):
        PageRating.objects.create(page=page, useful=useful, product=shown, on="2026-11-01", comment="Thiếu ảnh.")
    desk = reverse("admin:ratings")
    client.force_login(administrator)
    body = client.get(desk).content.decode()
    assert body.index(f'href="{mine}"') < body.index('<th scope="row"><a href="/">')
    client.force_login(officer)
    body = client.get(desk).content.decode()
    assert f'href="{mine}"' in body
    assert '<th scope="row"><a href="/">' not in body


def test_every_page_that_asks_is_there_and_its_vote_is_taken(client, product):
    for name in ("statistics", "day_list", "catalogue"):
        address = reverse(name)
        assert rating_views.rated(address) == rating_views.Rated(address)
    for address in (reverse("statistics"), reverse("day_list"), reverse("product", args=[product.slug])):
        assert f'name="trang" value="{address}"' in client.get(address).content.decode()
