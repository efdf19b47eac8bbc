"""From raw cells to People: every check of a roster, all its problems at once.

Files, records and data frames all arrive here as text, some thousand rows at a time; each column is packed as it comes,
so that nothing is ever held as a Python object per cell.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from revmatch.errors import MOST_PROBLEMS, InputError, Problem, Problems
from revmatch.people import cells, hours
from revmatch.people.away import parse_away
from revmatch.people.content import CANONICAL, Content, heading_key, numbers_of
from revmatch.people.ids import IdChecker, check_references
from revmatch.people.org import ReportingLines
from revmatch.people.people import People
from revmatch.people.skills import SkillBuilder, SkillTable
from revmatch.people.text import BufferText, CodedText, Text, TextBuilder

Int64 = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

#: Rows that are handed over at a time.
CHUNK = 16_384
#: Most partners that anybody may have.
MOST_PARTNERS = 1_000_000
_SKILLS = ("offers", "wants")
#: Columns that name other people: whether they hold a list.
_REFERENCES = {"manager": False, "dotted_line": True, "choices": True, "avoid": True}


class Loader:
    """Takes a roster chunk by chunk and checks it.

    Parameters
    ----------
    label : str
        What messages call the roster.
    path : str, optional
        File it is read from.
    native : str, optional
        Data frame library it comes from.
    heading_row : int
        Row of the headings, for messages.
    """

    def __init__(self, label: str, *, path: str | None = None, native: str | None = None, heading_row: int = 1) -> None:
        self.label = label
        self.problems = Problems()
        self._path = path
        self._native = native
        self._heading_row = heading_row
        self._size = 0
        self._starts: list[int] = []
        self._rows: list[Int64] = []
        self._columns: dict[str, TextBuilder] = {}
        self._order: list[str | None] = []
        self._numbers: dict[str, int] = {}
        self._nameless: set[int] = set()
        self._ids = IdChecker(self.problems, self._places("id"))
        self._skills: dict[str, SkillBuilder] = {}

    # -- taking -------------------------------------------------------------------------------------------------------

    def headings(self, names: Sequence[str]) -> None:
        """Open the columns; RM123 for one that is there twice, RM143 without an id column."""
        for name in names:
            self.column(name)
        if "id" not in self._columns:
            # without headings the first row is somebody's: nothing of it is repeated
            hint = "the first row holds the headings, and one of them is id"
            self.problems.add("RM143", f"{self.label}:{self._heading_row}", 'there is no column "id"', hint)

    def column(self, name: str) -> None:
        """Open one more column; it is blank for the people so far."""
        key = heading_key(name)
        number = len(self._order) + 1
        if not key:
            self._order.append(None)
            return
        first = self._numbers.setdefault(key, number)
        if first < number:
            self._order.append(None)
            place = f"{self.label}:{self._heading_row}"
            what = f"columns {first} and {number} have the same heading"
            self.problems.add("RM123", place, what, "case and outer spaces do not count; rename one")
            self._nameless.add(number - 1)
            return
        heading = key if key in CANONICAL else name.strip()
        self._order.append(heading)
        self._columns[heading] = TextBuilder(different=heading in ("id", *_SKILLS))
        self._columns[heading].add_blank(self._size)
        if heading in _SKILLS:
            self._skills[heading] = SkillBuilder(self.problems, self._places(heading))
            self._skills[heading].add_blank(self._size)

    @property
    def width(self) -> int:
        """Number of columns, with and without a heading."""
        return len(self._order)

    def add(self, columns: Sequence[Sequence[str]], rows: Int64) -> None:
        """Take the next people: one sequence of cells for each column, and the row of each person in the file."""
        self._starts.append(self._size)
        self._rows.append(rows)
        for position, (heading, texts) in enumerate(zip(self._order, columns, strict=True)):
            if heading is None:
                self._add_nameless(position, texts, rows)
            else:
                self._add(heading, texts)
        self._size += len(rows)

    def _add(self, heading: str, texts: Sequence[str]) -> None:
        if heading == "id":
            texts = self._ids.add(texts)
        elif heading in _REFERENCES:
            start, place = self._size, self._places(heading)
            texts = check_references(texts, lambda k: place(start + k), self.problems, many=_REFERENCES[heading])
        elif heading in _SKILLS:
            self._skills[heading].add(texts)
        if self._path is None:  # what was read from a file was UTF-8
            texts = self._encodable(heading, texts)
        self._columns[heading].add(texts)

    def _encodable(self, heading: str, texts: Sequence[str]) -> Sequence[str]:
        """Same cells; RM125 for half a surrogate pair, which is then left out."""
        try:
            "".join(texts).encode()
        except UnicodeEncodeError:
            return [text if self._is_text(heading, k, text) else "" for k, text in enumerate(texts)]
        return texts

    def _is_text(self, heading: str, k: int, text: str) -> bool:
        try:
            text.encode()
        except UnicodeEncodeError as error:
            if heading != "id" and heading not in _REFERENCES:  # there it was reported as a bad id
                what = f"character {error.start + 1:,} is half of a surrogate pair, which is no text"
                place = self.place(self._size + k, heading)
                self.problems.add("RM125", place, what, "decode it as UTF-8 where it is read")
            return False
        return True

    def _add_nameless(self, position: int, texts: Sequence[str], rows: Int64) -> None:
        """A column without a heading may only be blank: spreadsheets leave such columns behind."""
        if position in self._nameless:
            return
        filled = next((k for k, text in enumerate(texts) if text and not text.isspace()), None)
        if filled is not None:
            self._nameless.add(position)
            place = f"{self.label}:{int(rows[filled])}"
            self.problems.add("RM143", place, f"column {position + 1} has cells but no heading", "give it a heading")

    # -- places -------------------------------------------------------------------------------------------------------

    def place(self, k: int, column: str) -> str:
        """Where a cell of the k-th person stands."""
        chunk = bisect_right(self._starts, k) - 1
        return f"{self.label}:{int(self._rows[chunk][k - self._starts[chunk]])}:{column}"

    def _places(self, column: str) -> Callable[[int], str]:
        return lambda k: self.place(k, column)

    # -- finishing ----------------------------------------------------------------------------------------------------

    def finish(self) -> People:
        """Close all columns, make the last checks, and give the people.

        Raises
        ------
        InputError
            Everything that is wrong, up to 100 problems.
        """
        rows = np.concatenate([np.zeros(0, np.int64), *self._rows])
        texts = {heading: self._close(heading) for heading in list(self._columns)}
        skills = {heading: self._skills.pop(heading).finish() for heading in list(self._skills)}
        capacity, min_load = self._bounds(texts)
        items = self._check_hours(texts)
        self._check_each(texts, "time_zone", hours.zone_offset)
        self._check_each(texts, "away", parse_away)
        unique = "id" in texts and self._ids.finish(texts["id"], rows)
        lines = self._lines(texts) if unique else None
        self.problems.raise_as(InputError)
        assert lines is not None
        available, zones = texts.get("available"), texts.get("time_zone")
        known: dict[str, Any] = {}
        if isinstance(available, CodedText) and isinstance(zones, CodedText):  # read just now: put together, and kept
            weekly = hours.Weekly.read(available.factorised(), zones.factorised(), place=self.place, known=items)
            known["weekly"] = (None, weekly)
        empty = SkillTable.empty(len(rows))
        return People(
            Content(
                label=self.label,
                path=self._path,
                native=self._native,
                texts=texts,
                lent=frozenset(),
                rows=rows,
                capacity=capacity,
                min_load=min_load,
                offers=skills.get("offers", empty),
                wants=skills.get("wants", empty),
                lines=lines,
                _known=known,
            )
        )

    def _close(self, heading: str) -> Text:
        text = self._columns.pop(heading).finish()
        for k in _rows_longer_than(text, cells.MOST_DIGITS):
            cell = text.at(k)
            if len(cell) > cells.MOST_CHARACTERS:
                what = f"a cell has at most {cells.MOST_CHARACTERS:,} characters, this one {len(cell):,}"
                self.problems.add("RM126", self.place(k, heading), what, "shorten it; is a quotation mark not closed?")
            elif re.fullmatch("[+-]?[0-9]+", cell):
                self.problems.add("RM127", self.place(k, heading), f"a number of {len(cell):,} digits is too long")
        return text

    def _bounds(self, texts: dict[str, Text]) -> tuple[Int64, Int64]:
        capacity, capacity_stated = self._partners(texts, "capacity", 1)
        min_load, min_load_stated = self._partners(texts, "min_load", 0)
        for k in self._enough((min_load > capacity) & capacity_stated & min_load_stated):
            column = "min_load" if "min_load" in texts else "capacity"
            what = f"min_load {int(min_load[k]):,} is more than capacity {int(capacity[k]):,}"
            self.problems.add("RM151", self.place(k, column), what, "lower min_load or raise capacity (1 where blank)")
        return capacity, min_load

    def _partners(self, texts: dict[str, Text], column: str, default: int) -> tuple[Int64, Mask]:
        """Values of `capacity` or `min_load`, and which of them can be relied on."""
        if column not in texts:
            return np.full(self._size, default, dtype=np.int64), np.ones(self._size, dtype=np.bool_)
        values, stated, bad = numbers_of(texts[column])
        bad |= (values < 0) | (values > MOST_PARTNERS)
        for k in self._enough(bad):
            cell = texts[column].at(k)
            if len(cell) > cells.MOST_DIGITS and cell.isdigit():
                continue  # reported as too long already
            what = f"expected a whole number from 0 to {MOST_PARTNERS:,}"
            self.problems.add("RM150", self.place(k, column), what, f"write such as 2; blank counts as {default}")
        return np.where(stated, values, default), ~bad

    def _check_hours(self, texts: dict[str, Text]) -> hours.Known:
        """Read every item of hours once."""
        text = texts.get("available")
        if text is None:
            return {}
        items: set[str] = set()
        for cell in text.vocabulary if isinstance(text, CodedText) else ():
            items.update(cell.split(";"))
        if not isinstance(text, CodedText):
            for _, block in text.blocks():
                for cell in block:
                    items.update(cell.split(";"))
        known = {item: hours.read_item(item) for item in items}
        bad = {item for item, found in known.items() if isinstance(found, Problem)}
        if bad:
            for k in self._enough(text.where(lambda cell: not bad.isdisjoint(cell.split(";")))):
                self._extend(hours.parse, text.at(k), self.place(k, "available"))
        return known

    def _check_each(self, texts: dict[str, Text], heading: str, check: Callable[[str, str], object]) -> None:
        """Check each different cell of a column once."""
        text = texts.get(heading)
        if text is None:
            return
        known: dict[str, bool] = {}

        def refused(cell: str) -> bool:
            if cell not in known:
                known[cell] = _refused(check, cell)
            return known[cell]

        for k in self._enough(text.where(refused)):
            self._extend(check, text.at(k), self.place(k, heading))

    def _enough(self, bad: Mask) -> list[int]:
        """Rows to report: one more than there is room for, which notes that there are more."""
        rows: list[int] = np.flatnonzero(bad)[: MOST_PROBLEMS - len(self.problems) + 1].tolist()
        return rows

    def _extend(self, check: Callable[[str, str], object], cell: str, place: str) -> None:
        try:
            check(cell, place)
        except InputError as error:
            self.problems.extend(error)

    def _lines(self, texts: dict[str, Text]) -> ReportingLines | None:
        manager, dotted = (texts[c].decode() if c in texts else None for c in ("manager", "dotted_line"))
        try:
            return ReportingLines.build(texts["id"].decode(), manager, dotted, place=self.place)
        except InputError as error:
            self.problems.extend(error)
            return None


def _refused(check: Callable[[str, str], object], cell: str) -> bool:
    try:
        check(cell, "")
    except InputError:
        return True
    return False


def _rows_longer_than(text: Text, characters: int) -> list[int]:
    """Rows whose cell has more characters (in a buffer: bytes, of which there are no fewer)."""
    if isinstance(text, BufferText):
        return np.flatnonzero(np.diff(text.offsets) > characters).tolist()
    return np.flatnonzero(text.where(lambda cell: len(cell) > characters)).tolist()
