from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from portal.pages.open_data import making
from products.serializers import clock_of_today


class Command(BaseCommand):
    help = "Ghi bộ dữ liệu mở của hôm nay, như bộ lập lịch làm mỗi đêm. Không có --apply thì chỉ đếm."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--apply", action="store_true", help="ghi tệp và công bố")

    def handle(self, *args: Any, apply: bool, **options: Any) -> None:
        if not apply:
            for name, rows in making.count(clock_of_today()).items():
                self.stdout.write(f"{name}: {rows} dòng.")
            self.stdout.write("Đây là lần chạy thử, chưa ghi gì. Thêm --apply để ghi.")
            return
        edition = making.make_today()
        for file in edition.files:
            length = "" if file.rows is None else f" {file.rows} dòng,"
            self.stdout.write(f"{file.name}:{length} {file.size} byte.")
        self.stdout.write(f"Đã công bố bộ dữ liệu ngày {edition.day:%d/%m/%Y}.")
