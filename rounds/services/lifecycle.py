"""A round's road from draft to closed: one literal table, guards that say every reason, one writer."""

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.audit.services import record
from portal.files.models import StoredFile
from portal.territory.models import Territory
from portal.territory.queries import current_id
from portal.text.errors import Refusal
from portal.text.folding import normalise
from portal.text.formats import day, lowered
from portal.text.slugs import unique_slug
from products import services as products
from products.models import Decision, Product, Recognition

from .. import rules
from ..enums import CriteriaState, DossierState, RoundState, VerdictChoice
from ..models import CriteriaSet, Dossier, Round
from ..states import ROUND_FIELDS_EDITABLE, ROUND_TRANSITIONS
from . import guards
from .detection import before_counting
from .holding import held
from .nominations_taken import close_lists
from .rescoring import reopen_scoring
from .results import tell_results
from .sealing import draw_seed, seal

R = RoundState


@transaction.atomic
def create_round(*, actor: Any, **fields: Any) -> Round:
    """Open a draft round. Refused outside the actor's reach and where the same round exists."""
    round_ = Round(**fields)
    rules.may_manage.require(actor, round_)
    try:
        with transaction.atomic():
            round_.slug = unique_slug(Round, round_.title)
            round_.save()
    except IntegrityError as error:
        raise Refusal(
            "round_exists", _("Đã có kỳ bình chọn cùng cấp, phạm vi, năm và lần. Hãy mở kỳ đã có."), field="year"
        ) from error
    _note(round_, actor, "round.create", _("Lập %(round)s."))
    return round_


@transaction.atomic
def update_round(*, round_: Round, actor: Any, **changes: Any) -> Round:
    """Change settings of a round. What its state has fixed is refused, field by field."""
    locked = lock(round_)
    rules.may_manage.require(actor, locked)
    changed = {name: value for name, value in changes.items() if getattr(locked, name) != value}
    if not changed:
        return locked
    fixed = [name for name in changed if locked.state not in ROUND_FIELDS_EDITABLE.get(name, ())]
    if fixed:
        raise Refusal(
            "round_field_fixed",
            _("Kỳ bình chọn %(state)s nên không sửa được: %(fields)s.")
            % {
                "state": str(locked.get_state_display()).lower(),
                "fields": ", ".join(field_words(name) for name in fixed),
            },
            field=fixed[0],
        )
    for name, value in changed.items():
        setattr(locked, name, value)
    locked.save()
    data = {name: str(value) for name, value in changed.items()}
    _note(locked, actor, "round.update", _("Sửa cài đặt của %(round)s."), data=data)
    return locked


def field_words(name: str) -> str:
    """A field of the round as its form calls it."""
    return str(getattr(Round._meta.get_field(name), "verbose_name", name))


@transaction.atomic
def advance(
    *,
    round_: Round,
    to: str,
    actor: Any,
    now: dt.datetime,
    reason: str = "",
    submission_number: str = "",
    submitted_on: dt.date | None = None,
    minutes_scan: StoredFile | None = None,
) -> Round:
    """Move a round along the table. Refused with every reason why not.

    A reason is needed to close receiving or scoring early, to exceed the quota, to go back and to cancel.
    "Decided" is reached by `record_decision` only, because it needs the decision.
    """
    locked = lock(round_)
    refuse_out_of_order(locked, to)
    rules.rule_to_advance(to, since=locked.state).require(actor, locked)
    if to == R.DECIDED:
        raise Refusal("decision_needed", _("Hãy ghi quyết định công nhận đã ký để chuyển kỳ sang bước này."))
    facts = guards.Facts(now, normalise(reason), normalise(submission_number), submitted_on)
    refuse_unready(locked, to, facts)
    before = locked.state
    _effect(locked, R(to), facts, minutes_scan, actor)
    locked.state = to
    locked.save()
    _note(
        locked,
        actor,
        "round.advance",
        _("Chuyển %(round)s sang “%(state)s”."),
        reason=facts.reason,
        data={"from": before, "to": str(to)},
    )
    return locked


def announce(*, round_: Round, actor: Any, now: dt.datetime) -> Round:
    """Announce the result: publishes the recognitions and starts the clock of complaints."""
    return advance(round_=round_, to=R.ANNOUNCED, actor=actor, now=now)


def lock(round_: Round) -> Round:
    """The round's row, locked for update until the transaction ends.

    Nothing is joined: whoever waited for the lock gets the new row, but PostgreSQL reads joined rows as
    they were before the wait, and a decision recorded meanwhile would be missing.
    """
    return Round.objects.select_for_update().get(pk=round_.pk)


def refuse_out_of_order(round_: Round, to: str) -> None:
    if to in R.values and R(to) in ROUND_TRANSITIONS[R(round_.state)]:
        return
    target = str(R(to).label) if to in R.values else str(to)
    raise Refusal(
        "transition_out_of_order",
        _("Kỳ bình chọn đang ở bước “%(now)s” nên không chuyển sang “%(to)s” được.")
        % {"now": round_.get_state_display(), "to": target},
    )


def refuse_unready(round_: Round, to: str, facts: guards.Facts) -> None:
    reasons = guards.check(round_, to, facts).refusals(reason=facts.reason)
    if reasons:
        raise Refusal(
            "transition_not_ready",
            _("Chưa chuyển sang “%(to)s” được: %(first)s") % {"to": R(to).label, "first": reasons[0]},
            details=reasons,
        )


def _effect(round_: Round, to: R, facts: guards.Facts, minutes_scan: StoredFile | None, actor: Any) -> None:
    """What a transition brings with it, beside the new state."""
    if R.SCORING in {to, round_.state}:
        before_counting(round_, now=facts.now)
    if to == R.SCORING and round_.state == R.DELIBERATION:
        reopen_scoring(round_, reason=facts.reason, actor=actor, now=facts.now)
    elif to == R.SCORING:
        freeze_criteria(round_, now=facts.now)
        draw_seed(round_, actor=actor)
    elif to == R.DELIBERATION and round_.state == R.SCORING:
        seal(round_, actor=actor, now=facts.now)
        round_.minutes_scan = minutes_scan or round_.minutes_scan
    elif to == R.SUBMITTED:
        round_.submission_number = facts.submission_number or round_.submission_number
        round_.submitted_on = facts.submitted_on or round_.submitted_on
    elif to == R.ANNOUNCED:
        round_.announced_at = facts.now
        rows = Recognition.objects.filter(dossier__round=round_).exclude(dossier__in=held(round_))
        products.publish_recognitions(recognitions=rows, at=facts.now, actor=actor)
        tell_results(round_=round_, now=facts.now)
        close_lists(round_=round_, actor=actor, now=facts.now)
    elif to == R.CANCELLED:
        round_.cancelled_reason = facts.reason


def freeze_criteria(round_: Round, *, now: dt.datetime) -> int:
    """Freeze every approved criteria set of the round: what a sheet is scored by never changes."""
    approved = CriteriaSet.objects.filter(round=round_, state=CriteriaState.APPROVED, frozen_at__isnull=True)
    return approved.update(frozen_at=now)


@transaction.atomic
def record_decision(
    *,
    round_: Round,
    number: str,
    symbol: str,
    signed_on: dt.date,
    issuer: str,
    signer: str,
    scan: StoredFile | None,
    actor: Any,
    now: dt.datetime,
) -> Decision:
    """Record the signed decision and recognise every proposed product, all or nothing.

    Sent twice it answers with the same decision: the row lock lets the second one see the first.
    Refused before submission, with a date in the future or before the submission, and when the number repeats.
    """
    locked = lock(round_)
    if locked.state == R.DECIDED and locked.decision and _is_same(locked.decision, number, symbol, signed_on):
        return locked.decision
    refuse_out_of_order(locked, R.DECIDED)
    rules.may_decide.require(actor, locked)
    refuse_wrong_day(locked, signed_on, today=timezone.localtime(now).date())
    dossiers = _hold_products(_proposed(locked))
    decision = write_decision(
        locked, number=number, symbol=symbol, signed_on=signed_on, issuer=issuer, signer=signer, scan=scan, actor=actor
    )
    total = _recognise(dossiers, locked, decision, actor)
    locked.decision = decision
    locked.state = R.DECIDED
    locked.save()
    _note(
        locked,
        actor,
        "round.decide",
        _("Ghi quyết định %(decision)s của %(round)s, công nhận %(total)s sản phẩm."),
        words={"decision": decision.full_number, "total": total},
        data={"decision": str(decision.uuid), "recognitions": total},
    )
    return decision


def _is_same(decision: Decision, number: str, symbol: str, signed_on: dt.date) -> bool:
    said = (normalise(number), normalise(symbol), signed_on)
    return (decision.number, decision.symbol, decision.signed_on) == said


def refuse_wrong_day(round_: Round, signed_on: dt.date, *, today: dt.date) -> None:
    if signed_on > today:
        raise Refusal(
            "decision_in_future",
            _("Ngày ký %(day)s ở sau hôm nay. Hãy ghi ngày trên quyết định đã ký.") % {"day": day(signed_on)},
            field="signed_on",
        )
    if round_.submitted_on and signed_on < round_.submitted_on:
        raise Refusal(
            "decision_before_submission",
            _("Quyết định không thể ký trước ngày trình %(day)s. Hãy kiểm tra lại ngày ký.")
            % {"day": day(round_.submitted_on)},
            field="signed_on",
        )


def write_decision(round_: Round, *, number: str, symbol: str, **facts: Any) -> Decision:
    try:
        with transaction.atomic():
            return products.record_decision(
                number=number,
                symbol=symbol,
                title=_("Công nhận sản phẩm công nghiệp nông thôn tiêu biểu, %(round)s")
                % {"round": lowered(round_.title)},
                territory=round_.territory,
                **facts,
            )
    except IntegrityError as error:
        raise Refusal(
            "decision_exists",
            _("Cơ quan này đã có quyết định số %(number)s/%(symbol)s trong năm. Hãy kiểm tra lại số.")
            % {"number": number, "symbol": symbol},
            field="number",
        ) from error


def _proposed(round_: Round) -> list[Dossier]:
    rows = Dossier.objects.select_for_update(of=("self",)).filter(
        round=round_, state=DossierState.ELIGIBLE, verdict__choice=VerdictChoice.RECOGNISE, recognition__isnull=True
    )
    return list(rows.order_by("entry_code"))


def _hold_products(dossiers: list[Dossier]) -> list[Dossier]:
    """Their products, held before the first audit row: whoever has written one keeps all others from writing."""
    keys = [dossier.product_id for dossier in dossiers]
    rows = Product.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk")
    held = {row.pk: row for row in rows.prefetch_related("territory")}
    for dossier in dossiers:
        dossier.product = held[dossier.product_id]
    return dossiers


def _recognise(dossiers: list[Dossier], round_: Round, decision: Decision, actor: Any) -> int:
    for dossier in dossiers:
        dossier.recognition = products.recognise(
            product=dossier.product,
            level=round_.level,
            year=round_.year,
            round_ordinal=round_.ordinal,
            territory=territory_of(round_, dossier, decision),
            locality=round_.locality,
            decision=decision,
            issued_on=decision.signed_on,
            actor=actor,
            is_illustrative=round_.is_illustrative or dossier.is_illustrative,
        )
        dossier.save(update_fields=["recognition", "updated_at"])
    return len(dossiers)


def territory_of(round_: Round, dossier: Dossier, decision: Decision) -> Territory:
    """The province at the time: the round's own, else the product's as it stood on the day of the decision."""
    if round_.territory is not None:
        return round_.territory
    recorded = dossier.product.territory
    if decision.signed_on and not recorded.holds_on(decision.signed_on):
        return Territory.objects.get(pk=current_id(recorded.pk))
    return recorded


def _note(
    round_: Round,
    actor: Any,
    action: str,
    sentence: str,
    *,
    reason: str = "",
    words: dict[str, Any] | None = None,
    data: dict[str, Any] | None = None,
) -> None:
    said = {"round": round_.title, "state": round_.get_state_display(), **(words or {})}
    record(
        actor=actor,
        action=action,
        sentence=sentence % said,
        subject=round_,
        territory=round_.territory,
        reason=reason,
        data=data,
    )
