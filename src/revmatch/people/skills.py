r"""Skills: who offers or wants what, and to which level, as sparse tables.

A cell says ``python:4;cloud:2``. Skills are the same if they are equal after trimming and case folding; a level is 1 to
5, and 5 where none is written. ``\;`` and ``\:`` stand for themselves, blank items are ignored.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import methodcaller
from typing import Any

import numpy as np
import numpy.typing as npt

from revmatch.errors import Problems
from revmatch.people.growing import Growing

Int8 = npt.NDArray[np.int8]
Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]

#: Level of a skill that is named without one: "can teach it", "wants it all".
FULL_LEVEL = 5
_BLANK, _BAD = -1, -2
_BLOCK = 65_536  # rows that are sorted at a time
_SEPARATORS = methodcaller("count", ";")
_ITEMS = re.compile(r"(?<!\\);")
_PARTS = re.compile(r"(?<!\\):")
_ESCAPED = re.compile(r"\\([;:])")


def skill_key(name: str) -> str:
    """What makes two spellings the same skill: NFC, without outer spaces and case.

    >>> skill_key("  Public Speaking ") == skill_key("public speaking")
    True
    """
    if name.isascii():  # which is composed, decomposed and folded all the same
        return name.strip().lower()
    # Folding may undo a composition and the other way round: only folding the decomposed form is stable.
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", name.strip()).casefold()).strip()


def split_items(text: str) -> list[str]:
    r"""Items of a ``;`` list, without outer spaces and blank ones; ``\;`` stands for itself.

    >>> split_items(r"en; de;; a\;b")
    ['en', 'de', 'a;b']
    """
    if "\\" not in text:
        return [item.strip() for item in text.split(";") if item and not item.isspace()]
    return [item.replace("\\;", ";").strip() for item in _ITEMS.split(text) if item and not item.isspace()]


@dataclass(frozen=True, slots=True, eq=False)
class SkillTable:
    """Skills of n people in compressed rows.

    Parameters
    ----------
    indptr : int64 array of n + 1
        Skills of person i are at ``indptr[i]`` to ``indptr[i + 1]`` of the other two.
    skill : int32 array
        Codes into `vocabulary`, growing within a person.
    level : int8 array
        1 to 5.
    vocabulary : tuple of str
        How each skill is shown: of the spellings that were used, the first one in the order of their characters.

    Examples
    --------
    >>> table = skill_table(["SQL:4; python", "", "sql"])
    >>> table.vocabulary, table.row(0), table.row(1)
    (('python', 'SQL'), {'python': 5, 'SQL': 4}, {})
    """

    indptr: Int64
    skill: Int32
    level: Int8
    vocabulary: tuple[str, ...]

    def __post_init__(self) -> None:
        for array in (self.indptr, self.skill, self.level):
            array.setflags(write=False)

    def __reduce__(self) -> tuple[Any, ...]:
        return SkillTable, (self.indptr, self.skill, self.level, self.vocabulary)

    def __len__(self) -> int:
        return len(self.indptr) - 1

    @classmethod
    def empty(cls, people: int) -> SkillTable:
        """Table of so many people without any skill."""
        return cls(np.zeros(people + 1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int8), ())

    def row(self, k: int) -> dict[str, int]:
        """Skills of one person and their levels."""
        part = slice(int(self.indptr[k]), int(self.indptr[k + 1]))
        names = [self.vocabulary[code] for code in self.skill[part].tolist()]
        return dict(zip(names, self.level[part].tolist(), strict=True))

    def take(self, rows: Int64) -> SkillTable:
        """Table of these people in this order; -1 is somebody without any skill."""
        starts = self.indptr[rows]
        lengths = self.indptr[rows + 1] - starts
        lengths[rows < 0] = 0
        indptr = np.zeros(len(rows) + 1, dtype=np.int64)
        np.cumsum(lengths, out=indptr[1:])
        places = np.repeat(starts - indptr[:-1], lengths)
        places += np.arange(len(places))
        return SkillTable(indptr, self.skill[places], self.level[places], self.vocabulary)

    def recoded(self, codes: Int32, vocabulary: tuple[str, ...]) -> SkillTable:
        """Same skills under the codes of another vocabulary: `codes` holds the new code of each old one."""
        skill = np.asarray(codes, dtype=np.int32)[self.skill]
        if bool((codes[1:] > codes[:-1]).all()):
            return SkillTable(self.indptr, skill, self.level, vocabulary)
        person = np.repeat(np.arange(len(self)), np.diff(self.indptr))
        order = np.lexsort((skill, person))
        return SkillTable(self.indptr, skill[order], self.level[order], vocabulary)


def shared_vocabulary(*tables: SkillTable) -> tuple[tuple[str, ...], list[SkillTable]]:
    """Give several tables the same codes.

    Returns
    -------
    vocabulary : tuple of str
        Every skill of any of them, in the order of their keys: it depends on no order of rows.
    tables : list of SkillTable
        The same tables under these codes.
    """
    vocabulary, recoded = joint_vocabulary(*tables)
    return vocabulary, [recoded(table) for table in tables]


def joint_vocabulary(*tables: SkillTable) -> tuple[tuple[str, ...], Callable[[SkillTable], SkillTable]]:
    """Every skill of any of several tables, in the order of their keys; and what gives tables the codes of these."""
    shown = _Vocabulary()
    known: list[tuple[tuple[str, ...], Int64]] = []  # selections of one roster share their vocabulary

    def codes(names: tuple[str, ...]) -> Int64:
        for held, held_codes in known:
            if held is names:
                return held_codes
        known.append((names, np.fromiter(map(shown.code, names), np.int64, len(names))))
        return known[-1][1]

    for table in tables:
        codes(table.vocabulary)
    rank, vocabulary = shown.sorted()

    def recoded(table: SkillTable) -> SkillTable:
        return table.recoded(rank[codes(table.vocabulary)], vocabulary)

    return vocabulary, recoded


class _Vocabulary:
    """Skills in the order in which they were met, and how each is shown."""

    __slots__ = ("_codes", "_known", "_shown")

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}
        self._shown: list[str] = []
        self._known: dict[str, int] = {}

    def code(self, name: str) -> int:
        known = self._known.get(name)
        if known is not None:
            return known
        code = self._known[name] = self._codes.setdefault(skill_key(name), len(self._shown))
        if code == len(self._shown):
            self._shown.append(name)
        elif name < self._shown[code]:
            self._shown[code] = name
        return code

    def sorted(self) -> tuple[Int32, tuple[str, ...]]:
        """Rank of each code by the order of keys, and the names in that order."""
        order = [code for _, code in sorted(self._codes.items())]
        rank = np.zeros(len(order), dtype=np.int32)
        rank[order] = np.arange(len(order))
        return rank, tuple(self._shown[code] for code in order)


class _Items(dict[str, int]):
    """What each item of a cell means: its skill's code * 8 + level, or that it is blank or bad."""

    def __init__(self) -> None:
        super().__init__()
        self.vocabulary = _Vocabulary()
        self.bad: dict[str, tuple[str, str, str]] = {}

    def __missing__(self, item: str) -> int:
        value = self._read(item)
        self[item] = value
        return value

    def _read(self, item: str) -> int:
        name, *levels = _PARTS.split(item)
        name = _ESCAPED.sub(r"\1", name).strip()
        level = levels[0].strip() if levels else str(FULL_LEVEL)
        if not name and not levels:
            return _BLANK
        if len(levels) > 1:
            return self._refuse(
                item,
                "RM129",
                'more than one ":" in an item',
                'items stand between ";"; write "\\:" for a colon in a name',
            )
        if not name:
            return self._refuse(item, "RM129", "a level without a skill", "write python:4;cloud:2")
        if not re.fullmatch("[1-5]", level):
            long = level.isdigit() and len(level) > 18
            what = f"has {len(level):,} digits" if long else "is not a whole number from 1 to 5"
            hint = 'write python:4; without a level it counts as 5; "\\:" stands for a colon in a name'
            return self._refuse(item, "RM127" if long else "RM129", f"the level {what}", hint)
        return self.vocabulary.code(name) * 8 + int(level)

    def _refuse(self, item: str, *problem: str) -> int:
        code, expected, hint = problem
        self.bad[item] = (code, expected, hint)
        return _BAD


class SkillBuilder:
    """Takes the cells of a skills column chunk by chunk.

    Each different item is read once; what is kept of a cell is one number an item.

    Parameters
    ----------
    problems : Problems
        Where bad items are reported.
    place : callable
        ``place(k)`` names the cell of the k-th person.
    """

    __slots__ = ("_counts", "_items", "_packed", "_place", "_problems", "_size")

    def __init__(self, problems: Problems, place: Callable[[int], str]) -> None:
        self._problems = problems
        self._place = place
        self._items = _Items()
        self._size = 0
        self._counts = Growing(np.int32)
        self._packed = Growing(np.int32)

    def add(self, cells: Sequence[str]) -> None:
        """Add the next cells."""
        joined = ";".join(cells)
        if "\\" in joined:
            # A list of items a cell; split at once, the last cell's backslash would reach into the next one.
            lists = [_ITEMS.split(cell) for cell in cells]
            items = [item for some in lists for item in some]
            counts = np.fromiter(map(len, lists), np.int64, len(cells))
        else:
            items = joined.split(";") if cells else []
            counts = np.fromiter(map(_SEPARATORS, cells), np.int64, len(cells)) + 1
        packed = np.fromiter(map(self._items.__getitem__, items), np.int32, len(items))
        owner = np.repeat(np.arange(len(cells)), counts)
        for k in np.flatnonzero(packed == _BAD).tolist():
            enough = self._problems.full
            code, expected, hint = self._items.bad[items[k]]
            self._problems.add(code, self._place(self._size + int(owner[k])), expected, hint)
            if enough:  # the last one is only noted
                break
        good = packed >= 0
        self._packed.add(packed[good])
        self._counts.add(np.bincount(owner[good], minlength=len(cells)))
        self._size += len(cells)

    def add_blank(self, count: int) -> None:
        """Add so many blank cells."""
        self._counts.add(np.zeros(count, dtype=np.int32))
        self._size += count

    def finish(self) -> SkillTable:
        """Close the column; RM128 for each person who names a skill twice. The builder is empty afterwards."""
        rank, vocabulary = self._items.vocabulary.sorted()
        indptr, packed = self._counts.finish_offsets(), self._packed.finish()
        skill, level = np.empty(len(packed), dtype=np.int32), np.empty(len(packed), dtype=np.int8)
        for start in range(0, self._size, _BLOCK):
            rows = np.arange(start, min(start + _BLOCK, self._size) + 1)
            part = slice(int(indptr[rows[0]]), int(indptr[rows[-1]]))
            person = np.repeat(rows[:-1], np.diff(indptr[rows]))
            # Person, skill and level in one number: sorting it sorts each person's skills.
            key = (person << 34) | (rank[packed[part] >> 3].astype(np.int64) << 3) | (packed[part] & 7)
            key.sort()
            skill[part], level[part] = (key >> 3) & 0x7FFFFFFF, key & 7
            twice = np.flatnonzero(np.diff(key >> 3) == 0)
            for k in np.unique(key[twice] >> 34).tolist():
                self._refuse_twice(k)
        return SkillTable(indptr, skill, level, vocabulary)

    def _refuse_twice(self, k: int) -> None:
        hint = "keep one; case and outer spaces do not count"
        self._problems.add("RM128", self._place(k), "the same skill stands twice in this cell", hint)


def skill_table(cells: Sequence[str]) -> SkillTable:
    """Table of these cells, one a person; for tests and small examples.

    Raises
    ------
    InputError
        RM127, RM128, RM129 with the number of the cell.
    """
    from revmatch.errors import InputError

    problems = Problems()
    builder = SkillBuilder(problems, lambda k: f"cell {k}")
    builder.add(cells)
    table = builder.finish()
    problems.raise_as(InputError)
    return table
