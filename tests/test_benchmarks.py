"""The benchmark cases are complete, and their contestants do the same work. Nothing here looks at a clock."""

from __future__ import annotations

import dataclasses
import importlib
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import revmatch as rm

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "benchmarks"
NAMES = (
    "cases", "cp_sat_choices", "harness", "import_time", "load_people", "made", "ours", "peers", "plain_look", "report",
    "run", "stable", "whole_peers", "workforce", "worst_off",
)  # fmt: skip


class Benchmarks:
    """The modules of `benchmarks/`, which is no package: its scripts are run from their own folder."""

    def __getattr__(self, name: str) -> ModuleType:
        return importlib.import_module(name)

    def case(self, name: str) -> Any:
        return self.cases.CASES[name]


@pytest.fixture(scope="module")
def benchmarks() -> Iterator[Benchmarks]:
    sys.path.insert(0, str(FOLDER))
    yield Benchmarks()
    sys.path.remove(str(FOLDER))
    for name in [name for name in sys.modules if name.partition(".")[0] in NAMES]:
        del sys.modules[name]


@pytest.fixture
def size(benchmarks: Benchmarks) -> Any:
    return importlib.import_module("harness.registry").Size


@pytest.fixture
def results(benchmarks: Benchmarks) -> ModuleType:
    return importlib.import_module("harness.results")


def installed(measure: ModuleType, who: Any) -> Any:
    """A peer, or a skip: most peers are in the extra `bench` alone."""
    if who.apart or measure.missing(who):
        pytest.skip(f"needs {' '.join(who.needs)}{' in a folder of its own' if who.apart else ''}")
    return who


def test_every_case_says_what_it_is_and_has_something_to_compare_with(benchmarks: Benchmarks) -> None:
    assert len(benchmarks.cases.CASES) >= 10
    for case in benchmarks.cases.CASES.values():
        assert case.work.endswith("."), case.name
        assert len(case.timed.split()) > 5, case.name
        assert case.peers or case.bars, case.name
        assert case.sizes, case.name
        assert case.repeats >= 3 or all(size.full for size in case.sizes), case.name
        names = [one.name for one in (case.us, *case.peers)]
        assert len(set(names)) == len(names), case.name
        assert {bar.peer for bar in case.bars} <= {"", *names}, case.name
        assert all(any(size.pairs >= bar.pairs for size in case.sizes) for bar in case.bars), case.name


def test_what_the_project_asks_for_is_held_against_its_bars(benchmarks: Benchmarks) -> None:
    asked = {(name, bar.of, bar.limit) for name, case in benchmarks.cases.CASES.items() for bar in case.bars}
    assert {
        ("balanced", "speed", 1.5),
        ("balanced", "speed", 2),
        ("balanced", "speed", 4),
        ("balanced", "share", 0.25),
        ("organisation", "units", 2),
        ("organisation", "units", 1),
        ("hard-within-0.1%", "units", 4),
        ("constraints", "speed", 1000),
        ("python-tools", "speed", 1000),
        ("verify", "units", 2),
        ("demo", "seconds", 0.05),
    } <= asked


def test_a_name_cannot_be_taken_twice(benchmarks: Benchmarks) -> None:
    registry = importlib.import_module("harness.registry")
    with pytest.raises(ValueError, match="demo"):
        registry.case("demo", timed="", us=None, sizes=())(lambda size, folder: None)


@pytest.fixture(scope="module")
def small(benchmarks: Benchmarks, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """The balanced work of 40 x 40, and our answer."""
    registry = importlib.import_module("harness.registry")
    folder = tmp_path_factory.mktemp("balanced")
    case = benchmarks.case("balanced")
    case.make(registry.Size(40, 40), folder)
    return folder, case.us.run(case.us.load(folder))


ONE_TO_ONE = [("balanced", 0), ("balanced", 1), ("balanced", 2), ("flow", 0), ("constraints", 0), ("python-tools", 0)]


@pytest.mark.parametrize(("name", "which"), ONE_TO_ONE)
def test_peers_find_our_answer(benchmarks: Benchmarks, small: tuple[Path, Any], name: str, which: int) -> None:
    folder, ours = small
    assert ours.proven
    assert ours.value[0] == 40
    peer = installed(importlib.import_module("harness.measure"), benchmarks.case(name).peers[which])
    answer = peer.run(peer.load(folder))
    assert answer.proven
    assert answer.value == ours.value


def test_a_stable_plan_is_worth_no_more_than_ours(benchmarks: Benchmarks, small: tuple[Path, Any]) -> None:
    folder, ours = small
    peer = installed(importlib.import_module("harness.measure"), benchmarks.peers.STABLE)
    assert (0, 0) < peer.run(peer.load(folder)).value <= ours.value


def test_thin_matrices_are_the_scores_and_rules_of_the_programme(benchmarks: Benchmarks, small: Any) -> None:
    folder, _ = small
    programme, thin = benchmarks.made.load(folder), benchmarks.made.Thin.load(folder)
    product = (thin.mentors @ thin.mentees.T).astype(np.int64)
    whole = slice(0, 40)
    assert (product == programme.policy.score.form(programme.sides()).tile(whole, whole)).all()
    assert product.max() > 1
    i, j, score = benchmarks.peers.listed(thin)
    department, location = (
        (programme.mentors[column][:, None] != programme.mentees[column][None, :])
        for column in ("department", "location")
    )
    assert np.array_equal([i, j], np.nonzero(department & location))
    assert (score == product[i, j]).all()


@pytest.mark.parametrize("name", ["SCIPY", "LAPJV", "LAPJVS", "FLOW", "NETWORKX", "CPSAT"])
def test_peers_prefer_another_pair_to_any_score(benchmarks: Benchmarks, name: str) -> None:
    # a-x is worth 100, a-y and b-x are worth 1, b-y is forbidden
    thin = benchmarks.made.Thin(
        np.array([[1, 0, 1], [0, 1, 1]], dtype=np.float32),
        np.array([[100, 1, 0], [0, 0, 1]], dtype=np.float32),
        np.array([[0, 1]], dtype=np.int32),
        np.array([[2, 1]], dtype=np.int32),
        np.array([1, 1]),
    )
    peer = installed(importlib.import_module("harness.measure"), getattr(benchmarks.peers, name))
    assert peer.run(thin).value == (2, 2)
    alone = dataclasses.replace(thin, mentees=thin.mentees[1:], mentee_codes=thin.mentee_codes[:, 1:])
    alone = dataclasses.replace(alone, mentors=thin.mentors[::-1].copy(), capacity=np.array([1]))
    if name not in ("LAPJV", "LAPJVS"):  # which are called for as many of one side as of the other
        assert peer.run(alone).value == (1, 1)


def test_capacity_can_be_forced(benchmarks: Benchmarks) -> None:
    policy = rm.Policy(score=rm.score.SkillGap())
    programme = benchmarks.made.programme(12, 5, policy, capacity=2, skills=10)
    assert programme.mentees.capacity.tolist() == [2] * 5
    assert programme.mentors.capacity.tolist() == [1] * 12
    assert len(programme.organisation) == 19


def test_a_plain_look_sees_what_every_pair_asked_alone_says(benchmarks: Benchmarks, size: Any, tmp_path: Path) -> None:
    case = benchmarks.case("organisation")
    case.make(size(1100, 530), tmp_path)  # more than one tile each way
    programme = benchmarks.made.load(tmp_path)
    at = benchmarks.plain_look.prepare(programme)
    at = dataclasses.replace(at, masks=[*at.masks, lambda i, j, score: score % 3 == 0])
    i, j = (index.ravel() for index in np.indices((1100, 530)))
    score = programme.policy.score.form(programme.sides()).pairs(i, j)
    above = score >= at.threshold[j]
    for mask in at.masks:
        above &= mask(i, j, score)
    survived, eligible = benchmarks.plain_look.look(at)
    assert survived == (score >= at.threshold[j]).sum()
    assert eligible == above.sum() > 0
    assert 200 < survived / 530 < 800


def test_our_side_of_whole_organisations(benchmarks: Benchmarks, size: Any, tmp_path: Path) -> None:
    for name in ("organisation", "verify", "hard-within-0.1%"):
        case = benchmarks.case(name)
        folder = tmp_path / name
        folder.mkdir()
        case.make(size(60, 60), folder)
        answer = case.us.run(case.us.load(folder))
        assert answer.proven or answer.note.startswith("gap "), name


@pytest.fixture(scope="module")
def limited(benchmarks: Benchmarks, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """The work with all four limits, and our answer."""
    if not benchmarks.workforce.FILE.exists():
        pytest.skip("shared/data/workforce.csv is not beside the project")
    registry = importlib.import_module("harness.registry")
    folder = tmp_path_factory.mktemp("limits")
    case = benchmarks.case("limits")
    case.make(registry.Size(60, 18), folder)
    return folder, case.us.run(case.us.load(folder))


@pytest.mark.parametrize("name", ["CPSAT", "CPSAT_ALONE", "HIGHS"])
def test_solvers_that_are_given_every_pair_find_our_answer(
    benchmarks: Benchmarks, limited: tuple[Path, Any], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import resource

    monkeypatch.setattr(resource, "setrlimit", lambda *_: None)  # this process has other things to do
    folder, ours = limited
    peer = installed(importlib.import_module("harness.measure"), getattr(benchmarks.whole_peers, name))
    answer = peer.run(peer.load(folder))
    assert ours.proven
    assert answer.proven
    assert answer.value == ours.value > (0,)


def test_a_programme_given_whole_has_its_pairs_and_scores(benchmarks: Benchmarks, limited: tuple[Path, Any]) -> None:
    folder, _ = limited
    programme, whole = benchmarks.made.load(folder), benchmarks.workforce.Whole.load(folder)
    i, j = (index.ravel() for index in np.indices((60, 18)))
    sides = programme.sides()
    score = programme.policy.score.form(sides).pairs(i, j)
    eligible = np.ones(len(i), dtype=bool)
    for rule in programme.policy.rules:
        eligible &= rule.mask(sides)(i, j, score)
    assert 0 < eligible.sum() < len(i)
    assert np.array_equal([whole.i, whole.j, whole.score], [i[eligible], j[eligible], score[eligible]])
    assert whole.capacity.tolist() == [4] * 18


def test_each_limit_has_rows_of_its_own(benchmarks: Benchmarks, limited: tuple[Path, Any]) -> None:
    workforce = benchmarks.workforce
    whole = workforce.Whole.load(limited[0])
    counts = {
        name: len(workforce.rows(dataclasses.replace(whole, limits=np.array([name]))).low)
        for name in ("", *workforce.LIMITS)
    }
    assert counts["quota"] == counts[""] + 1
    assert counts["circles"] == counts[""] + 2 * 18
    assert min(counts["department-pair"], counts["co-mentors"]) > counts[""]


def test_heuristics_for_the_worst_off_do_no_better_than_the_best(
    benchmarks: Benchmarks, size: Any, tmp_path: Path
) -> None:
    case = benchmarks.case("worst-off")
    measure = importlib.import_module("harness.measure")
    case.make(size(14, 12), tmp_path)
    ours = case.us.run(case.us.load(tmp_path))
    assert ours.proven
    assert len(ours.value) == 10
    for peer in (installed(measure, peer) for peer in case.peers):
        answer = peer.run(peer.load(tmp_path))
        assert all(here <= there for here, there in zip(answer.value, ours.value, strict=True))
        assert answer.note.startswith("below ours in ")
        assert "above" not in answer.note


def test_heuristics_make_as_many_pairs_as_there_can_be(benchmarks: Benchmarks, size: Any, tmp_path: Path) -> None:
    worst_off = benchmarks.worst_off
    installed(importlib.import_module("harness.measure"), worst_off.FAIR_FLOW)
    benchmarks.case("worst-off-two-places").make(size(24, 12), tmp_path)
    _, tables = worst_off.load(tmp_path)
    for at in tables:
        first = worst_off.best_total(at)
        for plan in (worst_off.two_passes(at), worst_off.fair_flow(at)):
            held = np.flatnonzero(plan >= 0)
            assert len(held) == (first >= 0).sum()
            assert at.eligible[held, plan[held]].all()
            assert (np.bincount(plan[held], minlength=12) <= at.capacity).all()
            assert worst_off.worst(at, plan) >= worst_off.worst(at, first)


@pytest.mark.parametrize("name", ["stability", "stability-ties"])
def test_simpler_stable_plans_are_worth_no_more(benchmarks: Benchmarks, size: Any, tmp_path: Path, name: str) -> None:
    case = benchmarks.case(name)
    case.make(size(8, 8), tmp_path)
    ours = case.us.run(case.us.load(tmp_path))
    assert ours.proven
    assert "stability costs" in ours.note
    answer = benchmarks.stable.GREEDY.run(benchmarks.stable.GREEDY.load(tmp_path))
    assert (0,) < answer.value <= ours.value


def test_our_side_of_shares(benchmarks: Benchmarks, size: Any, tmp_path: Path) -> None:
    case = benchmarks.case("quotas-large")
    case.make(size(120, 30), tmp_path)
    answer = case.us.run(case.us.load(tmp_path))
    assert answer.value[0] > 0
    assert answer.note.startswith("Pairs ")


def test_settings_are_left_out_one_at_a_time(benchmarks: Benchmarks, tmp_path: Path) -> None:
    from ortools.sat.python import cp_model

    from engine_models import model_of

    cp_sat_choices = benchmarks.cp_sat_choices
    before = cp_model.CpSolver
    job = {"model": model_of([[3, 1], [2, 5]]), "goal": 0, "hint": np.array([False, True, True, False]), "bound": 9}
    (tmp_path / cp_sat_choices.JOB).write_bytes(pickle.dumps(job))
    for who in (cp_sat_choices.US, *cp_sat_choices.CHOICES):
        answer = who.run(who.load(tmp_path))
        assert answer.proven, who.name
        assert answer.value == (8,), who.name
    assert cp_model.CpSolver is before


def test_loops_over_records_find_our_answer(benchmarks: Benchmarks, size: Any, tmp_path: Path) -> None:
    case = benchmarks.case("tenants")
    case.make(size(3), tmp_path)
    ours, loops = (who.run(who.load(tmp_path)) for who in (case.us, *case.peers))
    assert ours.value == loops.value
    assert ours.value[0] > 30
    assert ours.seconds
    assert loops.seconds


def test_loading_and_importing(benchmarks: Benchmarks, size: Any, tmp_path: Path) -> None:
    case = benchmarks.case("load-people")
    case.make(size(50), tmp_path)
    assert [who.run(who.load(tmp_path)).value for who in (case.us, *case.peers)] == [(50,), (50,)]
    case = benchmarks.case("import")
    for who in (case.us, *case.peers):
        answer = who.run(who.load(tmp_path))
        assert answer.seconds > 0
        assert answer.mib > 1


def test_a_run_prints_a_line_for_each_peer_and_adds_nothing_when_dry(results: ModuleType) -> None:
    before = results.RESULTS.read_text(encoding="utf-8") if results.RESULTS.exists() else None
    words = [sys.executable, "run.py", "--dry", "--only", "flow", "--size", "20x20", "--repeats", "2"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(words, cwd=FOLDER, capture_output=True, text=True, timeout=100, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("  20 x 20 | OR-Tools min-cost flow: ")]
    assert " times as fast, " in line
    assert "same answer" in line
    assert (results.RESULTS.read_text(encoding="utf-8") if results.RESULTS.exists() else None) == before


class Script:
    """A case whose contestants live in a file of the test, so that they can misbehave in their own processes."""

    TEXT = """
import time
from harness.registry import Answer, Contestant, Size, case

def load(folder):
    return (folder / "made").read_text()

def quick(_):
    return Answer((2, 10))

def slow(_):
    time.sleep(600)

def broken(_):
    raise RuntimeError("cannot\\nreally")

def gone(_):
    import os
    os._exit(3)

def loud(_):
    print("chatter")
    return Answer((2, 9), proven=False)

def lying(_):
    return Answer((2, 11))

def boasting(_):
    return Answer((2, 11), proven=False)

def absent(_):
    raise AssertionError

US = Contestant("us", load, quick)
PEERS = [Contestant("slow", load, slow, limit=0.3)]
PEERS += [Contestant(f.__name__, load, f) for f in (broken, gone, loud, lying, boasting)]
PEERS += [Contestant("absent", load, absent, needs=("no-such-distribution",))]

@case("script", timed="nothing that matters", us=US, peers=PEERS, sizes=[Size(4, 5)], repeats=2)
def make(size, folder):
    "Nothing."
    (folder / "made").write_text(str(size))
"""


def test_peers_that_hang_fail_or_lie(
    benchmarks: Benchmarks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: Any
) -> None:
    measure = importlib.import_module("harness.measure")
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases" / "__init__.py").write_text("from script import CASES\n", encoding="utf-8")
    text = Script.TEXT + "\nfrom harness.registry import CASES\n"
    (tmp_path / "script.py").write_text(text, encoding="utf-8")
    child = (FOLDER / "harness" / "child.py").read_text(encoding="utf-8")
    started = child.replace("str(Path(__file__).resolve().parents[1])", repr(str(FOLDER)))
    started = started.replace("    main()\n", f"    sys.path.insert(0, {str(tmp_path)!r})\n    main()\n")
    (tmp_path / "child.py").write_text(started, encoding="utf-8")
    monkeypatch.setattr(measure, "CHILD", tmp_path / "child.py")
    monkeypatch.syspath_prepend(str(tmp_path))
    try:
        case = importlib.import_module("script").CASES.pop("script")
        measure.make(case, size(4, 5), tmp_path)
        rows = {row.peer: row for row in measure.measure(case, size(4, 5), tmp_path)}
    finally:
        sys.modules.pop("script", None)
    assert list(rows) == ["slow", "broken", "gone", "loud", "lying", "boasting"]
    assert {row.our_end for row in rows.values()} == {"proven"}
    assert rows["slow"].peer_end == "limit"
    assert rows["slow"].peer_seconds == 0.3
    assert rows["slow"].peer_mib > 1
    assert rows["broken"].peer_end == rows["gone"].peer_end == "failed"
    assert "RuntimeError: cannot" in rows["broken"].note
    assert "code 3" in rows["gone"].note
    assert rows["loud"].peer_end == "no proof"
    assert "its answer is (2, 9), ours (2, 10)" in rows["loud"].note
    assert [name for name, row in rows.items() if measure.DIFFER in row.note] == ["lying", "boasting"]
    assert rows["loud"].ratio_min <= rows["loud"].ratio_median <= rows["loud"].ratio_max


def row(results: ModuleType, **changes: Any) -> Any:
    values = {
        "date": "2026-01-02", "commit": "abc1234", "case": "balanced", "size": "10,000 x 10,000", "pairs": 10**8,
        "peer": "lapx lapjv", "ratio_median": 2.5, "ratio_min": 2.0, "ratio_max": 3.0, "rounds": 3, "our_seconds": 4.0,
        "peer_seconds": 10.0, "our_mib": 200.0, "peer_mib": 1000.0, "our_end": "proven", "peer_end": "proven",
        "note": "same answer", "python": "3.11", "numpy": "2", "ortools": "9", "scipy": "1", "peer_version": "lapx 1",
        "cores": 2,
    }  # fmt: skip
    return results.Row(**{**values, **changes})


def test_results_are_read_as_they_were_written(results: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "results.csv"
    rows = [row(results), row(results, peer="", ratio_median=None, ratio_min=None, ratio_max=None, note='a "b", c')]
    for one in rows:
        results.append(one, path)
    assert results.read(path) == rows
    assert results.read(tmp_path / "none.csv") == []


def test_lines_say_the_ratio_the_spread_and_the_bars(benchmarks: Benchmarks, results: ModuleType) -> None:
    lines = importlib.import_module("harness.lines")
    case = benchmarks.case("balanced")
    text = lines.line(case, row(results))
    assert "lapx lapjv: 2.5 (2..3) times as fast, 4 s against 10 s; memory 200 MiB against 1,000 MiB" in text
    assert "at least 1.5 times as fast as lapx lapjv: met" in text
    assert "at most 0.25 of the memory of lapx lapjv: met (0.2)" in text
    assert "SciPy" not in text
    text = lines.line(case, row(results, ratio_median=1.6, our_mib=300.0, peer_end="limit"))
    assert "at least 1.6 (" in text
    assert "at least 2 times as fast as lapx lapjv: MISSED" in text
    assert "at most 0.25 of the memory of lapx lapjv: MISSED (0.3)" in text
    assert "bar" not in lines.line(case, row(results, pairs=10**6))
    nothing = dict.fromkeys(("ratio_median", "ratio_min", "ratio_max", "our_seconds", "our_mib"))
    text = lines.line(case, row(results, our_end="failed", **nothing))
    assert "ours: failed" in text
    assert text.count("MISSED") == 3
    assert ": met" not in text
    case = benchmarks.case("organisation")
    some = row(
        results, case="organisation", peer="plain look", ratio_median=0.5, ratio_min=0.4, ratio_max=0.8, pairs=10**9
    )
    text = lines.line(case, some)
    assert "plain look: 2 (1.25..2.5) plain looks, " in text
    assert "at most 2 plain looks: met" in text
    assert "at most 1 plain looks: MISSED" in text


def test_growth_is_the_exponent_of_time_against_pairs(benchmarks: Benchmarks, results: ModuleType) -> None:
    growth = importlib.import_module("cases.organisation").growth
    rows = [row(results, pairs=10**k, our_seconds=10.0 ** (1.5 * k - 10)) for k in (7, 8, 9)]
    assert "power of 1.500" in growth(rows)[0]
    assert "MISSED" in growth(rows)[0]
    rows = [row(results, pairs=10**k, our_seconds=10.0 ** (k - 8)) for k in (7, 8, 9, 10)]
    assert "from 10,000,000 to 1,000,000,000 pairs: time as pairs to the power of 1.000" in growth(rows)[0]
    assert ": met" in growth(rows)[0]
    assert growth(rows[:1]) == []


def test_history_shows_the_last_run_of_a_day(benchmarks: Benchmarks, results: ModuleType) -> None:
    first = row(results, date="2026-01-01", our_seconds=9.0)
    again = [row(results, our_seconds=8.0), row(results, our_seconds=7.0, commit="abc1234")]
    others = [row(results, case="demo", peer="", pairs=7200), row(results, case="dropped since")]
    text = benchmarks.report.history([first, *again, *others])
    assert text.index("## 2026-01-02, abc1234") < text.index("## 2026-01-01")
    assert "| 7 s |" in text
    assert "| 8 s |" not in text
    assert "| 9 s |" in text
    assert "| dropped since |" in text
    page = "before\n" + benchmarks.report.BEGIN + "\nold\n" + benchmarks.report.END + "\nafter\n"
    drawn = benchmarks.report.written(page, [first])
    assert drawn.startswith("before\n")
    assert drawn.endswith("\nafter\n")
    assert "old" not in drawn
    assert benchmarks.report.written(drawn, [first]) == drawn


def test_the_table_of_settings_is_of_the_largest_size(benchmarks: Benchmarks, results: ModuleType) -> None:
    rows = [
        row(results, case="cp-sat-choices", peer="no hint", pairs=10**4, ratio_median=7.0),
        row(results, case="cp-sat-choices", peer="no hint", note="same answer"),
        row(results, case="cp-sat-choices", peer="4 workers", peer_end="no proof"),
        row(results),
    ]
    text = benchmarks.report.choices(rows)
    assert text.count("\n") == 3
    assert "| no hint | 10,000 x 10,000 | 2.5 (2..3) | 4 s | 10 s | same answer |" in text
    assert "| 4 workers | 10,000 x 10,000 | at least 2.5 (2..3) | 4 s | 10 s (no proof) |" in text
    page = f"a {benchmarks.report.CHOICES_BEGIN} old {benchmarks.report.CHOICES_END} b"
    page += f" {benchmarks.report.BEGIN} old {benchmarks.report.END} c"
    drawn = benchmarks.report.written(page, rows)
    assert "old" not in drawn
    assert text in drawn
    assert "Nothing" in benchmarks.report.choices([])


def test_the_plot_has_a_line_for_each_contestant(benchmarks: Benchmarks, results: ModuleType) -> None:
    rows = [
        row(results, pairs=10**6),
        row(results),
        row(results, case="demo"),
        row(results, peer="gone", peer_end="failed"),
    ]
    found = {name: points for name, points, _ in benchmarks.report.lines(rows)}
    assert found == {
        "revmatch, one to one": {10**6: 4.0, 10**8: 4.0},
        "lapx lapjv": {10**6: 10.0, 10**8: 10.0},
    }


def test_the_page_shows_the_results(benchmarks: Benchmarks, results: ModuleType) -> None:
    page = benchmarks.report.PAGE.read_text(encoding="utf-8")
    assert benchmarks.report.written(page, results.read()) == page, "run benchmarks/report.py"
    assert benchmarks.report.PLOT.read_text(encoding="utf-8").count("<svg") == 1


def test_results_name_no_machine(results: ModuleType) -> None:
    import platform

    if results.RESULTS.exists():
        text = results.RESULTS.read_text(encoding="utf-8")
        assert text.splitlines()[0] == ",".join(results.COLUMNS)
        assert platform.node() not in text
        assert str(ROOT) not in text
