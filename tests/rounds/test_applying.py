"""The applicant's own acts: started, filled, handed in, supplemented, taken back."""

import datetime as dt
import io

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from PIL import Image

from portal.accounts.enums import Role
from portal.files.services import store
from portal.notices.models import Notice
from portal.text.errors import Refusal
from products.enums import ProductGroup
from products.models import Product
from rounds import applicant_needs
from rounds.enums import Addressee, DocumentKind, DocumentState, DossierState, Origin, RoundState
from rounds.services import applying, requests
from tests import factories

K = DocumentKind
UNTIL = dt.datetime(2026, 12, 12, 10, 0, tzinfo=dt.UTC)
NOW = UNTIL - dt.timedelta(days=10)
SECOND = dt.timedelta(seconds=1)
PHOTOS = (K.PHOTO_FRONT, K.PHOTO_SIDE, K.PHOTO_TOP)


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def round_(province):
    return factories.RoundFactory(
        territory=province,
        state=RoundState.RECEIVING,
        receiving_from=UNTIL - dt.timedelta(days=30),
        receiving_until=UNTIL,
    )


@pytest.fixture
def facility(province):
    return factories.FacilityFactory(
        territory=province, commune=factories.CommuneFactory(territory=province), name="Hợp tác xã chè mẫu"
    )


@pytest.fixture
def producer(facility):
    return factories.RepresentativeFactory(facility=facility).user


@pytest.fixture
def draft(round_, facility, producer):
    return applying.start(round_=round_, facility=facility, actor=producer, now=NOW, new=facts())


def facts(name="Chè tôm nõn", **more):
    return applying.ProductFacts(name=name, group=ProductGroup.PROCESSING, **more)


def picture(colour=(120, 140, 90), size=(1800, 1200)):
    content = io.BytesIO()
    Image.new("RGB", size, colour).save(content, "JPEG")
    return store(ContentFile(content.getvalue(), name="anh.jpg"), allow={"image"})


def pdf(text="1"):
    return store(ContentFile(f"%PDF-1.4\n{text}\n%%EOF\n".encode(), name="a.pdf"), allow={"pdf"})


def filled(dossier, producer):
    """Everything an applicant owes, filled in."""
    applying.save_statement(
        dossier=dossier,
        actor=producer,
        statement_market="Bán ở ba tỉnh.",
        statement_technology="Sao bằng máy.",
        statement_culture="Nghề của làng.",
    )
    for number, kind in enumerate(PHOTOS):
        applying.attach(dossier=dossier, kind=kind, file=picture((number * 40, 90, 90)), actor=producer)
    applying.attach(dossier=dossier, kind=K.BUSINESS_REGISTRATION, file=pdf(), actor=producer)
    dossier.refresh_from_db()
    return dossier


def refused(act, *args, **facts_):
    with pytest.raises(Refusal) as caught:
        act(*args, **facts_)
    return caught.value


# --- starting -----------------------------------------------------------------------------------------------


def test_a_representative_starts_a_dossier_with_a_new_product(draft, producer, facility):
    assert (draft.state, draft.origin, draft.filed_by) == (DossierState.DRAFT, Origin.ONLINE, producer)
    assert (draft.product.facility, draft.product.name) == (facility, "Chè tôm nõn")
    assert draft.first_time is True


def test_a_set_keeps_its_members_and_why_it_is_a_set(round_, facility, producer):
    new = facts("Bộ trà", is_set=True, members=("Trà xuân", "Trà hạ", "Trà xuân"), set_basis="designs")
    dossier = applying.start(round_=round_, facility=facility, actor=producer, now=NOW, new=new)
    assert [member.name for member in dossier.product.members.all()] == ["Trà xuân", "Trà hạ"]
    assert dossier.set_basis == "designs"


def test_only_who_speaks_for_the_facility_starts(round_, facility, province):
    stranger = factories.RepresentativeFactory(facility=factories.FacilityFactory(territory=province)).user
    for actor in (stranger, factories.UserFactory(), factories.staff(Role.OFFICER, province)):
        assert (
            refused(applying.start, round_=round_, facility=facility, actor=actor, now=NOW, new=facts()).code
            == "not_allowed"
        )
    assert not Product.objects.exists()


def test_an_ended_representative_fills_nothing(draft, producer):
    producer.representatives.update(state="ended", reason="Thôi")
    assert refused(applying.save_statement, dossier=draft, actor=producer, statement_other="x").code == "not_allowed"


def test_a_commune_files_with_the_authorisation_only(round_, facility, province):
    officer = factories.staff(Role.COMMUNE_OFFICER, province, commune=facility.commune)
    given = {"round_": round_, "facility": facility, "actor": officer, "now": NOW, "new": facts()}
    assert refused(applying.start, **given).code == "authorisation_missing"
    dossier = applying.start(**given, authorisation=pdf("uy quyen"))
    assert dossier.origin == Origin.COMMUNE
    assert [document.kind for document in dossier.documents.all()] == [K.AUTHORISATION]
    applying.save_statement(dossier=dossier, actor=officer, statement_other="Xã viết")


def test_a_product_of_another_facility_is_refused(round_, facility, producer):
    other = factories.ProductFactory(territory=facility.territory)
    assert (
        refused(applying.start, round_=round_, facility=facility, actor=producer, now=NOW, product=other).code
        == "product_elsewhere"
    )


@pytest.mark.parametrize(("moment", "opens"), [(UNTIL - SECOND, True), (UNTIL, False), (UNTIL + SECOND, False)])
def test_starting_ends_at_the_deadline_to_the_second(round_, facility, producer, moment, opens):
    given = {"round_": round_, "facility": facility, "actor": producer, "now": moment, "new": facts()}
    if opens:
        assert applying.start(**given).pk
    else:
        assert refused(applying.start, **given).code == "round_not_receiving"


# --- filling ------------------------------------------------------------------------------------------------


def test_a_part_of_the_statement_is_kept_and_counted(draft, producer):
    kept = applying.save_statement(
        dossier=draft, actor=producer, revision=draft.revision, statement_market=" Bán ở chợ.\r\nVà trên mạng. "
    )
    assert kept.statement_market == "Bán ở chợ.\nVà trên mạng."
    assert kept.revision == draft.revision + 1
    again = applying.save_statement(dossier=draft, actor=producer, statement_market="Bán ở chợ.\nVà trên mạng.")
    assert again.revision == kept.revision


def test_two_phones_do_not_overwrite_each_other(draft, producer):
    seen = draft.revision
    applying.save_statement(dossier=draft, actor=producer, revision=seen, statement_market="Máy thứ nhất")
    refusal = refused(
        applying.save_statement, dossier=draft, actor=producer, revision=seen, statement_market="Máy thứ hai"
    )
    assert refusal.code == "moved_on"
    assert str(producer) in str(refusal)
    draft.refresh_from_db()
    assert draft.statement_market == "Máy thứ nhất"


def test_a_new_photo_takes_the_place_of_the_earlier_one(draft, producer):
    applying.attach(dossier=draft, kind=K.PHOTO_TOP, file=picture(), actor=producer)
    newer = picture((1, 2, 3))
    applying.attach(dossier=draft, kind=K.PHOTO_TOP, file=newer, actor=producer)
    assert [document.file for document in draft.documents.all()] == [newer]


def test_a_small_photo_is_taken_in(draft, producer):
    document = applying.attach(dossier=draft, kind=K.PHOTO_TOP, file=picture(size=(600, 400)), actor=producer)
    assert document.state == DocumentState.RECEIVED


def test_extra_papers_stand_beside_each_other(draft, producer):
    for text in ("1", "2"):
        applying.attach(dossier=draft, kind=K.AWARD, file=pdf(text), actor=producer)
    assert draft.documents.filter(kind=K.AWARD).count() == 2


def test_a_paper_brought_by_hand_waits_to_be_confirmed(draft, producer):
    document = applying.announce_on_paper(dossier=draft, kind=K.BUSINESS_REGISTRATION, actor=producer)
    assert (document.on_paper, document.state) == (True, DocumentState.NEEDS_FIX)
    waiting = [need for need in applying.needs_of(draft, on=NOW.date()) if need.step == applicant_needs.PAPERS]
    assert [need.blocks for need in waiting if "giấy" in need.sentence][:1] == [False]


def test_a_photo_is_never_announced_on_paper(draft, producer):
    assert (
        refused(applying.announce_on_paper, dossier=draft, kind=K.PHOTO_TOP, actor=producer).code
        == "paper_not_possible"
    )


def test_a_product_known_elsewhere_is_not_corrected(draft, producer):
    factories.RecognitionFactory(product=draft.product)
    assert (
        refused(applying.change_product, dossier=draft, facts=facts("Tên khác"), actor=producer).code == "product_known"
    )


def test_a_product_of_this_dossier_alone_is_corrected(draft, producer):
    applying.change_product(dossier=draft, facts=facts("Chè đinh", materials="Búp chè"), actor=producer)
    product = Product.objects.get()
    assert (product.name, product.materials) == ("Chè đinh", "Búp chè")


def test_another_product_may_be_chosen_before_handing_in(draft, producer, facility):
    other = factories.ProductFactory(facility=facility)
    assert applying.choose_product(dossier=draft, product=other, actor=producer).product == other


# --- what is missing ----------------------------------------------------------------------------------------


def test_what_is_missing_is_said_in_the_order_of_the_steps(draft):
    found = applying.needs_of(draft, on=NOW.date())
    assert [need.step for need in found if need.blocks] == ["thuyet-minh"] * 3 + ["anh"] * 3 + ["giay-to"]


def test_what_another_office_owes_waits_for_nobody_here(draft, producer):
    filled(draft, producer)
    assert [need.blocks for need in applying.needs_of(draft, on=NOW.date())] == [False]


def test_nothing_is_handed_in_while_something_is_missing(draft, producer):
    refusal = refused(applying.submit, dossier=draft, declared=True, actor=producer, now=NOW)
    assert refusal.code == "dossier_incomplete"
    assert len(refusal.details) == 7


# --- handing in ---------------------------------------------------------------------------------------------


def test_handing_in_gives_a_number_a_version_and_a_receipt(draft, producer):
    done = applying.submit(dossier=filled(draft, producer), declared=True, actor=producer, now=NOW)
    done.refresh_from_db()
    assert (done.state, done.entry_code, done.version, done.filed_by) == (DossierState.SUBMITTED, "001", 1, producer)
    assert len(done.receipt_code) == 8
    assert done.submitted_at == NOW
    assert Notice.objects.get(kind="dossier_received").user == producer


def test_the_portal_writes_both_forms_unless_a_signed_copy_was_sent(draft, producer):
    signed = applying.attach(dossier=draft, kind=K.STATEMENT, file=pdf("ky ten"), actor=producer)
    done = applying.submit(dossier=filled(draft, producer), declared=True, actor=producer, now=NOW)
    form = done.documents.get(kind=K.REGISTRATION_FORM)
    assert form.title.startswith(applying.MADE_HERE)
    assert form.file.content_type == "application/pdf"
    assert done.documents.get(kind=K.STATEMENT) == signed


def test_handing_in_needs_the_declaration(draft, producer):
    refusal = refused(applying.submit, dossier=filled(draft, producer), declared=False, actor=producer, now=NOW)
    assert (refusal.code, refusal.field) == ("not_declared", "declared")


@pytest.mark.parametrize(("moment", "opens"), [(UNTIL - SECOND, True), (UNTIL, False), (UNTIL + SECOND, False)])
def test_handing_in_ends_at_the_deadline_to_the_second(draft, producer, moment, opens):
    given = {"dossier": filled(draft, producer), "declared": True, "actor": producer, "now": moment}
    if opens:
        assert applying.submit(**given).state == DossierState.SUBMITTED
    else:
        assert refused(applying.submit, **given).code == "round_not_receiving"


def test_what_was_handed_in_is_not_filled_any_more(draft, producer):
    done = applying.submit(dossier=filled(draft, producer), declared=True, actor=producer, now=NOW)
    assert refused(applying.save_statement, dossier=done, actor=producer, statement_other="x").code == "not_allowed"
    assert refused(applying.attach, dossier=done, kind=K.AWARD, file=pdf("9"), actor=producer).code == "not_allowed"


# --- supplementing ------------------------------------------------------------------------------------------


@pytest.fixture
def asked(draft, producer, officer):
    done = applying.submit(dossier=filled(draft, producer), declared=True, actor=producer, now=NOW)
    return requests.request_supplement(
        dossier=done,
        until=UNTIL,
        actor=officer,
        now=NOW + SECOND,
        words={Addressee.FACILITY: "Viết rõ hơn về thị trường."},
    )


@pytest.mark.parametrize(("moment", "opens"), [(UNTIL - SECOND, True), (UNTIL, False), (UNTIL + SECOND, False)])
def test_a_supplement_comes_in_before_its_deadline_to_the_second(asked, producer, moment, opens):
    applying.save_statement(dossier=asked, actor=producer, statement_market="Bán ở ba tỉnh, 400 hộp một tháng.")
    given = {"dossier": asked, "declared": True, "actor": producer, "now": moment}
    if not opens:
        assert refused(applying.resubmit, **given).code == "supplement_late"
        return
    done = applying.resubmit(**given)
    done.refresh_from_db()
    assert (done.state, done.version) == (DossierState.SUBMITTED, 2)
    assert not done.requests.filter(closed_at=None).exists()


def test_the_statement_is_written_anew_with_the_supplement(asked, producer):
    before = asked.documents.get(kind=K.STATEMENT).file
    applying.save_statement(dossier=asked, actor=producer, statement_market="Bán ở năm tỉnh.")
    done = applying.resubmit(dossier=asked, declared=True, actor=producer, now=NOW + 2 * SECOND)
    assert done.documents.get(kind=K.STATEMENT).file != before


# --- taking back --------------------------------------------------------------------------------------------


def test_the_facility_takes_its_dossier_back_with_a_reason(asked, producer):
    assert refused(applying.withdraw, dossier=asked, reason=" ", actor=producer, now=NOW).field == "reason"
    done = applying.withdraw(dossier=asked, reason="Chưa kịp làm tem", actor=producer, now=NOW)
    assert (done.state, done.state_reason) == (DossierState.WITHDRAWN, "Chưa kịp làm tem")
    assert not done.requests.filter(closed_at=None).exists()


def test_once_scoring_began_only_the_office_takes_it_back(asked, producer):
    asked.round.__class__.objects.filter(pk=asked.round_id).update(state=RoundState.SCORING)
    assert refused(applying.withdraw, dossier=asked, reason="Muộn", actor=producer, now=NOW).code == "round_state"


def test_a_stranger_takes_nothing_back(asked, province):
    stranger = factories.RepresentativeFactory(facility=factories.FacilityFactory(territory=province)).user
    assert refused(applying.withdraw, dossier=asked, reason="x", actor=stranger, now=NOW).code == "not_allowed"


# --- what another office sends, and what is no longer there ---------------------------------------------------


def test_a_commune_hands_nothing_in_without_the_authorisation(round_, facility, province):
    officer = factories.staff(Role.COMMUNE_OFFICER, province, commune=facility.commune)
    given = {"round_": round_, "facility": facility, "actor": officer, "now": NOW, "new": facts()}
    dossier = filled(applying.start(**given, authorisation=pdf("uy quyen")), officer)
    applying.remove_paper(document=dossier.documents.get(kind=K.AUTHORISATION), actor=officer)
    found = refused(applying.submit, dossier=dossier, declared=True, actor=officer, now=NOW)
    assert (found.code, found.details) == ("dossier_incomplete", ("Chưa có giấy ủy quyền nộp thay.",))
    applying.attach(dossier=dossier, kind=K.AUTHORISATION, file=pdf("uy quyen 2"), actor=officer)
    applying.submit(dossier=dossier, declared=True, actor=officer, now=NOW)


@pytest.mark.parametrize("kind", [K.PROPOSAL_LETTER, K.COVER_LETTER, K.AUTHORISATION])
def test_a_producer_sends_no_paper_in_another_offices_name(draft, producer, kind):
    assert refused(applying.attach, dossier=draft, kind=kind, file=pdf(), actor=producer).code == "paper_of_another"
    assert not draft.documents.exists()


def test_what_another_office_sent_stays(draft, producer):
    letter = draft.documents.create(kind=K.COVER_LETTER, on_paper=True)
    assert refused(applying.remove_paper, document=letter, actor=producer).code == "paper_of_another"
    assert draft.documents.filter(pk=letter.pk).exists()


def test_further_papers_have_an_end(draft, producer, monkeypatch):
    monkeypatch.setattr(applying, "MOST_EXTRA", 2)
    for text in ("a", "b"):
        applying.attach(dossier=draft, kind=K.OTHER, file=pdf(text), actor=producer)
    found = refused(applying.attach, dossier=draft, kind=K.OTHER, file=pdf("c"), actor=producer)
    assert (found.code, draft.documents.count()) == ("too_many_papers", 2)
    applying.attach(dossier=draft, kind=K.AWARD, file=pdf("d"), actor=producer)


def test_nobody_files_for_a_facility_that_was_merged(round_, facility, province, client):
    officer = factories.staff(Role.COMMUNE_OFFICER, province, commune=facility.commune)
    facility.merged_into = factories.FacilityFactory(territory=province)
    facility.save()
    given = {"round_": round_, "facility": facility, "actor": officer, "now": NOW, "new": facts()}
    assert refused(applying.start, **given, authorisation=pdf("uy quyen")).code == "facility_merged"
    client.force_login(officer)
    assert client.get(reverse("applicant_start", args=[round_.slug, facility.uuid])).status_code == 404
    assert not Product.objects.exists()
