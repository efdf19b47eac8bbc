"""Weekly hours against a minute-by-minute recomputation, and every error of bad-input.md that they raise."""

from __future__ import annotations

import functools
import zoneinfo
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from revmatch.errors import InputError
from revmatch.people.hours import DAY, REFERENCE_MONDAY, WEEK, Weekly, parse, zone_offset
from revmatch.people.starts import common_starts, have_common, starts_in_common

MON, TUE, WED, THU, FRI, SAT, SUN = (k * DAY for k in range(7))
AM, PM = (540, 720), (780, 1020)


def on(*days, parts=(AM, PM)):
    return tuple((day + start, day + end) for day in days for start, end in parts)


class Roster:
    """The little of `People` that hours need."""

    def __init__(self, *people):
        self.people = people

    def codes(self, column):
        cells = [person[column == "time_zone"] for person in self.people]
        words = tuple(dict.fromkeys(cell for cell in cells if cell))
        return np.array([words.index(cell) if cell else -1 for cell in cells], dtype=np.int32), words

    def place(self, k, column):
        return f"people.csv:{k + 2}:{column}"

    def weekly(self):
        return Weekly.read(self.codes("available"), self.codes("time_zone"), place=self.place)


def in_common(mentor, mentee, minutes=60, grid=15):
    """Whether two people, each (hours, zone), have such a slot."""
    a, b = common_starts(Roster(mentor), Roster(mentee), minutes=minutes, grid=grid)
    return bool(have_common(a.bits, np.array([0]), b.bits, np.array([0]))[0])


# -- reading ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("Mon 09:00-12:00; Wed 14:00-16:00", ((MON + 540, MON + 720), (WED + 840, WED + 960))),
        ("Mon-Thu 9-12", on(MON, TUE, WED, THU, parts=(AM,))),
        ("Mon,Wed AM", on(MON, WED, parts=(AM,))),
        ("Tue PM", on(TUE, parts=(PM,))),
        ("Fri day", on(FRI)),
        ("any", on(MON, TUE, WED, THU, FRI)),
        ("Any", on(MON, TUE, WED, THU, FRI)),
        ("monday-Wednesday,FRIDAY pm", on(MON, TUE, WED, FRI, parts=(PM,))),
        ("  Mon  9:30 - 12 ;; Tue , Thu Am;", ((570, 720), (TUE + 540, TUE + 720), (THU + 540, THU + 720))),
        ("Sat-Mon 0-24", ((MON, MON + DAY), (SAT, WEEK))),
        ("Sun 22:00-24:00", ((SUN + 1320, WEEK),)),
        ("Mon 22-24; Tue 00:00-02:00", ((1320, TUE + 120),)),
        ("Mon 9-11; Mon 10-12; Mon 12-13; Mon 9:15-9:30", ((540, 780),)),
        ("Mon 00:00-00:01", ((0, 1),)),
        ("", ()),
        (" ; ", ()),
    ],
)
def test_spellings(cell, expected):
    assert parse(cell) == expected


@pytest.mark.parametrize(
    ("cell", "code", "words"),
    [
        ("Mon 12-9", "RM174", "hours end before they start (split them at midnight"),
        ("Mon 22:00-02:00", "RM174", "split them at midnight"),
        ("Mon 9-9", "RM174", "hours end before they start"),
        ("Mon 9-0", "RM174", "hours end before they start"),
        ("Mon 24:00-24:00", "RM175", "24:00 can end hours but not start them"),
        ("Mon 24-2", "RM175", "24:00 can end hours but not start them"),
        ("Mon 9-25", "RM175", "no such time of day"),
        ("Mon 9-24:01", "RM175", "no such time of day"),
        ("Mon 9:60-10", "RM175", "no such time of day"),
        ("Mon", "RM175", "expected days and hours"),
        ("9-12", "RM175", "expected days and hours"),
        ("Mon9-12", "RM175", "expected days and hours"),
        ("Mo 9-12", "RM175", "expected days and hours"),
        ("Mon-Wed-Fri 9-12", "RM175", "expected days and hours"),
        ("Mon 9-12, 14-16", "RM175", "with ; between items"),
        ("Mon 9am-12pm", "RM175", "expected days and hours"),
        ("Mon 9:5-12", "RM175", "expected days and hours"),
        ("Mon ９-12", "RM175", "expected days and hours"),
        ("Mon 9\u201312", "RM175", "expected days and hours"),
        ("yes", "RM175", "expected days and hours"),
    ],
)
def test_unreadable_hours(cell, code, words):
    with pytest.raises(InputError) as caught:
        parse("Tue AM;" + cell, "people.csv:7:available")
    assert caught.value.code == code
    assert str(caught.value).startswith(f"{code} people.csv:7:available: item 2: ")
    assert words in str(caught.value)


def test_all_bad_items_are_named_at_once_and_never_quoted():
    with pytest.raises(InputError) as caught:
        parse("Anna 9-12; Mon 9-12; Tue 5-4")
    assert [(p.code, p.expected) for p in caught.value.problems] == [
        ("RM175", "item 1: expected days and hours"),
        ("RM174", "item 3: hours end before they start"),
    ]
    assert "Anna" not in str(caught.value)


def test_a_long_cell_is_read_in_linear_time():
    with pytest.raises(InputError, match="RM175"):
        parse("mon," * 25_000)
    with pytest.raises(InputError, match="RM175"):
        parse("a" * 100_000 + " ")


@pytest.mark.parametrize(
    ("zone", "minutes"),
    [
        ("UTC", 0),
        ("Europe/London", 0),
        ("Asia/Kolkata", 330),
        ("Asia/Kathmandu", 345),
        ("Australia/Adelaide", 630),
        ("Pacific/Chatham", 825),
        ("Pacific/Kiritimati", 840),
        ("Pacific/Pago_Pago", -660),
        ("Pacific/Marquesas", -570),
    ],
)
def test_zones(zone, minutes):
    assert zone_offset(zone) == minutes


@pytest.mark.parametrize(
    ("zone", "hint"),
    [
        ("Europe/Lodnon", 'did you mean "Europe/London"?'),
        ("europe/london", 'did you mean "Europe/London"?'),
        ("London", 'did you mean "Europe/London"?'),
        ("New York", 'did you mean "America/New_York"?'),
        ("../../etc/passwd", "give one such as"),
        ("/usr/share/zoneinfo/UTC", "give one such as"),
        ("Europe", "give one such as"),
        *((zone, "give one such as") for zone in ("CEST", "PST", "IST", "UTC+1", "GMT+1", "Asia/Mumbai", "India")),
        ("localtime", ""),
        ("Factory", ""),
        ("posixrules", ""),
        ("\0", "give one such as"),
        ("x" * 100_000, "give one such as"),
        ("+01:00", "give one such as"),
    ],
)
def test_unknown_zones(zone, hint):
    with pytest.raises(InputError) as caught:
        zone_offset(zone, "people.csv:3:time_zone")
    assert str(caught.value).startswith("RM171 people.csv:3:time_zone: expected the IANA name of a time zone (")
    assert hint in str(caught.value)


def test_no_zone_changes_its_clocks_around_the_reference_week():
    """Everybody's own Monday to Sunday, from Kiritimati to Pago Pago, and a day of margin."""
    hours = [REFERENCE_MONDAY + timedelta(hours=k) for k in range(-48, 24 * 9 + 1)]
    for name in sorted(zoneinfo.available_timezones()):
        zone = zoneinfo.ZoneInfo(name)
        assert len({moment.astimezone(zone).utcoffset() for moment in hours}) == 1, name
        assert hours[0].astimezone(zone).utcoffset().total_seconds() % 60 == 0, name


# -- many people ------------------------------------------------------------------------------------------------------


def test_what_cannot_be_read_is_named_by_its_first_row_on_both_sides_at_once():
    good = ("Mon AM", "UTC")
    mentors = Roster(good, ("Mon AM", "Mars/Base"), ("Mon", "UTC"), ("Mon", "Mars/Base"), ("Mon", "UTC"))
    mentees = Roster(good, ("Mon 9-8", "UTC"), ("Tue 9-8", ""))
    with pytest.raises(InputError) as caught:
        common_starts(mentors, mentees, minutes=60, grid=15)
    assert [(p.code, p.place, p.expected.partition("; ")[2]) for p in caught.value.problems] == [
        ("RM175", "people.csv:4:available", "the same in 2 more rows"),
        ("RM171", "people.csv:3:time_zone", "the same in 1 more row"),
        ("RM174", "people.csv:3:available", ""),
        ("RM174", "people.csv:4:available", ""),
    ]


def test_blank_hours_or_zone_are_not_stated():
    people = Roster(("any", "UTC"), ("", "UTC"), ("any", ""), (" ; ", "UTC"), ("", ""))
    a, b = common_starts(people, people, minutes=60, grid=15)
    assert a.stated.tolist() == b.stated.tolist() == [True, False, False, False, False]
    everybody = np.arange(5)
    assert have_common(a.bits, everybody[:, None], b.bits, everybody[None, :]).sum() == 1


def test_nobody_and_nothing_in_common():
    a, b = common_starts(Roster(), Roster(), minutes=60, grid=15)
    nobody = np.zeros(0, dtype=np.int64)
    assert have_common(a.bits, nobody[:, None], b.bits, nobody[None, :]).shape == (0, 0)
    assert not in_common(("Mon AM", "UTC"), ("Tue AM", "UTC"))


@pytest.mark.parametrize(
    ("mentor", "mentee", "minutes", "expected"),
    [
        # half-hour and 45-minute zones: 09:00-10:00 in Kathmandu is 03:15-04:15 UTC, 08:45-09:45 in Kolkata
        (("Mon 8:45-9:45", "Asia/Kolkata"), ("Mon 9-10", "Asia/Kathmandu"), 60, True),
        (("Mon 8:46-9:46", "Asia/Kolkata"), ("Mon 9-10", "Asia/Kathmandu"), 60, False),
        (("Mon 3:15-4:15", "UTC"), ("Mon 9-10", "Asia/Kathmandu"), 60, True),
        # the date line: Monday 09:00 on Kiritimati is Sunday 08:00 on Pago Pago (25 hours apart)
        (("Sun 8-9", "Pacific/Pago_Pago"), ("Mon 9-10", "Pacific/Kiritimati"), 60, True),
        (("Mon 8-9", "Pacific/Pago_Pago"), ("Mon 9-10", "Pacific/Kiritimati"), 60, False),
        (("Mon 9-10", "Pacific/Kiritimati"), ("Sun 8-9", "Pacific/Pago_Pago"), 60, True),
        # a mentor's hours go on over midnight, also from Sunday to Monday
        (("Mon 23-24; Tue 0-1", "Asia/Tokyo"), ("Mon 14:30-15:30", "UTC"), 60, True),
        (("Sun 23-24; Mon 0-1", "Asia/Tokyo"), ("Sun 14:30-15:30", "UTC"), 60, True),
        # a mentee's do not: the meeting is on one of their days
        (("Mon 14-16", "UTC"), ("Mon 23:30-24:00; Tue 0-0:30", "Asia/Tokyo"), 60, False),
        (("Mon 14-16", "UTC"), ("Mon 23:00-24:00", "Asia/Tokyo"), 60, True),
        (("Mon 0-24; Tue 0-24", "UTC"), ("Mon 0-24", "UTC"), 1440, True),
        (("Mon 0-24; Tue 0-24", "UTC"), ("Mon 1-24; Tue 0-1", "UTC"), 1440, False),
        # the start is on the grid of the mentee's clock, whatever the mentor's shows
        (("Mon 9:10-10:10", "UTC"), ("Mon 9-12", "UTC"), 60, False),
        (("Mon 9:10-10:15", "UTC"), ("Mon 9:10-10:15", "UTC"), 60, True),
        (
            ("Mon 0-24; Tue 0-24; Wed 0-24; Thu 0-24; Fri 0-24; Sat 0-24; Sun 0-24", "UTC"),
            ("Sun 23-24", "UTC"),
            60,
            True,
        ),
    ],
)
def test_pairs_written_out(mentor, mentee, minutes, expected):
    assert in_common(mentor, mentee, minutes) is expected


@functools.cache
def clock_minutes(zone):
    """What a clock in this zone shows at each minute of the reference week, in minutes since its Monday 00:00."""
    moments = (REFERENCE_MONDAY + timedelta(minutes=k) for k in range(WEEK))
    clocks = [moment.astimezone(zoneinfo.ZoneInfo(zone)) for moment in moments]
    return [clock.weekday() * DAY + clock.hour * 60 + clock.minute for clock in clocks]


def minute_by_minute(mentor, mentee, minutes, grid):
    """Try each minute of the reference week with zoneinfo; the week repeats."""

    def free(person):
        items, zone = person
        shown = clock_minutes(zone)
        stretches = [item.split("/") for item in items]
        return np.array([any(int(start) <= minute < int(end) for start, end in stretches) for minute in shown])

    both = free(mentor) & free(mentee)
    run = np.concatenate([both, both[: minutes - 1]])
    sums = np.concatenate([[0], np.cumsum(run)])
    fits = (sums[minutes:] - sums[:-minutes])[:WEEK] == minutes
    for k in np.flatnonzero(fits).tolist():
        since_midnight = clock_minutes(mentee[1])[k] % DAY
        if since_midnight % grid == 0 and since_midnight + minutes <= DAY:
            return True
    return False


def spelled(stretches):
    """Cells as a user would write them, from `start/end` in minutes of the week, cut at midnight."""
    names = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    items = []
    for item in stretches:
        start, end = map(int, item.split("/"))
        day = start // DAY
        start, end = start - day * DAY, end - day * DAY
        items.append(f"{names[day]} {start // 60:02d}:{start % 60:02d}-{end // 60:02d}:{end % 60:02d}")
    return "; ".join(items)


ZONES = [
    "UTC",
    "Europe/London",
    "America/New_York",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Adelaide",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "Pacific/Chatham",
]


@st.composite
def people(draw):
    """Few, short stretches near midnights and each other, so that pairs just fit or just do not."""
    items = []
    for _ in range(draw(st.integers(0, 3))):
        day = draw(st.sampled_from([0, 1, 5, 6])) * DAY
        start = draw(st.sampled_from([0, 0, 30, 600, 605, 660, 1335, 1380, 1425]))
        end = min(DAY, start + draw(st.sampled_from([15, 45, 60, 65, 120, 720])))
        items.append(f"{day + start}/{day + end}")
    return items, draw(st.sampled_from(ZONES))


@given(people(), people(), st.sampled_from([15, 45, 60, 90]), st.sampled_from([5, 15, 30, 60]))
@example((["0/1440", "8640/10080"], "Asia/Kolkata"), (["9960/10080"], "Asia/Kolkata"), 90, 30)
def test_agrees_minute_by_minute(mentor, mentee, minutes, grid):
    expected = minute_by_minute(mentor, mentee, minutes, grid)
    assert in_common((spelled(mentor[0]), mentor[1]), (spelled(mentee[0]), mentee[1]), minutes, grid) is expected


@given(st.lists(people(), max_size=4), st.lists(people(), max_size=4))
def test_a_tile_is_its_pairs(mentors, mentees):
    rosters = [Roster(*((spelled(items), zone) for items, zone in side)) for side in (mentors, mentees)]
    a, b = common_starts(*rosters, minutes=60, grid=15)
    tile = have_common(a.bits, np.arange(len(mentors))[:, None], b.bits, np.arange(len(mentees))[None, :])
    for i, mentor in enumerate(mentors):
        for j, mentee in enumerate(mentees):
            pair = in_common((spelled(mentor[0]), mentor[1]), (spelled(mentee[0]), mentee[1]))
            assert tile[i, j] == pair


@given(people(), people(), st.sampled_from([45, 60]))
def test_adding_hours_never_takes_a_slot_away(mentor, mentee, minutes):
    before = in_common((spelled(mentor[0]), mentor[1]), (spelled(mentee[0]), mentee[1]), minutes)
    more = (spelled([*mentor[0], "660/750"]), mentor[1])
    assert in_common(more, (spelled(mentee[0]), mentee[1]), minutes) >= before


@given(people(), people())
def test_an_equal_zone_by_another_name_changes_nothing(mentor, mentee):
    other_name = {"Asia/Kolkata": "Asia/Calcutta", "UTC": "Etc/UTC", "Europe/London": "GB"}
    pair = [(spelled(items), zone) for items, zone in (mentor, mentee)]
    renamed = [(cell, other_name.get(zone, zone)) for cell, zone in pair]
    assert in_common(*pair) == in_common(*renamed)


def test_moments_are_times_that_fit_both_sides():
    a, b = common_starts(
        Roster(("Mon 9-10:30", "UTC"), ("Tue AM", "UTC")),
        Roster(("Mon 9-10:15", "UTC"), ("Sat AM", "UTC")),
        minutes=60,
        grid=15,
    )
    assert a.moments.tolist() == b.moments.tolist() == [540, 555]
    assert a.bits.tolist() == [[3, 0]]
    assert b.bits.tolist() == [[3, 0]]
    assert datetime(2026, 1, 12, tzinfo=UTC) == REFERENCE_MONDAY
    assert REFERENCE_MONDAY.weekday() == 0


def test_many_people_share_what_is_read_once():
    """A million people of 300 distinct hours: seconds and a few words each."""
    count = 1_000_000
    words = tuple(
        f"Mon {h:02d}:{m:02d}-{h + 2:02d}:00; Thu {h:02d}:{m:02d}-{h + 3:02d}:00" for h in range(20) for m in range(15)
    )
    zones = ("Europe/London", "Asia/Kolkata", "America/New_York")
    codes = np.arange(count, dtype=np.int32)
    weekly = Weekly.read((codes % len(words), words), (codes % 3, zones), place=lambda k, column: "")
    a, b = starts_in_common(weekly, weekly, minutes=60, grid=15)
    assert a.bits.shape[1] == count
    assert have_common(a.bits, codes, b.bits, codes)[[0, 15, 30]].all()
