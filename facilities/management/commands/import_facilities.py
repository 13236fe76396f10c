from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from facilities.imports import Report, import_facilities
from portal.text.clock import today
from portal.text.errors import Refusal


class Command(BaseCommand):
    help = "Nhập danh bạ cơ sở từ tệp .csv hoặc .xlsx. Chỉ kiểm tra, trừ khi có --apply."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--apply", action="store_true", help="ghi vào danh bạ")

    def handle(self, *args: Any, file: Path, apply: bool, **options: Any) -> None:
        try:
            report = import_facilities(path=file, on=today(), actor=None, apply=apply)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        self._notes(report)
        if report.errors:
            for line in report.errors:
                self.stderr.write(line)
            raise CommandError(f"{len(report.errors)} dòng có lỗi. Chưa ghi gì. Hãy sửa tệp rồi nhập lại.")
        self.stdout.write(
            f"Thêm {report.created} cơ sở, bổ sung {report.completed}, bỏ qua {report.skipped} cơ sở đã có."
        )
        if not apply:
            self.stdout.write("Đây là lần chạy thử, chưa ghi gì. Thêm --apply để ghi.")

    def _notes(self, report: Report) -> None:
        if report.unknown:
            self.stdout.write(f"Không dùng các cột: {', '.join(report.unknown)}.")
        for line in report.warnings:
            self.stdout.write(f"Lưu ý. {line}")
