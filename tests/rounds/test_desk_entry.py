"""Entering a dossier on one page: facility and product found or made in place, nothing typed lost."""

import pytest
from django.urls import reverse

from facilities.models import Contact, Facility
from portal.accounts.enums import Role
from products.models import Product, SetMember
from rounds.enums import DossierState, Origin
from rounds.models import Dossier
from tests import factories

from . import helpers
from .helpers import NOON

pytestmark = pytest.mark.django_db
ADD = "admin:rounds_dossier_add"


@pytest.fixture(autouse=True)
def frozen(time_machine):
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def desk(client, officer):
    client.force_login(officer)
    return client


@pytest.fixture
def round_(province, officer):
    return helpers.receiving_round(province, officer)


def new_set(round_, **changes):
    return {
        "round": round_.pk,
        "do": "submit",
        "facility": "new",
        "facility_name": "Hợp tác xã Mây tre đan Phú Vinh",
        "facility_tax_code": "0100109106",
        "facility_address_today": "Xóm 2, xã Tân Cương",
        "product": "new",
        "product_name": "Bộ bàn ghế mây",
        "product_group": "handicraft",
        "product_is_set": "on",
        "members": ["Bàn mây", "", "Ghế mây"],
        "origin": "paper",
        "received_on": "2026-11-20",
        "papers": ["registration_form", "business_registration"],
        **changes,
    }


def send(client, data):
    return client.post(reverse(ADD), data)


def text(response):
    return response.content.decode()


def test_a_dossier_with_a_new_facility_and_a_new_set_is_entered_and_submitted_in_one_act(desk, round_, officer):
    commune = factories.CommuneFactory(territory=round_.territory)
    response = send(desk, new_set(round_, facility_commune=commune.pk, facility_email="htx@example.vn"))
    dossier = Dossier.objects.get()
    assert response.url == reverse("admin:rounds_dossier_change", args=[dossier.pk]) + "?moi=1"
    assert (dossier.entry_code, dossier.state, dossier.origin) == ("001", DossierState.SUBMITTED, Origin.PAPER)
    facility = dossier.product.facility
    assert (facility.name, facility.commune, facility.kind) == (
        "Hợp tác xã Mây tre đan Phú Vinh",
        commune,
        "cooperative",
    )
    assert [m.name for m in SetMember.objects.order_by("position")] == ["Bàn mây", "Ghế mây"]
    assert {d.kind for d in dossier.documents.all()} == {"registration_form", "business_registration"}
    assert Contact.objects.get(facility=facility).may_notify


def test_a_known_facility_and_product_need_three_choices(desk, round_):
    product = helpers.product_of(round_.territory)
    data = {
        "round": round_.pk,
        "do": "draft",
        "facility": product.facility_id,
        "product": product.pk,
        "origin": "paper",
    }
    send(desk, data)
    assert Dossier.objects.get().state == DossierState.DRAFT


def test_a_dossier_of_the_public_service_keeps_its_code_and_dates(desk, round_):
    product = helpers.product_of(round_.territory)
    data = {
        "round": round_.pk,
        "do": "submit",
        "product": product.pk,
        "origin": "public_service",
        "public_service_code": "000.00.19.H55-261101-0007",
        "public_service_received_on": "2026-11-16",
        "public_service_due_on": "2026-12-28",
    }
    send(desk, data)
    dossier = Dossier.objects.get()
    assert (dossier.public_service_code, str(dossier.public_service_due_on)) == (
        "000.00.19.H55-261101-0007",
        "2026-12-28",
    )


def test_a_public_service_dossier_without_its_code_is_refused_at_the_code(desk, round_):
    product = helpers.product_of(round_.territory)
    response = send(desk, {"round": round_.pk, "do": "submit", "product": product.pk, "origin": "public_service"})
    assert (response.status_code, Dossier.objects.count()) == (400, 0)
    assert "Hãy ghi mã hồ sơ trên cổng dịch vụ công." in text(response)


def test_what_is_refused_comes_back_with_every_member_typed(desk, round_):
    response = send(desk, new_set(round_, product_group=""))
    assert response.status_code == 400
    body = text(response)
    for typed in ("Bàn mây", "Ghế mây", "Bộ bàn ghế mây", "0100109106", "Xóm 2, xã Tân Cương"):
        assert f'value="{typed}"' in body
    assert 'value="registration_form" class' in body or 'value="registration_form"' in body
    assert body.count("checked") >= 4
    assert (Facility.objects.count(), Product.objects.count(), Dossier.objects.count()) == (0, 0, 0)


def test_a_refusal_of_the_last_step_writes_no_facility_and_no_product(desk, round_):
    response = send(desk, new_set(round_, received_on="2026-12-24"))
    assert "Ngày nhận 24/12/2026 ở sau hôm nay." in text(response)
    assert (response.status_code, Facility.objects.count(), Product.objects.count()) == (400, 0, 0)


def test_the_same_name_without_marks_is_warned_of_and_may_be_confirmed(desk, round_):
    known = factories.FacilityFactory(territory=round_.territory, name="Hợp tác xã Mây tre đan Phu Vinh")
    response = send(desk, new_set(round_))
    assert response.status_code == 400
    assert "Danh bạ đã có: Hợp tác xã Mây tre đan Phu Vinh." in text(response)
    assert f'name="facility" value="{known.pk}"' in text(response)
    assert send(desk, new_set(round_, facility_confirmed="on")).status_code == 302


def test_the_same_tax_code_is_refused_and_the_known_facility_offered(desk, round_):
    known = factories.FacilityFactory(territory=round_.territory, name="Cơ sở mẫu khác", tax_code="0100109106")
    response = send(desk, new_set(round_, facility_confirmed="on"))
    assert response.status_code == 400
    assert "Mã số thuế này là của Cơ sở mẫu khác" in text(response)
    assert f'name="facility" value="{known.pk}"' in text(response)
    assert Dossier.objects.count() == 0


def test_a_product_of_the_same_name_is_warned_of(desk, round_):
    helpers.product_of(round_.territory, name="Bo ban ghe may")
    response = send(desk, new_set(round_))
    assert "Sổ đã có: Bo ban ghe may" in text(response)
    assert send(desk, new_set(round_, product_confirmed="on")).status_code == 302


def test_searching_without_script_writes_nothing_and_keeps_what_is_typed(desk, round_):
    factories.FacilityFactory(territory=round_.territory, name="Công ty Chè Hà Thái")
    response = send(desk, new_set(round_, do="find", find="che ha thai"))
    body = text(response)
    assert (response.status_code, "Công ty Chè Hà Thái" in body, 'value="Bàn mây"' in body) == (200, True, True)
    assert "Chưa làm được việc này." not in body
    assert Dossier.objects.count() == 0


def test_member_rows_are_added_and_dropped_without_script(desk, round_):
    more = text(send(desk, new_set(round_, do="more")))
    assert more.count('name="members"') == 6
    dropped = text(send(desk, new_set(round_, do="drop-0")))
    assert ('value="Bàn mây"' in dropped, 'value="Ghế mây"' in dropped) == (False, True)


def test_a_product_that_is_entered_leads_to_its_dossier(desk, round_, officer):
    dossier = helpers.submitted(round_, officer)
    body = text(desk.get(reverse(ADD), {"round": round_.pk, "facility": dossier.product.facility_id}))
    assert reverse("admin:rounds_dossier_change", args=[dossier.pk]) in body
    assert f'name="product" value="{dossier.product_id}"' not in body


def test_facilities_of_another_province_are_neither_found_nor_taken(desk, round_, other_province):
    foreign = factories.FacilityFactory(territory=other_province, name="Cơ sở ngoài tỉnh", tax_code="0300588569")
    for words in ("ngoai tinh", "0300588569"):
        found = text(desk.get(reverse("admin:rounds_dossier_suggest"), {"round": round_.pk, "q": words}))
        assert "Chưa có cơ sở nào khớp" in found
    response = send(desk, new_set(round_, facility=foreign.pk))
    assert (response.status_code, "Hãy chọn một cơ sở" in text(response)) == (400, True)


def test_a_closed_round_is_not_entered_and_says_so(desk, province, officer):
    round_ = helpers.scoring_round(province, officer)
    response = send(desk, new_set(round_))
    assert response.status_code == 400
    assert "Kỳ bình chọn này không nhận hồ sơ" in text(response)


def test_with_several_rounds_one_is_asked_which(desk, province, officer, round_):
    other = helpers.receiving_round(province, officer, ordinal=2)
    body = text(desk.get(reverse(ADD)))
    for one in (round_, other):
        assert f"?round={one.pk}" in body


def test_a_leader_enters_known_facilities_and_makes_no_new_ones(client, leader, round_):
    client.force_login(leader)
    body = text(client.get(reverse(ADD), {"round": round_.pk}))
    assert 'id="co-so-moi"' not in body
    response = send(client, new_set(round_))
    assert (response.status_code, Facility.objects.count()) == (403, 0)


def test_who_receives_no_round_gets_no_suggestions(client, province, round_):
    client.force_login(factories.staff(Role.EXTENSION_OFFICER, province))
    assert client.get(reverse("admin:rounds_dossier_suggest"), {"round": round_.pk, "q": "che"}).status_code == 403


def test_finding_costs_the_same_for_one_three_and_fifty(desk, round_):
    counts = []
    for total in (1, 3, 50):
        while Facility.objects.count() < total:
            product = helpers.product_of(round_.territory)
            product.facility.name = f"Chè ngon {product.pk}"
            product.facility.save()
        counts.append(_queries(desk, reverse("admin:rounds_dossier_suggest"), round=round_.pk, q="che"))
    assert len(set(counts)) == 1


def _queries(client, address, **data):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.get(address, data)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address, data).status_code == 200
    return len(captured)
