"""Exchange with other deployments: the services by their names. Each lives in the module of its step."""

from .exchange_answers import answer, prepare_due, send_back
from .exchange_applying import apply, compare, offered, settle
from .exchange_packing import mark_sent, note_failure, pack
from .exchange_peers import Card, add_peer, is_safe_address, move_peer, read_card, retire_peer
from .exchange_taking import Taken, about, came_before, take_in

__all__ = [
    "Card",
    "Taken",
    "about",
    "add_peer",
    "answer",
    "apply",
    "came_before",
    "compare",
    "is_safe_address",
    "mark_sent",
    "move_peer",
    "note_failure",
    "offered",
    "pack",
    "prepare_due",
    "read_card",
    "retire_peer",
    "send_back",
    "settle",
    "take_in",
]
