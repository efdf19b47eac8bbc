"""Whether some cases cover everything, each plan once: they are the leaves of a tree of decisions."""

from __future__ import annotations

#: Each decision: what kind it is, of whom, and which of two answers.
Decisions = tuple[tuple[int, int, int | str, int], ...]


def uncovered(cases: list[Decisions]) -> str:
    """What is wrong with the cases, or "".

    All cases that begin alike end there (one case alone), or go on with one decision and its opposite.

    Examples
    --------
    >>> uncovered([((0, 3, 1, 0),), ((0, 3, 1, 1),)])
    ''
    >>> uncovered([((0, 3, 1, 0),)])
    'of one decision only one answer is there'
    """
    todo = [(cases, 0)] if cases else []
    while todo:
        some, depth = todo.pop()
        if len(some) == 1 and len(some[0]) == depth:
            continue
        if any(len(case) == depth for case in some):
            return "two cases have the same decisions, or one holds another"
        first = some[0][depth][:3]
        if any(case[depth][:3] != first for case in some):
            return "cases that begin alike go on with different decisions"
        parts = [[case for case in some if case[depth][3] == which] for which in (0, 1)]
        if not all(parts):
            return "of one decision only one answer is there"
        todo += [(part, depth + 1) for part in parts]
    return ""
