"""Recognitions that another deployment tells of, written into the register here with where they are from."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from portal.territory.models import Territory
from portal.territory.queries import current_of
from portal.text.folding import normalise
from portal.text.formats import day
from products.enums import DatePrecision, Level, Stage
from products.models import Decision, Product, Recognition
from products.services import publish_recognitions, recognise, record_decision, set_validity

from ..enums import ConflictChoice
from ..exchange.matching import RECOGNITION, Key, Matcher
from ..exchange.reading import DecisionFact, RecognitionFact
from ..models import ExchangePackage, Peer
from .receiving import today_of

OF_A_PROVINCE = (Level.DISTRICT, Level.COMMUNE, Level.PROVINCE)
C = ConflictChoice


@dataclass(frozen=True)
class Hand:
    """Who writes, when, from whom, and how the differences were settled."""

    peer: Peer
    actor: Any
    now: dt.datetime
    settled: dict[Key, tuple[str, str]] = field(default_factory=dict)

    def choice(self, subject: str, uuid: Any, point: str) -> str:
        return self.settled.get((subject, uuid, point), ("", ""))[0]

    def reason(self, subject: str, uuid: Any, point: str) -> str:
        return self.settled.get((subject, uuid, point), ("", ""))[1]

    @property
    def source(self) -> str:
        """Where what is written here is from, as the register shows it."""
        return _("Nhận từ %(peer)s ngày %(day)s") % {"peer": self.peer.name, "day": day(today_of(self.now))}


def hand_of(package: ExchangePackage, *, actor: Any, now: dt.datetime) -> Hand:
    """The hand that writes a package whose differences are settled. One query."""
    rows = package.conflicts.all()
    settled = {(row.subject, row.subject_uuid, row.field): (row.choice, row.reason) for row in rows}
    return Hand(package.peer, actor, now, settled)


@transaction.atomic
def enter_recognition(
    *, told: RecognitionFact, product: Product, matcher: Matcher, hand: Hand, publish: bool
) -> Recognition | None:
    """The recognition here that is the one told of, entered where it is new; None where it is not to be entered.

    Ours stays where a person said so, and where the other side has ended what we never had.
    """
    match = matcher.recognition(told, product)
    found: Recognition | None = match.found
    if found is not None and found.stage == Stage.RECOGNISED:
        _take_end(found, told, hand)
    elif told.revoked_on or told.withdrawn_on or hand.choice(RECOGNITION, told.uuid, "code") == C.OURS:
        return None
    else:
        found = _recognise(told, product, matcher, hand)
    if publish and found.published_at is None:
        publish_recognitions(recognitions=[found], at=hand.now, actor=hand.actor)
    return found


def _take_end(found: Recognition, told: RecognitionFact, hand: Hand) -> None:
    if hand.choice(RECOGNITION, told.uuid, "expires_on") == C.THEIRS:
        words = hand.reason(RECOGNITION, told.uuid, "expires_on")
        reason = f"{hand.source}. {words}"
        set_validity(recognition=found, expires_on=told.expires_on, reason=reason, actor=hand.actor, now=hand.now)


def _recognise(told: RecognitionFact, product: Product, matcher: Matcher, hand: Hand) -> Recognition:
    unit = unit_of(told, matcher, hand)
    made = recognise(
        product=product,
        level=told.level,
        year=told.year,
        round_ordinal=told.round_ordinal,
        territory=unit,
        decision=_decision(told.decision, unit if told.level in OF_A_PROVINCE else None, hand),
        issued_on=told.issued_on,
        locality=told.locality,
        expires_on=told.expires_on,
        official_number=told.official_number,
        source=hand.source,
        code="" if hand.choice(RECOGNITION, told.uuid, "code") == C.SEPARATE else told.code,
        actor=hand.actor,
    )
    if told.precision == DatePrecision.YEAR:
        # The other side knows the year of its end and no more; nobody has read a day on a paper.
        made.expiry_precision, made.validity_confirmed = DatePrecision.YEAR, False
        made.save(update_fields=["expiry_precision", "validity_confirmed"])
    return made


def unit_of(told: RecognitionFact, matcher: Matcher, hand: Hand) -> Territory:
    unit = matcher.unit(told.territory)
    return current_of(unit) if hand.choice(RECOGNITION, told.uuid, "territory") == C.OURS else unit


def _decision(told: DecisionFact | None, unit: Territory | None, hand: Hand) -> Decision | None:
    if told is None:
        return None
    number, symbol, issuer = normalise(told.number), normalise(told.symbol), normalise(told.issuer)
    known = Decision.objects.filter(number=number, symbol=symbol, issuer=issuer, year=told.year).first()
    return known or record_decision(
        number=number,
        symbol=symbol,
        signed_on=told.signed_on,
        year=told.year,
        issuer=issuer,
        territory=unit,
        source=hand.source,
        actor=hand.actor,
    )
