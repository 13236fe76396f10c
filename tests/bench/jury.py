"""A national round as it stands in the middle of scoring: 441 dossiers, 13 judges, 60 % of the sheets filled."""

import datetime as dt
import random
from collections.abc import Sequence
from decimal import Decimal

from django.db import connection
from django.utils import timezone

from portal.accounts.models import User
from portal.files.models import StoredFile
from products.enums import Level
from products.models import Product
from rounds.enums import Body, DocumentKind, DossierState, RoundState, ScoringPass, SeatRole, SheetState
from rounds.judge_queries import outline_for
from rounds.models import CriteriaSet, Criterion, Dossier, DossierDocument, Round, Score, ScoreSheet
from rounds.outline import Row
from tests import factories

DOSSIERS, JUDGES = 441, 13
# Half of the dossiers have every sheet handed in, a fifth of the other sheets is filled: 60 % in all.
WHOLE, BEGUN = 0.5, 0.2
BATCH = 5000
PARAGRAPH = "Sản phẩm dùng nguyên liệu trong vùng, qua sơ chế, phân loại, đóng gói; bán ở chợ, siêu thị và trên mạng. "
PAPERS = (DocumentKind.PHOTO_FRONT, DocumentKind.PHOTO_SIDE, DocumentKind.PHOTO_TOP, DocumentKind.REGISTRATION_FORM,
          DocumentKind.STATEMENT, DocumentKind.STANDARD)  # fmt: skip


def open_round(*, dossiers: int, judges: int, ordinal: int) -> tuple[Round, list[User], list[Dossier]]:
    """A national round in scoring, with the sample criteria of the reference data (24 inputs) and its jury."""
    now = timezone.now()
    round_ = factories.RoundFactory(
        level=Level.NATIONAL,
        territory=None,
        year=2026,
        ordinal=ordinal,
        state=RoundState.SCORING,
        scoring_until=now + dt.timedelta(days=9),
        slug=f"do-quoc-gia-{ordinal}",
    )
    _criteria(round_, now)
    people = [factories.UserFactory() for _number in range(judges)]
    for place, user in enumerate(people):
        role = SeatRole.JUDGE if place else SeatRole.HEAD_JUDGE
        factories.SeatFactory(round=round_, user=user, body=Body.JURY, role=role)
    return round_, people, _dossiers(round_, dossiers, now)


def national() -> tuple[Round, list[User], list[Dossier]]:
    """The round to be measured, from a fixed seed, with statistics of the database brought up to date."""
    round_, people, dossiers = open_round(dossiers=DOSSIERS, judges=JUDGES, ordinal=77)
    _fill(round_, people, dossiers, random.Random(441_13))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return round_, people, dossiers


def _criteria(round_: Round, now: dt.datetime) -> None:
    """A copy of the sample set; it comes into its round once its rows are there."""
    sample = CriteriaSet.objects.filter(round=None).order_by("pk").first()
    assert sample is not None
    made = CriteriaSet.objects.create(name=sample.name, legal_basis=sample.legal_basis)
    copies: dict[int | None, Criterion | None] = {None: None}
    for row in sample.criteria.order_by("position", "pk"):
        copies[row.pk] = Criterion.objects.create(
            criteria_set=made,
            parent=copies[row.parent_id],
            code=row.code,
            name=row.name,
            guidance=row.guidance,
            max_points=row.max_points,
            position=row.position,
        )
    made.round, made.frozen_at = round_, now
    made.save()


def _dossiers(round_: Round, number: int, now: dt.datetime) -> list[Dossier]:
    products = Product.objects.order_by("-pk").values_list("pk", flat=True)[:number]
    made = Dossier.objects.bulk_create(
        [
            Dossier(
                round=round_,
                product_id=product,
                entry_code=f"{place:03d}",
                booth=f"{'ABCDE'[place % 5]}{place // 5}",
                state=DossierState.ELIGIBLE,
                submitted_at=now,
                version=1,
                statement_market=PARAGRAPH * 12,
                statement_technology=PARAGRAPH * 12,
                statement_culture=PARAGRAPH * 6,
                statement_other=PARAGRAPH * 3,
            )
            for place, product in enumerate(products, start=1)
        ],
        batch_size=BATCH,
    )
    if len(made) < number:
        raise SystemExit(f"Only {len(made)} products for {number} dossiers: raise BENCH_PRODUCTS.")
    photo = StoredFile.objects.get_or_create(
        sha256="b" * 64,
        defaults={"content_type": "image/webp", "size": 90_000, "width": 1800, "height": 1200, "content": "bb/b"},
    )[0]
    DossierDocument.objects.bulk_create(
        [DossierDocument(dossier=dossier, kind=kind, file=photo) for dossier in made for kind in PAPERS],
        batch_size=BATCH,
    )
    return made


def _fill(round_: Round, people: Sequence[User], dossiers: Sequence[Dossier], dice: random.Random) -> None:
    """Sheets of the first half are handed in; of the rest, half are handed in and half are drafts half-way."""
    now = timezone.now()
    by_group = {group: outline_for(round_.pk, group).inputs for group in {d.product.group for d in named(dossiers)}}
    whole = {dossier.pk for dossier in dossiers[: round(len(dossiers) * WHOLE)]}
    pairs = [(dossier, judge) for dossier in dossiers for judge in people]
    chosen = [pair for pair in pairs if pair[0].pk in whole or dice.random() < BEGUN]
    sheets = ScoreSheet.objects.bulk_create(
        [ScoreSheet(dossier=dossier, judge=judge, dossier_version=1, saved_at=now) for dossier, judge in chosen],
        batch_size=BATCH,
    )
    scores: list[Score] = []
    for sheet in sheets:
        inputs = by_group[sheet.dossier.product.group]
        is_whole = sheet.dossier_id in whole or dice.random() < 0.5
        given = _points(inputs if is_whole else inputs[: len(inputs) // 2], dice)
        scores += [Score(sheet=sheet, criterion_id=pk, points=points, saved_at=now) for pk, points in given.items()]
        if is_whole:
            sheet.total = sum(given.values(), Decimal(0))
            sheet.state, sheet.submitted_at = SheetState.SUBMITTED, now
    Score.objects.bulk_create(scores, batch_size=BATCH)
    handed_in = [sheet for sheet in sheets if sheet.state == SheetState.SUBMITTED]
    ScoreSheet.objects.bulk_update(handed_in, ["total", "state", "submitted_at"], batch_size=500)


def named(dossiers: Sequence[Dossier]) -> list[Dossier]:
    """With their products, read at once."""
    products = Product.objects.in_bulk([dossier.product_id for dossier in dossiers])
    for dossier in dossiers:
        dossier.product = products[dossier.product_id]
    return list(dossiers)


def _points(inputs: Sequence[Row], dice: random.Random) -> dict[int, Decimal]:
    """Points on the half, between half and all of the maximum."""
    return {
        row.pk: Decimal(dice.randint(int(row.maximum), int(row.maximum) * 2)) / 2
        for row in inputs
        if row.maximum is not None
    }


def free_pair(round_: Round, people: Sequence[User]) -> tuple[User, Dossier]:
    """A judge and a dossier whose sheet nobody has opened yet."""
    judge = people[1]
    taken = ScoreSheet.objects.filter(judge=judge, scoring_pass=ScoringPass.DOSSIER).values("dossier")
    return judge, Dossier.objects.filter(round=round_).exclude(pk__in=taken).order_by("pk")[0]
