"""Smaller copies of pictures: made when first asked for, kept by content, the same for every reader."""

from typing import Any

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.http import HttpRequest

from .images import shrink
from .keeping import keep
from .models import StoredFile, storage_path
from .sniffing import Broken, TooManyPixels

WIDTHS = (240, 480, 960)
PARAMETER = "rong"


def thumbnail(stored: StoredFile, width: int) -> "File[Any] | None":
    """The picture at one of WIDTHS, open for reading; None where the stored file itself is to be used.

    That is so for what is no picture, for a picture no wider than asked, and for one that cannot be drawn.
    Raises ValueError for any other width.
    """
    if not is_smaller(stored, width):
        return None
    path = f"thumbnails/{width}/{storage_path(stored.sha256)}.webp"
    if not default_storage.exists(path):
        try:
            with stored.content.open("rb") as content:
                keep(path, shrink(content.read(), width))
        except (Broken, TooManyPixels):
            return None
    return default_storage.open(path)


def is_smaller(stored: StoredFile, width: int) -> bool:
    """Whether a thumbnail of that width is offered for this file. Raises ValueError for a width that never is."""
    if width not in WIDTHS:
        raise ValueError(f"No thumbnails of width {width}.")
    return stored.is_image and stored.width is not None and width < stored.width


def wanted_width(request: HttpRequest) -> int | None:
    """The width the address asks for (`?rong=480`); anything that is not offered is ignored."""
    asked = request.GET.get(PARAMETER, "")
    return next((width for width in WIDTHS if asked == str(width)), None)


def sources(url: str, stored: StoredFile) -> str:
    """The `srcset` of a picture at that address: every offered width, then the picture itself."""
    smaller = [width for width in WIDTHS if stored.width and width < stored.width]
    whole = f"{url} {stored.width or WIDTHS[-1]}w"
    return ", ".join([*(f"{url}?{PARAMETER}={width} {width}w" for width in smaller), whole])
