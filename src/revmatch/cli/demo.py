"""``revmatch demo``: the whole main job on the built-in programme, in a folder that is ready to be edited."""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import sys
from pathlib import Path

from revmatch.cli.commands import finish, solve
from revmatch.cli.exits import Outcome
from revmatch.cli.progress import Progress
from revmatch.cli.tables import PLAN_FILE, Format, Targets
from revmatch.io import outputs as files
from revmatch.io.outputs import Kind, Output
from revmatch.programme import Programme

PEOPLE_FILE, POLICY_FILE = "people.csv", "policy.toml"


def demo(args: argparse.Namespace) -> Outcome:
    """Write people and policy, read them again as anybody would, match, and write what was found."""
    from revmatch.io.csv import read_csv
    from revmatch.policy.policy import Policy

    folder = Path(args.out)
    targets = Targets.of(_as_folder(folder), None)
    with Progress() as progress:
        progress.say("making up people")
        from revmatch import datasets

        made = datasets.demo()
        people = made.mentors.roster
        where = [str(side.source.selection) for side in (made.mentors, made.mentees)]
        given = [
            Output(folder / PEOPLE_FILE, Kind.INPUT, files.columns_bytes(_columns(made), numbers=people.columns)),
            Output(folder / POLICY_FILE, Kind.INPUT, _policy(made).encode()),
        ]
        files.check([*given, *targets.places()], force=args.force)
        files.write(given, force=args.force)
        everybody = read_csv(folder / PEOPLE_FILE)
        policy = Policy.from_toml((folder / POLICY_FILE).read_text(encoding="utf-8"), str(folder / POLICY_FILE))
        programme = Programme(everybody.where(where[0]), everybody.where(where[1]), policy)
        plan = solve(programme, progress)
        notes = (f"{len(people):,} people, all made up", "what is asked of a plan")
        before = [(output.path, note) for output, note in zip(given, notes, strict=True)]
        done = finish(plan, targets, (), Format(), force=args.force, before=before)
    return Outcome(done.code, f"{done.text}\n\n{_next(folder, where)}", done.error)


def _as_folder(folder: Path) -> str:
    """The folder as ``--out`` takes it: a name that ends in .csv would be that of a file."""
    return f"{folder.as_posix()}/" if folder.suffix.lower() == ".csv" else folder.as_posix()


def _columns(made: Programme) -> dict[str, list[str]]:
    return {heading: cells.tolist() for heading, cells in made.mentors.roster.to_columns().items()}


def _policy(made: Programme) -> str:
    words = "\n".join(f"#   {line}" for line in str(made.policy).splitlines())
    title = "# The policy of the demo programme, to be edited. As it came, in words:"
    return f"{title}\n#\n{words}\n\n{made.policy.to_toml()}"


def _next(folder: Path, where: list[str]) -> str:
    """What to do with the folder: the very commands."""
    shown, name = folder.as_posix(), program()

    def path(file: str) -> str:
        return shlex.quote(f"{shown}/{file}")

    again = (
        f'{name} match --people {path(PEOPLE_FILE)} --mentors-where "{where[0]}" --mentees-where "{where[1]}" '
        f"--policy {path(POLICY_FILE)} --out {shlex.quote(_as_folder(folder))}"
    )
    return "\n".join(
        [
            "Edit people and policy, and run it again (--show name adds names to the pairs):",
            f"  {again}",
            "See what each rule does, before anything is solved:",
            f"  {again.replace(' match ', ' check ', 1).partition(' --out ')[0]}",
            "Let the independent checker add everything up:",
            f"  {name} verify {path(PLAN_FILE)}",
        ]
    )


def program() -> str:
    """How this program is run from here: as it was run now, in the shortest way that finds it again."""
    started = Path(sys.argv[0])
    if started.stem == "revmatch":
        found = shutil.which("revmatch")
        return "revmatch" if found and os.path.abspath(found) == os.path.abspath(started) else shlex.quote(str(started))
    python = "python" if shutil.which("python") == sys.executable else shlex.quote(sys.executable)
    return f"{python} -m revmatch"
