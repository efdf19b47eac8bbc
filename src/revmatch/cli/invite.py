"""``revmatch invite``: a calendar file for each pair of a plan, and updates and cancellations of earlier ones."""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from revmatch.cli.exits import Exit, Outcome
from revmatch.cli.progress import Progress
from revmatch.cli.verify import programme_of
from revmatch.errors import ConfigError, Problem
from revmatch.io import outputs as files
from revmatch.io.files import read_text
from revmatch.io.outputs import OUR_CALENDARS, Kind, Output
from revmatch.plan import Plan


def invite(args: argparse.Namespace) -> Outcome:
    """Write the invitations that are new, or say something else than those that are there."""
    from revmatch.strict_json import loads

    folder = Path(args.out)
    if folder.exists() and not folder.is_dir():
        raise ConfigError(Problem("RM195", args.out, "expected a folder, this is a file", "give another path"))
    with Progress() as progress:
        progress.say("reading")
        text = read_text(args.plan)
        plan = Plan.from_json(text, programme_of(loads(text, args.plan), args), args.plan)
        earlier = _there(folder)
        progress.say("inviting")
        found = plan.to_ics(email=args.email, organiser=args.organiser, earlier=earlier)
        new = {name: text for name, text in found.items() if earlier.get(name) != text}
        files.write([Output(folder / name, Kind.INVITATION, text.encode()) for name, text in new.items()])
    return Outcome(Exit.DONE, _told(found, earlier, folder))


def _there(folder: Path) -> dict[str, str]:
    """Invitations of ours that are in a folder; other files are left alone."""
    found = {}
    for path in sorted(folder.glob("*.ics")):
        with path.open("rb") as file:
            ours = OUR_CALENDARS in file.read(1 << 12)
        if ours:
            found[path.name] = read_text(str(path))
    return found


def _told(found: dict[str, str], earlier: dict[str, str], folder: Path) -> str:
    """How many invitations there are, and what became of those of before."""
    counts = Counter(_became(text, earlier.get(name)) for name, text in found.items())
    said = ", ".join(
        f"{counts[kind]:,} {kind}" for kind in ("new", "changed", "cancelled", "as before") if counts[kind]
    )
    return f"{folder.as_posix()}/: {len(found):,} invitations: {said or 'none'}"


def _became(text: str, before: str | None) -> str:
    if text == before:
        return "as before"
    if "STATUS:CANCELLED" in text:
        return "cancelled"
    return "new" if before is None else "changed"
