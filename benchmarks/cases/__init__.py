"""All cases: a file here registers its own when it is imported, and every file here is imported."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from harness.registry import CASES as CASES

for _found in sorted(iter_modules(__path__), key=lambda found: found.name):
    import_module(f"{__name__}.{_found.name}")
