"""Warnings: what is allowed, has one clear meaning, and is probably not meant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from revmatch.errors import InputError, PolicyError
from revmatch.explain.asked import leaving_out, without_effect
from revmatch.explain.hours import away_too_often, written_twice
from revmatch.explain.limited import counted, listed, never_together, with_nobody, without_pairs
from revmatch.explain.losses import Counter, Losses
from revmatch.explain.private import LEAST_TOLD, Private
from revmatch.explain.spellings import near_equal
from revmatch.explain.stated import blanks
from revmatch.notation import Kind, tokens
from revmatch.people.away import CALENDAR_READ
from revmatch.people.content import heading_key
from revmatch.people.people import People
from revmatch.people.skills import skill_key, split_items
from revmatch.policy.declaration import join_words
from revmatch.policy.policy import PROTECTED
from revmatch.policy.rules import OutsideReportingLine, SharedLanguage
from revmatch.policy.score import Shared, SkillGap
from revmatch.policy.sides import Bools, Ints, Side
from revmatch.programme import Programme

SIDES: tuple[Side, Side] = ("mentor", "mentee")
#: At most so many spellings or headings are named in one warning.
MOST_NAMED = 20
#: Columns whose cells are ids, hours or somebody's own words: nobody types the same one twice.
_NOT_WORDS = frozenset(
    (
        "id",
        "name",
        "manager",
        "dotted_line",
        "time_zone",
        "available",
        "away",
        CALENDAR_READ,
        "choices",
        "avoid",
        "capacity",
        "min_load",
    )
)
#: Columns that mean something under every policy.
_ALWAYS_USED = frozenset(("id", "name", "capacity", "min_load", "avoid"))
#: Fewer people than this prove no connection between two columns.
_LEAST_PEOPLE = 10


@dataclass(frozen=True, slots=True)
class CheckWarning:
    """Something that is probably not meant.

    Parameters
    ----------
    code : str
        Stable code, such as ``"RM132"``.
    text : str
        What was seen, and what to do about it; no names, no values of sensitive columns.
    """

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A programme, and what the rules leave of it."""

    programme: Programme
    counter: Counter
    losses: Losses
    private: Private

    def blanks(self, side: Side) -> list[tuple[str, Bools]]:
        """Columns that some rule needs, each with who of a side has not stated it; sensitive ones left out."""
        found: dict[str, Bools] = {}
        for rule, mask in self.counter.at.rules:
            if not self.private.rule(rule):
                for column, missing in blanks(rule, mask, self.counter.sides, side):
                    found[column] = missing | found[column] if column in found else missing
        return list(found.items())

    def taking_part(self, side: Side) -> Bools:
        """People of a side whose capacity is not 0."""
        return self.programme.of(side).capacity > 0


def partners(seen: Seen, side: Side) -> Ints:
    """Eligible partners of each person of a side, pinned ones that break a rule included."""
    found = seen.losses.of(side).eligible.copy()
    programme, at = seen.programme, seen.counter.at
    despite = [pin for pin in programme.pins if pin.despite]
    if despite:
        i = seen.counter.sides.mentors.index([pin.mentor for pin in despite])
        j = seen.counter.sides.mentees.index([pin.mentee for pin in despite])
        score = at.score.pairs(i, j)
        allowed = np.ones(len(despite), dtype=bool)
        for _, mask in at.rules:
            allowed &= mask(i, j, score)
        np.add.at(found, (i if side == "mentor" else j)[~allowed], 1)
    return found


def suspicions(seen: Seen) -> tuple[CheckWarning, ...]:
    """All warnings: what stops a plan first, then what looks like a slip, then what was not stated."""
    kinds = (
        *(_nobody, _no_pair, _demand, _limited, _absent, _swapped, _outsiders, _head, _spellings, _leaving_out),
        *(_unstated, _correlated, _no_effect, _unused, _written_twice),
    )
    return tuple(CheckWarning(code, text) for kind in kinds for code, text in kind(seen))


Found = Iterator[tuple[str, str]]


# -- what stops a plan ------------------------------------------------------------------------------------------------


def _nobody(seen: Seen) -> Found:
    for side in SIDES:
        people = seen.programme.of(side)
        if not seen.taking_part(side).any():
            why = f": all {len(people):,} have capacity 0" if len(people) else ""
            yield "RM235", f"No {side} takes part{why}. The plan will be empty."


def _no_pair(seen: Seen) -> Found:
    if seen.losses.pairs and not seen.losses.eligible:
        yield "RM236", "No pair is eligible: together the rules forbid every one. Relax the rule that removes most."


def _demand(seen: Seen) -> Found:
    """Minimum numbers of partners that nothing can meet, on the face of it."""
    asked = {side: seen.programme.numbers(side) for side in SIDES}
    places = {side: np.minimum(asked[side][1], partners(seen, side)) for side in SIDES}
    for side, other in (SIDES, SIDES[::-1]):
        least, _ = asked[side]
        needed, room = int(least.sum()), int(places[other].sum())
        if needed > room:
            yield (
                "RM234",
                f"The {side}s must have {needed:,} partners in all, but the {other}s have room for {room:,} (nobody "
                f"counted with more partners than are eligible). Lower min_load or raise capacity.",
            )
        short = least > partners(seen, side)
        if short.any():
            yield (
                "RM234",
                f"{counted(int(short.sum()), side)} must have more partners than there are eligible ones: "
                f"{listed(seen.programme.of(side), short)}. There is no plan unless a rule or a minimum is relaxed.",
            )


def _limited(seen: Seen) -> Found:
    """Limits that leave somebody nobody, or that hardly any plan keeps."""
    programme, private = seen.programme, seen.private
    for text in with_nobody(programme, private):
        yield "RM240", text
    if not seen.losses.eligible:  # then limits are not what stands in the way
        return
    for text in never_together(programme, private):
        yield "RM241", text
    for text in without_pairs(programme, private, partners(seen, "mentor") > 0):
        yield "RM242", text


def _absent(seen: Seen) -> Found:
    without = {side: seen.taking_part(side) & (partners(seen, side) == 0) for side in SIDES}
    for text in away_too_often(seen.programme, without):
        yield "RM243", text


def _written_twice(seen: Seen) -> Found:
    for text in written_twice(seen.programme):
        yield "RM244", text


# -- what looks like a slip -------------------------------------------------------------------------------------------


def _swapped(seen: Seen) -> Found:
    grades = [_grades(seen, side) for side in SIDES]
    if all(len(part) for part in grades) and grades[0].min() > grades[1].max():
        yield (
            "RM230",
            "Every mentor has a higher grade than every mentee: are the two files swapped? The mentor is the junior "
            "person, the mentee the leader.",
        )


def _outsiders(seen: Seen) -> Found:
    """The organisation is everybody: who is not in it may be somebody else's slip of the pen."""
    everybody = seen.programme.organisation
    if everybody is None:
        return
    for side in SIDES:
        people = seen.programme.of(side)
        missing = np.flatnonzero(everybody.index(people.ids.tolist()) < 0)
        if len(missing):
            rows = ", ".join(people.place(int(k)) for k in missing[:5]) + (", ..." if len(missing) > 5 else "")
            verb = "is" if len(missing) == 1 else "are"
            yield (
                "RM237",
                f"{len(missing):,} of {len(people):,} {side}s {verb} not in the organisation, which is everybody: "
                f"{rows}. Nobody there stands above or below them; is an id mistyped?",
            )


def _grades(seen: Seen, side: Side) -> Ints:
    """Stated grades of people who take part; none where grades have no order."""
    people = seen.programme.of(side)
    none = np.zeros(0, dtype=np.int64)
    if "grade" not in people:
        return none
    labels = seen.programme.policy.order.get("grade")
    if labels is None:
        try:
            values, stated = people.numbers("grade")
        except InputError:
            return none
        return np.asarray(values[stated & seen.taking_part(side)])
    codes, words = people.codes("grade")
    rank = np.array([*(labels.index(word) if word in labels else -1 for word in words), -1], dtype=np.int64)[codes]
    return np.asarray(rank[(rank >= 0) & seen.taking_part(side)])


def _head(seen: Seen) -> Found:
    """Somebody who stands above everybody else, and takes part."""
    programme = seen.programme
    rules = [rule for rule in programme.policy.rules if isinstance(rule, OutsideReportingLine)]
    for side, lines in (("mentor", programme.mentor_lines), ("mentee", programme.mentee_lines)):
        people = programme.of(side)  # type: ignore[arg-type]
        if not rules or programme.lines.head < 0:
            return
        for row in np.flatnonzero((lines == programme.lines.head) & (people.capacity > 0)).tolist():
            for rule in rules:
                reach = rule.levels if rule.head_levels is None else rule.head_levels
                who = f"{people.ids[row]} stands above everybody else"
                if reach is None:
                    said = f"{who}: under {rule} they can be paired with nobody. Give it head_levels, such as 2."
                else:
                    said = f"{who}: for them {rule} looks {reach} step{'s' * (reach != 1)} up and down, not further."
                yield "RM232", said


def _spellings(seen: Seen) -> Found:
    for column, counts in _vocabularies(seen):
        groups = near_equal(counts)
        if not groups:
            continue
        shown = [" and ".join(f'"{text}" ({counts[text]:,})' for text in group) for group in groups[:MOST_NAMED]]
        more = f"; and {len(groups) - MOST_NAMED:,} more" if len(groups) > MOST_NAMED else ""
        yield "RM231", f"{column}: these look like one and count as different: {'; '.join(shown)}{more}."


def _vocabularies(seen: Seen) -> Iterator[tuple[str, dict[str, int]]]:
    """Columns of words that the policy reads, and how many people who take part have each word."""
    programme, policy = seen.programme, seen.programme.policy
    lists = {term.column for _, term in policy.score.terms if isinstance(term, Shared)}
    lists |= {"languages"} if any(isinstance(rule, SharedLanguage) for rule in policy.rules) else set()
    used = policy.columns()
    for column in sorted({column for side in SIDES for column in used[side]}):
        key = heading_key(column)
        if key in _NOT_WORDS or column in policy.order or seen.private.column(column):
            continue
        counts: dict[str, int] = {}
        for side in SIDES:
            people = programme.of(side)
            if key in ("offers", "wants"):
                _count_skills(seen, side, key, counts)
            elif column in used[side]:
                _count_words(people, column, counts, is_list=column in lists)
        yield column, counts


def _count_words(people: People, column: str, counts: dict[str, int], *, is_list: bool) -> None:
    codes, words = people.codes(column)
    used, times = np.unique(codes[(codes >= 0) & (people.capacity > 0)], return_counts=True)
    for code, count in zip(used.tolist(), times.tolist(), strict=True):
        # items of lists are compared without case: so they are counted
        found = {item.casefold() for item in split_items(words[code])} if is_list else {words[code]}
        for word in found:
            counts[word] = counts.get(word, 0) + count


def _count_skills(seen: Seen, side: Side, column: str, counts: dict[str, int]) -> None:
    """Skills of both columns together: what one side wants the other should offer in the same words."""
    people = seen.programme.of(side)
    for table in (people.offers, people.wants) if column == "offers" else ():
        person = np.repeat(np.arange(len(table)), np.diff(table.indptr))
        times = np.bincount(table.skill[people.capacity[person] > 0], minlength=len(table.vocabulary))
        for skill, count in zip(table.vocabulary, times.tolist(), strict=True):
            if count and not seen.private.skill(skill):
                key = skill_key(skill)
                counts[key] = counts.get(key, 0) + count


# -- what was not stated, and what nobody uses ------------------------------------------------------------------------


def _unstated(seen: Seen) -> Found:
    for rule, mask in seen.counter.at.rules:
        stated = {"mentor": mask.mentors_stated, "mentee": mask.mentees_stated}
        counts = [int(np.count_nonzero(~stated[side] & seen.taking_part(side))) for side in SIDES]
        if seen.private.rule(rule):
            counts = [count if count >= LEAST_TOLD else 0 for count in counts]
        if any(counts):
            who = join_words([counted(count, side) for count, side in zip(counts, SIDES, strict=True) if count])
            have = "has" if sum(counts) == 1 else "have"
            columns = join_words(list(rule.columns), "or")
            yield "RM132", f"{who} {have} not stated {columns}: {rule} then forbids every pair of theirs."


def _correlated(seen: Seen) -> Found:
    """Columns that tell a protected one: whoever knows the one knows the other."""
    used = {column for side in SIDES for column in seen.programme.policy.columns()[side]}
    used |= set(seen.programme.policy.show)
    headings = {heading_key(column): column for side in SIDES for column in seen.programme.of(side).columns}
    protected = [column for key, column in headings.items() if key in seen.private.columns or _well_known(key)]
    for column in sorted(used):
        key = heading_key(column)
        if key not in headings or key in _NOT_WORDS or seen.private.column(column) or _well_known(key):
            continue
        for secret in sorted(protected):
            if _one_to_one(seen, column, secret):
                yield (
                    "RM201",
                    f'"{column}" tells "{secret}": each value of the one goes with one value of the other. Whatever '
                    f'uses "{column}" uses "{secret}" too.',
                )


def _well_known(key: str) -> bool:
    return key.replace(" ", "_").replace("-", "_") in PROTECTED


def _one_to_one(seen: Seen, column: str, secret: str) -> bool:
    parts = []
    sides = [side for side in SIDES if column in seen.programme.of(side) and secret in seen.programme.of(side)]
    codes = [_shared_codes(seen, name, sides) for name in (column, secret)]
    for side, a, b in zip(sides, *codes, strict=True):
        keep = (a >= 0) & (b >= 0) & seen.taking_part(side)
        parts.append(np.stack([a[keep], b[keep]]))
    if not parts:
        return False
    both = np.concatenate(parts, axis=1)
    kinds = np.unique(both, axis=1).shape[1]
    values = [len(np.unique(part)) for part in both]
    # where nearly everybody has a value of their own, everything goes one to one with everything
    enough = both.shape[1] >= max(_LEAST_PEOPLE, 3 * kinds)
    return bool(enough and values[0] == values[1] == kinds and kinds >= 2)


def _shared_codes(seen: Seen, column: str, sides: list[Side]) -> list[Ints]:
    if len(sides) == 2:
        return list(seen.counter.sides.shared_codes(column))
    return [seen.programme.of(side).codes(column)[0].astype(np.int64) for side in sides]


def _no_effect(seen: Seen) -> Found:
    for text in without_effect(seen.programme, seen.private):
        yield "RM238", text


def _leaving_out(seen: Seen) -> Found:
    for text in leaving_out(seen.programme):
        yield "RM239", text


def _unused(seen: Seen) -> Found:
    programme, policy = seen.programme, seen.programme.policy
    if programme.by_position:
        return
    used = {heading_key(column) for side in SIDES for column in policy.columns()[side]}
    used |= _ALWAYS_USED | {heading_key(column) for column in policy.show}
    if any(isinstance(term, SkillGap) for _, term in policy.score.terms):
        used |= {"offers", "wants"}
    if any(isinstance(rule, OutsideReportingLine) for rule in policy.rules):
        used.add("dotted_line")
    if policy.rhythms():
        used |= {"away", CALENDAR_READ}
    for side in SIDES:
        used |= _selecting(programme.of(side))
    people = (programme.mentors, programme.mentees)
    headings = {column for side in people for column in side.columns if column not in side.lent}
    unused = sorted(column for column in headings if heading_key(column) not in used)
    if unused:
        more = f" and {len(unused) - MOST_NAMED:,} more" if len(unused) > MOST_NAMED else ""
        named = ", ".join(unused[:MOST_NAMED])
        yield "RM233", f"Nothing in the policy uses {named}{more}."


def _selecting(people: People) -> set[str]:
    """Headings in the expression that selected these people."""
    expression = people.source.selection
    if expression is None:
        return set()
    try:
        words = list(tokens(expression, "where"))
    except PolicyError:
        return set()
    return {heading_key(token.text) for token in words if token.kind in (Kind.NAME, Kind.HEADING)}
