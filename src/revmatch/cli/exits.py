"""How a command ends."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Exit(IntEnum):
    """Exit codes."""

    DONE = 0
    INTERNAL = 1
    USAGE = 2
    INPUT = 3
    INFEASIBLE = 4
    TIME_LIMIT = 5
    INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command has to say.

    Parameters
    ----------
    code : Exit
    text : str
        For standard output.
    error : str
        For standard error.
    data : bytes or None
        A file, for standard output.
    """

    code: Exit
    text: str = ""
    error: str = ""
    data: bytes | None = None
