"""Calls for needs: opened, changed, published. Checked, locked, audited. Refuse with "not_allowed", "invalid", "has_needs"."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit.services import record
from portal.text.errors import Refusal

from ..models import Call, NormItem
from ..needs import rules as need_rules
from .checks import checked


@transaction.atomic
def save_call(*, call: Call, actor: Any, items: Iterable[NormItem] | None = None) -> Call:
    """Add or change a call; who may is judged by the province it has and the one it had. `items` replaces its items."""
    known = Call.objects.select_for_update(of=("self",)).filter(pk=call.pk).first()
    for one in (call, known or call):
        need_rules.require_keep(actor, one.territory_id)
    if known and known.territory_id != call.territory_id and call.needs.exists():
        raise Refusal(
            "has_needs", _("Đợt đã có nhu cầu đăng ký nên không chuyển sang tỉnh khác được."), field="territory"
        )
    checked(call)
    call.save()
    if items is not None:
        call.items.set(items)
    sentence = _("Ghi đợt đăng ký nhu cầu “%(title)s”, nhận từ %(first)s đến hết %(last)s.") % {
        "title": call.title,
        "first": f"{call.opens_on:%d/%m/%Y}",
        "last": f"{call.closes_on:%d/%m/%Y}",
    }
    record(
        actor=actor,
        action="extension.call",
        sentence=sentence,
        subject=call,
        territory=call.territory,
        data={"is_public": call.is_public, "items": sorted(call.items.values_list("code", flat=True))},
    )
    return call
