"""`revmatch verify`: exit 0 only if everything in a plan file holds."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import revmatch as rm
from revmatch.cli import main
from revmatch.solve import exact

WHERE = ["--mentors-where", "grade <= 4", "--mentees-where", "grade >= 7"]
PEOPLE = """id,department,grade,manager,offers,wants
a,IT,2,x,python:4;law:1,
b,HR,3,y,law:5,
c,IT,1,b,data:3,
x,HR,8,z,,python:5;data:2
y,IT,7,z,,law:4
z,Board,9,,,data:5
"""
POLICY = 'rules = ["DifferentDepartment", "OutsideReportingLine(levels=1)"]\nscore = "SkillGap"\n'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("in").mkdir()
    Path("in/people.csv").write_text(PEOPLE)
    Path("policy.toml").write_text(POLICY)
    return tmp_path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    def command(*words: str) -> tuple[int, str, str]:
        code = main(words)
        return code, *capsys.readouterr()

    return command


@pytest.fixture
def plan(run: Any) -> Path:
    code, *_ = run("match", "--people", "in/people.csv", *WHERE, "--policy", "policy.toml", "--json", "plan.json")
    assert code == 0
    return Path("plan.json")


def test_what_holds(run: Any, plan: Path) -> None:
    code, out, err = run("verify", "plan.json")
    assert (code, err) == (0, "")
    assert "Everything in plan.json holds" in out
    assert "Proven: no plan can be better (checked by prices over all 9 pairs)." in out


def programme(mentors: str, mentees: str, policy: str) -> list[str]:
    for name, text in (("m.csv", mentors), ("s.csv", mentees), ("small.toml", policy)):
        Path(name).write_text(text)
    return ["--mentors", "m.csv", "--mentees", "s.csv", "--policy", "small.toml", "--json", "small.json"]


def test_a_solvers_word_is_never_called_a_proof(run: Any) -> None:
    limits = 'goals = ["TotalScore"]\nlimits = ["Stable", "TotalPairs(1)"]'
    words = programme("id,capacity\nann,1\nbo,1\n", "id,capacity\nxi,1\nyan,1\n", limits)
    code, _, err = run("match", *words)
    assert code == 4
    assert "The answer is in small.json; it rests on the solver's word, given twice." in err
    code, out, _ = run("verify", "small.json")
    said = " ".join(out.split())
    assert code == 0
    assert "Nothing in small.json contradicts itself" in said
    assert "No plan keeps everything that is asked: the solver says so, and a second run" in said
    assert "not a proof that you can check by adding up, and nothing here could check it." in said
    assert "roven" not in said
    assert "worked out again" not in said


def test_a_plan_by_a_solvers_word_is_checked_as_far_as_it_goes(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exact, "MOST_CASES", 0)
    people = "id,capacity\nann,1\nbo,1\ncem,1\n", "id,capacity\nyan,2\nzoe,2\n"
    words = programme(*people, 'goals = ["Pairs"]\nlimits = ["Circles(2, 2)"]')
    assert run("match", *words)[0] == 0
    said = " ".join(run("verify", "small.json")[1].split())
    assert "What can be worked out of small.json holds: 2 pairs, every goal and every ceiling that prices give" in said
    assert "What a solver says beyond them was not. No plan can be better: the solver says so" in said
    assert "Everything" not in said


def test_cases_are_called_so_by_both_commands(run: Any) -> None:
    people = "id,capacity\nann,1\nbo,1\ncem,1\n", "id,capacity\nyan,2\nzoe,2\n"
    words = programme(*people, 'goals = ["Pairs"]\nlimits = ["Circles(2, 2)"]')
    proven = "Proven: no plan can be better (checked by prices, case by case over all 6 pairs)."
    for said in (run("match", *words)[1], run("verify", "small.json")[1]):
        assert proven in " ".join(said.split())


def test_everything_that_a_programme_can_hold(run: Any) -> None:
    Path("mentors.csv").write_text("id,manager\na,x\nb,y\ns,gone\n")
    Path("mentees.csv").write_text("id,manager\nx,z\ny,z\ns,gone\n")
    Path("all.csv").write_text("id,manager,department\na,x,A\nb,y,B\ns,gone,S\nx,z,X\ny,z,A\nz,,\n")
    Path("pins.csv").write_text('mentor,mentee,despite,reason\na,y,DifferentDepartment,"agreed"\n')
    Path("old.csv").write_text("mentor,mentee\nb,x\n")
    Path("policy.toml").write_text('rules = ["DifferentDepartment", "NotPairedBefore", "OutsideReportingLine"]')
    words = ["--mentors", "mentors.csv", "--mentees", "mentees.csv", "--organisation", "all.csv", "--dual-role"]
    words += ["--policy", "policy.toml", "--unknown-manager", "allow", "--pins", "pins.csv", "--history", "old.csv"]
    Path("before.csv").write_text("mentor,mentee\na,x\nwas here,x\n")
    words += ["--previous", "before.csv"]
    code, _, err = run("match", *words, "--ban", "s=y", "--json", "plan.json")
    assert (code, err) == (0, "")
    code, _, err = run("verify", "plan.json")
    assert (code, err) == (0, "")


def change(path: Path, how: Callable[[dict[str, Any]], object]) -> None:
    data = json.loads(path.read_text())
    how(data)
    path.write_text(json.dumps(data))


@pytest.mark.parametrize(
    "how",
    [
        lambda data: data["pairs"].pop(),
        lambda data: data["goals"][-1].update(bound=99),
        lambda data: data["goals"][-1].update(value=99),
        lambda data: data["goals"][0].update(value=None),
        lambda data: data["pairs"][0].__setitem__(2, 99),
        lambda data: data["certificate"]["records"][0]["mentee_prices"].__setitem__(0, 10**6),
        lambda data: data.update(status="FEASIBLE"),
        lambda data: data.update(proof=None),
    ],
)
def test_what_does_not_hold(how: Callable[[dict[str, Any]], object], run: Any, plan: Path) -> None:
    change(plan, how)
    code, out, err = run("verify", "plan.json")
    assert (code, out) == (3, "")
    assert "RM900" in err or "RM21" in err


@pytest.mark.parametrize(
    ("how", "code"),
    [
        (lambda data: data.update(format="revmatch.plan/9"), "RM211"),
        (lambda data: data.update(extra=1), "RM211"),
        (lambda data: data.pop("goals"), "RM211"),
        (lambda data: data.update(inputs=[]), "RM211"),
        (lambda data: data.update(inputs=[1]), "RM211"),
        (lambda data: data.update(inputs="x"), "RM211"),
        (lambda data: data["inputs"][0].update(role="bystanders"), "RM211"),
        (lambda data: data.update(mentors=[1]), "RM211"),
        (lambda data: data["mentors"].append("nobody"), "RM210"),
        (lambda data: data["policy"].update(rules=["Samme(x)"]), "RM135"),
        (lambda data: data.update(policy={"tables": []}), "RM211"),
        (lambda data: data["inputs"][0].update(sha256="0" * 64), "RM210"),
    ],
)
def test_files_that_are_no_plan(how: Callable[[dict[str, Any]], object], code: str, run: Any, plan: Path) -> None:
    change(plan, how)
    found, _, err = run("verify", "plan.json")
    assert found == 3
    assert code in err


@pytest.mark.parametrize(
    ("text", "code"), [("", "RM211"), ('{"format"', "RM211"), ("[" * 100_000, "RM127"), ('{"a": NaN}', "RM101")]
)
def test_files_that_are_cut_off(text: str, code: str, run: Any) -> None:
    Path("plan.json").write_text(text)
    found, _, err = run("verify", "plan.json")
    assert found == 3
    assert code in err


def test_no_such_plan(run: Any) -> None:
    code, _, err = run("verify", "gone.json")
    assert code == 3
    assert "RM192" in err


# -- where the people are ---------------------------------------------------------------------------------------------


def test_other_content_than_the_digest(run: Any, plan: Path) -> None:
    people = Path("in/people.csv")
    people.write_text(PEOPLE.replace("law:5", "law:4"))
    code, _, err = run("verify", "plan.json")
    assert code == 3
    assert "RM210" in err
    rows = PEOPLE.splitlines()
    people.write_text("\n".join([rows[0], *reversed(rows[1:])]) + "\n")  # the order of rows is no content
    assert run("verify", "plan.json")[0] == 0


def test_people_who_moved(run: Any, plan: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("out").mkdir()
    shutil.move("plan.json", "out/plan.json")
    shutil.move("in", "out/in")
    assert run("verify", "out/plan.json")[0] == 0  # beside the plan
    shutil.move("out/in/people.csv", "out/people.csv")
    assert run("verify", "out/plan.json")[0] == 0  # in its folder
    monkeypatch.chdir("out")
    assert run("verify", "plan.json")[0] == 0
    shutil.move("people.csv", "staff.csv")
    code, _, err = run("verify", "plan.json")
    assert code == 3
    assert "RM192 in/people.csv" in err
    assert run("verify", "plan.json", "--people", "staff.csv")[0] == 0
    assert run("verify", "plan.json", "--mentors", "staff.csv", "--mentees", "staff.csv")[0] == 0


def test_a_plan_made_from_frames_needs_its_people(run: Any) -> None:
    people = rm.People.from_columns({"id": ["a", "b", "c"], "grade": ["1", "2", "9"]}, place="x")
    plan = rm.match(rm.Programme(people.where("grade < 9"), people.where("grade == 9")))
    Path("plan.json").write_text(plan.to_json())
    Path("staff.csv").write_text("id,grade\na,1\nb,2\nc,9\n")
    code, _, err = run("verify", "plan.json")
    assert code == 2
    assert "--people" in err
    assert run("verify", "plan.json", "--people", "staff.csv")[0] == 0


def test_a_plan_that_is_not_proven_best_is_said_to_be_so(run: Any) -> None:
    assert main(["demo", "--out", "demo"]) == 0
    words = ["--people", "demo/people.csv", "--mentors-where", "grade <= 3", "--mentees-where", "grade >= 7"]
    code, *_ = run("match", *words, "--policy", "demo/policy.toml", "--time-limit", "0", "--out", "demo")
    assert code == 5
    code, out, err = run("verify", "demo/plan.json")
    assert (code, err) == (0, "")
    assert "Stopped by the time limit" in out
    assert "Proven" not in out
