"""The desk's pages for provinces and communes."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.admin_base import AGENCY, PROVINCE_STAFF, ReachedOnly, RoleRights
from portal.accounts.enums import Role
from portal.accounts.exports import ListExport
from portal.accounts.queries import staff_reach
from portal.text.filters import search_words
from portal.text.formats import day

from . import services
from .forms import DeskForm, MergeForm, NameFormSet, RenameForm, SuccessionForm, UnitForm
from .models import UNKNOWN_START, Commune, Succession, Territory, TerritoryName
from .queries import forget_register, unit_today
from .rules import KEEPERS, may_keep_register

EVERY_STAFF = PROVINCE_STAFF | AGENCY | {Role.COMMUNE_OFFICER}


class KeptByAgency(RoleRights):
    """Every officer may read the register; the agency and administrators write it."""

    view_roles = EVERY_STAFF
    edit_roles = KEEPERS


class StandingFilter(admin.SimpleListFilter):
    title = gettext_lazy("thời gian")
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("now", _("Đang còn")), ("ended", _("Đã kết thúc"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Territory]) -> QuerySet[Territory]:
        if self.value() in {"now", "ended"}:
            return queryset.filter(valid_to__isnull=self.value() == "now")
        return queryset


class NameInline(KeptByAgency, admin.TabularInline):
    model = TerritoryName
    formset = NameFormSet
    extra = 0

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)


class SuccessionInline(KeptByAgency, admin.TabularInline):
    """What became of this unit."""

    model = Succession
    form = SuccessionForm
    fk_name = "predecessor"
    extra = 0
    verbose_name_plural = gettext_lazy("Nhập vào, chia thành")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)


class OriginInline(KeptByAgency, admin.TabularInline):
    """Which units went into this one."""

    model = Succession
    fk_name = "successor"
    fields = ["predecessor", "on", "legal_basis"]
    extra = 0
    verbose_name_plural = gettext_lazy("Hình thành từ")
    edit_roles = frozenset()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Territory)
class TerritoryAdmin(ListExport, ReachedOnly, KeptByAgency, admin.ModelAdmin):
    form = UnitForm
    list_display = ["name", "kind", "code", "since", "until", "today", "region", "region_certain"]
    fields = ["name", "kind", "code", "valid_from", "valid_to", "region", "region_certain", "legal_basis"]
    list_filter = [StandingFilter, "region", "region_certain", "kind"]
    search_fields = ["names__folded"]
    search_help_text = gettext_lazy("Tên đang dùng hoặc tên cũ, có dấu hoặc không dấu")
    list_per_page = 100
    change_list_template = "admin/territory/territory/change_list.html"
    change_form_template = "admin/territory/territory/change_form.html"

    @admin.display(description=gettext_lazy("Từ ngày"), ordering="valid_from", empty_value="")
    def since(self, unit: Territory) -> str | None:
        """Nothing for the oldest units, whose first day the register does not know."""
        return None if unit.valid_from == UNKNOWN_START else day(unit.valid_from)

    @admin.display(description=gettext_lazy("Đến hết ngày"), ordering="valid_to", empty_value="")
    def until(self, unit: Territory) -> str | None:
        return day(unit.valid_to) if unit.valid_to else None

    @admin.display(description=gettext_lazy("Nay là"))
    def today(self, unit: Territory) -> str:
        return "" if unit.is_current else unit_today(unit.pk).name

    def get_inlines(self, request: HttpRequest, obj: Any | None) -> list[Any]:
        return [NameInline, SuccessionInline, OriginInline] if obj else []

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Name and kind of a unit are those of its newest dated name."""
        return ["name", "kind"] if obj else []

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Territory], search_term: str
    ) -> tuple[QuerySet[Territory], bool]:
        if search_term.strip().isdigit():
            return queryset.filter(code=search_term.strip()), False
        for word in search_words(search_term):
            queryset = queryset.filter(names__folded__contains=word)
        return queryset, True

    def save_model(self, request: HttpRequest, obj: Territory, form: ModelForm, change: bool) -> None:
        if change:
            services.correct(unit=obj, fields=form.changed_data, actor=request.user)
        else:
            services.enter(unit=obj, actor=request.user)

    def save_related(self, request: HttpRequest, form: ModelForm, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if any(formset.has_changed() for formset in formsets):
            services.follow_last_name(unit=form.instance)
            services.note_correction(unit=form.instance, actor=request.user)
        forget_register()

    def get_urls(self) -> list[URLPattern]:
        own = [
            path("sap-nhap/", self.admin_site.admin_view(self.merge_view), name="territory_merge"),
            path("<int:pk>/doi-ten/", self.admin_site.admin_view(self.rename_view), name="territory_rename"),
        ]
        return own + super().get_urls()

    def merge_view(self, request: HttpRequest) -> HttpResponse:
        self._require_keeper(request)
        return self._desk(
            request, MergeForm(request.POST or None), _("Ghi sáp nhập"), _("Ghi sáp nhập"), _("Đã ghi sáp nhập.")
        )

    def rename_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        self._require_keeper(request)
        unit = Territory.objects.filter(pk=pk).first()
        if unit is None:
            raise Http404
        form = RenameForm(request.POST or None, unit=unit, initial={"name": unit.name, "kind": unit.kind})
        title = _("Ghi tên mới của %(name)s") % {"name": unit.name}
        return self._desk(request, form, title, _("Ghi tên mới"), _("Đã ghi tên mới."))

    def _require_keeper(self, request: HttpRequest) -> None:
        if not may_keep_register(request.user):
            raise PermissionDenied(_("Chỉ cán bộ Cục và quản trị hệ thống được sửa danh mục tỉnh, thành phố."))

    def _desk(self, request: HttpRequest, form: DeskForm, title: str, act: str, done: str) -> HttpResponse:
        unit = form.applied(request.user) if request.method == "POST" else None
        if unit is not None:
            messages.success(request, done)
            return redirect(reverse("admin:territory_territory_change", args=[unit.pk]))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "media": self.media + form.media,
            "form": form,
            "title": title,
            "act": act,
        }
        status = 422 if form.is_bound else 200
        return render(request, "admin/territory/territory/desk_form.html", context, status=status)


@admin.register(Commune)
class CommuneAdmin(ListExport, ReachedOnly, KeptByAgency, admin.ModelAdmin):
    list_display = ["name", "kind", "code", "territory", "valid_from", "valid_to"]
    list_filter = ["kind"]
    list_select_related = ["territory"]
    autocomplete_fields = ["territory"]
    search_fields = ["folded"]
    search_help_text = gettext_lazy("Tên xã, phường, đặc khu, có dấu hoặc không dấu")
    list_per_page = 100
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Commune]:
        reach = staff_reach(request.user)
        found = super().get_queryset(request)
        if reach.everything:
            return found
        communes = found.filter(territory__in=reach.territory_ids)
        return communes | found.filter(pk__in=reach.commune_ids) if reach.commune_ids else communes

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Commune], search_term: str
    ) -> tuple[QuerySet[Commune], bool]:
        if search_term.strip().isdigit():
            return queryset.filter(code__startswith=search_term.strip()), False
        for word in search_words(search_term):
            queryset = queryset.filter(folded__contains=word)
        return queryset, False
