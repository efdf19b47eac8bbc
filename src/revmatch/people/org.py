"""Reporting lines: who stands above whom.

Solid lines form a forest. One Euler tour numbers its people so that everybody below a person has a number inside that
person's interval; "does *a* stand above *b*, and by how many steps" is then four look-ups, for a whole tile of pairs at
once. Dotted lines are few, and are followed one step before the solid lines are climbed.

Nothing here recurses: lines are climbed by doubling (each round jumps twice as far), then walked level by level.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from revmatch.errors import InputError, Problems
from revmatch.people.skills import split_items

#: ``manager`` of a person with nobody above.
NOBODY = -1
#: ``manager`` of a person whose manager is not stated: no manager column, or an id found in no file.
NOT_STATED = -2
#: ``unknown_steps`` of a person whose lines are stated all the way up.
NEVER = 2**31 - 1
#: A line longer than this is taken for an error in the data.
MOST_LEVELS = 64
#: A cycle is named by this many rows at most.
_MOST_NAMED = 12

Int32 = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]
#: What may index people in the functions below; arrays broadcast.
Indices = npt.NDArray[np.integer[Any]] | int
#: Gives the place of a cell for messages: ``place(row index in its roster, column)``.
Place = Callable[[int, str], str]
#: One file's lines: ids, manager cells or None, dotted-line cells or None, place of a cell.
Roster = tuple[npt.NDArray[np.object_], npt.NDArray[np.object_] | None, npt.NDArray[np.object_] | None, Place]


@dataclass(frozen=True, slots=True, eq=False)
class ReportingLines:
    """Solid and dotted reporting lines of n people, by index.

    Parameters
    ----------
    manager : int32 array of n
        Index of the direct manager; -1 nobody above; -2 not stated (no manager column, or an id found in no file).
    direct : int32 array of n
        Code of the stated direct manager: equal codes, same manager, whether or not that id is in a file. Negative as
        in `manager` where nobody is named.
    depth, tin, tout : int32 arrays of n
        Solid steps down from the top; the Euler tour: b is below a if and only if ``tin[a] < tin[b] < tout[a]``.
    dotted_indptr, dotted : int32 arrays of n + 1, and of all dotted lines
        Indices of the dotted-line managers of person i are ``dotted[dotted_indptr[i]:dotted_indptr[i + 1]]``.
    unknown : int
        How many people name a manager, solid or dotted, who is in no file.
    unknown_steps : int32 array of n
        The smallest number of levels at which a line of this person, solid or dotted, is not stated. A rule that looks
        at most L levels up cannot be decided for this person if ``unknown_steps <= L``. Own manager not stated, or a
        dotted line to somebody in no file: 1. A dotted line counts the solid steps from the dotted-line manager.
        `NEVER` if all lines are stated up to the top.
    head : int
        Who stands above everybody else in solid lines, or -1 (also where there is nobody else).

    Examples
    --------
    >>> import numpy as np
    >>> ids = np.array(["ann", "bo", "cy"], dtype=object)
    >>> lines = ReportingLines.build(ids, np.array(["", "ann", "bo"], dtype=object), place=lambda k, column: f"row {k}")
    >>> lines.above(np.array([0, 1, 2])[:, None], np.array([2])).ravel()
    array([ True,  True, False])
    >>> int(lines.head)
    0
    """

    manager: Int32
    direct: Int32
    depth: Int32
    tin: Int32
    tout: Int32
    dotted_indptr: Int32
    dotted: Int32
    unknown: int
    unknown_steps: Int32
    head: int

    def __post_init__(self) -> None:
        for name in ("manager", "direct", "depth", "tin", "tout", "dotted_indptr", "dotted", "unknown_steps"):
            getattr(self, name).setflags(write=False)

    def __len__(self) -> int:
        return len(self.manager)

    @classmethod
    def build(
        cls,
        ids: npt.NDArray[np.object_],
        manager: npt.NDArray[np.object_] | None,
        dotted: npt.NDArray[np.object_] | None = None,
        *,
        place: Place,
    ) -> ReportingLines:
        """Lines of one roster.

        Parameters
        ----------
        ids : object array of str
            Unique ids.
        manager : object array of str, or None
            Ids of direct managers, ``""`` for nobody above. None, a column that is absent: no line is stated.
        dotted : object array of str, or None
            Lists of ids with ``;`` between.
        place : callable
            ``place(row index, column)`` names a cell in messages.

        Raises
        ------
        InputError
            RM140: people above themselves, or lines of more than 64 steps; all of them at once, up to 100.
        """
        return cls.combine([(ids, manager, dotted, place)])[0]

    @classmethod
    def combine(cls, rosters: Sequence[Roster]) -> tuple[ReportingLines, tuple[Int32, ...]]:
        """Lines of several rosters joined by id, and the index of each roster's people in them.

        For each person the first roster that has the column speaks; managers are looked up among all their ids.

        Raises
        ------
        InputError
            RM142 where two rosters give one person different managers or dotted lines; RM140 as in `build`.
        """
        problems = Problems()
        index: dict[str, int] = {}
        members = tuple(_enter(index, ids) for ids, _, _, _ in rosters)
        solid = _first_stated(rosters, members, len(index), "manager", problems)
        dotted = _first_stated(rosters, members, len(index), "dotted_line", problems)
        problems.raise_as(InputError)
        return _lines(index, solid, dotted), members

    def above(self, a: Indices, b: Indices, steps: Indices | None = None) -> Mask:
        """Whether a stands above b in solid lines, by at most `steps` steps if given; arguments broadcast.

        >>> ids = np.array(["ann", "bo", "cy"], dtype=object)
        >>> lines = ReportingLines.build(ids, np.array(["", "ann", "bo"], dtype=object), place=lambda k, c: "")
        >>> bool(lines.above(0, 2)), bool(lines.above(0, 2, steps=1))
        (True, False)
        """
        tin_b = self.tin[b]
        found = (self.tin[a] < tin_b) & (tin_b < self.tout[a])
        if steps is not None:
            found &= self.depth[b] - self.depth[a] <= steps
        return np.asarray(found, dtype=np.bool_)

    def same_manager(self, a: Indices, b: Indices) -> Mask:
        """Whether a and b name the same direct manager, in a file or not; nobody above is not a manager."""
        direct_b = self.direct[b]
        return np.asarray((self.direct[a] == direct_b) & (direct_b >= 0), dtype=np.bool_)

    def is_dotted_above(self, a: Indices, b: Indices, steps: int | None = None) -> Mask:
        """Whether a is a dotted-line manager of b, or stands above one in solid lines by at most `steps` steps.

        Arguments broadcast. Fast where few of the people in `b` have dotted lines: only those are looked at.
        """
        shape = np.broadcast_shapes(np.shape(a), np.shape(b))
        a, b = np.atleast_1d(a), np.atleast_1d(b)
        result = np.zeros(shape or 1, dtype=np.bool_)
        first = self.dotted_indptr[b]
        lines = self.dotted_indptr[b + 1] - first
        for k in range(int(lines.max(initial=0))):
            with_line = _along_one_axis(lines > k, result.ndim)
            at: tuple[Any, ...]
            if with_line is None:  # b varies along several axes: pair by pair
                at = np.nonzero(np.broadcast_to(lines > k, result.shape))
                who = np.broadcast_to(a, result.shape)[at]
                boss = self.dotted[np.broadcast_to(first, result.shape)[at] + k]
            else:  # a row or column of a tile: whole lines of the tile at once
                at = with_line
                who = _pick(a, at, result.ndim)
                boss = self.dotted[_pick(first, at, result.ndim) + k]
            result[at] |= (who == boss) | self.above(who, boss, steps)
        return result.reshape(shape)


def _along_one_axis(hit: Mask, ndim: int) -> tuple[Any, ...] | None:
    """Index that picks the hit lines of the result, if `hit` varies along one axis at most."""
    shape = (1,) * (ndim - hit.ndim) + hit.shape
    varying = [axis for axis, size in enumerate(shape) if size != 1]
    if not varying and hit.all():
        return (slice(None),) * ndim
    if len(varying) != 1:
        return None
    return tuple(np.flatnonzero(hit) if k == varying[0] else slice(None) for k in range(ndim))


def _pick(array: npt.NDArray[Any], at: tuple[Any, ...], ndim: int) -> npt.NDArray[Any]:
    """Pick the same lines of an argument, which is left alone along the axes that it is broadcast along."""
    array = array.reshape((1,) * (ndim - array.ndim) + array.shape)
    return array[tuple(slice(None) if array.shape[k] == 1 else step for k, step in enumerate(at))]


@dataclass(slots=True)
class _Stated:
    """One column of the joined roster: cells (None where no roster has the column) and where each comes from."""

    column: str
    cells: npt.NDArray[np.object_]
    roster: npt.NDArray[np.int8]
    row: Int32
    places: list[Place]

    def place(self, k: int) -> str:
        name: Place = self.places[int(self.roster[k])]
        return name(int(self.row[k]), self.column)


def _enter(index: dict[str, int], ids: Iterable[str]) -> Int32:
    """Give each id its number, new ones the next."""
    listed = list(ids)
    if not index:
        index.update(zip(listed, range(len(listed)), strict=True))
        if len(index) == len(listed):
            return np.arange(len(listed), dtype=np.int32)
        index.clear()  # somebody is there twice: number them one by one
    for who in listed:
        index.setdefault(who, len(index))
    return np.fromiter(map(index.__getitem__, listed), dtype=np.int32, count=len(listed))


def _first_stated(
    rosters: Sequence[Roster], members: tuple[Int32, ...], size: int, column: str, problems: Problems
) -> _Stated:
    stated = _Stated(
        column,
        np.full(size, None, dtype=object),
        np.full(size, -1, dtype=np.int8),
        np.zeros(size, dtype=np.int32),
        [roster[3] for roster in rosters],
    )
    for number, (_, manager, dotted, place) in enumerate(rosters):
        cells = manager if column == "manager" else dotted
        if cells is None:
            continue
        rows = members[number]
        new = np.flatnonzero(stated.roster[rows] < 0)
        if len(new) < len(rows):
            _refuse_differences(stated, rows, cells, place, problems)
        stated.cells[rows[new]] = cells[new]
        stated.roster[rows[new]] = number
        stated.row[rows[new]] = new
    return stated


def _refuse_differences(
    stated: _Stated, rows: Int32, cells: npt.NDArray[np.object_], place: Place, problems: Problems
) -> None:
    """RM142 for people who have another manager, or other dotted lines, in a roster read before."""
    known = stated.roster[rows] >= 0
    for k in np.flatnonzero(known & (stated.cells[rows] != cells)).tolist():
        if set(_items(cells[k], stated.column)) != set(_items(stated.cells[rows[k]], stated.column)):
            enough = problems.full  # the last one is only noted
            problems.add(
                "RM142",
                place(k, stated.column),
                f"differs from what {stated.place(int(rows[k]))} says of the same person",
                "give one of the two, or make them equal",
            )
            if enough:
                return


def _items(cell: str, column: str) -> list[str]:
    """Ids in a cell: one in a manager cell, many in a list."""
    if column == "manager":
        return [cell] if cell.strip() else []
    return split_items(cell)


def _lines(index: dict[str, int], solid: _Stated, dotted: _Stated) -> ReportingLines:
    problems = Problems()
    direct = _direct_managers(index, solid)
    size = len(index)
    manager = np.where(direct < size, direct, np.int32(NOT_STATED))
    in_no_file = direct >= size
    depth = _depths(manager, solid, problems)
    indptr, lines, astray = _dotted_lines(index, dotted, problems)
    problems.raise_as(InputError)
    levels = _levels(depth)
    tin, tout = _euler_tour(manager, levels)
    unknown_steps = _unknown_steps(manager, levels, indptr, lines, astray)
    heads = np.flatnonzero((tin == 0) & (tout == size)) if size > 1 else np.empty(0)
    return ReportingLines(
        manager=manager,
        direct=direct,
        depth=depth,
        tin=tin,
        tout=tout,
        dotted_indptr=indptr,
        dotted=lines,
        unknown=int(np.count_nonzero(in_no_file | astray)),
        unknown_steps=unknown_steps,
        head=int(heads[0]) if len(heads) else NOBODY,
    )


def _direct_managers(index: dict[str, int], solid: _Stated) -> Int32:
    """Code of each person's direct manager: an index, or from ``len(index)`` on for ids that are in no file."""
    codes: dict[str | None, int] = {None: NOT_STATED}
    strangers = len(index)
    cells = solid.cells.tolist()
    for cell in dict.fromkeys(cells):  # each different manager once
        if cell is None:
            continue
        known = index.get(cell)
        if known is None and cell.strip():
            known, strangers = strangers, strangers + 1
        codes[cell] = NOBODY if known is None else known
    return np.fromiter(map(codes.__getitem__, cells), dtype=np.int32, count=len(index))


def _depths(manager: Int32, solid: _Stated, problems: Problems) -> Int32:
    """Solid steps to the top, by doubling; cycles and endless lines become problems (and depth 0)."""
    size = len(manager)
    # One place more than there are people: the top, above everybody who has nobody above, and above itself.
    jump = np.append(np.where(manager >= 0, manager, size), size).astype(np.int32)
    depth = (jump < size).astype(np.int32)
    reach = 1
    while reach <= size and (jump < size).any():
        depth += depth[jump]
        jump = jump[jump]
        reach *= 2
    depth, jump = depth[:size], jump[:size]
    # Whoever has not arrived after as many steps as there are people goes round for ever, and is now inside a cycle.
    endless = jump < size
    if endless.any():
        _refuse_cycles(manager, np.unique(jump[endless]), solid, problems)
    depth = np.where(endless, 0, depth).astype(np.int32)
    for k in np.flatnonzero(depth == MOST_LEVELS + 1).tolist():
        enough = problems.full
        problems.add(
            "RM140",
            solid.place(k),
            f"stands more than {MOST_LEVELS} levels below the top",
            "correct the manager of somebody in this line",
        )
        if enough:
            break
    return depth


def _refuse_cycles(manager: Int32, inside: Int32, solid: _Stated, problems: Problems) -> None:
    """RM140 for each cycle, named by the places of its people from the first row on."""
    seen: set[int] = set()
    for start in inside.tolist():
        if start in seen:
            continue
        enough = problems.full
        cycle = [start]
        while (boss := int(manager[cycle[-1]])) != start:
            cycle.append(boss)
        seen.update(cycle)
        if len(cycle) == 1:
            expected = "is their own manager"
        else:
            named = [solid.place(k) for k in cycle[:_MOST_NAMED]]
            if len(cycle) > _MOST_NAMED:
                named.append(f"({len(cycle) - _MOST_NAMED} more)")
            expected = "stands above themselves: " + " -> ".join([*named, named[0]])
        problems.add("RM140", solid.place(start), expected, "one of them must report to somebody else, or to nobody")
        if enough:
            return


def _dotted_lines(index: dict[str, int], dotted: _Stated, problems: Problems) -> tuple[Int32, Int32, Mask]:
    """Dotted lines in compressed rows, and who names a dotted-line manager that is in no file."""
    size = len(index)
    counts = np.zeros(size + 1, dtype=np.int32)
    astray = np.zeros(size, dtype=np.bool_)
    lines: list[int] = []
    filled = np.flatnonzero(dotted.cells.astype(np.bool_)).tolist()
    for k, cell in zip(filled, dotted.cells[filled].tolist(), strict=True):
        bosses = {index.get(item, NOT_STATED) for item in _items(cell, dotted.column)}
        if k in bosses:
            problems.add("RM140", dotted.place(k), "has a dotted line to themselves", "remove it")
        if NOT_STATED in bosses:
            astray[k] = True
            bosses.remove(NOT_STATED)
        counts[k + 1] = len(bosses)
        lines.extend(sorted(bosses))
    return np.cumsum(counts, dtype=np.int32), np.array(lines, dtype=np.int32), astray


def _levels(depth: Int32) -> list[Int32]:
    """People by depth: those at the top first."""
    order = np.argsort(depth.astype(np.int8), kind="stable").astype(np.int32)
    ends = np.cumsum(np.bincount(depth)) if len(depth) else np.zeros(0, dtype=np.int64)
    return np.split(order, ends[:-1]) if len(ends) else []


def _euler_tour(manager: Int32, levels: list[Int32]) -> tuple[Int32, Int32]:
    """First and past-the-last number of each person's part of the tour."""
    size = np.ones(len(manager), dtype=np.int32)
    for rows in reversed(levels[1:]):
        np.add.at(size, manager[rows], size[rows])
    tin = np.zeros(len(manager), dtype=np.int32)
    for number, rows in enumerate(levels):
        if number == 0:
            tin[rows] = np.cumsum(size[rows]) - size[rows]
            continue
        rows = rows[np.argsort(manager[rows], kind="stable")]
        boss = manager[rows]
        before = np.cumsum(size[rows]) - size[rows]
        first = np.flatnonzero(np.diff(boss, prepend=-1))  # where the next manager's people begin
        before -= np.repeat(before[first], np.diff(first, append=len(rows)))
        tin[rows] = tin[boss] + 1 + before
    return tin, tin + size


def _unknown_steps(manager: Int32, levels: list[Int32], indptr: Int32, dotted: Int32, astray: Mask) -> Int32:
    solid = np.where(manager == NOT_STATED, 1, NEVER).astype(np.int32)
    for rows in levels[1:]:
        solid[rows] = np.minimum(solid[manager[rows]], NEVER - 1) + 1
    steps = np.where(astray, np.int32(1), solid)
    owner = np.repeat(np.arange(len(manager)), np.diff(indptr))
    np.minimum.at(steps, owner, solid[dotted])
    return steps
