"""What a witness is, and how it is asked about many pairs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from revmatch.certify.sides import Bools, Ints, Reading


@dataclass(frozen=True, slots=True)
class Witness:
    """A plain function over two people's cells, and which cells it is told.

    Parameters
    ----------
    mentor, mentee : Reading
        What it is told of each of the two.
    says : callable
        The plain function: of a rule whether the two may meet, of a score term how many points they are worth
        (None if the pair does not exist).
    """

    mentor: Reading
    mentee: Reading
    says: Callable[[Any, Any], Any]

    @property
    def different(self) -> int:
        """In how many ways the two can be different from other people, at most."""
        return self.mentor.count * self.mentee.count

    def of(self, i: int, j: int) -> Any:
        """What it says of one pair of positions."""
        return self.says(self.mentor.meaning[int(self.mentor.codes[i])], self.mentee.meaning[int(self.mentee.codes[j])])

    def allows(self, i: Ints, j: Ints) -> Bools:
        """Of which pairs of positions it says yes."""
        return np.asarray(self._about(i, j, lambda answers: np.array(answers, dtype=bool)))

    def answers(self, i: Ints, j: Ints) -> Bools:
        """Of which pairs of positions it says anything: a table says nothing of those that it leaves out."""
        return np.asarray(
            self._about(i, j, lambda answers: np.array([answer is not None for answer in answers], dtype=bool))
        )

    def points(self, i: Ints, j: Ints) -> npt.NDArray[Any]:
        """What it says each pair is worth: int64, or Python's numbers and None where that cannot hold them."""
        return self._about(i, j, _numbers)

    def _about(self, i: Ints, j: Ints, array: Callable[[list[Any]], npt.NDArray[Any]]) -> npt.NDArray[Any]:
        """What it says of each pair. Of people whose cells are the same it is asked once."""
        a, b = self.mentor.meaning.__getitem__, self.mentee.meaning.__getitem__
        codes_a, codes_b = self.mentor.codes[i], self.mentee.codes[j]
        if self.different > 2 * len(i):
            return array(list(map(self.says, map(a, codes_a.tolist()), map(b, codes_b.tolist()))))
        wide = self.mentee.count
        keys = codes_a * wide + codes_b
        asked = np.zeros(self.different, dtype=bool)
        asked[keys] = True
        place = np.cumsum(asked) - 1
        answers = [self.says(a(key // wide), b(key % wide)) for key in np.flatnonzero(asked).tolist()]
        found: npt.NDArray[Any] = array(answers)[place[keys]]
        return found


def _numbers(answers: list[Any]) -> npt.NDArray[Any]:
    try:
        return np.array(answers, dtype=np.int64)
    except (OverflowError, TypeError):  # beyond 64 bits, or None
        return np.array(answers, dtype=object)
