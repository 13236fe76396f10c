"""What an import did to the register, object by object, and how to take it back.

While a journal is open, every object that the rooms' services save in this thread is noted with what it was
before. So an undo rests on what was written, not on what an importer says it wrote.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models.signals import post_save, pre_save
from django.utils.translation import gettext as _
from simple_history.models import HistoricalChanges

from portal.notices.models import Notice

# Written beside the register, never taken back: the log, letters, files, and imports themselves.
BESIDE = frozenset({"audit", "notices", "files", "imports", "sessions", "contenttypes", "accounts", "admin"})
PIECE = 500
MARK_LENGTH = 16
SMALLEST = 3  # a key and one word make no object of the register
Key = tuple[str, str]
_open: ContextVar["Journal | None"] = ContextVar("imports_journal", default=None)


class Journal:
    """Objects touched, in the order of the first touch. Each row of the import takes the effects it caused."""

    def __init__(self) -> None:
        self.effects: list[dict[str, Any]] = []
        self._befores: dict[Key, dict[str, Any]] = {}
        self._created: set[Key] = set()

    def take(self) -> list[dict[str, Any]]:
        """The effects since the last time."""
        taken, self.effects = self.effects, []
        return taken

    def before(self, instance: models.Model) -> None:
        if instance.pk is None or instance._state.adding:
            return
        key = key_of(instance)
        if key not in self._created:
            found = type(instance)._base_manager.filter(pk=instance.pk).first()
            self._befores[key] = plain(found) if found else {}

    def after(self, instance: models.Model, *, created: bool) -> None:
        label, pk = key = key_of(instance)
        if created:
            self._created.add(key)
            self.effects.append({"act": "created", "model": label, "pk": pk})
            return
        before, now = self._befores.pop(key, {}), plain(instance)
        changed = {name: [value, now[name]] for name, value in before.items() if now.get(name) != value}
        if changed:
            self.effects.append({"act": "changed", "model": label, "pk": pk, "fields": changed})


@contextmanager
def recording() -> Iterator[Journal]:
    """Note what is saved within."""
    journal = Journal()
    token = _open.set(journal)
    try:
        yield journal
    finally:
        _open.reset(token)


def _is_beside(sender: Any) -> bool:
    if sender._meta.app_label in BESIDE or issubclass(sender, HistoricalChanges):
        return True
    # One row that only says "something changed" (the register's mark) belongs to nobody's import.
    return (
        not any(field.is_relation for field in sender._meta.concrete_fields)
        and len(sender._meta.concrete_fields) < SMALLEST
    )


def _saving(sender: Any, instance: models.Model, raw: bool = False, **kwargs: Any) -> None:
    journal = _open.get()
    if journal is not None and not raw and not _is_beside(sender):
        journal.before(instance)


def _saved(sender: Any, instance: models.Model, created: bool, raw: bool = False, **kwargs: Any) -> None:
    journal = _open.get()
    if journal is not None and not raw and not _is_beside(sender):
        journal.after(instance, created=created)


pre_save.connect(_saving, dispatch_uid="imports-journal-before")
post_save.connect(_saved, dispatch_uid="imports-journal-after")


# --- plain values -----------------------------------------------------------------------------------


def key_of(instance: models.Model) -> Key:
    return instance._meta.label_lower, str(instance.pk)


def told_fields(model: type[models.Model]) -> list[Any]:
    """The fields people fill in; keys, times of writing and what is derived are left out."""
    return [
        field
        for field in model._meta.concrete_fields
        if field.editable and not field.primary_key and not getattr(field, "auto_now", False)
    ]


def plain(instance: models.Model) -> dict[str, Any]:
    """The object's told fields as JSON holds them."""
    return {field.name: _plain(field, instance) for field in told_fields(type(instance))}


def _plain(field: Any, instance: models.Model) -> Any:
    value = field.value_from_object(instance)
    if value is None or isinstance(field, models.JSONField):
        return value
    return str(value) if field.is_relation else field.value_to_string(instance)


def restored(field: Any, value: Any) -> Any:
    """A plain value as the field takes it."""
    return value if value is None else field.to_python(value)


def mark(instance: models.Model) -> str:
    """A short digest of the told fields: equal as long as nobody edits the object."""
    text = json.dumps(plain(instance), sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:MARK_LENGTH]


# --- sealing what was done ----------------------------------------------------------------------------


def seal(effects: Iterable[dict[str, Any]]) -> None:
    """Add to each effect how its object stands now, as the database holds it. A query for 500 objects of a kind."""
    by_object: dict[Key, list[dict[str, Any]]] = {}
    for effect in effects:
        by_object.setdefault((effect["model"], effect["pk"]), []).append(effect)
    for instance in _found(by_object):
        stands, now = mark(instance), plain(instance)
        for effect in by_object[key_of(instance)]:
            effect["mark"] = stands
            for name, pair in effect.get("fields", {}).items():
                pair[1] = now[name]


def _found(keys: Iterable[Key]) -> Iterator[models.Model]:
    by_model: dict[str, list[str]] = {}
    for label, pk in keys:
        by_model.setdefault(label, []).append(pk)
    for label, pks in by_model.items():
        manager = apps.get_model(label)._base_manager
        for piece in _pieces(pks):
            yield from manager.filter(pk__in=piece)


def _pieces(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), PIECE):
        yield values[start : start + PIECE]


# --- taking back ----------------------------------------------------------------------------------------


class Undoing:
    """The objects an import touched, one entry each, and what stands in the way of taking them back."""

    def __init__(self, effects: Iterable[dict[str, Any]]) -> None:
        self.created: dict[Key, str] = {}
        self.changed: dict[Key, dict[str, list[Any]]] = {}
        for effect in effects:
            key = (effect["model"], effect["pk"])
            if effect["act"] == "created":
                self.created[key] = effect.get("mark", "")
            elif key not in self.created:
                fields = self.changed.setdefault(key, {})
                for name, (before, after) in effect["fields"].items():
                    fields[name] = [fields.get(name, [before])[0], after]
        self.objects = {key_of(found): found for found in _found([*self.created, *self.changed])}

    def obstacles(self) -> list[str]:
        """A sentence for each object that was edited, removed or built on since."""
        return [*self._edited(), *self._built_on()]

    def _edited(self) -> Iterator[str]:
        for key, stood in self.created.items():
            found = self.objects.get(key)
            if found is not None and mark(found) != stood:
                yield _("%(what)s đã được sửa sau lần nhập này.") % {"what": _said(found)}
        for key, fields in self.changed.items():
            found = self.objects.get(key)
            if found is None:
                yield _("Một mục mà lần nhập này đã sửa không còn trong sổ.")
                continue
            now = plain(found)
            names = [str(found._meta.get_field(name).verbose_name) for name in fields if now[name] != fields[name][1]]  # type: ignore[union-attr]
            if names:
                yield _("%(what)s đã được sửa tiếp (%(fields)s) sau lần nhập này.") % {
                    "what": _said(found),
                    "fields": ", ".join(names),
                }

    def _built_on(self) -> Iterator[str]:
        by_model: dict[str, list[str]] = {}
        for label, pk in self.created:
            by_model.setdefault(label, []).append(pk)
        for label, pks in by_model.items():
            model = apps.get_model(label)
            for field in _pointing_at(model):
                yield from self._rows_on(label, field, pks)
        yield from self._letters()

    def _rows_on(self, label: str, field: Any, pks: list[str]) -> Iterator[str]:
        builder = field.model
        for piece in _pieces(pks):
            for row in builder._base_manager.filter(**{f"{field.name}__in": piece}):
                if key_of(row) in self.created:
                    continue
                holder = self.objects.get((label, str(getattr(row, field.attname))))
                yield _("%(what)s đã được dùng trong %(kind)s “%(name)s”.") % {
                    "what": _said(holder) if holder else label,
                    "kind": builder._meta.verbose_name,
                    "name": row,
                }

    def _letters(self) -> Iterator[str]:
        by_uuid = {
            found.uuid: found  # type: ignore[attr-defined]
            for key, found in self.objects.items()
            if key in self.created and hasattr(found, "uuid")
        }
        for piece in _pieces(list(by_uuid)):
            for uuid in Notice.objects.filter(subject_id__in=piece).values_list("subject_id", flat=True).distinct():
                yield _("%(what)s đã có thư báo.") % {"what": _said(by_uuid[uuid])}

    def carry_out(self) -> tuple[int, int]:
        """Remove what was created, the newest first, and put back what was changed. Returns how many of each."""
        removed = [found for key in reversed(self.created) if (found := self.objects.get(key)) is not None]
        for found in removed:
            found.delete()
        for key, fields in self.changed.items():
            _put_back(self.objects[key], {name: before for name, (before, _after) in fields.items()})
        return len(removed), len(self.changed)


def _put_back(found: models.Model, values: dict[str, Any]) -> None:
    for name, value in values.items():
        field: Any = found._meta.get_field(name)
        setattr(found, field.attname, restored(field.target_field if field.is_relation else field, value))
    if hasattr(found, "revision"):  # a version tag only grows, so that no open page overwrites the undo
        found.revision += 1
    found.save()


def _pointing_at(model: type[models.Model]) -> list[Any]:
    """Foreign keys of the register's tables that point at a model, hidden ones too."""
    relations: list[Any] = list(model._meta.get_fields(include_hidden=True))
    return [
        relation.field
        for relation in relations
        if relation.auto_created
        and not relation.concrete
        and (relation.one_to_many or relation.one_to_one)
        and not issubclass(relation.related_model, HistoricalChanges)
    ]


def _said(found: models.Model) -> str:
    words = str(found._meta.verbose_name)
    return f"{words[:1].upper()}{words[1:]} “{found}”"
