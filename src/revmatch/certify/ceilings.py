"""The second part of the check: what the certificate adds up to, against what plan and certificate claim."""

from __future__ import annotations

from revmatch.certify.bound import Degrees, Prices, Replay, Sum
from revmatch.certify.claims import Held, in_points
from revmatch.certify.plain import Plain
from revmatch.certify.records import MOST, Record, read_records
from revmatch.certify.sides import Ints
from revmatch.certify.sources import Question, source_of
from revmatch.certify.verification import Findings
from revmatch.certify.world import World
from revmatch.plan import Plan, Status

#: Weights and points of a policy stay below this.
MOST_WEIGHT = 1 << 53
TOO_LARGE = "numbers this large cannot be added up exactly in 64 bits"


def check_bound(
    plan: Plan,
    world: World,
    plain: Plain,
    held: Held | None,
    findings: Findings,
    *,
    everything: bool,
    candidates: tuple[Ints, Ints] | None = None,
) -> tuple[int | float | None, bool]:
    """Add the certificate up: over everything, or over the held pairs, some drawn at random and the candidates.

    Returns the last goal's ceiling in the caller's unit, and whether the certificate proves what the status says.
    """
    records = read_records(plan, world, findings)
    if records is None:
        return None, False
    if not records:
        _check_no_records(plan, world, findings)
        return None, False
    if _largest_weight(world) >= MOST_WEIGHT:
        findings.add("policy.score", TOO_LARGE, "divide the weights")
        return None, False
    prices = Prices(records, world.shape)
    question = Question.of(world, plain, prices, held, int(plan.seed))
    source = source_of(question, everything=everything, candidates=candidates)
    bounds = world.mentor_bounds, world.mentee_bounds
    most_partners = max(int(most.max(initial=0)) for _, most in bounds)
    place = "policy.score" if source.most >= MOST else prices.unsafe(source.most, most_partners)
    if place:
        findings.add(place, TOO_LARGE, "divide scores or prices")
        return None, False
    values, kept = _values(plan, held, len(records), wrong=bool(findings.found))
    degrees = [Degrees.between(*side) for side in bounds]
    replay = Replay(prices, values, kept, degrees[0], degrees[1], source.patches, partial=not everything)
    sums = replay.sums()
    source.compare(findings)
    _check_rows(replay, sums, findings)
    ceilings = _compare_records(records, sums, world, findings, exactly=everything and plan.stopped_by is None)
    return _conclude(plan, world, held, records, ceilings, findings)


def _check_no_records(plan: Plan, world: World, findings: Findings) -> None:
    if plan.status == Status.INFEASIBLE and plan.proof in ("prices", "cases"):
        findings.add("certificate.records", "INFEASIBLE by prices needs the record 'Feasible'")
    if plan.status == Status.INFEASIBLE and not plan.programme.pins and not _demands(world):
        findings.add("status", "INFEASIBLE, though nothing is demanded: the plan without any pair keeps everything")
    if plan.status == Status.OPTIMAL:
        findings.add("certificate.records", f"expected {len(plan.bounds)} records, one a goal, found none")
    _compare_bounds(plan, [], findings)


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


def _check_rows(replay: Replay, sums: list[Sum], findings: Findings) -> None:
    """Rows bound from above: only where they hold with equality may their price be below 0."""
    for k, record in enumerate(replay.prices.records):
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
    records: list[Record], sums: list[Sum], world: World, findings: Findings, *, exactly: bool
) -> list[int]:
    """Ceilings as recomputed; a problem for each record that claims another one.

    Not `exactly`: or a lower one. What is claimed above the sum is true too.
    """
    ceilings = []
    for record, one in zip(records, sums, strict=True):
        refuted = one.bound != record.claimed if exactly else one.bound > record.claimed
        ceilings.append(one.bound if exactly or refuted else record.claimed)
        if refuted:
            least = "" if exactly else "at least "
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
