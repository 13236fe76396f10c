"""Công văn trả lời kiến nghị: the council's answer to who sent it (TT 26/2014/TT-BCT, Điều 20)."""

import datetime as dt
from typing import Any

from django.utils import timezone

from portal.text.folding import normalise
from rounds.enums import ComplaintOutcome
from rounds.models import Complaint

from . import offices
from .heads import paper
from .words import lines

OUTCOMES = {
    ComplaintOutcome.UPHELD: "chấp nhận kiến nghị",
    ComplaintOutcome.PARTLY: "chấp nhận một phần kiến nghị",
    ComplaintOutcome.REJECTED: "không chấp nhận kiến nghị",
    ComplaintOutcome.LATE: "không xem xét kiến nghị vì gửi sau hạn",
}


def answer_letter(complaint: Complaint, on: dt.date) -> dict[str, Any]:
    """The letter as `outcome`, `answer` and `correction` of the complaint stand, saved or only typed.

    Its number and day are left to the pen until it was answered. No query when the round, its place and the dossier's
    product are at hand.
    """
    round_ = complaint.round
    office = offices.council_office(round_, on)
    received = timezone.localdate(complaint.received_at)
    subject = f"kiến nghị về bình chọn {offices.PROGRAMME} {offices.occasion(round_, on)}"
    frame = paper(
        office,
        on,
        symbol="",
        about=f"V/v trả lời {subject}",
        to=(normalise(complaint.complainant),),
        recipients=("Như trên;",),
        dated=complaint.answered_at is not None,
    )
    return frame | {
        "to_address": normalise(complaint.contact),
        "opening": f"{office.name} đã nhận ngày {received:%d/%m/%Y} {subject} của {normalise(complaint.complainant)}"
        f"{_contested(complaint)}. Căn cứ Điều 20 Thông tư số 26/2014/TT-BCT, {office.name} trả lời như sau:",
        "clauses": [
            f"1. Kết quả xem xét: {OUTCOMES[ComplaintOutcome(complaint.outcome)]}.",
            "2. Nội dung trả lời:",
            *lines(complaint.answer),
            *_corrected(complaint),
        ],
        "closing": f"{office.name} trả lời để {normalise(complaint.complainant)} biết./.",
    }


def _contested(complaint: Complaint) -> str:
    dossier = complaint.dossier
    if dossier is None:
        return ""
    numbered = f"hồ sơ số {dossier.entry_code}, " if dossier.entry_code else ""
    return f", đối với {numbered}sản phẩm “{normalise(dossier.product.name)}”"


def _corrected(complaint: Complaint) -> list[str]:
    said = lines(complaint.correction)
    return ["3. Điều đã sửa hoặc sẽ sửa:", *said] if said else []
