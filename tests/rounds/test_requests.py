"""Asking for what is missing: to whom, until when, and what happens at the deadline to the second."""

import datetime as dt

import pytest

from facilities.enums import ContactKind, RepresentativeState
from facilities.models import Contact
from portal.accounts.enums import Role
from portal.notices.models import Notice
from portal.text.errors import Refusal
from rounds.enums import Addressee, DossierState, Origin
from rounds.models import Dossier, SupplementRequest
from rounds.services import dossiers, requests
from tests import factories

from . import helpers
from .helpers import AFTER, CLOSES, NOON

pytestmark = pytest.mark.django_db
D, A = DossierState, Addressee
SECOND = dt.timedelta(seconds=1)
LATER = CLOSES + dt.timedelta(days=3)


@pytest.fixture
def receiving(province, officer):
    return helpers.receiving_round(province, officer)


@pytest.fixture
def dossier(receiving, officer):
    return helpers.submitted(receiving, officer)


def ask(dossier, officer, **changes):
    facts = {"until": CLOSES, "now": NOON, "words": {A.FACILITY: "Gửi lại ảnh."}, **changes}
    return requests.request_supplement(dossier=dossier, actor=officer, **facts)


def open_requests(dossier):
    return {row.addressee: row for row in SupplementRequest.objects.filter(dossier=dossier, closed_at=None)}


def test_one_request_goes_to_each_who_owes_something(dossier, officer):
    found = ask(dossier, officer, words=None)
    asked = open_requests(dossier)
    assert (found.state, set(asked)) == (D.NEEDS_SUPPLEMENT, {A.FACILITY, A.LOWER_AUTHORITY})
    assert len(asked[A.FACILITY].words.splitlines()) == 6
    assert asked[A.FACILITY].words.startswith("Phiếu đăng ký (Phụ lục 1), Điều 12 khoản 1 điểm a")
    assert asked[A.LOWER_AUTHORITY].words.startswith("Công văn gửi hồ sơ")
    assert {row.until for row in asked.values()} == {CLOSES}
    assert "Cơ sở:\nPhiếu đăng ký" in found.supplement_request


def test_the_commune_is_asked_for_the_authorisation(dossier, officer):
    Dossier.objects.filter(pk=dossier.pk).update(origin=Origin.COMMUNE)
    ask(dossier, officer, words=None)
    assert "Giấy ủy quyền nộp thay" in open_requests(dossier)[A.COMMUNE].words


def test_a_complete_dossier_has_nothing_to_be_asked_for(dossier, officer):
    helpers.hand_in_papers(dossier, officer)
    with pytest.raises(Refusal) as refused:
        ask(dossier, officer, words=None)
    assert refused.value.code == "nothing_to_request"
    assert ask(dossier, officer).supplement_request == "Gửi lại ảnh."


def test_asked_for_something_else_on_the_same_day_the_facility_is_told_again(dossier, officer):
    factories.ContactFactory(facility=dossier.product.facility, value="coso@example.vn")
    for words in ("Gửi lại ảnh.", "Gửi lại ảnh.", "Gửi lại ảnh và phiếu đăng ký."):
        ask(dossier, officer, words={A.FACILITY: words})
    told = Notice.objects.filter(recipient="coso@example.vn").order_by("pk").values_list("body", flat=True)
    assert [body.splitlines()[-1] for body in told] == ["Gửi lại ảnh.", "Gửi lại ảnh và phiếu đăng ký."]
    assert open_requests(dossier)[A.FACILITY].words == "Gửi lại ảnh và phiếu đăng ký."


def test_asked_again_the_open_request_is_renewed_and_who_owes_nothing_is_released(dossier, officer):
    ask(dossier, officer, words=None)
    ask(dossier, officer, until=LATER)
    rows = SupplementRequest.objects.filter(dossier=dossier)
    assert [(row.addressee, row.words, row.until) for row in rows if row.closed_at is None] == [
        (A.FACILITY, "Gửi lại ảnh.", LATER)
    ]
    assert rows.count() == 3


@pytest.mark.parametrize("offset,taken", [(-SECOND, True), (dt.timedelta(0), False), (SECOND, False)])
def test_a_supplement_is_due_to_the_second(offset, taken, dossier, officer):
    ask(dossier, officer)
    if taken:
        done = dossiers.resubmit(dossier=dossier, actor=officer, now=CLOSES + offset)
        assert (done.state, done.supplement_until, open_requests(dossier)) == (D.SUBMITTED, None, {})
        return
    with pytest.raises(Refusal) as refused:
        dossiers.resubmit(dossier=dossier, actor=officer, now=CLOSES + offset)
    assert refused.value.code == "supplement_late"


@pytest.mark.parametrize("offset,late", [(-SECOND, False), (dt.timedelta(0), True), (SECOND, True)])
def test_letting_in_late_begins_at_the_deadline_to_the_second(offset, late, dossier, officer, leader):
    ask(dossier, officer)
    act = {"dossier": dossier, "reason": "Mưa lũ.", "actor": leader, "now": CLOSES + offset}
    if late:
        assert requests.accept_late(**act).late_reason == "Mưa lũ."
        return
    with pytest.raises(Refusal) as refused:
        requests.accept_late(**act)
    assert refused.value.code == "supplement_not_late"


@pytest.mark.parametrize("offset,renewed", [(-SECOND, True), (dt.timedelta(0), False), (SECOND, False)])
def test_a_deadline_is_renewed_only_before_it_is_over(offset, renewed, dossier, officer):
    ask(dossier, officer)
    if renewed:
        assert ask(dossier, officer, until=LATER, now=CLOSES + offset).supplement_until == LATER
        return
    with pytest.raises(Refusal) as refused:
        ask(dossier, officer, until=LATER, now=CLOSES + offset)
    assert refused.value.code == "supplement_late"


def test_after_the_deadline_a_leaders_reason_lets_the_supplement_in(dossier, officer, leader):
    ask(dossier, officer)
    with pytest.raises(Refusal, match="Chỉ lãnh đạo"):
        requests.accept_late(dossier=dossier, reason="Mưa lũ.", actor=officer, now=AFTER)
    with pytest.raises(Refusal) as refused:
        requests.accept_late(dossier=dossier, reason=" ", actor=leader, now=AFTER)
    assert refused.value.code == "reason_missing"
    requests.accept_late(dossier=dossier, reason="Mưa lũ.", actor=leader, now=AFTER)
    done = dossiers.resubmit(dossier=dossier, actor=officer, now=AFTER)
    assert (done.state, done.late_reason, done.late_allowed_by) == (D.SUBMITTED, "Mưa lũ.", leader)


def test_a_new_deadline_after_that_holds_again(dossier, officer, leader):
    ask(dossier, officer)
    requests.accept_late(dossier=dossier, reason="Mưa lũ.", actor=leader, now=AFTER)
    ask(dossier, officer, until=LATER, now=AFTER)
    with pytest.raises(Refusal) as refused:
        dossiers.resubmit(dossier=dossier, actor=officer, now=LATER)
    assert refused.value.code == "supplement_late"


def test_taking_back_the_last_request_puts_the_dossier_back_into_checking(dossier, officer):
    ask(dossier, officer, words=None)
    first = requests.withdraw_request(
        dossier=dossier, addressee=A.LOWER_AUTHORITY, reason="Đã có.", actor=officer, now=NOON
    )
    assert (first.state, set(open_requests(dossier))) == (D.NEEDS_SUPPLEMENT, {A.FACILITY})
    with pytest.raises(Refusal) as refused:
        requests.withdraw_request(
            dossier=dossier, addressee=A.LOWER_AUTHORITY, reason="Đã có.", actor=officer, now=NOON
        )
    assert refused.value.code == "request_closed"
    last = requests.withdraw_request(dossier=dossier, reason="Gửi nhầm.", actor=officer, now=NOON)
    assert (last.state, last.supplement_until, open_requests(dossier)) == (D.SUBMITTED, None, {})


def test_a_late_supplement_does_not_come_in_by_taking_the_request_back(dossier, officer):
    ask(dossier, officer)
    with pytest.raises(Refusal) as refused:
        requests.withdraw_request(dossier=dossier, reason="Thôi.", actor=officer, now=AFTER)
    assert refused.value.code == "supplement_late"


def test_a_refusal_closes_what_is_still_asked_for(dossier, officer):
    ask(dossier, officer)
    done = dossiers.reject(dossier=dossier, reason="Không bổ sung.", actor=officer, now=AFTER)
    assert (done.supplement_until, open_requests(dossier)) == (None, {})


def test_the_facility_hears_at_agreed_addresses_and_by_its_approved_representatives(dossier, officer):
    facility = dossier.product.facility
    for value, agrees in (("co@example.vn", True), ("khong@example.vn", False)):
        Contact.objects.create(
            facility=facility, kind=ContactKind.EMAIL, value=value, may_notify=agrees, consent_on=NOON.date()
        )
    approved = factories.RepresentativeFactory(facility=facility, territory=facility.territory)
    waiting = factories.RepresentativeFactory(facility=facility, state=RepresentativeState.PENDING, decided_at=None)
    ask(dossier, officer)
    notices = Notice.objects.filter(kind="supplement_requested")
    assert set(notices.exclude(user=None).values_list("user", flat=True)) == {approved.user_id}
    assert "co@example.vn" in set(notices.values_list("recipient", flat=True))
    assert not notices.filter(recipient="khong@example.vn").exists()
    assert not notices.filter(user=waiting.user).exists()
    assert "Gửi lại ảnh." in notices.first().body


def test_the_commune_hears_of_what_it_owes(dossier, officer):
    facility = dossier.product.facility
    facility.commune = factories.CommuneFactory(territory=facility.territory)
    facility.save()
    clerk = factories.UserFactory()
    factories.GrantFactory(
        user=clerk, role=Role.COMMUNE_OFFICER, territory=facility.territory, commune=facility.commune
    )
    ask(dossier, officer, words={A.COMMUNE: "Gửi giấy ủy quyền."})
    assert list(Notice.objects.filter(kind="supplement_requested").values_list("user", flat=True)) == [clerk.pk]


def test_a_conclusion_is_told_to_the_facility(dossier, officer):
    facility = dossier.product.facility
    Contact.objects.create(
        facility=facility, kind=ContactKind.EMAIL, value="co@example.vn", may_notify=True, consent_on=NOON.date()
    )
    dossiers.reject(dossier=dossier, reason="Hàng gia công.", actor=officer, now=NOON)
    letter = Notice.objects.get(kind="dossier_concluded")
    assert letter.title == f"Hồ sơ {dossier.entry_code} không đủ điều kiện bình chọn"
    assert letter.body.endswith("Lý do: Hàng gia công.")
