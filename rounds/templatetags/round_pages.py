"""`{% round_tabs round "board" %}`: the row of a round's pages at the desk."""

from typing import Any

from django import template

from ..models import Round
from ..round_nav import tabs

register = template.Library()


@register.inclusion_tag("admin/rounds/_round_nav.html", takes_context=True)
def round_tabs(context: Any, round_: Round, current: str) -> dict[str, Any]:
    """The pages of the round that this person may open; `current` names the open one."""
    return {"tabs": tabs(context["request"].user, round_, current)}
