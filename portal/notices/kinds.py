"""The kinds of notices. Each room registers its own in its `notices.py`, which the portal finds by itself."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from .enums import Audience, Channel


@dataclass(frozen=True)
class Kind:
    """One kind: what it is called, who hears of it, and how unless the person chose otherwise.

    A `legal` kind cannot be turned off. `to_anyone` reaches an active account that is none of `whom` any more: who
    is refused or let go must hear of that too. `by_consent` holds for letters to bare addresses: they leave only while
    the address agrees. `link` leads a person from the notice to the thing, or nowhere ("") when the person no longer
    reaches it.
    """

    code: str
    label: Any
    legal: bool = False
    default: str = Channel.EMAIL
    whom: frozenset[Audience] = field(default_factory=frozenset)
    to_anyone: bool = False
    by_consent: bool = False
    link: Callable[[Any, UUID], str] | None = None
    # To addresses of visitors, who asked for the letter: nobody with an account is offered the kind.
    to_strangers: bool = False
    # Of what stands around the words in the mail.
    language: str = "vi"

    @property
    def needs(self) -> frozenset[Audience]:
        """The capacities of which a reader must still have one; none when any account will do."""
        return frozenset() if self.to_anyone else self.whom


DIGEST = "digest"
_KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    """Make a kind known; a second registration of the same code replaces the first."""
    _KINDS[kind.code] = kind
    return kind


def get(code: str) -> Kind:
    """The kind with that code; one that nobody registered is mailed at once and has no name of its own."""
    return _KINDS.get(code) or Kind(code=code, label=code)


def require(code: str) -> Kind:
    """The same for letters to people, who must be able to choose. Raises LookupError for an unknown code."""
    if code not in _KINDS:
        raise LookupError(f"Notice kind {code!r} is not registered; register it in the room's notices.py.")
    return _KINDS[code]


def all_kinds() -> tuple[Kind, ...]:
    """Every registered kind people may choose of: not the daily digest, legal ones first, then as registered."""
    offered = (kind for kind in _KINDS.values() if kind.code != DIGEST and not kind.to_strangers)
    return tuple(sorted(offered, key=lambda kind: not kind.legal))


register(Kind(code=DIGEST, label=_("Thư gộp cuối ngày")))
