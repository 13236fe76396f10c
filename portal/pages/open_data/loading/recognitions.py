"""Recognitions of the open data with their decisions and certificates, and what befell them."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from products import codes
from products.enums import Level, Stage
from products.models import Certificate, Decision, Product, Recognition, RecognitionEvent, Suspension, ValidityRule

from ..checking import Row
from .world import Unreadable, World

ABOVE_PROVINCES = (Level.NATIONAL, Level.REGION)
DecisionKey = tuple[str, str, int]


def decisions(world: World, row: Row) -> Iterator[Decision]:
    """The decision that a row names, once."""
    key = key_of_told(row)
    if key is None or world.knows(Decision, key):
        return
    world.keys[Decision, key] = 0
    number, slash, symbol = row.text("decision_number").partition("/")
    if not slash:
        raise Unreadable(_("Cột decision_number phải ghi số và ký hiệu, ví dụ 15/QĐ-UBND."))
    level = row.values.get("level")
    slug = None if level in ABOVE_PROVINCES else row.values.get("province_at_the_time")
    yield Decision(
        number=number,
        symbol=symbol,
        year=key[2],
        signed_on=row["decision_date"],
        issuer=row.text("decision_issuer"),
        territory=world.territory_or_none(slug),
    )


def key_of_told(row: Row) -> DecisionKey | None:
    """What makes the decision of a row one: issuer, number with symbol, year. None where the row names none."""
    if not row["decision_number"]:
        return None
    signed: dt.date | None = row["decision_date"]
    year = signed.year if signed else row.values.get("year") or row["effective_on"].year
    return row.text("decision_issuer"), row.text("decision_number"), year


def key_of(decision: Any) -> DecisionKey:
    return decision.issuer, decision.full_number, decision.year


def decision_of(world: World, row: Row) -> int | None:
    return world.key_or_none(Decision, key_of_told(row))


def recognitions(world: World, row: Row) -> Iterator[Recognition]:
    rule = _rule(world, row.text("validity_rule"))
    yield Recognition(
        uuid=row["uuid"],
        product_id=world.key(Product, row["product_id"]),
        level=row["level"],
        year=row["year"],
        round_ordinal=row["round_ordinal"] or 0,
        territory=world.territory(row["province_at_the_time"]),
        locality=row.text("locality"),
        stage=Stage.RECOGNISED,
        decision_id=decision_of(world, row),
        issued_on=row["issued_on"],
        expires_on=row["expires_on"],
        expiry_precision=row["expires_precision"],
        validity_rule=rule,
        validity_confirmed=row["expires_certain"] and not (rule and rule.is_certain),
        suspended_from=row["suspended_from"],
        suspended_to=row["suspended_to"],
        withdrawn_on=row["withdrawn_on"],
        revoked_on=row["revoked_on"],
        status_reason=row.text("status_reason"),
        published_at=row["published_at"],
        source=row.text("source"),
        is_illustrative=row["is_illustrative"],
    )


def _rule(world: World, code: str) -> ValidityRule | None:
    found = world.rules.get(code)
    if code and found is None:
        raise Unreadable(_("Không có quy định hiệu lực “%(code)s” trong cổng này.") % {"code": code})
    return found


def certificates(world: World, row: Row) -> Iterator[Certificate]:
    code = codes.normalise(row.text("certificate_code"))
    if not code:
        return
    if not codes.is_valid(code):
        raise Unreadable(_("Mã tra cứu %(code)s không đúng.") % {"code": row.text("certificate_code")})
    yield Certificate(
        recognition_id=world.key(Recognition, row["uuid"]), code=code, official_number=row.text("certificate_number")
    )


def suspensions(world: World, row: Row) -> Iterator[Suspension]:
    yield Suspension(
        recognition_id=world.key(Recognition, row["recognition_id"]),
        begins_on=row["begins_on"],
        ends_on=row["ends_on"],
        reason=row.text("reason"),
        basis=row.text("basis"),
    )


def events(world: World, row: Row) -> Iterator[RecognitionEvent]:
    yield RecognitionEvent(
        uuid=row["uuid"],
        recognition_id=world.key(Recognition, row["recognition_id"]),
        kind=row["kind"],
        on=row["effective_on"],
        until=row["effective_until"],
        reason=row.text("reason"),
        basis=row.text("basis"),
        decision_id=decision_of(world, row),
        certificate_id=world.key_or_none(Certificate, codes.normalise(row.text("certificate_code"))),
        before=row["expires_before"],
        after=row["expires_after"],
        recorded_at=row["recorded_at"],
    )
