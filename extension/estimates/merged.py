"""What the portal does about support when two entries of a facility become one, or two again: it takes turns with whoever
works on what names them, and looks again for expenses supported twice.
"""

from collections.abc import Iterable
from typing import Any

from django.db import OperationalError
from django.db.models import Model, Q
from django.utils.translation import gettext as _

from facilities.merging import facilities_joined, facilities_joining
from portal.text.errors import Refusal

from ..models import Need, Participation, Project
from ..services import duplicates


def connect() -> None:
    facilities_joining.connect(_take_turns, dispatch_uid="work-on-joining-facilities")
    facilities_joined.connect(_look_again, dispatch_uid="duplicates-of-joined-facilities")


def _take_turns(facility_ids: Iterable[int], *, waits: bool, **_kwargs: Any) -> None:
    """Hold needs, projects and places at fairs that name the facilities, in the order in which every service does.

    Raises Refusal("busy") when one may not be waited for any more.
    """
    ids = list(facility_ids)
    of_project = (
        Q(beneficiaries__facility__in=ids)
        | Q(estimate_lines__facility__in=ids)
        | Q(fairs__participations__facility__in=ids)
    )
    _held(Need, Q(facility__in=ids), waits=waits)
    _held(Project, of_project, waits=waits)
    _held(Participation, Q(facility__in=ids), waits=waits)


def _held(model: type[Model], named: Q, *, waits: bool) -> None:
    rows = model._default_manager
    keys = set(rows.filter(named).values_list("pk", flat=True))
    held = rows.select_for_update(of=("self",), nowait=not waits).filter(pk__in=keys).order_by("pk")
    try:
        list(held)
    except OperationalError as error:
        if waits:
            raise
        raise Refusal("busy", _("Đang có người ghi vào đề án của cơ sở này. Hãy thử lại sau ít phút.")) from error


def _look_again(facility_ids: Iterable[int], **_kwargs: Any) -> None:
    duplicates.look_again(facility_ids)
