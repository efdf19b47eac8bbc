"""`import revmatch` changes nothing in the process but its own name, and costs next to nothing."""

from __future__ import annotations

import importlib
import json
import pkgutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import revmatch

CONTRACT = [
    "read_csv", "People", "Policy", "Programme", "Plan", "Status", "match", "match_async", "check", "verify",
    "rules", "score", "limits", "goals", "datasets", "errors",
]  # fmt: skip
HEAVY = {"ortools", "pandas", "networkx", "scipy", "narwhals", "polars", "pyarrow"}

# Runs in a fresh process: looks at all that an import could change, does what it is told, and looks again.
PROBE = """
import json, logging, os, signal, sys, threading, warnings

def state():
    loggers = [logging.getLogger(), logging.getLogger("revmatch")]
    return {
        "signals": {int(s): str(signal.getsignal(s)) for s in signal.valid_signals()},
        "threads": threading.active_count(),
        "tasks": len(os.listdir("/proc/self/task")) if os.path.isdir("/proc/self/task") else None,
        "logging": [[logger.level, str(logger.handlers), logger.propagate, logger.disabled] for logger in loggers],
        "disabled": logging.root.manager.disable,
        "warnings": str(warnings.filters),
        "hooks": [str(sys.excepthook), str(sys.unraisablehook), str(sys.displayhook), str(threading.excepthook)],
        "streams": [str(sys.stdout), str(sys.stderr)],
        "environment": dict(os.environ),
        "directory": os.getcwd(),
    }

report, first, statements = sys.argv[1:]
exec(first)
before, had = state(), set(sys.modules)
exec(statements)
after, loaded = state(), sorted(set(sys.modules) - had)
with open(report, "w") as file:
    json.dump({"before": before, "after": after, "loaded": loaded}, file)
"""
EVERY_NAME = "import revmatch\nfor name in revmatch.__all__: getattr(revmatch, name)"


def in_fresh_process(statements: str, tmp_path: Path, *, first: str = "") -> dict[str, Any]:
    report = tmp_path / "report.json"
    done = subprocess.run(
        [sys.executable, "-c", PROBE, str(report), first, statements], capture_output=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    found = json.loads(report.read_text())
    assert isinstance(found, dict)
    return found


def roots(modules: list[str]) -> set[str]:
    return {module.partition(".")[0] for module in modules}


def test_import_prints_nothing_and_changes_nothing(tmp_path: Path) -> None:
    found = in_fresh_process("import revmatch", tmp_path)
    assert found["after"] == found["before"]
    assert found["after"]["threads"] == 1


def test_import_loads_nothing_that_numpy_would_not_load_too(tmp_path: Path) -> None:
    # So it cannot take longer than `import numpy`, but for a small file or two. The seconds: benchmarks/import_time.py.
    ours = set(in_fresh_process("import revmatch", tmp_path)["loaded"])
    numpys = set(in_fresh_process("import numpy", tmp_path)["loaded"])
    assert ours - numpys <= {"revmatch", "__future__"}
    assert not roots(sorted(ours)) & HEAVY


def test_using_every_public_name_loads_nothing_heavy_and_changes_nothing(tmp_path: Path) -> None:
    # NumPy is loaded before: its native threads and its warning filters are not our doing
    found = in_fresh_process(EVERY_NAME, tmp_path, first="import numpy")
    assert not roots(found["loaded"]) & HEAVY
    assert found["after"] == found["before"]


def test_public_names_are_those_of_the_contract() -> None:
    assert revmatch.__all__ == CONTRACT
    assert set(CONTRACT) <= set(dir(revmatch))


@pytest.mark.parametrize("name", CONTRACT)
def test_every_public_name_is_there(name: str) -> None:
    value = getattr(revmatch, name)
    assert value is getattr(revmatch, name)
    assert isinstance(value, ModuleType) == (name in {"rules", "score", "limits", "goals", "datasets", "errors"})


def test_names_that_checkers_see_are_those_that_run() -> None:
    source = Path(revmatch.__file__).read_text(encoding="utf-8")
    for name, (module, attribute) in revmatch._HOME.items():
        if attribute:
            line = f"from {module} import {attribute} as {name}\n"
        else:
            package, _, last = module.rpartition(".")
            line = f"from {package} import {last} as {name}\n"
        assert line in source


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'matsch'"):
        revmatch.matsch  # noqa: B018


def every_module() -> list[str]:
    found = pkgutil.walk_packages(revmatch.__path__, "revmatch.")
    return sorted(module.name for module in found if not module.name.endswith("__main__"))


def test_no_function_or_class_hides_a_module() -> None:
    # `import revmatch.solve.match as m` must give the module, and `revmatch.match` must stay the function.
    for name in revmatch.__all__:
        getattr(revmatch, name)
    hidden = []
    for name in every_module():
        module = importlib.import_module(name)
        package, _, last = name.rpartition(".")
        if getattr(sys.modules[package], last) is not module:
            hidden.append(name)
    assert hidden == []
    for name in revmatch.__all__:
        assert getattr(revmatch, name) is revmatch.__getattr__(name), f"a module took the place of revmatch.{name}"
