"""Who may write what of fairs: the extension officer enters, the facility reports its own figures and opens them."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from facilities.models import Representative
from portal.text.errors import Refusal

from ..models import Participation
from ..rules import may_edit

ONLY_EXTENSION_OFFICER = _("Chỉ cán bộ khuyến công của tỉnh được ghi hội chợ và điểm bán. Bạn xem được trang này.")
ONLY_THE_FACILITY = _("Chỉ người đại diện của cơ sở, hoặc cán bộ khuyến công của tỉnh, được khai số liệu tại hội chợ.")
ONLY_ITS_OWN_CONSENT = _("Chỉ người đại diện của cơ sở được đồng ý công khai số liệu của cơ sở.")


def require_keeper(user: Any, territory_id: int | None) -> None:
    """Raises Refusal("not_allowed")."""
    if not may_edit(user, territory_id):
        raise Refusal("not_allowed", ONLY_EXTENSION_OFFICER)


def speaks_for(user: Any, facility_id: int) -> bool:
    """Whether the person is an approved representative of the facility. One query."""
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return False
    return Representative.objects.approved().filter(user=user, facility=facility_id).exists()


def require_report(user: Any, participation: Participation) -> None:
    """Raises Refusal("not_allowed")."""
    if not may_edit(user, participation.fair.territory_id) and not speaks_for(user, participation.facility_id):
        raise Refusal("not_allowed", ONLY_THE_FACILITY)


def require_consent(user: Any, participation: Participation) -> None:
    """Raises Refusal("not_allowed"). Nobody consents in a facility's stead."""
    if not speaks_for(user, participation.facility_id):
        raise Refusal("not_allowed", ONLY_ITS_OWN_CONSENT)
