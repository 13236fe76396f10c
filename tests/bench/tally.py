"""The tally of a whole round against the one query it cannot do without: 450 dossiers × 13 judges × every input."""

import random
from collections.abc import Callable
from decimal import Decimal

from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from rounds.counting import Known, whole_tally
from rounds.enums import SheetState
from rounds.judge_queries import outline_for
from rounds.models import Dossier, Round, Score, ScoreSheet

from . import jury
from .measure import caught, medians_ms

DOSSIERS, JUDGES = 450, 13
BATCH = 5000
MOST = 2.0
# What the tally cannot do without, in one statement: the points of every valid sheet, summed per dossier and input.
ONE_QUERY = (
    "SELECT s.dossier_id, c.criterion_id, sum(c.points), count(*) FROM rounds_score c"
    " JOIN rounds_scoresheet s ON s.id = c.sheet_id JOIN rounds_dossier d ON d.id = s.dossier_id"
    " WHERE d.round_id = %s AND s.state = 'submitted' AND c.points IS NOT NULL GROUP BY 1, 2"
)
# The same without the highest and the lowest sheet of each dossier.
WITHOUT_EXTREMES = (
    "WITH placed AS (SELECT s.id, s.dossier_id, row_number() OVER (PARTITION BY s.dossier_id ORDER BY s.total, s.uuid)"
    " AS up, row_number() OVER (PARTITION BY s.dossier_id ORDER BY s.total DESC, s.uuid DESC) AS down"
    " FROM rounds_scoresheet s JOIN rounds_dossier d ON d.id = s.dossier_id"
    " WHERE d.round_id = %s AND s.state = 'submitted')"
    " SELECT s.dossier_id, c.criterion_id, sum(c.points), count(*) FROM rounds_score c JOIN placed s ON s.id = c.sheet_id"
    " WHERE s.up > 1 AND s.down > 1 AND c.points IS NOT NULL GROUP BY 1, 2"
)


def filled() -> tuple[Round, list[Dossier], Client]:
    """A round with every sheet handed in, and its head judge."""
    round_, people, dossiers = jury.open_round(dossiers=DOSSIERS, judges=JUDGES, ordinal=78)
    dice, now = random.Random(450_13), timezone.now()
    inputs = outline_for(round_.pk, "").inputs
    sheets = [
        ScoreSheet(dossier=one, judge=judge, dossier_version=1, saved_at=now) for one in dossiers for judge in people
    ]
    ScoreSheet.objects.bulk_create(sheets, batch_size=BATCH)
    scores: list[Score] = []
    for sheet in sheets:
        given = {row.pk: Decimal(dice.randint(0, int(row.maximum or 0) * 2)) / 2 for row in inputs}
        scores += [Score(sheet=sheet, criterion_id=pk, points=points, saved_at=now) for pk, points in given.items()]
        sheet.total, sheet.state, sheet.submitted_at = sum(given.values(), Decimal(0)), SheetState.SUBMITTED, now
    Score.objects.bulk_create(scores, batch_size=BATCH)
    ScoreSheet.objects.bulk_update(sheets, ["total", "state", "submitted_at"], batch_size=500)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    client = Client()
    client.force_login(people[0])
    print(f"\n{len(dossiers)} dossiers × {len(people)} judges × {len(inputs)} inputs, {len(scores)} scores")
    return round_, dossiers, client


def _sent(sql: str, *params: int) -> Callable[[], None]:
    """The statement on the driver's own cursor, every row fetched."""

    def send() -> None:
        with connection.connection.cursor() as cursor:
            cursor.execute(sql, params)
            cursor.fetchall()

    return send


def measure(bare: float) -> None:
    """The tally with the mean of every input, plain and with dropped extremes; then the board of the same round, in
    this process. The board's limit is held to where it is served, in the section `jury`."""
    round_, dossiers, client = filled()
    known = [Known(one.pk, one.entry_code, one.product.group) for one in jury.named(dossiers)]

    def count() -> None:
        whole_tally(round_, known)

    for name, drop, one_query in (("tally", 0, ONE_QUERY), ("tally, extremes dropped", 1, WITHOUT_EXTREMES)):
        round_.drop_extremes = drop
        ours, sql = medians_ms(count, _sent(one_query, round_.pk))
        limit = "" if drop else f"   at most {MOST:.0f} ×" + ("" if ours <= MOST * sql else "  OVER")
        print(f"{name:<34}{ours:9.2f}   its one query {sql:8.2f}{ours / sql:8.2f} ×{limit}")
    board = f"{reverse('admin:rounds_round_board', args=[round_.pk])}?sort=mean"

    def read() -> None:
        assert client.get(board).status_code == 200

    with caught() as seen:
        read()
    (took,) = medians_ms(read)
    print(f"{'board of 450 by score':<34}{took:9.2f}{took / bare:9.1f} ×{len(seen.statements):9} queries")
