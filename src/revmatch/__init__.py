"""Pairs the two sides of a reverse-mentoring programme, and proves that no better pairing exists.

Importing this package costs next to nothing: each public name loads its room when it is first used.

Examples
--------
>>> import revmatch as rm
>>> rm.rules.GradeGap(at_least=2)
GradeGap(at_least=2, at_most=None)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from revmatch import datasets as datasets
    from revmatch import errors as errors
    from revmatch.certify.verify import verify as verify
    from revmatch.explain.check import check as check
    from revmatch.io.csv import read_csv as read_csv
    from revmatch.people.people import People as People
    from revmatch.plan import Plan as Plan
    from revmatch.plan import Status as Status
    from revmatch.policy import goals as goals
    from revmatch.policy import limits as limits
    from revmatch.policy import rules as rules
    from revmatch.policy import score as score
    from revmatch.policy.policy import Policy as Policy
    from revmatch.programme import Programme as Programme
    from revmatch.solve.match import match as match
    from revmatch.solve.match_async import match_async as match_async

__version__ = "0.1.0"

__all__ = [
    "read_csv",
    "People",
    "Policy",
    "Programme",
    "Plan",
    "Status",
    "match",
    "match_async",
    "check",
    "verify",
    "rules",
    "score",
    "limits",
    "goals",
    "datasets",
    "errors",
]

# Where each public name lives: the module, and the name in it ("" stands for the module itself). Nobody may put a
# module beside this file whose name is that of a public function: `revmatch.match` must always be the function.
_HOME = {
    "read_csv": ("revmatch.io.csv", "read_csv"),
    "People": ("revmatch.people.people", "People"),
    "Policy": ("revmatch.policy.policy", "Policy"),
    "Programme": ("revmatch.programme", "Programme"),
    "Plan": ("revmatch.plan", "Plan"),
    "Status": ("revmatch.plan", "Status"),
    "match": ("revmatch.solve.match", "match"),
    "match_async": ("revmatch.solve.match_async", "match_async"),
    "check": ("revmatch.explain.check", "check"),
    "verify": ("revmatch.certify.verify", "verify"),
    "rules": ("revmatch.policy.rules", ""),
    "score": ("revmatch.policy.score", ""),
    "limits": ("revmatch.policy.limits", ""),
    "goals": ("revmatch.policy.goals", ""),
    "datasets": ("revmatch.datasets", ""),
    "errors": ("revmatch.errors", ""),
}

if not TYPE_CHECKING:  # a type checker reads the imports above instead, and so still sees misspelt names

    def __getattr__(name: str) -> object:
        """Load a public name when it is first asked for (PEP 562)."""
        if name not in _HOME:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        module, attribute = _HOME[name]
        value = import_module(module)
        if attribute:
            value = getattr(value, attribute)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    """The public names, loaded or not."""
    return sorted([*__all__, "__version__", "__doc__", "__name__", "__path__", "__file__"])
