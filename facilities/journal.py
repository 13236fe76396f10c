"""Writes that can be taken back: every changed field of every row, before and after, in order."""

import datetime as dt
from itertools import groupby
from typing import Any

from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _
from simple_history.models import HistoricalChanges

from portal.text.errors import Refusal
from portal.text.fields import DerivedCharField


class Journal:
    """Writes fields of rows and remembers what they were."""

    def __init__(self) -> None:
        self.changes: list[dict[str, Any]] = []

    def write(self, row: models.Model, **values: Any) -> None:
        """Set the fields that differ and save them. An IntegrityError leaves row and journal as they were."""
        before = {name: getattr(row, name) for name, value in values.items() if getattr(row, name) != value}
        if not before:
            return
        noted = []
        for name in before:
            field = row._meta.get_field(name)
            was = kept(row, field)
            setattr(row, name, values[name])
            noted.append(
                {"model": row._meta.label_lower, "pk": row.pk, "field": name, "before": was, "after": kept(row, field)}
            )
        try:
            with transaction.atomic():
                _save(row, list(before))
        except IntegrityError:
            for name, value in before.items():
                setattr(row, name, value)
            raise
        self.changes += noted


def references(model: type[models.Model], *, leave: frozenset[str] = frozenset()) -> list[tuple[Any, str, bool]]:
    """Every foreign key to the model in whatever app: model, field, whether its rows are parts of the thing.

    Old versions stay as they were, and so does what is named in `leave`, by model label.
    """
    found = []
    for relation in model._meta.get_fields(include_hidden=True):
        if not relation.auto_created or relation.concrete or not (relation.one_to_many or relation.one_to_one):
            continue
        other: Any = relation.related_model
        if other is model or issubclass(other, HistoricalChanges) or other._meta.label in leave:
            continue
        field = relation.field  # type: ignore[union-attr]
        found.append((other, field.name, field.remote_field.on_delete is models.CASCADE))
    return found


def undo(changes: list[dict[str, Any]]) -> None:
    """Take the writes back, the last first. Raises Refusal `moved_on` where something was changed since."""
    rows = _rows(changes)
    problems = [_changed_since(change, rows) for change in changes if not _stands(change, rows)]
    if problems:
        raise Refusal(
            "moved_on",
            _("Không tách lại được, vì sau khi gộp đã có thay đổi. Hãy sửa từng bản ghi."),
            details=tuple(dict.fromkeys(problems)),
        )
    # Fields of one row that were written together go back together, as its constraints ask.
    for key, together in groupby(reversed(changes), lambda change: (change["model"], change["pk"])):
        row, names = rows[key], []
        for change in together:
            field = row._meta.get_field(change["field"])
            setattr(row, field.attname, field.to_python(change["before"]))
            names.append(field.name)
        _save(row, names)


def _rows(changes: list[dict[str, Any]]) -> dict[tuple[str, Any], Any]:
    """The rows the writes touched, locked."""
    wanted: dict[str, set[Any]] = {}
    for change in changes:
        wanted.setdefault(change["model"], set()).add(change["pk"])
    return {
        (label, row.pk): row
        for label, pks in sorted(wanted.items())
        for row in apps.get_model(label)._base_manager.select_for_update().filter(pk__in=pks).order_by("pk")
    }


def _stands(change: dict[str, Any], rows: dict[tuple[str, Any], Any]) -> bool:
    row = rows.get((change["model"], change["pk"]))
    return row is not None and kept(row, row._meta.get_field(change["field"])) == change["after"]


def _changed_since(change: dict[str, Any], rows: dict[tuple[str, Any], Any]) -> str:
    model = apps.get_model(change["model"])
    facts = {"what": model._meta.verbose_name, "row": rows.get((change["model"], change["pk"]), change["pk"])}
    if (change["model"], change["pk"]) not in rows:
        return _("Đã xóa %(what)s %(row)s.") % facts
    words = model._meta.get_field(change["field"]).verbose_name  # type: ignore[union-attr]
    return _("Đã sửa %(field)s của %(what)s “%(row)s”.") % {**facts, "field": words}


def kept(row: models.Model, field: Any) -> Any:
    """A value as JSON keeps it."""
    value = getattr(row, field.attname)
    if value is None or isinstance(value, bool | int | str):
        return value
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def _save(row: models.Model, names: list[str]) -> None:
    """Save the fields with the columns made of them and the day of the last change."""
    made = [f.name for f in row._meta.fields if isinstance(f, DerivedCharField) or getattr(f, "auto_now", False)]
    row.save(update_fields=[*names, *made])
