"""Draw the documentation's history and plot from `results.csv`.

    python benchmarks/report.py

Writes the part of ``docs/benchmarks.md`` between two marks, and ``docs/_static/benchmarks.svg``. The same results give
the same page and the same picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from cases import CASES
from harness.lines import mib, ratio, seconds, verdicts
from harness.results import Row, read

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGE, PLOT = DOCS / "benchmarks.md", DOCS / "_static" / "benchmarks.svg"
BEGIN, END = "<!-- drawn from results.csv -->", "<!-- end of what is drawn -->"
HEADING = "| work | size | peer | we are, or take | ours | peer | memory | bar |\n|---|---|---|---|---|---|---|---|"
CHOICES = "cp-sat-choices"
CHOICES_BEGIN, CHOICES_END = "<!-- choices, drawn from results.csv -->", "<!-- end of choices -->"
CHOICES_HEADING = (
    "| left out | size | times as fast with it | with it | without | what came out |\n|---|---|---|---|---|---|"
)
#: Cases of the plot, by line: the balanced work is one, whoever we are compared with.
ONE_TO_ONE = ("balanced", "flow", "constraints", "python-tools", "hard-proven")
WHOLE = ("organisation",)


def main() -> None:
    rows = read()
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), rows), encoding="utf-8")
    draw(rows, PLOT)


def written(page: str, rows: Sequence[Row]) -> str:
    """The page with its tables drawn anew."""
    page = _between(page, BEGIN, END, history(rows))
    return _between(page, CHOICES_BEGIN, CHOICES_END, choices(rows)) if CHOICES_BEGIN in page else page


def _between(page: str, begin: str, end: str, text: str) -> str:
    before, _, rest = page.partition(begin)
    _, _, after = rest.partition(end)
    return f"{before}{begin}\n\n{text}\n\n{end}{after}"


def choices(rows: Sequence[Row]) -> str:
    """What each choice of CP-SAT's settings was worth when it was measured last, at the largest size."""
    own = [row for row in rows if row.case == CHOICES]
    largest = max((row.pairs for row in own), default=0)
    some = latest(row for row in own if row.pairs == largest)
    if not some:
        return "Nothing has been measured yet."
    case = CASES.get(CHOICES)
    ends = {"limit": " (ended)", "no proof": " (no proof)", "failed": "failed"}
    cells = [
        [row.peer, row.size, ratio(case, row).removesuffix(" times as fast"),
         seconds(row.our_seconds) + ends.get(row.our_end, ""), seconds(row.peer_seconds) + ends.get(row.peer_end, ""),
         row.note]
        for row in some
    ]  # fmt: skip
    return f"{CHOICES_HEADING}\n" + "\n".join(f"| {' | '.join(line)} |" for line in cells)


def history(rows: Sequence[Row]) -> str:
    """A section for each day and commit, newest first; of a case that was run twice then, the last run."""
    parts = []
    dated = sorted(enumerate(rows), key=lambda pair: (pair[1].date, pair[0]))
    for (date, commit), group in groupby((row for _, row in reversed(dated)), key=lambda row: (row.date, row.commit)):
        some = list(latest(reversed(list(group))))
        first = some[0]
        with_ = f"Python {first.python}, NumPy {first.numpy}, OR-Tools {first.ortools}, SciPy {first.scipy}"
        title = f"## {date}" + (f", {commit.removesuffix('+')}" if commit else "")
        title += " with changes" * commit.endswith("+")
        parts.append(f"{title}\n\n{with_}; {first.cores} cores.\n\n{HEADING}\n" + "\n".join(map(_line, some)))
    return "\n\n".join(parts) or "Nothing has been measured yet."


def latest(rows: Iterable[Row]) -> list[Row]:
    """Of each case, size and peer the last row, in the order of the cases."""
    found = {(row.case, row.pairs, row.size, row.peer): row for row in rows}
    order = {name: k for k, name in enumerate(CASES)}
    return sorted(found.values(), key=lambda row: (order.get(row.case, len(order)), row.pairs))


def _line(row: Row) -> str:
    case = CASES.get(row.case)  # none, if it has been dropped since
    memory = mib(row.our_mib) + (f" / {mib(row.peer_mib)}" if row.peer else "")
    ends = {"limit": " (ended)", "no proof": " (no proof)", "failed": "failed"}
    theirs = (seconds(row.peer_seconds) if row.peer_end != "failed" else "") + ends.get(row.peer_end, "")
    own = (seconds(row.our_seconds) if row.our_end != "failed" else "") + ends.get(row.our_end, "")
    cells = [row.case, row.size, row.peer, ratio(case, row), own, theirs if row.peer else "", memory]
    cells.append("; ".join(verdicts(case, row)))
    return f"| {' | '.join(cells)} |"


def draw(rows: Sequence[Row], path: Path) -> None:
    """Time against pairs, both on logarithmic scales."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams.update({"svg.hashsalt": "revmatch", "svg.fonttype": "none", "font.family": "sans-serif"})
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(9, 5))
    for name, points, style in lines(latest(rows)):
        x, y = zip(*sorted(points.items()), strict=True)
        axes.loglog(x, y, style, label=name, linewidth=2.5 if name.startswith("revmatch") else 1, markersize=5)
    axes.set_xlabel("possible pairs")
    axes.set_ylabel("seconds (median)")
    axes.grid(visible=True, alpha=0.3)
    if axes.has_data():
        axes.legend(fontsize=8, loc="upper left", bbox_to_anchor=(1.01, 1))
    figure.tight_layout()
    figure.savefig(path, metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    text = "\n".join(line.rstrip() for line in path.read_text(encoding="utf-8").splitlines())
    path.write_text(text + "\n", encoding="utf-8")
    plt.close(figure)


def lines(rows: Iterable[Row]) -> list[tuple[str, dict[int, float], str]]:
    """Name, points and style of each line of the plot."""
    found: dict[str, dict[int, float]] = {}
    for row in rows:
        work = "one to one" if row.case in ONE_TO_ONE else "whole organisation" if row.case in WHOLE else ""
        if not work:
            continue
        for name, value, end in (
            (f"revmatch, {work}", row.our_seconds, row.our_end),
            (row.peer + (f", {work}" if row.peer == "plain look" else ""), row.peer_seconds, row.peer_end),
        ):
            if value and end not in ("failed", ""):
                found.setdefault(name + " (no proof)" * (end != "proven"), {})[row.pairs] = value
    marks: Any = iter("ovs^Dx*P+<>")
    return [(name, found[name], f"-{next(marks, '.')}") for name in sorted(found, key=_first)]


def _first(name: str) -> tuple[bool, str]:
    return not name.startswith("revmatch"), name


if __name__ == "__main__":
    main()
