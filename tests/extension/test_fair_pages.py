import datetime as dt
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from extension.asked import asked_of
from extension.markets import fair_queries
from extension.markets.outlet_matching import same_place, same_site
from extension.markets.outlet_queries import outlets_of_product
from extension.models import Listing, Participation
from portal.accounts.enums import Role
from portal.accounts.queries import staff_reach
from portal.audit.models import AuditEntry
from portal.pages.todo.extension_markets import fair_tasks
from products.enums import ChannelKind
from products.models import DistributionChannel, SalesLink
from tests.factories import (
    FacilityFactory,
    FairFactory,
    OutletFactory,
    ParticipationFactory,
    ProductFactory,
    RecognitionFactory,
    RepresentativeFactory,
    SuccessionFactory,
    TerritoryFactory,
    staff,
)

pytestmark = pytest.mark.django_db
PAST = {"starts_on": dt.date(2024, 5, 6), "ends_on": dt.date(2024, 5, 10)}
MILLION = 1_000_000
CONSENT = dt.datetime(2024, 6, 1, 9, tzinfo=dt.UTC)


def words(response):
    return " ".join(response.content.decode().split())


def sold(fair, *millions, **facts):
    return [ParticipationFactory(fair=fair, revenue=m * MILLION, **facts) for m in millions]


def queries(act):
    with CaptureQueriesContext(connection) as found:
        act()
    return len(found)


# --- what the public reads --------------------------------------------------------------------------------------


def test_two_facilities_that_did_not_consent_leave_no_trace_of_their_revenue(client):
    fair = FairFactory(**PAST)
    sold(fair, 17, 23)
    for path in (reverse("extension_fairs"), reverse("extension_fair", args=[fair.slug]), "/api/v1/extension/fairs/"):
        page = words(client.get(path))
        assert not any(told in page for told in ("17 triệu", "23 triệu", "40 triệu", "17000000", "40000000"))
    assert "từ số cộng sẽ suy ra được số của một cơ sở" in words(
        client.get(reverse("extension_fair", args=[fair.slug]))
    )


def test_three_are_told_as_one_sum_and_none_by_name(client):
    fair = FairFactory(**PAST)
    sold(fair, 17, 23, 31)
    page = words(client.get(reverse("extension_fair", args=[fair.slug])))
    assert "khoảng 70 triệu đồng" in page
    told = client.get(f"/api/v1/extension/fairs/{fair.slug}/").json()["figures"]["revenue"]
    assert told == {"total": 70 * MILLION, "of": 3, "hidden": 0, "about": True}
    assert "khoảng 70 triệu đồng" in words(client.get(reverse("extension_fairs")))
    assert not any(told in page for told in ("17 triệu", "23 triệu", "31 triệu", "71 triệu"))


def test_a_sum_that_one_facility_nearly_makes_up_is_told_nowhere(client):
    fair = FairFactory(**PAST)
    sold(fair, 970, 11, 13)
    page = reverse("extension_fair", args=[fair.slug])
    for path in (reverse("extension_fairs"), page, f"/api/v1/extension/fairs/{fair.slug}/", "/api/v1/extension/fairs/"):
        told = words(client.get(path))
        assert not any(one in told for one in ("990 triệu", "994 triệu", "970 triệu", "990000000", "994000000")), path
    assert "từ số cộng sẽ suy ra được số của một cơ sở" in words(client.get(page))
    figures = client.get(f"/api/v1/extension/fairs/{fair.slug}/").json()["figures"]["revenue"]
    assert figures == {"total": None, "of": 0, "hidden": 3, "about": False}
    with_figures = fair_queries.with_figures([fair], timezone.localdate())
    assert with_figures[0].figures.revenue.total is None  # what the open data write


def test_a_sum_waits_until_everybody_was_asked(client):
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    fair = FairFactory(starts_on=yesterday, ends_on=yesterday)
    sold(fair, 17, 23, 31)
    page = words(client.get(reverse("extension_fair", args=[fair.slug])))
    assert "70 triệu" not in page
    assert "đang chờ các cơ sở khai" in page


def test_a_facility_that_consents_is_told_on_the_fair_s_page_on_its_own_and_by_the_api(client):
    product = ProductFactory()
    RecognitionFactory(product=product)
    fair = FairFactory(**PAST)
    row = ParticipationFactory(fair=fair, facility=product.facility, revenue=17 * MILLION, consented_at=CONSENT)
    row.products.set([product])
    for path in (
        reverse("extension_fair", args=[fair.slug]),
        reverse("facility", args=[product.facility.slug]),
        reverse("product", args=[product.slug]),
    ):
        assert "17 triệu đồng" in words(client.get(path)), path
    told = client.get(f"/api/v1/extension/fairs/{fair.slug}/").json()
    assert [(one["revenue"], one["products"]) for one in told["participants"]] == [(17 * MILLION, [product.slug])]
    shown = client.get(f"/api/v1/products/{product.slug}/").json()["fairs"]
    assert [(one["slug"], one["revenue"]) for one in shown] == [(fair.slug, 17 * MILLION)]


def test_a_household_is_neither_named_nor_told_even_with_a_consent(client):
    fair = FairFactory(**PAST)
    house = FacilityFactory(name="Hộ ông Mẫu", kind="household")
    ParticipationFactory(fair=fair, facility=house, revenue=17 * MILLION, consented_at=CONSENT)
    page = words(client.get(reverse("extension_fair", args=[fair.slug])))
    assert "Hộ ông Mẫu" not in page
    assert "17 triệu" not in page
    assert "1 hộ kinh doanh không nêu tên" in page


def test_the_province_of_a_fair_stands_on_its_page_in_the_list_and_in_the_answers(client):
    succession = SuccessionFactory()
    then, now = succession.predecessor, succession.successor
    fair = FairFactory(**PAST, host_territory=then)
    for path in (reverse("extension_fairs"), reverse("extension_fair", args=[fair.slug])):
        assert f"Nhà thi đấu tỉnh, {then.name}" in words(client.get(path))
    for path in (f"/api/v1/extension/fairs/{fair.slug}/", "/api/v1/extension/fairs/"):
        told = client.get(path).json()
        told = told["results"][0] if "results" in told else told
        assert told["host_province"] == {"slug": now.slug, "name": now.name}
        assert told["host_province_at_the_time"] == {"slug": then.slug, "name": then.name}
    elsewhere = FairFactory(**PAST)
    told = client.get(f"/api/v1/extension/fairs/{elsewhere.slug}/").json()
    assert (told["host_province"], told["host_province_at_the_time"]) == (None, None)


def test_the_latest_fair_stands_first_whether_it_is_a_sample_or_not(client):
    days = [dt.date(year, 5, 6) for year in (2024, 2025, 2023)]
    for day in days:
        FairFactory(name=f"Hội chợ {day.year}", starts_on=day, ends_on=day, is_illustrative=day.year == 2025)
    page = words(client.get(reverse("extension_fairs")))
    assert re.findall(r">(Hội chợ 20..)<", page) == ["Hội chợ 2025", "Hội chợ 2024", "Hội chợ 2023"]
    rows = client.get("/api/v1/extension/fairs/").json()["results"]
    assert [row["name"] for row in rows] == ["Hội chợ 2025", "Hội chợ 2024", "Hội chợ 2023"]
    assert page.count("số liệu minh họa") == 1
    assert page.index("Hội chợ 2025<") < page.index("số liệu minh họa") < page.index("Hội chợ 2024<")


def test_an_unpublished_fair_is_nowhere(client):
    fair = FairFactory(**PAST, is_public=False)
    assert client.get(reverse("extension_fair", args=[fair.slug])).status_code == 404
    assert fair.name not in words(client.get(reverse("extension_fairs")))
    assert client.get(f"/api/v1/extension/fairs/{fair.slug}/").status_code == 404


def test_the_list_and_a_fair_cost_the_same_for_one_and_for_many(client):
    fair = FairFactory(**PAST)
    sold(fair, 5)
    paths = (reverse("extension_fairs"), reverse("extension_fair", args=[fair.slug]), "/api/v1/extension/fairs/")
    before = [queries(lambda path=path: client.get(path)) for path in paths]
    sold(fair, *range(6, 12))
    for _more in range(4):
        sold(FairFactory(**PAST, host_territory=TerritoryFactory()), 1, 2, 3)
    assert [queries(lambda path=path: client.get(path)) for path in paths] == before


# --- the facility's own side --------------------------------------------------------------------------------------


def test_a_facility_tells_its_figures_opens_and_closes_them(client):
    row = ParticipationFactory(fair__starts_on=dt.date(2024, 5, 6), fair__ends_on=dt.date(2024, 5, 10))
    client.force_login(RepresentativeFactory(facility=row.facility).user)
    path = reverse("own_fair", args=[row.uuid])
    assert client.post(path, {"act": "cong-khai"}).status_code == 409
    assert client.post(path, {"act": "khai", "revenue": "nhiều"}).status_code == 400
    assert client.post(path, {"act": "khai", "revenue": "12 triệu", "contracts": "2"}).status_code == 302
    row.refresh_from_db()
    assert (row.revenue, row.contracts) == (12 * MILLION, 2)
    assert client.post(path, {"act": "cong-khai"}).status_code == 302
    assert Participation.objects.get(pk=row.pk).consented_at is not None
    assert client.post(path, {"act": "thoi-cong-khai"}).status_code == 302
    assert Participation.objects.get(pk=row.pk).consented_at is None


def test_another_facility_s_row_does_not_exist(client):
    row = ParticipationFactory()
    client.force_login(RepresentativeFactory().user)
    assert client.get(reverse("own_fair", args=[row.uuid])).status_code == 404


def test_figures_are_asked_for_once_the_fair_is_over_and_until_they_are_told():
    on = dt.date(2026, 5, 11)
    row = ParticipationFactory()
    user = RepresentativeFactory(facility=row.facility).user

    def asked(day):
        return [one.due_on for one in asked_of(user, day) if "hội chợ" in one.title]

    assert (asked(dt.date(2026, 5, 10)), asked(on)) == ([], [dt.date(2026, 6, 9)])
    assert asked(dt.date(2027, 6, 1)) == []
    Participation.objects.filter(pk=row.pk).update(revenue=0)
    assert asked(on) == []


# --- the desk ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def keeper(client, province):
    user = staff(Role.EXTENSION_OFFICER, province)
    client.force_login(user)
    return user


def typed(row, **values):
    row.refresh_from_db()
    known = {"booths": row.booths, "cost": "", "support": "", "revenue": "", "contracts": "", "contracts_value": ""}
    return {f"r{row.pk}-{name}": value for name, value in (known | values).items()}


def test_the_table_is_saved_whole_or_not_at_all(client, province, keeper):
    fair = FairFactory(territory=province, **PAST)
    first, second = ParticipationFactory(fair=fair), ParticipationFactory(fair=fair)
    path = reverse("admin:fair_book", args=[fair.uuid])
    good, bad = typed(first, revenue="9 triệu"), typed(second, cost="1 triệu", support="2 triệu")
    answer = client.post(path, {"act": "luu"} | good | bad)
    assert answer.status_code == 409
    assert "Số hỗ trợ không được vượt chi phí tham gia." in words(answer)
    assert list(Participation.objects.values_list("revenue", flat=True)) == [None, None]
    assert client.post(path, {"act": "luu"} | good | typed(second, contracts="3")).status_code == 302
    found = list(Participation.objects.order_by("pk").values_list("revenue", "contracts"))
    assert found == [(9 * MILLION, None), (None, 3)]


def test_the_desk_says_that_the_place_decides_the_norm_until_it_is_written(client, province, keeper):
    fair, path = FairFactory(territory=province, **PAST), "admin:fair_book"
    said = "Hội chợ trong tỉnh và ngoài tỉnh có mức chi khác nhau."
    assert said in words(client.get(reverse(path, args=[fair.uuid])))
    for facts in ({"host_territory": province}, {"is_own": True}, {"is_abroad": True}):
        known = FairFactory(territory=province, **PAST, **facts)
        assert said not in words(client.get(reverse(path, args=[known.uuid])))


def test_the_officer_names_a_province_out_of_reach_as_the_place(client, province, keeper):
    fair, elsewhere = FairFactory(territory=province, **PAST), TerritoryFactory()
    path = reverse("admin:extension_fair_change", args=[fair.pk])
    typed = {
        "name": fair.name,
        "kind": fair.kind,
        "territory": province.pk,
        "host_territory": elsewhere.pk,
        "starts_on": "06/05/2024",
        "ends_on": "10/05/2024",
    }
    assert client.post(path, typed).status_code == 302
    fair.refresh_from_db()
    assert fair.host_territory == elsewhere
    answer = client.post(path, typed | {"is_abroad": "on"})
    assert answer.status_code == 200
    assert "Hãy để trống tỉnh nơi tổ chức" in words(answer)


def test_a_facility_is_found_without_diacritics_and_added(client, province, keeper):
    fair = FairFactory(territory=province)
    facility = FacilityFactory(name="Hợp tác xã Chè Xanh", territory=province)
    path = reverse("admin:fair_book", args=[fair.uuid])
    assert "Hợp tác xã Chè Xanh" in words(client.get(path, {"tim": "che xanh"}))
    assert client.post(path, {"act": "them", "facility": facility.pk}).status_code == 302
    assert [row.facility for row in fair.participations.all()] == [facility]
    assert client.post(path, {"act": "them", "facility": "9" * 30}).status_code == 400


def test_the_table_costs_the_same_for_one_and_for_many(client, province, keeper):
    fair = FairFactory(territory=province, **PAST)
    sold(fair, 5)
    path = reverse("admin:fair_book", args=[fair.uuid])
    client.get(path)
    before = queries(lambda: client.get(path))
    sold(fair, *range(1, 12))
    assert queries(lambda: client.get(path)) == before


def test_the_table_goes_to_a_sheet_and_the_log_says_who_took_it(client, province, keeper):
    fair = FairFactory(territory=province, **PAST)
    sold(fair, 5)
    answer = client.get(reverse("admin:fair_export", args=[fair.uuid]))
    assert answer.status_code == 200
    assert answer.content[:2] == b"PK"
    assert AuditEntry.objects.filter(action="fair.export", actor=keeper).count() == 1


# --- outlets ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "outlet", "same"),
    [
        ("Siêu thị AEON Hà Đông", "AEON", True),
        ("aeon", "AEON", True),
        ("Big C", "Big C Thăng Long", True),
        ("Cát Lợi", "Lợi Cát", False),
        ("", "AEON", False),
        ("Winmart", "Vinmart", False),
    ],
)
def test_a_place_is_the_same_when_one_name_holds_the_other(said, outlet, same):
    assert same_place(said, outlet) is same


@pytest.mark.parametrize(
    ("said", "outlet", "same"),
    [
        ("https://www.voso.vn/che", "https://voso.vn/", True),
        ("https://tancuong.voso.vn/", "https://voso.vn/", True),
        ("https://xvoso.vn/", "https://voso.vn/", False),
        ("https://voso.vn.example.com/", "https://voso.vn/", False),
        ("http://[bad", "https://voso.vn/", False),
        ("", "", False),
    ],
)
def test_a_site_is_the_same_by_its_host(said, outlet, same):
    assert same_site(said, outlet) is same


def test_the_desk_finds_sales_that_no_outlet_lists_and_writes_them_down(client, province, keeper):
    product = ProductFactory(facility__territory=province)
    RecognitionFactory(product=product)
    shop, site = (
        OutletFactory(territory=province, name="AEON"),
        OutletFactory(territory=province, kind="ecommerce", name="Voso", url="https://voso.vn/"),
    )
    DistributionChannel.objects.create(product=product, kind=ChannelKind.SUPERMARKET, name="Siêu thị Aeon")
    SalesLink.objects.create(product=product, channel="voso", url="https://voso.vn/che")
    path = reverse("admin:markets")
    assert {hint.outlet for hint in client.get(path).context["hints"]} == {shop, site}
    for outlet in (shop, site):
        assert client.post(path, {"outlet": outlet.pk, "product": product.pk}).status_code == 302
    page = client.get(path)
    assert (page.context["hints"], page.context["at_none"]) == ([], 0)
    assert client.post(path, {"outlet": shop.pk, "product": product.pk}).status_code == 409
    assert Listing.objects.count() == 2


def test_a_product_s_page_names_the_outlets_of_today_only(client, province):
    product = ProductFactory(facility__territory=province)
    RecognitionFactory(product=product)
    here, gone = OutletFactory(name="Quầy hàng A"), OutletFactory(name="Quầy hàng B")
    closed = OutletFactory(name="Quầy hàng C", closed_on=dt.date(2024, 1, 1))
    for outlet, until in ((here, None), (gone, dt.date(2024, 1, 1)), (closed, None)):
        Listing.objects.create(outlet=outlet, product=product, until=until)
    page = words(client.get(reverse("product", args=[product.slug])))
    assert [name in page for name in ("Quầy hàng A", "Quầy hàng B", "Quầy hàng C")] == [True, False, False]
    assert [one.outlet for one in outlets_of_product(product, timezone.localdate())] == [here]


def test_fairs_to_come_stand_next_first():
    on = dt.date(2026, 5, 8)
    later, now = FairFactory(starts_on=dt.date(2026, 9, 1), ends_on=dt.date(2026, 9, 2)), FairFactory()
    FairFactory(**PAST)
    FairFactory(is_public=False)
    assert fair_queries.fairs_to_come(on) == [now, later]


@pytest.mark.parametrize("query", [{"year": "năm"}, {"year": "9999"}, {"province": "khong-co"}])
def test_a_bad_value_is_ignored_and_named(client, query):
    fair = FairFactory(**PAST)
    page = words(client.get(reverse("extension_fairs"), query))
    assert fair.name in page
    assert f"không có trong danh mục: {next(iter(query.values()))}" in page


def test_fairs_without_their_figures_wait_for_the_extension_officer_alone(province, django_assert_num_queries):
    on, reach = dt.date(2026, 5, 12), staff_reach(staff(Role.EXTENSION_OFFICER, province))
    for number in (1, 2):
        fair = FairFactory(territory=province)
        ParticipationFactory(fair=fair, revenue=0)
        for _each in range(number):
            ParticipationFactory(fair=fair)
    ParticipationFactory(
        fair__starts_on=dt.date(2026, 6, 1), fair__ends_on=dt.date(2026, 6, 2), fair__territory=province
    )
    with django_assert_num_queries(1):
        tasks = list(fair_tasks(reach, on))
    assert [(task.what[:25], task.due) for task in tasks] == [
        ("Hỏi doanh thu của 1 cơ sở", dt.date(2026, 6, 9)),
        ("Hỏi doanh thu của 2 cơ sở", dt.date(2026, 6, 9)),
    ]
    assert list(fair_tasks(staff_reach(staff(Role.LEADER, province)), on)) == []
