"""What an explanation must not tell, decided in one place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from revmatch.people.content import heading_key
from revmatch.people.skills import skill_key
from revmatch.policy.rules import Mask, Rule
from revmatch.policy.sides import Ints
from revmatch.programme import Programme

#: What stands for bans, for people who are avoided and, where single people are concerned, for sensitive columns.
OTHER = "other"
#: Smaller counts are withheld where they are private.
LEAST_TOLD = 5


@dataclass(frozen=True, slots=True)
class Private:
    """What the policy and the people of a programme keep private.

    Parameters
    ----------
    columns : frozenset of str
        Keys of columns that the policy declares sensitive.
    skills : frozenset of str
        Keys of skills that it declares sensitive.
    avoids : bool
        Whether people may list whom they avoid.
    """

    columns: frozenset[str]
    skills: frozenset[str]
    avoids: bool

    @classmethod
    def of(cls, programme: Programme) -> Private:
        """Read the declarations of a programme."""
        declared = list(programme.policy.sensitive)
        split = [name.partition(":") for name in declared]
        return cls(
            columns=frozenset(heading_key(name) for name in declared),
            skills=frozenset(
                skill_key(skill) for column, _, skill in split if heading_key(column) in ("offers", "wants") and skill
            ),
            avoids=any("avoid" in people for people in (programme.mentors, programme.mentees)),
        )

    def column(self, heading: str) -> bool:
        """Whether a column is sensitive."""
        return heading_key(heading) in self.columns

    def rule(self, rule: Rule) -> bool:
        """Whether a rule reads a sensitive column."""
        return any(self.column(heading) for heading in rule.columns)

    def skill(self, skill: str) -> bool:
        """Whether a skill, or all that people offer or want, is sensitive."""
        return skill_key(skill) in self.skills or not self.columns.isdisjoint(("offers", "wants"))

    def told(self, count: int, *, hide: bool) -> int | None:
        """Give the count, or None where it is withheld."""
        return None if hide and count < LEAST_TOLD else count

    def labels(self, rules: tuple[tuple[Rule, Mask], ...]) -> tuple[list[str], Ints]:
        """How rules and what stands beside them are named where single people are concerned.

        Returns
        -------
        labels : list of str
            Rules that read nothing sensitive, ``Table``, ``other``.
        group : ndarray of int64
            Label of each group that pairs are counted by.
        """
        labels = [*(str(rule) for rule, _ in rules if not self.rule(rule)), "Table", OTHER]
        own = [OTHER if self.rule(rule) else str(rule) for rule, _ in rules]
        return labels, np.array([labels.index(name) for name in [*own, "Table", OTHER]], dtype=np.int64)
