"""What a roster holds: its columns, and what was read out of them. Every selection of its people shares it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from revmatch.people.away import CALENDAR_READ
from revmatch.people.cells import WHOLE
from revmatch.people.ids import IdIndex, order_of_ids
from revmatch.people.org import ReportingLines
from revmatch.people.skills import SkillTable
from revmatch.people.text import BLOCK, CodedText, Text, text_of

Int64 = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

Kept = TypeVar("Kept")

#: Columns with a meaning of their own, in the order of the contract.
CANONICAL = (
    "id", "name", "department", "division", "location", "grade", "manager", "dotted_line", "time_zone", "languages",
    "offers", "wants", "available", "away", "capacity", "min_load", "choices", "avoid",
)  # fmt: skip
#: Columns that stay text whatever they hold.
ALWAYS_TEXT = frozenset(
    ("id", "name", "manager", "dotted_line", "time_zone", "languages", "offers", "wants", "available", "away",
     "choices", "avoid", CALENDAR_READ)
)  # fmt: skip


def heading_key(heading: str) -> str:
    """What makes two headings the same: case and outer spaces do not count."""
    return heading.strip().casefold()


@dataclass(frozen=True, slots=True, eq=False)
class Content:
    """Everything that a roster of n people holds.

    Parameters
    ----------
    label : str
        What messages call it: the file's path, or what the caller named it.
    path : str or None
        The file it was read from.
    native : str or None
        Data frame library it came from.
    texts : dict
        Heading -> cells, in the file's order.
    lent : frozenset of str
        Headings of columns that another roster lent.
    rows : int64 array of n
        Row of each person in the file.
    capacity, min_load : int64 arrays of n
        Most and fewest partners.
    offers, wants : SkillTable
        Skills.
    lines : ReportingLines
        Who stands above whom.
    """

    label: str
    path: str | None
    native: str | None
    texts: dict[str, Text]
    lent: frozenset[str]
    rows: Int64
    capacity: Int64
    min_load: Int64
    offers: SkillTable
    wants: SkillTable
    lines: ReportingLines
    #: What was worked out on request. Two threads at once work it out twice, and get the same.
    _known: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for array in (self.rows, self.capacity, self.min_load):
            array.setflags(write=False)

    def __reduce__(self) -> tuple[Any, ...]:
        return Content, (
            self.label, self.path, self.native, self.texts, self.lent, self.rows, self.capacity, self.min_load,
            self.offers, self.wants, self.lines,
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.rows)

    def heading(self, column: str) -> str | None:
        """The heading that is meant, or None if there is no such column."""
        if column in self.texts:
            return column
        key = heading_key(column)
        return next((name for name in self.texts if heading_key(name) == key), None)

    @property
    def nbytes(self) -> int:
        """Bytes held by columns and tables."""
        tables = [t for table in (self.offers, self.wants) for t in (table.indptr, table.skill, table.level)]
        lines = [getattr(self.lines, name) for name in self.lines.__slots__]
        arrays = [self.rows, self.capacity, self.min_load, *tables, *lines]
        return sum(text.nbytes for text in self.texts.values()) + sum(
            array.nbytes for array in arrays if isinstance(array, np.ndarray)
        )

    def known(self, what: str, work_out: Callable[[], Kept], *, key: object = None) -> Kept:
        """What was worked out before for the same key, or is now."""
        held = self._known.get(what)
        if held is None or held[0] is not key:
            held = self._known[what] = (key, work_out())
        kept: Kept = held[1]
        return kept

    def index(self) -> IdIndex:
        """Where each id stands."""
        return self.known("index", lambda: IdIndex.of(self.texts["id"]))

    def id_order(self) -> Int64:
        """Rows in the order of their ids."""
        return self.known("order", lambda: order_of_ids(self.texts["id"]))

    def numbers(self, column: str, rows: Int64 | None) -> tuple[Int64, Mask, Mask]:
        """Of these rows, or of all: see `numbers_of`."""
        text = self.texts[column]
        if isinstance(text, CodedText):
            of_texts = self.known("numbers " + column, lambda: _plain_numbers((*text.vocabulary, "0")))
            return _picked(*of_texts, text.codes if rows is None else text.codes[rows])
        values, stated, bad = numbers_of(text)
        return (values, stated, bad) if rows is None else (values[rows], stated[rows], bad[rows])

    def is_number(self, column: str) -> bool:
        """Whether a column holds numbers: every filled cell is a plain whole number, and there is one."""
        return self.known("number " + column, lambda: column not in ALWAYS_TEXT and self._holds_numbers(column))

    def _holds_numbers(self, column: str) -> bool:
        text = self.texts[column]
        if isinstance(text, CodedText):
            return bool(text.vocabulary) and all(map(WHOLE.fullmatch, text.vocabulary))
        for _, cells in text.blocks():
            if not all(WHOLE.fullmatch(cell) for cell in cells if cell):
                return False
        return bool(text.stated().any())

    def lent_by(self, lender: Content, lender_rows: Int64, key: object) -> Content:
        """Same people, with the columns that are lacking here taken by id from those rows of another roster.

        For the same `key` (the lending people) it is the same content.
        """
        lacking = [column for column in lender.texts if self.heading(column) is None]
        if "away" not in lacking:  # of which days calendars were read, says something of the lender's alone
            lacking = [column for column in lacking if column != CALENDAR_READ]
        if not lacking:
            return self
        return self.known("lent", lambda: self._lent_by(lender, lender_rows, lacking), key=key)

    def _lent_by(self, lender: Content, lender_rows: Int64, lacking: list[str]) -> Content:
        in_lender = lender.index().find(self.texts["id"].decode(), lender.texts["id"])
        taking_part = np.zeros(len(lender) + 1, dtype=np.bool_)
        taking_part[lender_rows] = True
        at = np.where(taking_part[in_lender], in_lender, -1)
        changes: dict[str, Any] = {
            "texts": self.texts | {column: lender.texts[column].take(at) for column in lacking},
            "lent": self.lent | set(lacking),
        }
        if "capacity" in lacking:
            changes["capacity"] = np.append(lender.capacity, 1)[at]
        if "min_load" in lacking:
            changes["min_load"] = np.append(lender.min_load, 0)[at]
        if "offers" in lacking:
            changes["offers"] = lender.offers.take(at)
        if "wants" in lacking:
            changes["wants"] = lender.wants.take(at)
        same = {what: kept for what, kept in self._known.items() if what in ("index", "order", "digest")}
        return replace(self, **changes, _known=same)

    def with_cells(self, column: str, cells: dict[int, str]) -> Content:
        """Same people, some with another text in a column that stays text, by row; they come from no file any more."""
        heading = self.heading(column) or column
        texts = self.texts[heading].decode().tolist() if heading in self.texts else [""] * len(self)
        for row, text in cells.items():
            texts[row] = text
        same = {what: kept for what, kept in self._known.items() if what in ("index", "order")}
        changed = self.texts | {heading: text_of(texts)}
        return replace(self, path=None, texts=changed, lent=self.lent - {heading}, _known=same)

    def digest(self) -> str:
        """SHA-256 of the cells: people in the order of their ids, columns in the order of their headings.

        Lent columns are not part of it: they are content of the roster that lent them. Hashed are a mark of this
        format, the number of people, and for each column the length of its heading, the heading, the SHA-256 of the
        lengths of its cells and that of the cells themselves: UTF-8, lengths in bytes, little-endian, of 64 bits.
        """
        return self.known("digest", self._digest)

    def _digest(self) -> str:
        order = self.id_order()
        total = hashlib.sha256(b"revmatch people 1\n")
        total.update(len(self).to_bytes(8, "little"))
        for column in sorted(self.texts.keys() - self.lent):
            heading, text = column.encode(), self.texts[column]
            total.update(len(heading).to_bytes(8, "little") + heading)
            lengths, cells = hashlib.sha256(), hashlib.sha256()
            for start in range(0, len(order), BLOCK):
                piece, sizes = text.encode(order[start : start + BLOCK])
                lengths.update(sizes.astype("<i8").tobytes())
                cells.update(piece)
            total.update(lengths.digest() + cells.digest())
        return total.hexdigest()


def numbers_of(text: Text) -> tuple[Int64, Mask, Mask]:
    """Values (0 where not stated or no number), which cells are stated, and which hold no plain whole number."""
    if isinstance(text, CodedText):
        return _picked(*_plain_numbers((*text.vocabulary, "0")), text.codes)
    parts = [_plain_numbers(cells.tolist()) for _, cells in text.blocks()]
    values = np.concatenate([np.zeros(0, np.int64), *(part[0] for part in parts)])
    bad = np.concatenate([np.zeros(0, np.bool_), *(part[1] for part in parts)])
    stated = text.stated()
    return values, stated, bad & stated


def _picked(values: Int64, bad: Mask, codes: npt.NDArray[np.int32]) -> tuple[Int64, Mask, Mask]:
    """Of each code; code -1 picks the last one, the number of a cell that is not stated."""
    return values[codes], codes >= 0, bad[codes]


def _plain_numbers(cells: Any) -> tuple[Int64, Mask]:
    plain = [WHOLE.fullmatch(cell) is not None for cell in cells]
    values = np.array([int(cell) if good else 0 for cell, good in zip(cells, plain, strict=True)], dtype=np.int64)
    return values, ~np.array(plain, dtype=np.bool_)
