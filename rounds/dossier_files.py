"""Several files into a dossier at once: they are taken in first, then each is told what it is.

A file that was received is held by a signed token, so that a refusal elsewhere never asks for it again; what has
to be chosen again is named.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core import signing
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from portal.files.models import StoredFile
from portal.files.services import store
from portal.text.errors import Refusal
from portal.text.folding import fold
from portal.text.inputs import status_of

from .desk import posted_or_back
from .dossier_acts import ACTS, takes_papers
from .dossier_page import FileRows, show
from .dossier_reach import dossier_or_404
from .enums import DocumentKind
from .models import Dossier
from .services import dossiers

HELD = "rounds.dossier-upload"
HELD_FOR = 86_400  # seconds: a working day and the night after it
LEFT_OUT = "-"
K = DocumentKind
# What people call their files; the first word found wins, and the person confirms it anyway.
WORDS = (
    (K.REGISTRATION_FORM, ("phieu dang ky", "phu luc 1", "pl1")),
    (K.BUSINESS_REGISTRATION, ("dkkd", "kinh doanh", "dkdn", "dang ky doanh nghiep", "giay phep")),
    (K.STATEMENT, ("thuyet minh", "phu luc 2", "pl2")),
    (K.PHOTO_FRONT, ("chinh dien", "mat truoc", "front")),
    (K.PHOTO_SIDE, ("mat ben", "ben canh", "side")),
    (K.PHOTO_TOP, ("tren xuong", "tu tren", "top")),
    (K.LOWER_CERTIFICATE, ("chung nhan cap", "gcn", "cong nhan")),
    (K.PROPOSAL_LETTER, ("cong van de nghi", "de nghi", "trich ngang", "phu luc 5")),
    (K.COVER_LETTER, ("cong van",)),
    (K.AUTHORISATION, ("uy quyen",)),
    (K.STANDARD, ("tieu chuan", "an toan", "attp", "kiem nghiem", "haccp", "iso", "vietgap", "ocop")),
    (K.AWARD, ("giay khen", "bang khen")),
)


@dataclass(frozen=True)
class FileRow:
    """One file received and not yet in the dossier."""

    token: str
    name: str
    kind: str
    stored: StoredFile
    error: str = ""


def guess(name: str) -> str:
    """The kind that a file's name speaks of, or nothing."""
    words = f" {fold(name.rsplit('.', 1)[0].replace('_', ' ').replace('-', ' '))} "
    return next((kind.value for kind, signs in WORDS if any(f" {fold(sign)} " in words for sign in signs)), "")


@posted_or_back("admin:rounds_dossier_change")
def receive(request: HttpRequest, site: AdminSite, pk: int) -> HttpResponse:
    """POST of files: new ones are received and shown with their kinds to choose; once all have one, they go in."""
    dossier = dossier_or_404(request, pk)
    act = ACTS["add_document"]
    if not act.rule(request.user, dossier) or not takes_papers(dossier):
        messages.error(request, _("Hồ sơ này không nhận thêm giấy tờ lúc này, hoặc không do đơn vị của bạn nhận."))
        return show(request, site, dossier, status=403 if takes_papers(dossier) else 409)
    uploads = request.FILES.getlist("files")
    rows = FileRows(rows=_held(request))
    _take_in(uploads, rows)
    if not rows.rows and not rows.refused:
        messages.error(request, _("Chưa chọn tệp nào. Hãy chọn một hay nhiều tệp rồi tải lên."))
        return show(request, site, dossier, status=400)
    rows.unnamed = not uploads and any(not row.kind for row in rows.rows)
    if uploads or rows.unnamed:
        return show(request, site, dossier, files=rows, status=400 if rows.refused or rows.unnamed else 200)
    return _write(request, site, dossier, rows)


def _take_in(uploads: Iterable[Any], rows: FileRows) -> None:
    for upload in uploads:
        try:
            stored = store(upload, field="files")
        except Refusal as refusal:
            rows.refused.append((upload.name, str(refusal.sentence)))
        else:
            rows.rows.append(FileRow(signing.dumps(stored.pk, salt=HELD), upload.name, guess(upload.name), stored))


def _held(request: HttpRequest) -> list[FileRow]:
    """The files of earlier steps, as their tokens tell; a token that is none, or too old, is passed over."""
    names, kinds = request.POST.getlist("file_name"), request.POST.getlist("file_kind")
    found = []
    for token, name, kind in zip(request.POST.getlist("file_token"), names, kinds, strict=False):
        try:
            stored = StoredFile.objects.filter(pk=signing.loads(token, salt=HELD, max_age=HELD_FOR)).first()
        except signing.BadSignature:
            continue
        known = kind in DocumentKind.values or kind == LEFT_OUT
        if stored is not None:
            found.append(FileRow(token, name[:200], kind if known else "", stored))
    return found


def _write(request: HttpRequest, site: AdminSite, dossier: Dossier, rows: FileRows) -> HttpResponse:
    """Every file with its kind, or none of them."""
    wanted = [row for row in rows.rows if row.kind != LEFT_OUT]
    row = None
    try:
        with transaction.atomic():
            for row in wanted:
                dossiers.add_document(dossier=dossier, kind=row.kind, file=row.stored, actor=request.user)
    except Refusal as refusal:
        rows.rows = [
            FileRow(one.token, one.name, one.kind, one.stored, str(refusal.sentence) if one is row else "")
            for one in rows.rows
        ]
        return show(request, site, dossier, files=rows, status=status_of(refusal))
    if wanted:
        messages.success(request, _("Đã ghi %(total)s tệp vào hồ sơ.") % {"total": len(wanted)})
    return redirect("admin:rounds_dossier_change", dossier.pk)


def again(form: forms.Form) -> str:
    """Which files of a form that came back have to be chosen again: browsers never send them twice."""
    names = [str(upload.name) for name in form.files for upload in form.files.getlist(name)]
    if not names:
        return ""
    return _("Trình duyệt không giữ tệp đã chọn. Hãy chọn lại: %(names)s.") % {"names": "; ".join(names)}
