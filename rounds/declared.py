"""Whether a person has signed the declaration of a round. The one definition, for queries and for locks."""

from typing import Any

from django.db.models import Exists

from .models import Declaration


def has_declared(user: Any, round_ref: Any) -> Exists:
    """Whether a declaration of the person is in force in that round. Both may be `OuterRef`s."""
    return Exists(Declaration.objects.filter(round=round_ref, user=user, replaced_at__isnull=True))
