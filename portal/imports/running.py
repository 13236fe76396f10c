"""Writing and undoing a list outside the request: asked for by a person, carried out by a worker, all or nothing.

The state says what is asked ("applying", "undoing") before any worker begins. The worker holds the row's lock
until everything is written, so that a second one finds the work done. Whatever ends a worker early takes its
transaction along: the list still stands as asked, and asking once more is always safe.
"""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError as BrokerError

from portal.text.errors import Refusal

from . import services
from .enums import AT_WORK, BatchState
from .models import ImportBatch
from .registry import importer_of

S = BatchState
# A list of the size departments keep is written within a minute.
STUCK_AFTER = dt.timedelta(minutes=5)
BACK = {S.APPLYING: S.PREVIEWED, S.UNDOING: S.APPLIED}
WORK: dict[BatchState, Callable[..., ImportBatch]] = {S.APPLYING: services.confirm, S.UNDOING: services.undo}


@transaction.atomic
def ask_to_apply(*, batch: ImportBatch, actor: Any, now: dt.datetime) -> None:
    """Confirm a preview: a worker writes it. Raises Refusal for what can be told at once."""
    locked = services.lock(batch, S.APPLYING)
    services.refuse_unclean(locked)
    _ask(locked, S.APPLYING, actor, now)
    services.note(
        locked,
        actor,
        "import.confirm",
        _("Xác nhận nhập danh sách %(kind)s “%(file)s” vào %(scope)s."),
    )


@transaction.atomic
def ask_to_undo(*, batch: ImportBatch, actor: Any, now: dt.datetime) -> None:
    """Have a worker take an import back. Raises Refusal when it was taken back or is being written."""
    _ask(services.lock(batch, S.UNDOING), S.UNDOING, actor, now)


def _ask(locked: ImportBatch, state: BatchState, actor: Any, now: dt.datetime) -> None:
    importer_of(locked.kind).scope(locked.scope, actor)
    locked.state, locked.asked_at, locked.asked_by, locked.refusal = state, now, actor, []
    locked.save()
    transaction.on_commit(lambda: _hand_over(locked))


def _hand_over(batch: ImportBatch) -> None:
    from .tasks import carry_out_import

    try:
        carry_out_import.delay(batch.pk)
    except BrokerError:
        _give_back(batch, [_("Chưa giao được việc ghi cho máy chủ. Chưa ghi gì. Hãy thử lại sau ít phút.")])


def carry_out(*, pk: int, now: dt.datetime) -> str:
    """What the worker does: the work that is asked for, or nothing when it is done. Returns the state afterwards."""
    batch = ImportBatch.objects.get(pk=pk)
    state = BatchState(batch.state)
    if state not in AT_WORK:
        return state
    try:
        with transaction.atomic():
            locked = ImportBatch.objects.select_for_update(of=("self",)).get(pk=pk)
            if locked.state != state:
                return locked.state
            return WORK[state](batch=locked, actor=locked.asked_by, now=now).state
    except Refusal as refusal:
        return _refused(batch, refusal, now)
    except Exception:
        _give_back(
            batch, [_("Máy chủ gặp lỗi khi ghi. Chưa ghi gì. Hãy thử lại; nếu vẫn lỗi, hãy báo quản trị hệ thống.")]
        )
        raise


def _refused(batch: ImportBatch, refusal: Refusal, now: dt.datetime) -> str:
    """When the register moved on, the preview is made anew at once, so that the person sees what changed."""
    sentences = [str(refusal), *map(str, refusal.details)]
    with transaction.atomic():
        _give_back(batch, sentences)
        if refusal.code == "moved_on":
            fresh = ImportBatch.objects.get(pk=batch.pk)
            services.preview(batch=fresh, actor=batch.asked_by, now=now)
            sentences[0] += " " + _("Đã đối chiếu lại với sổ. Hãy xem các dòng rồi xác nhận lần nữa.")
            ImportBatch.objects.filter(pk=batch.pk).update(refusal=sentences)
    return BACK[BatchState(batch.state)]


@transaction.atomic
def _give_back(batch: ImportBatch, sentences: list[str]) -> None:
    """Let the list stand as before it was asked, with why nothing was written."""
    locked = ImportBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if locked.state in AT_WORK:
        locked.state = BACK[BatchState(locked.state)]
        locked.asked_at, locked.asked_by, locked.refusal = None, None, sentences
        locked.save()


# --- when no worker comes back ------------------------------------------------------------------------


def is_stuck(batch: ImportBatch, *, now: dt.datetime) -> bool:
    """Asked for long ago and not done: the worker died, or none is there."""
    return batch.asked_at is not None and batch.asked_at <= now - STUCK_AFTER


@transaction.atomic
def ask_again(*, batch: ImportBatch, actor: Any, now: dt.datetime) -> None:
    """Hand stuck work over once more. Raises Refusal `still_running`."""
    locked = _lock_stuck(batch, now)
    _ask(locked, BatchState(locked.state), actor, now)


@transaction.atomic
def stop(*, batch: ImportBatch, actor: Any, now: dt.datetime) -> None:
    """Give stuck work up; the list stands as before. Raises Refusal `still_running`."""
    locked = _lock_stuck(batch, now)
    importer_of(locked.kind).scope(locked.scope, actor)
    _give_back(locked, [])
    services.note(locked, actor, "import.stop", _("Dừng việc ghi danh sách %(kind)s “%(file)s” bị treo. Chưa ghi gì."))


def _lock_stuck(batch: ImportBatch, now: dt.datetime) -> ImportBatch:
    """A worker that is alive holds the lock, so that its work is never taken for stuck."""
    rows = ImportBatch.objects.select_related("file", "territory")
    nowait = connection.features.has_select_for_update_nowait
    try:
        with transaction.atomic():
            locked = rows.select_for_update(of=("self",), nowait=nowait).get(pk=batch.pk)
    except OperationalError as error:
        raise _still_running() from error
    if locked.state not in AT_WORK or not is_stuck(locked, now=now):
        raise _still_running()
    return locked


def _still_running() -> Refusal:
    return Refusal("still_running", _("Danh sách không bị treo. Hãy tải lại trang để xem kết quả."))
