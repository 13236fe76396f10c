"""What only the database could still refuse, because another was quicker, is said in its guard's own sentence."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction

from portal.text.errors import Refusal


@contextmanager
def held_by_database() -> Iterator[None]:
    """Within, a refusal of the database is Refusal("invalid")."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise Refusal("invalid", str(error).splitlines()[0]) from error
