"""Busy times out of everybody's calendars into the column ``away`` of a roster."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from revmatch.errors import ConfigError, InputError, PolicyError, Problem, Problems, did_you_mean
from revmatch.given import as_list, is_one_of
from revmatch.io.calendars.sources import Sources
from revmatch.io.calendars.window import Busy, Window
from revmatch.people.away import CALENDAR_READ, Days, read_days, written
from revmatch.people.cells import MOST_CHARACTERS
from revmatch.people.people import People
from revmatch.people.series import MOST_WEEKS

if TYPE_CHECKING:
    from revmatch.plan import Plan

_Stretch = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Found:
    """A roster with the busy times of its people.

    Parameters
    ----------
    people : People
        The same, with more in the column ``away``.
    without : tuple of str
        Ids of those of whom there is no calendar.
    stretches : int
        How many busy times there are, touching ones joined.
    left_out : int
        Calendars of nobody here.
    others : int
        Files in folders that are no calendars.
    """

    people: People
    without: tuple[str, ...]
    stretches: int
    left_out: int
    others: int


def find_busy(
    people: People,
    calendars: Any,
    *,
    start: date | str,
    weeks: int,
    by: str = "id",
    unknown: str = "refuse",
    plan: Plan | None = None,
) -> Found:
    """Add busy times to what people have stated in ``away``: see `revmatch.people.people.People.with_busy`."""
    window = _window(start, weeks)
    if not is_one_of(unknown, "refuse", "allow"):
        raise ConfigError(Problem("RM182", "unknown", "expected one of: refuse, allow"))
    planned = _planned(plan)
    problems = Problems()
    owners = _Owners.of(people, by, problems)
    problems.raise_as(InputError)
    sources = Sources(window, problems, owners.said)
    listed = as_list(calendars)
    own: dict[int, list[Busy]] = {}
    strangers: list[Busy] = []
    for source in [calendars] if listed is None else listed:
        for busy in sources.read(source):
            row = owners.row(busy.owner)
            if row is None:
                strangers.append(busy)
            else:
                own.setdefault(row, []).append(busy)
    if not own and not strangers and not len(problems):
        problems.add("RM176", "calendars", "there is no calendar in what was given", "give one at least")
    if unknown == "refuse":
        _refuse(strangers, bool(own), by, problems)
    problems.raise_as(InputError)
    for theirs in own.values():
        _check_known(theirs, window, problems)
    ids = people.ids.tolist()
    taken = {row: _joined(theirs, planned.get(ids[row], frozenset())) for row, theirs in sorted(own.items())}
    found = _written(people, taken, window, problems)
    problems.raise_as(InputError)
    without = tuple(who for row, who in enumerate(ids) if row not in own)
    return Found(found, without, sum(map(len, taken.values())), len(strangers), sources.others)


def _window(start: object, weeks: object) -> Window:
    try:
        first = start if isinstance(start, date) else date.fromisoformat(start) if isinstance(start, str) else None
    except ValueError:
        first = None
    if first is None or isinstance(first, datetime) or not 2 <= first.year <= 9900:
        raise ConfigError(Problem("RM180", "start", 'expected a day such as "2026-03-02"'))
    if isinstance(weeks, bool) or not isinstance(weeks, int) or not 1 <= weeks <= MOST_WEEKS:
        raise ConfigError(Problem("RM180", "weeks", f"expected a whole number from 1 to {MOST_WEEKS}"))
    return Window(first, weeks)


def _planned(plan: Plan | None) -> dict[str, frozenset[Days]]:
    """Sessions of an earlier plan, by id: they are in calendars by now, and are to be planned anew."""
    if plan is None:
        return {}
    if not hasattr(plan, "slots") or plan.slots is None:
        raise ConfigError(Problem("RM182", "plan", "expected a plan with weekly times", "Meetings gives a plan these"))
    found: dict[str, set[Days]] = {}
    for pair in plan.pairs:
        assert pair.slot is not None
        length = timedelta(minutes=pair.slot.minutes)
        for person in (pair.mentor, pair.mentee):
            found.setdefault(person, set()).update((begin, begin + length) for begin in pair.slot.utc_starts)
    return {person: frozenset(sessions) for person, sessions in found.items()}


# -- whose calendars --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Owners:
    """People by what calendars call them: what a column says, without regard to case, or else the id, exactly."""

    people: People
    rows: dict[str, int]
    ids: dict[str, int]

    @classmethod
    def of(cls, people: People, by: str, problems: Problems) -> _Owners:
        ids = {own: row for row, own in enumerate(people.ids.tolist())}
        if by == "id":
            return cls(people, {}, ids)
        if not isinstance(by, str) or by not in people:
            hint = did_you_mean(by, people.columns) if isinstance(by, str) else ""
            raise PolicyError(Problem("RM134", "by", f"there is no column {by!r:.80}", hint))
        rows: dict[str, int] = {}
        for row, cell in enumerate(people.decoded(by).tolist()):
            key = cell.strip().casefold()
            other = rows.setdefault(key, row) if key else row
            other = ids.get(key, other) if other == row else other
            if other != row:
                what = f"the same as in row {people.rows[other]}, so calendars are of both"
                problems.add("RM120", people.place(row, by), what, "give each their own")
        return cls(people, rows, ids)

    def row(self, owner: str) -> int | None:
        found = self.rows.get(owner.strip().casefold(), self.ids.get(owner))
        # some systems take names of files apart: a letter, and its accent
        return self.ids.get(unicodedata.normalize("NFC", owner)) if found is None else found

    def said(self, owner: str) -> str:
        """Where the owner stands in the roster; nothing of who is not there, whose address it may be."""
        row = self.row(owner)
        return "" if row is None else f" ({self.people.place(row)})"


def _refuse(strangers: list[Busy], some: bool, by: str, problems: Problems) -> None:
    """Calendars of nobody here; where all are, it is told once."""
    hint = "say by which column calendars call people, or allow unknown ones"
    if len(strangers) > 1 and not some:
        what = f"none of the {len(strangers):,} calendars is of somebody here: nobody has their owners as {by}"
        problems.add("RM130", "calendars", what, hint)
        return
    for busy in strangers:
        problems.add("RM130", busy.place, f"nobody here has this calendar's owner as {by}", hint)


# -- what they come to ------------------------------------------------------------------------------------------------


def _check_known(own: list[Busy], window: Window, problems: Problems) -> None:
    """Refuse calendars that say nothing of some of the weeks: not told is not free."""
    stretches: list[_Stretch] = []
    for busy in own:
        if busy.known is None:
            return
        stretches += busy.known
    start, end = window.needed
    reached = start
    for first, last in sorted(stretches):
        if first <= reached:
            reached = max(reached, last)
    if reached < end:
        weeks = f"over all time zones the weeks last from {_said(start)} to {_said(end)}"
        what = f"{weeks}, and it says nothing of the time from {_said(reached)} on"
        problems.add("RM177", own[-1].place, what, "ask for all of them, and a day more on both sides")


def _said(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%MZ}"


def _joined(own: list[Busy], planned: frozenset[Days]) -> list[Days]:
    """Stretches in order, each apart from the next; days and moments for themselves; none that a plan gave."""
    left = set(planned)  # each of its sessions counts once: what else is at the same time is busy
    taken = []
    for days in (days for busy in own for days in busy.taken):
        if days in left:
            left.remove(days)
        else:
            taken.append(days)
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


def _written(people: People, taken: dict[int, list[Days]], window: Window, problems: Problems) -> People:
    """The roster with what is taken, and of which days that is known."""
    away, read = {}, {}
    for row, stretches in taken.items():
        before = people.cell(row, "away").strip().rstrip(";")
        away[row] = "; ".join([*([before] if before else []), *map(written, stretches)])
        read[row] = _days_read(people.cell(row, CALENDAR_READ), window)
        if len(away[row]) > MOST_CHARACTERS:
            what = f"{len(stretches):,} busy times are more than a cell holds"
            problems.add("RM126", people.place(row, "away"), what, "ask for fewer weeks")
    return people.with_cells("away", away).with_cells(CALENDAR_READ, read)


def _days_read(before: str, window: Window) -> str:
    """The days of which all calendars of somebody tell, with those that were read before."""
    days, first, last = read_days(before.strip()), window.start, window.end - timedelta(days=1)
    if not isinstance(days, Problem) and not isinstance(days[0], datetime):
        first, last = max(first, days[0]), min(last, days[1])
    return written((first, last)) if first <= last else str(window)
