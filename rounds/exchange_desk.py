"""Exchange with other deployments at the desk: packages in and out, differences side by side, partners. Thin views."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.audit.services import record_access
from portal.text import workers
from portal.text.errors import Refusal
from portal.text.inputs import ReasonForm, apply_refusal, attempt, status_of
from portal.text.slugs import slugify

from . import exchange_rules as rules
from .desk import context, log_of
from .enums import PackageKind, PackageState, PeerRole
from .exchange import keys
from .exchange_forms import AddressForm, ConflictForm, OwnCardForm, PackForm, PeerForm, UploadForm
from .models import ExchangePackage, NominationList, Peer
from .services import exchange, exchange_client
from .standing import stands_aside_from_list

PER_PAGE = 50
OK = 200
NOT_HANDED_OVER = gettext_lazy(
    "Gói đã đóng, đã ký và còn ở đây, nhưng chưa giao được việc gửi cho máy chủ. Chưa gửi gì. Hãy bấm gửi lại sau ít phút."
)
OPEN = (PackageState.PREPARED, PackageState.CONFLICT)
SUBJECTS = {
    "list": gettext_lazy("Danh sách"),
    "facility": gettext_lazy("Cơ sở"),
    "product": gettext_lazy("Sản phẩm"),
    "recognition": gettext_lazy("Công nhận"),
}
POINTS = {
    "name": gettext_lazy("tên"),
    "tax_code": gettext_lazy("mã số thuế"),
    "merged": gettext_lazy("đã gộp ở đây"),
    "territory": gettext_lazy("tỉnh vào ngày đó"),
    "facility": gettext_lazy("cơ sở làm ra"),
    "group": gettext_lazy("nhóm sản phẩm"),
    "members": gettext_lazy("đơn hay bộ, thành phần"),
    "code": gettext_lazy("mã giấy chứng nhận"),
    "expires_on": gettext_lazy("có hiệu lực đến hết"),
    "ended": gettext_lazy("thu hồi, xin rút"),
}


def urls(site: AdminSite) -> list[URLPattern]:
    """Addresses below the desk's own."""

    def guarded(view: Callable[..., HttpResponseBase], rule: Callable[[Any], bool] = rules.opens) -> Any:
        def inner(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
            if not rule(request.user):
                words = rules.NOT_FOR_YOU if rule is rules.opens else rules.NOT_YOUR_PEER
                raise PermissionDenied(str(words))
            return view(request, site, **kwargs)

        return site.admin_view(inner)

    return [
        path("trao-doi/", guarded(home), name="exchange"),
        path("trao-doi/<int:pk>/", guarded(one), name="exchange_package"),
        path("trao-doi/<int:pk>/tep/", guarded(file), name="exchange_file"),
        path("trao-doi/cong/", guarded(peers, rules.may_keep_peers), name="exchange_peers"),
        path("trao-doi/cong/<int:pk>/", guarded(peer, rules.may_keep_peers), name="exchange_peer"),
    ]


# --- packages -------------------------------------------------------------------------------------


def home(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Packages in and out, what can be sent, where a file is put in. Nine queries, however many packages."""
    may_act = rules.acts(request.user)
    pack_form, status = _pack_form(request), 200
    upload_form = UploadForm() if may_act else None
    if request.method == "POST":
        act = request.POST.get("act", "")
        if act == "upload" and may_act:
            sent = upload_form = UploadForm(request.POST, request.FILES)
            made, status = attempt(sent, lambda sent: _upload(request, sent))
        elif act in {"pack", "send"} and pack_form is not None:
            made, status = attempt(pack_form, lambda form: _pack(request, form, by_api=act == "send"))
        else:
            return redirect("admin:exchange")
        if made:
            return redirect("admin:exchange_package", made.pk)
    rows = rules.packages_of(request.user).annotate(waiting=Count("conflicts", filter=Q(conflicts__choice="")))
    page = context(
        site,
        request,
        ExchangePackage,
        title=_("Trao đổi với cổng khác"),
        page=Paginator(rows.order_by("-pk"), PER_PAGE).get_page(request.GET.get("page")),
        pack_form=pack_form,
        upload_form=upload_form,
        has_key=keys.own_key() is not None,
        has_peers=Peer.objects.filter(retired_at=None).exists(),
        may_keep_peers=rules.may_keep_peers(request.user),
    )
    return render(request, "admin/rounds/exchange.html", page, status=status)


def _pack_form(request: HttpRequest) -> PackForm | None:
    """What the person may send to a partner; none where there is no such list or no such partner."""
    mine = rules.packable(NominationList.objects.visible_to(request.user)).select_related("territory", "commune")
    sendable = [row.pk for row in mine if rules.may_send(request.user, row)]
    centres = Peer.objects.filter(role=PeerRole.CENTRE, retired_at=None)
    if not sendable or not centres.exists():
        return None
    data = request.POST if request.POST.get("act") in {"pack", "send"} else None
    return PackForm(data, rows=mine.filter(pk__in=sendable), peers=centres)


def _upload(request: HttpRequest, form: UploadForm) -> ExchangePackage:
    taken = exchange.take_in(source=form.cleaned_data["file"], actor=request.user, now=timezone.now())
    messages.success(request, taken.sentence)
    return taken.package


def _pack(request: HttpRequest, form: PackForm, *, by_api: bool) -> ExchangePackage:
    facts = form.cleaned_data
    made = exchange.pack(
        nomination_list=facts["row"], peer=facts["peer"], actor=request.user, now=timezone.now(), by_api=by_api
    )
    messages.success(request, _("Đã đóng gói và ký."))
    if by_api:
        _send_now(request, made)
    return made


def _send_now(request: HttpRequest, package: ExchangePackage) -> None:
    """Over the network: by a worker where there is one, else here and now. What fails is said and tried again."""
    if not settings.CELERY_TASK_ALWAYS_EAGER:
        from .tasks import send_package

        if workers.hand_over(send_package, package.pk):
            messages.info(request, _("Đang gửi qua mạng. Tải lại trang để xem đã đến chưa."))
        else:
            messages.warning(request, NOT_HANDED_OVER)
        return
    try:
        exchange_client.deliver(package=package, actor=request.user, now=timezone.now())
        messages.success(request, _("Bên kia đã nhận gói."))
    except (Refusal, exchange_client.Unreachable) as error:
        messages.error(request, str(error))


def _package_or_404(request: HttpRequest, pk: int) -> ExchangePackage:
    found = rules.packages_of(request.user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def one(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    """One package: what it is about, what differs, what can be done with it."""
    package = _package_or_404(request, pk)
    act = request.POST.get("act", "") if request.method == "POST" else ""
    offered = _acts(request, package)
    back, settling, status = ReasonForm(), _conflict_forms(request, package, act), 200
    if act:
        if act not in offered:
            messages.error(request, _("Việc này không làm được vào lúc này. Hãy xem lại trạng thái của gói."))
            return redirect("admin:exchange_package", pk)
        if act == "send_back":
            back = ReasonForm(request.POST)
            made, status = attempt(back, lambda form: _send_back(request, package, form))
            if made:
                return redirect("admin:exchange_package", made.pk)
        elif act == "settle":
            status = _settle(request, settling)
        else:
            _do(request, package, act)
        if status == OK:
            return redirect("admin:exchange_package", pk)
    page = context(
        site,
        request,
        ExchangePackage,
        title=package.get_kind_display(),
        package=package,
        about=exchange.about(package),
        findings=[row for row in package.findings if row.get("code") != "about"],
        settling=settling,
        waiting=sum(not form.conflict.choice for form in settling),
        back=back,
        acts=offered,
        fingerprint=keys.fingerprint(package.peer.public_key),
        records=log_of(package),
        is_open=package.state in OPEN,
    )
    return render(request, "admin/rounds/exchange_package.html", page, status=status)


def _acts(request: HttpRequest, package: ExchangePackage) -> set[str]:
    """What this person may do with the package now."""
    row = package.nomination_list
    if package.state not in OPEN or not _handles(request, package, row):
        return set()
    if package.incoming:
        found = {"apply", "compare"} | ({"settle"} if package.state in OPEN else set())
        return found | {"send_back"} if package.kind == PackageKind.NOMINATION else found
    return {"handed"} | ({"send"} if package.peer.address and not package.peer.retired_at else set())


def _handles(request: HttpRequest, package: ExchangePackage, row: NominationList | None) -> bool:
    """A list's sender handles what goes out to the centre and what comes from it; the agency what a province sent."""
    return rules.may_handle(request.user, package.peer, row)


def _conflict_forms(request: HttpRequest, package: ExchangePackage, act: str) -> list[ConflictForm]:
    data = request.POST if act == "settle" else None
    rows = package.conflicts.select_related("settled_by")
    found = [ConflictForm(data, conflict=row) for row in rows]
    names = exchange.about(package).get("names", {})
    for form in found:
        form.of = names.get(str(form.conflict.subject_uuid), "")  # type: ignore[attr-defined]
        form.subject = SUBJECTS.get(form.conflict.subject, form.conflict.subject)  # type: ignore[attr-defined]
        form.point = POINTS.get(form.conflict.field, form.conflict.field)  # type: ignore[attr-defined]
    return found


def _settle(request: HttpRequest, settling: list[ConflictForm]) -> int:
    """Write what was chosen; rows left alone stay as they are. Nothing is written when one is faulty."""
    changed = [form for form in settling if form.has_changed()]
    if not all(form.is_valid() for form in changed):
        return 400
    try:
        with transaction.atomic():
            for form in changed:
                exchange.settle(conflict=form.conflict, actor=request.user, now=timezone.now(), **form.cleaned_data)
    except Refusal as refusal:
        apply_refusal(form, refusal)
        return status_of(refusal)
    if changed:
        messages.success(request, _("Đã ghi cách xử lý."))
    return 200


def _send_back(request: HttpRequest, package: ExchangePackage, form: ReasonForm) -> ExchangePackage:
    made = exchange.send_back(
        package=package, reason=form.cleaned_data["reason"], actor=request.user, now=timezone.now()
    )
    messages.success(request, _("Đã trả lại. Gói trả lời này chờ gửi về bên gửi."))
    return made


def _do(request: HttpRequest, package: ExchangePackage, act: str) -> None:
    now = timezone.now()
    try:
        if act == "apply":
            exchange.apply(package=package, actor=request.user, now=now)
            messages.success(request, _("Đã ghi vào sổ."))
        elif act == "compare":
            waiting = exchange.compare(package=package)
            messages.info(request, _("Đã so lại với sổ: %(total)s điểm chờ xử lý.") % {"total": waiting})
        elif act == "handed":
            exchange.mark_sent(package=package, actor=request.user, now=now, by_api=False)
            messages.success(request, _("Đã ghi là đã trao tệp."))
        else:
            _send_now(request, package)
    except Refusal as refusal:
        for sentence in (refusal.sentence, *refusal.details):
            messages.error(request, str(sentence))


def file(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponseBase:
    """The package itself, to hand over; who took it is written down."""
    package = _package_or_404(request, pk)
    if not package.file:
        raise Http404
    if package.nomination_list and stands_aside_from_list(request.user, package.nomination_list):
        raise PermissionDenied(
            _("Gói có giấy tờ của hồ sơ mà bạn đứng ngoài vì xung đột lợi ích. Hãy nhờ người khác tải gói.")
        )
    record_access(
        request,
        action="exchange.read",
        sentence=_("Tải gói “%(kind)s” của %(peer)s.")
        % {"kind": package.get_kind_display(), "peer": package.peer.name},
        subject=package,
        territory=package.peer.territory,
        once_a_day=True,
    )
    unit = package.nomination_list.territory if package.nomination_list else package.peer.territory
    name = slugify(f"{package.kind} {unit.name if unit else ''} {package.digest[:8]}")
    return FileResponse(
        package.file.open("rb"), as_attachment=True, filename=f"goi-{name}.zip", content_type="application/zip"
    )


# --- partners -------------------------------------------------------------------------------------


def peers(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Partners, this deployment's own card, and the form that adds one. Six queries."""
    form, status = PeerForm(request.POST or None), 200
    if request.method == "POST":
        made, status = attempt(form, lambda form: _add(request, form))
        if made:
            return redirect("admin:exchange_peers")
    rows = Peer.objects.select_related("territory", "added_by").annotate(total=Count("packages"))
    own = keys.own_key()
    own_form = OwnCardForm(request.GET if "vai" in request.GET else None)
    page = context(
        site,
        request,
        Peer,
        title=_("Cổng trao đổi"),
        rows=rows.order_by("retired_at", "name"),
        form=form,
        own_form=own_form,
        own_card=_own_card(own, own_form).as_text() if own else "",
        fingerprint=keys.fingerprint(own.public) if own else "",
        told=_told(form),
    )
    return render(request, "admin/rounds/exchange_peers.html", page, status=status)


def _own_card(own: keys.OwnKey, form: OwnCardForm) -> exchange.Card:
    said: dict[str, Any] = form.cleaned_data if form.is_bound and form.is_valid() else {}
    role = said.get("vai") or PeerRole.CENTRE
    unit = said.get("tinh")
    return exchange.Card(
        name=said.get("ten") or settings.SITE_URL.split("://", 1)[-1],
        role=role,
        public_key=own.public,
        territory=unit.slug if unit and role == PeerRole.PROVINCE else "",
        region=said.get("khu_vuc", "") if role == PeerRole.CENTRE else "",
        address=settings.SITE_URL if exchange.is_safe_address(settings.SITE_URL) else "",
    )


def _told(form: PeerForm) -> dict[str, str]:
    """What the pasted card says, with the digits to listen for, shown before anything is written."""
    text = form.data.get("card", "") if form.is_bound else ""
    try:
        card = exchange.read_card(text) if text else None
    except Refusal:
        return {}
    return {"name": card.name, "role": str(PeerRole(card.role).label), "address": card.address} if card else {}


def _add(request: HttpRequest, form: PeerForm) -> Peer:
    made = exchange.add_peer(actor=request.user, now=timezone.now(), **form.cleaned_data)
    messages.success(request, _("Đã thêm %(name)s.") % {"name": made.name})
    return made


def peer(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    """One partner: its key, its address, and the end of it."""
    row = Peer.objects.select_related("territory", "added_by").filter(pk=pk).first()
    if row is None:
        raise Http404
    act, status = request.POST.get("act", ""), 200
    moving = AddressForm(request.POST if act == "move" else None, initial={"address": row.address})
    ending = ReasonForm(request.POST if act == "retire" else None)
    now = timezone.now()
    if act == "move":
        _made, status = attempt(
            moving, lambda form: exchange.move_peer(peer=row, actor=request.user, **form.cleaned_data)
        )
    elif act == "retire":
        _made, status = attempt(
            ending, lambda form: exchange.retire_peer(peer=row, actor=request.user, now=now, **form.cleaned_data)
        )
    if request.method == "POST" and status == OK:
        return redirect("admin:exchange_peer", pk)
    page = context(
        site,
        request,
        Peer,
        title=row.name,
        peer=row,
        moving=moving,
        ending=ending,
        fingerprint=keys.fingerprint(row.public_key),
        records=log_of(row),
    )
    return render(request, "admin/rounds/exchange_peer.html", page, status=status)


def waiting_of(user: Any) -> "QuerySet[ExchangePackage]":
    """Packages that wait for a person like this one: to be settled or written."""
    if not rules.opens(user):
        return ExchangePackage.objects.none()
    return rules.packages_of(user).filter(incoming=True, state__in=OPEN)
