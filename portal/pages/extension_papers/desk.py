"""The doors to the papers of extension: who reaches the project may take its papers, and the journal keeps who did."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from extension.enums import EstimateState, InspectionState
from extension.models import Beneficiary, Plan, Project, Settlement
from extension.plans.desk import plan_or_404
from extension.project_desk import project_or_404
from extension.steps.printable import may_have_contract, separate_contracts
from portal.accounts.staff_pages import for_staff
from portal.audit.services import record_access
from portal.text.clock import today
from rounds.official import pdf, word
from rounds.official.facts.words import clean
from rounds.official.views import download

from . import appraisal, contract, payment
from .acceptance import record_facts
from .file_list import file_facts
from .inspection import inspection_facts
from .liquidation import liquidation_facts
from .plan import plan_facts, submission_facts
from .progress import progress_facts
from .proposal import proposal_facts

FORMATS = ("docx", "pdf")


@dataclass(frozen=True)
class Paper:
    """One paper being handed out: its template, what the journal calls the act, the sentence and the name of the file."""

    template: str
    action: str
    sentence: str
    filename: str


def urls(site: AdminSite) -> list[URLPattern]:
    """Addresses below the desk's own."""
    guarded = for_staff(site)
    pages: tuple[tuple[str, Callable[..., HttpResponse], str], ...] = (
        ("de-an/<uuid:uuid>/giay-to/de-an.<slug:fmt>", proposal, "project_proposal"),
        ("de-an/<uuid:uuid>/giay-to/bien-ban-tham-dinh.<slug:fmt>", appraisal_record, "project_appraisal_record"),
        ("de-an/<uuid:uuid>/giay-to/hop-dong.<slug:fmt>", project_contract, "project_contract"),
        (
            "de-an/<uuid:uuid>/kiem-tra/<uuid:row_uuid>/bien-ban.<slug:fmt>",
            inspection_record,
            "project_inspection_record",
        ),
        (
            "de-an/<uuid:uuid>/kiem-tra/tien-do/<uuid:row_uuid>/bao-cao.<slug:fmt>",
            progress_report,
            "project_progress_paper",
        ),
        ("de-an/<uuid:uuid>/tien/de-nghi/<uuid:payment_uuid>.<slug:fmt>", payment_request, "project_payment_request"),
        (
            "de-an/<uuid:uuid>/nghiem-thu/<int:ordinal>/bien-ban.<slug:fmt>",
            acceptance_record,
            "project_acceptance_record",
        ),
        ("de-an/<uuid:uuid>/ho-so/danh-muc.<slug:fmt>", file_list, "project_file_list"),
        ("de-an/<uuid:uuid>/tien/bien-ban-thanh-ly.<slug:fmt>", liquidation_record, "project_liquidation_record"),
        ("khuyen-cong/ke-hoach/<uuid:uuid>/ban-in.<slug:fmt>", plan_list, "plan_list"),
        ("khuyen-cong/ke-hoach/<uuid:uuid>/to-trinh.<slug:fmt>", plan_submission, "plan_submission"),
    )
    return [path(address, guarded(page), name=name) for address, page, name in pages]


@require_safe
def proposal(request: HttpRequest, site: AdminSite, uuid: UUID, fmt: str) -> HttpResponse:
    """The paper of the project itself."""
    project = project_or_404(request, uuid)
    made = Paper(
        "project_proposal",
        "extension.proposal_print",
        _("Lập bản đề án “%(name)s” thành tệp.") % {"name": project.name},
        f"de-an-{project.slug[:60]}",
    )
    return _handed(request, project, made, lambda: proposal_facts(project, today()), fmt)


@require_safe
def appraisal_record(request: HttpRequest, site: AdminSite, uuid: UUID, fmt: str) -> HttpResponse:
    """The record of the appraisal, once there is an estimate to appraise."""
    project = project_or_404(request, uuid)
    estimate = appraisal.newest_estimate(project)
    if estimate is None:
        raise Http404
    made = Paper(
        "appraisal_record",
        "extension.appraisal_print",
        _("Lập biên bản thẩm định đề án “%(name)s” thành tệp.") % {"name": project.name},
        f"bien-ban-tham-dinh-{project.slug[:60]}",
    )
    return _handed(request, project, made, lambda: appraisal.appraisal_facts(project, estimate, today()), fmt)


@require_safe
def project_contract(request: HttpRequest, site: AdminSite, uuid: UUID, fmt: str) -> HttpResponse:
    """The contract of a granted project; `?co-so=` names one of its facilities."""
    project = project_or_404(request, uuid)
    if not may_have_contract(project):
        raise Http404
    beneficiary = _beneficiary_or_404(project, request.GET.get("co-so", ""))
    made = Paper(
        "contract",
        "extension.contract_print",
        _("Lập hợp đồng thực hiện đề án “%(name)s” thành tệp.") % {"name": project.name},
        f"hop-dong-{(beneficiary.facility or project).slug[:60] if beneficiary else project.slug[:60]}",
    )
    return _handed(request, project, made, lambda: contract.contract_facts(project, today(), beneficiary), fmt)


@require_safe
def inspection_record(request: HttpRequest, site: AdminSite, uuid: UUID, row_uuid: UUID, fmt: str) -> HttpResponse:
    """The record of one inspection; a form for the pen while it is planned."""
    project = project_or_404(request, uuid)
    inspection = project.inspections.filter(uuid=row_uuid).exclude(state=InspectionState.CANCELLED).first()
    if inspection is None:
        raise Http404
    inspection.project = project
    made = Paper(
        "inspection_record",
        "extension.inspection_print",
        _("Lập biên bản kiểm tra đề án “%(name)s” thành tệp.") % {"name": project.name},
        f"bien-ban-kiem-tra-{project.slug[:60]}",
    )
    return _handed(request, project, made, lambda: inspection_facts(inspection, today()), fmt)


@require_safe
def progress_report(request: HttpRequest, site: AdminSite, uuid: UUID, row_uuid: UUID, fmt: str) -> HttpResponse:
    """One monthly report as a paper to sign."""
    project = project_or_404(request, uuid)
    report = project.progress_reports.filter(uuid=row_uuid).first()
    if report is None:
        raise Http404
    made = Paper(
        "progress_report",
        "extension.progress_print",
        _("Lập báo cáo tiến độ đề án “%(name)s” thành tệp.") % {"name": project.name},
        f"bao-cao-tien-do-{report.month:%Y-%m}-{project.slug[:60]}",
    )
    return _handed(request, project, made, lambda: progress_facts(project, report), fmt)


@require_safe
def payment_request(request: HttpRequest, site: AdminSite, uuid: UUID, payment_uuid: UUID, fmt: str) -> HttpResponse:
    """The request behind one advance or payment."""
    project = project_or_404(request, uuid)
    row = project.payments.filter(uuid=payment_uuid).first()
    if row is None or not row.is_request:
        raise Http404
    made = Paper(
        "payment_request",
        "extension.request_print",
        _("Lập giấy đề nghị chi của đề án “%(name)s” thành tệp.") % {"name": project.name},
        f"de-nghi-chi-{project.slug[:60]}",
    )
    return _handed(request, project, made, lambda: payment.request_facts(project, row), fmt)


@require_safe
def acceptance_record(request: HttpRequest, site: AdminSite, uuid: UUID, ordinal: int, fmt: str) -> HttpResponse:
    """The record of one acceptance: filled in once the outcome is written down, with blanks for the pen before."""
    project = project_or_404(request, uuid)
    row = project.acceptances.prefetch_related("members").filter(ordinal=ordinal).first()
    if row is None:
        raise Http404
    made = Paper(
        "acceptance_record",
        "extension.acceptance_print",
        _("Lập biên bản nghiệm thu đề án “%(name)s” thành tệp.") % {"name": project.name},
        f"bien-ban-nghiem-thu-{project.slug[:60]}-{ordinal}",
    )
    return _handed(request, project, made, lambda: record_facts(project, row), fmt)


@require_safe
def file_list(request: HttpRequest, site: AdminSite, uuid: UUID, fmt: str) -> HttpResponse:
    """The papers of the file with those still missing, as of today."""
    project = project_or_404(request, uuid)
    made = Paper(
        "project_file",
        "extension.file_print",
        _("Lập danh mục hồ sơ đề án “%(name)s” thành tệp.") % {"name": project.name},
        f"danh-muc-ho-so-{project.slug[:60]}",
    )
    return _handed(request, project, made, lambda: file_facts(project, today()), fmt)


@require_safe
def liquidation_record(request: HttpRequest, site: AdminSite, uuid: UUID, fmt: str) -> HttpResponse:
    """The record that ends the contract, from the approved settlement; with blanks for the pen until it is signed."""
    project = project_or_404(request, uuid)
    settlement = Settlement.objects.filter(project=project, state=EstimateState.APPROVED).first()
    if settlement is None:
        raise Http404
    made = Paper(
        "liquidation_record",
        "extension.liquidation_print",
        _("Lập biên bản thanh lý đề án “%(name)s” thành tệp.") % {"name": project.name},
        f"bien-ban-thanh-ly-{project.slug[:60]}",
    )
    return _handed(request, project, made, lambda: liquidation_facts(project, settlement, today()), fmt)


@require_safe
def plan_list(request: HttpRequest, site: AdminSite, uuid: UUID, fmt: str) -> HttpResponse:
    """A yearly plan with its projects."""
    plan = plan_or_404(request, uuid)
    made = Paper(
        "plan_list",
        "extension.plan_print",
        _("Lập kế hoạch “%(name)s” thành tệp.") % {"name": plan.name},
        f"ke-hoach-khuyen-cong-{plan.funding}-{plan.year}",
    )
    return _handed(request, plan, made, lambda: plan_facts(plan, today()), fmt)


@require_safe
def plan_submission(request: HttpRequest, site: AdminSite, uuid: UUID, fmt: str) -> HttpResponse:
    """The letter that submits a yearly plan, with the list of its projects."""
    plan = plan_or_404(request, uuid)
    made = Paper(
        "plan_submission",
        "extension.submission_print",
        _("Lập tờ trình kế hoạch “%(name)s” thành tệp.") % {"name": plan.name},
        f"to-trinh-ke-hoach-khuyen-cong-{plan.funding}-{plan.year}",
    )
    return _handed(request, plan, made, lambda: submission_facts(plan, today()), fmt)


def _handed(
    request: HttpRequest, of: Project | Plan, paper: Paper, facts: Callable[[], dict[str, Any]], fmt: str
) -> HttpResponse:
    """The file, in Vietnamese whatever the reader's language; that this person took it stands in the journal, once a day."""
    if fmt not in FORMATS:
        raise Http404
    with translation.override("vi"):
        cleaned = clean(facts())
        made = word.render(paper.template, cleaned) if fmt == "docx" else pdf.render(paper.template, cleaned)
    record_access(
        request, action=paper.action, sentence=paper.sentence, subject=of, territory=of.territory, once_a_day=True
    )
    return download(made, f"{paper.filename}.{fmt}", fmt)


def _beneficiary_or_404(project: Project, key: str) -> Beneficiary | None:
    """One of the facilities with contracts of their own; none asked for is none."""
    if not key:
        return None
    found = next((one for one in separate_contracts(project) if str(one.pk) == key), None)
    if found is None:
        raise Http404
    return found
