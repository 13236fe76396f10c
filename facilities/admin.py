"""The desk's pages for facilities."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.forms import BaseModelFormSet, ModelForm
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.admin_base import ScopedAdmin, ScopedInline
from portal.accounts.exports import ExportField
from portal.accounts.queries import own_province, staff_reach
from portal.territory.queries import current_ids, family_ids, register, then_and_now, unit_by_slug
from portal.text.filters import search_words
from portal.text.folding import sort_key
from portal.text.formats import day
from portal.text.slug_forms import SLUG_FIELDS

from . import exports, services, taxcode
from .enums import FacilityKind
from .forms import ContactForm, FacilityForm
from .merging import survivor_of
from .models import Contact, Facility, FacilityYear
from .report_admin import ReportingRuleAdmin
from .representative_admin import RepresentativeAdmin
from .rules import EDITORS

__all__ = ["FacilityAdmin", "ReportingRuleAdmin", "RepresentativeAdmin"]
CONSENTS = frozenset({"may_publish", "may_notify"})


class ProvinceTodayFilter(admin.SimpleListFilter):
    """Provinces of today within the person's reach; each takes in what was merged into it."""

    title = gettext_lazy("tỉnh hiện nay")
    parameter_name = "province"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        reach = staff_reach(request.user)
        today = current_ids()
        ids = set(today.values()) if reach.everything else {today[pk] for pk in reach.territory_ids}
        units = sorted((register().units[pk] for pk in ids), key=lambda unit: sort_key(unit.name))
        return [(unit.slug, unit.name) for unit in units]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Facility]) -> QuerySet[Facility]:
        chosen = unit_by_slug(self.value() or "")
        return queryset.filter(territory__in=family_ids(chosen.pk)) if chosen else queryset


class LeadsOn:
    """A link to an entry that was merged leads to the entry it went into, for who reaches that."""

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> Any:
        model = self.model  # type: ignore[attr-defined]
        gone = model.objects.filter(pk=object_id, merged_into__isnull=False).first() if object_id.isdecimal() else None
        kept = survivor_of(gone) if gone else None
        if kept is None or not model.objects.visible_to(request.user).filter(pk=kept.pk).exists():
            return super()._get_obj_does_not_exist_redirect(request, opts, object_id)  # type: ignore[misc]
        facts = {"gone": gone, "kept": kept}
        messages.info(request, _("“%(gone)s” đã được gộp vào “%(kept)s”.") % facts)
        return redirect(f"admin:{opts.app_label}_{opts.model_name}_change", kept.pk)


class IncompleteFilter(admin.SimpleListFilter):
    """What an old list left open."""

    title = gettext_lazy("cần bổ sung")
    parameter_name = "missing"
    CONDITIONS = {
        "kind": Q(kind=FacilityKind.UNKNOWN),
        "tax_code": Q(tax_code=""),
        "address": Q(address_recognised="", address_today=""),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("kind", _("Loại hình")), ("tax_code", _("Mã số thuế")), ("address", _("Địa chỉ"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Facility]) -> QuerySet[Facility]:
        condition = self.CONDITIONS.get(self.value() or "")
        return queryset.filter(condition) if condition else queryset


def tax_code_for(user: Any) -> Callable[[Facility], str]:
    """The list's column of tax codes as this person may have them."""
    known = exports.tax_code_of(user)

    @admin.display(description=gettext_lazy("Mã số thuế"), ordering="tax_code")
    def tax_code_shown(facility: Facility) -> str:
        code = known(facility)
        is_whole = code == facility.tax_code
        return _("%(code)s, cần đối chiếu") % {"code": code} if is_whole and taxcode.check(code) else code

    return tax_code_shown


class FacilityYearInline(ScopedInline):
    model = FacilityYear
    edit_roles = EDITORS


class ContactInline(ScopedInline):
    model = Contact
    form = ContactForm
    edit_roles = EDITORS


@admin.register(Facility)
class FacilityAdmin(LeadsOn, ScopedAdmin):
    form = FacilityForm
    edit_roles = EDITORS
    inlines = [FacilityYearInline, ContactInline]
    list_display = ["name", "kind", "province", "changed_on"]
    list_filter = ["kind", ProvinceTodayFilter, IncompleteFilter]
    list_select_related = ["territory"]
    search_fields = ["folded"]
    search_help_text = gettext_lazy("Tên cơ sở, có dấu hoặc không dấu, hoặc mã số thuế")
    autocomplete_fields = ["commune"]
    fieldsets = [
        (None, {"fields": ["name", "name_en", "kind", "tax_code", "founded_year", "is_illustrative"]}),
        (
            gettext_lazy("Địa chỉ"),
            {
                "fields": ["territory", "commune", "address_recognised", "address_today", ("latitude", "longitude")],
                "description": gettext_lazy(
                    "Địa chỉ khi công nhận ghi đúng như trong quyết định. Địa chỉ hiện nay ghi theo xã, tỉnh mới."
                ),
            },
        ),
        (gettext_lazy("Giới thiệu"), {"fields": ["introduction", "introduction_en"]}),
    ]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        found = super().get_fieldsets(request, obj)
        return [*found, SLUG_FIELDS] if obj else found

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"territory": own_province(request.user), **super().get_changeform_initial_data(request)}

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        *before, last = self.list_display
        return [*before, tax_code_for(request.user), last]

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Facility | None:
        """For who only reads, with the tax code as that person may have it."""
        found = super().get_object(request, object_id, from_field)
        if found is not None and not self.has_change_permission(request, found):
            found.tax_code = exports.tax_code_of(request.user)(found)
        return found

    def get_export_fields(self, request: HttpRequest) -> list[ExportField]:
        return exports.fields_for(request.user)

    def export_queryset(self, queryset: QuerySet[Facility]) -> QuerySet[Facility]:
        return queryset.select_related("territory", "commune")

    @admin.display(description=gettext_lazy("Tỉnh"), ordering="territory__sort_key")
    def province(self, facility: Facility) -> str:
        then, now = then_and_now(facility.territory)
        return then if then == now else _("%(then)s, nay là %(now)s") % {"then": then, "now": now}

    @admin.display(description=gettext_lazy("Sửa lần cuối"), ordering="updated_at")
    def changed_on(self, facility: Facility) -> str:
        return day(timezone.localtime(facility.updated_at).date())

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.user = request.user
        return form

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Facility], search_term: str
    ) -> tuple[QuerySet[Facility], bool]:
        code = taxcode.normalise(search_term)
        if code[:4].isdigit():
            return queryset.filter(tax_code__startswith=code), False
        for word in search_words(search_term):
            queryset = queryset.filter(folded__contains=word)
        return queryset, False

    def save_model(self, request: HttpRequest, obj: Facility, form: ModelForm, change: bool) -> None:
        if change:
            changes = {name: form.cleaned_data[name] for name in form.changed_data if name in services.EDITABLE}
            services.update_facility(facility=obj, actor=request.user, **changes)
        else:
            services.enter(facility=obj, actor=request.user)
        if warning := taxcode.check(obj.tax_code):
            messages.warning(request, warning)

    def save_formset(self, request: HttpRequest, form: ModelForm, formset: BaseModelFormSet, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        written = {id(row) for row in formset.new_objects} | {id(row) for row, _fields in formset.changed_objects}
        for row in formset.forms:
            if id(row.instance) not in written:
                continue
            if isinstance(row.instance, FacilityYear):
                services.note_figures(figures=row.instance, actor=request.user)
            elif CONSENTS & set(row.changed_data):
                services.note_consent(contact=row.instance, actor=request.user)
