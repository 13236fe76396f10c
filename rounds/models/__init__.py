from .carried import NominationCount, RoundCount
from .council import (
    Attendance,
    Complaint,
    CouncilSession,
    EstablishingDecision,
    RoundSeal,
    SetProposal,
)
from .criteria import CriteriaSet, Criterion
from .dossier import Dossier, DossierDocument, DossierVersion, Result, Verdict
from .intake import CommuneReturn, EligibilityAnswer, EligibilityRule, SupplementRequest
from .jury import Assignment, AssignmentPlan, DeadlineExtension, Declaration, DeclaredInterest, Nudge, Sample
from .nomination import (
    ExchangeConflict,
    ExchangePackage,
    ForeignIdentity,
    Nomination,
    NominationList,
    NominationQuota,
    Peer,
)
from .round import CouncilRule, Round, Seat
from .score import Conflict, Score, ScoreSheet, SheetSave, SheetVersion

__all__ = [
    "Assignment",
    "AssignmentPlan",
    "Attendance",
    "CommuneReturn",
    "Complaint",
    "Conflict",
    "CouncilRule",
    "CouncilSession",
    "CriteriaSet",
    "Criterion",
    "DeadlineExtension",
    "Declaration",
    "DeclaredInterest",
    "Dossier",
    "DossierDocument",
    "DossierVersion",
    "EligibilityAnswer",
    "EligibilityRule",
    "EstablishingDecision",
    "ExchangeConflict",
    "ExchangePackage",
    "ForeignIdentity",
    "Nomination",
    "NominationCount",
    "NominationList",
    "NominationQuota",
    "Nudge",
    "Peer",
    "Result",
    "Round",
    "RoundCount",
    "RoundSeal",
    "Sample",
    "Score",
    "ScoreSheet",
    "Seat",
    "SetProposal",
    "SheetSave",
    "SheetVersion",
    "SupplementRequest",
    "Verdict",
]
