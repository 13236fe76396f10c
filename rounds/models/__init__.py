from .criteria import CriteriaSet, Criterion
from .dossier import Dossier, DossierDocument, DossierVersion, Result, Verdict
from .intake import CommuneReturn, EligibilityAnswer, EligibilityRule, SupplementRequest
from .round import CouncilRule, Round, Seat
from .score import Conflict, Score, ScoreSheet

__all__ = [
    "CommuneReturn",
    "Conflict",
    "CouncilRule",
    "CriteriaSet",
    "Criterion",
    "Dossier",
    "DossierDocument",
    "DossierVersion",
    "EligibilityAnswer",
    "EligibilityRule",
    "Result",
    "Round",
    "Score",
    "ScoreSheet",
    "Seat",
    "SupplementRequest",
    "Verdict",
]
