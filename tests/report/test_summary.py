"""The summary of a plan, and its page for notebooks."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

import revmatch as rm
from revmatch.certificate import Certificate
from revmatch.plan import Plan
from revmatch.report.html import plan_html
from revmatch.report.summary import aligned, clean, status_words, summary


@pytest.fixture(scope="module")
def demo() -> Plan:
    return rm.match(rm.datasets.demo())


def changed(plan: Plan, **changes: Any) -> Plan:
    return dataclasses.replace(plan, _cache={}, **changes)


def test_the_demo_has_it_all(demo: Plan) -> None:
    text = summary(demo)
    for part in (
        "120 mentors (junior) for 60 mentees (senior), of 260 people",
        "Two people may meet only if they work in different departments",
        f"{len(demo.pairs)} pairs",
        "Proven: no plan can be better (checked by prices over all 7,200 pairs).",
        f"{demo.objective:,}",
        "The ten best pairs",
        "Without a partner",
    ):
        assert part in text
    best = max(demo.pairs, key=lambda pair: pair.score)
    assert f"{best.mentor}" in text.partition("The ten best pairs")[2].splitlines()[2]


@pytest.mark.parametrize("width", [60, 80, 100])
def test_lines_fit_and_nothing_trails(demo: Plan, width: int) -> None:
    lines = summary(demo, width=width).splitlines()
    assert max(map(len, lines)) <= width
    assert all(line == line.rstrip() for line in lines)


def test_what_was_left_out_on_purpose_is_said() -> None:
    programme = rm.datasets.demo()
    policy = rm.Policy.reverse_mentoring(without=["CommonHours"])
    assert "Left out on purpose: CommonHours" in summary(rm.match(programme.replace(policy=policy)))


def test_everybody_and_nobody() -> None:
    plan = rm.match(rm.Programme.from_scores([[1]]))
    assert "Everybody has a partner." in summary(plan)
    assert "The pairs" in summary(plan)
    empty = summary(rm.match(rm.Programme([], [])))
    assert "0 pairs: 0 of 0 mentees and 0 of 0 mentors have a partner." in empty
    assert "best" not in empty.partition("Proven")[2].partition("(")[2]


def test_status_in_words(demo: Plan) -> None:
    candidates = changed(demo, certificate=Certificate(demo.certificate.records, "candidates"))
    assert "`revmatch verify` adds up the whole sum" in status_words(candidates)
    assert "not a proof that you can check" in status_words(changed(demo, proof="engine"))
    assert "case by case" in status_words(changed(demo, proof="cases"))
    bounds = (*demo.bounds[:-1], demo.bounds[-1] + 5)
    feasible = {"status": rm.Status.FEASIBLE, "proof": None}
    for stopped, said in (
        ("time", "Stopped by the time limit"),
        ("gap", "Stopped within the gap"),
        ("interrupt", "Interrupted"),
        ("callback", "Stopped on request"),
        ("engine_lost", "The solver was lost"),
        (None, "Not proven"),
    ):
        words = status_words(changed(demo, stopped_by=stopped, bounds=bounds, **feasible))
        assert words.startswith(said)
        assert f"No plan can have more than {demo.objective + 5:,} in TotalScore" in words
    unknown = changed(demo, stopped_by="time", bounds=(None, None, None), **feasible)
    assert "in Coverage is not known" in status_words(unknown)
    assert "not known" in summary(unknown)
    nothing = changed(demo, status=rm.Status.NOT_FOUND, proof=None)
    assert "No plan was found in the time given" in status_words(nothing)
    assert "No plan was found" in plan_html(nothing)
    none = changed(demo, status=rm.Status.INFEASIBLE)
    assert status_words(none).startswith("Proven: the hard rules cannot all be met (checked by prices over all")
    by_word = status_words(changed(none, proof="engine"))
    assert by_word.startswith("No plan keeps everything that is asked: the solver says so")
    assert "nothing here could check it" in by_word


def test_goals_that_are_made_small_are_told_as_such() -> None:
    people = [{"id": x, "site": x} for x in "ab"], [{"id": "s", "site": "a"}]
    policy = rm.Policy(goals=["LeastChange", "Balance(site, mentor)"])
    plan = rm.match(rm.Programme(*people, policy, previous=[("a", "s"), ("b", "s"), ("gone", "s")]))
    stopped = {"status": rm.Status.FEASIBLE, "proof": None, "stopped_by": "time"}

    def told(*bounds: int | None) -> tuple[str, str]:
        some = changed(plan, bounds=bounds, **stopped)
        return status_words(some), summary(some)

    words, text = told(2, -1)
    assert words.endswith("No plan changes fewer than 1; this one changes 2 (pairs of the plan before).")
    assert [line.split() for line in text.splitlines() if line.startswith("  1. ")] == [["1.", "LeastChange", "2", "1"]]
    words, text = told(7, -1)  # prices may promise that more is kept than there was
    assert words.endswith(
        "That a plan changes nothing is not ruled out; this one changes 2 (pairs of the plan before)."
    )
    assert [line.split() for line in text.splitlines() if line.startswith("  1. ")] == [["1.", "LeastChange", "2", "0"]]
    assert "at most" not in text
    assert "-4" not in plan_html(changed(plan, bounds=(7, -1), **stopped))
    assert told(1, 0)[0].endswith(
        "That a plan has no gap is not ruled out; this one has 1 in Balance(site, side=mentor)."
    )
    assert "fewer" not in told(1, None)[0]


def test_limits_that_leave_only_the_empty_plan_are_blamed() -> None:
    people = [{"id": x, "site": s} for x, s in (("a", "Lyon"), ("b", "Oslo"))], [{"id": "x"}, {"id": "y"}]
    limits = ["Quota(site, Lyon, mentor, at_least='60%')", "Quota(site, Oslo, mentor, at_least='50%')"]
    said = "The limits leave only the plan without pairs, though 4 people have an eligible partner."
    text = summary(rm.match(rm.Programme(*people, rm.Policy(limits=limits, goals=["Pairs"]))))
    assert said in " ".join(text.split())  # however wide the terminal is
    nothing = rm.Policy(limits=limits[:1], goals=["TotalScore"])
    assert "leave only" not in summary(rm.match(rm.Programme(*people, nothing)))


def test_rounded_scores_are_said() -> None:
    assert "rounded once" in summary(rm.match(rm.Programme.from_scores([[0.1, 0.2], [0.3, 0.7]])))


def test_ids_cannot_do_anything_to_a_terminal() -> None:
    plan = rm.match(rm.Programme([{"id": "\x1b[2J\x07"}], [{"id": "s"}]))
    assert "\x1b" not in summary(plan)
    assert "\\x1b[2J\\x07" in summary(plan)
    assert clean("日本 é") == "日本 é"


def test_wide_characters_stay_aligned() -> None:
    assert aligned([("日本", "1"), ("ab", "22")], "lr", indent="") == ["日本   1", "ab    22"]
    assert aligned([("e\u0301", "1"), ("ab", "2")], "lr", indent="") == ["e\u0301   1", "ab  2"]


def test_the_page_is_escaped_and_small() -> None:
    evil = '"><img src=x onerror=alert(1)>'
    plan = rm.match(rm.Programme([{"id": evil, "name": "CANARY"}], [{"id": "<script>s", "name": "CANARY"}]))
    page = plan._repr_html_()
    assert "<img" not in page
    assert "<script" not in page
    assert "&lt;script&gt;s" in page
    assert "CANARY" not in page


def test_the_page_of_a_plan(demo: Plan) -> None:
    page = plan_html(demo)
    assert "<b>OPTIMAL</b>" in page
    assert "39,374" in page or f"{demo.objective:,}" in page
    assert page.count("<tr>") == 4 + 11
    assert "the first 10 are shown" in page


def test_the_page_where_no_plan_exists() -> None:
    programme = rm.Programme([{"id": "j"}], [{"id": "s", "min_load": 2, "capacity": 2}])
    assert "INFEASIBLE" in rm.match(programme)._repr_html_()
