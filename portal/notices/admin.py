"""Letters that were planned, sent, or need a person; calls to make; addresses that take no mail."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from portal.accounts.admin_base import AGENCY, PROVINCE_STAFF, ReachedOnly, RoleRights
from portal.accounts.enums import Role
from portal.accounts.exports import ListExport
from portal.text.errors import Refusal

from . import errands, faults, services
from .forms import ErrandForm
from .models import AddressFault, Errand, Notice
from .rule_admin import ReminderRuleAdmin

__all__ = ["AddressFaultAdmin", "ErrandAdmin", "NoticeAdmin", "ReminderRuleAdmin"]


class LedgerAdmin(ListExport, ReachedOnly, RoleRights, admin.ModelAdmin):
    """Rows that the portal itself writes: read by the staff, settled by acts, never added or deleted."""

    view_roles = PROVINCE_STAFF | AGENCY
    edit_roles = frozenset({Role.OFFICER})
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    @admin.display(description=_("loại"), ordering="kind")
    def kind_shown(self, row: Any) -> str:
        return str(row.kind_label)

    def settle(self, request: HttpRequest, rows: QuerySet[Any], act: Callable[[Any], None]) -> int:
        """Does the act on each row the person may change; says which were refused and why."""
        done = 0
        for row in rows:
            if not self.has_change_permission(request, row):
                continue
            try:
                act(row)
                done += 1
            except Refusal as refusal:
                self.message_user(request, f"{row}: {refusal}", messages.WARNING)
        return done


class WaitingFilter(admin.SimpleListFilter):
    title = _("chờ gửi")
    parameter_name = "cho"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("lau", _("Quá một ngày"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Notice]) -> QuerySet[Notice]:
        if self.value() != "lau":
            return queryset
        return queryset.filter(pk__in=services.waiting_long(now=timezone.now()).values("pk"))


@admin.register(Notice)
class NoticeAdmin(LedgerAdmin):
    """The ledger to read; a stuck letter is settled by two acts, after asking the recipient, a waiting one by two others."""

    view_roles = frozenset({Role.OFFICER, Role.LEADER, *AGENCY})
    list_display = ["title", "kind_shown", "whom", "channel", "due_on", "state", "sent_at", "territory"]
    list_filter = ["state", WaitingFilter, "channel", "due_on"]
    list_select_related = ["territory", "user"]
    search_fields = ["title", "recipient", "user__full_name"]
    search_help_text = _("Tiêu đề hoặc người nhận")
    actions = ["send_again", "confirm_sent", "try_now", "give_up"]
    fields = (
        "title",
        "kind_shown",
        "whom",
        "channel",
        "due_on",
        "territory",
        "state",
        "created_at",
        "claimed_at",
        "sent_at",
        "read_at",
        "bounced_at",
        "attempts",
        "next_try_at",
        "error",
        "body",
        "chat_text",
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> Any:
        found: Any = super().get_queryset(request)
        return found.visible_to(request.user)

    @admin.display(description=_("người nhận"), ordering="recipient")
    def whom(self, notice: Notice) -> str:
        return ", ".join(str(one) for one in (notice.user, notice.recipient) if one)

    @admin.action(description=_("Thư gửi dở chưa tới: cho gửi lại"), permissions=["change"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Notice]) -> None:
        self._settle(request, queryset, services.send_again)

    @admin.action(description=_("Thư gửi dở đã tới: xác nhận"), permissions=["change"])
    def confirm_sent(self, request: HttpRequest, queryset: QuerySet[Notice]) -> None:
        self._settle(request, queryset, services.confirm_sent)

    @admin.action(description=_("Thư chờ gửi: gửi thử ngay"), permissions=["change"])
    def try_now(self, request: HttpRequest, queryset: QuerySet[Notice]) -> None:
        self._settle(request, queryset, services.try_now)

    @admin.action(description=_("Thư chờ gửi: thôi không gửi"), permissions=["change"])
    def give_up(self, request: HttpRequest, queryset: QuerySet[Notice]) -> None:
        self._settle(request, queryset, services.give_up)

    def _settle(self, request: HttpRequest, queryset: QuerySet[Notice], act: Callable[..., None]) -> None:
        now = timezone.now()
        if done := self.settle(request, queryset, lambda row: act(notice=row, actor=request.user, now=now)):
            said = ngettext("Đã ghi cho %(done)d thư.", "Đã ghi cho %(done)d thư.", done)
            self.message_user(request, said % {"done": done}, messages.SUCCESS)


class ErrandFilter(admin.SimpleListFilter):
    """What waits is shown unless something else is asked for."""

    title = _("đã báo chưa")
    parameter_name = "xem"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("cho", _("Chờ báo")), ("da-bao", _("Đã báo")), ("thoi", _("Thôi báo")), ("tat-ca", _("Tất cả"))]

    def choices(self, changelist: Any) -> Any:
        yield from list(super().choices(changelist))[1:]

    def value(self) -> str:
        return super().value() or "cho"

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "da-bao":
            return queryset.filter(done_at__isnull=False)
        if self.value() == "thoi":
            return queryset.filter(dropped_at__isnull=False)
        return queryset if self.value() == "tat-ca" else queryset.waiting()


@admin.register(Errand)
class ErrandAdmin(LedgerAdmin):
    """Reminders to pass on by telephone or messenger: the text to copy, then how it was done."""

    form = ErrandForm
    change_form_template = "admin/notices/errand.html"
    list_display = ["whom", "title", "kind_shown", "due_on", "territory", "done_at", "done_by"]
    list_filter = [ErrandFilter, "due_on"]
    list_select_related = ["territory", "done_by"]
    search_fields = ["whom", "title"]
    search_help_text = _("Cơ sở hoặc sản phẩm")
    ordering = ["due_on", "pk"]

    def get_queryset(self, request: HttpRequest) -> Any:
        found: Any = super().get_queryset(request)
        return found.visible_to(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is not None and (obj.done_at or obj.dropped_at):
            return False
        return super().has_change_permission(request, obj)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        told = ["done_at", "done_by"] if obj and obj.done_at else []
        return ["whom", "title", "kind_shown", "due_on", "territory", "how", "note", *told]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [name for name in self.get_fields(request, obj) if name not in {"how", "note"}]

    def save_model(self, request: HttpRequest, obj: Errand, form: Any, change: bool) -> None:
        facts = form.cleaned_data
        errands.done(errand=obj, how=facts["how"], note=facts["note"], actor=request.user, now=timezone.now())

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """The service has recorded the act."""

    def response_change(self, request: HttpRequest, obj: Errand) -> HttpResponse:
        self.message_user(request, _("Đã ghi: đã báo %(whom)s.") % {"whom": obj.whom}, messages.SUCCESS)
        return self.response_post_save_change(request, obj)


class FaultFilter(admin.SimpleListFilter):
    title = _("tình trạng")
    parameter_name = "xem"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", _("Chờ xử lý")), ("cleared", _("Đã xử lý"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AddressFault]) -> QuerySet[AddressFault]:
        if self.value() in {"open", "cleared"}:
            return queryset.filter(cleared_at__isnull=self.value() == "open")
        return queryset


@admin.register(AddressFault)
class AddressFaultAdmin(LedgerAdmin):
    """Addresses whose letters came back; a person asks the facility, then lets letters go there again."""

    list_display = ["address", "kind", "count", "diagnosis", "last_at", "cleared_at", "cleared_by"]
    list_filter = [FaultFilter, "kind"]
    list_select_related = ["cleared_by"]
    search_fields = ["address"]
    search_help_text = _("Địa chỉ thư")
    actions = ["clear"]
    fields = ("address", "kind", "count", "diagnosis", "first_at", "last_at", "last_letter", "cleared_at", "cleared_by")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).filter(pk__in=faults.open_for(request.user).values("pk"))

    @admin.display(description=_("thư bị trả lại gần nhất"))
    def last_letter(self, fault: AddressFault) -> str:
        found = Notice.objects.filter(recipient=fault.address, bounced_at__isnull=False).order_by("-bounced_at").first()
        return found.title if found else ""

    @admin.action(description=_("Đã hỏi lại, địa chỉ dùng được: cho gửi thư lại"), permissions=["change"])
    def clear(self, request: HttpRequest, queryset: QuerySet[AddressFault]) -> None:
        now = timezone.now()
        if done := self.settle(request, queryset, lambda row: faults.clear(fault=row, actor=request.user, now=now)):
            said = ngettext(
                "Đã cho gửi thư lại đến %(done)d địa chỉ.", "Đã cho gửi thư lại đến %(done)d địa chỉ.", done
            )
            self.message_user(request, said % {"done": done}, messages.SUCCESS)
