"""``revmatch busy``: a roster with the busy times of everybody's calendars in its column ``away``."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path

from revmatch.cli.exits import Exit, Outcome
from revmatch.cli.inputs import policy_of
from revmatch.cli.progress import Progress
from revmatch.cli.tables import Format
from revmatch.cli.verify import programme_of
from revmatch.errors import ConfigError, InputError, Problem, Problems
from revmatch.io import outputs as files
from revmatch.io.calendars.busy import Found, find_busy
from revmatch.io.csv import read_csv
from revmatch.io.files import read_text
from revmatch.io.outputs import Kind, Output, roster_bytes
from revmatch.plan import Plan
from revmatch.policy.policy import Policy
from revmatch.strict_json import loads

#: People without a calendar who are named.
MOST_NAMED = 10


def busy(args: argparse.Namespace) -> Outcome:
    """Write the roster; say how many busy times there are, and who has no calendar."""
    out = Path(args.out)
    inputs = [args.people, args.policy, *filter(None, [args.plan]), *_files(args.calendars)]
    with Progress() as progress:
        progress.say("reading")
        problems = Problems()
        policy = policy_of(args.policy, problems)
        problems.raise_as(InputError)
        assert policy is not None
        start, weeks = weeks_of(policy)
        people = read_csv(args.people)
        options = {"start": start, "weeks": weeks, "by": args.by, "unknown": args.unknown}
        found = find_busy(people, args.calendars, plan=_earlier(args.plan), **options)
        progress.say("writing")
        form = Format.of(args)
        content = roster_bytes(found.people.to_columns(), delimiter=form.delimiter, bom=form.bom)
        files.write([Output(out, Kind.ROSTER, content)], force=args.force, inputs=inputs)
    return Outcome(Exit.DONE, "\n".join(_said(found, out, f"{weeks} weeks from {start}")))


def _earlier(path: str | None) -> Plan | None:
    """The plan of a file, with the people that it was made for."""
    if path is None:
        return None
    text = read_text(path)
    nowhere = argparse.Namespace(plan=path, people=None, mentors=None, mentees=None, organisation=None)
    return Plan.from_json(text, programme_of(loads(text, path), nowhere), path)


def _files(calendars: list[str]) -> Iterator[str]:
    """Calendars that are read, those of folders included: nothing is written over them."""
    for path in calendars:
        yield path
        with suppress(OSError):
            yield from (file.path for file in os.scandir(path))


def _said(found: Found, out: Path, weeks: str) -> Iterator[str]:
    owners = len(found.people) - len(found.without)
    times = _counted(found.stretches, "busy time")
    yield f"{out.as_posix()}: {times} of {_counted(owners, 'calendar owner')} in the {weeks}."
    if found.without:
        more = f" and {len(found.without) - MOST_NAMED:,} more" if len(found.without) > MOST_NAMED else ""
        yield f"Without a calendar: {', '.join(found.without[:MOST_NAMED])}{more}."
    if found.left_out:
        yield f"Left out: {_counted(found.left_out, 'calendar')} of nobody in the roster."
    if found.others:
        yield f"Not read: {_counted(found.others, 'file')} of other endings than .ics and .json."


def _counted(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'s' * (count != 1)}"


def weeks_of(policy: Policy) -> tuple[date, int]:
    """The first day and the number of the weeks in which meetings of a policy lie.

    Raises
    ------
    ConfigError
        RM182 if it has no meetings with dates.
    """
    found = policy.meeting_weeks()
    if found is None:
        hint = "Meetings, or CommonHours(start=...), says which weeks are asked of"
        raise ConfigError(Problem("RM182", "--policy", "no limit and no rule of the policy has dates", hint))
    start, end = found
    return start, -(-(end - start).days // 7)
