"""Every error that revmatch raises.

An error is a list of *problems*. Each problem has a stable code, the place it was found in, what was expected there and
how to mend it. Checks collect all their problems first and raise once, so that a file is mended in few goes. No message
holds a person's name or any cell of theirs: places are rows, columns and field paths.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

#: Collecting stops here: nobody mends a thousand rows one by one.
MOST_PROBLEMS = 100


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: its code, its place, what was expected, and how to mend it.

    Parameters
    ----------
    code : str
        Stable code such as ``"RM120"``; never reused for another meaning.
    place : str
        ``file:row:column`` or a field path such as ``policy.rules[0].at_least``.
    expected : str
        What is wrong, and what was expected instead.
    hint : str
        How to mend it; may be empty.
    """

    code: str
    place: str
    expected: str
    hint: str = ""

    def __str__(self) -> str:
        text = f"{self.code} {self.place}: {self.expected}" if self.place else f"{self.code} {self.expected}"
        return f"{text} ({self.hint})" if self.hint else text


class RevmatchError(Exception):
    """Base of every error of revmatch.

    Parameters
    ----------
    *problems : Problem
        At least one.
    more : bool
        True if collecting stopped before the end of the input.
    """

    def __init__(self, *problems: Problem, more: bool = False) -> None:
        self.problems = problems
        self.more = more
        super().__init__(*problems)

    @property
    def code(self) -> str:
        """Code of the first problem."""
        return self.problems[0].code

    def __str__(self) -> str:
        if len(self.problems) == 1 and not self.more:
            return str(self.problems[0])
        count = f"the first {len(self.problems)} problems" if self.more else f"{len(self.problems)} problems"
        return "\n".join([f"{count}:", *(f"  {problem}" for problem in self.problems)])

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.problems, self.more)


def _rebuild(kind: type[RevmatchError], problems: tuple[Problem, ...], more: bool) -> RevmatchError:
    return kind(*problems, more=more)


class InputError(RevmatchError):
    """People, pairs or files that cannot be read as they stand."""


class PolicyError(RevmatchError):
    """A policy that does not make sense, alone or for these people."""


class ConfigError(RevmatchError):
    """An option of a call or of a command that is out of range or unknown."""


class LimitError(RevmatchError):
    """Input too large for this machine or for a stated limit; raised before anything is built."""


class ScaleError(RevmatchError):
    """Scores too large to be added up exactly."""


class InfeasibleError(RevmatchError):
    """Asked for the pairs of a plan although no plan satisfies the hard demands."""


class NoPlanError(RevmatchError):
    """Asked for the pairs of a plan although none was found in the time given."""


class EngineError(RevmatchError):
    """A solver failed and there is no legal answer to return instead."""


class VerificationError(RevmatchError):
    """A plan that does not hold what it claims."""


class MissingExtraError(RevmatchError, ImportError):
    """A feature that needs a package which is not installed; the hint says which."""


class Problems:
    """Collects problems, and raises them together.

    Examples
    --------
    >>> problems = Problems()
    >>> problems.add("RM150", "people.csv:4:capacity", "expected a whole number from 0 to 1,000,000")
    >>> problems.raise_as(InputError)
    Traceback (most recent call last):
        ...
    revmatch.errors.InputError: RM150 people.csv:4:capacity: expected a whole number from 0 to 1,000,000
    """

    def __init__(self) -> None:
        self._problems: list[Problem] = []
        self._more = False

    def __len__(self) -> int:
        return len(self._problems)

    @property
    def full(self) -> bool:
        """True once no further problem will be kept."""
        return len(self._problems) >= MOST_PROBLEMS

    def add(self, code: str, place: str, expected: str, hint: str = "") -> None:
        """Keep one problem, or only note that there are more."""
        if self.full:
            self._more = True
        else:
            self._problems.append(Problem(code, place, expected, hint))

    def extend(self, error: RevmatchError) -> None:
        """Keep the problems of an error that was caught."""
        for problem in error.problems:
            self.add(problem.code, problem.place, problem.expected, problem.hint)

    def raise_as(self, kind: type[RevmatchError]) -> None:
        """Raise all of them as one error of this kind; do nothing if there are none."""
        if self._problems:
            raise kind(*self._problems, more=self._more)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Hint with the nearest known word, or the list of them.

    >>> did_you_mean("GradGap", ["GradeGap", "Same"])
    'did you mean "GradeGap"?'
    """
    words = list(known)
    by_fold = {w.casefold(): w for w in words}
    near = difflib.get_close_matches(word.casefold(), by_fold, n=1, cutoff=0.6)
    if near:
        return f'did you mean "{by_fold[near[0]]}"?'
    return "known are: " + ", ".join(words[:30]) if words else "there is none"
