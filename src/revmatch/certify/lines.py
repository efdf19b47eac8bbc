"""Reporting lines, walked up one manager at a time over the raw cells of every file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from functools import cached_property
from typing import NamedTuple

import numpy as np

from revmatch.certify import cells
from revmatch.certify.sides import Known, Side

#: Nobody walks further up than this, whatever the cells say.
MOST_STEPS = 10_000
#: More steps than that.
NEVER = 1 << 40


class Line(NamedTuple):
    """Who stands over a person.

    Parameters
    ----------
    steps : dict
        Id of a person above -> how many steps up.
    stated : int
        The step at which the line is not stated; `NEVER` if it is stated up to the top.
    """

    steps: dict[str, int]
    stated: int


class Lines:
    """The manager cells of all files, by id; the first file that has the column speaks for a person.

    Parameters
    ----------
    files : sequence of Side
        Whole rosters: the organisation and both sides.
    """

    def __init__(self, files: Sequence[Side]) -> None:
        self.files = files
        everybody: set[str] = set()
        for file in files:
            everybody.update(file.keys)
        #: Ids of everybody in any file.
        self.known: Set[str] = everybody
        #: Id of each person's direct manager, "" if nobody is above, None if it is that of somebody in no file. Of
        #: people who are not listed here nothing is stated.
        self.manager: Mapping[str, str | None] = self._managers()
        #: Ids of the dotted-line managers of those who have any.
        self.dotted: Mapping[str, list[str]] = self._dotted_lines()
        #: Everybody above somebody with this manager, in solid lines.
        self.below: Mapping[str | None, Line] = Known(self._below)

    def _that_have(self, column: str) -> list[Side]:
        return [file for file in self.files if file.has(column)]

    def _managers(self) -> dict[str, str | None]:
        found: dict[str, str | None] = {}
        for file in reversed(self._that_have("manager")):  # what the first file says comes last, and stays
            column = file.column("manager")
            named = column.each(self._named)
            found.update(zip(file.keys, map(named.__getitem__, column.codes.tolist()), strict=True))
        return found

    def _named(self, cell: str) -> str | None:
        above = cells.one_id(cell)
        return above if not above or above in self.known else None

    def _dotted_lines(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        silent = self.known
        for file in self._that_have("dotted_line"):
            column = file.column("dotted_line")
            named = column.each(cells.ids)
            some = np.array([bool(bosses) for bosses in named], dtype=bool)
            for row in np.flatnonzero(some[column.codes]).tolist():
                if file.keys[row] in silent:
                    found[file.keys[row]] = named[column.codes[row]]
            silent = silent - set(file.keys)
        return found

    def _below(self, manager: str | None) -> Line:
        steps: dict[str, int] = {}
        step, at = 1, manager
        while at and at not in steps and step <= MOST_STEPS:
            steps[at] = step
            step, at = step + 1, self.manager.get(at)
        return Line(steps, step if at is None else NEVER)

    def over(self, key: str) -> Line:
        """Everybody who stands over a person: in solid lines, and over a dotted-line manager.

        Steps are counted from the person, and from the dotted-line manager, who stands 0 steps over: no number of
        levels lets that pair meet. The fewest count.
        """
        solid = self.below[self.manager.get(key)]
        bosses = self.dotted.get(key)
        if not bosses:
            return solid
        steps, stated = dict(solid.steps), solid.stated
        for boss in bosses:
            line = self.below[self.manager.get(boss)]
            for other, step in ((boss, 0), *line.steps.items()):
                steps[other] = min(step, steps.get(other, step))
            stated = min(stated, line.stated if boss in self.known else 0)
        return Line(steps, stated)

    @cached_property
    def head(self) -> str:
        """Who stands above everybody else of all files, or "".

        In a forest that is whoever alone has no known manager.
        """
        tops = [key for key, above in self.manager.items() if not above]
        if len(self.manager) < len(self.known):
            tops += self.known - self.manager.keys()
        return tops[0] if len(tops) == 1 else ""
