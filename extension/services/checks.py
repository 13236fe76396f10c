"""The model's own checks, constraints included, as one refusal with all sentences."""

from django.core.exceptions import ValidationError
from django.db import models

from portal.text.errors import Refusal


def checked(row: models.Model) -> None:
    """Raises Refusal("invalid") at the first field that is wrong; the further sentences are its details."""
    try:
        row.full_clean()
    except ValidationError as error:
        field, sentences = next(iter(error.message_dict.items()))
        details = tuple(sentence for group in error.message_dict.values() for sentence in group)
        raise Refusal("invalid", sentences[0], field=None if field == "__all__" else field, details=details) from error
