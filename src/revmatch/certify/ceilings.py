"""The second part of the check: what the certificate adds up to, against what plan and certificate claim."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from revmatch.certify.bound import Degrees, Patch, Replay, Sum
from revmatch.certify.bulk import Bulk, by_id
from revmatch.certify.claims import Held, in_points
from revmatch.certify.listed import Listed
from revmatch.certify.records import MOST, Record, read_records
from revmatch.certify.sample import Sample, blocks
from revmatch.certify.verification import Findings
from revmatch.certify.witness_rules import eligible
from revmatch.certify.witness_scores import worth
from revmatch.certify.world import Ints, World
from revmatch.plan import Plan, Status

#: Pairs of one tile: a few arrays of this size are held at a time.
TILE = 1 << 19
#: Columns of one tile at most.
TILE_COLUMNS = 1 << 11
#: Weights and points of a policy stay below this.
MOST_WEIGHT = 1 << 53
TOO_LARGE = "numbers this large cannot be added up exactly in 64 bits"


def check_bound(
    plan: Plan, world: World, held: Held | None, findings: Findings, *, everything: bool
) -> tuple[int | float | None, bool]:
    """Add the certificate up.

    Returns the last goal's ceiling in the caller's unit, and whether the certificate proves what the status says.
    """
    records = read_records(plan, world, findings)
    if records is None:
        return None, False
    if not records:
        if plan.status == Status.INFEASIBLE and plan.proof in ("prices", "cases"):
            findings.add("certificate.records", "INFEASIBLE by prices needs the record 'Feasible'")
        if plan.status == Status.INFEASIBLE and not plan.programme.pins and not _demands(world):
            findings.add("status", "INFEASIBLE, though nothing is demanded: the plan without any pair keeps everything")
        if plan.status == Status.OPTIMAL:
            findings.add("certificate.records", f"expected {len(plan.bounds)} records, one a goal, found none")
        _compare_bounds(plan, [], findings)
        return None, False
    if _largest_weight(world) >= MOST_WEIGHT:
        findings.add("policy.score", TOO_LARGE, "divide the weights")
        return None, False
    bulk = Bulk(world)
    work = _Work(plan, world, bulk, held)
    values, kept = _values(plan, held, len(records), wrong=bool(findings.found))
    replay = Replay(
        records=records,
        values=values,
        kept=kept,
        mentors=Degrees.between(*world.mentor_bounds),
        mentees=Degrees.between(*world.mentee_bounds),
        patches=work.all_pairs if everything else work.some_pairs,
        partial=not everything,
        most=bulk.most,
        shape=world.shape,
    )
    place = "policy.score" if bulk.most >= MOST else replay.unsafe()
    if place:
        findings.add(place, TOO_LARGE, "divide scores or prices")
        return None, False
    sums = replay.sums()
    if work.sample is not None:
        work.sample.compare(world, work.holds, findings)
    _check_rows(replay, sums, findings)
    ceilings = _compare_records(records, sums, world, findings, everything=everything)
    return _conclude(plan, world, held, records, ceilings, findings)


def _largest_weight(world: World) -> int:
    """Largest whole number that the score's terms are written with."""
    found = [0]
    for weight, term in world.terms:
        found.append(abs(weight))
        found += map(abs, getattr(term, "points", ()))
        found += map(abs, dict(getattr(term, "weights", None) or ()).values())
        found.append(getattr(term, "at_most", 0))
    return max(found)


def _demands(world: World) -> int:
    """How many partners people must have, in all."""
    return int(world.mentor_bounds[0].sum()) + int(world.mentee_bounds[0].sum())


def _conclude(
    plan: Plan, world: World, held: Held | None, records: list[Record], ceilings: list[int], findings: Findings
) -> tuple[int | float | None, bool]:
    if plan.status == Status.INFEASIBLE:
        if ceilings[0] >= 0 and plan.proof != "engine":
            findings.add("status", f"INFEASIBLE needs a ceiling below 0; the certificate's prices give {ceilings[0]}")
        return None, ceilings[0] < 0
    _compare_bounds(plan, ceilings, findings)
    last = None
    if len(ceilings) == len(plan.bounds):
        last = in_points(ceilings[-1], world) if records[-1].aim.pair == "score" else ceilings[-1]
    return last, held is not None and held.values == ceilings


def _values(plan: Plan, held: Held | None, count: int, *, wrong: bool) -> tuple[list[set[int]], list[int | None]]:
    """Values at which each goal may close, and the value that later goals keep where it does not.

    Where a pair or a score of the plan is wrong, its values are no longer those that the certificate was made for. What
    is wrong has been said by then; the certificate is judged by the values that the plan claims to have.
    """
    if held is None:
        return [set() for _ in range(count)], [None] * count
    values = [{value, claimed} for value, claimed in zip(held.values, held.claimed, strict=True)]
    if wrong and plan.status == Status.OPTIMAL:
        values = [
            own | ({bound} if bound is not None else set()) for own, bound in zip(values, plan.bounds, strict=True)
        ]
    return values[:count], list(held.values[:count])


class _Work:
    """All pairs, patch by patch; and those on which fast and plain reading are compared."""

    def __init__(self, plan: Plan, world: World, bulk: Bulk, held: Held | None) -> None:
        self._seed, self._world, self._bulk = int(plan.seed), world, bulk
        self._pinned = by_id(world, [(pin.mentor, pin.mentee) for pin in world.programme.pins])
        none = np.zeros(0, dtype=np.int64)
        i, j = (none, none) if held is None else (held.i, held.j)
        self.holds = Listed(i, j, world.shape)
        self._rows = np.flatnonzero(world.mentor_bounds[1] > 0)
        self._cols = np.flatnonzero(world.mentee_bounds[1] > 0)
        self.sample: Sample | None = None

    def all_pairs(self) -> Iterator[Patch]:
        """Every pair of people who take part, tile by tile."""
        first = None
        if self.sample is None:
            first = self.sample = Sample.of_all(self._rows, self._cols, self.holds, self._world.shape, self._seed)
        width = min(max(1, len(self._cols)), TILE_COLUMNS)
        height = max(1, TILE // width)
        for r in range(0, len(self._rows), height):
            for c in range(0, len(self._cols), width):
                yield self._patch(self._rows[r : r + height], self._cols[c : c + width], first)

    def some_pairs(self) -> Iterator[Patch]:
        """The held and pinned pairs, as the witnesses find them; then random blocks of others."""
        world = self._world
        keys = sorted(
            {*zip(*map(np.ndarray.tolist, self.holds.positions()), strict=True)}
            | {*zip(*map(np.ndarray.tolist, self._pinned.positions()), strict=True)}
        )
        both = np.array(keys, dtype=np.int64).reshape(-1, 2)
        i, j = both[:, 0], both[:, 1]
        people = [(world.mentors[a], world.mentees[b]) for a, b in keys]
        fixed, held = self._pinned.of_pairs(i, j)[0], self.holds.of_pairs(i, j)[0]
        free = np.array([eligible(*pair, world) for pair in people], dtype=bool) & ~fixed
        points = np.array([worth(*pair, world) or 0 for pair in people], dtype=np.int64)
        yield Patch(i, j, free, fixed, held, points)
        looked_at = list(blocks(self._rows, self._cols, self._seed))
        first = None
        if self.sample is None:
            first = self.sample = Sample.of_blocks(looked_at, world.shape, self._seed)
        for rows, cols in looked_at:
            patch = self._patch(rows, cols, first)
            other = ~(patch.held | patch.fixed)
            yield Patch(patch.i, patch.j, patch.free & other, patch.fixed & other, patch.held & other, patch.worth)

    def _patch(self, rows: Ints, cols: Ints, sample: Sample | None) -> Patch:
        tile = self._bulk.tile(rows, cols)
        if sample is not None:
            sample.take(tile)
        fixed, held = np.zeros_like(tile.eligible), np.zeros_like(tile.eligible)
        fixed[self._pinned.in_tile(rows, cols)[0]] = True
        held[self.holds.in_tile(rows, cols)[0]] = True
        return Patch(rows[:, None], cols[None, :], tile.eligible & ~fixed, fixed, held, tile.worth)


def _check_rows(replay: Replay, sums: list[Sum], findings: Findings) -> None:
    """Rows bound from above: only where they hold with equality may their price be below 0."""
    for k, record in enumerate(replay.records):
        directions, goals = replay.tight(sums, k), replay.tight_goals(sums, k)
        for row in record.directions:
            if row.price < 0 and row.row not in directions:
                findings.add(f"{record.place}.rows", f"the row {row.row!r:.80} may not have a price below 0")
        for goal, price in record.kept:
            if price < 0 and goal not in goals:
                findings.add(f"{record.place}.rows", f"the row 'goal:{goal}' may not have a price below 0")
            if replay.kept[goal] is None:
                findings.add(f"{record.place}.rows", f"the row 'goal:{goal}' keeps a value that the plan does not have")


def _compare_records(
    records: list[Record], sums: list[Sum], world: World, findings: Findings, *, everything: bool
) -> list[int]:
    """Ceilings as recomputed; a problem for each record that claims another one."""
    ceilings = []
    for record, one in zip(records, sums, strict=True):
        refuted = one.bound != record.claimed if everything else one.bound > record.claimed
        ceilings.append(one.bound if everything or refuted else record.claimed)
        if refuted:
            least = "" if everything else "at least "
            said = f"claims {record.claimed}, but its prices add up to {least}{one.bound}"
            for i, j, bracket in one.above[:1]:
                said += f"; {world.pair(i, j)}, not held, are above their prices by {bracket}"
            findings.add(f"{record.place}.bound", said)
    return ceilings


def _compare_bounds(plan: Plan, ceilings: list[int], findings: Findings) -> None:
    """The plan's bounds against the certificate's; an engine's word may be lower, never higher."""
    for k, bound in enumerate(plan.bounds):
        place = f"goals[{k}].bound"
        if k >= len(ceilings):
            if bound is not None and plan.proof != "engine":
                findings.add(place, f"claims {bound}, but the certificate has no record of this goal")
        elif plan.proof == "engine":
            if bound is None or bound > ceilings[k]:
                findings.add(place, f"claims {bound}, above the {ceilings[k]} that the certificate gives")
        elif bound != ceilings[k]:
            findings.add(place, f"claims {bound}, but the certificate gives {ceilings[k]}")
