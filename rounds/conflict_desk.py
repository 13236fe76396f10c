"""Declarations and conflicts of interest of a round at the desk: who has signed, what was found, what stands.

Whoever stands aside from a dossier does not see its rows, nor settles them; names of relatives appear nowhere,
because they are never asked for. What a person declared is read by those who settle conflicts only.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from facilities.models import Representative
from portal.audit.services import record, record_access
from portal.notices.services import plan
from portal.text.errors import Refusal
from portal.text.inputs import ReasonForm, apply_refusal, status_of
from portal.text.sheets import write_xlsx

from . import rules
from .desk import context, posted_or_back, round_or_404, visible_dossiers
from .enums import Body, ConflictOrigin, SheetState
from .models import Conflict, Declaration, Dossier, Round, ScoreSheet, Seat
from .notices import DECLARATION_DUE
from .services import conflicts
from .services.detection import detect
from .states import BEFORE_SEAL

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAY_SEE = rules.Rule(
    lambda user, round_: rules.may_run_scoring(user, round_) or rules.may_settle_conflicts(user, round_),
    gettext_lazy("Trang này dành cho đơn vị tổ chức, chủ tịch, thư ký hội đồng và trưởng Ban Giám khảo."),
)
Bound = tuple[int, str, forms.Form]


class ConflictReason(ReasonForm):
    """Why a conflict ends."""

    reason = forms.CharField(
        label=gettext_lazy("Lý do"),
        max_length=conflicts.REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={
            "required": gettext_lazy("Việc này cần lý do. Hãy ghi lý do."),
            "max_length": gettext_lazy("Lý do dài quá 300 ký tự. Hãy viết ngắn hơn."),
        },
    )


@dataclass(frozen=True)
class Member:
    """A seated person and the declaration in force, if any."""

    user: Any
    roles: tuple[str, ...]
    is_judge: bool
    declaration: Declaration | None


@dataclass(frozen=True)
class Line:
    """One conflict as the page shows it."""

    conflict: Conflict
    voided: int
    counted: int
    may_settle: bool
    act: str
    form: forms.Form

    @property
    def declared(self) -> str:
        return self.conflict.evidence.partition("\n")[0]

    @property
    def registered(self) -> str:
        return self.conflict.evidence.partition("\n")[2]


def _round(request: HttpRequest, pk: int) -> Round:
    round_ = round_or_404(request, pk)
    if not MAY_SEE(request.user, round_):
        raise PermissionDenied(str(MAY_SEE.sentence))
    return round_


def members(round_: Round) -> list[Member]:
    """Everybody seated, those who have not signed first. Four queries."""
    signed = {
        one.user_id: one
        for one in Declaration.objects.filter(round=round_, replaced_at__isnull=True).prefetch_related(
            "interests__facility"
        )
    }
    seats: dict[int, list[Seat]] = {}
    for seat in Seat.objects.filter(round=round_, until__isnull=True).select_related("user").order_by("body", "pk"):
        seats.setdefault(seat.user_id, []).append(seat)
    found = [
        Member(
            user=own[0].user,
            roles=tuple(seat.get_role_display() for seat in own),
            is_judge=any(seat.body == Body.JURY for seat in own),
            declaration=signed.get(pk),
        )
        for pk, own in seats.items()
    ]
    return sorted(found, key=lambda one: (one.declaration is not None, not one.is_judge))


def rows_for(request: HttpRequest, round_: Round) -> QuerySet[Conflict]:
    """Conflicts of the dossiers from which the reader does not stand aside."""
    seen = visible_dossiers(request, round_).filter(pk=OuterRef("dossier"))
    sheets = ScoreSheet.objects.filter(dossier=OuterRef("dossier"), judge=OuterRef("user")).order_by()
    voided = sheets.filter(state=SheetState.VOIDED).values("judge").annotate(total=Count("*")).values("total")
    live = sheets.exclude(state=SheetState.VOIDED).values("judge").annotate(total=Count("*")).values("total")
    rows = Conflict.objects.filter(Exists(seen), dossier__round=round_).annotate(voided=voided, counted=live)
    people = ("user", "confirmed_by", "withdrawn_by")
    return rows.select_related("dossier__product__facility", *people).order_by("dossier__entry_code", "pk")


def show(
    request: HttpRequest, site: AdminSite, pk: int, *, bound: Bound | None = None, status: int = 200
) -> HttpResponse:
    """Who has signed, what was found and waits for a word, what stands, what was. Fourteen queries at most."""
    round_ = _round(request, pk)
    settles = rules.may_settle_conflicts(request.user, round_)
    lines = [_line(request, row, settles, bound) for row in rows_for(request, round_)]
    people = members(round_)
    page = context(
        site,
        request,
        Round,
        title=_("Cam kết, xung đột lợi ích, %(round)s") % {"round": round_.title},
        round=round_,
        members=people,
        unsigned=[one for one in people if one.declaration is None],
        waiting=[line for line in lines if _waits(line.conflict)],
        standing=[line for line in lines if line.conflict.withdrawn_at is None and not _waits(line.conflict)],
        ended=[line for line in lines if line.conflict.withdrawn_at],
        speakers=_speakers(request, round_),
        short=_short(request, round_),
        settles=settles,
        is_over=round_.state in conflicts.OVER,
        bound_to=bound[0] if bound else None,
    )
    return render(request, "admin/rounds/conflicts.html", page, status=status)


def _waits(conflict: Conflict) -> bool:
    found = conflict.origin == ConflictOrigin.DETECTED
    return found and conflict.withdrawn_at is None and conflict.confirmed_at is None


def _line(request: HttpRequest, row: Any, settles: bool, bound: Bound | None) -> Line:
    act = "dismiss" if row.origin == ConflictOrigin.DETECTED else "withdraw"
    is_bound = bound is not None and bound[0] == row.pk
    form = bound[2] if bound is not None and is_bound else ConflictReason(prefix=f"c{row.pk}", auto_id="id_%s")
    return Line(
        conflict=row,
        voided=row.voided or 0,
        counted=row.counted or 0,
        may_settle=settles and row.user_id != request.user.pk and row.withdrawn_at is None,
        act=act,
        form=form,
    )


def _speakers(request: HttpRequest, round_: Round) -> list[tuple[Any, str]]:
    """Seated people who speak for a facility that has entered, and the facility. One query."""
    seated = Seat.objects.filter(round=round_, until__isnull=True).values("user")
    seen = visible_dossiers(request, round_)
    found = Representative.objects.approved().filter(user__in=seated, facility__products__dossiers__in=seen)
    rows = found.select_related("user", "facility").distinct()
    return [(row.user, str(row.facility)) for row in rows.order_by("user__full_name", "pk")]


def _short(request: HttpRequest, round_: Round) -> list[tuple[Dossier, int]]:
    """Dossiers that can no longer reach the quorum, with the sheets still possible."""
    if round_.state not in BEFORE_SEAL:
        return []
    few = {pk: count for pk, count in conflicts.possible_sheets(round_).items() if count < round_.quorum}
    rows = visible_dossiers(request, round_).filter(pk__in=few).order_by("entry_code")
    return [(dossier, few[dossier.pk]) for dossier in rows.only("pk", "entry_code")]


def settle(request: HttpRequest, site: AdminSite, pk: int, conflict_pk: int) -> HttpResponse:
    """POST of one word on one conflict: real, a false alarm, taken back."""
    round_ = _round(request, pk)
    if request.method != "POST":
        return redirect("admin:rounds_round_conflicts", pk)
    row = rows_for(request, round_).filter(pk=conflict_pk).first()
    if row is None:
        raise Http404
    act, now = request.POST.get("act", ""), timezone.now()
    form = ConflictReason(request.POST, prefix=f"c{row.pk}")
    try:
        if act == "confirm":
            conflicts.confirm(conflict=row, actor=request.user, now=now)
            messages.success(request, _("Đã xác nhận. Hồ sơ đóng với người này cho đến hết kỳ."))
        elif act in {"dismiss", "withdraw"}:
            if not form.is_valid():
                return show(request, site, pk, bound=(row.pk, act, form), status=400)
            end = conflicts.dismiss if act == "dismiss" else conflicts.withdraw
            end(conflict=row, reason=form.cleaned_data["reason"], actor=request.user, now=now)
            messages.success(request, _("Đã ghi. Hồ sơ mở lại với người này; phiếu đã bỏ được khôi phục như trước."))
        else:
            messages.error(request, _("Không có việc này. Hãy tải lại trang."))
    except Refusal as refusal:
        if not refusal.field:
            messages.error(request, str(refusal.sentence))
        apply_refusal(form, refusal)
        return show(request, site, pk, bound=(row.pk, act, form), status=status_of(refusal))
    return redirect("admin:rounds_round_conflicts", pk)


@posted_or_back("admin:rounds_round_conflicts")
def remind(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    """A notice to everybody who has not signed; at most one a day for each."""
    round_ = _round(request, pk)
    people = [one.user for one in members(round_) if one.declaration is None]
    told = plan(
        kind=DECLARATION_DUE.code,
        subject=round_,
        due_on=timezone.localdate(),
        title=_("Ký bản cam kết của kỳ bình chọn"),
        body=_("%(round)s: hồ sơ mở ra sau khi bạn ký bản cam kết.") % {"round": round_.title},
        users=people,
        territory=round_.territory,
    )
    if told:
        record(
            actor=request.user,
            action="declaration.remind",
            sentence=_("Nhắc %(total)d người ký bản cam kết.") % {"total": told},
            subject=round_,
            territory=round_.territory,
        )
        words = ngettext("Đã nhắc %(total)d người.", "Đã nhắc %(total)d người.", told)
        messages.success(request, words % {"total": told})
    else:
        messages.info(request, _("Hôm nay đã nhắc rồi, hoặc mọi người đã ký."))
    return redirect("admin:rounds_round_conflicts", pk)


@posted_or_back("admin:rounds_round_conflicts")
def check_again(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    """Hold every declaration against every facility once more."""
    round_ = _round(request, pk)
    found = detect(round_, now=timezone.now())
    if found:
        words = ngettext("Thấy thêm %(total)d chỗ trùng.", "Thấy thêm %(total)d chỗ trùng.", len(found))
        messages.warning(request, words % {"total": len(found)})
    else:
        messages.success(request, _("Đã đối chiếu lại. Không có chỗ trùng mới."))
    return redirect("admin:rounds_round_conflicts", pk)


def export(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponseBase:
    """The conflicts as a workbook, with a line in the audit. Reasons only for those who settle them."""
    round_ = _round(request, pk)
    settles = rules.may_settle_conflicts(request.user, round_)
    file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115, the response closes it
    write_xlsx(
        file,
        title=_("Xung đột lợi ích"),
        headings=[
            _("Mã hồ sơ"), _("Sản phẩm"), _("Cơ sở"), _("Người"), _("Nguồn"), _("Lý do"), _("Ghi lúc"),
            _("Xác nhận bởi"), _("Gỡ bởi"), _("Gỡ lúc"), _("Lý do gỡ"), _("Phiếu không tính"),
        ],
        rows=_cells(rows_for(request, round_), settles),
        about=[round_.title],
        widths=[10, 36, 36, 26, 24, 40, 18, 26, 26, 18, 40, 12],
    )  # fmt: skip
    record_access(
        request,
        action="conflict.export",
        sentence=_("Xuất danh sách xung đột lợi ích của %(round)s.") % {"round": round_.title},
        subject=round_,
        territory=round_.territory,
    )
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename="xung-dot-loi-ich.xlsx", content_type=XLSX)


def _cells(rows: QuerySet[Conflict], settles: bool) -> Iterator[tuple[Any, ...]]:
    for row in rows:
        yield (
            row.dossier.entry_code,
            row.dossier.product.name,
            str(row.dossier.product.facility or ""),
            str(row.user),
            row.get_origin_display(),
            row.reason if settles else "",
            timezone.localtime(row.declared_at).replace(tzinfo=None),
            str(row.confirmed_by or ""),
            str(row.withdrawn_by or ""),
            timezone.localtime(row.withdrawn_at).replace(tzinfo=None) if row.withdrawn_at else None,
            row.withdrawn_reason if settles else "",
            getattr(row, "voided", 0) or 0,
        )


PATHS = (
    ("xung-dot/", show, "conflicts"),
    ("xung-dot/nhac/", remind, "conflicts_remind"),
    ("xung-dot/doi-chieu/", check_again, "conflicts_check"),
    ("xung-dot/xuat/", export, "conflicts_export"),
    ("xung-dot/<int:conflict_pk>/", settle, "conflict"),
)
