"""Writing a file whole or not at all: readers and other writers never meet half of it."""

import uuid
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage


def keep(path: str, content: bytes) -> None:
    """Write under the media folder; what stood there, a file cut off while written, is replaced."""
    place = Path(default_storage.path(path))
    place.parent.mkdir(parents=True, exist_ok=True)
    draft = place.with_name(f"{place.name}.{uuid.uuid4().hex}")
    try:
        draft.write_bytes(content)
        if settings.FILE_UPLOAD_PERMISSIONS is not None:
            draft.chmod(settings.FILE_UPLOAD_PERMISSIONS)
        draft.replace(place)
    finally:
        draft.unlink(missing_ok=True)


def holds(path: str, size: int) -> bool:
    """Whether a whole file of that size is there."""
    return default_storage.exists(path) and default_storage.size(path) == size
