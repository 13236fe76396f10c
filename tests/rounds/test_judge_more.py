"""A judge's own scores side by side, own sheets on paper, labels of exhibits, and whose sheet a code opens."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.audit.models import AuditEntry
from rounds import comparing, judge_order, labels
from rounds.enums import AssignmentMode, RoundState, ScoringPass, SheetState
from rounds.models import Dossier
from rounds.services import conflicts, scoring

from ..factories import DossierFactory, SeatFactory
from .test_scoring import Bench

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def bench(client):
    made = Bench(scoring_until=timezone.now() + dt.timedelta(hours=3))
    client.force_login(made.judge, backend=BACKEND)
    return made


def submitted(bench, dossier=None, judge=None, points=Decimal(4), scoring_pass=ScoringPass.DOSSIER):
    judge = judge or bench.judge
    sheet = scoring.open_sheet(
        dossier=dossier or bench.dossier, judge=judge, now=timezone.now(), scoring_pass=scoring_pass
    )
    values = {leaf.pk: (min(points, leaf.max_points), "") for leaf in bench.leaves()}
    saved = scoring.save_scores(sheet=sheet, values=values, revision=0, actor=judge, now=timezone.now()).sheet
    return scoring.submit_sheet(sheet=saved, actor=judge, now=timezone.now())


# Order


def test_booths_are_read_as_people_read_them_and_none_comes_last():
    booths = ["A10", "", "B1", "a2", "A2b"]
    assert sorted(booths, key=judge_order.booth_key) == ["a2", "A2b", "A10", "B1", ""]


def test_the_chosen_order_stays_in_the_session_and_leads_from_sheet_to_sheet(bench, client):
    Dossier.objects.filter(pk=bench.dossier.pk).update(booth="B1")
    first = DossierFactory(round=bench.round, entry_code="050", booth="A2")
    last = DossierFactory(round=bench.round, entry_code="030", booth="B10")
    client.get("/cham-diem/?thu-tu=gian")
    page = client.get(f"/cham-diem/{bench.dossier.uuid}/")
    assert (page.context["previous"], page.context["next"]) == (
        f"/cham-diem/{first.uuid}/",
        f"/cham-diem/{last.uuid}/",
    )


# Side by side


def test_own_scores_stand_side_by_side_high_ones_first_and_nobody_elses(bench):
    high = DossierFactory(round=bench.round, product__group=bench.dossier.product.group, entry_code="050")
    submitted(bench, points=Decimal(2))
    submitted(bench, high, points=Decimal(4))
    submitted(bench, judge=SeatFactory(round=bench.round).user, points=Decimal(5))
    groups = comparing.groups_of(bench.judge, bench.round)
    assert [(row.code, row.total, row.missing) for row in groups[0].rows] == [
        ("050", Decimal(36), 0),
        (bench.dossier.entry_code, Decimal(18), 0),
    ]
    assert groups[0].means[-1] == Decimal("27.0")
    assert [row.code for row in comparing.groups_of(bench.judge, bench.round, sort="ma")[0].rows] == ["041", "050"]


def test_a_sheet_with_empty_boxes_comes_after_whole_ones_and_is_not_in_the_mean(bench):
    begun = DossierFactory(round=bench.round, product__group=bench.dossier.product.group, entry_code="050")
    submitted(bench, points=Decimal(1))
    sheet = scoring.open_sheet(dossier=begun, judge=bench.judge, now=timezone.now())
    values = {bench.leaf("1.1").pk: (Decimal(16), "")}
    scoring.save_scores(sheet=sheet, values=values, revision=0, actor=bench.judge, now=timezone.now())
    group = comparing.groups_of(bench.judge, bench.round)[0]
    assert [row.code for row in group.rows] == ["041", "050"]
    assert group.means[-1] == Decimal("9.0")


def test_a_dossier_with_a_conflict_leaves_the_comparison(bench):
    submitted(bench)
    conflicts.declare(dossier=bench.dossier, user=bench.judge, reason="Góp vốn", now=timezone.now())
    assert comparing.groups_of(bench.judge, bench.round) == []


def test_the_comparison_costs_the_same_for_one_and_for_many(bench, client):
    address = f"/cham-diem/so-sanh/{bench.round.uuid}/"
    submitted(bench)
    client.get(address)

    def cost():
        with CaptureQueriesContext(connection) as caught:
            assert client.get(address).status_code == 200
        return len(caught)

    one = cost()
    for dossier in DossierFactory.create_batch(5, round=bench.round):
        submitted(bench, dossier)
    assert cost() == one


def test_another_round_is_not_there_to_compare(bench, client):
    assert client.get(f"/cham-diem/so-sanh/{Bench().round.uuid}/").status_code == 404


# On paper


def test_only_the_own_handed_in_sheets_are_printed_and_that_is_an_act(bench, client, monkeypatch):
    printed = []
    monkeypatch.setattr("rounds.judge_more.pdf.render", lambda _name, facts: printed.append(facts) or b"%PDF-1.7")
    submitted(bench)
    submitted(bench, judge=SeatFactory(round=bench.round).user)
    for address in (f"/cham-diem/{bench.dossier.uuid}/phieu-in/", f"/cham-diem/phieu-in/{bench.round.uuid}/"):
        assert client.get(address)["Content-Type"] == "application/pdf"
    assert [[one["signer_name"] for one in facts["copies"]] for facts in printed] == [[str(bench.judge)]] * 2
    assert AuditEntry.objects.filter(action="sheet.print", actor=bench.judge).count() == 2


def test_a_draft_is_not_printed(bench, client):
    bench.full()
    assert client.get(f"/cham-diem/{bench.dossier.uuid}/phieu-in/").status_code == 404


# Labels


def test_a_label_leads_to_the_sheet_of_the_pass_that_is_scored_there(bench, settings):
    settings.SITE_URL = "https://sanpham.example.vn"
    assert labels.address_of(bench.dossier) == f"https://sanpham.example.vn/cham-diem/{bench.dossier.uuid}/"
    bench.round.has_site_pass = True
    assert labels.address_of(Dossier(uuid=bench.dossier.uuid, round=bench.round)).endswith("/tai-cho/")


@pytest.mark.parametrize("paper", [labels.EIGHT, labels.SINGLE])
def test_labels_are_a_pdf_whatever_the_length_of_a_name(bench, paper):
    bench.dossier.product.name = "Bộ sản phẩm mây tre đan xuất khẩu " * 8
    assert labels.labels([bench.dossier], paper).startswith(b"%PDF")


# Whose sheet a code opens


def test_a_judge_to_whom_a_dossier_was_not_given_reads_so_in_words(bench, client):
    bench.round.assignment = AssignmentMode.ASSIGNED
    bench.round.save()
    page = client.get(f"/cham-diem/{bench.dossier.uuid}/")
    assert page.status_code == 403
    assert "không thuộc phần bạn chấm" in page.content.decode()
    assert bench.dossier.product.name not in page.content.decode()


def test_a_code_scanned_before_the_scoring_says_so(client):
    early = Bench(state=RoundState.SCREENING)
    client.force_login(early.judge, backend=BACKEND)
    page = client.get(f"/cham-diem/{early.dossier.uuid}/")
    assert (page.status_code, "chưa mở để chấm" in page.content.decode()) == (403, True)


def test_points_typed_under_another_login_are_not_taken(bench, client):
    body = {"revision": 0, "values": {str(bench.leaf("1.1").pk): {"points": "8"}}}
    other = SeatFactory(round=bench.round).user
    answer = client.post(
        f"/cham-diem/{bench.dossier.uuid}/luu/", body, content_type="application/json", HTTP_X_JUDGE=str(other.uuid)
    )
    assert (answer.status_code, answer.json()["code"], bench.points()) == (401, "login", {})


def test_the_worker_reaches_the_judges_pages_and_nothing_else(client):
    answer = client.get("/cham-diem/sw.js")
    assert answer["Content-Type"].startswith("text/javascript")
    assert "Service-Worker-Allowed" not in answer.headers
    assert "default-src 'self'" in answer["Content-Security-Policy"]


def test_states_of_sheets_are_told_in_the_comparison(bench, client):
    submitted(bench)
    page = client.get(f"/cham-diem/so-sanh/{bench.round.uuid}/").content.decode()
    assert SheetState.SUBMITTED in {row.state for row in comparing.groups_of(bench.judge, bench.round)[0].rows}
    assert "Đã nộp" in page
