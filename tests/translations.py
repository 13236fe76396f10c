"""Checks the translation catalogues: complete, compiled, placeholders alike. Run by `make lint`."""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

LOCALE = Path(__file__).resolve().parent.parent / "portal" / "locale"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w+\}")


def entries(text: str) -> list[tuple[str, str, str]]:
    """(flags, msgid, msgstr) of every entry of a .po file; plurals give their first form."""
    found = []
    for block in re.split(r"\n\n+", text):
        if block.startswith("#~"):
            continue
        parts = {
            key: "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', value))
            for key, value in re.findall(r'^(msgid|msgstr(?:\[0\])?) ((?:".*"\n?)+)', block, re.MULTILINE)
        }
        flags = " ".join(re.findall(r"^#, (.*)$", block, re.MULTILINE))
        if parts.get("msgid"):
            found.append((flags, parts["msgid"], parts.get("msgstr") or parts.get("msgstr[0]") or ""))
    return found


def problems(po: Path) -> list[str]:
    found = []
    for flags, msgid, msgstr in entries(po.read_text()):
        if "fuzzy" in flags:
            found.append(f"fuzzy: {msgid}")
        elif not msgstr:
            found.append(f"untranslated: {msgid}")
        elif "python-format" in flags and sorted(PLACEHOLDER.findall(msgid)) != sorted(PLACEHOLDER.findall(msgstr)):
            found.append(f"placeholders differ: {msgid}")
    with tempfile.NamedTemporaryFile() as compiled:
        subprocess.run(["msgfmt", "--check", "--output-file", compiled.name, str(po)], check=True)
        if Path(compiled.name).read_bytes() != po.with_suffix(".mo").read_bytes():
            found.append("the compiled .mo is older than the .po: run manage.py compilemessages")
    return found


def main() -> int:
    catalogues = sorted(LOCALE.glob("*/LC_MESSAGES/django.po"))
    if not catalogues:
        sys.exit("No translation catalogue found.")
    lines = [f"{po.parent.parent.name}: {problem}" for po in catalogues for problem in problems(po)]
    print("\n".join(lines) or f"{len(catalogues)} catalogues complete.")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
