"""The papers of a dossier: taken in, marked for fixing, taken back, used again from an earlier dossier."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.files.models import StoredFile
from portal.text.errors import Refusal
from portal.text.folding import normalise
from portal.text.formats import day

from .. import queries, rules
from ..completeness import PHOTOS
from ..enums import DocumentKind, DocumentState, DossierState
from ..models import Dossier, DossierDocument
from ..states import OPEN
from .freezing import freeze
from .shared import lock_dossier, note, save


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
    revision: int | None = None,
) -> DossierDocument:
    """Take in a paper, in a file or on paper. A new copy replaces one of its kind that had to be fixed.

    Whoever files the dossier does so while it is a draft or waits for a supplement. The receiving office may still
    enter, until the conclusion, what was handed in on time: then the dossier gets a new frozen version.
    """
    locked = lock_dossier(dossier, actor=actor, rule=rules.may_supply, revision=revision)
    _refuse_closed(locked)
    if file is None and not on_paper:
        raise Refusal("paper_missing", _("Hãy chọn tệp, hoặc đánh dấu đã nhận bản giấy."), field="file")
    if file is not None and kind in PHOTOS and not file.is_image:
        raise Refusal(
            "photo_is_no_photo", _("Tệp này không phải là ảnh. Hãy chọn ảnh JPEG, PNG hoặc WebP."), field="file"
        )
    locked.documents.filter(kind=kind, state=DocumentState.NEEDS_FIX).delete()
    document = DossierDocument.objects.create(
        dossier=locked, kind=kind, title=normalise(title), file=file, on_paper=on_paper, valid_until=valid_until
    )
    _written(
        locked, document, actor=actor, action="document.add", sentence=_("Nhận giấy tờ “%(paper)s” của hồ sơ %(code)s.")
    )
    return document


@transaction.atomic
def mark_needs_fix(
    *, document: DossierDocument, remark: str, actor: Any, revision: int | None = None
) -> DossierDocument:
    """Say what is wrong with a paper; the request letter repeats it."""
    locked = lock_dossier(document.dossier, actor=actor, rule=rules.may_check, revision=revision)
    _refuse_closed(locked)
    tidy = normalise(remark)
    if not tidy:
        raise Refusal("remark_missing", _("Hãy ghi điều cần sửa."), field="remark")
    row = locked.documents.select_for_update(of=("self",)).get(pk=document.pk)
    row.state, row.remark = DocumentState.NEEDS_FIX, tidy
    row.save()
    _written(
        locked,
        row,
        actor=actor,
        action="document.needs_fix",
        sentence=_("Đánh dấu cần sửa “%(paper)s” của hồ sơ %(code)s."),
        reason=tidy,
    )
    return row


@transaction.atomic
def mark_received(*, document: DossierDocument, actor: Any, revision: int | None = None) -> DossierDocument:
    """Take back a mark: the paper is in order after all."""
    locked = lock_dossier(document.dossier, actor=actor, rule=rules.may_check, revision=revision)
    _refuse_closed(locked)
    row = locked.documents.select_for_update(of=("self",)).get(pk=document.pk)
    row.state, row.remark = DocumentState.RECEIVED, ""
    row.save()
    _written(
        locked, row, actor=actor, action="document.received", sentence=_("Xác nhận đủ “%(paper)s” của hồ sơ %(code)s.")
    )
    return row


@transaction.atomic
def reuse(
    *,
    dossier: Dossier,
    documents: Iterable[DossierDocument],
    actor: Any,
    now: dt.datetime,
    revision: int | None = None,
) -> list[DossierDocument]:
    """Take papers of earlier dossiers of the same product or facility into this one, each marked where it is from.

    What the dossier holds already is left alone. Raises Refusal `paper_not_reusable` for a paper of someone else,
    of one round only, or with a newer one; `paper_ended` for one whose date has passed.
    """
    locked = lock_dossier(dossier, actor=actor, rule=rules.may_supply, revision=revision)
    _refuse_closed(locked)
    known = {row.document.pk: row for row in queries.earlier_papers(locked, on=timezone.localdate(now))}
    taken = []
    for document in documents:
        row = known.get(document.pk)
        _refuse_unusable(document, row)
        if row is not None and not row.taken:
            taken.append(_take_over(locked, row.document, actor))
    return taken


def _take_over(locked: Dossier, document: DossierDocument, actor: Any) -> DossierDocument:
    locked.documents.filter(kind=document.kind, state=DocumentState.NEEDS_FIX).delete()
    made = copy_into(locked, document)
    _written(
        locked,
        made,
        actor=actor,
        action="document.reuse",
        sentence=_("Dùng lại “%(paper)s” của hồ sơ trước cho hồ sơ %(code)s."),
    )
    return made


def copy_into(locked: Dossier, document: DossierDocument) -> DossierDocument:
    """The same paper in another dossier, with where it is from; the file itself is stored once."""
    return DossierDocument.objects.create(
        dossier=locked,
        kind=document.kind,
        title=document.title,
        file=document.file,
        on_paper=document.on_paper,
        valid_until=document.valid_until,
        reused_from=document,
    )


def _refuse_unusable(document: DossierDocument, row: queries.EarlierPaper | None) -> None:
    if row is None or row.replaced:
        raise Refusal(
            "paper_not_reusable",
            _("“%(paper)s” không dùng lại được cho hồ sơ này. Hãy gửi bản mới.") % {"paper": document},
        )
    if row.ended and document.valid_until is not None:
        raise Refusal(
            "paper_ended",
            _("“%(paper)s” đã hết hạn ngày %(day)s. Hãy gửi bản còn hạn.")
            % {"paper": document, "day": day(document.valid_until)},
        )


def _refuse_closed(dossier: Dossier) -> None:
    if dossier.state not in OPEN:
        raise Refusal(
            "dossier_closed",
            _("Hồ sơ đã ở trạng thái “%(state)s” nên không nhận thêm hay sửa giấy tờ.")
            % {"state": dossier.get_state_display()},
        )


def _written(
    dossier: Dossier, document: DossierDocument, *, actor: Any, action: str, sentence: str, reason: str = ""
) -> None:
    """The tag grows; a submitted dossier that now reads otherwise is frozen anew, and the history says so."""
    if dossier.state == DossierState.SUBMITTED and freeze(dossier):
        sentence = _("%(act)s Lập phiên bản %(version)s.") % {"act": sentence, "version": dossier.version}
    save(dossier)
    paper = document.title or DocumentKind(document.kind).label
    data = {"kind": document.kind, "sha256": document.file.sha256 if document.file else ""}
    note(dossier, actor=actor, action=action, sentence=sentence, reason=reason, data=data, paper=paper)
