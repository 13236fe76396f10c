"""Completing what an old list left open, from a fuller one. What is known is never overwritten."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from facilities.models import Facility
from portal.audit.services import record

from ..enums import EventKind
from ..models import Decision, Product, Recognition
from .events import note_event
from .products import add_members
from .recognitions import apply_term
from .shared import locked


@transaction.atomic
def complete_product(
    *,
    product: Product,
    actor: Any,
    facility: Facility | None = None,
    members: Sequence[str] = (),
    group: str = "",
    is_set: bool | None = None,
) -> list[str]:
    """Fill in the maker, the members, the checked group, whether it is a set. Returns what was filled in.

    Give `group` and `is_set` only when the fuller source states them.
    """
    row = Product.objects.select_for_update(of=("self",)).get(pk=product.pk)
    done: list[str] = []
    if facility is not None and row.facility_id is None:
        row.facility = facility
        done.append(_("cơ sở"))
    if is_set is not None and not row.set_certain:
        row.is_set, row.set_certain = is_set, True
        done.append(_("sản phẩm đơn hay bộ"))
    if group and not row.group_certain:
        row.group, row.group_certain = group, True
        done.append(_("nhóm sản phẩm"))
    if members and row.is_set and not row.members.exists():
        add_members(product=row, names=members)
        done.append(_("thành phần của bộ"))
    if done:
        row.save()
        record(
            actor=actor,
            action="product.complete",
            sentence=_("Bổ sung cho “%(name)s”: %(what)s.") % {"name": row.name, "what": ", ".join(done)},
            subject=row,
            territory=row.territory,
        )
    return done


@transaction.atomic
def complete_recognition(
    *,
    recognition: Recognition,
    actor: Any,
    round_ordinal: int = 0,
    decision: Decision | None = None,
    issued_on: dt.date | None = None,
    expires_on: dt.date | None = None,
    official_number: str = "",
) -> list[str]:
    """Fill in ordinal, decision, dates and the number of the paper. Returns what was filled in.

    The end of validity is worked out again unless somebody has confirmed it.
    """
    row = locked(recognition)
    done: list[str] = []
    if round_ordinal and not row.round_ordinal:
        row.round_ordinal = round_ordinal
        done.append(_("lần thứ"))
    if decision is not None and row.decision_id is None:
        row.decision = decision
        done.append(_("quyết định"))
    if issued_on and row.issued_on is None:
        row.issued_on = issued_on
        done.append(_("ngày cấp"))
    before = row.expires_on
    if not row.validity_confirmed and (expires_on or done):
        done += _complete_term(row, expires_on)
    if done:
        row.save()
    if before != row.expires_on:
        _tell_new_end(row, before, actor)
    done += _complete_certificate(row, issued_on, official_number)
    if done:
        record(
            actor=actor,
            action="recognition.complete",
            sentence=_("Bổ sung cho công nhận “%(name)s”: %(what)s.")
            % {"name": row.product.name, "what": ", ".join(done)},
            subject=row,
            territory=row.territory,
        )
    return done


@transaction.atomic
def move_recognition(*, recognition: Recognition, product: Product, actor: Any) -> Recognition:
    """Hand a recognition that was entered without a maker over to the maker's product of the same name."""
    row = locked(recognition)
    row.product = product
    row.save(update_fields=["product"])
    record(
        actor=actor,
        action="recognition.move",
        sentence=_("Chuyển công nhận “%(name)s” năm %(year)s về sản phẩm của cơ sở.")
        % {"name": product.name, "year": row.year},
        subject=row,
        territory=row.territory,
    )
    return row


def _complete_term(row: Recognition, expires_on: dt.date | None) -> list[str]:
    before = (row.expires_on, row.expiry_precision)
    apply_term(row, expires_on=expires_on)
    return [_("hiệu lực")] if before != (row.expires_on, row.expiry_precision) or expires_on else []


def _tell_new_end(row: Recognition, before: dt.date | None, actor: Any) -> None:
    now = timezone.now()
    note_event(
        recognition=row, kind=EventKind.VALIDITY_CHANGED, on=timezone.localdate(now), before=before,
        after=row.expires_on, reason=_("Bổ sung theo nguồn đầy đủ hơn"), actor=actor, now=now,
    )  # fmt: skip


def _complete_certificate(row: Recognition, issued_on: dt.date | None, official_number: str) -> list[str]:
    certificate = row.certificates.filter(superseded_on=None).first()
    if certificate is None:
        return []
    numbered = bool(official_number and not certificate.official_number)
    if numbered:
        certificate.official_number = official_number
    if issued_on and certificate.issued_on is None:
        certificate.issued_on = issued_on
        certificate.save()
    elif numbered:
        certificate.save()
    return [_("số giấy chứng nhận")] if numbered else []
