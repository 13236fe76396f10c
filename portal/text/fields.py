"""Columns derived from others on every write, bulk writes included."""

from collections.abc import Callable
from typing import Any

from django.db import models


def label(model: type[models.Model], field: str) -> str:
    """How people call a field of a model."""
    return str(getattr(model._meta.get_field(field), "verbose_name", field))


class DerivedCharField(models.CharField):
    """A text column computed from the instance by `make` whenever the row is written.

    Not editable; `bulk_create` and `save` both fill it, `QuerySet.update` does not.
    """

    def __init__(self, *args: Any, make: Callable[[Any], str] | None = None, **kwargs: Any) -> None:
        self.make = make
        kwargs.setdefault("editable", False)
        kwargs.setdefault("blank", True)
        kwargs.setdefault("default", "")
        super().__init__(*args, **kwargs)

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        if self.make is None:
            return str(getattr(model_instance, self.attname))
        value = self.make(model_instance)[: self.max_length]
        setattr(model_instance, self.attname, value)
        return value
