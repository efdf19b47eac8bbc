"""Declarations about meetings that come every so many weeks: what is asked of their fields, and how they read."""

from __future__ import annotations

from datetime import date

from revmatch.people.hours import DAY
from revmatch.people.series import MOST_WEEKS, Rhythm
from revmatch.policy.declaration import Declaration


def check_rhythm(declared: Declaration) -> None:
    """Refuse fields that make no rhythm; a start may be missing where one week stands for all.

    Raises
    ------
    PolicyError
        RM180.
    """
    for field in ("minutes", "every", "weeks", "grid"):
        declared._whole(field, least=1)
    minutes, start, every, weeks, grid = (
        getattr(declared, field) for field in ("minutes", "start", "every", "weeks", "grid")
    )
    if minutes > DAY:
        declared._refuse("minutes", "at most a day, 1440")
    if DAY % grid:
        declared._refuse("grid", "minutes that divide a day, such as 15, 30 or 60")
    if start is not None:
        declared._monday("start")
    elif (every, weeks) != (1, 1):
        declared._refuse("start", "the Monday from which the weeks count", 'give such as start="2026-03-02"')
    if not every <= weeks <= MOST_WEEKS:
        declared._refuse("weeks", f"at least every={every}, and at most {MOST_WEEKS}")


def rhythm_of(start: object, minutes: int, every: int, weeks: int, grid: int) -> Rhythm | None:
    """How sessions come; None where one reference week stands for all."""
    return Rhythm(start, minutes, grid, every, weeks) if isinstance(start, date) else None


def rhythm_words(rhythm: Rhythm) -> str:
    """How often, and in which weeks.

    >>> rhythm_words(Rhythm(date(2026, 3, 2), 60, 30, 4, 24))
    'every 4 weeks, in the 24 weeks from 2026-03-02'
    """
    often = "every week" if rhythm.every == 1 else f"every {rhythm.every} weeks"
    weeks = "the week" if rhythm.weeks == 1 else f"the {rhythm.weeks} weeks"
    return f"{often}, in {weeks} from {rhythm.start}"
