"""Busy times out of everybody's calendars into the column ``away`` of a roster."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from revmatch.errors import ConfigError, InputError, LimitError, PolicyError, Problem, Problems, did_you_mean
from revmatch.given import as_list, is_one_of
from revmatch.io.calendars.ics import busy_of_ics
from revmatch.io.calendars.services import busy_of_answers, is_answer
from revmatch.io.calendars.window import Busy, Window
from revmatch.io.files import read_text
from revmatch.people.away import Days, written
from revmatch.people.cells import MOST_CHARACTERS
from revmatch.people.people import People
from revmatch.people.series import MOST_WEEKS
from revmatch.strict_json import loads

#: Endings of files of calendars.
_ENDINGS = (".ics", ".json")
_EXPECTED = "expected a file, a folder, an answer of a calendar service, or a dict of iCalendar texts by owner"


@dataclass(frozen=True, slots=True)
class Found:
    """A roster with the busy times of its people.

    Parameters
    ----------
    people : People
        The same, with more in the column ``away``.
    calendars : int
        How many of them have a calendar.
    stretches : int
        How many busy times there are, touching ones joined.
    """

    people: People
    calendars: int
    stretches: int


def find_busy(
    people: People,
    calendars: Any,
    *,
    start: date | str,
    weeks: int,
    by: str = "id",
    unknown: str = "refuse",
) -> Found:
    """Add busy times to what people have stated in ``away``.

    Parameters
    ----------
    people : People
    calendars : path, mapping, or iterable of these
        A folder or a file: ``.ics``, named by whose it is, and ``.json``, with one answer or more of Microsoft Graph's
        getSchedule or Google's freeBusy. Or such an answer as Python has it, or iCalendar texts by owner. Somebody may
        be in several.
    start : date or str
        The first day of the weeks asked of, such as that of the limit `Meetings`. What lies outside is left out, and a
        recurring event that never ends does so where these weeks do.
    weeks : int
    by : str
        Column of that by which calendars call people: ``id``, exactly; any other, such as e-mail addresses, without
        regard to case and outer spaces.
    unknown : {"refuse", "allow"}
        Whether calendars of nobody here are an error, or left out.

    Returns
    -------
    Found

    Raises
    ------
    ConfigError
        RM180 for weeks that are none, RM182 for calendars or a word that cannot be.
    InputError
        RM130 for a calendar of nobody, RM177 for one that does not tell of all of the weeks, RM190 and RM191 for
        what is too large, RM192 for a file that cannot be read, and whatever is wrong inside, all at once.
    PolicyError
        RM134 if there is no such column.
    MissingExtraError
        RM902 without what reads such calendars.
    """
    window = _window(start, weeks)
    if not is_one_of(unknown, "refuse", "allow"):
        raise ConfigError(Problem("RM182", "with_busy(unknown=)", "expected one of: refuse, allow"))
    problems = Problems()
    owners = _Owners.of(people, by, problems)
    problems.raise_as(InputError)
    listed = as_list(calendars)
    taken: dict[int, list[Busy]] = {}
    for source in [calendars] if listed is None else listed:
        for busy in _read(source, window, problems):
            row = owners.row(busy)
            if row is not None:
                taken.setdefault(row, []).append(busy)
            elif unknown == "refuse":
                problems.add("RM130", busy.place, *owners.unknown(busy))
    for row, own in taken.items():
        _check_known(own, people.cell(row, "time_zone").strip(), window, problems)
    cells, stretches = _cells(people, taken, problems)
    problems.raise_as(InputError)
    return Found(people.with_cells("away", cells), len(taken), stretches)


def _window(start: object, weeks: object) -> Window:
    try:
        first = start if isinstance(start, date) else date.fromisoformat(start) if isinstance(start, str) else None
    except ValueError:
        first = None
    if first is None or isinstance(first, datetime):
        raise ConfigError(Problem("RM180", "with_busy(start=)", 'expected a day such as "2026-03-02"'))
    if isinstance(weeks, bool) or not isinstance(weeks, int) or not 1 <= weeks <= MOST_WEEKS:
        raise ConfigError(Problem("RM180", "with_busy(weeks=)", f"expected a whole number from 1 to {MOST_WEEKS}"))
    if not 2 <= first.year <= 9900:
        raise ConfigError(Problem("RM180", "with_busy(start=)", 'expected a day such as "2026-03-02"'))
    return Window(first, weeks)


# -- whose calendars --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Owners:
    """People by what calendars call them."""

    by: str
    rows: dict[str, int]

    @classmethod
    def of(cls, people: People, by: str, problems: Problems) -> _Owners:
        if by not in people:
            hint = did_you_mean(by, people.columns) if isinstance(by, str) else ""
            raise PolicyError(Problem("RM134", "with_busy(by=)", f"there is no column {by!r:.80}", hint))
        rows: dict[str, int] = {}
        for row, cell in enumerate(people.decoded(by).tolist()):
            key = _key(cell, by)
            if key and rows.setdefault(key, row) != row:
                what = f"the same as in row {people.rows[rows[key]]}, so calendars are of both"
                problems.add("RM120", people.place(row, by), what, "give each their own")
        return cls(by, rows)

    def row(self, busy: Busy) -> int | None:
        return self.rows.get(_key(busy.owner, self.by))

    def unknown(self, busy: Busy) -> tuple[str, str]:
        """What to say of a calendar of nobody; whose it may be is not said, as it may be an address."""
        what = f"nobody here has this calendar's owner as {self.by}"
        return what, 'unknown="allow" leaves such calendars out; by= says which column has their owners'


def _key(text: str, by: str) -> str:
    return text if by == "id" else text.strip().casefold()


# -- reading ----------------------------------------------------------------------------------------------------------


def _read(source: Any, window: Window, problems: Problems) -> Iterator[Busy]:
    """All calendars of one source; what is wrong with one is noted."""
    if isinstance(source, str | os.PathLike):
        for path in _files(os.fspath(source), problems):
            yield from _of_file(path, window, problems)
    elif is_answer(source):
        yield from busy_of_answers(source, "calendars", window, problems)
    elif isinstance(source, Mapping) and all(isinstance(text, str) for text in source.values()):
        for k, (owner, text) in enumerate(source.items(), start=1):
            yield from _of_text(text, str(owner), f"calendars, entry {k}", window, problems)
    else:
        raise ConfigError(Problem("RM182", "with_busy(calendars)", _EXPECTED))


def _files(path: str, problems: Problems) -> Iterable[Path]:
    """The file, or the calendars of the folder."""
    here = Path(path)
    if "\0" in path or not here.is_dir():
        if here.suffix.lower() not in _ENDINGS and here.is_file():
            problems.add("RM176", path, "expected a file that ends in .ics or .json", "name it by what it holds")
            return ()
        return (here,)
    found = sorted(file for file in here.iterdir() if file.suffix.lower() in _ENDINGS)
    if not found:
        problems.add("RM192", path, "there is no .ics and no .json file in this folder", "give that of the calendars")
    return found


def _of_file(path: Path, window: Window, problems: Problems) -> Iterator[Busy]:
    try:
        text = read_text(str(path))
        if path.suffix.lower() == ".ics":
            yield from _of_text(text, path.stem, str(path), window, problems)
        else:
            yield from busy_of_answers(loads(text, str(path)), str(path), window, problems)
    except (InputError, LimitError) as error:
        problems.extend(error)


def _of_text(text: str, owner: str, place: str, window: Window, problems: Problems) -> Iterator[Busy]:
    try:
        yield busy_of_ics(text, owner, place, window)
    except (InputError, LimitError) as error:
        problems.extend(error)


# -- writing ----------------------------------------------------------------------------------------------------------


def _check_known(own: list[Busy], zone: str, window: Window, problems: Problems) -> None:
    """Refuse calendars that say nothing of some of the weeks: not told is not free."""
    stretches: list[tuple[datetime, datetime]] = []
    for busy in own:
        if busy.known is None:
            return
        stretches += busy.known
    tz = ZoneInfo(zone) if zone else UTC
    needed = reached = datetime.combine(window.start, time(), tz).astimezone(UTC)
    end = datetime.combine(window.end, time(), tz).astimezone(UTC)
    for first, last in sorted(stretches):
        if first <= reached:
            reached = max(reached, last)
    if reached < end:
        weeks = f"the weeks last from {_said(needed)} to {_said(end)} on the owner's clock"
        what = f"{weeks}, and it says nothing of the time from {_said(reached)} on"
        problems.add("RM177", own[-1].place, what, "ask for all of them, and a day more on both sides")


def _said(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%MZ}"


def _cells(people: People, taken: dict[int, list[Busy]], problems: Problems) -> tuple[dict[int, str], int]:
    """What people have in ``away`` now, and how many stretches are new."""
    cells, count = {}, 0
    for row in sorted(taken):
        joined = _joined([days for busy in taken[row] for days in busy.taken])
        count += len(joined)
        before = people.cell(row, "away").strip().rstrip(";")
        cells[row] = "; ".join([*([before] if before else []), *map(written, joined)])
        if len(cells[row]) > MOST_CHARACTERS:
            what = f"{len(joined):,} busy times are more than a cell holds"
            problems.add("RM126", people.place(row, "away"), what, "ask for fewer weeks")
    return cells, count


def _joined(taken: list[Days]) -> list[Days]:
    """Stretches in order, each apart from the next; days and moments for themselves."""
    found: list[Days] = []
    for kind in (False, True):
        last: Any = None
        for begin, end in sorted(days for days in taken if isinstance(days[0], datetime) is kind):
            if last is not None and begin <= last[1]:
                last = found[-1] = (last[0], max(last[1], end))
            else:
                last = (begin, end)
                found.append(last)
    return found
