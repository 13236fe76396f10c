"""Every write to projects of industrial extension: checked, locked, audited, in one transaction.

Sums are whole đồng. All raise `Refusal` with a sentence: "not_allowed", "sealed", "invalid",
"illegal_transition", "not_ready", "reason_missing", "funds_exceeded", "wrong_product", "illustrative_only",
"by_estimate", "fixed_by_approval", "steps_begun", "province_ended", "before_phase",
"source_missing".
"""

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from facilities.models import Facility
from portal.audit.services import record
from portal.territory.models import Territory
from portal.territory.queries import family_ids, register
from portal.text.errors import Refusal
from portal.text.formats import day, money
from portal.text.slugs import unique_slug
from products.models import Product

from .. import approval, guards, rules
from ..enums import BeneficiaryKind, EstimateState, Funding, ProjectKind, ProjectState
from ..models import Beneficiary, Programme, Project
from ..states import PROJECT_TRANSITIONS
from ..steps.workflows import workflow_for
from .checks import checked, hold_facility, refuse_sealed

# In the order in which people enter them.
PROJECT_FACTS = (
    "programme",
    "plan",
    "code",
    "name",
    "kind",
    "funding",
    "head",
    "year",
    "year_to",
    "territory",
    "implementing_unit",
    "coordinating_unit",
    "trade",
    "starts_on",
    "ends_on",
    "contract_number",
    "contract_on",
    "extension_funds",
    "counterpart_funds",
    "other_funds",
    "disbursed",
    "summary",
    "source",
    "published_sum",
    "is_public",
    "is_illustrative",
)
# What follows from the estimate and the payments once there is an approved estimate.
BY_ESTIMATE = frozenset({"extension_funds", "counterpart_funds", "other_funds", "disbursed"})
WITH_REASON: dict[ProjectState, Any] = {
    ProjectState.STOPPED: gettext_lazy("Hãy ghi lý do ngừng đề án."),
    ProjectState.REFUSED: gettext_lazy("Hãy ghi lý do không duyệt đề án."),
}
BENEFICIARY_FACTS = frozenset(
    {"kind", "facility", "product", "name", "people", "turns", "extension_funds", "fair_revenue", "note"}
)
# Whom a line of support names; the rest of the line says how much and how often.
WHO = frozenset({"kind", "facility", "name"})


@transaction.atomic
def save_programme(*, programme: Programme, actor: Any) -> Programme:
    """Add or change a programme; who may is judged by the province it has and the one it had."""
    known = Programme.objects.select_for_update(of=("self",)).filter(pk=programme.pk).first()
    for one in (programme, known or programme):
        rules.require_edit_programme(actor, one.territory_id)
    checked(programme)
    programme.save()
    sentence = _("Ghi chương trình “%(name)s”.") % {"name": programme.name}
    record(
        actor=actor, action="extension.programme", sentence=sentence, subject=programme, territory=programme.territory
    )
    return programme


@transaction.atomic
def create_project(
    *,
    actor: Any,
    territory: Territory,
    name: str,
    state: ProjectState = ProjectState.REGISTERED,
    on: dt.date | None = None,
    **facts: Any,
) -> Project:
    """A new project, registered `on` a day: from then on it goes through the steps in force that day.

    `state` is other than registered only for what a source already reports as under way; such a project has no day
    and no steps.
    """
    rules.require_edit(actor, territory.pk)
    project = Project(territory=territory, name=name, state=state, **_known(facts, PROJECT_FACTS))
    project.slug = unique_slug(Project, name)
    project.phase_since = on
    checked(project)
    _in_its_time(project)
    _take_workflow(project, on)
    project.save()
    _audit(actor, "extension.create", _("Lập đề án “%(name)s”.") % {"name": name}, project)
    return project


@transaction.atomic
def update_project(*, project: Project, actor: Any, on: dt.date | None = None, **changes: Any) -> Project:
    """Change facts of a project that is not yet liquidated or stopped. Unchanged facts write nothing.

    What approval fixed only the system changes, by a decision (`approval`).
    Another funding source or province means other steps, those in force `on` the day; not once a step is done.
    """
    locked = Project.objects.locked(project.pk)
    rules.require_edit(actor, locked.territory_id)
    moved_to = changes.get("territory")
    if moved_to is not None:
        rules.require_edit(actor, moved_to.pk)
    changed = {k: v for k, v in _known(changes, PROJECT_FACTS).items() if getattr(locked, k) != v}
    if not changed:
        return locked
    refuse_sealed(locked)
    _not_by_estimate(locked, set(changed))
    _keeps_its_place(locked, set(changed))
    if actor is not None:
        approval.refuse_by_hand(locked, set(changed))
    for field, value in changed.items():
        setattr(locked, field, value)
    checked(locked)
    if changed.keys() & {"territory", "year", "year_to"}:
        _in_its_time(locked)
    if changed.keys() & {"funding", "territory"}:
        _change_workflow(locked, on or locked.phase_since)
    _within_funds(locked)
    locked.save()
    sentence = _("Sửa đề án “%(name)s”.") % {"name": locked.name}
    _audit(actor, "extension.update", sentence, locked, data={k: str(v) for k, v in changed.items()})
    return locked


@transaction.atomic
def change_state(*, project: Project, to: ProjectState, actor: Any, on: dt.date, reason: str = "") -> Project:
    """Move along `states.PROJECT_TRANSITIONS` on a day; says every reason why it may not move yet."""
    locked = Project.objects.locked(project.pk)
    rules.require_change_state(actor, locked.territory_id)
    _legal(locked, to)
    _in_order(locked, on)
    _ready(locked, to, reason.strip())
    before = locked.get_state_display()
    locked.state, locked.phase_since = to, on
    locked.save(update_fields=["state", "phase_since"])
    sentence = _("Chuyển đề án “%(name)s” từ “%(before)s” sang “%(after)s”.") % {
        "name": locked.name,
        "before": before,
        "after": locked.get_state_display(),
    }
    data = {"to": str(to), "on": on.isoformat()}
    _audit(actor, "extension.state", sentence, locked, reason=reason.strip(), data=data)
    return locked


@transaction.atomic
def add_beneficiary(
    *,
    project: Project,
    actor: Any,
    kind: BeneficiaryKind = BeneficiaryKind.FACILITY,
    facility: Facility | None = None,
    product: Product | None = None,
    **facts: Any,
) -> Beneficiary:
    """A facility (in turns), a cluster or trainees that the project supports."""
    locked = _open_for_edit(project, actor)
    if actor is not None:
        approval.refuse_other_beneficiary(locked)
    row = Beneficiary(project=locked, kind=kind, facility=facility, product=product, **_known(facts, BENEFICIARY_FACTS))
    _check_beneficiary(row)
    row.save()
    _within_funds(locked)
    sentence = _("Ghi “%(who)s” thụ hưởng đề án “%(name)s”.") % {"who": row, "name": locked.name}
    _audit(
        actor, "extension.beneficiary_add", sentence, locked, data={"funds": row.extension_funds, "turns": row.turns}
    )
    return row


@transaction.atomic
def update_beneficiary(*, beneficiary: Beneficiary, actor: Any, **changes: Any) -> Beneficiary:
    """Change one line of support."""
    locked = _open_for_edit(beneficiary.project, actor)
    row = Beneficiary.objects.select_for_update().get(pk=beneficiary.pk)
    if actor is not None and any(getattr(row, name) != changes[name] for name in WHO & changes.keys()):
        approval.refuse_other_beneficiary(locked, row)
    for field, value in _known(changes, BENEFICIARY_FACTS).items():
        setattr(row, field, value)
    _check_beneficiary(row)
    row.save()
    _within_funds(locked)
    sentence = _("Sửa dòng thụ hưởng của “%(who)s” trong đề án “%(name)s”.") % {"who": row, "name": locked.name}
    _audit(actor, "extension.beneficiary_update", sentence, locked, data={k: str(v) for k, v in changes.items()})
    return row


@transaction.atomic
def remove_beneficiary(*, beneficiary: Beneficiary, actor: Any) -> None:
    """Take a line of support out; the audit chain keeps what it said."""
    locked = _open_for_edit(beneficiary.project, actor)
    if actor is not None:
        approval.refuse_other_beneficiary(locked, beneficiary)
    data = {"funds": beneficiary.extension_funds, "turns": beneficiary.turns}
    sentence = _("Bỏ “%(who)s” khỏi đề án “%(name)s”.") % {"who": beneficiary, "name": locked.name}
    beneficiary.delete()
    _audit(actor, "extension.beneficiary_remove", sentence, locked, data=data)


def _known(facts: dict[str, Any], allowed: Collection[str]) -> dict[str, Any]:
    unknown = set(facts) - set(allowed)
    if unknown:
        raise TypeError(f"Unknown facts: {', '.join(sorted(unknown))}")
    return facts


def _open_for_edit(project: Project, actor: Any) -> Project:
    locked = Project.objects.locked(project.pk)
    rules.require_edit(actor, locked.territory_id)
    refuse_sealed(locked)
    return locked


def _check_beneficiary(row: Beneficiary) -> None:
    if row.facility:
        hold_facility(row.facility)
    if row.product and row.product.facility_id != row.facility_id:
        raise Refusal("wrong_product", _("Sản phẩm này không do cơ sở đã chọn làm ra. Hãy chọn lại."), field="product")
    if row.fair_revenue is not None and not row.project.source:
        raise Refusal(
            "source_missing",
            _(
                "Doanh thu tại hội chợ chỉ ghi ở đây khi một nguồn đã công bố, nên hãy ghi nguồn của đề án trước. Số chưa"
                " công bố do cơ sở tự khai ở trang Hội chợ."
            ),
            field="fair_revenue",
        )
    if row.project.is_illustrative and row.facility and not row.facility.is_illustrative:
        raise Refusal(
            "illustrative_only", _("Đề án minh họa chỉ ghi cho cơ sở mẫu, không ghi cho cơ sở thật."), field="facility"
        )
    checked(row)


def _within_funds(project: Project) -> None:
    """The parts that beneficiaries receive may not exceed the whole."""
    parts = project.beneficiaries.aggregate(total=Sum("extension_funds"))["total"]
    if parts and (project.extension_funds is None or parts > project.extension_funds):
        raise Refusal(
            "funds_exceeded",
            _("Các cơ sở được ghi tổng %(parts)s, vượt kinh phí khuyến công của đề án là %(whole)s.")
            % {"parts": money(parts), "whole": money(project.extension_funds or 0)},
            field="extension_funds",
        )


def _legal(project: Project, to: ProjectState) -> None:
    if to in PROJECT_TRANSITIONS[ProjectState(project.state)]:
        return
    raise Refusal(
        "illegal_transition",
        _("Đề án đang “%(state)s” nên không chuyển sang “%(to)s” được.")
        % {"state": project.get_state_display().lower(), "to": ProjectState(to).label.lower()},
    )


def _in_order(project: Project, on: dt.date) -> None:
    if project.phase_since and on < project.phase_since:
        raise Refusal(
            "before_phase",
            _("Đề án ở giai đoạn hiện nay từ %(day)s nên ngày chuyển không được trước ngày ấy.")
            % {"day": day(project.phase_since)},
            field="on",
        )


def _ready(project: Project, to: ProjectState, reason: str) -> None:
    if to in WITH_REASON and not reason:
        raise Refusal("reason_missing", WITH_REASON[to], field="reason")
    found = missing(project, to)
    if found:
        raise Refusal(
            "not_ready", _("Chưa chuyển được trạng thái đề án: %(first)s") % {"first": found[0]}, details=found
        )


def missing(project: Project, to: ProjectState) -> tuple[str, ...]:
    """What the project still lacks for a state, all of it. A group project may name its beneficiaries later."""
    named = project.beneficiaries.exists()
    found = []
    if to == ProjectState.APPROVED and project.extension_funds is None:
        found.append(_("Chưa ghi kinh phí khuyến công được duyệt."))
    if to == ProjectState.APPROVED and project.kind != ProjectKind.GROUP and not named:
        found.append(_("Chưa ghi đối tượng thụ hưởng."))
    if to == ProjectState.RUNNING and not project.implementing_unit_id:
        found.append(_("Chưa ghi đơn vị thực hiện."))
    if to == ProjectState.ACCEPTED and not named:
        found.append(_("Chưa ghi đối tượng thụ hưởng."))
    if to == ProjectState.SETTLED and project.disbursed is None:
        found.append(_("Chưa ghi số tiền đã giải ngân."))
    return (*found, *guards.missing(project, to))


def _not_by_estimate(project: Project, changed: set[str]) -> None:
    """Sums that the approved estimate and the payments say are not typed by hand as well."""
    typed = changed & BY_ESTIMATE
    if typed and project.estimates.filter(state=EstimateState.APPROVED).exists():
        raise Refusal(
            "by_estimate",
            _("Đề án có dự toán được duyệt nên số tiền lấy từ dự toán và phiếu chi. Hãy sửa ở trang Dự toán."),
            field=min(typed),
        )


def _keeps_its_place(project: Project, changed: set[str]) -> None:
    """Norms were applied and money was asked for by the province and the source of that time."""
    decided = project.estimates.filter(state__in=[EstimateState.APPROVED, EstimateState.REPLACED])
    moved = changed & {"territory", "funding"}
    if moved and (decided.exists() or project.payments.exists()):
        raise Refusal(
            "keeps_its_place",
            _("Đề án đã có dự toán được duyệt hoặc khoản chi nên giữ tỉnh và nguồn kinh phí khi thực hiện."),
            field=min(moved),
        )


def _in_its_time(project: Project) -> None:
    """The province is the one of that time: it had not yet gone into another before the project's year."""
    unit = register().units.get(project.territory_id)
    years = range(project.year, (project.year_to or project.year) + 1)
    if unit is None or any(unit.holds_in(year) for year in years):
        return
    ended = unit.until is not None and unit.until.year < project.year
    sentence = _("Năm %(year)d không có đơn vị %(then)s. Hãy chọn %(now)s.")
    if not ended:
        sentence = _("Năm %(year)d chưa có đơn vị %(then)s như hiện nay. Hãy chọn %(now)s.")
    raise Refusal(
        "province_ended",
        sentence % {"year": project.year, "then": unit.name, "now": _those_of(unit.pk, years)},
        field="territory",
    )


def _those_of(unit_id: int, years: range) -> str:
    """The units of the same land in those years, as the choices name them. One query."""
    units = register().units
    then = [pk for pk in family_ids(unit_id) if any(units[pk].holds_in(year) for year in years)]
    return _(" hoặc ").join(str(one) for one in Territory.objects.filter(pk__in=then).order_by("name"))


def _take_workflow(project: Project, on: dt.date | None) -> None:
    if on is not None and project.funding != Funding.UNKNOWN:
        project.workflow = workflow_for(funding=project.funding, territory_id=project.territory_id, on=on)


def _change_workflow(project: Project, on: dt.date | None) -> None:
    before = project.workflow_id
    _take_workflow(project, on)
    if before and project.workflow_id != before and project.steps_done.exists():
        raise Refusal(
            "steps_begun",
            _(
                "Đề án đã ghi bước theo trình tự cũ nên không đổi nguồn kinh phí hoặc tỉnh được. Hãy bỏ các bước đã ghi trước."
            ),
            field="funding",
        )


def _audit(actor: Any, action: str, sentence: str, project: Project, **more: Any) -> None:
    record(actor=actor, action=action, sentence=sentence, subject=project, territory=project.territory, **more)
