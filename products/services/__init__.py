"""Every write to the register: decisions, products, recognitions, certificates.

Each service is keyword-only and atomic: it locks what it changes, checks the state, writes, and adds
the audit row in the same transaction. A refusal is a `Refusal` in words.
"""

from .certificates import (
    issue,
    issue_batch,
    next_numbers,
    number_certificate,
    pattern_for,
    pattern_in_use,
    reissue_certificate,
    set_pattern,
    start_book,
    why_not_issue,
    why_not_reissue,
)
from .completion import complete_product, complete_recognition, move_recognition
from .endings import revoke, withdraw, withhold_due
from .events import note_event
from .merging import merge_products
from .products import (
    add_members,
    create_product,
    enter_product,
    member_names,
    note_details,
    prepare_product,
    record_decision,
    set_members,
    set_without_members,
    update_decision,
    update_product,
)
from .recognitions import apply_term, as_rule, propose, publish_recognitions, recognise, set_validity
from .renewals import answer_renewal
from .shared import issue_certificate
from .suspensions import extend_suspension, resume, suspend
from .taken_over import Endings, take_over_endings
from .trade import declare_trade_facts, tell_of_product
from .withdrawals import answer_withdrawal, ask_withdrawal, take_back_withdrawal

__all__ = [
    "Endings",
    "add_members",
    "answer_renewal",
    "answer_withdrawal",
    "apply_term",
    "as_rule",
    "ask_withdrawal",
    "complete_product",
    "complete_recognition",
    "create_product",
    "declare_trade_facts",
    "enter_product",
    "extend_suspension",
    "issue",
    "issue_batch",
    "issue_certificate",
    "member_names",
    "merge_products",
    "move_recognition",
    "next_numbers",
    "note_details",
    "note_event",
    "number_certificate",
    "pattern_for",
    "pattern_in_use",
    "prepare_product",
    "propose",
    "publish_recognitions",
    "recognise",
    "record_decision",
    "reissue_certificate",
    "resume",
    "revoke",
    "set_members",
    "set_pattern",
    "set_validity",
    "set_without_members",
    "start_book",
    "suspend",
    "take_back_withdrawal",
    "take_over_endings",
    "tell_of_product",
    "update_decision",
    "update_product",
    "why_not_issue",
    "why_not_reissue",
    "withdraw",
    "withhold_due",
]
