"""Lists of pairs from CSV files: pins, bans and history. A file of pairs that revmatch wrote is one, too."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator
from dataclasses import dataclass

from revmatch.errors import InputError, Problem, Problems, did_you_mean
from revmatch.io.csv import SEPARATORS
from revmatch.io.files import read_text
from revmatch.io.inert import plain
from revmatch.people.content import heading_key
from revmatch.people.ids import id_text
from revmatch.people.skills import split_items

_NEEDED = ("mentor", "mentee")


@dataclass(frozen=True, slots=True)
class ListedPair:
    """One row of a list of pairs.

    Parameters
    ----------
    place : str
        ``file:row``.
    mentor, mentee : str
        Ids.
    despite : tuple of str
        Rules that the pair may break.
    reason : str
    """

    place: str
    mentor: str
    mentee: str
    despite: tuple[str, ...] = ()
    reason: str = ""


def read_pairs(path: str | os.PathLike[str]) -> list[ListedPair]:
    """Read a list of pairs: columns ``mentor`` and ``mentee``, and for pins ``despite`` and ``reason``.

    Other columns are not read. UTF-8; the separator is the one that the heading row shows; blank lines are ignored.

    Raises
    ------
    InputError
        Everything that is wrong, at once: RM123 to RM126, RM143 and RM192 with file and row.
    """
    name = os.fspath(path)
    rows = _rows(name)
    problems = Problems()
    if not rows:
        raise InputError(Problem("RM143", name, "the file is empty", "the first row holds mentor and mentee"))
    heading = [heading_key(plain(cell)) for cell in rows[0][1]]
    for column in (*_NEEDED, "despite", "reason"):
        place = f"{name}:{rows[0][0]}"
        if column in _NEEDED and column not in heading:
            problems.add("RM143", place, f'there is no column "{column}"', did_you_mean(column, heading))
        if heading.count(column) > 1:
            problems.add("RM123", place, f'the column "{column}" is there twice', "remove one")
    problems.raise_as(InputError)
    found = []
    for number, row in rows[1:]:
        place = f"{name}:{number}"
        if len(row) != len(heading):
            what = (
                f"{'short' if len(row) < len(heading) else 'long'} row: {len(row)} cells under {len(heading)} headings"
            )
            problems.add("RM124", place, what, "a cell that holds the separator stands in quotes")
            continue
        cells = dict(zip(heading, map(plain, row), strict=True))
        for side in _NEEDED:
            if not cells[side].strip():
                problems.add("RM122", f"{place}:{side}", "expected an id, found a blank cell", "give both ids")
        despite = tuple(split_items(cells.get("despite", "")))
        mentor, mentee = (id_text(cells[side]) for side in _NEEDED)
        found.append(ListedPair(place, mentor, mentee, despite, cells.get("reason", "").strip()))
    problems.raise_as(InputError)
    return found


def _rows(name: str) -> list[tuple[int, list[str]]]:
    """Rows that are not blank, each with its number as a spreadsheet counts."""
    text = read_text(name)
    return list(_split(text, _separator(text, name), name))


def _separator(text: str, name: str) -> str:
    """The separator under which the heading row holds most of what is needed, then the most columns."""
    best, most = SEPARATORS[0], (0, 1)
    for separator in SEPARATORS:
        try:
            heading = next(_split(text, separator, name), (0, [""]))[1]
        except InputError:
            continue
        keys = [heading_key(plain(cell)) for cell in heading]
        found = (sum(column in keys for column in _NEEDED), len(keys))
        if found > most:
            best, most = separator, found
    return best


def _split(text: str, separator: str, name: str) -> Iterator[tuple[int, list[str]]]:
    number = 0
    try:
        for number, row in enumerate(
            csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True), start=1
        ):
            if any(cell and not cell.isspace() for cell in row):
                yield number, row
    except csv.Error as error:
        place = f"{name}:{number + 1}"
        if "field limit" in str(error):
            raise InputError(Problem("RM126", place, "a cell is too long", "is a quotation mark not closed?")) from None
        hint = "inside quotes a quotation mark is written twice"
        raise InputError(Problem("RM143", place, "quotation marks do not match", hint)) from None
