"""What check says of hours: whom days away leave no time to meet, and who has written some hours twice."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from revmatch.explain.limited import counted, listed
from revmatch.limit_checks import SIDES
from revmatch.people.common import always_away
from revmatch.people.hours import overlaps, used_codes
from revmatch.policy.declaration import join_words
from revmatch.policy.rules import CommonHours
from revmatch.policy.sides import Bools, Side
from revmatch.programme import Programme


def away_too_often(programme: Programme, without: dict[Side, Bools]) -> Iterator[str]:
    """People without an eligible partner who are away on a date of each weekly time within their hours."""
    for rhythm in programme.policy.rhythms():
        if not any(some.any() for some in without.values()):
            return
        gone = always_away(programme.mentors, programme.mentees, rhythm)
        for side, away in zip(SIDES, gone, strict=True):
            alone = without[side] & away
            if alone.any():
                yield (
                    f"{counted(int(alone.sum()), side)} cannot be paired: on a date of each weekly time within their "
                    f"hours they are away: {listed(programme.of(side), alone)}. Meet more rarely, or take a date out "
                    f"of away and put that session off by hand."
                )


def written_twice(programme: Programme) -> Iterator[str]:
    """How many people have written some hours twice: they count once."""
    if not any(isinstance(rule, CommonHours) for rule in programme.policy.all_rules()):
        return
    found = []
    for side in SIDES:
        people = programme.of(side)
        codes, texts = people.codes("available")
        bad = [code for code in used_codes(codes, len(texts)) if overlaps(texts[code])]
        count = int((np.isin(codes, bad) & (people.capacity > 0)).sum())
        found += [counted(count, side)] if count else []
    if found:
        yield f"Some hours of {join_words(found)} overlap: they were joined, and count once."
