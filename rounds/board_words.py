"""Words and numbers of the score board, made once once for a row: a board has hundreds."""

from django.utils.translation import gettext as _

from .models import Verdict
from .sheet_states import Hands


def rest_of(hands: Hands) -> str:
    """What is not handed in as it should be: "chờ 1, không đánh giá được 1, từ chối 2"."""
    parts = []
    if hands.waiting:
        parts.append(_("chờ %(total)s") % {"total": hands.waiting})
    if hands.cannot_assess:
        parts.append(_("không đánh giá được %(total)s") % {"total": hands.cannot_assess})
    if hands.recused:
        parts.append(_("từ chối chấm %(total)s") % {"total": hands.recused})
    if hands.voided:
        parts.append(_("không tính %(total)s") % {"total": hands.voided})
    return ", ".join(parts)


def verdict_of(verdict: Verdict) -> str:
    """ "Đề nghị công nhận (6/1), giải A"."""
    said = str(verdict.get_choice_display())
    if verdict.votes_for is not None:
        said = f"{said} ({verdict.votes_for}/{verdict.votes_against or 0})"
    return f"{said}, {verdict.prize}" if verdict.prize else said
