"""Programmes: what is refused when people meet a policy (all of it at once)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import sparse

import revmatch as rm
from revmatch.errors import MOST_PROBLEMS, InputError, PolicyError, Problem
from revmatch.pins import Pin

R, S, Policy, Programme = rm.rules, rm.score, rm.Policy, rm.Programme
A, B = {"id": "a", "department": "IT", "grade": 2}, {"id": "b", "department": "HR", "grade": 3}
Y, Z = {"id": "y", "department": "HR", "grade": 7}, {"id": "z", "department": "IT", "grade": 8}


def problems(error: type[Exception], make: Any) -> list[Problem]:
    with pytest.raises(error) as caught:
        make()
    assert type(caught.value) is error
    return list(caught.value.problems)


def codes(error: type[Exception], make: Any) -> list[tuple[str, str]]:
    return [(problem.code, problem.place) for problem in problems(error, make)]


# --- columns that the policy needs ------------------------------------------------------------------------------------


def test_a_missing_column_names_the_rule_the_column_and_the_nearest_heading() -> None:
    mentors, mentees = [{"id": "a", "dept": "IT"}], [{"id": "z", "Departement": "HR"}]
    found = problems(PolicyError, lambda: Programme(mentors, mentees, Policy(["DifferentDepartment"])))
    assert [(p.code, p.place) for p in found] == [
        ("RM134", "DifferentDepartment, mentors"),
        ("RM134", "DifferentDepartment, mentees"),
    ]
    assert all(p.expected == 'there is no column "department"' for p in found)
    assert found[1].hint == 'did you mean "Departement"?'


@pytest.mark.parametrize(
    ("policy", "lacking"),
    [
        (Policy(["GradeGap"]), {"mentor": ["grade"], "mentee": ["grade"]}),
        (Policy(["OutsideReportingLine"]), {"mentor": ["manager"], "mentee": ["manager"]}),
        (Policy(["SharedLanguage"]), {"mentor": ["languages"], "mentee": ["languages"]}),
        (Policy(["CommonHours"]), {"mentor": ["available", "time_zone"], "mentee": ["available", "time_zone"]}),
        (Policy(["Same(site)"]), {"mentor": ["site"], "mentee": ["site"]}),
        (Policy(score="SkillGap"), {"mentor": ["offers"], "mentee": ["wants"]}),
        (Policy(score="SkillGap(direction=both)"), {"mentor": ["offers", "wants"], "mentee": ["offers", "wants"]}),
        (Policy(score="Priority(urgency, mentee)"), {"mentor": [], "mentee": ["urgency"]}),
        (Policy(score="Choice(of=mentor)"), {"mentor": ["choices"], "mentee": []}),
        (Policy(score="RareSkill"), {"mentor": ["offers"], "mentee": ["wants"]}),
        (Policy(["NotPairedBefore", "MinScore(0)"]), {"mentor": [], "mentee": []}),
    ],
)
def test_every_rule_and_term_says_which_columns_it_lacks(policy: Policy, lacking: dict[str, list[str]]) -> None:
    if not any(lacking.values()):
        Programme([{"id": "a"}], [{"id": "z"}], policy)
        return
    found = problems(PolicyError, lambda: Programme([{"id": "a"}], [{"id": "z"}], policy))
    expected = [(f"{side}s", column) for side, columns in lacking.items() for column in columns]
    assert [(p.place.rpartition(", ")[2], p.expected.split('"')[1]) for p in found] == expected


def test_parts_of_the_policy_that_name_no_column() -> None:
    policy = Policy(order={"grad": ["a"]}, show=["site"], sensitive={"gender": "agreed"})
    found = problems(PolicyError, lambda: Programme([A], [Z], policy))
    places = ["policy.order.grad", "policy.show.site", "policy.sensitive.gender"]
    assert [(p.code, p.place) for p in found] == [("RM134", place) for place in places]
    assert found[0].hint == 'did you mean "grade"?'


def test_headings_match_without_case_and_outer_spaces() -> None:
    mentors, mentees = [{"id": "a", " Department": "IT"}], [{"ID": "z", "DEPARTMENT ": "HR"}]
    assert rm.match(Programme(mentors, mentees, Policy(["DifferentDepartment", "Different(DePartment)"]))).pairs


def test_an_order_is_spelled_like_the_column_it_orders() -> None:
    policy = Policy(["GradeGap"], order={"Grade ": ["7", "8", "2"]})
    (found,) = problems(PolicyError, lambda: Programme([A], [Z], policy))
    assert (found.code, found.place) == ("RM135", "policy.order.Grade ")
    assert '"grade"' in found.expected


def test_tables_must_fit() -> None:
    policy = Policy(score=S.Table([[1, 2]]))
    assert codes(PolicyError, lambda: Programme([A, B], [Z], policy)) == [("RM143", "score.Table")]


def test_an_empty_list_of_people_lacks_no_column() -> None:
    policy = Policy(["DifferentDepartment", "OutsideReportingLine"], "SkillGap + Priority(urgency, mentee)")
    people = [A | {"manager": "", "offers": "sql", "wants": "sql", "urgency": 1}]
    for mentors, mentees in (([], people), (people, []), ([], [])):
        plan = rm.match(Programme(mentors, mentees, policy))
        assert (plan.status, plan.pairs, plan.objective) == (rm.Status.OPTIMAL, (), 0)
        assert len(plan.unmatched_mentors) + len(plan.unmatched_mentees) == len(mentors) + len(mentees)


# --- cells ------------------------------------------------------------------------------------------------------------


def test_grades_without_an_order_say_how_to_give_one() -> None:
    people = [{"id": "a", "grade": "intern"}, {"id": "b", "grade": 3}]
    found = problems(InputError, lambda: Programme(people, [Z], Policy(["GradeGap"])))
    assert [(p.code, p.place) for p in found] == [("RM137", "mentors:1:grade")]
    assert 'Policy(order={"grade": [...]})' in found[0].hint
    assert "intern" not in str(found[0])


def test_labels_that_are_not_in_the_order() -> None:
    policy = Policy(["GradeGap"], order={"grade": ["Junior", "Senior"]})
    mentors = [{"id": "a", "grade": "junior"}, {"id": "b", "grade": ""}, {"id": "c", "grade": "junior"}]
    found = problems(InputError, lambda: Programme(mentors, [{"id": "z", "grade": "Chief"}], policy))
    assert [(p.code, p.place) for p in found] == [("RM131", "mentees:1:grade"), ("RM131", "mentors:1:grade")]
    assert found[1].hint == 'did you mean "Junior"?'


def test_labels_of_people_who_do_not_take_part_need_no_order() -> None:
    people = rm.People.from_records([{"id": k, "grade": g} for k, g in enumerate(("low", "high", "oddity", "low"))])
    policy = Policy(["GradeGap"], order={"grade": ["low", "high"]})
    assert len(rm.match(Programme(people[[0, 3]], people[[1]], policy)).pairs) == 1


def test_numbers_that_terms_need() -> None:
    policy = Policy(score="Distance(hired, 5) + Priority(urgency, mentor)")
    mentor = {"id": "a", "hired": "2O12", "urgency": 1.5}
    mentee = {"id": "z", "hired": "2012", "urgency": "x"}
    found = problems(InputError, lambda: Programme([mentor], [mentee], policy))
    assert [(p.code, p.place) for p in found] == [("RM102", "mentors:1:hired"), ("RM102", "mentors:1:urgency")]
    assert all('order={"' in p.hint for p in found)


def test_managers_in_no_file_are_one_error_with_the_count() -> None:
    policy = Policy(["OutsideReportingLine"])
    mentors = [{"id": k, "manager": "gone"} for k in "abc"]
    (found,) = problems(InputError, lambda: Programme(mentors, [{"id": "z", "manager": ""}], policy))
    assert (found.code, found.place) == ("RM141", "manager")
    assert found.expected.startswith("3 people")
    assert found.hint == "give organisation= with everybody's id and manager, or unknown_manager='allow'"
    assert rm.match(Programme(mentors, [{"id": "z", "manager": ""}], policy, unknown_manager="allow")).pairs == ()
    everybody = [{"id": "gone", "manager": ""}]
    assert len(rm.match(Programme(mentors, [{"id": "z", "manager": ""}], policy, organisation=everybody)).pairs) == 1
    assert Programme(mentors, [{"id": "z", "manager": ""}])  # nobody asks for the lines


def test_managers_that_differ_between_files() -> None:
    mentors, everybody = [{"id": "a", "manager": "z"}], [{"id": "a", "manager": "y"}, {"id": "y", "manager": ""}]
    found = problems(
        InputError,
        lambda: Programme(
            mentors, [{"id": "z", "manager": ""}], Policy(["OutsideReportingLine"]), organisation=everybody
        ),
    )
    assert {p.code for p in found} == {"RM142"}


# --- ids --------------------------------------------------------------------------------------------------------------


def test_one_person_on_both_sides() -> None:
    (found,) = problems(InputError, lambda: Programme([A, B], [B, Z]))
    assert (found.code, found.place) == ("RM133", "mentors:2 and mentees:1")
    assert "dual_role=True" in found.hint
    assert rm.match(Programme([A, B], [B, Z], dual_role=True)).found


def test_two_people_who_share_an_id() -> None:
    for dual_role in (False, True):
        people = [A, B], [B | {"department": "Law"}, Z]
        (found,) = problems(InputError, lambda p=people, dual=dual_role: Programme(*p, dual_role=dual))
        assert (found.code, found.place) == ("RM133", "mentors:2 and mentees:1")
        assert found.expected == "two people share this id"
        assert "b" not in found.expected.split()


def test_columns_that_only_one_file_has_make_nobody_another_person() -> None:
    assert Programme([B | {"offers": "sql"}], [B | {"wants": "sql"}], dual_role=True)


def test_somebody_selected_twice() -> None:
    people = rm.People.from_records([A, B])
    assert codes(InputError, lambda: Programme(people[[0, 0]], [Z])) == [("RM120", "mentors")]


@pytest.mark.parametrize("part", ["bans", "history"])
def test_pairs_of_people_who_are_in_no_roster(part: str) -> None:
    pairs = [("a", "z"), ("A", "z"), ("a", "zz"), ("nobody", "none")]
    found = problems(InputError, lambda: Programme([A], [Z], **{part: pairs}))
    places = [f"{part}[1].mentor", f"{part}[3].mentor", f"{part}[2].mentee", f"{part}[3].mentee"]
    assert [(p.code, p.place) for p in found] == [("RM130", place) for place in places]
    assert not any("nobody" in str(p) for p in found)


def test_pairs_may_name_people_who_do_not_take_part() -> None:
    everybody = [A, B, Y, Z]
    assert Programme([A], [Z], bans=[("b", "z"), ("a", "y")], history=[("b", "y")], organisation=everybody)
    people = rm.People.from_records(everybody)
    assert Programme(people[:1], people[3:], bans=[("b", "y")])


def test_a_ban_the_wrong_way_round_is_not_dropped() -> None:
    found = codes(InputError, lambda: Programme([A], [Z], bans=[("z", "a")]))
    assert found == [("RM130", "bans[0].mentor"), ("RM130", "bans[0].mentee")]


@pytest.mark.parametrize("column", ["avoid", "choices"])
def test_wishes_and_refusals_name_people_who_exist(column: str) -> None:
    policy = Policy(score=S.Choice() + S.Choice(of="mentor"))
    blank = {"choices": ""}
    for listed, code in (("z; nobody", "RM130"), ("z;z", "RM120"), ("z;1000.0", "RM130")):
        found = problems(
            InputError, lambda listed=listed: Programme([A | blank | {column: listed}], [Z | blank], policy)
        )
        assert [(p.code, p.place) for p in found] == [(code, f"mentors:1:{column}")]
        assert "nobody" not in str(found[0])
    assert Programme([A | blank | {column: "z;a;b"}], [Z | blank], policy, organisation=[B | blank])


# --- pins -------------------------------------------------------------------------------------------------------------

STRICT = Policy(["DifferentDepartment", "GradeGap(5)", "MinScore(1)"], "Different(department)")


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"pins": [("z", "a")]}, [("RM130", "pins[0].mentor"), ("RM130", "pins[0].mentee")]),
        ({"pins": [("a", "b")]}, [("RM130", "pins[0].mentee")]),
        ({"pins": [("a", "y"), ("b", "z"), ("a", "y")]}, [("RM161", "pins[0] and pins[2]")]),
        ({"pins": [("a", "y")], "bans": [("b", "z"), ("a", "y")]}, [("RM161", "pins[0] and bans[1]")]),
        ({"pins": [Pin("a", "z", ("GradeGap",))]}, [("RM162", "pins[0]")]),
        ({"pins": [Pin("a", "z", ("GradeGap",), "  ")]}, [("RM162", "pins[0]")]),
        ({"pins": [("a", "z")]}, [("RM162", "pins[0]"), ("RM162", "pins[0]")]),  # same department, worth 0
        ({"pins": [Pin("a", "z", ("DifferentDepartment",), "agreed")]}, [("RM162", "pins[0]")]),
        ({"pins": [Pin("a", "y", ("GradGap",), "agreed")]}, [("RM135", "pins[0].despite")]),
        ({"pins": [("a", "y"), ("b", "y")]}, [("RM162", "pins[1]"), ("RM162", "pins[1]"), ("RM162", "pins[1]")]),
    ],
)
def test_pins_that_cannot_hold(parts: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert codes(InputError, lambda: Programme([A, B], [Y, Z], STRICT, **parts))[: len(expected)] == expected


def test_a_pin_that_a_rule_forbids_names_the_rule_and_the_way_out() -> None:
    (found,) = problems(InputError, lambda: Programme([B], [Y], Policy(["DifferentDepartment"]), pins=[("b", "y")]))
    assert "the rule DifferentDepartment forbids" in found.expected
    assert "despite DifferentDepartment" in found.hint
    pin = {"mentor": "b", "mentee": "y", "despite": "DifferentDepartment", "reason": "they asked for it"}
    plan = rm.match(Programme([B], [Y], Policy(["DifferentDepartment"]), pins=[pin]))
    assert [(pair.mentor, pair.mentee) for pair in plan.pairs] == [("b", "y")]
    assert rm.verify(plan).proven


def test_pins_beyond_a_capacity() -> None:
    for capacity, pins in ((1, [("a", "y"), ("a", "z")]), (0, [("a", "y")])):
        mentors = [A | {"capacity": capacity}]
        (found,) = problems(InputError, lambda m=mentors, p=pins: Programme(m, [Y | {"capacity": 3}, Z], pins=p))
        assert (found.code, found.place) == ("RM163", "mentors:1:capacity")
        assert found.expected == f"{len(pins)} pins for a capacity of {capacity}"


def test_a_pin_of_people_who_avoid_each_other_says_no_more_than_it_must() -> None:
    for mentor, mentee in ((A | {"avoid": "z"}, Z), (A, Z | {"avoid": "b;a"})):
        (found,) = problems(InputError, lambda m=mentor, s=mentee: Programme([m, B], [s], pins=[("a", "z")]))
        assert (found.code, found.place) == ("RM162", "pins[0]")
        assert found.expected == "this pair is ruled out for a reason that is kept private"
        assert "avoid" not in str(found)


def test_a_pin_of_a_pair_that_is_in_no_table() -> None:
    programme = Programme.from_scores(sparse.coo_array(([1, 2], ([0, 1], [0, 1])), shape=(2, 2)))
    assert programme.replace(pins=[("0", "0")])
    assert codes(InputError, lambda: programme.replace(pins=[("0", "1")])) == [("RM162", "pins[0]")]


def test_pins_of_people_in_two_roles() -> None:
    def made(*pins: tuple[str, str]) -> Any:
        return lambda: Programme([A, B], [A, B], dual_role=True, pins=pins)

    assert codes(InputError, made(("a", "a"))) == [("RM162", "pins[0]")]
    assert codes(InputError, made(("a", "b"), ("b", "a"))) == [("RM161", "pins[1]")]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("az", "RM143"),
        (5, "RM143"),
        (None, "RM143"),
        (("a",), "RM143"),
        (("a", "z", "y"), "RM143"),
        (("a", 1.5), "RM143"),
        (("a", True), "RM143"),
        (("a", None), "RM143"),
        ({"a", "z"}, "RM143"),
        ({"mentor": "a"}, "RM143"),
        ({"mentor": "a", "reason": "z"}, "RM143"),
        ({"mentor": "a", "mentee": "z", "reasn": ""}, "RM135"),
    ],
)
@pytest.mark.parametrize("part", ["pins", "bans", "history"])
def test_what_is_no_pair(part: str, given: Any, code: str) -> None:
    code = "RM143" if part != "pins" else code
    assert codes(InputError, lambda: Programme([A], [Z], **{part: [("a", "z"), given]})) == [(code, f"{part}[1]")]


def test_lists_that_are_none_and_pairs_that_are() -> None:
    found = codes(InputError, lambda: Programme([A], [Z], pins=5, bans=None, history={"a": "z"}))
    assert found == [("RM143", "pins"), ("RM143", "bans"), ("RM143", "history")]
    numbers = [{"id": 1}], [{"id": 2}]
    for pair in ((1, 2), ["1", "2"], np.array([1, 2]), {"mentor": 1, "mentee": "2"}, iter("12")):
        assert Programme(*numbers, bans=[pair]).bans == (("1", "2"),)
    assert Programme(*numbers, pins=iter([Pin("1", "2")])).pins == (Pin("1", "2"),)


# --- all at once ------------------------------------------------------------------------------------------------------


def test_everything_wrong_with_people_is_reported_at_once() -> None:
    mentors = [A | {"grade": "x", "manager": "gone"}, B | {"manager": ""}]
    mentees = [B | {"manager": ""}, Z | {"avoid": "nobody", "manager": ""}]
    policy = Policy(["GradeGap", "OutsideReportingLine"])
    found = codes(
        InputError,
        lambda: Programme(mentors, mentees, policy, bans=[("q", "z")], pins=[("a", "q"), ("a", "q")]),
    )
    assert sorted(code for code, _ in found) == ["RM130", "RM130", "RM130", "RM130", "RM133", "RM137", "RM141", "RM161"]


def test_collecting_stops_at_a_hundred() -> None:
    with pytest.raises(InputError) as caught:
        Programme([A], [Z], bans=[("q", "q")] * 200)
    assert len(caught.value.problems) == MOST_PROBLEMS
    assert caught.value.more


def test_a_pin_says_its_reason_in_words() -> None:
    mentors, mentees = [{"id": "a", "d": "1"}], [{"id": "y", "d": "1"}]
    for more in ({"despite": ["Different"], "reason": None}, {"despite": 5}, {"despite": [5]}, {"mentor": None}):
        with pytest.raises(InputError):
            Programme(mentors, mentees, Policy(["Different(d)"]), pins=[{"mentor": "a", "mentee": "y"} | more])


def test_more_levels_than_there_can_be_are_all_of_them() -> None:
    mentors, mentees = [{"id": "a", "manager": ""}], [{"id": "y", "manager": ""}]
    rules = [f"OutsideReportingLine(levels={2**31 - 1})"]
    assert len(rm.match(Programme(mentors, mentees, Policy(rules))).pairs) == 1


def test_a_file_without_headings_tells_nobodys_cells(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("Anna Smith,IT,3,f,Anna Smith\nBob,HR,4,m,x\n")
    with pytest.raises(InputError) as caught:
        rm.read_csv(path)
    assert "Anna" not in str(caught.value)


def test_sides_too_large_are_refused_before_people_are_made() -> None:
    from scipy.sparse import csr_matrix

    with pytest.raises(rm.errors.LimitError, match="RM190"):
        Programme.from_scores(csr_matrix((3 * 10**7, 3 * 10**7)))
