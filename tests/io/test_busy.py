"""Busy times out of calendars: each kind of calendar, whose it is, and what is refused."""

from __future__ import annotations

import json
import random
import zoneinfo
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import icalendar
import pytest

import revmatch as rm
from grids import daily
from revmatch.cli import main
from revmatch.errors import ConfigError, InputError, LimitError, MissingExtraError, PolicyError
from revmatch.people.away import parse_away

#: Mondays of the weeks that are asked of; London changes its clocks on the 29th.
START, WEEKS = "2026-03-16", 3


def calendar(*components: str) -> str:
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//EN", *components, "END:VCALENDAR", ""])


def event(*lines: str, uid: str = "1", **properties: str) -> str:
    more = [f"{key.replace('_', '-')}:{value}" for key, value in properties.items()]
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{uid}", *lines, *more, "END:VEVENT"])


def away(calendars: Any, time_zone: str = "Europe/London", **options: Any) -> list[str]:
    """Items of the one person who has all of these calendars."""
    people = rm.People.from_records([{"id": "ann", "mail": "Ann@x.org", "time_zone": time_zone}])
    options = {"start": START, "weeks": WEEKS} | options
    found = people.with_busy(calendars, **options).cell(0, "away")
    return found.split("; ") if found else []


def of_ics(*components: str, **options: Any) -> list[str]:
    return away({"ann": calendar(*components)}, **options)


def codes(call: Any, *args: Any, **options: Any) -> list[str]:
    with pytest.raises((InputError, LimitError)) as caught:
        call(*args, **options)
    return [problem.code for problem in caught.value.problems]


# -- events -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["DTSTART:20260317T140000Z", "DTEND:20260317T150000Z"], ["2026-03-17T14:00Z..2026-03-17T15:00Z"]),
        (["DTSTART:20260317T140030Z", "DURATION:PT90S"], ["2026-03-17T14:00Z..2026-03-17T14:02Z"]),
        (
            ["DTSTART;TZID=Europe/London:20260317T140000", "DTEND;TZID=Europe/London:20260330T150000"],
            ["2026-03-17T14:00Z..2026-03-30T14:00Z"],
        ),
        # over the change of clocks a day has 23 hours, and 24 hours are 24 hours
        (["DTSTART;TZID=Europe/London:20260328T140000", "DURATION:P1D"], ["2026-03-28T14:00Z..2026-03-29T13:00Z"]),
        (["DTSTART;TZID=Europe/London:20260328T140000", "DURATION:PT24H"], ["2026-03-28T14:00Z..2026-03-29T14:00Z"]),
        # a time that the clock is put forward over is read by what it showed before
        (
            ["DTSTART;TZID=Europe/London:20260329T013000", "DTEND;TZID=Europe/London:20260329T030000"],
            ["2026-03-29T01:30Z..2026-03-29T02:00Z"],
        ),
        (["DTSTART;VALUE=DATE:20260317", "DTEND;VALUE=DATE:20260319"], ["2026-03-17..2026-03-18"]),
        (["DTSTART;VALUE=DATE:20260317"], ["2026-03-17"]),
        (["DTSTART;VALUE=DATE:20260317", "DURATION:P1W"], ["2026-03-17..2026-03-23"]),
        (["DTSTART:20260317T140000Z"], []),  # takes no time
        (["DTSTART:20250317T140000Z", "DTEND:20250317T150000Z"], []),  # long before
        (
            ["DTSTART;TZID=Romance Standard Time:20260317T140000", "DURATION:PT1H"],
            ["2026-03-17T13:00Z..2026-03-17T14:00Z"],
        ),
        (
            ['DTSTART;TZID="/example.org/20070129_1/America/Argentina/Salta":20260317T140000', "DURATION:PT1H"],
            ["2026-03-17T17:00Z..2026-03-17T18:00Z"],
        ),
    ],
)
def test_when_an_event_is(lines: list[str], expected: list[str]) -> None:
    assert of_ics(event(*lines)) == expected


@pytest.mark.parametrize(
    ("line", "busy"),
    [
        ("TRANSP:OPAQUE", True),
        ("TRANSP:TRANSPARENT", False),
        ("STATUS:CANCELLED", False),
        ("STATUS:TENTATIVE", True),
        ("X-MICROSOFT-CDO-BUSYSTATUS:FREE", False),
        ("X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE", False),
        ("X-MICROSOFT-CDO-BUSYSTATUS:OOF", True),
        ("transp:transparent", False),
    ],
)
def test_who_is_free_during_an_event_is_not_busy(line: str, busy: bool) -> None:
    assert bool(of_ics(event("DTSTART:20260317T140000Z", "DURATION:PT1H", line))) is busy


def test_zones_that_look_like_addresses_are_not_quoted() -> None:
    with pytest.raises(InputError) as caught:
        of_answer(graph(item("2026-03-17T14:00:00", "2026-03-17T15:00:00", "bob@secret.example")))
    assert "secret" not in str(caught.value)


def test_of_versions_of_an_event_the_latest_counts() -> None:
    def version(number: int, *lines: str) -> str:
        return event("DURATION:PT1H", f"SEQUENCE:{number}", *lines)

    old, new = version(1, "DTSTART:20260317T140000Z"), version(2, "DTSTART:20260318T140000Z")
    assert of_ics(old, new) == of_ics(new, old) == ["2026-03-18T14:00Z..2026-03-18T15:00Z"]
    assert of_ics(old, version(2, "DTSTART:20260318T140000Z", "STATUS:CANCELLED")) == []


def test_touching_stretches_are_joined_and_what_was_stated_stays() -> None:
    first = {"id": "ann", "away": "2026-03-20;", "time_zone": "Europe/London"}
    hours = [event(f"DTSTART:202603{day}T{hour}0000Z", "DURATION:PT1H", uid=day + hour) for day, hour in
             (("17", "14"), ("17", "15"), ("17", "17"), ("18", "14"))]  # fmt: skip
    people = rm.People.from_records([first]).with_busy({"ann": calendar(*hours, hours[0])}, start=START, weeks=WEEKS)
    assert people.cell(0, "away") == (
        "2026-03-20; 2026-03-17T14:00Z..2026-03-17T16:00Z; 2026-03-17T17:00Z..2026-03-17T18:00Z; "
        "2026-03-18T14:00Z..2026-03-18T15:00Z"
    )


def test_titles_places_and_people_are_never_read(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    original = icalendar.Event.from_ical
    monkeypatch.setattr(icalendar.Event, "from_ical", lambda text: seen.append(text) or original(text))
    private = ["SUMMARY:secret", " and folded secret", "LOCATION:secret", "ATTENDEE;CN=secret:mailto:secret@x.org",
               "DESCRIPTION:secret\r\n\tsecret", "ORGANIZER:mailto:secret@x.org", "X-ALT-DESC:secret"]  # fmt: skip
    alarm = "BEGIN:VALARM\r\nTRIGGER:-PT5M\r\nDURATION:PT9H\r\nDESCRIPTION:secret\r\nEND:VALARM"
    todo = "BEGIN:VTODO\r\nUID:secret\r\nDTSTART:20260318T140000Z\r\nDURATION:PT1H\r\nEND:VTODO"
    lines = ["DTSTART:20260317T14", " 0000Z", *private, "DURATION:PT1H", alarm]
    assert of_ics(event(*lines), todo) == ["2026-03-17T14:00Z..2026-03-17T15:00Z"]
    assert len(seen) == 1
    assert "secret" not in seen[0]


# -- events that recur ------------------------------------------------------------------------------------------------

WEEKLY = ["DTSTART;TZID=Europe/London:20250106T090000", "DURATION:PT30M"]


def starts(items: list[str]) -> list[str]:
    return [item.partition("..")[0] for item in items]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ([], ["2026-03-16T09:00Z", "2026-03-23T09:00Z", "2026-03-30T08:00Z", "2026-04-06T08:00Z"]),
        (
            ["EXDATE;TZID=Europe/London:20260323T090000"],
            ["2026-03-16T09:00Z", "2026-03-30T08:00Z", "2026-04-06T08:00Z"],
        ),
        (
            ["RDATE;TZID=Europe/London:20260401T090000"],
            ["2026-03-16T09:00Z", "2026-03-23T09:00Z", "2026-03-30T08:00Z", "2026-04-01T08:00Z", "2026-04-06T08:00Z"],
        ),
    ],
)
def test_an_event_that_never_ends_recurs_on_its_clock_until_the_weeks_do(more: list[str], expected: list[str]) -> None:
    assert starts(of_ics(event(*WEEKLY, "RRULE:FREQ=WEEKLY", *more))) == expected


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=WEEKLY;COUNT=64", ["2026-03-16T09:00Z", "2026-03-23T09:00Z"]),
        ("FREQ=WEEKLY;UNTIL=20260324T000000Z", ["2026-03-16T09:00Z", "2026-03-23T09:00Z"]),
        (
            "FREQ=WEEKLY;INTERVAL=2;UNTIL=29990324T000000Z;BYDAY=TU",
            ["2026-03-17T09:00Z", "2026-03-31T08:00Z"],
        ),
        ("FREQ=MONTHLY;BYDAY=-1MO", ["2026-03-30T08:00Z"]),
        ("FREQ=DAILY;INTERVAL=100;BYMONTH=2;BYMONTHDAY=30", []),
        ("FREQ=YEARLY", []),
    ],
)
def test_rules(rule: str, expected: list[str]) -> None:
    assert starts(of_ics(event(*WEEKLY, f"RRULE:{rule}"))) == expected


def test_one_date_of_a_series_may_be_moved_cancelled_or_free() -> None:
    def changed(day: str, *lines: str) -> str:
        return event(f"RECURRENCE-ID;TZID=Europe/London:202603{day}T090000", "DURATION:PT30M", *lines)

    moved = changed("16", "DTSTART:20260317T100000Z")
    gone = changed("23", "DTSTART:20260323T090000Z", "STATUS:CANCELLED")
    free = changed("30", "DTSTART:20260330T080000Z", "TRANSP:TRANSPARENT")
    found = of_ics(event(*WEEKLY, "RRULE:FREQ=WEEKLY"), moved, gone, free)
    assert starts(found) == ["2026-03-17T10:00Z", "2026-04-06T08:00Z"]


def test_whole_days_may_recur() -> None:
    found = of_ics(event("DTSTART;VALUE=DATE:20250103", "DTEND;VALUE=DATE:20250104", "RRULE:FREQ=WEEKLY;BYDAY=FR"))
    assert found == ["2026-03-20", "2026-03-27", "2026-04-03"]


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ("FREQ=SECONDLY", "RM190"),
        ("FREQ=HOURLY;COUNT=3", "RM190"),
        ("FREQ=DAILY;BYSECOND=" + ",".join(map(str, range(60))) + ";BYHOUR=" + ",".join(map(str, range(24))), "RM190"),
        ("FREQ=WEEKLY;INTERVAL=0", "RM175"),
        ("FREQ=WEEKLY;COUNT=0", "RM175"),
        ("FREQ=DAILY;BYHOUR=25", "RM175"),
        ("FREQ=FORTNIGHTLY", "RM175"),
        ("FREQ=WEEKLY;COUNT=many", "RM175"),
        ("COUNT=3", "RM190"),
    ],
)
def test_rules_that_are_refused(rule: str, code: str) -> None:
    assert codes(of_ics, event(*WEEKLY, f"RRULE:{rule}")) == [code]


def test_without_what_reads_recurring_events(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "recurring_ical_events", None)
    assert of_ics(event(*WEEKLY)) == []
    with pytest.raises(MissingExtraError, match=r"RM902 .*pip install recurring-ical-events"):
        of_ics(event(*WEEKLY, "RRULE:FREQ=WEEKLY"))
    monkeypatch.setitem(__import__("sys").modules, "icalendar", None)
    with pytest.raises(MissingExtraError, match=r"RM902 .*pip install icalendar"):
        of_ics(event(*WEEKLY))
    assert away(google([("2026-03-17T14:00:00Z", "2026-03-17T15:00:00Z")]), by="mail")  # needs neither


NIGHT = "DTSTART;TZID=Europe/London:20260327T{}00", "RRULE:FREQ=DAILY;COUNT=3"


def test_each_date_is_as_long_as_the_first_and_none_is_lost_when_clocks_change() -> None:
    def ends(start: str, duration: str) -> list[str]:
        return [item.partition("..")[2] for item in of_ics(event(NIGHT[0].format(start), NIGHT[1], duration))]

    assert ends("2300", "DURATION:PT8H") == ["2026-03-28T07:00Z", "2026-03-29T07:00Z", "2026-03-30T06:00Z"]
    assert ends("2300", "DTEND;TZID=Europe/London:20260328T070000")[1] == "2026-03-29T07:00Z"
    assert ends("0930", "DURATION:P1D") == ["2026-03-30T08:30Z"]  # each touches the next
    # 29 March has no 01:30: it is read by what the clock showed before
    assert ends("0130", "DURATION:PT1H") == ["2026-03-27T02:30Z", "2026-03-28T02:30Z", "2026-03-29T02:30Z"]
    assert ends("0145", "DTEND;TZID=Europe/London:20260327T021500")[2] == "2026-03-29T02:15Z"


@pytest.mark.parametrize(
    "exdate", ["EXDATE;TZID=America/New_York:20260317T100000", "EXDATE:20260317T140000Z",
               "EXDATE;TZID=Asia/Tokyo:20260317T230000,20260318T100000"],
)  # fmt: skip
def test_only_the_date_that_is_meant_is_taken_out(exdate: str) -> None:
    rule = "RRULE:FREQ=DAILY;BYHOUR=10,14;COUNT=4"
    found = of_ics(event("DTSTART;TZID=America/New_York:20260317T100000", "DURATION:PT1H", rule, exdate))
    assert starts(found) == ["2026-03-17T18:00Z", "2026-03-18T14:00Z", "2026-03-18T18:00Z"]


@pytest.mark.parametrize(
    ("until", "count"),
    [
        ("20260320T200000", 4),
        ("20260320", 4),
        ("20260321T000000Z", 4),  # 20:00 there
        ("20260320T235959Z", 3),
        ("20260320T195959", 3),
        ("99991231", 21),
    ],
)
def test_the_last_date_is_on_the_clock_of_the_series(until: str, count: int) -> None:
    found = of_ics(
        event("DTSTART;TZID=America/New_York:20260317T200000", "DURATION:PT1H", f"RRULE:FREQ=DAILY;UNTIL={until}")
    )
    assert len([start for start in starts(found) if start < "2026-04-11"]) == min(count, 22)


def test_periods_and_moved_series() -> None:
    old = "DTSTART;TZID=Europe/London:20250317T090000", "DURATION:PT30M"
    assert of_ics(event(*old, "RDATE;VALUE=PERIOD:20260312T080000Z/20260320T170000Z")) == [
        "2026-03-14T00:00Z..2026-03-20T17:00Z"  # from where the weeks begin
    ]
    for range_ in ("THISANDFUTURE", "thisandfuture"):
        moved = event(f"RECURRENCE-ID;RANGE={range_};TZID=Europe/London:20260320T090000",
                      "DTSTART;TZID=Europe/London:20260317T120000", "DURATION:PT30M")  # fmt: skip
        found = starts(of_ics(event(*old, "RRULE:FREQ=DAILY"), moved))
        assert "2026-04-05T11:00Z" in found
        assert found.count("2026-03-19T09:00Z") == 1


def test_where_nothing_says_which_of_two_events_counts_both_do() -> None:
    first, second = ("DTSTART:20260317T140000Z", "DURATION:PT1H"), ("DTSTART:20260318T140000Z", "DURATION:PT1H")
    both = ["2026-03-17T14:00Z", "2026-03-18T14:00Z"]
    for uid in ("", "same"):
        assert starts(of_ics(event(*first, uid=uid), event(*second, uid=uid))) == both
        twice = "RRULE:FREQ=WEEKLY;COUNT=2"
        found = starts(of_ics(event(*first, twice, uid=uid), event(*second, twice, uid=uid)))
        assert found == [*both, "2026-03-24T14:00Z", "2026-03-25T14:00Z"]


@pytest.mark.parametrize("fold", ["RRU\r\n LE:FREQ=WEEKLY", "R\r\n\tRULE\r\n :FREQ=WEEKLY", "RRULE:FREQ=W\r\n EEKLY"])
def test_lines_may_be_folded_anywhere(fold: str) -> None:
    assert len(of_ics(event(*WEEKLY, fold))) == 4
    assert of_ics(event("DTSTART:20260317T140000Z", "DURATION:PT1H", "TRA\r\n NSP:TRANSPARENT")) == []


@pytest.mark.timeout(60)
def test_rules_without_a_date_are_tried_only_so_often() -> None:
    never = event(*WEEKLY, "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30")
    many = [never.replace("UID:1", f"UID:{k}") for k in range(50)]
    # birthdays, and what comes on some weekday or in some week of the year, are no trouble
    often = (
        *("FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=20", "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "FREQ=YEARLY;BYWEEKNO=13"),
        *("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "FREQ=MONTHLY;BYMONTHDAY=31"),
    )
    old = "DTSTART;TZID=Europe/London:19800320T090000", "DURATION:PT30M"
    birthdays = [event(*old, f"RRULE:{rule}", uid=f"{rule}{k}") for rule in often for k in range(20)]
    assert len(of_ics(*birthdays)) >= 4
    assert set(codes(of_ics, *many)) == {"RM190"}
    for part in ("BYMONTH=13", "BYMONTHDAY=40", "BYYEARDAY=400", "BYWEEKNO=60", "BYSETPOS=400", "BYHOUR=25"):
        assert codes(of_ics, event(*WEEKLY, f"RRULE:FREQ=DAILY;{part}")) == ["RM175"]
    assert codes(of_ics, event(*WEEKLY, "RRULE:FREQ=DAILY;COUNT=3;UNTIL=20260317")) == ["RM175"]


def test_what_is_told_of_one_date_in_odd_ways() -> None:
    weekly = event(*WEEKLY, "RRULE:FREQ=WEEKLY")
    both = [event("RECURRENCE-ID;TZID=Europe/London:20260323T090000", "DTSTART:20260324T070000Z", "DURATION:PT30M"),
            event("RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/London:20260323T090000",
                  "DTSTART;TZID=Europe/London:20260323T120000", "DURATION:PT1H")]  # fmt: skip
    for order in (both, both[::-1]):
        assert {"2026-03-24T07:00Z", "2026-03-30T11:00Z"} <= set(starts(of_ics(weekly, *order)))

    def moved(zone: str, hour: int, number: int) -> str:
        lines = f"RECURRENCE-ID;TZID={zone}:20260317T090000", f"DTSTART:20260320T{hour}0000Z", "DURATION:PT1H"
        return event(*lines, f"SEQUENCE:{number}")

    twice = "DTSTART;TZID=Europe/London:20260317T090000", "DURATION:PT1H", "RRULE:FREQ=DAILY;BYHOUR=9,13;COUNT=4"
    found = of_ics(event(*twice), moved("Europe/London", 10, 0), moved("America/New_York", 11, 1))
    assert {"2026-03-20T10:00Z", "2026-03-20T11:00Z"} <= {hour for item in found for hour in hours(item)}
    days = event("RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/London:20260323T090000", "DTSTART;VALUE=DATE:20260323")
    assert codes(of_ics, weekly, days) == ["RM175"]


def hours(item: str) -> list[str]:
    """Each hour that begins in a stretch."""
    begin, end = (datetime.fromisoformat(part) for part in item.split(".."))
    return [f"{begin + timedelta(hours=k):%Y-%m-%dT%H:%MZ}" for k in range((end - begin) // timedelta(hours=1))]


def test_the_second_of_two_hours_that_read_alike() -> None:
    autumn = {"start": "2026-10-19", "weeks": 1}
    first = "DTSTART;TZID=Europe/London:20261001T013000", "DURATION:PT30M"
    for rdate in ("20261025T013000Z", "20261025T013000Z/PT30M"):
        kind = ";VALUE=PERIOD" if "/" in rdate else ""
        found = away({"ann": calendar(event(*first, f"RDATE{kind}:{rdate}"))}, **autumn)
        assert found == ["2026-10-25T01:30Z..2026-10-25T02:00Z"]
    until = event(
        "DTSTART;TZID=Europe/London:20261023T014500", "DURATION:PT10M", "RRULE:FREQ=DAILY;UNTIL=20261025T011500Z"
    )
    assert "2026-10-25T00:45Z" in starts(away({"ann": calendar(until)}, **autumn))


def test_whole_days_until_a_moment() -> None:
    days = event("DTSTART;VALUE=DATE:20260317", "RRULE:FREQ=DAILY;UNTIL=20260319T230000Z")  # midnight in Paris
    assert of_ics(days) == ["2026-03-17", "2026-03-18", "2026-03-19", "2026-03-20"]


@pytest.mark.timeout(60)
def test_calendars_that_are_too_large() -> None:
    rule = "RRULE:FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYHOUR=" + ",".join(map(str, range(24)))
    old = "DTSTART:19700101T000000Z", "DURATION:PT1M"
    assert codes(of_ics, event(*old, rule + ";BYMINUTE=" + ",".join(map(str, range(60))))) == ["RM190"]
    assert codes(of_ics, event(*old, *["EXDATE:20260317T000000Z"] * 20_001)) == ["RM190"]
    assert codes(of_ics, *[event(*old)] * 50_001) == ["RM190"]


# -- zones of a file's own --------------------------------------------------------------------------------------------


def own_zone(name: str, winter: str, summer: str, rule: str = "FREQ=YEARLY;BYDAY=-1SU;BYMONTH={}") -> str:
    return "\r\n".join([
        "BEGIN:VTIMEZONE", f"TZID:{name}",
        "BEGIN:STANDARD", "DTSTART:16011028T030000", f"TZOFFSETFROM:{summer}", f"TZOFFSETTO:{winter}",
        "RRULE:" + rule.format(10), "END:STANDARD",
        "BEGIN:DAYLIGHT", "DTSTART:16010325T020000", f"TZOFFSETFROM:{winter}", f"TZOFFSETTO:{summer}",
        "RRULE:" + rule.format(3), "END:DAYLIGHT", "END:VTIMEZONE",
    ])  # fmt: skip


def in_own_zone(winter: str, summer: str) -> list[str]:
    events = [event(f"DTSTART;TZID=Customized Time Zone:{day}T120000", "DURATION:PT1H", uid=day) for day in
              ("20260317", "20260331")]  # fmt: skip
    return starts(of_ics(own_zone("Customized Time Zone", winter, summer), *events))


def test_two_files_may_call_two_zones_by_one_name() -> None:
    assert in_own_zone("+0100", "+0200") == ["2026-03-17T11:00Z", "2026-03-31T10:00Z"]
    assert in_own_zone("+0530", "+0530") == ["2026-03-17T06:30Z", "2026-03-31T06:30Z"]
    assert in_own_zone("+0100", "+0200") == ["2026-03-17T11:00Z", "2026-03-31T10:00Z"]


def test_names_of_the_tz_database_mean_what_it_says() -> None:
    lies = own_zone("Asia/Kolkata", "+0100", "+0200")
    lines = "DTSTART;TZID=Asia/Kolkata:20260317T120000", "DURATION:PT1H"
    assert starts(of_ics(lies, event(*lines))) == ["2026-03-17T06:30Z"]


@pytest.mark.parametrize("rule", ["FREQ=SECONDLY", "FREQ=YEARLY;BYSECOND=1,2,3", "FREQ=YEARLY;INTERVAL=0"])
def test_a_clock_that_changes_all_the_time_is_refused(rule: str) -> None:
    zone = own_zone("Mine", "+0100", "+0200", rule)
    assert codes(of_ics, zone, event("DTSTART;TZID=Mine:20260317T120000", "DURATION:PT1H")) == ["RM171"]


def test_two_calendars_of_one_file_may_call_two_zones_by_one_name() -> None:
    def one(winter: str, uid: str) -> str:
        lines = "DTSTART;TZID=Mine:20260317T120000", "DURATION:PT1H"
        return calendar(own_zone("Mine", winter, winter), event(*lines, uid=uid))

    assert starts(away({"ann": one("+0100", "a") + one("-0500", "b")})) == ["2026-03-17T11:00Z", "2026-03-17T17:00Z"]


def test_a_clock_of_a_file_is_read_like_any_other() -> None:
    """Even where it is put forward over a time, where its name has marks, and where others stand before it."""
    zone = own_zone("(UTC+01:00) Amsterdam\\, Berlin", "+0100", "+0200")
    name = '"(UTC+01:00) Amsterdam, Berlin"'
    gap = event(f"DTSTART;TZID={name}:20260329T023000", "DURATION:PT1H")
    assert of_ics(zone, gap) == ["2026-03-29T01:30Z..2026-03-29T02:30Z"]
    assert starts(of_ics(zone, event(f'DTSTART;X-A="a:b";TZID={name}:20260317T120000', "DURATION:PT1H"))) == [
        "2026-03-17T11:00Z"
    ]


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "rule", ["FREQ=YEARLY;BYDAY=-1SU;BYMONTH=13", "FREQ=YEARLY;BYDAY=XX", "FREQ=YEARLY;UNTIL=soon"]
)
def test_a_zone_that_cannot_be_read_is_refused_each_time(rule: str) -> None:
    zone = own_zone("Mine", "+0100", "+0200", rule)
    for _ in range(3):
        events = [event("DTSTART;TZID=Mine:20260317T120000", "DURATION:PT1H", uid=str(k)) for k in range(2)]
        assert set(codes(of_ics, zone, *events)) <= {"RM171", "RM175"}


# -- what is refused in iCalendar files -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (["DTSTART:20260317T140000", "DURATION:PT1H"], "RM170"),
        (["DTSTART;TZID=Mars/Olympus:20260317T140000", "DURATION:PT1H"], "RM171"),
        (["DTSTART:20260317T140000Z", "DTEND:20260317T130000Z"], "RM174"),
        (["DTSTART;VALUE=DATE:20260317", "DTEND;VALUE=DATE:20260316"], "RM174"),
        (["DTSTART:20260317T140000Z", "DURATION:-PT1H"], "RM174"),
        (["DURATION:PT1H"], "RM175"),
        (["DTSTART:20260317T9"], "RM175"),
        (["DTSTART:20261317T140000Z"], "RM175"),
        (["DTSTART:20260317T140000Z", "DTSTART:20260318T140000Z", "DURATION:PT1H"], "RM175"),
        (["DTSTART;VALUE=DATE:20260317", "DTEND:20260318T130000Z"], "RM175"),
        (["DTSTART:20260317T140000Z", "DTEND;VALUE=DATE:20260318"], "RM175"),
        (["DTSTART:20260317T140000Z", "DURATION:PT1H", "SEQUENCE:many"], "RM175"),
        (["DTSTART:00010101T000000Z", "DTEND;TZID=Asia/Tokyo:00010101T000000"], "RM175"),
        ([*WEEKLY, "EXRULE:FREQ=WEEKLY"], "RM175"),
        (["DTSTART;VALUE=DATE:20260317", "DURATION:PT36H"], "RM175"),
        (["DTSTART:20260317T140000Z", "DTEND:20260317T130000Z", "RRULE:FREQ=DAILY"], "RM174"),
        (["DTSTART;VALUE=DATE:20260317", "DTEND:20260318T130000Z", "RRULE:FREQ=DAILY"], "RM175"),
    ],
)
def test_events_that_are_refused(lines: list[str], code: str) -> None:
    assert codes(of_ics, event(*lines)) == [code]


def test_everything_that_is_wrong_is_said_with_its_line() -> None:
    bad = [event("DTSTART:20260317T140000", uid="a"), event("DTSTART;TZID=Lundon:20260317T140000", uid="b")]
    good = event("SUMMARY:x", "DTSTART:20260317T140000Z", uid="c")
    with pytest.raises(InputError) as caught:
        away([{"ann": calendar(bad[0], good, bad[1])}, {"ann": "no calendar"}])
    said = [f"{problem.code} {problem.place}" for problem in caught.value.problems]
    at = "calendars, entry 1 (records:1)"
    assert sorted(said) == [f"RM170 {at}:4", f"RM171 {at}:13", f"RM176 {at}:1"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\r\n\r\n",
        "id,grade\r\nann,3\r\n",
        "BEGIN:VCARD\r\nEND:VCARD\r\n",
        calendar(event(*WEEKLY)).partition("END:VEVENT")[0],
        "BEGIN:VCALENDAR\r\nEND:VEVENT\r\n",
        "BEGIN:VCALENDAR\r\n" * 3000,
        calendar() + "END:VCALENDAR\r\n",
    ],
)
def test_what_is_no_calendar(text: str) -> None:
    assert codes(away, {"ann": text}) == ["RM176"]


def test_files_of_several_calendars_other_line_ends_and_no_events() -> None:
    two = calendar(event("DTSTART:20260317T140000Z", "DURATION:PT1H")) + calendar(
        event("DTSTART:20260318T140000Z", "DURATION:PT1H", uid="2")
    )
    assert len(away({"ann": "\n" + two.replace("\r\n", "\n")})) == 2
    assert of_ics() == []
    # what a line of a title may hold does not begin a line
    odd = event("SUMMARY:a\u2028BEGIN:VEVENT\x0bEND:VEVENT", "DTSTART:20260317T140000Z", "DURATION:PT1H")
    assert len(of_ics(odd)) == 1


def test_far_too_many_dates() -> None:
    rule = "RRULE:FREQ=DAILY;BYHOUR=" + ",".join(map(str, range(24))) + ";BYMINUTE=0,15,30,45"
    many = [event("DTSTART:20260301T000000Z", "DURATION:PT1M", rule, uid=str(k)) for k in range(60)]
    assert codes(away, {"ann": calendar(*many)}) == ["RM190"]
    far = "DTSTART:20260301T000000Z", "DURATION:PT1M", "RRULE:FREQ=DAILY;BYHOUR=0,12"
    assert codes(away, {"ann": calendar(event(*far))}, weeks=520) == ["RM126"]


# -- published busy times ---------------------------------------------------------------------------------------------


def free_busy(*lines: str, first: str = "20260301", last: str = "20260501") -> str:
    bounds = [f"DTSTART:{first}T000000Z", f"DTEND:{last}T000000Z"] if first else []
    return "\r\n".join(["BEGIN:VFREEBUSY", "UID:1", *bounds, *lines, "END:VFREEBUSY"])


def test_published_busy_times() -> None:
    found = of_ics(
        free_busy(
            "FREEBUSY:20260317T140000Z/20260317T150000Z,20260318T140000Z/PT1H",
            "FREEBUSY;FBTYPE=FREE:20260319T140000Z/PT1H",
            "FREEBUSY;FBTYPE=BUSY-TENTATIVE:20260320T140000Z/PT1H",
            "FREEBUSY;FBTYPE=X-UNHEARD-OF:20260321T140000Z/PT1H",
        )
    )
    assert starts(found) == ["2026-03-17T14:00Z", "2026-03-18T14:00Z", "2026-03-20T14:00Z", "2026-03-21T14:00Z"]
    assert of_ics(free_busy(first="")) == []  # of all time


def test_what_is_not_told_is_not_free() -> None:
    whole = {"first": "20260315", "last": "20260407"}
    assert of_ics(free_busy(**whole)) == []
    assert codes(of_ics, free_busy(**whole | {"last": "20260406"})) == [
        "RM177"
    ]  # the last Sunday ends at noon somewhere
    assert codes(of_ics, free_busy(**whole | {"first": "20260316"})) == ["RM177"]  # and the first Monday begins before
    assert of_ics(free_busy(first="20260315", last="20260320"), free_busy(first="20260320", last="20260407")) == []
    parts = free_busy(first="20260315", last="20260320"), free_busy(first="20260321", last="20260407")
    assert codes(of_ics, *parts) == ["RM177"]
    assert codes(of_ics, free_busy(**whole | {"last": "20260320"}), event("DTSTART:20260317T140000Z")) == ["RM177"]


def test_a_calendar_that_was_clipped_tells_of_no_more() -> None:
    """Outlook says so where only some of a calendar was saved."""

    def clipped(last: str) -> str:
        return calendar("X-CLIPSTART:20260301T000000Z", f"X-CLIPEND:{last}T000000Z", event("DTSTART:20260317T140000Z"))

    assert away({"ann": clipped("20260407")}) == []
    assert codes(away, {"ann": clipped("20260401")}) == ["RM177"]
    assert codes(away, {"ann": clipped("soon")}) == ["RM175"]
    assert away([{"ann": clipped("20260401")}, google([], owner="ann")]) == []


def test_times_at_the_ends_of_the_calendar() -> None:
    long = "DTSTART:05000101T000000Z", "DTEND:20260327T000000Z"
    assert of_ics(event(*long)) == ["2026-03-14T00:00Z..2026-03-27T00:00Z"]
    assert of_ics(event("DTSTART:20260327T000000Z", "DTEND:99991231T235959Z")) == [
        "2026-03-27T00:00Z..2026-04-08T00:00Z"
    ]
    assert of_ics(event("DTSTART;VALUE=DATE:20260327", "DTEND;VALUE=DATE:99991231")) == ["2026-03-27..2026-04-08"]
    assert of_answer(google([("2026-03-27T00:00:00Z", "9999-12-31T23:59:59Z")])) == [
        "2026-03-27T00:00Z..2026-04-08T00:00Z"
    ]
    beyond = ("0001-01-01T00:00:00", "Asia/Tokyo"), ("9999-12-31T23:59:59", "America/New_York")
    for start, zone in beyond:
        assert set(codes(of_answer, graph(item(start, start, zone)))) == {"RM175"}
    assert of_answer(graph(item("0001-01-01T00:00:00", "0001-01-02T00:00:00", "America/New_York"))) == []


def test_published_times_that_are_refused() -> None:
    for bounds in (["DTSTART;VALUE=DATE:20260301"], ["DTSTART:20260301T000000Z"] * 2, ["DTSTART:20260301T000000"],
                   ["DTSTART;TZID=Asia/Tokyo:00010101T000000"]):  # fmt: skip
        lines = ["BEGIN:VFREEBUSY", *bounds, "DTEND:20260501T000000Z", "END:VFREEBUSY"]
        (code,) = codes(of_ics, "\r\n".join(lines))
        assert code in ("RM170", "RM175")
    assert codes(of_ics, free_busy("FREEBUSY:20260317T140000Z/20260317T130000Z")) == ["RM175"]
    assert codes(of_ics, free_busy("FREEBUSY:yesterday")) == ["RM175"]
    assert codes(of_ics, free_busy("FREEBUSY:20260317T140000/PT1H")) == ["RM170"]


# -- answers of services ----------------------------------------------------------------------------------------------


def google(busy: list[tuple[str, str]], owner: str = "ann@X.org", **more: Any) -> dict[str, Any]:
    listed = [{"start": start, "end": end} for start, end in busy]
    bounds = {"timeMin": "2026-03-15T00:00:00Z", "timeMax": "2026-04-07T00:00:00Z"}
    return {"kind": "calendar#freeBusy", **bounds, "calendars": {owner: {"busy": listed}}} | more


#: What Microsoft's answer does not repeat of the request.
ASKED = {
    "startTime": {"dateTime": "2026-03-15T00:00:00", "timeZone": "UTC"},
    "endTime": {"dateTime": "2026-04-07T00:00:00", "timeZone": "UTC"},
}


def graph(*items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return ASKED | {"value": [{"scheduleId": "ann@x.org", "scheduleItems": list(items)} | more]}


def item(start: str, end: str, zone: Any = "UTC", **more: Any) -> dict[str, Any]:
    return {
        "status": "busy",
        "start": {"dateTime": start, "timeZone": zone},
        "end": {"dateTime": end, "timeZone": zone},
    } | more


def of_answer(answer: Any) -> list[str]:
    return away(answer, by="mail")


def test_free_busy_of_google() -> None:
    busy = [
        ("2026-03-17T14:00:00Z", "2026-03-17T15:00:00Z"),
        ("2026-03-18T14:00:00.5+05:30", "2026-03-18T15:00:00+05:30"),
    ]
    assert of_answer(google(busy)) == [
        "2026-03-17T14:00Z..2026-03-17T15:00Z",
        "2026-03-18T08:30Z..2026-03-18T09:30Z",
    ]


def test_schedules_of_microsoft() -> None:
    found = of_answer(
        graph(
            item("2026-03-17T14:00:00.0000000", "2026-03-17T15:00:00.0000000"),
            item("2026-03-18T14:00:00.0000000", "2026-03-18T15:00:00.0000000", "Pacific Standard Time", status="oof"),
            item("2026-03-19T14:00:00", "2026-03-19T15:00:00", "tzone://Microsoft/Utc", status="tentative"),
            item("2026-03-20T14:00:00", "2026-03-20T15:00:00", status="free"),
            item("2026-03-21T14:00:00", "2026-03-21T15:00:00", status="workingElsewhere"),
            item("2026-03-22T14:00:00", "2026-03-22T15:00:00", "Asia/Kathmandu", status="unknown"),
        )
    )
    assert starts(found) == ["2026-03-17T14:00Z", "2026-03-18T21:00Z", "2026-03-19T14:00Z", "2026-03-22T08:15Z"]


def test_a_view_of_microsoft_is_read_where_there_are_no_items() -> None:
    def view(digits: str, minutes: Any = 1440) -> dict[str, Any]:
        return graph(availabilityView=digits) | {"availabilityViewInterval": minutes}

    free = "0" * 16
    assert of_answer(view("0024013" + free)) == [
        "2026-03-17T00:00Z..2026-03-18T00:00Z",
        "2026-03-20T00:00Z..2026-03-22T00:00Z",
    ]
    assert of_answer(graph(availabilityView="0040")) == []
    assert codes(of_answer, view("0020" + free)) == ["RM176"]  # it ends before the weeks do
    for minutes in (0, None, True, "30"):
        assert codes(of_answer, view("0024013" + free, minutes)) == ["RM176"]  # how long does a digit last?
    both = graph(item("2026-03-17T14:00:00", "2026-03-17T15:00:00"), availabilityView="0020")
    assert len(of_answer(both)) == 1


def test_answers_may_come_in_parts() -> None:
    def part(day: str) -> dict[str, Any]:
        return graph(item(f"2026-03-{day}T14:00:00", f"2026-03-{day}T15:00:00"))

    parts = [part("17"), part("18"), google([("2026-03-19T14:00:00Z", "2026-03-19T15:00:00Z")])]
    assert len(of_answer(parts)) == len(of_answer(iter(parts))) == 3
    early = google([], timeMax="2026-03-20T00:00:00Z")
    late = google([], timeMin="2026-03-20T00:00:00Z")
    assert of_answer([early, late]) == []
    assert codes(of_answer, [early]) == ["RM177"]


@pytest.mark.parametrize("key", ["startTime", "endTime", "timeMin", "timeMax"])
def test_answers_say_of_which_time_they_tell(key: str) -> None:
    for answer in (graph(), google([])):
        if key in answer:
            assert codes(of_answer, {name: value for name, value in answer.items() if name != key}) == ["RM177"]


def test_subjects_are_never_read() -> None:
    class Private(dict[str, Any]):
        def get(self, key: str, default: Any = None) -> Any:
            assert key in ("status", "start", "end")
            return super().get(key, default)

    private = Private(item("2026-03-17T14:00:00", "2026-03-17T15:00:00", subject="secret", location="secret"))
    assert len(of_answer(graph(private))) == 1


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (google([("2026-03-17T14:00:00", "2026-03-17T15:00:00Z")]), "RM170"),
        (google([("2026-03-17", "2026-03-17T15:00:00Z")]), "RM175"),
        (google([("2026-02-30T14:00:00Z", "2026-03-17T15:00:00Z")]), "RM175"),
        (google([("2026-03-17T14:00:00Z", "2026-03-17T13:00:00Z")]), "RM174"),
        (google([], timeMin="today"), "RM175"),
        (google([], calendars={"ann@x.org": {"errors": [{"domain": "global", "reason": "notFound"}]}}), "RM178"),
        (google([], calendars={"ann@x.org": []}), "RM176"),
        (google([], calendars={"ann@x.org": {}}), "RM176"),
        (google([], calendars={"ann@x.org": {"errors": [{"reason": "ann_secret"}]}}), "RM178"),
        (ASKED | {"value": [{"scheduleId": "ann@x.org"}]}, "RM176"),
        (google([], calendars={"ann@x.org": {"busy": ["x"]}}), "RM176"),
        (graph(error={"responseCode": "ErrorMailRecipientNotFound", "message": "secret"}), "RM178"),
        (graph(item("2026-03-17T14:00:00", "2026-03-17T15:00:00", "Mars Standard Time")), "RM171"),
        (graph(item("2026-03-17T14:00:00", "2026-03-17T15:00:00", None)), "RM170"),
        (graph(item("2026-03-29T01:30:00", "2026-03-29T03:00:00", "Europe/London")), "RM172"),
        (graph(item("2026-10-25T01:30:00", "2026-10-25T03:00:00", "Europe/London")), "RM173"),
        (graph(item("2026-03-17T14:00:00", "2026-03-17T13:00:00")), "RM174"),
        (graph(scheduleId=None), "RM176"),
        (graph(scheduleItems={"a": 1}), "RM176"),
        (ASKED | {"value": ["x"]}, "RM176"),
        ({"value": []}, "RM176"),
    ],
)
def test_answers_that_are_refused(answer: Any, code: str) -> None:
    found = codes(of_answer, answer)
    assert set(found) == {code}
    with pytest.raises(InputError) as caught:
        of_answer(answer)
    assert "secret" not in str(caught.value)
    assert "x.org" not in str(caught.value)


# -- whose calendars --------------------------------------------------------------------------------------------------

PEOPLE = [
    {"id": "ann", "mail": "Ann@x.org"},
    {"id": "bo", "mail": " bo@x.org "},
    {"id": "cy", "mail": ""},
]
BUSY = calendar(event("DTSTART:20260317T140000Z", "DURATION:PT1H"))


def busy_ids(calendars: Any, records: list[dict[str, str]] = PEOPLE, **options: Any) -> list[str]:
    people = rm.People.from_records(records).with_busy(calendars, start=START, weeks=WEEKS, **options)
    return people[~people.missing("away")].ids.tolist()


def test_calendars_are_given_to_their_owners() -> None:
    assert busy_ids({"bo": BUSY}) == ["bo"]
    assert busy_ids({"bo": BUSY, "ann": BUSY}) == ["ann", "bo"]
    assert busy_ids({"BO@X.org": BUSY, "ann@x.org": BUSY}, by="mail") == ["ann", "bo"]
    assert busy_ids({"bo": BUSY, "ann@x.org": BUSY, "cy": BUSY}, by="mail") == [
        "ann",
        "bo",
        "cy",
    ]
    odd = [*PEOPLE, {"id": "ann@x.org", "mail": "di@x.org"}]
    assert codes(busy_ids, {"bo": BUSY}, odd, by="mail") == ["RM120"]


def test_calendars_of_nobody() -> None:
    assert codes(busy_ids, {"Bo": BUSY, "ann": BUSY, "dee": BUSY}) == ["RM130", "RM130"]
    assert codes(busy_ids, {"Bo": BUSY, "dee": BUSY}) == ["RM130"]  # all of them: told once
    assert codes(busy_ids, {}) == ["RM176"]
    assert busy_ids({"dee": BUSY, "ann": BUSY}, unknown="allow") == ["ann"]
    assert codes(busy_ids, {"": BUSY}, by="mail") == ["RM130"]
    assert codes(busy_ids, {"ann": BUSY}, [*PEOPLE, {"id": "di", "mail": "ANN@x.org"}], by="mail") == ["RM120"]


class Bytes:
    """A path that is no text."""

    def __fspath__(self) -> bytes:
        return b"calendars"


def test_options_that_are_refused() -> None:
    people = rm.People.from_records(PEOPLE)
    for options in (
        {"start": "soon"},
        {"start": None},
        {"start": "0001-01-01"},
        {"weeks": 0},
        {"weeks": True},
        {"weeks": 521},
    ):
        with pytest.raises(ConfigError, match="RM180"):
            people.with_busy({}, **{"start": START, "weeks": 1} | options)
    for wrong in (3, None, {"ann": 3}, {"ann": b"x"}, [None], "", Bytes()):
        with pytest.raises(ConfigError, match="RM182"):
            people.with_busy(wrong, start=START, weeks=1)
    with pytest.raises(ConfigError, match="RM182"):
        people.with_busy({}, start=START, weeks=1, unknown="perhaps")
    with pytest.raises(PolicyError, match=r'RM134 .*did you mean "mail"'):
        people.with_busy({}, start=START, weeks=1, by="male")


def test_a_selection_keeps_its_roster_and_its_reporting_lines() -> None:
    records = [{**person, "manager": boss} for person, boss in zip(PEOPLE, ("cy", "cy", ""), strict=True)]
    everybody = rm.People.from_records(records)
    some = everybody.where("id != 'ann'").with_busy({"bo": BUSY}, start=START, weeks=WEEKS)
    assert some.ids.tolist() == ["bo", "cy"]
    assert len(some.roster) == 3
    assert some.missing("away").tolist() == [False, True]
    assert some.org is everybody.org
    assert "away" not in everybody  # nothing was changed
    assert (some.source.path, some.digest()) != (everybody.source.path, everybody.digest())


def test_files_and_folders(tmp_path: Path) -> None:
    (tmp_path / "ann.ics").write_text(BUSY)
    (tmp_path / "bo.ICS").write_text(BUSY)
    (tmp_path / "README").write_text("what is this")
    assert busy_ids(tmp_path) == busy_ids(str(tmp_path)) == ["ann", "bo"]
    assert busy_ids([tmp_path / "ann.ics"]) == ["ann"]
    answers = tmp_path / "answers.json"
    answers.write_text(json.dumps([google([("2026-03-17T14:00:00Z", "2026-03-17T15:00:00Z")])]))
    assert busy_ids(answers, by="mail") == ["ann"]


def test_files_that_are_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "ann.ics").write_bytes(b"BEGIN:VCALENDAR\r\nSUMMARY:\xff")
    (tmp_path / "a.json").write_text('{"value": [], "value": []}')
    (tmp_path / "b.json").write_text('{"value": {}}')
    (tmp_path / "c.json").write_text("[" * 100_000)
    (tmp_path / "d.json").write_text('{"error": {"code": "InvalidAuthenticationToken"}}')
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / "e.json").write_text('{"ann@secret.org": 1, "ann@secret.org": 2}')
    with pytest.raises(InputError) as caught:
        busy_ids(tmp_path / "e.json")
    assert caught.value.code == "RM123"
    assert "secret" not in str(caught.value)
    assert codes(busy_ids, tmp_path / ("x" * 300)) == codes(busy_ids, "a\0.ics") == ["RM192"]
    (tmp_path / "b\nc.ics").write_text("x")
    with pytest.raises(InputError) as caught:
        busy_ids(tmp_path / "b\nc.ics")
    assert "b?c.ics" in str(caught.value)
    names = ("empty", "missing", "ann.ics", "a.json", "b.json", "c.json", "d.json", "notes.txt")
    found = codes(busy_ids, [tmp_path / name for name in names])
    assert found == ["RM192", "RM192", "RM125", "RM123", "RM176", "RM127", "RM176", "RM176"]


# -- all of it --------------------------------------------------------------------------------------------------------


def test_meetings_are_where_nobody_is_busy() -> None:
    hours = {"available": "Tue 14-16", "time_zone": "Europe/London"}
    juniors, leaders = ([{"id": name, **hours}] for name in ("ann", "zoe"))
    policy = rm.Policy(limits=[rm.limits.Meetings(START, every=1, weeks=WEEKS, grid=60)], goals=["Pairs"])
    programme = rm.Programme(juniors, leaders, policy)
    london = "DTSTART;TZID=Europe/London:20260317T{}0000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT={}"

    def time_with(hour: str, count: int) -> str | None:
        busy = calendar(event(london[0].format(hour), london[1], london[2].format(count)))
        plan = rm.match(programme.replace(mentors=programme.mentors.with_busy({"ann": busy}, start=START, weeks=WEEKS)))
        return plan.pairs[0].slot.start if plan.pairs else None

    assert (time_with("14", 3), time_with("15", 3), time_with("14", 1)) == ("15:00", "14:00", "15:00")
    both = {"ann": calendar(event("DTSTART;VALUE=DATE:20260324"))}
    assert not rm.match(programme.replace(mentors=programme.mentors.with_busy(both, start=START, weeks=WEEKS))).pairs


def test_sessions_of_an_earlier_plan_are_not_busy() -> None:
    hours = {"available": "Tue 14-16", "time_zone": "Europe/London"}
    juniors, leaders = (rm.People.from_records([{"id": name, **hours}]) for name in ("ann", "zoe"))
    policy = rm.Policy(limits=[rm.limits.Meetings(START, every=1, weeks=WEEKS, grid=60)], goals=["Pairs"])
    plan = rm.match(rm.Programme(juniors, leaders, policy))
    sessions = [event(f"DTSTART:{start:%Y%m%dT%H%M%SZ}", "DURATION:PT1H", uid=str(start)) for start in
                plan.pairs[0].slot.utc_starts]  # fmt: skip
    other = event("DTSTART;VALUE=DATE:20260401", uid="holiday")
    theirs = {"ann": calendar(*sessions, other)}
    options = {"start": START, "weeks": WEEKS}
    assert juniors.with_busy(theirs, **options).cell(0, "away").count("..") == 3
    assert juniors.with_busy(theirs, plan=plan, **options).cell(0, "away") == "2026-04-01"
    twice = {"ann": calendar(*sessions, sessions[1].replace("UID:", "UID:other"))}
    assert juniors.with_busy(twice, plan=plan, **options).cell(0, "away").count("..") == 1
    for wrong in (rm.match(rm.Programme.from_scores([[1]])), "plan.json"):
        with pytest.raises(ConfigError, match="RM182 plan"):
            juniors.with_busy(theirs, plan=wrong, **options)


def test_meetings_on_days_of_which_no_calendar_told_are_refused() -> None:
    people = rm.People.from_records([{"id": "ann", "available": "Tue 9-12", "time_zone": "UTC"}, {"id": "bo"}])
    known = people.with_busy({"ann": BUSY}, start=START, weeks=WEEKS)
    assert known["calendar_read"].tolist() == ["2026-03-16..2026-04-05", ""]

    def ask(start: str, weeks: int, people: rm.People = known) -> rm.Programme:
        policy = rm.Policy(limits=[rm.limits.Meetings(start, every=1, weeks=weeks)])
        leaders = [{"id": "zoe", "available": "Tue 9-12", "time_zone": "UTC"}]
        return rm.Programme(people, leaders, policy)

    assert ask(START, 3).replace(policy=rm.Policy())  # nothing has dates
    assert "away not stated" in str(rm.check(ask("2026-03-23", 2, people)))
    assert "taken as never away: 1 (mentors), 1 (mentees)" in str(rm.check(ask("2026-03-23", 2)))
    for start, weeks in ((START, 4), ("2026-03-09", 2)):
        assert codes(ask, start, weeks) == ["RM177"]
    odd = known.with_cells("calendar_read", {0: "2026-03-02T00:00Z..2026-05-02T00:00Z"})
    assert codes(ask, START, 3, odd) == ["RM177"]
    assert odd.with_busy({"ann": BUSY}, start=START, weeks=3)["calendar_read"][0] == "2026-03-16..2026-04-05"
    lent = rm.Programme([{"id": "ann", "away": ""}], [{"id": "zoe"}], rm.Policy(), organisation=known).mentors
    assert "calendar_read" not in lent
    again = known.with_busy({"ann": BUSY}, start="2026-03-23", weeks=4)
    assert again["calendar_read"].tolist() == ["2026-03-23..2026-04-05", ""]
    elsewhere = known.with_busy({"ann": BUSY}, start="2026-05-04", weeks=1)
    assert elsewhere["calendar_read"].tolist() == ["2026-05-04..2026-05-10", ""]


ZONES = ("Europe/London", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia", "UTC")


@pytest.mark.parametrize("seeds", daily(1, [range(40), range(40, 400)]))
def test_every_minute_of_random_calendars(seeds: range) -> None:
    """Against a second derivation: each date of each event in UTC by the rules of its zone, minute by minute."""
    first = datetime(2026, 3, 16, tzinfo=UTC)
    busy_minutes = 0
    for seed in seeds:
        draw = random.Random(seed)
        expected: set[int] = set()
        events = []
        for number in range(draw.randint(1, 6)):
            zone, minutes = draw.choice(ZONES), draw.choice((15, 30, 60, 240, 1440))
            shown = datetime(2026, draw.choice((2, 3)), draw.randint(1, 28), draw.randint(0, 23), draw.choice((0, 30)))
            every, count, free = draw.choice((1, 2, 7, 14)), draw.randint(1, 9), draw.random() < 0.2
            gone = {draw.randrange(count) for _ in range(draw.choice((0, 0, 2)))} if count > 1 else set()
            lines = [f"DTSTART;TZID={zone}:{shown:%Y%m%dT%H%M%S}", f"DURATION:PT{minutes}M",
                     "TRANSP:TRANSPARENT" if free else "TRANSP:OPAQUE"]  # fmt: skip
            if count > 1:
                lines.append(f"RRULE:FREQ=DAILY;INTERVAL={every};COUNT={count}")
            lines += [f"EXDATE;TZID={zone}:{shown + timedelta(days=k * every):%Y%m%dT%H%M%S}" for k in gone]
            events.append(event(*lines, uid=str(number)))
            for k in range(0 if free else count):
                there = (shown + timedelta(days=k * every)).replace(tzinfo=zoneinfo.ZoneInfo(zone))
                begin = (there.astimezone(UTC) - first) // timedelta(minutes=1)
                expected |= set() if k in gone else set(range(begin, begin + minutes))
        found: set[int] = set()
        for begin, end in parse_away("; ".join(of_ics(*events))):
            found |= set(range((begin - first) // timedelta(minutes=1), (end - first) // timedelta(minutes=1)))
        inside = range(0, WEEKS * 7 * 1440)
        assert found & set(inside) == expected & set(inside), seed
        busy_minutes += len(expected & set(inside))
    assert busy_minutes > 1000


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    roster = "ID;available;mail\r\nann;Tue 9-12;'=odd\r\nbo;Tue 9-12;bo@x.org\r\n"
    Path("people.csv").write_text(roster)
    Path("policy.toml").write_text(f"limits = [\"Meetings('{START}', every=1, weeks={WEEKS})\"]\ngoals = ['Pairs']\n")
    Path("calendars").mkdir()
    Path("calendars/bo.ics").write_text(BUSY)
    busy = ["busy", "people.csv", "calendars", "--policy", "policy.toml", "--out"]
    Path("calendars/notes.txt").write_text("mine")
    assert main([*busy, "busy.csv"]) == 0
    assert capsys.readouterr().out == (
        "busy.csv: 1 busy time of 1 calendar owner in the 3 weeks from 2026-03-16.\n"
        "Without a calendar: ann.\nNot read: 1 file of other endings than .ics and .json.\n"
    )
    with open("busy.csv", newline="") as file:
        assert file.read() == (
            "id,available,mail,away,calendar_read\r\nann,Tue 9-12,'=odd,,\r\n"
            "bo,Tue 9-12,bo@x.org,2026-03-17T14:00Z..2026-03-17T15:00Z,2026-03-16..2026-04-05\r\n"
        )
    assert main([*busy, "busy.csv"]) == 0  # an earlier one of the same headings is written over
    assert main([*busy, "policy.toml"]) == 2
    assert main([*busy, "people.csv"]) == 2
    assert main([*busy, "calendars/bo.ics", "--force"]) == 2
    Path("notes.csv").write_text("mine\n")
    assert main([*busy, "notes.csv"]) == 2
    assert main([*busy, "notes.csv", "--force", "--delimiter", ";"]) == 0
    assert Path("notes.csv").read_text().startswith("id;available;mail;away;calendar_read")
    assert Path("people.csv").read_bytes().decode() == roster
    Path("calendars/cy.ics").write_text(BUSY)
    capsys.readouterr()
    assert main([*busy, "busy.csv"]) == 3
    assert "RM130 calendars/cy.ics" in capsys.readouterr().err.replace("\\", "/")
    assert main([*busy, "busy.csv", "--unknown", "allow"]) == 0
    Path("policy.toml").write_text(f"limits = [\"Meetings('{START}', every=1, weeks={WEEKS})\"]\ngoals = ['Pairs']\n")
    Path("zoned.csv").write_text("id,available,time_zone\nann,Tue 9-12,UTC\nbo,Tue 9-12,UTC\n")
    where = ["--mentors-where", "id == 'ann'", "--mentees-where", "id == 'bo'"]
    assert main(["match", "--people", "zoned.csv", *where, "--policy", "policy.toml", "--out", "run"]) == 0
    again = ["busy", "zoned.csv", "calendars", "--policy", "policy.toml", "--unknown", "allow"]
    assert main([*again, "--plan", "run/plan.json", "--out", "zoned-busy.csv"]) == 0
    assert main([*again, "--plan", "run/plan.json", "--out", "run/plan.json", "--force"]) == 2
    Path("policy.toml").write_text("goals = ['Pairs']\n")
    assert main([*busy, "busy.csv"]) == 2
    assert "RM182 --policy" in capsys.readouterr().err
