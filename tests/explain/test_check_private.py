"""What `check` must not tell."""

from __future__ import annotations

import json
from typing import Any

import pytest

import revmatch as rm

CANARY = "zxq7"


def sides(n: int, m: int, **cells: Any) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Two sides in two departments; cells are functions of (side, position)."""
    return tuple(  # type: ignore[return-value]
        [
            {"id": f"{side}{k}", "department": f"D{k % 2}"} | {name: cell(side, k) for name, cell in cells.items()}
            for k in range(size)
        ]
        for side, size in (("a", n), ("b", m))
    )


def everything(found: Any) -> str:
    return (str(found) + repr(found) + json.dumps(found.to_dict(), ensure_ascii=False)).casefold()


def avoiding(count: int) -> Any:
    """So many mentors avoid the first mentee; a rule for each of two columns."""
    mentors, mentees = sides(
        10, 10, avoid=lambda side, k: "b0" if side == "a" and k < count else "", team=lambda s, k: k
    )
    return rm.Programme(mentors, mentees, rm.Policy(rules=["Different(team)", "DifferentDepartment"]))


@pytest.mark.parametrize("count", [0, 1, 2, 4])
def test_few_avoided_pairs_are_withheld_and_cannot_be_worked_out(count: int) -> None:
    found = rm.check(avoiding(count))
    assert found.other is not None
    assert found.other.removed_first is None
    assert found.other.removed_alone is None
    # the eligible pairs, and the numbers that are left, do not give away the one that is missing
    assert [removal.removed_first for removal in found.rules] == [None, 40]
    assert found.eligible == 50 - (count // 2)
    assert str(found).count("fewer than 5") == 3
    assert "other (bans, private reasons)" in str(found)


def test_many_avoided_pairs_are_counted() -> None:
    found = rm.check(avoiding(10))
    assert found.other is not None
    assert (found.other.removed_first, found.other.removed_alone) == (5, 5)
    assert [removal.removed_first for removal in found.rules] == [10, 40]


def test_bans_hide_among_avoided_pairs() -> None:
    found = rm.check(avoiding(2).replace(bans=[("a9", "b0")]))
    assert found.other is not None
    assert found.other.removed_first is None
    assert "a9" not in everything(found)


def test_bans_are_counted_where_nobody_can_avoid_anybody() -> None:
    mentors, mentees = sides(2, 2)
    found = rm.check(rm.Programme(mentors, mentees, bans=[("a0", "b1")]))
    assert found.other is not None
    assert (found.other.removed_first, found.eligible) == (1, 3)


def test_who_avoids_whom_is_not_told() -> None:
    mentors, mentees = sides(3, 1, avoid=lambda side, k: "b0" if side == "a" and k == 1 else "")
    found = rm.check(rm.Programme(mentors, mentees))
    assert [(one.person, one.first, one.enough) for one in found.without_partner.mentors] == [
        ("a1", "other", ("other",))
    ]
    assert "avoid" not in everything(found)


def sensitive(**more: Any) -> Any:
    mentors, mentees = sides(
        6,
        6,
        ethnicity=lambda side, k: f"{CANARY}{k % 2}" if k < 5 else "",
        name=lambda side, k: f"{CANARY} {side}{k}",
    )
    policy = rm.Policy(rules=["Same(ethnicity)"], sensitive={"Ethnicity": "a circle, with everybody's consent"}, **more)
    return rm.Programme(mentors, mentees, policy)


def test_sensitive_columns_are_counted_and_not_told() -> None:
    found = rm.check(sensitive())
    assert found.rules[0].removed_first == 36 - 13
    assert (found.rules[0].not_stated.mentors, found.rules[0].not_stated.mentees) == (None, None)
    alone = found.without_partner.mentors
    assert [(one.person, one.first, one.enough, one.helps, one.not_stated) for one in alone] == [
        ("a5", "other", ("other",), ("other",), ())
    ]
    assert CANARY not in everything(found)
    assert "RM132" not in {warning.code for warning in found.warnings}


def test_shuffling_a_column_that_nobody_declared_changes_nothing() -> None:
    texts = []
    for shift in range(3):
        faith = lambda side, k, shift=shift: f"{CANARY}{(k * k + shift) % 3}"  # noqa: E731
        mentors, mentees = sides(9, 9, faith=faith, team=lambda side, k: f"t{k % 4}")
        texts.append(everything(rm.check(rm.Programme(mentors, mentees, rm.Policy(rules=["Different(team)"])))))
    assert len(set(texts)) == 1


def test_sensitive_skills_are_not_named() -> None:
    mentors, mentees = sides(2, 2, wants=lambda side, k: f"{CANARY}ology; flying", offers=lambda side, k: "cooking")
    policy = rm.Policy(score="SkillGap", sensitive={f"wants:{CANARY.lower()}OLOGY": "with consent"})
    found = rm.check(rm.Programme(mentors, mentees, policy))
    assert [one.skill for one in found.skills_not_offered] == ["flying"]
    assert CANARY not in everything(found)


@pytest.mark.parametrize("column", ["wants", "offers"])
def test_no_skill_is_named_where_the_whole_column_is_sensitive(column: str) -> None:
    mentors, mentees = sides(2, 2, wants=lambda side, k: f"{CANARY}elling; {CANARY}eling", offers=lambda side, k: "")
    policy = rm.Policy(score="SkillGap", sensitive={column: "with consent"})
    assert CANARY not in everything(rm.check(rm.Programme(mentors, mentees, policy)))


def test_near_equal_spellings_of_sensitive_columns_and_skills_are_not_told() -> None:
    cells = {"origin": lambda side, k: f"{CANARY}elling" if k else f"{CANARY}eling", "offers": lambda side, k: "b"}
    mentors, mentees = sides(2, 2, wants=lambda side, k: f"{CANARY}elling; {CANARY}eling", **cells)
    declared = {"origin": "x", f"wants:{CANARY}elling": "x", f"wants:{CANARY}eling": "x"}
    policy = rm.Policy(rules=["Different(origin)"], score="SkillGap", sensitive=declared)
    assert CANARY not in everything(rm.check(rm.Programme(mentors, mentees, policy)))
    undeclared = rm.Policy(score="SkillGap")
    assert everything(rm.check(rm.Programme(mentors, mentees, undeclared))).count(CANARY) > 2


def test_few_blanks_of_sensitive_columns_are_withheld_from_what_was_assumed() -> None:
    mentors, mentees = sides(9, 9, origin=lambda side, k: "" if k < (3 if side == "a" else 6) else "x")
    for sensitive, counts in (({}, (3, 6)), ({"origin": "with consent"}, (None, 6))):
        found = rm.check(rm.Programme(mentors, mentees, rm.Policy(score="Different(origin)", sensitive=sensitive)))
        blank = next(one for one in found.assumed if one.column == "origin")
        assert (blank.counts.mentors, blank.counts.mentees) == counts
        assert ("fewer than 5 (mentors)" in str(found)) == (None in counts)


def test_names_are_not_told() -> None:
    mentors, mentees = sides(4, 4, name=lambda side, k: f"{CANARY} {k}", team=lambda side, k: "x")
    policy = rm.Policy(rules=["Different(team)", "Different(name)"], limits=["EveryoneMatched(mentee)"])
    assert CANARY not in everything(rm.check(rm.Programme(mentors, mentees, policy)))
