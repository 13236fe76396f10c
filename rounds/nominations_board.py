"""Who has reported to a round: sent, nothing, not yet; what could have come and did not, and why. Thin views."""

import tempfile
from typing import IO, Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from portal.audit.services import record_access
from portal.territory.models import Territory
from portal.text.clock import today
from portal.text.errors import Refusal
from portal.text.filters import search_words
from portal.text.folding import fold
from portal.text.inputs import OK, attempt, offer, status_of
from portal.text.sheets import write_xlsx
from products.enums import Level

from . import nomination_queries as queries
from . import rules
from .deadlines import Deadline
from .desk import context, posted_or_back, require, round_or_404
from .enums import RoundState
from .models import NominationQuota, Round
from .nominating import CHAIN
from .nomination_queries import Board, Reported
from .services.nominations_told import Nudged, nudge_senders
from .services.quotas import set_quota
from .states import BEFORE_SCORING

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NAMED = 5
ONLY = (
    ("", gettext_lazy("Mọi đơn vị")),
    ("cho", gettext_lazy("Chờ nhận")),
    ("da-gui", gettext_lazy("Đã báo cáo")),
    ("khong", gettext_lazy("Không đề cử")),
    ("chua", gettext_lazy("Chưa báo cáo, có sản phẩm đủ điều kiện")),
    ("tra-lai", gettext_lazy("Trả lại")),
)


def MAY_SEE(user: Any, round_: Round) -> bool:  # noqa: N802  # a test, named as the other pages of a round name theirs
    return Level(round_.level) in CHAIN and round_.state != RoundState.DRAFT and rules.may_receive(user, round_)


class QuotaForm(forms.Form):
    """How many a unit may send; without a number its row ends."""

    territory = forms.ModelChoiceField(
        Territory.objects.none(),
        label=gettext_lazy("Đơn vị"),
        required=False,
        empty_label=gettext_lazy("Mọi đơn vị chưa ghi riêng"),
    )
    maximum = forms.IntegerField(
        label=gettext_lazy("Số lượng tối đa"),
        required=False,
        min_value=0,
        help_text=gettext_lazy("Bỏ trống để bỏ giới hạn."),
    )
    basis = forms.CharField(label=gettext_lazy("Căn cứ"), required=False, max_length=200)

    def __init__(self, *args: Any, round_: Round, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if queries.sends_from_communes(round_):
            del self.fields["territory"]
            return
        units = Territory.objects.filter(valid_to=None)
        offer(self, "territory", units.filter(region=round_.region) if round_.region else units)


def _round_or_404(request: HttpRequest, pk: int) -> Round:
    round_ = round_or_404(request, pk)
    if Level(round_.level) not in CHAIN:
        raise Http404
    require(rules.may_receive, request, round_)
    return round_


def show(
    request: HttpRequest, site: AdminSite, pk: int, *, form: QuotaForm | None = None, status: int = 200
) -> HttpResponse:
    """Every unit and how it stands. A fixed number of queries, however many units and products."""
    round_ = _round_or_404(request, pk)
    words, only = request.GET.get("q", "")[:100], request.GET.get("xem", "")
    found = queries.board(round_, on=today())
    until = round_.receiving_until
    page = context(
        site,
        request,
        Round,
        title=_("Đề cử"),
        round=round_,
        board=found,
        rows=_shown(found, words, only),
        words=words,
        only=only,
        choices=ONLY,
        by_commune=queries.sends_from_communes(round_),
        deadline=Deadline(timezone.localtime(until), timezone.localtime()) if until else None,
        may_nudge=bool(found.expected) and round_.receiving_open(timezone.now()),
        form=form or QuotaForm(round_=round_),
        may_set=round_.state in BEFORE_SCORING and rules.may_manage(request.user, round_),
        quotas=NominationQuota.objects.filter(round=round_).select_related("territory"),
    )
    return render(request, "admin/rounds/nominations_board.html", page, status=status)


def _shown(found: Board, words: str, only: str) -> list[Reported]:
    wanted = search_words(words)
    tests = {
        "cho": lambda row: row.is_sent and row.row.state == "sent",
        "da-gui": lambda row: row.is_sent,
        "khong": lambda row: row.has_nothing,
        "chua": lambda row: row.is_silent and bool(row.eligible),
        "tra-lai": lambda row: row.is_returned,
    }
    passes = tests.get(only, lambda _row: True)
    return [row for row in found.rows if passes(row) and all(word in fold(row.name) for word in wanted)]


@posted_or_back("admin:rounds_round_nominations")
def nudge(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    """POST: one letter to everyone who writes the lists of units that owe one."""
    round_ = _round_or_404(request, pk)
    try:
        done = nudge_senders(round_=round_, actor=request.user, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal.sentence))
        return show(request, site, pk, status=status_of(refusal))
    (messages.success if done.told else messages.warning)(request, _nudged(done))
    return redirect("admin:rounds_round_nominations", pk)


def _nudged(done: Nudged) -> str:
    said = (
        _("Đã nhắc %(silent)s đơn vị chưa báo cáo, %(told)s người nhận.")
        if done.told
        else _("Không có ai để nhắc thêm hôm nay. Mỗi người nhận nhiều nhất một thư nhắc mỗi ngày.")
    ) % {"silent": done.silent - len(done.unreached), "told": done.told}
    if done.unreached:
        names = ", ".join(done.unreached[:NAMED])
        more = len(done.unreached) - NAMED
        said += " " + _("Chưa có tài khoản, hãy nhắc cách khác: %(names)s.") % {
            "names": names if more <= 0 else _("%(names)s và %(more)s đơn vị nữa") % {"names": names, "more": more}
        }
    return said


@posted_or_back("admin:rounds_round_nominations")
def quota(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    """POST of one number: how many a unit, or each unit, may send."""
    round_ = _round_or_404(request, pk)
    form = QuotaForm(request.POST, round_=round_)
    _made, status = attempt(
        form,
        lambda form: set_quota(**{"territory": None, **form.cleaned_data}, round_=round_, actor=request.user),
    )
    if status != OK:
        return show(request, site, pk, form=form, status=status)
    messages.success(request, _("Đã ghi số lượng được đề cử."))
    return redirect("admin:rounds_round_nominations", pk)


@require_GET
def export(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponseBase:
    """The whole board as a workbook: a row per unit, then a row per product that did not enter. Taking it is an act."""
    round_ = _round_or_404(request, pk)
    found = queries.board(round_, on=today())
    file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=1024 * 1024)  # noqa: SIM115  # the response closes it
    write_xlsx(
        file,
        title=_("Đề cử"),
        headings=[
            _("Đơn vị"), _("Tình trạng"), _("Đủ điều kiện"), _("Đề cử"), _("Số lượng tối đa"), _("Gửi lúc"),
            _("Người gửi"), _("Nhận lúc"), _("Không tham gia, lý do"),
        ],
        rows=[_line(row) for row in found.rows],
        about=[round_.title, _("%(sent)s trong %(all)s đơn vị đã báo cáo; đề cử %(chosen)s trong %(eligible)s sản phẩm.")
               % {"sent": found.sent, "all": len(found.rows), "chosen": found.chosen, "eligible": found.eligible}],
        widths=[24, 24, 12, 10, 14, 18, 28, 18, 80],
    )  # fmt: skip
    record_access(
        request,
        action="nominations.taken_out",
        sentence=_("Xuất bảng đề cử của %(round)s.") % {"round": round_.title},
        subject=round_,
        territory=round_.territory,
    )
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"de-cu-{round_.slug}.xlsx", content_type=XLSX)


def _line(row: Reported) -> list[Any]:
    sheet = row.row
    left = "; ".join(f"{name}: {why}{f' ({reason})' if reason else ''}" for why, name, reason in row.left_out)
    nothing = sheet.nothing_reason if sheet is not None and row.has_nothing else ""
    return [
        row.name,
        state_words(row),
        row.total,
        row.chosen,
        row.quota if row.quota is not None else "",
        sheet.sent_at if sheet is not None else "",
        str(sheet.sent_by or "") if sheet is not None else "",
        sheet.received_at or "" if sheet is not None else "",
        ". ".join(part for part in (nothing, left) if part),
    ]


def state_words(row: Reported) -> str:
    """How a unit stands, in two or three words."""
    if row.row is None or (row.is_returned and row.drafting):
        return _("đang lập") if row.drafting else _("chưa báo cáo")
    if row.is_returned:
        return _("đã trả lại")
    if row.has_nothing:
        return _("không đề cử")
    return str(row.row.get_state_display()).lower()


PATHS = (
    ("de-cu/", show, "nominations"),
    ("de-cu/nhac/", nudge, "nominations_nudge"),
    ("de-cu/so-luong/", quota, "nominations_quota"),
    ("de-cu/xuat/", export, "nominations_export"),
)
