"""What a pair is worth: the terms that a score adds up.

Each term states itself as one form of `revmatch.policy.forms`. Terms add, and are multiplied by whole numbers:
``5 * SkillGap() + 2 * Different("division")`` is a `Score`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from revmatch.errors import Problem, ScaleError
from revmatch.given import as_list
from revmatch.people.skills import joint_vocabulary, shared_vocabulary, skill_key
from revmatch.policy import forms, shaping
from revmatch.policy.declaration import is_whole
from revmatch.policy.sides import Side, Sides
from revmatch.policy.table import Table
from revmatch.policy.term import LARGEST_TOTAL, Score, Term

__all__ = ["Choice", "Different", "Distance", "Priority", "RareSkill", "Same", "Score", "Shared", "SkillGap", "Table"]


@dataclass(frozen=True, slots=True)
class SkillGap(Term):
    """What the mentor can close of the mentee's gap.

    Over the mentee's wanted skills, ``max(0, min(mentor's level, wanted level) - mentee's own level)``. A skill that
    the mentee does not list counts as level 0.

    Parameters
    ----------
    per : {"level", "need"}
        ``"level"``: a point for each level. ``"need"``: each level that a mentee lacks is worth
        ``floor(1000 / weighted levels lacking)``, so that one wish weighs as much as ten.
    direction : {"mentee", "both"}
        ``"both"`` adds the same the other way round: what the mentor wants and the mentee has.
    weights : mapping of str to int, optional
        Worth of a level of each skill; 1 for skills that are not named, 0 leaves a skill out.
    """

    per: Literal["level", "need"] = "level"
    direction: Literal["mentee", "both"] = "mentee"
    weights: Mapping[str, int] | tuple[tuple[str, int], ...] | None = None

    def __post_init__(self) -> None:
        self._one_of("per", "level", "need")
        self._one_of("direction", "mentee", "both")
        if self.weights is not None:
            try:
                weights = dict(self.weights)
            except (TypeError, ValueError):
                weights = {"": -1}
            if not all(isinstance(skill, str) and is_whole(w) and w >= 0 for skill, w in weights.items()):
                self._refuse("weights", "whole numbers of at least 0, by skill")
            if len({skill_key(skill) for skill in weights}) < len(weights):
                self._refuse("weights", "each skill once (spellings that differ in case are the same skill)")
            object.__setattr__(self, "weights", tuple(sorted(weights.items())) or None)

    def columns(self) -> dict[Side, tuple[str, ...]]:
        if self.direction == "both":
            return {"mentor": ("offers", "wants"), "mentee": ("offers", "wants")}
        return {"mentor": ("offers",), "mentee": ("wants",)}

    def words(self) -> str:
        level = "each level the mentor can close between what the mentee has and wants"
        unit = level if self.per == "level" else "each thousandth of the mentee's needs that the mentor can close"
        counts = ", ".join(f"{skill} counts {weight}" for skill, weight in dict(self.weights or ()).items())
        back = ", and the other way round" if self.direction == "both" else ""
        return f"{unit}{f' ({counts})' if counts else ''}{back}"

    def form(self, sides: Sides) -> forms.Form:
        rosters = sides.mentors.roster, sides.mentees.roster
        vocabulary, recode = joint_vocabulary(*(table for r in rosters for table in (r.offers, r.wants)))
        worth = np.ones(len(vocabulary), dtype=np.int64)
        if self.weights:
            by_key = {skill_key(skill): weight for skill, weight in dict(self.weights).items()}
            worth[:] = [by_key.get(skill_key(skill), 1) for skill in vocabulary]
        if 5 * sum(worth.tolist()) >= LARGEST_TOTAL:
            hint = "divide the weights of skills"
            raise ScaleError(Problem("RM110", "SkillGap.weights", "levels could add up to 2**53 or more", hint))
        need = self.per == "need"
        offers, own, wants = recode(sides.mentors.offers), recode(sides.mentees.offers), recode(sides.mentees.wants)
        there = forms.Product(*shaping.skill_levels(offers, own, wants, worth, need=need))
        if self.direction == "mentee":
            return there
        taught, lacking = shaping.skill_levels(own, offers, recode(sides.mentors.wants), worth, need=need)
        return shaping.side_by_side(there, forms.Product(lacking, taught))


@dataclass(frozen=True, slots=True)
class _OfColumn(Term, abstract=True):
    """Terms that compare one column of both."""

    column: str

    def __post_init__(self) -> None:
        self._text("column")

    def columns(self) -> dict[Side, tuple[str, ...]]:
        return {"mentor": (self.column,), "mentee": (self.column,)}


@dataclass(frozen=True, slots=True)
class Different(_OfColumn):
    """1 if both have stated the column and the values differ.

    Parameters
    ----------
    column : str
        Heading of a column; values are compared exactly as written.
    """

    def words(self) -> str:
        return f"a different {self.column}"

    def form(self, sides: Sides) -> forms.Form:
        a, b = sides.shared_codes(self.column)
        return forms.Compare(a, b, a >= 0, b >= 0, "different")


@dataclass(frozen=True, slots=True)
class Same(_OfColumn):
    """1 if both have stated the column and the values are the same.

    Parameters
    ----------
    column : str
        Heading of a column; values are compared exactly as written.
    """

    def words(self) -> str:
        return f"the same {self.column}"

    def form(self, sides: Sides) -> forms.Form:
        a, b = sides.shared_codes(self.column)
        return forms.Compare(a, b, a >= 0, b >= 0, "same")


@dataclass(frozen=True, slots=True)
class Shared(_OfColumn):
    """How many items the two ``;`` lists of a column share, compared after trimming and case folding.

    Parameters
    ----------
    column : str
        Heading of a column of lists.
    """

    def words(self) -> str:
        return f"each item of {self.column} they share"

    def form(self, sides: Sides) -> forms.Form:
        return shaping.shared_items(sides, self.column)


@dataclass(frozen=True, slots=True)
class Distance(_OfColumn):
    """The difference of two whole numbers or grades, at most so much; 0 if one is not stated.

    Parameters
    ----------
    column : str
        Heading of a column of whole numbers, or of labels that the policy orders.
    at_most : int
        Largest difference that counts.
    """

    at_most: int

    def __post_init__(self) -> None:
        _OfColumn.__post_init__(self)
        self._whole("at_most", least=0)

    def words(self) -> str:
        return f"each step between their {self.column} (at most {self.at_most})"

    def form(self, sides: Sides) -> forms.Form:
        a, mentors_stated = sides.numbers("mentor", self.column)
        b, mentees_stated = sides.numbers("mentee", self.column)
        return forms.Compare(a, b, mentors_stated, mentees_stated, "distance", self.at_most)


@dataclass(frozen=True, slots=True)
class Priority(Term):
    """A whole number of one of the two; 0 if it is not stated.

    Parameters
    ----------
    column : str
        Heading of a column of whole numbers.
    side : {"mentor", "mentee"}
        Whose number it is.
    """

    column: str
    side: Side

    def __post_init__(self) -> None:
        self._text("column")
        self._one_of("side", "mentor", "mentee")

    def columns(self) -> dict[Side, tuple[str, ...]]:
        return {self.side: (self.column,)}

    def words(self) -> str:
        return f"the {self.side}'s {self.column}"

    def form(self, sides: Sides) -> forms.Form:
        values, stated = sides.numbers(self.side, self.column)
        own = shaping.one_column(np.where(stated, values, 0))
        ones = shaping.one_column(np.ones(sides.shape[1 if self.side == "mentor" else 0], dtype=np.int64))
        return forms.Product(own, ones) if self.side == "mentor" else forms.Product(ones, own)


@dataclass(frozen=True, slots=True)
class RareSkill(Term):
    """For each wanted skill that the mentor offers, ``min(20, floor(mentors / mentors who offer it))``."""

    def columns(self) -> dict[Side, tuple[str, ...]]:
        return {"mentor": ("offers",), "mentee": ("wants",)}

    def words(self) -> str:
        return "each wanted skill the mentor offers, more for a rare one"

    def form(self, sides: Sides) -> forms.Form:
        vocabulary, (offers, wants) = shared_vocabulary(sides.mentors.offers, sides.mentees.wants)
        offered = np.bincount(offers.skill, minlength=len(vocabulary))
        worth = np.minimum(20, len(sides.mentors) // np.maximum(offered, 1)).astype(np.int64)
        return shaping.on_shared_columns(shaping.listed(offers, np.ones_like(worth)), shaping.listed(wants, worth))


@dataclass(frozen=True, slots=True)
class Choice(Term):
    """Points for a partner whom one side listed in ``choices``, best first.

    Parameters
    ----------
    points : tuple of int
        For the first choice, the second, and so on.
    of : {"mentee", "mentor"}
        Whose choices.
    """

    points: tuple[int, ...] = (3, 2, 1)
    of: Side = "mentee"

    def __post_init__(self) -> None:
        points = tuple(as_list(self.points) or ())
        object.__setattr__(self, "points", points)
        if not points or not all(map(is_whole, points)):
            self._refuse("points", "whole numbers, one for each choice that counts")
        self._one_of("of", "mentor", "mentee")

    def columns(self) -> dict[Side, tuple[str, ...]]:
        return {self.of: ("choices",)}

    def words(self) -> str:
        return f"the {self.of}'s own choices"

    def form(self, sides: Sides) -> forms.Form:
        return shaping.choice_triples(sides, self.of, self.points)
