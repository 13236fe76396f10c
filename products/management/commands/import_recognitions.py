from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.text.clock import today
from portal.text.errors import Refusal
from products.imports import Report, import_recognitions


class Command(BaseCommand):
    help = _("Nạp danh sách sản phẩm đã công bố từ tệp .csv hoặc .xlsx.")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--apply", action="store_true", help=_("Ghi thật. Không có thì chỉ thử và in số đếm."))

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = import_recognitions(
                options["file"], now=timezone.now(), today=today(), actor=None, apply=options["apply"]
            )
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        self._print(report)
        if report.errors:
            for line in report.errors:
                self.stderr.write(line)
            raise CommandError(
                ngettext(
                    "Có %(count)s dòng sai nên chưa ghi gì. Hãy sửa tệp rồi chạy lại.",
                    "Có %(count)s dòng sai nên chưa ghi gì. Hãy sửa tệp rồi chạy lại.",
                    len(report.errors),
                )
                % {"count": len(report.errors)}
            )

    def _print(self, report: Report) -> None:
        if report.ignored:
            self.stdout.write(_("Bỏ qua các cột không dùng: %(names)s.") % {"names": ", ".join(report.ignored)})
        for line in report.warnings:
            self.stdout.write(line)
        for sentence in _counts(report):
            self.stdout.write(sentence)
        if report.applied:
            self.stdout.write(_("Đã ghi."))
        elif not report.errors:
            self.stdout.write(_("Chạy thử, chưa ghi gì. Thêm --apply để ghi."))


def _counts(report: Report) -> list[str]:
    counts = report.counts
    facts = {name: counts[name] for name in ("recognitions", "proposals", "completed", "skipped")}
    new = {name: counts[name] for name in ("products", "facilities", "decisions")}
    return [
        _("%(rows)s dòng: %(bad)s sai, %(flagged)s cảnh báo.")
        % {"rows": report.rows, "bad": len(report.errors), "flagged": len(report.warnings)},
        _(
            "%(recognitions)s công nhận mới, %(proposals)s đề nghị mới, "
            "%(completed)s dòng bổ sung, %(skipped)s dòng đã có trong sổ."
        )
        % facts,
        _("%(products)s sản phẩm mới, %(facilities)s cơ sở mới, %(decisions)s quyết định mới.") % new,
    ]
