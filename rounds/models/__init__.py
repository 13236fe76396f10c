from .criteria import CriteriaSet, Criterion
from .dossier import Dossier, DossierDocument, DossierVersion, Result, Verdict
from .round import CouncilRule, Round, Seat
from .score import Conflict, Score, ScoreSheet

__all__ = [
    "Conflict",
    "CouncilRule",
    "CriteriaSet",
    "Criterion",
    "Dossier",
    "DossierDocument",
    "DossierVersion",
    "Result",
    "Round",
    "Score",
    "ScoreSheet",
    "Seat",
    "Verdict",
]
