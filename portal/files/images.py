"""Pictures drawn anew: upright, without metadata, in colours every screen shows alike; one at a time."""

import io
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from .sniffing import Broken, TooManyPixels

IMAGE_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
# What smaller copies are drawn in. The qualities were chosen by eye, on photos and on woven patterns enlarged twice:
# there no difference to the original shows. AVIF then weighs about three quarters of WebP.
SMALL_TYPES = {"webp": "image/webp", "avif": "image/avif"}
_SMALL_OPTIONS: dict[str, dict[str, Any]] = {
    "webp": {"quality": 78, "method": 4},
    "avif": {"quality": 60, "speed": 7},
}
# A phone's best camera is at 200 million; a bomb claims far more than it weighs.
MAX_PIXELS = 60_000_000
_OPTIONS: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 90, "optimize": True},
    "PNG": {"optimize": True},
    "WEBP": {"quality": 90},
}
# Modes in which every program opens the file; what else there is (CMYK, 16 bits, …) is brought to one of them.
_PLAIN_MODES = {"JPEG": {"RGB", "L"}, "PNG": {"1", "L", "LA", "P", "RGB", "RGBA"}, "WEBP": {"RGB", "RGBA"}}
# Unpacked, one large photo takes a few hundred megabytes: a process draws one after the other.
_DRAWING = threading.Lock()


def clean_image(data: bytes) -> tuple[bytes, str, int, int]:
    """The picture drawn anew: bytes, content type, width, height. Of a moving picture the first frame stays.

    Drawing anew drops EXIF (where and by whom it was taken) and whatever else hides behind the pixels.
    Raises Broken when the picture cannot be read, TooManyPixels when it is too large to unpack.
    """
    with _opened(data) as picture:
        # A phone's photo with a second picture inside (MPO) is a JPEG to everyone else.
        form = "JPEG" if picture.format == "MPO" else str(picture.format)
        ImageOps.exif_transpose(picture, in_place=True)
        upright = _plain(_in_srgb(picture), form)
        out = io.BytesIO()
        keyed: dict[str, Any] = {str(name): value for name, value in upright.info.items()}
        upright.save(out, format=form, **_OPTIONS[form], **keyed)
        return out.getvalue(), IMAGE_TYPES[form], upright.width, upright.height


def shrink(data: bytes, width: int, form: str = "webp") -> bytes:
    """The picture as WebP or AVIF, so many pixels wide and never wider than it is.

    Raises Broken and TooManyPixels like clean_image.
    """
    with _opened(data) as picture:
        width = min(width, picture.width)
        # A JPEG is unpacked at a fraction of its size, which keeps time and memory small.
        picture.draft("RGB", (width, width))
        size = (width, max(1, round(picture.height * width / picture.width)))
        mode = "RGBA" if "A" in picture.getbands() or "transparency" in picture.info else "RGB"
        small = picture.convert(mode).resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
        out = io.BytesIO()
        small.save(out, format=form.upper(), **_SMALL_OPTIONS[form])
        return out.getvalue()


@contextmanager
def _opened(data: bytes) -> Iterator[Image.Image]:
    """The picture, still packed, as long as nobody else draws one here."""
    try:
        with _DRAWING, warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=list(IMAGE_TYPES)) as picture:
                _refuse_too_many(picture)
                yield picture
    except Image.DecompressionBombError as error:
        raise TooManyPixels from error
    except TooManyPixels:
        raise
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
        raise Broken from error


def _refuse_too_many(picture: Image.Image) -> None:
    if picture.width * picture.height > MAX_PIXELS:
        raise TooManyPixels


def _in_srgb(picture: Image.Image) -> Image.Image:
    """Colours of another space (a phone's wide one, a printer's CMYK) brought to the one every screen shows."""
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in {"RGB", "RGBA", "CMYK"}:
        return picture
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = "RGBA" if picture.mode == "RGBA" else "RGB"
        return ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode=mode) or picture
    except (ImageCms.PyCMSError, OSError):
        return picture


def _plain(picture: Image.Image, form: str) -> Image.Image:
    """The picture in a mode that its format and every program knows, with nothing but its pixels."""
    if picture.mode.startswith("I"):
        picture = picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if picture.mode not in _PLAIN_MODES[form]:
        picture = picture.convert("RGBA" if form != "JPEG" and "A" in picture.getbands() else "RGB")
    keyed = picture.info.get("transparency") if form == "PNG" and picture.mode in {"P", "L", "RGB"} else None
    picture.info = {} if keyed is None else {"transparency": keyed}
    return picture
