"""Progress: what the line says, that it fits, and that nothing of it is left behind."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import revmatch as rm
from revmatch.cli import main, progress
from revmatch.cli.progress import Progress, line, room

ROOT = Path(__file__).resolve().parents[1]
POLICY = 'rules = ["DifferentDepartment", "Different(location)"]\nscore = "5 * SkillGap + 2 * Different(division)"\n'
SIDES = ["--mentors", "mentors.csv", "--mentees", "mentees.csv", "--policy", "policy.toml"]

LOOK = {"phase": "look", "goal": "TotalScore", "tiles_done": 7, "tiles": 20, "value": 9_900, "bound": 9_981}
NEWS: dict[str, Any] = LOOK | {"gap": 81 / 9_900}


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A programme large enough to be looked at tile by tile."""
    monkeypatch.chdir(tmp_path)
    made = rm.datasets.programme(400, 300)
    for name, people in (("mentors.csv", made.mentors), ("mentees.csv", made.mentees)):
        columns = {heading: cells.tolist() for heading, cells in people.to_columns().items() if heading != "manager"}
        with open(name, "w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([columns, *zip(*columns.values(), strict=True)])
    Path("policy.toml").write_text(POLICY)
    return tmp_path


class Terminal(io.StringIO):
    """Stands for standard error, with a person who looks."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    seen = Terminal()
    monkeypatch.setattr(progress, "sys", SimpleNamespace(stderr=seen))  # pytest puts its own in place of sys.stderr
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    return seen


def screens(text: str) -> list[str]:
    """What stands on the one line after each time it is written over."""
    shown = []
    row = ""
    for piece in text.split("\r")[1:]:
        kept, clear, after = piece.partition("\x1b[K")
        assert clear
        assert not after
        row = kept  # what is beyond was cleared
        shown.append(row)
    return shown


# -- the text ---------------------------------------------------------------------------------------------------------


def test_a_look_from_wide_to_narrow() -> None:
    gap, bar = "at most 0.82 % below the best possible", "[#######.............]"
    for width, text in (
        (200, f"looking at pairs: TotalScore  {bar}  3.2 s  9,900 of at most 9,981  {gap}"),
        (100, f"looking at pairs: TotalScore  {bar}  3.2 s  {gap}"),
        (90, f"looking at pairs: TotalScore  [##......]  3.2 s  {gap}"),
        (80, "looking at pairs: TotalScore  [##......]  3.2 s  gap 0.82 %"),
        (50, "looking at pairs  [##......]  3.2 s  gap 0.82 %"),
        (40, "looking at pairs  3.2 s  gap 0.82 %"),
        (30, "looking at pairs  gap 0.82 %"),
        (20, "looking at pairs"),
        (7, "looking"),
    ):
        assert line(NEWS, 3.21, width) == text


def test_every_line_fits() -> None:
    for news in (NEWS, NEWS | {"phase": "solve", "tiles": 0}, {"phase": "reading"}):
        for width in range(1, 130):
            text = line(news, 12_345.678, width)
            assert len(text) <= width
            assert text[:7] in {word[:width] for word in ("looking", "solving", "reading")}


@pytest.mark.parametrize(
    ("news", "text"),
    [
        ({"phase": "reading"}, "reading  0.0 s"),
        ({"phase": "check", "goal": "Pairs"}, "checking: Pairs  0.0 s"),
        ({"phase": "solve", "goal": "Pairs", "tiles": 0, "tiles_done": 0}, "solving: Pairs  0.0 s"),
        ({"phase": "solve", "goal": "Pairs", "value": 7}, "solving: Pairs  0.0 s  7 so far"),
        ({"phase": "solve", "goal": "Pairs", "bound": 9}, "solving: Pairs  0.0 s  at most 9"),
        ({"phase": "solve", "goal": "LeastChange", "value": 7, "bound": 2, "gap": 0.5},
         "solving: LeastChange  0.0 s  7, at least 2"),
        ({"phase": "solve", "goal": "a\x1b[2Jb"}, r"solving: a\x1b[2Jb  0.0 s"),
    ],
)  # fmt: skip
def test_what_is_not_known_is_not_said(news: dict[str, Any], text: str) -> None:
    assert line({"value": None, "bound": None, "gap": None} | news, 0.0, 100) == text


@pytest.mark.parametrize(
    ("value", "bound", "text"),
    [
        (1_000, 1_000, "the best possible"),
        (10**9, 10**9 + 1, "at most 0.01 % below the best possible"),  # never a gap of nothing that is one
        (3, 4, "at most 33.34 % below the best possible"),  # rounded up: it is a promise
        (2.5, 2.75, "at most 10.00 % below the best possible"),
        (-100, -50, "gap 50.00 %"),
        (0, 500, ""),
        (100, 4_000, ""),
    ],
)
def test_the_gap(value: float, bound: float, text: str) -> None:
    news = {"phase": "solve", "value": value, "bound": bound, "gap": (bound - value) / max(1, abs(value))}
    said = line(news, 0.0, 100).split("  ")
    assert said[3:] == ([text] if text else [])


def test_the_bar_begins_empty_and_ends_full() -> None:
    bars = [line(LOOK | {"tiles_done": done}, 0.0, 100).split("  ")[1] for done in range(21)]
    assert bars[0] == "[....................]"
    assert bars[-1] == "[####################]"
    assert bars == sorted(bars, reverse=True)
    assert "[" not in line(LOOK | {"tiles": 1}, 0.0, 100)  # one tile is no way to go


def test_seconds() -> None:
    assert [line({"phase": "reading"}, s, 100)[9:] for s in (0.04, 99.94, 100.0, 4_000.6)] == [
        "0.0 s", "99.9 s", "100 s", "4,001 s",
    ]  # fmt: skip


def test_room_without_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    assert room(io.StringIO()) == 57
    monkeypatch.setenv("COLUMNS", "2")
    assert room(None) == 1


# -- the line on a terminal -------------------------------------------------------------------------------------------


def test_it_stays_off_where_nobody_looks(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["match", *SIDES]) == 0
    assert capsys.readouterr().err == ""


def test_it_stays_off_where_a_line_cannot_be_cleared(
    files: Path, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "dumb")
    assert main(["match", *SIDES]) == 0
    assert terminal.getvalue() == ""


def test_it_is_written_over_and_cleared(files: Path, terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_LINES", 1_000)
    monkeypatch.setenv("NO_COLOR", "1")
    assert main(["match", *SIDES]) == 0
    shown = screens(terminal.getvalue())
    assert shown[-1] == ""
    said = "\n".join(shown)
    for words in ("reading", "looking at pairs: ", "TotalScore", " so far", "writing"):
        assert words in said


def test_no_more_lines_than_a_person_can_read(terminal: Terminal) -> None:
    with Progress() as shown:
        for number in range(500):
            shown.told({"phase": "solve", "goal": f"Goal{number}", "seconds": 0.0})
    assert len(screens(terminal.getvalue())) == progress._LINES + 1  # and the cleared one


def test_the_seconds_go_on_while_nothing_is_told(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_BEAT", 0.01)
    threads = threading.active_count()
    with Progress() as shown:
        shown.told({"phase": "solve", "goal": "Pairs", "seconds": 41.0})
        until = time.monotonic() + 20
        while "41.2 s" not in terminal.getvalue() and time.monotonic() < until:
            time.sleep(0.01)
    assert screens(terminal.getvalue())[0] == "solving: Pairs  41.0 s"
    assert "41.2 s" in terminal.getvalue()
    assert threading.active_count() == threads


def test_the_same_line_is_not_written_twice(terminal: Terminal) -> None:
    with Progress() as shown:
        for _ in range(3):
            shown._news, shown._since = {"phase": "reading"}, time.monotonic()
            shown._show()
    assert screens(terminal.getvalue()) == ["reading  0.0 s", ""]


@pytest.mark.parametrize("error", [ValueError("x"), KeyboardInterrupt(), SystemExit(1)])
def test_it_is_cleared_whatever_happens(error: BaseException, terminal: Terminal) -> None:
    threads = threading.active_count()

    def fails() -> None:
        with Progress() as shown:
            shown.say("reading")
            raise error

    with pytest.raises(type(error)):
        fails()
    assert screens(terminal.getvalue()) == ["reading  0.0 s", ""]
    assert threading.active_count() == threads


def test_an_interrupt_writes_the_best_so_far(
    files: Path, terminal: Terminal, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told = Progress.told

    def interrupted(self: Progress, news: dict[str, Any]) -> None:
        told(self, news)
        if news.get("value") is not None:
            raise KeyboardInterrupt

    monkeypatch.setattr(Progress, "told", interrupted)
    code = main(["match", *SIDES, "--out", "pairs.csv"])
    said = capsys.readouterr().out
    # the plan so far may be proven all the same: then nothing is missing
    assert (code, "Interrupted" in said) in ((130, True), (0, False))
    assert Path("pairs.csv").exists()
    assert screens(terminal.getvalue())[-1] == ""


@pytest.mark.parametrize("error", [OSError(5, "gone"), ValueError("I/O operation on closed file")])
def test_a_terminal_that_is_gone_costs_no_plan(
    error: Exception, files: Path, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_: str) -> int:
        raise error

    monkeypatch.setattr(terminal, "write", gone)
    assert main(["match", *SIDES, "--out", "pairs.csv"]) == 0
    assert Path("pairs.csv").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="terminals as POSIX has them")
@pytest.mark.parametrize("columns", [40, 120])
def test_on_a_terminal_of_its_own(columns: int, files: Path) -> None:
    import fcntl
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-m", "revmatch", "match", *SIDES, "--out", "pairs.csv"],
        stderr=theirs,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "TERM": "xterm"},
    )
    os.close(theirs)
    seen = b""
    while True:
        try:
            piece = os.read(ours, 4096)
        except OSError:  # Linux says so where the other end is closed
            break
        if not piece:
            break
        seen += piece
    out, _ = process.communicate(timeout=60)
    os.close(ours)
    assert process.returncode == 0
    assert "\x1b" not in out
    assert "Written" in out
    shown = screens(seen.decode())
    assert shown[-1] == ""
    assert max(map(len, shown)) < columns - 2  # ^C has room
    said = "\n".join(shown)
    assert "reading" in said
    assert "looking at pairs" in said
