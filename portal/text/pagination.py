"""Pages of the API's lists, kept by the key of their last row.

A page begins after a row, not after so many rows: what is entered or taken out meanwhile neither repeats nor hides
anything, and the four-thousandth page costs what the first does.
"""

import base64
import binascii
import datetime as dt
import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import BooleanField, DateField, DateTimeField, IntegerField, Model, Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param
from rest_framework.views import APIView

CURSOR, PAGE_SIZE, PAGE = "cursor", "page_size", "page"
USUAL, MOST = 24, 100
LONGEST = 4000
LARGEST = 2**63 - 1
_SURROGATE = re.compile("[\ud800-\udfff]")
Counting = Callable[[Request, QuerySet[Any]], int]
Reading = Callable[..., list[Any]]


def _plainly(request: Request, queryset: QuerySet[Any]) -> int:
    return queryset.count()


_counting: list[Counting] = [_plainly]


def count_by(counting: Counting) -> None:
    """Have the rows of a list counted by something that keeps the number while the register does not change."""
    _counting[0] = counting


class Pagination(BasePagination):
    """`count, next, previous, results`; `page_size` up to 100. The last key of the list's order is unique."""

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any]:
        """One page, and one row more to know whether another follows. Raises ValidationError with a sentence."""
        keys: Sequence[str] = getattr(view, "keys", None) or queryset.query.order_by
        self._request, self._size = request, _size_of(request)
        _refuse_page(request)
        text = request.query_params.get(CURSOR, "")
        back, after = _read(text, queryset.model, keys) if text else (False, None)
        # A list may know how many rows it has without asking the database.
        known: int | None = getattr(view, "count_rows", lambda: None)()
        self.count = _counting[0](request, queryset) if known is None else known
        order = tuple(_turned(keys) if back else keys)
        # A list may also have its query at hand, put together before.
        at_hand: Reading | None = getattr(view, "rows_at_hand", lambda _after: None)(after)
        if at_hand is None:
            rows = list(rows_after(queryset, after or (), order=order, number=self._size + 1))
        else:
            rows = at_hand(*(after or ()), order=order, number=self._size + 1)
        more, rows = len(rows) > self._size, rows[: self._size]
        if back:
            rows.reverse()
        self._next = _write(rows[-1], keys, back=False) if rows and (back or more) else ""
        self._previous = _write(rows[0], keys, back=True) if rows and (more if back else bool(text)) else ""
        return rows

    def get_paginated_response(self, data: Any) -> Response:
        facts = {"next": self._address(self._next), "previous": self._address(self._previous)}
        return Response({"count": self.count, **facts, "results": data})

    def _address(self, cursor: str) -> str | None:
        here = remove_query_param(self._request.build_absolute_uri(), CURSOR)
        return replace_query_param(here, CURSOR, cursor) if cursor else None

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": "string", "format": "uri", "nullable": True}
        return {
            "type": "object",
            "required": ["count", "next", "previous", "results"],
            "properties": {
                "count": {"type": "integer", "minimum": 0, "description": "Số dòng của cả danh sách."},
                "next": {**link, "description": "Địa chỉ của trang sau; null ở trang cuối."},
                "previous": {**link, "description": "Địa chỉ của trang trước; null ở trang đầu."},
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [
            {
                "name": CURSOR,
                "in": "query",
                "required": False,
                "description": "Chỗ bắt đầu của trang, lấy nguyên từ next hoặc previous.",
                "schema": {"type": "string"},
            },
            {
                "name": PAGE_SIZE,
                "in": "query",
                "required": False,
                "description": "Số dòng mỗi trang.",
                "schema": {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL},
            },
        ]


def _size_of(request: Request) -> int:
    text = request.query_params.get(PAGE_SIZE, "").strip()
    if not text:
        return USUAL
    if not (text.isascii() and text.isdigit() and int(text[:9])):
        sentence = _("“%(value)s” không phải là số dòng mỗi trang. Hãy ghi một số từ 1 đến %(most)s.")
        raise ValidationError({PAGE_SIZE: [sentence % {"value": text[:60], "most": MOST}]})
    return min(int(text[:9]), MOST)


def _refuse_page(request: Request) -> None:
    if PAGE in request.query_params:
        sentence = _(
            "Danh sách này không đánh số trang. Hãy bỏ page, mở trang đầu rồi đi theo địa chỉ ở next; "
            "như vậy không sót và không lặp dòng nào khi sổ có thêm dòng mới."
        )
        raise ValidationError({PAGE: [sentence]})


def rows_after(queryset: QuerySet[Any], after: Sequence[Any], *, order: Sequence[str], number: int) -> QuerySet[Any]:
    """So many rows in an order, those after a row's keys, or the first."""
    ordered = queryset.order_by(*order)
    return (ordered.filter(_beyond(order, after)) if after else ordered)[:number]


def _turned(keys: Sequence[str]) -> list[str]:
    return [key[1:] if key.startswith("-") else f"-{key}" for key in keys]


def _beyond(keys: Sequence[str], after: Sequence[Any]) -> Q:
    """Rows that come later in the order: the first key decides, where it is the same the next, and so on.

    The first key is said once more by itself, so that an index on it is used to begin at the right place.
    """
    beyond, same = Q(), Q()
    for key, value in zip(keys, after, strict=True):
        name, sign = key.lstrip("-"), "lt" if key.startswith("-") else "gt"
        beyond |= same & Q(**{f"{name}__{sign}": value})
        same &= Q(**{name: value})
    first = keys[0]
    return Q(**{f"{first.lstrip('-')}__{'lte' if first.startswith('-') else 'gte'}": after[0]}) & beyond


def _write(row: Model, keys: Sequence[str], *, back: bool) -> str:
    facts = [int(back), *(getattr(row, key.lstrip("-")) for key in keys)]
    text = json.dumps(facts, ensure_ascii=False, separators=(",", ":"), default=_spelled)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _spelled(value: dt.date) -> str:
    """A day or a moment, to the microsecond: rounded, a row would be told twice or not at all."""
    return value.isoformat()


def _read(text: str, model: type[Model], keys: Sequence[str]) -> tuple[bool, list[Any]]:
    """Which way, and after which values. Raises ValidationError for what no list of this order has given out."""
    facts = _unpacked(text) if len(text) <= LONGEST else None
    names = [key.lstrip("-") for key in keys]
    fields = [model._meta.pk if name == "pk" else model._meta.get_field(name) for name in names]
    if isinstance(facts, list) and len(facts) == len(fields) + 1 and facts[0] in (0, 1):
        after = [_value(value, field) for value, field in zip(facts[1:], fields, strict=True)]
        if None not in after:
            return bool(facts[0]), after
    sentence = _("cursor này không phải của danh sách này. Hãy lấy nguyên địa chỉ ở next hoặc previous.")
    raise ValidationError({CURSOR: [sentence]})


def _unpacked(text: str) -> Any:
    try:
        return json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        return None


def _value(value: Any, field: Any) -> Any:
    """The value of a row's key, as its column holds it; None for what none holds."""
    if isinstance(field, BooleanField):
        return value if isinstance(value, bool) else None
    if isinstance(field, IntegerField):
        return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= LARGEST else None
    # Half a pair of surrogates can be written in JSON, and no database takes it.
    if not isinstance(value, str) or "\0" in value or _SURROGATE.search(value):
        return None
    return _moment(value, field) if isinstance(field, DateField) else value


def _moment(text: str, field: Any) -> dt.date | None:
    """A day, or a moment with its zone, which every database can reckon in its own."""
    try:
        if not isinstance(field, DateTimeField):
            return dt.date.fromisoformat(text)
        found = dt.datetime.fromisoformat(text)
        return found.astimezone(dt.UTC) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None
