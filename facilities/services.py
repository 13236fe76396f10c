"""Every write to the register of facilities."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from portal.audit.services import record
from portal.territory.models import Commune, Territory
from portal.text.errors import Refusal
from portal.text.fields import label
from portal.text.folding import name_key, normalise
from portal.text.slugs import unique_slug

from . import contacts, taxcode
from .enums import FacilityKind
from .kinds import kind_of
from .models import Contact, Facility, FacilityYear

# What an update may change, with the words of the audit sentence taken from the fields themselves.
EDITABLE = frozenset(
    {
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
        "is_illustrative",
    }
)
TEXTS = ("name", "name_en", "address_recognised", "address_today")


@transaction.atomic
def create_facility(
    *,
    name: str,
    territory: Territory,
    actor: Any,
    kind: str = "",
    tax_code: str = "",
    address: str = "",
    address_today: str = "",
    commune: Commune | None = None,
    is_illustrative: bool = False,
    **more: Any,
) -> Facility:
    """Enter a facility. `address` is the one recognised; without `kind` it is read from the name.

    `more` takes the other editable fields. Raises Refusal `facility_exists` or `facility_invalid`.
    """
    facility = Facility(
        name=name,
        territory=territory,
        kind=kind or kind_of(name),
        tax_code=tax_code,
        address_recognised=address,
        address_today=address_today,
        commune=commune,
        is_illustrative=is_illustrative,
        **_known(more),
    )
    return enter(facility=facility, actor=actor)


@transaction.atomic
def enter(*, facility: Facility, actor: Any) -> Facility:
    """Check and save a new facility, give it its address on the web, and write the audit row."""
    prepare(facility)
    facility.slug = unique_slug(Facility, facility.name)
    _save(facility)
    record(
        actor=actor,
        action="facility.create",
        sentence=_("Ghi cơ sở %(name)s vào danh bạ.") % {"name": facility.name},
        subject=facility,
        territory=facility.territory,
    )
    return facility


@transaction.atomic
def update_facility(*, facility: Facility, actor: Any, reason: str = "", **changes: Any) -> Facility:
    """Change the named fields of a facility; without a real change nothing is written.

    Raises Refusal `facility_exists` or `facility_invalid`, and TypeError for a field that is not editable.
    """
    known = _known(changes)
    current = Facility.objects.select_for_update().get(pk=facility.pk)
    before = {field: getattr(current, field) for field in known}
    for field, value in known.items():
        setattr(current, field, value)
    prepare(current)
    changed = [field for field, value in before.items() if getattr(current, field) != value]
    if changed:
        _save(current)
        _record_change(current, changed, before, actor, reason)
    return current


def _known(changes: dict[str, Any]) -> dict[str, Any]:
    if unknown := changes.keys() - EDITABLE:
        raise TypeError(f"Not editable on a facility: {', '.join(sorted(unknown))}.")
    return changes


def _record_change(facility: Facility, changed: list[str], before: dict[str, Any], actor: Any, reason: str) -> None:
    labels = [label(Facility, field) for field in changed]
    record(
        actor=actor,
        action="facility.update",
        sentence=_("Sửa %(fields)s của cơ sở %(name)s.") % {"fields": ", ".join(labels), "name": facility.name},
        subject=facility,
        territory=facility.territory,
        reason=reason,
        data={
            field: {"before": _plain(field, before[field]), "after": _plain(field, getattr(facility, field))}
            for field in changed
        },
    )


def _plain(field: str, value: Any) -> str:
    """As the audit keeps it: a personal id stays masked there too."""
    return taxcode.mask(value) if field == "tax_code" else str(value if value is not None else "")


def prepare(facility: Facility) -> None:
    """Bring the texts into their stored form and refuse what cannot be saved. Does not write."""
    for field in TEXTS:
        setattr(facility, field, normalise(getattr(facility, field)))
    facility.tax_code = taxcode.normalise(facility.tax_code)
    facility.kind = facility.kind or FacilityKind.UNKNOWN
    # The key is filled when the row is written; the unique constraints need it now.
    facility.name_key = name_key(facility.name)
    _refuse_without_name(facility)
    _refuse_twin(facility)
    try:
        facility.full_clean(exclude=["slug"])
    except ValidationError as error:
        raise _as_refusal(error) from error


def _refuse_without_name(facility: Facility) -> None:
    if not facility.name_key:
        raise Refusal(
            "facility_invalid", _("Chưa có tên cơ sở. Hãy ghi tên như trong giấy đăng ký kinh doanh."), field="name"
        )


def _refuse_twin(facility: Facility) -> None:
    others = Facility.objects.standing().exclude(pk=facility.pk)
    if facility.tax_code:
        twin, field = others.filter(tax_code=facility.tax_code).first(), "tax_code"
    else:
        same = {"tax_code": "", "name_key": facility.name_key, "territory": facility.territory_id}
        twin, field = others.filter(**same).first(), "name"
    if twin is None:
        return
    facts = {"name": twin.name, "province": twin.territory.name}
    if field == "tax_code":
        sentence = _("Mã số thuế này là của %(name)s, %(province)s. Hãy dùng cơ sở đã có.") % facts
    else:
        sentence = (
            _("%(province)s đã có cơ sở tên %(name)s. Hãy dùng cơ sở đã có, hoặc nhập mã số thuế để phân biệt.") % facts
        )
    raise Refusal("facility_exists", sentence, field=field)


def _as_refusal(error: ValidationError) -> Refusal:
    field, messages = next(iter(error.message_dict.items()))
    return Refusal(
        "facility_invalid",
        messages[0],
        field=None if field == "__all__" else field,
        details=tuple(message for found in error.message_dict.values() for message in found),
    )


def _save(facility: Facility) -> None:
    """Two people may enter the same facility in the same second; the constraint decides, in words."""
    try:
        with transaction.atomic():
            facility.save()
    except IntegrityError as error:
        raise Refusal(
            "facility_exists", _("Cơ sở này vừa được người khác ghi. Hãy tải lại trang và dùng cơ sở đã có.")
        ) from error


@transaction.atomic
def record_year(
    *,
    facility: Facility,
    year: int,
    actor: Any,
    revenue: int | None = None,
    export_value: int | None = None,
    workers: int | None = None,
    source: str = "",
) -> FacilityYear:
    """Write the figures of one year, over those already there. Money in đồng. Raises Refusal `figures_invalid`."""
    Facility.objects.select_for_update().get(pk=facility.pk)
    figures = FacilityYear.objects.filter(facility=facility, year=year).first() or FacilityYear(
        facility=facility, year=year
    )
    figures.revenue, figures.export_value, figures.workers, figures.source = revenue, export_value, workers, source
    try:
        figures.full_clean()
    except ValidationError as error:
        raise Refusal("figures_invalid", error.messages[0], details=tuple(error.messages)) from error
    figures.save()
    note_figures(figures=figures, actor=actor)
    return figures


def note_figures(*, figures: FacilityYear, actor: Any) -> None:
    """The audit row of one year's figures, in the transaction that writes them."""
    facility = figures.facility
    record(
        actor=actor,
        action="facility.figures",
        sentence=_("Ghi số liệu năm %(year)s của cơ sở %(name)s.") % {"year": figures.year, "name": facility.name},
        subject=facility,
        territory=facility.territory,
    )


@transaction.atomic
def add_contact(*, facility: Facility, kind: str, value: str, actor: Any, person: str = "") -> Contact:
    """Add a way to reach the facility, without any consent yet. Raises Refusal `contact_invalid`."""
    contact = Contact.objects.create(
        facility=facility, kind=kind, value=contacts.tidy(kind, value), person=normalise(person)
    )
    record(
        actor=actor,
        action="facility.contact",
        sentence=_("Thêm liên hệ cho cơ sở %(name)s.") % {"name": facility.name},
        subject=facility,
        territory=facility.territory,
    )
    return contact


@transaction.atomic
def grant_consent(
    *,
    contact: Contact,
    actor: Any,
    on: dt.date,
    may_publish: bool = False,
    may_notify: bool = False,
    proof: str = "",
) -> Contact:
    """Record that the facility agreed to have a contact published or to receive reminders there.

    Raises Refusal `no_consent_named` when neither is agreed to.
    """
    if not (may_publish or may_notify):
        raise Refusal(
            "no_consent_named", _("Hãy chọn cơ sở đồng ý công bố liên hệ, đồng ý nhận thư nhắc, hoặc cả hai.")
        )
    current = Contact.objects.select_for_update().get(pk=contact.pk)
    current.may_publish, current.may_notify = may_publish, may_notify
    current.consent_on, current.consent_proof = on, normalise(proof)
    current.save()
    note_consent(contact=current, actor=actor)
    return current


@transaction.atomic
def withdraw_consent(*, contact: Contact, actor: Any, reason: str = "") -> Contact:
    """Take a contact out of publication and of reminders. Safe to repeat: the second time writes nothing."""
    current = Contact.objects.select_for_update().get(pk=contact.pk)
    if not (current.may_publish or current.may_notify):
        return current
    current.may_publish = current.may_notify = False
    current.save()
    note_consent(contact=current, actor=actor, reason=reason)
    return current


def note_consent(*, contact: Contact, actor: Any, reason: str = "") -> None:
    """The audit row of a consent given or withdrawn, in the transaction that writes it."""
    given = contact.may_publish or contact.may_notify
    sentence = (
        _("Ghi sự đồng ý của cơ sở %(name)s về %(kind)s.") if given else _("Cơ sở %(name)s rút sự đồng ý về %(kind)s.")
    )
    record(
        actor=actor,
        action="facility.consent" if given else "facility.consent_end",
        sentence=sentence % {"name": contact.facility.name, "kind": contact.get_kind_display().lower()},
        subject=contact.facility,
        territory=contact.facility.territory,
        reason=reason,
        data={"contact": contact.pk, "publish": contact.may_publish, "notify": contact.may_notify},
    )
