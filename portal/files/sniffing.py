"""What a file is, told by its bytes: names and declared types are never believed."""

from typing import Literal

Kind = Literal["image", "pdf", "office"]

# Word and Excel before 2007, and password-protected files of today.
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
PDF_HEAD = b"%PDF-"
# The brands by which a phone's own photo format names itself, after the size of the first box.
_PHONE_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis"})
# What editors put before the first sign of a PDF; anything else there would be a second file in disguise.
_LEADING = b"\xef\xbb\xbf \t\r\n\0"


class Broken(ValueError):
    """The bytes begin like a known kind of file, but the rest does not hold."""


class TooManyPixels(ValueError):
    """Unpacked, the picture would not fit into memory."""


class UnpacksTooLarge(ValueError):
    """A small file that unpacks without measure."""


class HasMacros(ValueError):
    """An Office file that carries a program."""


class HasForeignParts(ValueError):
    """An Office file with an embedded object, or one that fetches its template or objects from elsewhere."""


def kind_of(data: bytes) -> Kind | None:
    """The kind that the first bytes announce, or None for everything else."""
    if data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP"):
        return "image"
    if data[:1024].lstrip(_LEADING).startswith(PDF_HEAD):
        return "pdf"
    if data.startswith(b"PK\x03\x04"):
        return "office"
    return None


def is_phone_photo(data: bytes) -> bool:
    """Whether this is a HEIC or AVIF photo, which browsers and Word cannot show everywhere."""
    return data[4:8] == b"ftyp" and data[8:12] in _PHONE_BRANDS
