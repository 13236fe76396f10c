"""Two entries of one facility become one, with everything that was theirs, and can be brought apart again."""

import datetime as dt

import pytest
from django.utils import timezone

from extension.models import Beneficiary
from facilities.merging import confirm_not_twins, merge_facilities, undo_merging
from facilities.models import Facility, FacilityYear, Merging, NotTwins
from facilities.queries import match
from facilities.services import create_facility, update_facility
from portal.accounts.enums import Role
from portal.audit.models import AuditEntry
from portal.text.errors import Refusal
from tests import factories as make

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 21, 3, tzinfo=dt.UTC)


@pytest.fixture
def pair(province):
    survivor = make.FacilityFactory(name="HTX chè Hảo Đạt", territory=province, address_recognised="Xóm 1")
    loser = make.FacilityFactory(name="HTX chè Hảo Đat", slug="dat-2", territory=province, tax_code="0100109106")
    return survivor, loser


def merge(pair, officer, **facts):
    survivor, loser = pair
    facts = {"reason": "Nhập hai lần.", "actor": officer, "now": NOW, **facts}
    return merge_facilities(survivor=survivor, loser=loser, **facts)


def test_everything_that_named_the_one_names_the_other(pair, officer):
    survivor, loser = pair
    product = make.ProductFactory(facility=loser)
    recognition = make.RecognitionFactory(product=product)
    contact = make.ContactFactory(facility=loser)
    support = Beneficiary.objects.create(project=make.ProjectFactory(), facility=loser)
    who = make.RepresentativeFactory(facility=loser)
    year = FacilityYear.objects.create(facility=loser, year=2025, workers=9)
    merge(pair, officer)
    for row in (product, contact, support, who, year):
        row.refresh_from_db()
        assert row.facility == survivor
    assert "hao dat" in product.search_text
    recognition.refresh_from_db()
    assert recognition.published_at


def test_the_values_chosen_are_those_kept(pair, officer):
    merge(pair, officer, take={"tax_code"})
    survivor = Facility.objects.get(pk=pair[0].pk)
    assert (survivor.tax_code, survivor.address_recognised, survivor.name) == (
        "0100109106",
        "Xóm 1",
        "HTX chè Hảo Đạt",
    )


def test_the_tombstone_is_out_of_every_list_and_match(pair, officer, province):
    survivor, loser = pair
    merge(pair, officer, take={"tax_code"})
    assert list(Facility.objects.visible_to(officer)) == [survivor]
    assert match(name=loser.name, territory=province) is None
    assert match(name="HTX khác", territory=province, tax_code=loser.tax_code) == survivor
    assert create_facility(name=loser.name, territory=province, actor=officer).pk


def test_a_merge_is_on_record_and_old_versions_stay(pair, officer):
    _survivor, loser = pair
    merge(pair, officer)
    entry = AuditEntry.objects.get(action="facility.merge")
    assert entry.sentence == "Gộp cơ sở HTX chè Hảo Đat vào HTX chè Hảo Đạt."
    assert (entry.reason, entry.actor) == ("Nhập hai lần.", officer)
    assert loser.history.count() == 2
    assert loser.history.last().name == "HTX chè Hảo Đat"


def test_what_both_have_of_a_year_stays_with_each(pair, officer):
    survivor, loser = pair
    kept = FacilityYear.objects.create(facility=survivor, year=2025, workers=9)
    left = FacilityYear.objects.create(facility=loser, year=2025, workers=12)
    merge(pair, officer)
    assert list(survivor.years.all()) == [kept]
    assert list(loser.years.all()) == [left]
    assert len(AuditEntry.objects.get(action="facility.merge").data["left"]) == 1


def test_a_person_who_speaks_for_both_goes_on_speaking_for_one(pair, officer):
    survivor, loser = pair
    first = make.RepresentativeFactory(facility=survivor)
    second = make.RepresentativeFactory(facility=loser, user=first.user)
    merge(pair, officer)
    second.refresh_from_db()
    assert (second.state, second.facility) == ("ended", loser)


def test_products_of_one_name_are_merged_first(pair, officer):
    survivor, loser = pair
    make.ProductFactory(name="Chè tôm nõn", facility=survivor)
    make.ProductFactory(name="Chè Tôm Nõn", slug="tom-2", facility=loser)
    with pytest.raises(Refusal) as refused:
        merge(pair, officer)
    assert refused.value.code == "merge_clash"
    assert refused.value.details == ("Cả hai đều có sản phẩm: Chè Tôm Nõn.",)
    loser.refresh_from_db()
    assert loser.merged_into is None


def test_merging_takes_an_officer_of_both_provinces(pair, officer, leader):
    survivor, _loser = pair
    for actor, elsewhere in ((leader, pair[1]), (officer, make.FacilityFactory())):
        with pytest.raises(Refusal) as refused:
            merge((survivor, elsewhere), actor)
        assert refused.value.code == "not_your_province"
    assert merge((survivor, make.FacilityFactory()), make.staff(Role.ADMINISTRATOR))


@pytest.mark.parametrize(("facts", "code"), [({"reason": " "}, "reason_missing")])
def test_a_merge_needs_a_reason(pair, officer, facts, code):
    with pytest.raises(Refusal) as refused:
        merge(pair, officer, **facts)
    assert refused.value.code == code


def test_a_tombstone_is_not_merged_again(pair, officer, province):
    merge(pair, officer)
    with pytest.raises(Refusal) as refused:
        merge((make.FacilityFactory(territory=province), pair[1]), officer)
    assert refused.value.code == "already_merged"


def test_what_was_merged_comes_apart_as_it_was(pair, officer):
    survivor, loser = pair
    product = make.ProductFactory(facility=loser)
    merging = merge(pair, officer, take={"tax_code", "name"})
    later = make.ProductFactory(facility=survivor)
    undo_merging(merging=merging, actor=officer, now=timezone.now())
    for row in (survivor, loser, product, later):
        row.refresh_from_db()
    assert (survivor.name, survivor.tax_code) == ("HTX chè Hảo Đạt", "")
    assert (loser.tax_code, loser.merged_into) == ("0100109106", None)
    assert (product.facility, later.facility) == (loser, survivor)
    assert "hao dat" in product.search_text
    assert AuditEntry.objects.filter(action="facility.unmerge").count() == 1
    with pytest.raises(Refusal, match="đã được tách lại"):
        undo_merging(merging=merging, actor=officer, now=timezone.now())


def test_what_changed_since_is_named_and_nothing_comes_apart(pair, officer):
    merging = merge(pair, officer, take={"tax_code"})
    update_facility(facility=pair[0], actor=officer, tax_code="0100109106-001")
    with pytest.raises(Refusal) as refused:
        undo_merging(merging=merging, actor=officer, now=timezone.now())
    assert refused.value.code == "moved_on"
    assert refused.value.details == ("Đã sửa mã số thuế của cơ sở “HTX chè Hảo Đạt”.",)
    assert Merging.objects.get().undone_at is None


def test_a_pair_found_to_be_two_is_remembered_once(pair, officer):
    for two in (pair, pair[::-1]):
        confirm_not_twins(pair=two, reason="Hai hợp tác xã ở hai xã.", actor=officer, now=NOW)
    found = NotTwins.objects.get()
    assert (found.first_id, found.second_id) == (pair[0].pk, pair[1].pk)
    assert AuditEntry.objects.filter(action="facility.not_twins").count() == 1
