"""Serializers that only write answers: where each value comes from is settled once, not anew for every row."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from django.utils.functional import cached_property
from rest_framework import serializers

Write = Callable[[Any], Any]
# What these would write is what the row's own column holds.
_AS_HELD = (serializers.BooleanField, serializers.CharField, serializers.ChoiceField, serializers.IntegerField)


class AnswerSerializer(serializers.ModelSerializer):
    """The same answer as Django REST Framework's own, in a fraction of the time.

    A column of text that is declared as such is written as it is; every row has what its fields name.
    """

    def to_representation(self, instance: Any) -> dict[str, Any]:
        return {name: write(instance) for name, write in self._writers}

    @cached_property
    def _writers(self) -> list[tuple[str, Write]]:
        return [(str(field.field_name), _writer(field)) for field in self._readable_fields]


def _writer(field: serializers.Field) -> Write:
    if isinstance(field, serializers.SerializerMethodField):
        return getattr(field.parent, str(field.method_name))  # type: ignore[no-any-return]
    is_plain = type(field).get_attribute is serializers.Field.get_attribute
    read: Write = attrgetter(".".join(field.source_attrs)) if is_plain else field.get_attribute
    if isinstance(field, _AS_HELD):
        return read

    def write(instance: Any) -> Any:
        value = read(instance)
        return None if value is None else field.to_representation(value)

    return write
