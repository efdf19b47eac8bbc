"""What outputs may show: never what the policy declares sensitive, and never whom people avoid."""

from __future__ import annotations

from collections.abc import Iterable

from revmatch.errors import PolicyError, Problems, did_you_mean
from revmatch.explain.private import Private
from revmatch.people.content import heading_key
from revmatch.policy.policy import PROTECTED
from revmatch.policy.score import RareSkill, SkillGap
from revmatch.policy.term import Term
from revmatch.programme import Programme


def hides(private: Private, term: Term) -> bool:
    """Whether a score term reads a sensitive column: then outputs do not name it."""
    return any(private.column(column) for side in term.columns().values() for column in side)


def withholds_points(programme: Programme) -> bool:
    """Whether outputs give no points by term: where one part of a score is sensitive, the others would give it away."""
    private = Private.of(programme)
    terms = [term for _, term in programme.policy.score.terms]
    skills = bool(private.skills) and any(isinstance(term, SkillGap | RareSkill) for term in terms)
    return skills or any(hides(private, term) for term in terms)


def shown_columns(programme: Programme, more: Iterable[str] = ()) -> tuple[str, ...]:
    """Columns that outputs show: those of the policy's ``show``, then more that are asked for.

    Raises
    ------
    PolicyError
        RM134 for a column that neither side has, RM200 for one that is sensitive, protected or private.
    """
    private = Private.of(programme)
    problems = Problems()
    shown: dict[str, str] = {}
    for heading in (*programme.policy.show, *more):
        key = heading_key(heading)
        if private.column(heading) or key.replace(" ", "_").replace("-", "_") in PROTECTED:
            hint = "sensitive columns may be used in rules and scores, and are never shown"
            problems.add("RM200", "show", f'"{heading}" cannot be shown', hint)
        elif key == "avoid":
            problems.add("RM200", "show", '"avoid" cannot be shown', "whom people avoid is kept private")
        elif key in ("offers", "wants") and private.skills:
            hint = "leave it out of what is shown"
            problems.add("RM200", "show", f'"{heading}" cannot be shown: some of its skills are sensitive', hint)
        elif heading not in programme.mentors and heading not in programme.mentees:
            known = dict.fromkeys((*programme.mentors.columns, *programme.mentees.columns))
            problems.add("RM134", "show", f'there is no column "{heading[:80]}"', did_you_mean(heading, known))
        else:
            shown.setdefault(key, heading)
    problems.raise_as(PolicyError)
    return tuple(shown.values())
