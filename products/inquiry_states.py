"""The literal table of what may become of a reader's letter."""

from .enums import InquiryKind, InquiryState

S = InquiryState
TRANSITIONS: dict[str, frozenset[str]] = {
    S.NEW: frozenset({S.PASSED_ON, S.ANSWERED, S.CLOSED, S.REJECTED}),
    S.PASSED_ON: frozenset({S.ANSWERED, S.CLOSED, S.REJECTED}),
    S.ANSWERED: frozenset({S.CLOSED}),
    S.CLOSED: frozenset(),
    S.REJECTED: frozenset({S.NEW}),
}
OPEN = (S.NEW, S.PASSED_ON)
# Letters that a maker answers; the others are the staff's.
FOR_MAKERS = (InquiryKind.QUESTION, InquiryKind.PURCHASE)
# Working days after which a maker's letter waits for the province, and after which the staff's own are late.
ANSWER_DAYS = 7


def may_become(state: str, target: str) -> bool:
    return target in TRANSITIONS[state]
