"""The person's notices, how to hear of them, and the one click that stops letters."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.text.clock import today

from . import choices as acts
from . import kinds, letters, queries
from .forms import ChoicesForm
from .models import Notice

PER_PAGE = 20


@never_cache
@require_safe
@login_required
def inbox(request: HttpRequest) -> HttpResponse:
    """Everything told to the person, unread first."""
    page = Paginator(queries.inbox(request.user, on=today()), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "notices/inbox.html", {"page": page})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def choices(request: HttpRequest) -> HttpResponse:
    """How to hear of each kind; legal ones are named and locked."""
    user: Any = request.user
    found = queries.choices_of(user, on=today())
    form = ChoicesForm(request.POST if request.method == "POST" else None, choices=found, has_email=bool(user.email))
    if request.method == "POST" and form.is_valid():
        acts.choose(user=user, channels=form.cleaned_data, now=timezone.now())
        messages.success(request, _("Đã lưu cách nhận thông báo."))
        return redirect("notices_choices")
    context = {"form": form, "locked": [choice for choice in found if choice.locked]}
    return render(request, "notices/choices.html", context, status=400 if form.errors else 200)


@require_POST
@login_required
def read_all(request: HttpRequest) -> HttpResponse:
    total = acts.mark_read(user=request.user, now=timezone.now())  # type: ignore[arg-type]
    if total:
        said = ngettext(
            "Đã đánh dấu %(total)d thông báo là đã đọc.", "Đã đánh dấu %(total)d thông báo là đã đọc.", total
        )
        messages.success(request, said % {"total": total})
    return redirect("notices")


@require_POST
@login_required
def read(request: HttpRequest, uuid: Any) -> HttpResponse:
    """Mark one as read and, when asked to open it, go to what it is about, if the person still reaches it."""
    user: Any = request.user
    notice = get_object_or_404(queries.inbox(user, on=today()), uuid=uuid)
    acts.mark_read(user=user, now=timezone.now(), notice=notice)
    if "open" not in request.POST:
        return redirect("notices")
    link = kinds.get(notice.kind).link
    address = link(user, notice.subject_id) if link else ""
    if not address:
        messages.warning(request, _("Việc này không còn mở được bằng tài khoản của bạn."))
    return redirect(address or "notices")


@never_cache
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """The way out named in a letter's headers: opened it asks once, posted it is done, by a mail program too (RFC 8058).

    The signed address is the right to do it: no login, no form token, and nothing said about whose letter it was.
    """
    uuid = letters.read_token(token)
    notice = Notice.objects.select_related("user").filter(uuid=uuid).first() if uuid else None
    if notice is None or kinds.get(notice.kind).legal:
        raise Http404
    done = request.method == "POST"
    if done:
        acts.stop(notice=notice, now=timezone.now())
    return render(request, "notices/stop.html", {"kind": kinds.get(notice.kind), "done": done})
