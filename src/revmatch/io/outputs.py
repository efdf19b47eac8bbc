"""Files that revmatch writes: whole or not at all, never over somebody else's file, safe to open in a spreadsheet.

All contents are made before the first byte is written. Each file is written beside its place under another name,
brought to the disk, and only then given its own name; whatever goes wrong before leaves what was there as it was.
"""

from __future__ import annotations

import csv
import io
import os
import signal
import stat
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import FrameType

from revmatch.errors import ConfigError, Problem, Problems
from revmatch.io.inert import inert

#: Separators that may be asked for, as `revmatch.read_csv` recognises them.
SEPARATORS = (",", ";", "\t", "|")
#: How much of a file that is there already is read to see whose it is.
_HEAD = 1 << 16

#: Stands in every invitation.
OUR_CALENDARS = b"PRODID:-//revmatch//"
PAIRS_HEADINGS = ("mentor", "mentee", "score", "why")
UNMATCHED_HEADINGS = ("person", "side", "why", "waiting")


class Kind(StrEnum):
    """What an output is; a file that is there is written over only if it is an earlier output of the same kind."""

    PAIRS = "a file of pairs"
    UNMATCHED = "a file of people without a partner"
    PLAN = "a plan"
    INVITATION = "an invitation to the meetings of a pair"
    ROSTER = "a roster with the same headings"
    #: Written for people to edit: only a file of the very same content is ours to replace.
    INPUT = "the same input as the demo writes"


@dataclass(frozen=True, slots=True)
class Output:
    """A file to be written.

    Parameters
    ----------
    path : Path
    kind : Kind
    content : bytes or None
        None while only its place is to be checked.
    """

    path: Path
    kind: Kind
    content: bytes | None = None


def csv_bytes(
    headings: Sequence[str],
    rows: Iterable[Sequence[str | int | float]],
    *,
    numbers: Iterable[str] = (),
    delimiter: str = ",",
    bom: bool = False,
) -> bytes:
    """Table as CSV (RFC 4180), safe to open in a spreadsheet.

    Parameters
    ----------
    headings : sequence of str
    rows : iterable of sequences
        Numbers are written as numbers; text that a spreadsheet would run gets a ``'`` in front.
    numbers : iterable of str
        Headings of columns in which text that is a plain number stays one (ids, and columns of numbers).
    delimiter : str
    bom : bool
        Begin with a byte order mark, by which some spreadsheets know UTF-8.
    """
    number = [heading in set(numbers) for heading in headings]
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow([inert(heading) for heading in headings])
    for row in rows:
        writer.writerow(
            [inert(cell, number=n) if isinstance(cell, str) else cell for cell, n in zip(row, number, strict=True)]
        )
    return text.getvalue().encode("utf-8-sig" if bom else "utf-8")


def columns_bytes(columns: Mapping[str, Sequence[str]], *, numbers: Iterable[str] = ()) -> bytes:
    """Columns of text as CSV: a roster, as `revmatch.read_csv` reads it."""
    return csv_bytes(list(columns), zip(*columns.values(), strict=True), numbers=numbers)


def roster_bytes(columns: Mapping[str, Iterable[str]], *, delimiter: str = ",", bom: bool = False) -> bytes:
    """A roster that was somebody's own file before, as CSV: every cell as it is, to be read again."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows([list(columns), *zip(*columns.values(), strict=True)])
    return text.getvalue().encode("utf-8-sig" if bom else "utf-8")


def check(outputs: Sequence[Output], *, force: bool = False, inputs: Iterable[str | os.PathLike[str]] = ()) -> None:
    """Refuse outputs that may not be written, before any work is done for them.

    Parameters
    ----------
    outputs : sequence of Output
    force : bool
        Write over files of others.
    inputs : iterable of path
        Files that are read: never written over, by force neither.

    Raises
    ------
    ConfigError
        RM195 for a place that cannot be written, RM196 for a file that is there and is not ours.
    """
    problems = Problems()
    seen: set[Path] = set()
    for output in outputs:
        where = output.path if "\0" in str(output.path) else Path(os.path.realpath(output.path))
        if where in seen:
            problems.add("RM195", str(output.path), "two outputs have the same path", "give each its own")
        seen.add(where)
        _check_place(output, problems, force=force, inputs=tuple(inputs))
    problems.raise_as(ConfigError)


def write(outputs: Sequence[Output], *, force: bool = False, inputs: Iterable[str | os.PathLike[str]] = ()) -> None:
    """Write all outputs; make the folders that are missing.

    Parameters
    ----------
    outputs, force, inputs
        As in `check`.

    Raises
    ------
    ConfigError
        As `check`, and RM195 for what the system refuses. Then no file has changed, unless the system refused to
        rename one after it had renamed others.
    """
    check(outputs, force=force, inputs=inputs)
    ready: list[tuple[Path, Path]] = []
    at = Path()
    try:
        for output in outputs:
            at = output.path
            at.parent.mkdir(parents=True, exist_ok=True)
            ready.append((_beside(output), at))
        with _uninterrupted():
            for temporary, at in ready:
                os.replace(temporary, at)
    except OSError as error:
        what = f"cannot be written: {error.strerror or type(error).__name__}"
        raise ConfigError(
            Problem("RM195", str(at), what, "check the path, its permissions and the space left")
        ) from error
    finally:
        for temporary, _ in ready:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
    for folder in {path.parent for _, path in ready}:
        _settle(folder)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Hold Ctrl-C back until a few renames are through: outputs of one run belong together."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    held: list[FrameType | None] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: held.append(frame))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if held and callable(before):
        before(signal.SIGINT, held[0])


def _beside(output: Output) -> Path:
    """Write the content beside its place; only the owner may read it, since it is about people."""
    assert output.content is not None
    handle, name = tempfile.mkstemp(prefix=f".{output.path.name}.", suffix=".part", dir=output.path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(output.content)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise
    return Path(name)


def _settle(folder: Path) -> None:
    """Bring the new names to the disk, where the system can do that for a folder."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _check_place(output: Output, problems: Problems, *, force: bool, inputs: Sequence[str | os.PathLike[str]]) -> None:
    path, place = output.path, str(output.path)
    folder = next((part for part in path.parents if os.path.lexists(part)), Path())
    if not folder.is_dir():
        problems.add("RM195", place, f"{folder} is not a folder", "give another path")
        return
    if path.parent.is_symlink() and path.parent != Path():
        problems.add("RM195", place, f"{path.parent} is a symbolic link", "give the path that it leads to")
        return
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return
    except (OSError, ValueError) as error:
        said = error.strerror if isinstance(error, OSError) else "this is no path"
        problems.add("RM195", place.replace("\0", "?"), f"cannot be written: {said}", "give another path")
        return
    if stat.S_ISLNK(status.st_mode):
        problems.add("RM195", place, "this is a symbolic link", "give the path that it leads to")
    elif not stat.S_ISREG(status.st_mode):
        what = "this is a folder" if stat.S_ISDIR(status.st_mode) else "this is not a plain file"
        problems.add("RM195", place, what, "give the path of a file")
    elif any(_same_file(path, given) for given in inputs):
        problems.add("RM195", place, "this file is read, and cannot be written too", "give another path")
    elif not force and not _ours(output):
        hint = "--force writes over it; or give another path"
        problems.add("RM196", place, f"the file is there already and is not {output.kind}", hint)


def _same_file(path: Path, other: str | os.PathLike[str]) -> bool:
    try:
        return os.path.samefile(path, other)
    except (OSError, ValueError):
        return False


def _ours(output: Output) -> bool:
    """Whether the file that is there is an earlier output of the same kind."""
    try:
        with open(output.path, "rb") as file:
            if output.kind is Kind.INPUT:
                return output.content is not None and file.read() == output.content
            head = file.read(_HEAD)
    except OSError:
        return False
    if output.kind is Kind.PLAN:
        return head.startswith(b'{"format":"revmatch.plan/')
    if output.kind is Kind.INVITATION:
        return head.startswith(b"BEGIN:VCALENDAR") and OUR_CALENDARS in head
    line = _first_line(head)
    if output.kind is Kind.ROSTER:
        return output.content is not None and line == _first_line(output.content)
    return any(_is_heading(next(csv.reader([line], delimiter=mark), []), output.kind) for mark in SEPARATORS)


def _first_line(content: bytes) -> str:
    return content.decode("utf-8-sig", errors="replace").partition("\n")[0].rstrip("\r")


def _is_heading(heading: Sequence[str], kind: Kind) -> bool:
    if kind is Kind.UNMATCHED:
        return tuple(heading) == UNMATCHED_HEADINGS
    more = ("points_", "mentor_", "mentee_")
    first = len(PAIRS_HEADINGS)
    return tuple(heading[:first]) == PAIRS_HEADINGS and all(
        name == "slot" or name.startswith(more) for name in heading[first:]
    )
