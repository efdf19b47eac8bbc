"""What is being done, on one line of standard error, and only where a person is looking."""

from __future__ import annotations

import sys
from typing import Any

_CLEAR = "\r\x1b[K"


class Progress:
    """One line that is written over, and cleared at the end."""

    def __init__(self) -> None:
        self._on = sys.stderr is not None and sys.stderr.isatty()

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self._write("")

    def say(self, doing: str) -> None:
        """Show what is being done now."""
        self._write(f"{doing} ...")

    def told(self, news: dict[str, Any]) -> None:
        """Show what `match` tells before each goal."""
        self.say(f"solving: {news['goal']}, {news['seconds']:.1f} s so far")

    def _write(self, text: str) -> None:
        if self._on:
            print(f"{_CLEAR}{text}", end="", file=sys.stderr, flush=True)
