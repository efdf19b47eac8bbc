"""Run the benchmarks: each line compares us with one peer on the same work, in the same run.

    python benchmarks/run.py [--full] [--only NAME] [--size 500x100] [--repeats N] [--list] [--dry]

Results are added to `results.csv`; `report.py` draws the documentation's table and plot from it.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from cases import CASES
from harness.lines import head, line
from harness.measure import DIFFER, FailedError, OverLimitError, make, measure, missing
from harness.registry import Case, Size
from harness.results import Row, append


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--full", action="store_true", help="the long ones too")
    parser.add_argument("--only", action="append", metavar="NAME", choices=sorted(CASES), help="only this case")
    parser.add_argument("--size", type=_size, metavar="MENTORSxMENTEES", help="at this size instead of the case's own")
    parser.add_argument("--repeats", type=int, metavar="N", help="rounds; as the case says by default")
    parser.add_argument("--list", action="store_true", help="say what there is, and run nothing")
    parser.add_argument("--dry", action="store_true", help="do not add to results.csv")
    options = parser.parse_args()
    cases = [CASES[name] for name in options.only or CASES]
    if options.list:
        print("\n\n".join(head(case, whole=True) for case in cases))
        return 0
    wrong = False
    for case in cases:
        sizes = case.chosen(full=options.full)
        if options.size:
            sizes = [replace(options.size, what=case.sizes[0].what)]
        if not sizes:
            if options.only:
                print(f"{case.name} is long: it runs with --full, or with --size")
            continue
        print(f"\n{head(case)}", flush=True)
        rows = []
        for row in run(case, sizes, options.repeats):
            print(line(case, row), flush=True)
            rows.append(row)
            wrong |= DIFFER in row.note
            if not options.dry:
                append(row)
        for text in case.summary(rows) if case.summary else []:
            print(text, flush=True)
    return 1 if wrong else 0


def run(case: Case, sizes: list[Size], repeats: int | None) -> Iterator[Row]:
    """Measure a case at some sizes."""
    for peer in case.peers:
        if missing(peer):
            where = f" into the folder peers/{peer.apart} of the environment" if peer.apart else ""
            print(f"{peer.name} is skipped: install {' '.join(missing(peer))}{where}", flush=True)
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            try:
                make(case, size, Path(folder))
            except (FailedError, OverLimitError) as error:
                print(f"{case.name} {size}: its people could not be made: {error}", flush=True)
                continue
            yield from measure(case, size, Path(folder), repeats=repeats)


def _size(text: str) -> Size:
    mentors, _, mentees = text.lower().partition("x")
    return Size(int(mentors), int(mentees or 0))


if __name__ == "__main__":
    sys.exit(main())
