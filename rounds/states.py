"""The legal transitions of a round and of a dossier, literally. Guards live in `services`."""

from .enums import DossierState as D
from .enums import RoundState as R

ROUND_TRANSITIONS: dict[R, tuple[R, ...]] = {
    R.DRAFT: (R.RECEIVING, R.CANCELLED),
    R.RECEIVING: (R.SCREENING, R.CANCELLED),
    R.SCREENING: (R.SCORING, R.CANCELLED),
    R.SCORING: (R.DELIBERATION, R.CANCELLED),
    R.DELIBERATION: (R.PROVISIONAL, R.SUBMITTED, R.SCORING, R.CANCELLED),
    R.PROVISIONAL: (R.DELIBERATION, R.SUBMITTED, R.CANCELLED),
    R.SUBMITTED: (R.DELIBERATION, R.DECIDED, R.CANCELLED),
    R.DECIDED: (R.ANNOUNCED,),
    R.ANNOUNCED: (R.CLOSED,),
    R.CLOSED: (),
    R.CANCELLED: (),
}

DOSSIER_TRANSITIONS: dict[D, tuple[D, ...]] = {
    D.DRAFT: (D.SUBMITTED, D.WITHDRAWN),
    D.SUBMITTED: (D.NEEDS_SUPPLEMENT, D.ELIGIBLE, D.NOT_ELIGIBLE, D.GATHERED, D.WITHDRAWN),
    D.NEEDS_SUPPLEMENT: (D.SUBMITTED, D.NOT_ELIGIBLE, D.WITHDRAWN),
    D.ELIGIBLE: (D.NOT_ELIGIBLE, D.GATHERED, D.WITHDRAWN),
    D.NOT_ELIGIBLE: (),
    D.GATHERED: (),
    D.WITHDRAWN: (),
}

# Who files a dossier writes in it while it is a draft or waits for a supplement; between, it is frozen.
FILLABLE = (D.DRAFT, D.NEEDS_SUPPLEMENT)
OPEN = (*FILLABLE, D.SUBMITTED)  # not yet concluded

# The road of a round, for steppers. Cancelled stands beside it.
ROUND_ORDER = (
    R.DRAFT,
    R.RECEIVING,
    R.SCREENING,
    R.SCORING,
    R.DELIBERATION,
    R.PROVISIONAL,
    R.SUBMITTED,
    R.DECIDED,
    R.ANNOUNCED,
    R.CLOSED,
)

CHECKING = (R.RECEIVING, R.SCREENING)  # dossiers are entered and checked
BEFORE_SCORING = (R.DRAFT, R.RECEIVING, R.SCREENING)
BEFORE_SEAL = (*BEFORE_SCORING, R.SCORING)
COUNCIL_WORKS = (*BEFORE_SEAL, R.DELIBERATION, R.PROVISIONAL)
SEALED = tuple(state for state in ROUND_ORDER if state not in BEFORE_SEAL)
DECIDED = (R.DECIDED, R.ANNOUNCED, R.CLOSED)

# Until when a field of the round may still be edited. What decides a score is fixed before the first
# sheet, what identifies the round before the first dossier.
ROUND_FIELDS_EDITABLE: dict[str, tuple[R, ...]] = {
    "level": (R.DRAFT,),
    "territory": (R.DRAFT,),
    "region": (R.DRAFT,),
    "locality": (R.DRAFT,),
    "year": (R.DRAFT,),
    "ordinal": (R.DRAFT,),
    "lower_round_held": (R.DRAFT,),
    "name": COUNCIL_WORKS,
    "receiving_unit": BEFORE_SCORING,
    "receiving_from": (R.DRAFT,),
    "receiving_until": (R.DRAFT, R.RECEIVING),
    "scoring_until": BEFORE_SEAL,
    "threshold": BEFORE_SCORING,
    "score_step": BEFORE_SCORING,
    "quorum": BEFORE_SCORING,
    "has_site_pass": BEFORE_SCORING,
    "site_weight": BEFORE_SCORING,
    "site_scoring_from": BEFORE_SEAL,
    "site_scoring_until": BEFORE_SEAL,
    "drop_extremes": BEFORE_SCORING,
    "drop_extremes_from": BEFORE_SCORING,
    "tie_break": BEFORE_SCORING,
    "disagreement_points": BEFORE_SEAL,
    "council_quorum": COUNCIL_WORKS,
    "publish_means": COUNCIL_WORKS,
    "publish_recusals": COUNCIL_WORKS,
    "provisional_until": COUNCIL_WORKS,
    "quota": COUNCIL_WORKS,
    "publish_provisional": COUNCIL_WORKS,
}
