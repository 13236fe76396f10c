from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from facilities.representing import speaks_for_any
from portal.notices.queries import unread_count
from portal.text.clock import today
from portal.text.display import chosen, display

from . import entrance


def site(request: HttpRequest) -> dict[str, object]:
    """What every page knows of the portal."""
    # Error pages may be drawn before anyone was recognised.
    user = getattr(request, "user", None)
    return {
        "DEMO": settings.DEMO,
        "display": display(chosen(request)),
        "desk_open": SimpleLazyObject(lambda: entrance.works_at_desk(user)),
        "judge_open": SimpleLazyObject(lambda: entrance.judges(user)),
        "facility_open": SimpleLazyObject(lambda: speaks_for_any(user)),
        "commune_open": SimpleLazyObject(lambda: entrance.works_for_commune(user)),
        "unread_notices": SimpleLazyObject(lambda: unread_count(user, on=today())),
    }
