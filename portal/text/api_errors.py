"""Refusals of the API, in whole sentences."""

import math
from typing import Any

from django.http import Http404, HttpResponseBase
from django.utils.translation import gettext as _
from rest_framework.exceptions import MethodNotAllowed, NotAcceptable, NotFound, Throttled
from rest_framework.views import exception_handler

from .old_slugs import leads_on


def in_words(error: Exception, context: dict[str, Any]) -> HttpResponseBase | None:
    """The framework's answer with its sentence replaced by one that says what to do; an old address leads on."""
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, Throttled):
        response.data = {
            "detail": _("Bạn đã gọi quá nhiều lần. Hãy thử lại sau %(seconds)s giây.")
            % {"seconds": math.ceil(getattr(error, "wait", None) or 1)}
        }
    elif isinstance(error, NotFound | Http404):
        if moved := _moved(context):
            return moved
        response.data = {"detail": _("Không có dữ liệu ở địa chỉ này. Hãy xem lại địa chỉ hoặc số trang.")}
    elif isinstance(error, MethodNotAllowed):
        response.data = {"detail": _("Dữ liệu công khai chỉ để đọc. Hãy dùng GET.")}
    elif isinstance(error, NotAcceptable):
        response.data = {"detail": _("API chỉ trả lời bằng JSON. Hãy gửi Accept: application/json.")}
    return response


def _moved(context: dict[str, Any]) -> HttpResponseBase | None:
    """To the entry under its slug of today, where the list shows it."""
    return leads_on(context["request"], context["view"].get_queryset()) if "slug" in context["kwargs"] else None
