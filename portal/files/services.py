"""Taking in files: judged by their bytes, stored once, never changed."""

import hashlib
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, NoReturn

import structlog
from django.utils.translation import gettext_lazy as _

from portal.text.errors import Refusal

from . import antivirus
from .images import clean_image
from .keeping import holds, keep
from .models import StoredFile, storage_path
from .papers import check_office, check_pdf
from .sniffing import (
    OLE_MAGIC,
    Broken,
    HasForeignParts,
    HasMacros,
    Kind,
    TooManyPixels,
    UnpacksTooLarge,
    is_phone_photo,
    kind_of,
)

MEGABYTE = 1024 * 1024
MAX_BYTES: dict[Kind, int] = {"image": 10 * MEGABYTE, "pdf": 20 * MEGABYTE, "office": 20 * MEGABYTE}
log = structlog.get_logger(__name__)
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


@dataclass(frozen=True)
class Examined:
    """What is kept of an upload."""

    content: bytes
    content_type: str
    width: int | None = None
    height: int | None = None
    is_active: bool = False


def store(upload: Any, *, allow: AbstractSet[Kind] = EVERYTHING, field: str | None = None) -> StoredFile:
    """Keep one uploaded file and return its row; the same content is kept only once.

    `upload` is any Django File. What it is, is told by its bytes: pictures are drawn anew without their
    metadata. Where a virus scanner is configured, it sees every file first. Raises Refusal ("file_empty",
    "file_too_large", "wrong_file_kind", "file_broken", "file_has_macros", "file_has_foreign_parts",
    "file_unpacks_too_large", "image_too_large", "file_infected", "scanner_unreachable") with `field` set,
    so that a form shows it at the right input.
    """
    data = _read(upload, field)
    kind = kind_of(data)
    if kind is None or kind not in allow:
        _refuse_kind(data, allow, field)
    if len(data) > MAX_BYTES[kind]:
        _refuse_size(kind, field)
    _scan(data, field)
    try:
        examined = _examine(kind, data)
    except Broken:
        _refuse_broken(kind, field)
    except tuple(_BY_ERROR) as error:
        code, sentence = _BY_ERROR[type(error)]
        raise Refusal(code, sentence, field=field) from None
    if examined is None:
        _refuse_kind(data, allow, field)
    return _keep(examined)


def store_table(upload: Any, *, field: str | None = None) -> StoredFile:
    """Keep a text file of separated values that has been read as a table. Raises Refusal like `store`."""
    data = _read(upload, field)
    _scan(data, field)
    return _keep(Examined(data, "text/csv"))


def _read(upload: Any, field: str | None) -> bytes:
    if upload.size > max(MAX_BYTES.values()):
        _refuse_size("pdf", field)
    upload.seek(0)
    data: bytes = upload.read()
    if not data:
        raise Refusal("file_empty", _("Tệp này rỗng. Hãy kiểm tra lại và chọn tệp khác."), field=field)
    return data


def _scan(data: bytes, field: str | None) -> None:
    """Refuse what the scanner knows, and everything while it does not answer."""
    try:
        antivirus.scan(data)
    except antivirus.Infected as found:
        log.warning("upload_infected", virus=str(found), sha256=hashlib.sha256(data).hexdigest())
        raise Refusal(
            "file_infected",
            _("Tệp này có mã độc nên không được nhận. Hãy quét vi-rút máy của bạn, rồi gửi tệp sạch."),
            field=field,
        ) from None
    except antivirus.Unreachable as error:
        log.exception("virus_scanner_unreachable", error=str(error))
        raise Refusal(
            "scanner_unreachable",
            _(
                "Cổng chưa quét được vi-rút nên tạm thời không nhận tệp. Hãy gửi lại sau ít phút; "
                "nếu vẫn vậy, hãy báo quản trị hệ thống."
            ),
            field=field,
        ) from None


def _examine(kind: Kind, data: bytes) -> Examined | None:
    """What is kept of the file; None for a zip that is neither Word nor Excel."""
    if kind == "image":
        return Examined(*clean_image(data))
    if kind == "pdf":
        content_type, active = check_pdf(data)
        return Examined(data, content_type, is_active=active)
    office = check_office(data)
    return Examined(data, office) if office else None


def _keep(examined: Examined) -> StoredFile:
    digest = hashlib.sha256(examined.content).hexdigest()
    known = StoredFile.objects.filter(sha256=digest).first()
    if known:
        return known
    path = storage_path(digest)
    # A file without a row is left over from a rolled-back upload; one of another size was cut off while written.
    if not holds(path, len(examined.content)):
        keep(path, examined.content)
    stored, _created = StoredFile.objects.get_or_create(
        sha256=digest,
        defaults={
            "content_type": examined.content_type,
            "size": len(examined.content),
            "width": examined.width,
            "height": examined.height,
            "is_active": examined.is_active,
            "content": path,
        },
    )
    return stored


_BY_ERROR: dict[type[Exception], tuple[str, Any]] = {
    TooManyPixels: (
        "image_too_large",
        _("Ảnh có quá nhiều điểm ảnh. Hãy thu nhỏ ảnh xuống dưới 60 triệu điểm rồi gửi lại."),
    ),
    HasMacros: (
        "file_has_macros",
        _("Tệp có chứa macro nên không được nhận. Hãy lưu lại thành .docx hoặc .xlsx rồi gửi lại."),
    ),
    HasForeignParts: (
        "file_has_foreign_parts",
        _("Tệp có gắn đối tượng hoặc mẫu lấy từ nơi khác nên không được nhận. Hãy xuất tệp ra PDF rồi gửi lại."),
    ),
    UnpacksTooLarge: (
        "file_unpacks_too_large",
        _("Tệp này nén quá nhiều dữ liệu nên không được nhận. Hãy chép nội dung sang một tệp mới rồi gửi lại."),
    ),
}


def _refuse_kind(data: bytes, allow: AbstractSet[Kind], field: str | None) -> NoReturn:
    if is_phone_photo(data) and "image" in allow:
        sentence = _(
            "Ảnh HEIC của điện thoại không mở được trên mọi máy. Trên iPhone, hãy vào Cài đặt, Camera, Định dạng, "
            "chọn “Tương thích nhất” rồi chụp lại, hoặc lưu ảnh thành JPEG rồi gửi."
        )
    elif data.startswith(OLE_MAGIC) and "office" in allow:
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
