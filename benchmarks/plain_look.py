"""One plain look over all pairs: product, compare, eligibility of the survivors. It finds no plan and proves nothing.

What a whole match costs is said in such looks. It is written as well as NumPy allows: thin float32 factors (only levels
that somebody offers and somebody lacks), tiles that stay in the cache, results written in place, one thread for each
core and one BLAS thread in each (about three times as fast here as BLAS's own threads on larger tiles). The rules are
asked only about the pairs that survive, one rule after the other, about 400 for each mentee.

    python benchmarks/plain_look.py [--mentors 200000] [--mentees 5000] [--skills 70] [--repeats 3]

Making the people, the factors and the thresholds is not timed.
"""

from __future__ import annotations

import argparse
import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.registry import Answer, Contestant

#: Its process gets these before NumPy is imported.
ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
ROWS, COLS = 1024, 512
KEEP = 400
#: Mentors in the sample from which the thresholds are taken.
SAMPLE = 20_000


@dataclass(frozen=True, slots=True)
class Look:
    """All that a look needs.

    Parameters
    ----------
    mentors : ndarray of float32, shape (n, k)
    mentees : ndarray of float32, shape (k, m)
    threshold : ndarray of float32, shape (m,)
        Scores from here on survive.
    masks : list
        The rules, each to be asked about lists of pairs.
    """

    mentors: Any
    mentees: Any
    threshold: Any
    masks: list[Any]


def prepare(programme: Any) -> Look:
    """Factors, thresholds and rules of a programme whose score is `SkillGap`."""
    import made
    import numpy as np

    ((_, term),) = programme.policy.score.terms
    mentors, mentees = made.factors(programme, need=term.per == "need")
    sides = programme.sides()
    masks = [rule.mask(sides) for rule in programme.policy.rules]
    return Look(mentors, np.ascontiguousarray(mentees.T), thresholds(mentors, mentees), masks)


def thresholds(mentors: Any, mentees: Any, keep: int = KEEP) -> Any:
    """For each mentee the score that about so many mentors reach, judged by an even sample of them."""
    import numpy as np

    sample = mentors[:: max(1, len(mentors) // SAMPLE)]
    rank = min(len(sample) - 1, round(keep * len(sample) / len(mentors)))
    found = np.empty(len(mentees), dtype=np.float32)
    for start in range(0, len(mentees), COLS):
        part = slice(start, start + COLS)
        scores = mentees[part] @ sample.T
        score = np.partition(scores, -1 - rank, axis=1)[:, -1 - rank]
        # scores are whole numbers and many are equal: take them all or none, whichever comes nearer
        with_it, without = (scores >= score[:, None]).sum(axis=1), (scores > score[:, None]).sum(axis=1)
        nearer = with_it * without > max(1, rank) ** 2
        found[part] = score + np.where(nearer & (without > 0), 0.5, 0)
    return found


def look(at: Look) -> tuple[int, int]:
    """Look at every pair; how many survive the comparison, and how many of those are eligible."""
    import numpy as np

    n, m = len(at.mentors), at.mentees.shape[1]

    def strip(row: int) -> tuple[int, int]:
        mentors = at.mentors[row : row + ROWS]
        scores, above = np.empty(ROWS * COLS, np.float32), np.empty(ROWS * COLS, np.bool_)
        found = []
        for col in range(0, m, COLS):
            mentees = at.mentees[:, col : col + COLS]
            shape = (len(mentors), mentees.shape[1])
            product, high = (whole[: shape[0] * shape[1]].reshape(shape) for whole in (scores, above))
            np.matmul(mentors, mentees, out=product)
            np.greater_equal(product, at.threshold[col : col + COLS], out=high)
            hits = np.flatnonzero(high)
            i, j = np.divmod(hits, shape[1])
            found.append((i + row, j + col, scores[hits]))
        i, j, score = (np.concatenate(part) for part in zip(*found, strict=True))
        survived, score = len(i), score.astype(np.int64)
        for mask in at.masks:
            keep = mask(i, j, score)
            i, j, score = i[keep], j[keep], score[keep]
        return survived, len(i)

    with ThreadPoolExecutor(_cores()) as threads:
        parts = list(threads.map(strip, range(0, n, ROWS)))
    survived, eligible = np.array(parts).reshape(-1, 2).sum(axis=0).tolist()
    return survived, eligible


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _load(folder: Path) -> Look:
    import made

    return prepare(made.load(folder))


def _run(at: Look) -> Answer:
    survived, eligible = look(at)
    return Answer(
        note=f"{survived / at.mentees.shape[1]:,.0f} pairs a mentee survive, {eligible / survived:.0%} eligible"
    )


#: For cases whose time is said in plain looks.
LOOK = Contestant("plain look", _load, _run, unit="plain looks", environment=ENVIRONMENT)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--mentors", type=int, default=200_000)
    parser.add_argument("--mentees", type=int, default=5_000)
    parser.add_argument("--skills", type=int, default=70)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    os.environ.update(ENVIRONMENT)
    import made

    import revmatch as rm

    policy = rm.Policy.reverse_mentoring()
    at = prepare(made.programme(options.mentors, options.mentees, policy, capacity=2, skills=options.skills))
    pairs = len(at.mentors) * at.mentees.shape[1]
    for _ in range(options.repeats):
        start = time.perf_counter()
        survived, eligible = look(at)
        seconds = time.perf_counter() - start
        print(
            f"{pairs:,} pairs, {at.mentors.shape[1]} columns: {seconds:.2f} s, {1e9 * seconds / pairs:.2f} ns a pair; "
            f"{survived:,} survive, {eligible:,} of them eligible"
        )


if __name__ == "__main__":
    main()
