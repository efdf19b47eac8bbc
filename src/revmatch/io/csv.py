"""Rosters from CSV files."""

from __future__ import annotations

import codecs
import csv
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from revmatch.errors import InputError, LimitError, Problem, did_you_mean
from revmatch.people.content import heading_key
from revmatch.people.load import CHUNK, Loader
from revmatch.people.people import People

#: Largest file, in bytes.
MOST_BYTES = 4 << 30
#: Separators that a heading row may show; where several give as many headings, the first.
SEPARATORS = (",", ";", "\t", "|")

_Row = tuple[int, list[str]]


def read_csv(path: str | os.PathLike[str]) -> People:
    r"""Read people from a CSV file with the canonical headings and any others.

    UTF-8, with or without a byte order mark; the separator (comma, semicolon, tab or ``|``) is the one that the heading
    row shows. Headings match without case and outer spaces, blank lines are ignored.

    Parameters
    ----------
    path : str or path
        The file.

    Returns
    -------
    People
        One person a row.

    Raises
    ------
    InputError
        Everything that is wrong, at once, with file, row and column; rows are those that a spreadsheet shows. RM192 if
        there is no such file.
    LimitError
        RM191 if the file is larger than 4 GiB.

    Examples
    --------
    >>> import pathlib, tempfile, revmatch as rm
    >>> file = pathlib.Path(tempfile.mkdtemp(), "people.csv")
    >>> _ = file.write_text("id;grade\na;3\nb;8\n")
    >>> rm.read_csv(file)["grade"]
    array([3, 8])
    """
    name = os.fspath(path) if isinstance(path, str | os.PathLike) else None
    if not isinstance(name, str) or not name:
        raise InputError(Problem("RM143", "read_csv(path=)", f"expected a path of text, found {type(path).__name__}"))
    _refuse_file(name)
    try:
        rows = _Rows(name, _separator(name))
        heading = next(rows, None)
        if heading is None:
            raise InputError(Problem("RM143", name, "the file is empty", "the first row holds the headings; one is id"))
        loader = Loader(name, path=name, heading_row=heading[0])
        loader.headings(heading[1])
        _take(rows, loader)
    except UnicodeDecodeError:
        raise InputError(_not_utf8(name)) from None
    except OSError as error:
        raise InputError(_unreadable(name, error)) from None
    return loader.finish()


def _take(rows: _Rows, loader: Loader) -> None:
    width = loader.width
    chunk: list[list[str]] = []
    numbers: list[int] = []
    try:
        for number, row in rows:
            if len(row) != width:
                _refuse_row(row, number, loader)
                continue
            chunk.append(row)
            numbers.append(number)
            if len(chunk) == CHUNK:
                loader.add(list(zip(*chunk, strict=True)), np.array(numbers, dtype=np.int64))
                chunk, numbers = [], []
    # Nothing after it can be read, but what was read before is checked.
    except InputError as error:
        loader.problems.extend(error)
    except UnicodeDecodeError:
        loader.problems.extend(InputError(_not_utf8(loader.label)))
    if chunk:
        loader.add(list(zip(*chunk, strict=True)), np.array(numbers, dtype=np.int64))


def _refuse_row(row: list[str], number: int, loader: Loader) -> None:
    what = "short" if len(row) < loader.width else "long"
    expected = f"{what} row: {len(row)} cells under {loader.width} headings"
    hint = "a cell that holds the separator or a line break stands in quotes"
    loader.problems.add("RM124", f"{loader.label}:{number}", expected, hint)


class _Rows:
    """Rows of a file that are not blank, each with its number as a spreadsheet counts."""

    def __init__(self, name: str, separator: str) -> None:
        self._name = name
        self._rows = self._read(separator)

    def __iter__(self) -> Iterator[_Row]:
        return self._rows

    def __next__(self) -> _Row:
        return next(self._rows)

    def _read(self, separator: str) -> Iterator[_Row]:
        number = 0
        with open(self._name, encoding="utf-8-sig", newline="") as file:
            try:
                for number, row in enumerate(csv.reader(file, delimiter=separator, strict=True), start=1):
                    if any(row) and not all(not cell or cell.isspace() for cell in row):
                        yield number, row
            except csv.Error as error:
                raise InputError(self._unreadable(str(error), number + 1)) from None

    def _unreadable(self, said: str, number: int) -> Problem:
        place = f"{self._name}:{number}"
        hint = "is a quotation mark not closed? Inside quotes it is written twice"
        if "field limit" in said:
            return Problem("RM126", place, f"a cell has more than {csv.field_size_limit():,} characters", hint)
        return Problem("RM143", place, "quotation marks do not match", hint)


def _separator(name: str) -> str:
    """The separator that the heading row shows: the one under which there is an id column, then the most columns."""
    best, most = SEPARATORS[0], (False, 1)
    for separator in SEPARATORS:
        try:
            heading = next(_Rows(name, separator), (0, [""]))[1]
        except InputError:
            continue
        found = (any(heading_key(cell) == "id" for cell in heading), len(heading))
        if found > most:
            best, most = separator, found
    return best


def _refuse_file(name: str) -> None:
    try:
        status = os.stat(name)
    except (OSError, ValueError) as error:
        raise InputError(_unreadable(name, error)) from None
    if not stat.S_ISREG(status.st_mode):
        what = "is a folder" if stat.S_ISDIR(status.st_mode) else "is not a plain file"
        raise InputError(Problem("RM192", name, f"expected a CSV file, this {what}", "give the path of a file"))
    if status.st_size > MOST_BYTES:
        what = f"the file has {status.st_size:,} bytes, at most {MOST_BYTES:,} are read"
        raise LimitError(Problem("RM191", name, what, "leave out columns that nothing uses"))


def _unreadable(name: str, error: OSError | ValueError) -> Problem:
    if isinstance(error, FileNotFoundError):
        folder = Path(name).parent
        if not folder.is_dir():
            return Problem("RM192", name, "there is no such file", "its folder is not there either")
        hint = did_you_mean(Path(name).name, sorted(entry.name for entry in folder.iterdir()))
        return Problem("RM192", name, "there is no such file", hint if hint.startswith("did") else "check the path")
    said = error.strerror if isinstance(error, OSError) else "this is no path"
    hint = "check the path and its permissions"
    return Problem("RM192", name.replace("\0", "?"), f"the file cannot be read: {said}", hint)


def _not_utf8(name: str) -> Problem:
    """RM125 with the offset of the first byte that is not UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    offset = 0
    with open(name, "rb") as file:
        while True:
            block = file.read(1 << 20)
            pending = len(decoder.getstate()[0])  # of a character that began in the block before
            try:
                decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                offset += error.start - pending
                break
            offset += len(block)
    hint = 'save it as "CSV UTF-8"; nothing is guessed'
    return Problem("RM125", name, f"byte {offset:,} (counted from 0) is not UTF-8", hint)
