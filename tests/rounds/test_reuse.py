"""Papers of earlier dossiers: which may be used again, and what changed since."""

import datetime as dt

import pytest

from portal.audit.models import AuditEntry
from portal.text.errors import Refusal
from rounds import queries
from rounds.enums import RoundState
from rounds.models import Dossier
from rounds.services import dossiers, papers
from tests import factories

from . import helpers
from .helpers import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def receiving(province, officer):
    return helpers.receiving_round(province, officer)


@pytest.fixture
def facility(province):
    return factories.FacilityFactory(territory=province, kind="household")


@pytest.fixture
def earlier(province, officer, facility):
    """A dossier of two years ago, of the same product."""
    round_ = factories.RoundFactory(territory=province, year=2024, state=RoundState.SCORING)
    product = helpers.product_of(province, facility=facility, name="Khay tre")
    return factories.DossierFactory(round=round_, product=product)


@pytest.fixture
def dossier(earlier, receiving, officer):
    made = dossiers.create_dossier(round_=receiving, product=earlier.product, actor=officer, now=NOON)
    return Dossier.objects.get(pk=made.pk)


def paper(dossier, kind, **facts):
    return dossier.documents.create(kind=kind, on_paper=True, **facts)


def earlier_of(dossier):
    return {row.document.kind: row for row in queries.earlier_papers(dossier, on=NOON.date())}


def test_papers_of_the_product_and_of_its_maker_are_offered_and_those_of_one_round_are_not(
    dossier, earlier, facility, province
):
    other = factories.DossierFactory(
        round=earlier.round, product=helpers.product_of(province, facility=facility, name="Thúng tre")
    )
    strangers = factories.DossierFactory(round=earlier.round)
    for source in (earlier, other, strangers):
        paper(source, "statement")
        paper(source, "award", title=f"Bằng khen {source.pk}")
        paper(source, "registration_form")
    found = [(row.document.kind, row.dossier) for row in queries.earlier_papers(dossier, on=NOON.date())]
    assert sorted(found, key=str) == sorted([("statement", earlier), ("award", earlier), ("award", other)], key=str)


def test_a_paper_taken_again_names_where_it_is_from(dossier, earlier, officer):
    old = paper(earlier, "business_registration", valid_until=dt.date(2030, 1, 1))
    made = papers.reuse(dossier=dossier, documents=[old], actor=officer, now=NOON)
    assert [(row.reused_from, row.kind, row.valid_until) for row in made] == [
        (old, "business_registration", dt.date(2030, 1, 1))
    ]
    assert AuditEntry.objects.first().sentence.startswith("Dùng lại “Bản sao đăng ký kinh doanh")


def test_an_ended_paper_is_shown_as_ended_and_not_taken(dossier, earlier, officer):
    old = paper(earlier, "standard", valid_until=dt.date(2026, 11, 20))
    row = earlier_of(dossier)["standard"]
    assert (row.ended, row.usable) == (True, False)
    with pytest.raises(Refusal) as found:
        papers.reuse(dossier=dossier, documents=[old], actor=officer, now=NOON)
    assert found.value.code == "paper_ended"


def test_of_two_copies_the_older_is_replaced(dossier, earlier, officer):
    old, new = paper(earlier, "business_registration"), paper(earlier, "business_registration")
    found = {row.document: row.replaced for row in queries.earlier_papers(dossier, on=NOON.date())}
    assert found == {old: True, new: False}
    with pytest.raises(Refusal) as refusal:
        papers.reuse(dossier=dossier, documents=[old], actor=officer, now=NOON)
    assert refusal.value.code == "paper_not_reusable"


def test_what_changed_since_is_said(dossier, earlier, facility):
    paper(earlier, "business_registration")
    paper(earlier, "statement")
    assert earlier_of(dossier)["business_registration"].is_same
    was = facility.name
    facility.name, facility.kind = "Hợp tác xã mây tre mới", "cooperative"
    facility.save()
    product = dossier.product
    product.name = "Khay tre hun khói"
    product.save()
    fresh = Dossier.objects.get(pk=dossier.pk)
    found = earlier_of(fresh)
    assert found["business_registration"].changes == (
        f"Tên cơ sở khi đó là “{was}”, nay là “Hợp tác xã mây tre mới”.",
        "Loại hình cơ sở khi đó là “Hộ kinh doanh”, nay là “Hợp tác xã”.",
    )
    assert found["statement"].changes[-1] == "Tên sản phẩm khi đó là “Khay tre”, nay là “Khay tre hun khói”."
    assert found["statement"].usable
    assert not found["statement"].is_same


def test_a_paper_of_someone_else_is_not_taken(dossier, earlier, officer):
    theirs = paper(factories.DossierFactory(round=earlier.round), "award")
    with pytest.raises(Refusal) as found:
        papers.reuse(dossier=dossier, documents=[theirs], actor=officer, now=NOON)
    assert found.value.code == "paper_not_reusable"


@pytest.mark.parametrize("total", [1, 3, 50])
def test_earlier_papers_cost_the_same_however_many(total, dossier, earlier, django_assert_num_queries):
    for number in range(total):
        paper(earlier, "award", title=f"Bằng khen {number}")
    fresh = Dossier.objects.select_related("product__facility").get(pk=dossier.pk)
    with django_assert_num_queries(4):
        rows = queries.earlier_papers(fresh, on=NOON.date())
        assert [str(row.dossier.round) for row in rows] == [str(earlier.round)] * total
