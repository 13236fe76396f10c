"""Refusals of the API, in whole sentences."""

import math
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework.exceptions import MethodNotAllowed, NotAcceptable, NotFound, Throttled
from rest_framework.response import Response
from rest_framework.views import exception_handler


def in_words(error: Exception, context: dict[str, Any]) -> Response | None:
    """The framework's answer with its sentence replaced by one that says what to do."""
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, Throttled):
        response.data = {
            "detail": _("Bạn đã gọi quá nhiều lần. Hãy thử lại sau %(seconds)s giây.")
            % {"seconds": math.ceil(getattr(error, "wait", None) or 1)}
        }
    elif isinstance(error, NotFound | Http404):
        response.data = {"detail": _("Không có dữ liệu ở địa chỉ này. Hãy xem lại địa chỉ hoặc số trang.")}
    elif isinstance(error, MethodNotAllowed):
        response.data = {"detail": _("Dữ liệu công khai chỉ để đọc. Hãy dùng GET.")}
    elif isinstance(error, NotAcceptable):
        response.data = {"detail": _("API chỉ trả lời bằng JSON. Hãy gửi Accept: application/json.")}
    return response
