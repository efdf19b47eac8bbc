"""A plan as files: pairs, people without a partner, and the plan itself."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from revmatch.io.outputs import PAIRS_HEADINGS, UNMATCHED_HEADINGS, Kind, Output, csv_bytes
from revmatch.plan import Plan
from revmatch.report.reasons import pair_reasons, term_names
from revmatch.report.unmatched import Unmatched

PAIRS_FILE, UNMATCHED_FILE, PLAN_FILE = "pairs.csv", "unmatched.csv", "plan.json"


@dataclass(frozen=True, slots=True)
class Targets:
    """Where the outputs of a plan go.

    Parameters
    ----------
    pairs, unmatched, plan : Path or None
        None for what is not wanted.
    """

    pairs: Path | None = None
    unmatched: Path | None = None
    plan: Path | None = None
    more_plan: Path | None = None

    @classmethod
    def of(cls, out: str | None, json: str | None) -> Targets:
        """Files for ``--out`` and ``--json``: a path that ends in .csv is the file of pairs, any other a folder."""
        plan = Path(json) if json else None
        if out is None or out == "-":
            return cls(plan=plan)
        if out.lower().endswith(".csv"):
            return cls(pairs=Path(out), plan=plan)
        folder = Path(out)
        own = folder / PLAN_FILE
        if plan is not None and plan.absolute() == own.absolute():
            plan = None
        return cls(folder / PAIRS_FILE, folder / UNMATCHED_FILE, own, plan)

    def places(self) -> list[Output]:
        """All of them without content, to be checked before any work is done."""
        kinds = ((self.pairs, Kind.PAIRS), (self.unmatched, Kind.UNMATCHED))
        plans = ((self.plan, Kind.PLAN), (self.more_plan, Kind.PLAN))
        return [Output(path, kind) for path, kind in (*kinds, *plans) if path is not None]


@dataclass(frozen=True, slots=True)
class Format:
    """How CSV files are written."""

    delimiter: str = ","
    bom: bool = False

    @classmethod
    def of(cls, args: argparse.Namespace) -> Format:
        """As it was asked for."""
        return cls("\t" if args.delimiter == "tab" else args.delimiter, args.bom)


def pairs_csv(plan: Plan, shown: Sequence[str], form: Format) -> bytes:
    """File of pairs: ids, score, why, points by term, weekly time, and the columns that are shown."""
    reasons = pair_reasons(plan)
    names = term_names(plan)
    headings = [*PAIRS_HEADINGS, *(f"points_{name}" for name in names)]
    columns: list[Sequence[str | int | float]] = [
        [pair.mentor for pair in reasons],
        [pair.mentee for pair in reasons],
        [pair.score for pair in reasons],
        [str(pair) for pair in reasons],
        *([pair.reasons[k].points for pair in reasons] for k in range(len(names))),
    ]
    if plan.slots is not None:
        headings.append("slot")
        columns.append([f"{pair.slot}; {pair.slot.dates}" if pair.slot else "" for pair in plan.pairs])
    numbers = ["mentor", "mentee"]
    for column in shown:
        for side, people, rows in (
            ("mentor", plan.programme.mentors, plan.mentor_rows),
            ("mentee", plan.programme.mentees, plan.mentee_rows),
        ):
            if column in people:
                headings.append(f"{side}_{column}")
                columns.append(people.text(column).decode(people.roster_rows[rows]).tolist())
                if people.holds_numbers(column):
                    numbers.append(headings[-1])
    rows_of = zip(*columns, strict=True)
    return csv_bytes(headings, rows_of, numbers=numbers, delimiter=form.delimiter, bom=form.bom)


def unmatched_csv(alone: Sequence[Unmatched], form: Format) -> bytes:
    """File of people without a partner."""
    rows = ([person.person, str(person.side), person.words, ""] for person in alone)
    return csv_bytes(UNMATCHED_HEADINGS, rows, numbers=["person"], delimiter=form.delimiter, bom=form.bom)


def outputs(
    plan: Plan, alone: Sequence[Unmatched], targets: Targets, shown: Sequence[str], form: Format
) -> list[Output]:
    """All files of a plan that was found, with their content."""
    found = []
    if targets.pairs is not None:
        found.append(Output(targets.pairs, Kind.PAIRS, pairs_csv(plan, shown, form)))
    if targets.unmatched is not None:
        found.append(Output(targets.unmatched, Kind.UNMATCHED, unmatched_csv(alone, form)))
    return [*found, *plan_outputs(plan, targets)]


def plan_outputs(plan: Plan, targets: Targets) -> list[Output]:
    """The plan's own file, wherever it is wanted."""
    wanted = [path for path in (targets.plan, targets.more_plan) if path is not None]
    content = plan.to_json().encode() if wanted else b""
    return [Output(path, Kind.PLAN, content) for path in wanted]
