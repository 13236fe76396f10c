"""Many PDF files as one, page after page, in memory that does not grow with their number.

Each part is read, its pages are renumbered and handed on, and it is forgotten; only where each object began and
the references of the pages are kept until the end. What a part holds beside its pages (outline, tags) stays behind.
"""

import io
from collections.abc import Iterable, Iterator
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

_HEADER = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
_CATALOG, _PAGES = 1, 2
_INHERITED = ("/Resources", "/MediaBox", "/CropBox", "/Rotate")
_LEFT_BEHIND = {"/Parent", "/StructParents", "/Tabs", "/Annots"}


class _Joined:
    """The file being written: its length so far, where each object began, its pages."""

    def __init__(self) -> None:
        self.length = 0
        self.began: dict[int, int] = {}
        self.pages: list[int] = []
        self._next = _PAGES + 1

    def take_number(self) -> int:
        self._next += 1
        return self._next - 1

    def piece(self, data: bytes) -> bytes:
        self.length += len(data)
        return data

    def written(self, number: int, value: generic.PdfObject) -> bytes:
        out = io.BytesIO()
        out.write(b"%d 0 obj\n" % number)
        value.write_to_stream(out, None)
        out.write(b"\nendobj\n")
        self.began[number] = self.length
        return self.piece(out.getvalue())

    def ending(self) -> bytes:
        kids = b" ".join(b"%d 0 R" % number for number in self.pages)
        parts = [
            self._plain(_PAGES, b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(self.pages), kids)),
            self._plain(_CATALOG, b"<< /Type /Catalog /Pages %d 0 R >>" % _PAGES),
        ]
        table_at, size = self.length, self._next
        rows = b"".join(b"%010d 00000 n \n" % self.began[number] for number in range(1, size))
        trailer = b"trailer\n<< /Size %d /Root %d 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, _CATALOG, table_at)
        return b"".join([*parts, b"xref\n0 %d\n0000000000 65535 f \n" % size, rows, trailer])

    def _plain(self, number: int, body: bytes) -> bytes:
        self.began[number] = self.length
        return self.piece(b"%d 0 obj\n%s\nendobj\n" % (number, body))


def join(parts: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces of one PDF file with the pages of all parts in order. The parts are asked for one at a time."""
    joined = _Joined()
    yield joined.piece(_HEADER)
    for part in parts:
        yield from _pages_of(part, joined)
    yield joined.ending()


def _pages_of(part: bytes, joined: _Joined) -> Iterator[bytes]:
    reader = PdfFileReader(io.BytesIO(part))
    known: dict[int, int] = {}
    waiting: list[tuple[int, Any]] = []

    def renumbered(value: Any) -> Any:
        if isinstance(value, generic.IndirectObject):
            if value.idnum not in known:
                known[value.idnum] = joined.take_number()
                waiting.append((known[value.idnum], value.get_object()))
            return generic.IndirectObject(known[value.idnum], 0, None)
        return _copied(value, renumbered)

    for page in _leaves(reader.root["/Pages"], {}):
        number = joined.take_number()
        joined.pages.append(number)
        kept = {key: renumbered(value) for key, value in page.items() if key not in _LEFT_BEHIND}
        parent = generic.IndirectObject(_PAGES, 0, None)
        yield joined.written(number, generic.DictionaryObject({**kept, generic.pdf_name("/Parent"): parent}))
        while waiting:
            place, value = waiting.pop()
            yield joined.written(place, renumbered(value))


def _leaves(node: Any, above: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The pages below a node of the page tree, each with what it inherits."""
    here = above | {key: node.raw_get(key) for key in _INHERITED if key in node}
    if node["/Type"] == "/Page":
        yield here | {key: node.raw_get(key) for key in node}
        return
    for kid in node["/Kids"]:
        yield from _leaves(kid.get_object() if isinstance(kid, generic.IndirectObject) else kid, here)


def _copied(value: Any, renumbered: Any) -> Any:
    if isinstance(value, generic.StreamObject):
        own = {key: renumbered(value.raw_get(key)) for key in value if key != "/Length"}
        return generic.StreamObject(own, encoded_data=value.encoded_data)
    if isinstance(value, generic.DictionaryObject):
        return generic.DictionaryObject({key: renumbered(value.raw_get(key)) for key in value})
    if isinstance(value, generic.ArrayObject):
        return generic.ArrayObject(renumbered(value.raw_get(place)) for place in range(len(value)))
    return value
