"""Counts a sealed round again from its manifest alone and compares."""

import uuid
from typing import Any, cast

from django.core.management.base import BaseCommand, CommandError, CommandParser

from rounds.manifest import Manifest, differences, digest, recount, result_of
from rounds.models import Result, Round


class Command(BaseCommand):
    help = "Tính lại kết quả đã niêm phong của một kỳ bình chọn từ bản niêm phong rồi so sánh."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("round", metavar="ID", help="Mã số, UUID hoặc đường dẫn của kỳ bình chọn.")

    def handle(self, *args: Any, **options: Any) -> None:
        round_ = find(options["round"])
        if not round_.manifest:
            raise CommandError(f"{round_.title} chưa khóa chấm điểm nên chưa có bản niêm phong.")
        manifest = cast(Manifest, round_.manifest)
        problems = problems_of(round_, manifest)
        if problems:
            raise CommandError("\n".join(problems))
        self.stdout.write(f"{round_.title}: {len(manifest['dossiers'])} hồ sơ, tính lại đúng như đã niêm phong.")
        self.stdout.write(f"Mã niêm phong {round_.manifest_hash}")


def find(reference: str) -> Round:
    """A round by primary key, UUID or slug."""
    if reference.isdigit():
        key: dict[str, Any] = {"pk": int(reference)}
    else:
        try:
            key = {"uuid": uuid.UUID(reference)}
        except ValueError:
            key = {"slug": reference}
    found = Round.objects.select_related("territory").filter(**key).first()
    if found is None:
        raise CommandError(f"Không có kỳ bình chọn {reference}.")
    return found


def problems_of(round_: Round, manifest: Manifest) -> list[str]:
    """One line per thing that is not as it was sealed."""
    found = []
    if digest(manifest) != round_.manifest_hash:
        found.append("Bản niêm phong đã bị sửa: mã niêm phong không còn khớp.")
    try:
        wrong = differences(manifest)
    except ValueError as error:
        return [*found, f"Không biết công thức “{error}”."]
    found += [f"Hồ sơ {code}: niêm phong {sealed}, tính lại {again}." for code, (sealed, again) in wrong.items()]
    return found + _stored_differences(round_, manifest)


def _stored_differences(round_: Round, manifest: Manifest) -> list[str]:
    again = {outcome.code: result_of(outcome) for outcome in recount(manifest)}
    stored = {
        result.dossier.entry_code: {
            "sheets": result.sheets,
            "points": f"{result.points:.2f}",
            "passed": result.passed,
            "rank": result.rank,
        }
        for result in Result.objects.filter(dossier__round=round_).select_related("dossier")
    }
    return [
        f"Hồ sơ {code}: trong sổ {stored.get(code)}, tính lại {again.get(code)}."
        for code in sorted({*again, *stored})
        if stored.get(code) != again.get(code)
    ]
