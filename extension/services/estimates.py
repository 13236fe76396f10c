"""Estimates: typed line by line, checked against the norms of their day, proposed by one person, approved by another.

All hold the project's row first. All raise `Refusal` with a sentence: "not_allowed", "sealed", "not_editable",
"invalid", "wrong_line", "stale", "not_ready", "own_estimate", "above_norm", "duplicate", "abroad", "below_paid",
"funds_exceeded", "future_day", "not_adjusted", "above_agreed".
"""

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from facilities.models import Facility
from portal.audit.services import record
from portal.files.models import StoredFile
from portal.text.errors import Refusal
from products.enums import Status
from products.models import Product, Recognition

from .. import approval, rules
from ..enums import EstimateState, PriorityKind
from ..estimates import checking as estimating
from ..estimates import duplicates as pairs
from ..held import held_by_database
from ..models import Estimate, EstimateLine, NormItem, PriorityRule, Project
from ..norms import queries as norm_queries
from ..norms.allowance import exact
from . import duplicates
from .checks import checked, refuse_future, refuse_sealed

OPEN = (EstimateState.DRAFT, EstimateState.RETURNED)


@dataclass(frozen=True)
class Line:
    """One line as typed. `uuid` names the line of this estimate that it changes; None adds one."""

    item: NormItem
    description: str
    cost: int
    asked: int
    counterpart: int
    other: int = 0
    uuid: UUID | None = None
    facility: Facility | None = None
    product: Product | None = None
    machine: str = ""
    is_new_machine: bool = True
    units: int = 1
    priority: PriorityRule | None = None
    priority_proof: str = ""
    priority_file: StoredFile | None = None


CONTENT = (
    "item",
    "description",
    "cost",
    "asked",
    "counterpart",
    "other",
    "facility",
    "product",
    "machine",
    "is_new_machine",
    "units",
    "priority",
    "priority_proof",
    "priority_file",
)


@transaction.atomic
def begin(*, project: Project, on: dt.date, actor: Any) -> Estimate:
    """A new edition in draft, with the lines of the last one; the draft there is already, if one stands open."""
    locked = _open_project(project, actor)
    last = locked.estimates.order_by("-version").first()
    if last is not None and last.state in (*OPEN, EstimateState.PROPOSED):
        return last
    approval.refuse_new_edition(locked)
    _plausible(locked, on)
    version = (locked.estimates.aggregate(last=Max("version"))["last"] or 0) + 1
    estimate = Estimate.objects.create(project=locked, version=version, on=on)
    for line in last.lines.all() if last else ():
        _copy(line, estimate)
    _judge(estimate)
    _say(actor, "extension.estimate_begin", _("Lập dự toán bản %(version)s của đề án “%(name)s”."), estimate)
    return estimate


def _copy(line: EstimateLine, estimate: Estimate) -> None:
    facts = {name: getattr(line, name) for name in CONTENT}
    EstimateLine.objects.create(
        estimate=estimate, project_id=line.project_id, lineage=line.lineage, ordinal=line.ordinal, **facts
    )


def mark_of(estimate: Estimate, lines: Iterable[EstimateLine]) -> str:
    """A word that is another one once the table is: a page carries the one of the table it was drawn from."""
    told = [str(estimate.on), *(f"{line.uuid}{_content(line)}" for line in lines)]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]


def _content(line: Any) -> list[Any]:
    """What is typed of a line, whether kept or not; rows that it names by their key."""
    values = (getattr(line, name) for name in CONTENT)
    return [getattr(value, "pk", value) for value in values]


@transaction.atomic
def save_lines(
    *, estimate: Estimate, lines: Sequence[Line], actor: Any, on: dt.date | None = None, read: str | None = None
) -> Estimate:
    """The whole table as typed: lines named are changed, others are added, those left out go.

    `read` is the mark of the table that was read: when it has changed since, nothing is written. The same table
    once more is no change.
    """
    locked = _editable(estimate, actor)
    kept_lines = lines_of(locked)
    as_kept = on in (None, locked.on) and [_content(line) for line in lines] == [_content(line) for line in kept_lines]
    if as_kept and lines:
        return locked
    if read not in (None, mark_of(locked, kept_lines)):
        raise Refusal(
            "stale",
            _(
                "Người khác vừa lưu dự toán này sau khi bạn mở trang, nên bảng của bạn chưa được ghi. Hãy mở thẻ Dự toán"
                " ở cửa sổ khác để so; lưu lần nữa thì bảng của bạn thay bảng đó."
            ),
        )
    if on is not None and on != locked.on:
        _plausible(locked.project, on)
        locked.on = on
        locked.save(update_fields=["on"])
    held = {line.uuid: line for line in kept_lines}
    kept = {line.uuid for line in lines if line.uuid}
    if kept - held.keys():
        raise Refusal("wrong_line", _("Một dòng vừa được người khác bỏ. Hãy mở lại trang rồi làm tiếp."))
    locked.lines.exclude(uuid__in=kept).delete()
    for ordinal, typed in enumerate(lines, start=1):
        _write(locked, held.get(typed.uuid) if typed.uuid else None, typed, ordinal)
    _judge(locked)
    _say(actor, "extension.estimate_lines", _("Ghi dự toán bản %(version)s của đề án “%(name)s”."), locked)
    return locked


def _write(estimate: Estimate, held: EstimateLine | None, typed: Line, ordinal: int) -> None:
    line = held or EstimateLine(estimate=estimate, project_id=estimate.project_id)
    for name in CONTENT:
        setattr(line, name, getattr(typed, name))
    line.ordinal = ordinal
    # What was judged of the line as it stood says nothing of the line as typed.
    line.allowed = line.cap = line.rate_bp = None
    _of_the_project(line, estimate.project)
    checked(line)
    line.save()


def _of_the_project(line: EstimateLine, project: Project) -> None:
    if line.facility and not project.beneficiaries.filter(facility=line.facility).exists():
        raise Refusal(
            "wrong_line",
            _("“%(facility)s” chưa có trong danh sách thụ hưởng của đề án. Hãy ghi ở trang Thông tin trước.")
            % {"facility": line.facility},
        )
    if line.product and line.product.facility_id != line.facility_id:
        raise Refusal("wrong_line", _("Sản phẩm này không do cơ sở đã chọn làm ra. Hãy chọn lại."))


def _judge(estimate: Estimate) -> list[estimating.Checked]:
    """Write on every line which norm applies and how much it allows; raise the alarms."""
    lines = lines_of(estimate)
    found = judged(estimate, lines)
    for line, row in zip(lines, found, strict=True):
        line.norm, line.priority_norm, line.rate_bp, line.cap = row.norm, row.priority_norm, row.rate_bp, row.cap
        line.allowed, line.why = row.allowed, row.why
    EstimateLine.objects.bulk_update(lines, ["norm", "priority_norm", "rate_bp", "cap", "allowed", "why"])
    duplicates.refresh(estimate)
    return found


def lines_of(estimate: Estimate) -> list[EstimateLine]:
    """Lines in order with all that is said of them. One query."""
    return list(
        estimate.lines.select_related(
            "item", "facility", "product", "norm__territory", "priority", "priority_norm", "priority_file"
        ).order_by("ordinal", "pk")
    )


def judged(estimate: Estimate, lines: Iterable[EstimateLine]) -> list[estimating.Checked]:
    """The lines against the norms of the estimate's day. Two queries, none written."""
    lines = list(lines)
    known = recognised_on(estimate.on, {line.product_id for line in lines if line.product_id})
    book = norm_queries.book(estimate.project.territory, estimate.on)
    return estimating.check([facts_of(line, known) for line in lines], book, estimate.on)


def recognised_on(on: dt.date, products: set[int]) -> set[int]:
    """Which of the products held a recognition in force on the day. One query, none without any."""
    if not products:
        return set()
    rows = Recognition.objects.published().filter(product__in=products)
    in_force = rows.with_status(Status.VALID, on=on, expiring_days=0) | rows.with_status(
        Status.EXPIRING, on=on, expiring_days=0
    )
    return set(in_force.values_list("product_id", flat=True))


def facts_of(line: EstimateLine, recognised: set[int]) -> estimating.Facts:
    asks = line.priority is not None and line.priority.kind == PriorityKind.RECOGNISED
    return estimating.Facts(
        item=line.item,
        cost=line.cost,
        asked=line.asked,
        units=line.units,
        facility_id=line.facility_id,
        is_new_machine=line.is_new_machine,
        priority=line.priority,
        is_proved=bool(line.priority_proof or line.priority_file_id),
        is_recognised=line.product_id in recognised if asks else None,
    )


@transaction.atomic
def propose(*, estimate: Estimate, actor: Any, now: dt.datetime) -> Estimate:
    """Send the estimate to who approves. Every line must stand within its norm."""
    locked = _editable(estimate, actor)
    problems = estimating.said_lines(_judge(locked))
    if not locked.lines.exists():
        problems.insert(0, _("Dự toán chưa có dòng nào."))
    problems += _outsiders(locked)
    if problems:
        raise Refusal(
            "not_ready", _("Chưa trình được dự toán: %(first)s") % {"first": problems[0]}, details=tuple(problems)
        )
    locked.state, locked.proposed_by, locked.proposed_at = EstimateState.PROPOSED, actor, now
    locked.decided_by, locked.decided_at, locked.answer = None, None, ""
    locked.save()
    _say(actor, "extension.estimate_propose", _("Trình dự toán bản %(version)s của đề án “%(name)s”."), locked)
    return locked


def _outsiders(estimate: Estimate) -> list[str]:
    """Facilities that lines name and the project supports no longer, one sentence each. One query."""
    known = estimate.project.beneficiaries.filter(facility__isnull=False).values("facility")
    named = Facility.objects.filter(estimate_lines__estimate=estimate).exclude(pk__in=known).distinct()
    return [_("“%(facility)s” không còn trong danh sách thụ hưởng của đề án.") % {"facility": one} for one in named]


@transaction.atomic
def send_back(*, estimate: Estimate, actor: Any, answer: str, now: dt.datetime) -> Estimate:
    """Return a proposed estimate with the reason, to be mended and proposed again."""
    locked = _proposed(estimate, actor)
    if not answer.strip():
        raise Refusal("invalid", _("Hãy ghi lý do trả lại."), field="answer")
    locked.state, locked.answer, locked.decided_by, locked.decided_at = (
        EstimateState.RETURNED,
        answer.strip(),
        actor,
        now,
    )
    locked.save()
    locked.lines.update(approved=None)
    sentence = _("Trả lại dự toán bản %(version)s của đề án “%(name)s”.")
    _say(actor, "extension.estimate_return", sentence, locked, reason=locked.answer)
    return locked


@dataclass(frozen=True)
class Paper:
    """The decision on paper that approves."""

    number: str
    signed_on: dt.date | None
    issuer: str = ""
    file: StoredFile | None = None


@transaction.atomic
def approve(
    *, estimate: Estimate, actor: Any, now: dt.datetime, paper: Paper, amounts: dict[UUID, int] | None = None
) -> Estimate:
    """Approve line by line; what is not named gets what was asked. The project's funds become the sum of the lines."""
    locked = _proposed(estimate, actor)
    if not paper.number.strip() or paper.signed_on is None:
        raise Refusal("invalid", _("Hãy ghi số và ngày của quyết định phê duyệt."), field="number")
    refuse_future(paper.signed_on, timezone.localdate(now))
    lines = _approved_lines(locked, amounts or {})
    approval.refuse_above_agreed(locked.project, sum(line.approved or 0 for line in lines))
    if left := _outsiders(locked):
        raise Refusal("wrong_line", left[0], details=tuple(left[1:]))
    _nothing_twice(locked, lines)
    with held_by_database("above_norm"):
        _replace(locked.project)
        for line in lines:
            line.save(update_fields=["norm", "priority_norm", "rate_bp", "cap", "allowed", "why", "approved"])
        _decide(locked, actor, now, paper)
    _carry_to_project(locked.project, lines)
    data = {"lines": {str(line.uuid): line.approved for line in lines}}
    sentence = _("Duyệt dự toán bản %(version)s của đề án “%(name)s”.")
    _say(actor, "extension.estimate_approve", sentence, locked, data=data)
    return locked


def _approved_lines(estimate: Estimate, amounts: dict[UUID, int]) -> list[EstimateLine]:
    """The lines judged once more with the sums approved; the norm of the day decides, not what was written before."""
    lines = lines_of(estimate)
    unknown = amounts.keys() - {line.uuid for line in lines}
    if unknown:
        raise Refusal("wrong_line", _("Dự toán này không có dòng đó. Hãy mở lại trang."))
    found = judged(estimate, lines)
    for number, (line, row) in enumerate(zip(lines, found, strict=True), start=1):
        sum_ = amounts.get(line.uuid, line.asked)
        _within(number, sum_, line, row)
        line.norm, line.priority_norm, line.rate_bp, line.cap = row.norm, row.priority_norm, row.rate_bp, row.cap
        line.allowed, line.why, line.approved = row.allowed, row.why, sum_
    return lines


def _within(number: int, sum_: int, line: EstimateLine, row: estimating.Checked) -> None:
    if row.allowed is None or sum_ > row.allowed or sum_ > line.asked:
        raise Refusal(
            "above_norm",
            _("Dòng %(number)s: duyệt %(sum)s là vượt mức được phép %(allowed)s. %(why)s")
            % {
                "number": number,
                "sum": exact(sum_),
                "allowed": exact(min(row.allowed or 0, line.asked)),
                "why": row.why,
            },
        )
    if sum_ < 0:
        raise Refusal("invalid", _("Dòng %(number)s: số được duyệt không được âm.") % {"number": number})


def _nothing_twice(estimate: Estimate, lines: list[EstimateLine]) -> None:
    """No alarm open or confirmed, no third support abroad in one year."""
    duplicates.refresh(estimate)
    sums = {line.pk: line.approved or 0 for line in lines}
    standing = [alarm for alarm in pairs.alarms_of(estimate) if pairs.blocks(alarm, sums[alarm.line_id])]
    if standing:
        raise Refusal(
            "duplicate",
            _("Còn %(count)s cảnh báo hỗ trợ trùng. Hãy xem xét từng cảnh báo, hoặc duyệt 0 đồng cho dòng trùng.")
            % {"count": len(standing)},
        )
    for facility in {line.facility for line in lines if line.facility and line.item.is_abroad and line.approved}:
        here = sum(line.units for line in lines if line.facility == facility and line.item.is_abroad and line.approved)
        before = pairs.supports_abroad(estimate.project, facility.pk)
        if before + here > pairs.MOST_ABROAD:
            raise Refusal(
                "abroad",
                _(
                    "“%(facility)s” đã được hỗ trợ ở nước ngoài %(before)s lần trong năm %(year)s; mỗi năm nhiều nhất hai lần."
                )
                % {"facility": facility, "before": before, "year": estimate.project.year},
            )


def _decide(estimate: Estimate, actor: Any, now: dt.datetime, paper: Paper) -> None:
    estimate.state, estimate.decided_by, estimate.decided_at = EstimateState.APPROVED, actor, now
    estimate.number, estimate.signed_on = paper.number.strip(), paper.signed_on
    estimate.issuer, estimate.file, estimate.answer = paper.issuer.strip(), paper.file, ""
    estimate.save()


def _replace(project: Project) -> None:
    for earlier in Estimate.objects.filter(project=project, state=EstimateState.APPROVED):
        earlier.state = EstimateState.REPLACED
        earlier.save(update_fields=["state"])


def _carry_to_project(project: Project, lines: list[EstimateLine]) -> None:
    """The project's sums and its beneficiaries' parts are those of the approved lines; what is not approved falls on them."""
    approved = sum(line.approved or 0 for line in lines)
    other = sum(line.other for line in lines)
    if approved < (project.disbursed or 0):
        raise Refusal(
            "below_paid",
            _("Tổng được duyệt %(approved)s thấp hơn số đã chi %(paid)s. Hãy thu hồi trước khi giảm.")
            % {"approved": exact(approved), "paid": exact(project.disbursed or 0)},
        )
    project.extension_funds, project.other_funds = approved, other
    project.counterpart_funds = sum(line.cost for line in lines) - approved - other
    _share_out(project, lines)
    project.save(update_fields=["extension_funds", "other_funds", "counterpart_funds"])


def _share_out(project: Project, lines: list[EstimateLine]) -> None:
    """The parts of facilities named by lines; without such lines the parts stay as typed, within the whole."""
    parts: dict[int, int] = {}
    for line in lines:
        if line.facility_id:
            parts[line.facility_id] = parts.get(line.facility_id, 0) + (line.approved or 0)
    total = 0
    for row in project.beneficiaries.all():
        if parts and row.facility_id:
            row.extension_funds = parts.get(row.facility_id)
            row.save(update_fields=["extension_funds"])
        total += row.extension_funds or 0
    if total > (project.extension_funds or 0):
        raise Refusal(
            "funds_exceeded",
            _(
                "Các đối tượng thụ hưởng được ghi tổng %(parts)s, vượt tổng được duyệt %(whole)s. Hãy sửa ở trang Thông tin."
            )
            % {"parts": exact(total), "whole": exact(project.extension_funds or 0)},
        )


def _open_project(project: Project, actor: Any) -> Project:
    locked = Project.objects.locked(project.pk)
    rules.require_edit(actor, locked.territory_id)
    refuse_sealed(locked)
    return locked


def _held(estimate: Estimate) -> Estimate:
    project = Project.objects.locked(estimate.project_id)
    found = Estimate.objects.select_for_update(of=("self",)).get(pk=estimate.pk)
    found.project = project
    return found


def _editable(estimate: Estimate, actor: Any) -> Estimate:
    locked = _held(estimate)
    rules.require_edit(actor, locked.project.territory_id)
    refuse_sealed(locked.project)
    if locked.state not in OPEN:
        raise Refusal(
            "not_editable",
            _("Dự toán ở trạng thái “%(state)s” nên không sửa được. Hãy chờ quyết định, hoặc lập bản mới.")
            % {"state": locked.get_state_display().lower()},
        )
    return locked


def _proposed(estimate: Estimate, actor: Any) -> Estimate:
    """A proposed estimate that this person may decide on. Who proposed does not decide."""
    locked = _held(estimate)
    rules.require_approve(actor, locked.project)
    refuse_sealed(locked.project)
    if locked.state != EstimateState.PROPOSED:
        raise Refusal(
            "not_editable",
            _("Dự toán ở trạng thái “%(state)s”, không phải đang chờ duyệt.")
            % {"state": locked.get_state_display().lower()},
        )
    if actor is not None and locked.proposed_by_id == actor.pk:
        raise Refusal("own_estimate", _("Người trình dự toán không được tự duyệt hay tự trả lại."))
    return locked


def _plausible(project: Project, on: dt.date) -> None:
    """Norms are those of the project's time: from the year before it begins to the year it ends."""
    last = project.year_to or project.year
    if not project.year - 1 <= on.year <= last + 1:
        raise Refusal(
            "invalid",
            _("Ngày áp dụng mức chi phải gần năm của đề án (%(first)s đến %(last)s).")
            % {"first": project.year - 1, "last": last + 1},
            field="on",
        )


def _say(actor: Any, action: str, sentence: str, estimate: Estimate, **more: Any) -> None:
    project = estimate.project
    said = sentence % {"version": estimate.version, "name": project.name}
    record(actor=actor, action=action, sentence=said, subject=project, territory=project.territory, **more)
