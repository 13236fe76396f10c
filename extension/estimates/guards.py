"""What an estimate keeps a project from."""

from django.utils.translation import gettext as _

from ..enums import EstimateState
from ..models import Project


def to_be_approved(project: Project) -> list[str]:
    """A project whose expenses were typed is approved with them. One query."""
    states = list(project.estimates.values_list("state", flat=True))
    if not states or EstimateState.APPROVED in states:
        return []
    return [_("Dự toán của đề án chưa được duyệt. Hãy trình và duyệt ở trang Dự toán.")]
