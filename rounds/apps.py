from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RoundsConfig(AppConfig):
    name = "rounds"
    label = "rounds"
    verbose_name = _("Bình chọn")

    def ready(self) -> None:
        from . import merged, watching

        merged.connect()
        watching.connect()
