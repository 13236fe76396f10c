"""Every service that writes leaves a row in the audit: read from the source, so that a new one cannot forget it."""

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPS = ("facilities", "products", "rounds", "extension", "portal/accounts", "portal/imports", "portal/notices")
# A judge's every keystroke is not an act: handing in is, and the sheet keeps who saved what when.
QUIET = {
    "portal/accounts/services.py:begin_enrolment": "a device that is not confirmed yet; confirming it is the act",
    "portal/notices/errands.py:plan": "the clock's own; that a person has told the facility is the act",
    "portal/notices/outbox.py:send_due": "the ledger itself says what was sent to whom and when",
    "portal/imports/services.py:preview": "a look at a file; confirming it is the act",
    "rounds/services/exchange_applying.py:compare": "a look at what differs; settling and writing are the acts",
    "rounds/services/exchange_packing.py:note_failure": "what stood against sending stands on the package itself",
    "rounds/services/nudging.py:remind": "the clock's own reminders stand in the ledger of notices",
    "rounds/services/scoring.py:autosave": "a draft; handing in is the act",
    "rounds/services/scoring.py:save_scores": "a draft; handing in is the act",
}


def modules() -> list[Path]:
    found = []
    for app in APPS:
        base = ROOT / app
        found += [*base.glob("services.py"), *base.glob("services/*.py")]
    found += [ROOT / "portal/notices" / f"{name}.py" for name in ("errands", "faults", "outbox")]
    return sorted(path for path in found if path.name != "__init__.py")


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def functions(path: Path) -> dict[str, ast.FunctionDef]:
    return {node.name: node for node in tree(path).body if isinstance(node, ast.FunctionDef)}


@cache
def imported(path: Path) -> dict[str, tuple[Path | None, str]]:
    """Names of a module that come from elsewhere: the file they live in (None outside the services) and their name."""
    found: dict[str, tuple[Path | None, str]] = {}
    for node in ast.walk(tree(path)):
        if not isinstance(node, ast.ImportFrom):
            continue
        home = _home(path, node)
        for name in node.names:
            inside = _module(home, name.name) if home else None
            found[name.asname or name.name] = (inside or home, "" if inside else name.name)
    return found


def _home(path: Path, node: ast.ImportFrom) -> Path | None:
    if node.level:
        base = path.parent
        for _up in range(node.level - 1):
            base = base.parent
    else:
        base = ROOT
    place = base.joinpath(*(node.module or "").split("."))
    for candidate in (place.with_suffix(".py"), place / "__init__.py", place):
        if candidate.exists():
            return candidate
    return None


def _module(home: Path, name: str) -> Path | None:
    base = home if home.is_dir() else home.parent if home.name == "__init__.py" else None
    inside = [base / f"{name}.py", base / name / "__init__.py"] if base else []
    return next((path for path in inside if path.exists()), None)


def calls(function: ast.FunctionDef) -> set[tuple[str, str]]:
    """(module, name) of every call; the module is empty for a plain name."""
    found = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name):
                found.add(("", node.func.id))
            elif isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
                found.add((node.func.value.id, node.func.attr))
    return found


def reaches_audit(path: Path, name: str, seen: frozenset[tuple[Path, str]] = frozenset()) -> bool:
    if (path, name) in seen or name not in functions(path):
        return False
    seen |= {(path, name)}
    for module, called in calls(functions(path)[name]):
        home, inner = imported(path).get(module or called, (path, called))
        if home is None:
            continue
        wanted = called if module else inner
        if home == ROOT / "portal/audit/services.py" and wanted in {"record", "record_access"}:
            return True
        if home.suffix == ".py" and _followed(home, wanted, seen):
            return True
    return False


def _followed(home: Path, wanted: str, seen: frozenset[tuple[Path, str]]) -> bool:
    if home.name == "__init__.py" and wanted in imported(home):
        inner, name = imported(home)[wanted]
        return inner is not None and reaches_audit(inner, name, seen)
    return reaches_audit(home, wanted, seen)


def opens_transaction(path: Path, name: str, seen: frozenset[str] = frozenset()) -> bool:
    """By its decorator, in its body, or in a private function of its own module."""
    node = functions(path)[name]
    within = [one.context_expr for with_ in ast.walk(node) if isinstance(with_, ast.With) for one in with_.items]
    if any("atomic" in ast.dump(one) for one in [*node.decorator_list, *within]):
        return True
    inner = {called for module, called in calls(node) if not module and called.startswith("_")} & set(functions(path))
    return any(opens_transaction(path, one, seen | {name}) for one in inner - seen - {name})


def writers() -> list[str]:
    """Public functions that open a transaction."""
    return [
        f"{path.relative_to(ROOT)}:{name}"
        for path in modules()
        for name in functions(path)
        if not name.startswith("_") and opens_transaction(path, name)
    ]


def test_there_are_services_to_look_at():
    assert len(writers()) > 60


@pytest.mark.parametrize("service", sorted(set(writers()) - set(QUIET)))
def test_a_service_that_writes_leaves_a_row_in_the_audit(service):
    path, name = service.split(":")
    assert reaches_audit(ROOT / path, name)


def test_what_is_quiet_is_still_there():
    assert set(QUIET) <= set(writers())


def test_a_service_without_a_row_would_be_found(tmp_path):
    silent = tmp_path / "silent.py"
    silent.write_text("@transaction.atomic\ndef act():\n    thing.save()\n", encoding="utf-8")
    assert not reaches_audit(silent, "act")
