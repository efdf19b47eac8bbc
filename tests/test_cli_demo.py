"""`revmatch demo`: the whole main job, and the very commands that it prints."""

from __future__ import annotations

import io
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

import revmatch as rm
from revmatch.cli import demo as room
from revmatch.cli import main

ROOT = Path(__file__).resolve().parents[1]
Command = Callable[[str], subprocess.CompletedProcess[str]]
FILES = ["pairs.csv", "people.csv", "plan.json", "policy.toml", "unmatched.csv"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def contents(folder: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


def elsewhere(line: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "COLUMNS": "100"}
    return subprocess.run(shlex.split(line), capture_output=True, text=True, env=environment, timeout=100, check=False)


def here(line: str) -> subprocess.CompletedProcess[str]:
    """The same in this process, which saves a start of Python; the printed commands start with the same words."""
    words = shlex.split(line)
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", [str(ROOT / "src" / "revmatch" / "__main__.py"), *words[3:]])
        patch.setenv("COLUMNS", "100")
        code = main(words[3:])
    return subprocess.CompletedProcess(words, code, out.getvalue(), err.getvalue())


@pytest.mark.parametrize(
    ("out", "command"), [("demo-programme", here), ("a folder/d'emo", elsewhere), ("demo.csv", here)]
)
def test_the_whole_main_job_and_every_command_that_it_prints(out: str, command: Command, folder: Path) -> None:
    words = [] if out == "demo-programme" else ["--out", out]
    first = command(shlex.join([sys.executable, "-m", "revmatch", "demo", *words]))
    assert (first.returncode, first.stderr) == (0, "")
    assert sorted(contents(out)) == FILES
    assert [path.name for path in folder.iterdir()] == [Path(out).parts[0]]
    printed = [line.strip() for line in first.stdout.splitlines() if " -m revmatch " in line]
    assert [shlex.split(line)[3] for line in printed] == ["match", "check", "verify"]
    before = contents(out)
    for line in printed:
        assert shlex.split(line)[:3] == [sys.executable, "-m", "revmatch"]
        done = command(line)
        assert (done.returncode, done.stderr) == (0, ""), line
    assert contents(out) == before


def test_the_summary_is_a_pleasure_to_read(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo"]) == 0
    text = capsys.readouterr().out
    plan = rm.match(rm.datasets.demo())
    for part in (
        "120 mentors (junior) for 60 mentees (senior), of 260 people",
        f"{len(plan.pairs)} pairs: ",
        "Proven: no plan can be better (checked by prices over all 7,200 pairs).",
        "The ten best pairs",
        "Without a partner",
        f"{len(plan.unmatched_mentees)} mentees without an eligible partner",
        "demo-programme/people.csv",
        "run it again",
    ):
        assert part in text
    assert max(len(line) for line in text.splitlines() if "revmatch" not in line) <= 100


def test_no_name_is_printed_or_written_but_in_the_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo"]) == 0
    names = rm.read_csv("demo-programme/people.csv").decoded("name").tolist()
    said = capsys.readouterr().out + "".join(
        Path("demo-programme", name).read_text() for name in FILES if name != "people.csv"
    )
    assert not [name for name in names if name in said]


def test_the_files_are_the_demo_programme() -> None:
    assert main(["demo", "--out", "x"]) == 0
    made = rm.datasets.demo()
    people = rm.read_csv("x/people.csv")
    assert people.digest() == made.organisation.digest()
    policy = rm.Policy.from_toml(Path("x/policy.toml").read_text())
    assert policy == made.policy
    programme = rm.Programme(people.where("grade <= 3"), people.where("grade >= 7"), policy)
    plan = rm.Plan.from_json(Path("x/plan.json").read_text(), programme)
    assert plan.pairs == rm.match(made).pairs
    assert rm.verify(plan, pairs="all").proven


def test_a_second_demo_changes_nothing_and_edits_are_kept(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo"]) == 0
    before = contents("demo-programme")
    assert main(["demo"]) == 0
    assert contents("demo-programme") == before
    edited = Path("demo-programme/policy.toml")
    edited.write_text(edited.read_text().replace("2026-03-02", "2026-03-09"))
    before = contents("demo-programme")
    capsys.readouterr()
    assert main(["demo"]) == 2
    assert "RM196 demo-programme/policy.toml" in capsys.readouterr().err
    assert contents("demo-programme") == before
    assert main(["demo", "--force"]) == 0
    assert b"2026-03-09" not in edited.read_bytes()


def test_the_edited_files_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo"]) == 0
    edited = Path("demo-programme/policy.toml")
    edited.write_text(edited.read_text().replace("2026-03-02", "2026-03-09") + 'show = ["name"]\n')
    where = ["--mentors-where", "grade <= 3", "--mentees-where", "grade >= 7", "--policy", str(edited)]
    people = ["--people", "demo-programme/people.csv"]
    assert main(["match", *people, *where, "--out", "demo-programme"]) == 0
    heading, first = Path("demo-programme/pairs.csv").read_text().splitlines()[:2]
    assert heading.endswith("mentor_name,mentee_name")
    assert first.rpartition(",")[2] in Path("demo-programme/people.csv").read_text()
    assert main(["verify", "demo-programme/plan.json"]) == 0


def test_how_the_program_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    script = tmp_path / "bin" / "revmatch"
    script.parent.mkdir()
    script.write_text("#!/bin/sh\n")
    script.chmod(0o700)
    monkeypatch.setattr(sys, "argv", [str(script), "demo"])
    monkeypatch.setenv("PATH", str(script.parent))
    assert room.program() == "revmatch"
    monkeypatch.setenv("PATH", "")
    assert room.program() == str(script)
    monkeypatch.setattr(sys, "argv", ["/x/revmatch/__main__.py"])
    assert room.program() == f"{shlex.quote(sys.executable)} -m revmatch"
