"""What is being done and how far it has come, on one line of standard error, and only where a person is looking."""

from __future__ import annotations

import math
import os
import shutil
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from revmatch.report.summary import clean, number

#: The phases of `match`, in plain words.
_PHASES = {"look": "looking at pairs", "solve": "solving", "check": "checking"}
#: Characters of the bar, where there is room and where there is less.
_BAR, _SHORT_BAR = 20, 8
#: What gives way where a line is too long, the least important first: each time a part takes its next, shorter form.
_GIVES_WAY = ("worth", "bar", "gap", "doing", "bar", "time", "gap")
#: Seconds between two looks at the clock; a line that says the same is not written again.
_BEAT = 0.2
#: Lines in a second, at most.
_LINES = 10
#: Columns that stay free for the ^C that a terminal shows: a line that wraps could not be written over.
_FREE = 3
#: Back to the start; and what the line before was longer by goes last, so that nothing flickers.
_START, _REST = "\r", "\x1b[K"


class Progress:
    """One line that is written over, and cleared at the end, whatever that is.

    A thread keeps the seconds going and ends with this. A new step is shown at once all the same: some solvers let no
    other thread run while they work.
    """

    def __init__(self) -> None:
        self._to = sys.stderr
        # a dumb terminal cannot clear a line
        self._on = self._to is not None and self._to.isatty() and os.environ.get("TERM") != "dumb"
        self._news: dict[str, Any] = {}
        self._since = 0.0
        self._line = ""
        self._written: deque[float] = deque(maxlen=_LINES)
        self._ended = threading.Event()
        self._beat = threading.Thread(target=self._keep_going, daemon=True)

    def __enter__(self) -> Progress:
        if self._on:
            with suppress(RuntimeError):  # no room for a thread: then the seconds stand still between steps
                self._beat.start()
        return self

    def __exit__(self, *_: object) -> None:
        try:
            if self._beat.ident is not None:
                self._ended.set()
                self._beat.join(1.0)
        finally:  # a second Ctrl-C may come while the thread is waited for
            self._on, on = False, self._on
            if on and self._line:
                self._write(_START + _REST)

    def say(self, doing: str) -> None:
        """Show what is being done now."""
        self.told({"phase": doing})

    def told(self, news: Mapping[str, Any]) -> None:
        """Show what `match` tells of its progress, or what ``phase`` alone says."""
        before, self._news = self._news, dict(news)
        self._since = time.monotonic() - news.get("seconds", 0.0)
        if any(before.get(key) != news.get(key) for key in ("phase", "goal")):
            self._show()

    def _keep_going(self) -> None:
        while not self._ended.wait(_BEAT):
            self._show()

    def _show(self) -> None:
        now = time.monotonic()
        busy = len(self._written) == _LINES and now - self._written[0] < 1.0
        if self._on and self._news and not busy:
            text = line(self._news, now - self._since, room(self._to))
            if text != self._line:
                self._line = text
                self._written.append(now)
                self._write(_START + text + _REST)

    def _write(self, text: str) -> None:
        try:
            self._to.write(text)
            self._to.flush()
        except (OSError, ValueError):  # nobody is looking any more: no reason to lose a plan
            self._on = False


def line(news: Mapping[str, Any], seconds: float, width: int) -> str:
    """What is being done and how far it has come, in at most so many characters.

    Parameters
    ----------
    news : mapping
        As `match` tells it; ``phase`` alone will do.
    seconds : float
        Since it began.
    width : int

    Returns
    -------
    str

    Examples
    --------
    >>> news = {"phase": "look", "goal": "Pairs", "value": 980, "bound": 1000, "gap": 20 / 980}
    >>> line(news | {"tiles_done": 3, "tiles": 4}, 2.5, 100)
    'looking at pairs: Pairs  [###############.....]  2.5 s  at most 2.05 % below the best possible'
    >>> line(news, 2.5, 40)
    'looking at pairs  2.5 s  gap 2.05 %'
    """
    forms = {
        "doing": _doing(news),
        "bar": _bars(news.get("tiles_done", 0), news.get("tiles", 0)),
        "time": [f"{seconds:,.{0 if seconds >= 100 else 1}f} s"],
        "worth": _worth(news.get("value"), news.get("bound")),
        "gap": _gap(news.get("value"), news.get("bound"), news.get("gap")),
    }
    for part in _GIVES_WAY:
        if len(_joined(forms)) <= width:
            break
        forms[part] = forms[part][1:]
    return _joined(forms)[:width]


def room(stream: Any) -> int:
    """Characters that a line may have in a terminal, so that it does not wrap."""
    columns = 0
    with suppress(OSError, ValueError, AttributeError):
        columns = os.get_terminal_size(stream.fileno()).columns
    # a terminal that does not know its size says 0
    return max(1, (columns or shutil.get_terminal_size().columns) - _FREE)


def _joined(forms: Mapping[str, list[str]]) -> str:
    return "  ".join(ways[0] for ways in forms.values() if ways)


# Each part in all its forms, the longest first.


def _doing(news: Mapping[str, Any]) -> list[str]:
    phase = _PHASES.get(news["phase"], news["phase"])
    goal = news.get("goal")
    return [phase if goal is None else f"{phase}: {clean(goal)}", phase]


def _bars(done: int, of: int) -> list[str]:
    """Tiles that are done of all; one tile is no way to go."""
    return [f"[{'#' * (done * n // of):.<{n}}]" for n in (_BAR, _SHORT_BAR)] if of > 1 else []


def _worth(value: float | None, bound: float | None) -> list[str]:
    if value is None:
        return [] if bound is None else [f"at most {number(bound)}"]
    if bound is None:
        return [f"{number(value)} so far"]
    # where less is better, nothing is below the bound
    between = ", at least" if bound < value else " of at most"
    return [f"{number(value)}{between} {number(bound)}"]


def _gap(value: float | None, bound: float | None, gap: float | None) -> list[str]:
    """The gap in percent, rounded up so that "at most" holds; a gap beyond the value itself says nothing."""
    if value is None or gap is None or gap >= 1 or (bound is not None and bound < value):
        return []
    if gap <= 0:
        return ["the best possible"]
    percent = f"{max(1, math.ceil(gap * 1e4 - 1e-9)) / 100:.2f} %"
    # "below the best" is less than the gap, which is in parts of the value: unless that is negative
    return [f"at most {percent} below the best possible", f"gap {percent}"] if value > 0 else [f"gap {percent}"]
