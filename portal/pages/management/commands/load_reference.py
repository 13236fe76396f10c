from importlib import import_module
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction
from django.utils.module_loading import module_has_submodule
from django.utils.translation import gettext as _

# In this order: figures and criteria name provinces, norms name both.
ROOMS = ("territory", "notices", "facilities", "products", "rounds", "extension")


class Command(BaseCommand):
    help = _("Nạp dữ liệu tham chiếu: đơn vị hành chính, quy định hiệu lực, số liệu đã công bố, tiêu chí, mức chi.")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--apply", action="store_true", help=_("Ghi thật. Không có thì chỉ thử và in số đếm."))

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            for label in ROOMS:
                self._load(label)
            if not options["apply"]:
                transaction.set_rollback(True)
        if options["apply"]:
            self.stdout.write(_("Đã ghi dữ liệu tham chiếu."))
        else:
            self.stdout.write(_("Chạy thử, chưa ghi gì. Thêm --apply để ghi."))

    def _load(self, label: str) -> None:
        config = apps.get_app_config(label)
        if not module_has_submodule(config.module, "reference_data"):
            return
        counts: dict[str, int] = import_module(f"{config.name}.reference_data").load()
        self.stdout.write(f"{config.verbose_name}: " + ", ".join(f"{what} {count}" for what, count in counts.items()))
