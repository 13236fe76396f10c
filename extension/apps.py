from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ExtensionConfig(AppConfig):
    name = "extension"
    label = "extension"
    verbose_name = _("Khuyến công")

    def ready(self) -> None:
        from .estimates import merged

        merged.connect()
