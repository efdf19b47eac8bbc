"""The command line: exit codes, options, files, and what it says."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import revmatch as rm
from revmatch.cli import main
from revmatch.errors import EngineError, Problem
from revmatch.plan import Plan

ROOT = Path(__file__).resolve().parents[1]
MENTORS = """id,name,department,grade,offers,division
ada,CANARY-1,Finance,2,python:4; generative AI:3,North
ben,CANARY-2,Sales,3,social media:5; python:2,South
cem,CANARY-3,Legal,1,generative AI:5,North
"""
MENTEES = """id,name,department,grade,wants,division
yan,CANARY-4,Legal,9,social media:3,East
zoe,CANARY-5,Sales,8,python:3; generative AI:4,East
"""
POLICY = """goals = ["Coverage", "Pairs", "TotalScore"]
rules = ["DifferentDepartment", "GradeGap(at_least=2)"]
score = "5 * SkillGap + 2 * Different(division)"
"""
SIDES = ["--mentors", "mentors.csv", "--mentees", "mentees.csv", "--policy", "policy.toml"]
Run = tuple[int, str, str]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    Path("mentors.csv").write_text(MENTORS)
    Path("mentees.csv").write_text(MENTEES)
    Path("policy.toml").write_text(POLICY)
    return tmp_path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Any:
    def command(*words: str) -> Run:
        code = main(words)
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return code, out, err

    return command


def rows(path: str, delimiter: str = ",") -> list[list[str]]:
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file, delimiter=delimiter))


# -- 0: done ----------------------------------------------------------------------------------------------------------


def test_match_to_a_file_of_pairs(run: Any) -> None:
    code, out, err = run("match", *SIDES, "--out", "pairs.csv", "--json", "plan.json")
    assert (code, err) == (0, "")
    assert rows("pairs.csv") == [
        ["mentor", "mentee", "score", "why", "points_SkillGap", "points_Different_division"],
        [
            "ada", "zoe", "32",
            "brings generative AI to 3, python to 3 (own level not stated); different division", "30", "2",
        ],
        ["ben", "yan", "17", "brings social media to 3 (own level not stated); different division", "15", "2"],
    ]  # fmt: skip
    assert "2 pairs: 2 of 2 mentees and 2 of 3 mentors have a partner." in out
    assert "Proven: no plan can be better (checked by prices over all 6 pairs)." in out
    assert json.loads(Path("plan.json").read_text())["status"] == "OPTIMAL"
    assert not Path("unmatched.csv").exists()


def test_match_to_a_folder(run: Any) -> None:
    assert run("match", *SIDES, "--out", "new/folder", "--json", "also.json")[0] == 0
    assert sorted(path.name for path in Path("new/folder").iterdir()) == ["pairs.csv", "plan.json", "unmatched.csv"]
    assert rows("new/folder/unmatched.csv") == [
        ["person", "side", "why", "waiting"],
        ["cem", "mentor", "the one eligible partner is taken: another pair serves the goals better", ""],
    ]
    assert Path("also.json").read_bytes() == Path("new/folder/plan.json").read_bytes()
    for path in (*Path("new/folder").iterdir(), Path("also.json")):
        assert path.stat().st_mode & 0o777 == 0o600
    assert run("match", *SIDES, "--out", "new/folder", "--json", "new/folder/plan.json")[0] == 0


def test_match_without_out_writes_nothing_and_says_so(run: Any, folder: Path) -> None:
    before = sorted(folder.iterdir())
    code, out, _ = run("match", *SIDES)
    assert code == 0
    assert "Nothing was written" in out
    assert sorted(folder.iterdir()) == before


def test_pairs_to_standard_output(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "revmatch", "match", *SIDES, "--out", "-", "--json", "plan.json"],
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        check=True,
    )
    assert done.stderr == b""
    table = list(csv.reader(io.StringIO(done.stdout.decode(), newline="")))
    assert [row[:3] for row in table] == [["mentor", "mentee", "score"], ["ada", "zoe", "32"], ["ben", "yan", "17"]]
    assert Path("plan.json").exists()


def test_one_file_and_two_selections_give_the_same_plan(run: Any) -> None:
    both = MENTORS.replace(",offers,", ",offers,wants,").replace(",North", ",,North").replace(",South", ",,South")
    both += "".join(
        f"{a},{n},{d},{g},,{w},{v}\n" for a, n, d, g, w, v in (line.split(",") for line in MENTEES.splitlines()[1:])
    )
    Path("people.csv").write_text(both)
    where = ["--mentors-where", "grade <= 4", "--mentees-where", "grade > 4"]
    code, *_ = run("match", "--people", "people.csv", *where, "--policy", "policy.toml", "--out", "pairs.csv")
    assert code == 0
    assert [row[:3] for row in rows("pairs.csv")[1:]] == [["ada", "zoe", "32"], ["ben", "yan", "17"]]


def test_the_organisation_lends_columns_and_lines(run: Any) -> None:
    Path("mentors.csv").write_text("id\nada\nben\n")
    Path("mentees.csv").write_text("id\nyan\n")
    Path("all.csv").write_text("id,manager\nada,yan\nben,mia\nyan,\nmia,\n")
    Path("policy.toml").write_text('rules = ["OutsideReportingLine"]')
    code, *_ = run("match", *SIDES, "--organisation", "all.csv", "--out", "p.csv")
    assert code == 0
    assert [row[:2] for row in rows("p.csv")[1:]] == [["ben", "yan"]]


def test_pins_bans_and_history_by_flag_and_by_file(run: Any) -> None:
    assert run("match", *SIDES, "--pin", "cem=zoe", "--ban", "ben=yan", "--out", "p.csv")[0] == 0
    assert [row[:2] for row in rows("p.csv")[1:]] == [["ada", "yan"], ["cem", "zoe"]]
    assert rows("p.csv")[2][3].startswith("pinned; ")
    Path("pins.csv").write_text("mentor,mentee,despite,reason\nben,zoe,DifferentDepartment,they asked\n")
    Path("policy.toml").write_text(POLICY.replace('"GradeGap', '"NotPairedBefore", "GradeGap'))
    Path("history.csv").write_text("mentor,mentee,score,why\nada,yan,1,last year\n")
    assert run("match", *SIDES, "--pins", "pins.csv", "--history", "history.csv", "--out", "p.csv")[0] == 0
    assert [row[:2] for row in rows("p.csv")[1:]] == [["ben", "zoe"]]


def test_a_file_of_pairs_is_a_history(run: Any) -> None:
    Path("policy.toml").write_text(POLICY.replace('"GradeGap', '"NotPairedBefore", "GradeGap'))
    assert run("match", *SIDES, "--out", "first.csv")[0] == 0
    assert run("match", *SIDES, "--history", "first.csv", "--out", "second.csv")[0] == 0
    first, second = ({tuple(row[:2]) for row in rows(name)[1:]} for name in ("first.csv", "second.csv"))
    assert first
    assert second
    assert not first & second


def test_a_file_of_pairs_is_a_plan_before(run: Any) -> None:
    assert run("match", *SIDES, "--out", "first.csv")[0] == 0
    with Path("first.csv").open("a") as file:
        file.write("gone,zoe" + "," * (len(rows("first.csv")[0]) - 2) + "\n")
    assert run("match", *SIDES, "--previous", "first.csv", "--json", "plan.json")[0] == 0
    previous = json.loads(Path("plan.json").read_text())["previous"]
    assert sorted(map(tuple, previous)) == sorted(
        [("gone", "zoe"), *(tuple(row[:2]) for row in rows("first.csv")[1:-1])]
    )
    assert run("verify", "plan.json")[0] == 0
    Path("first.csv").write_text("mentor,leader\nada,zoe\n")
    code, _, err = run("match", *SIDES, "--previous", "first.csv")
    assert (code, "RM143 first.csv:1" in err) == (3, True)


def test_delimiter_and_mark_for_spreadsheets(run: Any) -> None:
    for delimiter, mark in ((";", ";"), ("tab", "\t"), ("|", "|")):
        assert run("match", *SIDES, "--out", "p.csv", "--delimiter", delimiter, "--bom")[0] == 0
        assert Path("p.csv").read_bytes().startswith(b"\xef\xbb\xbfmentor" + mark.encode())
        assert rows("p.csv", mark)[1][:2] == ["ada", "zoe"]


def test_shown_columns_come_last(run: Any) -> None:
    Path("policy.toml").write_text('show = ["department"]\n' + POLICY)
    assert run("match", *SIDES, "--show", "name", "--show", "wants", "--out", "p.csv")[0] == 0
    heading, first, _ = rows("p.csv")
    assert heading[6:] == ["mentor_department", "mentee_department", "mentor_name", "mentee_name", "mentee_wants"]
    assert first[6:] == ["Finance", "Sales", "CANARY-1", "CANARY-5", "python:3; generative AI:4"]


def test_a_policy_in_json_and_one_with_a_mark(run: Any) -> None:
    Path("policy.json").write_text(rm.Policy.from_toml(POLICY).to_json())
    assert run("match", *SIDES[:4], "--policy", "policy.json", "--out", "a.csv")[0] == 0
    Path("marked.toml").write_text("\ufeff" + POLICY)
    assert run("match", *SIDES[:4], "--policy", "marked.toml", "--out", "b.csv")[0] == 0
    assert Path("a.csv").read_bytes() == Path("b.csv").read_bytes()


def test_dual_role_and_unknown_managers(run: Any) -> None:
    Path("both.csv").write_text("id,manager\na,\nb,who\n")
    Path("policy.toml").write_text('rules = ["OutsideReportingLine"]')
    both = ["--mentors", "both.csv", "--mentees", "both.csv", "--policy", "policy.toml"]
    assert "RM133" in run("match", *both)[2]
    assert "RM141" in run("match", *both, "--dual-role")[2]
    assert run("match", *both, "--dual-role", "--unknown-manager", "allow")[0] == 0


def test_empty_sides_are_valid(run: Any) -> None:
    Path("mentors.csv").write_text("id,department,grade,offers,division\n")
    code, out, _ = run("match", *SIDES, "--out", "folder")
    assert code == 0
    assert rows("folder/pairs.csv")[1:] == []
    assert [row[0] for row in rows("folder/unmatched.csv")[1:]] == ["yan", "zoe"]
    assert "Proven" in out


def test_check_prints_the_whole_check(run: Any) -> None:
    code, out, err = run("check", *SIDES)
    assert (code, err) == (0, "")
    programme = rm.Programme(rm.read_csv("mentors.csv"), rm.read_csv("mentees.csv"), rm.Policy.from_toml(POLICY))
    assert out == f"{rm.check(programme)}\n"


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["match", "--help"], ["verify", "--help"]])
def test_help_and_version(words: list[str], run: Any) -> None:
    code, out, _ = run(*words)
    assert code == 0
    assert "revmatch" in out


# -- 2: usage ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["mtach"],
        ["match"],
        ["match", "--policy", "policy.toml"],
        ["match", "--mentors", "mentors.csv", "--policy", "policy.toml"],
        ["match", "--people", "mentors.csv", "--policy", "policy.toml", "--mentors-where", "grade < 3"],
        ["match", *SIDES, "--people", "mentors.csv"],
        ["match", *SIDES, "--time-limit", "soon"],
        ["match", *SIDES, "--time-limit", "nan"],
        ["match", *SIDES, "--time-limit", "-1"],
        ["match", *SIDES, "--gap", "2"],
        ["match", *SIDES, "--workers", "0"],
        ["match", *SIDES, "--seed", "x"],
        ["match", *SIDES, "--pin", "ada"],
        ["match", *SIDES, "--pin", "=zoe"],
        ["match", *SIDES, "--ban", "a=b=c"],
        ["match", *SIDES, "--delimiter", "x"],
        ["match", *SIDES, "--polic", "policy.toml"],
        ["match", *SIDES, "programme.toml"],
        ["match", *SIDES, "--unknown-manager", "perhaps"],
        ["match", *SIDES, "--out", "pairs.csv", "--json", "pairs.csv"],
        ["verify"],
    ],
)
def test_usage(words: list[str], run: Any, folder: Path) -> None:
    before = sorted(folder.iterdir())
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert err
    assert sorted(folder.iterdir()) == before


def test_somebody_elses_file_is_kept_and_nothing_is_solved(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("pairs.csv").write_text("my,notes\n")
    monkeypatch.setattr("revmatch.cli.inputs.read_programme", None)
    monkeypatch.setattr("revmatch.cli.commands.read_programme", None)
    code, _, err = run("match", *SIDES, "--out", "pairs.csv")
    assert code == 2
    assert "RM196" in err
    assert Path("pairs.csv").read_text() == "my,notes\n"


def test_force_writes_over_it_but_never_over_an_input(run: Any) -> None:
    Path("pairs.csv").write_text("my,notes\n")
    assert run("match", *SIDES, "--out", "pairs.csv", "--force")[0] == 0
    assert rows("pairs.csv")[0][0] == "mentor"
    for name in ("mentors.csv", "mentees.csv"):
        code, _, err = run("match", *SIDES, "--out", name, "--force")
        assert code == 2
        assert "RM195" in err
    assert Path("mentors.csv").read_text() == MENTORS
    assert run("match", *SIDES, "--json", "policy.toml", "--force")[0] == 2
    assert Path("policy.toml").read_text() == POLICY


def test_links_are_refused(run: Any) -> None:
    Path("aim.csv").write_text("mentor,mentee,score,why\n")
    Path("link.csv").symlink_to("aim.csv")
    code, _, err = run("match", *SIDES, "--out", "link.csv", "--force")
    assert code == 2
    assert "RM195" in err
    assert Path("aim.csv").read_text() == "mentor,mentee,score,why\n"


# -- 3: bad input -----------------------------------------------------------------------------------------------------


def test_everything_that_is_wrong_with_all_files_at_once(run: Any) -> None:
    Path("mentors.csv").write_text("id,grade,capacity\na,1,-1\na,2,x\n")
    Path("mentees.csv").write_text("id,grade\n,3\n")
    Path("policy.toml").write_text('rules = ["GradGap"]\ngoal = []')
    Path("bans.csv").write_text("mentor\na\n")
    code, out, err = run("match", *SIDES, "--bans", "bans.csv", "--history", "gone.csv")
    assert (code, out) == (3, "")
    for found in ("RM120", "RM150", "mentees.csv:2:id", "policy.toml", "bans.csv:1", "gone.csv"):
        assert found in err
    assert "problems:" in err


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("mentors.csv", "id,grade\na,1\n"), "RM134"),
        (("mentors.csv", "grade\n1\n"), "RM143"),
        (("policy.toml", "rules = ["), "RM211"),
        (("policy.toml", 'rules = ["Different(ethnicity)"]'), "RM200"),
        (("policy.toml", 'goals = ["Pairs", "Pairs"]'), "RM220"),
        (("policy.toml", 'show = ["nmae"]'), "RM134"),
    ],
)
def test_bad_files(change: tuple[str, str], code: str, run: Any) -> None:
    Path(change[0]).write_text(change[1])
    found, _, err = run("match", *SIDES, "--out", "folder")
    assert found == 3
    assert code in err
    assert not Path("folder").exists()


@pytest.mark.parametrize("path", ["gone.toml", ".", "latin.toml"])
def test_policies_that_cannot_be_read(path: str, run: Any) -> None:
    Path("latin.toml").write_bytes(b"# caf\xe9\n")
    code, _, err = run("match", *SIDES[:4], "--policy", path)
    assert code == 3
    assert ("RM125" if "latin" in path else "RM192") in err


def test_places_name_the_flag_and_the_row(run: Any) -> None:
    Path("bans.csv").write_text("mentor,mentee\nada,zoe\nnobody,zoe\n")
    _, _, err = run("match", *SIDES, "--bans", "bans.csv", "--pin", "ada=nobody", "--pin", "ben=zoe")
    assert "bans.csv:3.mentor" in err
    assert "--pin number 1.mentee" in err
    _, _, err = run("match", *SIDES, "--pin", "ben=zoe")
    assert "RM162 --pin number 1" in err
    where = ["--people", "mentors.csv", "--mentors-where", "grade <= 4", "--mentees-where", "garde > 4"]
    code, _, err = run("match", *where, "--policy", "policy.toml")
    assert code == 3
    assert "RM135 --mentees-where, position 1" in err


# -- 4 and 5: no plan, or not in time ---------------------------------------------------------------------------------


def test_rules_that_cannot_all_be_met(run: Any) -> None:
    Path("policy.toml").write_text(POLICY + 'limits = ["EveryoneMatched(mentor)"]')
    code, out, err = run("match", *SIDES, "--out", "folder")
    assert (code, out) == (4, "")
    assert "RM160" in err
    assert not Path("folder").exists()
    code, _, err = run("match", *SIDES, "--out", "pairs.csv", "--json", "plan.json")
    assert code == 4
    assert "The proof is in plan.json" in err
    assert not Path("pairs.csv").exists()
    code, out, _ = run("verify", "plan.json")
    assert code == 0
    assert "Proven: the hard rules cannot all be met" in out
    assert run("match", *SIDES, "--out", "folder", "--json", "proof.json")[0] == 4
    assert Path("proof.json").exists()
    assert not Path("folder").exists()


def test_a_time_limit_writes_the_best_so_far(run: Any) -> None:
    code, out, _ = run("match", *SIDES, "--time-limit", "0", "--out", "folder")
    plan = json.loads(Path("folder/plan.json").read_text())
    if plan["status"] == "OPTIMAL":
        assert code == 0
    else:
        assert code == 5
        assert plan["stopped_by"] == "time"
        assert "Stopped by the time limit" in out
    assert rows("folder/pairs.csv")[0][0] == "mentor"
    assert run("verify", "folder/plan.json")[0] == 0


@pytest.mark.parametrize(
    ("stopped_by", "code"), [("time", 5), ("gap", 0), ("interrupt", 130), ("engine_lost", 1), ("callback", 0)]
)
def test_why_a_search_ended(stopped_by: str, code: int, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import dataclasses

    from revmatch.solve import match as room

    found = room.match

    def stopped(*args: Any, **options: Any) -> Plan:
        plan = found(*args, **options)
        bounds = tuple(bound + 1 for bound in plan.bounds)
        changes = {"status": rm.Status.FEASIBLE, "proof": None, "bounds": bounds, "stopped_by": stopped_by}
        return dataclasses.replace(plan, _cache={}, **changes)

    monkeypatch.setattr(room, "match", stopped)
    assert run("match", *SIDES, "--out", "folder")[0] == code
    assert len(rows("folder/pairs.csv")) == 3


def test_no_plan_in_time(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import dataclasses

    from revmatch.solve import match as room

    found = room.match
    changes = {"status": rm.Status.NOT_FOUND, "proof": None, "stopped_by": "time"}
    monkeypatch.setattr(room, "match", lambda *a, **o: dataclasses.replace(found(*a, **o), _cache={}, **changes))
    code, _, err = run("match", *SIDES, "--out", "pairs.csv")
    assert code == 5
    assert "RM300" in err
    assert not Path("pairs.csv").exists()


# -- 1 and 130: what nobody foresaw -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (ValueError("CANARY"), 1, "internal error (ValueError)"),
        (MemoryError(), 1, "out of memory"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (EngineError(Problem("RM901", "engine", "the solver was lost")), 1, "RM901"),
    ],
)
def test_errors_of_our_own(
    error: BaseException, code: int, said: str, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("revmatch.solve.match.match", fail)
    found, out, err = run("match", *SIDES, "--out", "pairs.csv")
    assert (found, out) == (code, "")
    assert said in err
    assert "CANARY" not in err
    assert not Path("pairs.csv").exists()


def test_debug_shows_where(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("revmatch.solve.match.match", None)
    assert main(["match", *SIDES, "--debug"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_a_failed_rename_keeps_the_old_files(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("match", *SIDES, "--out", "folder")[0] == 0
    before = {path: path.read_bytes() for path in Path("folder").iterdir()}

    def fail(*_: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "replace", fail)
    code, _, err = run("match", *SIDES, "--seed", "5", "--out", "folder")
    assert code == 2
    assert "RM195" in err
    assert {path: path.read_bytes() for path in Path("folder").iterdir()} == before


def start(*words: str, **options: Any) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    return subprocess.Popen([sys.executable, "-m", "revmatch", *words], env=environment, **options)


def test_a_pipe_that_is_closed_early_is_no_error() -> None:
    read, write = os.pipe()
    os.close(read)
    process = start("match", *SIDES, "--out", "pairs.csv", stdout=write, stderr=subprocess.PIPE)
    os.close(write)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, b"")
    assert Path("pairs.csv").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="signals as POSIX has them")
def test_control_c_ends_with_130_and_leaves_nothing(folder: Path) -> None:
    os.mkfifo("slow.csv")  # reading waits here until somebody writes
    script = "import sys, revmatch.io.csv as c; c._refuse_file = lambda name: None\n"
    script += "from revmatch.cli import main; sys.exit(main(sys.argv[1:]))"
    words = ["match", "--mentors", "slow.csv", *SIDES[2:], "--out", "pairs.csv"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    process = subprocess.Popen([sys.executable, "-c", script, *words], stderr=subprocess.PIPE, env=environment)
    time.sleep(1.0)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert err == b"revmatch: interrupted\n"
    assert not list(folder.glob("*pairs*"))


# -- people are protected ---------------------------------------------------------------------------------------------


def test_no_name_in_any_output(run: Any, folder: Path) -> None:
    said = ""
    for words in (
        ["match", *SIDES, "--out", "folder", "--json", "plan.json"],
        ["check", *SIDES],
        ["verify", "plan.json"],
        ["match", *SIDES, "--ban", "ada=gone"],
        ["match", *SIDES, "--mentors-where", "name == 'CANARY-1"],
        ["match", *SIDES, "--mentors-where", "name > 'CANARY-1' and (grade"],
        ["match", *SIDES, "--show", "ethnicity"],
    ):
        said += "".join(run(*words)[1:])
    Path("broken.csv").write_text(MENTORS.replace("ada", "").replace("2,python", "two,python"))
    said += "".join(run("match", "--mentors", "broken.csv", *SIDES[2:])[1:])
    for path in (*Path("folder").iterdir(), Path("plan.json")):
        said += path.read_text()
    assert "CANARY" not in said


def test_evil_cells_are_inert_and_ids_come_back(run: Any) -> None:
    ids = ["=1+1", "+2", "@x", "'=y", "-3", "<script>"]
    with open("mentors.csv", "w", newline="") as file:
        csv.writer(file).writerows([["id", "name", "n"], *([name, f"={name}", "-7"] for name in ids)])
    with open("mentees.csv", "w", newline="") as file:
        csv.writer(file).writerows([["id", "name", "n"], *([f"{name}!", "\t=1", "8"] for name in ids)])
    Path("policy.toml").write_text('show = ["name", "n"]')
    assert run("match", *SIDES, "--out", "folder")[0] == 0
    for path in ("folder/pairs.csv", "folder/unmatched.csv"):
        for row in rows(path):
            for cell in row:
                assert not cell.startswith(("=", "+", "@", "\t", "\r"))
    assert {row[6] for row in rows("folder/pairs.csv")[1:]} == {"-7"}
    from revmatch.io.pairs import read_pairs

    assert {pair.mentor for pair in read_pairs("folder/pairs.csv")} == set(ids)
    assert {pair.mentee for pair in read_pairs("folder/pairs.csv")} == {f"{name}!" for name in ids}
    assert run("match", *SIDES, "--history", "folder/pairs.csv")[0] == 0
    assert {name for name, *_ in json.loads(Path("folder/plan.json").read_text())["pairs"]} == set(ids)


def test_sensitive_columns_appear_nowhere(run: Any, folder: Path) -> None:
    for name, text, values in (("mentors.csv", MENTORS, "PQP"), ("mentees.csv", MENTEES, "QP")):
        lines = text.splitlines()
        marked = [f"{line},SECRET-{value}" for line, value in zip(lines[1:], values, strict=True)]
        Path(name).write_text("\n".join([f"{lines[0]},ethnicity", *marked]) + "\n")
    policy = POLICY.replace("2 * Different(division)", "2 * Different(ethnicity)")
    Path("policy.toml").write_text(policy + '[sensitive]\nethnicity = "agreed in writing"\n')
    code, out, _ = run("match", *SIDES, "--out", "folder")
    assert code == 0
    written = "".join(Path(f"folder/{name}").read_text() for name in ("pairs.csv", "unmatched.csv"))
    assert "SECRET" not in written + out + Path("folder/plan.json").read_text()
    assert "ethnicity" not in written
    assert rows("folder/pairs.csv")[0] == ["mentor", "mentee", "score", "why"]
    code, _, err = run("match", *SIDES, "--show", "ethnicity")
    assert code == 3
    assert "RM200" in err


# -- nothing heavy ----------------------------------------------------------------------------------------------------


def test_help_loads_nothing_heavy() -> None:
    script = (
        "import sys; from revmatch.cli import main; main(['match', '--help']);"
        "print(sorted({'numpy', 'ortools', 'pandas', 'networkx', 'scipy', 'narwhals'} & sys.modules.keys()))"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_results_that_cannot_be_written_are_no_success(folder: Path) -> None:
    """Standard output is full or closed: that is said on standard error, and the exit code is not 0."""
    command = f"{sys.executable} -m revmatch check {' '.join(SIDES)}"
    for where in ("> /dev/full", ">&-"):
        done = subprocess.run(["sh", "-c", f"{command} {where}"], capture_output=True, text=True, check=False)
        assert done.returncode == 2
        assert "RM195 standard output" in done.stderr
        assert "Traceback" not in done.stderr
    done = subprocess.run(
        ["sh", "-c", f"{command} --mentors-where nonsense >&-"], capture_output=True, text=True, check=False
    )
    assert done.returncode not in (0, 1)
    assert "RM" in done.stderr
