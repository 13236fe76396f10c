"""Admin pages whose every write is also a row of the audit chain."""

from typing import Any

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext as _

from .services import record


class AuditedAdmin:
    """A mixin for ModelAdmin: adding, changing and deleting is recorded in the same transaction."""

    def audit_territory(self, obj: Any) -> Any:
        """The province the act belongs to, for the scoped reading of the log."""
        return getattr(obj, "territory", None)

    def log_addition(self, request: HttpRequest, obj: models.Model, message: Any) -> Any:
        self._record(request, obj, "added", _("Thêm %(what)s: %(name)s.") % _named(obj))
        return super().log_addition(request, obj, message)  # type: ignore[misc]

    def log_change(self, request: HttpRequest, obj: models.Model, message: Any) -> Any:
        self._record(request, obj, "changed", _("Sửa %(what)s: %(name)s.") % _named(obj), changes=message)
        return super().log_change(request, obj, message)  # type: ignore[misc]

    def _record(self, request: HttpRequest, obj: models.Model, act: str, sentence: str, changes: Any = None) -> None:
        record(
            actor=request.user,
            action=f"{obj._meta.model_name}.{act}",
            sentence=sentence,
            subject=obj,
            territory=self.audit_territory(obj),
            data={"changes": changes} if changes else None,
        )


def _named(obj: models.Model) -> dict[str, Any]:
    return {"what": obj._meta.verbose_name, "name": obj}
