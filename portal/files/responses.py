"""Handing out files. The caller has checked that the person may see this one."""

from typing import Any

from django.core.files.base import File
from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response

from .images import SMALL_TYPES
from .models import StoredFile
from .thumbnails import WEBP, is_drawn, thumbnail, wanted_form, wanted_width

EXTENSIONS = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "image/avif": ".avif",
    "application/pdf": ".pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}
INLINE_TYPES = frozenset({"image/jpeg", "image/png", "image/webp", "image/avif", "application/pdf"})
# A browser's PDF viewer does not start inside a sandbox; scripts stay off either way.
_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"
_PDF_POLICY = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'none'"


def serve(
    stored_file: StoredFile,
    *,
    filename: str,
    inline: bool = False,
    public: bool = False,
    request: HttpRequest | None = None,
    width: int | None = None,
) -> HttpResponseBase:
    """The file as a response, as its own type and under the given name (the extension follows the type).

    `inline` opens pictures and PDF in the browser, everything else is saved, and so is a PDF that carries a
    program. `public` is for pictures of published products: shared caches may keep them. Otherwise only the
    person's own browser may, and asks again. With the `request`, a copy the browser already has is answered
    with 304, and `?rong=` gives a smaller picture, with `dang=avif` as AVIF; `width` asks for one outright.
    """
    width = width or (wanted_width(request) if request else None)
    form = wanted_form(request) if request else WEBP
    small = (width, form) if width and is_drawn(stored_file, width, form) else None
    etag = _etag(stored_file, small)
    known = get_conditional_response(request, etag=etag) if request else None
    response: HttpResponseBase = known or _opened(stored_file, small, filename, inline=inline)
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "public, max-age=604800, immutable" if public else "private, no-cache"
    return response


def _etag(stored_file: StoredFile, small: tuple[int, str] | None) -> str:
    """One for each copy; WebP, which came first, goes without its name."""
    if small is None:
        return f'"{stored_file.sha256}"'
    width, form = small
    return f'"{stored_file.sha256}-{width}"' if form == WEBP else f'"{stored_file.sha256}-{width}-{form}"'


def _opened(stored_file: StoredFile, wanted: tuple[int, str] | None, filename: str, *, inline: bool) -> FileResponse:
    small = thumbnail(stored_file, *wanted) if wanted else None
    kind = SMALL_TYPES[wanted[1]] if small and wanted else stored_file.content_type
    content: File[Any] = small or stored_file.content.open("rb")
    shown = inline and kind in INLINE_TYPES and not stored_file.is_active
    response = FileResponse(
        content,
        as_attachment=not shown,
        filename=_named(filename, kind),
        content_type=kind if kind in EXTENSIONS else "application/octet-stream",
    )
    response["Content-Length"] = str(content.size)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = _PDF_POLICY if shown and kind == "application/pdf" else _POLICY
    return response


def _named(filename: str, content_type: str) -> str:
    extension = EXTENSIONS.get(content_type, "")
    stem = filename.replace("\\", "/").rsplit("/", 1)[-1].strip(". ") or "tep"
    return stem if not extension or stem.lower().endswith(extension) else f"{stem}{extension}"
