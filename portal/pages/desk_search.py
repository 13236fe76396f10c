"""One search over what a person reaches: dossiers, products, facilities, decisions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from facilities.models import Facility
from portal.text.filters import MAX_QUERY, search_words
from portal.text.folding import normalise
from products.models import Decision, Product
from rounds.models import Dossier

LIMIT = 8


@dataclass(frozen=True)
class Hit:
    name: str
    about: str
    url: str


@dataclass(frozen=True)
class Section:
    """The first hits of one kind, and where to see all of them."""

    label: Any
    hits: tuple[Hit, ...]
    more_url: str


def search(request: HttpRequest, pages: Mapping[Any, Any], query: str) -> list[Section]:
    """Up to eight hits of each kind, read through the person's own admin pages. At most one query per kind, and reach."""
    words, text = search_words(query), normalise(query[:MAX_QUERY])
    if not words:
        return []
    number = text.split("/")[0].strip()
    wanted = [
        (
            _("Hồ sơ"),
            Dossier,
            _contains("product__search_text", words) | Q(entry_code=text),
            text,
            ("product", "round__territory"),
        ),
        (_("Sản phẩm"), Product, _contains("search_text", words) | Q(traceability_code=text), text, ("facility",)),
        (_("Cơ sở"), Facility, _contains("folded", words) | (Q(tax_code=text) & ~Q(tax_code="")), text, ("territory",)),
        (_("Quyết định"), Decision, Q(number=number), number, ()),
    ]
    sections = []
    for label, model, condition, term, related in wanted:
        page = pages.get(model)
        if page is None or not page.has_view_permission(request):
            continue
        rows = page.get_queryset(request).filter(condition).select_related(*related)[:LIMIT]
        if section := _section(label, model, rows, term):
            sections.append(section)
    return sections


def _contains(field: str, words: list[str]) -> Q:
    condition = Q()
    for word in words:
        condition &= Q(**{f"{field}__contains": word})
    return condition


def _section(label: Any, model: Any, rows: Iterable[Any], term: str) -> Section | None:
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    hits = tuple(Hit(str(row), _about(row), reverse(f"{name}_change", args=[row.pk])) for row in rows)
    return Section(label, hits, f"{reverse(f'{name}_changelist')}?{urlencode({'q': term})}") if hits else None


def _about(row: Any) -> str:
    """One line that tells hits of the same name apart."""
    if isinstance(row, Dossier):
        return str(row.round)
    if isinstance(row, Product):
        return str(row.facility or "")
    if isinstance(row, Facility):
        return str(row.territory)
    return f"{row.issuer}, {row.year}"
