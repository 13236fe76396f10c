"""The register's mark: one word that changes whenever anything the public sees has changed.

Whatever is kept of the register (facet counts, whole pages) is kept under the mark, so it is right the
moment something changes, in every process. The mark is written after the commit: what a reader finds
under a new mark was read from data at least as new.
"""

import uuid
from collections.abc import Callable
from typing import Any, TypeVar

from django.core.cache import cache
from django.db import connection, models, transaction

from facilities.models import Contact, Facility
from portal.territory.models import Commune, Succession, Territory, TerritoryName

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
    RegisterMark,
    SalesLink,
    SetMember,
    SuccessorAuthority,
    Suspension,
    TradeFacts,
    ValidityRule,
)

SECONDS = 600
WATCHED: tuple[type[models.Model], ...] = (
    Certificate,
    CertificatePaper,
    Commune,
    Contact,
    Decision,
    DistributionChannel,
    Facility,
    IntellectualProperty,
    Product,
    ProductPhoto,
    ProductStandard,
    PublishedFigure,
    Recognition,
    RecognitionEvent,
    SalesLink,
    SetMember,
    Succession,
    SuccessorAuthority,
    Suspension,
    Territory,
    TerritoryName,
    TradeFacts,
    ValidityRule,
)
T = TypeVar("T")
_watched: set[type[models.Model]] = set()
_MARK = f"SELECT word FROM {RegisterMark._meta.db_table} WHERE id = 1"  # noqa: S608  our own table's name


def mark() -> str:
    """The mark of now; empty while nothing was ever written. One query."""
    # Asked for on every public page, so without the ORM's share of the time.
    with connection.cursor() as cursor:
        cursor.execute(_MARK)
        found = cursor.fetchone()
    return str(found[0]) if found else ""


def touch() -> None:
    """Say that the register changed. Needed by hand only after `QuerySet.update` and `bulk_create`."""
    if not any(call[1] is _write for call in connection.run_on_commit):
        transaction.on_commit(_write)


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
            signal.connect(_touched, sender=model, dispatch_uid=f"register-{model._meta.label}")


def is_watched(model: type[models.Model]) -> bool:
    """Whether saving a row of the model moves the mark."""
    return model in _watched


def _touched(sender: Any, **kwargs: Any) -> None:
    touch()


def _write() -> None:
    RegisterMark.objects.update_or_create(pk=1, defaults={"word": uuid.uuid4().hex})
