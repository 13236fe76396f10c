"""A dossier's state in the applicant's words: what it means, what comes next, and how pressing it is. Pure of writes."""

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _

from .enums import DossierState, RoundState, VerdictChoice
from .models import Dossier
from .queries import shows_provisional
from .services.guards import moment

D, R = DossierState, RoundState


@dataclass(frozen=True)
class Phase:
    """How the state stands on the page: the badge's kind and icon, its words, and one sentence more."""

    badge: str
    icon: str
    words: str
    next: str = ""


def phase(dossier: Dossier, *, now: dt.datetime) -> Phase:
    """No query on a dossier read with its round; a dossier in a provisional list reads its verdict."""
    match dossier.state:
        case D.DRAFT:
            return _draft(dossier, now)
        case D.NEEDS_SUPPLEMENT:
            return _supplement(dossier, now)
        case D.SUBMITTED:
            return Phase(
                "info",
                "file-clock",
                _("Đã nộp, đang được kiểm tra"),
                _("Đơn vị nhận hồ sơ kiểm tra giấy tờ. Thiếu gì, cổng sẽ báo cho bạn kèm hạn bổ sung."),
            )
        case D.NOT_ELIGIBLE:
            return Phase("late", "circle-x", _("Không đủ điều kiện"), dossier.state_reason)
        case D.GATHERED:
            return Phase("info", "layers", _("Đã gộp vào hồ sơ bộ sản phẩm"), _gathered_words(dossier))
        case D.WITHDRAWN:
            return Phase("withdrawn", "undo-2", _("Đã rút"), dossier.state_reason)
    return _admitted(dossier)


def _draft(dossier: Dossier, now: dt.datetime) -> Phase:
    round_ = dossier.round
    if round_.receiving_open(now):
        until = round_.receiving_until
        return Phase(
            "todo",
            "pencil-line",
            _("Đang lập, chưa nộp"),
            _("Nộp trước %(until)s.") % {"until": moment(until)} if until else "",
        )
    return Phase("late", "circle-alert", _("Chưa nộp, kỳ đã hết hạn nhận"), _("Hãy hỏi đơn vị nhận hồ sơ."))


def _supplement(dossier: Dossier, now: dt.datetime) -> Phase:
    until = dossier.supplement_until
    if until is not None and now >= until:
        return Phase(
            "late",
            "circle-alert",
            _("Quá hạn bổ sung"),
            _("Hạn là %(until)s. Hãy liên hệ đơn vị nhận hồ sơ.") % {"until": moment(until)},
        )
    words = _("Cần bổ sung trước %(until)s") % {"until": moment(until)} if until else _("Cần bổ sung")
    return Phase("todo", "pencil-line", words, _("Xem điều cần bổ sung, sửa rồi nộp lại."))


def _admitted(dossier: Dossier) -> Phase:
    match dossier.round.state:
        case R.RECEIVING | R.SCREENING | R.DRAFT:
            return Phase("done", "circle-check", _("Đủ điều kiện"), _("Hồ sơ chờ Ban Giám khảo chấm."))
        case R.SCORING:
            return Phase("info", "clipboard-check", _("Ban Giám khảo đang chấm"))
        case R.ANNOUNCED | R.CLOSED:
            return _result(dossier)
        case R.DECIDED:
            return Phase("info", "stamp", _("Đã có quyết định, chờ công bố"))
        case R.CANCELLED:
            return Phase("withdrawn", "circle-minus", _("Kỳ bình chọn đã hủy"), dossier.round.cancelled_reason)
    if shows_provisional(dossier.round) and _is_proposed(dossier):
        return Phase(
            "done", "list", _("Có trong danh sách dự kiến công nhận"), _("Đây chưa phải là kết quả công nhận.")
        )
    return Phase("info", "scale", _("Hội đồng đang xét"), _("Kết quả được báo sau khi có quyết định."))


def _result(dossier: Dossier) -> Phase:
    recognition = dossier.recognition
    if recognition is not None and recognition.published_at is not None:
        return Phase("valid", "circle-check", _("Được công nhận"))
    return Phase("expired", "circle-minus", _("Không được công nhận kỳ này"))


def _is_proposed(dossier: Dossier) -> bool:
    verdict = getattr(dossier, "verdict", None)
    return verdict is not None and verdict.choice == VerdictChoice.RECOGNISE


def _gathered_words(dossier: Dossier) -> str:
    into = dossier.gathered_into
    return _("Từ nay theo hồ sơ “%(name)s”.") % {"name": into.product.name} if into else ""
