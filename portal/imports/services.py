"""An import's road: uploaded, previewed, confirmed as a whole, undone at most once."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.audit.services import record
from portal.files.models import StoredFile
from portal.files.services import store, store_table
from portal.territory.queries import held_register
from portal.text.errors import Refusal
from portal.text.folding import fold
from portal.text.headings import RUNNING
from portal.text.tables import Reading, Row, sheets_with, source_of

from . import journal
from .enums import AT_WORK, TRANSITIONS, BatchState, Verdict
from .models import ImportBatch, ImportRow
from .registry import Context, Importer, Judged, Writing, importer_of

S = BatchState
PIECE = 500
NAMED = 20
TITLE, NAME = 300, 200
ZIP = b"PK\x03\x04"


@transaction.atomic
def upload(
    *, file: Any, name: str, kind: str, scope: str, actor: Any, now: dt.datetime, options: Sequence[str] = ()
) -> ImportBatch:
    """Keep a file and preview it. Where several sheets hold such a table, the person chooses first.

    Raises Refusal for a file that cannot be read, with the input it belongs to.
    """
    importer = importer_of(kind)
    place = importer.scope(scope, actor)
    sheets = _sheets(file, name, importer)
    batch = ImportBatch.objects.create(
        kind=kind,
        filename=name[-NAME:],
        file=_stored(file),
        scope=place.value,
        scope_label=place.label[:250],
        territory=place.territory,
        options=[option.code for option in importer.options if option.code in options],
        actor=actor,
        uploaded_at=now,
    )
    note(batch, actor, "import.upload", _("Tải lên danh sách %(kind)s “%(file)s” để nhập vào %(scope)s."))
    return preview(batch=batch, actor=actor, now=now, sheet=sheets[0]) if len(sheets) == 1 else batch


def _sheets(file: Any, name: str, importer: Importer) -> list[str]:
    try:
        with source_of(file, name) as source:
            return sheets_with(source, importer.layout)
    except Refusal as refusal:
        raise Refusal(refusal.code, refusal.sentence, field="file", details=refusal.details) from refusal


def _stored(file: Any) -> StoredFile:
    file.seek(0)
    is_book = file.read(4) == ZIP
    return store(file, allow={"office"}, field="file") if is_book else store_table(file, field="file")


def sheets_of(batch: ImportBatch) -> list[str]:
    """The sheets of the kept file that hold such a table."""
    with batch.file.content.open("rb") as file:
        return _sheets(file, batch.filename, importer_of(batch.kind))


@transaction.atomic
@held_register()
def preview(*, batch: ImportBatch, actor: Any, now: dt.datetime, sheet: str | None = None) -> ImportBatch:
    """Judge every row of the file against the register of now. Writes the rows of the preview and nothing else."""
    locked = lock(batch, S.PREVIEWED)
    if locked.state in AT_WORK:
        raise out_of_order(locked)
    importer = importer_of(locked.kind)
    context = _context(importer, locked, actor, now)
    if sheet is not None:
        locked.sheet = sheet
    locked.rows.all().delete()
    counts, locked.notes = _judge_file(locked, importer, context)
    locked.rows_new, locked.rows_changed = counts[Verdict.NEW], counts[Verdict.CHANGED]
    locked.rows_same, locked.rows_wrong = counts[Verdict.SAME], counts[Verdict.WRONG]
    if not locked.total:
        raise Refusal("no_rows", _("Bảng không có dòng nào dưới tiêu đề. Hãy kiểm tra lại tệp."), field="file")
    locked.state, locked.previewed_at, locked.refusal = S.PREVIEWED, now, []
    locked.save()
    return locked


def _judge_file(batch: ImportBatch, importer: Importer, context: Context) -> tuple[dict[Verdict, int], list[str]]:
    counts = dict.fromkeys(Verdict, 0)
    judge = importer.judge(context)
    with batch.file.content.open("rb") as file, source_of(file, batch.filename) as source:
        sheets = sheets_with(source, importer.layout)
        reading = Reading(source, importer.layout, batch.sheet if batch.sheet in sheets else sheets[0])
        batch.sheet = reading.sheet
        for rows in _pieces(reading, importer.batch_size):
            judged = _judged(judge, rows)
            for one in judged:
                counts[one.verdict] += 1
            ImportRow.objects.bulk_create(_row(batch, row, one) for row, one in zip(rows, judged, strict=True))
        return counts, _file_notes(reading, source.sheets)


def _judged(judge: Any, rows: list[Row]) -> list[Judged]:
    """The verdicts, with what the reader of the file itself had to say of each row."""
    found: list[Judged] = judge(rows)
    for row, one in zip(rows, found, strict=True):
        if row.problems:
            one.verdict, one.diff, one.sentences = Verdict.WRONG, [], list(row.problems)
        elif row.notes:
            one.sentences = [*one.sentences, *row.notes]
    return found


def _row(batch: ImportBatch, row: Row, one: Judged) -> ImportRow:
    cells = {code: text for code, text in row.cells.items() if text}
    return ImportRow(
        batch=batch,
        number=row.number,
        verdict=one.verdict,
        title=one.title[:TITLE],
        cells=cells,
        diff=one.diff,
        sentences=one.sentences,
    )


def _file_notes(reading: Reading, sheets: Sequence[str]) -> list[str]:
    notes = []
    if len(sheets) > 1:
        notes.append(_("Đã đọc trang tính “%(sheet)s”.") % {"sheet": reading.sheet})
    unknown = [name for name in reading.head.unknown if fold(name) not in RUNNING]
    if unknown:
        notes.append(_("Không dùng các cột: %(names)s.") % {"names": ", ".join(unknown)})
    return notes + reading.notes


@transaction.atomic
@held_register()
def confirm(*, batch: ImportBatch, actor: Any, now: dt.datetime) -> ImportBatch:
    """Write the whole list through the rooms' services, or nothing of it.

    The register is asked again first, under lock: where a row would now do something else than the preview
    said, Refusal `moved_on`. Raises also `rows_wrong`, `nothing_to_write`, `row_refused`.
    """
    locked = lock(batch, S.APPLIED)
    importer = importer_of(locked.kind)
    context = _context(importer, locked, actor, now)
    refuse_unclean(locked)
    importer.lock(context.scope)
    _refuse_moved_on(locked, importer, context)
    _write(locked, importer, context)
    locked.state, locked.applied_at, locked.applied_by = S.APPLIED, now, actor
    locked.asked_at = locked.asked_by = None
    locked.save()
    note(
        locked,
        actor,
        "import.apply",
        _("Nhập danh sách %(kind)s “%(file)s” vào %(scope)s: %(new)s dòng mới, %(changed)s dòng thay đổi."),
    )
    return locked


def refuse_unclean(batch: ImportBatch) -> None:
    if batch.rows_wrong:
        raise Refusal(
            "rows_wrong",
            _("Còn %(total)s dòng sai nên chưa ghi gì. Hãy tải các dòng sai, sửa trong tệp của bạn rồi tải lên lại.")
            % {"total": batch.rows_wrong},
        )
    if not batch.rows_new + batch.rows_changed:
        raise Refusal("nothing_to_write", _("Mọi dòng đã có trong sổ, không có gì để nhập."))


def _refuse_moved_on(batch: ImportBatch, importer: Importer, context: Context) -> None:
    judge = importer.judge(context)
    moved: list[int] = []
    for rows in _pieces(batch.rows.order_by("number").iterator(PIECE), importer.batch_size):
        for row, one in zip(rows, judge([_as_read(row) for row in rows]), strict=True):
            if (row.verdict, row.diff) != (one.verdict, one.diff):
                moved.append(row.number)
    if moved:
        raise Refusal(
            "moved_on",
            _("Sổ đã thay đổi sau khi xem trước, ở %(total)s dòng (dòng %(first)s). Chưa ghi gì.")
            % {"total": len(moved), "first": ", ".join(map(str, moved[:NAMED]))},
        )


def _as_read(row: ImportRow) -> Row:
    return Row(row.number, row.cells)


def _write(batch: ImportBatch, importer: Importer, context: Context) -> None:
    """Writes row after row and keeps with each what it did, so that it can be taken back."""
    touching = batch.rows.filter(verdict__in=[Verdict.NEW, Verdict.CHANGED]).order_by("number")
    done: list[ImportRow] = []
    with journal.recording() as noted:
        writing = importer.write(context)
        for row in touching.iterator(PIECE):
            _write_row(writing, row)
            row.effects = noted.take()
            done.append(row)
        writing.finish()
        done[-1].effects += noted.take()
    journal.seal(effect for row in done for effect in row.effects)
    for piece in _pieces(done, PIECE):
        ImportRow.objects.bulk_update(piece, ["effects"])


def _write_row(writing: Writing, row: ImportRow) -> None:
    try:
        writing.row(_as_read(row))
    except (Refusal, IntegrityError) as error:
        sentence = (
            error.sentence if isinstance(error, Refusal) else _("Dòng này trùng với điều vừa được người khác ghi.")
        )
        raise Refusal(
            "row_refused",
            _("Dòng %(number)s: %(why)s Chưa ghi gì.") % {"number": row.number, "why": sentence},
        ) from error


@transaction.atomic
@held_register()
def undo(*, batch: ImportBatch, actor: Any, now: dt.datetime) -> ImportBatch:
    """Take a whole import back, once: what it created goes, what it changed is put back.

    Raises Refusal `built_on` with a sentence for each object that was edited or used since; then nothing changes.
    """
    locked = lock(batch, S.UNDONE)
    importer = importer_of(locked.kind)
    context = _context(importer, locked, actor, now)
    importer.lock(context.scope)
    undoing = journal.Undoing(_effects(locked))
    importer.spare(undoing)
    if obstacles := undoing.obstacles():
        raise _built_on(obstacles)
    try:
        with transaction.atomic():
            removed, restored = importer.undo(undoing, context)
    except (ProtectedError, IntegrityError) as error:
        raise _built_on([_("Có dữ liệu mới gắn với danh sách này.")]) from error
    locked.state, locked.undone_at, locked.undone_by = S.UNDONE, now, actor
    locked.asked_at = locked.asked_by = None
    locked.save()
    note(
        locked,
        actor,
        "import.undo",
        _("Hoàn tác lần nhập danh sách %(kind)s “%(file)s” vào %(scope)s."),
        removed=removed,
        restored=restored,
    )
    return locked


def _effects(batch: ImportBatch) -> Iterator[dict[str, Any]]:
    for effects in batch.rows.order_by("number").values_list("effects", flat=True).iterator(PIECE):
        yield from effects


def _built_on(obstacles: list[str]) -> Refusal:
    more = len(obstacles) - NAMED
    details = [*obstacles[:NAMED], *([_("Và %(total)s điều khác.") % {"total": more}] if more > 0 else [])]
    return Refusal(
        "built_on",
        _("Không hoàn tác được vì sau lần nhập này dữ liệu đã được dùng hoặc sửa. Hãy sửa từng mục trong sổ."),
        details=tuple(details),
    )


@transaction.atomic
def discard(*, batch: ImportBatch, actor: Any, now: dt.datetime) -> ImportBatch:
    """Give up a list that was not confirmed; its rows are forgotten, the file's name stays in the record."""
    locked = lock(batch, S.DISCARDED)
    importer_of(locked.kind).scope(locked.scope, actor)
    locked.rows.all().delete()
    locked.state, locked.discarded_at = S.DISCARDED, now
    locked.save()
    note(locked, actor, "import.discard", _("Bỏ danh sách %(kind)s “%(file)s”, không nhập."))
    return locked


# --- small steps --------------------------------------------------------------------------------------


def lock(batch: ImportBatch, to: BatchState) -> ImportBatch:
    """The batch under lock, if it may become `to`. Raises Refusal `import_out_of_order`."""
    locked = ImportBatch.objects.select_for_update(of=("self",)).select_related("file", "territory").get(pk=batch.pk)
    if to not in TRANSITIONS[BatchState(locked.state)]:
        raise out_of_order(locked)
    return locked


def out_of_order(batch: ImportBatch) -> Refusal:
    return Refusal(
        "import_out_of_order",
        _("Danh sách này %(state)s nên không làm việc này được nữa. Hãy tải lại trang.")
        % {"state": str(batch.get_state_display()).lower()},
    )


def _context(importer: Importer, batch: ImportBatch, actor: Any, now: dt.datetime) -> Context:
    """The person's right is asked again with every act."""
    return Context(
        scope=importer.scope(batch.scope, actor),
        actor=actor,
        now=now,
        today=timezone.localtime(now).date(),
        options=frozenset(batch.options),
    )


def _pieces(rows: Iterable[Any], size: int) -> Iterator[list[Any]]:
    piece: list[Any] = []
    for row in rows:
        piece.append(row)
        if len(piece) == size:
            yield piece
            piece = []
    if piece:
        yield piece


def note(batch: ImportBatch, actor: Any, action: str, sentence: str, **data: Any) -> None:
    record(
        actor=actor,
        action=action,
        sentence=sentence
        % {
            "kind": batch.label.lower(),
            "file": batch.filename,
            "scope": batch.scope_label,
            "new": batch.rows_new,
            "changed": batch.rows_changed,
        },
        subject=batch,
        territory=batch.territory,
        data={"kind": batch.kind, **data},
    )
