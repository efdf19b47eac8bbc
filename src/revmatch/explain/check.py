"""Check: what the rules leave of a programme, before anything is solved."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from revmatch.errors import ConfigError, Problem
from revmatch.explain.losses import Counter, Losses
from revmatch.explain.private import OTHER, Private
from revmatch.explain.stated import Assumption, PerSide, SkillNotOffered, assumptions, not_stated, skills_not_offered
from revmatch.explain.suspicions import CheckWarning, Seen, partners, suspicions
from revmatch.policy.sides import Side
from revmatch.programme import Programme


@dataclass(frozen=True, slots=True)
class Removal:
    """What one rule removes.

    Parameters
    ----------
    rule : str
        The rule as it is written; ``"Table"`` for entries that are absent from a table of scores, ``"other"`` for bans
        and for people who are avoided.
    words : str
        What must hold for two people to meet.
    removed_first : int or None
        Pairs that it forbids and that nothing before it forbids: rules in policy order, then ``Table``, then
        ``other``. Together with the eligible pairs they add up to all pairs. None: withheld, see `Check`.
    removed_alone : int or None
        Pairs that it alone forbids: they would be eligible if it alone were dropped. None: withheld.
    not_stated : PerSide
        People who have not stated what it needs, and so can be paired with nobody.
    not_stated_in : tuple of (str, PerSide)
        The same for each column that it needs; somebody may be counted in several.
    """

    rule: str
    words: str
    removed_first: int | None
    removed_alone: int | None
    not_stated: PerSide
    not_stated_in: tuple[tuple[str, PerSide], ...] = ()


@dataclass(frozen=True, slots=True)
class Alone:
    """A person who takes part and has no eligible partner.

    Rules are named as in `Removal`; those that read a column which the policy declares sensitive are named ``"other"``.

    Parameters
    ----------
    person : str
        Id.
    first : str
        The rule that is the first to remove most of their candidates; the earlier one of equals. Empty if there is no
        candidate at all.
    enough : tuple of str
        Rules each of which, on its own, forbids every candidate.
    helps : tuple of str
        Rules each of which, if it alone were dropped, would leave them a candidate.
    not_stated : tuple of str
        Columns that a rule needs and that this person has not stated.
    """

    person: str
    first: str
    enough: tuple[str, ...]
    helps: tuple[str, ...]
    not_stated: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WithoutPartner:
    """People without an eligible partner, in the order of ids.

    Parameters
    ----------
    mentors, mentees : tuple of Alone
    """

    mentors: tuple[Alone, ...]
    mentees: tuple[Alone, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Check:
    """What the rules leave of a programme; ``str()`` of it is a page in plain words.

    Counts under 5 are withheld (None, "fewer than 5") where they would tell what is kept private: pairs removed by
    ``other`` where people may list whom they avoid, together with one rule's number, from which the first could be
    worked out; and people who have not stated a sensitive column. Names, and values of sensitive columns, are in no
    field.

    Parameters
    ----------
    mentors, mentees : int
        People who take part.
    mentors_out, mentees_out : int
        People of capacity 0, who take no part.
    pairs, eligible : int
        Pairs of people who take part, and those of them that may meet.
    same_person : int
        Pairs of a person with themselves (people on both sides): not counted as pairs.
    pinned_despite : int
        Pins that break a rule on purpose: they will be in the plan and are not counted as eligible.
    rules : tuple of Removal
        One record a rule, in policy order.
    absent : Removal or None
        Entries that are absent from a table of scores; None if there is no such table.
    other : Removal or None
        Pairs ruled out one by one: bans, and people who are avoided; None if there can be none.
    left_out : tuple of str
        Protecting rules that the policy left out on purpose.
    without_partner : WithoutPartner
    assumed : tuple of Assumption
    skills_not_offered : tuple of SkillNotOffered
        Skills that mentees want and no eligible mentor offers, the most wanted first; empty if the policy does not
        look at wants. Skills declared sensitive are left out.
    warnings : tuple of CheckWarning
    """

    mentors: int
    mentees: int
    mentors_out: int
    mentees_out: int
    pairs: int
    eligible: int
    same_person: int
    pinned_despite: int
    rules: tuple[Removal, ...]
    absent: Removal | None
    other: Removal | None
    left_out: tuple[str, ...]
    without_partner: WithoutPartner
    assumed: tuple[Assumption, ...]
    skills_not_offered: tuple[SkillNotOffered, ...]
    warnings: tuple[CheckWarning, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain shape: dicts, lists, text and numbers, as JSON holds them."""
        plain: dict[str, Any] = _plain(asdict(self))
        return plain

    def __str__(self) -> str:
        from revmatch.explain.page import page

        return page(self)

    def __repr__(self) -> str:
        pairs = f"{self.eligible:,} of {self.pairs:,} pairs eligible"
        return f"Check({self.mentors:,} mentors, {self.mentees:,} mentees, {pairs}, {len(self.warnings)} warnings)"


def check(programme: Programme, *, workers: int | None = None) -> Check:
    """Say what the rules leave of a programme, before anything is solved.

    Parameters
    ----------
    programme : Programme
        n mentors and m mentees.
    workers : int, optional
        Threads for looking at pairs; all cores that the process may use by default. Does not change the answer.

    Returns
    -------
    Check
        Eligible pairs, what each rule removes, who is left without a partner and why, what was not stated and what was
        assumed, skills that nobody offers, and warnings.

    Raises
    ------
    ConfigError
        RM181, RM182: an option out of range.
    InputError
        RM171, RM174, RM175: hours or time zones that cannot be read.
    ScaleError
        RM110: scores that cannot be added exactly.

    Notes
    -----
    Every pair is looked at once, tile by tile: memory grows with n + m, not with n x m, and the order of rows does not
    matter.

    Examples
    --------
    >>> import revmatch as rm
    >>> mentors = [{"id": "ann", "department": "IT"}, {"id": "bo", "department": ""}]
    >>> mentees = [{"id": "yan", "department": "IT"}, {"id": "zoe", "department": "HR"}]
    >>> found = rm.check(rm.Programme(mentors, mentees, rm.Policy(rules=["DifferentDepartment"])))
    >>> found.pairs, found.eligible, found.rules[0].removed_first
    (4, 1, 3)
    >>> for alone in found.without_partner.mentors:
    ...     print(alone.person, alone.enough, alone.not_stated)
    bo ('DifferentDepartment',) ('department',)
    """
    if not isinstance(programme, Programme):
        raise ConfigError(Problem("RM182", "check(programme=)", "expected a Programme"))
    counter = Counter.of(programme)
    losses = counter.count(workers=_threads(workers))
    private = Private.of(programme)
    absent, other = _outside(counter, losses, programme, private)
    rules = _rules(counter, losses, private, hide=other is not None and other.removed_first is None)
    seen = Seen(programme, counter, losses, private)
    return Check(
        mentors=int(counter.at.mentors_in.sum()),
        mentees=int(counter.at.mentees_in.sum()),
        mentors_out=int((~counter.at.mentors_in).sum()),
        mentees_out=int((~counter.at.mentees_in).sum()),
        pairs=losses.pairs,
        eligible=losses.eligible,
        same_person=losses.same_person,
        pinned_despite=int(partners(seen, "mentor").sum()) - losses.eligible,
        rules=rules,
        absent=absent,
        other=other,
        left_out=programme.policy.without,
        without_partner=WithoutPartner(_alone(seen, "mentor"), _alone(seen, "mentee")),
        assumed=assumptions(programme, private),
        skills_not_offered=skills_not_offered(counter.wishes, private),
        warnings=suspicions(seen),
    )


def _threads(workers: object) -> int:
    if workers is None:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if isinstance(workers, bool) or not isinstance(workers, int | np.integer) or not 1 <= workers <= 1024:
        raise ConfigError(Problem("RM181", "check(workers=)", "expected a whole number from 1 to 1,024"))
    return int(workers)


def _rules(counter: Counter, losses: Losses, private: Private, *, hide: bool) -> tuple[Removal, ...]:
    """One record a rule. With `hide`, one number goes too: else the withheld one is what is missing from the sum."""
    first: list[int | None] = [*losses.first[: len(counter.at.rules)].tolist()]
    if hide and first:
        smallest = min(range(len(first)), key=lambda k: (losses.first[k], -k))
        first[smallest] = None
    found = []
    for k, (rule, mask) in enumerate(counter.at.rules):
        total, by_column = not_stated(rule, mask, counter.sides, private)
        found.append(Removal(str(rule), rule.words(), first[k], int(losses.alone[k]), total, by_column))
    return tuple(found)


def _outside(
    counter: Counter, losses: Losses, programme: Programme, private: Private
) -> tuple[Removal | None, Removal | None]:
    """What forbids pairs besides the rules: entries absent from a table, and pairs ruled out one by one."""
    absent = other = None
    if counter.at.score.partial:
        words = "the table of scores has an entry for them"
        absent = Removal("Table", words, int(losses.first[-2]), int(losses.alone[-2]), PerSide(0, 0))
    if private.avoids or programme.bans:
        words = "they are not banned, and neither is ruled out for a reason that is kept private"
        # Nothing comes after these: whatever they are the first to remove, they alone remove.
        count = private.told(int(losses.first[-1]), hide=private.avoids)
        other = Removal(OTHER, words, count, count, PerSide(0, 0))
    return absent, other


def _alone(seen: Seen, side: Side) -> tuple[Alone, ...]:
    """People of a side who take part, without eligible or pinned partner, in the order of ids."""
    lost, people = seen.losses.of(side), seen.programme.of(side)
    nobody = (people.capacity > 0) & (partners(seen, side) == 0)
    order = people.id_order()
    rows = order[nobody[order]]
    labels, group = seen.private.labels(seen.counter.at.rules)
    first, enough, helps = (np.zeros((len(labels), len(rows)), dtype=kind) for kind in (np.int64, bool, bool))
    np.add.at(first, group, lost.first[:, rows])
    np.logical_or.at(enough, group, ~lost.left[:, rows])
    np.logical_or.at(helps, group, lost.helps[:, rows])
    most, any_candidate = first.argmax(axis=0).tolist(), (lost.candidates[rows] > 0).tolist()
    blanks = seen.blanks(side)
    ids = people.ids[rows].tolist()
    return tuple(
        Alone(
            person=ids[k],
            first=labels[most[k]] if any_candidate[k] else "",
            enough=_named(labels, enough[:, k]) if any_candidate[k] else (),
            helps=_named(labels, helps[:, k]),
            not_stated=tuple(column for column, missing in blanks if missing[row]),
        )
        for k, row in enumerate(rows.tolist())
    )


def _named(labels: list[str], chosen: Any) -> tuple[str, ...]:
    return tuple(labels[k] for k in np.flatnonzero(chosen).tolist())


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, tuple | list) else value
