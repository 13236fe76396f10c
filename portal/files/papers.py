"""PDF and Office files looked into before they are kept; nothing in them is ever run."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from .sniffing import PDF_HEAD, Broken, HasForeignParts, HasMacros, UnpacksTooLarge

PDF_TYPE = "application/pdf"
OFFICE_TYPES = {
    "word/document.xml": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/workbook.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
MEGABYTE = 1024 * 1024
MAX_UNPACKED = 200 * MEGABYTE
MAX_ENTRIES = 5000
# Tables of text pack some 30 times smaller, never 200 times; what is small anyway harms nobody.
MAX_RATIO = 200
RATIO_FROM = 4 * MEGABYTE
# Names in a PDF that make it do something when it is opened.
_ACTIVE = (b"/JavaScript", b"/Launch", b"/RichMedia", b"/EmbeddedFile")
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_OBJECTS = re.compile(rb"/ObjStm\b[^>]{0,400}>>\s*stream\r?\n")
# Relationships that fetch a template or an object when the file is opened; links that wait for a click may stay.
_FETCHING = ("/attachedTemplate", "/oleObject", "/frame", "/subDocument", "/aFChunk", "/image")


def check_pdf(data: bytes) -> tuple[str, bool]:
    """The content type of a PDF that has its end, and whether it carries a program or another file.

    Raises Broken when it was cut off.
    """
    if b"%%EOF" not in data[-2048:] or PDF_HEAD not in data[:1024]:
        raise Broken
    return PDF_TYPE, any(name in part for part in _readable(data) for name in _ACTIVE)


def _readable(data: bytes) -> Iterator[bytes]:
    """The file's own bytes and its packed objects, names spelled out; of each packed part the first megabyte."""
    yield _spelled(data)
    for found in _OBJECTS.finditer(data):
        try:
            yield _spelled(zlib.decompressobj().decompress(data[found.end() :], MEGABYTE))
        except zlib.error:
            continue


def _spelled(data: bytes) -> bytes:
    """Names may be written with #xx for any letter."""
    return _ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), data)


def check_office(data: bytes) -> str | None:
    """The content type of a Word or Excel file, None for any other zip.

    Raises Broken for a damaged one, UnpacksTooLarge for a bomb, HasMacros for one with a program,
    HasForeignParts for one with embedded objects or parts fetched from elsewhere.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = {entry.filename for entry in archive.infolist()}
            found = next((kind for part, kind in OFFICE_TYPES.items() if part in names), None)
            if found is None or "[Content_Types].xml" not in names:
                return None
            _check_measure(archive.infolist())
            if archive.testzip() is not None:
                raise Broken
            _check_parts(archive, names)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, zlib.error) as error:
        raise Broken from error
    return found


def _check_measure(entries: list[zipfile.ZipInfo]) -> None:
    """Before anything is unpacked: how many parts, how large, and how much larger than they weigh."""
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED:
        raise UnpacksTooLarge
    if unpacked > RATIO_FROM and unpacked > MAX_RATIO * packed:
        raise UnpacksTooLarge


def _check_parts(archive: zipfile.ZipFile, names: set[str]) -> None:
    kinds = archive.read("[Content_Types].xml").lower()
    lower = {name.lower() for name in names}
    if b"macroenabled" in kinds or b"vbaproject" in kinds or any(_is_program(name) for name in lower):
        raise HasMacros
    if any("/embeddings/" in name and name.endswith(".bin") for name in lower):
        raise HasForeignParts
    for name in names:
        if name.lower().endswith(".rels") and _fetches(archive.read(name)):
            raise HasForeignParts


def _is_program(name: str) -> bool:
    return name.endswith("vbaproject.bin") or "/macrosheets/" in name or "/activex/" in name


def _fetches(relationships: bytes) -> bool:
    """Whether opening the file would fetch a part from outside it."""
    try:
        # expat limits what entities may blow up to; the file's size was measured above.
        tree = ET.fromstring(relationships)  # noqa: S314
    except ET.ParseError as error:
        raise Broken from error
    return any(
        link.get("TargetMode", "").lower() == "external" and link.get("Type", "").endswith(_FETCHING) for link in tree
    )
