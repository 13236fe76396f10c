"""Recognising a product, proposing it, publishing, and how long it holds."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.audit.services import record
from portal.territory.models import Territory
from portal.text.errors import Refusal
from portal.text.folding import normalise
from portal.text.formats import day, roman

from .. import validity
from ..enums import DatePrecision, EventKind, Level, Stage
from ..models import Decision, Product, Recognition, ValidityRule
from .events import note_event
from .shared import issue_certificate, level_words, locked, require_reason


@transaction.atomic
def recognise(
    *,
    product: Product,
    level: str,
    year: int,
    round_ordinal: int,
    territory: Territory,
    decision: Decision | None,
    issued_on: dt.date | None,
    actor: Any,
    locality: str = "",
    is_illustrative: bool = False,
    expires_on: dt.date | None = None,
    official_number: str = "",
    source: str = "",
    source_note: str = "",
    code: str = "",
) -> Recognition:
    """Recognise a product at a level and give its certificate a public code. Nothing is published yet.

    The rule in force on the day of the decision gives the last valid day, unless `expires_on` says
    what stands on the paper. `code` is the one that a certificate from another deployment bears. A
    proposal for the same level, year and ordinal becomes the recognition.
    Refused when the level did not exist, no rule was in force, or the recognition is there already.
    """
    Product.objects.select_for_update().get(pk=product.pk)
    decided_on = decision.signed_on if decision else None
    _refuse_level_out_of_time(level, decided_on or issued_on or validity.day_standing_for(year, level))
    found = Recognition.objects.filter(product=product, level=level, year=year, round_ordinal=round_ordinal).first()
    if found and found.stage == Stage.RECOGNISED:
        raise _already_recognised(found)
    recognition = found or Recognition(product=product, level=level, year=year, round_ordinal=round_ordinal)
    recognition.stage = Stage.RECOGNISED
    recognition.territory = territory
    recognition.locality = locality or recognition.locality
    recognition.decision = decision
    recognition.issued_on = issued_on
    recognition.is_illustrative = is_illustrative
    recognition.source = source or recognition.source
    recognition.source_note = source_note or recognition.source_note
    apply_term(recognition, expires_on=expires_on)
    recognition.save()
    issue_certificate(recognition=recognition, issued_on=issued_on, official_number=official_number, code=code)
    record(
        actor=actor,
        action="recognition.create",
        sentence=_("Công nhận “%(product)s” %(level)s năm %(year)s.")
        % {"product": product.name, "level": level_words(recognition), "year": year},
        subject=recognition,
        territory=territory,
        data={"expires_on": str(recognition.expires_on), "decision": str(decision or "")},
    )
    return recognition


@transaction.atomic
def propose(
    *, product: Product, level: str, year: int, round_ordinal: int, territory: Territory, actor: Any, **details: Any
) -> Recognition:
    """Keep a published proposal: no certificate, no seal, no count until it is recognised."""
    found = Recognition.objects.filter(product=product, level=level, year=year, round_ordinal=round_ordinal).first()
    if found:
        raise _already_recognised(found)
    recognition = Recognition.objects.create(
        product=product,
        level=level,
        year=year,
        round_ordinal=round_ordinal,
        territory=territory,
        stage=Stage.PROPOSED,
        **details,
    )
    record(
        actor=actor,
        action="recognition.propose",
        sentence=_("Ghi đề nghị công nhận “%(product)s” %(level)s năm %(year)s.")
        % {"product": product.name, "level": level_words(recognition), "year": year},
        subject=recognition,
        territory=territory,
    )
    return recognition


@transaction.atomic
def publish_recognitions(*, recognitions: Iterable[Recognition], at: dt.datetime, actor: Any) -> int:
    """Publish recognitions; those already published are left as they are. Returns how many were new."""
    keys = [recognition.pk for recognition in recognitions]
    rows = list(
        Recognition.objects.select_for_update(of=("self",))
        .filter(pk__in=keys)
        .prefetch_related("product", "territory")
        .order_by("pk")
    )
    if any(row.stage == Stage.PROPOSED for row in rows):
        raise Refusal(
            "proposal_not_published",
            _("Sản phẩm mới được đề nghị thì chưa công bố được. Hãy ghi quyết định công nhận trước."),
        )
    fresh = [row for row in rows if row.published_at is None]
    for row in fresh:
        row.published_at = at
        row.save(update_fields=["published_at"])
        record(
            actor=actor,
            action="recognition.publish",
            sentence=_("Công bố công nhận “%(product)s” %(level)s năm %(year)s.")
            % {"product": row.product.name, "level": level_words(row), "year": row.year},
            subject=row,
            territory=row.territory,
        )
    return len(fresh)


@transaction.atomic
def set_validity(
    *,
    recognition: Recognition,
    expires_on: dt.date,
    reason: str,
    actor: Any,
    issued_on: dt.date | None = None,
    now: dt.datetime | None = None,
) -> Recognition:
    """Write the dates that stand on the paper certificate. The change needs a reason and confirms the date.

    The same day again confirms what a rule had worked out ("tạm tính"). The public trace keeps before and after.
    """
    row = locked(recognition)
    if row.stage == Stage.PROPOSED:
        raise Refusal("not_recognised", _("Sản phẩm mới được đề nghị thì chưa có hiệu lực."), field="expires_on")
    if row.withheld_at:
        raise Refusal("withheld", _("Công nhận này đã thu hồi và thôi hiện công khai, không sửa hiệu lực nữa."))
    require_reason(reason)
    issued_on = issued_on or row.issued_on
    _refuse_end_before_issue(expires_on, issued_on)
    before = row.expires_on
    row.expires_on, row.issued_on = expires_on, issued_on
    row.expiry_precision = DatePrecision.DAY
    row.validity_confirmed = True
    row.save()
    now = now or timezone.now()
    note_event(
        recognition=row, kind=EventKind.VALIDITY_CHANGED, on=timezone.localdate(now), before=before, after=expires_on,
        reason=reason, actor=actor, now=now,
    )  # fmt: skip
    record(
        actor=actor,
        action="recognition.set_validity",
        sentence=_("Sửa hiệu lực của “%(product)s” %(level)s thành đến hết %(day)s.")
        % {"product": row.product.name, "level": level_words(row), "day": day(expires_on)},
        subject=row,
        territory=row.territory,
        reason=normalise(reason),
        data={"before": str(before), "after": str(expires_on)},
    )
    return row


def apply_term(recognition: Recognition, *, expires_on: dt.date | None = None) -> None:
    """Set the validity fields from the dated rules, or from the day that stands on the paper. Does not save."""
    rules = list(ValidityRule.objects.all())
    decided_on = recognition.decision.signed_on if recognition.decision else None
    term = validity.term_of(
        [as_rule(rule) for rule in rules],
        level=recognition.level,
        year=recognition.year,
        decided_on=decided_on,
        issued_on=recognition.issued_on,
    )
    if term is None and expires_on is None:
        raise Refusal(
            "no_validity_rule",
            _(
                "Chưa có quy định hiệu lực cho công nhận năm %(year)s. "
                "Hãy nhập ngày hết hiệu lực ghi trên giấy chứng nhận."
            )
            % {"year": recognition.year},
            field="expires_on",
        )
    recognition.validity_rule = next((rule for rule in rules if term and rule.code == term.rule.code), None)
    if expires_on:
        _refuse_end_before_issue(expires_on, recognition.issued_on)
        recognition.expires_on = expires_on
        recognition.expiry_precision = DatePrecision.DAY
        recognition.validity_confirmed = True
    elif term:
        recognition.expires_on = term.expires_on
        recognition.expiry_precision = term.precision
        recognition.validity_confirmed = False


def as_rule(rule: ValidityRule) -> validity.Rule:
    return validity.Rule(rule.code, rule.valid_from, rule.valid_to, rule.years, rule.to_end_of_year)


def _refuse_level_out_of_time(level: str, on: dt.date) -> None:
    if validity.level_exists(level, on=on):
        return
    sentence = (
        _("Cấp huyện chỉ công nhận đến hết 30/06/2025. Hãy kiểm tra lại cấp hoặc ngày.")
        if level == Level.DISTRICT
        else _("Cấp xã chỉ công nhận từ 01/07/2025. Hãy kiểm tra lại cấp hoặc ngày.")
    )
    raise Refusal("level_out_of_time", sentence, field="level")


def _refuse_end_before_issue(expires_on: dt.date, issued_on: dt.date | None) -> None:
    if issued_on and expires_on < issued_on:
        raise Refusal("end_before_issue", _("Ngày hết hiệu lực không được trước ngày cấp."), field="expires_on")


def _already_recognised(found: Recognition) -> Refusal:
    ordinal = _(", lần thứ %(ordinal)s") % {"ordinal": roman(found.round_ordinal)} if found.round_ordinal else ""
    return Refusal(
        "already_recognised",
        _("“%(product)s” đã được ghi ở %(level)s năm %(year)s%(ordinal)s.")
        % {"product": found.product.name, "level": level_words(found), "year": found.year, "ordinal": ordinal},
        field="product",
    )
