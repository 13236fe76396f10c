"""The house keeps its own rules: imports run one way, templates stay clean, names stay at the top."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
GROUND = {
    "portal.text", "portal.files", "portal.territory", "portal.accounts", "portal.audit", "portal.notices",
    "portal.imports",
}  # fmt: skip
ROOMS = {"facilities", "products", "rounds", "extension"}
# Who may import whom. A room always may import itself; the roof (portal.pages, settings, urls) may import all.
MAY_IMPORT = {
    "ground": GROUND,
    "facilities": GROUND,
    "products": GROUND | {"facilities"},
    "rounds": GROUND | {"facilities", "products"},
    "extension": GROUND | {"facilities", "products"},
}
PURE = {
    "portal/text/cells.py",
    "portal/text/folding.py",
    "portal/text/formats.py",
    "portal/text/headings.py",
    "products/validity.py",
    "products/codes.py",
    "rounds/tally.py",
    "rounds/completeness.py",
    "rounds/points.py",
    "extension/money/words.py",
    "extension/norms/allowance.py",
    "extension/norms/lookup_days.py",
    "extension/norms/lookup_words.py",
    "extension/needs/ranking.py",
    "extension/watch/risk.py",
    "extension/watch/monthly.py",
    "extension/file/evidence.py",
    "extension/results/amounts.py",
    "extension/markets/disclosure.py",
    "extension/reports/periods.py",
    "facilities/taxcode.py",
}
TOP_LEVEL = {
    "manage.py", "portal", "facilities", "products", "rounds", "extension", "templates", "static", "tests", "docs",
    "requirements.txt", "requirements-dev.txt", "docker-compose.yml", "README.md", "CHANGELOG.md", "Makefile",
}  # fmt: skip


def room_of(module: str) -> str | None:
    """The room a dotted module stands in: a ground-floor package, an app, the roof, or None outside."""
    parts = module.split(".")
    if parts[0] in ROOMS:
        return parts[0]
    if parts[0] != "portal":
        return None
    package = ".".join(parts[:2])
    return package if package in GROUND else "roof"


def imported_modules(path: Path) -> set[str]:
    package = list(path.relative_to(ROOT).with_suffix("").parts)[:-1]
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *(node.module.split(".") if node.module else [])])
            found |= {module} | {f"{module}.{alias.name}" for alias in node.names}
    return found


def python_files() -> list[Path]:
    roots = ["portal", *sorted(ROOMS)]
    return [p for root in roots for p in sorted((ROOT / root).rglob("*.py")) if "migrations" not in p.parts]


def forbidden_arrows(path: Path) -> set[str]:
    here = room_of(".".join(path.relative_to(ROOT).with_suffix("").parts))
    if here == "roof":
        return set()
    allowed = MAY_IMPORT["ground" if here in GROUND else str(here)] | {str(here)}
    rooms = {module: room_of(module) for module in imported_modules(path)}
    return {module for module, room in rooms.items() if room is not None and room not in allowed and module != "portal"}


@pytest.mark.parametrize("path", python_files(), ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_run_one_way(path: Path) -> None:
    assert forbidden_arrows(path) == set()


def test_a_wrong_arrow_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.test_house.ROOT", tmp_path)
    wrong = tmp_path / "facilities" / "wrong.py"
    wrong.parent.mkdir()
    wrong.write_text("from rounds.models import Round\nfrom portal.pages import views\n")
    assert {m.split(".")[0] for m in forbidden_arrows(wrong)} == {"rounds", "portal"}


@pytest.mark.parametrize("name", sorted(PURE))
def test_pure_modules_know_no_database(name: str) -> None:
    modules = imported_modules(ROOT / name)
    assert {
        m for m in modules if m.startswith(("django.db.models", "django.db.transaction")) or ".models" in m
    } == set()


@pytest.mark.parametrize("path", sorted((ROOT / "templates").rglob("*.html")), ids=lambda p: str(p.relative_to(ROOT)))
def test_templates_hold_no_inline_style_script_or_handler(path: Path) -> None:
    text = path.read_text()
    assert re.findall(r"<style|\sstyle=|\son(?:click|change|submit|load|input)=", text) == []
    assert re.findall(r"<script(?![^>]*\ssrc=)(?![^>]*type=\"application/(?:ld\+)?json\")", text) == []


@pytest.mark.parametrize("path", sorted((ROOT / "templates").rglob("*.html")), ids=lambda p: str(p.relative_to(ROOT)))
def test_a_table_that_scrolls_is_reached_by_keyboard_and_has_a_name(path: Path) -> None:
    opened = re.findall(r'<div class="table-scroll[^"]*"(.*)', path.read_text())
    assert [words[:80] for words in opened if not words.startswith(' tabindex="0" role="region" aria-label')] == []


def test_the_top_level_stays_a_map() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    tops = {line.split("/")[0] for line in tracked.splitlines()}
    assert {name for name in tops if not name.startswith(".")} <= TOP_LEVEL
