"""Plans out of Python and back: data frames, graphs, and JSON that is the same bytes wherever it was made."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import revmatch as rm
from revmatch.errors import ConfigError, InputError, RevmatchError
from revmatch.pins import Pin
from revmatch.plan import Plan
from revmatch.plan_file import _units

S, Policy = rm.score, rm.Policy
MENTORS = [{"id": k, "name": f"Canary {k}", "team": "AB"[k % 2], "offers": f"sql:{k % 5 + 1}"} for k in range(1, 9)]
MENTEES = [{"id": f"z{k}", "name": f"Canary z{k}", "team": "AC"[k % 2], "wants": "SQL:4;ai:2"} for k in range(5)]
POLICY = Policy(["Different(team)"], 3 * S.SkillGap() + S.RareSkill())
DECIDED: dict[str, Any] = {
    "pins": [Pin("2", "z0", ("Different",), "agreed"), ("1", "z2")],
    "bans": [("8", "z1"), ("3", "z4")],
    "history": [("4", "z3")],
    "previous": [("4", "z2"), ("gone", "z3"), ("1", "z2")],
}


def made(mentors: Any = MENTORS, mentees: Any = MENTEES, **more: Any) -> Any:
    return rm.Programme(mentors, mentees, POLICY, **(DECIDED | more))


# --- frames and graphs ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("flavour", ["pandas", "polars", "pyarrow"])
def test_the_flavour_that_came_in_comes_out(flavour: str) -> None:
    def frame(records: list[dict[str, Any]]) -> Any:
        columns = {name: [str(record[name]) for record in records] for name in records[0]}
        module = pytest.importorskip(flavour)
        return module.table(columns) if flavour == "pyarrow" else module.DataFrame(columns)

    plan = rm.match(made(frame(MENTORS), frame(MENTEES)))
    out = plan.to_frame()
    assert type(out).__module__.split(".")[0] == flavour
    rows = (
        out.to_pylist() if flavour == "pyarrow" else out.to_dict("records") if flavour == "pandas" else out.to_dicts()
    )
    assert rows == [{"mentor": pair.mentor, "mentee": pair.mentee, "score": pair.score} for pair in plan.pairs]
    assert rm.match(made(frame(MENTORS), MENTEES)).to_frame().shape == out.shape
    assert type(rm.match(made(MENTORS, frame(MENTEES))).to_frame()) is type(out)


def test_a_plan_as_a_graph() -> None:
    plan = rm.match(made([*MENTORS, {"id": "off", "capacity": 0}]))
    graph = plan.to_networkx()
    assert graph.number_of_nodes() == 8 + 5
    assert {(a[1], b[1], data["score"]) for a, b, data in graph.edges(data=True)} == {
        (pair.mentor, pair.mentee, pair.score) for pair in plan.pairs
    }
    assert {node[0] for node, part in graph.nodes(data="bipartite") if part == 0} == {"mentor"}
    assert sorted(node[1] for node in graph if node[0] == "mentor" and not graph.degree(node)) == list(
        plan.unmatched_mentors
    )


# --- the same bytes ---------------------------------------------------------------------------------------------------

SCRIPT = """
import sys, json, random
sys.path.insert(0, sys.argv[3])
import revmatch as rm
import test_plan_file as here
order, workers = random.Random(int(sys.argv[1])), int(sys.argv[2])
def shuffled(rows):
    rows = [dict(order.sample(list(row.items()), len(row))) for row in rows]
    return order.sample(rows, len(rows))
more = {name: order.sample(part, len(part)) for name, part in here.DECIDED.items()}
sys.stdout.write(rm.match(here.made(shuffled(here.MENTORS), shuffled(here.MENTEES), **more), workers=workers).to_json())
demo = rm.datasets.demo()
rows = order.sample(range(len(demo.organisation)), len(demo.organisation))
columns = order.sample(list(demo.organisation.to_columns().items()), len(demo.organisation.columns))
people = rm.People.from_columns({name: cells[rows] for name, cells in columns})
parts = {"mentors": people.where("grade <= 3"), "mentees": people.where("grade >= 7"), "organisation": people}
sys.stdout.write(rm.match(demo.replace(**parts), workers=workers).to_json())
"""


def test_json_is_the_same_bytes_whatever_the_order_hash_seed_and_workers() -> None:
    here = rm.match(made()).to_json() + rm.match(rm.datasets.demo()).to_json()
    for lot, hash_seed, workers in ((1, "0", 1), (2, "1", 2), (3, "4242", 4)):
        environment = os.environ | {"PYTHONHASHSEED": hash_seed}
        arguments = [sys.executable, "-c", SCRIPT, str(lot), str(workers), str(Path(__file__).parent)]
        run = subprocess.run(arguments, env=environment, capture_output=True, text=True, check=True)
        assert run.stdout == here


def test_json_says_nothing_of_anybody_but_ids() -> None:
    text = rm.match(made()).to_json()
    data = json.loads(text)
    assert "Canary" not in text
    assert "seconds" not in data
    assert "route" not in data
    assert data["mentors"] == sorted(str(k) for k in range(1, 9))
    assert [record["role"] for record in data["inputs"]] == ["mentors", "mentees"]
    assert all(len(record["sha256"]) == 64 and record["path"] is None for record in data["inputs"])
    assert data["pairs"][0][:2] == ["1", "z2"]
    assert "Canary" not in repr(rm.match(made())) + rm.match(made())._repr_html_()


def test_inputs_are_named_as_they_were_given(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("id,grade\n" + "".join(f"p{k},{k}\n" for k in range(9)))
    people = rm.read_csv(str(path))
    plan = rm.match(rm.Programme(people.where("grade <= 3"), people[people["grade"] >= 6]))
    records = json.loads(plan.to_json())["inputs"]
    assert [(record["path"], record["selection"]) for record in records] == [
        (str(path), "grade <= 3"),
        (str(path), None),
    ]
    assert records[0]["sha256"] == records[1]["sha256"] == people.digest()


# --- read back --------------------------------------------------------------------------------------------------------

PROGRAMME = made()
TEXT = rm.match(PROGRAMME).to_json()


def refused(text: str, programme: Any = PROGRAMME) -> list[tuple[str, str]]:
    with pytest.raises(RevmatchError) as caught:
        Plan.from_json(text, programme)
    assert isinstance(caught.value, InputError)
    assert all(problem.hint for problem in caught.value.problems if problem.code == "RM210")
    return [(problem.code, problem.place) for problem in caught.value.problems]


def changed(change: Callable[[dict[str, Any]], object]) -> str:
    data = json.loads(TEXT)
    change(data)
    return json.dumps(data)


def test_a_plan_file_needs_its_people() -> None:
    with pytest.raises(ConfigError, match="RM182 plan: a plan file holds no people") as caught:
        Plan.from_json(TEXT)
    assert "Plan.from_json(text, programme)" in caught.value.problems[0].hint


@pytest.mark.parametrize(
    ("other", "places"),
    [
        (lambda: made([*MENTORS[:-1], MENTORS[-1] | {"team": "Q"}]), ["inputs"]),
        (lambda: made([*MENTORS[:-1], MENTORS[-1] | {"name": "Other"}]), ["inputs"]),
        (lambda: made([*MENTORS, {"id": "new"}]), ["mentors", "inputs"]),
        (lambda: made(mentees=[*MENTEES, {"id": "new"}]), ["mentees", "inputs"]),
        (lambda: PROGRAMME.replace(mentors=PROGRAMME.mentors[:-1], bans=DECIDED["bans"]), ["mentors"]),
        (lambda: made(pins=[]), ["pins"]),
        (lambda: made(pins=[Pin("2", "z0", ("Different",), "not agreed"), ("1", "z2")]), ["pins"]),
        (lambda: made(bans=DECIDED["bans"][:1]), ["bans"]),
        (lambda: made(history=[]), ["history"]),
        (lambda: made(previous=[("1", "z2")]), ["previous"]),
        (lambda: made(dual_role=True), ["dual_role"]),
        (lambda: made(unknown_manager="allow"), ["unknown_manager"]),
        (lambda: made(organisation=MENTORS), ["inputs"]),
        (lambda: PROGRAMME.replace(policy=POLICY.replace(score="2 * SkillGap + RareSkill")), ["policy"]),
        (lambda: PROGRAMME.replace(policy=POLICY.replace(goals=["Pairs"])), ["policy"]),
    ],
)
def test_another_programme_than_the_plan_was_made_for(other: Callable[[], Any], places: list[str]) -> None:
    assert refused(TEXT, other()) == [("RM210", f"plan.{place}") for place in places]


def test_the_order_of_rows_and_of_what_was_decided_does_not_matter() -> None:
    backwards = {name: part[::-1] for name, part in DECIDED.items()}
    again = made(MENTORS[::-1], MENTEES[::-1], **backwards)
    assert Plan.from_json(TEXT, again).pairs == Plan.from_json(TEXT, PROGRAMME).pairs
    assert rm.verify(Plan.from_json(TEXT, again)).proven


def test_a_file_that_was_written_before_there_was_a_previous_plan_is_read() -> None:
    programme = made(previous=[])
    data = json.loads(rm.match(programme).to_json())
    assert data.pop("previous") == []
    plan = Plan.from_json(json.dumps(data), programme)
    assert rm.verify(plan).proven
    assert json.loads(plan.to_json())["previous"] == []


def test_tables_are_told_apart_by_their_digest() -> None:
    programme = rm.Programme.from_scores([[0.5, 1], [2, 3]])
    text = rm.match(programme).to_json()
    assert Plan.from_json(text, programme).objective == 3.5
    assert refused(text, rm.Programme.from_scores([[0.5, 1], [2, 4]])) == [("RM210", "plan.policy")]
    assert refused(text, rm.Programme.from_scores([[0.5, 1], [2, 3]], mentor_capacity=2)) == [("RM210", "plan.inputs")]


@pytest.mark.parametrize("key", sorted(json.loads(TEXT)))
def test_a_part_that_is_missing_or_something_else(key: str) -> None:
    if key == "slots":  # no limit asks for any
        assert Plan.from_json(changed(lambda data: data.pop(key)), PROGRAMME).slots is None
        return
    found = refused(changed(lambda data: data.pop(key)))
    code = "RM210" if key == "previous" else "RM211"  # files of before there was any lack it: then there was none
    assert found == [(code, "plan" if key == "format" else f"plan.{key}")]
    for odd in ("odd", 1.5, [["odd"]], {"odd": None}, [None]):
        if key in ("versions",):  # told, not read: another version may have made it
            continue
        found = refused(changed(lambda data, odd=odd: data.update({key: odd})))
        assert {code for code, _ in found} <= {"RM210", "RM211", "RM130"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda data: data.update(pears=1), "RM211"),
        (lambda data: data.update(format="revmatch.plan/0"), "RM211"),
        (lambda data: data.update(status="optimal"), "RM211"),
        (lambda data: data.update(status="INFEASIBLE"), "RM211"),
        (lambda data: data.update(status="NOT_FOUND"), "RM211"),
        (lambda data: data.update(pairs=None), "RM211"),
        (lambda data: data.update(stopped_by="boredom"), "RM211"),
        (lambda data: data.update(proof="trust me"), "RM211"),
        (lambda data: data.update(ties="perhaps"), "RM211"),
        (lambda data: data.update(ties=1), "RM211"),
        (lambda data: data.update(seed="0"), "RM211"),
        (lambda data: data.update(seed=0.0), "RM211"),
        (lambda data: data.update(seed=False), "RM211"),
        (lambda data: data["options"].update(gap="0"), "RM211"),
        (lambda data: data["options"].update(gap=None), "RM211"),
        (lambda data: data["options"].clear(), "RM211"),
        (lambda data: data["pairs"][0].__setitem__(0, "nobody"), "RM130"),
        (lambda data: data["pairs"][0].__setitem__(1, "1"), "RM130"),
        (lambda data: data["pairs"][0].__setitem__(2, "3"), "RM211"),
        (lambda data: data["pairs"][0].__setitem__(2, True), "RM211"),
        (lambda data: data["pairs"][0].__setitem__(2, 0.5), "RM211"),
        (lambda data: data["pairs"][0].__setitem__(2, 10**30), "RM211"),
        (lambda data: data["pairs"][0].pop(), "RM211"),
        (lambda data: data["pairs"][0].append(1), "RM211"),
        (lambda data: data["pairs"].pop(), "RM211"),
        (lambda data: data["pairs"][0].__setitem__(2, data["pairs"][0][2] + 1), "RM211"),
        (lambda data: data["goals"][2].update(value=99), "RM211"),
        (lambda data: data["goals"][0].update(value=None), "RM211"),
        (lambda data: data["goals"][0].update(bound=0.5), "RM211"),
        (lambda data: data["goals"][0].update(bound="5"), "RM211"),
        (lambda data: data["goals"][0].update(name="Pairs"), "RM210"),
        (lambda data: data["goals"].pop(), "RM210"),
        (lambda data: data["inputs"][0].update(sha256="0" * 64), "RM210"),
        (lambda data: data["inputs"][0].pop("sha256"), "RM211"),
        (lambda data: data["inputs"].pop(), "RM210"),
        (lambda data: data["certificate"].update(checked="some"), "RM211"),
        (lambda data: data["certificate"].pop("checked"), "RM211"),
        (lambda data: data["certificate"]["records"][0].update(bound=1.5), "RM211"),
        (lambda data: data["certificate"]["records"][0].update(denominator="1"), "RM211"),
        (lambda data: data["certificate"]["records"][0].update(mentor_prices=[0.5] * 8), "RM211"),
        (lambda data: data["certificate"]["records"][0].update(mentor_prices=["1"] * 8), "RM211"),
        (lambda data: data["certificate"]["records"][0].update(mentor_prices=[True] * 8), "RM211"),
        (lambda data: data["certificate"]["records"][0].update(mentor_prices=[10**30] * 8), "RM211"),
        (lambda data: data["certificate"]["records"][0].update(mentor_prices=7), "RM211"),
        (lambda data: data["certificate"]["records"][0].update(rows=[["goal:0", 1.5]]), "RM211"),
        (lambda data: data["certificate"]["records"][0].pop("rows"), "RM211"),
    ],
)
def test_tampering_is_refused(change: Callable[[dict[str, Any]], object], code: str) -> None:
    assert {found for found, _ in refused(changed(change))} == {code}


def test_no_pairs_and_no_plan_are_two_things() -> None:
    nobody = rm.Programme([], [])
    text = rm.match(nobody).to_json()
    assert Plan.from_json(text, nobody).pairs == ()
    assert refused(text.replace('"pairs":[]', '"pairs":null'), nobody) == [("RM211", "plan")]


def test_what_can_be_read_and_is_wrong_is_for_verify_to_say() -> None:
    def swap(data: dict[str, Any]) -> None:
        data["certificate"]["records"][2]["mentor_prices"][4] += 100

    plan = Plan.from_json(changed(swap), PROGRAMME)
    assert not rm.verify(plan).ok
    assert not rm.verify(Plan.from_json(changed(lambda data: data["goals"][2].update(bound=10**6)), PROGRAMME)).ok
    assert not rm.verify(Plan.from_json(changed(lambda data: data.update(proof="engine")), PROGRAMME)).proven


def test_a_file_that_is_cut_off_anywhere_is_refused() -> None:
    for end in range(0, len(TEXT.rstrip()), 11):
        assert refused(TEXT[:end])[0][0] == "RM211"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("null", "RM211"),
        ("[]", "RM211"),
        (TEXT + "{}", "RM211"),
        (TEXT.replace('"seed":0', '"seed":NaN'), "RM101"),
        (TEXT.replace('"seed":0', '"seed":1e999'), "RM101"),
        (TEXT.replace('"seed":0', '"seed":0,"seed":0'), "RM123"),
        (TEXT.replace('"seed":0', f'"seed":{"9" * 5000}'), "RM127"),
        ('{"format":' + "[" * 100_000, "RM127"),
    ],
)
def test_json_that_is_none_of_ours(text: str, code: str) -> None:
    assert refused(text)[0][0] == code


def test_bytes_are_read_too_and_bad_ones_refused() -> None:
    assert Plan.from_json(TEXT.encode(), PROGRAMME).pairs
    assert refused(TEXT.encode() + b"\xff")[0][0] == "RM211"


@pytest.mark.parametrize(("scale", "largest"), [(3, 1e15), (1000, 4e12), (None, 1e9), (1, 2.0**51), (0.1, 2.0**52)])
def test_scores_of_any_scale_read_back_exactly(scale: Any, largest: float) -> None:
    scores = np.random.default_rng(0).random((3, 2)) * largest
    programme = rm.Programme.from_scores(scores, scale=scale)
    plan = rm.match(programme)
    back = Plan.from_json(plan.to_json(), programme)
    assert back.scores.tolist() == plan.scores.tolist()
    assert back.bounds == plan.bounds
    assert rm.verify(back).proven


# --- goals of which less is better, read back ------------------------------------------------------------------------


def with_goals(sizes: tuple[int, ...], *goals: str, **more: Any) -> Any:
    """A programme without rules whose mentors are in groups of these sizes."""
    mentors = [{"id": f"m{k}", "group": f"g{k}"} for k in np.repeat(np.arange(len(sizes)), sizes).tolist()]
    mentors = [person | {"id": f"m{k}"} for k, person in enumerate(mentors)]
    return rm.Programme(mentors, [{"id": "z"}], rm.Policy(goals=goals), **more)


@pytest.mark.parametrize("sizes", [(1, 1), (3, 4), (2, 3, 5, 7), (11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47)])
def test_the_bound_of_a_gap_is_read_back(sizes: tuple[int, ...]) -> None:
    programme = with_goals(sizes, "Pairs", 'Balance("group", side=mentor)')
    sides, (_, goal) = programme.sides(), programme.policy.goals
    unit = math.lcm(*sizes)
    gaps = {Fraction(a, n) - Fraction(b, m) for n in sizes for m in sizes for a in range(n + 1) for b in range(m + 1)}
    for gap in sorted(gap for gap in gaps if gap >= 0)[:500]:
        whole = -int(gap * unit)
        for known in ([], [None], [whole], [whole + 1, None]):
            assert _units(goal, goal.shown(whole, sides), sides, known, "plan") == whole
    if unit < 2**20:  # any part of the unit, though no plan has it
        assert all(_units(goal, goal.shown(-k, sides), sides, [], "") == -k for k in range(unit + 1))
    with pytest.raises(InputError, match="RM211 plan: no plan can have this value"):
        _units(goal, 1 / math.pi if unit < 2**50 else -1.0, sides, [], "plan")


def test_the_bound_of_pairs_lost_is_read_back() -> None:
    programme = with_goals((2, 2), "LeastChange", previous=[("m0", "z"), ("m1", "z"), ("gone", "z")])
    sides, (goal,) = programme.sides(), programme.policy.goals
    assert [_units(goal, lost, sides, [], "") for lost in (3, 2, 0)] == [0, 1, 3]
    for odd in (0.5, 2.5):
        with pytest.raises(InputError, match="RM211"):
            _units(goal, odd, sides, [], "plan")
