"""Columns of some people of a roster: headings, cells, values, masks of what is not stated."""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from revmatch.errors import MOST_PROBLEMS, InputError, Problem, Problems, did_you_mean
from revmatch.given import as_array
from revmatch.people.content import Content
from revmatch.people.skills import split_items
from revmatch.people.text import Text

Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Objects = npt.NDArray[np.object_]

_SELECTS = "expected a heading, a Boolean mask, indices or a slice"


class Columns:
    """Cells of some people of a roster, column by column; immutable."""

    __slots__ = ("_chosen", "_content")
    _content: Content
    #: Rows of the roster that were selected; None for all.
    _chosen: Int64 | None

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"People are immutable: {name!r} cannot be set")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"People are immutable: {name!r} cannot be deleted")

    def __len__(self) -> int:
        return len(self._content) if self._chosen is None else len(self._chosen)

    def __contains__(self, column: object) -> bool:
        return isinstance(column, str) and self._content.heading(column) is not None

    @property
    def columns(self) -> tuple[str, ...]:
        """Headings in the file's order; lent columns last."""
        return tuple(self._content.texts)

    @property
    def lent(self) -> frozenset[str]:
        """Headings of the columns that another roster lent."""
        return self._content.lent

    @property
    def native(self) -> str | None:
        """Data frame library they came from, such as ``"pandas"``; None if from none."""
        return self._content.native

    @property
    def nbytes(self) -> int:
        """Bytes held by the whole roster."""
        return self._content.nbytes

    @property
    def roster_rows(self) -> Int64:
        """Index of each of them in the roster."""
        if self._chosen is not None:
            return self._chosen
        rows = np.arange(len(self._content))
        rows.setflags(write=False)
        return rows

    # -- cells --------------------------------------------------------------------------------------------------------

    @property
    def ids(self) -> Objects:
        """Ids: an object array of str, decoded on request."""
        return self.decoded("id")

    def id_bytes(self) -> npt.NDArray[Any]:
        """Ids in UTF-8, as an array of bytes."""
        return self._content.texts["id"].pieces(self._chosen)

    @property
    def rows(self) -> Int64:
        """Row of each of them in the file as a spreadsheet shows it (records and frames: counted from 1)."""
        return self._of(self._content.rows)

    def place(self, k: int, column: str | None = None) -> str:
        """Where the k-th person (or a cell of theirs) stands, for messages: ``file:row:column``."""
        row = self._content.rows[k if self._chosen is None else self._chosen[k]]
        place = f"{self._content.label}:{int(row)}"
        return place if column is None else f"{place}:{column}"

    def text(self, column: str) -> Text:
        """Cells of a column, of the whole roster."""
        return self._content.texts[self._heading(column)]

    def cell(self, k: int, column: str) -> str:
        """Raw text of one cell; ``""`` if it is blank or there is no such column."""
        heading = self._content.heading(column)
        if heading is None:
            return ""
        return self._content.texts[heading].at(k if self._chosen is None else int(self._chosen[k]))

    def missing(self, column: str) -> Mask:
        """Who did not state a value in a column."""
        return frozen(~self._of(self.text(column).stated()))

    def codes(self, column: str) -> tuple[Int32, tuple[str, ...]]:
        """Code of each person's text, -1 where not stated, and the text of each code.

        The vocabulary is that of the whole roster where texts repeat, so that two selections can be compared by code.
        """
        codes, vocabulary = self.text(column).factorised(self._chosen)
        return frozen(codes), vocabulary

    def numbers(self, column: str) -> tuple[Int64, Mask]:
        """Whole numbers of a column (0 where not stated), and who stated one.

        Raises
        ------
        InputError
            RM102 with the rows of these people that hold something else; RM127 for more than 18 digits.
        """
        heading = self._heading(column)
        values, stated, bad = self._content.numbers(heading, self._chosen)
        problems = Problems()
        for k in np.flatnonzero(bad)[: MOST_PROBLEMS + 1].tolist():
            cell = self.cell(k, heading)
            if cell.removeprefix("-").isdigit() and cell.isascii() and len(cell) > 18:
                problems.add("RM127", self.place(k, heading), "a number has at most 18 digits")
            else:
                problems.add("RM102", self.place(k, heading), "expected a plain whole number", "write such as 3 or -1")
        problems.raise_as(InputError)
        return frozen(values), frozen(stated)

    def listed_ids(self, column: str) -> list[tuple[str, str]]:
        """Pairs (own id, listed id) of a column of ``;`` lists, person by person, in the order of each list."""
        stated = np.flatnonzero(~self.missing(column))
        own = self.text("id").decode(self.roster_rows[stated]).tolist()
        lists = self.text(column).decode(self.roster_rows[stated]).tolist()
        return [(who, item) for who, cell in zip(own, lists, strict=True) for item in split_items(cell)]

    def holds_numbers(self, column: str) -> bool:
        """Whether a column holds numbers: every filled cell of the roster is a plain whole number, and there is one."""
        return self._content.is_number(self._heading(column))

    def decoded(self, column: str) -> Objects:
        """Raw text of a column: an object array of str, ``""`` where not stated."""
        return frozen(self.text(column).decode(self._chosen))

    def _values(self, column: str) -> npt.NDArray[Any]:
        heading = self._heading(column)
        if self._content.is_number(heading):
            values, stated, _ = self._content.numbers(heading, self._chosen)
            if stated.all():
                return frozen(values)
            if np.abs(values).max(initial=0) <= 2**53:
                # Not a number is neither above nor below nor equal to anything: whoever stated nothing is not selected.
                return frozen(np.where(stated, values, np.nan))
        return self.decoded(heading)

    def _of(self, array: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return array if self._chosen is None else frozen(array[self._chosen])

    def _heading(self, column: str) -> str:
        heading = self._content.heading(column) if isinstance(column, str) else None
        if heading is None:
            if not isinstance(column, str):
                raise wrong("RM143", self._content.label, "expected the heading of a column")
            hint = did_you_mean(column, self.columns)
            raise wrong("RM135", self._content.label, f'there is no column "{column[:80]}"', hint)
        return heading


def frozen(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Same array, read-only from now on."""
    array.setflags(write=False)
    return array


def wrong(code: str, place: str, expected: str, hint: str = "") -> InputError:
    """Error of one problem."""
    return InputError(Problem(code, place, expected, hint))


def positions(key: Any, size: int, *, mask: bool = True) -> Int64:
    """Positions among so many people that a mask (if allowed) or indices mean."""
    array = as_array(key)
    if array is None:
        raise wrong("RM143", "people[...]", _SELECTS)
    if array.size == 0 and array.dtype != np.bool_:
        array = array.astype(np.int64)
    if array.ndim != 1 or not (np.issubdtype(array.dtype, np.integer) or (mask and array.dtype == np.bool_)):
        raise wrong("RM143", "people[...]", _SELECTS)
    if array.dtype == np.bool_:
        if len(array) != size:
            raise wrong(
                "RM143",
                "people[mask]",
                f"the mask has {len(array):,} entries for {size:,} people",
                "make the mask from a column of the same people",
            )
        return np.flatnonzero(array)
    if len(array) and (int(array.min()) < -size or int(array.max()) >= size):
        raise wrong("RM143", "people[indices]", f"there is no such person among {size:,}", "count from 0")
    positions = array.astype(np.int64)
    return np.where(positions < 0, positions + size, positions)
