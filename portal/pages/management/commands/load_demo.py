from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.pages.demo import accounts
from portal.pages.demo.load import load
from portal.text.errors import Refusal

PARTS = {
    "accounts": _("Tài khoản mẫu"),
    "published": _("Danh sách và đề án đã công bố"),
    "samples": _("Kỳ bình chọn và cơ sở mẫu"),
}


class Command(BaseCommand):
    help = _("Nạp dữ liệu mẫu: danh sách thật đã công bố, kỳ bình chọn mẫu trên cơ sở mẫu, tài khoản cho từng vai trò.")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--apply", action="store_true", help=_("Ghi thật. Không có thì chỉ thử và in số đếm."))

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            done = load(now=timezone.now(), apply=options["apply"])
        except Refusal as refusal:
            raise CommandError("\n".join([str(refusal), *map(str, refusal.details)])) from refusal
        for part, counts in done.items():
            self.stdout.write(f"{PARTS[part]}: {_in_words(counts)}")
        if not options["apply"]:
            self.stdout.write(_("Chạy thử, chưa ghi gì. Thêm --apply để ghi."))
            return
        self.stdout.write(_("Mật khẩu chung của tài khoản mẫu: %(password)s") % {"password": accounts.PASSWORD})
        for account in accounts.ACCOUNTS:
            self.stdout.write(f"  {account.username:24} {account.full_name}")


def _in_words(counts: Counter[str]) -> str:
    return ", ".join(f"{what} {number}" for what, number in sorted(counts.items()))
