"""Conflicts of interest: declared or found, they take the person off the dossier at once; only another ends one.

The circular says nothing of conflicts; the portal supplies the rule (rules.md §5). A sheet that existed is kept
and marked, never deleted: the sheets of both passes are voided, the assignment is released, and what falls below
the quorum is said to those who run the scoring. Once the points are sealed, a sheet that was counted stays in the
manifest as it was; the chair re-opens the scoring, or the council takes note. Locks run round, dossier, sheet.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit.services import record
from portal.notices.services import plan
from portal.text.clock import today
from portal.text.errors import Refusal
from portal.text.folding import normalise

from .. import rules
from ..assigned import judges_of
from ..enums import AssignmentMode, ConflictBasis, ConflictOrigin, RoundState, ScoringPass, SeatRole, SheetState
from ..matching import Match
from ..models import Assignment, Conflict, Dossier, Round, ScoreSheet, Seat
from ..notices import CONFLICT_LATE
from ..standing import standing_pairs
from ..states import BEFORE_SEAL

REASON_LENGTH = 300
OVER = frozenset({RoundState.DECIDED, RoundState.ANNOUNCED, RoundState.CLOSED, RoundState.CANCELLED})
HANDED_IN = frozenset({SheetState.SUBMITTED, SheetState.CANNOT_ASSESS})
# Stored words, hence in one language.
RELEASED = "Xung đột lợi ích"
SPEAKS_FOR = "Người đại diện của cơ sở"


@dataclass(frozen=True)
class Effects:
    """What a conflict did: sheets voided, sheets that the seal holds, assignment released, sheets still possible."""

    voided: tuple[str, ...] = ()
    counted: tuple[str, ...] = ()
    released: bool = False
    possible: int = 0
    quorum: int = 0

    @property
    def short(self) -> bool:
        """Whether the dossier can no longer reach its quorum."""
        return self.possible < self.quorum

    @property
    def late(self) -> bool:
        return bool(self.voided or self.counted or self.released)

    def as_data(self) -> dict[str, Any]:
        facts = {
            "voided_sheets": list(self.voided),
            "sealed_sheets": list(self.counted),
            "assignment_released": self.released,
        }
        told: dict[str, Any] = {name: value for name, value in facts.items() if value}
        return told | ({"possible": self.possible, "quorum": self.quorum} if self.short else {})


@dataclass(frozen=True)
class Recusal:
    """A conflict that stands now, and what followed from it."""

    conflict: Conflict
    effects: Effects


@transaction.atomic
def declare(*, dossier: Dossier, user: Any, reason: str, now: dt.datetime) -> Recusal:
    """Declare a conflict of interest, before or after scoring. Declared twice, it stays one.

    Raises Refusal "reason_missing", "reason_too_long", "not_seated" or "round_over".
    """
    why = _in_words(reason, _("Hãy ghi lý do từ chối chấm, ví dụ: tôi có vốn góp ở cơ sở."))
    round_, locked = _lock(dossier)
    if not Seat.objects.filter(round=round_, user=user, until__isnull=True).exists():
        raise Refusal("not_seated", _("Chỉ thành viên đương nhiệm của kỳ này khai được xung đột lợi ích."))
    if round_.state in OVER:
        raise Refusal("round_over", _("Kỳ này đã có quyết định hoặc đã kết thúc nên không khai thêm được."))
    standing = Conflict.objects.filter(dossier=locked, user=user, withdrawn_at__isnull=True).first()
    if standing:
        return Recusal(standing, Effects())
    effects = _step_aside(round_, locked, user, why, now)
    conflict = Conflict.objects.create(dossier=locked, user=user, reason=why, declared_at=now)
    effects = _count(round_, locked, effects)
    record(
        actor=user,
        action="conflict.declare",
        sentence=_("Khai xung đột lợi ích với hồ sơ %(code)s.") % {"code": locked.entry_code},
        subject=conflict,
        territory=round_.territory,
        reason=why,
        data=effects.as_data(),
    )
    _tell(round_, locked, user, effects)
    return Recusal(conflict, effects)


def found(*, round_: Round, dossier: Dossier, user: Any, match: Match, now: dt.datetime) -> Recusal:
    """Enter a conflict that the declaration gave away. The round and the dossier must be locked."""
    words = str(ConflictBasis(match.basis).label)
    effects = _step_aside(round_, dossier, user, words, now)
    conflict = Conflict.objects.create(
        dossier=dossier,
        user=user,
        reason=words,
        origin=ConflictOrigin.DETECTED,
        basis=match.basis,
        evidence=match.evidence,
        evidence_key=match.key,
        declared_at=now,
    )
    effects = _count(round_, dossier, effects)
    record(
        actor=None,
        action="conflict.detect",
        sentence=_("Đối chiếu bản cam kết: %(person)s có xung đột lợi ích với hồ sơ %(code)s. %(basis)s.")
        % {"person": user, "code": dossier.entry_code, "basis": words},
        subject=conflict,
        territory=round_.territory,
        data=effects.as_data(),
    )
    _tell(round_, dossier, user, effects)
    return Recusal(conflict, effects)


@transaction.atomic
def confirm(*, conflict: Conflict, actor: Any, now: dt.datetime) -> Conflict:
    """Say that a conflict found by the portal is real. By another than the person; once.

    Raises Refusal "not_allowed", "own_conflict", "conflict", "already_withdrawn".
    """
    round_, dossier, locked = _lock_conflict(conflict, actor)
    if locked.confirmed_at:
        return locked
    locked.confirmed_by, locked.confirmed_at = actor, now
    locked.save(update_fields=["confirmed_by", "confirmed_at"])
    record(
        actor=actor,
        action="conflict.confirm",
        sentence=_("Xác nhận %(person)s có xung đột lợi ích với hồ sơ %(code)s.")
        % {"person": locked.user, "code": dossier.entry_code},
        subject=locked,
        territory=round_.territory,
    )
    return locked


@transaction.atomic
def dismiss(*, conflict: Conflict, reason: str, actor: Any, now: dt.datetime) -> Conflict:
    """Say that what the portal found is a false alarm. The reason is remembered: the same two meeting again, in
    this round or a later one, raise no alarm. Otherwise as `withdraw`; refuses "not_found_by_portal".
    """
    if conflict.origin != ConflictOrigin.DETECTED:
        raise Refusal("not_found_by_portal", _("Xung đột lợi ích này do người chấm tự khai: hãy dùng “Rút lại”."))
    why = _in_words(reason, _("Hãy ghi lý do cho thấy đây là trùng nhầm."))
    sentence = _("Bỏ cảnh báo trùng nhầm của %(person)s với hồ sơ %(code)s.")
    return _end(conflict, why, actor, now, action="conflict.dismiss", sentence=sentence)


@transaction.atomic
def withdraw(*, conflict: Conflict, reason: str, actor: Any, now: dt.datetime) -> Conflict:
    """Take a declared conflict back, with a reason and by someone other than who declared it.

    The sheets that it voided come back as they were: a draft as a draft, an entered or a handed-in one as such.
    Raises Refusal "reason_missing", "not_allowed", "own_conflict", "conflict", "already_withdrawn", "scoring_closed".
    """
    why = _in_words(reason, _("Hãy ghi lý do rút lại xung đột lợi ích."))
    sentence = _("Rút lại xung đột lợi ích của %(person)s với hồ sơ %(code)s.")
    return _end(conflict, why, actor, now, action="conflict.withdraw", sentence=sentence)


def settle(round_: Round, now: dt.datetime) -> int:
    """Void what those who stand aside still have open or handed in; returns how many sheets.

    For the moments when the points of the round are about to count: scoring opens again, or is closed. The round
    must be locked.
    """
    aside = standing_pairs(round_)
    live = ScoreSheet.objects.filter(dossier__round=round_).exclude(state=SheetState.VOIDED)
    pairs = live.order_by().values_list("dossier_id", "judge_id").distinct()
    caught = [(dossier, judge) for dossier, judge in pairs if judge in aside.get(dossier, ())]
    for dossier_pk, judge_pk in caught:
        written = Conflict.objects.filter(dossier=dossier_pk, user=judge_pk, withdrawn_at__isnull=True).first()
        void_aside(round_, dossier_pk, judge_pk, written.reason if written else SPEAKS_FOR, now)
    return len(caught)


def void_aside(round_: Round, dossier_pk: int, user_pk: int, why: str, now: dt.datetime) -> Effects:
    """Void all sheets of a person who stands aside from a dossier of a locked round, and write it down."""
    dossier = Dossier.objects.select_for_update(no_key=True).get(pk=dossier_pk)
    sheets = list(_live(dossier, user_pk))
    voided = _void(sheets, why)
    effects = Effects(voided=voided, released=_release(dossier, user_pk, now))
    if voided:
        record(
            actor=None,
            action="conflict.void",
            sentence=_("Bỏ phiếu của %(person)s với hồ sơ %(code)s vì xung đột lợi ích.")
            % {"person": sheets[0].judge, "code": dossier.entry_code},
            subject=sheets[0],
            territory=round_.territory,
            reason=why,
            data=effects.as_data(),
        )
    return effects


def possible_sheets(round_: Round) -> dict[int, int]:
    """Per admitted dossier, how many sheets are in or may still come. Six queries at most."""
    aside = standing_pairs(round_)
    gone: dict[int, set[int]] = {}
    come: dict[int, set[int]] = {}
    rows = ScoreSheet.objects.filter(dossier__round=round_, scoring_pass=ScoringPass.DOSSIER)
    for dossier, judge, state in rows.order_by().values_list("dossier_id", "judge_id", "state"):
        if state == SheetState.SUBMITTED:
            come.setdefault(dossier, set()).add(judge)
        elif state in {SheetState.VOIDED, SheetState.CANNOT_ASSESS}:
            gone.setdefault(dossier, set()).add(judge)
    return {
        dossier: len((judges - gone.get(dossier, set()) - aside.get(dossier, frozenset())) | come.get(dossier, set()))
        for dossier, judges in judges_of(round_).items()
    }


def voided_words(reason: str) -> str:
    """What stands on a sheet that a conflict voided. Stored, hence in one language."""
    return f"Xung đột lợi ích: {reason}"[:REASON_LENGTH]


def _in_words(reason: str, when_empty: str) -> str:
    why = normalise(reason)
    if not why:
        raise Refusal("reason_missing", when_empty, field="reason")
    if len(why) > REASON_LENGTH:
        raise Refusal(
            "reason_too_long",
            _("Lý do dài quá %(length)d ký tự. Hãy viết ngắn hơn.") % {"length": REASON_LENGTH},
            field="reason",
        )
    return why


def _lock(dossier: Dossier) -> tuple[Round, Dossier]:
    rounds = Round.objects.select_for_update(no_key=True, of=("self",)).select_related("territory")
    round_ = rounds.get(pk=dossier.round_id)
    return round_, Dossier.objects.select_for_update(no_key=True).get(pk=dossier.pk)


def _lock_conflict(conflict: Conflict, actor: Any) -> tuple[Round, Dossier, Conflict]:
    """Round, dossier and conflict, locked; who may not settle it is refused."""
    round_, dossier = _lock(conflict.dossier)
    locked = Conflict.objects.select_for_update(of=("self",)).select_related("user").get(pk=conflict.pk)
    if actor.pk == locked.user_id:
        raise Refusal(
            "own_conflict",
            _("Người có xung đột lợi ích không tự gỡ được. Hãy đề nghị chủ tịch hoặc thư ký hội đồng."),
        )
    rules.may_settle_conflicts.require(actor, round_)
    if not Dossier.objects.filter(pk=dossier.pk).without_conflict(actor).exists():
        raise Refusal("conflict", _("Bạn cũng có xung đột lợi ích với hồ sơ này nên người khác xử lý việc này."))
    if locked.withdrawn_at:
        raise Refusal("already_withdrawn", _("Xung đột lợi ích này đã được rút lại."))
    return round_, dossier, locked


def _end(conflict: Conflict, why: str, actor: Any, now: dt.datetime, *, action: str, sentence: str) -> Conflict:
    round_, dossier, locked = _lock_conflict(conflict, actor)
    words = voided_words(locked.reason)
    sheets = list(_sheets(dossier, locked.user_id).filter(state=SheetState.VOIDED, voided_reason=words))
    if sheets and round_.state != RoundState.SCORING:
        raise Refusal("scoring_closed", _("Kỳ chấm đã đóng nên phiếu đã bỏ không khôi phục được nữa."))
    locked.withdrawn_at, locked.withdrawn_by, locked.withdrawn_reason = now, actor, why
    locked.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason"])
    if not Dossier.objects.filter(pk=dossier.pk).without_conflict(locked.user).exists():
        sheets = []  # the person has come to speak for the facility meanwhile
    elif round_.assignment == AssignmentMode.ASSIGNED and round_.state in BEFORE_SEAL:
        _assign_again(dossier, locked.user_id, now)
    for sheet in sheets:
        _restore(sheet)
    record(
        actor=actor,
        action=action,
        sentence=sentence % {"person": locked.user, "code": dossier.entry_code},
        subject=locked,
        territory=round_.territory,
        reason=why,
        data={"restored_sheets": [str(sheet.uuid) for sheet in sheets]} if sheets else {},
    )
    return locked


def _step_aside(round_: Round, dossier: Dossier, user: Any, why: str, now: dt.datetime) -> Effects:
    """Void the person's sheets, except what the seal holds, and release the assignment."""
    live = list(_live(dossier, user.pk))
    sealed = round_.state not in BEFORE_SEAL
    counted = [sheet for sheet in live if sealed and sheet.state in HANDED_IN]
    # A member of the council alone takes no sheet away.
    judged = bool(live) or user.pk in judges_of(round_).get(dossier.pk, ())
    return Effects(
        voided=_void([sheet for sheet in live if sheet not in counted], why),
        counted=tuple(str(sheet.uuid) for sheet in counted),
        released=_release(dossier, user.pk, now),
        quorum=round_.quorum if judged and not sealed else 0,
    )


def _count(round_: Round, dossier: Dossier, effects: Effects) -> Effects:
    """How many sheets the dossier may still get, now that the conflict stands."""
    possible = possible_sheets(round_).get(dossier.pk) if effects.quorum else None
    if possible is None:  # not scored, or scored by others
        return replace(effects, quorum=0)
    return replace(effects, possible=possible)


def _sheets(dossier: Dossier, user_pk: int) -> Any:
    sheets = ScoreSheet.objects.select_for_update(of=("self",)).filter(dossier=dossier, judge=user_pk)
    return sheets.select_related("judge").order_by("pk")


def _live(dossier: Dossier, user_pk: int) -> Any:
    return _sheets(dossier, user_pk).exclude(state=SheetState.VOIDED)


def _void(sheets: Iterable[ScoreSheet], why: str) -> tuple[str, ...]:
    for sheet in sheets:
        sheet.state, sheet.voided_reason = SheetState.VOIDED, voided_words(why)
        sheet.save(update_fields=["state", "voided_reason"])
    return tuple(str(sheet.uuid) for sheet in sheets)


def _restore(sheet: ScoreSheet) -> None:
    if sheet.submitted_at is None:  # of those not handed in, only an entered one has a total; one sent back has none
        sheet.state = SheetState.DRAFT if sheet.total is None else SheetState.ENTERED
    else:
        sheet.state = SheetState.SUBMITTED if sheet.total is not None else SheetState.CANNOT_ASSESS
    sheet.voided_reason = ""
    sheet.save(update_fields=["state", "voided_reason"])


def _release(dossier: Dossier, user_pk: int, now: dt.datetime) -> bool:
    held = Assignment.objects.filter(dossier=dossier, judge=user_pk, released_at__isnull=True)
    return bool(held.update(released_at=now, released_reason=RELEASED))


def _assign_again(dossier: Dossier, user_pk: int, now: dt.datetime) -> None:
    given = Assignment.objects.filter(dossier=dossier, judge=user_pk)
    last = given.order_by("-pk").first()
    if last and last.released_reason == RELEASED and not given.filter(released_at__isnull=True).exists():
        Assignment.objects.create(dossier=dossier, judge_id=user_pk, plan=last.plan, assigned_at=now)


def _tell(round_: Round, dossier: Dossier, user: Any, effects: Effects) -> None:
    """Tell those who run the scoring of a late recusal, and of a dossier that cannot reach its quorum."""
    if not (effects.late or effects.short) or round_.state in {RoundState.DRAFT, RoundState.RECEIVING}:
        return
    roles = [SeatRole.CHAIR, SeatRole.SECRETARY, SeatRole.HEAD_JUDGE]
    seats = Seat.objects.filter(round=round_, role__in=roles, until__isnull=True).exclude(user=user)
    aside = standing_pairs(round_).get(dossier.pk, frozenset())
    people = [seat.user for seat in seats.select_related("user") if seat.user_id not in aside]
    plan(
        kind=CONFLICT_LATE.code,
        subject=dossier,
        due_on=today(),
        title=_("%(person)s không chấm hồ sơ %(code)s nữa") % {"person": user, "code": dossier.entry_code},
        body=" ".join(_letter(effects)),
        users=people,
        territory=round_.territory,
    )


def _letter(effects: Effects) -> list[str]:
    said = [_("Có xung đột lợi ích với cơ sở.")]
    if effects.voided:
        said.append(_("Phiếu đã có được giữ lại và không tính."))
    if effects.counted:
        said.append(
            _(
                "Điểm đã niêm phong nên phiếu đã nộp vẫn nằm trong kết quả."
                " Chủ tịch mở lại bước chấm điểm để bỏ phiếu này, hoặc hội đồng ghi nhận tại phiên họp."
            )
        )
    if effects.short:
        said.append(
            _("Hồ sơ chỉ còn có thể có %(possible)d phiếu, cần ít nhất %(quorum)d. Hãy phân thêm giám khảo.")
            % {"possible": effects.possible, "quorum": effects.quorum}
        )
    elif effects.released:
        said.append(_("Hãy xem lại phân công chấm."))
    return said
