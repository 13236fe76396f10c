"""One dossier's sheets at the desk, more time for judges, a sheet opened again by the chair. Thin views, no points."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.models import User
from portal.text.inputs import OK, MomentField, ReasonForm, attempt, offer

from . import progress_queries, rules
from .deadlines_of import Deadlines
from .desk import context, require, visible_dossiers
from .enums import RoundState, ScoringPass, SheetState
from .models import DeadlineExtension, Dossier, Round, ScoreSheet
from .progress_desk import pass_of, round_in_scoring
from .reopen_requests import asked
from .services import declining, extensions, reopening
from .sheet_states import passes_of, sheet_states

SEALED = (SheetState.SUBMITTED, SheetState.CANNOT_ASSESS)


class ExtendForm(forms.Form):
    """Who gets more time, until when, and why."""

    judge = forms.ModelChoiceField(
        User.objects.none(),
        label=gettext_lazy("Gia hạn cho"),
        empty_label=gettext_lazy("Cả Ban Giám khảo"),
        required=False,
        error_messages={"invalid_choice": gettext_lazy("Người này không ở trong Ban Giám khảo của kỳ.")},
    )
    luot = forms.ChoiceField(label=gettext_lazy("Lượt chấm"), choices=ScoringPass.choices, widget=forms.RadioSelect)
    until = MomentField(
        label=gettext_lazy("Hạn mới"),
        help_text=gettext_lazy("Đến đúng giây này thì hết hạn, tính theo giờ của máy chủ."),
        error_messages={"required": gettext_lazy("Hãy ghi hạn mới.")},
    )
    reason = forms.CharField(
        label=gettext_lazy("Lý do"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": gettext_lazy("Hãy ghi lý do gia hạn.")},
    )

    def __init__(self, *args: Any, round_: Round, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "judge", User.objects.filter(pk__in=progress_queries.jury(round_)).order_by("full_name", "pk"))
        if len(passes_of(round_)) == 1:
            self.fields["luot"].widget = forms.HiddenInput()


def extend(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    """More time, for the whole jury or one judge; below, what was granted before."""
    round_ = round_in_scoring(request, pk)
    require(rules.may_extend, request, round_)
    if request.method != "POST":
        initial = {"luot": pass_of(request, round_), "judge": request.GET.get("giam-khao")}
        return _extend_page(request, site, round_, ExtendForm(round_=round_, initial=initial))
    form = ExtendForm(request.POST, round_=round_)

    def extend(form: ExtendForm) -> DeadlineExtension:
        facts = dict(form.cleaned_data)
        scoring_pass = facts.pop("luot")
        return extensions.extend(
            round_=round_, scoring_pass=scoring_pass, actor=request.user, now=timezone.now(), **facts
        )

    made, status = attempt(form, extend)
    if not made:
        return _extend_page(request, site, round_, form, status=status)
    whom = str(made.judge) if made.judge else _("cả Ban Giám khảo")
    messages.success(request, _("Đã gia hạn cho %(whom)s. Người liên quan đã được báo.") % {"whom": whom})
    return redirect(f"{reverse('admin:rounds_round_extend', args=[pk])}?luot={made.scoring_pass}")


def _extend_page(
    request: HttpRequest, site: AdminSite, round_: Round, form: ExtendForm, status: int = 200
) -> HttpResponse:
    page = context(
        site,
        request,
        Round,
        title=_("Gia hạn chấm"),
        round=round_,
        form=form,
        is_open=round_.state == RoundState.SCORING,
        deadlines=[(ScoringPass(one).label, Deadlines.of(round_, one).general) for one in passes_of(round_)],
        granted=round_.extensions.select_related("judge", "granted_by"),
        two_passes=round_.has_site_pass,
    )
    return render(request, "admin/rounds/extend.html", page, status=status)


@dataclass(frozen=True)
class SheetRow:
    """A judge's place on a dossier's page: the state, and the sheet when there is one."""

    judge: User
    state: str
    sheet: ScoreSheet | None
    may_reopen: bool


def dossier_sheets(request: HttpRequest, site: AdminSite, pk: int, dossier_pk: int) -> HttpResponse:
    """Every sheet of one dossier, by pass and judge, with what was kept of earlier editions."""
    round_ = round_in_scoring(request, pk)
    dossier = visible_dossiers(request, round_).select_related("product__facility").filter(pk=dossier_pk).first()
    if dossier is None:
        raise Http404
    may_reopen = round_.state == RoundState.SCORING and rules.may_reopen_sheets(request.user, round_)
    page = context(
        site,
        request,
        Round,
        title=_("Phiếu của hồ sơ %(code)s") % {"code": dossier.entry_code},
        round=round_,
        dossier=dossier,
        passes=_sheet_rows(request, round_, dossier, may_reopen=may_reopen),
        sees_dossier=Dossier.objects.visible_to(request.user).filter(pk=dossier.pk).exists(),
    )
    return render(request, "admin/rounds/progress_dossier.html", page)


def _sheet_rows(
    request: HttpRequest, round_: Round, dossier: Dossier, *, may_reopen: bool
) -> list[tuple[str, list[SheetRow]]]:
    states = sheet_states(round_).get(dossier.pk, {})
    sheets = {(one.scoring_pass, one.judge_id): one for one in progress_queries.sheets_of(dossier)}
    people = User.objects.in_bulk({judge for judges in states.values() for judge in judges})
    found = []
    for scoring_pass, judges in states.items():
        rows = [
            SheetRow(
                judge=people[judge],
                state=state,
                sheet=sheets.get((scoring_pass, judge)),
                may_reopen=may_reopen and state in SEALED and judge != request.user.pk,
            )
            for judge, state in judges.items()
        ]
        found.append((str(ScoringPass(scoring_pass).label), sorted(rows, key=lambda row: str(row.judge))))
    return found


def reopen(request: HttpRequest, site: AdminSite, pk: int, sheet_pk: int) -> HttpResponse:
    """A handed-in sheet that the chair may open again, or leave as it is although the judge asked."""
    round_ = round_in_scoring(request, pk)
    require(rules.may_reopen_sheets, request, round_)
    sheet = _sheets(request, round_).filter(pk=sheet_pk).first()
    if sheet is None:
        raise Http404
    if request.method != "POST":
        return _reopen_page(request, site, sheet, ReasonForm())
    form = ReasonForm(request.POST)
    declines = request.POST.get("do") == "decline"
    act = declining.decline if declines else reopening.reopen
    _made, status = attempt(
        form, lambda form: act(sheet=sheet, actor=request.user, now=timezone.now(), **form.cleaned_data)
    )
    if status != OK:
        return _reopen_page(request, site, sheet, form, status=status)
    facts = {"code": sheet.dossier.entry_code, "judge": sheet.judge}
    done = _("Phiếu hồ sơ %(code)s của %(judge)s giữ nguyên. Giám khảo đã được báo lý do.")
    if not declines:
        done = _("Đã mở lại phiếu hồ sơ %(code)s của %(judge)s. Bản đã nộp được giữ, giám khảo đã được báo.")
    messages.success(request, done % facts)
    return redirect("admin:rounds_round_progress_dossier", pk, sheet.dossier_id)


def _sheets(request: HttpRequest, round_: Round) -> "QuerySet[ScoreSheet]":
    """Sheets of dossiers that the person does not stand aside from, without their figures."""
    sheets = ScoreSheet.objects.filter(dossier__in=visible_dossiers(request, round_))
    related = sheets.select_related("dossier__product__facility", "dossier__round__territory", "judge")
    return related.defer("total", "remark")


def _reopen_page(
    request: HttpRequest, site: AdminSite, sheet: ScoreSheet, form: ReasonForm, status: int = 200
) -> HttpResponse:
    round_ = sheet.dossier.round
    page = context(
        site,
        request,
        Round,
        title=_("Mở lại phiếu đã nộp"),
        round=round_,
        sheet=sheet,
        form=form,
        request_of_judge=asked(Q(pk=sheet.pk)).first(),
        versions=sheet.versions.select_related("reopened_by").order_by("number"),
        is_sealed=sheet.state in SEALED and round_.state == RoundState.SCORING,
        is_own=sheet.judge_id == request.user.pk,
    )
    return render(request, "admin/rounds/reopen.html", page, status=status)


PATHS = (
    ("tien-do/gia-han/", extend, "extend"),
    ("tien-do/ho-so/<int:dossier_pk>/", dossier_sheets, "progress_dossier"),
    ("tien-do/phieu/<int:sheet_pk>/", reopen, "reopen_sheet"),
)
