"""What the council says of each dossier, after scoring is sealed and before the result is submitted.

Once the round has had a session, every word is said in an open one: with a quorum, by votes of those present who
have no conflict with the dossier, and with a reason wherever the ranking is departed from.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from portal.text.errors import Refusal
from portal.text.folding import normalise

from .. import council_queries, queries, rules
from ..council_queries import Entry
from ..deliberation import LeftOut, Room, Votes
from ..enums import Body, RoundState, SessionState, VerdictChoice
from ..models import CouncilSession, Dossier, Round, Verdict
from .shared import lock_dossier, note, refuse_round_state


@dataclass(frozen=True)
class Word:
    """What the council says of one dossier, as it was typed."""

    choice: str
    votes: Votes = field(default_factory=Votes)
    prize: str = ""
    reason: str = ""


class Faults(Refusal):
    """Several rows that cannot be recorded: by dossier, what is wrong in each. Nothing was written."""

    def __init__(self, rows: Mapping[int, list[Refusal]]) -> None:
        self.rows = dict(rows)
        super().__init__(
            "verdicts_faulty",
            _("Chưa ghi ý kiến nào: còn %(total)s dòng phải sửa.") % {"total": len(self.rows)},
        )


@dataclass(frozen=True)
class Sitting:
    """The session a word is said in with the people in its room; both None before the round's first session."""

    session: CouncilSession | None = None
    room: Room | None = None


@transaction.atomic
def record_verdict(
    *,
    dossier: Dossier,
    choice: str,
    actor: Any,
    now: dt.datetime,
    votes_for: int | None = None,
    votes_against: int | None = None,
    votes_abstain: int | None = None,
    reason: str = "",
    prize: str = "",
    session: CouncilSession | None = None,
) -> Verdict:
    """Record the council's word on one dossier, or correct it while the council still sits.

    Only a dossier that reached the mean may be proposed (TT 26/2014/TT-BCT, Điều 17); to reach it is not
    enough, so to decline one needs a reason. Without `session` the open one is taken.
    Raises Refusal `no_session`, `session_closed`, `no_quorum`, and what `record_verdicts` finds in a row.
    """
    locked = lock_dossier(dossier, actor=actor, rule=rules.may_record_verdicts)
    _refuse_not_deliberating(locked.round)
    sitting = sitting_of(locked.round, session=session, actor=actor)
    votes = Votes(votes_for, votes_against, votes_abstain)
    word = Word(choice, votes, normalise(prize), normalise(reason))
    faults = _faults(locked.round, {locked.pk: word}, {locked.pk: locked}, sitting, actor)
    if faults:
        raise faults[locked.pk][0]
    return _write(locked, word, sitting, actor, now)


@transaction.atomic
def record_verdicts(*, round_: Round, words: Mapping[int, Word], actor: Any, now: dt.datetime) -> int:
    """Record many words at once, all or nothing; rows that say what stands already are left alone.

    `words` is keyed by dossier. Returns how many were written. Raises `Faults` with everything that is wrong per row.
    """
    locked_round = Round.objects.select_for_update().get(pk=round_.pk)
    rules.may_record_verdicts.require(actor, locked_round)
    _refuse_not_deliberating(locked_round)
    sitting = sitting_of(locked_round, actor=actor)
    if sitting.session is None:
        raise Refusal("no_session", _("Hãy mở phiên họp rồi ghi ý kiến của hội đồng."))
    dossiers = _lock_all(locked_round, list(words))
    said = {pk: replace(word, prize=normalise(word.prize), reason=normalise(word.reason)) for pk, word in words.items()}
    faults = _faults(locked_round, said, dossiers, sitting, actor)
    if faults:
        raise Faults(faults)
    changed = [pk for pk in said if pk in dossiers and _differs(dossiers[pk], said[pk], sitting)]
    for pk in changed:
        _write(dossiers[pk], said[pk], sitting, actor, now)
    return len(changed)


def sitting_of(round_: Round, *, session: CouncilSession | None = None, actor: Any = None) -> Sitting:
    """The session that words are said in now; refused where it is closed, missing or without a quorum.

    The round must be locked. A round that never had a session takes words without one.
    """
    found = session or council_queries.open_session_of(round_)
    if found is None:
        if CouncilSession.objects.filter(round=round_).exists():
            raise Refusal(
                "no_session", _("Biên bản phiên họp trước đã khóa. Hãy mở phiên họp mới để hội đồng cho ý kiến.")
            )
        return Sitting()
    fresh = CouncilSession.objects.get(pk=found.pk, round=round_)
    fresh.round = round_
    if fresh.state != SessionState.OPEN:
        raise Refusal("session_closed", _("Biên bản phiên họp này đã khóa nên không ghi thêm được."))
    room = council_queries.room_of(fresh, also=[actor.pk] if actor is not None else ())
    if not room.is_quorate:
        raise Refusal("no_quorum", quorum_words(room))
    return Sitting(fresh, room)


def quorum_words(room: Room) -> str:
    """Whether the council may decide, and how far it is from it."""
    facts = {"present": len(room.present), "members": room.members, "needed": room.needed}
    if room.is_quorate:
        return _("Có mặt %(present)s trên %(members)s thành viên, đủ số họp (cần ít nhất %(needed)s).") % facts
    return (
        _("Có mặt %(present)s trên %(members)s thành viên, cần ít nhất %(needed)s mới họp và biểu quyết được.") % facts
    )


def departure_words(left_out: tuple[LeftOut, ...], hidden: frozenset[str] = frozenset()) -> str:
    """Which better ranked entries are left out; those in `hidden` are only counted."""
    shown = [_left_out_words(one) for one in left_out if not {one.code, one.within} & hidden]
    unseen = len(left_out) - len(shown)
    if unseen:
        shown.append(_("%(total)s hồ sơ mà bạn không xem") % {"total": unseen})
    return _("Hồ sơ xếp trên không được đề nghị: %(codes)s. Hãy ghi lý do đề nghị hồ sơ này.") % {
        "codes": "; ".join(shown)
    }


def _left_out_words(one: LeftOut) -> str:
    facts = {"code": one.code, "rank": one.rank, "within": one.within}
    if one.within:
        return _("%(code)s (hạng %(rank)s, trong bộ %(within)s)") % facts
    return _("%(code)s (hạng %(rank)s)") % facts


def _refuse_not_deliberating(round_: Round) -> None:
    refuse_round_state(
        round_, (RoundState.DELIBERATION,), _("Kỳ bình chọn %(state)s, chỉ ghi ý kiến khi hội đồng đang xét.")
    )


def _lock_all(round_: Round, pks: list[int]) -> dict[int, Dossier]:
    """The rows in the order of their keys, as every act on several dossiers takes them."""
    rows = Dossier.objects.select_for_update(of=("self",)).filter(round=round_, pk__in=pks)
    found = {one.pk: one for one in rows.select_related("product", "verdict__session").order_by("pk")}
    for one in found.values():
        one.round = round_
    return found


def _faults(
    round_: Round, words: Mapping[int, Word], dossiers: Mapping[int, Dossier], sitting: Sitting, actor: Any
) -> dict[int, list[Refusal]]:
    """What is wrong, row by row: who may not touch it, the choice, the votes, the reasons."""
    entries = {one.pk: one for one in council_queries.entries_of(round_)}
    aside = sitting.room.aside if sitting.room else {}
    found: dict[int, list[Refusal]] = {}
    for pk, word in words.items():
        dossier, entry = dossiers.get(pk), entries.get(pk)
        if dossier is None or entry is None:
            refusals = [Refusal("dossier_not_scored", _("Hồ sơ này không được chấm nên hội đồng không xét."))]
        else:
            refusals = _row_faults(dossier, entry, word, sitting, actor)
        if refusals:
            found[pk] = refusals
    if sitting.session is None:
        return found
    after = [_said(entry, words.get(pk)) for pk, entry in entries.items()]
    hidden = frozenset(
        entry.code for pk, entry in entries.items() if actor is not None and actor.pk in aside.get(pk, ())
    )
    by_code = {entry.code: pk for pk, entry in entries.items()}
    for code, better in council_queries.unexplained(after).items():
        pk = by_code[code]
        if pk in words and pk not in found:
            found[pk] = [Refusal("departure_unexplained", departure_words(better, hidden), field="reason")]
    return found


def _said(entry: Entry, word: Word | None) -> Entry:
    return entry if word is None else replace(entry, choice=word.choice, reason=word.reason)


def _row_faults(dossier: Dossier, entry: Entry, word: Word, sitting: Sitting, actor: Any) -> list[Refusal]:
    if not _differs(dossier, word, sitting):
        return []
    found: list[Refusal] = []
    for check in (
        lambda: _refuse_party(dossier, sitting, actor),
        lambda: _refuse_unfit(entry, word),
        lambda: _refuse_votes(dossier, word, sitting),
        lambda: _refuse_unexplained_change(dossier, word, sitting),
    ):
        try:
            check()
        except Refusal as refusal:
            found.append(refusal)
    return found


def _refuse_party(dossier: Dossier, sitting: Sitting, actor: Any) -> None:
    if sitting.room is None or actor is None:
        return  # one dossier at a time: the lock has asked
    if actor.pk in sitting.room.aside.get(dossier.pk, ()):
        raise Refusal(
            "conflict",
            _("Bạn có xung đột lợi ích với hồ sơ %(code)s nên người khác ghi ý kiến về hồ sơ này.")
            % {"code": dossier.entry_code},
        )


def _differs(dossier: Dossier, word: Word, sitting: Sitting) -> bool:
    """Whether there is something to write: a new word, another one, or one that no session has said yet."""
    stands: Verdict | None = getattr(dossier, "verdict", None)
    if stands is None or (stands.session_id is None and sitting.session is not None):
        return True
    return word_of(stands) != word


def word_of(verdict: Verdict) -> Word:
    """A recorded word as it would be typed again."""
    votes = Votes(verdict.votes_for, verdict.votes_against, verdict.votes_abstain)
    return Word(verdict.choice, votes, verdict.prize, verdict.reason)


def _refuse_unfit(entry: Entry, word: Word) -> None:
    if not entry.scored:
        raise Refusal("dossier_not_scored", _("Hồ sơ này không được chấm nên hội đồng không xét."))
    if word.choice == VerdictChoice.RECOGNISE and not entry.passed:
        raise Refusal(
            "dossier_not_passed", _("Hồ sơ chưa đạt điểm trung bình nên không đề nghị công nhận được."), field="choice"
        )
    if word.choice == VerdictChoice.DECLINE and not word.reason:
        raise Refusal("reason_missing", _("Hãy ghi lý do hội đồng không đề nghị."), field="reason")


def _refuse_votes(dossier: Dossier, word: Word, sitting: Sitting) -> None:
    if sitting.room is None:
        _refuse_votes_without_session(dossier, word)
    else:
        refuse_votes(dossier, word, sitting.room)


def refuse_votes(dossier: Dossier, word: Word, room: Room) -> None:
    """Votes must be possible for those in the room, and to propose they must be more than half of them.

    Raises Refusal `votes_missing`, `too_many_votes`, `no_majority`.
    """
    voters, votes = room.voters(dossier.pk), word.votes
    facts = {"code": dossier.entry_code, "voters": voters, "votes": votes.given, "for": votes.for_ or 0}
    is_proposed = word.choice == VerdictChoice.RECOGNISE
    if is_proposed and not votes.is_written:
        raise Refusal("votes_missing", _("Hãy ghi số phiếu của hội đồng."), field="votes_for")
    if votes.given > voters:
        raise Refusal(
            "too_many_votes",
            _("Hồ sơ %(code)s: %(voters)s thành viên có mặt được biểu quyết, không thể có %(votes)s phiếu.") % facts,
            field="votes_for",
        )
    if is_proposed and not votes.carries(voters):
        raise Refusal(
            "no_majority",
            _("Hồ sơ %(code)s: %(for)s phiếu đồng ý chưa quá nửa số %(voters)s thành viên được biểu quyết.") % facts,
            field="votes_for",
        )


def _refuse_votes_without_session(dossier: Dossier, word: Word) -> None:
    votes = word.votes
    if not votes.is_written:
        return
    council = queries.active_seats(dossier.round, Body.COUNCIL).count()
    if council and votes.given > council:
        raise Refusal(
            "too_many_votes",
            _("Hội đồng có %(council)s thành viên, không thể có %(votes)s phiếu.")
            % {"council": council, "votes": votes.given},
            field="votes_for",
        )
    if word.choice == VerdictChoice.RECOGNISE and (votes.for_ or 0) <= (votes.against or 0):
        raise Refusal(
            "no_majority", _("Số phiếu đồng ý chưa quá số phiếu không đồng ý nên chưa đề nghị được."), field="votes_for"
        )


def _refuse_unexplained_change(dossier: Dossier, word: Word, sitting: Sitting) -> None:
    """What the minutes of an earlier session say may be decided again, with a reason of its own."""
    stands: Verdict | None = getattr(dossier, "verdict", None)
    earlier = stands.session if stands is not None else None
    if stands is None or earlier is None or sitting.session is None or earlier.pk == sitting.session.pk:
        return
    if not word.reason or word.reason == stands.reason:
        raise Refusal(
            "reason_missing",
            _("Phiên họp %(number)s đã quyết định hồ sơ này. Hãy ghi lý do xét lại.") % {"number": earlier.number},
            field="reason",
        )


def _write(dossier: Dossier, word: Word, sitting: Sitting, actor: Any, now: dt.datetime) -> Verdict:
    verdict = Verdict.objects.select_for_update(of=("self",)).filter(dossier=dossier).first() or Verdict(
        dossier=dossier
    )
    before = word_of(verdict) if verdict.pk else None
    verdict.choice, verdict.reason, verdict.prize = word.choice, word.reason, word.prize
    verdict.votes_for, verdict.votes_against = word.votes.for_, word.votes.against
    verdict.votes_abstain, verdict.session = word.votes.abstain, sitting.session
    verdict.decided_at, verdict.recorded_by = now, actor
    verdict.save()
    note(
        dossier,
        actor=actor,
        action="verdict.record",
        sentence=_("Ghi ý kiến hội đồng về hồ sơ %(code)s: %(choice)s."),
        reason=word.reason,
        data={
            "choice": word.choice,
            "for": word.votes.for_,
            "against": word.votes.against,
            "abstain": word.votes.abstain,
            "session": sitting.session.number if sitting.session else None,
            "before": before.choice if before else None,
        },
        choice=str(VerdictChoice(word.choice).label).lower(),
    )
    return verdict


def forget_verdicts(dossiers: "list[Dossier]") -> int:
    """Words on dossiers that became part of a set, or of a set taken apart: gone, kept in the history."""
    verdicts = list(Verdict.objects.select_for_update(of=("self",)).filter(dossier__in=dossiers))
    for verdict in verdicts:
        verdict.delete()
    return len(verdicts)
