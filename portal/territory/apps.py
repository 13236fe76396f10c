from typing import Any

from django.apps import AppConfig
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.utils.translation import gettext_lazy as _


class TerritoryConfig(AppConfig):
    name = "portal.territory"
    label = "territory"
    verbose_name = _("Đơn vị hành chính")

    def ready(self) -> None:
        from .models import Succession, Territory, TerritoryName

        for model in (Territory, TerritoryName, Succession):
            post_save.connect(_forget, sender=model, dispatch_uid=f"forget-save-{model.__name__}")
            post_delete.connect(_forget, sender=model, dispatch_uid=f"forget-delete-{model.__name__}")


def _forget(**kwargs: Any) -> None:
    """Now, for this transaction; and once more on commit, since another process may have read the old rows."""
    from .queries import forget_register

    forget_register()
    transaction.on_commit(forget_register)
