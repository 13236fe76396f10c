"""Criteria sets: copied from the template or an earlier round, changed while nobody scores, then frozen."""

from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from portal.audit.services import record
from portal.text.errors import Refusal

from .. import rules
from ..models import CriteriaSet, Criterion, Round
from ..states import BEFORE_SCORING
from .lifecycle import lock
from .shared import refuse_round_state


@transaction.atomic
def copy_set(*, source: CriteriaSet, round_: Round, actor: Any, group: str = "", name: str = "") -> CriteriaSet:
    """Copy a template or another round's set into a round, as its next version for that group."""
    locked = lock(round_)
    rules.may_manage.require(actor, locked)
    refuse_round_state(locked, BEFORE_SCORING, _("Kỳ bình chọn %(state)s nên bộ tiêu chí đã khóa, không thay được."))
    newest = locked.criteria_sets.filter(group=group).aggregate(newest=Max("version"))["newest"] or 0
    copied = CriteriaSet.objects.create(
        round=locked,
        group=group,
        name=name or source.name,
        legal_basis=source.legal_basis,
        version=newest + 1,
        is_illustrative=source.is_illustrative,
    )
    _copy_rows(source, copied)
    record(
        actor=actor,
        action="criteria.copy",
        sentence=_("Chép bộ tiêu chí “%(name)s” vào %(round)s.") % {"name": source.name, "round": locked.title},
        subject=copied,
        territory=locked.territory,
        data={"source": str(source.uuid)},
    )
    return copied


def _copy_rows(source: CriteriaSet, target: CriteriaSet) -> None:
    """Parents before children, whatever their order in the source."""
    waiting = list(source.criteria.all())
    new_of: dict[int | None, Criterion | None] = {None: None}
    while waiting:
        ready = [row for row in waiting if row.parent_id in new_of]
        if not ready:
            raise Refusal("criteria_in_a_circle", _("Bộ tiêu chí có mục thuộc chính nó. Hãy sửa tiêu chí cha."))
        for row in ready:
            new_of[row.pk] = Criterion.objects.create(
                criteria_set=target,
                parent=new_of[row.parent_id],
                code=row.code,
                name=row.name,
                guidance=row.guidance,
                max_points=row.max_points,
                position=row.position,
            )
        waiting = [row for row in waiting if row.pk not in new_of]


def refuse_frozen(criteria_set: CriteriaSet) -> None:
    """A set that someone scores by never changes."""
    if criteria_set.frozen_at is not None:
        raise Refusal(
            "criteria_frozen",
            _("Bộ tiêu chí đã khóa khi bắt đầu chấm điểm nên không sửa được. Kỳ sau hãy chép thành bộ mới."),
        )


@transaction.atomic
def save_criterion(*, criterion: Criterion, actor: Any) -> Criterion:
    """Add or change one row of an open set."""
    _locked_open(criterion.criteria_set, actor)
    criterion.save()
    _note(criterion.criteria_set, actor, "criteria.save_row", _("Ghi tiêu chí %(code)s."), code=criterion.code)
    return criterion


@transaction.atomic
def delete_criterion(*, criterion: Criterion, actor: Any) -> None:
    """Remove one row of an open set, with what stands below it."""
    criteria_set, code = criterion.criteria_set, criterion.code
    _locked_open(criteria_set, actor)
    criterion.delete()
    _note(criteria_set, actor, "criteria.delete_row", _("Bỏ tiêu chí %(code)s."), code=code)


@transaction.atomic
def save_set(*, criteria_set: CriteriaSet, actor: Any) -> CriteriaSet:
    """Add or change the head of an open set."""
    if criteria_set.pk:
        _locked_open(criteria_set, actor)
    elif criteria_set.round:
        rules.may_manage.require(actor, criteria_set.round)
        refuse_round_state(
            criteria_set.round, BEFORE_SCORING, _("Kỳ bình chọn %(state)s nên bộ tiêu chí đã khóa, không thay được.")
        )
    criteria_set.save()
    _note(criteria_set, actor, "criteria.save", _("Ghi bộ tiêu chí “%(name)s”."), name=criteria_set.name)
    return criteria_set


def _locked_open(criteria_set: CriteriaSet, actor: Any) -> None:
    if criteria_set.round_id:
        round_ = lock(criteria_set.round)  # type: ignore[arg-type]
        rules.may_manage.require(actor, round_)
    refuse_frozen(CriteriaSet.objects.select_for_update(of=("self",)).get(pk=criteria_set.pk))


def _note(criteria_set: CriteriaSet, actor: Any, action: str, sentence: str, **words: Any) -> None:
    record(
        actor=actor,
        action=action,
        sentence=sentence % words,
        subject=criteria_set,
        territory=criteria_set.round.territory if criteria_set.round else None,
    )
