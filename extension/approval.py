"""What approval fixes of a project: from then on an agreed adjustment or a new approved estimate changes it, nobody's hand.

A project lives in the portal once it has a decided estimate, an adjustment or a payment. What was loaded from
published sources has none of these and stays editable.
"""

from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from portal.text.errors import Refusal
from portal.text.formats import money

from .enums import AdjustmentKind, EstimateState, ProjectKind, ProjectState, ProposalState
from .models import Adjustment, Beneficiary, Estimate, EstimateLine, Payment, Project

DECIDED = (EstimateState.APPROVED, EstimateState.REPLACED)
UNDER_WAY = (ProjectState.APPROVED, ProjectState.RUNNING, ProjectState.ACCEPTED, ProjectState.SETTLED)
FACTS = frozenset(
    {
        "extension_funds",
        "counterpart_funds",
        "other_funds",
        "year",
        "year_to",
        "ends_on",
        "implementing_unit",
        "territory",
        "funding",
        "kind",
        "head",
    }
)
# Each of these leads to lines that read otherwise.
LET_THROUGH = (AdjustmentKind.FUNDS, AdjustmentKind.CONTENT, AdjustmentKind.BENEFICIARY)


def is_fixed(project: Project) -> bool:
    """Whether the project was approved and lives in the portal. One query at most."""
    if project.pk is None or project.state not in UNDER_WAY:
        return False
    own = {"project": OuterRef("pk")}
    lives = (
        Exists(Estimate.objects.filter(**own, state__in=DECIDED))
        | Exists(Adjustment.objects.filter(**own))
        | Exists(Payment.objects.filter(**own))
    )
    return Project.objects.filter(lives, pk=project.pk).exists()


def refuse_by_hand(project: Project, changed: set[str]) -> None:
    """Raises Refusal("fixed_by_approval") when a fact among `changed` is one that approval fixed."""
    fixed = changed & FACTS
    if fixed and is_fixed(project):
        fact: Any = Project._meta.get_field(min(fixed))
        raise Refusal(
            "fixed_by_approval",
            _("Đề án đã được duyệt nên không sửa tay “%(fact)s”. Hãy đề nghị ở trang Điều chỉnh, ngừng.")
            % {"fact": fact.verbose_name},  # type: ignore[union-attr]
            field=fact.name,
        )


def refuse_other_beneficiary(project: Project, leaves: Beneficiary | None = None) -> None:
    """Raises Refusal("fixed_by_approval"): whom a single project supports, and whom approved lines name, is decided."""
    if not is_fixed(project):
        return
    named = leaves is not None and leaves.facility_id is not None and _approved_lines(project, leaves.facility_id)
    if named or project.kind == ProjectKind.SINGLE:
        raise Refusal(
            "fixed_by_approval",
            _("Đề án đã được duyệt nên không đổi đối tượng thụ hưởng bằng tay. Hãy đề nghị ở trang Điều chỉnh, ngừng."),
            field="facility",
        )


def _approved_lines(project: Project, facility_id: int) -> bool:
    lines = EstimateLine.objects.filter(project=project, facility=facility_id)
    return lines.filter(estimate__state=EstimateState.APPROVED).exists()


def waits_for_adjustment(project: Project) -> bool:
    """Whether the estimate in force stays until an adjustment is agreed to. Two queries at most."""
    approved = _in_force(project)
    return approved is not None and not _agreed_since(project, approved)


def refuse_new_edition(project: Project) -> None:
    """Raises Refusal("not_adjusted"): an estimate in force is replaced only after an adjustment was agreed to since."""
    if waits_for_adjustment(project):
        raise Refusal(
            "not_adjusted",
            _(
                "Đề án đang theo dự toán đã duyệt. Muốn lập bản mới, hãy đề nghị điều chỉnh kinh phí, nội dung hoặc đối"
                " tượng thụ hưởng ở trang Điều chỉnh, ngừng và chờ đồng ý."
            ),
        )


def refuse_above_agreed(project: Project, approved: int) -> None:
    """Raises Refusal("above_agreed") when a new edition would give more than the adjustment that lets it through."""
    before = _in_force(project)
    if before is None:
        return
    sums = [row.after.get("extension_funds") for row in _agreed_since(project, before)]
    most = next((sum_ for sum_ in sums if sum_ is not None), project.extension_funds or 0)
    if approved > most:
        raise Refusal(
            "above_agreed",
            _("Tổng được duyệt %(sum)s vượt kinh phí đã đồng ý điều chỉnh là %(most)s.")
            % {"sum": money(approved), "most": money(most)},
        )


def _in_force(project: Project) -> Estimate | None:
    if project.state not in UNDER_WAY:
        return None
    return project.estimates.filter(state=EstimateState.APPROVED).first()


def _agreed_since(project: Project, estimate: Estimate) -> list[Adjustment]:
    """Adjustments agreed to after the edition in force was approved, the latest first. One query."""
    agreed = project.adjustments.filter(state=ProposalState.APPROVED, kind__in=LET_THROUGH)
    return list(agreed.filter(decided_at__gt=estimate.decided_at).order_by("-decided_at", "-pk"))
