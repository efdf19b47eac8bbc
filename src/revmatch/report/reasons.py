"""Why a pair is worth what it is worth: points by score term and by skill, and in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np

from revmatch.explain.private import Private
from revmatch.people.skills import SkillTable, shared_vocabulary, skill_key, split_items
from revmatch.plan import Plan
from revmatch.policy import score
from revmatch.policy.declaration import join_words
from revmatch.policy.sides import Ints, Sides
from revmatch.report.shown import hides, withholds_points

Points = int | float
#: Words for the parts of one term's points for one pair, by (mentor's row, mentee's row, value).
_Words = Callable[[int, int, int], tuple[str, tuple["SkillStep", ...]]]


@dataclass(frozen=True, slots=True)
class SkillStep:
    """One skill that one of a pair brings the other.

    Parameters
    ----------
    skill : str
    own : int or None
        Level of who learns; None if they have not stated one (it counts as 0).
    to : int
        Level that is reached.
    points : int or float
    """

    skill: str
    own: int | None
    to: int
    points: Points

    def __str__(self) -> str:
        return f"{self.skill} {'?' if self.own is None else self.own} -> {self.to}"


@dataclass(frozen=True, slots=True)
class Reason:
    """Points that a pair gets from one term.

    Parameters
    ----------
    term : str
        The term as the policy writes it.
    points : int or float
    words : str
        ``"different division"``; "" where there is nothing to say.
    steps : tuple of SkillStep
        By skill, the most points first; only for terms that are about skills.
    """

    term: str
    points: Points
    words: str
    steps: tuple[SkillStep, ...] = ()


@dataclass(frozen=True, slots=True)
class PairReasons:
    """A pair, its score, and what that is made of.

    Parameters
    ----------
    mentor, mentee : str
        Ids.
    score : int or float
    reasons : tuple of Reason
        One for each term that is not private, in the order of the policy.
    pinned : bool
        Somebody decided this pair.
    """

    mentor: str
    mentee: str
    score: Points
    reasons: tuple[Reason, ...]
    pinned: bool = False

    def __str__(self) -> str:
        said = ["pinned"] if self.pinned else []
        said += [reason.words for reason in self.reasons if reason.words]
        return "; ".join(said) or "no points; it is one more pair"

    def short(self, most: int = 3) -> str:
        """Words for a narrow place: the skills that count most, with their levels ("?": not stated)."""
        said = ["pinned"] if self.pinned else []
        for reason in self.reasons:
            if reason.words:
                more = len(reason.steps) - most
                skills = [*map(str, reason.steps[:most]), *([f"{more:,} more"] if more > 0 else [])]
                said.append(join_words(skills) if more > 0 else ", ".join(skills) or reason.words)
        return "; ".join(said) or "no points; it is one more pair"


def pair_reasons(plan: Plan, at: Sequence[int] | Ints | None = None) -> list[PairReasons]:
    """Reasons for the pairs of a plan.

    Parameters
    ----------
    plan : Plan
        One that holds pairs.
    at : sequence of int, optional
        Positions in ``plan.pairs``; all of them by default.

    Returns
    -------
    list of PairReasons
        In the order asked for. What the policy declares sensitive is in none of them.
    """
    held = np.arange(len(plan.mentor_rows)) if at is None else np.asarray(at, dtype=np.int64)
    i, j = plan.mentor_rows[held], plan.mentee_rows[held]
    programme = plan.programme
    sides = programme.sides()
    private = Private.of(programme)
    columns = []
    for (weight, term), (_, form) in zip(
        programme.policy.score.terms, programme.policy.score.form(sides).parts, strict=True
    ):
        if not hides(private, term):
            columns.append(_column(term, weight, form.pairs(i, j), (i, j), sides, private))
    pinned = {(pin.mentor, pin.mentee) for pin in programme.pins}
    pairs = [plan.pairs[k] for k in held.tolist()]
    by_pair = zip(*columns, strict=True) if columns else [()] * len(pairs)
    return [
        PairReasons(pair.mentor, pair.mentee, pair.score, tuple(reasons), (pair.mentor, pair.mentee) in pinned)
        for pair, reasons in zip(pairs, by_pair, strict=True)
    ]


def term_names(plan: Plan) -> list[str]:
    """Names for the columns of points, one for each reason: ``SkillGap``, ``Different_division``.

    Empty where points are withheld because a part of the score is sensitive.
    """
    policy = plan.programme.policy
    if withholds_points(plan.programme):
        return []
    names: list[str] = []
    for _, term in policy.score.terms:
        column = getattr(term, "column", None)
        name = f"{term.name}_{column}" if isinstance(column, str) else term.name
        alike = sum(other == name or other.startswith(f"{name} ") for other in names)
        names.append(f"{name} {alike + 1}" if alike else name)
    return names


# -- term by term -----------------------------------------------------------------------------------------------------


def _column(
    term: Any, weight: int, values: Ints, pairs: tuple[Ints, Ints], sides: Sides, private: Private
) -> list[Reason]:
    """Reasons that one term gives for each pair."""
    words = _words(term, weight, sides, private)
    scale: Fraction = term.scale
    name = str(term)
    found = []
    for i, j, value in zip(pairs[0].tolist(), pairs[1].tolist(), values.tolist(), strict=True):
        points: Points = weight * value if scale == 1 else float(Fraction(weight * value) / scale)
        if not value or not weight:
            found.append(Reason(name, 0 if scale == 1 else 0.0, ""))
            continue
        said, steps = words(i, j, value)
        cost = f" (costs {-points:,})" if points < 0 and said else ""
        found.append(Reason(name, points, said + cost, steps))
    return found


def _words(term: Any, weight: int, sides: Sides, private: Private) -> _Words:
    """How a term puts its points for a pair."""
    if isinstance(term, score.SkillGap):
        there = _Gaps(term, weight, sides, private, learner="mentee")
        if term.direction == "mentee":
            return lambda i, j, value: (_taught(steps := there(i, j)), steps)
        back = _Gaps(term, weight, sides, private, learner="mentor")

        def both(i: int, j: int, value: int) -> tuple[str, tuple[SkillStep, ...]]:
            first, second = there(i, j), back(j, i)
            learnt = f"in return {_taught(second)}" if second else ""
            return "; ".join(filter(None, (_taught(first), learnt))), first + second

        return both
    if isinstance(term, score.RareSkill):
        return partial(_rare, sides, private)
    if isinstance(term, score.Choice):
        return _choice(term, sides)
    plain: dict[type, Callable[[int], str]] = {
        score.Different: lambda value: f"different {term.column}",
        score.Same: lambda value: f"same {term.column}",
        score.Shared: lambda value: f"{term.column} in common: {value:,}",
        score.Distance: lambda value: f"{term.column}: {value:,} step{'s' * (value != 1)} apart",
        score.Priority: lambda value: f"{term.column} of the {term.side}: {value:,}",
        score.Table: lambda value: "the table of scores",
    }
    said = plain.get(type(term))
    return lambda i, j, value: (said(value) if said else term.words(), ())


def _taught(steps: Sequence[SkillStep]) -> str:
    """``closes python 2 -> 4; brings data to 3 (own level not stated)``."""
    closes = [str(step) for step in steps if step.own is not None]
    brings = [f"{step.skill} to {step.to}" for step in steps if step.own is None]
    said = [f"closes {', '.join(closes)}"] if closes else []
    said += [f"brings {', '.join(brings)} (own level not stated)"] if brings else []
    return "; ".join(said)


class _Gaps:
    """Which gaps a teacher closes for a learner, skill by skill."""

    def __init__(self, term: score.SkillGap, weight: int, sides: Sides, private: Private, *, learner: str) -> None:
        teachers, learners = (sides.mentors, sides.mentees) if learner == "mentee" else (sides.mentees, sides.mentors)
        vocabulary, tables = shared_vocabulary(teachers.offers, learners.wants, learners.offers)
        self._offers, self._wants, self._own = tables
        self._vocabulary = vocabulary
        by_key = {skill_key(skill): worth for skill, worth in dict(term.weights or ()).items()}
        self._worth = [by_key.get(skill_key(skill), 1) for skill in vocabulary]
        self._hidden = {code for code, skill in enumerate(vocabulary) if private.skill(skill)}
        self._need = term.per == "need"
        self._weight = weight
        self._lacking: dict[int, tuple[dict[int, int], dict[int, int], int]] = {}

    def __call__(self, teacher: int, learner: int) -> tuple[SkillStep, ...]:
        wants, own, unit = self._of(learner)
        steps = []
        offers = _row(self._offers, teacher)
        for code, wanted in wants.items():
            reached = min(offers.get(code, 0), wanted)
            levels = reached - own.get(code, 0)
            if levels > 0 and self._worth[code] and code not in self._hidden:
                points = self._weight * levels * self._worth[code] * unit
                steps.append(SkillStep(self._vocabulary[code], own.get(code), reached, points))
        return tuple(sorted(steps, key=lambda step: (-abs(step.points), step.skill)))

    def _of(self, learner: int) -> tuple[dict[int, int], dict[int, int], int]:
        """What a learner wants and has, and what each of their levels is worth."""
        known = self._lacking.get(learner)
        if known is None:
            wants, own = _row(self._wants, learner), _row(self._own, learner)
            lacking = sum(max(0, level - own.get(code, 0)) * self._worth[code] for code, level in wants.items())
            known = self._lacking[learner] = (wants, own, 1000 // max(1, lacking) if self._need else 1)
        return known


def _row(table: SkillTable, k: int) -> dict[int, int]:
    part = slice(int(table.indptr[k]), int(table.indptr[k + 1]))
    return dict(zip(table.skill[part].tolist(), table.level[part].tolist(), strict=True))


def _rare(sides: Sides, private: Private, i: int, j: int, value: int) -> tuple[str, tuple[SkillStep, ...]]:
    offered = {skill_key(skill) for skill in sides.mentors.offers.row(i)}
    names = [skill for skill in sides.mentees.wants.row(j) if skill_key(skill) in offered and not private.skill(skill)]
    return (f"offers {join_words(sorted(names))}, which is wanted" if names else ""), ()


def _choice(term: score.Choice, sides: Sides) -> _Words:
    chooser, other = (sides.mentors, sides.mentees) if term.of == "mentor" else (sides.mentees, sides.mentors)
    names = other.ids

    def words(i: int, j: int, value: int) -> tuple[str, tuple[SkillStep, ...]]:
        who, whom = (i, j) if term.of == "mentor" else (j, i)
        rank = split_items(chooser.cell(who, "choices")).index(names[whom]) + 1
        ending = {1: "st", 2: "nd", 3: "rd"}.get(rank if rank < 20 else rank % 10, "th")
        return f"{rank}{ending} choice of the {term.of}", ()

    return words
