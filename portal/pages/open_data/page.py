"""`/du-lieu-mo/`: what is offered, how to read and cite it; and the files themselves at addresses that stay."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal.text.formats import day as day_words
from products.kept_pages import kept_page
from products.serializers import clock_of_today, whole

from . import making
from .making import Edition, File
from .sets import DATA_SETS, GROUPS
from .table import DataSet

NEWEST = "moi-nhat"
PIECE = 1 << 18
TYPES = {
    ".csv": "text/csv; charset=utf-8",
    ".jsonl": "application/x-ndjson; charset=utf-8",
    ".geojson": "application/geo+json; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".zip": "application/zip",
}
FORMATS = {".csv": "CSV", ".jsonl": "JSON Lines", ".geojson": "GeoJSON"}
KILO = 1024
_UNSAFE = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}
_RANGE = re.compile(r"bytes=([0-9]{0,15})-([0-9]{0,15})")


@require_safe
def open_data_page(request: HttpRequest) -> HttpResponse:
    """What is offered. One query when kept, two otherwise; the register is not read."""
    return kept_page(request, clock_of_today(), lambda _mark: _page(request))


def _page(request: HttpRequest) -> HttpResponse:
    edition = making.latest()
    context: dict[str, Any] = {"edition": edition, "licence": settings.OPEN_DATA_LICENCE}
    if edition is not None:
        context |= {
            "groups": [(_(title), [_table(one, edition) for one in sets]) for title, sets in GROUPS],
            "sums": [
                {"file": file, "size": size_words(file.size), "url": _address(file.name)} for file in edition.files
            ],
            "together": _packed(edition),
            "earlier": [_earlier(one) for one in making.editions() if one.folder != edition.folder],
            "schema": _schema(edition),
            "citation": _citation(edition),
            "example": _address("recognitions.csv"),
            "changes": whole(reverse("api-changes")),
        }
    return render(request, "pages/open_data.html", context)


def _packed(edition: Edition) -> dict[str, str] | None:
    """The one file that holds all the others; days of an older format have none."""
    file = edition.served(making.TOGETHER)
    return {"url": _address(file.name), "size": size_words(file.size)} if file else None


def _publisher() -> str:
    """The portal's own name in the reader's language; another publisher's as it is."""
    return _(settings.OPEN_DATA_PUBLISHER)


def _table(one: DataSet, edition: Edition) -> dict[str, Any]:
    """A data set as the page shows it: what it is, in which files, what its columns mean."""
    files = [file for file in edition.files if file.name.rpartition(".")[0] == one.name]
    return {
        "name": one.name,
        "title": _(one.title),
        "about": _(one.about),
        "rows": files[0].rows if files else 0,
        "files": [
            {"format": FORMATS[Path(file.name).suffix], "size": size_words(file.size), "url": _address(file.name)}
            for file in files
        ],
        "fields": [{"name": field.name, "type": field.type, "meaning": _(field.meaning)} for field in one.fields],
    }


def _earlier(edition: Edition) -> dict[str, Any]:
    return {"day": edition.day, "url": f"/du-lieu-mo/{edition.folder.name}/{making.MANIFEST}"}


def _address(name: str) -> str:
    return whole(reverse("open_data_file", args=[NEWEST, name]))


def _citation(edition: Edition) -> str:
    return _("%(publisher)s. Dữ liệu mở, ngày %(day)s. %(address)s. CC BY 4.0.") % {
        "publisher": _publisher(),
        "day": day_words(edition.day),
        "address": whole(reverse("open_data")),
    }


def size_words(size: int) -> str:
    """A size as people read it: "48 KB", "1,2 MB"."""
    if size < KILO * KILO:
        return f"{max(1, round(size / KILO))} KB"
    return f"{size / KILO / KILO:.1f} MB".replace(".", _(","))


def _schema(edition: Edition) -> SafeString:
    """The data sets for search engines and data catalogues (schema.org Dataset, DCAT), escaped within its element."""
    page = whole(reverse("open_data"))
    facts = {
        "@context": ["https://schema.org", {"dcat": "http://www.w3.org/ns/dcat#", "dct": "http://purl.org/dc/terms/"}],
        "@type": ["DataCatalog", "dcat:Catalog"],
        "name": _("Dữ liệu mở về sản phẩm công nghiệp nông thôn tiêu biểu"),
        "url": page,
        "publisher": {"@type": "Organization", "name": _publisher(), "url": settings.SITE_URL},
        "license": settings.OPEN_DATA_LICENCE,
        "dataset": [_dataset(one, edition, page) for one in DATA_SETS],
    }
    return mark_safe(json.dumps(facts, ensure_ascii=False).translate(_UNSAFE))  # noqa: S308  escaped just here


def _dataset(one: DataSet, edition: Edition, page: str) -> dict[str, Any]:
    files = [file for file in edition.files if file.name.rpartition(".")[0] == one.name]
    return {
        "@type": ["Dataset", "dcat:Dataset"],
        "name": _(one.title),
        "description": _(one.about),
        "url": f"{page}#{one.name}",
        "identifier": one.name,
        "inLanguage": "vi",
        "isAccessibleForFree": True,
        "license": settings.OPEN_DATA_LICENCE,
        "creator": {"@type": "Organization", "name": _publisher()},
        "dateModified": edition.day.isoformat(),
        "version": edition.version,
        "dct:accrualPeriodicity": "http://publications.europa.eu/resource/authority/frequency/DAILY",
        "variableMeasured": [field.name for field in one.fields],
        "distribution": [_distribution(file) for file in files],
    }


def _distribution(file: File) -> dict[str, Any]:
    return {
        "@type": ["DataDownload", "dcat:Distribution"],
        "contentUrl": _address(file.name),
        "encodingFormat": TYPES[Path(file.name).suffix].partition(";")[0],
        "contentSize": f"{file.size} B",
        "sha256": file.sha256,
    }


# --- files ----------------------------------------------------------------------------------------------


@require_safe
def open_data_file(request: HttpRequest, edition: str, name: str) -> HttpResponseBase:
    """A file of the newest data or of a kept day, in parts where only a part is asked for. No query."""
    found = making.latest() if edition == NEWEST else making.edition(edition)
    file = found.served(name) if found else None
    if found is None or file is None:
        raise Http404
    etag = f'"{file.sha256}"'
    modified = int(found.made_at.timestamp())
    response = get_conditional_response(request, etag=etag, last_modified=modified) or _opened(
        request, found, file, etag
    )
    response["ETag"] = etag
    response["Cache-Control"] = "public, no-cache" if edition == NEWEST else "public, max-age=31536000, immutable"
    response["Accept-Ranges"] = "bytes"
    return response


def _opened(request: HttpRequest, edition: Edition, file: File, etag: str) -> HttpResponseBase:
    asked = request.headers.get("Range", "")
    if request.headers.get("If-Range", etag) != etag:
        asked = ""
    part = _part(asked, file.size)
    if part is None:
        response: HttpResponseBase = HttpResponse(status=416)
        response["Content-Range"] = f"bytes */{file.size}"
        return response
    first, last = part
    whole_file = last - first + 1 == file.size
    response = StreamingHttpResponse(
        _pieces(edition.folder / file.name, first, last - first + 1), status=200 if whole_file else 206
    )
    if not whole_file:
        response["Content-Range"] = f"bytes {first}-{last}/{file.size}"
    ending = Path(file.name).suffix
    response["Content-Type"] = TYPES.get(ending, TYPES[".txt"])
    response["Content-Length"] = str(last - first + 1)
    response["X-Content-Type-Options"] = "nosniff"
    saved = f"{Path(file.name).stem}-{edition.day:%Y-%m-%d}{ending}"
    if disposition := content_disposition_header(ending in {*FORMATS, ".zip"}, saved):
        response["Content-Disposition"] = disposition
    return response


def _part(asked: str, size: int) -> tuple[int, int] | None:
    """First and last byte of what is asked for: everything where nothing sensible is, None where there is no such part."""
    found = _RANGE.fullmatch(asked)
    if not found or not (found[1] or found[2]) or not size:
        return 0, size - 1
    if not found[1]:
        return (max(0, size - int(found[2])), size - 1) if int(found[2]) else None
    first, last = int(found[1]), min(int(found[2]), size - 1) if found[2] else size - 1
    if first >= size:
        return None
    # A part that ends before it begins says nothing (RFC 9110, 14.1.1).
    return (first, last) if first <= last else (0, size - 1)


def _pieces(path: Path, first: int, length: int) -> Iterator[bytes]:
    with path.open("rb") as source:
        source.seek(first)
        while length > 0 and (piece := source.read(min(PIECE, length))):
            length -= len(piece)
            yield piece
