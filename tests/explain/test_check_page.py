"""The page that `str(check)` is."""

from __future__ import annotations

from typing import Any

import revmatch as rm


def rows(prefix: str, count: int, **cells: Any) -> list[dict[str, Any]]:
    return [{"id": f"{prefix}{k:02d}", "department": "IT"} | cells for k in range(count)]


def test_the_whole_page_word_for_word() -> None:
    mentors = [
        {"id": "ann", "department": "IT", "grade": 2, "offers": "python:4", "capacity": 1},
        {"id": "bo", "department": "", "grade": 1, "offers": "", "capacity": 1},
        {"id": "cem", "department": "HR", "grade": 3, "offers": "python", "capacity": 0},
    ]
    mentees = [
        {"id": "yan", "department": "IT", "grade": 8, "wants": "sailing:2", "capacity": 2, "shoe": "44"},
        {"id": "zoe", "department": "HR", "grade": 7, "wants": "python:5;sailing", "capacity": 1, "shoe": "38"},
    ]
    policy = rm.Policy(rules=["DifferentDepartment", "GradeGap(at_least=6)"], score="SkillGap")
    assert str(rm.check(rm.Programme(mentors, mentees, policy))) == (
        """\
2 mentors and 2 mentees take part. Of 4 pairs, 0 are eligible (0.0 %).
1 mentor of capacity 0 takes no part.

                        removes first  it alone
  DifferentDepartment               3         3
  GradeGap(at_least=6)              1         1
  eligible                          0
A pair that several rules forbid is counted under the first of them; "it alone" counts the pairs
that would be eligible if this rule were dropped and all others kept.

Without an eligible partner:
  2 of 2 mentors
    - several rules together, most by DifferentDepartment; it would help to drop DifferentDepartment
      or GradeGap(at_least=6): ann
    - DifferentDepartment forbids every partner (department not stated): bo
  2 of 2 mentees
    - DifferentDepartment forbids every partner: yan
    - several rules together, most by DifferentDepartment; it would help to drop DifferentDepartment
      or GradeGap(at_least=6): zoe

Skills that mentees want and no eligible mentor offers (how many want them):
    sailing (2), python (1)

Assumed where nothing was stated:
  - min_load not stated, taken as 0: 2 (mentors), 2 (mentees)
  - skills under wants without a level, taken as 5: 1 (mentees)
  - wanted skills whose own level is not stated under offers, taken as 0: 3 (mentees)
  - offers not stated, worth no points: 1 (mentors)

Worth a look:
  RM236  No pair is eligible: together the rules forbid every one. Relax the rule that removes most.
  RM132  1 mentor has not stated department: DifferentDepartment then forbids every pair of theirs.
  RM233  Nothing in the policy uses shoe."""
    )


def test_at_most_twenty_people_a_side_are_named() -> None:
    mentors = [*rows("a", 26), *({"id": f"b{k}", "department": ""} for k in range(25))]
    page = str(rm.check(rm.Programme(mentors, rows("c", 3), rm.Policy(rules=["DifferentDepartment"]))))
    assert "51 of 51 mentors" in page
    assert "a18, a19 and 6 more" in " ".join(page.split())
    assert "(department not stated): 25 more" in page
    assert page.index("DifferentDepartment forbids every partner: a00") < page.index("not stated): 25 more")
    assert "a20" not in page
    assert "b0" not in page
    assert "c00, c01, c02\n" in page


def test_the_largest_group_is_named_first() -> None:
    mentors = [{"id": "a", "department": ""}, *rows("b", 3)]
    page = str(rm.check(rm.Programme(mentors, rows("c", 3), rm.Policy(rules=["DifferentDepartment"]))))
    assert page.index("b00, b01, b02\n") < page.index("(department not stated): a\n")


def test_numbers_have_separators_and_are_aligned() -> None:
    page = str(rm.check(rm.Programme(rows("a", 60), rows("b", 50), rm.Policy(rules=["DifferentDepartment"]))))
    assert "Of 3,000 pairs, 0 are eligible (0.0 %)." in page
    lines = [line for line in page.splitlines() if line.startswith("  ") and line.rstrip().endswith("3,000")]
    assert len(lines) == 1
    assert len({len(line) for line in page.splitlines()[3:4]}) == 1
    assert max(map(len, page.splitlines())) <= 100


def test_one_of_each() -> None:
    page = str(rm.check(rm.Programme([{"id": "a"}], [{"id": "b"}])))
    assert page.startswith(
        "1 mentor and 1 mentee take part. Of 1 pair, 1 is eligible (100.0 %).\n\n"
        "The policy has no rules: every pair is eligible.\n\nEverybody has an eligible partner."
    )


def test_nobody() -> None:
    nobody = rm.People.from_records([{"id": "x"}])[0:0]
    page = str(rm.check(rm.Programme(nobody, [{"id": "b"}])))
    assert "0 mentors and 1 mentee take part. Of 0 pairs, 0 are eligible.\n" in page
    assert "there is nobody else on the other side: b" in page


def test_people_on_both_sides_pins_and_what_was_left_out() -> None:
    sides = [{"id": "x", "department": "IT"}, {"id": "y", "department": "IT"}]
    pin = {"mentor": "x", "mentee": "y", "despite": ("DifferentDepartment",), "reason": "agreed"}
    policy = rm.Policy(rules=["DifferentDepartment"], without=["CommonHours"])
    found = rm.check(rm.Programme(sides, sides, policy, pins=[pin], dual_role=True))
    page = str(found)
    assert (found.pairs, found.same_person, found.left_out) == (2, 2, ("CommonHours",))
    assert "2 people on both sides: nobody is counted as a pair with themselves." in page
    assert "1 pinned pair breaks a rule on purpose" in page
    assert "Left out of the recommended policy on purpose: CommonHours." in page
    assert [one.person for one in found.without_partner.mentors] == ["y"]


def test_tables_and_bans_have_lines_of_their_own() -> None:
    programme = rm.Programme.from_scores(
        [[1, 2], [3, 4]], forbidden=[[True, False], [False, False]], policy=rm.Policy(goals=["Pairs"])
    ).replace(bans=[("0", "0"), ("1", "1")])
    found = rm.check(programme)
    assert found.absent is not None
    assert found.other is not None
    assert (found.absent.removed_first, found.absent.removed_alone) == (1, 0)
    assert (found.other.removed_first, found.other.removed_alone, found.eligible) == (1, 1, 2)
    assert "no entry in the table of scores" in str(found)


def test_repr_is_short() -> None:
    assert repr(rm.check(rm.Programme.from_scores([[1, 2]]))) == (
        "Check(1 mentors, 2 mentees, 2 of 2 pairs eligible, 0 warnings)"
    )
