"""``revmatch busy``: a roster with the busy times of everybody's calendars in its column ``away``."""

from __future__ import annotations

import argparse
from datetime import date, timedelta
from pathlib import Path

from revmatch.cli.exits import Exit, Outcome
from revmatch.cli.inputs import policy_of
from revmatch.cli.progress import Progress
from revmatch.cli.tables import Format
from revmatch.errors import ConfigError, InputError, Problem, Problems
from revmatch.io import outputs as files
from revmatch.io.csv import read_csv
from revmatch.io.outputs import Kind, Output, roster_bytes
from revmatch.policy.policy import Policy


def busy(args: argparse.Namespace) -> Outcome:
    """Write the roster; say how many calendars there are, and how many people have none."""
    from revmatch.io.calendars.busy import find_busy

    out, inputs = Path(args.out), (args.people, args.policy)
    with Progress() as progress:
        progress.say("reading")
        problems = Problems()
        policy = policy_of(args.policy, problems)
        problems.raise_as(InputError)
        assert policy is not None
        start, weeks = weeks_of(policy)
        people = read_csv(args.people)
        found = find_busy(people, args.calendars, start=start, weeks=weeks, by=args.by, unknown=args.unknown)
        progress.say("writing")
        form = Format.of(args)
        content = roster_bytes(found.people.to_columns(), delimiter=form.delimiter, bom=form.bom)
        files.write([Output(out, Kind.ROSTER, content)], force=args.force, inputs=inputs)
    without = len(people) - found.calendars
    rest = f"; {without:,} {'has' if without == 1 else 'have'} none" if without else ""
    times = f"{found.stretches:,} busy {'time' if found.stretches == 1 else 'times'}"
    said = f"{times} of {found.calendars:,} {'person' if found.calendars == 1 else 'people'} with a calendar{rest}"
    return Outcome(Exit.DONE, f"{out.as_posix()}: {said}. Weeks: {weeks} from {start}.")


def weeks_of(policy: Policy) -> tuple[date, int]:
    """The first day and the number of the weeks in which meetings of a policy lie.

    Raises
    ------
    ConfigError
        RM182 if it has no meetings with dates.
    """
    declared = (getattr(one, "rhythm", None) for one in (*policy.limits, *policy.rules))
    rhythms = [rhythm for rhythm in declared if rhythm is not None]
    if not rhythms:
        hint = "Meetings, or CommonHours(start=...), says which weeks are asked of"
        raise ConfigError(Problem("RM182", "--policy", "no limit and no rule of the policy has dates", hint))
    start = min(rhythm.start for rhythm in rhythms)
    end = max(rhythm.start + timedelta(weeks=rhythm.weeks) for rhythm in rhythms)
    return start, -(-(end - start).days // 7)
