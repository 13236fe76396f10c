"""A protected file, handed out and written down."""

from typing import Any

from django.db import models
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from portal.files.models import StoredFile
from portal.files.responses import serve
from portal.territory.models import Territory

from .services import record_access


def open_file(
    request: HttpRequest,
    file: StoredFile,
    *,
    filename: Any,
    action: str,
    sentence: Any,
    subject: models.Model,
    territory: Territory | None,
) -> HttpResponseBase:
    """The file in the browser; that this person opened it stands in the journal, once a day.

    The caller has checked that the person may see it.
    """
    record_access(request, action=action, sentence=sentence, subject=subject, territory=territory, once_a_day=True)
    return serve(file, filename=str(filename), inline=True, request=request)
