"""Whether a dossier meets the conditions to enter (TT 26/2014/TT-BCT, Điều 4, 6, 12). Pure functions.

The conditions themselves are dated rows (`EligibilityRule`). A computed one names by its code a function here,
which takes the facts of a dossier as plain values; an answered one is asked of a person and carries a reason.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from facilities.enums import FacilityKind
from facilities.taxcode import check as odd_tax_code
from portal.text.formats import day
from products.enums import LEVEL_RANK, Level

from .enums import CheckKind, DocumentKind, SetBasis

MET, NOT_MET, NOT_APPLICABLE, OPEN = "met", "not_met", "not_applicable", "open"
MAY_ENTER = frozenset(
    {FacilityKind.ENTERPRISE, FacilityKind.COOPERATIVE, FacilityKind.COOPERATIVE_GROUP, FacilityKind.HOUSEHOLD}
)
SMALLEST_SET = 2


@dataclass(frozen=True)
class Condition:
    """A rule in force: what it asks, by which text, and for which group (blank: every group)."""

    id: int
    code: str
    kind: str
    sentence: str
    failure: str
    guidance: str
    legal_basis: str
    is_certain: bool = True
    warns_only: bool = False
    group: str = ""


@dataclass(frozen=True)
class Answer:
    """What a person found about an answered rule."""

    answer: str
    reason: str
    by: str
    at: dt.datetime


@dataclass(frozen=True)
class Member:
    """A member of a set; `facility` is the maker of the product it also is, if that is known."""

    name: str
    facility: int | None = None


@dataclass(frozen=True)
class Certificate:
    """A recognition of the level below: whether it stands on the day of submission, and until when it holds."""

    stands: bool
    until: dt.date | None


@dataclass(frozen=True)
class DatedPaper:
    """A paper of the dossier with the last day it holds, if it names one."""

    kind: str
    name: str
    valid_until: dt.date | None = None


@dataclass(frozen=True)
class Facts:
    """A dossier as the computed rules read it. `submitted_on` is the day it came in, `on` the day of the check."""

    level: str
    on: dt.date
    submitted_on: dt.date
    lower_round_held: bool = False
    facility: int | None = None
    facility_kind: str = ""
    facility_merged: bool = False
    product_merged: bool = False
    tax_code: str = ""
    group: str = ""
    group_certain: bool = True
    is_set: bool = False
    set_certain: bool = True
    set_basis: str = ""
    members: tuple[Member, ...] = ()
    certificates: tuple[Certificate, ...] = ()
    papers: tuple[DatedPaper, ...] = ()
    entered_too: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """What a computed rule says: the outcome, and why where it is not simply met."""

    outcome: str
    reason: str = ""


@dataclass(frozen=True)
class Check:
    """One condition of one dossier and how it stands. `by` and `at` are of the person's answer."""

    code: str
    kind: str
    sentence: str
    legal_basis: str
    guidance: str
    is_certain: bool
    outcome: str
    reason: str
    by: str
    at: dt.datetime | None
    rule_id: int
    failure: str = ""
    warns_only: bool = False

    @property
    def ok(self) -> bool:
        """Whether it stands in nobody's way."""
        return self.warns_only or self.outcome in (MET, NOT_APPLICABLE)

    @property
    def failed(self) -> bool:
        return self.outcome == NOT_MET and not self.warns_only

    @property
    def said(self) -> str:
        """The whole sentence of what is wrong or still to be found out; nothing when it is in order."""
        if self.outcome == NOT_MET:
            return f"{self.failure} {self.reason}".strip()
        if self.outcome == OPEN:
            return _("Chưa rõ: %(condition)s %(why)s") % {"condition": self.sentence, "why": self.reason}
        return ""


def checks(
    conditions: Iterable[Condition], facts: Facts, answers: Mapping[int, Answer] | None = None
) -> tuple[Check, ...]:
    """Every condition in its order. An answered one without an answer is open, never met by silence."""
    given = answers or {}
    return tuple(_check(condition, facts, given.get(condition.id)) for condition in conditions)


def stands_in_the_way(found: Iterable[Check]) -> tuple[str, ...]:
    """A sentence for each condition that keeps the dossier from being admitted."""
    return tuple(check.said for check in found if not check.ok)


def refused_by(found: Iterable[Check]) -> tuple[Check, ...]:
    """The conditions that the dossier does not meet; the ground of a refusal is written from them."""
    return tuple(check for check in found if check.failed)


def words_of_refusal(found: Iterable[Check]) -> str:
    """The reason of a refusal, one line for each condition not met, with its legal basis."""
    return "\n".join(f"{check.said} ({check.legal_basis})" for check in refused_by(found))


def _check(condition: Condition, facts: Facts, answer: Answer | None) -> Check:
    finding = _found(condition, facts, answer)
    told = answer if condition.kind == CheckKind.ANSWERED and finding.outcome == (answer and answer.answer) else None
    return Check(
        code=condition.code,
        kind=condition.kind,
        sentence=condition.sentence,
        legal_basis=condition.legal_basis,
        guidance=condition.guidance,
        is_certain=condition.is_certain,
        outcome=finding.outcome,
        reason=finding.reason,
        by=told.by if told else "",
        at=told.at if told else None,
        rule_id=condition.id,
        failure=condition.failure,
        warns_only=condition.warns_only,
    )


def _found(condition: Condition, facts: Facts, answer: Answer | None) -> Finding:
    if condition.group and facts.group and facts.group != condition.group:
        return Finding(NOT_APPLICABLE)
    if condition.kind == CheckKind.ANSWERED:
        return Finding(answer.answer, answer.reason) if answer else Finding(OPEN)
    compute = COMPUTED.get(condition.code)
    return compute(facts) if compute else Finding(OPEN, _("Cổng không có phép kiểm tra mang mã này."))


def facility_known(facts: Facts) -> Finding:
    """The product names who makes it (Điều 4)."""
    return Finding(MET) if facts.facility else Finding(NOT_MET, _("Hãy ghi cơ sở làm ra sản phẩm."))


def facility_kind(facts: Facts) -> Finding:
    """An enterprise, co-operative, co-operative group or household business (Điều 4)."""
    if facts.facility_kind in MAY_ENTER:
        return Finding(MET)
    if not facts.facility_kind or facts.facility_kind == FacilityKind.UNKNOWN:
        return Finding(OPEN, _("Chưa ghi loại hình cơ sở. Hãy ghi theo giấy đăng ký kinh doanh."))
    return Finding(NOT_MET)


def register_current(facts: Facts) -> Finding:
    """Neither the facility nor the product was merged into another entry of the register meanwhile."""
    if facts.facility_merged:
        return Finding(NOT_MET, _("Cơ sở đã gộp vào một cơ sở khác trong sổ. Hãy lập hồ sơ cho cơ sở đó."))
    if facts.product_merged:
        return Finding(NOT_MET, _("Sản phẩm đã gộp vào một sản phẩm khác trong sổ. Hãy lập hồ sơ cho sản phẩm đó."))
    return Finding(MET)


def tax_code(facts: Facts) -> Finding:
    """The tax code looks right. Old registrations are odd, so this only warns."""
    warning = odd_tax_code(facts.tax_code)
    return Finding(NOT_MET, warning) if warning else Finding(MET)


def group_given(facts: Facts) -> Finding:
    """One of the four groups, and certain (Điều 5)."""
    if not facts.group:
        return Finding(NOT_MET, _("Hãy chọn nhóm sản phẩm."))
    if not facts.group_certain:
        return Finding(OPEN, _("Nhóm chưa được xác minh. Hãy xác nhận nhóm ở sản phẩm."))
    return Finding(MET)


def set_of_one_facility(facts: Facts) -> Finding:
    """A set holds products of one facility (Điều 6)."""
    if not facts.is_set:
        return _no_set(facts)
    others = [member.name for member in facts.members if member.facility not in (None, facts.facility)]
    if others:
        return Finding(NOT_MET, _("Của cơ sở khác: %(names)s.") % {"names": ", ".join(others)})
    return Finding(MET)


def set_has_members(facts: Facts) -> Finding:
    """A set names at least two products (Điều 6)."""
    if not facts.is_set:
        return _no_set(facts)
    if len(facts.members) < SMALLEST_SET:
        return Finding(NOT_MET, _("Hiện ghi %(total)s sản phẩm trong bộ.") % {"total": len(facts.members)})
    return Finding(MET)


def set_basis(facts: Facts) -> Finding:
    """What makes the products a set: materials, designs or use together (Điều 6)."""
    if not facts.is_set:
        return _no_set(facts)
    return Finding(MET) if facts.set_basis in SetBasis.values else Finding(OPEN, _("Hãy chọn căn cứ của bộ sản phẩm."))


def _no_set(facts: Facts) -> Finding:
    if facts.set_certain:
        return Finding(NOT_APPLICABLE)
    return Finding(OPEN, _("Chưa rõ đây là sản phẩm đơn hay bộ sản phẩm. Hãy xác nhận ở sản phẩm."))


def _needs_lower(facts: Facts) -> bool:
    return LEVEL_RANK[Level(facts.level)] > 1 and facts.lower_round_held


def _copies(facts: Facts) -> list[DatedPaper]:
    return [paper for paper in facts.papers if paper.kind == DocumentKind.LOWER_CERTIFICATE]


def lower_certificate(facts: Facts) -> Finding:
    """Recognised at the level below, where a round is held there (Điều 12): in the register, or by a copy."""
    if not _needs_lower(facts):
        return Finding(NOT_APPLICABLE)
    if any(certificate.stands for certificate in facts.certificates) or _copies(facts):
        return Finding(MET)
    if facts.certificates:
        return Finding(NOT_MET, _("Công nhận của cấp dưới đã hết hoặc mất hiệu lực khi nộp hồ sơ."))
    return Finding(NOT_MET, _("Sổ công nhận không có, hồ sơ cũng không kèm bản sao."))


def certificate_covers(facts: Facts) -> Finding:
    """The certificate of the level below holds on the day the dossier was submitted (Điều 12)."""
    copies = _copies(facts)
    if not _needs_lower(facts) or not (facts.certificates or copies):
        return Finding(NOT_APPLICABLE)
    if any(certificate.stands for certificate in facts.certificates):
        return Finding(MET)
    if any((certificate.until or dt.date.min) >= facts.submitted_on for certificate in facts.certificates):
        return Finding(NOT_MET, _("Sổ công nhận ghi đã thu hồi, rút, cấp lại hoặc đang tạm dừng."))
    days = [paper.valid_until for paper in copies] or [certificate.until for certificate in facts.certificates]
    return _covered(days, facts.submitted_on)


def _covered(days: list[dt.date | None], submitted_on: dt.date) -> Finding:
    known = [last for last in days if last is not None]
    if not known:
        return Finding(OPEN, _("Bản sao giấy chứng nhận chưa ghi ngày hết hạn. Hãy ghi ngày trên giấy."))
    if max(known) >= submitted_on:
        return Finding(MET)
    ended = {"last": day(max(known)), "submitted": day(submitted_on)}
    return Finding(NOT_MET, _("Giấy chứng nhận có hiệu lực đến %(last)s, hồ sơ nộp ngày %(submitted)s.") % ended)


def cover_letter(facts: Facts) -> Finding:
    """Where no lower round is held, the dossier comes with a letter (Điều 12)."""
    if LEVEL_RANK[Level(facts.level)] == 1 or facts.lower_round_held:
        return Finding(NOT_APPLICABLE)
    if any(paper.kind == DocumentKind.COVER_LETTER for paper in facts.papers):
        return Finding(MET)
    return Finding(NOT_MET, _("Hồ sơ chưa có công văn gửi kèm."))


def papers_valid(facts: Facts) -> Finding:
    """No paper with a date has run out on the day of the check (Điều 12)."""
    held = {paper.kind for paper in facts.papers if paper.valid_until is None or paper.valid_until >= facts.on}
    ended = [
        _("%(paper)s hết hạn ngày %(day)s.") % {"paper": paper.name, "day": day(paper.valid_until)}
        for paper in facts.papers
        if paper.valid_until is not None and paper.valid_until < facts.on
        if paper.kind not in held and paper.kind != DocumentKind.LOWER_CERTIFICATE
    ]
    return Finding(NOT_MET, " ".join(ended)) if ended else Finding(MET)


def entered_once(facts: Facts) -> Finding:
    """No product stands twice in a round: on its own and in a set."""
    if not facts.entered_too:
        return Finding(MET)
    return Finding(NOT_MET, _("Cũng có trong hồ sơ %(codes)s.") % {"codes": ", ".join(facts.entered_too)})


COMPUTED: dict[str, Callable[[Facts], Finding]] = {
    "facility_known": facility_known,
    "facility_kind": facility_kind,
    "register_current": register_current,
    "tax_code": tax_code,
    "group_given": group_given,
    "set_of_one_facility": set_of_one_facility,
    "set_has_members": set_has_members,
    "set_basis": set_basis,
    "lower_certificate": lower_certificate,
    "certificate_covers": certificate_covers,
    "cover_letter": cover_letter,
    "papers_valid": papers_valid,
    "entered_once": entered_once,
}


def in_force(rows: Iterable[Any], *, level: str, on: dt.date) -> tuple[Any, ...]:
    """Of dated rows with `code`, `level`, `valid_from`, `valid_to` those that hold for a level on a day, in their order.

    A row of the level itself stands before one that holds at every level, a later one before an earlier one.
    """
    held = [
        row
        for row in rows
        if row.level in ("", level) and row.valid_from <= on and (row.valid_to is None or on <= row.valid_to)
    ]
    best: dict[str, Any] = {}
    for row in held:
        known = best.get(row.code)
        if known is None or (bool(row.level), row.valid_from) > (bool(known.level), known.valid_from):
            best[row.code] = row
    return tuple(row for row in held if best[row.code] is row)
