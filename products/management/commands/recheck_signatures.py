from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from products.services import papers


class Command(BaseCommand):
    help = _("Kiểm tra lại chữ ký số của các tệp đã kiểm theo danh sách tổ chức chứng thực cũ.")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--apply", action="store_true", help=_("Kiểm tra và ghi. Không có thì chỉ đếm."))

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["apply"]:
            due = papers.due_for_recheck().count()
            self.stdout.write(_("%(count)s tệp cần kiểm tra lại. Thêm --apply để kiểm tra.") % {"count": due})
            return
        done = papers.recheck_papers(now=timezone.now())
        self.stdout.write(
            _("Đã kiểm tra %(looked_at)s tệp: %(changed)s đổi kết quả, %(unreadable)s không đọc được.")
            % {"looked_at": done.looked_at, "changed": done.changed, "unreadable": done.unreadable}
        )
