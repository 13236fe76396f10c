"""Registering for a facility, the province's word on it, and what nobody may learn on the way."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from facilities import limits, registration, representing
from facilities.enums import FacilityKind, RepresentativeState
from facilities.models import Facility, Representative
from portal.accounts.enums import Role
from portal.accounts.models import User
from portal.audit.models import AuditEntry
from portal.notices.models import Notice
from portal.text.errors import Refusal
from tests import factories

NOW = dt.datetime(2026, 11, 21, 2, 0, tzinfo=dt.UTC)
TAX_CODE = "0100109106"


def claim(province, **more):
    facts = {"name": "Hợp tác xã chè Tân Cương", "kind": FacilityKind.COOPERATIVE, "territory": province}
    return registration.Claim(**{**facts, "phone": "0912345678", "position": "Giám đốc", **more})


def posted(province, **more):
    return {
        "full_name": "Người của cơ sở",
        "login": "coso@example.vn",
        "password": "che-tan-cuong-2026",
        "name": "Hợp tác xã chè Tân Cương",
        "kind": FacilityKind.COOPERATIVE,
        "tax_code": TAX_CODE,
        "territory": province.pk,
        "commune": "Tân Cương",
        "address": "Xóm Soi Vàng",
        "phone": "0912 345 678",
        "position": "Giám đốc",
        "consent": "on",
        **more,
    }


# --- registering --------------------------------------------------------------------------------------------


def test_registering_opens_an_account_without_rights_and_a_waiting_claim(client, province):
    commune = factories.CommuneFactory(territory=province, name="Tân Cương", kind="commune")
    response = client.post(reverse("register"), posted(province))
    assert (response.status_code, response["Location"]) == (302, reverse("registered"))
    user = User.objects.get(username="coso@example.vn")
    row = Representative.objects.get()
    assert (row.user, row.state, row.facility, row.commune) == (user, RepresentativeState.PENDING, None, commune)
    assert (row.claimed_tax_code, row.claimed_address, row.phone) == (TAX_CODE, "Xóm Soi Vàng", "0912345678")
    assert not user.grants.exists()
    assert list(representing.represented(user)) == []
    entry = AuditEntry.objects.get(action="representative.register")
    assert entry.data == {"consent": registration.CONSENT}


def test_a_commune_the_list_does_not_know_stays_in_the_address(client, province):
    client.post(reverse("register"), posted(province, commune="Xã Phúc Xuân"))
    row = Representative.objects.get()
    assert (row.commune, row.claimed_address) == (None, "Xóm Soi Vàng, Xã Phúc Xuân")


def test_a_phone_number_is_a_login_however_it_is_typed(client, province):
    client.post(reverse("register"), posted(province, login="+84 912.345.678"))
    assert User.objects.get().username == "0912345678"
    assert client.login(username="0912345678", password="che-tan-cuong-2026")
    client.logout()
    answer = client.post(reverse("login"), {"username": "0912 345 678", "password": "che-tan-cuong-2026"})
    assert answer.status_code == 302


def asked(client, province, **more):
    """Status, target, body of the answer, and how many statements it cost."""
    with CaptureQueriesContext(connection) as queries:
        answer = client.post(reverse("register"), posted(province, **more))
    page = client.get(answer["Location"])
    return (answer.status_code, answer["Location"], page.status_code), len(queries)


def test_the_answer_is_the_same_whether_the_tax_code_is_known_or_not(client, province):
    factories.FacilityFactory(territory=province, tax_code=TAX_CODE)
    known = asked(client, province, login="a@example.vn")
    unknown = asked(client, province, login="b@example.vn", tax_code="4600123459")
    assert known[0][:2] == unknown[0][:2]
    assert known[1] == unknown[1]


def test_the_answer_is_the_same_whether_the_login_is_known_or_not(client, province):
    factories.UserFactory(username="coso@example.vn", email="coso@example.vn")
    new, new_cost = asked(client, province, login="moi@example.vn")
    known, known_cost = asked(client, province)
    assert new[:2] == known[:2]
    assert abs(new_cost - known_cost) <= 6


def test_a_login_that_exists_keeps_its_password_and_its_owner_is_told(client, province):
    owner = factories.UserFactory(username="coso@example.vn", email="coso@example.vn")
    client.post(reverse("register"), posted(province))
    owner.refresh_from_db()
    assert owner.check_password(factories.PASSWORD)
    assert not Representative.objects.exists()
    assert User.objects.count() == 1
    assert Notice.objects.get(kind="login_registered_again").user == owner


def test_the_password_is_hashed_once_whether_the_login_is_known_or_not(client, province, monkeypatch):
    hashed = []
    monkeypatch.setattr(registration, "make_password", lambda text: hashed.append(text) or "!")
    factories.UserFactory(username="coso@example.vn")
    client.post(reverse("register"), posted(province))
    client.post(reverse("register"), posted(province, login="moi@example.vn"))
    assert len(hashed) == 2


def test_what_programs_fill_in_is_thanked_and_forgotten(client, province):
    response = client.post(reverse("register"), posted(province, website="http://x.example"))
    assert response["Location"] == reverse("registered")
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("tax_code", "0100109107"),
        ("tax_code", "123"),
        ("login", "không phải số"),
        ("password", "1234567890"),
        ("password", "ngan"),
        ("phone", "12"),
        ("consent", ""),
        ("name", "..."),
        ("kind", "unknown"),
    ],
)
def test_a_wrong_field_is_said_at_the_field_and_nothing_is_written(client, province, field, value):
    response = client.post(reverse("register"), posted(province, **{field: value}))
    assert response.status_code == 400
    assert list(response.context["form"].errors) == [field]
    assert not User.objects.exists()


def test_too_many_tries_from_one_network_are_refused_in_words(client, province):
    for _try in range(limits.PER_NETWORK):
        client.post(reverse("register"), posted(province, website="x"))
    response = client.post(reverse("register"), posted(province))
    assert response.status_code == 429
    assert "Hãy thử lại sau một giờ" in response.content.decode()
    assert not User.objects.exists()


def test_too_many_tries_with_one_tax_code_are_refused_whether_it_is_known_or_not(client, province):
    for number in range(limits.PER_TAX_CODE):
        client.post(reverse("register"), posted(province, login=f"a{number}@example.vn"))
    response = client.post(reverse("register"), posted(province, login="cuoi@example.vn"))
    assert response.status_code == 429
    assert User.objects.count() == limits.PER_TAX_CODE


def test_who_is_logged_in_registers_on_the_own_page(client, province):
    client.force_login(factories.UserFactory())
    assert client.get(reverse("register"))["Location"] == reverse("my_facility")


def test_communes_of_a_province_are_offered(client, province, other_province):
    factories.CommuneFactory(territory=province, name="Tân Cương")
    factories.CommuneFactory(territory=other_province, name="Phục Hòa")
    body = client.get(reverse("register_communes"), {"tinh": province.pk}).content.decode()
    assert "Xã Tân Cương" in body
    assert "Phục Hòa" not in body
    assert client.get(reverse("register_communes"), {"tinh": "x"}).status_code == 200


# --- while it waits -----------------------------------------------------------------------------------------


@pytest.fixture
def waiting(province):
    return registration.claim_facility(user=factories.UserFactory(), claim=claim(province), now=NOW)


def test_before_the_province_confirms_there_is_only_the_claim(client, waiting):
    factories.FacilityFactory(territory=waiting.territory, name=waiting.claimed_name)
    client.force_login(waiting.user)
    body = client.get(reverse("my_facility")).content.decode()
    assert "Sở đang xác nhận" in body
    assert "Sản phẩm của cơ sở" not in body


def test_a_waiting_claim_is_corrected_and_withdrawn_by_its_owner(client, province, waiting):
    client.force_login(waiting.user)
    url = reverse("claim_edit", args=[waiting.uuid])
    assert client.get(url).status_code == 200
    client.post(url, posted(province, name="Hợp tác xã chè Tân Cương Xanh"))
    waiting.refresh_from_db()
    assert waiting.claimed_name == "Hợp tác xã chè Tân Cương Xanh"
    client.post(reverse("claim_withdraw", args=[waiting.uuid]))
    waiting.refresh_from_db()
    assert waiting.state == RepresentativeState.ENDED


def test_a_claim_of_another_does_not_exist(client, waiting):
    client.force_login(factories.UserFactory())
    assert client.get(reverse("claim_edit", args=[waiting.uuid])).status_code == 404
    assert client.post(reverse("claim_withdraw", args=[waiting.uuid])).status_code == 404


def test_one_claim_waits_at_a_time(province, waiting):
    with pytest.raises(Refusal) as caught:
        registration.claim_facility(user=waiting.user, claim=claim(province), now=NOW)
    assert caught.value.code == "claim_pending"


def test_a_decided_claim_is_not_corrected(province, officer, waiting):
    registration.refuse(representative=waiting, reason="Không phải người của cơ sở", actor=officer, now=NOW)
    with pytest.raises(Refusal) as caught:
        registration.correct_claim(representative=waiting, claim=claim(province), actor=waiting.user)
    assert caught.value.code == "claim_decided"


# --- the province's word ------------------------------------------------------------------------------------


def test_matches_come_by_tax_code_first_then_by_name_without_marks(province, other_province, waiting):
    waiting.claimed_tax_code = TAX_CODE
    by_name = factories.FacilityFactory(territory=province, name="HTX Chè Tân Cương")
    by_code = factories.FacilityFactory(territory=province, name="Tên khác hẳn", tax_code=TAX_CODE)
    factories.FacilityFactory(territory=other_province, name="Hợp tác xã chè Tân Cương")
    found = representing.matches(waiting)
    assert [match.facility for match in found] == [by_code, by_name]
    assert [fact.label for fact in found[0].facts if fact.differs] == ["Tên cơ sở"]


def test_a_tax_code_of_another_province_is_named_without_a_match(province, other_province, waiting):
    waiting.claimed_tax_code = TAX_CODE
    there = factories.FacilityFactory(territory=other_province, tax_code=TAX_CODE)
    assert representing.matches(waiting) == ()
    assert representing.elsewhere(waiting) == there


def test_approval_opens_the_facility_and_tells_the_person(officer, province, waiting):
    facility = factories.FacilityFactory(territory=province)
    registration.approve(representative=waiting, facility=facility, actor=officer, now=NOW)
    assert list(representing.represented(waiting.user)) == [facility]
    assert Notice.objects.get(kind="representative_approved").user == waiting.user


def test_a_facility_that_is_new_is_entered_as_claimed(officer, province, waiting):
    done = registration.approve_new(representative=waiting, actor=officer, now=NOW)
    facility = Facility.objects.get()
    assert (done.facility, facility.name, facility.kind) == (facility, waiting.claimed_name, waiting.claimed_kind)


def test_only_an_officer_of_the_province_decides(province, other_province, waiting):
    facility = factories.FacilityFactory(territory=province)
    for actor in (factories.staff(Role.OFFICER, other_province), factories.staff(Role.LEADER, province), waiting.user):
        with pytest.raises(Refusal) as caught:
            registration.approve(representative=waiting, facility=facility, actor=actor, now=NOW)
        assert caught.value.code == "not_your_province"


def test_a_facility_of_another_province_is_never_given(officer, other_province, waiting):
    facility = factories.FacilityFactory(territory=other_province)
    with pytest.raises(Refusal) as caught:
        registration.approve(representative=waiting, facility=facility, actor=officer, now=NOW)
    assert caught.value.code == "facility_elsewhere"


def test_doors_close_at_once_when_a_representation_ends(client, officer, province, waiting):
    facility = factories.FacilityFactory(territory=province)
    approved = registration.approve(representative=waiting, facility=facility, actor=officer, now=NOW)
    client.force_login(waiting.user)
    edit = reverse("facility_edit_own", args=[facility.uuid])
    assert client.get(edit).status_code == 200
    registration.end(representative=approved, reason="Đã nghỉ việc", actor=officer, now=NOW)
    assert client.get(edit).status_code == 404
    with pytest.raises(Refusal):
        registration.update_own_facility(facility=facility, actor=waiting.user, address_today="Mới", introduction="")


def test_an_end_and_a_refusal_need_a_reason(officer, waiting):
    with pytest.raises(Refusal) as caught:
        registration.refuse(representative=waiting, reason=" ", actor=officer, now=NOW)
    assert caught.value.field == "reason"


def test_the_representative_corrects_address_and_introduction_only(client, officer, province, waiting):
    facility = factories.FacilityFactory(territory=province, name="Tên đúng")
    registration.approve(representative=waiting, facility=facility, actor=officer, now=NOW)
    client.force_login(waiting.user)
    client.post(
        reverse("facility_edit_own", args=[facility.uuid]),
        {"address_today": "Xóm Hồng Thái, xã Tân Cương", "introduction": "Làm chè", "name": "Tên sai"},
    )
    facility.refresh_from_db()
    assert (facility.address_today, facility.introduction, facility.name) == (
        "Xóm Hồng Thái, xã Tân Cương",
        "Làm chè",
        "Tên đúng",
    )
    assert AuditEntry.objects.filter(action="facility.update", actor=waiting.user).exists()


# --- the desk's page ----------------------------------------------------------------------------------------


def page_of(row):
    return reverse("admin:facilities_representative_change", args=[row.pk])


def test_the_desk_lists_waiting_ones_first(client, officer, province, waiting):
    factories.RepresentativeFactory(
        facility=factories.FacilityFactory(territory=province), applied_at=NOW + dt.timedelta(days=1)
    )
    client.force_login(officer)
    rows = client.get(reverse("admin:facilities_representative_changelist")).context["cl"].result_list
    assert [row.state for row in rows] == [RepresentativeState.PENDING, RepresentativeState.APPROVED]


def test_the_desk_shows_the_claim_beside_its_match_and_approves_it(client, officer, province, waiting):
    facility = factories.FacilityFactory(territory=province, name="HTX chè Tân Cương")
    client.force_login(officer)
    assert "HTX chè Tân Cương" in client.get(page_of(waiting)).content.decode()
    client.post(page_of(waiting), {"act": "approve", "facility": facility.pk})
    waiting.refresh_from_db()
    assert (waiting.state, waiting.facility) == (RepresentativeState.APPROVED, facility)


def test_the_desk_refuses_with_a_reason_or_says_that_one_is_missing(client, officer, waiting):
    client.force_login(officer)
    assert client.post(page_of(waiting), {"act": "refuse", "reason": ""}).status_code == 400
    assert client.post(page_of(waiting), {"act": "refuse", "reason": "Không rõ là ai"}).status_code == 302
    assert client.post(page_of(waiting), {"act": "refuse", "reason": "Lần nữa"}).status_code == 409


def test_officers_of_other_provinces_do_not_find_the_claim(client, other_province, waiting):
    client.force_login(factories.staff(Role.OFFICER, other_province))
    assert client.get(page_of(waiting)).status_code == 404
    assert client.post(page_of(waiting), {"act": "approve_new"}).status_code == 404


def test_the_desk_page_costs_the_same_for_one_match_and_for_many(client, officer, province, waiting):
    client.force_login(officer)
    factories.FacilityFactory(territory=province, name="HTX chè Tân Cương 1")
    client.get(page_of(waiting))
    costs = []
    for total in (1, 3, 7):
        while Facility.objects.count() < total:
            factories.FacilityFactory(territory=province, name=f"HTX chè Tân Cương {Facility.objects.count() + 1}")
        with CaptureQueriesContext(connection) as queries:
            client.get(page_of(waiting))
        costs.append(len(queries))
    assert len(set(costs)) == 1


def test_nobody_confirms_the_own_claim(province):
    officer = factories.staff(Role.OFFICER, province)
    row = registration.claim_facility(user=officer, claim=claim(province), now=NOW)
    facility = factories.FacilityFactory(territory=province)
    for act, facts in ((registration.approve, {"facility": facility}), (registration.approve_new, {})):
        with pytest.raises(Refusal) as caught:
            act(representative=row, actor=officer, now=NOW, **facts)
        assert caught.value.code == "own_claim"
    assert Facility.objects.count() == 1
    assert not representing.represented(officer).exists()
