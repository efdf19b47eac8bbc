"""Invitations: the meetings of a plan as iCalendar files (RFC 5545), one a pair, each series one recurring event.

An event keeps its UID for as long as two people are a pair. What changes from one plan to the next raises its SEQUENCE,
so that calendars know which word is the last; a pair that is no more is cancelled.
"""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from revmatch.errors import ConfigError, InputError, MissingExtraError, PolicyError, Problem, Problems
from revmatch.people.clocks import clock

if TYPE_CHECKING:
    from revmatch.plan import Pair, Plan

PRODUCT = "-//revmatch//revmatch//EN"
#: What must be the same for an invitation to be the same.
SAID = ("SUMMARY", "DESCRIPTION", "DTSTART", "DURATION", "RRULE", "STATUS", "ORGANIZER", "ATTENDEE")
#: Days; a multiple of a week.
YEAR = 364
#: No invitation of ours is longer, in characters.
LONGEST = 1 << 20


@dataclass(frozen=True, slots=True)
class _Known:
    """An invitation that was sent."""

    name: str
    text: str
    sequence: int
    event: Any


def invitations(
    plan: Plan,
    *,
    email: str | None = None,
    organiser: str | None = None,
    earlier: Mapping[str, str] | None = None,
    stamp: datetime | None = None,
) -> dict[str, str]:
    """Invitations for all pairs of a plan by file name: see `revmatch.plan.Plan.to_ics`."""
    _calendar()
    if plan.slots is None:
        hint = "ask for them with the limit Meetings"
        raise ConfigError(Problem("RM182", "invitations(plan=)", "the plan has no weekly times", hint))
    if (email is None) != (organiser is None):
        raise ConfigError(Problem("RM182", "invitations(email=, organiser=)", "expected both of them, or neither"))
    stamp = datetime.now(UTC) if stamp is None else stamp
    known = _read(earlier or {})
    addresses = _addresses(plan, email)
    found: dict[str, str] = {}
    held = set()
    for pair, invited in zip(plan.pairs, addresses, strict=True):
        uid = uid_of(pair.mentor, pair.mentee)
        held.add(uid)
        name, text = _invitation(pair, uid, invited, organiser, known.get(uid), stamp)
        found[name] = text
    for uid, before in known.items():
        if uid not in held:
            found[before.name] = _cancelled(before, stamp)
    return found


def uid_of(mentor: str, mentee: str) -> str:
    """UID of the event of two people; it names neither.

    >>> uid_of("ann", "yan") == uid_of("ann", "yan") != uid_of("yan", "ann")
    True
    """
    return f"{sha256(f'{len(mentor)}:{mentor}{mentee}'.encode()).hexdigest()[:32]}@revmatch"


def _invitation(
    pair: Pair, uid: str, invited: tuple[str, ...], organiser: str | None, before: _Known | None, stamp: datetime
) -> tuple[str, str]:
    """Name and text of an invitation: those of before, if it says the same."""
    name = before.name if before else f"{_plain(pair.mentor)}-{_plain(pair.mentee)}-{uid[:8]}.ics"
    event = _event(pair, uid, invited, organiser)
    if before is not None and _said(event) == _said(before.event):
        return name, before.text
    event.add("sequence", 0 if before is None else before.sequence + 1)
    event.add("dtstamp", stamp)
    return name, _text(event, "REQUEST" if invited else "PUBLISH")


def _event(pair: Pair, uid: str, invited: tuple[str, ...], organiser: str | None) -> Any:
    from icalendar import Event, vCalAddress

    slot = pair.slot
    assert slot is not None
    event = Event()
    event.add("uid", uid)
    event.add("summary", f"Reverse mentoring: {pair.mentor} and {pair.mentee}")
    event.add("description", f"{slot}; {slot.dates}")
    event.add("dtstart", slot.utc_starts[0].astimezone(zoneinfo.ZoneInfo(slot.time_zone)))
    event.add("duration", timedelta(minutes=slot.minutes))
    if len(slot.utc_starts) > 1:
        event.add("rrule", {"freq": "weekly", "interval": slot.weeks, "count": len(slot.utc_starts)})
    event.add("status", "CONFIRMED")
    if organiser is not None:
        event.add("organizer", vCalAddress(f"mailto:{organiser}"))
    for address in invited:
        event.add("attendee", vCalAddress(f"mailto:{address}"))
    return event


def _cancelled(before: _Known, stamp: datetime) -> str:
    """The same event, cancelled; as it was if it is already."""
    event = before.event
    if str(event.get("STATUS")) == "CANCELLED":
        return before.text
    for key, value in (("status", "CANCELLED"), ("sequence", before.sequence + 1), ("dtstamp", stamp)):
        event.pop(key.upper(), None)
        event.add(key, value)
    return _text(event, "CANCEL" if "ATTENDEE" in event else "PUBLISH")


def _text(event: Any, method: str) -> str:
    calendar = _calendar()()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    zone = event["DTSTART"].params.get("TZID")  # none where it is UTC
    if zone is not None:
        calendar.add_component(_timezone(str(zone), event))
    calendar.add_component(event)
    text: str = calendar.to_ical().decode()
    return text


def _timezone(zone: str, event: Any) -> Any:
    """What the clock of a zone shows from a year before the first session to weeks after the last.

    Each onset is in the time that the clock showed just before it, as RFC 5545 has it.
    """
    from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

    rule, first = event.get("RRULE"), event["DTSTART"].dt
    monday = first.date() - timedelta(days=first.weekday() + YEAR)
    weeks = YEAR // 7 + 4 + (_number(rule, "COUNT") * _number(rule, "INTERVAL") if rule else 1)
    shows = clock(zone, monday, weeks)
    zero = datetime(monday.year, monday.month, monday.day)
    begins, ahead = shows.begin.tolist(), shows.ahead.tolist()
    onsets: dict[tuple[int, int], list[datetime]] = {(ahead[0], ahead[0]): [zero]}
    for begin, before, after in zip(begins[1:], ahead, ahead[1:], strict=False):
        onsets.setdefault((before, after), []).append(zero + timedelta(minutes=begin + before))
    found = Timezone()
    found.add("tzid", zone)
    for (before, after), moments in onsets.items():
        there = (moments[0] + timedelta(days=1)).replace(tzinfo=zoneinfo.ZoneInfo(zone))
        one = TimezoneDaylight() if there.dst() else TimezoneStandard()
        one.add("dtstart", moments[0])
        if len(moments) > 1:
            one.add("rdate", moments[1:])
        one.add("tzname", there.tzname() or zone)
        one.add("tzoffsetfrom", timedelta(minutes=before))
        one.add("tzoffsetto", timedelta(minutes=after))
        found.add_component(one)
    return found


def _number(rule: Any, key: str) -> int:
    value = rule[key]
    return int(value[0] if isinstance(value, list) else value)


def _said(event: Any) -> dict[str, str]:
    """What an event says, without its number and its stamp."""
    found = {}
    for key in SAID:
        value = event.get(key)
        values = value if isinstance(value, list) else [] if value is None else [value]
        found[key] = "|".join(sorted(one.to_ical().decode() for one in values))
    start = event["DTSTART"]
    found["TZID"] = str(start.params.get("TZID", start.dt.tzinfo))
    return found


def _read(earlier: Mapping[str, str]) -> dict[str, _Known]:
    """Invitations of before, by UID."""
    problems, found = Problems(), dict[str, _Known]()
    for name, text in sorted(earlier.items()):
        try:
            if len(text) > LONGEST:
                raise ValueError
            calendar = _calendar().from_ical(text)
            (event,) = calendar.walk("VEVENT")
            if str(calendar.get("PRODID")) != PRODUCT:
                raise ValueError
            found[str(event["UID"])] = _Known(name, text, int(event["SEQUENCE"]), event)
        except (ValueError, KeyError, TypeError, AttributeError, IndexError):
            problems.add("RM211", name, "this is no invitation of ours", "leave it out, or write to another folder")
    problems.raise_as(InputError)
    return found


def _addresses(plan: Plan, email: str | None) -> list[tuple[str, ...]]:
    """Addresses of both people of each pair; none if there is no column of them."""
    if email is None:
        return [()] * len(plan.scores)
    problems, columns = Problems(), []
    for side, rows in (("mentor", plan.mentor_rows), ("mentee", plan.mentee_rows)):
        people = plan.programme.mentors if side == "mentor" else plan.programme.mentees
        if email not in people:
            raise PolicyError(Problem("RM134", "email", f'{side}s have no column "{email[:80]}"'))
        cells = [cell.strip() for cell in people.decoded(email).tolist()]
        for row in sorted(set(rows.tolist())):
            if not re.fullmatch(r"[^@\s,;:<>\"]+@[^@\s,;:<>\"]+", cells[row]):
                problems.add(
                    "RM122", people.place(row, email), "expected an e-mail address", "give one, or invite nobody"
                )
        columns.append([cells[row] for row in rows.tolist()])
    problems.raise_as(InputError)
    return list(zip(*columns, strict=True))


def _plain(name: str) -> str:
    """An id as a part of a file's name."""
    return re.sub(r"[^\w.-]", "_", name)[:40].strip(".") or "_"


def _calendar() -> Any:
    try:
        from icalendar import Calendar
    except ImportError:
        hint = "pip install icalendar, or revmatch with the extra calendar"
        raise MissingExtraError(
            Problem("RM902", "invitations", "the package icalendar is not installed", hint)
        ) from None
    return Calendar
