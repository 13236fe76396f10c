"""The council of the invented rounds: it sits, speaks, is asked about a set, and answers complaints."""

import datetime as dt

from django.utils.translation import gettext as _

from portal.accounts.models import User
from rounds import queries
from rounds.enums import Body, ComplaintAbout, ComplaintChannel, ComplaintOutcome, SeatRole, SetBasis, VerdictChoice
from rounds.models import Complaint, CouncilSession, Dossier, Round
from rounds.services import complaints, council, remarks, sessions, set_proposals

from .stage import Stage, in_order


def meet(stage: Stage, round_: Round, now: dt.datetime) -> CouncilSession:
    """The council sits, everybody is there."""
    secretary = stage.people["thuky.thainguyen"]
    seats = list(queries.active_seats(round_, Body.COUNCIL))
    session = sessions.open_session(
        round_=round_,
        held_at=now,
        place=_("Phòng họp tầng 3, Sở Công Thương tỉnh Thái Nguyên (địa điểm mẫu)"),
        chaired_by=next(seat for seat in seats if seat.role == SeatRole.CHAIR),
        minuted_by=secretary,
        actor=secretary,
        now=now,
    )
    rows = {seat.pk: (True, "") for seat in seats}
    sessions.record_attendance(session=session, rows=rows, actor=secretary, now=now)
    return session


def speak(
    round_: Round,
    secretary: User,
    now: dt.datetime,
    *,
    declined: dict[str, str] | None = None,
    limit: int | None = None,
) -> None:
    """The council's word: what passed is proposed, unless it is declined with a reason."""
    refused = declined or {}
    for dossier in round_.dossiers.select_related("result").order_by("entry_code")[:limit]:
        reason = refused.get(dossier.entry_code, "")
        if not dossier.result.passed:
            reason = _("Chưa đạt điểm trung bình.")
        council.record_verdict(
            dossier=dossier,
            choice=VerdictChoice.DECLINE if reason else VerdictChoice.RECOGNISE,
            votes_for=2 if reason else 7,
            votes_against=5 if reason else 0,
            reason=reason,
            actor=secretary,
            now=now,
        )


def close(stage: Stage, session: CouncilSession, now: dt.datetime) -> None:
    secretary = stage.people["thuky.thainguyen"]
    sessions.record_words(
        session=session,
        discussion=_("Hội đồng xem mẫu sản phẩm và nghe tổ giúp việc báo cáo (nội dung mẫu)."),
        conclusion=_("Hội đồng nhất trí danh sách đề nghị công nhận (nội dung mẫu)."),
        actor=secretary,
        now=now,
    )
    sessions.close_session(session=session, actor=secretary, now=now)


def remark(stage: Stage, round_: Round, now: dt.datetime) -> None:
    """The support team tells the council what it saw."""
    said = (
        _("Hai cửa hàng ngoài tỉnh đã đặt hàng thường xuyên (nhận xét mẫu)."),
        _("Nhãn còn thiếu hạn dùng, cơ sở đã hẹn sửa (nhận xét mẫu)."),
    )
    for dossier, words in zip(in_order(round_), said, strict=False):
        remarks.write_remark(dossier=dossier, remark=words, actor=stage.people["totruong.thainguyen"], now=now)


def late_set(stage: Stage, round_: Round, facility: str, now: dt.datetime) -> None:
    """Two entries of one facility, both passed, are proposed as a set after the seal; the council decides."""
    set_proposals.propose_gather(
        round_=round_,
        dossiers=round_.dossiers.filter(product__facility__name=facility).order_by("entry_code"),
        name=_("Bộ bàn trà, ghế đôn gỗ lát"),
        basis=SetBasis.FITTING,
        reason=_("Cùng gỗ, cùng kiểu dáng, bán kèm nhau (đề xuất mẫu)."),
        actor=stage.people["totruong.thainguyen"],
        now=now,
    )


def complain(stage: Stage, round_: Round) -> None:
    """One complaint came in time and is answered, one came late and nobody has taken it up yet."""
    entered = {dossier.entry_code: dossier for dossier in in_order(round_)}
    first = _complaint(
        stage,
        entered["010"],
        _("Cơ sở đề nghị xem lại ý kiến về tính mới của ghế gấp gỗ xoan (nội dung mẫu)."),
        stage.at(-318),
    )
    answerer = stage.people["uyvien1.thainguyen"]
    chair = stage.people["chutich.thainguyen"]
    complaints.assign(complaint=first, answerer=answerer, actor=chair, now=stage.at(-317))
    complaints.answer(
        complaint=first,
        outcome=ComplaintOutcome.REJECTED,
        words=_("Hội đồng đã xem lại biên bản: ý kiến được biểu quyết đúng quy chế, có ghi lý do (trả lời mẫu)."),
        actor=answerer,
        now=stage.at(-312),
    )
    late = _("Cơ sở đề nghị cho biết điểm từng tiêu chí để cải tiến sản phẩm (nội dung mẫu).")
    _complaint(stage, entered["005"], late, stage.at(-2), holds=False)


def _complaint(stage: Stage, dossier: Dossier, content: str, now: dt.datetime, *, holds: bool = True) -> Complaint:
    facility = dossier.product.facility
    assert facility is not None
    return complaints.file(
        round_=dossier.round,
        dossier=dossier,
        facility=facility,
        content=content,
        about=ComplaintAbout.RESULT,
        channel=ComplaintChannel.PAPER,
        complainant=facility.name,
        holds=holds,
        actor=stage.people["thuky.thainguyen"],
        now=now,
    )
