"""What only looks like a number ("²") in an address or a choice is nobody's row, not an error of the portal."""

import pytest
from django.urls import reverse

from portal.accounts.enums import Role
from tests import factories

ODD = "²"


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
