"""Assigning dossiers to judges: a plan is made, looked at, applied; afterwards mended when people or dossiers leave.

A plan writes nothing but itself. Applying it looks at the facts again under the lock of the round and of its
dossiers, so that no conflict is declared and no sheet opened between the look and the write. Nobody loses a
dossier by a plan once a sheet was opened: only `release` takes it, one at a time and with a reason.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from portal.audit.services import record
from portal.text.errors import Refusal
from products.enums import ProductGroup

from .. import assigning, rules
from ..assign_facts import facts_from, facts_of, facts_to_keep, pairs_of, to_keep
from ..assign_words import change_sentences, fault_sentences
from ..assigning import Facts, Pair, Pairs, Terms
from ..enums import AssignmentMode, PlanMethod, PlanState, RoundState, SheetState
from ..models import Assignment, AssignmentPlan, Dossier, Round, ScoreSheet
from .assign_letters import tell_judges, tell_released
from .lifecycle import lock
from .scoring import REASON_LENGTH
from .shared import refuse_round_state, require_reason

WORKS_IN = (RoundState.SCREENING, RoundState.SCORING)
SEED_LENGTH = 32
SMALLEST = 1
BY_PLAN = "Phương án số"  # how the reason of a release by a plan begins; stored, hence in one language


@transaction.atomic
def plan(
    *,
    round_: Round,
    method: str,
    actor: Any,
    now: dt.datetime,
    per_dossier: int | None = None,
    seed: str = "",
    own_groups: bool = False,
    groups: Mapping[str, Collection[str]] | None = None,
    pairs: Iterable[Pair] | None = None,
) -> AssignmentPlan:
    """Make a plan to look at. `groups` (by judge) for BY_GROUP, `pairs` for BY_HAND (else what is in force).

    Raises Refusal "impossible" with every dossier and limit in the way, before anything is written; "too_few",
    "too_many" for `per_dossier`; "nothing_to_assign". A plan by hand may still lack judges; applying it may not.
    """
    locked = _locked(round_, actor)
    facts = _known(locked)
    options: dict[str, Any] = {"per_dossier": _per_dossier(locked, facts, method, per_dossier)}
    if method == PlanMethod.BY_GROUP:
        facts = with_groups(facts, groups)
        options["groups"] = {judge.key: sorted(judge.groups) for judge in facts.judges}
    if method == PlanMethod.BALANCED:
        options["own_groups"] = own_groups
    draft = AssignmentPlan(round=locked, number=_next_number(locked), method=method, options=options)
    draft.seed = " ".join(seed.split())[:SEED_LENGTH] or f"{locked.year}-{draft.number}"
    return _save(draft, facts, _pairs_for(draft, facts, pairs), actor, now)


def _pairs_for(draft: AssignmentPlan, facts: Facts, chosen: Iterable[Pair] | None) -> Pairs:
    match draft.method:
        case PlanMethod.EVERYONE:
            return assigning.everyone(facts)
        case PlanMethod.BY_GROUP:
            return assigning.by_group(facts, {judge.key: judge.groups for judge in facts.judges})
        case PlanMethod.BY_HAND:
            return assigning.by_hand(facts, facts.stands() if chosen is None else chosen)
        case _:
            return _or_refuse(facts, assigning.balanced, _terms(draft))


@transaction.atomic
def rebalance(*, round_: Round, actor: Any, now: dt.datetime) -> AssignmentPlan:
    """A plan that mends what is in force: the fewest dossiers change hands, no sheet that was begun.

    Raises Refusal "everyone_scores", "nothing_to_do", "impossible".
    """
    locked = _locked(round_, actor)
    if locked.assignment == AssignmentMode.EVERYONE:
        raise Refusal("everyone_scores", _("Kỳ này mọi giám khảo chấm mọi hồ sơ nên không có gì để chia lại."))
    facts = _known(locked)
    last = in_force(locked)
    draft = AssignmentPlan(round=locked, number=_next_number(locked), method=PlanMethod.BALANCED)
    draft.options = _mending(last, locked, facts)
    draft.seed = last.seed if last else f"{locked.year}-{draft.number}"
    if chosen := draft.options.get("groups"):
        facts = with_groups(facts, {**{judge.key: judge.groups for judge in facts.judges}, **chosen})
    found = _mended(facts, _let_go(locked), _terms(draft))
    if found == facts.held:
        raise Refusal("nothing_to_do", _("Phân công đang có đã đủ giám khảo cho mọi hồ sơ, không cần chia lại."))
    return _save(draft, facts, found, actor, now)


def _mended(facts: Facts, let_go: Pairs, terms: Terms) -> Pairs:
    """Mended without giving a dossier back to whom it was taken from with a reason, unless there is no other way."""
    try:
        return assigning.rebalanced(replace(facts, barred=facts.barred | (let_go - facts.keeps())), terms)
    except assigning.Impossible:
        return _or_refuse(facts, assigning.rebalanced, terms)


def _let_go(round_: Round) -> Pairs:
    """Pairs that were released one by one, not by a plan, and not given again since. One query."""
    rows = Assignment.objects.filter(dossier__round=round_).order_by("pk")
    last = {
        (str(entry), str(judge)): reason
        for entry, judge, reason in rows.values_list("dossier__uuid", "judge__uuid", "released_reason")
    }
    return frozenset(pair for pair, reason in last.items() if reason and not reason.startswith(BY_PLAN))


def _mending(last: AssignmentPlan | None, round_: Round, facts: Facts) -> dict[str, Any]:
    """The terms of what is in force, to be kept while it is mended."""
    held = last.options if last else {}
    asked = held["per_dossier"] if last and last.method == PlanMethod.BALANCED else 0
    chosen = {"groups": held["groups"]} if "groups" in held else {}
    return {
        "per_dossier": max(min(asked, len(facts.judges)), round_.quorum, SMALLEST),
        "own_groups": held.get("own_groups", False) or bool(chosen),
        "mends": last.number if last else 0,
        **chosen,
    }


@transaction.atomic
def assign_by_hand(
    *, plan: AssignmentPlan, shown: Iterable[Pair], ticked: Iterable[Pair], actor: Any, now: dt.datetime
) -> AssignmentPlan:
    """Put ticks into a plan by hand: of the pairs shown the ticked ones are in, the others out, the rest stays.

    Raises Refusal "impossible" for a conflict or a limit that the ticks would break.
    """
    locked = _locked(plan.round, actor)
    row = _lock_preview(plan)
    if row.method != PlanMethod.BY_HAND:
        raise Refusal("not_by_hand", _("Phương án này do cổng chia. Hãy lập phương án chọn tay từ nó rồi sửa."))
    facts = _known(locked)
    on_page = frozenset(shown)
    return _save(
        row, facts, assigning.by_hand(facts, (pairs_of(row) - on_page) | (frozenset(ticked) & on_page)), actor, now
    )


@transaction.atomic
def apply(*, plan: AssignmentPlan, actor: Any, now: dt.datetime, reason: str = "") -> AssignmentPlan:
    """Put a plan in force: what it leaves out is released, what is new assigned, the judges told.

    Raises Refusal "plan_over" the second time, "facts_changed" with what has changed since the plan was made,
    "impossible" while a dossier has too few judges, "reason_missing" where an assignment in force is changed.
    """
    locked = _locked(plan.round, actor)
    row = _lock_preview(plan)
    list(Dossier.objects.select_for_update(no_key=True).filter(round=locked).order_by("pk").values_list("pk"))
    before, facts, pairs = facts_from(row), facts_of(locked), pairs_of(row)
    facts = _as_planned(row, facts, before)
    if changed := change_sentences(assigning.changes(before, facts, pairs), locked):
        raise Refusal(
            "facts_changed",
            _("Từ lúc lập phương án, dữ liệu đã đổi. Hãy lập lại phương án rồi xem trước lần nữa."),
            details=tuple(changed),
        )
    _refuse_faults(facts, pairs, row.options["per_dossier"], locked)
    why = (require_reason(reason) if needs_reason(locked, facts) else reason.strip())[:REASON_LENGTH]
    gained, lost = _put_in_force(row, facts.held, pairs, why, now)
    _set_mode(locked, row)
    row.state, row.applied_by, row.applied_at, row.reason = PlanState.APPLIED, actor, now, why
    row.save(update_fields=["state", "applied_by", "applied_at", "reason"])
    _close_others(locked, row)
    _note(
        locked,
        actor,
        "assignment.apply",
        _("Áp dụng phương án phân công số %(number)s: %(method)s.")
        % {"number": row.number, "method": row.get_method_display().lower()},
        reason=why,
        data={"plan": row.number, "seed": row.seed, "pairs": len(pairs), "gained": len(gained), "lost": len(lost)},
    )
    tell_judges(locked, row, pairs=pairs, gained=gained, lost=lost, now=now)
    return row


def _put_in_force(row: AssignmentPlan, held: Pairs, pairs: Pairs, why: str, now: dt.datetime) -> tuple[Pairs, Pairs]:
    """Release and assign; what stays keeps its row and date. Returns what is new and what was released."""
    round_ = row.round
    kept = frozenset() if row.method == PlanMethod.EVERYONE else pairs
    gained, lost = kept - held, held - kept
    said = f"{BY_PLAN} {row.number}"
    _release(round_, lost, (f"{said}: {why}" if why else said)[:REASON_LENGTH], now)
    dossiers = {str(uuid): pk for pk, uuid in round_.dossiers.values_list("pk", "uuid")}
    judges = {str(uuid): pk for pk, uuid in round_.seats.values_list("user_id", "user__uuid")}
    Assignment.objects.bulk_create(
        Assignment(dossier_id=dossiers[entry], judge_id=judges[judge], plan=row, assigned_at=now)
        for entry, judge in sorted(gained)
    )
    return gained, lost


def _release(round_: Round, pairs: Pairs, words: str, now: dt.datetime) -> None:
    live = Assignment.objects.filter(dossier__round=round_, released_at__isnull=True)
    found = live.values_list("pk", "dossier__uuid", "judge__uuid")
    gone = [pk for pk, entry, judge in found if (str(entry), str(judge)) in pairs]
    Assignment.objects.filter(pk__in=gone).update(released_at=now, released_reason=words)


def _set_mode(round_: Round, row: AssignmentPlan) -> None:
    everyone = row.method == PlanMethod.EVERYONE
    round_.assignment = AssignmentMode.EVERYONE if everyone else AssignmentMode.ASSIGNED
    round_.save(update_fields=["assignment"])


def _close_others(round_: Round, row: AssignmentPlan) -> None:
    others = round_.plans.filter(state=PlanState.PREVIEW).exclude(pk=row.pk)
    others.update(state=PlanState.DISCARDED, reason=_("Đã áp dụng phương án số %(number)s.") % {"number": row.number})


@transaction.atomic
def discard(*, plan: AssignmentPlan, actor: Any, now: dt.datetime, reason: str = "") -> AssignmentPlan:
    """Drop a plan that was never applied; it stays in the history."""
    locked = _locked(plan.round, actor)
    row = _lock_preview(plan)
    row.state, row.reason = PlanState.DISCARDED, reason.strip()[:REASON_LENGTH]
    row.save(update_fields=["state", "reason"])
    _note(
        locked,
        actor,
        "assignment.discard",
        _("Bỏ phương án phân công số %(number)s.") % {"number": row.number},
        reason=row.reason,
        data={"plan": row.number},
    )
    return row


@transaction.atomic
def again(*, old: AssignmentPlan, actor: Any, now: dt.datetime) -> AssignmentPlan:
    """The same plan made once more from the facts as they are: same method, options and seed."""
    if "mends" in old.options:
        return rebalance(round_=old.round, actor=actor, now=now)
    return plan(
        round_=old.round,
        method=old.method,
        actor=actor,
        now=now,
        per_dossier=old.options["per_dossier"] if old.method == PlanMethod.BALANCED else None,
        seed=old.seed,
        own_groups=old.options.get("own_groups", False),
        groups=old.options.get("groups"),
        pairs=pairs_of(old) if old.method == PlanMethod.BY_HAND else None,
    )


@transaction.atomic
def release(*, assignment: Assignment, reason: str, actor: Any, now: dt.datetime) -> Assignment:
    """Take one dossier from one judge, with a reason. A sheet that was begun is kept as it is, and no longer due.

    Raises Refusal "reason_missing", "released", "handed_in" (a sheet that counts is re-opened or stays).
    """
    why = require_reason(reason)[:REASON_LENGTH]
    locked = _locked(assignment.dossier.round, actor)
    Dossier.objects.select_for_update(no_key=True).get(pk=assignment.dossier_id)
    row = Assignment.objects.select_for_update().get(pk=assignment.pk)
    if row.released_at is not None:
        raise Refusal("released", _("Hồ sơ này đã thôi phân cho giám khảo từ trước."))
    sheets = ScoreSheet.objects.filter(dossier=row.dossier_id, judge=row.judge_id).exclude(state=SheetState.VOIDED)
    states = frozenset(sheets.values_list("state", flat=True))
    if states - {SheetState.DRAFT}:
        raise Refusal(
            "handed_in",
            _("Giám khảo đã nộp phiếu của hồ sơ này nên không thôi phân được. Phiếu đã nộp vẫn được tính."),
        )
    row.released_at, row.released_reason = now, why
    row.save(update_fields=["released_at", "released_reason"])
    _note(
        locked,
        actor,
        "assignment.release",
        _("Thôi phân hồ sơ %(code)s cho %(judge)s.") % {"code": row.dossier.entry_code, "judge": row.judge},
        reason=why,
        data={"dossier": str(row.dossier.uuid), "judge": str(row.judge.uuid), "draft_kept": bool(states)},
    )
    tell_released(locked, row, why, now=now)
    return row


def needs_reason(round_: Round, facts: Facts) -> bool:
    """Whether applying a plan changes what somebody works by already."""
    return bool(facts.held) or round_.state == RoundState.SCORING


def in_force(round_: Round) -> AssignmentPlan | None:
    """The plan applied last. One query."""
    return round_.plans.filter(state=PlanState.APPLIED).order_by("-applied_at", "-number").first()


def with_groups(facts: Facts, groups: Mapping[str, Collection[str]] | None) -> Facts:
    """The facts with the groups chosen for each judge in place of those of the seats."""
    if groups is None:
        return facts
    known = set(ProductGroup.values)
    judges = (replace(judge, groups=frozenset(groups.get(judge.key, ())) & known) for judge in facts.judges)
    return replace(facts, judges=tuple(judges))


def _as_planned(row: AssignmentPlan, facts: Facts, before: Facts) -> Facts:
    """Groups chosen for this plan are its own, not facts of the round that could have changed."""
    if "groups" not in row.options:
        return facts
    chosen = {judge.key: judge.groups for judge in before.judges}
    return with_groups(facts, {**{judge.key: judge.groups for judge in facts.judges}, **chosen})


def _locked(round_: Round, actor: Any) -> Round:
    locked = lock(round_)
    rules.may_run_scoring.require(actor, locked)
    refuse_round_state(
        locked,
        WORKS_IN,
        _("Kỳ bình chọn %(state)s. Phân công được lập từ khi khóa nhận hồ sơ đến khi khóa chấm điểm."),
    )
    return locked


def _lock_preview(plan: AssignmentPlan) -> AssignmentPlan:
    row = AssignmentPlan.objects.select_for_update(of=("self",)).get(pk=plan.pk)
    if row.state != PlanState.PREVIEW:
        raise Refusal(
            "plan_over",
            _("Phương án số %(number)s đã ở trạng thái “%(state)s” nên không đổi được nữa.")
            % {"number": row.number, "state": row.get_state_display().lower()},
        )
    return row


def _known(round_: Round) -> Facts:
    facts = facts_of(round_)
    if not facts.entries:
        raise Refusal("nothing_to_assign", _("Chưa có hồ sơ nào đủ điều kiện để phân công."))
    if not facts.judges:
        raise Refusal("nothing_to_assign", _("Ban Giám khảo chưa có ai. Hãy lập Ban Giám khảo trước."))
    return facts


def _per_dossier(round_: Round, facts: Facts, method: str, asked: int | None) -> int:
    least = max(round_.quorum, SMALLEST)
    if method != PlanMethod.BALANCED or asked is None:
        return least if asked is None else max(asked, least)
    if asked < least:
        raise Refusal(
            "too_few",
            _("Kỳ này cần ít nhất %(quorum)s phiếu mỗi hồ sơ. Hãy nhập từ %(quorum)s trở lên.") % {"quorum": least},
            field="per_dossier",
        )
    if asked > len(facts.judges):
        raise Refusal(
            "too_many",
            _("Ban Giám khảo có %(total)s người. Hãy nhập không quá %(total)s.") % {"total": len(facts.judges)},
            field="per_dossier",
        )
    return asked


def _terms(draft: AssignmentPlan) -> Terms:
    return Terms(draft.options["per_dossier"], draft.seed, draft.options.get("own_groups", False))


def _or_refuse(facts: Facts, method: Any, terms: Terms) -> Pairs:
    try:
        found: Pairs = method(facts, terms)
    except assigning.Impossible as impossible:
        raise _impossible(fault_sentences(impossible.faults, facts)) from impossible
    return found


def _impossible(sentences: Iterable[str]) -> Refusal:
    return Refusal("impossible", _("Chưa phân công được như vậy."), details=tuple(sentences))


def _refuse_faults(facts: Facts, pairs: Pairs, minimum: int, round_: Round, *, but: Collection[str] = ()) -> None:
    found = [fault for fault in assigning.faults(facts, pairs, minimum=minimum) if fault.kind not in but]
    if found:
        raise _impossible(fault_sentences(found, facts))


def _save(row: AssignmentPlan, facts: Facts, pairs: Pairs, actor: Any, now: dt.datetime) -> AssignmentPlan:
    still_open = {"below_minimum"} if row.method == PlanMethod.BY_HAND else ()
    _refuse_faults(facts, pairs, row.options["per_dossier"], row.round, but=still_open)
    is_new = row.pk is None
    row.options = {**row.options, "facts": facts_to_keep(facts)}
    row.pairs = [] if row.method == PlanMethod.EVERYONE else to_keep(pairs)
    row.explanation = explain(facts, pairs)
    row.state, row.made_by, row.made_at = PlanState.PREVIEW, actor, now
    row.save()
    _note(
        row.round,
        actor,
        "assignment.plan" if is_new else "assignment.by_hand",
        (
            _("Lập phương án phân công số %(number)s: %(method)s.")
            if is_new
            else _("Sửa phương án phân công số %(number)s: %(method)s.")
        )
        % {"number": row.number, "method": row.get_method_display().lower()},
        data={"plan": row.number, "method": row.method, "seed": row.seed, "pairs": len(pairs)},
    )
    return row


def explain(facts: Facts, pairs: Pairs) -> dict[str, Any]:
    """What a plan keeps to say for itself: per judge the load, limit, groups, conflicts, and what changes."""
    lines = assigning.loads(facts, pairs)
    return {
        "judges": [
            {
                "judge": line.judge,
                "total": line.total,
                "limit": line.limit,
                "groups": line.groups,
                "begun": line.begun,
                "recused": list(line.recused),
                "gained": len(line.gained),
                "lost": len(line.lost),
            }
            for line in lines
        ],
        "largest": max((line.total for line in lines), default=0),
        "smallest": min((line.total for line in lines), default=0),
        "sheets": len(pairs),
    }


def _next_number(round_: Round) -> int:
    last: int | None = round_.plans.aggregate(last=Max("number"))["last"]
    return (last or 0) + 1


def _note(
    round_: Round, actor: Any, action: str, sentence: str, *, reason: str = "", data: dict[str, Any] | None = None
) -> None:
    record(
        actor=actor,
        action=action,
        sentence=sentence,
        subject=round_,
        territory=round_.territory,
        reason=reason,
        data=data or {},
    )
