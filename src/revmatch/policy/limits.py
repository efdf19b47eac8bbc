"""What a plan must satisfy, beyond each person's ``capacity`` and ``min_load``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from revmatch.policy.declaration import Declaration
from revmatch.policy.sides import Side

__all__ = ["EveryoneMatched"]


class Limit(Declaration, abstract=True):
    """Base of all limits."""

    __slots__ = ()
    family = "limit"
    registry: ClassVar[dict[str, type[Any]]] = {}

    def least_partners(self, side: Side) -> int:
        """Fewest partners that the limit asks of each person of a side who takes part."""
        return 0

    def words(self) -> str:
        """The limit as a sentence without its full stop."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class EveryoneMatched(Limit):
    """Everybody on a side has a partner (people of capacity 0 take no part and need none).

    Parameters
    ----------
    side : {"mentor", "mentee"}

    Examples
    --------
    >>> print(EveryoneMatched("mentee").words())
    Every mentee must have a partner
    """

    side: Side

    def __post_init__(self) -> None:
        self._one_of("side", "mentor", "mentee")

    def least_partners(self, side: Side) -> int:
        return 1 if side == self.side else 0

    def words(self) -> str:
        return f"Every {self.side} must have a partner"
