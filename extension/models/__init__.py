"""How makers are supported: programmes, projects, norms, money, supervision, results, markets (khuyến công)."""

from .funds import DuplicateAlarm, Estimate, EstimateLine, Liquidation, Payment, PaymentLine, Settlement
from .need import Call, Need
from .norm import NormItem, PriorityRule, SupportNorm
from .programme import (
    AdvanceRule,
    AuthorityRule,
    DueRule,
    Plan,
    PlanLine,
    Programme,
    ReportPeriod,
    Workflow,
    WorkflowStep,
)
from .project import Beneficiary, Project, ProjectQuerySet, StepDone
from .promotion import Fair, Listing, Outlet, Participation
from .results import ResultIndicator, ResultLine
from .supervision import (
    Acceptance,
    AcceptanceMember,
    Adjustment,
    ChecklistItem,
    EvidenceRule,
    Finding,
    Inspection,
    InspectionAnswer,
    InspectionPhoto,
    ProgressReport,
    ProjectPaper,
)

__all__ = [
    "Acceptance",
    "AcceptanceMember",
    "Adjustment",
    "AdvanceRule",
    "AuthorityRule",
    "Beneficiary",
    "Call",
    "ChecklistItem",
    "DueRule",
    "DuplicateAlarm",
    "Estimate",
    "EstimateLine",
    "EvidenceRule",
    "Fair",
    "Finding",
    "Inspection",
    "InspectionAnswer",
    "InspectionPhoto",
    "Liquidation",
    "Listing",
    "Need",
    "NormItem",
    "Outlet",
    "Participation",
    "Payment",
    "PaymentLine",
    "Plan",
    "PlanLine",
    "PriorityRule",
    "Programme",
    "ProgressReport",
    "Project",
    "ProjectPaper",
    "ProjectQuerySet",
    "ReportPeriod",
    "ResultIndicator",
    "ResultLine",
    "Settlement",
    "StepDone",
    "SupportNorm",
    "Workflow",
    "WorkflowStep",
]
