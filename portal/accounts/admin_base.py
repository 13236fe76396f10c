"""What every admin page of the portal shares: reach by province, rights by role, history to read only."""

from functools import lru_cache
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.db import models
from django.db.models import ForeignKey, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from simple_history.admin import SimpleHistoryAdmin

from portal.territory.models import Territory
from portal.text.errors import Refusal
from portal.text.inputs import apply_refusal

from .enums import Role
from .exports import ListExport
from .queries import Reach, staff_reach

PROVINCE_STAFF = frozenset({Role.OFFICER, Role.LEADER, Role.EXTENSION_OFFICER})
AGENCY = frozenset({Role.AGENCY_REGIONAL, Role.AGENCY_NATIONAL})
READING = ("GET", "HEAD")


class RoleRights:
    """Rights read from grants. `edit_roles` imply viewing; an administrator may do everything but delete."""

    view_roles: frozenset[str] = PROVINCE_STAFF | AGENCY
    edit_roles: frozenset[str] = frozenset({Role.OFFICER})
    delete_roles: frozenset[str] = frozenset()

    def _holds(self, request: HttpRequest, roles: frozenset[str], obj: models.Model | None = None) -> bool:
        reach = staff_reach(request.user)
        if Role.ADMINISTRATOR in reach.roles:
            return True
        if not roles & reach.roles:
            return False
        territory_id = self._territory_id(obj)
        if obj is None or territory_id is None or roles & reach.roles & {Role.AGENCY_NATIONAL}:
            return True
        return any(reach.holds(role, territory_id) for role in roles)

    def _territory_id(self, obj: models.Model | None) -> int | None:
        path = getattr(obj.__class__._default_manager.none() if obj else None, "province_path", "")
        found: Any = obj
        for step in path.split("__")[:-1] if path else []:
            found = getattr(found, step, None)
        last = path.split("__")[-1]
        return getattr(found, f"{last}_id", None) if path else None

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self._holds(request, self.view_roles | self.edit_roles, obj)

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self._holds(request, self.edit_roles, obj)

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self._holds(request, self.edit_roles, obj)

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return bool(self.delete_roles) and self._holds(request, self.delete_roles, obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)


class VisibleChoices:
    """Foreign keys offer only what the person reaches."""

    def formfield_for_foreignkey(self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        kwargs.setdefault("queryset", _choices(db_field.related_model, staff_reach(request.user), request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]


@lru_cache(maxsize=256)
def _as_text(model: type[models.Model], name: str) -> Any:
    """A read-only column that says the related object without leading to it."""

    def said(obj: models.Model) -> str:
        return str(getattr(obj, name) or "")

    said.__name__ = name
    said.short_description = model._meta.get_field(name).verbose_name  # type: ignore[attr-defined, union-attr]
    return said


class OpenDoorsOnly:
    """Read-only foreign keys lead only where the person may go; Django's own links ask nobody."""

    def get_readonly_fields(self, request: HttpRequest, obj: models.Model | None = None) -> Any:
        return [self._said(request, name) for name in super().get_readonly_fields(request, obj)]  # type: ignore[misc]

    def get_fieldsets(self, request: HttpRequest, obj: models.Model | None = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)  # type: ignore[misc]
        read_only = None if not self.has_change_permission(request, obj) else set(self.readonly_fields)  # type: ignore[attr-defined]
        return [
            (title, options | {"fields": self._lines(request, options["fields"], read_only)})
            for title, options in fieldsets
        ]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if "fields" not in kwargs:
            kwargs["fields"] = self._form_fields(request, obj)
        return super().get_form(request, obj, change=change, **kwargs)  # type: ignore[misc]

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        if "fields" not in kwargs:
            kwargs["fields"] = self._form_fields(request, obj)
        return super().get_formset(request, obj, **kwargs)  # type: ignore[misc]

    def _form_fields(self, request: HttpRequest, obj: Any) -> list[str]:
        """What only says something is no field of a form."""
        return [name for name in flatten_fieldsets(self.get_fieldsets(request, obj)) if isinstance(name, str)]

    def _lines(self, request: HttpRequest, fields: Any, read_only: set[Any] | None) -> list[Any]:
        return [
            tuple(self._lines(request, field, read_only))
            if isinstance(field, list | tuple)
            else self._said(request, field)
            if read_only is None or field in read_only
            else field
            for field in fields
        ]

    def _said(self, request: HttpRequest, name: Any) -> Any:
        model = self.model  # type: ignore[attr-defined]
        # An old version is drawn as a form with its boxes closed, without links.
        if hasattr(request, "shows_old_version"):
            return name
        if not isinstance(name, str) or name not in {field.name for field in model._meta.fields if field.many_to_one}:
            return name
        remote = self.admin_site._registry.get(model._meta.get_field(name).related_model)  # type: ignore[attr-defined]
        return name if remote is None or remote.has_view_permission(request) else _as_text(model, name)


class ScopedInline(OpenDoorsOnly, RoleRights, VisibleChoices, admin.TabularInline):
    """Rows of a scoped object; who may edit the object may edit and remove its rows."""

    extra = 0

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self.has_change_permission(request, obj)


class ReachedOnly:
    """What the person does not reach does not exist: 404, for the object, its history and old versions alike.

    An old version is for reading: simple history would write it back when posted to.
    """

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> Any:
        raise Http404

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        self._reach(request, object_id)
        return super().history_view(request, object_id, extra_context)  # type: ignore[misc]

    def history_form_view(
        self, request: HttpRequest, object_id: str, version_id: str, extra_context: Any = None
    ) -> Any:
        self._reach(request, object_id)
        if request.method not in READING:
            return HttpResponseNotAllowed(READING)
        request.shows_old_version = True  # type: ignore[attr-defined]
        return super().history_form_view(request, object_id, version_id, extra_context)  # type: ignore[misc]

    def _reach(self, request: HttpRequest, object_id: str) -> None:
        # Simple history would otherwise fall back on old versions of an object out of reach.
        if self.get_object(request, unquote(object_id)) is None:  # type: ignore[attr-defined]
            raise Http404


class RefusedForm:
    """A form into which comes what a service refused after the form had passed."""

    refusal: Refusal

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        apply_refusal(cast("forms.BaseForm", self), self.refusal)


class SaysRefusals:
    """What a service refuses is said above what was typed, or at its input; nothing typed is lost."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().changeform_view(request, *args, **kwargs)  # type: ignore[misc, no-any-return]
        except Refusal as refusal:
            request.refusal = refusal  # type: ignore[attr-defined]
            return super().changeform_view(request, *args, **kwargs)  # type: ignore[misc, no-any-return]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)  # type: ignore[misc]
        refusal = getattr(request, "refusal", None)
        return type(form.__name__, (RefusedForm, form), {"refusal": refusal}) if refusal else form

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """An input of a row beside the object is not the object's input of the same name."""
        try:
            super().save_related(request, form, formsets, change)  # type: ignore[misc]
        except Refusal as refusal:
            raise Refusal(refusal.code, refusal.sentence, details=refusal.details) from refusal


class ScopedAdmin(ListExport, OpenDoorsOnly, ReachedOnly, RoleRights, VisibleChoices, SimpleHistoryAdmin):
    """A province-scoped admin page: rows through `visible_to`, rights by role, lists as files, no bulk delete."""

    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    save_on_top = False
    view_on_site = False

    def get_urls(self) -> list[Any]:
        return super().get_urls() if self._is_versioned else admin.ModelAdmin.get_urls(self)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        if self._is_versioned:
            return super().history_view(request, object_id, extra_context)
        self._reach(request, object_id)
        return admin.ModelAdmin.history_view(self, request, object_id, extra_context)

    @property
    def _is_versioned(self) -> bool:
        """Whether the model keeps old versions; one that does not has only the desk's own short record."""
        return hasattr(self.model._meta, "simple_history_manager_attribute")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found = super().get_queryset(request)
        visible = getattr(found, "visible_to", None)
        return visible(request.user) if visible else found

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions


def _choices(model: Any, reach: Reach, request: HttpRequest) -> QuerySet[Any]:
    found = model._default_manager.all()
    if model is Territory:
        return found if reach.everything else found.filter(pk__in=reach.territory_ids)
    visible = getattr(found, "visible_to", None)
    return visible(request.user) if visible else found
