"""The package as a file: a zip of `manifest.json`, `signature` and `files/<sha256>`. Knows no database.

Nothing is ever unpacked to disk under a name from the archive. A file is read in pieces and held to its size and its
SHA-256; the manifest is held to the sender's signature. The same content always makes the same bytes.
"""

import base64
import binascii
import hashlib
import json
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import IO, Any

from django.utils.translation import gettext as _

from portal.text.errors import Refusal

from .keys import OwnKey, is_public_key, package_message, verifies

FORMAT = "spcnntb-exchange"
VERSION = 1
MANIFEST, SIGNATURE, FOLDER = "manifest.json", "signature", "files/"
MEGABYTE = 1024 * 1024
MAX_PACKAGE = 300 * MEGABYTE
MAX_MANIFEST = 20 * MEGABYTE
MAX_FILE = 25 * MEGABYTE
MAX_FILES = 4000
# Enough for the names of that many files and no more: a directory of millions is refused before it is read.
MAX_DIRECTORY = MEGABYTE
PIECE = 256 * 1024
_END, _END_SIZE = b"PK\x05\x06", 22
_END_64, _END_64_SIZE = b"PK\x06\x07", 20
_ENCRYPTED = 0x1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_HASH = re.compile(r"[0-9a-f]{64}")
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
# What the standard library raises on an archive that was made or changed by a strange hand.
BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, RuntimeError, ValueError)
_MOMENT = (1980, 1, 1, 0, 0, 0)
_HEADER = ("format", "version", "kind", "uuid", "made_at", "sender", "addressee", "body", "files")


@dataclass(frozen=True)
class Attached:
    """One file that goes along: its hash, its size, its type, and how to open it."""

    sha256: str
    size: int
    content_type: str
    open: Callable[[], Any]


def canonical(value: object) -> bytes:
    """The one spelling of a value: sorted keys, no blanks, UTF-8."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def digest_of(value: object) -> str:
    """SHA-256 of the canonical spelling."""
    return hashlib.sha256(canonical(value)).hexdigest()


def manifest_of(
    *,
    kind: str,
    uuid: str,
    made_at: str,
    sender: dict[str, Any],
    addressee: str,
    body: dict[str, Any],
    files: Iterable[Attached],
) -> dict[str, Any]:
    """The manifest of a package of this version; `addressee` is the public key it is meant for."""
    listed = {one.sha256: {"sha256": one.sha256, "size": one.size, "type": one.content_type} for one in files}
    return {
        "format": FORMAT,
        "version": VERSION,
        "kind": kind,
        "uuid": uuid,
        "made_at": made_at,
        "sender": sender,
        "addressee": addressee,
        "body": body,
        "files": [listed[sha256] for sha256 in sorted(listed)],
    }


def write(target: IO[bytes], *, manifest: dict[str, Any], files: Iterable[Attached], key: OwnKey) -> None:
    """Write a signed package. Files are stored as they are: they are pictures and PDF, which do not shrink."""
    spelled = canonical(manifest)
    signature = base64.b64encode(key.sign(package_message(spelled)))
    known = {one.sha256: one for one in files}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED, allowZip64=False) as archive:
        archive.writestr(_entry(MANIFEST), spelled)
        archive.writestr(_entry(SIGNATURE), signature)
        for sha256 in sorted(known):
            _copy_in(archive, known[sha256])
    if target.tell() > MAX_PACKAGE:
        raise _too_large()


def _entry(name: str) -> zipfile.ZipInfo:
    """An entry that carries nothing of when and where it was made."""
    entry = zipfile.ZipInfo(name, _MOMENT)
    entry.create_system = 3
    entry.external_attr = 0o644 << 16
    return entry


def _copy_in(archive: zipfile.ZipFile, one: Attached) -> None:
    entry = _entry(f"{FOLDER}{one.sha256}")
    entry.file_size = one.size
    with one.open() as source, archive.open(entry, "w") as place:
        while piece := source.read(PIECE):
            place.write(piece)


# --- reading ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Listed:
    """A file as the manifest lists it."""

    sha256: str
    size: int
    content_type: str


class Package:
    """An opened package whose signature and files have been checked. `digest` is the SHA-256 of the whole file."""

    def __init__(self, archive: zipfile.ZipFile, *, manifest: dict[str, Any], digest: str, size: int) -> None:
        self._archive = archive
        self.manifest = manifest
        self.digest = digest
        self.size = size

    @property
    def kind(self) -> str:
        return str(self.manifest["kind"])

    @property
    def sender_key(self) -> str:
        return str(self.manifest["sender"]["key"])

    @property
    def addressee(self) -> str:
        return str(self.manifest["addressee"])

    @property
    def body(self) -> dict[str, Any]:
        found: dict[str, Any] = self.manifest["body"]
        return found

    @cached_property
    def files(self) -> dict[str, Listed]:
        return {row["sha256"]: Listed(row["sha256"], row["size"], row["type"]) for row in self.manifest["files"]}

    def read_file(self, sha256: str) -> bytes:
        """The bytes of one file. Raises Refusal `altered` when they are not what the manifest says."""
        return _whole(self._archive, self.files[sha256])


@contextmanager
def opened(source: IO[bytes]) -> Iterator[Package]:
    """Check a package from its end to its last byte and hand it out while the file is open.

    Raises Refusal: `not_a_package`, `cut_off`, `too_large`, `too_new`, `altered`. Who sent it and to whom is for
    the caller to judge: only the key that the package itself names has been held to its signature.
    """
    size = _size_of(source)
    if size > MAX_PACKAGE:
        raise _too_large()
    _refuse_odd_end(source, size)
    digest = hashlib.file_digest(_rewound(source), "sha256").hexdigest()
    with ExitStack() as stack:
        try:
            archive = stack.enter_context(zipfile.ZipFile(_rewound(source)))
            entries = _entries(archive)
            manifest = _manifest(archive, entries)
            _hold_files(archive, entries, manifest)
        except BROKEN as error:
            raise _altered() from error
        yield Package(archive, manifest=manifest, digest=digest, size=size)


def _rewound(source: IO[bytes]) -> Any:
    source.seek(0)
    return source


def _size_of(source: IO[bytes]) -> int:
    return source.seek(0, 2)


def _refuse_odd_end(source: IO[bytes], size: int) -> None:
    """A package ends with its own directory, without a comment and not in the format for huge archives."""
    source.seek(0)
    if source.read(4) != b"PK\x03\x04":
        raise Refusal(
            "not_a_package",
            _("Tệp này không phải gói trao đổi. Hãy chọn đúng tệp .zip đã tải từ cổng bên gửi, không nén lại."),
            field="file",
        )
    source.seek(max(0, size - _END_SIZE - _END_64_SIZE))
    tail = source.read()
    end = tail[-_END_SIZE:]
    if not end.startswith(_END) or end[-2:] != b"\0\0" or tail.startswith(_END_64):
        raise Refusal(
            "cut_off",
            _("Gói trao đổi bị cắt hoặc bị thêm dữ liệu ở cuối. Hãy tải lại từ cổng bên gửi rồi gửi lần nữa."),
            field="file",
        )
    if int.from_bytes(end[12:16], "little") > MAX_DIRECTORY:
        raise _too_large()


def _entries(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Entries by name: only the names of the format, each once, nothing encrypted, all within the size."""
    found: dict[str, zipfile.ZipInfo] = {}
    for entry in archive.infolist():
        is_odd = entry.flag_bits & _ENCRYPTED or entry.compress_type not in _METHODS
        if entry.filename in found or is_odd or not _is_known(entry.filename):
            raise Refusal(
                "strange_entry",
                _("Gói trao đổi có phần lạ hoặc trùng tên nên không được nhận. Hãy xin bên gửi đóng gói lại."),
                field="file",
            )
        found[entry.filename] = entry
    if len(found) > MAX_FILES + 2 or sum(entry.file_size for entry in found.values()) > MAX_PACKAGE:
        raise _too_large()
    if MANIFEST not in found or SIGNATURE not in found:
        raise Refusal(
            "not_a_package",
            _("Tệp này thiếu bản kê hoặc chữ ký của gói trao đổi. Hãy xin bên gửi đóng gói lại."),
            field="file",
        )
    return found


def _is_known(name: str) -> bool:
    return name in {MANIFEST, SIGNATURE} or (
        name.startswith(FOLDER) and _HASH.fullmatch(name.removeprefix(FOLDER)) is not None
    )


def _manifest(archive: zipfile.ZipFile, entries: dict[str, zipfile.ZipInfo]) -> dict[str, Any]:
    if entries[MANIFEST].file_size > MAX_MANIFEST or entries[SIGNATURE].file_size > PIECE:
        raise _too_large()
    spelled = _unpacked(archive, entries[MANIFEST])
    manifest = _parsed(spelled)
    _refuse_other_format(manifest)
    if not _is_well_formed(manifest):
        raise Refusal(
            "bad_manifest",
            _("Bản kê của gói trao đổi thiếu phần bắt buộc hoặc sai dạng. Hãy xin bên gửi đóng gói lại."),
            field="file",
        )
    signature = _signature(_unpacked(archive, entries[SIGNATURE]))
    if not verifies(manifest["sender"]["key"], package_message(spelled), signature):
        raise _altered()
    return manifest


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """At most the size that was declared, whatever the entry would unpack to."""
    with archive.open(entry) as source:
        return source.read(entry.file_size)


def _parsed(spelled: bytes) -> dict[str, Any]:
    try:
        found = json.loads(spelled.decode(), object_pairs_hook=_once, parse_constant=_no_constant)
        _refuse_unkept(found)
    except (ValueError, RecursionError) as error:
        raise Refusal(
            "bad_manifest",
            _("Bản kê của gói trao đổi không đọc được. Hãy xin bên gửi đóng gói lại."),
            field="file",
        ) from error
    return found if isinstance(found, dict) else {}


def _refuse_unkept(found: object) -> None:
    """What no database keeps: half a character, a number that is none (both raise when spelled), NUL."""
    if _NUL.search(canonical(found)):
        raise ValueError("A text holds NUL.")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("A name stands twice in one object.")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON.")


def _refuse_other_format(manifest: dict[str, Any]) -> None:
    if manifest.get("format") != FORMAT:
        raise Refusal(
            "not_a_package", _("Tệp này không phải gói trao đổi giữa các cổng. Hãy chọn đúng tệp."), field="file"
        )
    version = manifest.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise Refusal("bad_manifest", _("Bản kê của gói không ghi phiên bản. Hãy xin bên gửi đóng gói lại."))
    if version > VERSION:
        raise Refusal(
            "too_new",
            _(
                "Gói này dùng định dạng phiên bản %(theirs)s, cổng này đọc được đến phiên bản %(ours)s. "
                "Hãy nâng cấp cổng này, hoặc xin bên gửi đóng gói theo phiên bản %(ours)s."
            )
            % {"theirs": version, "ours": VERSION},
            field="file",
        )


def _is_well_formed(manifest: dict[str, Any]) -> bool:
    if manifest.keys() != set(_HEADER) or not isinstance(manifest["body"], dict):
        return False
    sender = manifest["sender"]
    if not isinstance(sender, dict) or not _is_key(sender.get("key")) or not _is_key(manifest["addressee"]):
        return False
    if not all(isinstance(manifest[name], str) for name in ("kind", "uuid", "made_at")):
        return False
    return isinstance(manifest["files"], list) and all(_is_listing(row) for row in manifest["files"])


def _is_key(value: Any) -> bool:
    return isinstance(value, str) and is_public_key(value)


def _is_listing(row: Any) -> bool:
    if not isinstance(row, dict) or row.keys() != {"sha256", "size", "type"}:
        return False
    is_number = isinstance(row["size"], int) and not isinstance(row["size"], bool)
    is_hash = isinstance(row["sha256"], str) and _HASH.fullmatch(row["sha256"]) is not None
    return is_number and is_hash and isinstance(row["type"], str) and 0 <= row["size"] <= MAX_FILE


def _signature(text: bytes) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return b""


def _hold_files(archive: zipfile.ZipFile, entries: dict[str, zipfile.ZipInfo], manifest: dict[str, Any]) -> None:
    """Every file of the manifest is there, nothing else is, and each is what its hash says."""
    listed = [Listed(row["sha256"], row["size"], row["type"]) for row in manifest["files"]]
    names = {f"{FOLDER}{one.sha256}" for one in listed}
    if len(names) != len(listed) or names != entries.keys() - {MANIFEST, SIGNATURE}:
        raise _altered()
    for one in listed:
        _held(archive, one)


def _held(archive: zipfile.ZipFile, one: Listed) -> None:
    entry = archive.getinfo(f"{FOLDER}{one.sha256}")
    if entry.file_size != one.size:
        raise _altered()
    found = hashlib.sha256()
    with archive.open(entry) as source:
        while piece := source.read(PIECE):
            found.update(piece)
    if found.hexdigest() != one.sha256:
        raise _altered()


def _whole(archive: zipfile.ZipFile, one: Listed) -> bytes:
    try:
        with archive.open(f"{FOLDER}{one.sha256}") as source:
            content = source.read(one.size)
    except BROKEN as error:
        raise _altered() from error
    if hashlib.sha256(content).hexdigest() != one.sha256:
        raise _altered()
    return content


def _altered() -> Refusal:
    return Refusal(
        "altered",
        _("Nội dung gói trao đổi không khớp chữ ký của bên gửi. Không dùng gói này; hãy xin bên gửi gửi lại."),
        field="file",
    )


def _too_large() -> Refusal:
    return Refusal(
        "too_large",
        _("Gói trao đổi lớn hơn %(size)s MB. Hãy chia danh sách, hoặc giảm dung lượng giấy tờ rồi đóng gói lại.")
        % {"size": MAX_PACKAGE // MEGABYTE},
        field="file",
    )
