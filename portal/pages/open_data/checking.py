"""Whether a folder of open data is whole, and what each of its rows says, as the tables of `sets` describe them."""

import datetime as dt
import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from portal.text.errors import Refusal

from . import making
from .making import Edition
from .sets import DATA_SETS
from .table import ADDRESS, DAY, ID, LIST, MEASURE, MOMENT, NUMBER, TEXT, VERSION, YES_NO, DataSet, Field


@dataclass(frozen=True)
class Problem:
    """One row that cannot be read, or one file."""

    file: str
    line: int
    sentence: str

    def __str__(self) -> str:
        if not self.line:
            return f"{self.file}: {self.sentence}"
        return _("%(file)s, dòng %(line)s: %(sentence)s") % vars(self)


@dataclass(frozen=True)
class Row:
    """One row with its values as Python has them."""

    line: int
    values: dict[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def text(self, name: str) -> str:
        return self.values[name] or ""


@contextmanager
def opened(path: Path) -> Iterator[Edition]:
    """The open data of a folder, or of `open-data.zip`. Raises Refusal `no_open_data`, `other_version`."""
    with ExitStack() as stack:
        try:
            edition = making.read(_unpacked(path, stack) if path.is_file() else path)
        except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
            words = _(
                "Không đọc được %(path)s. Hãy tải tệp %(name)s ở trang Dữ liệu mở của cổng gốc và chỉ vào tệp đó."
            )
            raise Refusal("no_open_data", words % {"path": path, "name": making.TOGETHER}) from error
        _refuse_another_version(edition)
        yield edition


def _unpacked(path: Path, stack: ExitStack) -> Path:
    """The files in a folder of their own, gone with the stack; only those that open data consist of."""
    folder = Path(stack.enter_context(TemporaryDirectory()))
    with zipfile.ZipFile(path) as packed:
        for name in {making.MANIFEST, *map(file_of, DATA_SETS)} & set(packed.namelist()):
            packed.extract(name, folder)
    return folder


def _refuse_another_version(edition: Edition) -> None:
    if edition.version != VERSION:
        words = _(
            "Bộ dữ liệu theo phiên bản %(theirs)s, cổng này đọc phiên bản %(ours)s. Hãy tải bộ của cổng cùng bản."
        )
        raise Refusal("other_version", words % {"theirs": edition.version, "ours": VERSION})


def file_of(one: DataSet) -> str:
    """The file that is read back: its values are exact, a CSV's are not."""
    return f"{one.name}.jsonl"


def problems_of(edition: Edition) -> list[Problem]:
    """What of the files is missing or not as the manifest says."""
    return [Problem(file_of(one), 0, sentence) for one in DATA_SETS if (sentence := _wrong(edition, file_of(one)))]


def _wrong(edition: Edition, name: str) -> str:
    told, path = edition.served(name), edition.folder / name
    if told is None or not path.is_file():
        return _("Thiếu tệp này. Hãy tải lại trọn bộ.")
    with path.open("rb") as source:
        digest = hashlib.file_digest(source, "sha256").hexdigest()
    if digest != told.sha256:
        return _("Tệp không khớp mã SHA-256 trong manifest.json. Hãy tải lại trọn bộ.")
    return ""


def rows_of(edition: Edition, one: DataSet, note: Callable[[Problem], None]) -> Iterator[Row]:
    """The rows that say what the table describes; each other one is noted."""
    with (edition.folder / file_of(one)).open(encoding="utf-8") as source:
        for line, text in enumerate(source, 1):
            try:
                yield Row(line, _values(one, text))
            except ValueError as error:
                note(Problem(file_of(one), line, str(error)))


def _values(one: DataSet, text: str) -> dict[str, Any]:
    """Raises ValueError with a sentence."""
    try:
        told = json.loads(text)
    except ValueError as error:
        raise ValueError(_("Dòng không phải là JSON.")) from error
    if not isinstance(told, dict) or told.keys() != {field.name for field in one.fields}:
        raise ValueError(_("Dòng không có đúng các cột của bảng."))
    return {field.name: _value(field, told[field.name]) for field in one.fields}


def _value(field: Field, told: Any) -> Any:
    if told is None or told == "":
        return None
    try:
        value = _READ[field.type](told)
    except (ValueError, TypeError, InvalidOperation) as error:
        words = _("Cột %(column)s ghi “%(value)s”, không phải kiểu %(type)s.")
        raise ValueError(words % {"column": field.name, "value": str(told)[:60], "type": field.type}) from error
    if field.codes and str(value) not in {code for code, _label in field.codes}:
        words = _("Cột %(column)s không có giá trị “%(value)s”.")
        raise ValueError(words % {"column": field.name, "value": str(told)[:60]})
    return value


def _is(kind: type) -> Callable[[Any], Any]:
    def read(told: Any) -> Any:
        if type(told) is not kind:
            raise TypeError
        return told

    return read


_READ: dict[str, Callable[[Any], Any]] = {
    TEXT: _is(str),
    NUMBER: _is(int),
    MEASURE: lambda told: Decimal(_is(str)(told)),
    YES_NO: _is(bool),
    DAY: dt.date.fromisoformat,
    MOMENT: dt.datetime.fromisoformat,
    LIST: _is(list),
    ADDRESS: _is(str),
    ID: UUID,
}
