"""From what was typed to a programme: every file is read, and everything that is wrong is said at once."""

from __future__ import annotations

import argparse
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from revmatch.errors import ConfigError, InputError, Problem, Problems, RevmatchError
from revmatch.io.files import read_text

if TYPE_CHECKING:
    from revmatch.people.people import People
    from revmatch.policy.policy import Policy
    from revmatch.programme import Programme

_LISTS = ("pins", "bans", "history", "previous")
_LISTED = re.compile(rf"({'|'.join(_LISTS)})\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Given:
    """A programme, and the files that it was read from."""

    programme: Programme
    files: tuple[str, ...]


class Rosters:
    """Rosters by path: a file that is named twice is read once, and its selections stay selections of one roster."""

    def __init__(self) -> None:
        self._read: dict[str, People | None] = {}

    def read(self, path: str, problems: Problems) -> People | None:
        """People of a file; None, once its problems are noted, if it cannot be read."""
        from revmatch.io.csv import read_csv

        if path not in self._read:
            try:
                self._read[path] = read_csv(path)
            except RevmatchError as error:
                problems.extend(error)
                self._read[path] = None
        return self._read[path]


def read_programme(args: argparse.Namespace) -> Given:
    """Programme of `revmatch match` and `revmatch check`.

    Raises
    ------
    ConfigError
        For options that do not go together.
    InputError
        Everything that is wrong with the files.
    """
    from revmatch.programme import Programme

    _check_options(args)
    problems, rosters = Problems(), Rosters()
    mentors = _side(args, "mentors", rosters, problems)
    mentees = _side(args, "mentees", rosters, problems)
    organisation = rosters.read(args.organisation, problems) if args.organisation else None
    policy = policy_of(args.policy, problems)
    lists = {name: _pairs(args, name, problems) for name in _LISTS}
    problems.raise_as(InputError)
    assert mentors is not None
    assert mentees is not None
    places = {name: [place for place, _ in pairs] for name, pairs in lists.items()}
    try:
        programme = Programme(
            mentors,
            mentees,
            policy,
            organisation=organisation,
            pins=[pair for _, pair in lists["pins"]],
            bans=[pair for _, pair in lists["bans"]],
            history=[pair for _, pair in lists["history"]],
            previous=[pair for _, pair in lists["previous"]],
            dual_role=args.dual_role,
            unknown_manager=args.unknown_manager,
        )
    except RevmatchError as error:
        raise type(error)(*(_placed(problem, places) for problem in error.problems), more=error.more) from None
    names = ("people", "mentors", "mentees", "organisation", "policy", *_LISTS)
    return Given(programme, tuple(path for path in (getattr(args, name) for name in names) if path))


def _check_options(args: argparse.Namespace) -> None:
    problems = Problems()
    if args.people:
        for name in ("mentors", "mentees"):
            if getattr(args, name):
                problems.add("RM182", f"--{name}", "--people gives both sides", f"leave out --people, or --{name}")
            if not getattr(args, f"{name}_where"):
                problems.add("RM182", "--people", f"who the {name} are is not said", f'add --{name}-where "..."')
    elif not (args.mentors and args.mentees):
        missing = [f"--{name}" for name in ("mentors", "mentees") if not getattr(args, name)]
        what = f"{missing[0]} is missing" if len(missing) == 1 else "no people are given"
        hint = "give --mentors and --mentees, or --people with --mentors-where and --mentees-where"
        problems.add("RM182", "people", what, hint)
    problems.raise_as(ConfigError)


def _side(args: argparse.Namespace, name: str, rosters: Rosters, problems: Problems) -> People | None:
    people = rosters.read(getattr(args, name) or args.people, problems)
    expression = getattr(args, f"{name}_where")
    if people is None or not expression:
        return people
    try:
        return people.where(expression)
    except RevmatchError as error:
        for problem in error.problems:
            place = problem.place.replace("where", f"--{name}-where", 1)
            problems.add(problem.code, place, problem.expected, problem.hint)
        return None


def policy_of(path: str, problems: Problems) -> Policy | None:
    """Policy of a file; None, once its problems are noted, if it cannot be read."""
    from revmatch.policy.policy import Policy

    try:
        text = read_text(path)
        return Policy.from_json(text, path) if path.lower().endswith(".json") else Policy.from_toml(text, path)
    except RevmatchError as error:
        problems.extend(error)
        return None


def _pairs(args: argparse.Namespace, name: str, problems: Problems) -> list[tuple[str, Any]]:
    """Pairs that were typed, then those of the file, each with its place."""
    from revmatch.io.pairs import read_pairs

    found: list[tuple[str, Any]] = []
    flag = {"pins": "pin", "bans": "ban"}.get(name)
    for typed in getattr(args, flag) if flag else ():
        mentor, equals, mentee = typed.partition("=")
        if not (mentor and equals and mentee) or "=" in mentee:
            hint = "one id, one equals sign, one id; ids with an equals sign go into a file"
            raise ConfigError(Problem("RM180", f"--{flag}", "expected MENTOR=MENTEE", hint))
        found.append((f"--{flag} number {len(found) + 1}", (mentor, mentee)))
    path = getattr(args, name)
    if path:
        try:
            for row in read_pairs(path):
                whole = {"mentor": row.mentor, "mentee": row.mentee, "despite": row.despite, "reason": row.reason}
                found.append((row.place, whole if name == "pins" else (row.mentor, row.mentee)))
        except RevmatchError as error:
            problems.extend(error)
    return found


def _placed(problem: Problem, places: dict[str, list[str]]) -> Problem:
    """Problem with the file and row of a listed pair in place of its position."""

    def place(match: re.Match[str]) -> str:
        return places[match[1]][int(match[2])]

    return replace(problem, place=_LISTED.sub(place, problem.place))
