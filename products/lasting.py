"""Pages that outlast changes of products they do not show.

Such a page says which products it shows and which choice it made among all the others. It is kept under the mark of
what is common (`register.State.common`), so any change but one of single products makes it anew. Of those the change
feed names every one: the page stays while none of them is among the products it shows, and either none of them can be
chosen or the choice, made again, comes out the same. Nothing else of the register may reach the page but what is asked for in its address, its day,
its language and how it is shown, which are all in its name.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from django.core.cache import cache
from django.http import HttpResponse

from .models import RegisterChange
from .ready import Ready
from .register import SECONDS, State

# After so many changes it is quicker made anew than looked up.
MOST_SINCE = 200
# So many pages are also at hand in the process's own memory: each time they are shown they are looked up in the feed.
NEAR = 200


class Choice(NamedTuple):
    """What was asked of the whole register, and the products that answered."""

    asked: Any
    chosen: list[int]


class Choosing(NamedTuple):
    """How a choice is made, and whether some products can be among the chosen as they are now."""

    choose: Callable[[Any], list[int]]
    may_choose: Callable[[Any, Sequence[int]], bool]


class LastingPage(HttpResponse):
    """A page with the products that it shows besides the chosen ones, and its choice."""

    shows: frozenset[int]
    choice: Choice


class _Held(NamedTuple):
    number: int
    content: bytes
    products: frozenset[int]
    choice: Choice


_near: dict[str, tuple[float, _Held]] = {}


def page(now: State, name: str, build: Callable[[], HttpResponse], choosing: Choosing) -> bytes:
    """The page as held where it is still right, else built; held when it is a `LastingPage`.

    Two queries where it is held, and those of the choice where that may have changed. `now` was read before anything the page is built from.
    """
    key = f"register:lasting:{now.common}:{name}"
    until, held = _near.get(key, (0.0, None))
    if held and until > time.monotonic() and _stands(held, now, choosing):
        return held.content
    # Another process may have drawn it since.
    shared: _Held | None = cache.get(key)
    if shared and (held is None or shared.number > held.number) and _stands(shared, now, choosing):
        _at_hand(key, shared)
        return shared.content
    return _built(now, key, build)


def forget() -> None:
    """Hold nothing in the process's own memory."""
    _near.clear()


def _at_hand(key: str, held: _Held) -> None:
    if len(_near) >= NEAR:
        _near.clear()
    _near[key] = (time.monotonic() + SECONDS, held)


def _stands(held: _Held, now: State, choosing: Choosing) -> bool:
    if not 0 <= now.number - held.number <= MOST_SINCE:
        return False
    changed = changed_between(held.number, now.number)
    if not held.products.isdisjoint(changed):
        return False
    asked, chosen = held.choice
    return not (changed and choosing.may_choose(asked, changed)) or choosing.choose(asked) == chosen


def changed_between(after: int, until: int) -> list[int]:
    """The products that the change feed names behind one number, up to another. One query."""
    return [pk for pk in _CHANGED(after, until) if pk is not None]


_CHANGED = Ready(
    lambda after, until: (
        RegisterChange.objects.filter(number__gt=after, number__lte=until)
        .order_by()
        .values_list("product_id", flat=True)
    )
)


def _built(now: State, key: str, build: Callable[[], HttpResponse]) -> bytes:
    answer = build()
    if isinstance(answer, LastingPage):
        products = answer.shows | frozenset(answer.choice.chosen)
        held = _Held(now.number, answer.content, products, answer.choice)
        _at_hand(key, held)
        newer: _Held | None = cache.get(key)
        # Of two that draw at once, who began later has read more.
        if newer is None or newer.number <= held.number:
            cache.set(key, held, SECONDS)
    return answer.content
