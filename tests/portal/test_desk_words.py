"""The desk speaks Vietnamese throughout, also where Django draws by itself."""

import pytest
from django.template import Context, Template
from django.urls import reverse

from portal.accounts.enums import Role
from portal.audit.services import record

from ..factories import DecisionFactory, FacilityFactory, ProductFactory, ProjectFactory, RecognitionFactory, staff

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("value", "said"), [(True, "Có"), (False, "Không"), (None, ""), ("True", "Có"), ("Trà", "Trà"), (0, "0")]
)
def test_a_yes_or_no_of_the_history_is_said_in_words(value, said):
    assert Template("{% load desk %}{{ value|in_words }}").render(Context({"value": value})) == said


def test_a_yes_or_no_of_a_list_is_said_in_words(client, officer, province):
    RecognitionFactory(product=ProductFactory(facility__territory=province))
    client.force_login(officer)
    page = client.get(reverse("admin:products_recognition_changelist")).text
    assert '<span class="is-yes">Có</span>' in page
    assert 'alt="True"' not in page


def test_a_yes_or_no_to_read_is_said_in_words(client, leader, province):
    project = ProjectFactory(territory=province)
    client.force_login(leader)
    page = client.get(reverse("admin:extension_project_change", args=[project.pk])).text
    assert 'class="is-' in page
    assert ('alt="True"' in page, 'alt="False"' in page) == (False, False)


def test_each_cell_of_a_list_names_its_column(client, officer, province):
    FacilityFactory(territory=province, name="Cơ sở mẫu")
    client.force_login(officer)
    page = client.get(reverse("admin:facilities_facility_changelist")).text
    assert page.count("data-label=") == page.count('class="field-')
    assert 'data-label="Loại hình"' in page


def test_an_empty_cell_says_that_a_phone_may_leave_it_out(client, officer, province):
    record(actor=officer, action="x", sentence="Một việc.", subject=officer, territory=province)
    client.force_login(officer)
    page = client.get(reverse("admin:audit_auditentry_changelist")).text
    assert '<td data-label="-" class="field-reason' in page


def test_the_chain_of_the_log_has_a_vietnamese_name(client, leader, province):
    entry = record(actor=leader, action="x", sentence="Một việc.", subject=leader, territory=province)
    client.force_login(leader)
    page = client.get(reverse("admin:audit_auditentry_change", args=[entry.pk])).text
    assert "Mã nối chuỗi" in page
    assert "Hash" not in page


def test_an_entry_of_the_log_names_the_kind_of_its_subject(client, leader, province):
    entry = record(actor=leader, action="x", sentence="Một việc.", subject=leader, territory=province)
    client.force_login(leader)
    page = client.get(reverse("admin:audit_auditentry_change", args=[entry.pk])).text
    assert "Loại đối tượng" in page
    assert "Tài khoản" in page
    assert "accounts.user" not in page


def test_who_only_reads_is_shown_no_empty_inputs(client, leader, province):
    decision = DecisionFactory(territory=province)
    recognition = RecognitionFactory(product=ProductFactory(facility__territory=province), decision=decision)
    reader = staff(Role.EXTENSION_OFFICER, province)
    client.force_login(reader)
    for name, row in (("decision", decision), ("recognition", recognition)):
        page = client.get(reverse(f"admin:products_{name}_change", args=[row.pk]))
        assert page.status_code == 200
        for word in ("Upload:", "Kept:", "Act on", ">None<"):
            assert word not in page.text, (name, word)


def test_the_page_of_a_merger_of_provinces_leads_back_to_the_provinces(client):
    client.force_login(staff(Role.AGENCY_NATIONAL))
    page = client.get(reverse("admin:territory_merge"))
    assert page.status_code == 200
    assert "Trang chủ" not in page.text
