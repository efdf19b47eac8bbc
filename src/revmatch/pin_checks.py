"""Pins that a limit forbids, whatever else is in the plan."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from revmatch.errors import Problems
from revmatch.policy.limits import Apart, CoMentorsDifferent, DepartmentPair, Load, Together, TotalPairs
from revmatch.policy.sides import Ints, Sides

if TYPE_CHECKING:
    from revmatch.programme import Programme

#: So many pins are named in one message.
_MOST_NAMED = 5
_Found = Iterator[tuple[Ints, str, str]]


def check_pins(programme: Programme, sides: Sides, pinned: tuple[Ints, Ints], problems: Problems) -> None:
    """Refuse pins that no plan holds under some limit: RM165."""
    i, j = pinned
    if not len(i):
        return
    for limit in programme.policy.limits:
        look = _LOOKS.get(type(limit))
        for pins, what, hint in look(limit, sides, i, j) if look else ():
            problems.add("RM165", named(pins), what, hint)
        if isinstance(limit, Together):
            _check_bans(programme, limit, problems)


def _department_pair(limit: DepartmentPair, sides: Sides, i: Ints, j: Ints) -> _Found:
    (form,) = limit.rows(sides)
    at, row, _ = form.entries(i, j)
    for pins in _alike(at, row):
        if len(pins) > limit.at_most:
            said = "a pin" if len(pins) == 1 else f"{len(pins):,} pins"
            what = f"{said} between two departments that may have {limit.at_most:,} pair{'s' * (limit.at_most != 1)}"
            yield pins, what, "unpin one, or raise at_most of DepartmentPair"


def _co_mentors(limit: CoMentorsDifferent, sides: Sides, i: Ints, j: Ints) -> _Found:
    codes = sides.mentors.codes(limit.column)[0][i]
    for pins in _alike(np.arange(len(i)), j):
        own = codes[pins]
        if len(pins) > 1 and (own < 0).any():
            what = f"two mentors of one mentee, one of whom states no {limit.column}: {limit} forbids that"
            yield pins, what, f"unpin one, or fill in {limit.column}"
        elif len(np.unique(own)) < len(own):
            yield pins, f"two mentors of one mentee have the same {limit.column}: {limit} forbids that", "unpin one"


def _apart(limit: Apart, sides: Sides, i: Ints, j: Ints) -> _Found:
    named = np.flatnonzero(np.isin(i, sides.mentors.index(limit.people)))
    for pins in _alike(named, j[named]):
        if len(pins) > 1:
            yield pins, "Apart forbids that these mentors have the same mentee", "unpin one"


def _total(limit: TotalPairs, sides: Sides, i: Ints, j: Ints) -> _Found:
    if len(i) > limit.at_most:
        pins = f"{len(i):,} pin{'s' * (len(i) != 1)}"
        yield np.arange(len(i)), f"{pins} against at most {limit.at_most:,} in all", "unpin one, or raise TotalPairs"


def _load(limit: Load, sides: Sides, i: Ints, j: Ints) -> _Found:
    (form,) = limit.rows(sides)
    at, row, hours = form.entries(i, j)
    total, most = np.zeros(form.rows, dtype=np.int64), form.bound(np.arange(form.rows))
    np.add.at(total, row, hours)
    for pins in _alike(at, row):
        k = int(row[at == pins[0]][0])
        if total[k] > most[k]:
            what = f"the {limit.hours} of the {limit.other}s come to more than the {limit.side} has under {limit}"
            yield pins, what, "unpin one, or allow more"


_LOOKS: dict[type[Any], Callable[[Any, Sides, Ints, Ints], _Found]] = {
    Apart: _apart,
    CoMentorsDifferent: _co_mentors,
    DepartmentPair: _department_pair,
    Load: _load,
    TotalPairs: _total,
}


def _check_bans(programme: Programme, limit: Together, problems: Problems) -> None:
    """Who has one of them has all of them: so none of the others may be banned."""
    bans = {pair: k for k, pair in enumerate(programme.bans)}
    for k, pin in enumerate(programme.pins):
        if pin.mentor not in limit.people:
            continue
        for other in limit.people:
            ban = bans.get((other, pin.mentee))
            if ban is not None and other != pin.mentor:
                what = "Together asks that a mentee has both of these mentors or neither"
                problems.add("RM165", f"pins[{k}] and bans[{ban}]", what, "remove one of them")


def _alike(pins: Ints, key: Ints) -> Iterator[Ints]:
    """Pins by what they have in common."""
    for value in np.unique(key):
        yield pins[key == value]


def named(pins: Ints) -> str:
    """Places of some pins; not too many."""
    said = [f"pins[{k}]" for k in pins.tolist()]
    shown = said if len(said) <= _MOST_NAMED else [*said[: _MOST_NAMED - 1], f"{len(said) - _MOST_NAMED + 1} more"]
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else shown[0]
