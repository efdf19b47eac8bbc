"""What can be known to be wrong with a programme before anything is solved; all of it is reported at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from operator import or_
from typing import TYPE_CHECKING, Any

import numpy as np

from revmatch.errors import InputError, PolicyError, Problem, Problems, did_you_mean
from revmatch.limit_checks import check_hours, check_limits, check_named
from revmatch.people.away import CALENDAR_READ, Days, read_days
from revmatch.people.content import heading_key
from revmatch.people.people import People
from revmatch.people.skills import split_items
from revmatch.policy.policy import Policy
from revmatch.policy.rules import GradeGap, OutsideReportingLine
from revmatch.policy.score import Distance, Priority
from revmatch.policy.sides import Ints, Side
from revmatch.policy.table import Table
from revmatch.policy.term import Score, Term
from revmatch.policy.written import read_declaration

if TYPE_CHECKING:
    from revmatch.programme import Programme

SIDES: tuple[Side, Side] = ("mentor", "mentee")


def check(programme: Programme) -> None:
    """Refuse a programme that makes no sense.

    Raises
    ------
    PolicyError
        RM134 for columns that the policy needs and a side lacks, RM137 for labels without an order, RM143 for tables
        of another shape.
    InputError
        RM102, RM120, RM130, RM133, RM141, RM161 to RM165: see the page on errors.
    """
    problems = Problems()
    _check_columns(programme, problems)
    problems.raise_as(PolicyError)
    _check_ids(programme, problems)
    _check_numbers(programme, problems)
    check_hours(programme, problems)
    _check_calendars(programme, problems)
    _check_lines(programme, problems)
    _check_listed(programme, problems)
    _check_named(programme, problems)
    check_named(programme, problems)
    problems.raise_as(InputError)
    if programme.pins:
        _check_pins(programme, problems)
    check_limits(programme, problems)
    problems.raise_as(InputError)


# -- columns and cells ------------------------------------------------------------------------------------------------


def _check_columns(programme: Programme, problems: Problems) -> None:
    used = programme.policy.columns()
    for side in SIDES:
        people = programme.of(side)
        for column, user in used[side].items():
            if column not in people:
                place = f"{user}, {side}s"
                problems.add("RM134", place, f'there is no column "{column}"', did_you_mean(column, people.columns))
    for part in ("order", "show", "sensitive"):
        for column in getattr(programme.policy, part):
            name = column.partition(":")[0] if part == "sensitive" else column  # "offers:a skill" declares a skill
            if all(name not in programme.of(side) for side in SIDES):
                hint = did_you_mean(column, programme.mentors.columns)
                problems.add("RM134", f"policy.{part}.{column}", f'there is no column "{name}"', hint)
    for column in programme.policy.order:
        for name in sorted({name for _, name in _number_columns(programme.policy)} - {column}):
            if heading_key(name) == heading_key(column):
                expected = f'rules and score call this column "{name}"'
                problems.add("RM135", f"policy.order.{column}", expected, "spell it the same way")
    shape = (len(programme.mentors), len(programme.mentees))
    for _, term in programme.policy.score.terms:
        if isinstance(term, Table) and term.shape != shape:
            problems.add("RM143", "score.Table", f"expected {shape[0]} x {shape[1]} scores, one row a mentor")


def _check_calendars(programme: Programme, problems: Problems) -> None:
    """Where calendars were read, they tell of all weeks in which meetings may be: RM177."""
    weeks = programme.policy.meeting_weeks()
    for side in SIDES:
        people = programme.of(side)
        if weeks is None or CALENDAR_READ not in people:
            continue
        first, last = weeks[0], weeks[1] - timedelta(days=1)
        cells = enumerate(map(str.strip, people.decoded(CALENDAR_READ).tolist()))
        bad = [row for row, cell in cells if cell and not _covers(read_days(cell), first, last)]
        if bad:
            more = f"; the same in {len(bad) - 1:,} more {'row' if len(bad) == 2 else 'rows'}" if len(bad) > 1 else ""
            what = f"calendars were read for other days than the meetings', which are from {first} to {last}{more}"
            hint = "read them again with this policy; a blank cell says that they need not be"
            problems.add("RM177", people.place(bad[0], CALENDAR_READ), what, hint)


def _covers(days: Days | Problem, first: date, last: date) -> bool:
    if isinstance(days, Problem) or isinstance(days[0], datetime):
        return False
    return days[0] <= first and last <= days[1]


def _check_numbers(programme: Programme, problems: Problems) -> None:
    """Whole numbers, or labels whose order the policy gives."""
    for side, column in sorted(_number_columns(programme.policy)):
        people = programme.of(side)
        labels = programme.policy.order.get(column)
        if labels is None:
            try:
                people.numbers(column)
            except InputError as error:
                for problem in error.problems:
                    code = "RM137" if column == "grade" and problem.code == "RM102" else problem.code
                    hint = problem.hint
                    if problem.code == "RM102":
                        hint = f'write a number, or give Policy(order={{"{column}": [...]}}), most junior first'
                    problems.add(code, problem.place, problem.expected, hint)
            continue
        codes, words = people.codes(column)
        for code in np.unique(codes[codes >= 0]).tolist():
            if words[code] not in labels:
                k = int(np.flatnonzero(codes == code)[0])
                hint = did_you_mean(words[code], labels)
                problems.add("RM131", people.place(k, column), f"this label is not in the order of {column}", hint)


def _number_columns(policy: Policy) -> set[tuple[Side, str]]:
    found: set[tuple[Side, str]] = set()
    if any(isinstance(rule, GradeGap) for rule in policy.rules):
        found |= {(side, "grade") for side in SIDES}
    for _, term in policy.score.terms:
        if isinstance(term, Distance):
            found |= {(side, term.column) for side in SIDES}
        if isinstance(term, Priority):
            found.add((term.side, term.column))
    return found


def _check_lines(programme: Programme, problems: Problems) -> None:
    used = any(isinstance(rule, OutsideReportingLine) for rule in programme.policy.rules)
    unknown = programme.lines.unknown
    if used and unknown and programme.unknown_manager == "refuse":
        hint = "give organisation= with everybody's id and manager, or unknown_manager='allow'"
        who = "1 person names" if unknown == 1 else f"{unknown:,} people name"
        problems.add("RM141", "manager", f"{who} a manager who is in no file", hint)


# -- ids --------------------------------------------------------------------------------------------------------------


def _check_ids(programme: Programme, problems: Problems) -> None:
    for side in SIDES:
        people = programme.of(side)
        chosen = np.zeros(len(people.roster), dtype=bool)
        chosen[people.roster_rows] = True
        if np.count_nonzero(chosen) < len(people):
            problems.add("RM120", f"{side}s", "somebody is selected twice", "select each person once")
    if programme.by_position:
        return
    mentors, mentees = programme.mentors, programme.mentees
    at = mentees.index_of(mentors)
    per_side = ("capacity", "min_load") if programme.dual_role else ()  # who has two roles may have room for each
    shared = [column for column in mentors.columns if column in mentees and column not in per_side]
    for i in np.flatnonzero(at >= 0).tolist():
        j = int(at[i])
        place = f"{mentors.place(i)} and {mentees.place(j)}"
        if any(mentors.cell(i, column) != mentees.cell(j, column) for column in shared):
            problems.add("RM133", place, "two people share this id", "give each person an id of their own")
        elif not programme.dual_role:
            problems.add("RM133", place, "one person is on both sides", "pass dual_role=True if that is meant")
        if problems.full:
            return


def _check_listed(programme: Programme, problems: Problems) -> None:
    """Wishes and refusals must name people who exist."""
    policy_columns = programme.policy.columns().values()
    used = {"avoid"} | {column for side in policy_columns for column in side if column == "choices"}
    for column in sorted(used):
        for side in SIDES:
            people = programme.of(side)
            if column not in people:
                continue
            codes, words = people.codes(column)
            lists = [split_items(word) for word in words]  # each text once, however many wrote it
            names = list({name: None for listed in lists for name in listed})
            known = _known(programme, names).tolist()
            strangers = {name for name, is_known in zip(names, known, strict=True) if not is_known}
            twice = [len(set(listed)) < len(listed) for listed in lists]
            unknown = [not strangers.isdisjoint(listed) for listed in lists]
            wrong = np.array([*map(or_, twice, unknown), False])
            for k in np.flatnonzero(wrong[codes]).tolist():
                if twice[codes[k]]:
                    problems.add("RM120", people.place(k, column), "somebody is listed twice", "list each person once")
                if unknown[codes[k]]:
                    problems.add("RM130", people.place(k, column), "unknown id", "give an id of the roster")


def _check_named(programme: Programme, problems: Problems) -> None:
    """Pins, bans and history must name people who exist; pins must be on their sides and not contradict."""
    for part in ("bans", "history"):
        pairs: Sequence[tuple[str, str]] = getattr(programme, part)
        for position, side in enumerate(SIDES):
            known = _known(programme, [pair[position] for pair in pairs])
            for k in np.flatnonzero(~known).tolist():
                problems.add("RM130", f"{part}[{k}].{side}", "unknown id", "give an id of the roster, byte for byte")
    for k, pair in enumerate(programme.bans):
        for side, other, name in zip(SIDES, SIDES[::-1], pair, strict=True):
            if programme.of(side).index([name])[0] < 0 and programme.of(other).index([name])[0] >= 0:
                expected = f"this is the id of a {other}, not of a {side}"
                problems.add("RM130", f"bans[{k}].{side}", expected, "pairs are (mentor's id, mentee's id)")
    bans = set(programme.bans)
    places: dict[tuple[str, str], int] = {}
    for k, pin in enumerate(programme.pins):
        for side, name in zip(SIDES, (pin.mentor, pin.mentee), strict=True):
            if programme.of(side).index([name])[0] < 0:
                problems.add("RM130", f"pins[{k}].{side}", f"no {side} has this id", "give an id of that side")
        pair = (pin.mentor, pin.mentee)
        if pair in places:
            problems.add("RM161", f"pins[{places[pair]}] and pins[{k}]", "the same pair is pinned twice", "remove one")
        places[pair] = k
        if pair in bans:
            ban = programme.bans.index(pair)
            problems.add("RM161", f"pins[{k}] and bans[{ban}]", "the pair is pinned and banned", "remove one of them")
        if pin.despite and not pin.reason.strip():
            problems.add("RM162", f"pins[{k}]", "despite= needs a reason", 'give reason="why, and who decided it"')


def _known(programme: Programme, ids: Sequence[str]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which ids are in a roster, taking part or not."""
    found = np.zeros(len(ids), dtype=bool)
    looked_in: list[People] = []
    for people in (programme.mentors, programme.mentees, programme.organisation):
        if people is not None and len(ids) and not any(people.same_roster(roster) for roster in looked_in):
            found |= people.roster.index(ids) >= 0
            looked_in.append(people)
    return found


# -- pins -------------------------------------------------------------------------------------------------------------


def _check_pins(programme: Programme, problems: Problems) -> None:
    sides = programme.sides()
    pins = programme.pins
    i = sides.mentors.index([pin.mentor for pin in pins])
    j = sides.mentees.index([pin.mentee for pin in pins])
    score = programme.policy.score.form(sides)
    worth = score.pairs(i, j)
    names = [rule.name for rule in programme.policy.rules]
    for rule in programme.policy.all_rules():
        allowed = rule.mask(sides, scale=programme.policy.score.scale)(i, j, worth)
        for k in np.flatnonzero(~allowed).tolist():
            if rule not in programme.policy.rules:  # of a limit: without it the pair could not keep the limit
                expected = f"{rule.name} asks for a time in common, and these two have none in all weeks"
                problems.add("RM162", f"pins[{k}]", expected, "unpin it, or change their hours or days away")
            elif rule.name not in pins[k].despite:
                hint = f"unpin it, or give it despite {rule.name} and a reason"
                problems.add("RM162", f"pins[{k}]", f"the rule {rule} forbids this pair", hint)
    private = set(programme.forbidden_pairs()) - set(programme.bans)
    absent = np.zeros(len(pins), dtype=bool)
    for table in score.partial:
        absent |= ~table.exist(i, j)
    for k, pin in enumerate(pins):
        for name in pin.despite:
            if name not in names:
                expected = f"the policy has no rule '{name}'"
                problems.add("RM135", f"pins[{k}].despite", expected, did_you_mean(name, names))
        if (pin.mentor, pin.mentee) in private:
            expected = "this pair is ruled out for a reason that is kept private"
            problems.add("RM162", f"pins[{k}]", expected, "unpin it")
        if absent[k]:
            expected = "the table of scores has no entry for this pair"
            problems.add("RM162", f"pins[{k}]", expected, "unpin it, or add one")
        if programme.dual_role and pin.mentor == pin.mentee:
            problems.add("RM162", f"pins[{k}]", "nobody meets themselves", "unpin it")
        if programme.dual_role and (pin.mentee, pin.mentor) in {(p.mentor, p.mentee) for p in pins[:k]}:
            problems.add("RM161", f"pins[{k}]", "both directions of a pair are pinned", "keep one of them")
    _check_room(programme, i, j, problems)


def _check_room(programme: Programme, i: Ints, j: Ints, problems: Problems) -> None:
    for side, who in zip(SIDES, (i, j), strict=True):
        people = programme.of(side)
        for row, count in Counter(who.tolist()).items():
            if count > people.capacity[row]:
                expected = f"{count} pins for a capacity of {people.capacity[row]}"
                problems.add("RM163", people.place(row, "capacity"), expected, "unpin one, or raise the capacity")


# -- files ------------------------------------------------------------------------------------------------------------


def _term(part: Mapping[str, Any], place: str) -> tuple[int, Term]:
    """A weighted term from what `Programme.to_json` writes where there are tables of scores."""
    if "table" in part:
        return part["weight"], Table.from_json_dict(part["table"])
    return part["weight"], read_declaration(Term, part["term"], f"{place}.score")


def read_parts(data: Any, place: str) -> dict[str, Any]:
    """Arguments of a programme from the plain shape that `Programme.to_json` writes."""
    from revmatch.programme import FORMAT

    given = ("pins", "bans", "history", "previous", "dual_role", "unknown_manager", "by_position")
    keys = ("format", "rosters", "mentors", "mentees", "organisation", "policy", "score", *given)
    if isinstance(data, Mapping) and "previous" not in data:  # files were written before it was there
        data = {**data, "previous": []}
    if not isinstance(data, Mapping) or data.get("format") != FORMAT:
        raise InputError(Problem("RM211", place, f"expected a file of format {FORMAT}", "write it with to_json"))
    problems = Problems()
    for key in data.keys() - set(keys):
        problems.add("RM211", f"{place}.{key}", "unknown part", did_you_mean(str(key), keys))
    for key in keys:
        if key not in data:
            problems.add("RM211", f"{place}.{key}", "this part is missing", "write the file again with to_json")
    problems.raise_as(InputError)
    try:
        rosters = [
            People.from_columns(columns, place=f"{place}.rosters[{k}]") for k, columns in enumerate(data["rosters"])
        ]

        def select(part: Mapping[str, Any]) -> People:
            at, rows = part["roster"], part.get("rows")
            if not all(isinstance(k, int) and k >= 0 for k in (at, *(rows or ()))):  # nothing is counted from the end
                raise ValueError
            roster: People = rosters[at]
            return roster if rows is None else roster.take(np.array(rows, dtype=np.int64))

        policy = Policy.from_dict(data["policy"], f"{place}.policy")
        if data["score"] is not None:
            policy = policy.replace(score=Score(tuple(_term(part, place) for part in data["score"])))
        return {
            "mentors": select(data["mentors"]),
            "mentees": select(data["mentees"]),
            "organisation": None if data["organisation"] is None else select(data["organisation"]),
            "policy": policy,
            **{key: data[key] for key in given},
        }
    except (KeyError, TypeError, IndexError, ValueError, AttributeError) as error:
        what = f"a part is not what to_json writes ({type(error).__name__})"
        raise InputError(Problem("RM211", place, what, "write the file again with to_json")) from None
