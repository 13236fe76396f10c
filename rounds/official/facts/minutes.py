"""Biên bản họp hội đồng: who was there, what was said of each dossier and why. Written once, when it is locked."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import Prefetch
from django.utils import timezone

from portal.text.folding import normalise
from products.enums import ProductGroup
from rounds import council_queries, queries, tally
from rounds.deliberation import Room
from rounds.enums import DossierState, SessionState, VerdictChoice
from rounds.models import Attendance, CouncilSession, Dossier, Round, Verdict
from rounds.set_words import basis_words

from . import offices
from .heads import NO_BREAK, paper
from .things import goods_words, group_name
from .words import count, lines, listed, moment, points

NONE = "–"


def of_round(round_: Round, on: dt.date) -> dict[str, Any]:
    """The minutes of the round's last session. What `of_session` needs, and one query."""
    last = council_queries.sessions_of(round_).first()
    if last is None:
        return {}
    last.round = round_
    return of_session(last)


def of_session(session: CouncilSession) -> dict[str, Any]:
    """What the minutes print: as they were locked, else as they stand now, marked as a draft."""
    if session.state == SessionState.CLOSED and session.minutes is not None:
        return dict(session.minutes)
    return written(session, locked_at=None)


def written(session: CouncilSession, *, locked_at: dt.datetime | None) -> dict[str, Any]:
    """The minutes written from what is recorded now. Sixteen queries at most, however many dossiers."""
    round_ = session.round
    day = timezone.localdate(session.held_at)
    room = council_queries.room_of(session)
    members = list(council_queries.attendances_of(session))
    verdicts = _verdicts(session)
    proposed = [one.dossier for one in verdicts if one.choice == VerdictChoice.RECOGNISE]
    seal = queries.seal_of(round_)
    frame = paper(
        offices.council_office(round_, day),
        day,
        symbol="BB",
        kind="BIÊN BẢN",
        subject=f"Họp Hội đồng bình chọn {offices.PROGRAMME} {offices.occasion(round_, day)}, phiên{NO_BREAK}thứ{NO_BREAK}{session.number}",
        recipients=("Thành viên Hội đồng bình chọn;",),
    )
    return frame | {
        "draft_mark": "" if locked_at else "DỰ THẢO, CHƯA KHÓA",
        "opening": f"Hồi {moment(session.held_at)}, tại {session.place}, {offices.council_name(round_, day)} họp phiên "
        f"thứ {session.number}.",
        "members": [_member(place, one) for place, one in enumerate(members, 1)],
        "quorum": _quorum(room),
        "leaders": _leaders(session),
        "aside": _aside(room, members, verdicts),
        "seal": f"Mã niêm phong điểm (lần {seal.number}): {seal.sha256}" if seal else "",
        "sets": _sets(round_, session),
        "discussion": lines(session.discussion) or ["Không có ý kiến khác."],
        "groups": _groups(round_, room, verdicts),
        "departures": _departures(round_, verdicts),
        "quota": _quota(round_, proposed),
        "conclusion": lines(session.conclusion),
        "closing": f"Biên bản khóa lúc {moment(locked_at)} và đã thông qua các thành viên có mặt."
        if locked_at
        else "Biên bản chưa khóa.",
        "signer": ["CHỦ TRÌ"],
        "signer_name": str(session.chaired_by.user) if session.chaired_by else "",
        "writer": ["NGƯỜI GHI BIÊN BẢN"],
        "writer_name": str(session.minuted_by),
    }


def _verdicts(session: CouncilSession) -> list[Verdict]:
    found = session.verdicts.select_related("dossier__product__facility", "dossier__result")
    parts = Dossier.objects.select_related("product", "result").order_by("entry_code")
    listed_ = list(found.prefetch_related(Prefetch("dossier__gathered", parts), "dossier__product__members"))
    return sorted(listed_, key=lambda one: (_rank(one.dossier) or 0, one.dossier.entry_code))


def _rank(dossier: Dossier) -> int | None:
    if dossier.gathered_late:
        ranks = [one.result.rank for one in dossier.gathered.all() if hasattr(one, "result") and one.result.rank]
        return min(ranks, default=None)
    return dossier.result.rank if hasattr(dossier, "result") else None


def _member(place: int, row: Attendance) -> dict[str, str]:
    user = row.seat.user
    presence = "Có mặt" if row.present else "Vắng"
    return {
        "place": str(place),
        "name": str(user),
        "title": user.title,
        "role": row.seat.get_role_display(),
        "presence": f"{presence} ({row.note})" if row.note else presence,
    }


def _quorum(room: Room) -> str:
    enough = "đủ" if room.is_quorate else "chưa đủ"
    return (
        f"Có mặt {count(len(room.present))} trên {count(room.members)} thành viên, {enough} số thành viên theo quy định "
        f"(ít nhất {count(room.needed)})."
    )


def _leaders(session: CouncilSession) -> str:
    chair = str(session.chaired_by.user) if session.chaired_by else "……"
    return f"Chủ trì: {chair}. Người ghi biên bản: {session.minuted_by}."


def _aside(room: Room, members: Iterable[Attendance], verdicts: list[Verdict]) -> list[str]:
    """Who stood aside from which dossier that was voted on."""
    found = []
    for row in members:
        if not row.present:
            continue
        codes = [one.dossier.entry_code for one in verdicts if row.seat.user_id in room.silent(one.dossier_id)]
        if codes:
            found.append(f"{row.seat.user}: không biểu quyết hồ sơ {listed(sorted(codes))}.")
    return found or ["Không có thành viên nào có xung đột lợi ích với hồ sơ được xét."]


def _sets(round_: Round, session: CouncilSession) -> list[str]:
    parts = Dossier.objects.order_by("entry_code")
    sets = round_.dossiers.filter(is_gathered_set=True).exclude(state=DossierState.WITHDRAWN).select_related("product")
    found = [_set_words(one) for one in sets.prefetch_related(Prefetch("gathered", parts)).order_by("entry_code")]
    split = session.set_proposals.filter(kind="split", state="accepted").select_related("set_dossier")
    found += [
        f"Tách bộ {one.set_dossier.entry_code} “{normalise(one.name)}”. Lý do: {one.decided_reason or one.reason}"
        for one in split.order_by("pk")
        if one.set_dossier is not None
    ]
    return found or ["Kỳ này không gộp bộ sản phẩm nào."]


def _set_words(one: Dossier) -> str:
    when = (
        "gộp sau khi khóa điểm, không có điểm riêng, mọi sản phẩm trong bộ đều đạt điểm"
        if one.gathered_late
        else "gộp trước khi chấm điểm và được chấm như một bộ"
    )
    codes = listed([part.entry_code for part in one.gathered.all()])
    return (
        f"Bộ {one.entry_code} “{normalise(one.product.name)}” gồm hồ sơ {codes}; căn cứ Điều 6, trường hợp "
        f"{basis_words(one.set_basis)}; {when}."
    )


def _groups(round_: Round, room: Room, verdicts: list[Verdict]) -> list[dict[str, Any]]:
    found = []
    for group in ProductGroup:
        mine = [one for one in verdicts if one.dossier.product.group == group]
        if mine:
            proposed = sum(one.choice == VerdictChoice.RECOGNISE for one in mine)
            name = group_name(group)
            head = f"Nhóm {name[:1].lower()}{name[1:]}: đề nghị {count(proposed)} trên {count(len(mine))} hồ sơ"
            found.append({"head": head, "rows": [_row(round_, room, one) for one in mine]})
    return found


def _row(round_: Round, room: Room, verdict: Verdict) -> dict[str, str]:
    dossier = verdict.dossier
    facility = dossier.product.facility
    votes = (verdict.votes_for, verdict.votes_against, verdict.votes_abstain)
    rank = _rank(dossier)
    return {
        "rank": str(rank) if rank and not dossier.gathered_late else NONE,
        "code": dossier.entry_code,
        "product": normalise(dossier.product.name),
        "facility": normalise(facility.name) if facility else "",
        "mean": _mean(round_, dossier),
        "voters": str(room.voters(dossier.pk)),
        "for": NONE if votes == (None, None, None) else str(votes[0] or 0),
        "against": NONE if votes == (None, None, None) else str(votes[1] or 0),
        "abstain": NONE if votes == (None, None, None) else str(votes[2] or 0),
        "result": ", ".join(
            one
            for one in ("Đề nghị" if verdict.choice == VerdictChoice.RECOGNISE else "Không đề nghị", verdict.prize)
            if one
        ),
        "reason": verdict.reason,
    }


def _mean(round_: Round, dossier: Dossier) -> str:
    result = getattr(dossier, "result", None)
    if result is None:
        return NONE
    return points(tally.shown_mean(points=result.points, divisor=result.divisor, threshold=round_.threshold)) or NONE


def _departures(round_: Round, verdicts: list[Verdict]) -> list[str]:
    """Each departure from the ranking that this session decided, what stands above it, and the council's reason."""
    reasons = {one.dossier.entry_code: one.reason for one in verdicts}
    found = []
    for code, better in sorted(council_queries.departures_of(council_queries.entries_of(round_)).items()):
        if code in reasons:
            above = listed([f"{one.code} (hạng {one.rank})" for one in better])
            found.append(f"Đề nghị hồ sơ {code}, trong khi không đề nghị hồ sơ {above}. Lý do: {reasons[code]}")
    return found or ["Không có trường hợp nào khác thứ tự điểm."]


def _quota(round_: Round, proposed: list[Dossier]) -> str:
    said = f"Phiên họp này đề nghị công nhận {goods_words(proposed)}." if proposed else "Phiên họp này không đề nghị."
    if round_.quota is None:
        return f"{said} Kỳ này không đặt số lượng tối đa."
    total = council_queries.proposed_count(round_)
    return f"{said} Tính cả các phiên: {count(total)} trên số lượng tối đa {count(round_.quota)} của kỳ."
