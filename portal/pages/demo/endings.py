"""Invented recognitions that end in each reminder window, counted from the day of loading, and a revoked one."""

import datetime as dt
from collections import Counter

from django.utils.translation import gettext as _

from portal.territory.queries import unit_of
from portal.text.workdays import is_working_day, next_working_day
from products.enums import Level
from products.models import Decision, Product, Recognition
from products.services import publish_recognitions, recognise, record_decision, revoke

from .rounds import ISSUER, SIGNER
from .stage import Stage

SYMBOL = "QĐ-MAU"
VALID_FOR = dt.timedelta(days=730)
# One product stands in the tables for each line of the schedule that comes with the portal.
WINDOWS = (180, 90, 30, 7, -1)


def load(stage: Stage) -> Counter[str]:
    """One recognition per window (its letter is due on the first working day), and one revoked. What exists is kept."""
    first = stage.today if is_working_day(stage.today) else next_working_day(stage.today)
    for days in WINDOWS:
        for product in stage.products(f"window{days}"):
            recognised(stage, product, expires_on=first + dt.timedelta(days=days))
    for product in stage.products("revoked"):
        _revoked(stage, product)
    return stage.counts


def recognised(stage: Stage, product: Product, *, expires_on: dt.date) -> Recognition | None:
    """A published recognition that ends on the given day; None when the product has one already."""
    if product.recognitions.exists():
        stage.counts["endings_kept"] += 1
        return None
    issued_on = expires_on - VALID_FOR
    made = recognise(
        product=product,
        level=Level.PROVINCE,
        year=issued_on.year,
        round_ordinal=0,
        territory=unit_of(stage.province.name, issued_on),
        decision=_decision(stage, issued_on),
        issued_on=issued_on,
        expires_on=expires_on,
        actor=stage.people["lanhdao.thainguyen"],
        is_illustrative=True,
    )
    publish_recognitions(recognitions=[made], at=stage.now, actor=stage.people["lanhdao.thainguyen"])
    stage.counts["endings_created"] += 1
    return made


def _decision(stage: Stage, signed_on: dt.date) -> Decision:
    """The sample decision of that day; its number is the day, so that a later load cannot meet another's."""
    number = f"{signed_on:%d%m}"
    known = Decision.objects.filter(issuer=ISSUER, number=number, symbol=SYMBOL, year=signed_on.year).first()
    return known or record_decision(
        number=number,
        symbol=SYMBOL,
        signed_on=signed_on,
        issuer=ISSUER,
        signer=SIGNER,
        title=_("Quyết định mẫu, số liệu minh họa"),
        territory=stage.province,
        actor=stage.people["lanhdao.thainguyen"],
    )


def _revoked(stage: Stage, product: Product) -> None:
    made = recognised(stage, product, expires_on=stage.today + dt.timedelta(days=400))
    if made is None:
        return
    on = stage.today - dt.timedelta(days=60)
    revoke(
        recognition=made,
        on=on,
        reason=_("Cơ sở mẫu dùng sai biểu trưng công nhận (tình huống mẫu)."),
        proposal=_("Văn bản đề nghị mẫu của hội đồng cấp tỉnh, số liệu minh họa"),
        decision=_decision(stage, on),
        actor=stage.people["lanhdao.thainguyen"],
    )
