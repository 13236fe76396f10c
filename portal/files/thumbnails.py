"""Smaller copies of pictures: made when first asked for, kept by content, the same for every reader.

Which width and which format is told by the address alone (`?rong=480&dang=avif`), never by what a browser says it
accepts: one address is one content, so no cache on the way can hand out the wrong one.
"""

from dataclasses import dataclass
from typing import Any

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.http import HttpRequest

from .images import SMALL_TYPES, shrink
from .keeping import keep
from .models import StoredFile, storage_path
from .sniffing import Broken, TooManyPixels

WIDTHS = (240, 480, 720, 960, 1600)
PARAMETER = "rong"
FORM_PARAMETER = "dang"
WEBP, AVIF = "webp", "avif"


@dataclass(frozen=True)
class Picture:
    """A picture at an address, and how large it is; what `{% picture %}` shows."""

    url: str
    width: int | None
    height: int | None

    def __str__(self) -> str:
        return self.url

    @property
    def large(self) -> str:
        """Where it opens as large as a screen needs it."""
        return f"{self.url}?{PARAMETER}={WIDTHS[-1]}"

    def at(self, width: int) -> str:
        return f"{self.url}?{PARAMETER}={width}"

    def sources(self, form: str = WEBP) -> str:
        """The `srcset` in that format: every offered width below its own, then its own."""
        own = self.width or WIDTHS[-1]
        smaller = [f"{self._as(form, width)} {width}w" for width in WIDTHS if width < own]
        if own <= WIDTHS[-1]:
            smaller.append(f"{self._whole(form, own)} {own}w")
        return ", ".join(smaller)

    def _as(self, form: str, width: int) -> str:
        return self.at(width) if form == WEBP else f"{self.at(width)}&{FORM_PARAMETER}={form}"

    def _whole(self, form: str, own: int) -> str:
        """At its own width: the file itself, or drawn in the other format without being made larger."""
        return self.url if form == WEBP else self._as(form, next(width for width in WIDTHS if width >= own))


def picture_at(url: str, stored: StoredFile) -> Picture:
    return Picture(url, stored.width, stored.height)


def thumbnail(stored: StoredFile, width: int, form: str = WEBP) -> "File[Any] | None":
    """The picture at one of WIDTHS, open for reading; None where the stored file itself is to be used.

    That is so for what is no picture, for one that cannot be drawn, and for WebP of a picture no wider than asked
    (AVIF of it is drawn at its own width). Raises ValueError for any other width or format.
    """
    if not is_drawn(stored, width, form):
        return None
    path = _path(stored, width, form)
    if not default_storage.exists(path):
        try:
            with stored.content.open("rb") as content:
                keep(path, shrink(content.read(), width, form))
        except (Broken, TooManyPixels):
            return None
    return default_storage.open(path)


def draw_all(stored: StoredFile) -> int:
    """Draw every copy that may be asked for, the largest last; says how many there were to draw.

    Copies are kept by content and never taken away, so where the largest is, all are.
    """
    wanted = [(width, form) for width in WIDTHS for form in (WEBP, AVIF) if is_drawn(stored, width, form)]
    if not wanted or default_storage.exists(_path(stored, *wanted[-1])):
        return 0
    for width, form in wanted:
        if small := thumbnail(stored, width, form):
            small.close()
    return len(wanted)


def _path(stored: StoredFile, width: int, form: str) -> str:
    return f"thumbnails/{width}/{storage_path(stored.sha256)}.{form}"


def is_drawn(stored: StoredFile, width: int, form: str = WEBP) -> bool:
    """Whether that copy of this file is drawn. Raises ValueError for a width or a format that never is."""
    if width not in WIDTHS or form not in SMALL_TYPES:
        raise ValueError(f"No thumbnails of width {width} in {form}.")
    return stored.is_image and stored.width is not None and (form != WEBP or width < stored.width)


def wanted_width(request: HttpRequest) -> int | None:
    """The width the address asks for (`?rong=480`); anything that is not offered is ignored."""
    asked = request.GET.get(PARAMETER, "")
    return next((width for width in WIDTHS if asked == str(width)), None)


def wanted_form(request: HttpRequest) -> str:
    """The format the address asks for (`&dang=avif`); WebP where it says nothing that is offered."""
    return AVIF if request.GET.get(FORM_PARAMETER) == AVIF else WEBP


def sources(url: str, stored: StoredFile) -> str:
    """The `srcset` of a picture at that address: every offered width, then the picture itself."""
    return picture_at(url, stored).sources()
