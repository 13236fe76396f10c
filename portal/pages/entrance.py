"""Which door a person takes: the desk, the judges' pages, or the public front."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from portal.accounts.queries import staff_reach
from rounds.enums import Body
from rounds.models import Seat


def bodies_of(user: Any) -> frozenset[str]:
    """The bodies in which the person holds a seat now. One query, kept on the user object."""
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return frozenset()
    found: frozenset[str] | None = getattr(user, "_bodies", None)
    if found is None:
        found = frozenset(Seat.objects.filter(user=user, until__isnull=True).values_list("body", flat=True))
        user._bodies = found
    return found


def works_at_desk(user: Any) -> bool:
    """Anyone with a role today, and whoever sits in a council or support team. A judge only judges."""
    return bool(staff_reach(user).roles) or bool(bodies_of(user) - {Body.JURY})


def judges(user: Any) -> bool:
    return Body.JURY in bodies_of(user)


@login_required
def after_login(request: HttpRequest) -> HttpResponse:
    """Send a person to where the work is; who only judges goes to the score sheets."""
    if works_at_desk(request.user):
        return redirect("admin:index")
    return redirect("judge_home" if judges(request.user) else "home")
