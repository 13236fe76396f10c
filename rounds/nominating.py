"""What may be nominated to the level above, and why or why not (TT 26/2014/TT-BCT, Điều 12). Pure functions.

The chain of levels is one literal table. Nothing here reads the database: `nomination_queries` gathers the facts.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from portal.text.formats import day, lowered
from products.enums import DatePrecision, Level, Status
from products.permits import may_enter_above
from products.validity import Facts, holds_on, status_of

from .enums import DossierState, NotNominated


class Sender(StrEnum):
    """Whose list it is."""

    COMMUNE = "commune"
    PROVINCE = "province"


@dataclass(frozen=True)
class Step:
    """One step of the chain: whose recognitions count below, and who sends the list."""

    below: tuple[Level, ...]
    sender: Sender


# Commune (before July 2025 the district) → province → region → nation.
CHAIN: dict[Level, Step] = {
    Level.PROVINCE: Step((Level.COMMUNE, Level.DISTRICT), Sender.COMMUNE),
    Level.REGION: Step((Level.PROVINCE,), Sender.PROVINCE),
    Level.NATIONAL: Step((Level.REGION,), Sender.PROVINCE),
}
# Reasons that say nothing by themselves.
NEEDS_WORDS = frozenset({NotNominated.OTHER})
STOPPED = frozenset({Status.REVOKED, Status.WITHDRAWN, Status.SUSPENDED})


@dataclass(frozen=True)
class Target:
    """The round above as far as it decides. `closing_on` is the last day on which it takes dossiers, if known."""

    level: str
    region: str = ""
    lower_round_held: bool = True
    closing_on: dt.date | None = None


@dataclass(frozen=True)
class Held:
    """A recognition that a product holds or held."""

    key: int
    level: str
    year: int
    facts: Facts
    published: bool = True


class Source(StrEnum):
    """Whether the dossier of the level below stands on this portal as it was submitted."""

    FROZEN = "frozen"
    UNFROZEN = "unfrozen"
    NONE = "none"


@dataclass(frozen=True)
class Candidate:
    """A product with what decides whether it may be nominated. `entered` is its number in the round, if it is there."""

    key: int
    region: str = ""
    region_certain: bool = True
    has_maker: bool = True
    maker_merged: bool = False
    product_merged: bool = False
    empty_set: bool = False
    entered: str | None = None
    held: tuple[Held, ...] = ()
    sources: dict[int, Source] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """Yes or no with its sentence, everything that speaks against it, what to mind, and the recognition it rests on.

    A product that rests on a certificate has to be decided on, chosen or left out with a reason; one that would go
    up with a letter only is offered.
    """

    allowed: bool
    why: str
    refusals: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    rests_on: int | None = None
    is_renewal: bool = False

    @property
    def is_due(self) -> bool:
        return self.allowed and self.rests_on is not None


def levels_below(level: str) -> tuple[Level, ...]:
    """The levels whose certificate leads to this one; none leads to the lowest."""
    step = CHAIN.get(Level(level))
    return step.below if step else ()


def answer(one: Candidate, target: Target, *, on: dt.date) -> Answer:
    """Whether the product may be nominated on the day, with a sentence either way."""
    if Level(target.level) not in CHAIN:
        said = _("%(level)s không nhận đề cử từ cấp dưới.") % {"level": Level(target.level).label}
        return Answer(False, said, (said,))
    found = _resting(one, target, on)
    refusals = [*_unfit(one, target), *([] if found else _no_ground(one, target, on))]
    if found is not None and one.sources.get(found.key) == Source.UNFROZEN:
        refusals.append(_("Hồ sơ cấp dưới chưa có bản đã nộp nên không có gì để chuyển lên. Hãy nộp hồ sơ đó trước."))
    renewed = _held_above(one, target, on)
    return Answer(
        allowed=not refusals,
        why=refusals[0] if refusals else _yes(found, target),
        refusals=tuple(refusals),
        warnings=_warnings(one, target, found, renewed),
        rests_on=found.key if found else None,
        is_renewal=renewed is not None,
    )


def _unfit(one: Candidate, target: Target) -> list[str]:
    found = []
    if one.product_merged:
        found.append(_("Sản phẩm đã gộp vào sản phẩm khác. Hãy đề cử sản phẩm còn lại."))
    if not one.has_maker:
        found.append(_("Sản phẩm chưa ghi cơ sở làm ra. Hãy bổ sung cơ sở."))
    if one.maker_merged:
        found.append(_("Cơ sở làm ra đã gộp vào cơ sở khác. Hãy đề cử sản phẩm của cơ sở còn lại."))
    if target.region and one.region != target.region:
        found.append(_("Cơ sở làm ra ở ngoài khu vực của kỳ này."))
    if one.entered is not None:
        found.append(_already_there(one.entered))
    if one.empty_set:
        found.append(_("Bộ sản phẩm chưa có tên các sản phẩm trong bộ. Hãy bổ sung."))
    return found


def _already_there(code: str) -> str:
    if code:
        return _("Đã có hồ sơ số %(code)s trong kỳ này.") % {"code": code}
    return _("Đã có hồ sơ trong kỳ này.")


def _below(one: Candidate, target: Target) -> list[Held]:
    """Recognitions of the level below, the one that holds longest first."""
    levels = levels_below(target.level)
    found = [held for held in one.held if held.level in levels]
    return sorted(found, key=lambda held: (held.facts.expires_on or dt.date.min, held.key), reverse=True)


def _resting(one: Candidate, target: Target, on: dt.date) -> Held | None:
    """The recognition below that is in force on the day and on the round's closing day."""
    days = {on, target.closing_on or on}
    for held in _below(one, target):
        if held.published and all(may_enter_above(held.facts, held.level, when).allowed for when in days):
            return held
    return None


def _no_ground(one: Candidate, target: Target, on: dt.date) -> list[str]:
    """Without a certificate in force a product goes up by letter where no lower round is held, unless one was stopped."""
    if target.lower_round_held:
        return [_no_certificate(one, target, on)]
    stopped = [held for held in _below(one, target) if held.published and _is_stopped(held.facts, on)]
    return [may_enter_above(held.facts, held.level, on).sentence for held in stopped[:1]]


def _is_stopped(facts: Facts, on: dt.date) -> bool:
    """Suspended, withdrawn or revoked before it would have ended."""
    ended = facts.expires_on is None or facts.expires_on < on
    return not ended and status_of(facts, on=on, expiring_days=0) in STOPPED


def _no_certificate(one: Candidate, target: Target, on: dt.date) -> str:
    below = _below(one, target)
    if not below:
        names = _(" hoặc ").join(str(level.label).lower() for level in levels_below(target.level))
        return _("Chưa được công nhận %(levels)s.") % {"levels": names}
    announced = [held for held in below if held.published]
    if not announced:
        return _("%(named)s chưa công bố.") % {"named": _named(below[0])}
    best = next((held for held in announced if holds_on(held.facts, on)), announced[0])
    if holds_on(best.facts, on) and target.closing_on is not None:
        why = may_enter_above(best.facts, best.level, target.closing_on).sentence
        return _("Đến ngày cuối nhận hồ sơ %(day)s thì không còn: %(why)s") % {
            "day": day(target.closing_on),
            "why": lowered(why),
        }
    return may_enter_above(best.facts, best.level, on).sentence


def _held_above(one: Candidate, target: Target, on: dt.date) -> Held | None:
    same = [held for held in one.held if held.level == target.level and held.published and holds_on(held.facts, on)]
    return max(same, key=lambda held: held.facts.expires_on or dt.date.min, default=None)


def _named(held: Held) -> str:
    return _("Công nhận %(level)s năm %(year)s") % {"level": str(Level(held.level).label).lower(), "year": held.year}


def _until(held: Held) -> str:
    end = held.facts.expires_on
    if end is None:
        return ""
    return _("năm %(year)s") % {"year": end.year} if held.facts.precision == DatePrecision.YEAR else day(end)


def _yes(found: Held | None, target: Target) -> str:
    if found is None:
        return _("Kỳ này không có bình chọn cấp dưới: gửi kèm công văn, không cần giấy chứng nhận cấp dưới.")
    return _("%(named)s còn hiệu lực đến hết %(until)s.") % {"named": _named(found), "until": _until(found)}


def _warnings(one: Candidate, target: Target, found: Held | None, renewed: Held | None) -> tuple[str, ...]:
    said = []
    if renewed is not None:
        said.append(
            _("Đang có %(named)s, hiệu lực đến hết %(until)s: lần này là công nhận lại.")
            % {"named": lowered(_named(renewed)), "until": _until(renewed)}
        )
    if target.level == Level.REGION and not one.region_certain:
        said.append(
            _("Khu vực khuyến công của tỉnh này sau sáp nhập chưa có văn bản xác định. Hãy hỏi Cục trước khi gửi.")
        )
    if target.closing_on is None:
        said.append(_("Kỳ này chưa ghi hạn nhận hồ sơ nên chưa biết giấy chứng nhận còn hiệu lực vào ngày đó không."))
    if found is not None and one.sources.get(found.key, Source.NONE) == Source.NONE:
        said.append(_("Cổng không có hồ sơ cấp dưới: thuyết minh, ảnh và giấy tờ phải bổ sung ở kỳ trên."))
    return tuple(said)


# --- a list before it is sent -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One product of a list: what was decided, and what holds of it now (None when it is no longer offered)."""

    name: str
    chosen: bool
    why_not: str = ""
    reason: str = ""
    answer: Answer | None = None

    @property
    def is_decided(self) -> bool:
        return self.chosen or bool(self.why_not)


@dataclass(frozen=True)
class Draft:
    """A list as it stands before sending."""

    lines: Sequence[Line]
    is_open: bool
    closed_words: str = ""
    quota: int | None = None
    nothing_reason: str = ""
    letter_number: str = ""
    letter_on: dt.date | None = None
    letter_signer: str = ""

    @property
    def chosen(self) -> list[Line]:
        return [line for line in self.lines if line.chosen]


def undecided(lines: Iterable[Line]) -> list[Line]:
    """Products that have to be decided on and are not."""
    return [line for line in lines if not line.is_decided and line.answer is not None and line.answer.is_due]


def reasons_not_to_send(draft: Draft, *, on: dt.date) -> list[str]:
    """Everything that stands between a list and its sending, in the order of the page."""
    found = [] if draft.is_open else [draft.closed_words]
    found += [
        _("“%(name)s”: chưa chọn đề cử hay không đề cử.") % {"name": line.name} for line in undecided(draft.lines)
    ]
    found += [
        _("“%(name)s”: hãy giải thích vì sao không đề cử.") % {"name": line.name}
        for line in draft.lines
        if line.why_not in NEEDS_WORDS and not line.reason
    ]
    found += [
        _("“%(name)s” không đề cử được nữa. %(why)s")
        % {"name": line.name, "why": line.answer.why if line.answer else _("Sản phẩm không còn thuộc đơn vị.")}
        for line in draft.chosen
        if line.answer is None or not line.answer.allowed
    ]
    return found + over_quota(len(draft.chosen), draft.quota) + _letter_faults(draft, on)


def over_quota(chosen: int, quota: int | None) -> list[str]:
    """The sentence about too many, or nothing."""
    if quota is None or chosen <= quota:
        return []
    facts = {"chosen": chosen, "quota": quota, "more": chosen - quota}
    return [_("Đã chọn %(chosen)s, số lượng được đề cử là %(quota)s. Hãy bỏ bớt %(more)s.") % facts]


def _letter_faults(draft: Draft, on: dt.date) -> list[str]:
    if not draft.chosen:
        return [] if draft.nothing_reason else [_("Không đề cử sản phẩm nào thì hãy ghi lý do.")]
    found = [] if draft.letter_number and draft.letter_on else [_("Chưa ghi số, ngày của công văn đề nghị.")]
    if not draft.letter_signer:
        found.append(_("Chưa ghi chức danh người ký công văn đề nghị."))
    if draft.letter_on and draft.letter_on > on:
        found.append(_("Ngày công văn %(day)s ở sau hôm nay.") % {"day": day(draft.letter_on)})
    return found


# --- what came of it --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outcome:
    """What came of a nomination in the round above. Kept as plain values, as another deployment sends it too."""

    code: str
    words: str
    reason: str = ""
    entry_code: str = ""
    decision: str = ""
    decided_on: str = ""
    recognition: str = ""
    certificate_code: str = ""
    expires_on: str = ""

    def as_dict(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if value}


WAITING, NEEDS, ELIGIBLE, REFUSED, WITHDRAWN, RECOGNISED, NOT_RECOGNISED = (
    "received",
    "needs_supplement",
    "eligible",
    "not_eligible",
    "withdrawn",
    "recognised",
    "not_recognised",
)
_OF_STATE = {
    DossierState.DRAFT: WAITING,
    DossierState.SUBMITTED: WAITING,
    DossierState.NEEDS_SUPPLEMENT: NEEDS,
    DossierState.ELIGIBLE: ELIGIBLE,
    DossierState.GATHERED: ELIGIBLE,
    DossierState.NOT_ELIGIBLE: REFUSED,
    DossierState.WITHDRAWN: WITHDRAWN,
}


def outcome_code(*, state: str, recognised: bool, announced: bool) -> str:
    """Where a nominated dossier stands. Nothing of the result is told before the round above is announced."""
    reached = _OF_STATE[DossierState(state)]
    if not announced or reached in {REFUSED, WITHDRAWN}:
        return reached
    return RECOGNISED if recognised else NOT_RECOGNISED


def outcome_words(code: str) -> str:
    """The code as a lower unit reads it."""
    return {
        WAITING: _("Cấp trên đang kiểm tra hồ sơ"),
        NEEDS: _("Cấp trên yêu cầu bổ sung hồ sơ"),
        ELIGIBLE: _("Đủ điều kiện, đang bình chọn"),
        REFUSED: _("Không đủ điều kiện"),
        WITHDRAWN: _("Đã rút"),
        RECOGNISED: _("Được công nhận"),
        NOT_RECOGNISED: _("Không được công nhận"),
    }.get(code, code)
