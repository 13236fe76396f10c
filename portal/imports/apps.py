from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class ImportsConfig(AppConfig):
    name = "portal.imports"
    verbose_name = _("Nhập danh sách")

    def ready(self) -> None:
        # Each room says in `<app>/imports.py` which lists it takes in.
        autodiscover_modules("imports")
