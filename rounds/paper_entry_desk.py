"""The secretary enters a judge's paper sheet: choose, type, add the scan; what is wrong is said at its box."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core import signing
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.models import User
from portal.files.models import StoredFile
from portal.files.services import store
from portal.text.errors import Refusal
from portal.text.inputs import OK, attempt, key_of

from . import progress_queries, score_input
from .desk import SCAN, context, visible_dossiers
from .enums import RoundState, ScoringPass, SheetState
from .judge_queries import outline_for
from .models import Dossier, Round, ScoreSheet
from .outline import Node, Outline
from .paper_desk import round_of_secretary
from .progress_desk import pass_of
from .services import paper_sheets
from .services.score_values import KEEP, Value, accept
from .sheet_states import NOT_OPENED, passes_of, sheet_states

KEPT_SCAN = "rounds.paper.scan"
KEPT_FOR = 24 * 3600
# States in which a paper sheet may still be entered.
ENTERABLE = (NOT_OPENED, SheetState.DRAFT)


class PaperForm(forms.Form):
    """What goes with the points of a paper sheet."""

    nhan_xet = forms.CharField(
        label=gettext_lazy("Nhận xét chung"), required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 3})
    )
    scan = forms.FileField(
        label=gettext_lazy("Bản chụp phiếu giấy"),
        help_text=gettext_lazy("PDF hoặc ảnh chụp rõ chữ ký của giám khảo."),
        error_messages={"required": gettext_lazy("Hãy chọn bản chụp phiếu giấy.")},
    )
    kept_scan = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scan"].required = not self.data.get("kept_scan")


@dataclass(frozen=True)
class Paper:
    """The sheet being entered: whose, of which dossier, in which pass, by which criteria."""

    round: Round
    judge: User
    dossier: Dossier
    scoring_pass: str
    outline: Outline


@dataclass(frozen=True)
class Box:
    """One row of a paper sheet as the page shows it: a heading, or an input with what was typed."""

    node: Node
    points: str = ""
    note: str = ""
    fault: str = ""


def enter(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    """Choose the judge and the dossier; then the sheet itself."""
    round_ = round_of_secretary(request, pk)
    asked = request.POST if request.method == "POST" else request.GET
    scoring_pass = pass_of(request, round_)
    judge = _judge(round_, asked.get("giam-khao", ""))
    offered = list(_offered(request, round_, judge, scoring_pass)) if judge else []
    dossier = next((one for one in offered if str(one.pk) == asked.get("ho-so", "")), None)
    if judge is None or dossier is None:
        return _choose(request, site, round_, judge, offered)
    paper = Paper(round_, judge, dossier, scoring_pass, outline_for(round_.pk, dossier.product.group))
    if request.method != "POST":
        return _page(request, site, paper, PaperForm())
    return _enter(request, site, paper)


def _judge(round_: Round, asked: str) -> User | None:
    return User.objects.filter(pk=key_of(asked) or 0, pk__in=progress_queries.jury(round_)).first()


def _offered(request: HttpRequest, round_: Round, judge: User, scoring_pass: str) -> "QuerySet[Dossier]":
    """The dossiers that the judge still owes a sheet on, without those begun on the portal.

    A sheet that was begun while the paper was being typed is refused in words, with everything typed.
    """
    owed = [
        dossier for dossier, passes in sheet_states(round_).items() if passes[scoring_pass].get(judge.pk) in ENTERABLE
    ]
    listed = visible_dossiers(request, round_).filter(pk__in=owed).select_related("product", "round")
    if request.method != "POST":
        listed = listed.filter(~Exists(_begun(judge, scoring_pass).filter(dossier=OuterRef("pk"))))
    return listed.order_by("entry_code", "pk")


def _begun(judge: User, scoring_pass: str) -> "QuerySet[ScoreSheet]":
    """The judge's drafts with something saved by the judge since."""
    drafts = ScoreSheet.objects.filter(
        judge=judge, scoring_pass=scoring_pass, state=SheetState.DRAFT, saved_at__isnull=False
    )
    return drafts.filter(Q(entered_at__isnull=True) | Q(saved_at__gt=F("entered_at")))


def _choose(
    request: HttpRequest, site: AdminSite, round_: Round, judge: User | None, offered: list[Dossier]
) -> HttpResponse:
    page = context(
        site,
        request,
        Round,
        title=_("Nhập phiếu chấm giấy"),
        round=round_,
        judges=User.objects.filter(pk__in=progress_queries.jury(round_)).order_by("full_name", "pk"),
        judge=judge,
        offered=offered,
        scoring_pass=pass_of(request, round_),
        passes=[(one, ScoringPass(one).label) for one in passes_of(round_)],
        is_open=round_.state == RoundState.SCORING,
    )
    return render(request, "admin/rounds/paper_choose.html", page)


def _enter(request: HttpRequest, site: AdminSite, paper: Paper) -> HttpResponse:
    form = PaperForm(request.POST, request.FILES)
    typed = score_input.from_form(request.POST).values
    values = {row.pk: typed.get(row.pk, (KEEP, KEEP)) for row in paper.outline.inputs}
    _made, status = attempt(
        form,
        lambda form: paper_sheets.enter(
            dossier=paper.dossier,
            judge=paper.judge,
            scoring_pass=paper.scoring_pass,
            values=values,
            remark=form.cleaned_data["nhan_xet"],
            scan=_scan(form),
            actor=request.user,
            now=timezone.now(),
        ),
    )
    if status != OK:
        return _page(request, site, paper, form, typed=values, status=status)
    said = _("Đã nhập phiếu hồ sơ %(code)s của %(judge)s. Phiếu chỉ được tính sau khi giám khảo xác nhận.")
    messages.success(request, said % {"code": paper.dossier.entry_code, "judge": paper.judge})
    if "again" not in request.POST:
        return redirect("admin:rounds_round_paper", paper.round.pk)
    query = urlencode({"giam-khao": paper.judge.pk, "luot": paper.scoring_pass})
    return redirect(f"{reverse('admin:rounds_round_paper_enter', args=[paper.round.pk])}?{query}")


def _scan(form: PaperForm) -> StoredFile:
    """The scan as just sent, or the one that came with an earlier try: a wrong figure does not lose it."""
    upload = form.cleaned_data["scan"]
    kept = store(upload, allow=SCAN, field="scan") if upload else _kept(form.cleaned_data["kept_scan"])
    if kept is None:
        raise Refusal("scan_missing", _("Hãy chọn bản chụp phiếu giấy."), field="scan")
    form.data = {**dict(form.data.items()), "kept_scan": signing.dumps(kept.pk, salt=KEPT_SCAN)}
    return kept


def _kept(token: str) -> StoredFile | None:
    try:
        return StoredFile.objects.filter(pk=signing.loads(token, salt=KEPT_SCAN, max_age=KEPT_FOR)).first()
    except signing.BadSignature:
        return None


def _page(
    request: HttpRequest,
    site: AdminSite,
    paper: Paper,
    form: PaperForm,
    *,
    typed: Mapping[int, Value] | None = None,
    status: int = 200,
) -> HttpResponse:
    page = context(
        site,
        request,
        Round,
        title=_("Nhập phiếu chấm giấy"),
        round=paper.round,
        paper=paper,
        pass_label=ScoringPass(paper.scoring_pass).label if paper.round.has_site_pass else "",
        boxes=list(_boxes(paper, typed)),
        form=form,
        has_scan=_kept(form.data.get("kept_scan", "")) is not None,
    )
    return render(request, "admin/rounds/paper_enter.html", page, status=status)


def _boxes(paper: Paper, typed: Mapping[int, Value] | None) -> Iterator[Box]:
    faults = _faults(paper, typed) if typed is not None else {}
    for head in paper.outline.heads:
        for node in (head, *head.walk()):
            points, note = (typed or {}).get(node.row.pk, ("", ""))
            yield Box(node, _text(points), _text(note), faults.get(node.row.pk, ""))


def _faults(paper: Paper, typed: Mapping[int, Value]) -> dict[int, str]:
    """A sentence for each box that is wrong or empty."""
    _wanted, faults = accept(typed, {}, paper.outline, paper.round.score_step)
    empty = {pk: _("Mục này chưa có điểm.") for pk, (points, _note) in typed.items() if not _text(points)}
    return empty | faults


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


PATHS = (("phieu-giay/nhap/", enter, "paper_enter"),)
