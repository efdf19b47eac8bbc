"""Series of meetings: expected UTC times written out, and a minute-by-minute recomputation."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

import revmatch as rm
from grids import daily
from revmatch.certify import weeks
from revmatch.errors import InputError
from revmatch.people.away import parse_away
from revmatch.people.clocks import NEVER, clock
from revmatch.people.common import common_series
from revmatch.people.hours import DAY, WEEK
from revmatch.people.series import Rhythm
from revmatch.people.starts import have_common
from strategies import seeded

ONE = np.zeros(1, dtype=np.int64)


def people(*rows: tuple[str, ...]) -> rm.People:
    columns = ("available", "time_zone", "away")
    return rm.People.from_records({"id": f"{k}"} | dict(zip(columns, row, strict=False)) for k, row in enumerate(rows))


def sessions(mentor: tuple[str, ...], mentee: tuple[str, ...], start: str, **how: int) -> list[list[str]]:
    """UTC times of the sessions of each series that suits both."""
    how = {"minutes": 60, "grid": 60, "every": 1, "weeks": 1} | how
    monday = date.fromisoformat(start)
    a, b, series = common_series(people(mentor), people(mentee), Rhythm(monday, **how), alike=True)
    assert bool(have_common(a.bits, ONE, b.bits, ONE)[0]) == any_common(mentor, mentee, monday, **how)
    both = np.unpackbits((a.bits & b.bits).astype("<u8").view(np.uint8), bitorder="little")[: len(series.moments)]
    zero = datetime.combine(monday, datetime.min.time(), UTC)
    found = [
        [f"{zero + timedelta(minutes=moment):%m-%d %H:%M}" for moment in row if moment != NEVER]
        for row in series.moments[np.flatnonzero(both)].tolist()
    ]
    return sorted(found)


def any_common(mentor: tuple[str, ...], mentee: tuple[str, ...], monday: date, **how: int) -> bool:
    """What the checker says, by code of its own."""
    plan = weeks.Weeks(monday, how["weeks"], how["every"], how["minutes"], how["grid"])
    cells = [(*person, "")[:3] for person in (mentor, mentee)]
    return weeks.slots(*cells[0], mentee[1], plan) & weeks.slots(*cells[1], mentee[1], plan) != 0


LONDON, PARIS, NEW_YORK = "Europe/London", "Europe/Paris", "America/New_York"
NIGHT = "Sun 0-4"


@pytest.mark.parametrize(
    ("mentor", "mentee", "start", "how", "expected"),
    [
        # clocks in London go forward on 29 March 2026 at 01:00, in New York on 8 March at 02:00
        (("Wed 9-17", NEW_YORK), ("Wed 13-15", LONDON), "2026-03-02", {}, [["03-04 14:00"]]),
        (("Wed 9-17", NEW_YORK), ("Wed 13-15", LONDON), "2026-03-09", {}, [["03-11 13:00"], ["03-11 14:00"]]),
        (("Wed 9-17", NEW_YORK), ("Wed 13-15", LONDON), "2026-03-30", {}, [["04-01 13:00"]]),
        (
            ("Wed 9-17", NEW_YORK), ("Wed 13-15", LONDON), "2026-03-02", {"weeks": 5},
            [["03-04 14:00", "03-11 14:00", "03-18 14:00", "03-25 14:00", "04-01 13:00"]],
        ),
        (("Wed 9-10", NEW_YORK), ("Wed 14-15", LONDON), "2026-03-02", {}, [["03-04 14:00"]]),
        (("Wed 9-10", NEW_YORK), ("Wed 14-15", LONDON), "2026-03-02", {"weeks": 2}, []),
        # what a clock is put forward over is no time: 01:30 in London on 29 March, nor is it when 01:00 is over
        ((NIGHT, LONDON), (NIGHT, LONDON), "2026-03-23", {},
         [["03-29 00:00"], ["03-29 01:00"], ["03-29 02:00"]]),
        ((NIGHT, LONDON), (NIGHT, LONDON), "2026-03-23", {"minutes": 30, "grid": 30},
         [["03-29 00:00"], ["03-29 00:30"], ["03-29 01:00"], ["03-29 01:30"], ["03-29 02:00"], ["03-29 02:30"]]),
        # hours up to 01:00 end when the clock shows 02:00, and an hour from 00:30 on ends at 02:30 on it
        (("Sun 0-1", LONDON), (NIGHT, LONDON), "2026-03-23", {"grid": 30}, [["03-29 00:00"]]),
        (("Sun 0-1; Sun 2-3", LONDON), (NIGHT, LONDON), "2026-03-23", {"grid": 30},
         [["03-29 00:00"], ["03-29 00:30"], ["03-29 01:00"]]),
        # what it shows twice is at the first of the two, 00:30 in UTC; an hour from then on is half an hour further
        ((NIGHT, LONDON), (NIGHT, LONDON), "2026-10-19", {},
         [["10-24 23:00"], ["10-25 00:00"], ["10-25 02:00"], ["10-25 03:00"]]),
        (("Sun 1-2", LONDON), ("Sun 0-4", LONDON), "2026-10-19", {"minutes": 120, "grid": 30}, [["10-25 00:00"]]),
        # the clock is put back for a quarter of the world, and the mentor's hour is one on another day
        (("Tue 9-10", "Pacific/Auckland"), ("Mon 20-22", LONDON), "2026-03-30", {}, [["03-30 20:00"]]),
        (("Tue 9-10", "Pacific/Auckland"), ("Mon 20-23", LONDON), "2026-04-06", {}, [["04-06 21:00"]]),
        # 24:00, and over midnight
        (("Mon 22-24; Tue 0-2", LONDON), ("Mon-Tue 0-24", PARIS), "2026-01-05", {},
         [["01-05 22:00"], ["01-05 23:00"], ["01-06 00:00"], ["01-06 01:00"]]),
        (("Mon 22:30-24:00; Tue 0-1", LONDON), ("Mon-Tue 0-24", LONDON), "2026-01-05", {"grid": 30},
         [["01-05 22:30"], ["01-05 23:00"], ["01-06 00:00"]]),  # on one day of the mentee's
        # half hours and quarters
        (("Mon 9-17", "Asia/Kolkata"), ("Mon 9-10", LONDON), "2026-01-05", {}, [["01-05 09:00"]]),
        (("Mon 14:30-15:30", "Asia/Kolkata"), ("Mon 9-10", LONDON), "2026-01-05", {}, [["01-05 09:00"]]),
        (("Mon 14:30-15:30", "Asia/Kolkata"), ("Mon 9-11", LONDON), "2026-06-01", {}, [["06-01 09:00"]]),
        (("Mon 9-10", LONDON), ("Mon 14:45-15:45", "Asia/Kathmandu"), "2026-01-05", {"grid": 15}, [["01-05 09:00"]]),
        (("Mon 9-10", LONDON), ("Mon 14-16", "Asia/Kathmandu"), "2026-01-05", {"grid": 60}, []),
        (("Mon 9-12", LONDON), ("Mon 14-17", "Asia/Kathmandu"), "2026-01-05", {"grid": 60},
         [["01-05 09:15"], ["01-05 10:15"]]),
        # both sides of the date line: 26 hours apart, and the same hours of another day
        (("Mon 8-10", "Pacific/Honolulu"), ("Tue 8-10", "Pacific/Kiritimati"), "2026-01-05", {},
         [["01-05 18:00"], ["01-05 19:00"]]),
        (("Sun 8-10", "Pacific/Honolulu"), ("Mon 8-10", "Pacific/Kiritimati"), "2026-01-05", {},
         [["01-04 18:00"], ["01-04 19:00"]]),
        # Lord Howe puts its clock back by half an hour on 5 April 2026, at 02:00
        (("Sun 0-24", "UTC"), ("Sun 1-3", "Australia/Lord_Howe"), "2026-03-30", {"grid": 30, "minutes": 30}, []),
        (("Sat-Sun 0-24", "UTC"), ("Sun 1-3", "Australia/Lord_Howe"), "2026-03-30", {"grid": 30, "minutes": 30},
         [["04-04 14:00"], ["04-04 14:30"], ["04-04 15:30"], ["04-04 16:00"]]),
        # every second week, beginning in the first or in the second
        (("Mon 9-10", LONDON), ("Mon 9-10", LONDON), "2026-01-05", {"every": 2, "weeks": 5},
         [["01-05 09:00", "01-19 09:00", "02-02 09:00"], ["01-12 09:00", "01-26 09:00"]]),
        # days away are days on one's own clock, the last one too
        (("Mon 9-10", LONDON, "2026-01-19"), ("Mon 9-10", LONDON), "2026-01-05", {"every": 2, "weeks": 5},
         [["01-12 09:00", "01-26 09:00"]]),
        (("Mon-Fri 9-10", LONDON, "2026-01-05..2026-01-08"), ("Mon-Fri 9-10", LONDON, ""), "2026-01-05", {},
         [["01-09 09:00"]]),
        (("Mon 22-24", NEW_YORK), ("Tue 3-5", LONDON, "2026-01-06"), "2026-01-05", {}, []),
        (("Mon 22-24", NEW_YORK, "2026-01-06"), ("Tue 3-5", LONDON), "2026-01-05", {},
         [["01-06 03:00"], ["01-06 04:00"]]),
    ],
)  # fmt: skip
def test_expected_times(mentor: Any, mentee: Any, start: str, how: dict[str, int], expected: list[list[str]]) -> None:
    assert sessions(mentor, mentee, start, **how) == expected


ZONES = [
    LONDON, NEW_YORK, "Asia/Kolkata", "Asia/Kathmandu", "Pacific/Auckland", "America/Los_Angeles", "Asia/Tehran",
    "Australia/Lord_Howe", "Africa/Casablanca", "America/Sao_Paulo", "Pacific/Kiritimati", "Atlantic/Azores",
]  # fmt: skip


def within_every_minute(person: tuple[str, ...], start: datetime, minutes: int) -> bool:
    """Whether each minute of a session is within somebody's hours, and on no day away."""
    hours, zone, away = person
    free, days = weeks.local_minutes(hours), parse_away(away)
    for k in range(minutes):
        local = (start + timedelta(minutes=k)).astimezone(zoneinfo.ZoneInfo(zone))
        minute = local.weekday() * DAY + local.hour * 60 + local.minute
        if not free >> minute & 1 or any(first <= local.date() <= last for first, last in days):
            return False
    return True


def by_hand(mentor: tuple[str, ...], mentee: tuple[str, ...], monday: date, **how: int) -> list[list[str]]:
    """All series that suit both, minute by minute."""
    found, tz = [], zoneinfo.ZoneInfo(mentee[1])
    for first in range(how["every"]):
        for time in range(0, WEEK, how["grid"]):
            if time % DAY + how["minutes"] > DAY:
                continue
            moments = []
            for week in range(first, how["weeks"], how["every"]):
                shown = datetime.combine(monday, datetime.min.time()) + timedelta(weeks=week, minutes=time)
                moment = shown.replace(tzinfo=tz).astimezone(UTC)
                there = moment.astimezone(tz).replace(tzinfo=None) == shown
                fits = there and all(within_every_minute(who, moment, how["minutes"]) for who in (mentee, mentor))
                if not fits:
                    break
                moments.append(f"{moment:%m-%d %H:%M}")
            else:
                found.append(moments)
    return sorted(found)


@pytest.mark.parametrize("seed", daily(8, range(200)))
def test_agrees_minute_by_minute(seed: int) -> None:
    draw = seeded(seed)
    monday = date(2026, 1, 5) + timedelta(weeks=draw.whole(0, 60))
    every = draw.pick([1, 1, 2, 4])
    how = {
        "every": every,
        "weeks": draw.whole(every, 9),
        "minutes": draw.pick([30, 45, 60, 150]),
        "grid": draw.pick([15, 30, 60]),
    }

    def somebody() -> tuple[str, str, str]:
        hours = []
        for _ in range(draw.whole(1, 3)):
            begin = draw.whole(0, 88)
            end = draw.whole(begin + 4, min(96, begin + 40))
            day = draw.pick(["Mon", "Tue", "Fri", "Sat", "Sun", "Sat-Mon", "Mon-Sun"])
            hours.append(f"{day} {begin // 4}:{begin % 4 * 15:02d}-{end // 4}:{end % 4 * 15:02d}")
        first = monday + timedelta(days=draw.whole(-5, 7 * how["weeks"]))
        away = f"{first}..{first + timedelta(days=draw.whole(0, 9))}" if draw.chance(30) else ""
        return "; ".join(hours), draw.pick(ZONES), away

    mentor, mentee = somebody(), somebody()
    assert sessions(mentor, mentee, f"{monday}", **how) == by_hand(mentor, mentee, monday, **how)


def test_one_of_series_that_suit_the_same_people_is_enough() -> None:
    rhythm = Rhythm(date(2026, 1, 5), 60, 15, 4, 12)
    mentors = people(("any", LONDON), ("Mon AM", PARIS), ("", LONDON))
    mentees = people(("Tue,Wed AM", LONDON), ("Mon 9-10", NEW_YORK), ("any", ""))
    every, few = (common_series(mentors, mentees, rhythm, alike=alike) for alike in (True, False))
    assert len(few[2].moments) < len(every[2].moments)
    i, j = np.arange(3)[:, None], np.arange(3)[None, :]
    assert np.array_equal(have_common(every[0].bits, i, every[1].bits, j), have_common(few[0].bits, i, few[1].bits, j))
    assert few[0].stated.tolist() == [True, True, False]
    assert few[1].stated.tolist() == [True, True, False]


def test_clocks() -> None:
    """Every third zone there is, at random moments."""
    rng = np.random.default_rng(0)
    monday = datetime(2026, 3, 2, tzinfo=UTC)
    for zone in sorted(zoneinfo.available_timezones() - {"localtime", "Factory"})[::3]:
        own, tz = clock(zone, monday.date(), 40), zoneinfo.ZoneInfo(zone)
        moments = rng.integers(-DAY, 40 * WEEK + DAY, 8)
        for moment, shown in zip(moments.tolist(), own.shows(moments).tolist(), strict=True):
            local = (monday + timedelta(minutes=moment)).astimezone(tz).replace(tzinfo=UTC)
            assert shown == int((local - monday).total_seconds()) // 60, zone
        again = own.moments(own.shows(moments))
        assert (again <= moments).all(), zone
        assert (own.shows(again) == own.shows(moments)).all(), zone


@pytest.mark.parametrize(
    ("cell", "code", "expected"),
    [
        ("2026-07-14..2026-07-01", "RM174", "item 1: the days end before they start"),
        ("2026-07-01; 2026-02-30", "RM175", "item 2: there is no such day in the calendar"),
        ("01.07.2026", "RM175", "item 1: expected days"),
        ("2026-07-01-2026-07-14", "RM175", "item 1: expected days"),
        ("2026-7-1", "RM175", "item 1: expected days"),
        ("2026-07-01T09:00..2026-07-01T10:00Z", "RM170", "item 1: a moment says on which clock it is"),
        ("2026-07-01T09:00Z..2026-07-01T10:00+01:00", "RM174", "item 1: the end is not after the start"),
        ("2026-07-01T09:00Z", "RM175", "item 1: expected two moments"),
        ("2026-07-01T24:00Z..2026-07-02T01:00Z", "RM175", "item 1: there is no such moment"),
    ],
)
def test_days_that_cannot_be_read(cell: str, code: str, expected: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_away(cell)
    (problem,) = caught.value.problems
    assert (problem.code, problem.place, problem.expected) == (code, "away", expected)
    with pytest.raises(InputError, match=f"{code} records:1:away"):
        rm.People.from_records([{"id": "a", "away": cell}])


def test_moments_away_are_on_every_clock_the_same() -> None:
    """A minute that has begun is away altogether; what ends as a session begins is not in its way."""
    mentor = (
        "Mon 9-12",
        LONDON,
        "2026-03-02T09:00:30+00:00..2026-03-02T15:30:10+05:30; 2026-03-02T11:30Z..2026-03-02T11:31Z",
    )
    assert sessions(mentor, ("Mon 9-12", LONDON), "2026-03-02", minutes=30, grid=30) == [
        ["03-02 10:30"],
        ["03-02 11:00"],
    ]
    free = ("Mon 9-12", LONDON, "2026-03-02T09:00:30+00:00..2026-03-02T15:30:00+05:30")
    assert sessions(free, ("Mon 9-12", LONDON), "2026-03-02", minutes=60, grid=60) == [["03-02 10:00"], ["03-02 11:00"]]
