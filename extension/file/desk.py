"""The desk's page of a project's file: what is there, what is missing before which phase, acceptance, adjustments."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from portal.accounts.staff_pages import for_staff
from portal.audit.opening import open_file
from portal.text.clock import today
from portal.text.inputs import WRONG, DateField, attempt

from .. import rules
from ..enums import ProjectState
from ..models import EvidenceRule, Project, ProjectPaper
from ..project_desk import Bound, context, project_or_404, shown_or_done
from ..services import papers
from . import evidence
from . import queries as file_queries

PAGE = "admin:project_file"


class PaperForm(forms.Form):
    """One paper: for a rule when `rule` is given, of any name otherwise."""

    title = forms.CharField(
        label=gettext_lazy("Tên giấy tờ"),
        max_length=250,
        error_messages={"required": gettext_lazy("Hãy ghi tên giấy tờ.")},
    )
    number = forms.CharField(label=gettext_lazy("Số"), max_length=60, required=False)
    dated_on = DateField(label=gettext_lazy("Ngày"), required=False)
    upload = forms.FileField(
        label=gettext_lazy("Tệp"),
        help_text=gettext_lazy("PDF, ảnh, Word hoặc Excel, nặng không quá 20 MB."),
        error_messages={"required": gettext_lazy("Hãy chọn tệp.")},
    )

    def __init__(self, *args: Any, rule: EvidenceRule | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "prefix": f"r{rule.pk}" if rule else "khac"})
        if rule is not None:
            del self.fields["title"]


class RemoveForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Lý do bỏ ra"),
        max_length=300,
        error_messages={"required": gettext_lazy("Hãy ghi lý do bỏ giấy tờ này ra.")},
    )


@dataclass(frozen=True)
class Row:
    """One wanted paper as the page shows it."""

    wanted: Any
    form: PaperForm | None


@dataclass(frozen=True)
class Shown:
    """The papers before one phase."""

    label: str
    phase: str
    rows: list[Row]
    missing: int
    is_past: bool


def urls(site: AdminSite) -> list[URLPattern]:
    """Addresses below the desk's own."""
    guarded = for_staff(site)
    return [
        path("de-an/<uuid:uuid>/ho-so/", guarded(show), name="project_file"),
        path("de-an/<uuid:uuid>/ho-so/tep/<uuid:paper_uuid>/", guarded(paper_file), name="project_paper_file"),
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, site: AdminSite, uuid: UUID) -> HttpResponse:
    """The file of a project. At most sixteen queries, however many papers."""
    project = project_or_404(request, uuid)
    return shown_or_done(
        request,
        project,
        may=rules.may_edit(request.user, project.territory_id),
        act=_act,
        draw=lambda bound: _page(request, site, project, bound),
        template="admin/extension/file.html",
        page=PAGE,
    )


def _act(request: HttpRequest, project: Project, bound: Bound) -> tuple[str, int]:
    """Carry out one act: the words for a done one, else the status; the form with its errors goes into `bound`."""
    if request.POST.get("act") == "remove":
        return _remove(request, project, bound)
    if request.POST.get("act") == "add":
        return _add(request, project, bound)
    return "", WRONG


def _add(request: HttpRequest, project: Project, bound: Bound) -> tuple[str, int]:
    asked = {str(rule.pk): rule for rule in file_queries.rules_of(project, today())}
    rule = asked.get(request.POST.get("rule", ""))
    form = PaperForm(request.POST, request.FILES, rule=rule)
    bound[form.prefix or ""] = form

    def add(form: PaperForm) -> str:
        paper = papers.add_paper(
            project=project, rule=rule, actor=request.user, now=timezone.now(), **form.cleaned_data
        )
        return _("Đã đưa “%(paper)s” vào hồ sơ.") % {"paper": paper.title}

    return attempt(form, add)


def _remove(request: HttpRequest, project: Project, bound: Bound) -> tuple[str, int]:
    key = _uuid(request.POST.get("paper", ""))
    paper = project.papers.filter(uuid=key).first() if key else None
    if paper is None:
        raise Http404
    form = RemoveForm(request.POST)
    bound[f"bo-{paper.uuid}"] = form

    def remove(form: RemoveForm) -> str:
        papers.remove_paper(paper=paper, actor=request.user, now=timezone.now(), reason=form.cleaned_data["reason"])
        return _("Đã bỏ “%(paper)s” ra khỏi hồ sơ. Tệp vẫn được giữ.") % {"paper": paper.title}

    return attempt(form, remove)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _page(request: HttpRequest, site: AdminSite, project: Project, bound: Bound) -> dict[str, Any]:
    may_edit = rules.may_edit(request.user, project.territory_id) and project.state not in papers.CLOSED
    held = file_queries.file_of(project, today())
    here = evidence.ORDER.get(ProjectState(project.state), -1)
    stages = [
        Shown(
            label=str(stage.phase.label),
            phase=stage.phase.value,
            rows=[Row(row, _form(row, bound) if may_edit else None) for row in stage.rows],
            missing=len(stage.missing),
            is_past=evidence.ORDER[stage.phase] <= here,
        )
        for stage in held.stages
    ]
    page = context(request, site, project, "project_file", _("Nghiệm thu, hồ sơ"))
    return page | {
        "stages": stages,
        "others": held.others,
        "missing": held.missing,
        "total": sum(len(stage.rows) for stage in stages),
        "may_edit": may_edit,
        "other_form": (bound.get("khac") or PaperForm()) if may_edit else None,
        "remove_form": next((form for name, form in bound.items() if name.startswith("bo-")), RemoveForm()),
        "refused": next((name[3:] for name in bound if name.startswith("bo-")), ""),
        "acceptances": list(project.acceptances.order_by("-ordinal")),
        "adjustments": list(project.adjustments.select_related("proposed_by", "decided_by")[:5]),
    }


def _form(row: Any, bound: Bound) -> Any:
    return bound.get(f"r{row.rule.pk}") or PaperForm(rule=row.rule)


@require_safe
def paper_file(request: HttpRequest, site: AdminSite, uuid: UUID, paper_uuid: UUID) -> HttpResponseBase:
    """One paper of the file, in it or taken out."""
    project = project_or_404(request, uuid)
    paper = ProjectPaper.objects.select_related("file").filter(project=project, uuid=paper_uuid).first()
    if paper is None:
        raise Http404
    return open_file(
        request,
        paper.file,
        filename=paper.title,
        action="extension.paper_read",
        sentence=_("Mở “%(paper)s” trong hồ sơ đề án “%(name)s”.") % {"paper": paper.title, "name": project.name},
        subject=paper,
        territory=project.territory,
    )
