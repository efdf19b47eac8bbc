"""A plan: the pairs, what they are worth, what was proven, and with which prices.

A plan is data. It measures itself from the pairs it holds and solves nothing. Two fields answer two questions:
``status`` says what is held, ``stopped_by`` says why the search ended.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from importlib.metadata import version
from typing import Any, Literal, Self

import numpy as np

from revmatch import __version__
from revmatch.certificate import Certificate
from revmatch.errors import ConfigError, InfeasibleError, NoPlanError, Problem
from revmatch.policy.goals import Goal
from revmatch.policy.sides import Ints, Side
from revmatch.policy.table import Table
from revmatch.programme import Programme
from revmatch.slot import Slot, local_starts, meetings_of, slots_of
from revmatch.strict_json import loads

FORMAT = "revmatch.plan/1"
StoppedBy = Literal["time", "gap", "interrupt", "callback", "engine_lost"]
Proof = Literal["prices", "cases", "engine"]


class Status(StrEnum):
    """What a plan holds."""

    #: A plan that is proven best in every goal.
    OPTIMAL = "OPTIMAL"
    #: A plan that keeps every rule and limit; its goals' bounds say how much better another could be.
    FEASIBLE = "FEASIBLE"
    #: The proof that no plan keeps every limit.
    INFEASIBLE = "INFEASIBLE"
    #: Neither a plan nor a proof that there is none.
    NOT_FOUND = "NOT_FOUND"


@dataclass(frozen=True, slots=True)
class Pair:
    """One pair of a plan.

    Parameters
    ----------
    mentor, mentee : str
        Ids.
    score : int or float
        What the pair is worth, in the unit of the policy's score.
    slot : Slot, optional
        When the two meet, where the policy has the limit `Meetings`.
    """

    mentor: str
    mentee: str
    score: int | float
    slot: Slot | None = None


@dataclass(frozen=True, slots=True)
class GoalValue:
    """What a plan reaches in one goal, and the best that any plan could that is as good in every goal before it.

    Parameters
    ----------
    name : str
        The goal as it is written in the policy.
    value : int or float or None
        None where there is no plan.
    bound : int or float or None
        Proven ceiling, of goals that are made small the proven floor; None where there is none.
    """

    name: str
    value: int | float | None
    bound: int | float | None

    @property
    def proven(self) -> bool:
        """Whether the value is the ceiling."""
        return self.value is not None and self.value == self.bound


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Plan:
    """Pairs, their worth, and what is proven about them; made by `match`.

    Parameters
    ----------
    programme : Programme
        What was asked.
    status : Status
        What is held.
    stopped_by : str or None
        Why the search ended before the proof: ``"time"``, ``"gap"``, ``"interrupt"``, ``"callback"``,
        ``"engine_lost"``; None if it did not.
    proof : str or None
        What OPTIMAL or INFEASIBLE rests on: ``"prices"``, ``"cases"`` or ``"engine"``.
    mentor_rows, mentee_rows, scores : ndarray of int64, shape (pairs,)
        The pairs by rows of ``programme.mentors`` and ``programme.mentees``, in the order of ids, and their scores
        in whole units.
    slots : ndarray of int64, shape (pairs,), optional
        When the first session of each pair begins: minutes on the mentee's clock from the Monday of `Meetings`, 00:00.
    bounds : tuple of int or None
        Proven ceiling of each goal in whole units; None where there is none.
    certificate : Certificate
    ties : bool or None
        Whether another plan is as good in every goal, so that the lot decided; None where that is not known.
    route : tuple of str
        Which engines ran, and why.
    seconds : float
    seed : int
        Of the lot that decides ties.
    gap_allowed : float
        The relative gap that was asked for.
    """

    programme: Programme
    status: Status
    stopped_by: StoppedBy | None
    proof: Proof | None
    mentor_rows: Ints
    mentee_rows: Ints
    scores: Ints
    bounds: tuple[int | None, ...]
    certificate: Certificate
    slots: Ints | None = None
    ties: bool | None = None
    route: tuple[str, ...] = ()
    seconds: float = 0.0
    seed: int = 0
    gap_allowed: float = 0.0
    _cache: dict[str, Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        for array in (self.mentor_rows, self.mentee_rows, self.scores):
            array.setflags(write=False)
        if self.slots is not None:
            self.slots.setflags(write=False)

    # -- what is held ---------------------------------------------------------------------------------------------

    @property
    def found(self) -> bool:
        """Whether there is a plan."""
        return self.status in (Status.OPTIMAL, Status.FEASIBLE)

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """The pairs, in the order of ids.

        Raises
        ------
        InfeasibleError
            RM160 with the diagnosis in words, where no plan exists.
        NoPlanError
            RM300, where none was found in time.
        """
        self._need_plan()
        if "pairs" not in self._cache:
            ids = (self.programme.mentors.ids[self.mentor_rows], self.programme.mentees.ids[self.mentee_rows])
            scores = [self._in_points(score) for score in self.scores.tolist()]
            pairs = zip(ids[0].tolist(), ids[1].tolist(), scores, self._slots(), strict=True)
            self._cache["pairs"] = tuple(Pair(*pair) for pair in pairs)
        held: tuple[Pair, ...] = self._cache["pairs"]
        return held

    @property
    def goals(self) -> tuple[GoalValue, ...]:
        """One record a goal: its name, the plan's value, the proven ceiling."""
        found = []
        for goal, bound in zip(self.programme.policy.goals, self.bounds, strict=True):
            value = self.measure(goal) if self.found else None
            found.append(GoalValue(str(goal), self._shown(goal, value), self._shown(goal, bound)))
        return tuple(found)

    @property
    def objective(self) -> int | float | None:
        """Value of the last goal; None where there is no plan."""
        return self.goals[-1].value

    @property
    def bound(self) -> int | float | None:
        """Ceiling of the last goal; None where there is none."""
        return self.goals[-1].bound

    @property
    def gap(self) -> float | None:
        """``|bound - value| / max(1, |value|)`` of the first goal that is not proven; 0.0 if all are."""
        if not self.found:
            return None
        for goal in self.goals:
            if not goal.proven:
                if goal.bound is None or goal.value is None:
                    return None
                return float(abs(goal.bound - goal.value) / max(1, abs(goal.value)))
        return 0.0

    @property
    def unmatched_mentors(self) -> tuple[str, ...]:
        """Ids of mentors who take part and have no partner, sorted."""
        return self._unmatched("mentor")

    @property
    def unmatched_mentees(self) -> tuple[str, ...]:
        """Ids of mentees who take part and have no partner, sorted."""
        return self._unmatched("mentee")

    @property
    def scale(self) -> int | float:
        """Whole units in one point: 1 unless scores were given that are not whole."""
        scale = self.programme.policy.score.scale
        return int(scale) if scale.denominator == 1 else float(scale)

    @property
    def rounding_error(self) -> float:
        """Most by which the total could fall short of the true optimum because scores were rounded once."""
        tables = [(w, term) for w, term in self.programme.policy.score.terms if isinstance(term, Table)]
        each = sum(abs(weight) * table.largest_error for weight, table in tables)
        return 2.0 * self.programme.sides().most_pairs * each

    def measure(self, goal: Goal) -> int:
        """Value of a goal in whole units, from the pairs."""
        return goal.value(self.programme.sides(), self.mentor_rows, self.mentee_rows, self.scores)

    def __repr__(self) -> str:
        if not self.found:
            return f"Plan({self.status})"
        return f"Plan({self.status}, {len(self.mentor_rows):,} pairs, objective {self.objective}, bound {self.bound})"

    def _repr_html_(self) -> str:
        from revmatch.report.html import plan_html

        return plan_html(self)

    # -- elsewhere ------------------------------------------------------------------------------------------------

    def to_frame(self) -> Any:
        """Pairs as a data frame of the flavour that came in: columns ``mentor``, ``mentee``, ``score``.

        With the limit `Meetings`, a column ``slot`` in words besides.

        Raises
        ------
        InfeasibleError, NoPlanError
            As `pairs`.
        MissingExtraError
            RM902 if people came from no data frame and no library for data frames is installed.
        """
        from revmatch.io.frames import plan_frame

        self._need_plan()
        return plan_frame(self)

    def to_networkx(self) -> Any:
        """Plan as a `networkx.Graph`: nodes ``("mentor", id)`` and ``("mentee", id)``, edges with ``score``.

        With the limit `Meetings`, edges have the `Slot` of the pair as ``slot``. Everybody who takes part is a node,
        with ``bipartite`` 0 for mentors and 1 for mentees.
        """
        from revmatch.io.graphs import plan_graph

        self._need_plan()
        return plan_graph(self)

    def to_ics(
        self,
        *,
        email: str | None = None,
        organiser: str | None = None,
        earlier: Mapping[str, str] | None = None,
        stamp: datetime | None = None,
    ) -> dict[str, str]:
        """Invitations to the meetings of all pairs: iCalendar texts, one recurring event a pair.

        Parameters
        ----------
        email : str, optional
            Column of everybody's e-mail address: both people are invited. Without it, events are published for whoever
            imports them.
        organiser : str, optional
            E-mail address of who invites; needed with `email`.
        earlier : mapping of str to str, optional
            What this gave for the plan before, by file name.
        stamp : datetime, optional
            When they are written; now, if not given.

        Returns
        -------
        dict of str to str
            Text of each file, by its name: those of the plan's pairs, as they were where nothing has changed; and those
            of earlier pairs that are no more, cancelled.

        Raises
        ------
        ConfigError
            RM182 for a plan without weekly times, or for an e-mail column without an organiser.
        InputError
            RM122 for people without an address, RM211 for earlier invitations that cannot be read.
        MissingExtraError
            RM902 if the package icalendar is not installed.
        """
        from revmatch.io.calendars.invitations import invitations

        self._need_plan()
        return invitations(self, email=email, organiser=organiser, earlier=earlier, stamp=stamp)

    def to_dict(self) -> dict[str, Any]:
        """Plain shape of the plan: ids, pairs, goals, proof and policy; nobody's columns."""
        programme = self.programme
        return {
            "format": FORMAT,
            "versions": {"revmatch": __version__, "ortools": version("ortools"), "numpy": np.__version__},
            "status": str(self.status),
            "stopped_by": self.stopped_by,
            "proof": self.proof,
            "seed": self.seed,
            "options": {"gap": self.gap_allowed},
            "goals": [{"name": g.name, "value": g.value, "bound": g.bound} for g in self.goals],
            "mentors": programme.mentors.ids[programme.mentors.id_order()].tolist(),
            "mentees": programme.mentees.ids[programme.mentees.id_order()].tolist(),
            "pairs": [[pair.mentor, pair.mentee, pair.score] for pair in self.pairs] if self.found else None,
            "slots": self._first_sessions() if self.found else None,
            "certificate": {
                "checked": self.certificate.checked,
                "records": [record.to_dict() for record in self.certificate],
            },
            "ties": self.ties,
            "policy": policy_record(programme),
            "pins": [pin.to_dict() for pin in sorted(programme.pins, key=lambda pin: (pin.mentor, pin.mentee))],
            "bans": sorted([mentor, mentee] for mentor, mentee in programme.bans),
            "history": sorted([mentor, mentee] for mentor, mentee in programme.history),
            "previous": sorted([mentor, mentee] for mentor, mentee in programme.previous),
            "dual_role": programme.dual_role,
            "unknown_manager": programme.unknown_manager,
            "inputs": programme.inputs(),
        }

    def to_json(self) -> str:
        """Plan as JSON text, the same bytes for the same plan; `from_json` reads it back."""
        return json.dumps(self.to_dict(), ensure_ascii=False, separators=(",", ":")) + "\n"

    @classmethod
    def from_json(cls, text: str, programme: Programme | None = None, place: str = "plan") -> Self:
        """Read a plan back, for the programme that it was made for.

        Parameters
        ----------
        text : str
            What `to_json` wrote.
        programme : Programme
            The same people and policy; a plan file holds no column of anybody.

        Raises
        ------
        ConfigError
            RM182 without a programme.
        InputError
            RM210 if the programme is another one than the plan was made for, RM211 for a file of another format,
            with unknown or missing parts, or cut off.
        """
        if programme is None:
            hint = "Plan.from_json(text, programme), or on the command line: revmatch verify plan.json"
            raise ConfigError(Problem("RM182", place, "a plan file holds no people: the programme is needed", hint))
        if not isinstance(programme, Programme):
            raise ConfigError(Problem("RM182", place, "expected a Programme after the text"))
        from revmatch.plan_file import check_values, read_plan

        data = loads(text, place)
        plan = cls(**read_plan(data, programme, place))
        check_values(data, plan, place)
        return plan

    # -- inside ---------------------------------------------------------------------------------------------------

    def _slots(self) -> Sequence[Slot | None]:
        limit = meetings_of(self.programme)
        if limit is None or self.slots is None:
            return [None] * len(self.scores)
        return slots_of(self.programme, limit, self.mentor_rows, self.mentee_rows, self.slots)

    def _first_sessions(self) -> list[str] | None:
        """Date and time of each pair's first session on the mentee's clock, as a file holds them."""
        limit = meetings_of(self.programme)
        return None if limit is None or self.slots is None else local_starts(limit, self.slots)

    def _unmatched(self, side: Side) -> tuple[str, ...]:
        self._need_plan()
        people = self.programme.of(side)
        rows = self.mentor_rows if side == "mentor" else self.mentee_rows
        alone = people.capacity > 0
        alone[rows] = False
        return tuple(sorted(people.ids[alone].tolist()))

    def _in_points(self, whole: int) -> int | float:
        scale: Fraction = self.programme.policy.score.scale
        return whole if scale == 1 else float(Fraction(whole) / scale)

    def _shown(self, goal: Goal, whole: int | None) -> int | float | None:
        if whole is None:
            return None
        return self._in_points(whole) if goal.in_score_units else goal.shown(whole, self.programme.sides())

    def _need_plan(self) -> None:
        if self.status is Status.INFEASIBLE:
            from revmatch.diagnosis import infeasible_in_words

            raise InfeasibleError(infeasible_in_words(self))
        if self.status is Status.NOT_FOUND:
            said = {"time": "in the time given", "callback": "before on_progress stopped the search"}
            when = said.get(str(self.stopped_by), "before the search was stopped")
            raise NoPlanError(Problem("RM300", "plan", f"no plan was found {when}", "let it run longer"))


def policy_record(programme: Programme) -> dict[str, Any]:
    """Policy in its plain shape; of a table of scores, the digest."""
    tables = [term for _, term in programme.policy.score.terms if isinstance(term, Table)]
    if not tables:
        return programme.policy.to_dict()
    digests = {"tables": [{"shape": list(table.shape), "sha256": table.digest()} for table in tables]}
    return programme.policy.replace(score=None).to_dict() | digests
