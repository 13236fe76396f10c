"""Entering again in one step: what is taken over, what is marked, what is refused in words."""

import datetime as dt

import pytest

from portal.accounts.enums import Role
from portal.audit.models import AuditEntry
from portal.text.errors import Refusal
from products.enums import Level, PhotoAngle, Stage
from products.models import ProductPhoto
from rounds import renewing
from rounds.enums import DocumentKind, DossierState, Origin, RoundState
from rounds.models import Dossier
from rounds.renewal_changes import How
from rounds.services import applying, dossiers
from rounds.services.renewing import start
from tests import factories

from .renewal_world import NOW, STATEMENT, earlier_dossier, ending, picture, receiving_round

pytestmark = pytest.mark.django_db
K = DocumentKind
D = DossierState
PHOTO_KINDS = (K.PHOTO_FRONT, K.PHOTO_SIDE, K.PHOTO_TOP)


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def facility(province):
    return factories.FacilityFactory(territory=province, address_today="Xóm 1, xã Tân Cương")


@pytest.fixture
def maker(facility):
    return factories.RepresentativeFactory(facility=facility).user


@pytest.fixture
def product(facility):
    return factories.ProductFactory(facility=facility, name="Chè tôm nõn", materials="búp chè")


@pytest.fixture
def recognition(product):
    return ending(product)


@pytest.fixture
def source(product, recognition):
    return earlier_dossier(product, recognition)


@pytest.fixture
def round_(province):
    return receiving_round(province)


def refused(recognition, round_, actor, **more):
    with pytest.raises(Refusal) as found:
        start(recognition=recognition, round_=round_, actor=actor, now=NOW, **more)
    return found.value


# --- what is taken over -----------------------------------------------------------------------------------------


def test_a_maker_gets_a_draft_with_what_was_written_photographed_and_still_holds(recognition, source, round_, maker):
    dossier = start(recognition=recognition, round_=round_, actor=maker, now=NOW)
    assert (dossier.state, dossier.origin, dossier.filed_by) == (D.DRAFT, Origin.ONLINE, maker)
    assert (dossier.renews, dossier.copied_from, dossier.first_time) == (recognition, source, False)
    assert {name: getattr(dossier, name) for name in STATEMENT} == STATEMENT
    taken = {document.kind: document for document in dossier.documents.select_related("file")}
    assert set(taken) == {*PHOTO_KINDS, K.BUSINESS_REGISTRATION}
    old = {document.kind: document for document in source.documents.all()}
    assert all(taken[kind].file_id == old[kind].file_id for kind in taken)
    assert all(taken[kind].reused_from_id == old[kind].pk for kind in taken)
    assert (
        "Lập hồ sơ đăng ký lại cho “Chè tôm nõn” từ hồ sơ trước"
        in AuditEntry.objects.get(action="dossier.renew").sentence
    )


def test_the_last_dossier_that_was_handed_in_is_the_one_copied(product, recognition, source, round_, maker):
    newer = earlier_dossier(product, submitted_at=NOW - dt.timedelta(days=100), statement_market="Bản mới hơn")
    earlier_dossier(product, submitted_at=NOW - dt.timedelta(days=50), state=D.WITHDRAWN, statement_market="Đã rút")
    dossier = start(recognition=recognition, round_=round_, actor=maker, now=NOW)
    assert (dossier.copied_from, dossier.statement_market) == (newer, "Bản mới hơn")


def test_what_was_typed_after_handing_in_is_not_copied(recognition, source, round_, maker):
    Dossier.objects.filter(pk=source.pk).update(statement_market="Sửa sau khi nộp, chưa khóa")
    dossier = start(recognition=recognition, round_=round_, actor=maker, now=NOW)
    assert dossier.statement_market == STATEMENT["statement_market"]


def test_without_a_dossier_in_the_portal_the_register_alone_is_used(product, recognition, round_, maker):
    ProductPhoto.objects.create(product=product, file=picture(200), angle=PhotoAngle.FRONT)
    ProductPhoto.objects.create(product=product, file=picture(201), angle=PhotoAngle.OTHER)
    dossier = start(recognition=recognition, round_=round_, actor=maker, now=NOW)
    assert (dossier.copied_from, dossier.statement_market) == (None, "")
    assert [document.kind for document in dossier.documents.all()] == [K.PHOTO_FRONT]
    assert renewing.comparison(dossier) is None
    assert renewing.changes(dossier) == []


def test_papers_that_ended_or_of_which_the_facts_changed_are_left_for_a_new_copy(
    facility, recognition, source, round_, maker
):
    source.documents.create(
        kind=K.STANDARD, title="ATTP", file=picture(1), valid_until=NOW.date() - dt.timedelta(days=1)
    )
    source.documents.create(kind=K.AWARD, title="Bằng khen", file=picture(2))
    facility.address_today = "Xóm 1, phường Tân Cương"
    facility.save()
    dossier = start(recognition=recognition, round_=round_, actor=maker, now=NOW)
    assert {document.kind for document in dossier.documents.all()} == set(PHOTO_KINDS)


def test_a_signed_statement_of_the_last_round_is_not_taken_for_the_new_one(recognition, source, round_, maker):
    source.documents.create(kind=K.STATEMENT, file=picture(5))
    dossier = start(recognition=recognition, round_=round_, actor=maker, now=NOW)
    assert not dossier.documents.filter(kind=K.STATEMENT).exists()


def test_an_officer_starts_one_from_paper(recognition, source, round_, officer):
    dossier = start(recognition=recognition, round_=round_, actor=officer, now=NOW, origin=Origin.PAPER)
    assert (dossier.origin, dossier.filed_by, dossier.renews) == (Origin.PAPER, None, recognition)
    assert dossier.documents.count() == 4


def test_a_renewed_dossier_is_handed_in_like_any_other(recognition, source, round_, maker):
    dossier = start(recognition=recognition, round_=round_, actor=maker, now=NOW)
    assert [need for need in applying.needs_of(dossier, on=NOW.date()) if need.blocks] == []
    done = applying.submit(dossier=dossier, declared=True, actor=maker, now=NOW)
    assert (done.state, done.version) == (D.SUBMITTED, 1)


# --- once ---------------------------------------------------------------------------------------------------------


def test_a_second_click_gives_the_same_dossier(recognition, source, round_, maker):
    first = start(recognition=recognition, round_=round_, actor=maker, now=NOW)
    second = start(recognition=recognition, round_=round_, actor=maker, now=NOW)
    assert first.pk == second.pk
    assert first.documents.count() == 4
    assert AuditEntry.objects.filter(action="dossier.renew").count() == 1


def test_the_constraint_gives_the_same_dossier_when_both_saw_none(recognition, source, round_, maker, monkeypatch):
    """Two clicks that both looked before either wrote."""
    from rounds.services import renewing as service

    first = start(recognition=recognition, round_=round_, actor=maker, now=NOW)
    asked = []

    def blind_once(row, locked):
        asked.append(1)
        return None if len(asked) == 1 else first

    monkeypatch.setattr(service, "_entered", blind_once)
    monkeypatch.setattr(dossiers, "refuse_unfit_entry", lambda **_facts: None)
    assert start(recognition=recognition, round_=round_, actor=maker, now=NOW).pk == first.pk
    assert Dossier.objects.filter(round=round_).count() == 1


def test_a_product_entered_otherwise_is_refused_by_its_number(product, recognition, round_, maker):
    factories.DossierFactory(round=round_, product=product, entry_code="012", state=D.SUBMITTED)
    refusal = refused(recognition, round_, maker)
    assert refusal.code == "already_entered"
    assert "số 012" in str(refusal.sentence)


# --- what is refused ----------------------------------------------------------------------------------------------


def test_only_the_maker_s_representative_and_the_receiving_office_may(recognition, round_, other_province, province):
    stranger = factories.RepresentativeFactory(facility=factories.FacilityFactory(territory=province)).user
    assert refused(recognition, round_, stranger).code == "not_allowed"
    elsewhere = factories.staff(Role.OFFICER, other_province)
    assert refused(recognition, round_, elsewhere, origin=Origin.PAPER).code == "not_allowed"
    assert refused(recognition, round_, elsewhere, origin=Origin.COMMUNE).code == "not_allowed"
    assert not Dossier.objects.exists()


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"revoked_on": NOW.date(), "status_reason": "Vi phạm"}, "recognition_ended"),
        ({"withdrawn_on": NOW.date(), "status_reason": "Thôi sản xuất"}, "recognition_ended"),
        ({"published_at": None}, "not_recognised"),
        ({"stage": Stage.PROPOSED, "published_at": None, "expires_on": None, "issued_on": None}, "not_recognised"),
    ],
)
def test_what_no_longer_or_not_yet_stands_is_not_renewed(product, round_, maker, facts, code):
    assert refused(ending(product, **facts), round_, maker).code == code


def test_a_merged_product_a_merged_maker_and_an_unknown_maker_are_refused(product, recognition, round_, officer):
    paper = {"origin": Origin.PAPER}
    product.facility.merged_into = factories.FacilityFactory(territory=product.territory)
    product.facility.save()
    assert refused(recognition, round_, officer, **paper).code == "facility_merged"
    product.merged_into = factories.ProductFactory(facility=product.facility.merged_into)
    product.save()
    assert refused(recognition, round_, officer, **paper).code == "product_merged"
    nobody = factories.ProductFactory(facility=None, territory=product.territory)
    assert refused(ending(nobody), round_, officer, **paper).code == "product_without_facility"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"state": RoundState.DRAFT}, "round_not_receiving"),
        ({"state": RoundState.SCREENING}, "round_not_receiving"),
        ({"receiving_until": NOW}, "round_not_receiving"),
        ({"level": Level.COMMUNE, "locality": "xã Tân Cương"}, "other_level"),
    ],
)
def test_a_round_that_does_not_take_it_says_so(province, recognition, maker, changes, code):
    refusal = refused(recognition, receiving_round(province, **changes), maker)
    assert refusal.code == code
    assert str(refusal.sentence).endswith((".", "lại."))


def test_another_province_s_and_another_commune_s_round_are_refused(product, recognition, other_province, maker):
    facility, province = product.facility, product.territory
    assert refused(recognition, receiving_round(other_province), maker).code == "product_outside"
    facility.commune = factories.CommuneFactory(territory=province, name="Tân Cương")
    facility.save()
    commune = ending(product, level=Level.COMMUNE, year=2025)
    there = receiving_round(province, level=Level.COMMUNE, locality="xã La Bằng")
    assert refused(commune, there, maker).code == "other_commune"
    here = receiving_round(province, level=Level.COMMUNE, locality="xã Tân Cương")
    assert start(recognition=commune, round_=here, actor=maker, now=NOW).round == here


def test_what_a_district_recognised_is_entered_in_the_commune_s_round(facility, product, province, maker):
    facility.commune = factories.CommuneFactory(territory=province, name="Tân Cương")
    facility.save()
    district = ending(product, level=Level.DISTRICT, year=2023)
    here = receiving_round(province, level=Level.COMMUNE, locality="xã Tân Cương")
    assert renewing.open_rounds(district, now=NOW) == [here]
    assert start(recognition=district, round_=here, actor=maker, now=NOW).renews == district


def test_a_region_takes_again_only_what_is_still_valid_below_on_the_closing_day(product, province):
    agency = factories.staff(Role.AGENCY_NATIONAL)
    regional = ending(product, level=Level.REGION, year=2024)
    below = ending(product, year=2024, expires_on=NOW.date() + dt.timedelta(days=19))
    there = receiving_round(None, level=Level.REGION, region=province.region, lower_round_held=True)
    paper = {"origin": Origin.PAPER}
    assert refused(regional, there, agency, **paper).code == "lower_not_valid"
    below.expires_on = NOW.date() + dt.timedelta(days=20)
    below.save()
    assert start(recognition=regional, round_=there, actor=agency, now=NOW, **paper).round == there


def test_a_maker_does_not_file_with_a_region(product, province, maker):
    regional = ending(product, level=Level.REGION, year=2024)
    there = receiving_round(None, level=Level.REGION, region=province.region)
    assert refused(regional, there, maker).code == "not_allowed"


# --- which round --------------------------------------------------------------------------------------------------


def test_open_rounds_of_the_place_and_level_come_by_deadline(province, other_province, recognition):
    later = receiving_round(province, receiving_until=NOW + dt.timedelta(days=90), ordinal=2)
    sooner = receiving_round(province, ordinal=3)
    receiving_round(other_province)
    receiving_round(province, level=Level.COMMUNE, locality="xã Tân Cương")
    receiving_round(province, state=RoundState.SCREENING, ordinal=4)
    assert renewing.open_rounds(recognition, now=NOW) == [sooner, later]


# --- what is marked -----------------------------------------------------------------------------------------------


def test_nothing_changed_is_said_as_a_reminder(recognition, source, round_, maker):
    dossier = start(recognition=recognition, round_=round_, actor=maker, now=NOW)
    found = renewing.comparison(dossier)
    assert found.changed == ()
    assert found.unchanged_parts == ("statement_market", "statement_technology", "statement_culture")
    assert {row.kind: row.how for row in found.papers} == dict.fromkeys(
        [K.BUSINESS_REGISTRATION, *PHOTO_KINDS], How.SAME
    )
    assert found.total == 0


def test_what_was_rewritten_replaced_added_and_left_out_is_named(product, recognition, source, round_, maker):
    dossier = start(recognition=recognition, round_=round_, actor=maker, now=NOW)
    applying.save_statement(dossier=dossier, actor=maker, statement_market="Năm 2025 bán 9.000 hộp ở ba tỉnh.")
    applying.attach(dossier=dossier, kind=K.PHOTO_FRONT, file=picture(222), actor=maker)
    applying.attach(dossier=dossier, kind=K.STANDARD, file=picture(223), actor=maker)
    dossier.documents.filter(kind=K.BUSINESS_REGISTRATION).delete()
    product.materials = "búp chè hữu cơ"
    product.save()
    found = renewing.comparison(Dossier.objects.get(pk=dossier.pk))
    assert [row.field for row in found.changed] == ["materials", "statement_market"]
    assert (found.by_field["materials"].before, found.by_field["materials"].now) == ("búp chè", "búp chè hữu cơ")
    marked = [(piece.how, piece.text.strip()) for piece in found.by_field["statement_market"].pieces]
    assert marked == [
        (How.SAME, "Năm"),
        (How.REMOVED, "2023"),
        (How.ADDED, "2025"),
        (How.SAME, "bán"),
        (How.REMOVED, "4.000"),
        (How.ADDED, "9.000"),
        (How.SAME, "hộp ở ba tỉnh."),
    ]
    papers = {row.kind: row.how for row in found.papers}
    assert papers == {
        K.PHOTO_FRONT: How.CHANGED,
        K.PHOTO_SIDE: How.SAME,
        K.PHOTO_TOP: How.SAME,
        K.STANDARD: How.ADDED,
        K.BUSINESS_REGISTRATION: How.REMOVED,
    }
    assert len(renewing.changes(Dossier.objects.get(pk=dossier.pk))) == found.total == 5


def test_the_newest_dossier_after_a_recognition_is_its_renewal_in_python_and_in_sql(
    product, recognition, source, round_, maker
):
    province = product.territory
    from django.db.models import Exists

    from products.models import Recognition

    def both():
        rows = list(Dossier.objects.select_related("round"))
        told = Recognition.objects.annotate(entered=Exists(renewing.entered_after())).get(pk=recognition.pk)
        found = renewing.renewal_of(recognition, rows)
        assert told.entered == (found is not None)
        return found

    assert both() is None  # the dossier it came of
    plain = factories.DossierFactory(product=product, round=factories.RoundFactory(territory=province, year=2025))
    assert both() == plain
    plain.state = D.WITHDRAWN
    plain.save()
    regional = factories.RoundFactory(territory=None, level=Level.REGION, region=province.region, year=2026)
    factories.DossierFactory(product=product, round=regional)
    assert both() is None
    dossier = start(recognition=recognition, round_=round_, actor=maker, now=NOW)
    assert both() == dossier
