"""Invariants 1, 6 to 9, 21 to 23 and 30: what a plan proves, what it depends on, and what it survives.

How values move when a programme changes (10 to 19) is in ``test_invariants_change``, agreement with the oracle (2) in
``test_agreement``, with other solvers (20) in ``test_cross_engines``, faults of engines (3 to 5) in
``test_invariants_engines``.
"""

from __future__ import annotations

import dataclasses
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import revmatch as rm
import strategies
from bridge import policy_of, programme_of
from checks import certified_bounds, few, held, match, value_of, values
from oracle import Case, Facts, solve
from strategies import Draw, cases, seeded

# --- 1: the certificate closes ----------------------------------------------------------------------------------------


def large_scores(draw: Draw) -> Case:
    """Up to 40 x 20, scores up to 2**20, capacities up to 4."""
    size = draw.whole(1, 40), draw.whole(1, 20)
    case = strategies.scores_case(draw, tight=draw.chance(30), size=size)
    ceiling = draw.pick((3, 100, 1 << 20))
    table = [[None if w is None else draw.whole(0, ceiling) for w in row] for row in case.score[0][2]["scores"]]
    sides = {
        side: tuple(person | {"capacity": max(person["min_load"], draw.whole(0, 4))} for person in getattr(case, side))
        for side in ("mentors", "mentees")
    }
    return dataclasses.replace(case, score=((1, "Table", {"scores": table}),), **sides)


def test_01_every_goal_is_proven_by_prices() -> None:
    """Every value equals its bound, and a checker that is not ours finds the same bounds."""
    verdicts = [proven_by_prices(large_scores(seeded(seed))) for seed in range(30)]
    assert 3 < verdicts.count(False) < 20


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_01_every_goal_is_proven_by_prices_soak() -> None:
    for seed in range(1_000, 4_000):
        proven_by_prices(large_scores(seeded(seed)))


def proven_by_prices(case: Case) -> bool:
    plan = match(case)
    assert plan.proof == "prices"
    assert certified_bounds(case, plan) == [record.bound for record in plan.certificate]
    if plan.found:
        assert [goal.value for goal in plan.goals] == [goal.bound for goal in plan.goals]
    else:
        assert plan.certificate.bound < 0
    assert rm.verify(plan).proven
    return plan.found


# --- 6 to 9: what the answer may depend on ----------------------------------------------------------------------------


def without_digests(plan: rm.Plan) -> dict[str, Any]:
    """All that a plan file says but the fingerprints of the inputs."""
    return {key: value for key, value in plan.to_dict().items() if key != "inputs"}


@few
@given(case=cases(strategies.people_case), draw=st.data())
def test_06_a_protected_column_that_nobody_declared_changes_nothing(case: Case, draw: st.DataObject) -> None:
    def labelled(labels: list[str]) -> dict[str, Any]:
        people = [*case.mentors, *case.mentees]
        people = [person | {"ethnicity": label} for person, label in zip(people, labels, strict=True)]
        n = len(case.mentors)
        return without_digests(match(dataclasses.replace(case, mentors=tuple(people[:n]), mentees=tuple(people[n:]))))

    labels = [f"group {k % 3}" for k in range(len(case.mentors) + len(case.mentees))]
    assert labelled(labels) == labelled(draw.draw(st.permutations(labels)))


@few
@given(case=cases(strategies.any_case), draw=st.data())
def test_07_the_order_of_rows_and_columns_changes_not_a_byte(case: Case, draw: st.DataObject) -> None:
    assume(not case.from_scores)  # a table is positional: its rows are its names

    def shuffled(people: tuple[Any, ...] | None) -> tuple[Any, ...] | None:
        if people is None:
            return None
        return tuple(dict(draw.draw(st.permutations(list(r.items())))) for r in draw.draw(st.permutations(people)))

    other = dataclasses.replace(
        case,
        mentors=shuffled(case.mentors),
        mentees=shuffled(case.mentees),
        organisation=shuffled(case.organisation),
        bans=shuffled_pairs(draw, case.bans),
        history=shuffled_pairs(draw, case.history),
        pins=shuffled_pairs(draw, case.pins),
    )
    assert match(case, seed=3).to_json() == match(other, seed=3).to_json()


def shuffled_pairs(draw: st.DataObject, pairs: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(draw.draw(st.permutations(pairs)))


@few
@given(case=cases(strategies.people_case))
def test_08_new_ids_give_the_same_values(case: Case) -> None:
    """And, where there is only one best plan, the same pairs renamed (the lot between equals goes by id)."""
    ids = [record["id"] for record in (*case.mentors, *case.mentees, *(case.organisation or ()))]
    name = {key: f"person {key[::-1]}é" for key in ids}

    def renamed(people: tuple[Any, ...] | None) -> tuple[Any, ...] | None:
        def one(value: Any, column: str) -> Any:
            if column in ("id", "manager", "dotted_line", "choices", "avoid") and isinstance(value, str):
                return ";".join(name.get(item, item) for item in value.split(";"))
            return value

        return people and tuple({column: one(v, column) for column, v in person.items()} for person in people)

    def pairs(given: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple((name[pair[0]], name[pair[1]], *pair[2:]) for pair in given)

    other = dataclasses.replace(
        case,
        mentors=renamed(case.mentors),
        mentees=renamed(case.mentees),
        organisation=renamed(case.organisation),
        **{key: pairs(getattr(case, key)) for key in ("pins", "bans", "history")},
    )
    before, after = match(case), match(other)
    assert values(before) == values(after)
    if len(solve(case).optima) == 1:
        assert {(name[mentor], name[mentee]) for mentor, mentee in held(before)} == held(after)


HASHES = """
import hashlib, sys
import revmatch as rm
def run():
    programme = rm.datasets.demo()
    plans = [rm.match(programme, workers=w, seed=s) for w in (1, 2, 4) for s in (0, 1)]
    return [hashlib.sha256(plan.to_json().encode()).hexdigest() for plan in plans]
if __name__ == "__main__":
    if len(sys.argv) > 1:
        import multiprocessing
        with multiprocessing.get_context(sys.argv[1]).Pool(1) as pool:
            print(*pool.apply(run))
    else:
        print(*run())
"""


def hashes(tmp_path: Path, hash_seed: int, *start_method: str) -> list[str]:
    script = tmp_path / "hashes.py"
    script.write_text(HASHES)
    environment = os.environ | {"PYTHONHASHSEED": str(hash_seed)}
    command = [sys.executable, str(script), *start_method]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=True)
    return done.stdout.split()


def test_09_workers_hash_seed_and_process_change_not_a_byte(tmp_path: Path) -> None:
    first, second = hashes(tmp_path, 0), hashes(tmp_path, 1)
    assert first == second
    assert len(first) == 6
    assert len(set(first)) == 2  # one for each seed of the lot


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_09_the_full_grid(tmp_path: Path) -> None:
    starts: list[tuple[str, ...]] = [(), ("spawn",), ("fork",)]
    found = {tuple(hashes(tmp_path, h, *how)) for h in (0, 1, 2) for how in starts for _ in range(3)}
    assert len(found) == 1


# --- 21: what cannot be done is proven --------------------------------------------------------------------------------


def hall(mentors: str = "ABC", places: int = 2) -> rm.Programme:
    policy = rm.Policy(limits=[rm.limits.EveryoneMatched("mentor")])
    return rm.Programme([{"id": key} for key in mentors], [{"id": "X", "capacity": places}], policy)


def test_21_three_people_and_two_places() -> None:
    plan = rm.match(hall())
    assert plan.status == rm.Status.INFEASIBLE
    assert plan.proof == "prices"
    assert plan.certificate.bound < 0
    assert rm.verify(plan).ok
    assert rm.verify(plan).proven
    with pytest.raises(rm.errors.InfeasibleError, match="RM160"):
        _ = plan.pairs
    assert all(goal.value is None for goal in plan.goals)
    assert values(rm.match(hall("AB"))) == (3, 2, 0)
    assert values(rm.match(hall(places=3))) == (4, 3, 0)


# --- 22: hard rules, from the original rows ---------------------------------------------------------------------------


def raw(people: rm.People) -> tuple[dict[str, str], ...]:
    columns = people.to_columns()
    return tuple(
        dict(zip(columns, row, strict=True)) for row in zip(*(c.tolist() for c in columns.values()), strict=True)
    )


RECOMMENDED = (
    ("DifferentDepartment", {}),
    ("OutsideReportingLine", {"head_levels": 2}),
    ("GradeGap", {}),
    ("CommonHours", {"minutes": 60}),
)


def test_22_no_pair_of_the_demo_breaks_a_rule() -> None:
    """Departments, lines, grades, hours, capacities and points are read again from the cells, by the oracle's rules."""
    programme = rm.datasets.demo()
    plan = rm.match(programme)
    everybody = raw(programme.organisation)
    score = ((1, "SkillGap", {"per": "need"}),)
    case = Case(raw(programme.mentors), raw(programme.mentees), RECOMMENDED, score, organisation=everybody)
    facts = Facts(case)
    assert len(plan.pairs) > 50
    for pair in plan.pairs:
        assert facts.forbidden_by(pair.mentor, pair.mentee) == []
        assert facts.worth(pair.mentor, pair.mentee) == pair.score
    for side in ("mentor", "mentee"):
        partners = [getattr(pair, side) for pair in plan.pairs]
        assert all(partners.count(key) <= facts.capacity(side, key) for key in facts.people[side])


def no_violations(seed: int, size: tuple[int, int]) -> int:
    """Every pair of a plan for people with random policies is allowed; returns how many pairs were possible."""
    case = strategies.people_case(seeded(seed), size=size, dual=seed % 5 == 0)
    plan = match(case)
    facts = Facts(case)
    if plan.found:
        for pair in plan.pairs:
            assert facts.forbidden_by(pair.mentor, pair.mentee) == []
            assert facts.worth(pair.mentor, pair.mentee) == pair.score
        loads = [("mentor", pair.mentor) for pair in plan.pairs] + [("mentee", pair.mentee) for pair in plan.pairs]
        for side in ("mentor", "mentee"):
            for key in facts.people[side]:
                assert facts.least(side, key) <= loads.count((side, key)) <= facts.capacity(side, key)
    return size[0] * size[1]


@pytest.mark.parametrize("seed", range(10))
def test_22_no_pair_of_random_people_breaks_a_rule(seed: int) -> None:
    no_violations(seed, (30, 20))


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_22_no_violation_in_a_million_pairs() -> None:
    assert sum(no_violations(seed, (100, 50)) for seed in range(100, 300)) >= 1_000_000


# --- 23: identity -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second"),
    [("Ana@x.com", "ana@X.com "), ("Zo\u00eb", "Zoe\u0308"), ("STRASSE", "straße"), ("Ana", " Ana")],
)
def test_23_two_spellings_are_one_person_or_an_error(first: str, second: str) -> None:
    """Never two people by accident, and never a rule that silently misses."""
    with pytest.raises(rm.errors.InputError, match=r"RM12[12]"):
        rm.People.from_records([{"id": first}, {"id": second}])
    mentors, mentees = [{"id": first}], [{"id": "X"}]
    with pytest.raises(rm.errors.InputError, match="RM130"):
        rm.Programme(mentors, mentees, bans=[(second, "X")])
    with pytest.raises(rm.errors.InputError, match="RM130"):
        rm.Programme(mentors, mentees, pins=[(second, "X")])
    try:  # items of a list are trimmed: this one may be found, and then it counts
        assert not rm.match(rm.Programme(mentors, [{"id": "X", "avoid": second}])).pairs
    except rm.errors.InputError as error:
        assert "RM130" in str(error)  # noqa: PT017 - either is fine, a rule that silently misses is not


# --- 30: round trips --------------------------------------------------------------------------------------------------


@few
@given(case=cases(strategies.any_case))
def test_30_saved_and_loaded_is_the_same(case: Case) -> None:
    programme = programme_of(case)
    plan = rm.match(programme)
    loaded = rm.Programme.from_json(programme.to_json())
    assert loaded == programme
    assert loaded.to_json() == programme.to_json()
    assert rm.match(loaded).to_json() == plan.to_json()
    again = rm.Plan.from_json(plan.to_json(), loaded)
    assert again.to_json() == plan.to_json()
    assert rm.verify(again).ok
    if not case.from_scores:
        policy = policy_of(case)
        assert rm.Policy.from_toml(policy.to_toml()) == policy
        assert rm.Policy.from_json(policy.to_json()) == policy


def unknown_field(text: str) -> str:
    return json.dumps(json.loads(text) | {"colour": "blue"})


def old_version(text: str) -> str:
    return re.sub(r'("format": ?"revmatch\.\w+/)\d+', r"\g<1>0", text)


def cut_off(text: str) -> str:
    return text[: len(text) // 2]


@pytest.mark.parametrize("spoil", [unknown_field, old_version, cut_off])
def test_30_a_spoilt_file_is_a_named_error(spoil: Any) -> None:
    programme = hall("AB")
    text = rm.match(programme).to_json()
    with pytest.raises(rm.errors.InputError, match="RM211"):
        rm.Plan.from_json(spoil(text), programme)
    assert spoil(programme.to_json()) != programme.to_json()
    with pytest.raises((rm.errors.InputError, rm.errors.PolicyError), match=r"RM211|RM135"):
        rm.Programme.from_json(spoil(programme.to_json()))


def test_30_a_plan_for_other_people_is_refused() -> None:
    text = rm.match(hall("AB")).to_json()
    with pytest.raises(rm.errors.InputError, match="RM210"):
        rm.Plan.from_json(text, hall("AC"))


def test_the_helper_tells_feasible_from_infeasible() -> None:
    """The helper that the other chapters rest on tells feasible from infeasible."""
    scores = ((1, "Table", {"scores": [[3]]}),)
    one = Case(({"id": "0", "capacity": 1, "min_load": 0},), ({"id": "0", "capacity": 1, "min_load": 0},), score=scores)
    one = dataclasses.replace(one, from_scores=True)
    assert value_of(one) == (2, 1, 3)
    assert value_of(dataclasses.replace(one, bans=(("0", "0"),))) == (0, 0, 0)
    everyone = (("EveryoneMatched", {"side": "mentee"}),)
    assert value_of(dataclasses.replace(one, bans=(("0", "0"),), limits=everyone)) is None
