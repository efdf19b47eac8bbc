"""Weekly hours and time zones: what a person's `available` says, in minutes of a week.

Hours are read in one reference week in which no time zone of the world changes its clocks, and which repeats.
"""

from __future__ import annotations

import difflib
import functools
import re
import zoneinfo
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain, pairwise

import numpy as np
import numpy.typing as npt

from revmatch.errors import InputError, Problem, Problems
from revmatch.people.distinct import distinct

DAY = 24 * 60
WEEK = 7 * DAY
#: Monday of the reference week: no zone of the tz database changes its clocks in it, nor in the days around it.
REFERENCE_MONDAY = datetime(2026, 1, 12, tzinfo=UTC)

_REGIONS = tuple(
    f"{region}/" for region in ("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe",
                                "Indian", "Pacific")
)  # fmt: skip
_NAME_OF_PLACE = re.compile(r"[^\W\d_][\w /'.-]*")
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY_NUMBER = {name: k for k, day in enumerate(_DAYS) for name in (day, day[:3])}
_MORNING, _AFTERNOON = (9 * 60, 12 * 60), (13 * 60, 17 * 60)
_PARTS = {"am": (_MORNING,), "pm": (_AFTERNOON,), "day": (_MORNING, _AFTERNOON)}
_ITEM = re.compile(
    r"(?P<days>[a-z]+(?:\s*[-,]\s*[a-z]+)*)\s+"
    r"(?:(?P<part>am|pm|day)|(?P<h1>[0-9]{1,2})(?::(?P<m1>[0-9]{2}))?\s*-\s*(?P<h2>[0-9]{1,2})(?::(?P<m2>[0-9]{2}))?)",
    re.ASCII,
)

Interval = tuple[int, int]
Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
#: Codes of a text column (-1 = not stated), and what they stand for.
Coded = tuple[Int32, tuple[str, ...]]
Place = Callable[[int, str], str]
#: Items of cells that were read before.
Known = dict[str, tuple[Interval, ...] | Problem]


# -- reading ----------------------------------------------------------------------------------------------------------


def parse(cell: str, place: str = "available") -> tuple[Interval, ...]:
    """Read the hours of a week.

    Items stand between ``;``. An item is ``any`` (Monday to Friday, ``day``) or days, a space and a part of the day.
    Days: ``Mon``, ``Monday``, ``Mon-Thu``, ``Mon,Wed`` or both mixed; a range may pass over the end of the week. Parts:
    ``9-12``, ``09:00-12:00``, ``AM`` (9-12), ``PM`` (13-17), ``day`` (AM and PM). Case does not matter.

    Parameters
    ----------
    cell : str
        Such as ``"Mon-Thu 9-12; Fri PM"``.
    place : str
        Where it stands, for messages.

    Returns
    -------
    tuple of (int, int)
        First and past-the-last minute of each stretch, counted from Monday 00:00; in order, joined where they touch.

    Raises
    ------
    InputError
        RM174: an end that is not after its start. RM175: 24:00 as a start, or an item that cannot be read.

    Examples
    --------
    >>> parse("Mon 09:00-12:00; Tue PM")
    ((540, 720), (2220, 2460))
    """
    problems = Problems()

    def refuse(item: int, problem: Problem) -> None:
        problems.add(problem.code, place, _said(item, problem), problem.hint)

    found = _parse(cell, {}, refuse)
    problems.raise_as(InputError)
    return found


def overlaps(cell: str) -> bool:
    """Whether some hours of a cell are written twice.

    >>> overlaps("Mon 9-12; Mon-Fri AM"), overlaps("Mon 9-12; Mon 12-13")
    (True, False)
    """
    items = (found for found in map(read_item, cell.split(";")) if not isinstance(found, Problem))
    stretches = sorted(chain.from_iterable(items))
    return any(begin < end for (_, end), (begin, _) in pairwise(stretches))


def _said(item: int, problem: Problem) -> str:
    return f"item {item}: {problem.expected}"


def _parse(cell: str, known: Known, refuse: Callable[[int, Problem], None]) -> tuple[Interval, ...]:
    """Read a cell; items that were read before are looked up in `known`."""
    stretches: list[Interval] = []
    number = 0
    for text in cell.split(";"):
        found = known.get(text)
        if found is None:
            found = known[text] = read_item(text)
        if not found:  # a blank item
            continue
        number += 1
        if isinstance(found, Problem):
            refuse(number, found)
        else:
            stretches.extend(found)
    return _joined(stretches)


def _joined(stretches: list[Interval]) -> tuple[Interval, ...]:
    joined: list[Interval] = []
    last = -1
    for stretch in sorted(stretches):
        start, end = stretch
        if start <= last:
            last = max(end, last)
            joined[-1] = (joined[-1][0], last)
        else:
            joined.append(stretch)
            last = end
    return tuple(joined)


def read_item(text: str) -> tuple[Interval, ...] | Problem:
    """Stretches of one item of a cell, or what is wrong with it; none if it is blank."""
    text = text.strip().lower()
    if not text:
        return ()
    if text == "any":
        text = "mon-fri day"
    match = _ITEM.fullmatch(text)
    days = _read_days(match["days"]) if match else None
    if match is None or days is None:
        return Problem(
            "RM175", "", "expected days and hours", 'write such as "Mon 09:00-12:00; Tue,Thu PM", with ; between items'
        )
    parts: tuple[Interval, ...]
    if match["part"]:
        parts = _PARTS[match["part"]]
    else:
        start = int(match["h1"]) * 60 + int(match["m1"] or 0)
        end = int(match["h2"]) * 60 + int(match["m2"] or 0)
        problem = _refuse_times(start, end, int(match["m1"] or 0), int(match["m2"] or 0))
        if problem is not None:
            return problem
        parts = ((start, end),)
    return tuple((day * DAY + start, day * DAY + end) for day in days for start, end in parts)


def _refuse_times(start: int, end: int, *minutes: int) -> Problem | None:
    if max(minutes) > 59 or max(start, end) > DAY:
        return Problem("RM175", "", "there is no such time of day", "hours go from 00:00 to 24:00")
    if start == DAY:
        return Problem("RM175", "", "24:00 can end hours but not start them", "write 00:00 of the next day")
    if end <= start:
        return Problem(
            "RM174", "", "hours end before they start", 'split them at midnight: "Mon 22:00-24:00; Tue 00:00-02:00"'
        )
    return None


def _read_days(text: str) -> list[int] | None:
    days: list[int] = []
    for item in text.split(","):
        ends = [_DAY_NUMBER.get(word.strip()) for word in item.split("-")]
        first, last = ends[0], ends[-1]
        if first is None or last is None or len(ends) > 2:
            return None
        days.extend((first + k) % 7 for k in range((last - first) % 7 + 1))
    return days


@functools.cache
def _zone_names() -> frozenset[str]:
    """Names of the tz database that mean the same on every machine."""
    return frozenset(zoneinfo.available_timezones() - {"localtime", "Factory"})


def zone_offset(zone: str, place: str = "time_zone") -> int:
    """Minutes by which the clocks of a time zone are ahead of UTC in the reference week.

    Raises
    ------
    InputError
        RM171 if the tz database has no such zone.

    Examples
    --------
    >>> zone_offset("Asia/Kathmandu"), zone_offset("America/New_York")
    (345, -300)
    """
    # Names are compared first: file systems may ignore case, and there are files that are no zones.
    if zone in _zone_names():
        try:
            offset = REFERENCE_MONDAY.astimezone(zoneinfo.ZoneInfo(zone)).utcoffset()
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            offset = None
        if offset is not None:
            return int(offset.total_seconds()) // 60
    raise InputError(Problem("RM171", place, "expected the IANA name of a time zone", _nearest_zone(zone)))


def _nearest_zone(zone: str) -> str:
    names = sorted(_zone_names())
    if not names:
        return "there is no tz database on this machine: install the package tzdata"
    by_city = {name.rpartition("/")[2].casefold(): name for name in names if name.startswith(_REGIONS)}
    city = re.sub(r"[\s-]+", "_", zone.strip().rpartition("/")[2].casefold())
    if city in by_city:
        return f'did you mean "{by_city[city]}"?'
    general = "give one such as Europe/London or America/New_York"
    if len(zone.strip()) < 5 or not _NAME_OF_PLACE.fullmatch(zone.strip()[:64]):
        return general  # CEST, UTC+1: what is near in letters is far in hours
    near = difflib.get_close_matches(city, by_city, n=1, cutoff=0.75)
    return f'did you mean "{by_city[near[0]]}"?' if near else general


# -- many people ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Weekly:
    """Hours of n people in minutes of the week, held once for each distinct (hours, time zone).

    Parameters
    ----------
    kind : int32 array of n
        Which distinct hours a person has; -1 where hours or zone are not stated.
    indptr : int64 array
        Stretches of kind k are ``begin[indptr[k]:indptr[k + 1]]``, and so on.
    begin, end : int64 arrays
        Minutes of the local week, Monday 00:00 = 0. The week repeats: what passes over its end goes on after it.
    zone : int64 array, one for each kind
        Number of the time zone.
    zones : tuple of str
        Their names; some may be nobody's.
    offset : int64 array, one for each kind
        Minutes by which local clocks are ahead of UTC in the reference week.
    """

    kind: Int32
    indptr: Int64
    begin: Int64
    end: Int64
    zone: Int64
    zones: tuple[str, ...]
    offset: Int64

    @property
    def stated(self) -> Mask:
        """Who stated both hours and zone."""
        return self.kind >= 0

    @classmethod
    def read(cls, available: Coded, time_zone: Coded, *, place: Place, known: Known | None = None) -> Weekly:
        """Hours from two coded columns; every distinct text is read once, and no item that is `known` already.

        Raises
        ------
        InputError
            RM171, RM174 and RM175, each with the first row where it stands, and in how many more.
        """
        problems = Problems()
        stretches = _read_hours(available, place, problems, {} if known is None else known)
        offsets = _read_zones(time_zone, place, problems)
        problems.raise_as(InputError)
        hours, zones = available[0], time_zone[0]
        stated = (hours >= 0) & (zones >= 0)
        blank = [code for code, own in stretches.items() if not own]
        if blank:
            stated &= ~np.isin(hours, blank)
        key = hours.astype(np.int64) * max(1, len(offsets)) + zones
        everybody = bool(stated.all())
        pairs, which = distinct(key if everybody else key[stated])
        if everybody:
            kind = which.astype(np.int32)
        else:
            kind = np.full(len(hours), -1, dtype=np.int32)
            kind[stated] = which
        hours_of, zone_of = np.divmod(pairs, max(1, len(offsets)))
        mine = [stretches[code] for code in hours_of.tolist()]
        indptr = np.zeros(len(mine) + 1, dtype=np.int64)
        np.cumsum([*map(len, mine)], out=indptr[1:])
        flat = np.fromiter(chain.from_iterable(chain.from_iterable(mine)), np.int64, 2 * int(indptr[-1]))
        return cls(kind, indptr, flat[::2], flat[1::2], zone_of, time_zone[1], offsets[zone_of])

    def take(self, rows: Int64) -> Weekly:
        """Hours of these people in this order; only what somebody among them has is held."""
        kind = self.kind[rows]
        stated = kind >= 0
        everybody = bool(stated.all())
        used, which = distinct(kind if everybody else kind[stated])
        if everybody:
            kind = which.astype(np.int32)
        else:
            kind[stated] = which
        return replace(self.of_kinds(used), kind=kind)

    def of_kinds(self, kinds: Int64) -> Weekly:
        """These kinds of hours alone, in this order, and nobody who has them."""
        start = self.indptr[kinds]
        counts = self.indptr[kinds + 1] - start
        indptr = np.zeros(len(kinds) + 1, dtype=np.int64)
        np.cumsum(counts, out=indptr[1:])
        at = np.repeat(start - indptr[:-1], counts)
        at += np.arange(len(at))
        nobody = np.zeros(0, dtype=np.int32)
        return Weekly(nobody, indptr, self.begin[at], self.end[at], self.zone[kinds], self.zones, self.offset[kinds])


def used_codes(codes: Int32, count: int) -> list[int]:
    """Codes that somebody has."""
    used = np.zeros(count + 1, dtype=np.bool_)
    used[codes] = True  # code -1 finds the last place
    codes_used: list[int] = np.flatnonzero(used[:-1]).tolist()
    return codes_used


def _report(problems: Problems, column: Coded, code: int, said: str, problem: Problem, place: Place, name: str) -> None:
    """Report a text at the first row where it stands, and in how many more."""
    if problems.full:  # only noted: no need to look where
        problems.add(problem.code, "", said)
        return
    rows = np.flatnonzero(column[0] == code)
    problems.add(problem.code, place(int(rows[0]), name), said + _elsewhere(len(rows)), problem.hint)


def _elsewhere(count: int) -> str:
    return f"; the same in {count - 1:,} more {'row' if count == 2 else 'rows'}" if count > 1 else ""


def _read_hours(column: Coded, place: Place, problems: Problems, known: Known) -> dict[int, tuple[Interval, ...]]:
    """Stretches of each distinct text that is used, joined over the end of the week."""
    codes, words = column
    stretches: dict[int, tuple[Interval, ...]] = {}
    bad: list[tuple[int, Problem]] = []
    for code in used_codes(codes, len(words)):
        own = _parse(words[code], known, lambda item, problem: bad.append((item, problem)))
        if own and own[0][0] == 0 and own[-1][1] == WEEK:
            own = (*own, (own[-1][0], WEEK + own[0][1]))
        stretches[code] = own
        for item, problem in bad:
            _report(problems, column, code, _said(item, problem), problem, place, "available")
        bad.clear()
    return stretches


def zone_offsets(time_zone: Coded, *, place: Place) -> tuple[Int64, Mask]:
    """Minutes by which the clock of each person is ahead of UTC in the reference week, and who stated a zone.

    Raises
    ------
    InputError
        RM171, with the first row where each unknown zone stands.
    """
    problems, codes = Problems(), time_zone[0]
    offsets = np.append(_read_zones(time_zone, place, problems), 0)  # code -1 finds the last place
    problems.raise_as(InputError)
    return offsets[codes], codes >= 0


def _read_zones(column: Coded, place: Place, problems: Problems) -> Int64:
    codes, words = column
    offsets = np.zeros(len(words), dtype=np.int64)
    for code in used_codes(codes, len(words)):
        try:
            offsets[code] = zone_offset(words[code])
        except InputError as error:
            problem = error.problems[0]
            _report(problems, column, code, problem.expected, problem, place, "time_zone")
    return offsets
