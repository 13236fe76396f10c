"""What makes the portal hold the declarations against the register again, by whatever door it was changed."""

from typing import Any

from django.db.models.signals import post_save
from django.utils import timezone

from facilities.enums import RepresentativeState
from facilities.models import Facility, Representative
from products.models import Product

from .enums import DossierState
from .models import Dossier
from .services import detection


def connect() -> None:
    post_save.connect(_dossier, sender=Dossier, dispatch_uid="conflicts-dossier")
    post_save.connect(_facility, sender=Facility, dispatch_uid="conflicts-facility")
    post_save.connect(_product, sender=Product, dispatch_uid="conflicts-product")
    post_save.connect(_representative, sender=Representative, dispatch_uid="conflicts-representative")


def _dossier(instance: Dossier, created: bool, raw: bool, **kwargs: Any) -> None:
    if not raw and (created or instance.state == DossierState.ELIGIBLE):
        detection.dossier_saved(instance, now=timezone.now())


def _facility(instance: Facility, created: bool, raw: bool, update_fields: Any = None, **kwargs: Any) -> None:
    touched = update_fields is None or detection.WATCHED & set(update_fields)
    if not raw and not created and touched:
        detection.facility_changed(instance, now=timezone.now())


def _product(instance: Product, created: bool, raw: bool, update_fields: Any = None, **kwargs: Any) -> None:
    moved = update_fields is not None and {"facility", "facility_id"} & set(update_fields)
    if not raw and not created and instance.facility and moved:
        detection.facility_changed(instance.facility, now=timezone.now())


def _representative(instance: Representative, raw: bool, **kwargs: Any) -> None:
    if not raw and instance.state == RepresentativeState.APPROVED and instance.facility_id is not None:
        detection.representative_approved(user=instance.user, facility_id=instance.facility_id, now=timezone.now())
