"""What a file is, told by its bytes: names and declared types are never believed."""

import io
import warnings
import zipfile
from typing import Any, Literal

from PIL import Image, ImageOps, UnidentifiedImageError

Kind = Literal["image", "pdf", "office"]

IMAGE_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
PDF_TYPE = "application/pdf"
OFFICE_TYPES = {
    "word/document.xml": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/workbook.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
# Word and Excel before 2007, and password-protected files of today.
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# A phone's best camera is at 200 million; a bomb claims far more than it weighs.
MAX_PIXELS = 60_000_000
MAX_UNPACKED = 200 * 1024 * 1024


class Broken(ValueError):
    """The bytes begin like a known kind of file, but the rest does not hold."""


class TooManyPixels(ValueError):
    """Unpacked, the picture would not fit into memory."""


class HasMacros(ValueError):
    """An Office file that carries a program."""


def kind_of(data: bytes) -> Kind | None:
    """The kind that the first bytes announce, or None for everything else."""
    if data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP"):
        return "image"
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if data.startswith(b"PK\x03\x04"):
        return "office"
    return None


def clean_image(data: bytes) -> tuple[bytes, str, int, int]:
    """The picture drawn anew, upright and without metadata: bytes, content type, width, height.

    Drawing anew drops EXIF (where and by whom it was taken) and whatever else hides behind the pixels.
    Raises Broken when the picture cannot be read, TooManyPixels when it is too large to unpack.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=list(IMAGE_TYPES)) as opened:
                return _redraw(opened)
    except Image.DecompressionBombError as error:
        raise TooManyPixels from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
        if isinstance(error, TooManyPixels):
            raise
        raise Broken from error


def _redraw(opened: Image.Image) -> tuple[bytes, str, int, int]:
    if opened.width * opened.height > MAX_PIXELS:
        raise TooManyPixels
    form = str(opened.format)
    upright = ImageOps.exif_transpose(opened)
    if form == "JPEG" and upright.mode not in {"RGB", "L"}:
        upright = upright.convert("RGB")
    elif form == "WEBP" and upright.mode not in {"RGB", "RGBA"}:
        upright = upright.convert("RGBA")
    bare = Image.new(upright.mode, upright.size)
    if upright.mode == "P" and (palette := upright.getpalette()):
        bare.putpalette(palette)
    bare.paste(upright)
    out = io.BytesIO()
    options: dict[str, dict[str, Any]] = {
        "JPEG": {"quality": 90, "optimize": True},
        "PNG": {"optimize": True},
        "WEBP": {"quality": 90},
    }
    transparency = {"transparency": upright.info["transparency"]} if _has_keyed_transparency(upright) else {}
    bare.save(out, format=form, **options[form], **transparency)
    return out.getvalue(), IMAGE_TYPES[form], bare.width, bare.height


def _has_keyed_transparency(image: Image.Image) -> bool:
    return image.format in {None, "PNG"} and "transparency" in image.info and image.mode in {"P", "L", "RGB"}


def check_pdf(data: bytes) -> str:
    """The content type of a PDF that has its end. Raises Broken when it was cut off."""
    if b"%%EOF" not in data[-2048:]:
        raise Broken
    return PDF_TYPE


def check_office(data: bytes) -> str | None:
    """The content type of a Word or Excel file, None for any other zip.

    Raises Broken for a damaged one or one that unpacks without measure, HasMacros for one with a program.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = {entry.filename for entry in archive.infolist()}
            unpacked = sum(entry.file_size for entry in archive.infolist())
            found = next((kind for part, kind in OFFICE_TYPES.items() if part in names), None)
            if found is None or "[Content_Types].xml" not in names:
                return None
            if unpacked > MAX_UNPACKED or archive.testzip() is not None:
                raise Broken
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise Broken from error
    if any(name.endswith("vbaProject.bin") for name in names):
        raise HasMacros
    return found
