"""``revmatch verify``: reads a plan and its people again, and lets the independent checker have its say."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from revmatch.cli.exits import Exit, Outcome
from revmatch.cli.inputs import Rosters
from revmatch.cli.progress import Progress
from revmatch.errors import ConfigError, InputError, Problem, Problems, RevmatchError, VerificationError
from revmatch.io.files import read_text
from revmatch.people.people import People
from revmatch.plan import Plan
from revmatch.programme import Programme

_ROLES = ("mentors", "mentees", "organisation")


def verify(args: argparse.Namespace) -> Outcome:
    """Exit code 0 only if everything that the plan claims holds."""
    from revmatch.certify.verify import verify as check
    from revmatch.report.summary import proven_words, status_words, terminal_width
    from revmatch.strict_json import loads

    with Progress() as progress:
        progress.say("reading")
        text = read_text(args.plan)
        data = loads(text, args.plan)
        programme = programme_of(data, args)
        plan = Plan.from_json(text, programme, args.plan)
        progress.say("adding up")
        found = check(plan, pairs="all")
    problems = _misread(data, plan, args.plan)
    problems += found.problems
    if problems:
        return Outcome(Exit.INPUT, error=f"{args.plan} does not hold: {VerificationError(*problems, more=found.more)}")
    import textwrap

    lines = [_what_holds(plan, args.plan), proven_words(plan) if found.proven else status_words(plan)]
    return Outcome(Exit.DONE, "\n".join("\n".join(textwrap.wrap(line, terminal_width())) for line in lines))


def _what_holds(plan: Plan, place: str) -> str:
    """What was worked out again; without a plan and a proof there was nothing to work out."""
    if not plan.found and plan.proof not in ("prices", "cases"):
        return f"Nothing in {place} contradicts itself, the people or the policy."
    pairs = f"{len(plan.mentor_rows):,} pair{'s' * (len(plan.mentor_rows) != 1)}"
    again = "worked out again from the people's own cells, by code that had no part in finding the plan"
    if plan.proof == "engine":
        return (
            f"What can be worked out of {place} holds: {pairs}, every goal and every ceiling that prices give were "
            f"{again}. What a solver says beyond them was not."
        )
    what = pairs if plan.found else "that there is no plan"
    return f"Everything in {place} holds: {what}, every goal and every bound was {again}."


def _misread(data: Mapping[str, Any], plan: Plan, place: str) -> list[Problem]:
    """What the file claims and the plan does not: a plan measures its values itself when it is read."""
    mine = json.loads(plan.to_json())
    problems = []
    for k, (said, true) in enumerate(zip(data["goals"], mine["goals"], strict=True)):
        for key in true:
            if said.get(key) != true[key]:
                what = f"the file says {said.get(key)!r:.40}, the pairs come to {true[key]!r:.40}"
                problems.append(Problem("RM900", f"{place}.goals[{k}].{key}", what))
    for key in ("status", "stopped_by", "proof", "seed", "options", "pairs", "slots", "certificate"):
        if data.get(key) != mine[key]:  # a file of before there were slots has none
            problems.append(Problem("RM900", f"{place}.{key}", "the file does not say this as a plan would"))
    return problems


def programme_of(data: Any, args: argparse.Namespace) -> Programme:
    """The programme that a plan was made for, from the files it names or from those that were given."""
    from revmatch.plan_file import check_shape
    from revmatch.policy.policy import Policy

    check_shape(data, args.plan)
    if isinstance(data["policy"], Mapping) and "tables" in data["policy"]:
        hint = "verify it in Python: rm.verify(rm.Plan.from_json(text, programme))"
        raise InputError(Problem("RM211", args.plan, "the plan was made from a table of scores, not from people", hint))
    paths = _paths(data, args)
    problems, rosters = Problems(), Rosters()
    people = {role: rosters.read(path, problems) for role, path in paths.items()}
    try:
        policy = Policy.from_dict(data["policy"], f"{args.plan}.policy")
    except RevmatchError as error:
        problems.extend(error)
    problems.raise_as(InputError)
    chosen: dict[str, People] = {}
    for role in _ROLES[:2]:
        roster = people[role]
        assert roster is not None
        chosen[role] = _chosen(roster, data[role], f"{args.plan}.{role}")
    names = ("pins", "bans", "history", "previous", "dual_role", "unknown_manager")
    parts = {name: data.get(name, []) for name in names}  # an older file may lack previous
    return Programme(chosen["mentors"], chosen["mentees"], policy, organisation=people.get("organisation"), **parts)


def _paths(data: Mapping[str, Any], args: argparse.Namespace) -> dict[str, str]:
    """Where to read each role from: what was typed, else what the plan says."""
    problems = Problems()
    found = {}
    records = data["inputs"] if isinstance(data["inputs"], list) else []
    for record in records:
        role, path = (record.get(key) if isinstance(record, Mapping) else None for key in ("role", "path"))
        if role not in _ROLES or not (path is None or isinstance(path, str)):
            problems.add("RM211", f"{args.plan}.inputs", "expected a record an input", "make the plan again")
            continue
        typed = getattr(args, role) or (args.people if role != "organisation" or path is None else None)
        if typed or path:
            found[role] = typed or _found_again(str(path), args.plan)
        else:
            what = "the plan was not made from files: it does not say where the people are"
            hint = "give --people, or --mentors, --mentees and --organisation"
            raise ConfigError(Problem("RM182", args.plan, what, hint))
    for role in _ROLES[:2]:
        if role not in found and not len(problems):
            problems.add("RM211", f"{args.plan}.inputs", f"there is no record of the {role}", "make the plan again")
    problems.raise_as(InputError)
    return found


def _found_again(path: str, plan: str) -> str:
    """A path of a plan file: as it stands from here, else from the plan's folder, else the file of that name in it.

    Whatever is found there, its content must have the digest that the plan holds.
    """
    folder = Path(plan).parent
    found = (place for place in (Path(path), folder / path, folder / Path(path).name) if place.is_file())
    return str(next(found, path))


def _chosen(people: People, ids: Any, place: str) -> People:
    """The people of these ids, in the order of their roster."""
    listed = ids if isinstance(ids, list) and all(isinstance(name, str) for name in ids) else None
    if listed is None:
        raise InputError(Problem("RM211", place, "expected a list of ids", "make the plan again"))
    rows = people.index(listed)
    if (rows < 0).any():
        what = f"{int((rows < 0).sum()):,} of {len(listed):,} people are not in the file"
        raise InputError(Problem("RM210", place, what, "give the same people, or make the plan again"))
    mask = np.zeros(len(people), dtype=np.bool_)
    mask[rows] = True
    return people[mask]
