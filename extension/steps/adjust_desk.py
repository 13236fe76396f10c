"""The desk's page of adjustments: what was asked, by whom, who decides and why they, what was decided."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from facilities.models import Facility
from portal.accounts.models import Organisation
from portal.accounts.staff_pages import for_staff
from portal.audit.opening import open_file
from portal.territory.queries import family_ids
from portal.text import formats
from portal.text.clock import today
from portal.text.errors import Refusal
from portal.text.inputs import WRONG, DateField, attempt, key_of

from .. import rules
from ..enums import AdjustmentKind, ProposalState
from ..forms import MoneyField
from ..models import Adjustment, Beneficiary, Project
from ..project_desk import Bound, context, project_or_404, shown_or_done
from ..queries import search_words
from ..services import adjusting
from . import authority

PAGE = "admin:project_adjustments"

K = AdjustmentKind
MONEY_FACTS = frozenset({"extension_funds", "counterpart_funds", "other_funds"})
LABELS = {
    "name": gettext_lazy("Tên đề án"),
    "summary": gettext_lazy("Nội dung chính"),
    "extension_funds": gettext_lazy("Kinh phí khuyến công"),
    "counterpart_funds": gettext_lazy("Vốn đối ứng"),
    "other_funds": gettext_lazy("Nguồn khác"),
    "ends_on": gettext_lazy("Kết thúc theo hợp đồng"),
    "implementing_unit": gettext_lazy("Đơn vị thực hiện"),
    "leaves": gettext_lazy("Bỏ ra"),
    "joins": gettext_lazy("Thêm vào"),
}


class ProposeForm(forms.Form):
    """A change or a stop. Only the inputs of the chosen kind are there."""

    name = forms.CharField(label=LABELS["name"], max_length=400, widget=forms.Textarea(attrs={"rows": 2}))
    summary = forms.CharField(label=LABELS["summary"], required=False, widget=forms.Textarea(attrs={"rows": 4}))
    extension_funds = MoneyField(label=LABELS["extension_funds"])
    counterpart_funds = MoneyField(label=LABELS["counterpart_funds"])
    other_funds = MoneyField(label=LABELS["other_funds"])
    ends_on = DateField(
        label=gettext_lazy("Gia hạn đến ngày"),
        error_messages={"required": gettext_lazy("Hãy ghi ngày kết thúc mới.")},
    )
    implementing_unit = forms.ModelChoiceField(
        Organisation.objects.none(),
        label=gettext_lazy("Đơn vị thực hiện mới"),
        error_messages={"required": gettext_lazy("Hãy chọn đơn vị thực hiện mới.")},
    )
    leaves = forms.ModelChoiceField(
        Beneficiary.objects.none(), label=gettext_lazy("Đối tượng không tham gia nữa"), required=False
    )
    joins = forms.ModelChoiceField(
        Facility.objects.none(),
        label=gettext_lazy("Cơ sở thay vào"),
        required=False,
        help_text=gettext_lazy("Gõ tên cơ sở ở ô tìm phía trên, rồi chọn ở đây."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Lý do"),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("Hãy ghi lý do.")},
    )

    def __init__(self, kind: str, project: Project, *args: Any, found: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        kept = {*adjusting.FACTS[kind], "reason"}
        for name in [name for name in self.fields if name not in kept]:
            del self.fields[name]
        near = Q(territory=project.territory_id) | Q(territory__isnull=True)
        self._offer("implementing_unit", Organisation.objects.filter(near).order_by("name"))
        self._offer("leaves", project.beneficiaries.select_related("facility"))
        self._offer("joins", found if found is not None else Facility.objects.none())

    def _offer(self, name: str, rows: Any) -> None:
        if name in self.fields:
            self.fields[name].queryset = rows  # type: ignore[attr-defined]

    def after(self) -> dict[str, Any]:
        """The facts as the service takes them."""
        given = {name: self.cleaned_data[name] for name in adjusting.FACTS[self.kind]}
        if "ends_on" in given:
            given["ends_on"] = given["ends_on"].isoformat()
        for name in ("implementing_unit", "leaves", "joins"):
            if name in given:
                given[name] = given[name].pk if given[name] else None
        return given


class AgreeForm(forms.Form):
    number = forms.CharField(
        label=gettext_lazy("Số văn bản"),
        max_length=60,
        error_messages={"required": gettext_lazy("Hãy ghi số văn bản đồng ý.")},
    )
    signed_on = DateField(
        label=gettext_lazy("Ngày văn bản"), error_messages={"required": gettext_lazy("Hãy ghi ngày văn bản.")}
    )
    upload = forms.FileField(
        label=gettext_lazy("Văn bản đã ký"), required=False, help_text=gettext_lazy("PDF hoặc ảnh.")
    )


class RefuseForm(forms.Form):
    answer = forms.CharField(
        label=gettext_lazy("Lý do không đồng ý"),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("Hãy ghi lý do không đồng ý.")},
    )


@dataclass(frozen=True)
class Change:
    """One fact as it stood and as it shall be."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Row:
    adjustment: Adjustment
    changes: list[Change]


def urls(site: AdminSite) -> list[URLPattern]:
    """Addresses below the desk's own."""
    guarded = for_staff(site)
    return [
        path("de-an/<uuid:uuid>/dieu-chinh/", guarded(show), name="project_adjustments"),
        path("de-an/<uuid:uuid>/dieu-chinh/<uuid:adjustment_uuid>/tep/", guarded(file), name="project_adjustment_file"),
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, site: AdminSite, uuid: UUID) -> HttpResponse:
    """Every adjustment of the project, the form for the next, the decision on the one that waits."""
    project = project_or_404(request, uuid)
    return shown_or_done(
        request,
        project,
        may=True,
        act=_act,
        draw=lambda bound: _page(request, site, project, bound),
        template="admin/extension/adjustments.html",
        page=PAGE,
    )


def _act(request: HttpRequest, project: Project, bound: Bound) -> tuple[str, int]:
    act = request.POST.get("act", "")
    if act == "propose":
        if not rules.may_edit(request.user, project.territory_id):
            raise PermissionDenied(str(rules.ONLY_EXTENSION_OFFICER))
        form: forms.Form = _propose_form(request, project, bound_to=True)
    elif act == "agree":
        form = AgreeForm(request.POST, request.FILES)
    elif act == "refuse":
        form = RefuseForm(request.POST)
    else:
        return "", WRONG
    bound[act] = form
    return attempt(form, lambda form: _carried_out(request, project, form))


def _carried_out(request: HttpRequest, project: Project, form: forms.Form) -> str:
    now = timezone.now()
    if isinstance(form, ProposeForm):
        row = adjusting.propose(
            project=project,
            kind=form.kind,
            reason=form.cleaned_data["reason"],
            after=form.after(),
            actor=request.user,
            now=now,
        )
        said = _("Đã gửi đề nghị. Cấp quyết định: %(authority)s.")
        return said % {"authority": row.get_authority_display()}
    waiting = project.adjustments.filter(state=ProposalState.PROPOSED).first()
    if waiting is None:
        raise Refusal("already_decided", _("Đề nghị này đã có quyết định. Hãy mở lại trang để xem."))
    if request.POST.get("adjustment", str(waiting.uuid)) != str(waiting.uuid):
        raise Refusal("stale", _("Đề nghị bạn đọc đã được trả lời, nay có đề nghị khác. Hãy đọc lại rồi quyết định."))
    if isinstance(form, AgreeForm):
        adjusting.agree(adjustment=waiting, actor=request.user, now=now, **form.cleaned_data)
        return _("Đã ghi quyết định đồng ý và sửa đề án theo đó.")
    adjusting.refuse(adjustment=waiting, actor=request.user, now=now, answer=form.cleaned_data["answer"])
    return _("Đã ghi không đồng ý. Đề án giữ nguyên.")


def _propose_form(request: HttpRequest, project: Project, *, bound_to: bool = False) -> ProposeForm:
    asked = (request.POST if bound_to else request.GET).get("viec", "")
    kind = asked if asked in K.values else K.TIME
    query = (request.POST if bound_to else request.GET).get("tim", "")
    found = _facilities(project, query, request.POST.get("joins", "") if bound_to else "")
    initial = {name: getattr(project, name) for name in adjusting.FACTS[kind] if hasattr(project, name)}
    return ProposeForm(kind, project, request.POST if bound_to else None, initial=initial, found=found)


def _facilities(project: Project, query: str, chosen: str) -> Any:
    """Up to twenty facilities of the province by words of their name, and the one already chosen."""
    rows = Facility.objects.filter(merged_into=None, is_illustrative=project.is_illustrative)
    rows = rows.filter(territory__in=family_ids(project.territory_id))
    if (key := key_of(chosen)) is not None:
        return rows.filter(pk=key)
    words = search_words(query)
    if not words:
        return rows.none()
    for word in words:
        rows = rows.filter(folded__contains=word)
    return rows.order_by("name")[:20]


def _page(request: HttpRequest, site: AdminSite, project: Project, bound: Bound) -> dict[str, Any]:
    rows = list(project.adjustments.select_related("proposed_by", "decided_by", "file"))
    waiting = next((row for row in rows if row.state == ProposalState.PROPOSED), None)
    may_propose = (
        waiting is None
        and project.state in adjusting.OPEN_STATES
        and rules.may_edit(request.user, project.territory_id)
    )
    form = (bound.get("propose") or _propose_form(request, project)) if may_propose else None
    rule = authority.rule_for(project, K(form.kind), today()) if isinstance(form, ProposeForm) else None
    decides = waiting is not None and authority.may_decide(request.user, project, waiting.authority)
    names = _names(rows)
    page = context(request, site, project, "project_file", _("Điều chỉnh, ngừng"))
    return page | {
        "rows": [Row(row, _changes(row, names)) for row in rows if row is not waiting],
        "waiting": Row(waiting, _changes(waiting, names)) if waiting else None,
        "form": form,
        "kinds": K.choices,
        "kind": form.kind if isinstance(form, ProposeForm) else "",
        "query": request.GET.get("tim", ""),
        "rule": rule,
        "decides": decides and waiting is not None and waiting.proposed_by_id != request.user.pk,
        "own_proposal": waiting is not None and waiting.proposed_by_id == request.user.pk,
        "needs_paper": waiting is not None and authority.needs_paper(request.user, waiting.authority),
        "agree": bound.get("agree") or AgreeForm(),
        "refuse": bound.get("refuse") or RefuseForm(),
        "is_open": project.state in adjusting.OPEN_STATES,
        "by_estimate": project.estimates.filter(state="approved").exists(),
    }


def _names(rows: list[Adjustment]) -> dict[str, dict[int, str]]:
    """The names behind the keys that adjustments hold. Three queries at most."""
    keys: dict[str, set[int]] = {"implementing_unit": set(), "joins": set(), "leaves": set()}
    for row in rows:
        for facts in (row.before, row.after):
            for name, held in keys.items():
                if facts.get(name):
                    held.add(facts[name])
    return {
        "implementing_unit": dict(
            Organisation.objects.filter(pk__in=keys["implementing_unit"]).values_list("pk", "name")
        ),
        "joins": dict(Facility.objects.filter(pk__in=keys["joins"]).values_list("pk", "name")),
        "leaves": {
            row.pk: str(row) for row in Beneficiary.objects.filter(pk__in=keys["leaves"]).select_related("facility")
        },
    }


def _changes(row: Adjustment, names: dict[str, dict[int, str]]) -> list[Change]:
    return [
        Change(str(LABELS[name]), _said(name, row.before.get(name), names), _said(name, value, names))
        for name, value in row.after.items()
        if value is not None or name not in {"leaves", "joins"}
    ]


def _said(name: str, value: Any, names: dict[str, dict[int, str]]) -> str:
    if value is None or value == "":
        return ""
    if name in MONEY_FACTS:
        return formats.dong(value)
    if name == "ends_on":
        return formats.day(dt.date.fromisoformat(value))
    if name in names:
        return names[name].get(value, _("đã bỏ ra khỏi đề án"))
    return str(value)


@require_safe
def file(request: HttpRequest, site: AdminSite, uuid: UUID, adjustment_uuid: UUID) -> HttpResponseBase:
    """The signed paper of a decision."""
    project = project_or_404(request, uuid)
    row = project.adjustments.select_related("file").filter(uuid=adjustment_uuid, file__isnull=False).first()
    if row is None or row.file is None:
        raise Http404
    return open_file(
        request,
        row.file,
        filename=_("Văn bản điều chỉnh %(number)s") % {"number": row.number},
        action="extension.adjust_paper_read",
        sentence=_("Mở văn bản điều chỉnh của đề án “%(name)s”.") % {"name": project.name},
        subject=row,
        territory=project.territory,
    )
