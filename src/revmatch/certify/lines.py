"""Reporting lines, walked up one manager at a time over the raw cells of every file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from revmatch.certify import cells

#: Nobody walks further up than this, whatever the cells say.
MOST_STEPS = 10_000


@dataclass(frozen=True, slots=True)
class Line:
    """Who stands above a person in solid lines.

    Parameters
    ----------
    steps : dict
        Id of a person above -> how many steps up.
    ends_after : int or None
        The step at which the line is not stated; None if it is stated up to the top.
    """

    steps: dict[str, int]
    ends_after: int | None

    def holds(self, other: str, at_most: int | None) -> bool:
        """Whether this person stands in the line, at most so many steps up."""
        step = self.steps.get(other)
        return step is not None and (at_most is None or step <= at_most)

    def broken(self, within: int | None) -> bool:
        """Whether the line is not stated somewhere within so many steps."""
        return self.ends_after is not None and (within is None or self.ends_after <= within)


class File(Protocol):
    """A file of people, as columns of raw text."""

    def has(self, column: str) -> bool:
        """Whether the file has this column."""
        ...

    def __getitem__(self, column: str) -> list[str]:
        """Raw text of every cell of a column; "" where nothing is stated."""
        ...


@dataclass
class Lines:
    """The manager cells of all files, by id; the first file that has the column speaks for a person.

    Parameters
    ----------
    files : sequence of File
        Whole rosters: the organisation and both sides.
    """

    files: Sequence[File]
    _managers: dict[str, str | None] = field(default_factory=dict)
    _stated: dict[tuple[str, int | None], bool] = field(default_factory=dict)
    _lines: dict[str, Line] = field(default_factory=dict)
    _dotted: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def _places(self) -> list[dict[str, int]]:
        return [{key: k for k, key in enumerate(file["id"])} for file in self.files]

    def known(self, key: str) -> bool:
        """Whether this person is in any file."""
        return any(key in place for place in self._places)

    def _cell(self, key: str, column: str) -> str | None:
        """Raw cell of a person; None where no file that has the person has the column."""
        for file, place in zip(self.files, self._places, strict=True):
            k = place.get(key)
            if k is not None and file.has(column):
                return file[column][k]
        return None

    def manager(self, key: str) -> str | None:
        """Id of the direct manager, "" if nobody is above, None if not stated (or in no file)."""
        try:
            return self._managers[key]
        except KeyError:
            cell = self._cell(key, "manager")
            above = None if cell is None else cells.one_id(cell)
            found = self._managers[key] = above if not above or self.known(above) else None
            return found

    def above(self, key: str) -> Line:
        """Everybody above a person in solid lines."""
        found = self._lines.get(key)
        if found is None:
            steps: dict[str, int] = {}
            step, at = 1, self.manager(key)
            while at and at not in steps and step <= MOST_STEPS:
                steps[at] = step
                step, at = step + 1, self.manager(at)
            found = self._lines[key] = Line(steps, step if at is None else None)
        return found

    def dotted(self, key: str) -> tuple[str, ...]:
        """Ids of a person's dotted-line managers."""
        found = self._dotted.get(key)
        if found is None:
            found = self._dotted[key] = tuple(cells.ids(self._cell(key, "dotted_line") or ""))
        return found

    def stated(self, key: str, levels: int | None) -> bool:
        """Whether this person's lines, solid and dotted, are stated within so many levels."""
        found = self._stated.get((key, levels))
        if found is None:
            bosses = self.dotted(key)
            found = all(map(self.known, bosses)) and not any(self.above(at).broken(levels) for at in (key, *bosses))
            self._stated[key, levels] = found
        return found

    def over(self, key: str) -> Iterator[tuple[str, int]]:
        """Everybody who stands over a person, in solid lines or over a dotted-line manager, and by how many steps.

        A dotted-line manager stands 0 steps over: no number of levels lets that pair meet.
        """
        yield from self.above(key).steps.items()
        for boss in self.dotted(key):
            yield boss, 0
            yield from self.above(boss).steps.items()

    @cached_property
    def head(self) -> str:
        """Who stands above everybody else of all files, or "".

        In a forest that is whoever alone has no known manager.
        """
        tops = [key for key in {key for place in self._places for key in place} if not self.manager(key)]
        return tops[0] if len(tops) == 1 else ""
