"""Intake by commune, and the list of dossiers: counts that agree with the lists behind them."""

import datetime as dt

import pytest
from django.contrib.admin.sites import site
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.accounts.enums import Role
from portal.notices.models import Notice
from rounds.completeness import is_complete, required_kinds
from rounds.enums import Addressee, DossierState, Origin
from rounds.intake_board import lacking
from rounds.models import CommuneReturn, Dossier
from rounds.queries import checklist
from rounds.services import dossiers, requests
from tests import factories

from . import helpers
from .helpers import NOON

pytestmark = pytest.mark.django_db
D = DossierState
TODAY = NOON.date()


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


@pytest.fixture
def commune(province):
    return factories.CommuneFactory(territory=province, name="Tân Cương")


def entry(round_, officer, commune=None, *, facility=None, **changes):
    """A submitted dossier of a facility in the commune."""
    facility = facility or factories.FacilityFactory(territory=round_.territory, commune=commune)
    product = factories.ProductFactory(facility=facility)
    origin = changes.pop("origin", Origin.PAPER)
    made = dossiers.create_dossier(round_=round_, product=product, actor=officer, now=NOON, origin=origin)
    return dossiers.submit(dossier=made, actor=officer, now=NOON)


def board(client, round_, **query):
    return client.get(reverse("admin:rounds_round_intake", args=[round_.pk]), query)


def row_of(response, commune):
    return next(row for row in response.context["intake"].rows if row.commune == commune)


def text(response):
    return response.content.decode()


def queries_of(client, address, **query):
    client.get(address, query)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address, query).status_code == 200
    return len(captured)


# --- the board -----------------------------------------------------------------------------------------------


def test_each_commune_has_its_counts(desk, round_, officer, commune, province):
    quiet = factories.CommuneFactory(territory=province, name="Phú Lạc")
    nothing = factories.CommuneFactory(territory=province, name="Hoàng Nông")
    entry(round_, officer, commune)
    helpers.hand_in_papers(entry(round_, officer, commune), officer)
    full = entry(round_, officer, commune)
    helpers.hand_in_papers(full, officer)
    dossiers.admit(dossier=full, actor=officer, now=NOON)
    entry(round_, officer)
    CommuneReturn.objects.create(round=round_, commune=nothing, reported_at=NOON, reported_by=officer)
    response = board(desk, round_)
    row = row_of(response, commune)
    assert (row.entered, row.lacking, row.complete, row.eligible) == (3, 1, 1, 1)
    assert row_of(response, quiet).is_silent
    assert row_of(response, nothing).report is not None
    assert row_of(response, None).entered == 1
    found = response.context["intake"]
    assert (found.total.entered, found.silent, found.nothing) == (4, 1, 1)


def test_what_the_board_counts_is_what_the_list_shows(desk, round_, officer, commune):
    entry(round_, officer, commune)
    helpers.hand_in_papers(entry(round_, officer, commune), officer)
    entry(round_, officer)
    address = reverse("admin:rounds_dossier_changelist")
    for key, papers, expected in ((commune.pk, "lacking", 1), (commune.pk, "complete", 1), ("none", "lacking", 1)):
        listed = desk.get(address, {"round": round_.pk, "commune": key, "papers": papers})
        assert listed.context["cl"].result_count == expected


@pytest.mark.parametrize("held", [False, True])
@pytest.mark.parametrize("origin", [Origin.PAPER, Origin.COMMUNE])
@pytest.mark.parametrize("level", ["province", "commune"])
def test_completeness_in_sql_agrees_with_the_rule(level, origin, held, province):
    """Every subset that lacks one paper, and the full set; with and without the register's own certificate."""
    place = {"locality": "Tân Cương"} if level == "commune" else {}
    round_ = factories.RoundFactory(territory=province, level=level, lower_round_held=held, **place)
    kinds = required_kinds(level=level, lower_round_held=held, origin=origin)
    for left_out in (None, *kinds):
        for certified in (False, True):
            product = factories.ProductFactory(facility=factories.FacilityFactory(territory=province))
            if certified:
                factories.RecognitionFactory(product=product, level="commune", expires_on=dt.date(2027, 12, 31))
            one = factories.DossierFactory(round=round_, product=product, state=D.SUBMITTED, origin=origin)
            for kind in kinds:
                if kind != left_out:
                    one.documents.create(kind=kind, on_paper=True)
    ended = factories.DossierFactory(round=round_, state=D.SUBMITTED, origin=origin)
    for kind in kinds:
        ended.documents.create(kind=kind, on_paper=True, valid_until=dt.date(2026, 11, 20))
    rows = Dossier.objects.filter(round=round_)
    by_rule = {row.pk for row in rows if is_complete(checklist(row, on=TODAY))}
    assert by_rule == set(lacking(rows, on=TODAY, complete=True).values_list("pk", flat=True))
    assert by_rule


def test_communes_are_searched_without_marks_and_narrowed(desk, round_, commune, province):
    factories.CommuneFactory(territory=province, name="Phú Lạc")
    assert [row.commune for row in board(desk, round_, q="tan cuong").context["rows"]] == [commune]
    assert len(board(desk, round_, xem="silent").context["rows"]) == 2
    assert "Không có xã nào khớp điều đang lọc." in text(board(desk, round_, q="khong co"))


def test_a_commune_is_asked_in_one_click_and_other_requests_stay(desk, round_, officer, commune):
    first, second = (entry(round_, officer, commune, origin=Origin.COMMUNE) for _number in range(2))
    until = NOON + dt.timedelta(days=3)
    words = {Addressee.FACILITY: "Gửi ảnh mặt bên."}
    requests.request_supplement(dossier=second, until=until, words=words, actor=officer, now=NOON)
    response = board(desk, round_)
    assert (row_of(response, commune).owes, "Gửi yêu cầu, hạn" in text(response)) == (2, True)
    ask = reverse("admin:rounds_round_ask_commune", args=[round_.pk])
    assert desk.post(ask, {"commune": commune.pk}).status_code == 302
    assert {one.addressee for one in first.requests.all()} == {Addressee.COMMUNE}
    assert {one.addressee for one in second.requests.filter(closed_at=None)} == {Addressee.FACILITY, Addressee.COMMUNE}
    second.refresh_from_db()
    assert second.supplement_until == until
    again = desk.post(ask, {"commune": commune.pk})
    assert (again.status_code, "Xã này không còn nợ giấy tờ nào chưa được yêu cầu." in text(again)) == (409, True)
    assert desk.post(ask, {"commune": "x"}).status_code == 400


def test_the_board_costs_the_same_for_one_three_and_fifty(desk, round_, officer, province):
    counts = []
    for total in (1, 3, 50):
        while round_.dossiers.count() < total:
            commune = factories.CommuneFactory(territory=province)
            facility = factories.FacilityFactory(territory=province, commune=commune)
            product = factories.ProductFactory(facility=facility)
            factories.DossierFactory(round=round_, product=product, state=D.SUBMITTED)
        counts.append(queries_of(desk, reverse("admin:rounds_round_intake", args=[round_.pk])))
    assert len(set(counts)) == 1


def test_a_dossier_under_a_conflict_is_not_counted_for_that_person(desk, round_, officer, commune):
    factories.ConflictFactory(dossier=entry(round_, officer, commune), user=officer)
    assert row_of(board(desk, round_), commune).entered == 0


def test_an_officer_of_another_province_does_not_find_board_or_sets(client, round_, other_province):
    client.force_login(factories.staff(Role.OFFICER, other_province))
    for name in ("intake", "sets"):
        assert client.get(reverse(f"admin:rounds_round_{name}", args=[round_.pk])).status_code == 404


# --- the list ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        {"papers": "lacking"},
        {"papers": "x"},
        {"commune": "x"},
        {"sets": "set"},
        {"sets": "gathered"},
        {"origin": "paper"},
    ],
)
def test_the_list_opens_under_every_filter(query, desk, round_, officer):
    entry(round_, officer)
    response = desk.get(reverse("admin:rounds_dossier_changelist"), {"round": round_.pk, **query})
    assert response.status_code == 200


def test_the_list_costs_the_same_for_one_three_and_fifty(desk, round_, officer, province):
    counts = []
    for total in (1, 3, 50):
        while round_.dossiers.count() < total:
            helpers.hand_in_papers(entry(round_, officer, factories.CommuneFactory(territory=province)), officer)
        counts.append(queries_of(desk, reverse("admin:rounds_dossier_changelist"), round=round_.pk, papers="complete"))
    assert len(set(counts)) == 1


def test_the_list_names_commune_papers_and_version(desk, round_, officer, commune):
    dossier = entry(round_, officer, commune)
    shown = site._registry[Dossier]
    assert shown.commune_shown(dossier) == "Xã Tân Cương"
    assert "0 trên 7" in shown.papers_shown(dossier)
    assert shown.version_shown(dossier) == "1"


def test_communes_that_have_not_answered_are_reminded_once_a_day_with_one_click(
    desk, round_, officer, commune, province
):
    silent = factories.CommuneFactory(territory=province, name="Phúc Xuân")
    alone = factories.CommuneFactory(territory=province, name="Quyết Thắng")
    person = factories.staff(Role.COMMUNE_OFFICER, province, commune=silent)
    factories.staff(Role.COMMUNE_OFFICER, province, commune=commune)
    entry(round_, officer, commune)
    assert "Nhắc 2 xã này" in board(desk, round_).content.decode()
    there = reverse("admin:rounds_round_remind", args=[round_.pk])
    said = desk.post(there, follow=True).content.decode()
    assert "Đã nhắc 1 xã chưa báo cáo, 1 người nhận." in said
    assert f"hãy nhắc cách khác: {alone}." in said
    assert list(Notice.objects.filter(kind="commune_reminded").values_list("user", flat=True)) == [person.pk]
    assert "Không có ai để nhắc thêm hôm nay." in desk.post(there, follow=True).content.decode()
    assert Notice.objects.filter(kind="commune_reminded").count() == 1


def test_nobody_is_reminded_of_what_can_no_longer_be_done(desk, round_, commune):
    round_.receiving_until = NOON - dt.timedelta(days=1)
    round_.save()
    assert "Nhắc 1 xã này" not in board(desk, round_).content.decode()
    answer = desk.post(reverse("admin:rounds_round_remind", args=[round_.pk]))
    assert answer.status_code == 409
    assert not Notice.objects.filter(kind="commune_reminded").exists()


def test_parts_of_a_set_count_as_eligible_only_with_their_set(desk, round_, commune):
    facility = factories.FacilityFactory(territory=round_.territory, commune=commune)
    gathered = factories.DossierFactory(
        round=round_,
        product=factories.ProductFactory(facility=facility, is_set=True),
        state=D.SUBMITTED,
        submitted_at=NOON,
        is_gathered_set=True,
    )
    for _number in range(2):
        product = factories.ProductFactory(facility=facility)
        factories.DossierFactory(
            round=round_, product=product, state=D.GATHERED, submitted_at=NOON, gathered_into=gathered
        )
    row = row_of(board(desk, round_), commune)
    assert (row.entered, row.eligible) == (2, 0)
    Dossier.objects.filter(pk=gathered.pk).update(state=D.ELIGIBLE)
    row = row_of(board(desk, round_), commune)
    assert (row.entered, row.eligible, row.refused) == (2, 2, 0)
