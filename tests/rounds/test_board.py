"""The score board: what stands on it, for whose eyes, in which order; and the file of it."""

import csv
import io
from decimal import Decimal
from fractions import Fraction

import pytest
from django.test import Client
from django.urls import reverse

from portal.audit.models import AuditEntry
from products.enums import ProductGroup
from rounds import queries
from rounds.counting import Known, outcomes, whole_tally
from rounds.enums import Body, RoundState, ScoringPass, SeatRole, SheetState
from rounds.manifest import recount
from rounds.models import Conflict, Round, Score, ScoreSheet
from rounds.services import lifecycle, sealing
from tests import factories

from . import helpers
from .helpers import AFTER

pytestmark = pytest.mark.django_db
SECRET = "83.37"
SHOWN = "83,37"


def get(user, name, *args, **query):
    client = Client()
    client.force_login(user)
    return client.get(reverse(f"admin:rounds_round_{name}", args=args), query)


def text_of(answer):
    return b"".join(answer).decode("utf-8-sig") if answer.streaming else answer.content.decode()


@pytest.fixture
def scoring(province, officer):
    """Three judges, two dossiers: of the first every sheet is in, of the second one is missing."""
    round_ = helpers.scoring_round(province, officer, entries=2)
    first, second = round_.dossiers.order_by("entry_code")
    for judge in helpers.judges_of(round_):
        helpers.sheet(first, judge, Decimal("0.8337"))
    for judge in helpers.judges_of(round_)[:2]:
        helpers.sheet(second, judge, Decimal("0.9119"))
    return round_


def head_judge(round_):
    return round_.seats.get(role=SeatRole.HEAD_JUDGE).user


def test_before_the_seal_the_head_judge_reads_only_what_every_judge_has_finished(scoring):
    page = text_of(get(head_judge(scoring), "board", scoring.pk))
    assert SHOWN in page
    assert "91,1" not in page
    assert "1 trên 2 hồ sơ" in page


def test_before_the_seal_no_rank_is_shown_while_one_dossier_of_the_group_is_open(scoring):
    first, second = scoring.dossiers.order_by("entry_code")
    for pk in (first.pk, second.pk):
        page = text_of(get(head_judge(scoring), "verdict", scoring.pk, pk))
        assert "Hạng trong nhóm" not in page
    judge = helpers.judges_of(scoring)[2]
    helpers.sheet(second, judge, Decimal("0.9"))
    assert "Hạng trong nhóm" in text_of(get(head_judge(scoring), "verdict", scoring.pk, first.pk))


@pytest.mark.parametrize("name", ["board", "board_csv"])
def test_before_the_seal_nobody_else_reads_points(scoring, officer, leader, name):
    chair = scoring.seats.get(role=SeatRole.CHAIR).user
    for person in (officer, leader, chair):
        page = text_of(get(person, name, scoring.pk))
        assert SHOWN not in page
        assert SECRET not in page


def test_before_the_seal_the_page_of_a_dossier_shows_states_and_no_points(scoring, officer):
    first = scoring.dossiers.order_by("entry_code").first()
    page = text_of(get(officer, "verdict", scoring.pk, first.pk))
    assert "Đã nộp" in page
    assert SHOWN not in page
    assert "Cả kỳ" not in page


def test_sorting_by_points_before_the_seal_tells_nothing_of_what_is_hidden(scoring, officer):
    """Of hidden dossiers the order is that of their numbers, whatever is asked for."""
    for sort in ("mean", "rank", "spread", "nonsense", ""):
        page = text_of(get(officer, "board", scoring.pk, sort=sort))
        first, second = (f'id="ho-so-{one.pk}"' for one in scoring.dossiers.order_by("entry_code"))
        assert page.index(first) < page.index(second)


def test_after_the_seal_the_board_is_what_was_sealed(scoring, officer):
    second = scoring.dossiers.order_by("entry_code").last()
    helpers.sheet(second, helpers.judges_of(scoring)[2], Decimal("0.9119"))
    lifecycle.advance(round_=scoring, to=RoundState.DELIBERATION, actor=officer, now=AFTER)
    page = text_of(get(officer, "board", scoring.pk, sort="mean"))
    assert SHOWN in page
    assert queries.seal_of(scoring).sha256 in page
    assert page.index(f'id="ho-so-{second.pk}"') < page.index(
        f'id="ho-so-{scoring.dossiers.exclude(pk=second.pk).get().pk}"'
    )
    by_code = text_of(get(officer, "board", scoring.pk, sort="code"))
    assert by_code.index(f'id="ho-so-{second.pk}"') > by_code.index(
        f'id="ho-so-{scoring.dossiers.exclude(pk=second.pk).get().pk}"'
    )


def test_who_stands_aside_from_a_dossier_finds_it_nowhere_on_the_board(province, officer, leader):
    round_ = helpers.deliberating_round(province, officer)
    hidden = round_.dossiers.order_by("entry_code").first()
    Conflict.objects.create(dossier=hidden, user=leader, reason="Góp vốn vào cơ sở.", declared_at=AFTER)
    for name in ("board", "board_csv"):
        assert hidden.product.name not in text_of(get(leader, name, round_.pk))
    assert get(leader, "verdict", round_.pk, hidden.pk).status_code == 404


def test_a_dossier_shows_every_judge_with_points_notes_and_severity(province, officer):
    round_ = helpers.scoring_round(province, officer, entries=5)
    for number, judge in enumerate(helpers.judges_of(round_)):
        for dossier in round_.dossiers.all():
            helpers.sheet(dossier, judge, Decimal("0.7") + number * Decimal("0.1"))
    lifecycle.advance(round_=round_, to=RoundState.DELIBERATION, actor=officer, now=AFTER)
    page = text_of(get(officer, "verdict", round_.pk, round_.dossiers.first().pk))
    for words in ("70", "80", "90", "−15", "+15", "Cả kỳ"):
        assert words in page


def test_a_note_beside_a_criterion_stands_beside_its_points(province, officer):
    round_ = helpers.scoring_round(province, officer, entries=1)
    dossier = round_.dossiers.get()
    judge = helpers.judges_of(round_)[0]
    sheet = ScoreSheet.objects.create(dossier=dossier, judge=judge, dossier_version=dossier.version)
    leaf = round_.criteria_sets.get().criteria.get(code="3.1")
    Score.objects.create(sheet=sheet, criterion=leaf, points=4, note="Hoa văn riêng của bản.", saved_at=AFTER)
    for criterion in (
        round_.criteria_sets.get().criteria.filter(max_points__isnull=False, children=None).exclude(pk=leaf.pk)
    ):
        Score.objects.create(sheet=sheet, criterion=criterion, points=criterion.max_points, saved_at=AFTER)
    sheet.state, sheet.submitted_at = SheetState.SUBMITTED, AFTER
    sheet.total = sum(sheet.scores.values_list("points", flat=True))
    sheet.save()
    for other in helpers.judges_of(round_)[1:]:
        helpers.sheet(dossier, other, Decimal("0.8"))
    page = text_of(get(head_judge(round_), "verdict", round_.pk, dossier.pk))
    assert "Hoa văn riêng của bản." in page


def test_a_spread_from_the_written_points_on_is_flagged(province, officer):
    round_ = helpers.scoring_round(province, officer, entries=1)
    dossier = round_.dossiers.get()
    for share, judge in zip(("0.5", "0.7", "0.7"), helpers.judges_of(round_), strict=True):
        helpers.sheet(dossier, judge, Decimal(share))
    (row,) = queries.board(round_)
    assert (row.outcome.spread, row.outcome.disagrees) == (20, True)
    assert "lệch nhiều" in text_of(get(head_judge(round_), "verdict", round_.pk, dossier.pk))
    Round.objects.filter(pk=round_.pk).update(disagreement_points=Decimal("20.01"))
    assert "lệch nhiều" not in text_of(get(head_judge(round_), "verdict", round_.pk, dossier.pk))


def test_both_passes_are_weighed_and_shown_apart(province, officer):
    round_ = helpers.scoring_round(province, officer, entries=1, has_site_pass=True, site_weight=25)
    dossier = round_.dossiers.get()
    for judge in helpers.judges_of(round_):
        helpers.sheet(dossier, judge, Decimal("0.8"))
    (row,) = queries.board(round_)
    assert (row.due, row.waiting, row.outcome.divisor) == (6, 3, 0)
    for judge in helpers.judges_of(round_):
        on_site = factories.ScoreSheetFactory(dossier=dossier, judge=judge, scoring_pass=ScoringPass.SITE)
        for score in Score.objects.filter(sheet__dossier=dossier, sheet__judge=judge, sheet__scoring_pass="dossier"):
            Score.objects.create(sheet=on_site, criterion=score.criterion, points=score.points / 2, saved_at=AFTER)
        ScoreSheet.objects.filter(pk=on_site.pk).update(state="submitted", submitted_at=AFTER, total=Decimal(40))
    (row,) = queries.board(round_)
    assert (row.waiting, row.outcome.mean) == (0, 70)
    page = text_of(get(head_judge(round_), "verdict", round_.pk, dossier.pk))
    assert "Chấm trên hồ sơ, tính 75%" in page
    assert "Chấm tại chỗ, tính 25%" in page


def test_dropped_sheets_are_marked_and_kept_on_the_page(province, officer):
    round_ = helpers.scoring_round(province, officer, entries=1, drop_extremes=1, drop_extremes_from=3)
    dossier = round_.dossiers.get()
    for share, judge in zip(("0.1", "0.7", "0.9"), helpers.judges_of(round_), strict=True):
        helpers.sheet(dossier, judge, Decimal(share))
    (row,) = queries.board(round_)
    assert row.outcome.mean == 70
    page = text_of(get(head_judge(round_), "verdict", round_.pk, dossier.pk))
    assert page.count("bỏ ra vì cao nhất hoặc thấp nhất") == 2


def test_the_file_holds_the_means_of_heads_and_inputs_and_leaves_a_line_in_the_audit(province, officer):
    round_ = helpers.deliberating_round(province, officer, shares=("0.9", "0.8"))
    answer = get(officer, "board_csv", round_.pk)
    rows = list(csv.reader(io.StringIO(text_of(answer)), delimiter=";" if b";" in answer.getvalue() else ","))
    head, first = rows[0], rows[1]
    cells = dict(zip(head, first, strict=True))
    assert cells["Hồ sơ"] == "001"
    assert cells["Trung bình"].replace(",", ".") in {"90", "90.00"}
    assert cells["Tiêu chí 1"].replace(",", ".") in {"36", "36.00"}
    entry = AuditEntry.objects.get(action="round.board_export")
    assert (entry.actor, entry.data["with_points"]) == (officer, 2)
    workbook = get(officer, "board_xlsx", round_.pk)
    assert workbook.status_code == 200
    assert b"".join(workbook.streaming_content).startswith(b"PK")
    assert AuditEntry.objects.filter(action="round.board_export").count() == 2


@pytest.mark.parametrize("entries", [1, 3, 30])
def test_the_board_takes_as_many_queries_for_one_dossier_as_for_thirty(
    province, officer, entries, django_assert_max_num_queries
):
    round_ = factories.RoundFactory(territory=province, state="scoring")
    factories.CriteriaSetFactory(round=round_)
    for _number in range(3):
        factories.SeatFactory(round=round_, body=Body.JURY, role=SeatRole.JUDGE)
    head = factories.SeatFactory(round=round_, body=Body.JURY, role=SeatRole.HEAD_JUDGE).user
    dossiers = factories.DossierFactory.create_batch(entries, round=round_)
    judges = helpers.judges_of(round_)
    ScoreSheet.objects.bulk_create(
        ScoreSheet(dossier=dossier, judge=judge, state="submitted", submitted_at=AFTER, total=70)
        for dossier in dossiers
        for judge in judges
    )
    with django_assert_max_num_queries(14):
        assert len(queries.board(round_)) == entries
    client = Client()
    client.force_login(head)
    with django_assert_max_num_queries(45):
        client.get(reverse("admin:rounds_round_board", args=[round_.pk]))


def test_a_group_without_an_entry_is_not_on_the_board(scoring):
    rows = queries.board(scoring)
    assert {row.outcome.group for row in rows} < set(ProductGroup)


def test_a_name_cannot_bring_code_onto_the_board(scoring, officer):
    product = scoring.dossiers.first().product
    product.name = "<script>alert(1)</script>"
    product.save()
    page = text_of(get(officer, "board", scoring.pk))
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


@pytest.mark.parametrize(
    "settings",
    [{}, {"drop_extremes": 1, "drop_extremes_from": 3}, {"drop_extremes": 1, "drop_extremes_from": 4}],
    ids=["plain", "extremes", "too few to drop"],
)
def test_sums_made_by_the_database_agree_with_the_manifest_counted_sheet_by_sheet(province, officer, settings):
    round_ = helpers.scoring_round(province, officer, entries=3, **settings)
    shares = (("0.7", "0.8", "0.9"), ("0.9", "0.7", "0.8"), ("0.7", "0.7", "0.71"))
    for dossier, given in zip(round_.dossiers.order_by("entry_code"), shares, strict=True):
        for share, judge in zip(given, helpers.judges_of(round_), strict=True):
            helpers.sheet(dossier, judge, Decimal(share))
    dossiers = round_.dossiers.select_related("product")
    known = [Known(one.pk, one.entry_code, one.product.group) for one in dossiers]
    counted, means = whole_tally(round_, known)
    sealed = recount(sealing.build(round_, now=AFTER))
    assert [one.code for one in outcomes(round_, known)] == [one.code for one in counted]
    for outcome in counted:
        again = sealed[outcome.code]
        assert (outcome.rank, outcome.decided_by, f"{outcome.points:.2f}", outcome.divisor) == (
            again["rank"],
            again["decided_by"],
            again["points"],
            again["divisor"],
        )
        for code, value in again["lines"].items():
            assert abs(Fraction(means[outcome.code].lines[code]) - Fraction(value)) < Fraction(1, 10**20)
        for head, value in again["heads"].items():
            assert abs(Fraction(means[outcome.code].heads[head]) - Fraction(value)) < Fraction(1, 10**20)
