"""What stands between a round and its next state: every reason at once, never only the first.

`blockers` cannot be talked away. `explain` may be passed with a written reason, which goes into the
audit. `warnings` are said and do not stop anything.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db.models import Count, Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.text.formats import day
from products.enums import ProductGroup

from .. import bodies_queries, body_rules, council_queries, progress_queries, queries
from ..assigned import judges_of
from ..criteria import problems
from ..enums import (
    AssignmentMode,
    Body,
    CriteriaState,
    DossierState,
    ProposalState,
    RoundState,
    SheetState,
    VerdictChoice,
)
from ..models import Assignment, Dossier, Round, ScoreSheet, Seat
from ..standing import standing_pairs
from .holding import held_codes, open_complaints
from .rescoring import late_sets

R = RoundState


@dataclass(frozen=True)
class Facts:
    """What the person states together with the transition."""

    now: dt.datetime
    reason: str = ""
    submission_number: str = ""
    submitted_on: dt.date | None = None

    @property
    def today(self) -> dt.date:
        return timezone.localtime(self.now).date()


@dataclass
class Check:
    """The outcome of a guard, as whole sentences."""

    blockers: list[str] = field(default_factory=list)
    explain: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def refusals(self, *, reason: str) -> tuple[str, ...]:
        """What remains to refuse once a reason is given (or not)."""
        return tuple(self.blockers) if reason else (*self.blockers, *self.explain)


def check(round_: Round, to: str, facts: Facts) -> Check:
    """Everything that speaks against moving the round to `to`. A handful of queries."""
    found = Check()
    guard = GUARDS.get((R(round_.state), R(to)))
    if guard is not None:
        guard(round_, facts, found)
    return found


def moment(value: dt.datetime) -> str:
    """17:00 ngày 26/11/2026."""
    local = timezone.localtime(value)
    return _("%(time)s ngày %(day)s") % {"time": f"{local:%H:%M}", "day": day(local)}


def open_receiving(round_: Round, facts: Facts, found: Check) -> None:
    _criteria(round_, found)
    seats = list(queries.active_seats(round_))
    _jury(seats, round_, found)
    _council(round_, seats, facts, found)
    if round_.receiving_from is None or round_.receiving_until is None:
        found.blockers.append(_("Chưa ghi ngày bắt đầu và hạn nhận hồ sơ."))
    elif round_.receiving_until <= facts.now:
        found.blockers.append(
            _("Hạn nhận hồ sơ %(deadline)s đã qua. Hãy sửa hạn.") % {"deadline": moment(round_.receiving_until)}
        )


def close_receiving(round_: Round, facts: Facts, found: Check) -> None:
    if round_.receiving_until and facts.now < round_.receiving_until:
        found.explain.append(
            _("Hạn nhận hồ sơ là %(deadline)s, chưa đến. Muốn khóa nhận sớm, hãy ghi lý do.")
            % {"deadline": moment(round_.receiving_until)}
        )
    drafts = round_.dossiers.filter(state=DossierState.DRAFT).count()
    if drafts:
        found.warnings.append(_("%(total)s hồ sơ đang lập chưa nộp.") % {"total": drafts})


def open_scoring(round_: Round, facts: Facts, found: Check) -> None:
    open_dossiers = round_.dossiers.filter(state__in=[DossierState.SUBMITTED, DossierState.NEEDS_SUPPLEMENT])
    codes = list(open_dossiers.order_by("entry_code").values_list("entry_code", flat=True))
    if codes:
        found.blockers.append(
            _("Còn %(total)s hồ sơ chưa kết luận đủ hay không đủ điều kiện: %(codes)s.")
            % {"total": len(codes), "codes": ", ".join(codes)}
        )
    if not round_.dossiers.filter(state=DossierState.ELIGIBLE).exists():
        found.blockers.append(_("Chưa có hồ sơ nào đủ điều kiện để chấm."))
    _criteria(round_, found)
    judges = list(queries.active_seats(round_, Body.JURY))
    _jury(judges, round_, found)
    _loads(judges, round_, found)
    _undecided_sets(round_, found)
    _assignments(round_, found)
    if round_.scoring_until is not None and round_.scoring_until <= facts.now:
        found.blockers.append(
            _("Hạn nộp phiếu chấm %(deadline)s đã qua. Hãy sửa hạn.") % {"deadline": moment(round_.scoring_until)}
        )


def _assignments(round_: Round, found: Check) -> None:
    """Where dossiers are divided, each has judges enough; those admitted since are named apart. At most six queries."""
    if round_.assignment != AssignmentMode.ASSIGNED:
        return
    aside, least = standing_pairs(round_), max(round_.quorum, 1)
    short = [pk for pk, judges in judges_of(round_).items() if len(judges - aside.get(pk, frozenset())) < least]
    rows = Dossier.objects.filter(pk__in=short).annotate(
        is_known=Exists(Assignment.objects.filter(dossier=OuterRef("pk")))
    )
    codes = list(rows.order_by("entry_code").values_list("entry_code", "is_known"))
    new, few = ([code for code, is_known in codes if is_known == known] for known in (False, True))
    if new:
        found.blockers.append(
            _("Hồ sơ đủ điều kiện sau khi phân công, chưa có giám khảo: %(codes)s. Hãy chia lại ở trang Phân công.")
            % {"codes": ", ".join(new)}
        )
    if few:
        found.blockers.append(
            _("Hồ sơ được phân chưa đủ %(quorum)s giám khảo: %(codes)s. Hãy chia lại ở trang Phân công.")
            % {"quorum": least, "codes": ", ".join(few)}
        )


def close_scoring(round_: Round, facts: Facts, found: Check) -> None:
    rows = queries.board(round_)
    short = [row.dossier.entry_code for row in rows if not row.quorate]
    if short:
        found.blockers.append(
            _("Mỗi hồ sơ cần ít nhất %(quorum)s phiếu hợp lệ. Còn thiếu ở %(total)s hồ sơ: %(codes)s.")
            % {"quorum": max(round_.quorum, 1), "total": len(short), "codes": ", ".join(short)}
        )
    if not rows:
        found.blockers.append(_("Không còn hồ sơ nào đủ điều kiện. Hãy hủy kỳ bình chọn nếu không có gì để xét."))
    _open_sheets(round_, rows, facts, found)
    _unsigned(round_, found)


def _unsigned(round_: Round, found: Check) -> None:
    """Phụ lục 4 is signed by hand: closing says whose signed print-outs have not come back. Two queries."""
    waiting = progress_queries.unsigned(round_).order_by().values_list("judge__full_name").annotate(n=Count("pk"))
    people = sorted(waiting, key=lambda row: (-row[1], row[0]))
    if people:
        found.warnings.append(
            _("%(total)s phiếu đã nộp chưa có bản ký: %(people)s.")
            % {"total": sum(n for _name, n in people), "people": "; ".join(f"{name} {n}" for name, n in people)}
        )
    entered = ScoreSheet.objects.filter(dossier__round=round_, state=SheetState.ENTERED).count()
    if entered:
        found.warnings.append(
            _("%(total)s phiếu giấy giám khảo chưa xác nhận sẽ không được tính.") % {"total": entered}
        )


def _open_sheets(round_: Round, rows: list[queries.BoardRow], facts: Facts, found: Check) -> None:
    still_due = sum(row.waiting for row in rows)
    if not still_due:
        return
    if round_.scoring_until is not None and facts.now >= round_.scoring_until:
        found.warnings.append(_("%(total)s phiếu chưa nộp sẽ không được tính.") % {"total": still_due})
        return
    found.explain.append(
        _("Còn %(total)s phiếu chưa nộp, sẽ không được tính. Muốn khóa chấm điểm ngay, hãy ghi lý do.")
        % {"total": still_due}
    )


def back_to_deliberation(round_: Round, facts: Facts, found: Check) -> None:
    found.explain.append(_("Đưa kỳ bình chọn về hội đồng xét lại cần có lý do."))


def publish_provisional(round_: Round, facts: Facts, found: Check) -> None:
    if not round_.publish_provisional:
        found.blockers.append(
            _("Kỳ này không chọn công khai danh sách dự kiến. Hãy trình ngay, hoặc sửa cài đặt của kỳ.")
        )
    _verdicts(round_, found)


def submit_from_council(round_: Round, facts: Facts, found: Check) -> None:
    if round_.publish_provisional:
        found.blockers.append(_("Kỳ này chọn công khai danh sách dự kiến. Hãy công khai danh sách trước khi trình."))
    submit(round_, facts, found)


def submit(round_: Round, facts: Facts, found: Check) -> None:
    _verdicts(round_, found)
    _comments(round_, facts, found)
    _held(round_, found)
    number = facts.submission_number or round_.submission_number
    on = facts.submitted_on or round_.submitted_on
    if not number or on is None:
        found.blockers.append(_("Chưa ghi số và ngày của tờ trình."))
    elif on > facts.today:
        found.blockers.append(_("Ngày trình %(day)s ở sau hôm nay. Hãy kiểm tra lại ngày.") % {"day": day(on)})


def reopen_scoring(round_: Round, facts: Facts, found: Check) -> None:
    found.explain.append(
        _("Mở lại chấm điểm cần có lý do. Kết quả và ý kiến hội đồng đã ghi được giữ trong lịch sử và phải làm lại.")
    )
    _open_session(round_, found)
    sets = late_sets(round_)
    if sets:
        found.blockers.append(
            _("Hãy tách các bộ đã gộp sau khi khóa điểm trước khi mở lại: hồ sơ %(codes)s.")
            % {"codes": ", ".join(sets)}
        )
    if round_.scoring_until is not None and round_.scoring_until <= facts.now:
        found.warnings.append(_("Hạn nộp phiếu chấm đã qua. Mở lại xong, hãy gia hạn cho giám khảo cần sửa phiếu."))


def close_round(round_: Round, facts: Facts, found: Check) -> None:
    waiting = open_complaints(round_)
    if waiting:
        found.blockers.append(_("Còn %(total)s kiến nghị chưa trả lời.") % {"total": waiting})


def _comments(round_: Round, facts: Facts, found: Check) -> None:
    until = round_.provisional_until
    if round_.state == R.PROVISIONAL and until is not None and facts.now < until:
        found.explain.append(
            _("Danh sách dự kiến nhận ý kiến đến %(deadline)s, chưa hết hạn. Muốn trình sớm, hãy ghi lý do.")
            % {"deadline": moment(until)}
        )


def _held(round_: Round, found: Check) -> None:
    codes = held_codes(round_)
    if codes:
        found.blockers.append(
            _("Còn kiến nghị chưa trả lời về hồ sơ %(codes)s. Hãy trả lời trước khi trình.")
            % {"codes": ", ".join(codes)}
        )


def cancel(round_: Round, facts: Facts, found: Check) -> None:
    found.explain.append(_("Hủy kỳ bình chọn cần có lý do."))


def _criteria(round_: Round, found: Check) -> None:
    sets = queries.criteria_sets(round_)
    uncovered = [] if "" in sets else [str(ProductGroup(g).label) for g in ProductGroup if g not in sets]
    waiting = list(round_.criteria_sets.exclude(state=CriteriaState.APPROVED).order_by("group"))
    if not sets and waiting:
        found.blockers.append(_("Chưa có bộ tiêu chí được duyệt. Bản đang soạn phải được trình, rồi người khác duyệt."))
    elif not sets:
        found.blockers.append(_("Chưa có bộ tiêu chí. Hãy chép bộ tiêu chí mẫu hoặc bộ của kỳ trước."))
    elif uncovered:
        found.blockers.append(_("Chưa có bộ tiêu chí cho nhóm: %(groups)s.") % {"groups": "; ".join(uncovered)})
    for one in sets.values():
        found.blockers += [f"{one.name}: {sentence}" for sentence in problems(queries.as_rows(one))]
    for one in waiting if sets else ():
        found.warnings.append(
            _("“%(name)s” phiên bản %(version)s chưa được duyệt nên chưa có hiệu lực; bản đã duyệt trước đó được dùng.")
            % {"name": one.name, "version": one.version}
        )


def _jury(seats: list[Seat], round_: Round, found: Check) -> None:
    _take(body_rules.jury(round_, seats), found)


def _loads(seats: list[Seat], round_: Round, found: Check) -> None:
    """Limits that judges were promised; read only where there are any."""
    if any(seat.max_sheets is not None or seat.groups for seat in seats):
        _take(body_rules.loads(seats, bodies_queries.load_of(round_)), found)


def _council(round_: Round, seats: list[Seat], facts: Facts, found: Check) -> None:
    _take(body_rules.council(round_, seats, queries.council_rule(round_.level, facts.today)), found)


def _take(said: body_rules.Findings, found: Check) -> None:
    found.blockers += said.blockers
    found.warnings += said.warnings


def _verdicts(round_: Round, found: Check) -> None:
    """The council has spoken of everything, within the rules, and its minutes are locked. Five queries."""
    entries = council_queries.entries_of(round_)
    _without_verdict([entry.code for entry in entries if not entry.choice], found)
    proposed = [entry for entry in entries if entry.choice == VerdictChoice.RECOGNISE]
    below = [entry.code for entry in proposed if not entry.passed]
    if below:
        found.blockers.append(_("Không đề nghị được hồ sơ chưa đạt điểm: %(codes)s.") % {"codes": ", ".join(below)})
    if not proposed:
        found.blockers.append(_("Hội đồng chưa đề nghị công nhận sản phẩm nào."))
    if round_.quota is not None and len(proposed) > round_.quota:
        found.explain.append(
            _("Hội đồng đề nghị %(proposed)s sản phẩm, quá số tối đa %(quota)s của kỳ. Hãy bớt, hoặc ghi lý do.")
            % {"proposed": len(proposed), "quota": round_.quota}
        )
    _departures(entries, found)
    _sessions(round_, found)
    _undecided_sets(round_, found)


def _without_verdict(silent: list[str], found: Check) -> None:
    if silent:
        found.blockers.append(
            _("Hội đồng chưa có ý kiến về %(total)s hồ sơ: %(codes)s.")
            % {"total": len(silent), "codes": ", ".join(silent)}
        )


def _departures(entries: list[council_queries.Entry], found: Check) -> None:
    unexplained = sorted(council_queries.unexplained(entries))
    if unexplained:
        found.blockers.append(
            _("Đề nghị khác thứ tự điểm thì phải ghi lý do ở hồ sơ: %(codes)s.") % {"codes": ", ".join(unexplained)}
        )


def _open_session(round_: Round, found: Check) -> bool:
    sitting = council_queries.open_session_of(round_)
    if sitting is not None:
        found.blockers.append(_("Phiên họp %(number)s của hội đồng chưa khóa biên bản.") % {"number": sitting.number})
    return sitting is not None


def _sessions(round_: Round, found: Check) -> None:
    """What goes to the authority rests on minutes that no longer change."""
    if not _open_session(round_, found) and not round_.sessions.exists():
        found.warnings.append(_("Ý kiến hội đồng ghi ngoài phiên họp nên không có biên bản họp hội đồng."))


def _undecided_sets(round_: Round, found: Check) -> None:
    waiting = round_.set_proposals.filter(state=ProposalState.PROPOSED).count()
    if waiting:
        found.blockers.append(_("Còn %(total)s đề xuất về bộ sản phẩm chưa quyết định.") % {"total": waiting})


Guard = Callable[[Round, Facts, Check], None]
GUARDS: dict[tuple[R, R], Guard] = {
    (R.DRAFT, R.RECEIVING): open_receiving,
    (R.RECEIVING, R.SCREENING): close_receiving,
    (R.SCREENING, R.SCORING): open_scoring,
    (R.SCORING, R.DELIBERATION): close_scoring,
    (R.DELIBERATION, R.PROVISIONAL): publish_provisional,
    (R.DELIBERATION, R.SUBMITTED): submit_from_council,
    (R.PROVISIONAL, R.SUBMITTED): submit,
    (R.PROVISIONAL, R.DELIBERATION): back_to_deliberation,
    (R.SUBMITTED, R.DELIBERATION): back_to_deliberation,
    (R.DELIBERATION, R.SCORING): reopen_scoring,
    (R.ANNOUNCED, R.CLOSED): close_round,
    **{(state, R.CANCELLED): cancel for state in R if state not in (R.DECIDED, R.ANNOUNCED, R.CLOSED, R.CANCELLED)},
}
