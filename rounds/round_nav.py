"""The row of pages of a round at the desk: what this person may open, in the order of the work.

Each page asks the same rule that guards it, so that no tab leads to a refusal.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from . import complaints_desk, conflict_desk, nominations_board, rules, sets_desk
from .enums import RoundState
from .models import Round
from .states import BEFORE_SCORING, ROUND_ORDER

R = RoundState


@dataclass(frozen=True)
class Tab:
    label: str | Promise
    url: str
    current: bool


def _from(state: RoundState) -> Callable[[Any, Round], bool]:
    since = ROUND_ORDER[ROUND_ORDER.index(state) :]
    return lambda _user, round_: round_.state in since


def _always(user: Any, round_: Round) -> bool:
    return True


def _board(user: Any, round_: Round) -> bool:
    return round_.state not in BEFORE_SCORING and rules.may_see_board(user, round_)


def _sets(user: Any, round_: Round) -> bool:
    return _from(R.RECEIVING)(user, round_) and sets_desk.may_read(user, round_)


def _assign(user: Any, round_: Round) -> bool:
    return _from(R.SCREENING)(user, round_) and rules.may_run_scoring(user, round_)


def _sessions(user: Any, round_: Round) -> bool:
    return _from(R.DELIBERATION)(user, round_) and rules.may_see_board(user, round_)


def _complaints(user: Any, round_: Round) -> bool:
    return _from(R.PROVISIONAL)(user, round_) and complaints_desk.may_read(user, round_)


# Name of the page, its words, and when it is of use.
PAGES: tuple[tuple[str, str | Promise, Callable[[Any, Round], bool]], ...] = (
    ("change", _("Tổng quan"), _always),
    ("bodies", _("Hội đồng, giám khảo"), _always),
    ("criteria_sets", _("Bộ tiêu chí"), _always),
    ("intake", _("Tiếp nhận"), _from(R.RECEIVING)),
    ("nominations", _("Đề cử"), nominations_board.MAY_SEE),
    ("sets", _("Bộ sản phẩm"), _sets),
    ("samples", _("Mẫu sản phẩm"), _from(R.RECEIVING)),
    ("conflicts", _("Cam kết, xung đột"), conflict_desk.MAY_SEE),
    ("assign", _("Phân công"), _assign),
    ("progress", _("Tiến độ chấm"), _board),
    ("board", _("Bảng điểm"), _board),
    ("sessions", _("Phiên họp"), _sessions),
    ("complaints", _("Kiến nghị"), _complaints),
    ("forms", _("Biểu mẫu"), _always),
    ("settings", _("Cài đặt"), _always),
)


def tabs(user: Any, round_: Round, current: str) -> list[Tab]:
    """The pages of the round that this person may open now, `current` being the name of the one that is open. Two queries at most."""
    with rules.asked_once():
        return [
            Tab(label, reverse(f"admin:rounds_round_{name}", args=[round_.pk]), name == current)
            for name, label, when in PAGES
            if when(user, round_)
        ]
