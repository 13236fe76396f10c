"""Specimens of a round at the desk: received, still here, given back; receipts and the list as a file. Thin views."""

import tempfile
from typing import IO, Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.db.models import Q, QuerySet, Sum
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET

from portal.audit.services import record_access
from portal.text.clock import today
from portal.text.filters import search_words
from portal.text.inputs import OK, attempt, key_of
from portal.text.sheets import write_xlsx

from . import rules
from .desk import context, posted_or_back, round_for, round_or_404, visible_dossiers
from .enums import RoundState
from .models import Dossier, Round, Sample
from .official import pdf
from .official.facts.samples import receipts
from .official.facts.words import clean
from .printing import pdf_response
from .services import samples

HERE, RETURNED, EVERY = "con-giu", "da-tra", "tat-ca"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class EntryField(forms.ModelChoiceField):
    """Dossiers by their entry code and product."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.entry_code}, {obj.product.name}"


class SampleForm(forms.Form):
    """A specimen as it comes in."""

    dossier = EntryField(
        Dossier.objects.none(),
        label=gettext_lazy("Hồ sơ"),
        empty_label=gettext_lazy("Chọn hồ sơ"),
        error_messages={
            "required": gettext_lazy("Hãy chọn hồ sơ."),
            "invalid_choice": gettext_lazy("Không có hồ sơ này trong kỳ. Hãy chọn lại."),
        },
    )
    description = forms.CharField(
        label=gettext_lazy("Mẫu là gì"),
        max_length=200,
        help_text=gettext_lazy("Ví dụ: hộp chè 200 g, còn nguyên tem."),
        error_messages={"required": gettext_lazy("Hãy ghi mẫu là gì.")},
    )
    quantity = forms.IntegerField(
        label=gettext_lazy("Số lượng"),
        min_value=1,
        max_value=samples.MOST,
        initial=1,
        error_messages={
            "required": gettext_lazy("Hãy ghi số lượng."),
            "min_value": gettext_lazy("Số lượng mẫu từ 1 đến 10.000."),
            "max_value": gettext_lazy("Số lượng mẫu từ 1 đến 10.000."),
        },
    )
    condition = forms.CharField(label=gettext_lazy("Tình trạng khi nhận"), max_length=200, required=False)
    received_from = forms.CharField(label=gettext_lazy("Người giao"), max_length=120, required=False)
    to_be_returned = forms.BooleanField(label=gettext_lazy("Trả lại sau khi chấm"), required=False, initial=True)

    def __init__(self, *args: Any, dossiers: "QuerySet[Dossier]", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["dossier"].queryset = dossiers  # type: ignore[attr-defined]


class ReturnForm(forms.Form):
    """Specimens as they go back."""

    returned_to = forms.CharField(
        label=gettext_lazy("Người nhận lại"),
        max_length=120,
        error_messages={"required": gettext_lazy("Hãy ghi người nhận lại mẫu.")},
    )
    note = forms.CharField(label=gettext_lazy("Ghi chú khi trả"), max_length=200, required=False)


def show(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    """The specimens of the round: those still here first."""
    return _page(request, site, round_or_404(request, pk))


def _page(
    request: HttpRequest,
    site: AdminSite,
    round_: Round,
    *,
    form: ReturnForm | None = None,
    ticked: frozenset[int] = frozenset(),
    status: int = 200,
) -> HttpResponse:
    everything = samples_of(request, round_)
    only = request.GET.get("xem", "")
    words = request.GET.get("q", "")[:200]
    only = only if only in (HERE, RETURNED) else EVERY
    page = context(
        site,
        request,
        Round,
        title=_("Mẫu sản phẩm"),
        round=round_,
        samples=list(_searched(_narrowed(everything, only), words)),
        only=only,
        words=words,
        choices=[(EVERY, _("Tất cả")), (HERE, _("Còn phải trả")), (RETURNED, _("Đã trả"))],
        totals={
            "received": everything.aggregate(n=Sum("quantity"))["n"] or 0,
            "here": still_here(everything).aggregate(n=Sum("quantity"))["n"] or 0,
            "kinds": everything.count(),
        },
        form=form or ReturnForm(),
        ticked=ticked,
        may_act=rules.may_check(request.user, round_),
        may_receive=rules.may_check(request.user, round_) and round_.state in samples.RECEIVING_STATES,
        is_overdue=round_.state in (RoundState.CLOSED, RoundState.CANCELLED),
    )
    return render(request, "admin/rounds/samples.html", page, status=status)


def samples_of(request: HttpRequest, round_: Round) -> "QuerySet[Sample]":
    """What the person may see of them. One query."""
    found = Sample.objects.filter(dossier__in=visible_dossiers(request, round_))
    return found.select_related("dossier__product__facility", "received_by", "returned_by").order_by(
        "dossier__entry_code", "pk"
    )


def still_here(rows: "QuerySet[Sample]") -> "QuerySet[Sample]":
    """Specimens that are to go back and have not."""
    return rows.filter(to_be_returned=True, returned_at__isnull=True)


def _narrowed(rows: "QuerySet[Sample]", only: str) -> "QuerySet[Sample]":
    if only == HERE:
        return still_here(rows)
    return rows.filter(returned_at__isnull=False) if only == RETURNED else rows


def _searched(rows: "QuerySet[Sample]", words: str) -> "QuerySet[Sample]":
    for word in search_words(words):
        rows = rows.filter(Q(dossier__product__folded__contains=word) | Q(dossier__entry_code__icontains=word))
    return rows


def receive(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    """The form of a specimen that comes in."""
    round_ = _round_of_checker(request, pk)
    dossiers = visible_dossiers(request, round_).exclude(state__in=samples.NOT_ENTERED)
    offered = dossiers.select_related("product").order_by("entry_code", "pk")
    initial = {"dossier": key_of(request.GET.get("ho-so", ""))}
    form = SampleForm(request.POST if request.method == "POST" else None, dossiers=offered, initial=initial)
    status = OK
    if request.method == "POST":
        made, status = attempt(
            form, lambda form: samples.receive(actor=request.user, now=timezone.now(), **form.cleaned_data)
        )
        if made:
            messages.success(request, _("Đã nhận mẫu của hồ sơ %(code)s.") % {"code": made.dossier.entry_code})
            return redirect("admin:rounds_round_samples", pk)
    page = context(
        site,
        request,
        Round,
        title=_("Nhận mẫu"),
        round=round_,
        form=form,
        is_open=round_.state in samples.RECEIVING_STATES,
    )
    return render(request, "admin/rounds/sample_new.html", page, status=status)


def _round_of_checker(request: HttpRequest, pk: int) -> Round:
    return round_for(request, pk, rules.may_check)


@posted_or_back("admin:rounds_round_samples")
def give_back(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    """POST: the ticked specimens go back to their makers."""
    round_ = _round_of_checker(request, pk)
    form = ReturnForm(request.POST)
    ticked = frozenset(filter(None, map(key_of, request.POST.getlist("samples"))))
    chosen = list(samples_of(request, round_).filter(pk__in=ticked))
    done, status = attempt(
        form,
        lambda form: samples.give_back(samples=chosen, actor=request.user, now=timezone.now(), **form.cleaned_data),
    )
    if status != OK:
        return _page(request, site, round_, form=form, ticked=ticked, status=status)
    said = ngettext("Đã trả %(n)d mẫu.", "Đã trả %(n)d mẫu.", len(done)) % {"n": len(done)}
    messages.success(request, said)
    return redirect("admin:rounds_round_samples", pk)


@require_GET
def receipt(request: HttpRequest, site: AdminSite, pk: int, dossier_pk: int) -> HttpResponse:
    """The hand-over paper of one dossier's specimens, to be signed by both sides."""
    round_ = _round_of_checker(request, pk)
    rows = list(samples_of(request, round_).filter(dossier=dossier_pk).select_related("dossier__round__territory"))
    if not rows:
        raise Http404
    dossier = rows[0].dossier
    data = pdf.render("sample_receipt", clean({"copies": receipts(rows, today())}))
    _taken_out(request, round_, _("In biên bản giao nhận mẫu hồ sơ %(code)s.") % {"code": dossier.entry_code})
    return pdf_response(data, f"giao-nhan-mau-{dossier.entry_code}")


@require_GET
def export(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponseBase:
    """The list as a workbook, with a line in the audit."""
    round_ = _round_of_checker(request, pk)
    file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115, the response closes it
    write_xlsx(
        file,
        title=_("Mẫu sản phẩm"),
        headings=[
            _("Mã hồ sơ"), _("Sản phẩm"), _("Cơ sở"), _("Mẫu"), _("Số lượng"), _("Tình trạng khi nhận"), _("Nhận lúc"),
            _("Người giao"), _("Người nhận"), _("Phải trả lại"), _("Trả lúc"), _("Người nhận lại"), _("Ghi chú khi trả"),
        ],
        rows=(_line(sample) for sample in samples_of(request, round_)),
        about=[round_.title],
        widths=[10, 36, 36, 30, 10, 24, 18, 22, 22, 12, 18, 22, 24],
    )  # fmt: skip
    _taken_out(request, round_, _("Xuất danh sách mẫu của %(round)s.") % {"round": round_.title})
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename="mau-san-pham.xlsx", content_type=XLSX)


def _line(sample: Sample) -> list[Any]:
    facility = sample.dossier.product.facility
    return [
        sample.dossier.entry_code,
        sample.dossier.product.name,
        facility.name if facility else "",
        sample.description,
        sample.quantity,
        sample.condition,
        sample.received_at,
        sample.received_from,
        str(sample.received_by),
        _("có") if sample.to_be_returned else _("không"),
        sample.returned_at or "",
        sample.returned_to,
        sample.return_note,
    ]


def _taken_out(request: HttpRequest, round_: Round, sentence: str) -> None:
    record_access(request, action="samples.taken_out", sentence=sentence, subject=round_, territory=round_.territory)


PATHS = (
    ("mau-san-pham/", show, "samples"),
    ("mau-san-pham/nhan/", receive, "sample_new"),
    ("mau-san-pham/tra/", give_back, "samples_return"),
    ("mau-san-pham/xuat/", export, "samples_export"),
    ("mau-san-pham/bien-ban/<int:dossier_pk>/", receipt, "samples_receipt"),
)
