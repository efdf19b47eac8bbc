"""Made-up organisations and programmes of any size, for demos, tests and benchmarks: same seed, same people.

Nobody here exists. Names are drawn from lists of first names and of last names; departments, skills, hours and
reporting lines are drawn so that an organisation looks plausible: a pyramid of grades 1 to 9 under one head, lines of
several levels inside departments, a few dotted lines across them, leaders with few hours, juniors with more.

Everything is drawn from the raw 64-bit stream of PCG64, which NumPy promises never to change, by whole-number
arithmetic of our own: results do not depend on NumPy's version, the platform or the hash seed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from revmatch.errors import ConfigError, Problem
from revmatch.made_up import (
    DEPARTMENTS,
    DIVISIONS,
    FIRST_NAMES,
    JUNIOR_HOURS,
    LAST_NAMES,
    LEADER_HOURS,
    LEADERSHIP,
    LOCATIONS,
    TITLES,
    TOPICS,
)
from revmatch.people.people import People

if TYPE_CHECKING:
    from revmatch.policy.policy import Policy
    from revmatch.programme import Programme

#: Numbers drawn at once; part of what makes the same seed the same people.
_BLOCK = 1 << 20

Ints = npt.NDArray[np.int64]
Objects = npt.NDArray[np.object_]
#: Different texts, and which of them each person has.
_Coded = tuple[Sequence[str], Ints]

#: Size and seed of the built-in demo organisation, and the Monday on which its programme begins.
DEMO_PEOPLE, DEMO_SEED, DEMO_START = 260, 4, "2026-03-02"
#: Mentors are people up to this grade, mentees people from that grade on; middle managers stand between.
HIGHEST_JUNIOR, LOWEST_LEADER = 3, 7
_MIDDLE_GRADES = (4, 5, 6)
_HEAD, _DIRECTOR = 9, 8


class _Lot:
    """Whole numbers drawn from a seed; the same on every machine and with every version of NumPy."""

    def __init__(self, seed: int) -> None:
        self._bits = np.random.PCG64(seed)

    def raw(self, count: int) -> npt.NDArray[np.uint64]:
        """Draw 64 bits each."""
        return np.asarray(self._bits.random_raw(count), dtype=np.uint64)

    def below(self, end: int | Ints, count: int) -> Ints:
        """Draw from 0 up to but not including `end` (one for all, or one each; below 2**32)."""
        return ((self.raw(count) >> np.uint64(32)) * np.asarray(end, dtype=np.uint64) >> np.uint64(32)).astype(np.int64)

    def order(self, count: int) -> Ints:
        """Draw an order of so many things."""
        return np.argsort(self.raw(count), kind="stable").astype(np.int64)

    def weighted(self, weights: Sequence[int], count: int) -> Ints:
        """Draw positions, each as often as its whole-number weight says."""
        ends = np.cumsum(np.asarray(weights, dtype=np.int64))
        return np.searchsorted(ends, self.below(int(ends[-1]), count), side="right").astype(np.int64)

    def some(self, of: int, least: int, most: int, count: int) -> tuple[Ints, Ints]:
        """Draw, for each of `count` people, `least` to `most` different numbers below `of`, the first half more often.

        Returns
        -------
        person, number : ndarray of int64
            In the order of persons, a person's numbers rising.
        """
        least, most = min(least, of), min(most, of)
        size = least + self.below(most - least + 1, count)
        people, numbers = [], []
        block = max(1, _BLOCK // of)
        for start in range(0, count, block):
            part = size[start : start + block]
            # Who draws lowest is chosen; the first half draw twice and keep the lower one.
            key = self.raw(len(part) * of).reshape(-1, of)
            key[:, : of // 2] = np.minimum(key[:, : of // 2], self.raw(len(part) * (of // 2)).reshape(len(part), -1))
            last = np.take_along_axis(np.sort(key, axis=1), part[:, None] - 1, axis=1)
            person, number = np.divmod(np.flatnonzero(key <= last), of)
            people.append(start + person)
            numbers.append(number)
        nobody = np.zeros(0, dtype=np.int64)
        return np.concatenate([nobody, *people]), np.concatenate([nobody, *numbers]).astype(np.int64)


def demo() -> Programme:
    """Build the demo programme: 120 juniors mentor 60 leaders of an organisation of 260, in six time zones.

    Returns
    -------
    Programme
        Mentors are everybody of grade 3 or lower, mentees everybody of grade 7 or higher; `organisation` is everybody.
        The policy is the recommended start, with a time for every pair to meet: every four weeks for half a year, in
        which clocks change on different days in America and Europe, and nowhere in Asia.

    Examples
    --------
    >>> import revmatch as rm
    >>> programme = rm.datasets.demo()
    >>> len(programme.mentors), len(programme.mentees), len(programme.organisation)
    (120, 60, 260)
    """
    from revmatch.policy.limits import Meetings
    from revmatch.policy.policy import Policy

    start = Policy.reverse_mentoring()
    # times to meet imply that there are hours in common
    rules = [rule for rule in start.rules if rule.name != "CommonHours"]
    policy = start.replace(rules=rules, limits=[Meetings(DEMO_START)])
    return _programme(organisation(DEMO_PEOPLE, seed=DEMO_SEED), policy)


def organisation(size: int, *, seed: int = 0, skills: int = len(TOPICS), departments: int = 8) -> People:
    """Make an organisation in which 3 of 13 people are leaders and 6 of 13 juniors.

    Parameters
    ----------
    size : int
        Number of people, from 1 on.
    seed : int
        Same seed, same people.
    skills : int
        Number of different skills that juniors offer and leaders want.
    departments : int
        Number of departments, besides the head's own.

    Returns
    -------
    People
        Columns ``id, name, department, division, location, title, grade, hired, manager, dotted_line, time_zone,
        languages, offers, wants, available, capacity``.

    Examples
    --------
    >>> import revmatch as rm
    >>> everybody = rm.datasets.organisation(500, seed=1)
    >>> len(everybody), int((everybody["manager"] == "").sum())
    (500, 1)
    """
    _check("size", size, 1)
    leaders = max(1, size * 3 // 13)
    juniors = size * 6 // 13
    return _people(juniors, size - juniors - leaders, leaders, seed, skills, departments)


def programme(
    mentors: int,
    mentees: int,
    *,
    seed: int = 0,
    others: int | None = None,
    skills: int = len(TOPICS),
    departments: int = 8,
    policy: Policy | None = None,
) -> Programme:
    """Make a programme of any size.

    Parameters
    ----------
    mentors, mentees : int
        Number of juniors, and of leaders; the first leader is the head of all.
    seed : int
        Same seed, same people.
    others : int, optional
        Number of middle managers, who take no part; by default one for six juniors.
    skills, departments : int
        As in `organisation`.
    policy : Policy, optional
        ``Policy.reverse_mentoring()`` by default.

    Returns
    -------
    Programme

    Examples
    --------
    >>> import revmatch as rm
    >>> small = rm.datasets.programme(30, 12, seed=3, policy=rm.Policy(score=rm.score.SkillGap()))
    >>> len(small.mentors), len(small.mentees), len(small.organisation)
    (30, 12, 47)
    """
    _check("mentors", mentors, 0)
    _check("mentees", mentees, 0)
    others = mentors // 6 if others is None else others
    _check("others", others, 0)
    return _programme(_people(mentors, others, mentees, seed, skills, departments), policy)


def _check(field: str, value: int, least: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ConfigError(Problem("RM180", f"datasets.{field}", f"expected a whole number of at least {least}"))


def _programme(everybody: People, policy: Policy | None) -> Programme:
    from revmatch.policy.policy import Policy
    from revmatch.programme import Programme

    return Programme(
        everybody.where(f"grade <= {HIGHEST_JUNIOR}"),
        everybody.where(f"grade >= {LOWEST_LEADER}"),
        Policy.reverse_mentoring() if policy is None else policy,
        organisation=everybody,
    )


# -- people, column by column -----------------------------------------------------------------------------------------


def _people(juniors: int, middles: int, leaders: int, seed: int, skills: int, departments: int) -> People:
    for field, value, least in (("seed", seed, 0), ("skills", skills, 1), ("departments", departments, 1)):
        _check(field, value, least)
    columns = _columns(_Lot(seed), juniors, middles, leaders, skills, departments)
    return People.from_columns(columns, place="organisation")


def _columns(lot: _Lot, juniors: int, middles: int, leaders: int, skills: int, departments: int) -> dict[str, Objects]:
    """Make everybody, the most senior first, then deal out rows and ids by lot: an id says nothing about its person."""
    size = juniors + middles + leaders
    grade = _grades(lot, juniors, middles, leaders)
    department = _dealt(lot, grade, departments)
    manager = _managers(lot, grade, department)
    row = lot.order(size)  # row[k]: where the k-th most senior person stands in the roster
    ids = _objects(map(f"P%0{len(str(size))}d".__mod__, range(1, size + 1)))
    by_person = ids[row]
    columns: dict[str, Objects | _Coded] = {"name": _names(lot, size)}
    columns["department"], columns["division"] = _units(lot, department, departments)
    place = lot.weighted([location[3] for location in LOCATIONS], size)
    columns["location"] = [location[0] for location in LOCATIONS], place
    columns["title"] = TITLES, grade - 1
    columns["grade"] = [str(k) for k in range(10)], grade
    columns["hired"] = [str(year) for year in range(1980, 2026)], _hired(lot, grade) - 1980
    columns["manager"] = np.where(manager < 0, "", by_person[manager]).astype(object)
    columns["dotted_line"] = _dotted_lines(lot, grade, department, manager, by_person)
    columns["time_zone"] = [location[1] for location in LOCATIONS], place
    columns["languages"] = _languages(lot, place)
    columns["offers"], columns["wants"] = _skills(lot, grade, skills)
    columns["available"] = _hours(lot, grade)
    columns["capacity"] = ("1", "2"), ((grade >= LOWEST_LEADER) & (lot.below(7, size) == 0)).astype(np.int64)
    order = np.empty(size, dtype=np.int64)
    order[row] = np.arange(size)
    return {"id": ids, **{heading: _in_order(cells, order) for heading, cells in columns.items()}}


def _in_order(cells: Objects | _Coded, order: Ints) -> Objects:
    if isinstance(cells, tuple):
        words, codes = cells
        return _objects(words)[codes[order]]
    return cells[order]


def _objects(values: object) -> Objects:
    listed = list(values)  # type: ignore[call-overload]
    found = np.empty(len(listed), dtype=object)
    found[:] = listed
    return found


def _grades(lot: _Lot, juniors: int, middles: int, leaders: int) -> Ints:
    """Grades, falling: a head, a director for about eight leaders, heads of division, middle managers, juniors."""
    parts = [
        np.full(min(1, leaders), _HEAD),
        np.full(-(-(leaders - 1) // 8) if leaders else 0, _DIRECTOR),
        _MIDDLE_GRADES[0] + lot.weighted((4, 3, 2), middles),
        1 + lot.weighted((3, 4, 3), juniors),
    ]
    parts.insert(2, np.full(leaders - len(parts[0]) - len(parts[1]), LOWEST_LEADER))
    return np.sort(np.concatenate(parts).astype(np.int64))[::-1].copy()


def _dealt(lot: _Lot, grade: Ints, departments: int) -> Ints:
    """Departments: dealt out in turn, rank by rank, so that each has people of every rank; the head has their own."""
    department = np.arange(len(grade), dtype=np.int64) % departments
    for lowest, highest in ((1, HIGHEST_JUNIOR), (_MIDDLE_GRADES[0], LOWEST_LEADER)):
        rows = np.flatnonzero((grade >= lowest) & (grade <= highest))
        department[rows] = department[rows][lot.order(len(rows))]
    department[grade == _HEAD] = departments
    return department


def _managers(lot: _Lot, grade: Ints, department: Ints) -> Ints:
    """Each person's manager: somebody of the next higher rank in their department, failing that the head (-1: nobody).

    Juniors report to middle managers; those to the next higher grade among them, then to a head of division.
    """
    size = len(grade)
    manager = np.full(size, -1, dtype=np.int64)
    if not size:
        return manager
    rank = np.where(grade <= HIGHEST_JUNIOR, 0, grade)
    for step in np.unique(rank).tolist():
        mine = np.flatnonzero(rank == step)
        open_ = np.ones(len(mine), dtype=np.bool_)
        above: list[tuple[int, ...]] = [_MIDDLE_GRADES] if step == 0 else []
        above += [(higher,) for higher in range(max(step + 1, LOWEST_LEADER if step == 0 else 0), _HEAD)]
        for grades in above:
            pool = np.flatnonzero(np.isin(grade, grades))
            pool = pool[np.argsort(department[pool], kind="stable")]
            first = np.searchsorted(department[pool], department[mine], side="left")
            count = np.searchsorted(department[pool], department[mine], side="right") - first
            drawn = lot.below(np.maximum(count, 1), len(mine))
            found = open_ & (count > 0)
            manager[mine[found]] = pool[(first + drawn)[found]]
            open_ &= ~found
        manager[mine[open_]] = 0  # the most senior person of all
    manager[0] = -1
    return manager


def _dotted_lines(lot: _Lot, grade: Ints, department: Ints, manager: Ints, ids: Objects) -> Objects:
    """About one in fifteen also works for a leader of another department."""
    size = len(grade)
    cells = np.full(size, "", dtype=object)
    leaders = np.flatnonzero((grade >= LOWEST_LEADER) & (grade < _HEAD))
    if len(leaders):
        boss = leaders[lot.below(len(leaders), size)]
        chosen = (lot.below(15, size) == 0) & (department[boss] != department) & (grade < LOWEST_LEADER)
        cells[chosen] = ids[boss[chosen]]
    return cells


def _names(lot: _Lot, size: int) -> _Coded:
    """Names; all different while there are enough."""
    names = [f"{first} {last}" for first in FIRST_NAMES for last in LAST_NAMES]
    return names, lot.order(len(names))[np.arange(size) % len(names)]


def _units(lot: _Lot, department: Ints, departments: int) -> tuple[_Coded, _Coded]:
    names = [DEPARTMENTS[k] if k < len(DEPARTMENTS) else f"Department {k + 1}" for k in range(departments)]
    unit = lot.below(len(DIVISIONS), len(department))
    divisions = [f"{name} {division}" for name in names for division in DIVISIONS]
    own = ["Executive Office"]
    division = np.where(department == departments, len(divisions), department * len(DIVISIONS) + unit)
    return (names + own, department), (divisions + own, division)


def _hired(lot: _Lot, grade: Ints) -> Ints:
    """Leaders came up to 30 years ago, juniors up to 6."""
    most = np.where(grade <= HIGHEST_JUNIOR, 7, np.where(grade < LOWEST_LEADER, 16, 31))
    return 2025 - lot.below(most, len(grade))


def _languages(lot: _Lot, place: Ints) -> _Coded:
    spoken = [location[2] for location in LOCATIONS]
    first = np.cumsum([0, *(len(cells) for cells in spoken)])
    count = np.array([len(cells) for cells in spoken], dtype=np.int64)
    return [cell for cells in spoken for cell in cells], first[place] + lot.below(count[place], len(place))


def _skills(lot: _Lot, grade: Ints, skills: int) -> tuple[Objects, Objects]:
    """Offers and wants. Leaders want topics of today, of which they know little; juniors know them."""
    offers, wants = (np.full(len(grade), "", dtype=object) for _ in range(2))
    topics = [TOPICS[k] if k < len(TOPICS) else f"topic {k + 1}" for k in range(skills)]
    junior = np.flatnonzero(grade <= HIGHEST_JUNIOR)
    leader = np.flatnonzero(grade >= LOWEST_LEADER)
    offers[junior] = _listed(lot, topics, len(junior), some=(3, 7), levels=(2, 4))
    wants[junior] = _listed(lot, LEADERSHIP, len(junior), some=(1, 3), levels=(3, 3))
    wants[leader], own = _gaps(lot, topics, len(leader))
    led = _listed(lot, LEADERSHIP, len(leader), some=(2, 4), levels=(4, 2))
    offers[leader] = [";".join(filter(None, pair)) for pair in zip(led.tolist(), own.tolist(), strict=True)]
    return offers, wants


def _listed(lot: _Lot, topics: Sequence[str], count: int, some: tuple[int, int], levels: tuple[int, int]) -> Objects:
    """Cells of `some` topics each, with levels from ``levels[0]`` on, ``levels[1]`` different ones."""
    person, topic = lot.some(len(topics), *some, count)
    level = levels[0] + lot.below(levels[1], len(person))
    return _joined(topics, person, topic, level, count)


def _gaps(lot: _Lot, topics: Sequence[str], count: int) -> tuple[Objects, Objects]:
    """What leaders want (levels 3 to 5), and the little that they know of every third of it (1 or 2)."""
    person, topic = lot.some(len(topics), 2, 5, count)
    wanted = _joined(topics, person, topic, 3 + lot.below(3, len(person)), count)
    some = lot.below(3, len(person)) == 0
    own = _joined(topics, person[some], topic[some], 1 + lot.below(2, int(some.sum())), count)
    return wanted, own


def _joined(topics: Sequence[str], person: Ints, topic: Ints, level: Ints, count: int) -> Objects:
    words = [f"{name}:{k}" for name in topics for k in range(1, 6)]
    return _lists(words, ";", person, topic * 5 + level - 1, count)


def _lists(words: Sequence[str], mark: str, person: Ints, which: Ints, count: int) -> Objects:
    """Cells of each person's words with a mark between: all of them written at once, and cut."""
    text = mark.join(_objects(words)[which].tolist())
    size = np.array([len(word) + len(mark) for word in words], dtype=np.int64)
    ends = np.concatenate([[0], np.cumsum(size[which])])
    first = np.concatenate([[0], np.cumsum(np.bincount(person, minlength=count))])
    starts, stops = ends[first[:-1]], np.maximum(ends[first[1:]] - len(mark), ends[first[:-1]])
    return _objects(text[start:stop] for start, stop in zip(starts.tolist(), stops.tolist(), strict=True))


def _hours(lot: _Lot, grade: Ints) -> Objects:
    """Leaders have two or three short stretches a week, others more; one in 50 has stated nothing."""
    cells = np.full(len(grade), "", dtype=object)
    leader = grade >= LOWEST_LEADER
    for rows, stretches, some in (
        (np.flatnonzero(leader), LEADER_HOURS, (2, 3)),
        (np.flatnonzero(~leader), JUNIOR_HOURS, (2, 4)),
    ):
        person, which = lot.some(len(stretches), *some, len(rows))
        cells[rows] = _lists(stretches, "; ", person, which, len(rows))
    cells[lot.below(50, len(grade)) == 0] = ""
    return cells
