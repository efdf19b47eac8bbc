"""The second part of the check: what the certificate adds up to, against what plan and certificate claim."""

from __future__ import annotations

from revmatch.certify.bound import Replay, Sum
from revmatch.certify.claims import Held, in_points
from revmatch.certify.degrees import Degrees
from revmatch.certify.plain import Plain
from revmatch.certify.prices import Prices, unsafe
from revmatch.certify.reading import TOO_LARGE, Own, read_records
from revmatch.certify.records import MOST, Record
from revmatch.certify.sides import Ints
from revmatch.certify.sources import Question, source_of
from revmatch.certify.verification import Findings
from revmatch.certify.witness_goals import seen_goals
from revmatch.certify.world import World
from revmatch.plan import Plan, Status
from revmatch.policy.limits import Quota, Stable

#: Weights and points of a policy stay below this.
MOST_WEIGHT = 1 << 53


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
    wrong, goals = bool(findings.found), seen_goals(world)
    values, kept = _values(plan, held, len(goals), wrong=wrong)
    records = read_records(plan, world, Own(goals, values, kept), findings)
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
    place = "policy.score" if source.most >= MOST else unsafe(records, source.most, most_partners)
    if place:
        findings.add(place, TOO_LARGE, "divide scores or prices")
        return None, False
    degrees = [
        Degrees(least <= 0, *world.some_partners(side))
        for side, (least, _) in zip(("mentor", "mentee"), bounds, strict=True)
    ]
    word = [bound if plan.proof == "engine" else None for bound in plan.bounds]
    values, kept = values[: len(records)], kept[: len(records)]
    replay = Replay(prices, values, kept, degrees[0], degrees[1], source.patches, not everything, word)
    sums = replay.sums()
    source.compare(findings)
    _check_rows(replay, sums, findings)
    ceilings = _compare_records(records, sums, world, findings, exactly=everything and plan.stopped_by is None)
    return _conclude(plan, world, held, records, ceilings, findings)


def _check_no_records(plan: Plan, world: World, findings: Findings) -> None:
    if plan.status == Status.INFEASIBLE and plan.proof in ("prices", "cases"):
        findings.add("certificate.records", "INFEASIBLE by prices needs the record 'Feasible'")
    nothing = not plan.programme.pins and not _demands(world)
    if plan.status == Status.INFEASIBLE and nothing:
        findings.add("status", "INFEASIBLE, though nothing is demanded: the plan without any pair keeps everything")
    if plan.status == Status.OPTIMAL:
        findings.add("certificate.records", f"expected {len(plan.bounds)} records, one a goal, found none")
    _compare_bounds(plan, [], findings, [])


def _largest_weight(world: World) -> int:
    """Largest whole number that the score's terms are written with."""
    found = [0]
    for weight, term in world.terms:
        found.append(abs(weight))
        found += map(abs, getattr(term, "points", ()))
        found += map(abs, dict(getattr(term, "weights", None) or ()).values())
        found.append(getattr(term, "at_most", 0))
    return max(found)


def _demands(world: World) -> bool:
    """Whether the plan without any pair may break something."""
    limits = world.policy.limits
    asked = any(isinstance(one, Stable) or (isinstance(one, Quota) and one.at_least is not None) for one in limits)
    return asked or any(bool(least.any()) for least, _ in (world.mentor_bounds, world.mentee_bounds))


def _conclude(
    plan: Plan, world: World, held: Held | None, records: list[Record], ceilings: list[int | None], findings: Findings
) -> tuple[int | float | None, bool]:
    _check_proof(plan, records, findings)
    if plan.status == Status.INFEASIBLE:
        ceiling = ceilings[0]
        refuted = ceiling is not None and ceiling < 0
        if not refuted and plan.proof != "engine":
            findings.add("status", f"INFEASIBLE needs a ceiling below 0; the certificate's prices give {ceiling}")
        return None, refuted
    _compare_bounds(plan, ceilings, findings, [record.compares is not None for record in records])
    last = None
    if len(ceilings) == len(plan.bounds) and ceilings[-1] is not None:
        goal = seen_goals(world)[-1]
        last = in_points(ceilings[-1], world) if goal.in_points else goal.shown(ceilings[-1])
    return last, held is not None and held.values == ceilings


def _check_proof(plan: Plan, records: list[Record], findings: Findings) -> None:
    """Whether the proof is named by what it rests on."""
    cases = any(record.cases for record in records)
    if plan.proof == "prices" and cases:
        findings.add("proof", "claims prices alone, but the certificate goes through cases")
    if plan.proof == "cases" and not cases:
        findings.add("proof", "claims cases, but the certificate has none")


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
    return values, list(held.values)


def _check_rows(replay: Replay, sums: list[Sum], findings: Findings) -> None:
    """Rows bound from above: only where they hold with equality may their price be below 0."""
    for k, record in enumerate(replay.prices.records):
        tight = replay.tight(sums, k)
        for one in (record, *(case.record for case in record.cases)):
            for row, price in one.named.items():
                if price < 0 and row not in tight:
                    findings.add(f"{one.place}.rows", f"the row {row!r:.80} may not have a price below 0")
            for goal in [goal for goal, _ in one.kept if replay.kept[goal] is None]:
                findings.add(f"{one.place}.rows", f"the row 'goal:{goal}' keeps a value that the plan does not have")


def _compare_records(
    records: list[Record], sums: list[Sum], world: World, findings: Findings, *, exactly: bool
) -> list[int | None]:
    """Ceilings as recomputed; a problem for each record that claims another one.

    Not `exactly`: or a lower one. What is claimed above the sum is true too.
    """
    ceilings: list[int | None] = []
    for record, one in zip(records, sums, strict=True):
        for case, ceiling in zip(record.cases, one.cases, strict=True):
            # what is left out of the cases makes their sums smaller than they claim
            _compare(case.record, ceiling, findings, exactly=False)
        if record.compares is not None:
            ceilings.append(one.bound)
            if one.bound != record.claimed:
                said = f"claims {record.claimed}, but its prices add up to {one.total} over what is better, not below 0"
                findings.add(f"{record.place}.bound", said)
            continue
        refuted = _compare(record, one.bound, findings, exactly=exactly, more=_above(one, world))
        ceilings.append(one.bound if exactly or refuted else record.claimed)
    return ceilings


def _above(one: Sum, world: World) -> str:
    """The first pair that is above its prices, in words."""
    said = [f"; {world.pair(i, j)}, not held, are above their prices by {bracket}" for i, j, bracket in one.above[:1]]
    return "".join(said)


def _compare(record: Record, ceiling: int | None, findings: Findings, *, exactly: bool, more: str = "") -> bool:
    """Whether a record, or a case, claims what its prices do not give; None: they give anything."""
    if ceiling is None or record.claimed is None:
        return False
    refuted = ceiling != record.claimed if exactly else ceiling > record.claimed
    if refuted:
        least = "" if exactly else "at least "
        said = f"claims {record.claimed}, but its prices add up to {least}{ceiling}{more}"
        findings.add(f"{record.place}.bound", said)
    return refuted


def _compare_bounds(plan: Plan, ceilings: list[int | None], findings: Findings, compares: list[bool]) -> None:
    """The plan's bounds against the certificate's; an engine's word may be lower, never higher.

    A goal that compares people may be left without a bound.
    """
    for k, bound in enumerate(plan.bounds):
        place = f"goals[{k}].bound"
        if k >= len(ceilings):
            if bound is not None and plan.proof != "engine":
                findings.add(place, f"claims {bound}, but the certificate has no record of this goal")
            continue
        ceiling = ceilings[k]
        if plan.proof == "engine":
            if bound is None or (ceiling is not None and bound > ceiling):
                findings.add(place, f"claims {bound}, above the {ceiling} that the certificate gives")
        elif bound != ceiling and not (bound is None and compares[k]):
            findings.add(place, f"claims {bound}, but the certificate gives {ceiling}")
