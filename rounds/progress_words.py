"""How the pages of the desk say where a sheet stands and what a dossier lacks."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from .enums import AssignmentMode, SheetState
from .progress import DossierLine, Standing
from .sheet_states import NOT_OPENED, RECUSED

STATE_WORDS: Mapping[str, str | Promise] = {
    NOT_OPENED: gettext_lazy("Chưa mở"),
    SheetState.DRAFT: gettext_lazy("Đang chấm"),
    SheetState.ENTERED: gettext_lazy("Chờ giám khảo xác nhận"),
    SheetState.SUBMITTED: gettext_lazy("Đã nộp"),
    SheetState.CANNOT_ASSESS: gettext_lazy("Không đánh giá được"),
    RECUSED: gettext_lazy("Từ chối chấm"),
    SheetState.VOIDED: gettext_lazy("Không tính"),
}
STANDING_WORDS: Mapping[Standing, str | Promise] = {
    Standing.SHORT: gettext_lazy("không thể đủ phiếu"),
    Standing.WAITING: gettext_lazy("chưa đủ phiếu"),
    Standing.OPEN: gettext_lazy("đủ phiếu, còn chờ"),
    Standing.DONE: gettext_lazy("đã xong"),
}


def why_short(line: DossierLine) -> str:
    """What keeps a dossier from its quorum, in one sentence."""
    counts = line.counts
    said = [
        _said(counts.get(RECUSED, 0), ngettext("%(n)d người từ chối chấm", "%(n)d người từ chối chấm", 1)),
        _said(
            counts.get(SheetState.CANNOT_ASSESS, 0),
            ngettext("%(n)d người không đánh giá được", "%(n)d người không đánh giá được", 1),
        ),
        _said(counts.get(SheetState.VOIDED, 0), ngettext("%(n)d phiếu không tính", "%(n)d phiếu không tính", 1)),
        _said(line.overdue, ngettext("%(n)d phiếu chưa nộp khi đã hết hạn", "%(n)d phiếu chưa nộp khi đã hết hạn", 1)),
    ]
    facts = {"valid": line.valid, "quorum": line.quorum, "why": "; ".join(part for part in said if part)}
    if not facts["why"]:
        return _("Có %(valid)s phiếu hợp lệ, cần %(quorum)s: hồ sơ được giao cho quá ít giám khảo.") % facts
    return _("Có %(valid)s phiếu hợp lệ, cần %(quorum)s: %(why)s.") % facts


def _said(number: int, sentence: str) -> str:
    return sentence % {"n": number} if number else ""


def what_to_do(line: DossierLine, assignment: str) -> str:
    """The way on for a dossier that cannot reach its quorum."""
    if line.overdue:
        return _("Hãy gia hạn chấm cho người chưa nộp.")
    if assignment == AssignmentMode.ASSIGNED:
        return _("Hãy phân thêm giám khảo cho hồ sơ này.")
    if line.counts.get(SheetState.CANNOT_ASSESS):
        return _("Hãy bổ sung giám khảo, hoặc xin chủ tịch mở lại phiếu không đánh giá được.")
    return _("Hãy bổ sung giám khảo vào Ban Giám khảo.")
