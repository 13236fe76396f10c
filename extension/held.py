"""What only the database could still refuse, because another was quicker, is said in its guard's own sentence."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction

from portal.text.errors import Refusal


@contextmanager
def held_by_database(code: str = "invalid") -> Iterator[None]:
    """Within, a refusal of the database is a Refusal of that code."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise Refusal(code, str(error).splitlines()[0]) from error
