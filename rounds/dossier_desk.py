"""Acts on a dossier and its files, as they come in from its page. Thin views; the page itself is in `dossier_page`."""

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.audit.models import AuditEntry
from portal.files.responses import serve
from portal.text.errors import Refusal
from portal.text.formats import day
from portal.text.inputs import apply_refusal, key_of, status_of

from .desk import posted_or_back
from .dossier_acts import ACTS, Act, Call, open_requests
from .dossier_files import again
from .dossier_page import Bound, offer, show, theirs
from .dossier_reach import dossier_or_404
from .downloads import record_download
from .models import Dossier
from .rules import Rule
from .services.shared import lock_dossier, moved_on

# The act's own service asks who may; the tag is looked at before.
ANYONE = Rule(lambda _user, _round: True, "")
# Fields whose browser input is beside the form: their errors are said above it.
UNSEEN = ("documents",)
# Acts that are one button without a form around errors.
BUTTONS = ("received", "reuse")


@posted_or_back("admin:rounds_dossier_change")
def act(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    """POST of one act; refused, the page comes back with the reasons and everything typed."""
    dossier = dossier_or_404(request, pk)
    name = request.POST.get("act", "")
    if name not in ACTS:
        messages.error(request, _("Không có việc này. Hãy chọn lại một việc trên trang."))
        return show(request, site, dossier, status=400)
    chosen = ACTS[name]
    target = (key_of(request.POST.get("target", "")) or 0) if chosen.of_row else 0
    prefix = f"{name}-{target}" if target else name
    form = chosen.form(request.POST, request.FILES, prefix=prefix, initial=chosen.initial(dossier), dossier=dossier)
    if not form.is_valid():
        return _back(request, site, dossier, Bound(name, form, target), status=400)
    try:
        with transaction.atomic():
            _refuse_old_page(request, dossier, chosen)
            chosen.run(Call(request.user, dossier, form, target, timezone.now()))
    except Refusal as refusal:
        apply_refusal(form, refusal)
        fresh = dossier_or_404(request, pk)
        beside = theirs(_over(fresh, chosen, form)) if refusal.code == "moved_on" else ()
        return _back(request, site, fresh, Bound(name, form, target, beside), status=status_of(refusal))
    return _done(request, dossier, chosen)


def _over(dossier: Dossier, chosen: Act, form: forms.Form) -> forms.Form:
    """What was typed, held against what stands in the dossier now."""
    form.initial = chosen.initial(dossier)
    return form


def _refuse_old_page(request: HttpRequest, dossier: Dossier, chosen: Act) -> None:
    """The version tag, under the lock: someone wrote since this page was read."""
    seen = request.POST.get("revision", "")
    if chosen.tag is None or not seen:
        return
    locked = lock_dossier(dossier, actor=request.user, rule=ANYONE)
    if seen == chosen.tag_now(dossier):
        return
    if (since := key_of(seen)) is not None:
        raise moved_on(locked, since=since)
    raise _register_moved_on(dossier, chosen)


def _register_moved_on(dossier: Dossier, chosen: Act) -> Refusal:
    """The facility or product was written on another page: by whom and when, from the audit."""
    thing = dossier.product.facility if chosen is ACTS["facility"] else dossier.product
    about = AuditEntry.objects.filter(subject_type=thing._meta.label_lower, subject_id=str(thing.pk))  # type: ignore[union-attr]
    last = about.order_by("-pk").first()
    if last is None:
        return Refusal("moved_on", _("Thông tin này vừa được sửa ở nơi khác. Hãy xem lại rồi lưu lần nữa."))
    at = timezone.localtime(last.at)
    said = {"who": last.actor_label, "time": f"{at:%H:%M}", "day": day(at.date()), "act": last.sentence}
    return Refusal(
        "moved_on",
        _("%(who)s đã sửa lúc %(time)s ngày %(day)s: %(act)s Hãy xem điều đã đổi rồi lưu lần nữa.") % said,
    )


def _back(request: HttpRequest, site: AdminSite, dossier: Dossier, bound: Bound, *, status: int) -> HttpResponse:
    """The page with the form as typed. What nobody would see there is said above the page."""
    stands = _stands(request, dossier, bound)
    for field, sentences in bound.form.errors.items():
        if not stands or field in UNSEEN:
            for sentence in dict.fromkeys(sentences):
                messages.error(request, str(sentence))
    if words := again(bound.form):
        messages.warning(request, words)
    return show(request, site, dossier, bound=bound, status=status)


def _stands(request: HttpRequest, dossier: Dossier, bound: Bound) -> bool:
    """Whether the act's form is on the page now, with room for its errors."""
    if offer(request, dossier, bound.name, None, bound.target) is None:
        return False
    if bound.name == "needs_fix":
        return any(document.pk == bound.target for document in dossier.documents.all())
    if bound.name == "withdraw_request":
        return any(asked.pk == bound.target for asked in open_requests(dossier))
    return bound.name not in BUTTONS


def _done(request: HttpRequest, dossier: Dossier, chosen: Act) -> HttpResponse:
    dossier.refresh_from_db(fields=["entry_code"])
    messages.success(request, str(chosen.done) % {"code": dossier.entry_code})
    return redirect("admin:rounds_dossier_change", dossier.pk)


def document_file(request: HttpRequest, pk: int, document_pk: int) -> HttpResponseBase:
    """One paper of a dossier the person may see; pictures also smaller, with `?rong=`."""
    dossier = dossier_or_404(request, pk)
    document = dossier.documents.select_related("file").filter(pk=document_pk, file__isnull=False).first()
    if document is None or document.file is None:
        raise Http404
    record_download(request, dossier, document)
    name = f"ho-so-{dossier.entry_code or dossier.pk}-{document.kind}"
    return serve(document.file, filename=name, inline=True, request=request)
