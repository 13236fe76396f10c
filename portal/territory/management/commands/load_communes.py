import datetime as dt
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.territory.communes import EXPECTED, FIRST_DAY, Report, load_communes
from portal.text.errors import Refusal
from portal.text.formats import number


class Command(BaseCommand):
    help = "Nạp danh mục xã, phường, đặc khu từ bảng Excel của cơ quan thống kê. Chỉ kiểm tra, trừ khi có --apply."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--on", type=dt.date.fromisoformat, default=FIRST_DAY, help="danh mục đúng vào ngày này")
        parser.add_argument("--apply", action="store_true", help="ghi vào danh mục")

    def handle(self, *args: Any, file: Path, on: dt.date, apply: bool, **options: Any) -> None:
        try:
            report = load_communes(path=file, on=on, apply=apply)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        if report.unknown:
            self.stdout.write(f"Không dùng các cột: {', '.join(report.unknown)}.")
        if report.errors:
            for line in report.errors:
                self.stderr.write(line)
            raise CommandError(f"{len(report.errors)} dòng có lỗi. Chưa ghi gì. Hãy sửa tệp rồi nạp lại.")
        self._say(report, on, apply=apply)

    def _say(self, report: Report, on: dt.date, *, apply: bool) -> None:
        self.stdout.write(f"Thêm {report.created}, đổi {report.changed}, giữ nguyên {report.kept} đơn vị.")
        if report.absent:
            self.stdout.write(
                f"Danh sách không có {report.absent} đơn vị đang ghi trong danh mục. Các đơn vị này được giữ."
            )
        if on == FIRST_DAY and report.total != EXPECTED:
            self.stdout.write(
                f"Lưu ý. Danh sách có {number(report.total)} đơn vị, danh mục ngày {on:%d/%m/%Y} có {number(EXPECTED)}."
            )
        if not apply:
            self.stdout.write("Đây là lần chạy thử, chưa ghi gì. Thêm --apply để ghi.")
