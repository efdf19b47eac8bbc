"""Whatever is handed over is taken, or refused by name: arrays and frames answer neither yes nor no, fit nowhere."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

import revmatch as rm
from revmatch.errors import RevmatchError
from revmatch.policy.goals import Goal
from revmatch.policy.limits import Limit
from revmatch.policy.rules import Rule
from revmatch.policy.term import Term

PEOPLE = [{"id": "a", "department": "X", "site": "x"}, {"id": "b", "department": "Y", "site": "y"}]
PROGRAMME = rm.Programme(PEOPLE, [{"id": "s"}, {"id": "t"}], rm.Policy())
PLAN = rm.match(PROGRAMME)

STRANGE: tuple[Any, ...] = (
    None, True, -1, 10**30, 1.5, float("nan"), "", "a", b"mentor", ["a", ["b"]], {"a": 1}, {"a", "b"}, object(), type,
    range(3), slice(1, 2), pd.NA, np.array("mentor"), np.array(["mentor", "mentee"]), np.array([[1, 2], [3, 4]]),
    np.array([]), np.str_("mentor"), np.float64(2), pd.Series(["a", "b"]), pd.DataFrame({"a": [1]}),
    np.datetime64("2026-01-01"),
)  # fmt: skip


def doors() -> Iterator[tuple[str, Callable[[Any], Any]]]:
    """Every place where something can be handed over."""
    for field in dataclasses.fields(rm.Policy):
        yield f"Policy({field.name}=)", lambda value, name=field.name: rm.Policy(**{name: value})
    for name in ("order", "sensitive"):
        yield f"Policy({name}={{}})", lambda value, name=name: rm.Policy(**{name: {"site": value}})
    for name in (
        "mentors", "mentees", "policy", "organisation", "pins", "bans", "history", "previous", "dual_role",
        "unknown_manager", "by_position",
    ):  # fmt: skip
        yield f"replace({name}=)", lambda value, name=name: PROGRAMME.replace(**{name: value})
        yield f"replace({name}=[])", lambda value, name=name: PROGRAMME.replace(**{name: [value]})
    for name in ("scores", "mentor_capacity", "mentee_min_load", "forbidden"):
        yield (
            f"from_scores({name}=)",
            lambda value, name=name: rm.Programme.from_scores(**{"scores": [[1]], name: value}),
        )
    for name in ("programme", "time_limit", "gap", "seed", "workers", "verify", "executor", "on_progress"):
        yield f"match({name}=)", lambda value, name=name: rm.match(**{"programme": PROGRAMME, name: value})
    yield "verify(plan=)", rm.verify
    yield "verify(pairs=)", lambda value: rm.verify(PLAN, pairs=value)
    yield "Plan.from_json", lambda value: rm.Plan.from_json(PLAN.to_json(), value)
    yield "People.from_records", rm.People.from_records
    yield "a cell", lambda value: rm.People.from_records([{"id": "a", "site": value}])
    yield "read_csv", lambda value: rm.read_csv(value) if type(value) is not int and value is not True else None
    for name in ("index", "text", "where"):
        yield f"People.{name}", getattr(PROGRAMME.mentors, name)
    yield "People[]", PROGRAMME.mentors.__getitem__
    yield "Programme.of", PROGRAMME.of
    yield "Programme.bounds", PROGRAMME.bounds
    for family in (Rule, Term, Limit, Goal):
        for kind in filter(dataclasses.fields, family.registry.values()):
            yield f"{kind.__name__}()", kind


def taken(door: Callable[[Any], Any], value: Any) -> bool:
    """Whether a value is taken or refused by name."""
    try:
        door(value)
    except RevmatchError as error:
        return all(problem.place and problem.expected for problem in error.problems)
    except TypeError as error:  # a declaration without its other fields: Python says which
        return "required positional argument" in str(error)
    return True


@pytest.mark.parametrize(("name", "door"), [pytest.param(*door, id=door[0]) for door in doors()])
def test_what_is_strange_is_taken_or_refused_by_name(name: str, door: Callable[[Any], Any]) -> None:
    for value in STRANGE:
        if name != "match(on_progress=)" or not callable(value):  # a function of one's own fails as it likes
            assert taken(door, value), repr(value)
