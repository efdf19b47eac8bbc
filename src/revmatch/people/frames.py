"""Records and data frames as raw cells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from revmatch.errors import InputError, Problem, Problems, did_you_mean
from revmatch.given import is_list
from revmatch.people.cells import BadCellError, raw_cells, raw_text
from revmatch.people.content import heading_key
from revmatch.people.ids import id_text
from revmatch.people.load import CHUNK, Loader
from revmatch.people.people import People
from revmatch.people.skills import skill_key

if TYPE_CHECKING:
    import narwhals.stable.v2 as nw

_LONG_COLUMNS = ("id", "skill", "offers", "wants")
_SIDES = ("offers", "wants")


def people_from_records(records: Iterable[Mapping[str, Any]], place: str) -> People:
    """See `People.from_records`."""
    if not is_list(records):
        raise InputError(Problem("RM143", place, "expected one dict a person, in a list", "write [{...}, {...}]"))
    loader = Loader(place)
    keys: dict[str, None] = {}
    before = 0
    for chunk in _chunks(iter(records)):
        good = [record for record in chunk if isinstance(record, Mapping)]
        if len(good) < len(chunk):
            _refuse_records(chunk, before, loader)
        for record in good:
            for key in record:
                if key not in keys:
                    _open(key, keys, loader)
        rows = [before + k for k, record in enumerate(chunk, start=1) if isinstance(record, Mapping)]
        columns = [
            _texts([record.get(key) for record in good], _namer(place, rows, key), loader.problems) for key in keys
        ]
        loader.add(columns, np.array(rows, dtype=np.int64))
        before += len(chunk)
    if not before:
        loader.headings(["id"])  # nobody: an empty side is valid
    elif not any(heading_key(key) == "id" for key in keys):
        loader.headings([])
    return loader.finish()


def people_from_columns(columns: Mapping[str, Iterable[Any]], place: str) -> People:
    """See `People.from_columns`."""
    loader = Loader(place)
    loader.headings(list(columns))
    values = [_listed(column) for column in columns.values()]
    sizes = {len(column) for column in values}
    if len(sizes) > 1:
        what = f"columns have between {min(sizes):,} and {max(sizes):,} cells"
        raise InputError(Problem("RM143", place, what, "give all columns the same length"))
    for start in range(0, max(sizes, default=0), CHUNK):
        parts = [column[start : start + CHUNK] for column in values]
        rows = np.arange(start + 1, start + 1 + len(parts[0]))
        named = zip(columns, parts, strict=True)
        loader.add([_texts(part, _namer(place, rows, name), loader.problems) for name, part in named], rows)
    return loader.finish()


def _listed(column: Iterable[Any]) -> list[Any]:
    if isinstance(column, np.ndarray) and column.dtype == np.object_:
        found: list[Any] = column.tolist()
        return found
    return list(column)


def _chunks(records: Iterator[Any]) -> Iterator[list[Any]]:
    while chunk := list(islice(records, CHUNK)):
        yield chunk


def _refuse_records(chunk: Sequence[Any], before: int, loader: Loader) -> None:
    for k, record in enumerate(chunk, start=before + 1):
        if not isinstance(record, Mapping):
            loader.problems.add("RM143", f"{loader.label}:{k}", "expected a dict", "give one dict a person")


def _open(key: Any, keys: dict[str, None], loader: Loader) -> None:
    if isinstance(key, str) and key.strip():
        keys[key] = None
        loader.column(key)
    else:
        loader.problems.add("RM143", loader.label, "a key is no text", "headings are texts that are not blank")


def people_from_frame(frame: Any, skills: Any, place: str) -> People:
    """See `People.from_frame`."""
    table = _narwhals(frame, place)
    headings = _headings(table, place)
    loader = Loader(place, native=table.implementation.value)
    loader.headings(headings)
    extra = _LongSkills.read(skills, loader.problems) if skills is not None else None
    if extra is not None:
        for side in extra.cells:
            loader.column(side)  # RM123 if the frame has that column too
    at_id = next((k for k, name in enumerate(headings) if heading_key(name) == "id"), None)
    for start in range(0, len(table), CHUNK):
        part = table[start : start + CHUNK]
        rows = np.arange(start + 1, start + 1 + len(part))
        columns = [
            _texts(part[:, k].to_list(), _namer(place, rows, name), loader.problems) for k, name in enumerate(headings)
        ]
        if extra is not None:
            ids = [id_text(cell) for cell in columns[at_id]] if at_id is not None else [""] * len(part)
            columns += [extra.take(side, ids) for side in extra.cells]
        loader.add(columns, rows)
    if extra is not None and at_id is not None:
        extra.refuse_strangers(loader.problems)
    return loader.finish()


def _narwhals(frame: Any, place: str) -> nw.DataFrame[Any]:
    import narwhals.stable.v2 as nw

    try:
        table = nw.from_native(frame)
    except TypeError:
        what = f"expected a data frame, found {type(frame).__name__}"
        hint = "pandas, polars, pyarrow, duckdb and others are known; People.from_records takes dicts"
        raise InputError(Problem("RM143", place, what, hint)) from None
    except nw.exceptions.DuplicateError:
        raise InputError(_twice(place)) from None
    return table.collect() if isinstance(table, nw.LazyFrame) else table


def _headings(table: nw.DataFrame[Any], place: str) -> list[str]:
    import narwhals.stable.v2 as nw

    try:
        names = list(table.columns)
    except nw.exceptions.DuplicateError:
        raise InputError(_twice(place)) from None
    if not all(isinstance(name, str) for name in names):
        raise InputError(Problem("RM143", place, "a heading is no text", "name the columns; one must be id"))
    return names


def _twice(place: str) -> Problem:
    return Problem("RM123", place, "two columns have the same heading", "rename one")


def _namer(place: str, rows: Sequence[int] | np.ndarray[Any, Any], column: str) -> Callable[[int], str]:
    heading = column.strip()
    return lambda k: f"{place}:{int(rows[k])}:{heading}"


def _texts(values: list[Any], place: Callable[[int], str], problems: Problems) -> list[str]:
    """Raw texts of a column; what has none is a problem, and blank from here on."""
    try:
        return raw_cells(values)
    except BadCellError:
        return [_text(value, place, k, problems) for k, value in enumerate(values)]


def _text(value: Any, place: Callable[[int], str], k: int, problems: Problems) -> str:
    try:
        return raw_text(value)
    except BadCellError as bad:
        problems.add(bad.code, place(k), bad.expected, bad.hint)
        return ""


class _LongSkills:
    """Skills of a long table, as cells by id and side."""

    def __init__(self, sides: Sequence[str]) -> None:
        self.cells: dict[str, dict[str, list[str]]] = {side: {} for side in sides}
        self._rows: dict[str, int] = {}
        self._used: set[str] = set()

    @classmethod
    def read(cls, frame: Any, problems: Problems) -> _LongSkills | None:
        """Read the table ``id, skill, offers, wants``; problems are reported row by row."""
        table = _narwhals(frame, "skills")
        named = {heading_key(name): k for k, name in enumerate(_headings(table, "skills"))}
        sides = [side for side in _SIDES if side in named]
        for name in ("id", "skill"):
            if name not in named:
                problems.add("RM143", "skills", f'there is no column "{name}"', did_you_mean(name, named))
        if not sides:
            problems.add("RM143", "skills", 'there is no column "offers" or "wants"', did_you_mean("offers", named))
        if not sides or not {"id", "skill"} <= named.keys():
            return None
        long = cls(sides)
        seen: set[tuple[str, str]] = set()
        for start in range(0, len(table), CHUNK):
            part = table[start : start + CHUNK]
            rows = np.arange(start + 1, start + 1 + len(part))
            columns = [
                _texts(part[:, named[name]].to_list(), _namer("skills", rows, name), problems)
                for name in ("id", "skill", *sides)
            ]
            for row, who, skill, *levels in zip(rows.tolist(), *columns, strict=True):
                long._add(row, id_text(who), skill, levels, seen, problems)
        return long

    def _add(
        self, row: int, who: str, skill: str, levels: list[str], seen: set[tuple[str, str]], problems: Problems
    ) -> None:
        if not skill.strip():
            problems.add("RM129", f"skills:{row}:skill", "a level without a skill", "name the skill")
        elif (key := (who, skill_key(skill))) in seen:
            what = "the same skill is listed before for this person"
            problems.add("RM128", f"skills:{row}:skill", what, "keep one row")
        elif not any(levels):
            problems.add("RM129", f"skills:{row}", "no level is given", "write 1 to 5 under offers or wants")
        else:
            seen.add(key)
            self._rows.setdefault(who, row)
            for side, level in zip(self.cells, levels, strict=True):
                if level in ("1", "2", "3", "4", "5"):
                    self.cells[side].setdefault(who, []).append(raw_text({skill: level}))
                elif level:
                    what = "the level is not a whole number from 1 to 5"
                    problems.add("RM129", f"skills:{row}:{side}", what, "leave it blank for none")

    def take(self, side: str, ids: list[str]) -> list[str]:
        """Cells of these people."""
        cells = self.cells[side]
        self._used.update(ids)
        return [";".join(cells.get(who, ())) for who in ids]

    def refuse_strangers(self, problems: Problems) -> None:
        """RM130 for each id that is not in the roster."""
        for who, row in self._rows.items():
            if who not in self._used:
                hint = "correct it or add the person"
                problems.add("RM130", f"skills:{row}:id", "nobody in the frame has this id", hint)
