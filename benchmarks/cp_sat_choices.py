"""CP-SAT on one model as `match` asks it, with each choice of its settings left out in turn.

The model is the keyhole of the programme with all four limits: the pairs nearest to their prices, every row, a hint and
a ceiling. It is taken from `match` at the moment when it is asked, and written to a file.
"""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import whole_peers
from harness.registry import Answer, Contestant

JOB = "job.pickle"
#: Work for the engine that no run comes near: it then solves once, and not a second time to make sure.
UNLIMITED = 1e9


class _TakenError(Exception):
    """The model has been taken."""


def take(programme: Any, folder: Path) -> None:
    """Write what the keyhole asks of CP-SAT."""
    import revmatch as rm
    from revmatch.solve import exact

    taken: dict[str, Any] = {}
    ask = exact.ask

    def listening(search: Any, engine: Any, model: Any, goal: int, **options: Any) -> Any:
        if options.get("work") is None:
            return ask(search, engine, model, goal, **options)
        taken.update(model=model, goal=goal, hint=options["hint"], bound=options["bound"])
        raise _TakenError

    exact.ask = listening
    try:
        rm.match(programme)
        raise ValueError("match was done before it came to a keyhole: take a larger programme")
    except _TakenError:
        with (folder / JOB).open("wb") as file:
            pickle.dump(taken, file)
    finally:
        exact.ask = ask


def load(folder: Path) -> dict[str, Any]:
    from importlib import import_module

    import_module("ortools.sat.python.cp_model")
    with (folder / JOB).open("rb") as file:
        return dict(pickle.load(file))


def _ceiling_told(model: Any, job: Mapping[str, Any]) -> None:
    """The objective's domain ends at the ceiling; inside it is turned round to be made small."""
    model.proto.objective.domain.extend([-job["bound"], 1 << 60])


def _solver(settings: Mapping[str, Any], change: Callable[[Any], None] | None) -> Any:
    from ortools.sat.python import cp_model

    class Changed(cp_model.CpSolver):  # type: ignore[misc, unused-ignore]
        def solve(self, model: Any, *rest: Any) -> Any:
            for name, value in settings.items():
                setattr(self.parameters, name, value)
            if change:
                change(model)
            return super().solve(model, *rest)

    return Changed


def _contestant(
    name: str,
    *,
    without: tuple[str, ...] = (),
    change: Callable[[Any, Mapping[str, Any]], None] | None = None,
    **settings: Any,
) -> Contestant:
    def run(job: dict[str, Any]) -> Answer:
        from ortools.sat.python import cp_model

        from revmatch.engines.cpsat import CpSat
        from revmatch.engines.engine import Outcome

        start, found = time.perf_counter(), []
        options = {name: None if name in without else job[name] for name in ("hint", "bound")}
        kept = cp_model.CpSolver
        cp_model.CpSolver = _solver(settings, change and (lambda model: change(model, job)))
        model, goal = job["model"], job["goal"]

        def tell(pairs: Any) -> None:
            found.append((model.value(model.with_switches(pairs), goal), time.perf_counter() - start))

        try:
            answer = CpSat().solve(model, goal, **options, seconds=whole_peers.seconds(), work=UNLIMITED, found=tell)
        finally:
            cp_model.CpSolver = kept
        proven = answer.outcome is Outcome.OPTIMAL
        best, after = max(found, key=lambda known: (known[0], -known[1]), default=(None, 0.0))
        note = "no plan" if best is None else f"best plan after {after:.3g} s, ceiling {job['bound']:,}"
        return Answer(None if best is None else (best,), proven, note)

    return Contestant(name, load, run, ("ortools",), limit=whole_peers.seconds() + whole_peers.LATER)


US = _contestant("as it is")
CHOICES = (
    _contestant("linearization_level 1, the default", linearization_level=1),
    _contestant("presolve_inclusion_work_limit 100,000,000, the default", presolve_inclusion_work_limit=100_000_000),
    _contestant("no hint", without=("hint",)),
    _contestant("no ceiling", without=("bound",)),
    _contestant("ceiling as the objective's domain", change=_ceiling_told),
    _contestant("no presolve", cp_model_presolve=False),
    _contestant("4 workers", num_workers=4),
)
