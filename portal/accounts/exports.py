"""Any list of the desk as a file: what the list shows to this person, as searched, filtered and ordered."""

import datetime as dt
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import IO, Any, cast

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import label_for_field, lookup_field
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import models
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.http import content_disposition_header
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from portal.audit.services import record
from portal.territory.models import Territory
from portal.territory.queries import held_register
from portal.text import sheets
from portal.text.clock import today
from portal.text.formats import day
from portal.text.formats import number as written

from .queries import own_province

PARAMETER = "tai"
FORMATS = ("xlsx", "csv")
CHUNK = 500
IN_MEMORY = 1024 * 1024
SIMPLE = (str, int, bool, Decimal, dt.date)
PLAIN = frozenset({str, int, type(None)})


@dataclass(frozen=True)
class ExportField:
    """One column of the file: its heading, and the value of a row."""

    heading: Any
    value: Callable[[Any], Any]
    width: int = 0


class ListExport:
    """A mixin for ModelAdmin: `?tai=xlsx` and `?tai=csv` on a list give the whole list as a file.

    Columns are those of the list; an admin names its own in `get_export_fields` where these are not enough,
    and what they read besides in `export_queryset`. Every file taken is a row of the audit chain.
    """

    def get_export_fields(self, request: HttpRequest) -> Sequence[ExportField]:
        """By default the columns the list shows to this person."""
        shown = self.get_list_display(request)  # type: ignore[attr-defined]
        return [self._column(name) for name in shown if name != "action_checkbox"]

    def export_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        wanted = request.GET.get(PARAMETER)
        if wanted is None:
            offered = {"export_links": _links(request)}
            return super().changelist_view(request, {**offered, **(extra_context or {})})  # type: ignore[misc]
        if not self.has_view_or_change_permission(request):  # type: ignore[attr-defined]
            raise PermissionDenied
        asked = request.GET.copy()
        del asked[PARAMETER]
        request.GET = asked  # type: ignore[assignment]  # the list knows nothing of it
        try:
            found = self.get_changelist_instance(request)  # type: ignore[attr-defined]
        except IncorrectLookupParameters:
            return redirect(request.path)
        if wanted not in FORMATS:
            return redirect(f"{request.path}?{asked.urlencode()}" if asked else request.path)
        return self._file(request, found, wanted)

    def _file(self, request: HttpRequest, found: Any, wanted: str) -> HttpResponseBase:
        name = str(self.opts.verbose_name_plural)  # type: ignore[attr-defined]
        title = name[:1].upper() + name[1:]
        columns = self.get_export_fields(request)
        headings = [_capital(str(column.heading)) for column in columns]
        rows = _rows(self.export_queryset(found.queryset), columns)
        if request.method == "GET":
            _note(request, name, found.result_count, wanted)
        file_name = f"{title} {today():%Y-%m-%d}.{wanted}"
        if wanted == "csv":
            return as_csv(headings, rows, file_name=file_name)
        about = _about(request, found)
        return as_xlsx(title, headings, rows, file_name=file_name, about=about, widths=[c.width for c in columns])

    def _column(self, name: Any) -> ExportField:
        heading = label_for_field(name, self.model, cast(Any, self))  # type: ignore[attr-defined]

        def value(row: Any) -> Any:
            try:
                field, _attribute, found = lookup_field(name, row, self)  # type: ignore[arg-type]
            except ObjectDoesNotExist:
                return None
            if field is not None and getattr(field, "choices", None):
                found = getattr(row, f"get_{field.name}_display")()
            return plain(found)

        return ExportField(heading, value)


def as_csv(headings: Sequence[str], rows: Iterator[Sequence[Any]], *, file_name: str) -> StreamingHttpResponse:
    """The table as a .csv file, sent while it is read."""
    response = StreamingHttpResponse(sheets.csv_lines(headings, rows), content_type=sheets.CSV)
    response["Content-Disposition"] = content_disposition_header(True, file_name)
    response["Cache-Control"] = "private, no-store"
    return response


def as_xlsx(
    title: str,
    headings: Sequence[str],
    rows: Iterator[Sequence[Any]],
    *,
    file_name: str,
    about: Sequence[str] = (),
    widths: Sequence[int] = (),
) -> FileResponse:
    """The table as a workbook, written to disk before it is sent, so that memory stays flat."""
    file = cast(IO[bytes], tempfile.SpooledTemporaryFile(max_size=IN_MEMORY))  # noqa: SIM115  the response closes it
    sheets.write_xlsx(file, title=title, headings=headings, rows=rows, about=about, widths=widths)
    file.seek(0)
    response = FileResponse(file, as_attachment=True, filename=file_name, content_type=sheets.XLSX)
    response["Cache-Control"] = "private, no-store"
    return response


def _rows(queryset: QuerySet[Any], columns: Sequence[ExportField]) -> Iterator[list[Any]]:
    # The register of provinces is asked for with every row; within, it is fetched once.
    with held_register():
        for row in queryset.iterator(chunk_size=CHUNK):
            cells = [column.value(row) for column in columns]
            _part(row)
            yield cells


def _part(row: models.Model) -> None:
    """Let go of what was read ahead for a row. The two know each other, and would wait for the garbage collector
    together while the list grows."""
    ahead = [value for value in vars(row).values() if isinstance(value, list)]
    ahead += [found._result_cache for found in getattr(row, "_prefetched_objects_cache", {}).values()]
    for rows in ahead:
        for other in rows or ():
            if isinstance(other, models.Model):
                other._state.fields_cache.clear()
    for other in row._state.fields_cache.values():
        if isinstance(other, models.Model):
            _part(other)


def plain(value: Any) -> Any:
    """A value of a list as a file keeps it: numbers, days and moments as they are, the rest as text."""
    if type(value) in PLAIN:
        return value
    if isinstance(value, SafeString):
        return strip_tags(value)
    if value is None or isinstance(value, SIMPLE):
        return (_("có") if value else _("không")) if isinstance(value, bool) else value
    return str(value)


def related(path: str) -> Callable[[Any], Any]:
    """The value at the end of a path of attributes ("product.facility.name"), None where the path breaks off."""
    steps = path.split(".")

    def value(row: Any) -> Any:
        found = row
        for step in steps:
            if found is None:
                return None
            found = getattr(found, step)
        return plain(found() if callable(found) else found)

    return value


def chosen(path: str, choices: Iterable[tuple[Any, Any]]) -> Callable[[Any], Any]:
    """The same for a field of choices, in words. They are looked up once: Django's own display costs as much as a cell."""
    find, words = related(path), {value: str(label) for value, label in choices}

    def value(row: Any) -> Any:
        found = find(row)
        return words.get(found, found)

    return value


def _links(request: HttpRequest) -> list[tuple[str, str]]:
    """The two files of the list as it stands."""
    links = []
    for wanted in FORMATS:
        asked = request.GET.copy()
        asked.pop("p", None)
        asked[PARAMETER] = wanted
        links.append((wanted, f"?{asked.urlencode()}"))
    return links


def _about(request: HttpRequest, found: Any) -> list[str]:
    """What stands above the headings: when, by whom, how many rows, as searched and filtered."""
    now = timezone.localtime()
    facts = {
        "day": day(now.date()),
        "time": f"{now:%H:%M}",
        "who": request.user,
        "total": written(found.result_count),
    }
    lines = [_("Xuất lúc %(time)s ngày %(day)s, người xuất: %(who)s, %(total)s dòng.") % facts]
    chosen = [f"{spec.title}: {choice['display']}" for spec in found.filter_specs for choice in _chosen(spec, found)]
    if found.query:
        chosen.insert(0, _("tìm “%(words)s”") % {"words": found.query})
    if chosen:
        lines.append(_("Lọc theo: %(chosen)s.") % {"chosen": "; ".join(chosen)})
    return lines


def _chosen(spec: Any, found: Any) -> list[dict[str, Any]]:
    """What is chosen of a filter; its first line says "all"."""
    return [choice for place, choice in enumerate(spec.choices(found)) if place and choice["selected"]]


def _note(request: HttpRequest, name: str, total: int, wanted: str) -> None:
    record(
        actor=request.user,
        action="list.export",
        sentence=_("Xuất danh sách %(name)s, %(total)s dòng, ra tệp %(format)s.")
        % {"name": name, "total": written(total), "format": wanted},
        subject=cast(models.Model, request.user),
        territory=_own_territory(request.user),
        data={"query": request.GET.urlencode()},
    )


def _own_territory(user: Any) -> Any:
    own = own_province(user)
    return Territory.objects.get(pk=own) if own else None


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
