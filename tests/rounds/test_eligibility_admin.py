"""The page on conditions to enter: national staff add rows, what dossiers were checked by stays."""

import pytest
from django.urls import reverse

from portal.accounts.enums import Role
from rounds.models import EligibilityAnswer, EligibilityRule
from tests import factories

from .helpers import NOON

pytestmark = pytest.mark.django_db
FACTS = {
    "code": "rural_area",
    "kind": "answered",
    "level": "",
    "group": "",
    "sentence": "Cơ sở ở nông thôn.",
    "failure": "Cơ sở không ở nông thôn.",
    "guidance": "",
    "legal_basis": "TT 26/2014/TT-BCT, Điều 4",
    "position": "1",
    "valid_from": "2026-01-01",
    "valid_to": "",
    "is_certain": "on",
}


@pytest.fixture
def desk(client):
    client.force_login(factories.staff(Role.AGENCY_NATIONAL))
    return client


def add(desk, **changes):
    return desk.post(reverse("admin:rounds_eligibilityrule_add"), {**FACTS, **changes})


def test_a_rule_is_added_without_a_deploy(desk):
    assert add(desk).status_code == 302
    assert EligibilityRule.objects.get().sentence == "Cơ sở ở nông thôn."


def test_a_computed_rule_needs_a_check_that_exists(desk):
    response = add(desk, kind="computed", code="unheard_of")
    assert response.status_code == 200
    assert "Cổng không có phép kiểm tra mang mã này." in response.content.decode()
    assert add(desk, kind="computed", code="group_given").status_code == 302


def test_dates_in_the_wrong_order_are_said_in_words(desk):
    response = add(desk, valid_to="2025-01-01")
    assert "Ngày kết thúc không được trước ngày bắt đầu." in response.content.decode()


def test_a_rule_that_dossiers_were_checked_by_is_ended_and_keeps_its_words(desk):
    add(desk)
    rule = EligibilityRule.objects.get()
    EligibilityAnswer.objects.create(
        dossier=factories.DossierFactory(),
        rule=rule,
        answer="met",
        reason="Có.",
        answered_by=factories.UserFactory(),
        answered_at=NOON,
    )
    page = reverse("admin:rounds_eligibilityrule_change", args=[rule.pk])
    desk.post(page, {**FACTS, "sentence": "Khác.", "valid_to": "2026-12-31"})
    rule.refresh_from_db()
    assert (rule.sentence, str(rule.valid_to)) == ("Cơ sở ở nông thôn.", "2026-12-31")
