"""The open data of a day: written piece by piece into a new folder, then shown in place of the last.

What the public reads is named by one small file, replaced in one step when everything else is written; whoever is
cut off before leaves the earlier data as they were.
"""

import csv
import datetime as dt
import hashlib
import json
import os
import re
import shutil
import tempfile
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.utils import timezone, translation

from portal.territory.queries import held_register
from portal.text.sheets import BOM, HERE, is_formula
from products import register
from products.catalogue import Clock
from products.serializers import clock_of_today

from .sets import DATA_SETS, FACILITIES
from .table import VERSION, DataSet

FOLDER, LATEST, MANIFEST, SUMS, LICENCE, DICTIONARY, TOGETHER = (
    "open-data", "latest.json", "manifest.json", "SHA256SUMS", "LICENSE.txt", "dictionary.json", "open-data.zip",
)  # fmt: skip
MAKING = ".making-"
KEPT_DAYS = 30
# What another process is still writing is left alone for so long.
CUT_OFF_AFTER = 86_400
PIECE = 1 << 20
_DAY_FOLDER = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:\.[0-9]+)?")


@dataclass(frozen=True)
class File:
    """One file of the open data. `rows` is None for what is no table."""

    name: str
    size: int
    sha256: str
    rows: int | None = None


@dataclass(frozen=True)
class Edition:
    """The open data of a day as the manifest tells it, and the folder they lie in."""

    folder: Path
    day: dt.date
    made_at: dt.datetime
    version: str
    site: str
    files: tuple[File, ...]

    def served(self, name: str) -> File | None:
        """The file of that name among those that are handed out: what the manifest lists, and the manifest."""
        if name == MANIFEST:
            content = (self.folder / MANIFEST).read_bytes()
            return File(MANIFEST, len(content), hashlib.sha256(content).hexdigest())
        return next((one for one in self.files if one.name == name), None)


# --- making ---------------------------------------------------------------------------------------------


def make(*, clock: Clock, now: dt.datetime) -> Edition:
    """Write the open data of a day and show them. Memory stays flat, however large the register."""
    root = _root()
    root.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(prefix=MAKING, dir=root))
    try:
        _write(making, clock, now)
        making.chmod(0o755)
        folder = _settle(making, clock.on)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise
    _replace(root / LATEST, {"folder": folder.name})
    _tidy(root, folder, clock.on)
    # The page of the open data is kept under the register's mark, like every public page.
    register.touch()
    return read(folder)


def count(clock: Clock) -> dict[str, int]:
    """How many rows each data set would have. One pass, nothing written."""
    with _snapshot(), held_register():
        return {one.name: sum(1 for _row in one.rows(clock)) for one in DATA_SETS}


def _write(folder: Path, clock: Clock, now: dt.datetime) -> None:
    # Labels and names stand in the files in Vietnamese, whoever runs the command.
    with translation.override("vi"), _snapshot(), held_register():
        mark = register.state()
        files = [file for one in DATA_SETS for file in _tables(folder, one, clock)]
    files.append(_whole(folder, DICTIONARY, _pretty(dictionary())))
    files.append(_whole(folder, LICENCE, settings.OPEN_DATA_LICENCE_TEXT))
    _whole(folder, MANIFEST, _pretty(_manifest(files, clock, now, mark.number)))
    files.append(_together(folder, [*(file.name for file in files), MANIFEST]))
    lines = "".join(f"{file.sha256}  {file.name}\n" for file in files)
    files.append(_whole(folder, SUMS, lines))
    _whole(folder, MANIFEST, _pretty(_manifest(files, clock, now, mark.number)))


def _together(folder: Path, names: list[str]) -> File:
    """All of them in one file, with the manifest of what is in it: to be read back by `loading`."""
    path = folder / TOGETHER
    with path.open("wb") as target:
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
            for name in names:
                packed.write(folder / name, name)
        _to_disk(target)
    with path.open("rb") as source:
        digest = hashlib.file_digest(source, "sha256").hexdigest()
    return File(TOGETHER, path.stat().st_size, digest)


def _tables(folder: Path, one: DataSet, clock: Clock) -> list[File]:
    """The data set in every format it has, from one pass over its rows."""
    with ExitStack() as stack:
        kinds: list[type[_Writer]] = [_Csv, _JsonLines, *([_GeoJson] if one is FACILITIES else [])]
        writers = [stack.enter_context(_opened(kind, folder, one)) for kind in kinds]
        for row in one.rows(clock):
            values = one.values(row, clock)
            for writer in writers:
                writer.add(values)
    return [writer.file() for writer in writers]


class _Writer:
    """A file that grows by rows and knows its own checksum."""

    ending = ""

    def __init__(self, target: IO[bytes], name: str, one: DataSet) -> None:
        self._target, self._name, self._one = target, f"{name}{self.ending}", one
        self._hash, self._size, self.rows = hashlib.sha256(), 0, 0
        self.begin()

    def write(self, text: str) -> None:
        piece = text.encode()
        self._hash.update(piece)
        self._size += len(piece)
        self._target.write(piece)

    def begin(self) -> None:
        """What stands before the first row."""

    def add(self, values: dict[str, Any]) -> None:
        self.row(values)
        self.rows += 1

    def row(self, values: dict[str, Any]) -> None:
        raise NotImplementedError

    def end(self) -> None:
        """What stands after the last row."""

    def file(self) -> File:
        return File(self._name, self._size, self._hash.hexdigest(), self.rows)


class _Csv(_Writer):
    """UTF-8 with its mark, so that Excel reads the diacritics; nothing in it runs as a formula."""

    ending = ".csv"

    def begin(self) -> None:
        self._lines = csv.writer(self)  # type: ignore[arg-type]
        self.write(BOM)
        self._lines.writerow([field.name for field in self._one.fields])

    def row(self, values: dict[str, Any]) -> None:
        self._lines.writerow([_cell(value) for value in values.values()])


class _JsonLines(_Writer):
    ending = ".jsonl"

    def row(self, values: dict[str, Any]) -> None:
        self.write(f"{json.dumps(values, ensure_ascii=False, default=_plain)}\n")


class _GeoJson(_Writer):
    """Facilities as features. One without a public pin has no geometry (RFC 7946, 3.2), and says why."""

    ending = ".geojson"
    _PLACE = ("latitude", "longitude")

    def begin(self) -> None:
        self.write('{"type":"FeatureCollection","features":[\n')

    def row(self, values: dict[str, Any]) -> None:
        place = [values[name] for name in reversed(self._PLACE)]
        known = all(part is not None for part in place)
        feature = {
            "type": "Feature",
            "id": str(values["uuid"]),
            # GeoJSON knows numbers only; five decimals are a metre.
            "geometry": {"type": "Point", "coordinates": [float(part) for part in place]} if known else None,
            "properties": {name: value for name, value in values.items() if name not in self._PLACE}
            | {"location": "pin" if known else "commune" if values["commune"] else "province"},
        }
        self.write(f"{',' if self.rows else ''}{json.dumps(feature, ensure_ascii=False, default=_plain)}\n")

    def end(self) -> None:
        self.write("]}\n")


@contextmanager
def _opened(kind: type[_Writer], folder: Path, one: DataSet) -> Iterator[_Writer]:
    with (folder / f"{one.name}{kind.ending}").open("wb") as target:
        writer = kind(target, one.name, one)
        yield writer
        writer.end()
        _to_disk(target)


def _cell(value: Any) -> Any:
    match value:
        case None:
            return ""
        case bool():
            return int(value)
        case list():
            return _guarded("; ".join(str(one).replace(";", ",") for one in value))
        case str():
            return _guarded(value)
        case _:
            return _plain(value)


def _guarded(text: str) -> str:
    return f"'{text}" if is_formula(text) else text


def _plain(value: Any) -> Any:
    """What JSON has no word for. Decimals stay exact, so they are texts."""
    match value:
        case dt.datetime():
            return value.astimezone(HERE).isoformat(timespec="seconds")
        case dt.date():
            return value.isoformat()
        case Decimal():
            return f"{value:f}"
        case uuid.UUID():
            return str(value)
        case int():
            return value
        case _:
            return str(value)


@contextmanager
def _snapshot() -> Iterator[None]:
    """Every table is read as of one moment, while others go on writing."""
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    else:
        # A plain BEGIN reads without taking the lock that writers queue for.
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")


def _whole(folder: Path, name: str, text: str) -> File:
    content = text.encode()
    with (folder / name).open("wb") as target:
        target.write(content)
        _to_disk(target)
    return File(name, len(content), hashlib.sha256(content).hexdigest())


def _to_disk(target: IO[bytes]) -> None:
    target.flush()
    os.fsync(target.fileno())


def _pretty(facts: Any) -> str:
    return json.dumps(facts, ensure_ascii=False, indent=2, default=str) + "\n"


def _manifest(files: list[File], clock: Clock, now: dt.datetime, last_change: int) -> dict[str, Any]:
    return {
        "day": clock.on.isoformat(),
        "made_at": timezone.localtime(now).isoformat(timespec="seconds"),
        "version": VERSION,
        "last_change": last_change,
        "publisher": settings.OPEN_DATA_PUBLISHER,
        "licence": settings.OPEN_DATA_LICENCE,
        "site": settings.SITE_URL,
        "files": [{"name": file.name, "size": file.size, "sha256": file.sha256, "rows": file.rows} for file in files],
    }


def dictionary() -> dict[str, Any]:
    """Every data set and field with its meaning in both languages, from the table that also writes them."""
    return {
        "version": VERSION,
        "list_separator": "; ",
        "data_sets": [
            {
                "name": one.name,
                **_in_both("title", one.title),
                **_in_both("about", one.about),
                "fields": [
                    {
                        "name": field.name,
                        "type": field.type,
                        **_in_both("meaning", field.meaning),
                        **(
                            {"codes": {code: _words("vi", label) for code, label in field.codes}} if field.codes else {}
                        ),
                    }
                    for field in one.fields
                ],
            }
            for one in DATA_SETS
        ],
    }


def _in_both(name: str, words: str) -> dict[str, str]:
    return {name: words, f"{name}_en": _words("en", words)}


def _words(language: str, words: Any) -> str:
    with translation.override(language):
        return translation.gettext(words) if isinstance(words, str) else str(words)


# --- folders --------------------------------------------------------------------------------------------


def _root() -> Path:
    return Path(default_storage.path(FOLDER))


def _settle(making: Path, day: dt.date) -> Path:
    """Give the finished folder its name: the day, with a number where that day was written before."""
    number, name = 1, day.isoformat()
    while True:
        folder = making.parent / (name if number == 1 else f"{name}.{number}")
        if not folder.exists():
            making.rename(folder)
            return folder
        number += 1


def _replace(path: Path, facts: dict[str, Any]) -> None:
    fresh = path.with_name(f"{path.name}.{uuid.uuid4().hex}")
    with fresh.open("wb") as target:
        target.write(_pretty(facts).encode())
        _to_disk(target)
    fresh.replace(path)


def _tidy(root: Path, shown: Path, day: dt.date) -> None:
    """Keep the last days; take away older ones, which may name what has left public view, and what was cut off."""
    for folder in root.iterdir():
        found = _DAY_FOLDER.fullmatch(folder.name)
        if found and folder != shown:
            made = dt.date.fromisoformat(found[1])
            # Several of one day: only the one that is shown stays, once another was written.
            old = made == day or (day - made).days > KEPT_DAYS
        else:
            old = folder.name.startswith(MAKING) and timezone.now().timestamp() - folder.stat().st_mtime > CUT_OFF_AFTER
        if old:
            shutil.rmtree(folder, ignore_errors=True)


# --- reading --------------------------------------------------------------------------------------------


def latest() -> Edition | None:
    """The open data shown now; None before the first were made."""
    try:
        facts = json.loads((_root() / LATEST).read_bytes())
        return read(_root() / Path(facts["folder"]).name)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def edition(name: str) -> Edition | None:
    """The open data of a kept day; None where there are none."""
    if not _DAY_FOLDER.fullmatch(name):
        return None
    try:
        return read(_root() / name)
    except (OSError, ValueError, KeyError):
        return None


def editions() -> list[Edition]:
    """Every kept day, the newest first."""
    names = sorted((path.name for path in _root().iterdir() if _DAY_FOLDER.fullmatch(path.name)), reverse=True)
    return [found for name in names if (found := edition(name))]


def read(folder: Path) -> Edition:
    """What the manifest of a folder tells. Raises OSError or ValueError where there is none."""
    facts = json.loads((folder / MANIFEST).read_bytes())
    files = tuple(File(one["name"], one["size"], one["sha256"], one["rows"]) for one in facts["files"])
    made_at = dt.datetime.fromisoformat(facts["made_at"])
    return Edition(folder, dt.date.fromisoformat(facts["day"]), made_at, facts["version"], facts["site"], files)


def make_today() -> Edition:
    """What beat and the command run."""
    return make(clock=clock_of_today(), now=timezone.now())
