"""Which pairs may exist.

A rule compiles to a `Mask`: who stated what the rule needs, and a function of positions that says which pairs it
allows. The function broadcasts, so the same few lines serve a tile (``i[:, None]``, ``j[None, :]``) and a list of
pairs. What is not stated is not guessed: a pair is forbidden if either person has not stated what the rule needs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from datetime import date
from fractions import Fraction
from math import ceil, isfinite
from typing import Any, ClassVar

import numpy as np

from revmatch.people.common import common_series
from revmatch.people.org import NEVER
from revmatch.people.series import Rhythm
from revmatch.people.starts import common_starts, have_common
from revmatch.policy.declaration import Declaration, is_whole
from revmatch.policy.masks import Mask as Mask
from revmatch.policy.masks import by_bits, by_number, by_starts
from revmatch.policy.rhythm import check_rhythm, rhythm_of, rhythm_words
from revmatch.policy.shaping import item_bits
from revmatch.policy.sides import Bools, Ints, Sides

ONE = Fraction(1)

__all__ = [
    "CommonHours",
    "Different",
    "DifferentDepartment",
    "GradeGap",
    "MinScore",
    "NotPairedBefore",
    "OutsideReportingLine",
    "Same",
    "SharedLanguage",
    "TimeZoneGap",
]


class Rule(Declaration, abstract=True):
    """Base of all rules."""

    __slots__ = ()
    family = "rule"
    registry: ClassVar[dict[str, type[Any]]] = {}
    needs_score: ClassVar[bool] = False
    #: Part of what protects people: `Policy.reverse_mentoring` holds every such rule, and a test sees to it.
    protects: ClassVar[bool] = False

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that both sides must have."""
        return ()

    def words(self) -> str:
        """The rule as the end of the sentence "Two people may meet only if ..."."""
        raise NotImplementedError

    def mask(self, sides: Sides, *, scale: Fraction = ONE) -> Mask:
        """The rule for these people; `scale` is how many whole units one point of score has."""
        raise NotImplementedError


def _everybody(sides: Sides) -> tuple[Bools, Bools]:
    n, m = sides.shape
    return np.ones(n, dtype=bool), np.ones(m, dtype=bool)


class _ByCode(Rule, abstract=True):
    """Rules that compare one text column."""

    __slots__ = ()
    same: ClassVar[bool]

    def _compare(self, sides: Sides, column: str) -> Mask:
        a, b = sides.shared_codes(column)
        stated = a >= 0, b >= 0
        compare: Callable[[Any, Any], Bools] = np.equal if self.same else np.not_equal
        return Mask(*stated, lambda i, j, score: compare(a[i], b[j]), lambda: by_number(a, b, *stated, compare))


@dataclass(frozen=True, slots=True)
class DifferentDepartment(_ByCode):
    """The two work in different departments.

    A person whose ``department`` is not stated can be paired with nobody.

    Examples
    --------
    >>> print(DifferentDepartment().words())
    they work in different departments
    """

    same: ClassVar[bool] = False
    protects: ClassVar[bool] = True

    @property
    def columns(self) -> tuple[str, ...]:
        return ("department",)

    def words(self) -> str:
        return "they work in different departments"

    def mask(self, sides: Sides, *, scale: Fraction = ONE) -> Mask:
        return self._compare(sides, "department")


@dataclass(frozen=True, slots=True)
class _OfColumn(_ByCode, abstract=True):
    """Rules that compare a column of the user's choice."""

    column: str

    def __post_init__(self) -> None:
        self._text("column")

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.column,)

    def mask(self, sides: Sides, *, scale: Fraction = ONE) -> Mask:
        return self._compare(sides, self.column)


@dataclass(frozen=True, slots=True)
class Same(_OfColumn):
    """Both have the same value in a column, compared exactly as written.

    Parameters
    ----------
    column : str
        Heading of a text column.
    """

    same: ClassVar[bool] = True

    def words(self) -> str:
        return f"they have the same {self.column}"


@dataclass(frozen=True, slots=True)
class Different(_OfColumn):
    """The two have different values in a column, compared exactly as written.

    Parameters
    ----------
    column : str
        Heading of a text column.
    """

    same: ClassVar[bool] = False

    def words(self) -> str:
        return f"they differ in {self.column}"


@dataclass(frozen=True, slots=True)
class OutsideReportingLine(Rule):
    """Neither stands in the other's reporting line.

    Forbids a pair when one stands above the other in solid lines, when both have the same direct manager, or when one
    is a dotted-line manager of the other or stands above that manager in solid lines. Nobody above forbids nothing. A
    manager who is in no file is not stated.

    Parameters
    ----------
    levels : int, optional
        How many solid steps count; all of them by default.
    head_levels : int, optional
        How many count for a pair with whoever stands above everybody else, who could otherwise be paired with nobody;
        as `levels` by default.
    """

    levels: int | None = None
    head_levels: int | None = None
    protects: ClassVar[bool] = True

    def __post_init__(self) -> None:
        self._whole("levels", least=1, optional=True)
        self._whole("head_levels", least=0, optional=True)

    @property
    def columns(self) -> tuple[str, ...]:
        return ("manager",)

    def words(self) -> str:
        reach = "" if self.levels is None else f" within {self.levels} step{'s' * (self.levels != 1)}"
        head = "" if self.head_levels is None else f" (within {self.head_levels} steps for the head of all)"
        return f"neither stands above the other in the reporting line{reach}{head} nor shares their manager"

    def mask(self, sides: Sides, *, scale: Fraction = ONE) -> Mask:
        lines, a, b = sides.lines, sides.mentor_lines, sides.mentee_lines
        head_levels = self.levels if self.head_levels is None else self.head_levels

        def related(x: Ints, y: Ints, steps: int | None) -> Bools:
            found = lines.above(x, y, steps) | lines.above(y, x, steps)
            if len(lines.dotted):
                found |= lines.is_dotted_above(x, y, steps) | lines.is_dotted_above(y, x, steps)
            return found

        def allows(i: Ints, j: Ints, score: Ints) -> Bools:
            x, y = a[i], b[j]
            found = related(x, y, self.levels)
            if lines.head >= 0 and head_levels != self.levels:
                found = np.where((x == lines.head) | (y == lines.head), related(x, y, head_levels), found)
            return np.asarray(~(found | lines.same_manager(x, y)))

        return Mask(self._stated(sides, a), self._stated(sides, b), allows)

    def _stated(self, sides: Sides, who: Ints) -> Bools:
        """A line that breaks off within the steps that count is not stated."""
        reach = NEVER - 1 if self.levels is None else min(self.levels, NEVER - 1)
        return np.asarray(sides.lines.unknown_steps[who] > reach)


@dataclass(frozen=True, slots=True)
class GradeGap(Rule):
    """The mentee's grade is above the mentor's by at least, and at most, so much.

    Parameters
    ----------
    at_least : int
        Least difference, mentee minus mentor.
    at_most : int, optional
        Largest difference.
    """

    at_least: int = 1
    at_most: int | None = None
    protects: ClassVar[bool] = True

    def __post_init__(self) -> None:
        self._whole("at_least")
        self._whole("at_most", optional=True)
        if self.at_most is not None and self.at_most < self.at_least:
            self._refuse("at_most", "at least as much as at_least")

    @property
    def columns(self) -> tuple[str, ...]:
        return ("grade",)

    def words(self) -> str:
        grades = f"{self.at_least} grade{'s' * (self.at_least != 1)}"
        most = "" if self.at_most is None else f" and at most {self.at_most}"
        return f"the mentee is at least {grades}{most} above the mentor"

    def mask(self, sides: Sides, *, scale: Fraction = ONE) -> Mask:
        a, mentors_stated = sides.numbers("mentor", "grade")
        b, mentees_stated = sides.numbers("mentee", "grade")

        def within(gap: Ints) -> Bools:
            enough = gap >= self.at_least
            return np.asarray(enough if self.at_most is None else enough & (gap <= self.at_most))

        return Mask(
            mentors_stated,
            mentees_stated,
            lambda i, j, score: within(b[j] - a[i]),
            lambda: by_number(a, b, mentors_stated, mentees_stated, lambda x, y: within(y - x)),
        )


@dataclass(frozen=True, slots=True)
class SharedLanguage(Rule):
    """The two share a language of the ``languages`` column (compared after trimming and case folding)."""

    @property
    def columns(self) -> tuple[str, ...]:
        return ("languages",)

    def words(self) -> str:
        return "they share a language"

    def mask(self, sides: Sides, *, scale: Fraction = ONE) -> Mask:
        (of_a, text_a), (of_b, text_b) = item_bits(sides, "languages")
        a, b = of_a[:, text_a], of_b[:, text_b]
        return Mask(
            np.asarray(a.any(axis=0)),
            np.asarray(b.any(axis=0)),
            lambda i, j, score: have_common(a, i, b, j),
            lambda: by_bits(of_a, of_b, text_a, text_b),
        )


@dataclass(frozen=True, slots=True)
class CommonHours(Rule):
    """A weekly slot exists that suits both.

    The slot starts on a multiple of `grid` minutes of the mentee's clock, on one day of theirs, and lies within the
    hours of both, each read in their own time zone: in one reference week without clock changes or, with `start`, on
    the date of every session, daylight saving included, and on no day on which either is away.

    Parameters
    ----------
    minutes : int
        Length of the slot.
    start : date or str, optional
        The Monday on which the first week begins.
    every : int
        Weeks from one session to the next; the first session is in any of the first so many weeks.
    weeks : int
        All sessions are within so many weeks.
    grid : int
        Minutes between possible starts; divides a day.

    Examples
    --------
    >>> print(CommonHours(60, start="2026-03-02", every=4, weeks=24).words())
    the same 60 minutes suit both every 4 weeks, in the 24 weeks from 2026-03-02
    """

    minutes: int = 60
    _: KW_ONLY
    start: date | str | None = None
    every: int = 1
    weeks: int = 1
    grid: int = 15
    protects: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_rhythm(self)

    @property
    def columns(self) -> tuple[str, ...]:
        return ("available", "time_zone")

    @property
    def rhythm(self) -> Rhythm | None:
        """How the sessions come; None where one reference week stands for all."""
        return rhythm_of(self.start, self.minutes, self.every, self.weeks, self.grid)

    def words(self) -> str:
        if self.rhythm is None:
            return f"they have {self.minutes} minutes a week in common"
        return f"the same {self.minutes} minutes suit both {rhythm_words(self.rhythm)}"

    def mask(self, sides: Sides, *, scale: Fraction = ONE) -> Mask:
        if self.rhythm is None:
            a, b = common_starts(sides.mentors, sides.mentees, minutes=self.minutes, grid=self.grid)
        else:
            a, b, _ = common_series(sides.mentors, sides.mentees, self.rhythm)
        return Mask(a.stated, b.stated, lambda i, j, score: have_common(a.bits, i, b.bits, j), by_starts(a, b))


@dataclass(frozen=True, slots=True)
class TimeZoneGap(Rule):
    """The clocks of the two are at most so many hours apart, in the reference week without clock changes.

    Parameters
    ----------
    at_most_hours : int
        Whole hours. On the two sides of the date line clocks are up to 26 hours apart.

    Examples
    --------
    >>> print(TimeZoneGap(3).words())
    their clocks are at most 3 hours apart
    """

    at_most_hours: int

    def __post_init__(self) -> None:
        self._whole("at_most_hours", least=0)

    @property
    def columns(self) -> tuple[str, ...]:
        return ("time_zone",)

    def words(self) -> str:
        return f"their clocks are at most {self.at_most_hours} hour{'s' * (self.at_most_hours != 1)} apart"

    def mask(self, sides: Sides, *, scale: Fraction = ONE) -> Mask:
        (a, mentors_stated), (b, mentees_stated) = sides.mentors.zone_offsets(), sides.mentees.zone_offsets()
        most = 60 * self.at_most_hours

        def near(one: Ints, other: Ints) -> Bools:
            return np.asarray(np.abs(one - other) <= most)

        return Mask(
            mentors_stated,
            mentees_stated,
            lambda i, j, score: near(a[i], b[j]),
            lambda: by_number(a, b, mentors_stated, mentees_stated, near),
        )


@dataclass(frozen=True, slots=True)
class NotPairedBefore(Rule):
    """The two are not among the pairs given as ``history=``."""

    def words(self) -> str:
        return "they have not been paired before"

    def mask(self, sides: Sides, *, scale: Fraction = ONE) -> Mask:
        mentors, mentees = sides.history
        m = max(1, sides.shape[1])
        before = np.unique(mentors * m + mentees)

        def allows(i: Ints, j: Ints, score: Ints) -> Bools:
            if not len(before):
                return np.ones(np.broadcast_shapes(i.shape, j.shape), dtype=bool)
            key = i * m + j
            at = np.minimum(np.searchsorted(before, key), len(before) - 1)
            return np.asarray(before[at] != key)

        return Mask(*_everybody(sides), allows)


@dataclass(frozen=True, slots=True)
class MinScore(Rule):
    """The pair is worth at least so much.

    Parameters
    ----------
    value : int or float
        Least score, in the unit of the policy's score; rounded as the scores were, where they are not whole.
    """

    value: int | float
    needs_score: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if not is_whole(self.value) and not (isinstance(self.value, float) and isfinite(self.value)):
            self._refuse("value", "a finite number, if whole then of at most 18 digits")

    def words(self) -> str:
        return f"the pair is worth at least {self.value}"

    def mask(self, sides: Sides, *, scale: Fraction = ONE) -> Mask:
        exact = Fraction(self.value) * scale
        least = ceil(exact) if scale == 1 else round(exact)  # where scores were rounded, so is what they must reach
        return Mask(*_everybody(sides), lambda i, j, score: np.asarray(score >= least))
