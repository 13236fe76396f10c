"""Pages that outlast changes of products they do not show.

Such a page says which products it shows and which choice it made among all the others. It is kept under the mark of
what is common (`register.State.common`), so any change but one of single products makes it anew. Of those the change
feed names every one: the page stays while none of them is among the products it shows, and the choice, made again,
comes out the same. Nothing else of the register may reach the page but what is asked for in its address, its day,
its language and how it is shown, which are all in its name.
"""

import time
from collections.abc import Callable
from typing import Any, NamedTuple

from django.core.cache import cache
from django.http import HttpResponse

from .models import RegisterChange
from .register import SECONDS, State


class Choice(NamedTuple):
    """What was asked of the whole register, and the products that answered."""

    asked: Any
    chosen: list[int]


class LastingPage(HttpResponse):
    """A page with the products that it shows besides the chosen ones, and its choice."""

    shows: frozenset[int]
    choice: Choice


class _Held(NamedTuple):
    number: int
    until: float
    content: bytes
    products: frozenset[int]
    choice: Choice


def lasting(now: State, name: str, build: Callable[[], HttpResponse], choose: Callable[[Any], list[int]]) -> bytes:
    """The page as held where it is still right, else built; held when it is a `LastingPage`.

    One query and those of the choice where it is held. `now` was read before anything the page is built from.
    """
    key = f"register:lasting:{now.common}:{name}"
    held: _Held | None = cache.get(key)
    if held is None or not _stands(held, now, choose):
        return _built(now, key, build)
    # Never longer than when it was built: the number moves on, the end does not.
    cache.set(key, held._replace(number=now.number), max(1, held.until - time.time()))
    return held.content


def _stands(held: _Held, now: State, choose: Callable[[Any], list[int]]) -> bool:
    if not held.number <= now.number or held.until < time.time():
        return False
    since = RegisterChange.objects.filter(number__gt=held.number, number__lte=now.number)
    if since.filter(product_id__in=held.products).exists():
        return False
    return choose(held.choice.asked) == held.choice.chosen


def _built(now: State, key: str, build: Callable[[], HttpResponse]) -> bytes:
    page = build()
    if isinstance(page, LastingPage):
        products = page.shows | frozenset(page.choice.chosen)
        held = _Held(now.number, time.time() + SECONDS, page.content, products, page.choice)
        cache.set(key, held, SECONDS)
    return page.content
