"""The desk of the extension officer: programmes, projects with whom they support."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from portal.accounts.admin_base import SaysRefusals, ScopedAdmin, ScopedInline
from portal.accounts.enums import Role
from portal.accounts.models import Organisation
from portal.accounts.queries import own_province, staff_reach
from portal.text.clock import today
from portal.text.folding import fold
from portal.text.formats import money, number

from . import approval, project_desk, rules
from .enums import EstimateState
from .forms import BeneficiaryForm, BeneficiaryFormSet, ProjectForm
from .models import Beneficiary, Programme, Project
from .services import projects as services
from .states import SEALED

EDITORS = frozenset({Role.EXTENSION_OFFICER})
MONEY = ("extension_funds", "counterpart_funds", "other_funds", "disbursed")


def _sum_said(name: str, words: Any) -> Callable[[Any], str]:
    """A sum that is only read, written as people read it."""

    @admin.display(description=words)
    def said(row: Any) -> str:
        value = getattr(row, name)
        return "–" if value is None else number(value)

    return said


SAID = {name: _sum_said(name, ProjectForm.base_fields[name].label) for name in MONEY}
SHARES_SAID = {
    name: _sum_said(name, BeneficiaryForm.base_fields[name].label) for name in ("extension_funds", "fair_revenue")
}


def _read_only(fieldsets: Any, said: dict[str, Any]) -> Any:
    """The same fieldsets with the sums said instead of typed."""

    def one(field: Any) -> Any:
        return tuple(map(one, field)) if isinstance(field, tuple) else said.get(field, field)

    return [(title, {**options, "fields": [one(field) for field in options["fields"]]}) for title, options in fieldsets]


@admin.register(Programme)
class ProgrammeAdmin(SaysRefusals, ScopedAdmin):
    edit_roles = EDITORS
    list_display = ["name", "territory", "year_from", "year_to", "legal_basis"]
    list_filter = ["year_from"]
    search_fields = ["name", "legal_basis"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A national programme is read by all and changed by national staff only."""
        if obj is not None and obj.territory_id is None:
            return rules.may_edit_programme(request.user, None)
        return super().has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Programme, form: Any, change: bool) -> None:
        services.save_programme(programme=obj, actor=request.user)


class BeneficiaryInline(ScopedInline):
    model = Beneficiary
    form = BeneficiaryForm
    formset = BeneficiaryFormSet
    edit_roles = EDITORS
    template = "admin/edit_inline/stacked.html"
    autocomplete_fields = ["facility", "product"]
    verbose_name = _("đối tượng")
    verbose_name_plural = _("Ai được hỗ trợ")
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("kind", "turns", "people"),
                    "facility",
                    "product",
                    "name",
                    ("extension_funds", "fair_revenue"),
                    "note",
                ]
            },
        )
    ]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and not (obj and obj.state in SEALED)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        found = super().get_fieldsets(request, obj)
        return found if self.has_change_permission(request, obj) else _read_only(found, SHARES_SAID)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_add_permission(request, obj) and not (obj and obj.state in SEALED)


@admin.register(Project)
class ProjectAdmin(SaysRefusals, ScopedAdmin):
    """Projects; every write goes through `services`, so that it is checked and audited once."""

    edit_roles = EDITORS
    form = ProjectForm
    inlines = [BeneficiaryInline]
    list_display = ["name", "year", "territory", "funding", "state", "sum_in_words"]
    list_filter = ["state", "funding", "head", "year", "is_public"]
    list_select_related = ["territory"]
    search_fields = ["folded", "code"]
    readonly_fields = ["state_now"]
    fieldsets = [
        (None, {"fields": ["name", "state_now", ("kind", "head"), ("year", "year_to"), "territory"]}),
        (_("Kinh phí"), {"fields": ["funding", "extension_funds", "counterpart_funds", "other_funds", "disbursed"]}),
        (_("Kế hoạch"), {"fields": ["programme", "plan", "code", "trade"]}),
        (
            _("Thực hiện"),
            {
                "fields": [
                    "implementing_unit",
                    "coordinating_unit",
                    ("contract_number", "contract_on"),
                    ("starts_on", "ends_on"),
                    "summary",
                ]
            },
        ),
        (_("Công khai"), {"fields": ["is_public", "source", "published_sum"]}),
    ]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"territory": own_province(request.user), **super().get_changeform_initial_data(request)}

    @admin.display(description=_("kinh phí khuyến công"), ordering="extension_funds")
    def sum_in_words(self, obj: Project) -> str:
        return money(obj.extension_funds) if obj.extension_funds is not None else obj.published_sum

    @admin.display(description=_("trạng thái"))
    def state_now(self, obj: Project) -> str:
        """The state, and the way to the page that changes it."""
        if not obj.pk:
            return str(_("Đề án mới bắt đầu ở “đã đăng ký”."))
        address = reverse("admin:project_steps", args=[obj.uuid])
        return format_html('{} <a href="{}">{}</a>', obj.get_state_display(), address, _("Mở tiến trình"))

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Units are the offices of the person's provinces, and national ones."""
        reach = staff_reach(request.user)
        if db_field.name in ("implementing_unit", "coordinating_unit") and not reach.everything:
            near = Q(territory__in=reach.territory_ids) | Q(territory__isnull=True)
            kwargs["queryset"] = Organisation.objects.filter(near)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """By name with or without diacritics, or by the code as written."""
        by_name, _many = super().get_search_results(request, queryset, fold(search_term))
        by_code = queryset.filter(code__icontains=search_term.strip()) if search_term.strip() else queryset
        return by_name | by_code, False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and not (obj and obj.state in SEALED)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Sums that an approved estimate and the payments say, and what approval fixed, are read here, not typed."""
        found = set(super().get_readonly_fields(request, obj))
        if obj is not None and obj.estimates.filter(state=EstimateState.APPROVED).exists():
            found |= set(MONEY)
        if obj is not None and approval.is_fixed(obj):
            found |= approval.FACTS
        return [*sorted(found), *SAID.values()]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Sums that are only read here are written with their thousands."""
        found = super().get_fieldsets(request, obj)
        if obj is None:
            return found
        if not self.has_change_permission(request, obj):
            return _read_only(found, SAID)
        fixed = set(MONEY).intersection(self.get_readonly_fields(request, obj))
        return _read_only(found, {name: SAID[name] for name in fixed})

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """With the way to the project's other pages."""
        project = context.get("original")
        if project is not None:
            context["tabs"] = project_desk.tabs(project, "")
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Project, form: Any, change: bool) -> None:
        if change:
            facts = {name: form.cleaned_data[name] for name in form.changed_data if name in services.PROJECT_FACTS}
            form.lowered = _lowered(form, facts)
            saved = services.update_project(project=obj, actor=request.user, on=today(), **facts)
        else:
            facts = {name: form.cleaned_data[name] for name in form.cleaned_data if name in services.PROJECT_FACTS}
            saved = services.create_project(actor=request.user, on=today(), **facts)
        obj.pk, obj.slug, obj.state = saved.pk, saved.slug, saved.state
        obj._state.adding = False

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if getattr(form, "lowered", None):
            services.update_project(project=form.instance, actor=request.user, **form.lowered)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Each row through its service; what frees money goes first, so that no step exceeds the whole."""
        formset.save(commit=False)
        for row in formset.deleted_objects:
            services.remove_beneficiary(beneficiary=row, actor=request.user)
        before = {f.instance.pk: f.initial.get("extension_funds") or 0 for f in formset.initial_forms}
        changed = sorted(formset.changed_objects, key=lambda pair: (pair[0].extension_funds or 0) - before[pair[0].pk])
        for row, names in changed:
            facts = {name: getattr(row, name) for name in names}
            services.update_beneficiary(beneficiary=row, actor=request.user, **facts)
        for row in formset.new_objects:
            facts = {name: getattr(row, name) for name in services.BENEFICIARY_FACTS}
            services.add_beneficiary(project=form.instance, actor=request.user, **facts)


def _lowered(form: Any, facts: dict[str, Any]) -> dict[str, Any]:
    """Take out of `facts` the sums that may only fall after the beneficiaries' parts have fallen."""
    before, after = form.initial.get("extension_funds"), facts.get("extension_funds")
    if "extension_funds" not in facts or before is None or (after is not None and after >= before):
        return {}
    return {"extension_funds": facts.pop("extension_funds")}


# The tables beside the projects.
from .file import admin as file_admin  # noqa: E402, F401
from .markets import fair_admin  # noqa: E402, F401
from .money import admin as money_admin  # noqa: E402, F401
from .needs import admin as need_admin  # noqa: E402, F401
from .norms import admin as norm_admin  # noqa: E402, F401
from .plans import admin as plan_admin  # noqa: E402, F401
from .steps import admin as steps_admin  # noqa: E402, F401
from .watch import admin as watch_admin  # noqa: E402, F401
