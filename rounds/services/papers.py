"""The papers of a dossier: taken in, marked for fixing, taken back."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from portal.files.models import StoredFile
from portal.text.errors import Refusal
from portal.text.folding import normalise

from .. import rules
from ..completeness import PHOTOS, photo_remark
from ..enums import DocumentKind, DocumentState
from ..models import Dossier, DossierDocument
from ..states import OPEN
from .shared import lock_dossier, note, touch



@transaction.atomic
def add_document(
    *,
    dossier: Dossier,
    kind: str,
    actor: Any,
    file: StoredFile | None = None,
    on_paper: bool = False,
    title: str = "",
    valid_until: dt.date | None = None,
) -> DossierDocument:
    """Take in a paper, in a file or on paper. A new copy replaces one of its kind that had to be fixed.

    A photo too small to print at 10 × 15 cm is taken in and marked at once, with what to send instead.
    """
    locked = lock_dossier(dossier, actor=actor, rule=rules.may_check)
    _refuse_closed(locked)
    if file is None and not on_paper:
        raise Refusal("paper_missing", _("Hãy chọn tệp, hoặc đánh dấu đã nhận bản giấy."), field="file")
    if file is not None and kind in PHOTOS and not file.is_image:
        raise Refusal(
            "photo_is_no_photo", _("Tệp này không phải là ảnh. Hãy chọn ảnh JPEG, PNG hoặc WebP."), field="file"
        )
    remark = photo_remark(kind=kind, width=file.width, height=file.height) if file else ""
    locked.documents.filter(kind=kind, state=DocumentState.NEEDS_FIX).delete()
    document = DossierDocument.objects.create(
        dossier=locked,
        kind=kind,
        title=normalise(title),
        file=file,
        on_paper=on_paper,
        state=DocumentState.NEEDS_FIX if remark else DocumentState.RECEIVED,
        remark=remark,
        valid_until=valid_until,
    )
    touch(locked)
    _note(
        locked, document, actor=actor, action="document.add", sentence=_("Nhận giấy tờ “%(paper)s” của hồ sơ %(code)s.")
    )
    return document


@transaction.atomic
def mark_needs_fix(*, document: DossierDocument, remark: str, actor: Any) -> DossierDocument:
    """Say what is wrong with a paper; the request letter repeats it."""
    locked = lock_dossier(document.dossier, actor=actor, rule=rules.may_check)
    _refuse_closed(locked)
    tidy = normalise(remark)
    if not tidy:
        raise Refusal("remark_missing", _("Hãy ghi điều cần sửa."), field="remark")
    row = locked.documents.select_for_update(of=("self",)).get(pk=document.pk)
    row.state, row.remark = DocumentState.NEEDS_FIX, tidy
    row.save()
    touch(locked)
    _note(
        locked,
        row,
        actor=actor,
        action="document.needs_fix",
        sentence=_("Đánh dấu cần sửa “%(paper)s” của hồ sơ %(code)s."),
        reason=tidy,
    )
    return row


@transaction.atomic
def mark_received(*, document: DossierDocument, actor: Any) -> DossierDocument:
    """Take back a mark: the paper is in order after all."""
    locked = lock_dossier(document.dossier, actor=actor, rule=rules.may_check)
    _refuse_closed(locked)
    row = locked.documents.select_for_update(of=("self",)).get(pk=document.pk)
    row.state, row.remark = DocumentState.RECEIVED, ""
    row.save()
    touch(locked)
    _note(
        locked, row, actor=actor, action="document.received", sentence=_("Xác nhận đủ “%(paper)s” của hồ sơ %(code)s.")
    )
    return row


def _refuse_closed(dossier: Dossier) -> None:
    if dossier.state not in OPEN:
        raise Refusal(
            "dossier_closed",
            _("Hồ sơ đã ở trạng thái “%(state)s” nên không nhận thêm hay sửa giấy tờ.")
            % {"state": dossier.get_state_display()},
        )


def _note(
    dossier: Dossier, document: DossierDocument, *, actor: Any, action: str, sentence: str, reason: str = ""
) -> None:
    paper = document.title or DocumentKind(document.kind).label
    data = {"kind": document.kind, "sha256": document.file.sha256 if document.file else ""}
    note(dossier, actor=actor, action=action, sentence=sentence, reason=reason, data=data, paper=paper)
