"""Invitations, read back: every session in UTC over a change of clocks, updates, cancellations, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import icalendar
import pytest
from dateutil.rrule import rrulestr

import revmatch as rm
from checks import match
from grids import daily
from revmatch.cli import main
from revmatch.errors import ConfigError, InputError, NoPlanError, PolicyError
from revmatch.io.calendars.invitations import uid_of
from strategies_limits import taken

STAMP = datetime(2026, 2, 1, tzinfo=UTC)
JUNIORS = [
    {
        "id": "june",
        "available": "Tue 9-12; Wed 9-11",
        "time_zone": "America/New_York",
        "capacity": 2,
        "mail": "june@x.org",
    },
    {"id": "kay", "available": "Tue 14:00-17:00", "time_zone": "Europe/London", "mail": "kay@x.org"},
]
LEADERS = [
    {"id": "lee", "available": "Tue 14:00-16:00", "time_zone": "Europe/London", "capacity": 2, "mail": "lee@x.org"},
    {"id": "mia", "available": "Tue,Wed 14:00-17:00", "time_zone": "Europe/Paris", "mail": "mia@x.org"},
]


def plan_of(juniors: Any = JUNIORS, **meetings: Any) -> rm.Plan:
    policy = rm.Policy(limits=[rm.limits.Meetings("2026-03-02", **meetings)], goals=["Pairs"])
    return rm.match(rm.Programme(juniors, LEADERS, policy))


def events(texts: dict[str, str]) -> dict[str, Any]:
    """The one event of each file, by UID."""
    found = {}
    for text in texts.values():
        (event,) = icalendar.Calendar.from_ical(text).walk("VEVENT")
        found[str(event["UID"])] = event
    assert len(found) == len(texts)
    return found


def offset(text: str, shown: datetime) -> timedelta:
    """How far the clock of the file's own VTIMEZONE is ahead at a local time: the last onset before it, RFC 5545."""
    (zone,) = icalendar.Calendar.from_ical(text).walk("VTIMEZONE")
    onsets = []
    for one in zone.subcomponents:
        more = one.get("RDATE")
        dates = [] if more is None else [entry.dt for entry in more.dts]
        to = one["TZOFFSETTO"].td
        onsets += [(moment - one["TZOFFSETFROM"].td, to) for moment in (one["DTSTART"].dt, *dates)]
    # a moment in UTC that shows this, under the offset that is in force then: of two, the first
    known = sorted(onsets)
    fits = []
    for k, (begin, ahead) in enumerate(known):
        end = known[k + 1][0] if k + 1 < len(known) else datetime.max
        if begin <= shown - ahead < end:
            fits.append(ahead)
    return fits[0]


def sessions(text: str) -> list[datetime]:
    """Starts in UTC, by the file alone: its rule, and its VTIMEZONE."""
    (event,) = icalendar.Calendar.from_ical(text).walk("VEVENT")
    start = event["DTSTART"]
    first = start.dt.replace(tzinfo=None)
    rule = event.get("RRULE")
    shown = [first] if rule is None else list(rrulestr(rule.to_ical().decode(), dtstart=first))
    if "TZID" not in start.params:
        return [moment.replace(tzinfo=UTC) for moment in shown]
    return [(moment - offset(text, moment)).replace(tzinfo=UTC) for moment in shown]


def by_uid(texts: dict[str, str]) -> dict[str, str]:
    return {uid: text for text in texts.values() for uid in events({"": text})}


def test_every_session_over_a_change_of_clocks() -> None:
    plan = plan_of()
    texts = by_uid(plan.to_ics(stamp=STAMP))
    assert len(texts) == len(plan.pairs) == 3
    for pair in plan.pairs:
        text = texts[uid_of(pair.mentor, pair.mentee)]
        assert sessions(text) == list(pair.slot.utc_starts)
        (event,) = icalendar.Calendar.from_ical(text).walk("VEVENT")
        assert event["DURATION"].dt == timedelta(minutes=60)
        assert str(event["DTSTART"].params["TZID"]) == pair.slot.time_zone
        assert (int(event["SEQUENCE"]), str(event["STATUS"])) == (0, "CONFIRMED")


@pytest.mark.parametrize("seeds", daily(1, [range(500, 514), range(514, 700)]))
def test_every_session_of_random_programmes(seeds: range) -> None:
    looked_at = 0
    for _, case in taken("meetings_case", seeds):
        plan = match(case)
        texts = by_uid(plan.to_ics(stamp=STAMP)) if plan.found else {}
        for pair in plan.pairs if plan.found else ():
            assert sessions(texts[uid_of(pair.mentor, pair.mentee)]) == list(pair.slot.utc_starts)
            looked_at += 1
    assert looked_at > 10


def test_the_onset_of_summer_time_is_in_the_time_before_it() -> None:
    text = next(text for text in plan_of().to_ics(stamp=STAMP).values() if "TZID:Europe/London" in text)
    (zone,) = icalendar.Calendar.from_ical(text).walk("VTIMEZONE")
    summer = zone.walk("DAYLIGHT")[0]
    assert datetime(2026, 3, 29, 1) in {summer["DTSTART"].dt, *(entry.dt for entry in summer["RDATE"].dts)}
    winter = [one for one in zone.walk("STANDARD") if one["TZOFFSETFROM"].td == timedelta(hours=1)]
    assert [one["DTSTART"].dt for one in winter] == [datetime(2025, 10, 26, 2)]


def test_without_addresses_events_are_published_and_with_them_people_are_invited() -> None:
    plan = plan_of()
    assert all("METHOD:PUBLISH" in text for text in plan.to_ics(stamp=STAMP).values())
    texts = plan.to_ics(email="mail", organiser="hr@x.org", stamp=STAMP)
    event = next(one for one in events(texts).values() if "kay" in str(one["SUMMARY"]))
    assert min(str(one) for one in event["ATTENDEE"]) == "mailto:kay@x.org"
    assert str(event["ORGANIZER"]) == "mailto:hr@x.org"
    assert all("METHOD:REQUEST" in text for text in texts.values())


def test_what_has_not_changed_is_left_and_what_has_is_an_update() -> None:
    before = plan_of().to_ics(stamp=STAMP)
    assert plan_of().to_ics(earlier=before) == before
    later = plan_of(every=2, weeks=12).to_ics(earlier=before, stamp=STAMP + timedelta(days=9))
    assert later.keys() == before.keys()
    assert {int(event["SEQUENCE"]) for event in events(later).values()} == {1}
    assert events(later).keys() == events(before).keys()
    again = plan_of().to_ics(earlier=later)
    assert {int(event["SEQUENCE"]) for event in events(again).values()} == {2}


def test_a_pair_that_is_no_more_is_cancelled_once_and_may_come_back() -> None:
    before = plan_of().to_ics(stamp=STAMP)
    after = plan_of(JUNIORS[:1]).to_ics(earlier=before, stamp=STAMP)
    gone = {uid for uid, event in events(after).items() if str(event["STATUS"]) == "CANCELLED"}
    assert len(gone) == 1
    assert gone <= {uid_of("kay", leader) for leader in ("lee", "mia")}
    assert plan_of(JUNIORS[:1]).to_ics(earlier=after) == after  # not a second time
    back = events(plan_of().to_ics(earlier=after))
    assert {(int(back[uid]["SEQUENCE"]), str(back[uid]["STATUS"])) for uid in gone} == {(2, "CONFIRMED")}


def test_what_is_refused() -> None:
    plan = plan_of()
    with pytest.raises(ConfigError, match=r"RM182 .*no weekly times"):
        rm.match(rm.Programme.from_scores([[1]])).to_ics()
    with pytest.raises(ConfigError, match=r"RM182 .*expected both"):
        plan.to_ics(email="mail")
    with pytest.raises(PolicyError, match="RM134"):
        plan.to_ics(email="post", organiser="hr@x.org")
    with pytest.raises(InputError, match="RM122 mentors:1:mail"):
        plan_of([{**JUNIORS[0], "mail": "june"}]).to_ics(email="mail", organiser="hr@x.org")
    with pytest.raises(NoPlanError):
        _no_plan().to_ics()
    theirs = "BEGIN:VCALENDAR\r\nPRODID:-//Other//EN\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n"
    for text in ("", "no calendar", theirs, "BEGIN:VCALENDAR\r\n" * 9, "x" * (1 << 21)):
        with pytest.raises(InputError, match=r"RM211 a\.ics"):
            plan.to_ics(earlier={"a.ics": text})


def _no_plan() -> rm.Plan:
    plan = plan_of()
    none = plan.mentor_rows[:0]
    return replace(
        plan, status=rm.Status.NOT_FOUND, mentor_rows=none, mentee_rows=none, scores=none, slots=None, _cache={}
    )


def test_names_of_files_are_harmless() -> None:
    odd = [{**JUNIORS[1], "id": "../a/b\x00c"[:6]}, {**JUNIORS[0], "id": "ü" * 60}]
    for name in plan_of(odd).to_ics():
        assert Path(name).name == name
        assert len(name) < 120


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["demo"]) == 0
    capsys.readouterr()
    assert main(["invite", "demo-programme/plan.json", "--out", "cards"]) == 0
    assert capsys.readouterr().out == "cards/: 62 invitations: 62 new\n"
    (tmp_path / "cards" / "mine.ics").write_text("BEGIN:VCALENDAR\nPRODID:mine\n")
    first = {path.name: path.read_bytes() for path in (tmp_path / "cards").iterdir()}
    assert main(["invite", "demo-programme/plan.json", "--out", "cards"]) == 0
    assert capsys.readouterr().out == "cards/: 62 invitations: 62 as before\n"
    assert {path.name: path.read_bytes() for path in (tmp_path / "cards").iterdir()} == first
    assert main(["invite", "demo-programme/plan.json", "--out", "demo-programme/people.csv"]) == 2
    assert "RM195 demo-programme/people.csv: expected a folder" in capsys.readouterr().err
