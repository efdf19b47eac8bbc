"""What every limit is: the base of `revmatch.policy.limits`."""

from __future__ import annotations

from typing import Any, ClassVar

from revmatch.policy.declaration import Declaration
from revmatch.policy.rows import RowForm
from revmatch.policy.rules import Rule
from revmatch.policy.sides import Side, Sides


class Limit(Declaration, abstract=True):
    """Base of all limits."""

    __slots__ = ()
    family = "limit"
    registry: ClassVar[dict[str, type[Any]]] = {}

    def columns(self) -> dict[Side, tuple[str, ...]]:
        """Columns that the limit reads, by side."""
        return {}

    def least_partners(self, side: Side) -> int:
        """Fewest partners that the limit asks of each person of a side who takes part."""
        return 0

    def partners(self, side: Side) -> tuple[int, int] | None:
        """Fewest and most partners of each person of a side who has any; None: as many as there are places."""
        return None

    def rows(self, sides: Sides) -> tuple[RowForm, ...]:
        """Rows that every plan keeps."""
        return ()

    def rules(self) -> tuple[Rule, ...]:
        """Rules that it implies: a pair that breaks one is in no plan."""
        return ()

    def words(self) -> str:
        """The limit as a sentence without its full stop."""
        raise NotImplementedError
