"""The commands, one function each: what was typed goes in, what to say comes out."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from revmatch.cli.exits import Exit, Outcome
from revmatch.cli.inputs import read_programme
from revmatch.cli.progress import Progress
from revmatch.cli.tables import Format, Targets, outputs, pairs_csv, plan_outputs
from revmatch.errors import RevmatchError
from revmatch.io import outputs as files
from revmatch.plan import Plan, Status
from revmatch.report.shown import shown_columns

if TYPE_CHECKING:
    from revmatch.programme import Programme


def run(args: Any) -> Outcome:
    """Run the command that was typed."""
    from revmatch.cli.busy import busy
    from revmatch.cli.demo import demo
    from revmatch.cli.invite import invite
    from revmatch.cli.verify import verify

    commands: dict[str, Callable[[argparse.Namespace], Outcome]] = {
        "demo": demo,
        "match": match,
        "check": check,
        "verify": verify,
        "invite": invite,
        "busy": busy,
    }
    return commands[args.command](args)


def match(args: argparse.Namespace) -> Outcome:
    """``revmatch match``."""
    targets = Targets.of(args.out, args.json)
    files.check(targets.places(), force=args.force)
    with Progress() as progress:
        progress.say("reading")
        given = read_programme(args)
        files.check(targets.places(), force=args.force, inputs=given.files)
        shown = shown_columns(given.programme, args.show)
        plan = solve(given.programme, progress, args)
        form = Format.of(args)
        if args.out == "-" and plan.found:
            files.write(plan_outputs(plan, targets), force=args.force, inputs=given.files)
            return Outcome(exit_of(plan), data=pairs_csv(plan, shown, form))
        progress.say("writing")
        return finish(plan, targets, shown, form, force=args.force, inputs=given.files)


def check(args: argparse.Namespace) -> Outcome:
    """``revmatch check``."""
    with Progress() as progress:
        progress.say("reading")
        given = read_programme(args)
        progress.say("looking at pairs")
        from revmatch.explain.check import check as look
        from revmatch.explain.page import page
        from revmatch.report.summary import terminal_width

        return Outcome(Exit.DONE, page(look(given.programme), terminal_width()))


def solve(programme: Programme, progress: Progress, args: argparse.Namespace | None = None) -> Plan:
    """Match, and show on the way what is being done."""
    from revmatch.solve.match import match as find

    options = {} if args is None else {name: getattr(args, name) for name in ("time_limit", "gap", "seed", "workers")}
    progress.say("looking at pairs")
    return find(programme, on_progress=progress.told, **options)


def finish(
    plan: Plan,
    targets: Targets,
    shown: tuple[str, ...],
    form: Format,
    *,
    force: bool,
    inputs: tuple[str, ...] = (),
    before: Sequence[tuple[Path, str]] = (),
) -> Outcome:
    """Write a plan's files and say what it holds; without a plan, say why, and write the proof if it was asked for."""
    from revmatch.report.summary import summary
    from revmatch.report.unmatched import unmatched_people

    if not plan.found:
        return _without_plan(plan, targets, force=force, inputs=inputs)
    alone = unmatched_people(plan)
    made = outputs(plan, alone, targets, shown, form)
    files.write(made, force=force, inputs=inputs)
    said = [summary(plan, alone)]
    if made:
        notes = [(output.path, _note(output.kind, plan, len(alone))) for output in made]
        said.append(files_list([*before, *notes]))
    else:
        said.append("Nothing was written: --out FOLDER or --out pairs.csv does that.")
    return Outcome(exit_of(plan), "\n\n".join(said))


def _without_plan(plan: Plan, targets: Targets, *, force: bool, inputs: tuple[str, ...]) -> Outcome:
    """Why there is no plan. Files of pairs stay as they are; the plan file holds the proof."""
    try:
        _ = plan.pairs
    except RevmatchError as error:
        # In a folder it would stand beside the pairs of another run: there it is written only where --json says.
        asked = targets.more_plan if targets.unmatched is not None else targets.plan
        made = plan_outputs(plan, Targets(plan=asked))
        files.write(made, force=force, inputs=inputs)
        return Outcome(exit_of(plan), error="\n".join([str(error), *(_where_said(plan, out.path) for out in made)]))
    raise AssertionError("a plan without pairs must say why")


def _where_said(plan: Plan, path: Path) -> str:
    """Where it is written that there is no plan, and what that rests on."""
    if plan.proof is None:
        return f"What was asked is in {path}, without a plan."
    if plan.proof == "engine":
        return f"The answer is in {path}; it rests on the solver's word, given twice."
    return f"The proof is in {path}."


def exit_of(plan: Plan) -> Exit:
    """Exit code that says how a search ended."""
    if plan.status is Status.INFEASIBLE:
        return Exit.INFEASIBLE
    if plan.stopped_by == "interrupt":
        return Exit.INTERRUPTED
    if plan.stopped_by == "engine_lost":
        return Exit.INTERNAL
    if plan.stopped_by == "time" or not plan.found:
        return Exit.TIME_LIMIT
    return Exit.DONE


def files_list(notes: Sequence[tuple[Path, str]]) -> str:
    """One line a file: where it is and what is in it."""
    from revmatch.report.summary import aligned

    return "\n".join(["Written", *aligned([(path.as_posix(), said) for path, said in notes], "ll")])


def _note(kind: files.Kind, plan: Plan, alone: int) -> str:
    if kind is files.Kind.PAIRS:
        when = "" if plan.slots is None else "when they meet, "
        return f"{len(plan.mentor_rows):,} pairs, {when}what each is worth, and why"
    if kind is files.Kind.UNMATCHED:
        return f"{alone:,} {'person' if alone == 1 else 'people'} without a partner, and why"
    return "the plan and its proof; ids, no names"
