"""The desk's page of acceptance: the committee, what its members said, the outcome, the signed record."""

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
from portal.text.errors import Refusal
from portal.text.inputs import WRONG, DateField, attempt

from .. import rules
from ..enums import AcceptanceOutcome, CommitteeRole, ProjectState
from ..models import Acceptance, AcceptanceMember, Project
from ..project_desk import Bound, context, project_or_404, shown_or_done
from ..services import accepting
from ..services.accepting import Member, Said
from .queries import missing_sentences

PAGE = "admin:project_acceptance"

FEWEST_ROWS, SPARE_ROWS, MOST_ROWS = 5, 2, 15
VOTES = {"yes": True, "no": False}
ROLE_ORDER = (CommitteeRole.CHAIR, CommitteeRole.SECRETARY)


class CommitteeForm(forms.Form):
    """The decision; the members stand in rows beside it."""

    decision_number = forms.CharField(
        label=gettext_lazy("Số quyết định lập hội đồng"),
        max_length=60,
        error_messages={"required": gettext_lazy("Hãy ghi số quyết định lập hội đồng.")},
    )
    decision_on = DateField(
        label=gettext_lazy("Ngày quyết định"), error_messages={"required": gettext_lazy("Hãy ghi ngày quyết định.")}
    )


class OutcomeForm(forms.Form):
    """The meeting; what each member said stands in rows beside it."""

    held_on = DateField(
        label=gettext_lazy("Ngày nghiệm thu"), error_messages={"required": gettext_lazy("Hãy ghi ngày nghiệm thu.")}
    )
    place = forms.CharField(label=gettext_lazy("Nơi nghiệm thu"), max_length=250, required=False)
    outcome = forms.ChoiceField(
        label=gettext_lazy("Kết quả"),
        choices=AcceptanceOutcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Hãy chọn kết quả nghiệm thu.")},
    )
    conclusion = forms.CharField(
        label=gettext_lazy("Kết luận của hội đồng"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Nếu chưa đạt hoặc phải khắc phục, ghi rõ điều cần làm."),
    )
    mend_by = DateField(
        label=gettext_lazy("Hạn khắc phục"),
        required=False,
        help_text=gettext_lazy("Chỉ ghi khi đạt sau khi khắc phục. Cổng mở một tồn tại phải khắc phục theo hạn này."),
    )


class ScanForm(forms.Form):
    upload = forms.FileField(
        label=gettext_lazy("Biên bản đã ký"),
        help_text=gettext_lazy("PDF hoặc ảnh."),
        error_messages={"required": gettext_lazy("Hãy chọn tệp biên bản đã ký.")},
    )


def urls(site: AdminSite) -> list[URLPattern]:
    """Addresses below the desk's own."""
    guarded = for_staff(site)
    return [
        path("de-an/<uuid:uuid>/nghiem-thu/", guarded(show), name="project_acceptance"),
        path(
            "de-an/<uuid:uuid>/nghiem-thu/<int:ordinal>/bien-ban-da-ky/", guarded(scan), name="project_acceptance_scan"
        ),
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, site: AdminSite, uuid: UUID) -> HttpResponse:
    """Every acceptance of the project, and what is next: a committee, its meeting, the signed record."""
    project = project_or_404(request, uuid)
    return shown_or_done(
        request,
        project,
        may=rules.may_edit(request.user, project.territory_id),
        act=_act,
        draw=lambda bound: _page(request, site, project, bound),
        template="admin/extension/acceptance.html",
        page=PAGE,
    )


def _act(request: HttpRequest, project: Project, bound: Bound) -> tuple[str, int]:
    made: Bound = {
        "committee": CommitteeForm(request.POST),
        "outcome": OutcomeForm(request.POST),
        "scan": ScanForm(request.POST, request.FILES),
    }
    act = request.POST.get("act", "")
    form = made.get(act)
    if form is None:
        return "", WRONG
    bound[act] = form
    return attempt(form, lambda form: _ACTS[act](request, project, form.cleaned_data))


def _committee(request: HttpRequest, project: Project, given: dict[str, Any]) -> str:
    now, members = timezone.now(), _typed_members(request)
    last = _last(project)
    if last is not None and not last.outcome:
        accepting.change_committee(acceptance=last, members=members, actor=request.user, now=now, **given)
        return _("Đã sửa hội đồng nghiệm thu.")
    accepting.set_up(project=project, members=members, actor=request.user, now=now, **given)
    return _("Đã lập hội đồng nghiệm thu. Sau buổi nghiệm thu, hãy ghi kết quả ở đây.")


def _outcome(request: HttpRequest, project: Project, given: dict[str, Any]) -> str:
    last = _last_or_refuse(project)
    said = _typed_words(request, last)
    accepting.record_outcome(acceptance=last, said=said, actor=request.user, now=timezone.now(), **given)
    return _("Đã ghi kết quả nghiệm thu. Hãy in biên bản, ký rồi đưa bản đã ký lên.")


def _scan(request: HttpRequest, project: Project, given: dict[str, Any]) -> str:
    last = _last_or_refuse(project)
    accepting.attach_record(acceptance=last, upload=given["upload"], actor=request.user, now=timezone.now())
    return _("Đã giữ biên bản đã ký.")


_ACTS = {"committee": _committee, "outcome": _outcome, "scan": _scan}


def _last(project: Project) -> Acceptance | None:
    return project.acceptances.order_by("-ordinal").first()


def _last_or_refuse(project: Project) -> Acceptance:
    found = _last(project)
    if found is None:
        raise Refusal("no_committee", _("Đề án chưa có hội đồng nghiệm thu. Hãy lập hội đồng trước."))
    return found


def _typed_members(request: HttpRequest) -> list[Member]:
    names, offices, roles = (request.POST.getlist(name)[:MOST_ROWS] for name in ("full_name", "office", "role"))
    rows = zip(names, offices, roles, strict=False)
    known = set(CommitteeRole.values)
    return [Member(name, office, role if role in known else CommitteeRole.MEMBER) for name, office, role in rows]


def _typed_words(request: HttpRequest, acceptance: Acceptance) -> dict[int, Said]:
    keys = acceptance.members.values_list("pk", flat=True)
    return {
        pk: Said(VOTES.get(request.POST.get(f"vote-{pk}", "")), request.POST.get(f"remark-{pk}", "")[:300])
        for pk in keys
    }


def _page(request: HttpRequest, site: AdminSite, project: Project, bound: Bound) -> dict[str, Any]:
    rows = list(
        project.acceptances.select_related("file", "recorded_by").prefetch_related("members").order_by("-ordinal")
    )
    last = rows[0] if rows else None
    is_open = last is not None and not last.outcome
    may_edit = rules.may_edit(request.user, project.territory_id) and project.state in accepting.MAY_MEET
    ended = last is not None and last.outcome == AcceptanceOutcome.PASSED
    page = context(request, site, project, "project_file", _("Nghiệm thu"))
    return page | {
        "rows": [row for row in rows if row.outcome],
        "now": last if is_open else None,
        "may_edit": may_edit,
        "committee": (bound.get("committee") or _committee_form(last)) if may_edit and not ended else None,
        "member_rows": _member_rows(request, last if is_open else None, is_bound="committee" in bound),
        "roles": CommitteeRole.choices,
        "outcome": (bound.get("outcome") or OutcomeForm(initial={"held_on": today()}))
        if may_edit and is_open
        else None,
        "word_rows": _word_rows(request, last, is_bound="outcome" in bound) if is_open and last else [],
        "scan": (bound.get("scan") or ScanForm()) if may_edit and last is not None and last.outcome else None,
        "last": last,
        "missing": missing_sentences(project, ProjectState.ACCEPTED, today())
        if project.state == ProjectState.RUNNING
        else [],
    }


def _committee_form(last: Acceptance | None) -> CommitteeForm:
    if last is None or last.outcome:
        return CommitteeForm()
    return CommitteeForm(initial={"decision_number": last.decision_number, "decision_on": last.decision_on})


def _member_rows(request: HttpRequest, now: Acceptance | None, *, is_bound: bool) -> list[Member]:
    """The typed or the kept members, and empty rows for more; the first two are offered as chair and secretary."""
    if is_bound:
        rows = [row for row in _typed_members(request) if row.full_name]
    elif now is not None:
        rows = [Member(one.full_name, one.office, one.role) for one in now.members.all()]
    else:
        rows = []
    empty = max(FEWEST_ROWS - len(rows), SPARE_ROWS) if len(rows) < MOST_ROWS else 0
    spare = list(ROLE_ORDER) if not rows else []
    spare += [CommitteeRole.MEMBER] * (empty - len(spare))
    return [*rows, *(Member("", "", role) for role in spare)]


def _word_rows(
    request: HttpRequest, acceptance: Acceptance, *, is_bound: bool
) -> list[tuple[AcceptanceMember, str, str]]:
    """Each member with the vote and the remark as typed."""
    given = request.POST if is_bound else {}
    return [
        (one, given.get(f"vote-{one.pk}", ""), given.get(f"remark-{one.pk}", "")) for one in acceptance.members.all()
    ]


@require_safe
def scan(request: HttpRequest, site: AdminSite, uuid: UUID, ordinal: int) -> HttpResponseBase:
    """The signed record of one acceptance."""
    project = project_or_404(request, uuid)
    row = project.acceptances.select_related("file").filter(ordinal=ordinal, file__isnull=False).first()
    if row is None or row.file is None:
        raise Http404
    return open_file(
        request,
        row.file,
        filename=_("Biên bản nghiệm thu lần %(n)s") % {"n": row.ordinal},
        action="extension.acceptance_read",
        sentence=_("Mở biên bản nghiệm thu của đề án “%(name)s”.") % {"name": project.name},
        subject=row,
        territory=project.territory,
    )
