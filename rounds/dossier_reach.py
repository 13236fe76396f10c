"""Reaching a dossier at the desk."""

from django.http import Http404, HttpRequest

from . import queries
from .models import Dossier


def dossier_or_404(request: HttpRequest, pk: int) -> Dossier:
    """A dossier that the person may see, with all that its page shows. Eight queries."""
    rows = queries.desk_dossiers(request.user).select_related(
        "product__facility__commune",
        "gathered_into__product",
        "checked_by",
        "late_allowed_by",
        "filed_by",
        "renews",
        "copied_from__round__territory",
    )
    found = rows.prefetch_related("requests__requested_by", "gathered__product").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
