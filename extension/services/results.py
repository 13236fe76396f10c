"""Results of a project: targets, what stood before, what was reached, and the same asked again after a year.

Silence is never zero: what nobody told stays empty. All raise `Refusal` with a sentence: "not_allowed",
"wrong_state", "too_early", "target_fixed", "not_yours", "has_answer", "invalid".
"""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from facilities.models import Representative
from portal.audit.services import record
from portal.text.errors import Refusal
from portal.text.folding import normalise

from .. import due_rules, rules
from ..enums import DueCode, ProjectState
from ..models import Beneficiary, Project, ResultIndicator, ResultLine
from .checks import checked

S = ProjectState
# Results live on after the contract is closed: they are asked a year later.
CLOSED = (S.REFUSED, S.STOPPED)
DONE = (S.ACCEPTED, S.SETTLED, S.LIQUIDATED)
UNDER_WAY = (S.RUNNING, *DONE)
FIGURES = ("target", "before", "achieved", "later")
# A result may be told this long before the day it is asked again.
EARLY = dt.timedelta(days=60)


@transaction.atomic
def add_line(
    *,
    project: Project,
    indicator: ResultIndicator,
    actor: Any,
    beneficiary: Beneficiary | None = None,
    target: Decimal | None = None,
) -> ResultLine:
    """An indicator that the project, or one of its beneficiaries, is measured by."""
    locked = Project.objects.locked(project.pk)
    rules.require_edit(actor, locked.territory_id)
    _open(locked)
    if beneficiary is not None and beneficiary.project_id != locked.pk:
        raise Refusal("invalid", _("Cơ sở này không thụ hưởng đề án."), field="beneficiary")
    row = ResultLine(project=locked, indicator=indicator, beneficiary=beneficiary, target=target)
    row.ask_on = _ask_on(locked, indicator, _held_on(locked))
    checked(row)
    row.save()
    sentence = _("Ghi chỉ tiêu “%(indicator)s” cho đề án “%(name)s”.")
    _audit(actor, "extension.result_add", sentence, row, data={"target": _plain(target)})
    return row


@transaction.atomic
def tell(*, line: ResultLine, facts: Mapping[str, Any], actor: Any, on: dt.date) -> ResultLine:
    """Write figures of one line: `target`, `before`, `achieved`, `later`, `note`. Unchanged ones write nothing.

    The project's side tells its own lines, all but the target. What was reached is told from the start of the work,
    what stands a year later not before it is asked.
    """
    locked = Project.objects.locked(line.project.pk)
    row = ResultLine.objects.select_for_update(of=("self",)).get(pk=line.pk)
    row.project = locked
    unknown = set(facts) - {*FIGURES, "note"}
    if unknown:
        raise TypeError(f"Unknown facts: {', '.join(sorted(unknown))}")
    _may_tell(actor, row)
    _open(locked)
    wanted = {name: normalise(value)[:300] if name == "note" else value for name, value in facts.items()}
    changed = {name: value for name, value in wanted.items() if getattr(row, name) != value}
    if not changed:
        return row
    _in_time(row, changed, actor, on)
    for name, value in changed.items():
        setattr(row, name, value)
    if "later" in changed:
        told = row.later is not None
        row.answered_on, row.answered_by = (on, actor) if told else (None, None)
    checked(row)
    row.save()
    sentence = _("Ghi kết quả “%(indicator)s” của đề án “%(name)s”.")
    _audit(actor, "extension.result", sentence, row, data={name: _plain(value) for name, value in changed.items()})
    return row


@transaction.atomic
def remove_line(*, line: ResultLine, actor: Any) -> None:
    """Take out an indicator that was chosen by mistake, while nobody has told a result for it."""
    locked = Project.objects.locked(line.project.pk)
    rules.require_edit(actor, locked.territory_id)
    _open(locked)
    row = ResultLine.objects.select_for_update(of=("self",)).get(pk=line.pk)
    if row.achieved is not None or row.later is not None:
        raise Refusal("has_answer", _("Chỉ tiêu này đã có kết quả nên không bỏ được. Hãy sửa số nếu ghi nhầm."))
    sentence = _("Bỏ chỉ tiêu “%(indicator)s” của đề án “%(name)s”.")
    _audit(actor, "extension.result_remove", sentence, row, data={"target": _plain(row.target)})
    row.delete()


def ask_again_after(project: Project, held_on: dt.date) -> None:
    """From an acceptance on, each line has its day to be asked again. Called with the project locked."""
    for row in project.results.select_related("indicator").filter(answered_on__isnull=True):
        row.ask_on = _ask_on(project, row.indicator, held_on)
        row.save(update_fields=["ask_on"])


def may_ask(line: ResultLine, *, on: dt.date) -> bool:
    """Whether what stands a year after may be told on a day: the acceptance has passed and the day is near."""
    done = line.project.state in DONE and line.indicator.ask_again
    return bool(done and line.ask_on is not None and on >= line.ask_on - EARLY)


def may_tell(user: Any, line: ResultLine) -> bool:
    """The officer; who works in the implementing unit; who speaks for the facility that the line is about.

    A line of the whole project is a facility's own only when the project supports nobody else.
    """
    project = line.project
    if rules.may_edit(user, project.territory_id):
        return True
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return False
    if project.implementing_unit_id and user.organisation_id == project.implementing_unit_id:
        return True
    about = project.beneficiaries.all() if line.beneficiary_id is None else [line.beneficiary]
    facilities = {row.facility_id for row in about if row is not None}
    spoken = set(Representative.objects.approved().filter(user=user).values_list("facility", flat=True))
    return bool(facilities) and facilities <= spoken


# --- locks and checks -------------------------------------------------------------------------------------------


def _open(project: Project) -> None:
    if project.state in CLOSED:
        raise Refusal(
            "wrong_state",
            _("Đề án ở trạng thái “%(state)s” nên không ghi kết quả.") % {"state": project.get_state_display().lower()},
        )


def _may_tell(actor: Any, row: ResultLine) -> None:
    if not may_tell(actor, row):
        raise Refusal("not_allowed", rules.ONLY_PROJECT_SIDE)


def _in_time(row: ResultLine, changed: Mapping[str, Any], actor: Any, on: dt.date) -> None:
    project = row.project
    if "target" in changed and not rules.may_edit(actor, project.territory_id):
        raise Refusal("not_allowed", _("Mục tiêu do cán bộ khuyến công ghi."), field="target")
    if "target" in changed and project.state in DONE and row.target is not None:
        raise Refusal("target_fixed", _("Đề án đã nghiệm thu nên không sửa mục tiêu nữa."), field="target")
    if changed.get("achieved") is not None and project.state not in UNDER_WAY:
        raise Refusal("too_early", _("Kết quả ghi được từ khi đề án bắt đầu thực hiện."), field="achieved")
    if changed.get("later") is None:
        return
    if not row.indicator.ask_again:
        raise Refusal("too_early", _("Chỉ tiêu này không hỏi lại sau một năm."), field="later")
    if not may_ask(row, on=on):
        raise Refusal(
            "too_early",
            _("Kết quả sau một năm ghi được từ hai tháng trước ngày hỏi lại. Đề án chưa đến lúc đó."),
            field="later",
        )


def _held_on(project: Project) -> dt.date | None:
    """The day of the acceptance that passed, the last of them."""
    held = project.acceptances.filter(held_on__isnull=False).exclude(outcome="failed").order_by("-ordinal").first()
    return held.held_on if held else None


def _ask_on(project: Project, indicator: ResultIndicator, held_on: dt.date | None) -> dt.date | None:
    if held_on is None or not indicator.ask_again:
        return None
    found = due_rules.rules()
    return found.after(DueCode.RESULT_AGAIN, event=held_on, funding=project.funding, territory_id=project.territory_id)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal) else value


def _audit(actor: Any, action: str, sentence: str, row: ResultLine, **more: Any) -> None:
    said = sentence % {"indicator": row.indicator.name, "name": row.project.name}
    territory = row.project.territory
    record(actor=actor, action=action, sentence=said, subject=row.project, territory=territory, **more)
