"""The desk's page for the authorities whose signatures count."""

from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from portal.accounts.admin_base import AGENCY, PROVINCE_STAFF, ReachedOnly, RoleRights, VisibleChoices
from portal.accounts.exports import ListExport
from portal.text import workers

from . import rules, tasks
from .models import TrustRoot
from .paper_forms import TrustRootForm
from .services import trust


@admin.register(TrustRoot)
class TrustRootAdmin(ListExport, ReachedOnly, RoleRights, VisibleChoices, admin.ModelAdmin):
    """All staff read which authorities are trusted; agency staff and administrators keep the list."""

    form = TrustRootForm
    view_roles = PROVINCE_STAFF | AGENCY
    edit_roles = rules.KEEPERS
    list_per_page = 50
    view_on_site = False
    list_display = ["name", "valid_from", "valid_to", "short_fingerprint", "note"]
    new_fieldsets = [
        (
            None,
            {
                "fields": ["upload", "pasted", "note"],
                "description": gettext_lazy(
                    "Tệp .p7b có nhiều chứng thư thì ghi cả các chứng thư của tổ chức chứng thực trong đó. "
                    "Tên, dấu vân tay và thời hạn lấy từ chứng thư. Mọi tệp ký số được kiểm tra lại sau khi lưu."
                ),
            },
        )
    ]
    known_fieldsets = [
        (None, {"fields": ["name", ("valid_from", "valid_to"), "note"]}),
        (gettext_lazy("Trong chứng thư"), {"fields": ["fingerprint", "pem"]}),
    ]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.known_fieldsets if obj else self.new_fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ["fingerprint", "pem"] if obj else []

    @admin.display(description=gettext_lazy("dấu vân tay"))
    def short_fingerprint(self, root: TrustRoot) -> str:
        return " ".join(root.fingerprint[at : at + 4] for at in range(0, 16, 4)) + " …"

    def save_model(self, request: HttpRequest, obj: TrustRoot, form: Any, change: bool) -> None:
        if change:
            changed = [name for name in form.changed_data if name in TrustRootForm.Meta.fields]
            trust.update_root(root=obj, changed=changed, actor=request.user)
        else:
            rows = trust.trust(authorities=form.authorities, note=obj.note, actor=request.user)
            obj.pk = rows[0].pk
            obj.refresh_from_db()
            self._say(request, rows)
        transaction.on_commit(lambda: self._recheck(request))

    def _recheck(self, request: HttpRequest) -> None:
        if not workers.hand_over(tasks.recheck_papers):
            words = _(
                "Đã lưu, nhưng chưa giao được việc kiểm tra lại các tệp đã ký cho máy chủ. Hãy mở lại tổ chức này và bấm "
                "Lưu sau ít phút."
            )
            messages.warning(request, words)

    def _say(self, request: HttpRequest, rows: list[TrustRoot]) -> None:
        if len(rows) > 1:
            words = ngettext(
                "Đã ghi %(count)s tổ chức chứng thực: %(names)s.",
                "Đã ghi %(count)s tổ chức chứng thực: %(names)s.",
                len(rows),
            )
            messages.info(request, words % {"count": len(rows), "names": "; ".join(row.name for row in rows)})
