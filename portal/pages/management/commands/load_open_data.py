from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.pages.open_data.loading import Report, load
from portal.text.errors import Refusal


class Command(BaseCommand):
    help = _("Nạp trọn bộ dữ liệu mở của một cổng vào cổng trống này: sổ công nhận, kỳ, khuyến công, số đã công bố.")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, metavar="FILE", help=_("Tệp open-data.zip, hoặc thư mục đã giải nén."))
        parser.add_argument("--apply", action="store_true", help=_("Ghi thật. Không có thì chỉ thử và in số đếm."))

    def handle(self, *args: Any, path: Path, apply: bool, **options: Any) -> None:
        try:
            report = load(path, apply=apply)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        self._print(report)
        if report.problems:
            for problem in report.problems:
                self.stderr.write(str(problem))
            words = ngettext(
                "Có %(count)s chỗ sai nên chưa ghi gì.", "Có %(count)s chỗ sai nên chưa ghi gì.", len(report.problems)
            )
            raise CommandError(words % {"count": len(report.problems)})

    def _print(self, report: Report) -> None:
        for name, rows in report.counts.items():
            self.stdout.write(f"{name}: {rows}.")
        for sentence in report.warnings:
            self.stdout.write(sentence)
        if report.applied:
            self.stdout.write(_("Đã nạp dữ liệu mở ngày %(day)s.") % {"day": f"{report.day:%d/%m/%Y}"})
        elif not report.problems:
            self.stdout.write(_("Chạy thử, chưa ghi gì. Thêm --apply để ghi."))
