"""Refusals in words: one exception for everything a service says no to."""

from typing import Any


class Refusal(Exception):
    """An act that was refused.

    `code` is stable and meant for tests and machines; `sentence` is a whole Vietnamese sentence that
    says what is wrong and what to do; `field` names the input it belongs to, if any; `details` holds
    further sentences (one per missing paper, per open sheet, …).
    """

    def __init__(self, code: str, sentence: Any, *, field: str | None = None, details: tuple[Any, ...] = ()) -> None:
        super().__init__(code, sentence)
        self.code = code
        self.sentence = sentence
        self.field = field
        self.details = details

    def __str__(self) -> str:
        return str(self.sentence)
