"""A small page of a plan for notebooks: inline, without scripts, and safe whatever ids and headings hold."""

from __future__ import annotations

from html import escape

from revmatch.plan import Plan
from revmatch.report.summary import bound_words, number, status_words

_SHOWN = 10


def plan_html(plan: Plan) -> str:
    """Status, goals with their bounds, and the first pairs by id; ids only.

    Parameters
    ----------
    plan : Plan
        Any, with pairs or without.

    Returns
    -------
    str
        HTML.
    """
    parts = [f"<p><b>{escape(str(plan.status))}</b>. {escape(status_words(plan))}</p>"]
    goals = [
        [
            reached.name,
            "" if reached.value is None else number(reached.value),
            "" if reached.bound is None else bound_words(goal, reached.bound),
        ]
        for goal, reached in zip(plan.programme.policy.goals, plan.goals, strict=True)
    ]
    parts.append(_table(["goal, in this order", "reached", "bound"], goals, numbers=(1, 2)))
    if plan.found:
        pairs = plan.pairs
        rows = [[pair.mentor, pair.mentee, number(pair.score)] for pair in pairs[:_SHOWN]]
        headings = ["mentor", "mentee", "score"]
        if plan.slots is not None:
            headings.append("slot")
            rows = [[*row, str(pair.slot)] for row, pair in zip(rows, pairs, strict=False)]
        parts.append(_table(headings, rows, numbers=(2,)))
        more = f"; the first {_SHOWN} are shown" if len(pairs) > _SHOWN else ""
        alone = f"{len(plan.unmatched_mentors):,} mentors and {len(plan.unmatched_mentees):,} mentees without a partner"
        parts.append(f"<p>{len(pairs):,} pairs{more}; {alone}</p>")
    return f'<div class="revmatch-plan">{"".join(parts)}</div>'


def _table(headings: list[str], rows: list[list[str]], *, numbers: tuple[int, ...]) -> str:
    def cells(tag: str, row: list[str]) -> str:
        sides = ("right" if k in numbers else "left" for k in range(len(row)))
        return "".join(
            f'<{tag} style="text-align:{side}">{escape(cell)}</{tag}>' for cell, side in zip(row, sides, strict=True)
        )

    body = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    return f"<table><thead><tr>{cells('th', headings)}</tr></thead><tbody>{body}</tbody></table>"
