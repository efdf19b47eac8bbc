"""What check says of people who are away for so long that a session is missed whenever it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import numpy as np

from revmatch.explain.limited import counted, listed
from revmatch.limit_checks import SIDES
from revmatch.people.away import Days
from revmatch.people.people import People
from revmatch.people.series import Rhythm
from revmatch.policy.rules import CommonHours
from revmatch.policy.sides import Bools, Side
from revmatch.programme import Programme


def away_too_long(programme: Programme, without: dict[Side, Bools]) -> Iterator[str]:
    """People without an eligible partner, away on as many days in a row as there are from one session to the next."""
    rules = [rule for rule in programme.policy.all_rules() if isinstance(rule, CommonHours)]
    for rhythm in filter(None, (rule.rhythm for rule in rules)):
        for side in SIDES:
            gone = without[side] & _gone(programme.of(side), rhythm)
            if gone.any():
                yield (
                    f"{counted(int(gone.sum()), side)} cannot be paired: away for {rhythm.every * 7} days in a row or "
                    f"more, so that a session falls into them whenever it is: {listed(programme.of(side), gone)}. Meet "
                    f"more rarely, or take these days out of away and put that session off by hand."
                )


def _gone(people: People, rhythm: Rhythm) -> Bools:
    away = people.away()
    if away is None or not away.days:
        return np.zeros(len(people), dtype=bool)
    long = np.array([*(_longest(days, rhythm) >= 7 * rhythm.every for days in away.days), False])
    return np.asarray(long[away.kind])  # kind -1 finds the last place


def _longest(stretches: tuple[Days, ...], rhythm: Rhythm) -> int:
    """Most days in a row, of the weeks of meetings, on which somebody is away all day."""
    first, after = rhythm.start, rhythm.start + timedelta(weeks=rhythm.weeks)
    longest, begun, ended = 0, date.min, date.min
    for begin, end in sorted(map(_whole_days, stretches)):
        begin, end = max(begin, first), min(end, after)
        if begin > ended:
            begun = begin
        ended = max(ended, end)
        longest = max(longest, (ended - begun).days if ended > begun else 0)
    return longest


def _whole_days(stretch: Days) -> Days:
    """The first day of a stretch, and the day after its last; of moments those days that are whole in UTC."""
    begin, end = stretch
    if isinstance(begin, datetime) and isinstance(end, datetime):
        return (begin + timedelta(days=1, minutes=-1)).date(), end.date()
    return begin, end + timedelta(days=1)
