from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PagesConfig(AppConfig):
    name = "portal.pages"
    label = "pages"
    verbose_name = _("Trang chung")

    def ready(self) -> None:
        from products import register
        from rounds.models import Round

        register.watch(Round)  # the home page shows recent rounds
