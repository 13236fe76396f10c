"""Words in a PDF that tell which certificate it is: its metadata, the addresses it links to, the text of its pages.

No more than is needed to find a code or a number again; layout is not kept. Every step has its measure, since the
file may have been made to harm.
"""

import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader

MAX_PAGES = 10
MAX_UNPACKED = 8 * 1024 * 1024
MAX_TEXT = 60_000
MAX_FONTS = 40
MAX_LINKS = 200
MAX_MAPPED = 70_000
_ERRORS = (PdfError, zlib.error, ValueError, KeyError, TypeError, IndexError, AttributeError)

# A code as the portal writes it, or within the address its QR leads to.
_SHOWN = re.compile(r"\b([HXTKQ]-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z])\b")
_LINKED = re.compile(r"/tra-cuu/([0-9A-Za-z-]{10,13})(?![0-9A-Za-z-])")
# Operands and operators of a content stream that show text or choose a font; of a string, its opening.
_TOKEN = re.compile(rb"\(|<[0-9A-Fa-f\s]*>|\[|\]|/[^\s/<>\[\]()]+|[-+.0-9]+|[A-Za-z'\"*][A-Za-z0-9'\"*]*")
_IN_STRING = re.compile(rb"\\.|[()]", re.DOTALL)
_ESCAPE = re.compile(rb"\\([nrtbf()\\]|[0-7]{1,3}|\r?\n)", re.DOTALL)
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_CMAP_BLOCK = re.compile(rb"begin(bf(?:char|range))(.*?)end\1", re.DOTALL)
_CMAP_ITEM = re.compile(rb"<([0-9A-Fa-f\s]*)>|(\[|\])")


@dataclass(frozen=True)
class Words:
    """The codes that a file names, and its text."""

    codes: tuple[str, ...]
    text: str


def words_of(reader: PdfFileReader) -> Words:
    """What a file says of itself. What cannot be read is left out; it never raises."""
    parts = [*_metadata(reader), *_pages(reader)]
    text = "\n".join(parts)[:MAX_TEXT]
    found = [*_SHOWN.findall(text.upper()), *_LINKED.findall(text)]
    return Words(tuple(dict.fromkeys(one.replace("-", "").upper() for one in found)), text)


def _metadata(reader: PdfFileReader) -> Iterator[str]:
    try:
        info = reader.trailer["/Info"]
        yield from (str(value) for value in info.values() if isinstance(value, generic.TextStringObject))
    except _ERRORS:
        return


def _part(mapping: Any, name: str) -> Any:
    """The named part of a dictionary, references followed; None when it is not there."""
    try:
        return mapping[name]
    except KeyError:
        return None


def _plain(value: Any) -> Any:
    return value.get_object() if isinstance(value, generic.IndirectObject) else value


def _pages(reader: PdfFileReader) -> Iterator[str]:
    try:
        number = min(int(reader.root["/Pages"]["/Count"]), MAX_PAGES)
    except _ERRORS:
        return
    budget = [MAX_UNPACKED]
    for place in range(number):
        try:
            page = reader.find_page_for_modification(place)[0].get_object()
        except _ERRORS:
            return
        yield from _links(page)
        yield _page_text(page, budget)


def _links(page: Any) -> Iterator[str]:
    """The addresses that a page links to."""
    try:
        for mark in list(_part(page, "/Annots") or ())[:MAX_LINKS]:
            action = _part(_plain(mark), "/A")
            if action is not None and _part(action, "/URI"):
                yield str(action["/URI"])
    except _ERRORS:
        return


def _page_text(page: Any, budget: list[int]) -> str:
    try:
        fonts = _fonts(page, budget)
        contents = page["/Contents"]
        streams = contents if isinstance(contents, generic.ArrayObject) else [contents]
        data = b"\n".join(_unpacked(_plain(one), budget) for one in streams)
        return _shown(data, fonts)
    except _ERRORS:
        return ""


def _unpacked(stream: Any, budget: list[int]) -> bytes:
    """The bytes of a stream, never more than the budget that all streams of the file share."""
    if not isinstance(stream, generic.StreamObject):
        return b""
    kind = _part(stream, "/Filter")
    packed = stream.encoded_data
    if kind is None:
        data = packed[: budget[0]]
    elif kind == "/FlateDecode" or (isinstance(kind, generic.ArrayObject) and list(kind) == ["/FlateDecode"]):
        data = zlib.decompressobj().decompress(packed, max(budget[0], 1))
    else:
        return b""
    budget[0] -= len(data)
    return data


@dataclass(frozen=True)
class _Font:
    """How the bytes of a shown string become letters."""

    width: int
    letters: Mapping[int, str]

    def read(self, raw: bytes) -> str:
        if not self.letters:
            return raw.decode("cp1252", "ignore") if self.width == 1 else ""
        codes = (int.from_bytes(raw[at : at + self.width]) for at in range(0, len(raw), self.width))
        return "".join(self.letters.get(code, "") for code in codes)


_PLAIN = _Font(1, {})


def _fonts(page: Any, budget: list[int]) -> dict[bytes, _Font]:
    found: dict[bytes, _Font] = {}
    fonts = _part(page["/Resources"], "/Font") or {}
    for name in list(fonts)[:MAX_FONTS]:
        font = fonts[name]
        width = 2 if _part(font, "/Subtype") == "/Type0" else 1
        spelled = _part(font, "/ToUnicode")
        letters = _letters(_unpacked(spelled, budget)) if spelled is not None else {}
        found[str(name).encode()] = _Font(width, letters)
    return found


def _letters(cmap: bytes) -> dict[int, str]:
    """Which code stands for which letters, as a ToUnicode table says."""
    letters: dict[int, str] = {}
    for block in _CMAP_BLOCK.finditer(cmap):
        items = [(hexed, mark) for hexed, mark in _CMAP_ITEM.findall(block[2])]
        read = _ranges(items) if block[1] == b"bfrange" else _chars(items)
        for code, letter in read:
            if len(letters) >= MAX_MAPPED:
                return letters
            letters[code] = letter
    return letters


def _chars(items: list[tuple[bytes, bytes]]) -> Iterator[tuple[int, str]]:
    for (code, _a), (text, _b) in zip(items[::2], items[1::2], strict=False):
        yield int(code or b"0", 16), _utf16(text)


def _ranges(items: list[tuple[bytes, bytes]]) -> Iterator[tuple[int, str]]:
    at = 0
    while at + 2 < len(items):
        first, last = int(items[at][0] or b"0", 16), int(items[at + 1][0] or b"0", 16)
        at += 2
        if items[at][1] == b"[":
            at += 1
            code = first
            while at < len(items) and items[at][1] != b"]":
                yield code, _utf16(items[at][0])
                code, at = code + 1, at + 1
            at += 1
            continue
        start = _utf16(items[at][0])
        at += 1
        for step in range(min(last - first + 1, MAX_MAPPED)):
            yield first + step, start[:-1] + chr(min(ord(start[-1]) + step, 0x10FFFF)) if start else ""


def _utf16(hexed: bytes) -> str:
    return bytes.fromhex(hexed.decode("ascii")).decode("utf-16-be", "ignore")


def _shown(data: bytes, fonts: Mapping[bytes, _Font]) -> str:
    """The strings that a content stream shows; what one operator shows stays together."""
    font, lines, line, stack = _PLAIN, [""], "", []
    for token in _tokens(data):
        if token[:1] in b"(</[]" or token[:1] in b"+-.0123456789":
            stack.append(token)
            continue
        if token == b"Tf" and len(stack) > 1:
            font = fonts.get(stack[-2], _PLAIN)
        elif token in {b"Tj", b"TJ", b"'", b'"'}:
            line += "".join(font.read(_bytes(one)) for one in stack if one[:1] in b"(<")
        elif token in {b"Td", b"TD", b"T*", b"Tm", b"ET", b"BT"} and line:
            lines.append(line)
            line = ""
        stack = []
    return "\n".join([*lines, line])


def _tokens(data: bytes) -> Iterator[bytes]:
    at = 0
    while found := _TOKEN.search(data, at):
        at = _end_of_string(data, found.end()) if found[0] == b"(" else found.end()
        yield data[found.start() : at]


def _end_of_string(data: bytes, at: int) -> int:
    """Where a string ends whose bracket opened just before: brackets within it come in pairs or behind a stroke."""
    depth = 1
    for found in _IN_STRING.finditer(data, at):
        depth += {b"(": 1, b")": -1}.get(found[0], 0)
        if depth == 0:
            return found.end()
    return len(data)


def _bytes(token: bytes) -> bytes:
    if token[:1] == b"<":
        digits = re.sub(rb"\s", b"", token[1:-1])
        return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))
    return _ESCAPE.sub(_unescaped, token[1:-1])


def _unescaped(found: "re.Match[bytes]") -> bytes:
    said = found[1]
    if said.isdigit():
        return bytes([int(said, 8) & 0xFF])
    return _ESCAPED.get(said, b"" if said.strip() == b"" else said)
