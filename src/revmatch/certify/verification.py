"""What `verify` gives back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from revmatch.errors import MOST_PROBLEMS, Problem, VerificationError

#: Code of everything that is wrong with a plan.
CODE = "RM900"


@dataclass(frozen=True, slots=True)
class Verification:
    """Outcome of checking a plan.

    Parameters
    ----------
    problems : tuple of Problem
        Everything that was found to be wrong, each with its place in the plan; at most 100.
    bound : int or float or None
        Ceiling of the last goal, as recomputed from the certificate, in the unit of that goal; None where the
        certificate gives none. With ``pairs="candidates"`` it is what the certificate claims, unless that was refuted.
    proven : bool
        Whether the plan is proven best (or proven not to exist) by its certificate alone, over all pairs.
    pairs : {"all", "candidates"}
        Over which pairs the certificate's sum was taken.
    more : bool
        True if there were more than 100 problems.

    Examples
    --------
    >>> Verification((), 12, True, "all").ok
    True
    """

    problems: tuple[Problem, ...]
    bound: int | float | None
    proven: bool
    pairs: Literal["all", "candidates"]
    more: bool = False

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems

    def __bool__(self) -> bool:
        raise TypeError("ask for .ok or .proven")

    def __str__(self) -> str:
        if self.problems:
            return str(VerificationError(*self.problems, more=self.more))
        looked = "all pairs" if self.pairs == "all" else "the pairs held and 10**6 others drawn at random"
        if self.proven:
            return f"everything holds; proven by the certificate's prices over {looked}"
        return f"everything holds; checked over {looked}, not a proof of its own"

    def raise_if_wrong(self) -> None:
        """Raise what is wrong.

        Raises
        ------
        VerificationError
            RM900 for each problem; nothing is raised if there is none.
        """
        if self.problems:
            raise VerificationError(*self.problems, more=self.more)


@dataclass(slots=True)
class Findings:
    """Collects problems; keeps the first hundred."""

    found: list[Problem] = field(default_factory=list)
    more: bool = False

    def add(self, place: str, expected: str, hint: str = "") -> None:
        """Keep one problem."""
        if len(self.found) < MOST_PROBLEMS:
            self.found.append(Problem(CODE, place, expected, hint))
        else:
            self.more = True
