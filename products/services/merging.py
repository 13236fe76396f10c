"""Two entries of one product made one. What was published stays published, under the same codes."""

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from facilities.enums import RegisterKind
from facilities.journal import Journal
from facilities.merging import hold_products, lock_pair, move, note, require, take_over
from facilities.models import Merging
from portal.audit.services import record
from portal.text.errors import Refusal

from ..models import Product, Recognition
from .products import prepare_product

FIELDS = (
    "name",
    "name_en",
    "group",
    "group_certain",
    "is_set",
    "set_certain",
    "facility",
    "territory",
    "summary",
    "summary_en",
    "story",
    "materials",
    "traceability_code",
    "first_made_year",
)
# What a certificate says of its own; two that differ in it are not two entries of one recognition.
ENDINGS = ("revoked_on", "withdrawn_on", "suspended_from", "suspended_to")
FACTS = ("decision", "issued_on", "locality", "source", "source_note")
TERM = ("expires_on", "expiry_precision", "validity_rule", "validity_confirmed")


@transaction.atomic
def merge_products(
    *, survivor: Product, loser: Product, take: Collection[str] = (), reason: str, actor: Any, now: dt.datetime
) -> Merging:
    """Move everything of `loser` to `survivor`, with the fields named in `take`, and leave a tombstone.

    A recognition that both hold (level, year, ordinal) becomes one: the certificates of both lead to it.
    Raises Refusal `not_your_province`, `reason_missing`, `already_merged`, `product_exists`, `recognitions_differ`,
    `busy` or `merge_clash`.
    """
    hold_products(Product, survivor.pk, loser.pk)
    kept, gone = lock_pair(Product, survivor, loser)
    require(actor, kept, gone, reason)
    written = Journal()
    written.write(gone, merged_into=kept)
    take_over(written, kept, gone, take, fields=FIELDS, prepare=prepare_product)
    for row in gone.recognitions.select_for_update(of=("self",)).select_related("decision").order_by("pk"):
        _move_recognition(written, kept, row, now)
    leave = frozenset({Recognition._meta.label})
    left = move(written, kept, gone, refuse=_("Hãy sửa những mục này trước."), leave=leave)
    merging = note(RegisterKind.PRODUCT, kept, gone, written=written, reason=reason, actor=actor, now=now)
    record(
        actor=actor,
        action="product.merge",
        sentence=_("Gộp sản phẩm “%(loser)s” vào “%(survivor)s”.") % {"loser": gone.name, "survivor": kept.name},
        subject=kept,
        territory=kept.territory,
        reason=merging.reason,
        data={"loser": gone.pk, "merging": merging.pk, "left": left},
    )
    return merging


def _move_recognition(written: Journal, kept: Product, row: Recognition, now: dt.datetime) -> None:
    same = {"level": row.level, "year": row.year, "round_ordinal": row.round_ordinal}
    twin = kept.recognitions.select_for_update(of=("self",)).select_related("decision").filter(**same).first()
    if twin is None:
        written.write(row, product=kept)
        return
    _require_one(row, twin)
    _complete(written, twin, row)
    _move_certificates(written, twin, row, now)
    move(
        written,
        twin,
        row,
        refuse=_("Hai hồ sơ cùng dẫn đến một công nhận."),
        # What the tombstone went through is the same as what the other did, and its trace is never rewritten.
        leave=frozenset({"products.Certificate", "products.Suspension", "products.RecognitionEvent"}),
    )


def _require_one(row: Recognition, twin: Recognition) -> None:
    """Two rows are one recognition only when nothing they say of it differs."""
    facts = {"level": row.get_level_display().lower(), "year": row.year}
    endings_differ = any(getattr(row, name) != getattr(twin, name) for name in ENDINGS)
    if row.stage != twin.stage or endings_differ or _pauses(row) != _pauses(twin):
        raise Refusal(
            "recognitions_differ",
            _("Hai bản ghi cùng có công nhận %(level)s %(year)s nhưng khác tình trạng. Hãy đối chiếu rồi sửa một bên.")
            % facts,
        )
    if row.decision_id and twin.decision_id and row.decision_id != twin.decision_id:
        raise Refusal(
            "recognitions_differ",
            _("Công nhận %(level)s %(year)s của hai bên theo hai quyết định: %(one)s và %(other)s. Hãy sửa một bên.")
            % {**facts, "one": twin.decision, "other": row.decision},
        )


def _pauses(row: Recognition) -> set[tuple[dt.date, dt.date | None]]:
    return set(row.suspensions.values_list("begins_on", "ends_on"))


def _complete(written: Journal, twin: Recognition, row: Recognition) -> None:
    """What only the other row knows is kept."""
    known = {name: getattr(row, name) for name in FACTS if getattr(row, name) and not getattr(twin, name)}
    if row.validity_confirmed and not twin.validity_confirmed:
        known |= {name: getattr(row, name) for name in TERM}
    if row.published_at and not twin.published_at:
        known["published_at"] = row.published_at
    written.write(row, published_at=None)
    written.write(twin, **known)


def _move_certificates(written: Journal, twin: Recognition, row: Recognition, now: dt.datetime) -> None:
    """Every code goes on answering; where both have a paper in use, the other's answers as replaced by it."""
    in_use = twin.certificates.filter(superseded_on=None).first()
    for paper in row.certificates.select_for_update().order_by("pk"):
        if paper.content_hash:
            raise Refusal(
                "numbered_by_the_portal",
                _("Giấy chứng nhận số %(number)s do cổng cấp thì không chuyển sang công nhận khác. Hãy gộp ngược lại.")
                % {"number": paper.official_number},
            )
        if in_use is None or paper.superseded_on is not None:
            written.write(paper, recognition=twin)
            continue
        if paper.official_number and in_use.official_number not in {"", paper.official_number}:
            raise Refusal(
                "recognitions_differ",
                _("Hai bên có hai giấy chứng nhận khác số: %(one)s và %(other)s. Hãy sửa một bên.")
                % {"one": in_use.official_number, "other": paper.official_number},
            )
        if paper.official_number:
            written.write(in_use, official_number=paper.official_number)
        reason = _("Gộp hai bản ghi của cùng một công nhận.")
        written.write(paper, recognition=twin, superseded_on=timezone.localdate(now), superseded_reason=reason)
