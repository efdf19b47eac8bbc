"""Ids: which ones are accepted, which ones may be confused, and where an id stands in a roster."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from revmatch.errors import Problems
from revmatch.people.growing import Growing
from revmatch.people.skills import split_items
from revmatch.people.text import Text

Int64 = npt.NDArray[np.int64]

#: Longest id, in characters.
MOST_CHARACTERS = 256
#: Characters nobody sees, which make two ids look alike: NUL, zero width space, BOM, bidi controls, lone surrogates.
_UNSEEN = re.compile("[\0\u200b\ufeff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
#: Zero width joiner and non-joiner: part of emoji and of several scripts, but two ids may not differ by them only.
_JOINERS = re.compile("[\u200c\u200d]")
_WHOLE_FLOAT = re.compile(r"(-?[0-9]+)\.0+")
#: What spreadsheets and data frames make of long numbers; digits of the id are lost in it.
_FLOAT = re.compile(r"[+-]?[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?|[+-]?[0-9]+[eE]\+[0-9]+")
#: Rows of a duplicate that are named.
_MOST_NAMED = 5


def id_text(cell: str) -> str:
    """Id as it is compared: a whole number that was written as a float loses its ``.0``."""
    match = _WHOLE_FLOAT.fullmatch(cell) if "." in cell else None
    return match[1] if match else cell


def what_is_wrong(cell: str) -> tuple[str, str] | None:
    """Why an id is refused, and how to mend it; None if it is accepted."""
    if not cell or cell.isspace():
        return "expected an id, found a blank cell", "give everybody a short unique id"
    if len(cell) > MOST_CHARACTERS:
        return f"an id has at most {MOST_CHARACTERS} characters, this one {len(cell):,}", "give a shorter id"
    unseen = _UNSEEN.search(cell)
    if unseen:
        return f"the id holds the invisible character U+{ord(unseen[0]):04X}", "remove it"
    if _FLOAT.fullmatch(cell):
        return "the id is a number with decimals", "format the id column as text or as a whole number"
    return None


def _plain(cells: Sequence[str]) -> bool:
    """Whether none of these ids, or lists of ids, can be wrong: short, not blank, ASCII without dot or plus."""
    joined = "".join(cells)
    return (
        joined.isascii()
        and not any(mark in joined for mark in ("\0", ".", "+"))
        and all(cells)
        and not any(map(str.isspace, cells))
        and max(map(len, cells), default=0) <= MOST_CHARACTERS
    )


def look_alike(cell: str) -> str:
    """Key that two ids share if people may take one for the other: spelling, case, outer spaces, joiners."""
    if cell.isascii():
        return cell.strip().casefold()
    bare = unicodedata.normalize("NFD", _JOINERS.sub("", cell).strip()).casefold()
    return unicodedata.normalize("NFC", bare).strip()


class IdChecker:
    """Checks the id column chunk by chunk, and at the end that every id is unique.

    Parameters
    ----------
    problems : Problems
        Where bad ids are reported.
    place : callable
        ``place(k)`` names the id cell of the k-th person.
    """

    __slots__ = ("_keys", "_place", "_problems", "_size")

    def __init__(self, problems: Problems, place: Callable[[int], str]) -> None:
        self._problems = problems
        self._place = place
        self._size = 0
        self._keys = Growing(np.int64)

    def add(self, cells: Sequence[str]) -> list[str]:
        """Check the next ids; give them back as they are compared."""
        if _plain(cells):  # all of them at once, as most files are
            ids, keys = list(cells), map(str.casefold, map(str.strip, cells))
        else:
            ids = [id_text(cell) for cell in cells]
            keys = map(look_alike, ids)
            for k, cell in enumerate(ids):
                wrong = what_is_wrong(cell)
                if wrong:
                    self._problems.add("RM122", self._place(self._size + k), *wrong)
        # Python's own hash suffices to find suspects; they are compared in full afterwards.
        self._keys.add(np.fromiter(map(hash, keys), np.int64, len(ids)))
        self._size += len(ids)
        return ids

    def finish(self, ids: Text, rows: Int64) -> bool:
        """Report ids that are there twice or may be confused; tell whether all are unique."""
        keys = self._keys.finish()
        order = np.argsort(keys, kind="stable")
        equal = keys[order[1:]] == keys[order[:-1]]
        suspects = np.unique(np.concatenate([order[1:][equal], order[:-1][equal]]))
        alike: dict[str, dict[str, list[int]]] = {}
        for k, name in zip(suspects.tolist(), ids.decode(suspects).tolist(), strict=True):
            if name:
                alike.setdefault(look_alike(name), {}).setdefault(name, []).append(k)
        unique = True
        for spellings in alike.values():
            firsts = [same[0] for same in spellings.values()]
            for same in spellings.values():
                if len(same) > 1:
                    unique = False
                    self._add("RM120", same, rows, "duplicate id", "keep one row a person")
            if len(firsts) > 1:
                hint = "make them equal or clearly different: case, outer spaces and invisible marks do not count"
                self._add("RM121", sorted(firsts), rows, "ambiguous ids, hardly different from each other", hint)
        return unique

    def _add(self, code: str, people: list[int], rows: Int64, what: str, hint: str) -> None:
        named = [f"{int(rows[k]):,}" for k in people[:_MOST_NAMED]]
        more = f" and {len(people) - _MOST_NAMED:,} more" if len(people) > _MOST_NAMED else ""
        listed = ", ".join(named) + more if more or len(named) > 2 else " and ".join(named)
        self._problems.add(code, self._place(people[-1]), f"{what}, rows {listed}", hint)


def check_references(cells: Sequence[str], place: Callable[[int], str], problems: Problems, *, many: bool) -> list[str]:
    """Check cells that name other people: one id each, or `many` with ``;`` between; give them as they are compared."""
    if _plain(list(filter(None, cells))):
        return list(cells)
    known: dict[str, tuple[str, list[tuple[str, str]]]] = {}
    compared = []
    for k, cell in enumerate(cells):
        found = known.get(cell)
        if found is None:
            found = known[cell] = _reference(cell, many) if cell and not cell.isspace() else ("", [])
        compared.append(found[0])
        for wrong in found[1]:
            problems.add("RM122", place(k), *wrong)
    return compared


def _reference(cell: str, many: bool) -> tuple[str, list[tuple[str, str]]]:
    """A cell as it is compared, and what is wrong with it."""
    items = split_items(cell) if many else [cell]
    ids = [id_text(item) for item in items]
    found = []
    for number, item in enumerate(ids, start=1):
        wrong = what_is_wrong(item)
        if wrong:
            found.append((f"item {number}: {wrong[0]}" if many else wrong[0], wrong[1]))
    return cell if ids == items else ";".join(item.replace(";", "\\;") for item in ids), found


@dataclass(frozen=True, slots=True, eq=False)
class IdIndex:
    """Finds ids: rows ordered by the hash of their id. Only good in the process that made it."""

    hashes: Int64
    rows: Int64

    @classmethod
    def of(cls, ids: Text) -> IdIndex:
        """Index of an id column."""
        hashes = np.empty(len(ids), dtype=np.int64)
        for start, cells in ids.blocks():
            hashes[start : start + len(cells)] = np.fromiter(map(hash, cells), np.int64, len(cells))
        rows = np.argsort(hashes, kind="stable")
        return cls(hashes[rows], rows)

    def find(self, wanted: Iterable[str], ids: Text) -> Int64:
        """Row of each id, -1 where there is none."""
        names = np.array([*(name if isinstance(name, str) else None for name in wanted), None], dtype=object)[:-1]
        found = np.full(len(names), -1, dtype=np.int64)
        hashes = np.fromiter(map(hash, names), np.int64, len(names))
        at = np.searchsorted(self.hashes, hashes)
        open_ = np.arange(len(names))
        while len(open_):  # more than once only where two ids share a hash
            open_ = open_[at[open_] < len(self.hashes)]
            open_ = open_[self.hashes[at[open_]] == hashes[open_]]
            rows = self.rows[at[open_]]
            same = np.asarray(ids.decode(rows) == names[open_], dtype=np.bool_)
            found[open_[same]] = rows[same]
            open_ = open_[~same]
            at[open_] += 1
        return found


def order_of_ids(ids: Text) -> Int64:
    """Rows in the order of their ids, by code points."""
    # The order of UTF-8 bytes is that of code points. Short ids are compared as whole machine words.
    cells = ids.pieces()
    if cells.dtype == np.object_:
        order = np.argsort(cells, kind="stable").astype(np.int64)
    else:
        width = -(-cells.dtype.itemsize // 8)
        words = cells.astype(f"S{8 * width}").view(">u8").reshape(-1, width).astype(np.uint64)
        order = (np.argsort(words[:, 0], kind="stable") if width == 1 else np.lexsort(words.T[::-1])).astype(np.int64)
    order.setflags(write=False)
    return order
