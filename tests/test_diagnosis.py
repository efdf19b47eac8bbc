"""RM160: what is said to stand in the way does stand in the way, all by itself."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import pytest

import revmatch as rm
from bridge import programme_of
from oracle import SIDES, Case
from revmatch.diagnosis import infeasible_in_words
from strategies_limits import refused, taken

L = rm.limits


def said(plan: rm.Plan) -> str:
    assert plan.status == rm.Status.INFEASIBLE
    return infeasible_in_words(plan).expected


def with_limits(mentors: Any, mentees: Any, *limits: Any, **more: Any) -> rm.Plan:
    return rm.match(rm.Programme(mentors, mentees, rm.Policy(limits=limits), **more))


def people(ids: str, **columns: Any) -> list[dict[str, Any]]:
    return [{"id": key} | columns for key in ids]


# --- numbers of partners ----------------------------------------------------------------------------------------------


def test_whole_circles_are_counted_and_named() -> None:
    plan = with_limits(people("abc"), people("xy", capacity=3), L.EveryoneMatched("mentee"), L.Circles(2, 3))
    assert said(plan) == (
        'under "A mentee has no mentor, or from 2 to 3 of them" 2 mentees (mentees:1, mentees:2) must have 4 partners '
        "in all, but may only be paired with 3 mentors (mentors:1, mentors:2, mentors:3), with 3 places in all"
    )
    # the largest circle is smaller than the capacity
    plan = with_limits(people("abc"), people("x", capacity=3), L.EveryoneMatched("mentor"), L.Circles(1, 2))
    assert said(plan).startswith('under "A mentee has no mentor, or from 1 to 2 of them" 3 mentors')
    assert said(plan).endswith("1 mentee (mentees:1), with 2 places in all")
    # circles that change nothing for those who are in need
    plan = with_limits(people("abcd"), people("x", capacity=3), L.EveryoneMatched("mentor"), L.Circles(2, 3))
    assert said(plan).startswith("4 mentors")


def test_a_place_that_a_pin_takes_is_no_place() -> None:
    mentors = [{"id": "a", "site": "A"}, {"id": "b", "site": "A"}, {"id": "c", "site": "A", "min_load": 1}]
    mentees = [{"id": "x", "capacity": 1, "site": "A"}, {"id": "y", "site": "B"}]
    policy = rm.Policy(["Same(site)"])
    plan = rm.match(rm.Programme(mentors, mentees, policy, pins=[("a", "x")]))
    assert said(plan) == (
        "1 mentor (mentors:3) must have 1 partner, but may only be paired with 1 mentee (mentees:1), with 1 place in "
        "all, of which pins give 1 to others"
    )


def test_nobody_is_paired_twice_with_the_same_partner() -> None:
    """There are places enough; what is missing is somebody else."""
    mentors = [{"id": "a", "capacity": 3, "min_load": 3}, {"id": "b"}]
    plan = with_limits(mentors, people("x", capacity=3) + people("y", capacity=3))
    assert (
        said(plan)
        == "1 mentor (mentors:1) must have 3 partners in all, but the pairs that they may be in give them 2 partners"
    )
    mentors = people("ab", capacity=2, min_load=2)
    plan = with_limits(mentors, [{"id": "x", "capacity": 2}, {"id": "y"}])
    assert said(plan).endswith("1 mentee (mentees:2), with 1 place in all, and with others for 2 partners")


# --- limits, pins and bans --------------------------------------------------------------------------------------------


def test_all_cases_have_a_say() -> None:
    """Halves would do, so no list of prices is enough; the cases tell who needs what, and which pins and bans count."""
    load = '"The hours of all mentees of one mentor add up to at most 3"'
    limits = [L.Load("hours", at_most=3), L.EveryoneMatched("mentee")]
    mentors, mentees = people("abc", capacity=3), people("wxyz", hours=2)
    plan = with_limits(mentors[:2], mentees[1:], *limits)
    three = "3 mentees (mentees:1, mentees:2, mentees:3) must have 3 partners in all, which no plan keeps together with"
    assert (plan.proof, said(plan)) == ("cases", f"{three} {load}")
    bans = [("c", "x"), ("c", "y"), ("c", "z")]
    plan = with_limits(mentors, mentees[1:], *limits, bans=bans)
    assert (plan.proof, said(plan)) == ("cases", f"{three} {load}, bans[0], bans[1] and bans[2]")
    plan = with_limits(mentors, mentees, *limits, pins=[("c", "w")], bans=[("c", "x")])
    assert plan.proof == "cases"
    assert said(plan).startswith("3 mentees (mentees:2, mentees:3, mentees:4) must have 3 partners in all, which")
    assert said(plan).endswith(f"{load} and pins[0]")


def test_the_hint_fits_what_is_named() -> None:
    """Nobody is told to lower a minimum that is not there, and pins and bans are lifted where they are in the way."""
    load, everyone = L.Load("hours", at_most=3), L.EveryoneMatched("mentee")
    mentors, mentees = people("abc", capacity=3), people("xyz", hours=2)

    def hint(*given: Any, **more: Any) -> str:
        plan = with_limits(*given, **more)
        assert plan.status == rm.Status.INFEASIBLE
        return infeasible_in_words(plan).hint

    drop = "do without EveryoneMatched"
    assert hint(mentors[:2], mentees, load, everyone) == f"{drop}, or loosen the limit named"
    bans = [("c", "x"), ("c", "y"), ("c", "z")]
    assert hint(mentors, mentees, load, everyone, bans=bans) == f"{drop}, loosen the limit named, or lift a ban"
    own = people("xyz", hours=2, min_load=1)
    pinned = people("w", hours=2)
    assert hint(mentors[:2], own, load) == "lower a min_load, or loosen the limit named"
    assert (
        hint(mentors, [*own, *pinned], load, pins=[("c", "w")])
        == "lower a min_load, loosen the limit named, or unpin it"
    )
    assert hint(people("ab"), people("x"), L.EveryoneMatched("mentor")) == (
        f"{drop}, raise a capacity, or allow more pairs"
    )


def test_where_nobody_must_have_a_partner_no_minimum_is_lowered() -> None:
    bans = [("a", "x"), ("a", "y")]
    plan = with_limits(people("a", team="A") + people("b"), people("xy"), L.Quota("team", "A", "mentor", 1), bans=bans)
    assert infeasible_in_words(plan).hint == "loosen the limit named, or lift a ban"
    plan = with_limits(people("abc"), people("xyz", capacity=3), L.Circles(2, 3), pins=[("a", "x"), ("b", "y")])
    assert infeasible_in_words(plan).hint == "loosen the limit named, or unpin one of those"


def test_many_bans_are_not_all_listed() -> None:
    mentors, ids = people("abc", capacity=9), "qrstuvwxyz"
    limits = [L.Load("hours", at_most=3), L.EveryoneMatched("mentee")]
    for count, rest in ((9, "and 1 more ban"), (10, "and 2 more bans")):
        mentees = people(ids[:count], hours=2)
        plan = with_limits(mentors, mentees, *limits, bans=[("c", one["id"]) for one in mentees])
        assert said(plan).endswith(f'add up to at most 3", {", ".join(f"bans[{k}]" for k in range(8))} {rest}')


def test_two_people_meet_in_one_direction_only() -> None:
    both = people("ab")
    plan = with_limits(both, both, L.EveryoneMatched("mentor"), dual_role=True)
    assert said(plan).endswith('which no plan keeps together with "Two people meet in one direction only"')


def test_circles_are_named_where_only_people_have_prices() -> None:
    plan = with_limits(people("abcde"), people("xy", capacity=4), L.EveryoneMatched("mentor"), L.Circles(3, 4))
    assert plan.proof == "cases"
    assert not any(case.rows for case in plan.certificate[0].cases)
    assert said(plan).endswith(', which no plan keeps together with "A mentee has no mentor, or from 3 to 4 of them"')


def test_stability_is_named_where_it_stands_in_the_way() -> None:
    """It has no price; so where nothing that has one stands against the rest, it is what is too much."""
    table = rm.score.Table([[9, 8], [8, 0]])
    limits = [L.TotalPairs(1), L.Stable()]
    policy = rm.Policy(score=table, limits=limits, goals=["TotalScore"])
    programme = rm.Programme(people("ab"), people("xy"), policy)
    stable = f'"{limits[1].words()}"'
    plan = rm.match(programme)
    assert said(plan) == f"no plan keeps {stable} together with everything else that is asked"
    assert infeasible_in_words(plan).hint.startswith("do without Stable, or lower")
    assert rm.match(programme.replace(policy=policy.replace(limits=limits[:1]))).found
    # where the rest has no plan either, the rest alone is named
    rest = [L.EveryoneMatched("mentor"), L.Stable()]
    assert "may both prefer" not in said(with_limits(people("ab"), people("x"), *rest))


# --- what is named is enough ------------------------------------------------------------------------------------------


def reduced(case: Case, plan: rm.Plan, text: str) -> Case:
    """Nothing but what the text names, the people, and the pairs that may be."""
    limits = zip(case.limits, plan.programme.policy.limits, strict=True)
    kept = tuple(given for given, limit in limits if f'"{limit.words()}"' in text)
    mentors, mentees = (
        only_named(plan, side, records, text) for side, records in zip(SIDES, (case.mentors, case.mentees), strict=True)
    )
    less = dataclasses.replace(case, mentors=mentors, mentees=mentees, limits=kept, goals=(("Pairs", {}),))
    if "no plan keeps" not in text:  # pins and bans are among what may be
        return less
    pins = tuple(pin for k, pin in enumerate(case.pins) if f"pins[{k}]" in text)
    bans = tuple(ban for k, ban in enumerate(case.bans) if f"bans[{k}]" in text)
    return dataclasses.replace(less, pins=pins, bans=bans)


def only_named(plan: rm.Plan, side: Any, records: Any, text: str) -> Any:
    """People of a side; only those who are said to need partners need any."""
    who = re.search(rf"\d {side}s? \((.*?)\)", text.partition(" must have ")[0] if " must have " in text else "")
    rows = re.findall(r"records:(\d+)", who[1]) if who else []
    least = plan.programme.bounds(side)[0].tolist()
    return tuple(one | {"min_load": least[k] if str(k + 1) in rows else 0} for k, one in enumerate(records))


@pytest.mark.parametrize("recipe", ["limits_case", "tight_limits_case"])
def test_what_is_named_has_no_plan_by_itself(recipe: str) -> None:
    kinds = set()
    for seed, case in taken(recipe, range(9_000, 9_080)):
        plan = rm.match(programme_of(case))
        if plan.status == rm.Status.INFEASIBLE and plan.proof != "engine":
            text = said(plan)
            kinds.add((plan.proof, "together" in text))
            less = reduced(case, plan, text)
            assert refused(less) or rm.match(programme_of(less)).status == rm.Status.INFEASIBLE, (seed, text)
    assert len(kinds) > 1
