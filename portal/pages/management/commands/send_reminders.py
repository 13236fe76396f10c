import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from portal.text.clock import today
from products import reminders


class Command(BaseCommand):
    help = "Gửi thư nhắc về công nhận sắp hết hiệu lực, như bộ lập lịch làm mỗi sáng. Không có --apply thì chỉ đếm."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--on", metavar="DATE", help="Ngày cần tính, dạng 2026-11-21; mặc định là hôm nay.")
        parser.add_argument("--apply", action="store_true", help="Ghi sổ và gửi thư.")

    def handle(self, *args: Any, **options: Any) -> None:
        on = _day(options["on"]) if options["on"] else today()
        if not options["apply"]:
            self.stdout.write(f"Thư mới: {reminders.preview(on=on)}. Chưa gửi gì; thêm --apply để gửi.")
            return
        outcome = reminders.run(on=on, now=timezone.now())
        self.stdout.write(
            f"Thư mới: {outcome.planned}. Đã gửi: {outcome.sent}. "
            f"Gửi không được: {outcome.failed}. Không gửi nữa: {outcome.dropped}. "
            f"Cán bộ báo tận nơi: {outcome.calls}."
        )


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"“{text}” không phải là ngày. Hãy viết dạng 2026-11-21.") from None
