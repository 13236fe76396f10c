"""Calls for needs at the desk. The needs themselves have their own pages (`need_desk`)."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from portal.accounts.admin_base import SaysRefusals, ScopedAdmin
from portal.accounts.enums import Role
from portal.accounts.queries import own_province
from portal.text.clock import today

from ..enums import Funding
from ..models import Call
from ..services import calls as services
from .queries import items_to_ask_for


class CallForm(forms.ModelForm):
    class Meta:
        model = Call
        fields = [
            "territory", "title", "title_en", "year", "funding", "opens_on", "closes_on", "items", "body", "contact",
            "is_public",
        ]  # fmt: skip
        widgets = {"items": forms.CheckboxSelectMultiple, "title": forms.TextInput(attrs={"size": 70})}
        help_texts = {
            "items": _("Bỏ trống thì đợt nhận mọi nội dung."),
            "is_public": _("Bật thì đợt hiện ở trang Khuyến công, ở trang của cơ sở và của xã trong những ngày nhận."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "items" in self.fields:
            self.fields["items"].queryset = items_to_ask_for()  # type: ignore[attr-defined]
        if "funding" in self.fields:
            known = [choice for choice in Funding.choices if choice[0] != Funding.UNKNOWN]
            self.fields["funding"].choices = known  # type: ignore[attr-defined]


@admin.register(Call)
class CallAdmin(SaysRefusals, ScopedAdmin):
    """Calls; every write goes through the service, so that it is checked and audited once."""

    edit_roles = frozenset({Role.EXTENSION_OFFICER})
    form = CallForm
    list_display = ["title", "territory", "year", "opens_on", "closes_on", "is_public", "needs_link"]
    list_filter = ["year", "funding", "is_public"]
    list_select_related = ["territory"]
    search_fields = ["title"]
    readonly_fields = ["needs_link"]
    fieldsets = [
        (None, {"fields": ["title", "title_en", "territory", ("year", "funding"), ("opens_on", "closes_on")]}),
        (_("Ai được đăng ký, việc gì"), {"fields": ["body", "items", "contact"]}),
        (_("Công khai"), {"fields": ["is_public", "needs_link"]}),
    ]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        start = {"territory": own_province(request.user), "year": today().year + 1, "funding": Funding.LOCAL}
        return {**start, **super().get_changeform_initial_data(request)}

    @admin.display(description=_("nhu cầu đã đăng ký"))
    def needs_link(self, obj: Call) -> str:
        """How many needs came in, and the way to them."""
        if not obj.pk:
            return "–"
        total = getattr(obj, "need_count", None)
        total = obj.needs.count() if total is None else total
        words = ngettext("%(n)d nhu cầu", "%(n)d nhu cầu", total) % {"n": total}
        return format_html('<a href="{}?dot={}">{}</a>', reverse("admin:need_shelf"), obj.uuid, words)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).annotate(need_count=Count("needs"))

    def save_model(self, request: HttpRequest, obj: Call, form: Any, change: bool) -> None:
        services.save_call(call=obj, actor=request.user, items=form.cleaned_data.get("items"))
