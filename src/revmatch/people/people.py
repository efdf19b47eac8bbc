"""People: who takes part. Columnar and immutable; a selection shares the columns of the roster it came from."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NoReturn, overload

import numpy as np
import numpy.typing as npt

from revmatch.given import as_list
from revmatch.people.away import Away
from revmatch.people.columns import Columns, frozen, positions, wrong
from revmatch.people.content import Content
from revmatch.people.hours import Mask, Weekly, zone_offsets
from revmatch.people.org import ReportingLines
from revmatch.people.skills import SkillTable
from revmatch.people.text import BLOCK, CodedText

Int64 = npt.NDArray[np.int64]
Objects = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Source:
    """Where people came from.

    Parameters
    ----------
    path : str or None
        File, as the caller gave it; None for records and data frames.
    selection : str or None
        Where-expression that selects them from it; None for the whole roster, and where a mask or indices chose them,
        which no words retell (then ``len(people) < len(people.roster)``).
    """

    path: str | None = None
    selection: str | None = None


class People(Columns):
    """A columnar, immutable roster, or a selection of one.

    Made by `revmatch.read_csv`, `from_records` or `from_frame`; there is nothing else to construct.

    Examples
    --------
    >>> import revmatch as rm
    >>> people = rm.People.from_records([{"id": "a", "grade": 3}, {"id": "b", "grade": 8}])
    >>> people
    People(2 people; id, grade)
    >>> people[people["grade"] >= 7].ids
    array(['b'], dtype=object)
    >>> people.where("grade < 7").source.selection
    'grade < 7'
    """

    __slots__ = ("_kept", "_roster", "source")
    _roster: People | None
    _kept: dict[str, Any]
    source: Source

    def __init__(self, content: Content) -> None:
        if not isinstance(content, Content):
            raise TypeError("People are made by read_csv, People.from_records or People.from_frame")
        self._fill(content, None, None, Source(content.path))

    def _fill(self, content: Content, roster: People | None, chosen: Int64 | None, source: Source) -> None:
        values: dict[str, object] = {
            "_content": content,
            "_roster": roster,
            "_chosen": chosen,
            "_kept": {},
            "source": source,
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def _selection(self, chosen: Int64, selection: str | None) -> People:
        """People of these rows of the roster."""
        return _selected(self.roster, frozen(chosen), Source(self.source.path, selection))

    def __reduce__(self) -> tuple[Any, ...]:
        if self._roster is None:
            return People, (self._content,)
        return _selected, (self._roster, self._chosen, self.source)

    @classmethod
    def from_records(cls, records: Iterable[Mapping[str, Any]], *, place: str = "records") -> People:
        """People from dicts, one a person, with the canonical columns and any others.

        Parameters
        ----------
        records : iterable of mapping
            Values are text, numbers, None, lists, or ``{skill: level}``. A key that a record lacks is not stated.
        place : str
            What messages call them.

        Raises
        ------
        InputError
            Everything that is wrong, at once; rows are counted from 1.

        Examples
        --------
        >>> import revmatch as rm
        >>> rm.People.from_records([{"id": 7, "offers": {"python": 4}}]).cell(0, "offers")
        'python:4'
        """
        from revmatch.people.frames import people_from_records

        return people_from_records(records, place)

    @classmethod
    def from_frame(cls, frame: Any, *, skills: Any = None, place: str = "frame") -> People:
        """People from any data frame that narwhals knows: pandas, polars, pyarrow, duckdb, ...

        Parameters
        ----------
        frame : data frame
            One row a person. The index of a pandas frame is not read.
        skills : data frame, optional
            Long table with the columns ``id, skill`` and ``offers`` or ``wants`` or both: levels, blank for "does not".
        place : str
            What messages call it.

        Raises
        ------
        InputError
            Everything that is wrong, at once; rows are counted from 1.

        Examples
        --------
        >>> import pandas as pd, revmatch as rm
        >>> rm.People.from_frame(pd.DataFrame({"id": [1, 2], "grade": [3, None]}))["grade"]
        array([ 3., nan])
        """
        from revmatch.people.frames import people_from_frame

        return people_from_frame(frame, skills, place)

    @classmethod
    def from_columns(cls, columns: Mapping[str, Iterable[Any]], *, place: str = "columns") -> People:
        """People from columns of equal length, by heading; values as in `from_records`.

        Examples
        --------
        >>> import revmatch as rm
        >>> people = rm.People.from_columns({"id": ["a", "b"], "capacity": [2, None]})
        >>> rm.People.from_columns(people.to_columns()) == people
        True
        """
        from revmatch.people.frames import people_from_columns

        return people_from_columns(columns, place)

    # -- size and headings --------------------------------------------------------------------------------------------

    def __iter__(self) -> Iterator[NoReturn]:
        raise TypeError("People are columns, not rows: use people.ids or people['column']")

    def __repr__(self) -> str:
        return f"People({self._counted()}; {', '.join(self.columns)})"

    def _repr_html_(self) -> str:
        headings = ", ".join(f"<code>{html.escape(column)}</code>" for column in self.columns)
        return f"<p><b>{self._counted()}</b>: {headings}</p>"

    def _counted(self) -> str:
        count = f"{len(self):,} {'person' if len(self) == 1 else 'people'}"
        return count if len(self) == len(self._content) else f"{count} of {len(self._content):,}"

    def __eq__(self, other: object) -> bool:
        """Same people in the same order with the same columns and cells, wherever they came from."""
        if not isinstance(other, People):
            return NotImplemented
        if len(self) != len(other) or set(self.columns) != set(other.columns):
            return False
        return all(_same_cells(self, other, column) for column in self.columns)

    def __hash__(self) -> int:
        return hash((len(self), frozenset(self.columns)))

    # -- selection ----------------------------------------------------------------------------------------------------

    @overload
    def __getitem__(self, key: str) -> npt.NDArray[Any]: ...
    @overload
    def __getitem__(self, key: slice | npt.NDArray[Any] | Sequence[int] | Sequence[bool]) -> People: ...
    def __getitem__(self, key: Any) -> Any:
        """Column by its heading; or the people that a mask, indices or a slice select."""
        if isinstance(key, str):
            return self._values(key)
        if isinstance(key, slice):
            return self.take(np.arange(len(self))[key])
        return self.take(positions(key, len(self)))

    def take(self, indices: npt.ArrayLike) -> People:
        """People at these positions, in this order."""
        chosen = self.roster_rows[positions(indices, len(self), mask=False)]
        if len(chosen) == len(self) and np.array_equal(chosen, self.roster_rows):
            return self
        return self._selection(chosen, None)

    def where(self, expression: str) -> People:
        """People for whom an expression is true, such as ``grade <= 4 and hired >= 2008``.

        Headings stand bare or in backticks, text in quotes; ``== != < <= > >=``, ``in (...)``, ``not in (...)``,
        ``and``, ``or``, ``not``, brackets and ``missing(column)``. What is not stated never selects anybody, under
        ``not`` neither. Nothing is evaluated.

        Raises
        ------
        InputError
            RM136 with the position where it cannot be read, or where a text is compared with a number; RM135 for an
            unknown heading.
        """
        from revmatch.people.where import selected

        mask = selected(self, expression)
        before = self.source.selection
        if before is None:
            said = None if self._chosen is not None else expression
        else:
            said = f"({before}) and ({expression})"
        return self._selection(self.roster_rows[mask], said)

    @property
    def roster(self) -> People:
        """The whole roster they were selected from."""
        return self if self._roster is None else self._roster

    def same_roster(self, other: People) -> bool:
        """Whether both were selected from one roster."""
        return self._content is other._content

    # -- what was read out of the cells -------------------------------------------------------------------------------

    @property
    def capacity(self) -> Int64:
        """Most partners of each person; 1 where not stated."""
        return self._of(self._content.capacity)

    @property
    def min_load(self) -> Int64:
        """Fewest partners of each person; 0 where not stated."""
        return self._of(self._content.min_load)

    @property
    def offers(self) -> SkillTable:
        """Skills they have, with their own level."""
        return self._skills("offers", self._content.offers)

    @property
    def wants(self) -> SkillTable:
        """Skills they want, with the level to reach."""
        return self._skills("wants", self._content.wants)

    @property
    def org(self) -> ReportingLines:
        """Reporting lines of the whole roster, by index in it."""
        return self._content.lines

    def weekly(self) -> Weekly:
        """Weekly hours: columns ``available`` and ``time_zone``."""
        if isinstance(self.text("available"), CodedText) and isinstance(self.text("time_zone"), CodedText):
            # few texts: read once for the whole roster
            whole = self._content.known("weekly", self.roster._read_hours)
            return whole if self._chosen is None else whole.take(self._chosen)
        return self._read_hours()

    def zone_offsets(self) -> tuple[Int64, Mask]:
        """Minutes by which clocks are ahead of UTC in the reference week, and who stated a ``time_zone``."""
        return zone_offsets(self.codes("time_zone"), place=self.place)

    def away(self) -> Away | None:
        """Days away: columns ``away`` and ``time_zone``; None if there is no column ``away``."""
        if "away" not in self.columns:
            return None
        return Away.read(self.codes("away"), self.codes("time_zone"), place=self.place)

    def index(self, ids: Iterable[str]) -> Int64:
        """Position of each id among these people; -1 if nobody here has it."""
        listed = as_list(ids)
        if listed is None:
            raise wrong("RM143", "people.index(...)", "expected a list of ids")
        if not listed:  # nothing to look for: make no index
            return np.zeros(0, dtype=np.int64)
        return self._position(self._content.index().find(listed, self._content.texts["id"]))

    def index_of(self, others: People) -> Int64:
        """Position of each of the others among these people, by id; -1 for who is not here."""
        if self.same_roster(others):
            return self._position(others.roster_rows)
        return self.index(others.ids.tolist())

    def id_order(self) -> Int64:
        """Positions in the order of ids (by code points)."""
        if self._chosen is None:
            return self._content.id_order()
        rank = np.empty(len(self._content), dtype=np.int64)
        rank[self._content.id_order()] = np.arange(len(rank))
        return np.argsort(rank[self._chosen], kind="stable")

    def digest(self) -> str:
        """SHA-256 of the whole roster's own cells; the order of rows and columns does not matter."""
        return self._content.digest()

    def to_columns(self) -> dict[str, Objects]:
        """Raw text of every own column (not of lent ones) of these people, by heading."""
        own = [column for column in self.columns if column not in self.lent]
        return {column: self.text(column).decode(self._chosen) for column in own}

    def with_lent_columns(self, organisation: People) -> People:
        """Same people, with the columns that they lack taken by id from another roster.

        Reporting lines stay those of this roster, and so does `digest`.
        """
        lent = self._content.lent_by(organisation._content, organisation.roster_rows, organisation)
        if lent is self._content:
            return self
        # Two selections of one roster, lent the same columns, are selections of one roster again.
        roster = self._content.known("lent people", lambda: People(lent), key=lent)
        if self._chosen is None:
            return roster
        return _selected(roster, self._chosen, self.source)

    def with_cells(self, column: str, cells: Mapping[int, str]) -> People:
        """Same people, some with another text in a column that stays text, by position; a column may be new.

        They come from no file any more.
        """
        rows = self.roster_rows
        content = self._content.with_cells(column, {int(rows[k]): text for k, text in cells.items()})
        roster = People(content)
        return roster if self._chosen is None else _selected(roster, self._chosen, Source(None, self.source.selection))

    def with_busy(
        self,
        calendars: Any,
        *,
        start: date | str,
        weeks: int,
        by: str = "id",
        unknown: str = "refuse",
        plan: Any = None,
    ) -> People:
        """Same people, with the busy times of their calendars in ``away``, after what is stated there.

        Parameters
        ----------
        calendars : path, mapping, or iterable of these
            A folder or a file: ``.ics``, named by whose it is, and ``.json``, with one answer or more of Microsoft
            Graph's getSchedule or Google's freeBusy. Or such an answer as Python has it, or iCalendar texts by owner.
            Somebody may be in several.
        start : date or str
            The first day of the weeks asked of, such as that of the limit `Meetings`. What lies outside is left out,
            and a recurring event that never ends does so where these weeks do.
        weeks : int
        by : str
            Column of that by which calendars call people, such as e-mail addresses, without regard to case and outer
            spaces. By their ids, exactly, they may call them too.
        unknown : {"refuse", "allow"}
            Whether calendars of nobody here are an error, or left out.
        plan : Plan, optional
            An earlier plan whose sessions may be in calendars by now: they do not count as busy.

        Returns
        -------
        People
            Whoever has a calendar states in ``calendar_read`` of which days it was read; meetings on other days are
            then refused.

        Raises
        ------
        ConfigError
            RM180 for weeks that are none, RM182 for calendars, a word or a plan that cannot be.
        InputError
            RM130 for a calendar of nobody, RM177 for one that does not tell of all of the weeks, RM190 and RM191 for
            what is too large, RM192 for a file that cannot be read, and whatever is wrong inside, all at once.
        PolicyError
            RM134 if there is no such column.
        MissingExtraError
            RM902 without icalendar, or where an event recurs without recurring-ical-events.

        Examples
        --------
        >>> import revmatch as rm
        >>> people = rm.People.from_records([{"id": "ann", "mail": "ann@example.org"}])
        >>> answer = {"timeMin": "2026-03-01T00:00:00Z", "timeMax": "2026-03-10T00:00:00Z", "calendars": {
        ...     "ann@example.org": {"busy": [{"start": "2026-03-03T14:00:00Z", "end": "2026-03-03T15:00:00Z"}]}}}
        >>> people.with_busy(answer, start="2026-03-02", weeks=1, by="mail")["away"]
        array(['2026-03-03T14:00Z..2026-03-03T15:00Z'], dtype=object)
        """
        from revmatch.io.calendars.busy import find_busy

        return find_busy(self, calendars, start=start, weeks=weeks, by=by, unknown=unknown, plan=plan).people

    # -- helpers ------------------------------------------------------------------------------------------------------

    def _read_hours(self) -> Weekly:
        return Weekly.read(self.codes("available"), self.codes("time_zone"), place=self.place)

    def _position(self, rows: Int64) -> Int64:
        """Position of each of these rows of the roster among these people; -1 for who is not here, and for row -1."""
        if self._chosen is None:
            return rows
        position = np.full(len(self._content) + 1, -1, dtype=np.int64)
        position[self._chosen] = np.arange(len(self._chosen))
        return position[rows]

    def _skills(self, column: str, table: SkillTable) -> SkillTable:
        if self._chosen is None:
            return table
        if column not in self._kept:
            self._kept[column] = table.take(self._chosen)
        kept: SkillTable = self._kept[column]
        return kept


def _selected(roster: People, chosen: Int64, source: Source) -> People:
    people = object.__new__(People)
    people._fill(roster._content, roster, frozen(chosen), source)
    return people


def _same_cells(a: People, b: People, column: str) -> bool:
    text_a, text_b = a.text(column), b.text(column)
    rows_a, rows_b = a.roster_rows, b.roster_rows
    if text_a is text_b and np.array_equal(rows_a, rows_b):
        return True
    return all(
        np.array_equal(text_a.decode(rows_a[k : k + BLOCK]), text_b.decode(rows_b[k : k + BLOCK]))
        for k in range(0, len(a), BLOCK)
    )
