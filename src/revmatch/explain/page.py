"""A check as a page in plain words."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from revmatch.policy.declaration import join_words
from revmatch.policy.sides import Side

if TYPE_CHECKING:
    from revmatch.explain.check import Alone, Check, Removal
    from revmatch.explain.stated import PerSide

WIDTH = 100
#: At most so many people are named on each side, and so many skills.
MOST_NAMED = 20
_FEW = "fewer than 5"
#: Warnings of limits that leave somebody without any partner.
_LEAVE_OUT = ("RM240", "RM241", "RM242")


class _Paragraph(NamedTuple):
    """Text that runs on, and what stands before it."""

    text: str
    before: str = ""

    def lines(self, width: int) -> list[str]:
        return textwrap.wrap(
            self.text,
            width,
            initial_indent=self.before,
            subsequent_indent=" " * len(self.before),
            break_long_words=False,
            break_on_hyphens=False,
        )


_Lines = Iterator[str | _Paragraph]


def page(check: Check, width: int = WIDTH) -> str:
    """Write a check down, in lines of at most so many characters."""
    parts = [_head(check), _table(check), _without(check), _skills(check), _assumed(check), _warnings(check)]
    return "\n\n".join("\n".join(_set(part, width)) for part in map(list, parts) if part)


def _set(part: list[str | _Paragraph], width: int) -> Iterator[str]:
    for line in part:
        yield from line.lines(width) if isinstance(line, _Paragraph) else [line]


def _head(check: Check) -> _Lines:
    share = f" ({100 * check.eligible / check.pairs:.1f} %)" if check.pairs else ""
    yield _Paragraph(
        f"{_people(check.mentors, 'mentor')} and {_people(check.mentees, 'mentee')} take part. Of "
        f"{_pairs(check.pairs)}, {check.eligible:,} {_is(check.eligible)} eligible{share}."
    )
    out = [_people(count, side) for count, side in _both(check.mentors_out, check.mentees_out) if count]
    if out:
        total = check.mentors_out + check.mentees_out
        yield f"{join_words(out)} of capacity 0 {'takes' if total == 1 else 'take'} no part."
    if check.same_person:
        count = _people(check.same_person, "person") if check.same_person == 1 else f"{check.same_person:,} people"
        yield f"{count} on both sides: nobody is counted as a pair with themselves."
    if check.pinned_despite:
        verb = "breaks" if check.pinned_despite == 1 else "break"
        yield f"{_people(check.pinned_despite, 'pinned pair')} {verb} a rule on purpose, and count for themselves."
    if check.left_out:
        yield f"Left out of the recommended policy on purpose: {join_words(list(check.left_out))}."


def _table(check: Check) -> _Lines:
    """What each rule removes, numbers aligned."""
    removals = [*check.rules, *(removal for removal in (check.absent, check.other) if removal is not None)]
    if not removals:
        yield "The policy has no rules: every pair is eligible."
        return
    rows = [("", "removes first", "it alone")]
    rows += [(_named(removal), _number(removal.removed_first), _number(removal.removed_alone)) for removal in removals]
    rows.append(("eligible", f"{check.eligible:,}", ""))
    widths = [max(len(row[k]) for row in rows) for k in range(3)]
    for row in rows:
        yield f"  {row[0]:<{widths[0]}}  {row[1]:>{widths[1]}}  {row[2]:>{widths[2]}}".rstrip()
    yield _Paragraph(
        'A pair that several rules forbid is counted under the first of them; "it alone" counts the pairs that would '
        "be eligible if this rule were dropped and all others kept."
    )
    if any(removal.removed_first is None for removal in check.rules):
        yield "A number that would give away a withheld one is withheld as well."


def _named(removal: Removal) -> str:
    return {"Table": "no entry in the table of scores", "other": "other (bans, private reasons)"}.get(
        removal.rule, removal.rule
    )


def _without(check: Check) -> _Lines:
    sides = (check.without_partner.mentors, check.without_partner.mentees)
    if not any(sides):
        limited = any(warning.code in _LEAVE_OUT for warning in check.warnings)
        if check.pairs and limited:
            yield "The rules leave everybody an eligible partner; the limits do not: see below."
        elif check.pairs:
            yield "Everybody has an eligible partner."
        return
    yield "Without an eligible partner:"
    for (total, side), alone in zip(_both(check.mentors, check.mentees), sides, strict=True):
        if alone:
            yield f"  {len(alone):,} of {_people(total, side)}"
            yield from _grouped(alone)


def _grouped(alone: Iterable[Alone]) -> _Lines:
    """People by what leaves them without, the largest group first."""
    groups: dict[str, list[str]] = {}
    for one in alone:
        groups.setdefault(_reason(one), []).append(one.person)
    room = MOST_NAMED
    for reason, ids in sorted(groups.items(), key=lambda item: (-len(item[1]), item[1])):
        shown = ", ".join(ids[:room])
        if room >= len(ids):
            named = shown
        else:
            named = f"{shown} and {len(ids) - room:,} more" if room else f"{len(ids):,} more"
        room -= min(room, len(ids))
        yield _Paragraph(f"{reason}: {named}", "    - ")


def _reason(one: Alone) -> str:
    if not one.first:
        return "there is nobody else on the other side"
    blank = f" ({join_words(list(one.not_stated))} not stated)" if one.not_stated else ""
    if one.enough:
        each = ", each enough on its own" if len(one.enough) > 1 else ""
        reason = f"{join_words(list(one.enough))} forbids every partner" if not each else join_words(list(one.enough))
        return f"{reason}{blank}{each}"
    helps = f"; it would help to drop {join_words(list(one.helps), 'or')}" if one.helps else ""
    return f"several rules together, most by {one.first}{blank}{helps}"


def _skills(check: Check) -> _Lines:
    skills = check.skills_not_offered
    if skills:
        named = [f"{skill.skill} ({skill.wanted_by:,})" for skill in skills[:MOST_NAMED]]
        more = [f"{len(skills) - MOST_NAMED:,} more"] if len(skills) > MOST_NAMED else []
        yield "Skills that mentees want and no eligible mentor offers (how many want them):"
        yield _Paragraph(", ".join(named) + "".join(f" and {count}" for count in more), "    ")


def _assumed(check: Check) -> _Lines:
    if check.assumed:
        yield "Assumed where nothing was stated:"
        for assumption in check.assumed:
            yield _Paragraph(f"{assumption.words}: {_counts(assumption.counts)}", "  - ")


def _warnings(check: Check) -> _Lines:
    if check.warnings:
        yield "Worth a look:"
        for warning in check.warnings:
            yield _Paragraph(warning.text, f"  {warning.code}  ")


# -- words ------------------------------------------------------------------------------------------------------------


def _both(mentors: int, mentees: int) -> tuple[tuple[int, Side], tuple[int, Side]]:
    return (mentors, "mentor"), (mentees, "mentee")


def _people(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' * (count != 1)}"


def _pairs(count: int) -> str:
    return f"{count:,} pair{'s' * (count != 1)}"


def _is(count: int) -> str:
    return "is" if count == 1 else "are"


def _number(count: int | None) -> str:
    return _FEW if count is None else f"{count:,}"


def _counts(counts: PerSide) -> str:
    found = [(counts.mentors, "mentors"), (counts.mentees, "mentees")]
    return ", ".join(f"{_number(count)} ({side})" for count, side in found if count != 0)
