"""Letters that were planned, sent, or need a person."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from portal.accounts.admin_base import ReachedOnly, RoleRights
from portal.accounts.enums import Role
from portal.accounts.exports import ListExport
from portal.text.errors import Refusal

from . import services
from .models import Notice


@admin.register(Notice)
class NoticeAdmin(ListExport, ReachedOnly, RoleRights, admin.ModelAdmin):
    """The ledger to read; a stuck letter is settled by the two acts, after asking the recipient."""

    view_roles = frozenset({Role.OFFICER, Role.LEADER, Role.AGENCY_REGIONAL, Role.AGENCY_NATIONAL})
    edit_roles = frozenset({Role.OFFICER})
    list_display = ["title", "kind_shown", "whom", "channel", "due_on", "state", "sent_at", "territory"]
    list_filter = ["state", "channel", "due_on"]
    list_select_related = ["territory", "user"]
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    search_fields = ["title", "recipient", "user__full_name"]
    search_help_text = _("Tiêu đề hoặc người nhận")
    actions = ["send_again", "confirm_sent"]
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
        "error",
        "body",
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> Any:
        found: Any = super().get_queryset(request)
        return found.visible_to(request.user)

    @admin.display(description=_("loại"), ordering="kind")
    def kind_shown(self, notice: Notice) -> str:
        return notice.kind_label

    @admin.display(description=_("người nhận"), ordering="recipient")
    def whom(self, notice: Notice) -> str:
        return ", ".join(str(one) for one in (notice.user, notice.recipient) if one)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    @admin.action(description=_("Thư gửi dở chưa tới: cho gửi lại"), permissions=["change"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Notice]) -> None:
        self._settle(request, queryset, services.send_again)

    @admin.action(description=_("Thư gửi dở đã tới: xác nhận"), permissions=["change"])
    def confirm_sent(self, request: HttpRequest, queryset: QuerySet[Notice]) -> None:
        self._settle(request, queryset, services.confirm_sent)

    def _settle(self, request: HttpRequest, queryset: QuerySet[Notice], act: Callable[..., None]) -> None:
        now, done = timezone.now(), 0
        for notice in queryset:
            if not self.has_change_permission(request, notice):
                continue
            try:
                act(notice=notice, actor=request.user, now=now)
                done += 1
            except Refusal as refusal:
                self.message_user(request, f"{notice}: {refusal}", messages.WARNING)
        if done:
            said = ngettext("Đã ghi cho %(done)d thư.", "Đã ghi cho %(done)d thư.", done)
            self.message_user(request, said % {"done": done}, messages.SUCCESS)
