"""Draw the Word templates of the official forms anew from their code. Dry unless --apply."""

import argparse
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from rounds.official.authoring import TEMPLATES
from rounds.official.word import TEMPLATES as FOLDER


def parts(data: bytes) -> dict[str, bytes]:
    """What a .docx says: its parts without the dates of the archive."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return {name: archive.read(name) for name in sorted(archive.namelist())}


def differing() -> dict[str, bytes]:
    """Templates whose file is not what their code draws, as they should be."""
    drawn = {name: draw().saved() for name, draw in TEMPLATES.items()}
    return {name: data for name, data in drawn.items() if not _is_kept(FOLDER / f"{name}.docx", data)}


def _is_kept(path: Path, data: bytes) -> bool:
    return path.exists() and parts(path.read_bytes()) == parts(data)


class Command(BaseCommand):
    help = "Draws the Word templates of the official forms anew from their code."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--apply", action="store_true", help="write the files")

    def handle(self, *args: Any, **options: Any) -> None:
        found = differing()
        for name, data in found.items():
            if options["apply"]:
                (FOLDER / f"{name}.docx").write_bytes(data)
            self.stdout.write(name)
        self.stdout.write(f"{len(found)} of {len(TEMPLATES)} templates {'written' if options['apply'] else 'differ'}")
