"""One side as the checker sees it: ids and raw cells, each different cell held and understood once."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from revmatch.certify import cells
from revmatch.people.people import People
from revmatch.people.text import BufferText

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Key = TypeVar("Key")

#: Stands for "no two people are the same" where readings are counted.
EVERYBODY = 1 << 40
#: People of whom something large is held at once.
LATELY = 1 << 12
#: So many texts that nobody wrote do no harm.
MANY_UNUSED = 64


@dataclass(frozen=True, slots=True)
class Column:
    """Cells of one column.

    Parameters
    ----------
    codes : ndarray of int64
        For each person, which of the texts the cell holds.
    texts : list of str
        Raw text; ``""`` where nothing is stated. Some may be in nobody's cell.
    """

    codes: Ints
    texts: list[str]

    def each(self, read: Callable[[str], Any]) -> list[Any]:
        """What each text means."""
        return [read(text) for text in self.texts]


class Known(dict[Key, Any]):
    """What was worked out, by key; worked out when it is asked for first."""

    def __init__(self, read: Callable[[Key], Any]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, key: Key) -> Any:
        found = self[key] = self._read(key)
        return found


class Lately(Known[Key]):
    """The same, of which little is held: it is forgotten when there is much of it."""

    def __missing__(self, key: Key) -> Any:
        if len(self) >= LATELY:
            self.clear()
        return super().__missing__(key)


@dataclass(frozen=True, slots=True)
class Reading:
    """What is understood of each person of a side.

    Parameters
    ----------
    codes : ndarray of int64
        People with the same code have the same cells.
    count : int
        Codes are below this.
    meaning : Known
        What the cells with a code mean.
    """

    codes: Ints
    count: int
    meaning: Known[int]


class Side:
    """People of one side, or of a whole file.

    Parameters
    ----------
    people : People
    file : Side, optional
        The whole file that they were selected from, if it was read already.
    """

    def __init__(self, people: People, file: Side | None = None) -> None:
        self.people = people
        keys = people.ids.tolist() if file is None else [file.keys[row] for row in people.roster_rows.tolist()]
        #: Ids, in the order of rows.
        self.keys: list[str] = keys
        self._has: Known[str] = Known(people.__contains__)
        self._columns: Known[str] = Known(self._read_column)

    def __len__(self) -> int:
        return len(self.keys)

    def has(self, column: str) -> bool:
        """Whether the file has this column."""
        found: bool = self._has[column]
        return found

    def column(self, name: str) -> Column:
        """Cells of a column; one that is not there is stated by nobody."""
        found: Column = self._columns[name]
        return found

    def _read_column(self, name: str) -> Column:
        if not self.has(name):
            return Column(np.zeros(len(self), dtype=np.int64), [""])
        people, text = self.people, self.people.text(name)
        if isinstance(text, BufferText):  # mostly different
            cell = text.decode(people.roster_rows).tolist()
            return Column(np.arange(len(cell)), list(map(cells.stated, cell)))
        found, texts = text.factorised(people.roster_rows)
        codes, words = found.astype(np.int64), [*map(cells.stated, texts), ""]
        codes[codes < 0] = len(texts)  # a blank cell
        if len(words) > 2 * len(codes) + MANY_UNUSED:  # a few people of a large file
            used, codes = np.unique(codes, return_inverse=True)
            words = [words[k] for k in used.tolist()]
        return Column(codes.reshape(-1), words)

    def cell(self, row: int, column: str) -> str:
        """Raw text of one cell."""
        found = self._columns[column]
        text: str = found.texts[found.codes[row]]
        return text

    @cached_property
    def rows(self) -> dict[str, int]:
        """Id -> position."""
        return {key: row for row, key in enumerate(self.keys)}

    @cached_property
    def order(self) -> Ints:
        """Row of the k-th person in the order of ids."""
        return np.array(sorted(range(len(self)), key=self.keys.__getitem__), dtype=np.int64)

    # -- understood ---------------------------------------------------------------------------------------------------

    def reading(self, read: Callable[[str], Any], column: str) -> Reading:
        """One column, understood."""
        found = self.column(column)
        return Reading(found.codes, len(found.texts), Known(lambda code: read(found.texts[code])))

    def reading_all(self, read: Callable[..., Any], *names: str) -> Reading:
        """Some columns, understood together."""
        columns = [self.column(name) for name in names]
        sizes = [len(column.texts) for column in columns]
        codes = np.zeros(len(self), dtype=np.int64)
        for column in columns:
            codes = codes * len(column.texts) + column.codes

        def together(code: int) -> Any:
            texts: list[str] = []
            for column in reversed(columns):
                code, k = divmod(code, len(column.texts))
                texts.append(column.texts[k])
            return read(*reversed(texts))

        return Reading(codes, math.prod(sizes), Known(together))

    def reading_each(self, read: Callable[[int], Any]) -> Reading:
        """Something of each person by themselves."""
        return Reading(np.arange(len(self)), EVERYBODY, Known(read))

    def reading_lately(self, read: Callable[[int], Any]) -> Reading:
        """Something large of each person, for pairs that are asked about person by person."""
        return Reading(np.arange(len(self)), EVERYBODY, Lately(read))


def spread(begin: Ints, counts: Ints) -> tuple[Ints, Ints]:
    """Places of some runs, one after the other: which run each is of, and the place.

    >>> spread(np.array([7, 3]), np.array([2, 1]))
    (array([0, 0, 1]), array([7, 8, 3]))
    """
    each = np.repeat(np.arange(len(counts)), counts)
    return each, np.arange(len(each)) + np.repeat(begin - (np.cumsum(counts) - counts), counts)
