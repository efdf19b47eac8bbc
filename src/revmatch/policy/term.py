"""Score terms and their sum."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np

from revmatch.errors import PolicyError, Problem, ScaleError
from revmatch.policy import forms
from revmatch.policy.declaration import Declaration, is_whole
from revmatch.policy.sides import Ints, Side, Sides

#: Totals stay below this, so that every engine and every float64 product is exact.
LARGEST_TOTAL = 1 << 53


class Term(Declaration, abstract=True):
    """Base of all score terms."""

    __slots__ = ()
    family = "score term"
    registry: ClassVar[dict[str, type[Any]]] = {}
    #: Whole units in one point of this term; other than 1 only for a table of numbers that are not whole.
    scale: Fraction = Fraction(1)

    def columns(self) -> dict[Side, tuple[str, ...]]:
        """Columns that each side must have."""
        return {}

    def words(self) -> str:
        """What a point is given for."""
        raise NotImplementedError

    def form(self, sides: Sides) -> forms.Form:
        """The term's values for these people."""
        raise NotImplementedError

    def __add__(self, other: Term | Score) -> Score:
        return Score(((1, self),)) + other

    def __sub__(self, other: Term | Score) -> Score:
        return Score(((1, self),)) - other

    def __mul__(self, weight: int) -> Score:
        return Score(((1, self),)) * weight

    __rmul__ = __mul__


@dataclass(frozen=True, slots=True)
class Score:
    """A sum of weighted terms.

    Parameters
    ----------
    terms : tuple of (int, Term)
        Weights and terms, in the order they were written.

    Examples
    --------
    >>> from revmatch.policy.score import Different, SkillGap
    >>> print(5 * SkillGap() + 2 * Different("division"))
    5 * SkillGap + 2 * Different(division)
    """

    terms: tuple[tuple[int, Term], ...] = ()

    def __post_init__(self) -> None:
        if not all(is_whole(weight) for weight, _ in self.terms):
            raise PolicyError(Problem("RM180", "score", "weights are whole numbers of at most 18 digits"))

    def __add__(self, other: Term | Score) -> Score:
        if isinstance(other, Term):
            return Score((*self.terms, (1, other)))
        return Score(self.terms + other.terms) if isinstance(other, Score) else NotImplemented

    def __sub__(self, other: Term | Score) -> Score:
        return self + other * -1 if isinstance(other, Term | Score) else NotImplemented

    def __mul__(self, weight: int) -> Score:
        if isinstance(weight, bool) or not isinstance(weight, int | np.integer):
            hint = "multiply all of them by 10 or 100"
            raise PolicyError(Problem("RM180", "score", "weights are whole numbers", hint))
        return Score(tuple((int(weight) * own, term) for own, term in self.terms))

    __rmul__ = __mul__

    def __str__(self) -> str:
        parts: list[str] = []
        for weight, term in self.terms:
            factor = "" if abs(weight) == 1 else f"{abs(weight)} * "
            sign = ("-" if weight < 0 else "") if not parts else (" - " if weight < 0 else " + ")
            parts.append(f"{sign}{factor}{term}")
        return "".join(parts) or "0"

    @property
    def scale(self) -> Fraction:
        """Whole units in one point: 1 unless a table holds numbers that are not whole."""
        scales = {term.scale for _, term in self.terms if term.scale != 1}
        if len(scales) > 1:
            hint = "give both the same scale="
            raise PolicyError(Problem("RM110", "score", "two tables have different scales", hint))
        return scales.pop() if scales else Fraction(1)

    def form(self, sides: Sides) -> WholeScore:
        """Whole-number scores of these people's pairs.

        Raises
        ------
        ScaleError
            RM110 if sums of scores could reach 2**53.
        """
        scale = self.scale
        parts: list[tuple[int, forms.Form]] = []
        for weight, term in self.terms:
            whole = weight * (Fraction(1) if term.scale != 1 else scale)
            if whole.denominator != 1:
                expected = f"{term.name} cannot be added to a table of scale {scale}"
                raise PolicyError(Problem("RM110", "score", expected, "give the table scale=1"))
            parts.append((int(whole), term.form(sides)))
        made = WholeScore(tuple(parts))
        largest = made.ceiling * max(1, sides.most_pairs)
        if largest >= LARGEST_TOTAL:
            hint = f"divide all weights and scores by {largest // LARGEST_TOTAL + 1:,} or more"
            raise ScaleError(Problem("RM110", "score", "totals could reach 2**53 and would not be exact", hint))
        return made


@dataclass(frozen=True, slots=True)
class WholeScore:
    """Weighted forms: a score, ready to be asked. Values are in whole units (score x scale).

    Parameters
    ----------
    parts : tuple of (int, Form)
    """

    parts: tuple[tuple[int, forms.Form], ...]

    @property
    def ceiling(self) -> int:
        """No pair's absolute score is above this."""
        return sum(abs(weight) * form.ceiling for weight, form in self.parts)

    def tile(self, rows: slice, cols: slice) -> Ints:
        """Scores of all pairs of some consecutive mentors and mentees."""
        block = np.zeros((rows.stop - rows.start, cols.stop - cols.start), dtype=np.int64)
        for weight, form in self.parts:
            block += weight * form.tile(rows, cols)
        return block

    def pairs(self, i: Ints, j: Ints) -> Ints:
        """Scores of listed pairs."""
        values = np.zeros(len(i), dtype=np.int64)
        for weight, form in self.parts:
            values += weight * form.pairs(i, j)
        return values

    @property
    def partial(self) -> tuple[forms.Triples | forms.Grid, ...]:
        """Tables in which pairs are absent: a pair that is absent does not exist."""
        tables = (form for _, form in self.parts if isinstance(form, forms.Triples | forms.Grid))
        return tuple(form for form in tables if form.is_partial)
