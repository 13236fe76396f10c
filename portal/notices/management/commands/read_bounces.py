import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.notices import bounces

STDIN = "-"


class Command(BaseCommand):
    help = _("Đọc thư bị trả lại: địa chỉ không nhận được thư thì ngừng gửi và báo cho cán bộ.")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "files",
            nargs="+",
            metavar="FILE",
            help=_("Tệp mbox, thư mục Maildir, tệp một thư, hoặc - để đọc từ máy chủ thư."),
        )
        parser.add_argument("--apply", action="store_true", help=_("Ghi thật. Không có thì chỉ đếm."))

    def handle(self, *args: Any, **options: Any) -> None:
        counts = bounces.take_in(_messages(options["files"]), now=timezone.now(), apply=options["apply"])
        said = _(
            "Địa chỉ không nhận được thư: %(hard)d. Tạm thời không nhận: %(soft)d. "
            "Đã đọc từ trước: %(known)d. Không phải thư trả lại của cổng: %(others)d."
        )
        self.stdout.write(said % vars(counts))
        if not options["apply"]:
            self.stdout.write(_("Chưa ghi gì; thêm --apply để ghi."))


def _messages(names: list[str]) -> Iterator[bytes]:
    for name in names:
        if name == STDIN:
            yield bounces.message_from(sys.stdin.buffer)
            continue
        try:
            yield from bounces.messages_in(Path(name))
        except OSError as error:
            raise CommandError(
                _("Không đọc được %(name)s: %(why)s.") % {"name": name, "why": error.strerror}
            ) from error
