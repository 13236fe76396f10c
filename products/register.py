"""The register's mark: one word that changes whenever anything the public sees has changed, and what changed.

Whatever is kept of the register (facet counts, whole pages, the columns in memory) is kept under the mark, so it
is right the moment something changes, in every process. The mark is written after the commit: what a reader finds
under a new mark was read from data at least as new. With it goes the change feed: which products' public entries
are to be read again, numbered without gaps under the lock of the mark's row. A second word, `common`, stays what it
was while everything that changed is told by the feed, product by product (`products.lasting` builds on it).
"""

import datetime as dt
import uuid
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, TypeVar

from django.core.cache import cache
from django.db import connection, models, transaction
from django.db.models import Max
from django.utils import timezone

from facilities.models import Contact, Facility
from portal.territory.models import Commune, Succession, Territory, TerritoryName

from .enums import ChangeKind
from .models import (
    Certificate,
    CertificatePaper,
    Decision,
    DistributionChannel,
    IntellectualProperty,
    Product,
    ProductPhoto,
    ProductStandard,
    PublishedFigure,
    Recognition,
    RecognitionEvent,
    RegisterChange,
    RegisterMark,
    SalesLink,
    SetMember,
    SuccessorAuthority,
    Suspension,
    TradeFacts,
    ValidityRule,
)
from .models.recognition import PUBLISHED

SECONDS = 600
# Beyond this many products of one commit the feed says "all" instead of naming each.
MOST_NAMED = 50_000
CHUNK = 5_000
KEPT_FOR = dt.timedelta(days=730)

# How a changed row leads to products: what is remembered of it, and the look-up from a product to that.
_VIA: dict[type[models.Model], tuple[str, str]] = {
    Product: ("pk", "pk"),
    SetMember: ("product_set_id", "pk"),
    Recognition: ("product_id", "pk"),
    Suspension: ("recognition_id", "recognitions"),
    RecognitionEvent: ("recognition_id", "recognitions"),
    Certificate: ("recognition_id", "recognitions"),
    CertificatePaper: ("certificate_id", "recognitions__certificates"),
    Decision: ("pk", "recognitions__decision"),
    Facility: ("pk", "facility"),
    Contact: ("facility_id", "facility"),
    Commune: ("pk", "facility__commune"),
    **dict.fromkeys(
        (DistributionChannel, IntellectualProperty, ProductPhoto, ProductStandard, SalesLink, TradeFacts),
        ("product_id", "pk"),
    ),
}
# Changes of these show on the page of the product they belong to, and where that product stands as a card or a member:
# nowhere else on a product's page. A row goes from one product to another only by merging, which writes both.
_OF_ONE = frozenset(_VIA) - {Commune, Contact, Decision, Facility}
# Changes of these may concern every product.
_OF_ALL = (Succession, SuccessorAuthority, Territory, TerritoryName, ValidityRule)
WATCHED: tuple[type[models.Model], ...] = (*_VIA, *_OF_ALL, PublishedFigure)
T = TypeVar("T")
_watched: set[type[models.Model]] = set()
_followers: list[Callable[[list[str]], None]] = []
_STATE = f"SELECT word, number, common FROM {RegisterMark._meta.db_table} WHERE id = 1"  # noqa: S608  our own table's name


class State(NamedTuple):
    """The mark of now, the number of the last entry of the change feed, and the mark of what is common."""

    word: str
    number: int
    common: str


def state() -> State:
    """The marks and the last number; empty marks while nothing was ever written. One query."""
    # Asked for on every public page, so without the ORM's share of the time.
    with connection.cursor() as cursor:
        cursor.execute(_STATE)
        found = cursor.fetchone()
    return State(str(found[0]), int(found[1]), str(found[2])) if found else State("", 0, "")


def mark() -> str:
    """The mark of now; empty while nothing was ever written. One query."""
    return state().word


def touch(products: Iterable[int] = (), *, everything: bool = False) -> None:
    """Say that the register changed, and the public entries of which products (keys) with it.

    Needed by hand only after `QuerySet.update` and `bulk_create`.
    """
    named = list(products)
    _note("pk", named, everything=everything, common=not named)


def is_changing() -> bool:
    """Whether the transaction that is open has changed the register, so that what it reads is its own."""
    return any(isinstance(call[1], _Touched) for call in connection.run_on_commit)


def kept(under: str, key: str, read: Callable[[], T]) -> T:
    """What was kept under a mark, else read and kept. Without a mark nothing is kept."""
    if not under:
        return read()
    name = f"register:{under}:{key}"
    found = cache.get(name)
    if found is None:
        found = read()
        cache.set(name, found, SECONDS)
    return found


def watch(*models_too: type[models.Model]) -> None:
    """Touch the mark when a row the public may see is saved or deleted; the roof adds models of other rooms."""
    for model in models_too or WATCHED:
        _watched.add(model)
        for signal in (models.signals.post_save, models.signals.post_delete):
            signal.connect(_row_touched, sender=model, dispatch_uid=f"register-{model._meta.label}")


def follow(told: Callable[[list[str]], None]) -> None:
    """Have something told of the slugs of public products that changed, each time after the marks are written."""
    if told not in _followers:
        _followers.append(told)


def is_watched(model: type[models.Model]) -> bool:
    """Whether saving a row of the model moves the mark."""
    return model in _watched


def forget_old_changes(*, now: dt.datetime) -> int:
    """Drop entries of the feed older than anybody follows it, never the last one; says how many."""
    last = RegisterChange.objects.aggregate(last=Max("number"))["last"]
    return RegisterChange.objects.filter(at__lt=now - KEPT_FOR).exclude(number=last).delete()[0]


# --- what one transaction touched ------------------------------------------------------------------------


class _Touched:
    """What one transaction touched; called once it is committed.

    What a savepoint touched and took back stays named: a reader then reads the same again, which does no harm.
    """

    def __init__(self) -> None:
        self.keys: dict[str, set[int]] = {}
        self.everything = False
        self.common = False

    def __call__(self) -> None:
        with transaction.atomic():
            held = _locked()
            products = set() if self.everything else self._products()
            rows = self._entries(held.number, products)
            RegisterChange.objects.bulk_create(rows, batch_size=CHUNK)
            held.number += len(rows)
            held.word = uuid.uuid4().hex
            # A product that the feed does not name may have been public before the feed was kept.
            if self.common or not held.common or not products or len(rows) != len(products):
                held.common = held.word
            held.save()
        if changed := [row.slug for row in rows if row.kind == ChangeKind.PUBLISHED]:
            for told in _followers:
                told(changed)

    def _entries(self, last: int, products: set[int]) -> list[RegisterChange]:
        now = timezone.now()
        if self.everything or len(products) > MOST_NAMED:
            return [RegisterChange(number=last + 1, at=now, kind=ChangeKind.ALL)]
        found = [entry for chunk in _chunks(products) for entry in _became(chunk)]
        return [
            RegisterChange(number=number, at=now, kind=kind, product_id=pk, product_uuid=key, slug=slug)
            for number, (pk, kind, key, slug) in enumerate(found, last + 1)
        ]

    def _products(self) -> set[int]:
        """The keys of the products touched. One query for each other kind of row that was."""
        found = set(self.keys.get("pk", ()))
        for lookup, keys in self.keys.items():
            if lookup != "pk":
                for chunk in _chunks(keys):
                    found.update(Product.objects.filter(**{f"{lookup}__in": chunk}).values_list("pk", flat=True))
        return found


def _note(lookup: str, keys: Iterable[int], *, everything: bool = False, common: bool = False) -> None:
    """Add to what the open transaction has touched; outside one, that is written at once."""
    found = next((call[1] for call in connection.run_on_commit if isinstance(call[1], _Touched)), None)
    noted = found or _Touched()
    noted.everything |= everything
    noted.common |= common
    noted.keys.setdefault(lookup, set()).update(keys)
    if found is None:
        transaction.on_commit(noted)


def _row_touched(sender: type[models.Model], instance: Any, **kwargs: Any) -> None:
    column, lookup = _VIA.get(sender, ("", "pk"))
    keys = [getattr(instance, column)] if column else []
    _note(lookup, keys, everything=sender in _OF_ALL, common=sender not in _OF_ONE)


def _locked() -> RegisterMark:
    """The mark's row, locked: whoever writes waits here, so numbers follow each other without gaps."""
    rows = RegisterMark.objects.select_for_update().filter(pk=1)
    found = rows.first()
    if found is None:
        RegisterMark.objects.bulk_create([RegisterMark(pk=1)], ignore_conflicts=True)
        found = rows.get()
    return found


# --- what became of them -----------------------------------------------------------------------------------

Entry = tuple[int, str, uuid.UUID | None, str]


def _became(products: list[int]) -> list[Entry]:
    """Those that stand in the public register now, and those that stood there before. Five queries at most."""
    rows = Product.objects.public().filter(pk__in=products).order_by("pk").values_list("pk", "uuid", "slug")
    published: list[Entry] = [(pk, ChangeKind.PUBLISHED.value, key, slug) for pk, key, slug in rows]
    others = set(products) - {entry[0] for entry in published}
    return [*published, *_gone(others)] if others else published


def _gone(products: set[int]) -> list[Entry]:
    """Those that the feed or, before it was kept, their history said to be public. What never was stays unnamed."""
    entries = RegisterChange.objects.filter(product_id__in=products).order_by("number")
    rows = entries.values_list("product_id", "kind", "product_uuid", "slug")
    told: dict[int, Entry] = {pk: (pk, kind, key, slug) for pk, kind, key, slug in rows if pk is not None}
    gone = [row for row in told.values() if row[1] == ChangeKind.PUBLISHED]
    gone += _known_of_old(products - told.keys())
    return [(pk, ChangeKind.GONE.value, key, slug) for pk, _kind, key, slug in sorted(gone)]


def _known_of_old(products: set[int]) -> list[Entry]:
    if not products:
        return []
    once = Recognition.history.filter(PUBLISHED, product_id__in=products).values_list("product_id", flat=True)
    rows = Product.history.filter(id__in=set(once)).order_by("history_id").values_list("id", "uuid", "slug")
    return list({pk: (pk, "", key, slug) for pk, key, slug in rows}.values())


def _chunks(keys: Iterable[int]) -> Iterable[list[int]]:
    ordered = sorted(keys)
    return (ordered[start : start + CHUNK] for start in range(0, len(ordered), CHUNK))
