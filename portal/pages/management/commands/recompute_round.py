"""Counts a sealed round again from its manifest alone and compares."""

import json
import uuid
from pathlib import Path
from typing import Any, cast

from django.core.management.base import BaseCommand, CommandError, CommandParser

from rounds.manifest import Manifest, differences, digest, recount, stored
from rounds.models import Result, Round, RoundSeal


class Command(BaseCommand):
    help = "Tính lại kết quả đã niêm phong của một kỳ bình chọn từ bản niêm phong rồi so sánh."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("round", metavar="ID", help="Mã số, UUID hoặc đường dẫn của kỳ bình chọn.")
        parser.add_argument("--seal", type=int, metavar="N", help="Lần niêm phong. Bỏ trống: lần mới nhất.")
        parser.add_argument("--file", type=Path, help="Tính lại từ tệp này thay cho bản trong cơ sở dữ liệu.")

    def handle(self, *args: Any, **options: Any) -> None:
        round_ = find(options["round"])
        seal = seal_of(round_, options["seal"])
        manifest = read(options["file"]) if options["file"] else cast(Manifest, seal.manifest)
        problems = problems_of(seal, manifest)
        if problems:
            raise CommandError("\n".join(problems))
        self.stdout.write(f"{round_.title}: {len(manifest['dossiers'])} hồ sơ, tính lại đúng như đã niêm phong.")
        self.stdout.write(f"Mã niêm phong {seal.sha256}")


def seal_of(round_: Round, number: int | None) -> RoundSeal:
    """The seal by its number, the newest without one."""
    seals = RoundSeal.objects.filter(round=round_).order_by("-number")
    found = (seals.filter(number=number) if number else seals).first()
    if found is None and number and seals.exists():
        raise CommandError(f"{round_.title} không có lần niêm phong {number}.")
    if found is None:
        raise CommandError(f"{round_.title} chưa khóa chấm điểm nên chưa có bản niêm phong.")
    return found


def read(path: Path) -> Manifest:
    try:
        return cast(Manifest, json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise CommandError(f"Không đọc được tệp {path}.") from error
    except ValueError as error:
        raise CommandError(f"Tệp {path} không phải bản niêm phong.") from error


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


def problems_of(seal: RoundSeal, manifest: Manifest) -> list[str]:
    """One line per thing that is not as it was sealed."""
    found = []
    if digest(manifest) != seal.sha256:
        found.append("Bản niêm phong đã bị sửa: mã niêm phong không còn khớp.")
    try:
        wrong = differences(manifest)
    except KeyError as error:
        return [*found, f"Bản niêm phong thiếu {error}."]
    except ValueError as error:
        return [*found, f"Không biết công thức “{error}”."]
    found += [f"Hồ sơ {code}: niêm phong {sealed}, tính lại {again}." for code, (sealed, again) in wrong.items()]
    if seal.reopened_at is None:
        found += _stored_differences(seal.round, manifest)
    return found


def _stored_differences(round_: Round, manifest: Manifest) -> list[str]:
    """Where the table of results says otherwise; after a re-opening it holds nothing of the old seal."""
    again = {code: stored(one) for code, one in recount(manifest).items()}
    fields = ("dossier__entry_code", "sheets", "points", "divisor", "passed", "rank", "decided_by", "spread")
    rows = Result.objects.filter(dossier__round=round_).values(*fields)
    in_table = {row.pop("dossier__entry_code"): row for row in rows}
    return [
        f"Hồ sơ {code}: trong sổ {in_table.get(code)}, tính lại {again.get(code)}."
        for code in sorted({*again, *in_table})
        if in_table.get(code) != again.get(code)
    ]
