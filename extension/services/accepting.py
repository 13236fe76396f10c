"""Acceptance (nghiệm thu): the committee set up by a decision, its meeting, what each member said, the signed record.

All raise `Refusal` with a sentence: "not_allowed", "wrong_state", "open_already", "no_chair", "no_secretary",
"too_few", "twice", "already_recorded", "not_recorded", "majority_missing", "conclusion_missing", "term_missing",
"invalid", and what `portal.files` says of a file.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.audit.services import record as audit
from portal.files.services import store
from portal.files.sniffing import Kind
from portal.text.errors import Refusal
from portal.text.folding import name_key, normalise

from .. import rules
from ..enums import AcceptanceOutcome, CommitteeRole, ProjectState
from ..models import Acceptance, AcceptanceMember, Project
from . import findings, results
from .checks import checked

SCAN: frozenset[Kind] = frozenset({"image", "pdf"})
# A project under way; one that sources already report as accepted may have its committee written down afterwards.
MAY_MEET = (ProjectState.RUNNING, ProjectState.ACCEPTED, ProjectState.SETTLED)
FEWEST = 3


@dataclass(frozen=True)
class Member:
    """One person of the committee."""

    full_name: str
    office: str = ""
    role: str = CommitteeRole.MEMBER


@dataclass(frozen=True)
class Said:
    """What a member said: agreed, did not, or was not there (None)."""

    agrees: bool | None
    remark: str = ""


@transaction.atomic
def set_up(
    *,
    project: Project,
    decision_number: str,
    decision_on: dt.date,
    members: Sequence[Member],
    actor: Any,
    now: dt.datetime,
) -> Acceptance:
    """Write down the decision that set up a committee and who sits in it. A second one only after the first has ended."""
    locked = _lock(project, actor)
    if locked.state not in MAY_MEET:
        raise Refusal("wrong_state", _("Chỉ lập hội đồng nghiệm thu cho đề án đang thực hiện."))
    last = locked.acceptances.order_by("-ordinal").first()
    if last is not None and not last.outcome:
        raise Refusal(
            "open_already", _("Đề án đã có một hội đồng chưa ghi kết quả. Hãy ghi kết quả hoặc sửa hội đồng đó.")
        )
    if last is not None and last.outcome == AcceptanceOutcome.PASSED:
        raise Refusal("open_already", _("Đề án đã nghiệm thu đạt nên không lập hội đồng nữa."))
    seats = _seats(members)
    row = Acceptance(
        project=locked,
        ordinal=last.ordinal + 1 if last else 1,
        recorded_by=actor,
        recorded_at=now,
        **_decision(decision_number, decision_on, now),
    )
    checked(row)
    row.save()
    AcceptanceMember.objects.bulk_create([AcceptanceMember(acceptance=row, **vars(seat)) for seat in seats])
    sentence = _("Lập hội đồng nghiệm thu đề án “%(name)s”.") % {"name": locked.name}
    _audit(actor, "extension.committee", sentence, row, data={"number": row.decision_number, "members": len(seats)})
    return row


@transaction.atomic
def change_committee(
    *,
    acceptance: Acceptance,
    decision_number: str,
    decision_on: dt.date,
    members: Sequence[Member],
    actor: Any,
    now: dt.datetime,
) -> Acceptance:
    """Correct the decision or the members before the meeting is recorded."""
    row = _unrecorded(acceptance, actor)
    seats = _seats(members)
    for name, value in _decision(decision_number, decision_on, now).items():
        setattr(row, name, value)
    row.recorded_by, row.recorded_at = actor, now
    checked(row)
    row.save()
    row.members.all().delete()
    AcceptanceMember.objects.bulk_create([AcceptanceMember(acceptance=row, **vars(seat)) for seat in seats])
    sentence = _("Sửa hội đồng nghiệm thu đề án “%(name)s”.") % {"name": row.project.name}
    _audit(actor, "extension.committee_change", sentence, row, data={"members": len(seats)})
    return row


@transaction.atomic
def record_outcome(
    *,
    acceptance: Acceptance,
    held_on: dt.date,
    outcome: str,
    conclusion: str,
    said: Mapping[int, Said],
    actor: Any,
    now: dt.datetime,
    place: str = "",
    mend_by: dt.date | None = None,
) -> Acceptance:
    """Write down the meeting: the day, what each member said (by the member's key), the outcome.

    "Đạt" and "đạt sau khi khắc phục" need more than half of the members; what must be mended becomes a serious
    finding with its day, so that the project moves on only when it is closed.
    """
    row = _unrecorded(acceptance, actor)
    _held(row, held_on, timezone.localdate(now))
    members = list(row.members.select_for_update())
    _say(members, said)
    _majority(members, outcome)
    if outcome != AcceptanceOutcome.PASSED and not conclusion.strip():
        raise Refusal("conclusion_missing", _("Hãy ghi rõ điều chưa đạt trong kết luận."), field="conclusion")
    row.held_on, row.place, row.outcome = held_on, normalise(place)[:250], outcome
    row.conclusion, row.recorded_by, row.recorded_at = conclusion.strip(), actor, now
    checked(row)
    row.save()
    if outcome == AcceptanceOutcome.TO_MEND:
        _to_mend(row, mend_by, actor, now)
    if outcome != AcceptanceOutcome.FAILED:
        results.ask_again_after(row.project, held_on)
    sentence = _("Ghi nghiệm thu đề án “%(name)s”: %(outcome)s.")
    sentence %= {"name": row.project.name, "outcome": row.get_outcome_display().lower()}
    _audit(actor, "extension.acceptance", sentence, row, data={"outcome": outcome, "on": held_on.isoformat()})
    return row


@transaction.atomic
def attach_record(*, acceptance: Acceptance, upload: Any, actor: Any, now: dt.datetime) -> Acceptance:
    """Keep the signed record of a meeting that is written down; another file takes its place, both stay kept."""
    _lock(acceptance.project, actor)
    row = Acceptance.objects.select_for_update(of=("self",)).select_related("project__territory").get(pk=acceptance.pk)
    if not row.outcome:
        raise Refusal("not_recorded", _("Hãy ghi kết quả nghiệm thu trước, rồi đưa biên bản đã ký lên."))
    row.file = store(upload, allow=SCAN, field="upload")
    row.save()
    sentence = _("Đưa biên bản nghiệm thu đã ký của đề án “%(name)s” lên.") % {"name": row.project.name}
    _audit(actor, "extension.acceptance_scan", sentence, row, data={"sha256": row.file.sha256})
    return row


# --- locks and checks -------------------------------------------------------------------------------------------


def _lock(project: Project, actor: Any) -> Project:
    locked = Project.objects.locked(project.pk)
    rules.require_edit(actor, locked.territory_id)
    return locked


def _unrecorded(acceptance: Acceptance, actor: Any) -> Acceptance:
    _lock(acceptance.project, actor)
    row = Acceptance.objects.select_for_update(of=("self",)).select_related("project__territory").get(pk=acceptance.pk)
    if row.outcome:
        raise Refusal("already_recorded", _("Kết quả nghiệm thu đã ghi nên không sửa được. Hãy mở lại trang để xem."))
    return row


def _decision(number: str, on: dt.date, now: dt.datetime) -> dict[str, Any]:
    if on > timezone.localdate(now):
        raise Refusal("invalid", _("Ngày quyết định không được sau hôm nay."), field="decision_on")
    return {"decision_number": normalise(number)[:60], "decision_on": on}


def _seats(members: Sequence[Member]) -> list[Member]:
    """The named members: at least three, one chair, a secretary, nobody twice."""
    seats = [Member(normalise(m.full_name)[:120], normalise(m.office)[:200], m.role) for m in members]
    seats = [seat for seat in seats if seat.full_name]
    if len(seats) < FEWEST:
        raise Refusal("too_few", _("Hội đồng nghiệm thu cần ít nhất ba người. Hãy ghi thêm."), field="members")
    roles = [seat.role for seat in seats]
    if roles.count(CommitteeRole.CHAIR) != 1:
        raise Refusal("no_chair", _("Hội đồng phải có đúng một chủ tịch."), field="members")
    if CommitteeRole.SECRETARY not in roles:
        raise Refusal("no_secretary", _("Hội đồng phải có thư ký để ghi biên bản."), field="members")
    if len({name_key(seat.full_name) for seat in seats}) != len(seats):
        raise Refusal("twice", _("Một người được ghi hai lần trong hội đồng."), field="members")
    return seats


def _held(row: Acceptance, held_on: dt.date, on: dt.date) -> None:
    if held_on > on:
        raise Refusal("invalid", _("Ngày nghiệm thu không được sau hôm nay."), field="held_on")
    if held_on < row.decision_on:
        raise Refusal("invalid", _("Ngày nghiệm thu không được trước ngày lập hội đồng."), field="held_on")


def _say(members: list[AcceptanceMember], said: Mapping[int, Said]) -> None:
    for member in members:
        word = said.get(member.pk, Said(None))
        member.agrees, member.remark = word.agrees, normalise(word.remark)[:300]
    AcceptanceMember.objects.bulk_update(members, ["agrees", "remark"])


def _majority(members: list[AcceptanceMember], outcome: str) -> None:
    agreed = sum(member.agrees is True for member in members)
    if outcome != AcceptanceOutcome.FAILED and 2 * agreed <= len(members):
        raise Refusal(
            "majority_missing",
            _("Mới có %(agreed)d trên %(total)d thành viên đồng ý, chưa quá nửa hội đồng, nên không ghi đạt được.")
            % {"agreed": agreed, "total": len(members)},
            field="outcome",
        )


def _to_mend(row: Acceptance, mend_by: dt.date | None, actor: Any, now: dt.datetime) -> None:
    if mend_by is None or mend_by < timezone.localdate(now):
        raise Refusal("term_missing", _("Hãy ghi hạn khắc phục, từ hôm nay trở đi."), field="mend_by")
    found = findings.Found(row.conclusion, mend_by, is_serious=True)
    findings.open_finding(project=row.project, found=found, actor=actor, now=now)


def _audit(actor: Any, action: str, sentence: str, row: Acceptance, **more: Any) -> None:
    audit(actor=actor, action=action, sentence=sentence, subject=row, territory=row.project.territory, **more)
