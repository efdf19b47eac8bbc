"""Counts of `check` against a plain count over pairs, by the oracle's own reading of the rules."""

from __future__ import annotations

import dataclasses
import json
import random
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from hypothesis import given

import revmatch as rm
from bridge import programme_of
from grids import daily, examples
from oracle import SIDES, Case, Facts
from oracle_cells import items
from revmatch.explain.check import Check
from revmatch.graph import tiles
from strategies import any_case, cases, people_case, seeded

OUTSIDE = {"absent": "Table", "ban": "other", "avoid": "other"}


class Plain:
    """The same numbers, pair by pair and one at a time."""

    def __init__(self, case: Case) -> None:
        self.case, self.facts = case, Facts(case)
        named = dict(
            zip((name for name, _ in case.rules), (str(r) for r in programme_of(case).policy.rules), strict=True)
        )
        self.groups = [*named.values(), "Table", "other"]
        self.takes_part = {
            side: [key for key in self.facts.people[side] if self.facts.capacity(side, key)] for side in SIDES
        }
        self.against: dict[tuple[str, str], list[str]] = {}
        self.same = 0
        for pair in product(self.takes_part["mentor"], self.takes_part["mentee"]):
            reasons = self.facts.forbidden_by(*pair)
            if "self" in reasons:
                self.same += 1
            else:
                known = {named.get(reason) or OUTSIDE[reason] for reason in reasons}
                self.against[pair] = [group for group in self.groups if group in known]

    @property
    def eligible(self) -> list[tuple[str, str]]:
        return [pair for pair, against in self.against.items() if not against]

    def first(self, group: str) -> int:
        return sum(against[:1] == [group] for against in self.against.values())

    def alone(self, group: str) -> int:
        return sum(against == [group] for against in self.against.values())

    def without(self, side: str) -> Iterator[tuple[str, str, tuple[str, ...], tuple[str, ...]]]:
        """Person, rule that removes most first, rules that are enough, rules that it would help to drop."""
        pinned = {pin[SIDES.index(side)] for pin in self.case.pins}
        for key in sorted(self.takes_part[side]):
            mine = [against for pair, against in self.against.items() if pair[SIDES.index(side)] == key]
            if key in pinned or not all(mine):
                continue
            counts = {group: sum(against[0] == group for against in mine) for group in self.groups}
            yield (
                key,
                max(self.groups, key=lambda group, counts=counts: counts[group]) if mine else "",  # type: ignore[misc]
                tuple(group for group in self.groups if mine and all(group in against for against in mine)),
                tuple(group for group in self.groups if [group] in mine),
            )


def compare(case: Case, found: Check) -> None:
    plain = Plain(case)
    assert (found.mentors, found.mentees) == tuple(len(plain.takes_part[side]) for side in SIDES)
    assert found.mentors + found.mentors_out == len(case.mentors)
    assert found.mentees + found.mentees_out == len(case.mentees)
    assert (found.pairs, found.eligible, found.same_person) == (len(plain.against), len(plain.eligible), plain.same)
    removals = [*found.rules, *(removal for removal in (found.absent, found.other) if removal)]
    private = any("avoid" in record for record in (*case.mentors, *case.mentees))
    few = private and plain.first("other") < 5
    for removal in removals:
        if removal.removed_first is not None:
            assert removal.removed_first == plain.first(removal.rule), removal
        if removal.removed_alone is not None:
            assert removal.removed_alone == plain.alone(removal.rule), removal
    withheld = [removal.rule for removal in removals if removal.removed_first is None]
    assert ("other" in withheld) == few
    assert len(withheld) == (min(2, 1 + len(found.rules)) if few else 0)
    if not few:
        assert sum(removal.removed_first for removal in removals) + found.eligible == found.pairs  # type: ignore[misc]
    assert found.pinned_despite == len({pin[:2] for pin in case.pins} - set(plain.eligible))
    for side, alone in zip(SIDES, (found.without_partner.mentors, found.without_partner.mentees), strict=True):
        assert [(one.person, one.first, one.enough, one.helps) for one in alone] == list(plain.without(side))


@pytest.mark.parametrize("block", daily(2, range(8)))
def test_counts_agree_with_a_plain_count(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiles, "TILE_ROWS", 2)
    monkeypatch.setattr(tiles, "TILE_COLS", 3)
    for seed in range(block * 50, block * 50 + 50):
        case = any_case(seeded(seed))
        compare(case, rm.check(programme_of(case), workers=1 + seed % 3))


@pytest.mark.parametrize("seed", daily(6, range(12)))
def test_counts_agree_on_larger_programmes(seed: int) -> None:
    case = people_case(seeded(1000 + seed), dual=bool(seed % 3 == 0), size=(17, 13))
    compare(case, rm.check(programme_of(case)))


@examples(20)
@given(case=cases())
def test_counts_agree_on_whatever_is_drawn(case: Case) -> None:
    compare(case, rm.check(programme_of(case)))


@pytest.mark.soak
@pytest.mark.parametrize("block", range(40))
def test_counts_agree_on_ten_thousand(block: int) -> None:
    for seed in range(10_000 + block * 250, 10_000 + block * 250 + 250):
        case = any_case(seeded(seed))
        compare(case, rm.check(programme_of(case)))


def test_the_random_programmes_cover_what_is_counted() -> None:
    """Guards the tests above: each thing that they compare does occur among what they draw every day."""
    seen: dict[str, int] = {}
    for seed in range(100):
        found = rm.check(programme_of(any_case(seeded(seed))))
        alone = [*found.without_partner.mentors, *found.without_partner.mentees]
        kinds = {
            "eligible": found.eligible,
            "no eligible pair": found.pairs and not found.eligible,
            "same person": found.same_person,
            "pinned despite": found.pinned_despite,
            "out": found.mentors_out + found.mentees_out,
            "absent": found.absent and found.absent.removed_first,
            "other": found.other and found.other.removed_first,
            "withheld": found.other and found.other.removed_first is None,
            "alone": any(removal.removed_alone for removal in found.rules),
            "enough": any(one.enough for one in alone),
            "two are enough": any(len(one.enough) > 1 for one in alone),
            "several together": any(one.first and not one.enough for one in alone),
            "helps": any(one.helps for one in alone),
            "not stated": any(one.not_stated for one in alone),
        }
        for kind, there in kinds.items():
            seen[kind] = seen.get(kind, 0) + bool(there)
    assert {kind: count for kind, count in seen.items() if count < 3} == {}


NEEDS = {"DifferentDepartment": ["department"], "GradeGap": ["grade"], "SharedLanguage": ["languages"]}
NEEDS |= {
    "TimeZoneGap": ["time_zone"],
    "CommonHours": ["available", "time_zone"],
    "NotPairedBefore": [],
    "MinScore": [],
}


def test_not_stated_agrees_with_the_cells() -> None:
    compared = 0
    for seed in range(120):
        case = people_case(seeded(seed), size=(6, 5))
        plain, found = Plain(case), rm.check(programme_of(case))
        for (name, params), removal in zip(case.rules, found.rules, strict=True):
            if name == "OutsideReportingLine":
                continue
            columns = NEEDS.get(name) or [params["column"]] if "column" in params else NEEDS[name]
            blank = {
                (side, column): {k for k in plain.takes_part[side] if not items(plain.facts.cell(side, k, column))}
                for side in SIDES
                for column in columns
            }
            for side, count in zip(SIDES, (removal.not_stated.mentors, removal.not_stated.mentees), strict=True):
                assert count == len(set().union(*(blank[side, column] for column in columns)))
                compared += bool(count)
            assert [(column, part.mentors, part.mentees) for column, part in removal.not_stated_in] == [
                (column, len(blank["mentor", column]), len(blank["mentee", column])) for column in columns
            ]
            for side, alone in zip(SIDES, (found.without_partner.mentors, found.without_partner.mentees), strict=True):
                for one in alone:
                    mine = {column for column in columns if one.person in blank[side, column]}
                    assert mine <= set(one.not_stated)
    assert compared > 40


def test_skills_not_offered_agree_with_a_plain_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiles, "TILE_ROWS", 3)
    monkeypatch.setattr(tiles, "TILE_COLS", 2)
    compared = 0
    for seed in range(120):
        case = people_case(seeded(seed), size=(4, 5))
        case = dataclasses.replace(case, score=((1, "RareSkill", {}),))
        case = dataclasses.replace(case, rules=tuple(rule for rule in case.rules if rule[0] != "MinScore"))
        for record in (*case.mentors, *case.mentees):
            record.setdefault("offers", "")
            record.setdefault("wants", "")
        plain = Plain(case)
        wants = {key: plain.facts.skills("mentee", key, "wants") for key in plain.takes_part["mentee"]}
        offers = {key: plain.facts.skills("mentor", key, "offers") for key in plain.takes_part["mentor"]}
        expected = {}
        for skill in {skill for own in wants.values() for skill in own}:
            if not any(skill in offers[i] and skill in wants[j] for i, j in plain.eligible):
                wanted, offered = (sum(skill in own for own in side.values()) for side in (wants, offers))
                expected[skill] = (wanted, offered)
        found = rm.check(programme_of(case)).skills_not_offered
        assert {one.skill.casefold(): (one.wanted_by, one.offered_by) for one in found} == expected
        assert [one.wanted_by for one in found] == sorted((one.wanted_by for one in found), reverse=True)
        compared += sum(offered > 0 for _, offered in expected.values())
    assert compared > 12


def shuffled(case: Case, seed: int) -> Case:
    draw = random.Random(seed)
    sides = {}
    for side in ("mentors", "mentees", "organisation"):
        records = getattr(case, side)
        if records is not None:
            sides[side] = tuple(dict(draw.sample(list(r.items()), len(r))) for r in draw.sample(records, len(records)))
    return dataclasses.replace(case, **sides)


@pytest.mark.parametrize("seed", daily(20, range(60)))
def test_the_order_of_rows_and_the_workers_mean_nothing(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiles, "TILE_ROWS", 2)
    monkeypatch.setattr(tiles, "TILE_COLS", 2)
    case = people_case(seeded(seed), size=(7, 6))
    first, second = rm.check(programme_of(case), workers=1), rm.check(programme_of(shuffled(case, seed)), workers=4)
    assert first.to_dict() == second.to_dict()
    assert str(first) == str(second)


def test_to_dict_is_plain() -> None:
    plain = rm.check(rm.datasets.demo()).to_dict()
    assert json.loads(json.dumps(plain)) == plain
    assert plain["rules"][0]["rule"] == "DifferentDepartment"


def test_demo_adds_up() -> None:
    programme = rm.datasets.demo()
    found = rm.check(programme)
    assert sum(removal.removed_first or 0 for removal in found.rules) + found.eligible == found.pairs == 120 * 60
    plan = rm.match(programme)
    assert {one.person for one in found.without_partner.mentors} <= set(plan.unmatched_mentors)
    assert {one.person for one in found.without_partner.mentees} <= set(plan.unmatched_mentees)


@pytest.mark.parametrize(("programme", "workers"), [(None, None), ("x", 1)])
def test_something_else_than_a_programme_is_refused(programme: Any, workers: Any) -> None:
    with pytest.raises(rm.errors.ConfigError, match="RM182"):
        rm.check(programme, workers=workers)


@pytest.mark.parametrize("workers", [0, -1, 1025, 1.5, True, "2"])
def test_workers_out_of_range_are_refused(workers: Any) -> None:
    with pytest.raises(rm.errors.ConfigError, match="RM181"):
        rm.check(rm.Programme.from_scores([[1]]), workers=workers)


def test_no_array_of_all_pairs_is_built() -> None:
    """Held all at once, these pairs would take 50 MB at 8 bytes each for the scores alone."""
    import tracemalloc

    programme = rm.datasets.programme(2_500, 2_500, policy=rm.Policy.reverse_mentoring(without=["CommonHours"]))
    rm.check(programme, workers=1)
    tracemalloc.start()
    try:
        found = rm.check(programme, workers=1)
        assert tracemalloc.get_traced_memory()[1] < 40e6
    finally:
        tracemalloc.stop()
    assert found.pairs == 6_250_000
