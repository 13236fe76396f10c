"""Answering the conditions that a person has to look at."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from portal.text.errors import Refusal
from portal.text.folding import normalise

from .. import rules
from ..enums import CheckAnswer, CheckKind, DossierState
from ..intake_queries import rules_for
from ..models import Dossier, EligibilityAnswer, EligibilityRule
from ..states import OPEN
from .freezing import freeze
from .receiving import today_of
from .requests import refuse_not_checking
from .shared import lock_dossier, note, save

Found = tuple[str, str]  # the answer, and the ground for it


def answer(
    *,
    dossier: Dossier,
    rule: EligibilityRule,
    answer: str,
    reason: str,
    actor: Any,
    now: dt.datetime,
    revision: int | None = None,
) -> Dossier:
    """Say what was found about one condition, with the ground. Answered again, the new answer stands.

    Raises Refusal `rule_unknown`, `answer_unknown`, `reason_missing`, `dossier_closed`.
    """
    found = {rule: (answer, reason)}
    return answer_all(dossier=dossier, answers=found, actor=actor, now=now, revision=revision)


@transaction.atomic
def answer_all(
    *,
    dossier: Dossier,
    answers: Mapping[EligibilityRule, Found],
    actor: Any,
    now: dt.datetime,
    revision: int | None = None,
) -> Dossier:
    """The same for several conditions at once: all are written, or none."""
    locked = lock_dossier(dossier, actor=actor, rule=rules.may_check, revision=revision)
    refuse_not_checking(locked)
    _refuse_closed(locked)
    asked = {row.pk for row in rules_for(locked, on=today_of(now)) if row.kind == CheckKind.ANSWERED}
    said = {"answered_by": actor, "answered_at": now}
    changed = []
    for rule, found in answers.items():
        _refuse_unfit(rule, found, asked)
        if _write(locked, rule, found, said):
            changed.append(rule)
    if changed:
        if locked.state == DossierState.SUBMITTED:
            freeze(locked)
        save(locked)
    for rule in changed:
        _note(locked, rule, answers[rule], actor)
    return locked


def _write(locked: Dossier, rule: EligibilityRule, found: Found, said: Mapping[str, Any]) -> bool:
    """Whether the answer is a new one."""
    chosen, reason = found[0], normalise(found[1])
    row = EligibilityAnswer.objects.filter(dossier=locked, rule=rule).first()
    if row is not None and (row.answer, row.reason) == (chosen, reason):
        return False
    row = row or EligibilityAnswer(dossier=locked, rule=rule)
    for name, value in {"answer": chosen, "reason": reason, **said}.items():
        setattr(row, name, value)
    row.save()
    return True


def _refuse_unfit(rule: EligibilityRule, found: Found, asked: set[int]) -> None:
    if rule.pk not in asked:
        raise Refusal("rule_unknown", _("Hồ sơ này không hỏi điều kiện đó. Hãy tải lại trang."))
    if found[0] not in CheckAnswer.values:
        raise Refusal("answer_unknown", _("Hãy chọn đạt, không đạt hoặc không áp dụng."), field="answer")
    if not normalise(found[1]):
        raise Refusal("reason_missing", _("Hãy ghi căn cứ của câu trả lời."), field="reason")


def _refuse_closed(dossier: Dossier) -> None:
    if dossier.state not in OPEN:
        raise Refusal(
            "dossier_closed",
            _("Hồ sơ đã ở trạng thái “%(state)s” nên không trả lời điều kiện được nữa.")
            % {"state": dossier.get_state_display()},
        )


def _note(locked: Dossier, rule: EligibilityRule, found: Found, actor: Any) -> None:
    note(
        locked,
        actor=actor,
        action="dossier.answer",
        sentence=_("Kiểm tra hồ sơ %(code)s: “%(condition)s” %(answer)s."),
        reason=normalise(found[1]),
        data={"rule": rule.code, "answer": found[0]},
        condition=rule.sentence.rstrip("."),
        answer=str(CheckAnswer(found[0]).label).lower(),
    )
