"""Two entries of one product become one; what was published stays published under the same codes."""

import datetime as dt

import pytest
from django.urls import reverse

from facilities.merging import undo_merging
from portal.text.errors import Refusal
from products.codes import generate
from products.models import Product, Recognition
from products.services import create_product, merge_products
from tests import factories as make

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 21, 3, tzinfo=dt.UTC)


@pytest.fixture
def pair(province):
    facility = make.FacilityFactory(territory=province)
    names = (("Mứt dừa", "mut-dua"), ("Mứt dưa", "mut-dua-2"))
    return tuple(make.ProductFactory(name=name, slug=slug, facility=facility) for name, slug in names)


def merge(pair, officer, **facts):
    survivor, loser = pair
    return merge_products(survivor=survivor, loser=loser, reason="Gõ sai dấu.", actor=officer, now=NOW, **facts)


def certified(product, **facts):
    row = make.RecognitionFactory(product=product, **facts)
    return row, make.CertificateFactory(recognition=row, code=generate("province"))


def test_recognitions_certificates_and_dossiers_move(pair, officer, client):
    survivor, loser = pair
    row, paper = certified(loser)
    dossier = make.DossierFactory(product=loser)
    merge(pair, officer)
    row.refresh_from_db()
    dossier.refresh_from_db()
    assert (row.product, dossier.product) == (survivor, survivor)
    assert row.published_at
    assert survivor.name in client.get(reverse("verify_code", args=[paper.code])).content.decode()


def test_the_same_recognition_entered_twice_becomes_one_and_both_codes_answer(pair, officer, client):
    survivor, loser = pair
    decision = make.DecisionFactory()
    kept, first = certified(survivor)
    gone, second = certified(loser, decision=decision)
    merge(pair, officer)
    assert Recognition.objects.published().get() == kept
    kept.refresh_from_db()
    assert kept.decision == decision
    for paper in (first, second):
        answer = client.get(reverse("verify_code", args=[paper.code]))
        assert answer.status_code == 200
        assert survivor.name in answer.content.decode()
    second.refresh_from_db()
    assert (second.recognition, second.superseded_on) == (kept, dt.date(2026, 11, 21))
    assert gone not in Recognition.objects.visible_to(officer)


@pytest.mark.parametrize("field", ["revoked_on", "withdrawn_on"])
def test_one_recognition_of_two_standings_is_refused(pair, officer, field):
    certified(pair[0])
    certified(pair[1], **{field: dt.date(2026, 1, 1), "status_reason": "Vi phạm."})
    with pytest.raises(Refusal) as refused:
        merge(pair, officer)
    assert refused.value.code == "recognitions_differ"


def test_one_recognition_by_two_decisions_is_refused(pair, officer):
    for product in pair:
        certified(product, decision=make.DecisionFactory())
    with pytest.raises(Refusal) as refused:
        merge(pair, officer)
    assert refused.value.code == "recognitions_differ"


def test_the_tombstone_frees_its_name(pair, officer, province):
    survivor, loser = pair
    merge(pair, officer)
    assert list(Product.objects.visible_to(officer)) == [survivor]
    again = create_product(
        name="Mứt dưa", group="other", facility=survivor.facility, territory=province, is_set=False, actor=officer
    )
    assert again.pk != loser.pk


def test_what_was_merged_comes_apart_as_it_was(pair, officer):
    survivor, loser = pair
    kept, first = certified(survivor)
    gone, second = certified(loser, decision=make.DecisionFactory(), issued_on=dt.date(2024, 11, 21))
    only, _paper = certified(loser, level="national")
    published = gone.published_at
    merging = merge(pair, officer, take={"name"})
    undo_merging(merging=merging, actor=officer, now=NOW)
    for row in (survivor, loser, kept, first, gone, second, only):
        row.refresh_from_db()
    assert (survivor.name, loser.merged_into) == ("Mứt dừa", None)
    assert (gone.product, gone.published_at, kept.decision) == (loser, published, None)
    assert (second.recognition, second.superseded_on, second.superseded_reason) == (gone, None, "")
    assert only.product == loser


def test_lists_of_members_that_both_have_are_not_doubled(province, officer):
    facility = make.FacilityFactory(territory=province)
    pair = [
        make.ProductFactory(name=name, slug=slug, facility=facility, is_set=True)
        for name, slug in (("Bộ ấm A", "a"), ("Bộ ấm Á", "b"))
    ]
    for product in pair:
        make.SetMemberFactory(product_set=product, name="Ấm")
    make.SetMemberFactory(product_set=pair[1], name="Chén")
    merge(pair, officer)
    assert sorted(pair[0].members.values_list("name", flat=True)) == ["Chén", "Ấm"]
