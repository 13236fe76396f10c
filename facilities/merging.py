"""Two entries of one facility made one; the other stays as a tombstone that leads to it, and can be brought back."""

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from typing import Any

from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.dispatch import Signal
from django.utils.translation import gettext as _

from portal.audit.services import record
from portal.text.errors import Refusal
from portal.text.folding import normalise

from . import journal, rules, services
from .enums import RegisterKind, RepresentativeState
from .journal import Journal
from .models import Facility, Merging, NotTwins, Representative

# Two entries are about to become one, or two again. Sent twice with their `facility_ids`: first, with `waits`, before
# any row is held, so that who works on what names them and the merge take turns; then with the facilities held.
facilities_joining = Signal()
# The same for two entries of a product, with their `product_ids`.
products_joining = Signal()
# Two entries became one, or two again: sent in the same transaction with the `facility_ids` that now hold the rows.
facilities_joined = Signal()
MAX_STEPS = 20
FIELDS = (
    "name",
    "name_en",
    "kind",
    "tax_code",
    "territory",
    "commune",
    "address_recognised",
    "address_today",
    "latitude",
    "longitude",
    "founded_year",
    "introduction",
    "introduction_en",
)


@transaction.atomic
def merge_facilities(
    *, survivor: Facility, loser: Facility, take: Collection[str] = (), reason: str, actor: Any, now: dt.datetime
) -> Merging:
    """Move everything of `loser` to `survivor`, with the fields named in `take`, and leave a tombstone.

    Raises Refusal `not_your_province`, `reason_missing`, `already_merged`, `facility_exists`, `busy` or `merge_clash`,
    the last naming what both have and only one may have.
    """
    _hold(survivor.pk, loser.pk)
    kept, gone = lock_pair(Facility, survivor, loser)
    require(actor, kept, gone, reason)
    written = Journal()
    written.write(gone, merged_into=kept)
    take_over(written, kept, gone, take, fields=FIELDS, prepare=services.prepare)
    left = move(written, kept, gone, refuse=_("Hãy gộp hoặc sửa những mục này trước."))
    merging = note(RegisterKind.FACILITY, kept, gone, written=written, reason=reason, actor=actor, now=now)
    record(
        actor=actor,
        action="facility.merge",
        sentence=_("Gộp cơ sở %(loser)s vào %(survivor)s.") % {"loser": gone.name, "survivor": kept.name},
        subject=kept,
        territory=kept.territory,
        reason=merging.reason,
        data={"loser": gone.pk, "merging": merging.pk, "left": left},
    )
    facilities_joined.send(Facility, facility_ids=[kept.pk])
    return merging


def _hold(*pks: int) -> None:
    """The facilities, after what others hold before them. Raises Refusal `busy` when more came up in between."""
    facilities_joining.send(Facility, facility_ids=pks, waits=True)
    list(Facility.objects.select_for_update(of=("self",)).filter(pk__in=pks).order_by("pk"))
    facilities_joining.send(Facility, facility_ids=pks, waits=False)


def hold_products(model: Any, *pks: int) -> None:
    """Two products, in the same way."""
    products_joining.send(model, product_ids=pks, waits=True)
    list(model._base_manager.select_for_update(of=("self",)).filter(pk__in=pks).order_by("pk"))
    products_joining.send(model, product_ids=pks, waits=False)


def take_over(
    written: Journal,
    kept: Any,
    gone: Any,
    take: Collection[str],
    *,
    fields: Collection[str],
    prepare: Callable[[Any], object],
) -> None:
    """Write the chosen values of what goes on what is kept, once a copy with them has passed `prepare`."""
    if unknown := set(take) - set(fields):
        raise TypeError(f"Not chosen when merging: {', '.join(sorted(unknown))}.")
    values = {name: getattr(gone, name) for name in fields if name in take}
    trial = type(kept)._default_manager.get(pk=kept.pk)
    for name, value in values.items():
        setattr(trial, name, value)
    prepare(trial)
    written.write(kept, **values)


def lock_pair(model: Any, survivor: Any, loser: Any) -> tuple[Any, Any]:
    """Both rows locked in the order of their ids. Raises Refusal `already_merged` when one is a tombstone."""
    pks = [survivor.pk, loser.pk]
    rows = model.objects.select_for_update(of=("self",)).filter(pk__in=pks).order_by("pk")
    found = {row.pk: row for row in rows}
    if any(row.merged_into_id for row in found.values()) or survivor.pk == loser.pk:
        raise Refusal("already_merged", _("Một trong hai bản ghi đã được gộp. Hãy tải lại trang."))
    return found[survivor.pk], found[loser.pk]


def require(actor: Any, kept: Any, gone: Any, reason: str) -> None:
    """The rights and the reason that every merge needs."""
    rules.require_merge(actor, kept.territory_id, gone.territory_id)
    if not normalise(reason):
        raise Refusal("reason_missing", _("Việc này cần lý do. Hãy ghi lý do."), field="reason")


def move(
    written: Journal, kept: models.Model, gone: models.Model, *, refuse: str, leave: frozenset[str] = frozenset()
) -> list[str]:
    """Point everything that names the loser at the survivor. Returns what the survivor has already, in words.

    A part of the thing (a year's figures, a link) that the survivor has already stays with the tombstone.
    Anything else that may be there once only is refused.
    """
    left: list[str] = []
    clashes: list[str] = []
    for model, name, is_part in journal.references(type(kept), leave=leave):
        for row in model._base_manager.filter(**{name: gone.pk}).order_by("pk"):
            try:
                written.write(row, **{name: kept})
            except IntegrityError:
                words = _("Cả hai đều có %(what)s: %(row)s.") % {"what": model._meta.verbose_name, "row": row}
                stays = is_part or _ended(written, row)
                (left if stays else clashes).append(words)
    if clashes:
        sentence = _("Chưa gộp được, vì có mục chỉ được có một. %(what)s") % {"what": refuse}
        raise Refusal("merge_clash", sentence, details=tuple(clashes))
    return left


def _ended(written: Journal, row: models.Model) -> bool:
    """One person who speaks for both goes on speaking for one."""
    if not isinstance(row, Representative):
        return False
    written.write(row, state=RepresentativeState.ENDED, reason=_("Hai cơ sở đã gộp làm một."))
    return True


def note(
    kind: RegisterKind, kept: Any, gone: Any, *, written: Journal, reason: str, actor: Any, now: dt.datetime
) -> Merging:
    """The record from which the merge can be undone."""
    return Merging.objects.create(
        kind=kind,
        survivor_id=kept.pk,
        survivor_name=kept.name,
        loser_id=gone.pk,
        loser_name=gone.name,
        territory=kept.territory,
        changes=written.changes,
        reason=normalise(reason),
        by=actor,
        at=now,
    )


@transaction.atomic
def undo_merging(*, merging: Merging, actor: Any, now: dt.datetime) -> Merging:
    """Bring the tombstone back with everything that was its own. What came since stays with the survivor.

    Raises Refusal `not_your_province`, `already_undone`, `busy` or `moved_on`, the last naming what changed since.
    """
    row = Merging.objects.select_for_update(of=("self",)).select_related("territory").get(pk=merging.pk)
    if row.undone_at is not None:
        raise Refusal("already_undone", _("Hai bản ghi này đã được tách lại. Hãy tải lại trang."))
    model = apps.get_model(row.changes[0]["model"])
    if model is Facility:
        _hold(row.survivor_id, row.loser_id)
    else:
        hold_products(model, row.survivor_id, row.loser_id)
    pair = model._base_manager.filter(pk__in=[row.survivor_id, row.loser_id])
    rules.require_merge(actor, *pair.values_list("territory_id", flat=True))
    journal.undo(row.changes)
    row.undone_at = now
    row.save(update_fields=["undone_at"])
    record(
        actor=actor,
        action=f"{row.kind}.unmerge",
        sentence=_("Tách lại “%(loser)s” khỏi “%(survivor)s”.")
        % {"loser": row.loser_name, "survivor": row.survivor_name},
        subject=model._base_manager.get(pk=row.survivor_id),
        territory=row.territory,
        data={"merging": row.pk},
    )
    if model is Facility:
        facilities_joined.send(Facility, facility_ids=[row.survivor_id, row.loser_id])
    return row


@transaction.atomic
def confirm_not_twins(*, pair: Sequence[Any], reason: str, actor: Any, now: dt.datetime) -> NotTwins:
    """Remember that two rows that look alike are two. Raises Refusal `not_your_province` or `reason_missing`."""
    first, second = sorted(pair, key=lambda row: row.pk)
    kind = RegisterKind.FACILITY if isinstance(first, Facility) else RegisterKind.PRODUCT
    require(actor, first, second, reason)
    found, created = NotTwins.objects.get_or_create(
        kind=kind,
        first_id=first.pk,
        second_id=second.pk,
        defaults={"reason": normalise(reason), "by": actor, "at": now},
    )
    if created:
        record(
            actor=actor,
            action=f"{kind}.not_twins",
            sentence=_("Xác nhận “%(first)s” và “%(second)s” là hai bản ghi khác nhau.")
            % {"first": first.name, "second": second.name},
            subject=first,
            territory=first.territory,
            reason=found.reason,
            data={"other": second.pk},
        )
    return found


def survivor_of(row: Any) -> Any:
    """The row that a tombstone leads to, through further merges."""
    for _step in range(MAX_STEPS):
        if row.merged_into is None:
            break
        row = row.merged_into
    return row
