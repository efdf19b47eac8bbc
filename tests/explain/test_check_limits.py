"""Warnings of `check` about limits: whom they leave nobody, and what hardly a plan keeps."""

from __future__ import annotations

from typing import Any

import pytest

import revmatch as rm

L = rm.limits


def people(ids: str, **columns: Any) -> list[dict[str, Any]]:
    """People with one letter each; a column is one value for all, or a list of one for each."""
    return [
        {"id": key} | {name: v[k] if isinstance(v, list) else v for name, v in columns.items()}
        for k, key in enumerate(ids)
    ]


def checked(mentors: Any, mentees: Any, *limits: Any, **more: Any) -> rm.Check:
    parts = {key: more.pop(key) for key in ("pins", "bans") if key in more}
    return rm.check(rm.Programme(mentors, mentees, rm.Policy(limits=limits, **more), **parts))


def warned(found: rm.Check, code: str) -> list[str]:
    return [warning.text for warning in found.warnings if warning.code == code]


EVERYBODY = "Everybody has an eligible partner."


def test_hours_that_nobody_has() -> None:
    found = checked(people("ab"), people("xyz", hours=[1, 2, 3]), L.Load("hours", at_most=1))
    assert warned(found, "RM240") == [
        "2 mentees can be paired with nobody under Load(hours, at_most=1): no mentor has so many hours: y, z."
    ]
    assert EVERYBODY not in str(found)
    found = checked(people("ab", has=[2, 0]), people("xy", hours=[1, 2]), L.Load("hours", at_most="has"))
    assert warned(found, "RM240") == [
        "1 mentor can be paired with nobody under Load(hours, at_most=has): every mentee needs more hours: b."
    ]
    found = checked(people("ab", hours=[2, 1]), people("xy"), L.Load("hours", at_most=1, side="mentee"))
    assert warned(found, "RM240") == [
        "1 mentor can be paired with nobody under Load(hours, at_most=1, side=mentee): no mentee has so many hours: a."
    ]


def test_capacities_below_a_circle() -> None:
    found = checked(people("abc"), people("wxyz", capacity=[2, 1, 0, 1]), L.Circles(2, 4))
    assert warned(found, "RM240") == [
        "2 mentees can be paired with nobody under Circles(2, largest=4): a capacity below 2 fits no circle: x, z."
    ]
    assert EVERYBODY not in str(found)


@pytest.mark.parametrize(
    ("mentees", "limit"),
    [
        (people("xy", hours=[1, 2]), L.Load("hours", at_most=2)),
        (people("xy", hours=[1, 9], capacity=[1, 0]), L.Load("hours", at_most=2)),
        (people("xy", capacity=[2, 3]), L.Circles(2, 4)),
        (people("xy"), L.Circles(1, 4)),
        (people("xy", capacity=0), L.Circles(2, 4)),
    ],
)
def test_no_false_alarm(mentees: Any, limit: Any) -> None:
    assert not warned(checked(people("ab"), mentees, limit), "RM240")


def test_hours_that_are_kept_private_name_nobody() -> None:
    hours = people("xyz", hours=[1, 2, 3])
    assert not warned(checked(people("ab"), hours, L.Load("hours", 1), sensitive={"hours": "agreed"}), "RM240")


SITES = people("abc", site=["Rome", "Rome", "Oslo"], capacity=2)
TWO_PLACES = people("xy", capacity=2)
TOGETHER = L.Together(["a", "b"])


@pytest.mark.parametrize(
    ("limit", "why"),
    [
        (L.Apart(["c", "b", "a"]), "Apart([c, b, a]) forbids that of a and b"),
        (L.CoMentorsDifferent("site"), "CoMentorsDifferent(site) forbids that of these"),
    ],
)
def test_together_and_never(limit: Any, why: str) -> None:
    found = checked(SITES, TWO_PLACES, TOGETHER, limit)
    assert warned(found, "RM241") == [
        f"Together([a, b]) leaves a and b nobody: they must have the same mentees, and {why}."
    ]
    assert EVERYBODY not in str(found)
    plan = rm.match(rm.Programme(SITES, TWO_PLACES, rm.Policy(limits=[TOGETHER, limit])))
    assert not {"a", "b"} & {pair.mentor for pair in plan.pairs}


def test_together_and_not_in_the_way() -> None:
    for limits in (
        [TOGETHER, L.Apart(["b", "c"])],
        [L.Together(["a", "c"]), L.CoMentorsDifferent("site")],
        [L.Circles(2, 2), L.CoMentorsDifferent("site")],
    ):
        assert not [w for w in checked(SITES, TWO_PLACES, *limits).warnings if w.code in ("RM241", "RM242")]
    # who is like whom in a column that is kept private is not told
    private = {"sensitive": {"site": "agreed"}}
    assert not warned(checked(SITES, TWO_PLACES, TOGETHER, L.CoMentorsDifferent("site"), **private), "RM241")
    three = people("xy", capacity=3)
    assert not warned(checked(SITES, three, L.Circles(3, 3), L.CoMentorsDifferent("site"), **private), "RM242")


def share(value: str, **bounds: Any) -> Any:
    return L.Quota("site", value, "mentor", **bounds)


@pytest.mark.parametrize(
    ("limits", "start"),
    [
        ([L.TotalPairs(0)], "TotalPairs(0) allows no pair at all."),
        ([share("Rome", at_least="60%"), share("Oslo", at_least="50%")], "Only a plan without pairs keeps the quotas"),
        ([share("Rome", at_least="60%"), share("Rome", at_most="50%")], "Only a plan without pairs keeps Quota(site"),
        ([L.Circles(3, 3), L.CoMentorsDifferent("site")], "Only a plan without pairs keeps Circles(3"),
    ],
)
def test_only_a_plan_without_pairs(limits: Any, start: str) -> None:
    leaders = people("xy", capacity=3)
    found = checked(SITES, leaders, *limits)
    (text,) = warned(found, "RM242")
    assert text.startswith(start)
    assert EVERYBODY not in str(found)
    assert rm.match(rm.Programme(SITES, leaders, rm.Policy(limits=limits))).pairs == ()


def test_mentors_without_an_eligible_partner_make_no_circle() -> None:
    leaders = people("xy", capacity=2)
    limits = [L.Circles(2, 2), L.CoMentorsDifferent("site")]
    (text,) = warned(checked(SITES, leaders, *limits, bans=[("c", "x"), ("c", "y")]), "RM242")
    assert text.endswith(
        "a circle needs 2 different ones, and the mentors who have an eligible partner state 1 value of site."
    )


def test_no_pair_between_departments() -> None:
    departments = {"department": ["IT", "HR", ""]}
    found = checked(people("abc", **departments), people("xyz", **departments), L.DepartmentPair(0))
    assert warned(found, "RM242") == ["DepartmentPair(0) allows no pair at all between people who state a department."]


def test_shares_that_go_together() -> None:
    for limits in (
        [share("Rome", at_least="60%"), share("Oslo", at_least="40%")],
        [share("Rome", at_least="60%"), L.Quota("site", "Oslo", "mentee", at_least="60%")],
        [share("Rome", at_least="60%"), share("Oslo", at_least=2)],
    ):
        assert not warned(checked(SITES, people("xy", site=["Oslo", "Rome"], capacity=3), *limits), "RM242")
