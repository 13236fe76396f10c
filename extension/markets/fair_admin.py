"""The desk's tables of fairs and of outlets; every write goes through `services`, so that it is checked and audited once."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from portal.accounts.admin_base import SaysRefusals, ScopedAdmin, ScopedInline
from portal.accounts.enums import Role
from portal.accounts.queries import own_province
from portal.territory.models import Territory
from portal.text.folding import fold

from ..models import Fair, Listing, Outlet
from ..services import fairs, outlets
from .fair_forms import FairForm, ListingForm, OutletForm

EDITORS = frozenset({Role.EXTENSION_OFFICER})
LISTING_FIELDS = ("since", "until", "url", "project", "note")


class MarketAdmin(SaysRefusals, ScopedAdmin):
    """What both tables share: the officer's own province first, a service's refusal said instead of thrown."""

    edit_roles = EDITORS
    autocomplete_fields = ["project"]
    list_select_related = ["territory"]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"territory": own_province(request.user), **super().get_changeform_initial_data(request)}


@admin.register(Fair)
class FairAdmin(MarketAdmin):
    form = FairForm
    list_display = ["name", "starts_on", "place", "kind", "territory", "participants", "is_public"]
    list_filter = ["kind", "is_own", "is_abroad", "is_public"]
    search_fields = ["folded"]
    date_hierarchy = "starts_on"
    readonly_fields = ["book"]
    fieldsets = [
        (None, {"fields": ["name", "name_en", "book", "kind", ("is_own", "is_abroad"), "territory"]}),
        (_("Nơi và ngày"), {"fields": ["place", "host_territory", ("starts_on", "ends_on"), "organiser", "website"]}),
        (_("Quy mô và kinh phí"), {"fields": ["booths", "cost", "project"]}),
        (_("Công khai"), {"fields": ["is_public", "source"]}),
    ]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """A fair of others is often in a province that the person does not reach."""
        if db_field.name == "host_territory":
            kwargs["queryset"] = Territory.objects.all()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Fair]:
        return super().get_queryset(request).annotate(participants=Count("participations"))

    @admin.display(description=_("cơ sở tham gia"), ordering="participants")
    def participants(self, obj: Any) -> int:
        return int(obj.participants)

    @admin.display(description=_("cơ sở tham gia"))
    def book(self, obj: Fair) -> str:
        """The way to the table of participants."""
        if not obj.pk:
            return str(_("Ghi hội chợ trước, rồi thêm cơ sở tham gia."))
        address = reverse("admin:fair_book", args=[obj.uuid])
        return format_html('<a href="{}">{}</a>', address, _("Mở bảng cơ sở tham gia"))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return super().get_search_results(request, queryset, fold(search_term))

    def save_model(self, request: HttpRequest, obj: Fair, form: Any, change: bool) -> None:
        fairs.save_fair(fair=obj, actor=request.user)

    def response_add(self, request: HttpRequest, obj: Fair, post_url_continue: str | None = None) -> HttpResponse:
        """A new fair goes on to who takes part."""
        if "_addanother" in request.POST or "_continue" in request.POST or "_popup" in request.POST:
            return super().response_add(request, obj, post_url_continue)
        self.message_user(request, _("Đã ghi hội chợ. Hãy thêm cơ sở tham gia."), messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:fair_book", args=[obj.uuid]))


class ListingInline(ScopedInline):
    model = Listing
    form = ListingForm
    edit_roles = EDITORS
    template = "admin/edit_inline/stacked.html"
    autocomplete_fields = ["product", "project"]
    fieldsets = [(None, {"fields": ["product", ("since", "until"), "url", "project", "note"]})]
    verbose_name = _("sản phẩm")
    verbose_name_plural = _("Sản phẩm có mặt")


@admin.register(Outlet)
class OutletAdmin(MarketAdmin):
    form = OutletForm
    inlines = [ListingInline]
    list_display = ["name", "kind", "territory", "opened_on", "closed_on", "is_public"]
    list_filter = ["kind", "is_public"]
    search_fields = ["name"]
    fieldsets = [
        (None, {"fields": ["kind", "name", "territory", "address", "url", "operator"]}),
        (_("Thời gian"), {"fields": [("opened_on", "closed_on"), "project"]}),
        (_("Công khai"), {"fields": ["is_public", "source"]}),
    ]

    def save_model(self, request: HttpRequest, obj: Outlet, form: Any, change: bool) -> None:
        outlets.save_outlet(outlet=obj, actor=request.user)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Each row through its service; another product is another row."""
        formset.save(commit=False)
        for row in formset.deleted_objects:
            outlets.remove_listing(listing=row, actor=request.user)
        for row, names in formset.changed_objects:
            facts = {name: getattr(row, name) for name in LISTING_FIELDS}
            if "product" in names:
                outlets.remove_listing(listing=Listing.objects.get(pk=row.pk), actor=request.user)
                outlets.add_listing(outlet=row.outlet, product=row.product, actor=request.user, **facts)
            else:
                outlets.change_listing(listing=row, actor=request.user, **facts)
        for row in formset.new_objects:
            facts = {name: getattr(row, name) for name in LISTING_FIELDS}
            outlets.add_listing(outlet=form.instance, product=row.product, actor=request.user, **facts)
