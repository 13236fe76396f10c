"""Receiving: a file beyond the limit is let run out instead of being kept, so the form comes back with its words.

Django would write 40 MB to the disk before anyone says no, and ending the connection would lose what was typed
beside the file. Here the rest of an oversized file is read and dropped; the form then refuses it by its size.
"""

from io import BytesIO
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler

MEGABYTE = 1024 * 1024
# The largest file any form takes (portal.files.services.MAX_BYTES), and the largest request that is read at all.
MAX_FILE = 20 * MEGABYTE
MAX_REQUEST = 256 * MEGABYTE


class OversizedUpload(UploadedFile):
    """What is left of a file beyond the limit: its name and its size, no content."""


class LimitingUploadHandler(TemporaryFileUploadHandler):
    """Writes what is within the limit to a temporary file, as Django does, and drops the rest."""

    def handle_raw_input(
        self,
        input_data: Any,
        META: Any,  # noqa: N803  Django's name
        content_length: int,
        boundary: Any,
        encoding: Any = None,
    ) -> None:
        if content_length > MAX_REQUEST:
            raise RequestDataTooBig("The request is larger than MAX_REQUEST.")

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.received += len(raw_data)
        if self.received <= MAX_FILE:
            super().receive_data_chunk(raw_data, start)

    def file_complete(self, file_size: int) -> UploadedFile | None:
        if self.received <= MAX_FILE:
            return super().file_complete(file_size)
        self.file.close()
        return OversizedUpload(BytesIO(), self.file_name, self.content_type, self.received, self.charset)
