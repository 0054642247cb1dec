"""Sizes that keep rooms small: files, functions, nesting. Loosened only by an ADR.

Names and module state below ``comfy_host/surface`` are what node packs rely on, so those two rules do not hold there.
"""

import ast
from itertools import chain
from pathlib import Path
from statistics import median

import pytest

SOURCE = Path(__file__).parents[2] / "src"
PACKAGES = ("limner", "comfy_host", "limner_client", "limner_mcp")
SURFACE = SOURCE / "comfy_host" / "surface"
FILE_LINES, MEDIAN_LINES = 400, 150
FUNCTION_LINES, USUAL_FUNCTION_LINES, USUAL_SHARE = 50, 30, 0.9
NESTING = 3
LEVELS = (ast.For, ast.AsyncFor, ast.While, ast.If, ast.With, ast.AsyncWith, ast.Try, ast.Match)


def files() -> list[Path]:
    """Source files; pure tables (``*_keys.py``) are exempt."""
    return sorted(path for package in PACKAGES for path in files_of(package))


def files_of(package: str) -> list[Path]:
    return [path for path in (SOURCE / package).rglob("*.py") if not path.name.endswith("_keys.py")]


def functions(package: str):
    for path in files_of(package):
        for item in ast.walk(ast.parse(path.read_text())):
            if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef):
                yield path, item


def length(function: ast.AST) -> int:
    """Lines of a function without its docstring."""
    body = function.body
    documented = isinstance(body[0], ast.Expr) and isinstance(getattr(body[0], "value", None), ast.Constant)
    documentation = body[0].end_lineno - body[0].lineno + 1 if documented else 0
    return function.end_lineno - function.lineno + 1 - documentation


def depth(statement: ast.AST) -> int:
    """Levels of blocks inside a statement; an ``elif`` is no level of its own."""
    deepest = 0
    for field, values in ast.iter_fields(statement):
        for child in values if isinstance(values, list) else [values]:
            if not isinstance(child, ast.AST) or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                continue
            is_elif = isinstance(statement, ast.If) and field == "orelse" and isinstance(child, ast.If)
            deepest = max(deepest, depth(child) + (isinstance(child, LEVELS) and not is_elif))
    return deepest


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_file_is_a_room_not_a_hall(path):
    assert len(path.read_text().splitlines()) <= FILE_LINES


@pytest.mark.parametrize("package", PACKAGES)
def test_median_file_is_small(package):
    assert median(len(path.read_text().splitlines()) for path in files_of(package)) <= MEDIAN_LINES


@pytest.mark.parametrize("package", PACKAGES)
def test_functions_are_short(package):
    lengths = {
        f"{path.relative_to(SOURCE)}:{item.lineno}:{item.name}": length(item) for path, item in functions(package)
    }
    assert not {name: lines for name, lines in lengths.items() if lines > FUNCTION_LINES}
    usual = sum(lines <= USUAL_FUNCTION_LINES for lines in lengths.values())
    assert usual / len(lengths) >= USUAL_SHARE


@pytest.mark.parametrize("package", PACKAGES)
def test_blocks_are_shallow(package):
    depths = {f"{path.relative_to(SOURCE)}:{item.lineno}:{item.name}": depth(item) for path, item in functions(package)}
    assert not {name: levels for name, levels in depths.items() if levels > NESTING}


def rooms_of_ours() -> list[Path]:
    return [path for path in files() if not path.is_relative_to(SURFACE)]


def test_no_mutable_module_state():
    """Module-level names are constants: no bare lists, dicts or sets that somebody could fill."""
    found = []
    for path in rooms_of_ours():
        tree = ast.parse(path.read_text())
        for item in chain(tree.body):
            value = getattr(item, "value", None)
            targets = item.targets if isinstance(item, ast.Assign) else [getattr(item, "target", None)]
            empty = isinstance(value, ast.List | ast.Dict | ast.Set) and not ast.unparse(value).strip("[]{}")
            if isinstance(item, ast.Assign | ast.AnnAssign) and empty:
                found.append(f"{path.relative_to(SOURCE)}: {ast.unparse(targets[0])}")
            if any(isinstance(inner, ast.Global) for inner in ast.walk(item)):
                found.append(f"{path.relative_to(SOURCE)}: global in {getattr(item, 'name', '?')}")
    assert not found


BANNED = {"utils", "helpers", "common", "manager", "base", "misc"}


def test_names_say_what_a_room_is():
    folders = {folder for path in rooms_of_ours() for folder in path.relative_to(SOURCE).parents}
    assert not [path for path in (*rooms_of_ours(), *folders) if path.stem in BANNED]
