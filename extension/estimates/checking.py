"""An estimate checked line by line against the norms of its day: which norm, how much is allowed, why, what hinders.

Pure: it is given the norms (`norm_queries.book`) and what is known of each line, in the order of the estimate. Lines
of one expense and facility share a ceiling, the first taking first.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext as _

from portal.text.formats import day, percent

from ..models import NormItem, PriorityRule, SupportNorm
from ..norms.allowance import WHOLE_BP, Allowance, allow, basis_points, exact
from ..norms.queries import Applied, Book


@dataclass(frozen=True)
class Facts:
    """What decides on one line."""

    item: NormItem
    cost: int
    asked: int
    units: int = 1
    facility_id: int | None = None
    is_new_machine: bool = True
    priority: PriorityRule | None = None
    is_proved: bool = False
    # Whether the register knows what a priority for recognised products claims; None: not asked.
    is_recognised: bool | None = None


@dataclass(frozen=True)
class Checked:
    """The outcome of one line. `allowed` None: no norm of that day. `problems` keep the estimate from being proposed.

    `reckoned` stands beside the problems, so it leaves to them what they say.
    """

    allowed: int | None
    rate_bp: int | None = None
    cap: int | None = None
    norm: SupportNorm | None = None
    priority_norm: SupportNorm | None = None
    why: str = ""
    problems: tuple[str, ...] = ()
    reckoned: str = ""


@dataclass
class _Used:
    """What earlier lines took from the ceiling of an expense and facility."""

    by: dict[tuple[int, int | None], int] = field(default_factory=dict)

    def of(self, facts: Facts) -> int:
        return self.by.get((facts.item.pk, facts.facility_id), 0)

    def take(self, facts: Facts, sum_: int) -> None:
        self.by[facts.item.pk, facts.facility_id] = self.of(facts) + sum_


def check(lines: Iterable[Facts], book: Book, on: dt.date) -> list[Checked]:
    """Every line in order."""
    lines = list(lines)
    base = sum(facts.cost for facts in lines if not facts.item.of_estimate)
    used = _Used()
    found = []
    for facts in lines:
        checked = _check(facts, book, on, used.of(facts), base)
        used.take(facts, checked.allowed or 0)
        found.append(checked)
    return found


def _check(facts: Facts, book: Book, on: dt.date, already: int, base: int) -> Checked:
    applied = book.applied(facts.item.pk)
    if applied is None:
        return Checked(None, why=_no_norm(facts.item, on), problems=(_no_norm(facts.item, on),))
    raises = _raises(facts, book)
    allowance = _allowance(facts, applied, raises.multiplier if raises else None, already, base)
    basis = " ".join(basis_words(applied))
    return Checked(
        allowance.allowed,
        allowance.rate_bp,
        allowance.cap,
        applied.norm,
        raises,
        f"{basis} {allowance.why}",
        tuple(_problems(facts, book, allowance)),
        f"{basis} {allowance.reckoning if facts.asked > allowance.allowed else allowance.why}",
    )


def _allowance(facts: Facts, applied: Applied, multiplier: Decimal | None, already: int, base: int) -> Allowance:
    if facts.item.of_estimate and applied.percent is not None:
        share = base * (basis_points(applied.percent) or 0) // WHOLE_BP
        found = allow(cost=facts.cost, asked=facts.asked, percent=None, ceiling=share, already=already)
        said = _("%(percent)s của các dòng khác (%(base)s).") % {
            "percent": percent(applied.percent),
            "base": exact(base),
        }
        return Allowance(found.allowed, None, found.cap, f"{said} {found.why}", f"{said} {found.reckoning}")
    return allow(
        cost=facts.cost,
        asked=facts.asked,
        units=facts.units,
        percent=applied.percent,
        ceiling=applied.norm.ceiling,
        multiplier=multiplier,
        counts_units=facts.item.counts_units,
        already=already,
    )


def _raises(facts: Facts, book: Book) -> SupportNorm | None:
    """The norm that raises the ceiling of this line: a priority that may, for an expense that may."""
    if facts.priority is None or not (facts.priority.raises_ceiling and facts.item.may_be_priority):
        return None
    return book.priority


def basis_words(applied: Applied) -> Iterator[str]:
    """Which text decides, of whom and since when, and where the percent is from."""
    norm = applied.norm
    facts = {
        "basis": norm.legal_basis,
        "place": norm.territory.name if norm.territory else "",
        "day": day(norm.valid_from),
    }
    if norm.territory:
        yield _("Theo %(basis)s của %(place)s, áp dụng từ %(day)s.") % facts
    else:
        yield _("Theo %(basis)s, áp dụng cả nước từ %(day)s.") % facts
    if applied.percent_from is not None:
        yield _("Cổng chưa có tỷ lệ của văn bản này nên tạm tính theo tỷ lệ cả nước của %(basis)s.") % {
            "basis": applied.percent_from.legal_basis
        }


def _problems(facts: Facts, book: Book, allowance: Allowance) -> Iterator[str]:
    if facts.asked > allowance.allowed:
        yield _("Đề nghị %(asked)s, vượt mức được phép %(allowed)s. Hãy giảm số đề nghị hoặc tăng vốn đối ứng.") % {
            "asked": exact(facts.asked),
            "allowed": exact(allowance.allowed),
        }
    if facts.item.needs_new_machine and not facts.is_new_machine:
        yield _("Chỉ hỗ trợ máy mới. Máy đã qua sử dụng thì không lập vào dự toán.")
    if facts.priority is not None:
        yield from _priority_problems(facts, book)


def _priority_problems(facts: Facts, book: Book) -> Iterator[str]:
    if not facts.item.may_be_priority:
        yield _("Nội dung chi này không được nâng mức vì ưu tiên. Hãy bỏ phần ưu tiên.")
    elif book.priority is None:
        yield _("Ngày áp dụng không có quy định nào nâng mức cho đối tượng ưu tiên. Hãy bỏ phần ưu tiên.")
    if not facts.is_proved:
        yield _("Áp dụng ưu tiên thì hãy ghi số giấy tờ chứng minh hoặc đính kèm tệp.")
    if facts.is_recognised is False:
        yield _("Sổ công nhận không có giấy chứng nhận nào còn hiệu lực vào ngày áp dụng cho sản phẩm đã chọn.")


def _no_norm(item: NormItem, on: dt.date) -> str:
    return _(
        "Ngày %(day)s chưa có mức chi nào cho “%(item)s”. Hãy chọn nội dung khác, hoặc thêm mức chi ở mục Mức chi."
    ) % {"day": day(on), "item": item}


def said_lines(checked: Iterable[Checked]) -> list[str]:
    """Every problem with the number of its line."""
    return [
        _("Dòng %(number)d: %(problem)s") % {"number": number_, "problem": problem}
        for number_, row in enumerate(checked, start=1)
        for problem in row.problems
    ]
