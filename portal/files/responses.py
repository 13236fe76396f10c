"""Handing out files. The caller has checked that the person may see this one."""

from django.http import FileResponse

from .models import StoredFile

EXTENSIONS = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "application/pdf": ".pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}
INLINE_TYPES = frozenset({"image/jpeg", "image/png", "image/webp", "application/pdf"})
# A browser's PDF viewer does not start inside a sandbox; scripts stay off either way.
_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"
_PDF_POLICY = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'none'"


def serve(stored_file: StoredFile, *, filename: str, inline: bool = False, public: bool = False) -> FileResponse:
    """The file as a response, as its own type and under the given name (the extension follows the type).

    `inline` opens pictures and PDF in the browser, everything else is saved. `public` is for pictures of
    published products: shared caches may keep them. Otherwise only the person's own browser may, and asks again.
    """
    kind = stored_file.content_type
    shown = inline and kind in INLINE_TYPES
    response = FileResponse(
        stored_file.content.open("rb"),
        as_attachment=not shown,
        filename=_named(filename, kind),
        content_type=kind if kind in EXTENSIONS else "application/octet-stream",
    )
    response["Content-Length"] = str(stored_file.size)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = _PDF_POLICY if shown and kind == "application/pdf" else _POLICY
    response["Cache-Control"] = "public, max-age=604800, immutable" if public else "private, no-cache"
    response["ETag"] = f'"{stored_file.sha256}"'
    return response


def _named(filename: str, content_type: str) -> str:
    extension = EXTENSIONS.get(content_type, "")
    stem = filename.replace("\\", "/").rsplit("/", 1)[-1].strip(". ") or "tep"
    return stem if not extension or stem.lower().endswith(extension) else f"{stem}{extension}"
