"""The desk's door to imports; the pages themselves are in `pages`."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.admin_base import AGENCY, PROVINCE_STAFF, ScopedAdmin

from . import pages
from .models import ImportBatch
from .registry import importers, offered


class KindFilter(admin.SimpleListFilter):
    title = gettext_lazy("loại danh sách")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(importer.kind, str(importer.label)) for importer in importers()]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(ImportBatch)
class ImportBatchAdmin(ScopedAdmin):
    view_roles = PROVINCE_STAFF | AGENCY
    list_display = ["filename", "label_shown", "scope_label", "state", "rows_shown", "actor", "uploaded_at"]
    list_filter = ["state", KindFilter]
    list_select_related = ["actor"]
    search_fields = ["filename", "scope_label"]
    search_help_text = gettext_lazy("Tên tệp hoặc nơi nhập")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(offered(request.user))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request)

    @admin.display(description=gettext_lazy("Danh sách"), ordering="kind")
    def label_shown(self, batch: ImportBatch) -> str:
        return batch.label

    @admin.display(description=gettext_lazy("Dòng"))
    def rows_shown(self, batch: ImportBatch) -> str:
        if batch.rows_wrong:
            return _("%(total)s, sai %(wrong)s") % {"total": batch.total, "wrong": batch.rows_wrong}
        return str(batch.total)

    def get_urls(self) -> list[Any]:
        """Only what an import has: no stock form, no history, no removal."""
        view = self.admin_site.admin_view
        return [
            path("", view(self.changelist_view), name="imports_importbatch_changelist"),
            path("add/", self._at(pages.start), name="imports_importbatch_add"),
            path("mau/<slug:kind>/", self._at(pages.template), name="imports_importbatch_template"),
            path("<int:pk>/act/", self._at(pages.act), name="imports_importbatch_act"),
            path("<int:pk>/dong-sai/", self._at(pages.wrong_rows), name="imports_importbatch_wrong"),
            path("<path:object_id>/change/", self._at(self.page), name="imports_importbatch_change"),
        ]

    def page(self, request: HttpRequest, site: Any, object_id: str) -> HttpResponse:
        if not object_id.isdecimal():
            raise Http404
        return pages.show(request, site, pages.batch_or_404(request, int(object_id)))

    def _at(self, view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        def wrapped(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            if not self.has_view_permission(request):
                raise PermissionDenied(_("Nhập danh sách dành cho cán bộ, lãnh đạo của tỉnh và của Cục."))
            return view(request, self.admin_site, **kwargs)

        return self.admin_site.admin_view(wrapped)
