"""What makes the portal look again for expenses supported twice when two entries of a facility become one, or two again."""

from collections.abc import Iterable
from typing import Any

from facilities.merging import facilities_joined

from ..services import duplicates


def connect() -> None:
    facilities_joined.connect(_look_again, dispatch_uid="duplicates-of-joined-facilities")


def _look_again(facility_ids: Iterable[int], **_kwargs: Any) -> None:
    duplicates.look_again(facility_ids)
