"""A programme: who takes part, under which policy, and what is already decided.

A `Programme` is frozen. Everything that can be known to be wrong is refused when it is made, all of it at once; after
that, every pair has one meaning and every column that the policy needs is there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt

from revmatch.errors import ConfigError, InputError, LimitError, PolicyError, Problem, Problems, did_you_mean
from revmatch.given import as_array, as_list, is_one_of
from revmatch.people.load import MOST_PARTNERS
from revmatch.people.org import ReportingLines
from revmatch.people.people import People
from revmatch.pins import Pin, read_pair
from revmatch.policy.policy import Policy
from revmatch.policy.rules import OutsideReportingLine
from revmatch.policy.sides import Ints, Side, Sides
from revmatch.policy.table import Table
from revmatch.policy.term import Term
from revmatch.strict_json import loads

#: People that `Programme.from_scores` makes at most.
MOST_NUMBERED = 10_000_000
FORMAT = "revmatch.programme/1"


@dataclass(frozen=True, slots=True, init=False)
class Programme:
    """Who takes part, under which policy, and what is already decided.

    Parameters
    ----------
    mentors, mentees : People, data frame or list of dicts
        The junior and the senior side.
    policy : Policy
        Rules, score, limits and goals.
    organisation : People, data frame or list of dicts, optional
        Everybody, taking part or not: gives the reporting lines, and lends a column that the sides lack, by id.
    pins : iterable
        Pairs that must be in the plan: ``(mentor, mentee)``, or a mapping with ``despite`` and ``reason`` for a pair
        that a rule forbids.
    bans, history : iterable of (mentor, mentee)
        Pairs that must not be in the plan; pairs that were made before (see `NotPairedBefore`).
    previous : Plan, or iterable of (mentor, mentee)
        The plan before this one (see `LeastChange`). Its people may have left; a pair that is listed twice counts once.
    dual_role : bool
        Whether one person may be on both sides.
    unknown_manager : {"refuse", "allow"}
        What to do with managers who are in no file: refuse, or take the line as not stated.

    Raises
    ------
    InputError, PolicyError
        Everything that is wrong with people, pins, bans, history, and with the policy for these people, at once.

    Examples
    --------
    >>> mentors = [{"id": "j1", "department": "IT"}, {"id": "j2", "department": "HR"}]
    >>> mentees = [{"id": "s1", "department": "HR"}]
    >>> programme = Programme(mentors, mentees, Policy(rules=["DifferentDepartment"]))
    >>> len(programme.mentors), len(programme.mentees)
    (2, 1)
    """

    mentors: People
    mentees: People
    policy: Policy
    organisation: People | None
    pins: tuple[Pin, ...]
    bans: tuple[tuple[str, str], ...]
    history: tuple[tuple[str, str], ...]
    previous: tuple[tuple[str, str], ...]
    dual_role: bool
    unknown_manager: Literal["refuse", "allow"]
    #: The sides are different people whatever their ids (programmes made from scores).
    by_position: bool
    lines: ReportingLines = field(compare=False)
    mentor_lines: Ints = field(compare=False)
    mentee_lines: Ints = field(compare=False)

    def __init__(
        self,
        mentors: Any,
        mentees: Any,
        policy: Policy | None = None,
        *,
        organisation: Any = None,
        pins: Iterable[Any] = (),
        bans: Iterable[Any] = (),
        history: Iterable[Any] = (),
        previous: Any = (),
        dual_role: bool = False,
        unknown_manager: Literal["refuse", "allow"] = "refuse",
        by_position: bool = False,
    ) -> None:
        from revmatch import programme_checks

        policy = Policy() if policy is None else policy
        if not isinstance(policy, Policy):
            raise PolicyError(Problem("RM180", "policy", "expected a Policy", "Policy.from_toml reads a text"))
        if not is_one_of(unknown_manager, "refuse", "allow"):
            raise PolicyError(Problem("RM180", "unknown_manager", 'expected "refuse" or "allow"'))
        everybody = None if organisation is None else as_people(organisation, "organisation")
        for name, given in (("dual_role", dual_role), ("by_position", by_position)):
            if not isinstance(given, bool):
                raise PolicyError(Problem("RM180", name, "expected True or False"))
        sides = [
            as_people(given, f"{side}s") if not _is_empty_list(given) else _nobody(columns, f"{side}s")
            for given, (side, columns) in zip((mentors, mentees), policy.columns().items(), strict=True)
        ]
        if everybody is not None:
            sides = [side.with_lent_columns(everybody) for side in sides]
        lines, mentor_lines, mentee_lines = _join_lines(sides[0], sides[1], everybody, policy, by_position)
        values = {
            "mentors": sides[0],
            "mentees": sides[1],
            "policy": policy,
            "organisation": everybody,
            **_read_lists(
                {
                    "pins": (Pin.read, pins),
                    "bans": (read_pair, bans),
                    "history": (read_pair, history),
                    "previous": (read_pair, _pairs_of(previous)),
                }
            ),
            "dual_role": dual_role,
            "unknown_manager": unknown_manager,
            "by_position": by_position,
            "lines": lines,
            "mentor_lines": mentor_lines,
            "mentee_lines": mentee_lines,
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)
        object.__setattr__(self, "previous", tuple(dict.fromkeys(self.previous)))
        programme_checks.check(self)

    @classmethod
    def from_scores(
        cls,
        scores: Any,
        *,
        policy: Policy | None = None,
        mentor_capacity: Any = 1,
        mentee_capacity: Any = 1,
        mentor_min_load: Any = 0,
        mentee_min_load: Any = 0,
        forbidden: Any = None,
        scale: Any = None,
    ) -> Self:
        """Make a programme from a table of scores, without describing people.

        Parameters
        ----------
        scores : array_like or sparse matrix, shape (n, m)
            Row i, column j: what it is worth to pair mentor ``str(i)`` with mentee ``str(j)``. An entry that is absent
            from a sparse matrix forbids the pair.
        policy : Policy, optional
            Gives goals and limits only.
        mentor_capacity, mentee_capacity, mentor_min_load, mentee_min_load : int or array_like of int
            One number for all, or one for each.
        forbidden : array_like of bool, shape (n, m), optional
        scale : number, optional
            See `revmatch.score.Table`.

        Returns
        -------
        Programme

        Raises
        ------
        InputError, PolicyError, ScaleError
            For bounds, scores and shapes that make no sense.

        Examples
        --------
        >>> Programme.from_scores([[3, 1], [2, 5]]).mentors.ids.tolist()
        ['0', '1']
        """
        table = Table(scores, scale, forbidden)
        policy = Policy() if policy is None else policy
        if not isinstance(policy, Policy):
            raise PolicyError(Problem("RM180", "policy", "expected a Policy", "Policy.from_toml reads a text"))
        if policy.all_rules() or policy.score.terms:
            raise PolicyError(
                Problem("RM180", "policy", "from_scores takes goals and limits only", "forbid pairs with forbidden=")
            )
        n, m = table.shape
        if n + m > MOST_NUMBERED:
            what = f"{n + m:,} people are more than {MOST_NUMBERED:,}"
            raise LimitError(Problem("RM190", "scores", what, "leave out people who have no pair"))
        mentors = _numbered_people(n, mentor_capacity, mentor_min_load, "mentor")
        mentees = _numbered_people(m, mentee_capacity, mentee_min_load, "mentee")
        return cls(mentors, mentees, policy.replace(score=table), by_position=True)

    # -- as the later rooms read it -------------------------------------------------------------------------------

    def of(self, side: Side) -> People:
        """The people of one side."""
        if not is_one_of(side, "mentor", "mentee"):
            raise ConfigError(Problem("RM180", "side", 'expected "mentor" or "mentee"'))
        return self.mentors if side == "mentor" else self.mentees

    def sides(self, mentor_order: Ints | None = None, mentee_order: Ints | None = None) -> Sides:
        """Both sides, in the order of their rows or in the orders given.

        Parameters
        ----------
        mentor_order, mentee_order : ndarray of int64, optional
            Rows of mentors and of mentees in the order that is wanted.
        """
        rows = np.arange(len(self.mentors)) if mentor_order is None else mentor_order
        cols = np.arange(len(self.mentees)) if mentee_order is None else mentee_order
        mentors = self.mentors if mentor_order is None else self.mentors.take(rows)
        mentees = self.mentees if mentee_order is None else self.mentees.take(cols)
        return Sides(
            mentors=mentors,
            mentees=mentees,
            lines=self.lines,
            mentor_lines=self.mentor_lines[rows],
            mentee_lines=self.mentee_lines[cols],
            order=self.policy.order,
            history=positions(mentors, mentees, self.history),
            previous=positions(mentors, mentees, self.previous),
            previous_pairs=len(self.previous),
            positions=(rows.astype(np.int64), cols.astype(np.int64)),
        )

    def bounds(self, side: Side) -> tuple[Ints, Ints]:
        """Fewest and most partners of each person of a side; both 0 for who takes no part."""
        people = self.of(side)
        least = people.min_load.copy()
        for limit in self.policy.limits:
            np.maximum(least, limit.least_partners(side), out=least)
        return np.where(people.capacity > 0, least, 0), people.capacity.copy()

    def numbers(self, side: Side) -> tuple[Ints, Ints]:
        """The same with circles looked at: fewest is that of a circle for who must have one."""
        least, most = self.bounds(side)
        for limit in self.policy.limits:
            if room := limit.partners(side):
                least = np.where(least > 0, np.maximum(least, room[0]), 0)
                most = np.where(most < room[0], 0, np.minimum(most, room[1]))
        return least, most

    def forbidden_pairs(self) -> list[tuple[str, str]]:
        """Pairs ruled out one by one: bans, and people whom either side avoids."""
        found = list(self.bans)
        sides: tuple[Side, Side] = ("mentor", "mentee")
        for side in sides:
            people = self.of(side)
            if "avoid" not in people:
                continue
            for own, other in people.listed_ids("avoid"):
                found.append((own, other) if side == "mentor" else (other, own))
        return found

    def replace(self, **changes: Any) -> Self:
        """Return the same programme with some parts changed.

        Raises
        ------
        PolicyError
            RM135 for a part that does not exist, and what `Programme` raises.
        """
        parts = self._parts()
        for key in changes:
            if key not in parts:
                hint = did_you_mean(key, parts)
                raise PolicyError(Problem("RM135", f"replace.{key}", "this is no part of a programme", hint))
        return type(self)(**{**parts, **changes})

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), self._parts())

    def __repr__(self) -> str:
        return f"Programme({len(self.mentors):,} mentors, {len(self.mentees):,} mentees)"

    def _parts(self) -> dict[str, Any]:
        names = ("mentors", "mentees", "policy", "organisation", "pins", "bans", "history", "previous")
        return {name: getattr(self, name) for name in (*names, "dual_role", "unknown_manager", "by_position")}

    # -- files ----------------------------------------------------------------------------------------------------

    def inputs(self) -> list[dict[str, Any]]:
        """Where the people came from: a record an input, with the digest of its content."""
        found = []
        for role, people in (("mentors", self.mentors), ("mentees", self.mentees), ("organisation", self.organisation)):
            if people is not None:
                source = people.source
                found.append(
                    {"role": role, "path": source.path, "selection": source.selection, "sha256": people.digest()}
                )
        return found

    def to_json(self) -> str:
        """People and policy whole, as JSON text; `from_json` gives the same programme back."""
        rosters: list[People] = []
        for people in (self.organisation, self.mentors, self.mentees):
            if people is not None and not any(people.same_roster(roster) for roster in rosters):
                rosters.append(people.roster)

        def selection(people: People) -> dict[str, Any]:
            at = next(k for k, roster in enumerate(rosters) if people.same_roster(roster))
            # a table of scores goes by position: a roster in another order is not the whole roster
            whole = np.array_equal(people.roster_rows, np.arange(len(rosters[at])))
            return {"roster": at} if whole else {"roster": at, "rows": people.roster_rows.tolist()}

        tables = any(isinstance(term, Table) for _, term in self.policy.score.terms)
        policy = self.policy.replace(score=None) if tables else self.policy
        data = {
            "format": FORMAT,
            "rosters": [{name: cells.tolist() for name, cells in r.to_columns().items()} for r in rosters],
            "mentors": selection(self.mentors),
            "mentees": selection(self.mentees),
            "organisation": None if self.organisation is None else selection(self.organisation),
            "policy": policy.to_dict(),
            "score": [_term_record(*part) for part in self.policy.score.terms] if tables else None,
            "pins": [pin.to_dict() for pin in self.pins],
            "bans": [list(pair) for pair in self.bans],
            "history": [list(pair) for pair in self.history],
            "previous": [list(pair) for pair in self.previous],
            "dual_role": self.dual_role,
            "unknown_manager": self.unknown_manager,
            "by_position": self.by_position,
        }
        return json.dumps(data, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str, place: str = "programme") -> Self:
        """Programme from the text that `to_json` wrote.

        Raises
        ------
        InputError
            RM211 for another format, unknown or missing parts, or a file that is cut off.
        """
        from revmatch.programme_checks import read_parts

        return cls(**read_parts(loads(text, place), place))


def _pairs_of(given: Any) -> Any:
    """The pairs of a plan; anything else as it is."""
    # a plan is of a later room, and no list of pairs has pairs
    return given.pairs if hasattr(given, "pairs") else given


def _read_lists(lists: Mapping[str, tuple[Callable[[object, str], Any], Any]]) -> dict[str, tuple[Any, ...]]:
    """Pins and pairs as they were given; everything that cannot be read is reported at once."""
    problems, found = Problems(), {}
    for name, (read, items) in lists.items():
        listed = as_list(items)
        if listed is None:
            problems.add("RM143", name, "expected a list of pairs: (mentor's id, mentee's id)")
            continue
        read_items = []
        for k, item in enumerate(listed):
            try:
                read_items.append(read(item, f"{name}[{k}]"))
            except InputError as error:
                problems.extend(error)
        found[name] = tuple(read_items)
    problems.raise_as(InputError)
    return found


def _term_record(weight: int, term: Term) -> dict[str, Any]:
    """A weighted term, as a programme file holds it where there are tables of scores."""
    said = {"table": term.to_json_dict()} if isinstance(term, Table) else {"term": str(term)}
    return {"weight": weight, **said}


def _restore(kind: type[Programme], parts: dict[str, Any]) -> Programme:
    return kind(**parts)


def as_people(given: Any, place: str) -> People:
    """People as they are, or read from a data frame or a list of dicts."""
    if isinstance(given, People):
        return given
    if isinstance(given, list | tuple):
        return People.from_records(given, place=place)
    return People.from_frame(given, place=place)


def _is_empty_list(given: Any) -> bool:
    return isinstance(given, list | tuple) and not given


def _nobody(columns: Iterable[str], place: str) -> People:
    """A side without anybody, which lacks no column: an empty list has no headings to be wrong."""
    return People.from_columns({column: [] for column in {"id": None, **dict.fromkeys(columns)}}, place=place)


def _numbered_people(count: int, capacity: Any, min_load: Any, side: Side) -> People:
    columns: dict[str, npt.NDArray[Any]] = {"id": np.array([str(k) for k in range(count)], dtype=object)}
    for name, given in (("capacity", capacity), ("min_load", min_load)):
        values = as_array(given)
        if values is None or values.ndim > 1 or (values.ndim == 1 and len(values) != count):
            raise InputError(Problem("RM150", f"{side}_{name}", f"expected one number, or {count} of them"))
        if values.dtype.kind not in "iu" and values.size:
            raise InputError(Problem("RM150", f"{side}_{name}", "expected whole numbers"))
        if values.size and (values.min() < 0 or values.max() > MOST_PARTNERS):
            expected = f"expected whole numbers from 0 to {MOST_PARTNERS:,}"
            raise InputError(Problem("RM150", f"{side}_{name}", expected, "0 takes no part"))
        columns[name] = np.broadcast_to(values, (count,)).astype(object)
    return People.from_columns(columns, place=f"{side}s")


def _join_lines(
    mentors: People, mentees: People, organisation: People | None, policy: Policy, by_position: bool
) -> tuple[ReportingLines, Ints, Ints]:
    """Reporting lines of everybody, and where each mentor and each mentee stands in them."""
    rosters: list[People] = []
    for people in (organisation, mentors, mentees):
        if people is not None and not any(people.same_roster(roster) for roster in rosters):
            rosters.append(people.roster)
    used = any(isinstance(rule, OutsideReportingLine) for rule in policy.rules)
    if by_position or not used:  # nobody asks: do not join what need not fit together
        none = np.zeros(0, dtype=object)
        nowhere = [np.zeros(len(people), dtype=np.int64) for people in (mentors, mentees)]
        return ReportingLines.build(none, none, place=lambda k, column: ""), nowhere[0], nowhere[1]
    if len(rosters) == 1:
        return rosters[0].org, mentors.roster_rows, mentees.roster_rows
    lines, members = ReportingLines.combine(
        [(r.ids, _cells(r, "manager"), _cells(r, "dotted_line"), r.place) for r in rosters]
    )

    def where(people: People) -> Ints:
        at = next(k for k, roster in enumerate(rosters) if people.same_roster(roster))
        return members[at][people.roster_rows].astype(np.int64)

    return lines, where(mentors), where(mentees)


def _cells(people: People, column: str) -> npt.NDArray[np.object_] | None:
    """Own cells of a column; None where the roster lacks it."""
    return people.decoded(column) if column in people and column not in people.lent else None


def positions(mentors: People, mentees: People, pairs: Sequence[tuple[str, str]]) -> tuple[Ints, Ints]:
    """Positions of pairs of ids on both sides; pairs of which one does not take part are no pairs here."""
    i = mentors.index([mentor for mentor, _ in pairs])
    j = mentees.index([mentee for _, mentee in pairs])
    both = (i >= 0) & (j >= 0)
    return i[both], j[both]
