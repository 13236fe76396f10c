"""Rounds brought to a point of their road by the services themselves."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.utils import timezone

from portal.accounts.models import User
from rounds.completeness import required_kinds
from rounds.criteria import inputs
from rounds.enums import Body, RoundState, SeatRole, SheetState, VerdictChoice
from rounds.models import (
    CouncilRule,
    CouncilSession,
    Criterion,
    Dossier,
    DossierDocument,
    Round,
    Score,
    ScoreSheet,
    Seat,
)
from rounds.queries import as_rows, criteria_set_of
from rounds.services import council, dossiers, lifecycle, sessions
from tests import factories

NOON = dt.datetime(2026, 11, 21, 12, 0, tzinfo=timezone.get_default_timezone())
OPENS = NOON - dt.timedelta(days=10)
CLOSES = NOON + dt.timedelta(days=5)
AFTER = CLOSES + dt.timedelta(days=1)
COUNCIL_SIZE = 7


def council_rule(**changes: Any) -> CouncilRule:
    facts = {"sizes": [7, 9], "signer": "Chủ tịch UBND tỉnh", "legal_basis": "TT 26/2014/TT-BCT", **changes}
    return CouncilRule.objects.create(level="province", valid_from=dt.date(2014, 10, 21), **facts)


def jury(round_: Round, size: int = 3) -> list[User]:
    roles = [SeatRole.HEAD_JUDGE] + [SeatRole.JUDGE] * (size - 1)
    return [factories.SeatFactory(round=round_, body=Body.JURY, role=role).user for role in roles]


def council_of(round_: Round, size: int = COUNCIL_SIZE) -> list[User]:
    roles = [SeatRole.CHAIR, SeatRole.SECRETARY] + [SeatRole.MEMBER] * (size - 2)
    return [factories.SeatFactory(round=round_, body=Body.COUNCIL, role=role).user for role in roles]


def ready_round(province: Any, *, judges: int = 3, **changes: Any) -> Round:
    """A draft that may be opened: criteria, jury, council, dates."""
    facts = {"year": 2026, "receiving_from": OPENS, "receiving_until": CLOSES, **changes}
    round_ = factories.RoundFactory(territory=province, **facts)
    factories.CriteriaSetFactory(round=round_)
    jury(round_, judges)
    council_of(round_)
    return round_


def receiving_round(province: Any, officer: User, **changes: Any) -> Round:
    round_ = ready_round(province, **changes)
    return lifecycle.advance(round_=round_, to=RoundState.RECEIVING, actor=officer, now=NOON)


def product_of(province: Any, **changes: Any) -> Any:
    facility = changes.pop("facility", None) or factories.FacilityFactory(territory=province)
    return factories.ProductFactory(facility=facility, **changes)


def drafted(round_: Round, officer: User, **product: Any) -> Dossier:
    made = product_of(round_.territory, **product)
    return dossiers.create_dossier(round_=round_, product=made, actor=officer, now=NOON)


def submitted(round_: Round, officer: User, **product: Any) -> Dossier:
    return dossiers.submit(dossier=drafted(round_, officer, **product), actor=officer, now=NOON)


def hand_in_papers(dossier: Dossier, actor: User) -> None:
    for kind in required_of(dossier.round):
        dossiers.add_document(dossier=dossier, kind=kind, on_paper=True, actor=actor)


def required_of(round_: Round) -> tuple[str, ...]:
    return required_kinds(level=round_.level, lower_round_held=round_.lower_round_held)


def admitted(round_: Round, officer: User, **product: Any) -> Dossier:
    """One that came with its papers, which lay there before: each through its service would take most of a test."""
    dossier = drafted(round_, officer, **product)
    papers = [DossierDocument(dossier=dossier, kind=kind, on_paper=True) for kind in required_of(round_)]
    DossierDocument.objects.bulk_create(papers)
    dossier = dossiers.submit(dossier=dossier, actor=officer, now=NOON)
    return dossiers.admit(dossier=dossier, actor=officer, now=NOON)


def scoring_round(province: Any, officer: User, *, entries: int = 2, **changes: Any) -> Round:
    round_ = receiving_round(province, officer, **changes)
    for _number in range(entries):
        admitted(round_, officer)
    lifecycle.advance(round_=round_, to=RoundState.SCREENING, actor=officer, now=AFTER)
    return lifecycle.advance(round_=round_, to=RoundState.SCORING, actor=officer, now=AFTER)


def sheet(
    dossier: Dossier,
    judge: User,
    share: Decimal,
    *,
    state: str = SheetState.SUBMITTED,
    total: Decimal | None = None,
) -> ScoreSheet:
    """A sheet that gives every input the same share of its maximum, as exact points."""
    criteria_set = criteria_set_of(dossier.round, dossier.product.group)
    leaves = {row.code for row in inputs(as_rows(criteria_set))}
    made = ScoreSheet.objects.create(dossier=dossier, judge=judge, dossier_version=dossier.version)
    points_given = Decimal(0)
    for criterion in Criterion.objects.filter(criteria_set=criteria_set, code__in=leaves):
        points = (criterion.max_points * share).quantize(Decimal("0.01"))
        Score.objects.create(sheet=made, criterion=criterion, points=points, saved_at=NOON)
        points_given += points
    made.total = (total or points_given) if state == SheetState.SUBMITTED else None
    made.state, made.submitted_at = state, NOON
    if state == SheetState.CANNOT_ASSESS:
        made.cannot_assess_reason = "Không có mẫu sản phẩm."
    if state == SheetState.VOIDED:
        made.voided_reason = "Giám khảo xin thôi."
    made.save()
    return made


def judges_of(round_: Round) -> list[User]:
    return [seat.user for seat in Seat.objects.filter(round=round_, body=Body.JURY).select_related("user")]


def score_all(round_: Round, shares: list[str]) -> list[Dossier]:
    """Every judge gives the n-th dossier the n-th share."""
    found = list(round_.dossiers.order_by("entry_code"))
    for dossier, share in zip(found, shares, strict=True):
        for judge in judges_of(round_):
            sheet(dossier, judge, Decimal(share))
    return found


def deliberating_round(
    province: Any, officer: User, *, shares: tuple[str, ...] = ("0.9", "0.8"), **changes: Any
) -> Round:
    round_ = scoring_round(province, officer, entries=len(shares), **changes)
    score_all(round_, list(shares))
    return lifecycle.advance(round_=round_, to=RoundState.DELIBERATION, actor=officer, now=AFTER)


def speak(round_: Round, leader: User, choices: list[str], reasons: list[str] | None = None) -> None:
    for number, dossier in enumerate(round_.dossiers.order_by("entry_code")):
        council.record_verdict(
            dossier=dossier,
            choice=choices[number],
            reason=(reasons or [""] * len(choices))[number],
            actor=leader,
            now=AFTER,
        )


def council_session(round_: Round, actor: User, *, present: int = COUNCIL_SIZE) -> CouncilSession:
    """An open session of the council with so many of its members present; its chair leads, its secretary writes."""
    seats = list(Seat.objects.filter(round=round_, body=Body.COUNCIL, until=None).order_by("pk"))
    session = sessions.open_session(
        round_=round_,
        held_at=AFTER,
        place="Phòng họp tầng 3",
        chaired_by=seats[0],
        minuted_by=seats[1].user,
        actor=actor,
        now=AFTER,
    )
    rows = {seat.pk: (place < present, "") for place, seat in enumerate(seats)}
    sessions.record_attendance(session=session, rows=rows, actor=actor, now=AFTER)
    return session


def submitted_round(province: Any, officer: User, leader: User, **changes: Any) -> Round:
    round_ = deliberating_round(province, officer, **changes)
    speak(round_, leader, [VerdictChoice.RECOGNISE] * round_.dossiers.count())
    return lifecycle.advance(
        round_=round_,
        to=RoundState.SUBMITTED,
        actor=officer,
        now=AFTER,
        submission_number="12/TTr-SCT",
        submitted_on=AFTER.date(),
    )


DECIDE = {
    "number": "345",
    "symbol": "QĐ-UBND",
    "signed_on": AFTER.date(),
    "issuer": "Ủy ban nhân dân tỉnh",
    "signer": "Chủ tịch",
    "scan": None,
}


def validity_rule() -> Any:
    from products.models import ValidityRule

    return ValidityRule.objects.create(
        code="mau", legal_basis="Quy định mẫu", years=2, to_end_of_year=False, valid_from=dt.date(2025, 7, 1)
    )
