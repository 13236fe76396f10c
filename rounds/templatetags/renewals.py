"""What of a renewed dossier differs from the one it was made from, for templates."""

from django import template

from ..renewal_changes import Changed, Comparison, PaperChange

register = template.Library()


@register.simple_tag
def change_of(comparison: Comparison | None, field: str) -> Changed | None:
    """How a field changed; None where it did not, or where there is nothing to compare with."""
    return comparison.by_field.get(field) if comparison else None


@register.simple_tag
def paper_change_of(comparison: Comparison | None, kind: str) -> PaperChange | None:
    """How the paper of a kind stands to the earlier dossier's."""
    return comparison.by_kind.get(kind) if comparison else None


@register.filter
def still_reads_as_before(comparison: Comparison | None, field: str) -> bool:
    """Whether a part of the statement was written before and has not been touched since."""
    return comparison is not None and field in comparison.unchanged_parts
