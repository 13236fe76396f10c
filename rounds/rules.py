"""Who may do what in a round: small predicates, each with the sentence that refuses.

Rounds and dossiers that a person may not even see never come here: they are reached through
`visible_to` and are 404 elsewhere. `None` as the person is the system (commands, tasks).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from facilities.models import Representative
from portal.accounts.enums import Role
from portal.accounts.queries import staff_reach
from portal.text.errors import Refusal
from products.enums import Level

from .enums import Body, Origin, RoundState, SeatRole
from .models import Dossier, Round, Seat
from .states import BEFORE_SEAL, FILLABLE

T = TypeVar("T")
NATIONAL_ONLY = frozenset({Role.AGENCY_NATIONAL})
AGENCY = frozenset({Role.AGENCY_REGIONAL, Role.AGENCY_NATIONAL})


@dataclass(frozen=True)
class _Rule(Generic[T]):
    """A predicate on a person and a thing, and what to say when it is false."""

    test: Callable[[Any, T], bool]
    sentence: str | Promise

    def __call__(self, user: Any, about: T) -> bool:
        return user is None or self.test(user, about)

    def require(self, user: Any, about: T) -> None:
        if not self(user, about):
            raise Refusal("not_allowed", self.sentence)


class Rule(_Rule[Round]):
    """Of a round."""


class DossierRule(_Rule[Dossier]):
    """Of a dossier."""


_asked: ContextVar[dict[tuple[int, int | None], frozenset[str]] | None] = ContextVar("seats_asked", default=None)


@contextmanager
def asked_once() -> Iterator[None]:
    """Within it the seats of a person are read once: for a page that asks many rules about one round."""
    if _asked.get() is not None:  # within another one
        yield
        return
    token = _asked.set({})
    try:
        yield
    finally:
        _asked.reset(token)


def seats_of(user: Any, round_: Round) -> frozenset[str]:
    """Roles that the person holds in the round's bodies now. One query."""
    if not getattr(user, "is_authenticated", False):
        return frozenset()
    known = _asked.get()
    if known is None:
        return _seats_of(user, round_)
    key = (user.pk, round_.pk)
    if key not in known:
        known[key] = _seats_of(user, round_)
    return known[key]


def _seats_of(user: Any, round_: Round) -> frozenset[str]:
    seats = Seat.objects.filter(round=round_, user=user, until__isnull=True)
    return frozenset(seats.values_list("role", flat=True))


def _is_staff_of(user: Any, round_: Round, *, province_roles: tuple[str, ...]) -> bool:
    reach = staff_reach(user)
    if Role.ADMINISTRATOR in reach.roles:
        return True
    if round_.level == Level.NATIONAL:
        return bool(reach.roles & NATIONAL_ONLY)
    if round_.level == Level.REGION:
        return bool(reach.roles & NATIONAL_ONLY) or (
            Role.AGENCY_REGIONAL in reach.roles and round_.region in reach.regions
        )
    return any(reach.holds(role, round_.territory_id) for role in province_roles)


def _manages(user: Any, round_: Round) -> bool:
    return _is_staff_of(user, round_, province_roles=(Role.OFFICER, Role.LEADER))


def _decides(user: Any, round_: Round) -> bool:
    return _is_staff_of(user, round_, province_roles=(Role.LEADER,))


def _receives(user: Any, round_: Round) -> bool:
    if _manages(user, round_):
        return True
    mine = getattr(user, "organisation_id", None)
    works_there = mine is not None and mine == round_.receiving_unit_id
    return works_there and _is_staff_of(user, round_, province_roles=(Role.EXTENSION_OFFICER,))


def _checks(user: Any, round_: Round) -> bool:
    return _receives(user, round_) or bool(seats_of(user, round_) & {SeatRole.SUPPORT_LEAD, SeatRole.SUPPORT_MEMBER})


def _records_verdicts(user: Any, round_: Round) -> bool:
    return SeatRole.SECRETARY in seats_of(user, round_) or _decides(user, round_)


def _is_head_judge(user: Any, round_: Round) -> bool:
    return SeatRole.HEAD_JUDGE in seats_of(user, round_)


def _sees_board(user: Any, round_: Round) -> bool:
    council = {SeatRole.CHAIR, SeatRole.VICE_CHAIR, SeatRole.SECRETARY, SeatRole.MEMBER}
    return _manages(user, round_) or bool(
        seats_of(user, round_) & (council | {SeatRole.HEAD_JUDGE, SeatRole.DEPUTY_JUDGE})
    )


def _sees_points(user: Any, round_: Round) -> bool:
    if round_.state in BEFORE_SEAL:
        return _is_head_judge(user, round_)
    return _sees_board(user, round_)


def _reaches_desk(user: Any, round_: Round) -> bool:
    reach = staff_reach(user)
    of_region = bool(round_.region) and round_.region in reach.regions
    if reach.everything or of_region or round_.territory_id in reach.territory_ids:
        return True
    return bool(seats_of(user, round_) - {SeatRole.JUDGE, SeatRole.DEPUTY_JUDGE})


def _scores(user: Any, round_: Round) -> bool:
    return Seat.objects.filter(round=round_, user=user, body=Body.JURY, until__isnull=True).exists()


def _runs_scoring(user: Any, round_: Round) -> bool:
    return _manages(user, round_) or bool(seats_of(user, round_) & {SeatRole.SECRETARY, SeatRole.HEAD_JUDGE})


def _chairs(user: Any, round_: Round) -> bool:
    return bool(seats_of(user, round_) & {SeatRole.CHAIR, SeatRole.VICE_CHAIR})


def _nudges(user: Any, round_: Round) -> bool:
    return _runs_scoring(user, round_) or _chairs(user, round_)


def _proposes_criteria(user: Any, round_: Round) -> bool:
    return _runs_scoring(user, round_)


def _approves_criteria(user: Any, round_: Round) -> bool:
    return SeatRole.CHAIR in seats_of(user, round_) or _decides(user, round_)


def _extends(user: Any, round_: Round) -> bool:
    return _chairs(user, round_) or _manages(user, round_)


def _settles_conflicts(user: Any, round_: Round) -> bool:
    return _decides(user, round_) or bool(seats_of(user, round_) & {SeatRole.CHAIR, SeatRole.SECRETARY})


def _enters_paper(user: Any, round_: Round) -> bool:
    return SeatRole.SECRETARY in seats_of(user, round_)


def _proposes_sets(user: Any, round_: Round) -> bool:
    support = {SeatRole.SUPPORT_LEAD, SeatRole.SUPPORT_MEMBER}
    return _manages(user, round_) or bool(seats_of(user, round_) & (support | {SeatRole.SECRETARY}))


def _decides_sets(user: Any, round_: Round) -> bool:
    return _chairs(user, round_) or _decides(user, round_) or SeatRole.SECRETARY in seats_of(user, round_)


def _handles_complaints(user: Any, round_: Round) -> bool:
    return _manages(user, round_) or bool(seats_of(user, round_) & {SeatRole.SECRETARY, SeatRole.CHAIR})


def represents(user: Any, facility_id: int | None) -> bool:
    """Whether the province has approved the person as a representative of the facility. One query."""
    if facility_id is None or not getattr(user, "is_authenticated", False):
        return False
    return Representative.objects.approved().filter(user=user, facility_id=facility_id).exists()


def _fills(user: Any, dossier: Dossier) -> bool:
    return dossier.state in FILLABLE and _speaks(user, dossier)


def _speaks(user: Any, dossier: Dossier) -> bool:
    """Whose dossier it is, whatever its state: the facility's representative, or the commune that filed it."""
    facility = dossier.product.facility
    if facility is None:
        return False
    for_its_commune = dossier.origin == Origin.COMMUNE and facility.commune_id in staff_reach(user).commune_ids
    return for_its_commune or represents(user, facility.pk)


def _supplies(user: Any, dossier: Dossier) -> bool:
    if represents(user, dossier.product.facility_id):  # a party to the dossier, whatever office besides
        return dossier.state in FILLABLE
    return _checks(user, dossier.round) or _fills(user, dossier)


may_manage = Rule(_manages, _("Chỉ cán bộ hoặc lãnh đạo của đơn vị tổ chức kỳ bình chọn được làm việc này."))
may_decide = Rule(_decides, _("Chỉ lãnh đạo của đơn vị tổ chức được ghi quyết định, công bố hoặc hủy kỳ bình chọn."))
may_receive = Rule(_receives, _("Chỉ đơn vị nhận hồ sơ của kỳ bình chọn được nhập và nhận hồ sơ."))
may_check = Rule(_checks, _("Chỉ tổ chuyên môn giúp việc và đơn vị nhận hồ sơ được kiểm tra hồ sơ."))
may_fill = DossierRule(
    _fills,
    _(
        "Chỉ người đại diện đã được Sở xác nhận của cơ sở, hoặc cán bộ xã được ủy quyền nộp thay,"
        " được điền hồ sơ khi hồ sơ đang lập hoặc cần bổ sung."
    ),
)
may_take_back = DossierRule(_speaks, _("Chỉ người đại diện của cơ sở, hoặc xã đã nộp thay, được rút hồ sơ này."))
may_supply = DossierRule(
    _supplies,
    _("Chỉ đơn vị nhận hồ sơ, tổ chuyên môn giúp việc và người nộp hồ sơ được bổ sung hồ sơ này vào lúc này."),
)
may_record_verdicts = Rule(
    _records_verdicts, _("Chỉ thư ký hội đồng hoặc lãnh đạo đơn vị tổ chức được ghi ý kiến của hội đồng.")
)
may_see_board = Rule(_sees_board, _("Bảng điểm chỉ dành cho đơn vị tổ chức, hội đồng và trưởng Ban Giám khảo."))
may_see_points = Rule(_sees_points, _("Chỉ trưởng ban giám khảo được xem bảng tổng hợp trước khi kỳ chấm đóng."))
may_reach_desk = Rule(_reaches_desk, _("Trang này dành cho đơn vị tổ chức, hội đồng và tổ giúp việc của kỳ bình chọn."))
may_score = Rule(_scores, _("Chỉ giám khảo của kỳ bình chọn được chấm điểm."))

may_run_scoring = Rule(
    _runs_scoring, _("Chỉ đơn vị tổ chức, thư ký hội đồng hoặc trưởng Ban Giám khảo được điều hành việc chấm.")
)
may_see_progress = Rule(_sees_board, _("Tiến độ chấm chỉ dành cho đơn vị tổ chức, hội đồng và trưởng Ban Giám khảo."))
may_nudge = Rule(
    _nudges, _("Chỉ đơn vị tổ chức, chủ tịch, thư ký hội đồng hoặc trưởng Ban Giám khảo được nhắc giám khảo.")
)
may_propose_criteria = Rule(
    _proposes_criteria, _("Chỉ đơn vị tổ chức, thư ký hội đồng hoặc trưởng Ban Giám khảo được soạn bộ tiêu chí.")
)
may_approve_criteria = Rule(
    _approves_criteria, _("Chỉ chủ tịch hội đồng hoặc lãnh đạo đơn vị tổ chức được duyệt bộ tiêu chí.")
)
may_extend = Rule(_extends, _("Chỉ chủ tịch, phó chủ tịch hội đồng hoặc đơn vị tổ chức được gia hạn chấm."))
may_reopen_sheets = Rule(_chairs, _("Chỉ chủ tịch hoặc phó chủ tịch hội đồng được mở lại phiếu đã nộp."))
may_settle_conflicts = Rule(
    _settles_conflicts,
    _("Chỉ chủ tịch, thư ký hội đồng hoặc lãnh đạo đơn vị tổ chức được xử lý xung đột lợi ích."),
)
may_enter_paper = Rule(_enters_paper, _("Chỉ thư ký hội đồng được nhập phiếu chấm giấy và nhận phiếu đã ký."))
may_propose_sets = Rule(_proposes_sets, _("Chỉ tổ giúp việc, thư ký hội đồng hoặc đơn vị tổ chức được đề xuất bộ."))
may_decide_sets = Rule(
    _decides_sets, _("Chỉ chủ tịch, thư ký hội đồng hoặc lãnh đạo đơn vị tổ chức được quyết định về bộ sản phẩm.")
)
may_handle_complaints = Rule(
    _handles_complaints, _("Chỉ đơn vị tổ chức, thư ký hoặc chủ tịch hội đồng được xử lý khiếu nại, kiến nghị.")
)

ADVANCE_RULES = {
    RoundState.CANCELLED: may_decide,
    RoundState.DECIDED: may_decide,
    RoundState.ANNOUNCED: may_decide,
    RoundState.CLOSED: may_decide,
}


def _reopens_scoring(user: Any, round_: Round) -> bool:
    return SeatRole.CHAIR in seats_of(user, round_) or _decides(user, round_)


may_reopen_scoring = Rule(
    _reopens_scoring, _("Chỉ chủ tịch hội đồng hoặc lãnh đạo đơn vị tổ chức được mở lại chấm điểm sau khi đã khóa.")
)


def rule_to_advance(to: str, *, since: str = "") -> Rule:
    """The rule that guards a transition to a state, `since` being where it starts from."""
    if (since, to) == (RoundState.DELIBERATION, RoundState.SCORING):
        return may_reopen_scoring
    return ADVANCE_RULES.get(RoundState(to), may_manage)


def roles_that_create(level: str) -> str:
    """The sentence for a round outside the person's reach."""
    if level == Level.NATIONAL:
        return str(_("Kỳ bình chọn cấp quốc gia do Cục tổ chức."))
    if level == Level.REGION:
        return str(_("Kỳ bình chọn cấp khu vực do cán bộ Cục phụ trách khu vực đó tổ chức."))
    return str(_("Bạn chỉ được mở kỳ bình chọn của tỉnh mình phụ trách."))
