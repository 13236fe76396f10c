from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from portal.audit import triggers
from portal.audit.queries import first_break


class Command(BaseCommand):
    help = "Kiểm tra chuỗi nhật ký và các chốt của cơ sở dữ liệu; nêu dòng hỏng đầu tiên."

    def handle(self, *args: Any, **options: Any) -> None:
        checked, finding = first_break()
        if finding is not None:
            where = f"dòng {finding.entry.pk} ({finding.entry.at:%Y-%m-%d %H:%M})" if finding.entry else "đầu chuỗi"
            raise CommandError(f"Nhật ký hỏng tại {where}: {finding.why}. {checked} dòng trước đó nguyên vẹn.")
        missing = sorted(triggers.expected(connection) - triggers.installed(connection).keys())
        if missing:
            raise CommandError(f"Thiếu chốt trong cơ sở dữ liệu: {', '.join(missing)}. Hãy chạy lệnh migrate.")
        self.stdout.write(f"Nhật ký nguyên vẹn: {checked} dòng.")
