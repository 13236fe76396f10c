from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProductsConfig(AppConfig):
    name = "products"
    label = "products"
    verbose_name = _("Sản phẩm và công nhận")

    def ready(self) -> None:
        from . import derived, register

        derived.watch()
        register.watch()
