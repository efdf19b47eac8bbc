"""The real workforce, end to end: the command of the README against SciPy and a reading of our own."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

WORKFORCE = Path(__file__).parents[2] / "shared" / "data" / "workforce.csv"
POLICY = """
goals = ["Pairs", "TotalScore"]
rules = ["DifferentDepartment", "OutsideReportingLine", "GradeGap(at_least=2)"]
score = "5 * SkillGap + 2 * Different(division)"
"""

pytestmark = pytest.mark.skipif(not WORKFORCE.exists(), reason="shared/data/workforce.csv is not beside the project")


def levels(person: dict[str, str], column: str) -> dict[str, int]:
    found = {}
    for item in filter(None, person[column].split(";")):
        skill, level = item.rsplit(":", 1)
        found[skill] = int(level)
    return found


def chain(person: dict[str, str], everybody: dict[str, dict[str, str]]) -> set[str]:
    found: set[str] = set()
    while person["manager"]:
        found.add(person["manager"])
        person = everybody[person["manager"]]
    return found


def scores_and_eligible(
    mentors: list[dict[str, str]], mentees: list[dict[str, str]], everybody: dict[str, dict[str, str]]
) -> tuple[Any, Any]:
    """Scores and eligibility of all pairs, read by nothing but this file."""
    skills = sorted({skill for person in mentors + mentees for skill in levels(person, "offers")})
    at = {skill: k for k, skill in enumerate(skills)}
    own = np.zeros((len(mentors), len(skills)), dtype=np.int64)
    for i, person in enumerate(mentors):
        for skill, level in levels(person, "offers").items():
            own[i, at[skill]] = level
    scores = np.zeros((len(mentors), len(mentees)), dtype=np.int64)
    eligible = np.ones_like(scores, dtype=bool)
    columns = {c: np.array([p[c] for p in mentors]) for c in ("department", "division", "manager", "id")}
    grade = np.array([int(p["grade"]) for p in mentors])
    above = defaultdict(list)
    for i, person in enumerate(mentors):
        for manager in chain(person, everybody):
            above[manager].append(i)
    for j, person in enumerate(mentees):
        has, wants = levels(person, "offers"), levels(person, "wants")
        for skill, target in wants.items():
            if skill in at:
                gain = np.minimum(own[:, at[skill]], target) - has.get(skill, 0)
                scores[:, j] += 5 * np.maximum(gain, 0)
        scores[:, j] += 2 * (columns["division"] != person["division"])
        eligible[:, j] &= columns["department"] != person["department"]
        eligible[:, j] &= int(person["grade"]) - grade >= 2
        eligible[:, j] &= (columns["manager"] != person["manager"]) | (columns["manager"] == "")
        eligible[above[person["id"]], j] = False
        eligible[np.isin(columns["id"], list(chain(person, everybody))), j] = False
    return scores, eligible


def best_total(scores: Any, eligible: Any, capacity: Any) -> tuple[int, int]:
    """Most pairs, and the highest total of so many, by SciPy: a mentee of capacity 2 stands in two columns."""
    from scipy.optimize import linear_sum_assignment

    # every mentor here has capacity 1; a pair is worth far more than any score, a forbidden one nothing
    seats = np.repeat(np.arange(len(capacity)), capacity)
    worth = np.where(eligible[:, seats], scores[:, seats] + 10**6, 0)
    rows, cols = linear_sum_assignment(worth, maximize=True)
    held = worth[rows, cols] > 0
    return int(held.sum()), int(scores[rows[held], seats[cols[held]]].sum())


def test_match_finds_the_proven_optimum_of_the_workforce(tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text(POLICY)
    where = ["--mentors-where", "grade <= 4 and hired >= 2008", "--mentees-where", "grade >= 7"]
    command = [sys.executable, "-m", "revmatch", "match", "--people", str(WORKFORCE), *where, "--policy", "policy.toml"]
    command += ["--out", "pairs.csv", "--json", "plan.json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    plan = json.loads((tmp_path / "plan.json").read_text())
    with WORKFORCE.open(encoding="utf-8", newline="") as file:
        people = list(csv.DictReader(file))
    mentors = [p for p in people if int(p["grade"]) <= 4 and int(p["hired"]) >= 2008]
    mentees = [p for p in people if int(p["grade"]) >= 7]
    assert (len(mentors), len(mentees)) == (len(plan["mentors"]), len(plan["mentees"])) == (3089, 885)
    assert all(p["capacity"] == "1" for p in mentors)
    scores, eligible = scores_and_eligible(mentors, mentees, {p["id"]: p for p in people})
    capacity = np.array([int(p["capacity"]) for p in mentees])
    assert [goal["value"] for goal in plan["goals"]] == list(best_total(scores, eligible, capacity))
    assert [goal["bound"] for goal in plan["goals"]] == [goal["value"] for goal in plan["goals"]]
    assert (plan["status"], plan["proof"]) == ("OPTIMAL", "prices")
    at = {p["id"]: i for i, p in enumerate(mentors)}, {p["id"]: j for j, p in enumerate(mentees)}
    for mentor, mentee, score in plan["pairs"]:
        i, j = at[0][mentor], at[1][mentee]
        assert eligible[i, j]
        assert scores[i, j] == score
    with (tmp_path / "pairs.csv").open(encoding="utf-8", newline="") as file:
        written = [(row["mentor"], row["mentee"]) for row in csv.DictReader(file)]
    assert written == [(mentor, mentee) for mentor, mentee, _ in plan["pairs"]]
