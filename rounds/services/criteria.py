"""Criteria sets: drafted by one person, approved by another, frozen when scoring opens.

A version is a draft while it is written, then proposed, then approved or returned. The newest approved version
of a group is in force; an approved version never changes, a change is the next version.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from portal.accounts.models import User
from portal.audit.models import AuditEntry
from portal.audit.services import record
from portal.text.errors import Refusal
from portal.text.folding import normalise

from .. import queries, rules
from ..criteria import problems
from ..criteria_diff import Line
from ..enums import CriteriaState
from ..models import CriteriaSet, Criterion, Round
from ..states import BEFORE_SCORING
from .criteria_letters import tell_approvers, tell_proposer
from .guards import moment
from .lifecycle import lock
from .shared import refuse_round_state, require_reason

S = CriteriaState
# Acts by which a person has a hand in the words and points of a version; who has one does not approve it.
WRITING = ("criteria.copy", "criteria.revise", "criteria.save")


@dataclass(frozen=True)
class RowFacts:
    """One row to be written, in reading order. `parent` is the place of its parent among the rows."""

    code: str
    name: str
    guidance: str = ""
    max_points: Decimal | None = None
    parent: int | None = None
    pk: int | None = None


@transaction.atomic
def copy_set(*, source: CriteriaSet, round_: Round, actor: Any, group: str = "", name: str = "") -> CriteriaSet:
    """Copy a template or another round's set into a round as a draft: the next version for that group."""
    locked = _open_round(round_, actor)
    copied = _draft_from(source, locked, group=group, name=name or source.name)
    sentence = _("Chép bộ tiêu chí “%(name)s” vào %(round)s.") % {"name": source.name, "round": locked.title}
    _note(copied, actor, "criteria.copy", sentence, data={"source": str(source.uuid), "version": copied.version})
    return copied


@transaction.atomic
def revise(*, criteria_set: CriteriaSet, reason: str, actor: Any) -> CriteriaSet:
    """Begin the next version of an approved set as a draft, with the reason for the change."""
    locked = _open_round(_round_of(criteria_set), actor)
    words = require_reason(reason)
    source = _locked(criteria_set)
    if source.state != S.APPROVED:
        raise Refusal("criteria_not_approved", _("Bản này chưa được duyệt, hãy sửa chính bản này."))
    made = _draft_from(source, locked, group=source.group, name=source.name, change_reason=words)
    _note(
        made,
        actor,
        "criteria.revise",
        _("Lập phiên bản %(version)s của bộ tiêu chí “%(name)s”.") % {"version": made.version, "name": made.name},
        reason=words,
        data={"source": str(source.uuid), "version": made.version},
    )
    return made


def _draft_from(source: CriteriaSet, round_: Round, *, group: str, name: str, change_reason: str = "") -> CriteriaSet:
    versions = round_.criteria_sets.filter(group=group)
    if versions.exclude(state=S.APPROVED).exists():
        raise Refusal(
            "criteria_open", _("Nhóm này đang có một bản chưa duyệt. Hãy sửa tiếp, hoặc bỏ bản đó rồi lập bản mới.")
        )
    newest = versions.aggregate(newest=Max("version"))["newest"] or 0
    made = CriteriaSet.objects.create(
        round=round_,
        group=group,
        name=name,
        legal_basis=source.legal_basis,
        version=newest + 1,
        state=S.DRAFT,
        copied_from=source,
        change_reason=change_reason,
        is_illustrative=source.is_illustrative,
    )
    _copy_rows(source, made)
    return made


def _copy_rows(source: CriteriaSet, target: CriteriaSet) -> None:
    """Parents before children, whatever their order in the source."""
    waiting = list(source.criteria.all())
    new_of: dict[int | None, Criterion | None] = {None: None}
    while waiting:
        ready = [row for row in waiting if row.parent_id in new_of]
        if not ready:
            raise Refusal("criteria_in_a_circle", _("Bộ tiêu chí có mục thuộc chính nó. Hãy sửa tiêu chí cha."))
        for row in ready:
            new_of[row.pk] = Criterion.objects.create(
                criteria_set=target,
                parent=new_of[row.parent_id],
                code=row.code,
                name=row.name,
                guidance=row.guidance,
                max_points=row.max_points,
                position=row.position,
            )
        waiting = [row for row in waiting if row.pk not in new_of]


@transaction.atomic
def save_draft(
    *,
    criteria_set: CriteriaSet,
    name: str,
    legal_basis: str,
    change_reason: str,
    is_illustrative: bool,
    rows: Sequence[RowFacts],
    tag: str,
    actor: Any,
) -> CriteriaSet:
    """Write a draft as a whole. `tag` is the version tag of the page; refused when someone saved meanwhile."""
    draft = _draft_to_write(criteria_set, tag, actor)
    draft.name, draft.legal_basis = normalise(name), normalise(legal_basis)
    draft.change_reason, draft.is_illustrative = normalise(change_reason), is_illustrative
    draft.save()
    _write_rows(draft, rows)
    _note(
        draft,
        actor,
        "criteria.save",
        _("Ghi bản nháp bộ tiêu chí “%(name)s”, phiên bản %(version)s.")
        % {"name": draft.name, "version": draft.version},
        data={"rows": len(rows), "tag": version_tag(draft)},
    )
    return draft


def _draft_to_write(criteria_set: CriteriaSet, tag: str, actor: Any) -> CriteriaSet:
    _open_round(_round_of(criteria_set), actor)
    draft = _locked(criteria_set)
    _refuse_unless(draft, S.DRAFT)
    _refuse_other_tag(draft, tag)
    return draft


def _write_rows(draft: CriteriaSet, rows: Sequence[RowFacts]) -> None:
    """Change what is there, add what is new, drop what is gone; codes may be exchanged between rows."""
    known = {row.pk: row for row in draft.criteria.all()}
    kept = {row.pk for row in rows if row.pk in known}
    draft.criteria.update(parent=None)  # so that dropping a parent drops nobody who has moved away
    for pk in set(known) - kept:
        known[pk].delete()
    for row in rows:
        if row.pk in kept and known[row.pk].code != row.code:
            draft.criteria.filter(pk=row.pk).update(code=f"~{row.pk}"[:12])
    written: list[Criterion] = []
    for position, facts in enumerate(rows, start=1):
        parent = written[facts.parent] if facts.parent is not None else None
        written.append(_write_row(draft, known.get(facts.pk or 0), facts, parent, position))


def _write_row(
    draft: CriteriaSet, row: Criterion | None, facts: RowFacts, parent: Criterion | None, position: int
) -> Criterion:
    wanted = {
        "parent_id": parent.pk if parent else None,
        "code": facts.code,
        "name": facts.name,
        "guidance": facts.guidance,
        "max_points": facts.max_points,
        "position": position,
    }
    if row is None:
        return Criterion.objects.create(criteria_set=draft, **wanted)
    if any(getattr(row, field) != value for field, value in wanted.items()):
        for field, value in wanted.items():
            setattr(row, field, value)
        row.save()
    elif row.parent_id is not None:
        draft.criteria.filter(pk=row.pk).update(parent=row.parent_id)
    return row


@transaction.atomic
def propose(*, criteria_set: CriteriaSet, tag: str, actor: Any, now: dt.datetime) -> CriteriaSet:
    """Hand a draft in for approval; those who may approve are told. Refused while it cannot be scored by."""
    draft = _draft_to_write(criteria_set, tag, actor)
    if actor is None:
        raise Refusal("person_needed", _("Việc trình bộ tiêu chí phải do một người làm."))
    wrong = problems(queries.as_rows(draft))
    if wrong:
        raise Refusal(
            "criteria_incomplete", _("Chưa trình được: %(first)s") % {"first": wrong[0]}, details=tuple(wrong)
        )
    draft.state, draft.proposed_by, draft.proposed_at, draft.returned_reason = S.PROPOSED, actor, now, ""
    draft.save()
    _note(
        draft, actor, "criteria.propose", _about(_("Trình duyệt bộ tiêu chí “%(name)s”, phiên bản %(version)s."), draft)
    )
    tell_approvers(draft, writers=writers_of(draft), now=now)
    return draft


@transaction.atomic
def take_back(*, criteria_set: CriteriaSet, actor: Any) -> CriteriaSet:
    """Make a proposed version a draft again, to go on writing."""
    _open_round(_round_of(criteria_set), actor)
    row = _locked(criteria_set)
    _refuse_unless(row, S.PROPOSED)
    row.state = S.DRAFT
    row.save()
    _note(
        row, actor, "criteria.take_back", _about(_("Lấy về bộ tiêu chí “%(name)s”, phiên bản %(version)s để sửa."), row)
    )
    return row


@transaction.atomic
def approve(*, criteria_set: CriteriaSet, tag: str, actor: Any, now: dt.datetime) -> CriteriaSet:
    """Put a proposed version in force. It takes another person than who proposed it and whoever wrote in it."""
    row = _proposed_to_judge(criteria_set, actor)
    _refuse_other_tag(row, tag)
    if actor is None:
        raise Refusal("person_needed", _("Việc duyệt bộ tiêu chí phải do một người làm."))
    if actor.pk == row.proposed_by_id or actor.pk in {one.pk for one in writers_of(row)}:
        raise Refusal("same_person", _("Bạn đã soạn hoặc trình bản này, nên người khác phải duyệt."))
    row.state, row.approved_by, row.approved_at = S.APPROVED, actor, now
    row.save()
    _note(row, actor, "criteria.approve", _about(_("Duyệt bộ tiêu chí “%(name)s”, phiên bản %(version)s."), row))
    tell_proposer(row, now=now)
    return row


@transaction.atomic
def send_back(*, criteria_set: CriteriaSet, reason: str, actor: Any, now: dt.datetime) -> CriteriaSet:
    """Return a proposed version to its writers, with the reason."""
    row = _proposed_to_judge(criteria_set, actor)
    words = require_reason(reason)
    row.state, row.returned_reason = S.DRAFT, words[:300]
    row.save()
    sentence = _about(_("Trả lại bộ tiêu chí “%(name)s”, phiên bản %(version)s."), row)
    _note(row, actor, "criteria.return", sentence, reason=words)
    tell_proposer(row, now=now)
    return row


@transaction.atomic
def discard(*, criteria_set: CriteriaSet, reason: str, actor: Any) -> None:
    """Drop a draft that is not needed. Its history and the audit keep what it was."""
    _open_round(_round_of(criteria_set), actor)
    row = _locked(criteria_set)
    _refuse_unless(row, S.DRAFT)
    words = require_reason(reason)
    sentence = _about(_("Bỏ bản nháp bộ tiêu chí “%(name)s”, phiên bản %(version)s."), row)
    _note(row, actor, "criteria.discard", sentence, reason=words)
    row.delete()


def writers_of(criteria_set: CriteriaSet) -> list[User]:
    """Everyone with a hand in this version: who made it and whoever saved it. One query."""
    acts = AuditEntry.objects.filter(
        subject_type=CriteriaSet._meta.label_lower, subject_id=str(criteria_set.pk), action__in=WRITING
    )
    return list(User.objects.filter(pk__in=acts.values("actor_id")).order_by("full_name", "pk"))


def lines_of(criteria_set: CriteriaSet) -> tuple[Line, ...]:
    """The version's rows in reading order, parents before what belongs to them. One query."""
    below: dict[int | None, list[Criterion]] = {}
    for row in sorted(criteria_set.criteria.all(), key=lambda one: (one.position, one.pk)):
        below.setdefault(row.parent_id, []).append(row)
    found: list[Line] = []
    _read(below, None, None, found)
    return tuple(found)


def _read(below: dict[int | None, list[Criterion]], parent: int | None, code: str | None, found: list[Line]) -> None:
    for row in below.get(parent, ()):
        found.append(Line(row.code, code, row.name, row.guidance, row.max_points))
        _read(below, row.pk, row.code, found)


def version_tag(criteria_set: CriteriaSet) -> str:
    """A short word that changes with anything a page of this version shows to edit. One query."""
    head = [criteria_set.name, criteria_set.legal_basis, criteria_set.change_reason, criteria_set.is_illustrative]
    rows = criteria_set.criteria.order_by("pk").values_list(
        "pk", "parent_id", "code", "name", "guidance", "max_points", "position"
    )
    listed = [[*row[:5], None if row[5] is None else f"{row[5]:.2f}", row[6]] for row in rows]
    return hashlib.sha256(json.dumps([*head, listed], ensure_ascii=False).encode()).hexdigest()[:16]


def _round_of(criteria_set: CriteriaSet) -> Round:
    if criteria_set.round is None:
        raise Refusal("template", _("Đây là bộ mẫu. Hãy chép vào một kỳ bình chọn rồi sửa."))
    return criteria_set.round


def _open_round(round_: Round, actor: Any) -> Round:
    locked = lock(round_)
    rules.may_propose_criteria.require(actor, locked)
    _refuse_late(locked)
    return locked


def _refuse_late(round_: Round) -> None:
    refuse_round_state(round_, BEFORE_SCORING, _("Kỳ bình chọn %(state)s nên bộ tiêu chí đã khóa, không thay được."))


def _proposed_to_judge(criteria_set: CriteriaSet, actor: Any) -> CriteriaSet:
    locked = lock(_round_of(criteria_set))
    rules.may_approve_criteria.require(actor, locked)
    _refuse_late(locked)
    row = _locked(criteria_set)
    _refuse_unless(row, S.PROPOSED)
    return row


def _locked(criteria_set: CriteriaSet) -> CriteriaSet:
    return CriteriaSet.objects.select_for_update().get(pk=criteria_set.pk)


def _refuse_unless(row: CriteriaSet, state: CriteriaState) -> None:
    if row.state == state:
        return
    raise Refusal(
        "criteria_state",
        _("Phiên bản này %(state)s nên không làm được việc đó. Hãy tải lại trang.")
        % {"state": str(row.get_state_display()).lower()},
    )


def _refuse_other_tag(row: CriteriaSet, tag: str) -> None:
    if tag == version_tag(row):
        return
    acts = AuditEntry.objects.filter(subject_type=CriteriaSet._meta.label_lower, subject_id=str(row.pk))
    last = acts.order_by("-pk").first()
    if last is None:
        raise Refusal("moved_on", _("Bản này vừa được sửa ở nơi khác. Hãy xem lại rồi làm lần nữa."))
    raise Refusal(
        "moved_on",
        _("%(who)s đã sửa bản này lúc %(when)s. Hãy xem điều đã đổi rồi làm lần nữa.")
        % {"who": last.actor_label, "when": moment(last.at)},
    )


def _about(sentence: str, row: CriteriaSet) -> str:
    return sentence % {"name": row.name, "version": row.version}


def _note(
    criteria_set: CriteriaSet,
    actor: Any,
    action: str,
    sentence: str,
    *,
    reason: str = "",
    data: dict[str, Any] | None = None,
) -> None:
    record(
        actor=actor,
        action=action,
        sentence=sentence,
        subject=criteria_set,
        territory=criteria_set.round.territory if criteria_set.round else None,
        reason=reason,
        data=data,
    )
