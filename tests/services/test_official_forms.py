"""The official forms open in LibreOffice: it reads every Word file and turns it into pages that say the same.

Without LibreOffice these tests fail: `.ci/run` installs it.
"""

import os
import re
import subprocess
from pathlib import Path

import pytest

from portal.text.typeset import FONTS as FONT_FOLDER
from rounds.models import Round
from rounds.official import render
from rounds.official.catalogue import FORMS
from tests.rounds import official_world as world

pytestmark = [pytest.mark.services, pytest.mark.django_db]
FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{fonts}</dir><cachedir>{cache}</cachedir>
<alias binding="same"><family>Times New Roman</family><prefer><family>Liberation Serif</family></prefer></alias>
</fontconfig>"""


def converted(files: list[Path], folder: Path) -> None:
    """One run of LibreOffice over all files, with a profile and fonts of its own."""
    config = folder / "fonts.conf"
    config.write_text(FONTS.format(fonts=FONT_FOLDER, cache=folder / "cache"))
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", "pdf",
         "--outdir", str(folder), *map(str, files)],
        check=True, capture_output=True, timeout=300, env=os.environ | {"FONTCONFIG_FILE": str(config)},
    )  # fmt: skip


def copied(path: Path) -> str:
    done = subprocess.run(["pdftotext", "-raw", str(path), "-"], capture_output=True, check=True)
    return done.stdout.decode()


def words(text: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]+", text))


def pages(path: Path) -> int:
    done = subprocess.run(["pdfinfo", str(path)], capture_output=True, text=True, check=True)
    return int(re.findall(r"Pages:\s+(\d+)", done.stdout)[0])


def test_every_word_file_opens_and_says_what_the_pdf_says(tmp_path: Path) -> None:
    round_: Round = world.announced_round(5)
    dossier = round_.dossiers.get(entry_code="001")
    files = {}
    for form in FORMS:
        subject = round_ if form.of_round else dossier
        files[form.code] = tmp_path / f"{form.code}.docx"
        files[form.code].write_bytes(render(form.code, subject, fmt="docx", on=world.ON)[0])
        (tmp_path / f"{form.code}.typst.pdf").write_bytes(render(form.code, subject, fmt="pdf", on=world.ON)[0])
    converted(list(files.values()), tmp_path)
    for code, path in files.items():
        opened, ours = path.with_suffix(".pdf"), tmp_path / f"{code}.typst.pdf"
        assert words(copied(opened)) == words(copied(ours)), code
        assert abs(pages(opened) - pages(ours)) <= 1, code


def test_a_batch_of_letters_opens_with_one_page_for_each(tmp_path: Path) -> None:
    round_ = world.announced_round(5)
    path = tmp_path / "letters.docx"
    path.write_bytes(render("result_letter", round_, fmt="docx", on=world.ON)[0])
    converted([path], tmp_path)
    assert pages(tmp_path / "letters.pdf") == 5
