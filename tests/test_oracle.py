"""The oracle itself, on cases small enough to be worked out by hand.

Whatever else these tests rest on, they rest on the oracle: it is held to numbers that a reader can check on paper.
"""

from __future__ import annotations

from typing import ClassVar

import pytest

from oracle import Case, Facts, solve
from oracle_cells import have_common_hours, hours, skills


def people(*ids: str, **columns: object) -> tuple[dict[str, object], ...]:
    """Records with these ids; each column is one value for all, or a list of one for each."""
    rows = []
    for k, key in enumerate(ids):
        rows.append({"id": key} | {name: v[k] if isinstance(v, list) else v for name, v in columns.items()})
    return tuple(rows)


def table(scores: list[list[int | None]], **changes: object) -> Case:
    """A programme of nothing but scores; capacities and minimum loads come in `changes`."""
    n, m = len(scores), len(scores[0])
    sides = {"mentors": n, "mentees": m}
    made = {
        side: people(
            *map(str, range(size)),
            capacity=changes.pop(f"{side[:-1]}_capacity", 1),
            min_load=changes.pop(f"{side[:-1]}_min_load", 0),
        )
        for side, size in sides.items()
    }
    return Case(**made, score=((1, "Table", {"scores": scores}),), from_scores=True, **changes)  # type: ignore[arg-type]


TOTAL = (("TotalScore", {}),)
PAIRS_THEN_TOTAL = (("Pairs", {}), ("TotalScore", {}))


class TestSearch:
    def test_takes_the_better_diagonal(self) -> None:
        answer = solve(table([[3, 5], [4, 3]], goals=TOTAL))
        assert answer.values == (9,)
        assert answer.optima == (frozenset({("0", "1"), ("1", "0")}),)

    def test_reports_every_optimum(self) -> None:
        assert len(solve(table([[1, 1], [1, 1]])).optima) == 2

    def test_leaves_negative_pairs_out_unless_an_earlier_goal_wants_them(self) -> None:
        scores = [[-2, None], [None, 7]]
        assert solve(table(scores, goals=TOTAL)).values == (7,)
        assert solve(table(scores, goals=PAIRS_THEN_TOTAL)).values == (2, 5)

    def test_goals_come_in_strict_order(self) -> None:
        # one pair worth 10, or two pairs worth 1 each
        scores = [[1, 10, None], [None, None, None], [None, 0, 1]]
        assert solve(table(scores, goals=(("TotalScore", {}), ("Pairs", {})))).values == (11, 2)
        scores = [[None, 10], [None, 1], [1, None]]
        assert solve(table(scores, goals=PAIRS_THEN_TOTAL)).values == (2, 11)

    def test_coverage_counts_people_and_pairs_count_pairs(self) -> None:
        # mentor 0 could serve both mentees; coverage of mentors prefers two mentors
        scores = [[9, 9], [1, None]]
        case = table(scores, mentor_capacity=2, goals=(("Coverage", {}), ("TotalScore", {})))
        assert solve(case).values == (4, 10)
        case = table(scores, mentor_capacity=2, goals=(("Coverage", {"side": "mentee"}), ("TotalScore", {})))
        assert solve(case).values == (2, 18)

    @pytest.mark.parametrize(("capacity", "total"), [(0, 0), (1, 3), (2, 5), (3, 6)])
    def test_capacity(self, capacity: int, total: int) -> None:
        assert solve(table([[1, 2, 3]], mentor_capacity=capacity)).values[-1] == total

    def test_min_load_can_be_met_or_not(self) -> None:
        scores = [[1, None], [1, None]]
        assert solve(table(scores, mentor_min_load=[1, 0])).feasible
        assert not solve(table(scores, mentor_min_load=1)).feasible
        assert solve(table(scores, mentor_min_load=1, mentee_capacity=2)).feasible

    def test_everyone_matched_asks_nothing_of_those_who_take_no_part(self) -> None:
        limit = (("EveryoneMatched", {"side": "mentor"}),)
        scores = [[1], [1]]
        assert not solve(table(scores, limits=limit)).feasible
        assert solve(table(scores, limits=limit, mentor_capacity=[1, 0])).feasible

    def test_pins_are_in_and_bans_are_out(self) -> None:
        scores = [[3, 5], [4, 3]]
        pinned = solve(table(scores, goals=TOTAL, pins=(("0", "0", ()),)))
        assert pinned.values == (6,)
        assert all(("0", "0") in optimum for optimum in pinned.optima)
        assert solve(table(scores, goals=TOTAL, bans=(("0", "1"), ("1", "1")))).values == (4,)

    def test_empty_sides(self) -> None:
        nobody = Case(mentors=(), mentees=people("a"))
        assert solve(nobody).values == (0, 0, 0)
        everyone = (("EveryoneMatched", {"side": "mentee"}),)
        assert not solve(Case(mentors=(), mentees=people("a"), limits=everyone)).feasible

    def test_too_many_pairs_are_refused(self) -> None:
        with pytest.raises(ValueError, match="too many"):
            solve(table([[1] * 17]))

    def test_a_pin_that_a_rule_forbids_is_no_case(self) -> None:
        same = {"rules": (("Different", {"column": "site"}),), "mentors": people("a", site="x")}
        case = Case(**same, mentees=people("b", site="x"), pins=(("a", "b", ()),))  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="forbidden"):
            solve(case)
        case = Case(**same, mentees=people("b", site="x"), pins=(("a", "b", ("Different",)),))  # type: ignore[arg-type]
        assert solve(case).values == (2, 1, 0)


class TestDualRole:
    def test_nobody_meets_themselves_and_one_direction_is_kept(self) -> None:
        both = people("a", "b", grade=3)
        answer = solve(Case(mentors=both, mentees=both, dual_role=True))
        assert answer.values == (2, 1, 0)
        assert set(answer.optima) == {frozenset({("a", "b")}), frozenset({("b", "a")})}

    def test_a_ring_of_three_uses_both_roles(self) -> None:
        three = people("a", "b", "c")
        assert solve(Case(mentors=three, mentees=three, dual_role=True)).values == (6, 3, 0)


class TestCells:
    def test_skills(self) -> None:
        want = {"python": 4, "cloud": 5, "a;b:c": 2}
        assert skills("Python:4; cloud ;a\\;b\\:c:2") == want
        assert skills({" PYTHON": 4, "cloud": 5, "a;b:c": 2}) == want
        assert skills(["cloud"]) == {"cloud": 5}
        assert skills(None) == skills("") == {}
        assert skills("Zoe\u0308") == skills("ZO\u00cb")

    @pytest.mark.parametrize(
        ("cell", "minutes"),
        [
            ("Mon 09:00-12:00", 180),
            ("Mon 09:00-12:00; Wed 14:00-16:00", 300),
            ("Mon 9-11; Mon 10-12", 180),
            ("Mon-Thu 9-12", 4 * 180),
            ("Mon,Wed AM", 2 * 180),
            ("Tue PM", 240),
            ("Fri day", 420),
            ("any", 5 * 420),
            ("Sun 22:00-24:00", 120),
        ],
    )
    def test_hours(self, cell: str, minutes: int) -> None:
        assert hours(cell).bit_count() == minutes

    @pytest.mark.parametrize(
        ("mentor", "mentee", "minutes", "grid", "found"),
        [
            (("Mon 9-12", "UTC"), ("Mon 11-14", "UTC"), 60, 15, True),
            (("Mon 9-12", "UTC"), ("Mon 11-14", "UTC"), 61, 1, False),
            (("Mon 9-12", "UTC"), ("Mon 11:10-14", "UTC"), 50, 15, False),  # 11:10 is not on the grid
            (("Mon 9-12", "UTC"), ("Mon 11:10-14", "UTC"), 50, 10, True),
            (("Mon 9-10", "UTC"), ("Mon 10-11", "Europe/Paris"), 60, 60, True),
            (("Mon 9-10", "UTC"), ("Mon 14:30-15:30", "Asia/Kolkata"), 60, 30, True),
            (("Mon 9-10", "UTC"), ("Mon 14:30-15:30", "Asia/Kolkata"), 60, 60, False),  # the mentee's clock counts
            (("Mon 14:30-15:30", "Asia/Kolkata"), ("Mon 9-10", "UTC"), 60, 60, True),
            (("Mon 22-24; Tue 0-2", "UTC"), ("Tue 8-10", "Asia/Tokyo"), 120, 60, True),  # across the mentor's midnight
            (("Tue 8-10", "Asia/Tokyo"), ("Mon 22-24; Tue 0-2", "UTC"), 120, 60, False),  # not across the mentee's
            (("Mon 0-1", "Pacific/Kiritimati"), ("Sun 0-1", "Pacific/Honolulu"), 60, 60, True),  # round the week's end
        ],
    )
    def test_common_hours(
        self, mentor: tuple[str, str], mentee: tuple[str, str], minutes: int, grid: int, found: bool
    ) -> None:
        assert have_common_hours(mentor, mentee, minutes, grid) is found


class TestLines:
    #   top - boss - ann - cy
    #       \      \ ben
    #        dan - eve
    MANAGERS: ClassVar = {
        "top": "",
        "boss": "top",
        "dan": "top",
        "ann": "boss",
        "ben": "boss",
        "cy": "ann",
        "eve": "dan",
    }

    def allowed(self, one: str, other: str, dotted: dict[str, str] | None = None, **params: int) -> bool:
        rows = tuple(
            {"id": key, "manager": above, "dotted_line": (dotted or {}).get(key, "")}
            for key, above in self.MANAGERS.items()
        )
        case = Case(people(one), people(other), organisation=rows, rules=(("OutsideReportingLine", params),))
        return not Facts(case).forbidden_by(one, other)

    @pytest.mark.parametrize(
        ("one", "other", "params", "expected"),
        [
            ("cy", "dan", {}, True),
            ("cy", "boss", {}, False),
            ("boss", "cy", {}, False),
            ("cy", "boss", {"levels": 1}, True),
            ("ann", "ben", {}, False),  # the same manager
            ("ann", "ben", {"levels": 1}, False),
            ("cy", "ben", {}, True),
            ("cy", "top", {}, False),
            ("cy", "top", {"head_levels": 2}, True),
            ("ann", "top", {"head_levels": 2}, False),
            ("cy", "boss", {"head_levels": 1}, False),  # boss is not above everybody
        ],
    )
    def test_solid_lines(self, one: str, other: str, params: dict[str, int], expected: bool) -> None:
        assert self.allowed(one, other, **params) is expected

    @pytest.mark.parametrize(("other", "expected"), [("ann", False), ("boss", False), ("ben", True), ("cy", True)])
    def test_dotted_lines_are_followed_one_step_first(self, other: str, expected: bool) -> None:
        assert self.allowed("dan", other, {"dan": "ann"}) is expected
        assert self.allowed(other, "dan", {"dan": "ann"}) is expected

    def test_a_dotted_line_counts_steps_from_the_dotted_manager(self) -> None:
        assert not self.allowed("eve", "ann", {"eve": "cy"}, levels=1)
        assert self.allowed("eve", "boss", {"eve": "cy"}, levels=1)
        assert not self.allowed("eve", "boss", {"eve": "cy"}, levels=2)

    def test_a_manager_in_no_file_is_not_stated(self) -> None:
        rule = (("OutsideReportingLine", {}),)
        case = Case(people("a", manager="?"), people("b", manager=""), rules=rule, unknown_manager="allow")
        assert Facts(case).forbidden_by("a", "b") == ["OutsideReportingLine"]


class TestRulesAndScores:
    def forbidden(
        self, rule: str, params: dict[str, object], mentor: dict[str, object], mentee: dict[str, object]
    ) -> bool:
        case = Case(({"id": "a"} | mentor,), ({"id": "b"} | mentee,), rules=((rule, params),), history=(("a", "b"),))
        return Facts(case).forbidden_by("a", "b") == [rule]

    @pytest.mark.parametrize(
        ("rule", "params", "mentor", "mentee", "forbidden"),
        [
            ("DifferentDepartment", {}, {"department": "x"}, {"department": "y"}, False),
            ("DifferentDepartment", {}, {"department": "x"}, {"department": "x"}, True),
            ("DifferentDepartment", {}, {"department": ""}, {"department": "x"}, True),
            ("Same", {"column": "site"}, {"site": "x"}, {"site": "x"}, False),
            ("Same", {"column": "site"}, {"site": ""}, {"site": ""}, True),
            ("GradeGap", {"at_least": 2}, {"grade": 3}, {"grade": 5}, False),
            ("GradeGap", {"at_least": 2}, {"grade": 5}, {"grade": 3}, True),
            ("GradeGap", {"at_most": 1}, {"grade": 3}, {"grade": 5}, True),
            ("GradeGap", {}, {"grade": ""}, {"grade": 5}, True),
            ("SharedLanguage", {}, {"languages": "en;de"}, {"languages": "fr;de"}, False),
            ("SharedLanguage", {}, {"languages": "en"}, {"languages": "fr"}, True),
            ("SharedLanguage", {}, {"languages": ""}, {"languages": ""}, True),
            ("TimeZoneGap", {"at_most_hours": 5}, {"time_zone": "UTC"}, {"time_zone": "America/New_York"}, False),
            ("TimeZoneGap", {"at_most_hours": 5}, {"time_zone": "Asia/Kolkata"}, {"time_zone": "UTC"}, True),
            ("TimeZoneGap", {"at_most_hours": 5}, {"time_zone": ""}, {"time_zone": "UTC"}, True),
            ("NotPairedBefore", {}, {}, {}, True),
            ("MinScore", {"value": 0}, {}, {}, False),
            ("MinScore", {"value": 1}, {}, {}, True),
        ],
    )
    def test_rules(
        self,
        rule: str,
        params: dict[str, object],
        mentor: dict[str, object],
        mentee: dict[str, object],
        forbidden: bool,
    ) -> None:
        assert self.forbidden(rule, params, mentor, mentee) is forbidden

    def test_an_avoid_forbids_whoever_wrote_it(self) -> None:
        for mentor, mentee in (({"avoid": "x;b"}, {}), ({}, {"avoid": "a"})):
            case = Case(({"id": "a"} | mentor,), ({"id": "b"} | mentee,))
            assert Facts(case).forbidden_by("a", "b") == ["avoid"]

    @pytest.mark.parametrize(
        ("term", "params", "points"),
        [
            ("SkillGap", {}, 3),  # python min(4, 5) - 2 = 2; sql min(1, 5) - 0 = 1; go: cannot teach
            ("SkillGap", {"weights": {"SQL": 10, "python": 0}}, 10),
            ("SkillGap", {"per": "need"}, 3 * (1000 // 12)),  # lacking: python 3, sql 5, go 4
            ("SkillGap", {"direction": "both"}, 3 + 2),  # mentor wants excel 3, mentee has 2
            ("Same", {"column": "site"}, 0),
            ("Different", {"column": "site"}, 1),
            ("Different", {"column": "town"}, 0),  # not stated
            ("Shared", {"column": "languages"}, 2),
            ("Distance", {"column": "hired", "at_most": 5}, 5),
            ("Distance", {"column": "hired", "at_most": 50}, 8),
            ("Priority", {"column": "hired", "side": "mentee"}, 2002),
            ("RareSkill", {}, 3 + 1),  # python: one of three mentors; sql: two of three
            ("Choice", {}, 2),
            ("Choice", {"of": "mentor", "points": (7,)}, 7),
            ("Choice", {"points": (7,)}, 0),
        ],
    )
    def test_scores(self, term: str, params: dict[str, object], points: int) -> None:
        mentor = {"offers": "python:4; sql:1", "wants": "excel:3", "choices": "b", "hired": 2010, "town": "x"}
        mentee = {"offers": "python:2; excel:2", "wants": "Python; SQL; go:4", "choices": "z;a", "hired": 2002}
        mentor |= {"site": "x", "languages": "en;de;fr"}
        mentee |= {"site": "y", "languages": "fr;en", "town": ""}
        others = ({"id": "y", "offers": "sql:5"}, {"id": "z", "offers": "excel"})
        case = Case(({"id": "a"} | mentor, *others), ({"id": "b"} | mentee,), score=((3, term, params),))
        assert Facts(case).worth("a", "b") == 3 * points
