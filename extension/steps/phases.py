"""Where a project stands, in three wordings: for staff, for the beneficiary, for the public.

The words of the step that the project is at come first, since each province words its own steps; where a step has
none, or the project has no steps, the phase speaks.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from ..enums import ProjectState as P
from ..models import Project
from .workflows import StepRow, current

FOR_BENEFICIARY: dict[P, Any] = {
    P.REGISTERED: _("Đã nhận đăng ký, đang xem hồ sơ"),
    P.APPRAISING: _("Đang thẩm định; chưa có gì phải làm thêm nếu không được hỏi"),
    P.REFUSED: _("Không được duyệt lần này"),
    P.APPROVED: _("Đã được duyệt, chuẩn bị thực hiện"),
    P.RUNNING: _("Đang thực hiện; hãy làm đúng hợp đồng và giữ chứng từ"),
    P.ACCEPTED: _("Đã nghiệm thu, đang làm hồ sơ quyết toán"),
    P.SETTLED: _("Đã quyết toán, đang thanh lý hợp đồng"),
    P.LIQUIDATED: _("Đã xong; sau một năm cơ sở được hỏi lại kết quả"),
    P.STOPPED: _("Đã ngừng thực hiện"),
}
FOR_PUBLIC: dict[P, Any] = {
    P.REGISTERED: _("Mới đăng ký, chưa phải là hỗ trợ"),
    P.APPRAISING: _("Đang thẩm định, chưa phải là hỗ trợ"),
    P.REFUSED: _("Không được duyệt"),
    P.APPROVED: _("Đã được duyệt, chuẩn bị thực hiện"),
    P.RUNNING: _("Đang thực hiện"),
    P.ACCEPTED: _("Đã nghiệm thu, đang quyết toán"),
    P.SETTLED: _("Đã quyết toán"),
    P.LIQUIDATED: _("Đã hoàn thành"),
    P.STOPPED: _("Đã ngừng"),
}


@dataclass(frozen=True)
class Phase:
    """One phase of the way and whether the project has passed it, is in it, or will come to it."""

    state: P
    label: str
    stands: str

    @property
    def is_now(self) -> bool:
        return self.stands == "now"

    @property
    def is_past(self) -> bool:
        return self.stands == "past"


WAY = (P.REGISTERED, P.APPRAISING, P.APPROVED, P.RUNNING, P.ACCEPTED, P.SETTLED, P.LIQUIDATED)
# What people outside need not tell apart.
PUBLIC_WAY = (P.REGISTERED, P.APPROVED, P.RUNNING, P.ACCEPTED, P.LIQUIDATED)
PUBLIC_LABELS: dict[P, Any] = {
    P.REGISTERED: _("Đăng ký, thẩm định"),
    P.APPROVED: _("Được duyệt"),
    P.RUNNING: _("Thực hiện"),
    P.ACCEPTED: _("Nghiệm thu, quyết toán"),
    P.LIQUIDATED: _("Hoàn thành"),
}
_ENDED = (P.REFUSED, P.STOPPED)


def for_staff(rows: Collection[StepRow], project: Project) -> str:
    """The phase, and the step that the project is at."""
    at = current(rows, project.state)
    label = str(project.get_state_display())
    return f"{label}: {at.step.name}" if at else label


def for_beneficiary(rows: Collection[StepRow], project: Project) -> str:
    at = current(rows, project.state)
    return (at.step.for_beneficiary if at else "") or str(FOR_BENEFICIARY[P(project.state)])


def for_public(rows: Collection[StepRow], project: Project) -> str:
    """In the language of the page; a step without English words leaves it to the phase."""
    at = current(rows, project.state)
    own = ""
    if at:
        own = at.step.for_public_en if get_language() == "en" else at.step.for_public
    return own or str(FOR_PUBLIC[P(project.state)])


def way(project: Project) -> list[Phase]:
    """The whole way for staff; empty for a project that left it."""
    return [] if project.state in _ENDED else _stand(WAY, P(project.state), {p: p.label for p in WAY})


def public_way(project: Project) -> list[Phase]:
    """The same in fewer words for everybody else."""
    if project.state in _ENDED:
        return []
    now = {P.APPRAISING: P.REGISTERED, P.SETTLED: P.ACCEPTED}.get(P(project.state), P(project.state))
    return _stand(PUBLIC_WAY, now, PUBLIC_LABELS)


def _stand(whole: tuple[P, ...], now: P, labels: dict[P, Any]) -> list[Phase]:
    at = whole.index(now)
    finished = now == whole[-1]
    return [
        Phase(state, str(labels[state]), "past" if place < at or finished else "now" if place == at else "later")
        for place, state in enumerate(whole)
    ]
