"""The summary of a plan, for a terminal: what was asked, what was found, what that rests on, and the best of it."""

from __future__ import annotations

import re
import shutil
import textwrap
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from revmatch.plan import Plan, Status
from revmatch.policy.declaration import join_words
from revmatch.policy.goals import Coverage, Goal, LeastChange, Pairs
from revmatch.policy.sides import Side
from revmatch.report.reasons import pair_reasons
from revmatch.report.unmatched import Cause, Unmatched, unmatched_people

#: Lines are at most so wide, and as wide as the terminal if that is narrower.
WIDTH = 100
_NARROWEST = 60
_BEST = 10
_LEVELS = re.compile(r" (\?|\d) -> ")
_LISTED = 5
_SAID = {
    "prices": "by prices",
    "cases": "by prices, case by case",
}
_PROVEN = {
    Status.OPTIMAL: "no plan can be better",
    Status.INFEASIBLE: "the hard rules cannot all be met",
}


def summary(plan: Plan, alone: Sequence[Unmatched] | None = None, *, width: int | None = None) -> str:
    """Everything worth knowing about a plan at a glance; ids, no names.

    Parameters
    ----------
    plan : Plan
        One that holds pairs.
    alone : sequence of Unmatched, optional
        As `unmatched_people` gives them, if they are known already.
    width : int, optional
        Characters in a line; by default what the terminal has, at most 100.

    Returns
    -------
    str
        Without a line break at the end.
    """
    width = terminal_width() if width is None else width
    alone = unmatched_people(plan) if alone is None else alone
    parts = [_asked(plan, width), _found(plan, width), _empty(plan, alone, width)]
    parts += [_best(plan, width), _without(plan, alone, width)]
    return "\n\n".join(part for part in parts if part)


def terminal_width() -> int:
    """How wide lines may be."""
    return max(_NARROWEST, min(WIDTH, shutil.get_terminal_size((WIDTH, 24)).columns))


def status_words(plan: Plan) -> str:
    """The status of a plan in a sentence or two: what is held, and what that rests on."""
    if plan.status is Status.FEASIBLE:
        return f"{_WHY_STOPPED.get(plan.stopped_by or '', 'Not proven to be the best.')} {_room_left(plan)}"
    if plan.status is Status.NOT_FOUND:
        return "No plan was found in the time given, and no proof that there is none."
    none = plan.status is Status.INFEASIBLE
    if plan.proof == "engine":
        return (
            f"{'No plan keeps everything that is asked' if none else 'No plan can be better'}: the solver says so, and "
            "a second run with its simplifications off agrees. This is not a proof that you can check by adding up"
            f"{', and nothing here could check it' if none else ''}."
        )
    if plan.certificate.checked == "all":
        return proven_words(plan)
    many = f"{len(plan.programme.mentors) * len(plan.programme.mentees):,}"
    return (
        f"Proven: {_PROVEN[plan.status]} ({_SAID.get(str(plan.proof), '')}; checked over the pairs that were kept and "
        f"1,000,000 others drawn at random of all {many}; `revmatch verify` adds up the whole sum)."
    )


def proven_words(plan: Plan) -> str:
    """What prices or cases prove of a plan, where they were added up over all pairs."""
    many = f"{len(plan.programme.mentors) * len(plan.programme.mentees):,}"
    return f"Proven: {_PROVEN[plan.status]} (checked {_SAID.get(str(plan.proof), '')} over all {many} pairs)."


_WHY_STOPPED = {
    "time": "Stopped by the time limit: this is the best plan found so far, and it keeps every rule.",
    "gap": "Stopped within the gap that was asked for; the plan keeps every rule.",
    "interrupt": "Interrupted: this is the best plan found so far, and it keeps every rule.",
    "callback": "Stopped on request: this is the best plan found so far, and it keeps every rule.",
    "engine_lost": "The solver was lost: this is the best plan found before, and it keeps every rule.",
}


def _room_left(plan: Plan) -> str:
    """How much better another plan could be in the first goal that is not proven."""
    for goal, reached in zip(plan.programme.policy.goals, plan.goals, strict=True):
        if not reached.proven:
            bound, value = best_bound(goal, reached.bound), reached.value
            if bound is None or value is None:
                return f"How much better another could be in {reached.name} is not known."
            return _room_in(goal, bound, value)
    return ""


def _room_in(goal: Goal, bound: int | float, value: int | float) -> str:
    """What no plan can do better in a goal, and what this one does."""
    if isinstance(goal, LeastChange):
        least = f"No plan changes fewer than {bound:,}" if bound else "That a plan changes nothing is not ruled out"
        return f"{least}; this one changes {value:,} (pairs of the plan before)."
    if goal.made_small:
        least = (
            f"No plan has a smaller gap than {number(bound)}" if bound else "That a plan has no gap is not ruled out"
        )
        return f"{least}; this one has {number(value)} in {goal}."
    return f"No plan can have more than {bound:,} in {goal}; this one has {value:,}."


def best_bound(goal: Goal, bound: int | float | None) -> int | float | None:
    """The bound as it is shown: prices may promise fewer changes than none, or less than no gap."""
    return bound if bound is None or not goal.made_small else max(type(bound)(0), bound)


def bound_words(goal: Goal, bound: int | float | None) -> str:
    """The bound of a goal in a table.

    >>> from revmatch.policy.goals import LeastChange, Pairs
    >>> bound_words(Pairs(), 1200), bound_words(LeastChange(), -4), bound_words(Pairs(), None)
    ('1,200', '0', 'not known')
    """
    best = best_bound(goal, bound)
    return "not known" if best is None else number(best)


# -- the parts --------------------------------------------------------------------------------------------------------


def _asked(plan: Plan, width: int) -> str:
    programme = plan.programme
    mentors, mentees = (
        f"{len(people):,} {side}{'s' * (len(people) != 1)}"
        for people, side in ((programme.mentors, "mentor"), (programme.mentees, "mentee"))
    )
    who = f"{mentors} (junior) for {mentees} (senior)"
    everybody = programme.mentors.roster if programme.organisation is None else programme.organisation
    if len(everybody) > len(programme.mentors) + len(programme.mentees):
        who += f", of {len(everybody):,} people"
    words = [line for line in str(programme.policy).splitlines() if line]
    return "\n".join([who, *(_wrapped(line, width, "  ") for line in words)])


def _found(plan: Plan, width: int) -> str:
    held = f"{len(plan.mentor_rows):,} pair{'s' * (len(plan.mentor_rows) != 1)}"
    sides = []
    for side, rows in (("mentee", plan.mentee_rows), ("mentor", plan.mentor_rows)):
        taking_part = int((np.asarray(plan.programme.of(_side(side)).capacity) > 0).sum())
        sides.append(f"{len(np.unique(rows)):,} of {_people(taking_part, side)}")
    lines = [_wrapped(f"{held}: {join_words(sides)} have a partner.", width)]
    lines += filter(None, [_average(plan)])
    lines.append(_wrapped(status_words(plan), width))
    goals = [("goal, in this order", "reached", "bound")]
    for k, (goal, reached) in enumerate(zip(plan.programme.policy.goals, plan.goals, strict=True), start=1):
        goals.append((f"{k}. {reached.name}", number(reached.value or 0), bound_words(goal, reached.bound)))
    lines += ["", *aligned(goals, "lrr")]
    if plan.scale != 1:
        lines.append(f"Scores were rounded once; on the total that is at most {plan.rounding_error:.3g}.")
    return "\n".join(lines)


def _average(plan: Plan) -> str:
    """What a pair is worth on average; nothing where nothing is worth anything."""
    if not len(plan.scores) or not plan.programme.policy.score.terms:
        return ""
    mean = float(plan.scores.mean()) / float(plan.scale)
    return f"A pair is worth {mean:,.{0 if abs(mean) >= 100 else 1}f} points on average."


def _empty(plan: Plan, alone: Sequence[Unmatched], width: int) -> str:
    """That limits leave no plan but the empty one, where the first goal is as many as possible and none is proven."""
    many, first = sum(person.eligible > 0 for person in alone), plan.programme.policy.goals[0]
    none = isinstance(first, Coverage | Pairs) and plan.bounds[0] == 0
    if len(plan.mentor_rows) or not many or not none or not plan.programme.policy.limits:
        return ""
    said = f"The limits leave only the plan without pairs, though {many:,} people have an eligible partner."
    return _wrapped(said, width)


def _best(plan: Plan, width: int) -> str:
    if not len(plan.scores):
        return ""
    first = np.lexsort((np.arange(len(plan.scores)), -plan.scores))[:_BEST]
    best = pair_reasons(plan, first)
    title = f"The {_COUNT.get(len(best), len(best))} best pairs" if len(best) < len(plan.scores) else "The pairs"
    why = "why" if plan.slots is None else "when, and why"
    rows = [("mentor", "mentee", "score", why), *((r.mentor, r.mentee, number(r.score), "") for r in best)]
    lines = aligned(rows, "llrl")
    indent = " " * (max(map(_width, lines[1:])) + 2)
    texts = [lines[0]]
    for line, pair, k in zip(lines[1:], best, first.tolist(), strict=True):
        slot = plan.pairs[k].slot
        when = "" if slot is None else f"{slot}, first on {slot.first}; "
        texts.append(_beside(line, clean(f"{when}{pair.short()}"), indent, width))
    if any(step.own is None for pair in best for reason in pair.reasons for step in reason.steps):
        texts.append("  ? -> 4: brought to level 4; the level today was not stated")
    return "\n".join([title, *texts])


def _without(plan: Plan, alone: Sequence[Unmatched], width: int) -> str:
    if not alone:
        return "Everybody has a partner."
    lines = ["Without a partner"]
    for side in ("mentee", "mentor"):
        mine = [person for person in alone if person.side == side]
        if mine:
            lines += _one_side(mine, side, width)
    return "\n".join(lines)


def _one_side(mine: Sequence[Unmatched], side: str, width: int) -> list[str]:
    """How many people of a side have no partner, and the most telling of them with the reason."""
    causes = Counter(person.cause for person in mine)
    said = [f"{causes[cause]:,} {_CAUSES[cause]}" for cause in Cause if causes[cause]]
    text = f"{_people(len(mine), side)} {_CAUSES[mine[0].cause]}"
    lines = [_wrapped(text if len(said) == 1 else f"{_people(len(mine), side)}: {join_words(said)}", width, "  ")]
    telling = [person for person in mine if person.cause is Cause.NOBODY or len(mine) <= _LISTED]
    listed = aligned([(person.person, "") for person in telling[:_LISTED]], "ll", indent="    ")
    indent = " " * (max(map(_width, listed), default=0) + 2)
    for line, person in zip(listed, telling, strict=False):
        lines.append(_beside(line, clean(person.words.removeprefix(f"{Cause.NOBODY}: ")), indent, width))
    if len(telling) > _LISTED:
        lines.append(f"    and {len(telling) - _LISTED:,} more")
    return lines


_CAUSES = {
    Cause.NOBODY: "without an eligible partner",
    Cause.TAKEN: "whose eligible partners are all taken",
    Cause.LIMITS: "with whom no further pair fits the limits",
    Cause.NO_GAIN: "with whom no pair adds to the goals",
    Cause.UNKNOWN: "not looked into",
}
_COUNT = dict(enumerate(["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]))


# -- words and columns ------------------------------------------------------------------------------------------------


def number(value: int | float) -> str:
    """A number with thousands separators.

    >>> number(39374), number(2.5)
    ('39,374', '2.5')
    """
    return f"{value:,}" if isinstance(value, int) else f"{value:,.6g}"


def clean(text: str) -> str:
    r"""Text that cannot do anything to a terminal: what does not print is written as ``\x1b``.

    >>> clean("a\x1b[2Jb")
    'a\\x1b[2Jb'
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def aligned(rows: Iterable[Sequence[str]], sides: str, *, indent: str = "  ") -> list[str]:
    """Rows of cells as lines with aligned columns, two blanks between them.

    >>> aligned([("a", "10"), ("bcd", "2")], "lr", indent="")
    ['a    10', 'bcd   2']
    """
    table = [[clean(cell) for cell in row] for row in rows]
    widths = [max(map(_width, column)) for column in zip(*table, strict=True)]
    lines = []
    for row in table:
        cells = [
            cell + " " * (w - _width(cell)) if side == "l" else " " * (w - _width(cell)) + cell
            for cell, w, side in zip(row, widths, sides, strict=True)
        ]
        lines.append(indent + "  ".join(cells).rstrip())
    return lines


def _width(text: str) -> int:
    """Places that a text takes in a terminal: East Asian characters take two, joined marks none."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return len(text) + wide - sum(unicodedata.combining(c) > 0 for c in text)


def _beside(line: str, text: str, indent: str, width: int) -> str:
    """Text wrapped to the right of the first columns of a row."""
    room = max(30, width - len(indent))
    tied = _LEVELS.sub("\xa0\\1\xa0->\xa0", text)  # a level stays with its skill at the end of a line
    parts = [part.replace("\xa0", " ") for part in textwrap.wrap(tied, room, break_on_hyphens=False)] or [""]
    first = line + " " * (len(indent) - _width(line)) + parts[0]
    return "\n".join([first.rstrip(), *(indent + part for part in parts[1:])])


def _wrapped(text: str, width: int, indent: str = "") -> str:
    lines = textwrap.wrap(clean(text), width, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)
    return "\n".join(lines)


def _people(count: int, side: str) -> str:
    return f"{count:,} {side}{'s' * (count != 1)}"


def _side(side: str) -> Side:
    return "mentee" if side == "mentee" else "mentor"
