"""How long `import revmatch` takes, as a multiple of `import numpy`: at most 1.5 is asked.

Fresh processes, one at a time, in turns, so that a busy minute falls on both alike. The least time of each is compared:
it has the least of other programs in it. The start of the interpreter is measured apart and not counted.

Run as ``python benchmarks/import_time.py [--repeats 30]``.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys

MEASURE = """
import time
start = time.perf_counter()
{}
seconds = time.perf_counter() - start
import resource
print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""
CASES = {"numpy": "import numpy", "revmatch": "import revmatch"}
# What a program that uses it pays: the names, and with them NumPy.
CASES["revmatch, every name"] = "import revmatch; [getattr(revmatch, name) for name in revmatch.__all__]"


def measure(statement: str) -> tuple[float, float]:
    """Seconds of a statement in a new interpreter, and its peak memory in MiB."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURE.format(statement)], capture_output=True, text=True, check=True, timeout=60
    )
    seconds, mib = done.stdout.split()
    return float(seconds), float(mib)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=30, metavar="N", help="fresh processes of each kind")
    repeats = parser.parse_args().repeats
    times: dict[str, list[float]] = {name: [] for name in CASES}
    for statement in CASES.values():  # fills the file cache
        measure(statement)
    for _ in range(repeats):
        for name, statement in CASES.items():
            times[name].append(measure(statement)[0])
    base = min(times["numpy"])
    print(f"{'import':<24}{'least ms':>10}{'median ms':>11}{'ratio to numpy':>16}")
    for name, values in times.items():
        print(
            f"{name:<24}{1e3 * min(values):>10.1f}{1e3 * statistics.median(values):>11.1f}{min(values) / base:>16.2f}"
        )


if __name__ == "__main__":
    main()
