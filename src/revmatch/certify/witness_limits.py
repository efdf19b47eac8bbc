"""One witness for each limit: what it asks of a person's number of partners."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from revmatch.policy import limits


def everyone_matched(limit: limits.EveryoneMatched, side: str) -> int:
    """Fewest partners of each person of a side who takes part."""
    return 1 if limit.side == side else 0


#: Type of limit -> its witness: the fewest partners that it asks of each person of a side.
LIMITS: dict[type[Any], Callable[[Any, str], int]] = {limits.EveryoneMatched: everyone_matched}
