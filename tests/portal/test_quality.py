"""The desk's page of data quality: what is there twice, missing or out of date, and how it is mended."""

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from facilities.models import Facility, Merging, NotTwins
from portal.accounts.enums import Role
from products.models import Product
from tests import factories as make

pytestmark = pytest.mark.django_db
PAGE = reverse("admin:quality")


@pytest.fixture
def desk(client, officer):
    client.force_login(officer)
    return client


def facility(province, name, slug, **facts):
    return make.FacilityFactory(territory=province, name=name, slug=slug, **facts)


@pytest.fixture
def pair(province):
    return facility(province, "HTX Hảo Đạt", "a"), facility(province, "HTX Hảo Đat", "b", tax_code="0100109106")


def compare(kind, first, second):
    return reverse(f"admin:quality_{kind}", args=[first.pk, second.pk])


def counts(desk) -> dict[str, int]:
    return {key: count for key, _label, count, _current in desk.get(PAGE).context["lists"]}


def listed(desk, key) -> list:
    return desk.get(PAGE, {"muc": key}).context["rows"]


def test_every_list_is_counted_and_only_the_own_province_is(desk, province, pair):
    old = make.TerritoryFactory(name="Bắc Kạn", valid_to="2025-06-30")
    make.SuccessionFactory(predecessor=old, successor=province)
    facility(province, "Hộ Mẫu", "c", kind="household", address_today="Xã A, huyện Đại Từ")
    one = make.ProductFactory(name="Chè tôm nõn", slug="p1", facility=pair[0], group_certain=False)
    make.ProductFactory(name="Chè tôm non", slug="p2", facility=pair[1])
    make.ProductFactory(name="Chè khác", facility=None, territory=province)
    make.ProductFactory(name=one.name, slug="p3", facility=None)
    make.FacilityFactory(name="HTX Hảo Đạt", slug="d", address_today="Xã B, huyện C")
    assert counts(desk) == {
        "co-so-trung": 1, "san-pham-trung": 1, "co-so": 1, "nhom": 1, "anh": 3, "toa-do": 2, "dia-chi": 1, "da-gop": 0,
    }  # fmt: skip


def test_a_company_and_its_branch_are_set_side_by_side(desk, province):
    facility(province, "Công ty A", "a", tax_code="0100109106")
    facility(province, "Chi nhánh B", "b", tax_code="0100109106-001")
    facility(province, "Hộ C", "c", tax_code="010010910601")
    assert [(first.name, second.name, by_code) for first, second, by_code in listed(desk, "co-so-trung")] == [
        ("Công ty A", "Chi nhánh B", True)
    ]


def test_products_of_two_makers_are_two_and_one_without_a_maker_may_be_either(desk, province):
    names = [("HTX A", "fa"), ("HTX B", "fb")]
    for number, maker in enumerate(facility(province, name, slug) for name, slug in names):
        make.ProductFactory(name="Mật ong", slug=f"m{number}", facility=maker)
    assert listed(desk, "san-pham-trung") == []
    make.ProductFactory(name="Mật Ong", slug="m9", facility=None, territory=province)
    assert len(listed(desk, "san-pham-trung")) == 2


def test_the_officer_chooses_what_stays_and_the_old_address_leads_on(desk, client, pair):
    first, second = pair
    make.RecognitionFactory(product=make.ProductFactory(facility=second))
    page = desk.get(compare("facilities", first, second))
    assert page.context["form"].kept == "second"
    answer = desk.post(
        compare("facilities", first, second),
        {"act": "merge", "merge-keep": "first", "merge-of_tax_code": "second", "merge-of_name": "first",
         "merge-reason": "Nhập hai lần."},
    )  # fmt: skip
    assert answer["Location"] == f"{PAGE}?muc=co-so-trung"
    kept = Facility.objects.get(pk=first.pk)
    assert (kept.name, kept.tax_code) == ("HTX Hảo Đạt", "0100109106")
    assert listed(desk, "co-so-trung") == []
    for prefix in ("", "/en"):
        moved = client.get(f"{prefix}/co-so/{second.slug}/")
        assert (moved.status_code, moved["Location"]) == (301, f"{prefix}/co-so/{first.slug}/")
    assert client.get(f"/co-so/{first.slug}/").status_code == 200
    opened = desk.get(reverse("admin:facilities_facility_change", args=[second.pk]))
    assert opened["Location"] == reverse("admin:facilities_facility_change", args=[first.pk])


def test_two_products_are_made_one_and_the_old_address_leads_on(desk, client, pair):
    one, other = (make.ProductFactory(name=name, slug=f"p-{ord(name[1])}", facility=pair[0]) for name in ("dua", "dứa"))
    make.RecognitionFactory(product=other)
    desk.post(compare("products", one, other), {"act": "merge", "merge-keep": "first", "merge-reason": "Trùng."})
    assert Product.objects.get(pk=other.pk).merged_into == one
    assert client.get(f"/san-pham/{other.slug}/")["Location"] == f"/san-pham/{one.slug}/"


def test_a_refused_merge_keeps_what_was_typed_and_says_why(desk, pair):
    for number, one in enumerate(pair):
        make.ProductFactory(name="Chè", slug=f"che-{number}", facility=one)
    typed = {"act": "merge", "merge-keep": "second", "merge-reason": "Nhập hai lần."}
    answer = desk.post(compare("facilities", *pair), typed)
    assert answer.status_code == 409
    assert "Cả hai đều có sản phẩm: Chè." in answer.content.decode()
    assert "Nhập hai lần." in answer.content.decode()
    assert answer.context["form"].kept == "second"
    assert desk.post(compare("facilities", *pair), {**typed, "merge-reason": ""}).status_code == 400


def test_who_is_no_officer_of_both_sees_and_may_not(client, pair, leader):
    client.force_login(leader)
    page = client.get(compare("facilities", *pair))
    assert "Gộp làm một" not in page.content.decode()
    typed = {"act": "merge", "merge-keep": "first", "merge-reason": "Trùng."}
    assert client.post(compare("facilities", *pair), typed).status_code == 403
    client.force_login(make.staff(Role.OFFICER, make.TerritoryFactory()))
    assert client.get(compare("facilities", *pair)).status_code == 404


def test_a_household_s_tax_code_is_not_shown_to_whom_it_is_not_for(client, province):
    pair = [facility(province, "Hộ Mẫu", f"h{n}", kind="household", tax_code=f"01234567890{n}") for n in (1, 2)]
    client.force_login(make.staff(Role.AGENCY_NATIONAL))
    shown = client.get(compare("facilities", *pair)).content.decode()
    assert "012345678901" not in shown
    assert "•••••••••901" in shown


def test_a_pair_found_to_be_two_does_not_come_back(desk, pair):
    answer = desk.post(compare("facilities", *pair), {"act": "two", "two-reason": ""})
    assert answer.status_code == 400
    desk.post(compare("facilities", *pair), {"act": "two", "two-reason": "Hai hợp tác xã ở hai xã."})
    assert NotTwins.objects.get().reason == "Hai hợp tác xã ở hai xã."
    assert listed(desk, "co-so-trung") == []


def test_what_was_merged_comes_apart_from_its_list(desk, pair):
    desk.post(compare("facilities", *pair), {"act": "merge", "merge-keep": "first", "merge-reason": "Trùng."})
    [row] = listed(desk, "da-gop")
    desk.post(reverse("admin:quality_undo", args=[row.pk]))
    assert Merging.objects.get().undone_at
    assert len(listed(desk, "co-so-trung")) == 1


def test_the_proposed_address_is_written_as_that_of_today(desk, province):
    one = facility(province, "HTX A", "a", address_recognised="Xã A, huyện Đại Từ, tỉnh Thái Nguyên")
    [(_facility, row, may)] = listed(desk, "dia-chi")
    assert may
    answer = desk.post(reverse("admin:quality_address", args=[one.pk]), {"address": row.proposed.text})
    one.refresh_from_db()
    assert one.address_today == "Xã A, tỉnh Thái Nguyên"
    assert one.address_recognised == "Xã A, huyện Đại Từ, tỉnh Thái Nguyên"
    assert [str(message) for message in get_messages(answer.wsgi_request)] == ["Đã ghi địa chỉ hiện nay của HTX A."]
    assert listed(desk, "dia-chi") == []


@pytest.mark.parametrize(
    "key", ["co-so-trung", "san-pham-trung", "co-so", "nhom", "anh", "toa-do", "dia-chi", "da-gop"]
)
def test_the_same_few_queries_for_1_3_and_50_rows(desk, province, officer, key):
    def grow(numbers):
        for n in numbers:
            maker = facility(province, f"HTX Số {n}", f"f-{n}", address_today=f"Xã {n}, huyện Đại Từ")
            facility(province, f"HTX Sô {n}", f"g-{n}")
            for place, name in enumerate((f"Chè sô {n}", f"Chè số {n}")):
                make.ProductFactory(name=name, slug=f"c-{n}-{place}", facility=maker, group_certain=False)
            make.ProductFactory(facility=None, territory=province)
            Merging.objects.create(
                kind="facility", survivor_id=maker.pk, loser_id=maker.pk + 10**6, territory=province, reason="Trùng",
                by=officer, at=maker.created_at,
            )  # fmt: skip

    found = []
    done = 0
    for total in (1, 3, 50):
        grow(range(done, total))
        done = total
        desk.get(PAGE, {"muc": key})
        with CaptureQueriesContext(connection) as seen:
            assert desk.get(PAGE, {"muc": key}).context["page"].paginator.count >= total
        found.append(len(seen))
    assert len(set(found)) == 1


def test_a_long_list_is_paged(desk, province):
    make.ProductFactory.create_batch(30, facility=None, territory=province)
    page = desk.get(PAGE, {"muc": "co-so", "page": 2})
    assert len(page.context["rows"]) == 5
    assert "26 đến 30 trên 30" in page.content.decode()
