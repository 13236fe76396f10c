"""Query parameters of the API: an unknown value is answered in words with 400, never ignored."""

from collections.abc import Collection
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.views import APIView

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


class OfToday(APIView):
    """A view that answers by the register of today alone: asked for another day, it says so with 400."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.query_params.get("on", "").strip():
            sentence = _(
                "Địa chỉ này chỉ trả lời theo sổ hôm nay, không dùng được on. Hãy bỏ on; muốn biết và đếm những gì có "
                "hiệu lực vào một ngày, hãy dùng on ở /api/v1/recognitions/ hoặc /api/v1/products/ rồi đọc count."
            )
            raise ValidationError({"on": [sentence]})
