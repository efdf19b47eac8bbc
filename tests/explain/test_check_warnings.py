"""Each warning of `check` by hand: where it is due, and where it would be a false alarm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

import revmatch as rm
from revmatch.explain.spellings import folded, near_equal


def people(prefix: str, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"id": f"{prefix}{k}"} | row for k, row in enumerate(rows)]


def warned(programme: Any, code: str) -> list[str]:
    return [warning.text for warning in rm.check(programme).warnings if warning.code == code]


def programme(mentors: Sequence[dict[str, Any]], mentees: Sequence[dict[str, Any]], **policy: Any) -> Any:
    parts = {key: policy.pop(key) for key in ("organisation", "unknown_manager", "dual_role", "pins") if key in policy}
    return rm.Programme(people("a", mentors), people("b", mentees), rm.Policy(**policy), **parts)


# --- the two files swapped


def test_swapped_sides() -> None:
    assert warned(programme([{"grade": 8}, {"grade": ""}], [{"grade": 6}, {"grade": ""}]), "RM230")
    assert "swapped" in warned(programme([{"grade": 8}, {"grade": 7}], [{"grade": 6}, {"grade": 1}]), "RM230")[0]


@pytest.mark.parametrize(
    ("mentors", "mentees"),
    [
        ([7, 8], [7, 1]),
        ([1], [9]),
        ([8, ""], ["", ""]),
        (["", ""], [1]),
        ([], [1]),
        (["director"], ["clerk"]),
    ],
)
def test_sides_that_are_not_swapped(mentors: list[Any], mentees: list[Any]) -> None:
    everybody = people("x", [{"grade": "1"}])
    sides = [
        rm.People.from_records(people(p, [{"grade": g} for g in grades]) or everybody)[0 if grades else 1 :]
        for p, grades in (("a", mentors), ("b", mentees))
    ]
    assert warned(rm.Programme(*sides), "RM230") == []


def test_swapped_labels_and_who_takes_no_part() -> None:
    order = {"grade": ["clerk", "manager", "director"]}
    sides = [[{"grade": "director"}, {"grade": "clerk", "capacity": 0}], [{"grade": "manager"}, {"grade": "clerk"}]]
    assert warned(programme(*sides, order=order, rules=["GradeGap"]), "RM230")
    sides[0][1]["capacity"] = 1
    assert not warned(programme(*sides, order=order, rules=["GradeGap"]), "RM230")


# --- near-equal spellings


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Finance", "finance"),
        ("Finance", " Finance "),
        ("IT", "it"),
        ("Human  Resources", "Human Resources"),
        ("Zoë's Team", "Zoe\u0308's Team"),
        ("Marketing", "Marketng"),
        ("Marketing", "Markeeting"),
        ("Marketing", "Marketimg"),
        ("Marketing", "Markteing"),
        ("Operations North", "Operation North"),
        ("Front End", "Frontend"),
        ("Front-End", "Front End"),
        ("STRASSE 1 West", "Straße 1 West"),
    ],
)
def test_spellings_that_look_like_one(a: str, b: str) -> None:
    assert near_equal([a, b]) == [tuple(sorted((a, b)))]


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Plant 1", "Plant 2"),
        ("Warehouse1", "Warehouse2"),
        ("East Sector", "East Secto"),
        ("Region A", "Region B"),
        ("Engineering 10", "Engineering 100"),
        ("Sales", "Sale"),
        ("Mental health", "Dental health"),
        ("Marketing", "Finance"),
        ("Engineer II", "Engineer III"),
        ("North", "South"),
        ("Marketing", "Marketplaces"),
        ("R&D", "R-D"),
        ("Finance", "Finance"),
        ("x" * 200 + "abcdef", "x" * 200 + "abcdeg"),
    ],
)
def test_spellings_that_are_meant(a: str, b: str) -> None:
    assert near_equal([a, b]) == []


def test_spellings_are_found_among_many_and_named_once() -> None:
    words = [f"Department of thing {k}" for k in range(500)]
    assert near_equal([*words, "Logistics", "logistics", "Logistcs"]) == [
        ("Logistcs", "Logistics"),
        ("Logistics", "logistics"),
    ]


def test_folding_is_stable() -> None:
    for text in ("İstanbul", "ΑΣ", "ß", "ﬀ", "Å\u0301"):
        assert folded(folded(text)) == folded(text)


def test_spellings_between_the_sides_in_columns_that_the_policy_uses() -> None:
    mentors = [{"department": "Finance", "city": "Leeds"}, {"department": "Finance", "city": "leeds"}]
    mentees = [{"department": "finance", "city": "Leeds"}, {"department": "Legal", "city": "Leeds"}]
    found = warned(programme(mentors, mentees, rules=["DifferentDepartment"]), "RM231")
    assert len(found) == 1
    assert found[0].startswith("department:")
    assert '"Finance" (2) and "finance" (1)' in found[0]
    assert "eeds" not in found[0]


def test_spellings_of_people_who_take_no_part_do_not_count() -> None:
    mentors = [{"department": "Finance"}, {"department": "finance", "capacity": 0}]
    assert not warned(programme(mentors, [{"department": "Law"}], rules=["DifferentDepartment"]), "RM231")


def test_spellings_of_skills_and_items() -> None:
    mentors = [{"offers": "Python:3; public speaking", "languages": "EN; Portuguese", "wants": "x"}]
    mentees = [{"wants": "Pyhton; Public Speaking", "languages": "en; Portugese", "offers": "y"}]
    found = warned(programme(mentors, mentees, rules=["SharedLanguage"], score="SkillGap"), "RM231")
    assert any('"pyhton" (1) and "python" (1)' in text for text in found)
    assert any('"portugese" (1) and "portuguese" (1)' in text for text in found)
    assert len(found) == 2


@pytest.mark.parametrize("column", ["manager", "name", "hired"])
def test_spellings_of_ids_names_and_numbers_are_left_alone(column: str) -> None:
    values = {
        "manager": ["xAnnabel", "xAnnabell"],
        "name": ["Annabel", "Annabell"],
        "hired": [2008, 2018],
    }
    rows = [{column: value} for value in values[column]]
    assert not warned(programme(rows, rows, rules=[f"Different({column})"]), "RM231")
    if column != "hired":
        others = [{"team": value} for value in values[column]]
        assert warned(programme(others, others, rules=["Different(team)"]), "RM231")


def test_only_some_spellings_are_listed() -> None:
    rows = [{"department": f"{word} {chr(97 + k)}lpha"} for k in range(25) for word in ("Sales", "sales")]
    found = warned(programme(rows, rows, rules=["DifferentDepartment"]), "RM231")
    assert found[0].endswith("; and 5 more.")


# --- somebody above everybody

LINE = [{"manager": "b0"}, {"manager": "b1"}]
LEADERS = [{"manager": ""}, {"manager": "b0"}]


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("OutsideReportingLine", "paired with nobody"),
        ("OutsideReportingLine(head_levels=2)", "looks 2 steps"),
        ("OutsideReportingLine(levels=1)", "looks 1 step up"),
        ("OutsideReportingLine(levels=3, head_levels=0)", "looks 0 steps"),
    ],
)
def test_head(rule: str, says: str) -> None:
    found = warned(programme(LINE, LEADERS, rules=[rule]), "RM232")
    assert len(found) == 1
    assert found[0].startswith("b0 stands above everybody else")
    assert says in found[0]


def test_no_head_where_nobody_asks_or_nobody_is_or_they_take_no_part() -> None:
    assert not warned(programme(LINE, LEADERS, rules=[]), "RM232")
    assert not warned(programme(LINE, [{"manager": ""}, {"manager": ""}], rules=["OutsideReportingLine"]), "RM232")
    absent = [{"manager": "", "capacity": 0}, {"manager": "b0", "capacity": 1}]
    assert not warned(programme(LINE, absent, rules=["OutsideReportingLine"]), "RM232")
    lines = [{"id": "a0", "manager": "top"}, {"id": "b0", "manager": "top"}, {"id": "top", "manager": ""}]
    lent = rm.Programme([{"id": "a0"}], [{"id": "b0"}], rm.Policy(rules=["OutsideReportingLine"]), organisation=lines)
    assert not warned(lent, "RM232")


# --- not stated


def test_not_stated() -> None:
    mentors = [{"department": ""}, {"department": None}, {"department": "Law"}, {"department": "", "capacity": 0}]
    found = warned(
        programme(mentors, [{"department": "IT"}, {"department": " "}], rules=["DifferentDepartment"]), "RM132"
    )
    assert found == [
        "2 mentors and 1 mentee have not stated department: DifferentDepartment then forbids every pair of theirs."
    ]
    assert not warned(
        programme([{"department": "IT"}], [{"department": "Law"}], rules=["DifferentDepartment"]), "RM132"
    )


def test_not_stated_hours_or_zone() -> None:
    mentors = [
        {"available": "any", "time_zone": ""},
        {"available": "", "time_zone": ""},
        {"available": ";", "time_zone": "UTC"},
    ]
    found = rm.check(programme(mentors, [{"available": "any", "time_zone": "UTC"}], rules=["CommonHours"]))
    assert (found.rules[0].not_stated.mentors, found.rules[0].not_stated.mentees) == (3, 0)
    assert [(column, part.mentors) for column, part in found.rules[0].not_stated_in] == [
        ("available", 2),
        ("time_zone", 2),
    ]
    assert [one.not_stated for one in found.without_partner.mentors] == [
        ("time_zone",),
        ("available", "time_zone"),
        ("available",),
    ]
    assert [warning.text[:48] for warning in found.warnings if warning.code == "RM132"] == [
        "3 mentors have not stated available or time_zone"
    ]


def test_managers_in_no_file() -> None:
    mentors = [{"manager": "gone"}, {"manager": ""}]
    allowed = programme(mentors, [{"manager": ""}], rules=["OutsideReportingLine"], unknown_manager="allow")
    assert warned(allowed, "RM132") == [
        "1 mentor has not stated manager: OutsideReportingLine then forbids every pair of theirs."
    ]


# --- columns that tell a protected one


def paired(count: int, **cells: Any) -> list[dict[str, Any]]:
    return [{name: cell(k) for name, cell in cells.items()} for k in range(count)]


def test_a_column_that_tells_a_sensitive_one() -> None:
    rows = paired(12, team=lambda k: f"t{k % 3}", origin=lambda k: f"o{k % 3}" if k else "")
    found = warned(programme(rows, rows, rules=["Different(team)"], sensitive={"origin": "consent"}), "RM201")
    assert len(found) == 1
    assert found[0].startswith('"team" tells "origin"')


def test_a_well_known_protected_column_need_not_be_declared() -> None:
    rows = paired(12, team=lambda k: f"t{k % 3}", gender=lambda k: f"o{k % 3}")
    assert warned(programme(rows, rows, rules=["Different(team)"]), "RM201")
    assert warned(programme(rows, rows, show=["team"]), "RM201")
    assert not warned(programme(rows, rows, rules=[]), "RM201")


@pytest.mark.parametrize(
    ("count", "team", "gender"),
    [
        (12, lambda k: f"t{k % 3}", lambda k: f"o{k % 2}"),
        (12, lambda k: f"t{k % 4}", lambda k: f"o{k % 2}"),  # one way only
        (12, lambda k: f"t{k}", lambda k: f"o{k}"),  # everybody has their own
        (4, lambda k: f"t{k % 2}", lambda k: f"o{k % 2}"),  # too few to mean anything
        (12, lambda k: "t", lambda k: "o"),
        (12, lambda k: f"t{k % 3}", lambda k: f"o{k % 3 if k else 1}"),
        (12, lambda k: f"t{k % 3}", lambda k: ""),
    ],
)
def test_columns_that_tell_nothing(count: int, team: Any, gender: Any) -> None:
    rows = paired(count, team=team, gender=gender)
    assert not warned(programme(rows, rows, rules=["Different(team)"]), "RM201")


def test_a_column_that_one_side_has_and_one_that_differs_between_the_sides() -> None:
    one, other = paired(20, team=lambda k: f"t{k % 2}", gender=lambda k: f"o{k % 2}"), paired(6, team=lambda k: "t0")
    assert warned(programme(one, other, rules=["Different(team)"]), "RM201")
    swapped = paired(20, team=lambda k: f"t{k % 2}", gender=lambda k: f"o{(k + 1) % 2}")
    assert not warned(programme(one, swapped, rules=["Different(team)"]), "RM201")


# --- columns nobody uses


def test_columns_nobody_uses() -> None:
    row = {
        "name": "N",
        "department": "x",
        "shoe": "4",
        "Floor": "2",
        "capacity": 1,
        "hired": 3,
        "city": "c",
        "dotted_line": "",
    }
    roster = rm.People.from_records(people("p", [row, row | {"hired": 9}]))
    chosen = rm.Programme(
        roster.where("hired < 5"), roster.where("hired > 5"), rm.Policy(rules=["DifferentDepartment"], show=["city"])
    )
    assert warned(chosen, "RM233") == ["Nothing in the policy uses Floor, dotted_line, shoe."]


def test_columns_that_something_uses() -> None:
    mentors = [{"manager": "", "dotted_line": "", "offers": "x", "min_load": 0, "avoid": ""}]
    policy = {"rules": ["OutsideReportingLine"], "score": "SkillGap"}
    assert not warned(programme(mentors, [{"manager": "", "wants": "x", "offers": "y"}], **policy), "RM233")
    assert not warned(rm.Programme.from_scores([[1, 2]]), "RM233")


def test_lent_columns_are_the_lender_s() -> None:
    lender = [{"id": "a0", "secret_plan": "x", "manager": ""}, {"id": "b0", "secret_plan": "y", "manager": ""}]
    lent = rm.Programme([{"id": "a0"}], [{"id": "b0"}], rm.Policy(rules=["OutsideReportingLine"]), organisation=lender)
    assert not warned(lent, "RM233")


# --- what stops a plan


def test_more_is_asked_than_there_is_room_for() -> None:
    found = warned(programme([{}, {}], [{"min_load": 2, "capacity": 2}, {"min_load": 1}], rules=[]), "RM234")
    assert len(found) == 1
    assert "mentees must have 3 partners in all, but the mentors have room for 2" in found[0]
    assert not warned(programme([{"capacity": 2}, {}], [{"min_load": 2, "capacity": 2}, {"min_load": 1}]), "RM234")


def test_room_is_counted_with_eligible_partners_only() -> None:
    mentors = [{"department": "IT", "capacity": 9}, {"department": "HR", "capacity": 9}]
    mentees = [{"department": "IT", "min_load": 1}, {"department": "HR", "min_load": 1}]
    fine = programme(mentors, mentees, rules=["DifferentDepartment"], limits=["EveryoneMatched(mentor)"])
    assert not warned(fine, "RM234")
    mentees.append({"department": "IT", "min_load": 2, "capacity": 2})
    room, short = warned(programme(mentors, mentees, rules=["DifferentDepartment"]), "RM234")
    assert "4 partners in all, but the mentors have room for 3" in room
    assert short == (
        "1 mentee must have more partners than there are eligible ones: b2. There is no plan unless a rule or a "
        "minimum is relaxed."
    )


def test_everyone_matched_without_an_eligible_partner() -> None:
    mentors = [{"department": ""} for _ in range(25)] + [{"department": "HR"}]
    found = warned(
        programme(mentors, [{"department": "IT"}], rules=["DifferentDepartment"], limits=["EveryoneMatched(mentor)"]),
        "RM234",
    )
    assert "mentors must have 26 partners in all" in found[0]
    assert found[1].startswith("25 mentors must have more partners than there are eligible ones: a0, a1, a10, a11")
    assert " and 5 more. " in found[1]


def test_a_pin_that_breaks_a_rule_is_a_partner() -> None:
    rows = [{"department": "IT"}]
    pin = {"mentor": "a0", "mentee": "b0", "despite": ("DifferentDepartment",), "reason": "agreed"}
    policy = {"rules": ["DifferentDepartment"], "limits": ["EveryoneMatched(mentor)", "EveryoneMatched(mentee)"]}
    pinned = programme(rows, rows, pins=[pin], **policy)
    found = rm.check(pinned)
    assert (found.eligible, found.pinned_despite, found.without_partner.mentors) == (0, 1, ())
    assert not warned(pinned, "RM234")
    assert warned(programme(rows, rows, **policy), "RM234")
    needless = programme(rows, [{"department": "HR"}], pins=[pin], **policy)
    assert (rm.check(needless).eligible, rm.check(needless).pinned_despite) == (1, 0)


def test_a_circle_is_asked_for_whole_and_is_no_larger() -> None:
    wide = [{"min_load": 1, "capacity": 4}]
    circle = programme([{}], wide, rules=[], limits=["Circles(2, 3)"])
    assert "mentees must have 2 partners in all, but the mentors have room for 1" in warned(circle, "RM234")[0]
    mentors = [{} for _ in range(4)]
    many = programme(mentors, wide, rules=[], limits=["Circles(2, 3)", "EveryoneMatched(mentor)"])
    assert "mentors must have 4 partners in all, but the mentees have room for 3" in warned(many, "RM234")[0]
    assert not warned(programme(mentors, wide, rules=[], limits=["Circles(2, 3)"]), "RM234")


def test_goals_without_effect() -> None:
    def about(previous: Any = (), goals: Any = ("Pairs", "LeastChange"), **columns: Any) -> list[str]:
        sides = [[{"id": "a"} | columns, {"id": "b"} | columns], [{"id": "z"} | columns]]
        made = rm.Programme(*sides, rm.Policy(goals=goals), previous=previous)
        return [warning.text for warning in rm.check(made).warnings if warning.code == "RM238"]

    assert about() == ["The goal LeastChange has no plan to keep to: give previous=, the plan before this one."]
    assert about([("a", "z")]) == []
    assert about([("a", "z"), ("gone", "z")]) == [
        "1 of 2 pairs of the plan before is lost already: not both people are here."
    ]
    assert about([("z", "a"), ("z", "b")])[0].endswith("Are its pairs written as (mentor, mentee)?")
    assert about([("a", "z")], goals=["Pairs"]) == ["previous= is given, but no goal looks at it: LeastChange does."]
    goals = ["Pairs", "Balance(site)"]
    assert about(goals=goals, site="A") == ["Balance(site) compares nothing: there are not two groups."]
    assert about(goals=goals, site="")
    assert rm.check(rm.Programme([{"id": "a", "site": "A"}], [{"id": "z", "site": "B"}], rm.Policy(goals=goals)))


def test_who_would_be_worst_off_can_be_left_out() -> None:
    """With several places for some, others need none: neither pairs nor mentors tell how many mentees there are."""

    def about(*goals: str, limits: Any = (), least: int = 0, most: int = 3, of_mentors: int = 1) -> bool:
        mentors = [{"id": key, "capacity": of_mentors} for key in "abcdef"]
        mentees = [{"id": key, "capacity": most, "min_load": least} for key in "xyz"]
        policy = rm.Policy(score=rm.score.Table([[3, 2, 1]] * 6), goals=goals, limits=limits)
        return bool(warned(rm.Programme(mentors, mentees, policy), "RM239"))

    assert about("Pairs", "WorstOff")
    assert about("Coverage(mentor)", "Pairs", "WorstOff")
    assert about("WorstOff", limits=["EveryoneMatched(mentor)"])
    assert about("Coverage(mentor)", "WorstOff", most=1, of_mentors=2)
    assert not about("Coverage(mentor)", "WorstOff", most=1)
    assert not about("Pairs", "WorstOff", most=1, of_mentors=2)
    assert not about("Pairs", "Coverage", "WorstOff")
    assert not about("Coverage(mentee)", "WorstOff")
    assert not about("Pairs", "WorstOff", limits=["EveryoneMatched(mentee)"])
    assert not about("Pairs", "WorstOff", least=1)
    assert not about("Pairs", "TotalScore")


def test_demand_is_never_called_impossible_where_a_plan_exists() -> None:
    from bridge import programme_of
    from strategies import any_case, seeded

    impossible = 0
    for seed in range(150):
        made = programme_of(any_case(seeded(seed)))
        if warned(made, "RM234"):
            assert rm.match(made).status == rm.Status.INFEASIBLE
            impossible += 1
    assert impossible > 5


def test_nobody_on_a_side() -> None:
    assert warned(programme([{"capacity": 0}, {"capacity": 0}], [{}]), "RM235") == [
        "No mentor takes part: all 2 have capacity 0. The plan will be empty."
    ]
    nobody = rm.People.from_records([{"id": "x"}])[0:0]
    both = rm.Programme(nobody, nobody)
    assert len(warned(both, "RM235")) == 2
    assert not warned(both, "RM236")
    assert rm.check(both).pairs == 0


def test_no_eligible_pair() -> None:
    rows = [{"department": "IT"}]
    assert warned(programme(rows, rows, rules=["DifferentDepartment"]), "RM236")
    assert not warned(programme(rows, [{"department": "HR"}], rules=["DifferentDepartment"]), "RM236")


def test_a_clean_programme_has_no_warnings() -> None:
    clean = programme([{"department": "IT"}], [{"department": "Law"}], rules=["DifferentDepartment"])
    assert rm.check(clean).warnings == ()


def test_who_is_not_in_the_organisation_may_be_a_slip_of_the_pen() -> None:
    everybody = [{"id": "j", "manager": "boss"}, {"id": "boss", "manager": ""}]
    programme = rm.Programme([{"id": "j"}], [{"id": "b0ss"}], rm.Policy(), organisation=everybody)
    (found,) = [warning.text for warning in rm.check(programme).warnings if warning.code == "RM237"]
    assert found.startswith("1 of 1 mentees is not in the organisation, which is everybody: mentees:1.")
    programme = rm.Programme([{"id": "j"}], [{"id": "boss"}], rm.Policy(), organisation=everybody)
    assert "RM237" not in [warning.code for warning in rm.check(programme).warnings]


@pytest.mark.parametrize(
    ("away", "warned"),
    [
        ("2026-03-10..2026-03-23", True),
        ("2026-03-10..2026-03-16; 2026-03-17..2026-03-23", True),
        ("2026-03-10T00:00Z..2026-03-24T00:00Z", True),
        ("2026-03-09..2026-03-13; 2026-03-15..2026-03-22; 2026-03-28", True),  # on some date of every time
        ("2026-03-10..2026-03-22", False),  # one day less: a time is left
        ("2026-03-10..2026-03-16; 2026-03-18..2026-03-31", False),  # most of it is after the last session
        ("2026-02-10..2026-03-08", False),  # before the first week is over
        ("", False),
    ],
)
def test_rm243_who_is_away_on_a_date_of_each_time_cannot_be_paired(away: str, warned: bool) -> None:
    hours = {"available": "Mon-Sun 9-17", "time_zone": "UTC"}
    policy = rm.Policy(limits=[rm.limits.Meetings("2026-03-02", every=2, weeks=4)])
    found = rm.check(rm.Programme([{"id": "ann", "away": away, **hours}], [{"id": "zoe", **hours}], policy))
    text = next((one.text for one in found.warnings if one.code == "RM243"), None)
    assert (text is not None) is warned
    assert found.eligible == (0 if warned else 1)
    assert text is None or "they are away: ann." in text


@pytest.mark.parametrize(
    ("available", "warned"),
    [
        ("Mon 9-12; Mon-Fri AM", True),
        ("Mon 9-12; Mon 11-13; Tue PM", True),
        ("Mon 9-12; Mon 12-13", False),
        ("", False),
    ],
)
def test_rm244_hours_that_overlap_are_joined_with_a_note(available: str, warned: bool) -> None:
    juniors = [{"id": "ann", "available": available, "time_zone": "UTC"}]
    leaders = [{"id": "zoe", "available": "Mon-Fri day", "time_zone": "UTC"}]
    policy = rm.Policy(rules=["CommonHours(60)"])
    texts = [one.text for one in rm.check(rm.Programme(juniors, leaders, policy)).warnings if one.code == "RM244"]
    assert texts == (["Some hours of 1 mentor overlap: they were joined, and count once."] if warned else [])
    without = rm.check(rm.Programme(juniors, leaders, rm.Policy()))
    assert "RM244" not in {one.code for one in without.warnings}
