"""The board of intake by commune, and the one-click request to a commune. Thin views."""

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.text.errors import Refusal
from portal.text.inputs import key_of, status_of

from . import intake_board, queries, rules
from .deadlines import Deadline
from .desk import context, posted_or_back, round_or_404, visible_dossiers
from .dossier_acts import usual_deadline
from .models import Round
from .services.asking_communes import ask_commune
from .services.reminding_communes import Reminded, remind_communes
from .states import CHECKING

# So many communes without an account are named in the answer.
NAMED = 5
ONLY = (
    ("", gettext_lazy("Mọi xã")),
    ("entered", gettext_lazy("Đã có hồ sơ")),
    ("lacking", gettext_lazy("Còn thiếu giấy tờ")),
    ("owes", gettext_lazy("Xã còn nợ giấy tờ")),
    ("silent", gettext_lazy("Chưa báo cáo")),
)


def show(request: HttpRequest, site: AdminSite, pk: int, *, status: int = 200) -> HttpResponse:
    """What came in from each commune. A fixed number of queries, however many dossiers and communes."""
    round_ = round_or_404(request, pk)
    words, only = request.GET.get("q", "")[:200], request.GET.get("xem", "")
    found = intake_board.board(round_, visible_dossiers(request, round_), on=timezone.localdate())
    until = round_.receiving_until
    page = context(
        site,
        request,
        Round,
        title=_("Tiếp nhận theo xã"),
        round=round_,
        intake=found,
        rows=intake_board.shown(found.rows, words=words, only=only),
        words=words,
        only=only,
        choices=ONLY,
        deadline=Deadline(timezone.localtime(until), timezone.localtime()) if until else None,
        may_ask=round_.state in CHECKING and rules.may_check(request.user, round_),
        may_enter=round_.state in CHECKING and rules.may_receive(request.user, round_),
        may_gather=rules.may_propose_sets(request.user, round_),
        may_remind=found.silent and round_.receiving_open(timezone.now()) and rules.may_check(request.user, round_),
        usual=usual_deadline(),
    )
    return render(request, "admin/rounds/intake_board.html", page, status=status)


@posted_or_back("admin:rounds_round_intake")
def ask(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    """POST of one commune: a request in each of its dossiers that lacks what the commune owes."""
    round_ = round_or_404(request, pk)
    commune = key_of(request.POST.get("commune", ""))
    if commune is None:
        messages.error(request, _("Không có xã này. Hãy tải lại trang."))
        return show(request, site, pk, status=400)
    dossiers = queries.desk_dossiers(request.user).filter(round=round_, product__facility__commune=commune)
    try:
        asked = ask_commune(
            round_=round_,
            dossiers=dossiers.prefetch_related("requests"),
            until=usual_deadline(),
            actor=request.user,
            now=timezone.now(),
        )
    except Refusal as refusal:
        messages.error(request, str(refusal.sentence))
        return show(request, site, pk, status=status_of(refusal))
    messages.success(request, _("Đã gửi xã yêu cầu bổ sung cho %(total)s hồ sơ.") % {"total": len(asked)})
    view = urlencode({name: request.POST[name] for name in ("q", "xem") if request.POST.get(name)})
    return redirect(reverse("admin:rounds_round_intake", args=[pk]) + (f"?{view}" if view else ""))


@posted_or_back("admin:rounds_round_intake")
def remind(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    """POST: one letter to the officers of every commune that has neither filed nor reported."""
    round_ = round_or_404(request, pk)
    try:
        done = remind_communes(round_=round_, actor=request.user, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal.sentence))
        return show(request, site, pk, status=status_of(refusal))
    (messages.success if done.told else messages.warning)(request, _reminded(done))
    return redirect(f"{reverse('admin:rounds_round_intake', args=[pk])}?xem=silent")


def _reminded(done: Reminded) -> str:
    said = (
        _("Đã nhắc %(silent)s xã chưa báo cáo, %(told)s người nhận.")
        if done.told
        else _("Không có ai để nhắc thêm hôm nay. Mỗi người nhận nhiều nhất một thư nhắc mỗi ngày.")
    ) % {"silent": done.silent - len(done.unreached), "told": done.told}
    if done.unreached:
        names = ", ".join(str(commune) for commune in done.unreached[:NAMED])
        more = len(done.unreached) - NAMED
        said += " " + _("Chưa có tài khoản cán bộ, hãy nhắc cách khác: %(names)s.") % {
            "names": names if more <= 0 else _("%(names)s và %(more)s xã nữa") % {"names": names, "more": more}
        }
    return said
