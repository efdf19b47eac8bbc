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
