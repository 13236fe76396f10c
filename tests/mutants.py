"""A mutation run: one small change at a time in `rounds/tally.py`, and whether a test notices. Run `make mutants`.

Changes are made on the syntax tree: comparisons, arithmetic, `and`/`or`, `not`, numbers, texts, conditions, the
smaller for the larger. Each mutant is counted by a process of its own, forked after Django has started. What
survives the quick tests is tried on the property tests too; what survives those is printed and must be listed, with
the reason why it says the same, in docs/scores.md.
"""

import ast
import importlib
import os
import sys
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path

import django
import pytest

ROOT = Path(__file__).parent.parent
TARGET = "rounds.tally"
DEPENDENT = ("rounds.manifest",)
QUICK = ("tests/rounds/test_tally.py", "tests/rounds/test_seal.py")
QUICK_ONLY = "not holds_everything and not seed_of and not recompute and not taken_off and not database and not live"
THOROUGH = ("tests/properties/test_tally.py",)
COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
}  # fmt: skip
NAMES = {
    "min": "max",
    "max": "min",
    "any": "all",
    "all": "any",
    "ROUND_HALF_UP": "ROUND_DOWN",
    "ROUND_DOWN": "ROUND_UP",
}
Change = Callable[[ast.AST], None]


def changes_of(node: ast.AST) -> Iterator[tuple[str, Change]]:
    """What may be changed at one node: in words, and how."""
    if isinstance(node, ast.Compare):
        for place, operator in enumerate(node.ops):
            other = COMPARISONS[type(operator)]
            yield f"{type(operator).__name__} → {other.__name__}", _setter("ops", other(), place)
    elif isinstance(node, ast.BinOp) and type(node.op) in ARITHMETIC:
        other_op = ARITHMETIC[type(node.op)]
        yield f"{type(node.op).__name__} → {other_op.__name__}", _setter("op", other_op())
    elif isinstance(node, ast.BoolOp):
        swapped: ast.boolop = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield "and ↔ or", _setter("op", swapped)
    elif isinstance(node, ast.UnaryOp):
        yield (
            f"{type(node.op).__name__} dropped",
            _setter("op", ast.UAdd() if isinstance(node.op, ast.USub) else node.op),
        )
    elif isinstance(node, ast.If | ast.IfExp):
        for value in (True, False):
            yield f"condition → {value}", _setter("test", ast.Constant(value))
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | str) and not isinstance(node.value, bool):
        more = f"{node.value}x" if isinstance(node.value, str) else node.value + 1
        yield f"{node.value!r} → {more!r}", _setter("value", more)
    elif isinstance(node, ast.Name) and node.id in NAMES:
        yield f"{node.id} → {NAMES[node.id]}", _setter("id", NAMES[node.id])


def _setter(name: str, value: object, place: int | None = None) -> Change:
    def change(node: ast.AST) -> None:
        if place is None:
            setattr(node, name, value)
        else:
            getattr(node, name)[place] = value

    return change


def mutants(source: str) -> Iterator[tuple[str, ast.Module]]:
    """Every changed tree, with the line and the words of its change; docstrings and imports stay."""
    tree = ast.parse(source)
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for place, node in enumerate(ast.walk(tree)):
        if id(node) in docs:
            continue
        for words, change in changes_of(node):
            if words == "Not dropped":
                continue
            copy = deepcopy(tree)
            change(list(ast.walk(copy))[place])
            yield f"line {getattr(node, 'lineno', 0)}: {words}", ast.fix_missing_locations(copy)


def survives(mutant: ast.Module, tests: tuple[str, ...], *more: str) -> bool:
    """Whether the tests pass on it, in a process of its own."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1] == 0
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    try:
        module = importlib.import_module(TARGET)
        exec(compile(mutant, module.__file__ or TARGET, "exec"), module.__dict__)
        for name in DEPENDENT:
            importlib.reload(importlib.import_module(name))
        code = pytest.main(["-x", "-q", "-p", "pytest_django.plugin", "-p", "no:cacheprovider", *more, *tests])
    except BaseException:
        code = 1
    os._exit(0 if code == 0 else 1)


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # most of a short run would go into plugins nobody needs here
    os.chdir(ROOT)
    django.setup()
    for name in ("tests.factories", "hypothesis"):  # once, for every process
        importlib.import_module(name)
    source = (ROOT / f"{TARGET.replace('.', '/')}.py").read_text(encoding="utf-8")
    if not survives(ast.parse(source), QUICK, "-k", QUICK_ONLY):
        sys.exit("The tests fail on the unchanged module.")
    tried, left = 0, []
    for words, mutant in mutants(source):
        tried += 1
        if survives(mutant, QUICK, "-k", QUICK_ONLY):
            left.append((words, mutant))
    survivors = [words for words, mutant in left if survives(mutant, THOROUGH)]
    lines = [f"{tried} mutants, {tried - len(survivors)} noticed, {len(survivors)} survive", *survivors]
    sys.stdout.write("\n".join([*lines, ""]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
