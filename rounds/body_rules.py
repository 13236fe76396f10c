"""Whether the bodies of a round are as the rules want them, in words: the page of the bodies and the guards say the same.

No query: seats, the rule of the level and the judges' loads come as values.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from products.enums import ProductGroup

from .enums import Body, SeatRole
from .models import CouncilRule, Round, Seat

SMALLEST_JURY = 3
JURY_BASIS = "TT 26/2014/TT-BCT"


@dataclass(frozen=True)
class Load:
    """What one judge has to score: dossiers owed, those handed in among them, and those of other groups than agreed."""

    due: int = 0
    done: int = 0
    drafts: int = 0
    groups: Mapping[str, int] = field(default_factory=dict)

    def outside(self, groups: Sequence[str]) -> int:
        """Dossiers of groups that the judge was not asked for; none when no group was named."""
        return sum(total for group, total in self.groups.items() if group not in groups) if groups else 0


NO_LOAD = Load()


@dataclass
class Findings:
    """What speaks against the body as it is, what should be looked at, and what is in order."""

    blockers: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    fine: list[str] = field(default_factory=list)


def council(round_: Round, seats: Iterable[Seat], rule: CouncilRule | None) -> Findings:
    """The council's size by the rule of its level, its chair and its secretary."""
    found = Findings()
    members = [seat for seat in seats if seat.body == Body.COUNCIL]
    if not any(seat.role == SeatRole.CHAIR for seat in members):
        found.blockers.append(_("Chưa có chủ tịch hội đồng."))
    if not any(seat.role == SeatRole.SECRETARY for seat in members):
        found.warnings.append(_("Chưa có thư ký hội đồng. Ý kiến hội đồng sẽ do lãnh đạo ghi."))
    _size(round_, len(members), rule, found)
    return found


def _size(round_: Round, total: int, rule: CouncilRule | None, found: Findings) -> None:
    level = str(round_.get_level_display()).lower()
    if rule is None or not rule.sizes:
        found.warnings.append(
            _("Chưa có văn bản quy định số thành viên hội đồng %(level)s. Hội đồng hiện có %(total)s người.")
            % {"level": level, "total": total}
        )
        return
    sentence = _("Hội đồng %(level)s có %(sizes)s thành viên (%(basis)s). Hiện có %(total)s người.") % {
        "level": level,
        "sizes": _(" hoặc ").join(str(size) for size in rule.sizes),
        "basis": rule.legal_basis,
        "total": total,
    }
    if total in rule.sizes:
        found.fine.append(sentence)
    else:
        (found.blockers if rule.is_certain else found.warnings).append(sentence)


def jury(round_: Round, seats: Iterable[Seat]) -> Findings:
    """An odd number of judges, three at least, one of them the head; enough for the quorum."""
    found = Findings()
    judges = [seat for seat in seats if seat.body == Body.JURY]
    sentence = _("Ban Giám khảo phải có số người lẻ, từ 3 người. Hiện có %(total)s người.") % {"total": len(judges)}
    if len(judges) < SMALLEST_JURY or len(judges) % 2 == 0:
        found.blockers.append(sentence)
    else:
        found.fine.append(
            _("Ban Giám khảo có %(total)s người, số lẻ (%(basis)s).") % {"total": len(judges), "basis": JURY_BASIS}
        )
    if not any(seat.role == SeatRole.HEAD_JUDGE for seat in judges):
        found.blockers.append(_("Chưa có trưởng Ban Giám khảo."))
    if round_.quorum > len(judges):
        found.blockers.append(
            _("Số phiếu tối thiểu mỗi hồ sơ là %(quorum)s, nhiều hơn số giám khảo (%(total)s).")
            % {"quorum": round_.quorum, "total": len(judges)}
        )
    return found


def loads(seats: Iterable[Seat], load_of: Mapping[int, Load]) -> Findings:
    """Judges with more dossiers than they agreed to take, or with dossiers of other groups."""
    found = Findings()
    for seat in seats:
        if seat.body != Body.JURY:
            continue
        load = load_of.get(seat.user_id, NO_LOAD)
        if seat.max_sheets is not None and load.due > seat.max_sheets:
            found.blockers.append(
                _(
                    "%(judge)s nhận chấm tối đa %(most)s hồ sơ nhưng đang có %(due)s. Hãy phân công lại hoặc sửa giới hạn."
                )
                % {"judge": seat.user, "most": seat.max_sheets, "due": load.due}
            )
        outside = load.outside(seat.groups)
        if outside:
            found.warnings.append(
                _("%(judge)s chỉ phụ trách %(groups)s nhưng có %(total)s hồ sơ của nhóm khác.")
                % {"judge": seat.user, "groups": group_words(seat.groups), "total": outside}
            )
    return found


def support(seats: Iterable[Seat]) -> Findings:
    """The team that checks dossiers; its size is nowhere prescribed."""
    found = Findings()
    if not any(seat.body == Body.SUPPORT for seat in seats):
        found.warnings.append(_("Chưa có ai trong tổ chuyên môn giúp việc. Đơn vị nhận hồ sơ tự kiểm tra hồ sơ."))
    return found


def group_words(groups: Sequence[str]) -> str:
    """The groups by their names, in the circular's order."""
    return "; ".join(str(group.label) for group in ProductGroup if group in groups)
