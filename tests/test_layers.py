"""The layer contract: data flows one way, and a file imports only from rooms before its own.

Read from the source, not from what happens to be loaded, so imports inside functions count too.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "revmatch"

ROOMS = [
    "errors", "given", "notation", "strict_json", "people", "policy", "programme", "plan", "certify", "graph", "model",
    "engines", "solve", "explain", "datasets", "io", "report", "cli", "__main__",
]  # fmt: skip

#: Files beside the room that they are a part of; inside a room, files import each other as they like.
PART_OF = {
    "pins": "programme",
    "programme_checks": "programme",
    "limit_checks": "programme",
    "pin_checks": "programme",
    "certificate": "plan",
    "slot": "plan",
    "plan_file": "plan",
    "diagnosis": "plan",
    "made_up": "datasets",
}

#: The checker shares no code with what it checks.
CERTIFY_MAY_IMPORT = {"errors", "people", "policy", "programme", "plan", "certify"}

#: Never at the top of a file: a user pays for these when they are first used, and not before.
HEAVY = {
    "ortools",
    "pandas",
    "networkx",
    "scipy",
    "narwhals",
    "polars",
    "pyarrow",
    "icalendar",
    "recurring_ical_events",
}

#: These may reach up, inside the call: `plan.to_frame()` is asked of the plan, yet needs a later room.
REACHES_UP = re.compile(r"to_frame|to_networkx|to_ics|with_busy|_repr_\w+_")


@dataclass(frozen=True, slots=True)
class Import:
    module: str  # dotted, absolute
    line: int
    function: str  # name of the innermost function that it stands in, "" at the top of the file
    for_types: bool  # under `if TYPE_CHECKING:`


def imports_of(source: str, module: str, *, package: bool = False) -> Iterator[Import]:
    """Every import of a file: statements, and `import_module("...")` with the name written out."""

    def visit(node: ast.AST, function: str, for_types: bool) -> Iterator[Import]:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            function = node.name
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = module.split(".")
                parts = parts[: len(parts) - node.level + (1 if package else 0)]
                base = ".".join([*parts, *([base] if base else [])])
            # `from revmatch import people` and `from revmatch.people import org` may both name modules
            names = [f"{base}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in {"import_module", "__import__"} and node.args and isinstance(node.args[0], ast.Constant):
                names = [str(node.args[0].value)]
        for name in names:
            yield Import(name, getattr(node, "lineno", 0), function, for_types)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in {
            getattr(node.test, "id", ""),
            getattr(node.test, "attr", ""),
        }:
            for child in node.body:
                yield from visit(child, function, True)
            for child in node.orelse:
                yield from visit(child, function, for_types)
            return
        for child in ast.iter_child_nodes(node):
            yield from visit(child, function, for_types)

    yield from visit(ast.parse(source), "", False)


def room_of(module: str) -> str:
    """Which room of revmatch a dotted name is in; "" for the package itself."""
    name = module.split(".")[1] if module.count(".") else ""
    return PART_OF.get(name, name)


def complaints(source: str, module: str, *, package: bool = False) -> list[str]:
    """What a file does against the layer contract, with the line."""
    here = room_of(module)
    found = []
    for item in imports_of(source, module, package=package):
        root = item.module.partition(".")[0]
        where = f"{module}:{item.line}"
        if here == "certify" and not (
            (root == "revmatch" and room_of(item.module) in CERTIFY_MAY_IMPORT)
            or root == "numpy"
            or root in sys.stdlib_module_names
        ):
            found.append(f"{where}: the checker may not import {item.module}")
        if root in HEAVY and not item.function and not item.for_types:
            found.append(f"{where}: {item.module} must be imported where it is used, not at the top")
        if root != "revmatch" or REACHES_UP.fullmatch(item.function):
            continue
        there = room_of(item.module)
        if there == "__version__":
            continue
        if there not in ROOMS:
            found.append(f"{where}: import from a room, not {item.module}")
        elif ROOMS.index(there) > ROOMS.index(here):
            found.append(f"{where}: {here} comes before {there}, so it may not import {item.module}")
    return found


def files() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def module_name(path: Path) -> str:
    parts = ["revmatch", *path.relative_to(SOURCE).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = [pytest.param(path, id=module_name(path)) for path in files() if path != SOURCE / "__init__.py"]


@pytest.mark.parametrize("path", FILES)
def test_imports_only_from_rooms_before(path: Path) -> None:
    module = module_name(path)
    assert room_of(module) in ROOMS, f"{module} is in no room: give it a place in the order of ROOMS"
    assert complaints(path.read_text(encoding="utf-8"), module, package=path.name == "__init__.py") == []


def test_the_package_itself_imports_its_rooms_for_types_only() -> None:
    path = SOURCE / "__init__.py"
    for item in imports_of(path.read_text(encoding="utf-8"), "revmatch", package=True):
        root = item.module.partition(".")[0]
        assert root in sys.stdlib_module_names or (root == "revmatch" and item.for_types), item


def test_what_is_imported_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    declared = {re.split(r"[^\w-]", text)[0].lower().replace("-", "_") for text in project["dependencies"]}
    optional = {re.split(r"[^\w-]", text)[0].lower().replace("-", "_") for text in extras["test"]}
    undeclared = []
    for path in files():
        for item in imports_of(path.read_text(encoding="utf-8"), module_name(path), package=path.name == "__init__.py"):
            root = item.module.partition(".")[0]
            known = root in declared or root == "revmatch" or root in sys.stdlib_module_names
            # what only some users have may be named for types, or inside a call that finds it missing
            if not known and not (root in HEAVY & optional and (item.for_types or item.function)):
                undeclared.append(f"{module_name(path)}:{item.line}: {item.module}")
    assert undeclared == []


def test_the_story_has_no_unknown_folder() -> None:
    found = {path.stem for path in SOURCE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert found - {"__init__"} <= {*ROOMS, *PART_OF}
    loose = [str(path) for path in files() if path.parent != SOURCE and not (path.parent / "__init__.py").exists()]
    assert loose == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("revmatch.people.people", "from revmatch.policy import rules"),
        ("revmatch.people.people", "from revmatch import policy"),
        ("revmatch.people.people", "from ..policy import rules"),
        ("revmatch.people.people", "def f():\n    import revmatch.graph.tiles"),
        ("revmatch.people.people", "import importlib\nimportlib.import_module('revmatch.cli')"),
        ("revmatch.people.people", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import revmatch.plan"),
        ("revmatch.solve.match", "from revmatch import Plan"),
        ("revmatch.solve.match", "import revmatch"),
        ("revmatch.certify.verify", "from revmatch.graph import tiles"),
        ("revmatch.certify.verify", "from revmatch.notation import lex"),
        ("revmatch.certify.verify", "def f():\n    import ortools"),
        ("revmatch.certify.verify", "def to_frame():\n    import narwhals"),
        ("revmatch.engines.flow", "from ortools.graph.python import min_cost_flow"),
        ("revmatch.engines.flow", "try:\n    import pandas\nexcept ImportError:\n    pandas = None"),
        ("revmatch.engines.flow", "class A:\n    import scipy.sparse"),
    ],
)
def test_the_contract_sees(module: str, source: str) -> None:
    assert complaints(source, module)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("revmatch.policy.rules", "import numpy as np\nfrom revmatch.people import org\nfrom . import score"),
        ("revmatch.plan", "class Plan:\n    def to_frame(self):\n        from revmatch.io import frames"),
        ("revmatch.plan", "class Plan:\n    def _repr_html_(self):\n        from revmatch.report import page"),
        ("revmatch.plan", "from revmatch import __version__"),
        ("revmatch.engines.flow", "def f():\n    from ortools.graph.python import min_cost_flow"),
        ("revmatch.engines.flow", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import ortools"),
        ("revmatch.certify.verify", "import fractions\nimport numpy\nfrom revmatch.people.people import People"),
    ],
)
def test_the_contract_allows(module: str, source: str) -> None:
    assert complaints(source, module) == []
