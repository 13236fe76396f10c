"""What only looks like a number ("²") in an address or a choice is nobody's row, not an error of the portal."""

import pytest
from django.urls import reverse

from facilities.models import Facility
from portal.accounts.enums import Role
from portal.text.inputs import LONGEST_NUMBER, key_of, picked
from tests import factories

ODD = "²"
# Python itself refuses to read so many digits.
ENDLESS = "9" * 5000


@pytest.mark.parametrize(
    "name",
    [
        "facilities_representative_change",
        "facilities_facility_change",
        "rounds_dossier_change",
        "rounds_round_change",
        "imports_importbatch_change",
    ],
)
def test_a_page_under_such_a_number_leads_to_the_list_or_nowhere(client, province, name):
    client.force_login(factories.staff(Role.OFFICER, province))
    response = client.get(reverse(f"admin:{name}", args=[ODD]))
    assert response.status_code in {302, 404}


@pytest.mark.parametrize(
    ("text", "key"), [("12", 12), ("0", 0), ("", None), ("-1", None), ("1.5", None), (ODD, None), ("٣", None)]
)
def test_a_key_is_read_from_plain_digits_only(text, key):
    assert key_of(text) == key


def test_more_digits_than_any_key_has_are_no_key():
    assert key_of("9" * LONGEST_NUMBER) == 10**LONGEST_NUMBER - 1
    assert key_of("9" * (LONGEST_NUMBER + 1)) is None


def test_a_row_is_picked_by_its_key_within_reach_only(province):
    own, other = factories.FacilityFactory(territory=province), factories.FacilityFactory(territory=province)
    rows = Facility.objects.filter(pk=own.pk)
    assert [picked(rows, str(own.pk)), picked(rows, str(other.pk)), picked(rows, ENDLESS), picked(rows, ODD)] == [
        own,
        None,
        None,
        None,
    ]


@pytest.mark.parametrize("name", ["round", "commune"])
def test_a_filter_by_such_a_number_filters_nothing(client, province, name):
    client.force_login(factories.staff(Role.OFFICER, province))
    assert client.get(reverse("admin:rounds_dossier_changelist"), {name: ENDLESS}).status_code == 200
