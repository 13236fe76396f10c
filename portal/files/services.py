"""Taking in files: judged by their bytes, stored once, never changed."""

import hashlib
from collections.abc import Set as AbstractSet
from typing import Any, NoReturn

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext_lazy as _

from portal.text.errors import Refusal

from .models import StoredFile, storage_path
from .sniffing import (
    OLE_MAGIC,
    Broken,
    HasMacros,
    Kind,
    TooManyPixels,
    check_office,
    check_pdf,
    clean_image,
    kind_of,
)

MEGABYTE = 1024 * 1024
MAX_BYTES: dict[Kind, int] = {"image": 10 * MEGABYTE, "pdf": 20 * MEGABYTE, "office": 20 * MEGABYTE}
EVERYTHING: frozenset[Kind] = frozenset({"image", "pdf", "office"})

_WRONG_KIND = {
    frozenset({"image"}): _("Tệp này không phải là ảnh. Hãy chọn ảnh JPEG, PNG hoặc WebP."),
    frozenset({"pdf"}): _("Tệp này không phải là PDF. Hãy chọn tệp PDF."),
    frozenset({"office"}): _("Tệp này không phải là tệp Word hay Excel. Hãy chọn tệp .docx hoặc .xlsx."),
    frozenset({"image", "pdf"}): _("Tệp này không phải là ảnh hay PDF. Hãy chọn ảnh JPEG, PNG, WebP hoặc tệp PDF."),
    frozenset({"pdf", "office"}): _("Tệp này không phải là PDF, Word hay Excel. Hãy chọn tệp PDF, .docx hoặc .xlsx."),
    frozenset({"image", "office"}): _(
        "Tệp này không phải là ảnh, Word hay Excel. Hãy chọn ảnh JPEG, PNG, WebP hoặc tệp .docx, .xlsx."
    ),
    EVERYTHING: _("Tệp này không thuộc loại nhận được. Hãy chọn ảnh JPEG, PNG, WebP, tệp PDF, hoặc tệp .docx, .xlsx."),
}


def store(upload: Any, *, allow: AbstractSet[Kind] = EVERYTHING, field: str | None = None) -> StoredFile:
    """Keep one uploaded file and return its row; the same content is kept only once.

    `upload` is any Django File. What it is, is told by its bytes: pictures are drawn anew without their
    metadata. Raises Refusal ("file_empty", "file_too_large", "wrong_file_kind", "file_broken",
    "file_has_macros", "image_too_large") with `field` set, so that a form shows it at the right input.
    """
    data = _read(upload, field)
    kind = kind_of(data)
    if kind is None or kind not in allow:
        _refuse_kind(data, allow, field)
    if len(data) > MAX_BYTES[kind]:
        _refuse_size(kind, field)
    try:
        content, content_type, width, height = _examine(kind, data)
    except Broken:
        _refuse_broken(kind, field)
    except TooManyPixels:
        raise Refusal(
            "image_too_large",
            _("Ảnh có quá nhiều điểm ảnh. Hãy thu nhỏ ảnh xuống dưới 60 triệu điểm rồi gửi lại."),
            field=field,
        ) from None
    except HasMacros:
        raise Refusal(
            "file_has_macros",
            _("Tệp có chứa macro nên không được nhận. Hãy lưu lại thành .docx hoặc .xlsx rồi gửi lại."),
            field=field,
        ) from None
    if content_type is None:
        _refuse_kind(data, allow, field)
    return _keep(content, content_type, width, height)


def _read(upload: Any, field: str | None) -> bytes:
    if upload.size > max(MAX_BYTES.values()):
        _refuse_size("pdf", field)
    upload.seek(0)
    data: bytes = upload.read()
    if not data:
        raise Refusal("file_empty", _("Tệp này rỗng. Hãy kiểm tra lại và chọn tệp khác."), field=field)
    return data


def _examine(kind: Kind, data: bytes) -> tuple[bytes, str | None, int | None, int | None]:
    if kind == "image":
        return clean_image(data)
    return data, (check_pdf(data) if kind == "pdf" else check_office(data)), None, None


def _keep(content: bytes, content_type: str, width: int | None, height: int | None) -> StoredFile:
    digest = hashlib.sha256(content).hexdigest()
    known = StoredFile.objects.filter(sha256=digest).first()
    if known:
        return known
    path = storage_path(digest)
    # A file without a row is left over from a rolled-back upload; one of another size was cut off while written.
    if default_storage.exists(path) and default_storage.size(path) != len(content):
        default_storage.delete(path)
    if not default_storage.exists(path):
        default_storage.save(path, ContentFile(content))
    stored, _created = StoredFile.objects.get_or_create(
        sha256=digest,
        defaults={
            "content_type": content_type,
            "size": len(content),
            "width": width,
            "height": height,
            "content": path,
        },
    )
    return stored


def _refuse_kind(data: bytes, allow: AbstractSet[Kind], field: str | None) -> NoReturn:
    if data.startswith(OLE_MAGIC) and "office" in allow:
        sentence = _(
            "Tệp Word, Excel đời cũ hoặc có mật khẩu không nhận được. Hãy bỏ mật khẩu và lưu lại thành .docx hoặc .xlsx."
        )
    else:
        sentence = _WRONG_KIND[frozenset(allow)]
    raise Refusal("wrong_file_kind", sentence, field=field)


def _refuse_size(kind: Kind, field: str | None) -> NoReturn:
    if kind == "image":
        sentence = _("Ảnh nặng hơn 10 MB. Hãy giảm dung lượng ảnh rồi gửi lại.")
    else:
        sentence = _("Tệp nặng hơn 20 MB. Hãy giảm dung lượng hoặc chia thành nhiều tệp rồi gửi lại.")
    raise Refusal("file_too_large", sentence, field=field)


def _refuse_broken(kind: Kind, field: str | None) -> NoReturn:
    sentence = {
        "image": _("Ảnh này bị hỏng, không mở được. Hãy chọn ảnh khác hoặc chụp lại."),
        "pdf": _("Tệp PDF này bị hỏng hoặc chưa tải xong. Hãy mở thử trên máy của bạn rồi gửi lại."),
        "office": _("Tệp Word, Excel này bị hỏng. Hãy mở thử trên máy của bạn, lưu lại rồi gửi lại."),
    }[kind]
    raise Refusal("file_broken", sentence, field=field)
