"""Limits that name nobody, or cannot hold together or for these people: refused when the programme is made."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import revmatch as rm
import strategies_limits
from bridge import programme_of
from grids import daily
from oracle import solve
from revmatch.errors import MOST_PROBLEMS, InputError, PolicyError
from strategies import seeded

L, Policy, Programme = rm.limits, rm.Policy, rm.Programme
ME: Any = {"side": "mentor"}


def mentors(count: int = 3, **columns: Any) -> list[dict[str, Any]]:
    return people("m", count, columns)


def mentees(count: int = 3, **columns: Any) -> list[dict[str, Any]]:
    return people("s", count, columns)


def people(letter: str, count: int, columns: dict[str, Any]) -> list[dict[str, Any]]:
    """Numbered people; each column is one value for all, or a list of one for each."""
    columns = {"name": "Canary", "department": "IT"} | columns
    return [
        {"id": f"{letter}{k}"} | {name: v[k] if isinstance(v, list) else v for name, v in columns.items()}
        for k in range(count)
    ]


def made(*limits: Any, juniors: Any = None, leaders: Any = None, policy: Any = None, **more: Any) -> Any:
    juniors, leaders = mentors() if juniors is None else juniors, mentees() if leaders is None else leaders
    return Programme(juniors, leaders, Policy(limits=limits, **(policy or {})), **more)


def problems(*limits: Any, **more: Any) -> list[Any]:
    with pytest.raises(InputError) as caught:
        made(*limits, **more)
    assert type(caught.value) is InputError
    assert "Canary" not in str(caught.value)
    assert all(problem.expected and problem.hint for problem in caught.value.problems)
    return list(caught.value.problems)


def found(*limits: Any, **more: Any) -> list[tuple[str, str]]:
    return [(problem.code, problem.place) for problem in problems(*limits, **more)]


# --- RM164: nobody ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reader", ["records", "pandas", "polars", "csv"])
def test_a_quota_reads_its_value_as_exactly_as_people_read_their_cells(reader: str, tmp_path: Path) -> None:
    """Cells keep their outer spaces, whoever reads them; so a value that has some means those who have them too."""
    records = [{"id": "m0", "location": "Lyon"}, {"id": "m1", "location": " Lyon "}, {"id": "m2", "location": "  "}]
    if reader == "csv":
        (tmp_path / "juniors.csv").write_text("id,location\nm0,Lyon\nm1, Lyon \nm2,  \n")
        juniors = rm.read_csv(tmp_path / "juniors.csv")
    else:
        juniors = rm.People.from_records(records)
    if reader in ("pandas", "polars"):
        juniors = rm.People.from_frame(pytest.importorskip(reader).DataFrame(records))
    score = rm.score.Table([[9], [5], [1]])
    for value, total in (("Lyon", 9), (" Lyon ", 5)):
        quota = L.Quota("location", value, "mentor", at_least=1)
        plan = rm.match(made(quota, juniors=juniors, leaders=mentees(1), policy={"score": score}))
        assert (plan.objective, rm.verify(plan).ok) == (total, True)
    (problem,) = problems(L.Quota("location", "Lyon ", "mentor", at_least=1), juniors=juniors)
    assert (problem.code, problem.place) == ("RM164", "policy.limits[0].value")
    assert problem.hint == 'did you mean " Lyon "?'


def test_a_quota_names_a_group_that_there_is() -> None:
    juniors = mentors(location=["Lyon", "Lyon", "Paris"])
    (problem,) = problems(L.Quota("location", "Lyn", "mentor", at_most=1), juniors=juniors)
    assert (problem.code, problem.place) == ("RM164", "policy.limits[0].value")
    assert problem.hint == 'did you mean "Lyon"?'
    (problem,) = problems(L.Quota("location", "Oslo", "mentor", at_most=1), juniors=juniors)
    assert problem.hint == "known are: Lyon"  # what one person alone wrote is not repeated
    (problem,) = problems(L.Quota("department", "HR", "mentee", at_least=1))
    assert problem.expected == "no mentee has this value in the column department"
    assert made(L.Quota("location", "Paris", "mentor", at_most=1), juniors=juniors)


@pytest.mark.parametrize("declared", [{"sensitive": {"Origin": "agreed"}}, {}])
def test_no_value_of_a_column_that_is_kept_private_is_repeated(declared: dict[str, Any]) -> None:
    column = "origin" if declared else "name"
    juniors = mentors(**{column: "Canary"})
    (problem,) = problems(L.Quota(column, "Canari", "mentor", at_most=1), juniors=juniors, policy=declared)
    assert problem.hint == "write it as the people do, byte for byte"


def test_a_number_stands_for_its_digits() -> None:
    assert made(L.Quota("level", 3, "mentor", at_most=1), juniors=mentors(level=[1, 2, 3]))
    assert found(L.Quota("level", 4, "mentor", at_most=1), juniors=mentors(level=[1, 2, 3])) == [
        ("RM164", "policy.limits[0].value")
    ]


def test_who_takes_no_part_and_who_is_not_there() -> None:
    juniors = mentors(location=["Lyon", "Paris", ""], capacity=[0, 1, 1])
    assert made(L.Quota("location", "Lyon", "mentor", at_most=1), juniors=juniors)
    assert made(L.Quota("location", "anywhere", "mentor", at_most=1), juniors=[])
    everybody = rm.People.from_records([*juniors, *mentees()])
    chosen = everybody.where('location == "Paris"')
    assert found(L.Quota("location", "Lyon", "mentor", at_most=1), juniors=chosen) == [
        ("RM164", "policy.limits[0].value")
    ]


@pytest.mark.parametrize("limit", [L.Together, L.Apart])
def test_co_mentors_are_mentors(limit: Any) -> None:
    assert made(limit(["m0", "m2"]))
    found = problems(L.TotalPairs(3), limit(["m0", "s1", "zoe", "M1"]))
    assert [(problem.code, problem.place) for problem in found] == [
        ("RM164", f"policy.limits[1].people[{n}]") for n in (1, 2, 3)
    ]
    assert [problem.expected for problem in found][:2] == [
        "this is the id of a mentee, not of a mentor",
        "no mentor has this id",
    ]


# --- RM102: hours -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cell", ["", None, "two", "1.5", -1, "+1", 10**9 + 1, "9" * 18])
def test_hours_are_plain_whole_numbers(cell: Any) -> None:
    limit = L.Load("hours", at_most=4)
    assert found(limit, leaders=mentees(hours=[1, cell, 2])) == [("RM102", "mentees:2:hours")]
    own = L.Load("hours", "own")
    assert found(own, leaders=mentees(hours=1), juniors=mentors(own=[1, 2, cell])) == [("RM102", "mentors:3:own")]
    turned = L.Load("hours", "own", side="mentee")
    assert found(turned, leaders=mentees(own=[cell, 1, 1]), juniors=mentors(hours=0)) == [("RM102", "mentees:1:own")]


def test_who_takes_no_part_states_no_hours() -> None:
    assert made(L.Load("hours", at_most=4), leaders=mentees(hours=[1, "", 2], capacity=[1, 0, 1]))
    assert found(L.Load("hours", at_most=4), leaders=mentees(hours=[1, -2, 2], capacity=[1, 0, 1])) == [
        ("RM102", "mentees:2:hours")
    ]


def test_hours_are_no_labels_and_their_column_must_be_there() -> None:
    labels = {"policy": {"order": {"hours": ["few", "many"]}}, "leaders": mentees(hours="few")}
    assert found(L.Load("hours", at_most=4), **labels) == [("RM102", "policy.order.hours")]
    with pytest.raises(PolicyError, match=r'RM134 Load\(hours, at_most=4\), mentees: there is no column "hours"'):
        made(L.Load("hours", at_most=4))
    assert len(problems(L.Load("hours", at_most=4), leaders=mentees(200, hours=""))) == MOST_PROBLEMS


# --- RM165: what cannot hold together ---------------------------------------------------------------------------------

IT = ("department", "IT", "mentor")
TWO = mentors(2)
WRONG = [
    # places of a group
    ([L.Quota(*IT, at_least=3)], {"juniors": TWO}, "policy.limits[0].at_least"),
    ([L.Quota(*IT, at_least=2)], {"juniors": mentors(capacity=[1, 0, 0])}, "policy.limits[0].at_least"),
    ([L.Quota(*IT, at_least=3)], {"leaders": mentees(2)}, "policy.limits[0].at_least"),
    ([L.Quota(*IT, at_least=1)], {"leaders": []}, "policy.limits[0].at_least"),
    ([L.Quota(*IT, at_least=5), L.Circles(1, 1)], {"juniors": mentors(capacity=3)}, "policy.limits[0].at_least"),
    ([L.TotalPairs(1), L.Quota(*IT, at_least=2)], {}, "policy.limits[1].at_least"),
    (  # a share of what there must be at the least
        [L.Quota(*IT, at_least="100%"), L.EveryoneMatched("mentor")],
        {"juniors": mentors(department=["IT", "HR", "HR"])},
        "policy.limits[0].at_least",
    ),
    # quotas on one group
    ([L.Quota(*IT, at_least=2), L.Quota(*IT, at_most=1)], {}, "policy.limits[0] and policy.limits[1]"),
    ([L.Quota(*IT, at_most="10%"), L.Quota(*IT, at_least=1)], {}, "policy.limits[1] and policy.limits[0]"),
    ([L.Quota(*IT, at_least=1, at_most="10%")], {}, "policy.limits[0]"),
    (
        [L.Quota(*IT, at_least="60%"), L.Quota(*IT, at_most="50%"), L.EveryoneMatched("mentor")],
        {},
        "policy.limits[0] and policy.limits[1]",
    ),
    (
        [L.Quota(*IT, at_least="60%"), L.Quota(*IT, at_most=1), L.EveryoneMatched("mentee")],
        {},
        "policy.limits[0] and policy.limits[1]",
    ),
    (  # quotas on different groups
        [L.Quota(*IT, at_least=1), L.Quota("department", "HR", "mentor", at_least=1), L.TotalPairs(1)],
        {"juniors": mentors(department=["IT", "HR", "HR"])},
        "policy.limits",
    ),
    (
        [L.Quota(*IT, at_least="60%"), L.Quota("department", "HR", "mentor", at_least="50%")],
        {"juniors": mentors(department=["IT", "HR", "HR"]), "pins": [("m0", "s0")]},
        "policy.limits",
    ),
    # everyone
    ([L.EveryoneMatched("mentee"), L.TotalPairs(2)], {}, "policy.limits[1].at_most"),
    ([L.TotalPairs(3)], {"juniors": mentors(min_load=2, capacity=2)}, "policy.limits[0].at_most"),
    ([L.TotalPairs(1), L.Circles(2, 2)], {"leaders": mentees(1, min_load=1, capacity=2)}, "policy.limits[0].at_most"),
    # circles
    ([L.Circles(2, 3)], {}, "policy.limits[0]"),
    ([L.Circles(2, 3)], {"leaders": mentees(capacity=[1, 0, 1])}, "policy.limits[0]"),
    ([L.Circles(2, 3)], {"leaders": mentees(capacity=[4, 1, 2], min_load=[0, 1, 0])}, "mentees:2:capacity"),
    ([L.Circles(2, 3)], {"leaders": mentees(capacity=[4, 1, 2], min_load=[4, 0, 0])}, "mentees:1:min_load"),
    ([L.Circles(2, 3), L.EveryoneMatched("mentee")], {"leaders": mentees(capacity=[2, 2, 1])}, "mentees:3:capacity"),
    # hours that nobody has, or that are too few for anybody
    ([L.Load("hours", 1), L.EveryoneMatched("mentee")], {"leaders": mentees(hours=[1, 2, 1])}, "mentees:2:hours"),
    ([L.Load("hours", 1)], {"leaders": mentees(hours=[1, 2, 2], min_load=[0, 0, 1])}, "mentees:3:hours"),
    (
        [L.Load("hours", "has"), L.EveryoneMatched("mentor")],
        {"leaders": mentees(hours=2), "juniors": mentors(has=[2, 2, 1])},
        "mentors:3:has",
    ),
    (
        [L.Load("hours", 1, side="mentee"), L.EveryoneMatched("mentor")],
        {"juniors": mentors(hours=[2, 1, 1])},
        "mentors:1:hours",
    ),
]


@pytest.mark.parametrize(("limits", "more", "place"), WRONG)
def test_limits_that_cannot_hold(limits: list[Any], more: dict[str, Any], place: str) -> None:
    assert found(*limits, **more) == [("RM165", place)]


FINE = [
    ([L.Quota(*IT, at_least=2)], {"juniors": TWO}),
    ([L.Quota(*IT, at_least="60%"), L.Quota(*IT, at_most="50%")], {}),  # a plan without pairs keeps both
    ([L.Quota(*IT, at_least="100%"), L.EveryoneMatched("mentor")], {}),
    ([L.Quota(*IT, at_least=1), L.Quota(*IT, at_most="50%")], {"juniors": mentors(department=["IT", "HR", "HR"])}),
    ([L.EveryoneMatched("mentee"), L.TotalPairs(2)], {"leaders": mentees(capacity=[1, 1, 0])}),
    ([L.EveryoneMatched("mentee"), L.EveryoneMatched("mentor"), L.TotalPairs(3)], {}),
    ([L.Circles(2, 3)], {"leaders": mentees(capacity=[2, 1, 1])}),
    ([L.Circles(2, 3)], {"leaders": mentees(capacity=[2, 3, 1], min_load=[1, 1, 0])}),  # a minimum inside the hole
    ([L.Circles(2, 3)], {"leaders": mentees(capacity=0)}),
    ([L.Circles(2, 3)], {"leaders": []}),
    ([L.Circles(2, 3)], {"juniors": []}),
    ([L.Load("hours", 1)], {"leaders": mentees(hours=2)}),  # the empty plan keeps it
    ([L.Load("hours", 1), L.EveryoneMatched("mentee")], {"leaders": mentees(hours=[1, 1, 2], capacity=[1, 1, 0])}),
]


@pytest.mark.parametrize(("limits", "more"), FINE)
def test_limits_that_can_hold(limits: list[Any], more: dict[str, Any]) -> None:
    assert made(*limits, **more)


PAIRS = [("m0", "s0"), ("m1", "s0")]
ROOM = {"juniors": mentors(capacity=2, site=["A", "A", ""], own=[1, 3, 3]), "leaders": mentees(capacity=3, hours=2)}
PINNED = [
    ([L.DepartmentPair(1)], PAIRS, {}, "pins[0] and pins[1]"),
    ([L.DepartmentPair(0)], PAIRS[:1], {}, "pins[0]"),
    ([L.CoMentorsDifferent("site")], PAIRS, {}, "pins[0] and pins[1]"),
    ([L.CoMentorsDifferent("site")], [("m0", "s0"), ("m2", "s1"), ("m2", "s0")], {}, "pins[0] and pins[2]"),
    ([L.Apart(["m0", "m1"])], PAIRS, {}, "pins[0] and pins[1]"),
    ([L.Together(["m0", "m2"])], PAIRS, {"bans": [("m1", "s1"), ("m2", "s0")]}, "pins[0] and bans[1]"),
    ([L.Circles(1, 1)], PAIRS, {}, "pins[0] and pins[1]"),
    ([L.TotalPairs(1)], PAIRS, {}, "pins[0] and pins[1]"),
    ([L.TotalPairs(0)], PAIRS[:1], {}, "pins[0]"),
    ([L.Load("hours", at_most=3)], [("m0", "s0"), ("m0", "s1"), ("m1", "s2")], {}, "pins[0] and pins[1]"),
    ([L.Load("hours", at_most="own")], PAIRS, {}, "pins[0]"),
    ([L.Quota(*IT, at_most=1)], PAIRS, {}, "policy.limits[0].at_most"),
    ([L.Quota(*IT, at_most="10%")], PAIRS[:1], {}, "policy.limits[0].at_most"),
]


@pytest.mark.parametrize(("limits", "pins", "more", "place"), PINNED)
def test_pins_that_a_limit_forbids(limits: list[Any], pins: Any, more: dict[str, Any], place: str) -> None:
    assert found(*limits, pins=pins, **ROOM, **more) == [("RM165", place)]


@pytest.mark.parametrize(
    "limit",
    [
        L.DepartmentPair(2), L.CoMentorsDifferent("department"), L.Apart(["m0", "m2"]), L.Together(["m0", "m1"]),
        L.Circles(2, 2), L.TotalPairs(2), L.Load("hours", at_most=2), L.Quota(*IT, at_most=2),
    ],
    ids=str,
)  # fmt: skip
def test_pins_that_a_limit_allows(limit: Any) -> None:
    more = ROOM | {"juniors": mentors(capacity=2, department=["IT", "HR", "HR"])}
    assert made(limit, pins=PAIRS, bans=[("m2", "s0")], **more)


def test_pins_that_fit_no_circle_are_named_with_it() -> None:
    (problem,) = problems(L.Circles(1, 1), pins=PAIRS, **ROOM)
    assert problem.expected == (
        "2 mentors pinned to one mentee (mentees:1), which fits no circle of Circles(1, largest=1)"
    )
    assert problem.hint == "unpin one, or change the circles"
    (problem,) = problems(L.Circles(2, 3), pins=PAIRS[:1], leaders=mentees(capacity=[1, 2, 2]))
    assert problem.place == "pins[0]"
    assert problem.expected.endswith("fits no circle of Circles(2, largest=3) with a capacity of 1")
    assert problem.hint == "unpin, raise capacity, or change the circles"
    # a minimum that asks for as much is said of the minimum
    more = {"pins": PAIRS, "leaders": mentees(capacity=3, min_load=[2, 0, 0])}
    assert found(L.Circles(1, 1), **more) == [("RM165", "mentees:1:min_load")]


def test_whole_circles_are_told_where_pairs_are_too_few() -> None:
    limits = [L.EveryoneMatched("mentee"), L.Circles(2, 3), L.TotalPairs(5)]
    (problem,) = problems(*limits, leaders=mentees(capacity=3))
    assert problem.expected == ("expected at least 6: 3 mentees must be in so many pairs (3 circles of at least 2)")
    (problem,) = problems(L.EveryoneMatched("mentor"), L.Circles(2, 3), L.TotalPairs(2), leaders=mentees(capacity=3))
    assert "circle" not in problem.expected


def test_circles_that_are_larger_than_every_capacity() -> None:
    (problem,) = problems(L.Circles(5, 6), leaders=mentees(capacity=[3, 2, 1]))
    assert problem.hint == "the largest capacity is 3: raise it, or ask for smaller circles"
    (problem,) = problems(L.Circles(5, 6), leaders=mentees(capacity=1))
    assert problem.hint == "the largest capacity is 1: raise it, or ask for smaller circles"
    (problem,) = problems(L.Circles(5, 6))
    assert problem.hint == "circles need capacities: give the mentees a column capacity (1 where blank)"


def test_many_pins_are_not_all_named() -> None:
    juniors, leaders = mentors(9), mentees(9)
    pins = [(f"m{k}", f"s{k}") for k in range(9)]
    assert found(L.TotalPairs(1), juniors=juniors, leaders=leaders, pins=pins) == [
        ("RM165", "pins[0], pins[1], pins[2], pins[3] and 5 more")
    ]


def test_everything_wrong_is_reported_at_once() -> None:
    limits = [L.Quota("department", "HR", "mentor", at_most=1), L.Apart(["m0", "zoe"]), L.Load("hours", at_most=1)]
    more = {"leaders": mentees(hours=[1, "", 1]), "bans": [("gone", "s0")]}
    assert found(*limits, **more) == [
        ("RM102", "mentees:2:hours"),
        ("RM130", "bans[0].mentor"),
        ("RM164", "policy.limits[0].value"),
        ("RM164", "policy.limits[1].people[1]"),
    ]
    limits = [L.EveryoneMatched("mentee"), L.TotalPairs(2), L.Quota(*IT, at_least=4)]
    same = {"policy": {"rules": ["DifferentDepartment"]}, "pins": PAIRS[:1]}
    assert found(*limits, **same) == [
        ("RM162", "pins[0]"),
        ("RM165", "policy.limits[1].at_most"),
        ("RM165", "policy.limits[2].at_least"),
    ]


# --- two Circles, WorstOff: the policy alone --------------------------------------------------------------------------


def test_circles_have_one_size() -> None:
    with pytest.raises(PolicyError) as caught:
        Policy(limits=["Circles(2, 3)", "TotalPairs(9)", "Circles(2, 4)"])
    (problem,) = caught.value.problems
    assert (problem.code, problem.place) == ("RM165", "policy.limits[0] and policy.limits[2]")


@pytest.mark.parametrize(
    ("goals", "limits", "fine"),
    [
        (["WorstOff"], [], False),
        (["TotalScore", "WorstOff", "Pairs"], [], False),
        (["Balance(site)", "WorstOff"], [], False),
        (["Coverage", "WorstOff"], [], True),
        (["Coverage(mentor)", "WorstOff"], [], True),
        (["TotalScore", "Pairs", "LeastChange", "WorstOff"], [], True),
        (["WorstOff", "TotalScore"], ["EveryoneMatched(mentee)"], True),
        (["WorstOff"], ["EveryoneMatched(mentor)"], True),
        (["WorstOff"], ["Circles(2, 3)"], False),
    ],
)
def test_worst_off_comes_after_a_goal_that_leaves_nobody_out(goals: Any, limits: Any, fine: bool) -> None:
    if fine:
        assert Policy(goals=goals, limits=limits).goals
        return
    with pytest.raises(PolicyError) as caught:
        Policy(goals=goals, limits=limits)
    (problem,) = caught.value.problems
    assert (problem.code, problem.place) == ("RM220", f"policy.goals[{goals.index('WorstOff')}]")
    assert problem.hint == "put Coverage or Pairs before it, or limit EveryoneMatched"


# --- nothing that has a plan is refused -------------------------------------------------------------------------------


@pytest.mark.parametrize("block", daily(1, range(2)))
@pytest.mark.parametrize("recipe", ["limits_case", "tight_limits_case", "stable_case", "goals_case"])
def test_what_is_refused_has_no_plan(recipe: str, block: int) -> None:
    refused = []
    for seed in range(200 * block, 200 * block + 200):
        case = getattr(strategies_limits, recipe)(seeded(seed))
        code = strategies_limits.refused(case)
        if not code:
            continue
        assert code == "RM165", (recipe, seed)
        answer = solve(case)
        # circles larger than every capacity: the empty plan alone
        assert not answer.feasible or answer.optima == (frozenset(),), (recipe, seed)
        refused.append(answer.feasible)
    assert len(refused) <= 0.16 * 200
    assert sum(refused) <= 0.02 * 200


def test_shares_are_exact() -> None:
    third = L.Quota(*IT, at_least=Fraction(1, 3))
    assert made(third, L.Quota(*IT, at_most="1/3"), L.EveryoneMatched("mentee"))
    with pytest.raises(InputError):
        made(third, L.Quota(*IT, at_most="33.3333%"), L.EveryoneMatched("mentee"))


def test_a_plan_before_is_a_plan_or_pairs() -> None:
    programme = Programme(mentors(), mentees())
    plan = rm.match(programme)
    held = [(pair.mentor, pair.mentee) for pair in plan.pairs]
    for given in (plan, plan.pairs, held, [{"mentor": i, "mentee": j} for i, j in held], held + held[:1]):
        assert programme.replace(previous=given).previous == tuple(held)
    assert programme.replace(previous=[("gone", "s0"), ("s0", "m0")]).previous == (("gone", "s0"), ("s0", "m0"))
    with pytest.raises(InputError, match=r"RM143 previous\[0\]"):
        programme.replace(previous=["m0"])
    with pytest.raises(InputError, match="RM143 previous: expected a list of pairs"):
        programme.replace(previous=5)


def test_the_bridge_says_all_of_a_case() -> None:
    for seed in range(40):
        case = strategies_limits.goals_case(seeded(seed))
        if not strategies_limits.refused(case):
            programme = programme_of(case)
            assert set(programme.previous) == set(case.previous)
            assert [limit.name for limit in programme.policy.limits] == [name for name, _ in case.limits]
