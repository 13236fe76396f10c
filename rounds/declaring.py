"""The page on which a member signs the declaration of a round."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal.text.errors import Refusal

from .models import Round, Seat
from .services import declarations


def _round(user: Any, uuid: UUID) -> Round:
    seats = Seat.objects.filter(user=user, until__isnull=True)
    return get_object_or_404(Round.objects.select_related("territory"), uuid=uuid, pk__in=seats.values("round_id"))


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def declaration(request: HttpRequest, uuid: UUID) -> HttpResponse:
    round_ = _round(request.user, uuid)
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            declarations.sign(
                round_=round_,
                user=request.user,
                signed_name=request.POST.get("ho-ten", ""),
                employer=request.POST.get("noi-lam-viec", ""),
                now=timezone.now(),
            )
        except Refusal as found:
            refusal = found
        else:
            answer = HttpResponseRedirect(reverse("judge_home"))
            answer.status_code = 303
            return answer
    context = {"round": round_, "refusal": refusal, "statement": declarations.STATEMENT.splitlines(), "nav": "mine"}
    return render(request, "rounds/judge_declaration.html", context, status=422 if refusal else 200)
