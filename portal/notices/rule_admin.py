"""The schedule of reminders at the desk: the general lines are the agency's, a province keeps its own."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _

from portal.accounts.admin_base import AGENCY, PROVINCE_STAFF, ScopedAdmin
from portal.accounts.enums import Role
from portal.accounts.queries import own_province, staff_reach
from portal.audit.admin_base import AuditedAdmin
from portal.text.clock import today

from . import kinds, schedule
from .forms import ReminderRuleForm
from .models import ReminderRule

KEEPERS = frozenset({Role.AGENCY_NATIONAL})


def keeps_all(user: Any) -> bool:
    """Whether the person keeps the lines that hold everywhere."""
    return bool(staff_reach(user).roles & {Role.AGENCY_NATIONAL, Role.ADMINISTRATOR})


class KindFilter(admin.SimpleListFilter):
    """Kinds that the schedule has lines of, by their names."""

    title = _("loại nhắc")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        codes = ReminderRule.objects.order_by("kind").values_list("kind", flat=True).distinct()
        return [(code, str(kinds.get(code).label)) for code in codes]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(ReminderRule)
class ReminderRuleAdmin(AuditedAdmin, ScopedAdmin):
    """Lines of the schedule with their own words, and what a letter would look like."""

    form = ReminderRuleForm
    change_form_template = "admin/notices/rule.html"
    view_roles = PROVINCE_STAFF | AGENCY
    edit_roles = frozenset({Role.OFFICER}) | KEEPERS
    list_display = [
        "kind_shown",
        "recipients",
        "when",
        "level_shown",
        "territory",
        "valid_from",
        "valid_to",
        "is_active",
    ]
    list_filter = [KindFilter, "recipients", "is_active"]
    list_select_related = ["territory"]
    fieldsets = [
        (_("Nhắc việc gì, cho ai"), {"fields": ["kind", "recipients", ("territory", "level")]}),
        (_("Khi nào"), {"fields": ["days", "working_days", ("valid_from", "valid_to"), "is_active"]}),
        (_("Lời nhắc"), {"fields": ["title", "body", "chat_text"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found = super().get_queryset(request)
        reach = staff_reach(request.user)
        if reach.everything:
            return found
        return found.filter(Q(territory__isnull=True) | Q(territory__in=reach.territory_ids))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if not super().has_change_permission(request, obj):
            return False
        if obj is None or keeps_all(request.user):
            return True
        return obj.territory_id is not None and staff_reach(request.user).holds(Role.OFFICER, obj.territory_id)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.keeps_all = keeps_all(request.user)
        return form

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        own = None if keeps_all(request.user) else own_province(request.user)
        return {"territory": own, "valid_from": today(), **super().get_changeform_initial_data(request)}

    def get_urls(self) -> list[Any]:
        preview = path("xem-thu/", self.admin_site.admin_view(self.preview), name="notices_reminderrule_preview")
        return [preview, *super().get_urls()]

    def preview(self, request: HttpRequest) -> HttpResponse:
        """What the texts in the form would say, with an example; nothing is saved."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = self.get_form(request)(request.POST if request.method == "POST" else None)
        said, ended = None, False
        if request.method == "POST":
            form.full_clean()
            facts = form.cleaned_data
            reminder = schedule.get(facts.get("kind", ""))
            if reminder and not form.text_errors():
                ended = (facts.get("days") or 0) < 0
                said = schedule.words(
                    ReminderRule(**{name: facts.get(name, "") for name in ("title", "body", "chat_text")}),
                    {name: one.sample for name, one in reminder.fields.items()},
                    reminder.default(facts.get("recipients", ""), ended),
                )
        context = {**self.admin_site.each_context(request), "said": said, "faults": form.text_errors()}
        context |= {"opts": self.model._meta, "title": _("Xem thử lời nhắc")}
        return TemplateResponse(request, "admin/notices/preview.html", context)

    @admin.display(description=_("loại nhắc"), ordering="kind")
    def kind_shown(self, rule: ReminderRule) -> str:
        return str(kinds.get(rule.kind).label)

    @admin.display(description=_("cấp"), ordering="level")
    def level_shown(self, rule: ReminderRule) -> str:
        reminder = schedule.get(rule.kind)
        return str(dict(reminder.levels if reminder else ()).get(rule.level, rule.level) or _("mọi cấp"))

    @admin.display(description=_("khi nào"), ordering="days")
    def when(self, rule: ReminderRule) -> str:
        if rule.working_days:
            said = _("%(n)d ngày làm việc trước") if rule.days >= 0 else _("%(n)d ngày làm việc sau")
        else:
            said = _("%(n)d ngày trước") if rule.days >= 0 else _("%(n)d ngày sau")
        return str(said) % {"n": abs(rule.days)}
