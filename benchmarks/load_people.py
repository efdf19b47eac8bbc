"""Load a million people: seconds, bytes a person held, and memory at the peak.

Writes a CSV file like `workforce.csv` (12 columns, about 14 skills offered and 12 wanted each, hours), row by row, and
loads it in a fresh process; then fewer people from records and from a polars frame, each in a fresh process too.

    python benchmarks/load_people.py [--people 1000000] [--others 100000]

Limits of the design: 1,000,000 people held in under 1 GB, and read under 2 GB at the peak.
"""

from __future__ import annotations

import argparse
import csv
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

WORDS = ("Python", "C", "SQL", "Cloud", "Sales", "Law", "Art")
KINDS = ("basics", "teams", "writing", "review", "tools", "/ data", "coaching", "planning", "trends", "in practice")
SKILLS = [f"{word} {kind}" for word in WORDS for kind in KINDS]
ZONES = ["Europe/London", "Europe/Berlin", "America/New_York", "Asia/Tokyo", "Asia/Kolkata", "Australia/Sydney"]
DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri"]
COLUMNS = ["id", "department", "division", "title", "hired", "grade", "manager", "time_zone", "offers", "wants",
           "available", "capacity"]  # fmt: skip


def people(count: int) -> Iterator[list[str]]:
    """Rows of so many people: the same seed, the same people."""
    lot = random.Random(7)
    for k in range(count):
        department = lot.randrange(40)
        yield [
            f"E{k:07}",
            f"D{department:02}",
            f"D{department:02} Division {lot.randrange(18)}",
            f"Specialist {lot.randrange(300)}",
            str(lot.randrange(1980, 2026)),
            str(lot.randrange(2, 10)),
            "" if k == 0 else f"E{(k - 1) // 8:07}",
            lot.choice(ZONES),
            _skills(lot, lot.randrange(8, 21)),
            _skills(lot, lot.randrange(6, 19)),
            _hours(lot),
            str(lot.randrange(1, 4)),
        ]


def _skills(lot: random.Random, count: int) -> str:
    return ";".join(f"{name}:{lot.randrange(1, 6)}" for name in lot.sample(SKILLS, count))


def _hours(lot: random.Random) -> str:
    starts = [lot.randrange(16, 32) for _ in range(3)]
    return "; ".join(
        f"{day} {start // 2:02}:{start % 2 * 30:02}-{start // 2 + 2:02}:{start % 2 * 30:02}"
        for day, start in zip(sorted(lot.sample(DAYS, 3), key=DAYS.index), starts, strict=True)
    )


def _load(kind: str, source: str) -> None:
    """Load in this process, and print what it took."""
    from revmatch.io.csv import read_csv
    from revmatch.people.people import People

    if kind == "csv":
        before, start, cpu = _peak(), time.perf_counter(), time.process_time()
        roster = read_csv(source)
    elif kind == "polars":
        import polars as pl

        frame = pl.read_csv(source)
        before, start, cpu = _peak(), time.perf_counter(), time.process_time()
        roster = People.from_frame(frame)
    else:
        with open(source, encoding="utf-8", newline="") as file:
            records = list(csv.DictReader(file))
        before, start, cpu = _peak(), time.perf_counter(), time.process_time()
        roster = People.from_records(records)
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    start = time.perf_counter()
    roster.digest()
    digest = time.perf_counter() - start
    print(
        f"{kind:8} {len(roster):>9,} people  {seconds:6.1f} s ({cpu:.1f} s of a processor)  "
        f"{roster.nbytes / len(roster):6.0f} bytes a person  "
        f"held {roster.nbytes / 1e6:6.0f} MB (process now {_now() / 1e6:6.0f} MB)  "
        f"peak {_peak() / 1e6:6.0f} MB (before loading {before / 1e6:4.0f} MB)  digest {digest:.1f} s"
    )


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _now() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def write(path: Path, count: int) -> None:
    """Write the file of so many people."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(people(count))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--others", type=int, default=100_000, help="people for the other ways in")
    parser.add_argument("--load", nargs=2, metavar=("KIND", "FILE"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.load:
        _load(*options.load)
        return
    with tempfile.TemporaryDirectory() as folder:
        for kinds, count in ((["csv"], options.people), (["records", "polars"], options.others)):
            path = Path(folder, f"{count}.csv")
            write(path, count)
            for kind in kinds:
                subprocess.run([sys.executable, __file__, "--load", kind, str(path)], check=True)


if __name__ == "__main__":
    main()
