"""What facilities and their people are told about, and which of their addresses agreed to letters."""

import datetime as dt
from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Lower, Trim
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.queries import staff_reach
from portal.audit.services import record
from portal.notices import people
from portal.notices.enums import Audience, Channel
from portal.notices.kinds import Kind, register

from .enums import ContactKind, RepresentativeState
from .models import Contact, Representative

STANDING = (RepresentativeState.PENDING, RepresentativeState.APPROVED)


def _representatives(user_ids: Collection[int], on: dt.date) -> set[int]:
    rows = Representative.objects.filter(user__in=user_ids, state__in=STANDING)
    return set(rows.values_list("user_id", flat=True))


def _willing() -> Any:
    """Addresses that agreed to letters, as `plain` without capitals and spaces: some came from old lists."""
    contacts = Contact.objects.filter(kind=ContactKind.EMAIL, may_notify=True)
    return contacts.annotate(plain=Lower(Trim("value")))


def _agreed(addresses: Collection[str]) -> set[str]:
    """Which of the addresses belong to a facility that agreed to letters there. One query."""
    return set(_willing().filter(plain__in=addresses).values_list("plain", flat=True))


@transaction.atomic
def stop_letters(address: str) -> int:
    """The reader of an address wants no more letters: every facility's agreement for it ends, with an audit row each."""
    mine = _willing().filter(plain=address).prefetch_related("facility__territory").order_by("pk")
    found = list(mine.select_for_update(of=("self",)))
    for contact in found:
        contact.may_notify = False
        contact.save(update_fields=["may_notify"])
        record(
            actor=None,
            action="facility.letters_stopped",
            sentence=_("Người nhận của cơ sở %(name)s bấm ngừng nhận thư nhắc.") % {"name": contact.facility.name},
            subject=contact.facility,
            territory=contact.facility.territory,
            data={"contact": contact.pk, "notify": False},
        )
    return len(found)


def _registration_page(user: Any, subject_id: UUID) -> str:
    """An officer comes to the registration in the desk, its owner to the facility's own page."""
    row = Representative.objects.filter(uuid=subject_id).first()
    if row is None:
        return ""
    if row.user_id == user.pk:
        return reverse("my_facility")
    reached = staff_reach(user).everything or row.territory_id in staff_reach(user).territory_ids
    return reverse("admin:facilities_representative_change", args=[row.pk]) if reached else ""


people.register_standing(Audience.FACILITY, _representatives)
people.register_book("facilities", people.AddressBook(agreed=_agreed, stop=stop_letters))
for _code, _label in (
    ("representative_approved", gettext_lazy("Sở xác nhận tài khoản của cơ sở")),
    ("representative_refused", gettext_lazy("Sở chưa xác nhận tài khoản của cơ sở")),
    ("representative_ended", gettext_lazy("Thôi đại diện cho cơ sở")),
    ("login_registered_again", gettext_lazy("An toàn của tài khoản")),
):
    register(
        Kind(
            code=_code,
            label=_label,
            legal=True,
            whom=frozenset({Audience.FACILITY}),
            to_anyone=True,
            link=_registration_page,
        )
    )
register(
    Kind(
        code="representative_claimed",
        label=gettext_lazy("Cơ sở đăng ký tài khoản, chờ xác nhận"),
        default=Channel.DIGEST,
        whom=frozenset({Audience.STAFF}),
        link=_registration_page,
    )
)
register(
    Kind(
        code="facility_wanted",
        label=gettext_lazy("Xã đề nghị ghi thêm cơ sở"),
        whom=frozenset({Audience.STAFF}),
        link=lambda user, _commune: reverse("admin:facilities_facility_add") if staff_reach(user).roles else "",
    )
)
