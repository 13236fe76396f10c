"""When a result is announced, everyone who took part hears how it ended, once."""

import datetime as dt

import pytest

from portal.notices.models import Notice
from rounds.enums import VerdictChoice
from rounds.services import lifecycle, results
from tests import factories

from .helpers import AFTER, DECIDE, deliberating_round, speak, validity_rule

pytestmark = pytest.mark.django_db
LATER = AFTER + dt.timedelta(days=1)


@pytest.fixture
def decided(province, officer, leader):
    """One dossier recognised, one declined; the decision is recorded and not yet announced."""
    round_ = deliberating_round(province, officer)
    speak(round_, leader, [VerdictChoice.RECOGNISE, VerdictChoice.DECLINE], ["", "Chưa đủ hồ sơ môi trường."])
    submission = {"submission_number": "12/TTr-SCT", "submitted_on": AFTER.date()}
    lifecycle.advance(round_=round_, to="submitted", actor=officer, now=AFTER, **submission)
    validity_rule()
    lifecycle.record_decision(round_=round_, actor=leader, now=AFTER, **DECIDE)
    round_.refresh_from_db()
    return round_


def facilities(round_):
    return [dossier.product.facility for dossier in round_.dossiers.order_by("entry_code")]


def test_everyone_who_took_part_hears_how_it_ended(decided, leader):
    winner, other = facilities(decided)
    person = factories.RepresentativeFactory(facility=winner).user
    factories.ContactFactory(facility=other, value="khac@example.vn")
    lifecycle.announce(round_=decided, actor=leader, now=LATER)
    told = {notice.user or notice.recipient: notice for notice in Notice.objects.filter(kind="round_result")}
    assert set(told) == {person, "khac@example.vn"}
    assert told[person].title.endswith("” được công nhận")
    assert "có hiệu lực đến hết ngày" in told[person].body
    assert told["khac@example.vn"].title.endswith("” chưa được công nhận")
    assert f"/ky-binh-chon/{decided.slug}/" in told["khac@example.vn"].body


def test_nobody_hears_before_the_announcement(decided):
    factories.RepresentativeFactory(facility=facilities(decided)[0])
    assert not Notice.objects.filter(kind="round_result").exists()


def test_an_address_without_consent_hears_nothing(decided, leader):
    factories.ContactFactory(facility=facilities(decided)[0], may_notify=False)
    lifecycle.announce(round_=decided, actor=leader, now=LATER)
    assert not Notice.objects.filter(kind="round_result").exists()


def test_a_persons_own_address_is_not_written_to_twice(decided, leader):
    facility = facilities(decided)[0]
    person = factories.RepresentativeFactory(facility=facility).user
    factories.ContactFactory(facility=facility, value=person.email.upper())
    lifecycle.announce(round_=decided, actor=leader, now=LATER)
    assert Notice.objects.filter(kind="round_result").count() == 1


@pytest.mark.parametrize("number", [1, 3, 50])
def test_telling_costs_the_same_for_any_number_of_dossiers(province, django_assert_max_num_queries, number):
    round_ = factories.RoundFactory(territory=province)
    for _each in range(number):
        dossier = factories.DossierFactory(round=round_)
        factories.ContactFactory(facility=dossier.product.facility)
    factories.RepresentativeFactory(facility=dossier.product.facility)
    # SQLite takes fifty rows of letters in two statements.
    with django_assert_max_num_queries(13):
        assert results.tell_results(round_=round_, now=LATER) == number + 1
