"""A commune's report that it has nothing to file: who, until when, and what ends it."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from portal.accounts.enums import Role
from portal.audit.models import AuditEntry
from portal.text.errors import Refusal
from rounds.enums import DossierState
from rounds.models import CommuneReturn
from rounds.services import dossiers, nil_returns
from tests import factories

from .helpers import AFTER, NOON, receiving_round

pytestmark = pytest.mark.django_db


@pytest.fixture
def commune(province):
    return factories.CommuneFactory(territory=province, name="Tân Cương")


@pytest.fixture
def person(province, commune):
    return factories.staff(Role.COMMUNE_OFFICER, province, commune=commune)


@pytest.fixture
def round_(province, officer):
    return receiving_round(province, officer)


def report(round_, commune, person, now=NOON, **more):
    return nil_returns.report_nothing(round_=round_, commune=commune, actor=person, now=now, **more)


def refused(act, *args, **more):
    with pytest.raises(Refusal) as caught:
        act(*args, **more)
    return caught.value


def test_a_commune_reports_that_there_is_nothing(round_, commune, person):
    made = report(round_, commune, person, note="  Đã hỏi 6 cơ sở. ")
    assert (made.note, made.reported_by, made.reported_at) == ("Đã hỏi 6 cơ sở.", person, NOON)
    entry = AuditEntry.objects.latest("pk")
    assert entry.sentence == f"{commune} báo cáo không có hồ sơ cho {round_.title}."
    assert entry.reason == "Đã hỏi 6 cơ sở."


def test_reporting_twice_is_refused(round_, commune, person):
    report(round_, commune, person)
    assert refused(report, round_, commune, person).code == "reported_already"
    with pytest.raises(IntegrityError), transaction.atomic():
        CommuneReturn.objects.create(round=round_, commune=commune, reported_at=NOON, reported_by=person)


def test_only_the_communes_own_officer_reports(round_, province, commune, person, officer):
    elsewhere = factories.CommuneFactory(territory=province)
    assert refused(report, round_, elsewhere, person).code == "not_your_commune"
    assert refused(report, round_, commune, officer).code == "not_your_commune"


def test_after_the_deadline_it_is_refused_with_the_hour(round_, commune, person):
    refusal = refused(report, round_, commune, person, now=AFTER)
    assert refusal.code == "round_not_receiving"
    assert "đã hết hạn nhận hồ sơ từ 12:00 ngày 26/11/2026" in str(refusal)
    assert "Hãy báo Sở Công Thương bằng công văn." in str(refusal)


def test_the_deadline_itself_is_too_late(round_, commune, person):
    assert refused(report, round_, commune, person, now=round_.receiving_until).code == "round_not_receiving"
    assert report(round_, commune, person, now=round_.receiving_until - dt.timedelta(seconds=1))


def test_a_round_of_another_province_is_none_of_its_business(officer, other_province, commune, person):
    round_ = receiving_round(other_province, factories.staff(Role.OFFICER, other_province))
    assert refused(report, round_, commune, person).code == "round_elsewhere"


def dossier_of(round_, commune, **more):
    facility = factories.FacilityFactory(territory=round_.territory, commune=commune)
    return factories.DossierFactory(round=round_, product__facility=facility, **more)


@pytest.mark.parametrize(
    ("state", "allowed"),
    [
        (DossierState.DRAFT, True),
        (DossierState.WITHDRAWN, True),
        (DossierState.SUBMITTED, False),
        (DossierState.NEEDS_SUPPLEMENT, False),
        (DossierState.NOT_ELIGIBLE, False),
    ],
)
def test_who_has_filed_cannot_report_nothing(round_, commune, person, state, allowed):
    dossier_of(round_, commune, state=state, state_reason="Lý do." if state == DossierState.NOT_ELIGIBLE else "")
    if allowed:
        assert report(round_, commune, person)
    else:
        refusal = refused(report, round_, commune, person)
        assert (refusal.code, "1 hồ sơ" in str(refusal)) == ("dossiers_filed", True)


def test_the_commune_takes_its_report_back_before_the_deadline(round_, commune, person):
    made = report(round_, commune, person)
    assert refused(nil_returns.take_back, report=made, actor=person, now=AFTER).code == "round_not_receiving"
    nil_returns.take_back(report=made, actor=person, now=NOON)
    assert not CommuneReturn.objects.exists()
    assert CommuneReturn.history.filter(history_type="-").count() == 1
    assert "rút báo cáo không có" in AuditEntry.objects.latest("pk").sentence


def test_another_commune_cannot_take_it_back(round_, province, commune, person):
    made = report(round_, commune, person)
    stranger = factories.staff(Role.COMMUNE_OFFICER, province, commune=factories.CommuneFactory(territory=province))
    assert refused(nil_returns.take_back, report=made, actor=stranger, now=NOON).code == "not_your_commune"


def test_the_report_ends_by_itself_when_a_dossier_comes(round_, commune, person, officer):
    report(round_, commune, person)
    facility = factories.FacilityFactory(territory=round_.territory, commune=commune)
    draft = dossiers.create_dossier(
        round_=round_, product=factories.ProductFactory(facility=facility), actor=officer, now=NOON
    )
    assert CommuneReturn.objects.exists()
    dossier = dossiers.submit(dossier=draft, actor=officer, now=NOON)
    assert not CommuneReturn.objects.exists()
    said = AuditEntry.objects.get(action="commune.nothing_ended").sentence
    assert said.endswith(f"hết giá trị vì đã có hồ sơ {dossier.entry_code}.")


def test_a_dossier_of_another_commune_ends_nothing(round_, province, commune, person, officer):
    report(round_, commune, person)
    facility = factories.FacilityFactory(territory=province, commune=factories.CommuneFactory(territory=province))
    draft = dossiers.create_dossier(
        round_=round_, product=factories.ProductFactory(facility=facility), actor=officer, now=NOON
    )
    dossiers.submit(dossier=draft, actor=officer, now=NOON)
    assert CommuneReturn.objects.exists()
