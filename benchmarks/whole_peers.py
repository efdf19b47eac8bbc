"""Solvers that are given a problem with limits whole: every eligible pair is a column. The scores cost them nothing.

Each has a time of its own after which it says what it has: its answer, and what it knows that no answer can exceed.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness.registry import Answer, Contestant

#: Seconds for a solver, unless the environment says otherwise; its process is ended some time later, as not every
#: solver looks at its clock while it presolves.
SECONDS, LATER = 300.0, 300.0
VARIABLE = "BENCHMARKS_SECONDS"
#: Share of the memory that is free when a peer begins that it may take: it shall fail, and not the machine.
SHARE = 0.8


def seconds() -> float:
    return float(os.environ.get(VARIABLE, SECONDS))


def loaded(whole: str, *modules: str) -> Callable[[Path], Any]:
    """Reads the columns, by the module that made them, and imports what the peer needs."""

    def load(folder: Path) -> Any:
        from importlib import import_module

        for module in modules:
            import_module(module)
        _cap_memory()
        return import_module(whole).Whole.load(folder)

    return load


def _cap_memory() -> None:
    import resource

    try:
        words = Path("/proc/meminfo").read_text(encoding="ascii").split()
    except OSError:
        return
    free = 1024 * int(words[words.index("MemAvailable:") + 1])
    used = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + int(SHARE * free), resource.RLIM_INFINITY))


def _answer(value: int | None, bound: float, *, proven: bool) -> Answer:
    """An answer, with its gap where there is no proof."""
    if proven:
        return Answer(() if value is None else (value,))
    if value is None:
        return Answer(proven=False, note=f"no plan, at most {bound:,.0f} said")
    gap = (bound - value) / max(1, abs(value))
    return Answer((value,), proven=False, note=f"gap {100 * gap:.3g} % after {seconds():g} s")


def _cpsat(at: Any, workers: int) -> Answer:
    import numpy as np
    from ortools.sat.python import cp_model

    rows = at.rows()
    model = cp_model.CpModel()
    columns = [model.new_bool_var("") for _ in range(len(at.i) + rows.switches)]
    begins = np.searchsorted(rows.row, np.arange(len(rows.low) + 1)).tolist()
    column, coefficient = rows.column.tolist(), rows.coefficient.tolist()
    for k, (low, high) in enumerate(zip(rows.low.tolist(), rows.high.tolist(), strict=True)):
        part = slice(begins[k], begins[k + 1])
        own = [columns[c] for c in column[part]]
        if high == 1 and all(a == 1 for a in coefficient[part]):
            model.add_at_most_one(own)
            continue
        total = cp_model.LinearExpr.weighted_sum(own, coefficient[part])
        model.add(total >= int(low) if low > -np.inf else total <= int(high))
    model.maximize(cp_model.LinearExpr.weighted_sum(columns[: len(at.i)], at.score.tolist()))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds()
    if workers:
        solver.parameters.num_workers = workers
    status = solver.solve(model)
    found = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    value = round(solver.objective_value) if found else None
    return _answer(value, solver.best_objective_bound, proven=status == cp_model.OPTIMAL)


def _highs(at: Any) -> Answer:
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array

    rows = at.rows()
    width = len(at.i) + rows.switches
    table = csr_array((rows.coefficient.astype(float), (rows.row, rows.column)), shape=(len(rows.low), width))
    found = milp(
        np.concatenate([-at.score, np.zeros(rows.switches)]),
        integrality=np.ones(width),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(table, rows.low, rows.high),
        options={"time_limit": seconds(), "mip_rel_gap": 0.0},
    )
    value = None if found.x is None else int(at.score[found.x[: len(at.i)] > 0.5].sum())
    bound = float("inf") if found.mip_dual_bound is None else -found.mip_dual_bound
    return _answer(value, bound, proven=found.status == 0)


def of(whole: str, repeats: int = 1) -> tuple[Contestant, Contestant, Contestant]:
    """CP-SAT as it comes, HiGHS, and CP-SAT with one worker, on what a module has as `Whole`."""

    def peer(name: str, run: Callable[[Any], Answer], needs: str, module: str) -> Contestant:
        return Contestant(name, loaded(whole, module, "numpy"), run, (needs,), repeats=repeats, limit=seconds() + LATER)

    cp_model = "ortools.sat.python.cp_model"
    return (
        peer("whole CP-SAT", lambda at: _cpsat(at, 0), "ortools", cp_model),
        peer("whole HiGHS", _highs, "scipy", "scipy.optimize"),
        peer("whole CP-SAT, one worker", lambda at: _cpsat(at, 1), "ortools", cp_model),
    )


CPSAT, HIGHS, CPSAT_ALONE = of("workforce")
