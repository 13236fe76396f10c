"""Query parameters of the API: an unknown value is answered in words with 400, never ignored."""

from collections.abc import Collection

from django.http import QueryDict
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

from .folding import fold

MAX_QUERY = 200
MAX_WORDS = 8
LISTED_AT_MOST = 20


def chosen(params: QueryDict, name: str, allowed: Collection[str]) -> list[str]:
    """Every value given for a filter (a repeated key means or). Raises ValidationError for an unknown one."""
    values = [value for value in params.getlist(name) if value]
    for value in values:
        if value not in allowed:
            raise ValidationError({name: [_unknown(value, allowed)]})
    return list(dict.fromkeys(values))


def _unknown(value: str, allowed: Collection[str]) -> str:
    facts = {"value": value[:60], "allowed": ", ".join(sorted(allowed))}
    if len(allowed) > LISTED_AT_MOST:
        return _("Không có giá trị “%(value)s”. Hãy xem các giá trị có thể dùng trong tài liệu của API.") % facts
    return _("Không có giá trị “%(value)s”. Các giá trị dùng được: %(allowed)s.") % facts


def search_words(text: str) -> list[str]:
    """The words to look for: first 200 characters, 8 words, folded as the stored text is."""
    return fold(text[:MAX_QUERY]).split()[:MAX_WORDS]
