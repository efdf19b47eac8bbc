"""What is written: safe in a spreadsheet, whole or not at all, never over somebody else's file."""

from __future__ import annotations

import csv
import io
import os
import signal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from revmatch.errors import ConfigError
from revmatch.io import outputs
from revmatch.io.inert import inert, plain
from revmatch.io.outputs import Kind, Output

HEADING = b"mentor,mentee,score,why\r\n"
RUN = ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠x", " =1", "'=1", "''=1", "'\t=1"]


def codes(error: ConfigError) -> list[str]:
    return [problem.code for problem in error.problems]


# -- formulas ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", RUN)
def test_what_a_spreadsheet_would_run_gets_a_mark(text: str) -> None:
    assert inert(text) == "'" + text
    assert plain(inert(text)) == text


@pytest.mark.parametrize("text", ["", "a", "it's", "'tis", "1-2", "3", "<script>", "Ünï", "#REF", "a\n=1"])
def test_everything_else_stays_as_it_is(text: str) -> None:
    assert inert(text) == text
    assert plain(text) == text


@pytest.mark.parametrize("text", ["-3", "-3.5"])
def test_a_true_number_stays_one(text: str) -> None:
    assert inert(text, number=True) == text
    assert inert(text) == "'" + text


@pytest.mark.parametrize("text", ["-3+1", "+3", "=3", "-3 ", "-", "-٣"])
def test_what_only_resembles_a_number_gets_a_mark(text: str) -> None:
    assert inert(text, number=True) == "'" + text


@given(st.text(alphabet=st.sampled_from("'=+-@＝\t\r\n a1") | st.characters(codec="utf-8"), max_size=6), st.booleans())
def test_every_text_comes_back_byte_for_byte(text: str, number: bool) -> None:
    written = inert(text, number=number)
    assert plain(written) == text
    assert not written.startswith(("=", "+", "@", "\t", "\r"))


@given(st.lists(st.text(max_size=8), min_size=2, max_size=2), st.sampled_from(outputs.SEPARATORS), st.booleans())
def test_cells_come_back_through_a_csv_reader(cells: list[str], delimiter: str, bom: bool) -> None:
    cells = [cell.encode("utf-8", "replace").decode().replace("\0", "") for cell in cells]
    data = outputs.csv_bytes(["a", "b"], [cells], delimiter=delimiter, bom=bom)
    assert data.startswith(b"\xef\xbb\xbf") == bom
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=delimiter))
    assert [plain(cell) for cell in rows[1]] == cells


def test_numbers_are_written_as_numbers() -> None:
    assert outputs.csv_bytes(["score"], [[-3], [2.5]]) == b"score\r\n-3\r\n2.5\r\n"


def test_headings_are_safe_too() -> None:
    assert outputs.csv_bytes(["=a"], []) == b"'=a\r\n"


# -- whole or not at all ----------------------------------------------------------------------------------------------


def test_a_file_is_written_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "pairs.csv"
    outputs.write([Output(path, Kind.PAIRS, HEADING)])
    assert path.read_bytes() == HEADING
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["pairs.csv"]


@pytest.mark.parametrize("broken", ["replace", "fsync", "fdopen"])
def test_what_goes_wrong_leaves_everything_as_it_was(
    broken: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = HEADING + b"a,b,1,\r\n"
    (tmp_path / "pairs.csv").write_bytes(old)

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, broken, fail)
    made = [Output(tmp_path / "pairs.csv", Kind.PAIRS, HEADING), Output(tmp_path / "plan.json", Kind.PLAN, b"{}")]
    with pytest.raises(ConfigError, match=r"RM195.*No space left") as caught:
        outputs.write(made)
    assert codes(caught.value) == ["RM195"]
    monkeypatch.undo()
    assert [entry.name for entry in tmp_path.iterdir()] == ["pairs.csv"]
    assert (tmp_path / "pairs.csv").read_bytes() == old


def test_a_kill_in_the_middle_leaves_everything_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pairs.csv").write_bytes(HEADING)

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        outputs.write([Output(tmp_path / "pairs.csv", Kind.PAIRS, HEADING + b"a,b,1,\r\n")])
    assert [entry.name for entry in tmp_path.iterdir()] == ["pairs.csv"]
    assert (tmp_path / "pairs.csv").read_bytes() == HEADING


# -- whose file it is -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (Kind.PAIRS, b"mentor,mentee,score,why\r\n"),
        (Kind.PAIRS, b"\xef\xbb\xbfmentor;mentee;score;why;points_SkillGap;slot;mentor_name\r\na;b;1;\r\n"),
        (Kind.PAIRS, b"mentor\tmentee\tscore\twhy\n"),
        (Kind.UNMATCHED, b"person,side,why,waiting\r\n"),
        (Kind.PLAN, b'{"format":"revmatch.plan/1","x":1}'),
        (Kind.INPUT, b"new"),
    ],
)
def test_an_earlier_output_of_the_same_kind_is_written_over(kind: Kind, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    outputs.write([Output(path, kind, b"new")])
    assert path.read_bytes() == b"new"


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (Kind.PAIRS, b"id,name\r\n"),
        (Kind.PAIRS, b""),
        (Kind.PAIRS, b"mentor,mentee,score\r\n"),
        (Kind.PAIRS, b"mentor,mentee,score,why,my own notes\r\n"),
        (Kind.PAIRS, b"person,side,why,waiting\r\n"),
        (Kind.PAIRS, b"\xff\xfe\0\0"),
        (Kind.UNMATCHED, b"mentor,mentee,score,why\r\n"),
        (Kind.UNMATCHED, b"person,side,why\r\n"),
        (Kind.PLAN, b"{}"),
        (Kind.PLAN, b"mentor,mentee,score,why\r\n"),
        (Kind.INPUT, b"edited"),
    ],
)
def test_any_other_file_needs_force(kind: Kind, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match="--force") as caught:
        outputs.write([Output(path, kind, b"new")])
    assert codes(caught.value) == ["RM196"]
    assert path.read_bytes() == content
    outputs.write([Output(path, kind, b"new")], force=True)
    assert path.read_bytes() == b"new"


def test_one_file_that_may_not_be_written_stops_all(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_bytes(b"mine")
    made = [Output(tmp_path / "pairs.csv", Kind.PAIRS, HEADING), Output(tmp_path / "plan.json", Kind.PLAN, b"{}")]
    with pytest.raises(ConfigError, match="RM196"):
        outputs.write(made)
    assert [entry.name for entry in tmp_path.iterdir()] == ["plan.json"]


# -- places -----------------------------------------------------------------------------------------------------------


def refused(path: Path, **options: object) -> str:
    with pytest.raises(ConfigError) as caught:
        outputs.write([Output(path, Kind.PAIRS, HEADING)], **options)  # type: ignore[arg-type]
    assert codes(caught.value) == ["RM195"]
    return str(caught.value)


@pytest.mark.parametrize("force", [False, True])
def test_nothing_is_written_through_a_link(force: bool, tmp_path: Path) -> None:
    aim = tmp_path / "aim.csv"
    aim.write_bytes(HEADING)
    (tmp_path / "link.csv").symlink_to(aim)
    (tmp_path / "nowhere.csv").symlink_to(tmp_path / "not there")
    (tmp_path / "folder").mkdir()
    (tmp_path / "way").symlink_to(tmp_path / "folder")
    assert "symbolic link" in refused(tmp_path / "link.csv", force=force)
    assert "symbolic link" in refused(tmp_path / "nowhere.csv", force=force)
    assert "symbolic link" in refused(tmp_path / "way" / "pairs.csv", force=force)
    assert aim.read_bytes() == HEADING
    assert not list((tmp_path / "folder").iterdir())


def test_a_folder_is_no_file_and_a_file_no_folder(tmp_path: Path) -> None:
    (tmp_path / "pairs.csv").mkdir()
    (tmp_path / "file").write_text("x")
    assert "folder" in refused(tmp_path / "pairs.csv", force=True)
    assert "not a folder" in refused(tmp_path / "file" / "pairs.csv", force=True)
    assert "not a plain file" in refused(Path("/dev/null"), force=True)
    assert "no path" in refused(tmp_path / "a\0b")


def test_what_is_read_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(HEADING)
    assert "is read" in refused(path, force=True, inputs=[str(tmp_path / "." / "people.csv")])
    assert path.read_bytes() == HEADING


def test_two_outputs_need_two_places(tmp_path: Path) -> None:
    same = tmp_path / "x"
    with pytest.raises(ConfigError, match="same path"):
        outputs.check([Output(same, Kind.PAIRS), Output(same, Kind.PLAN)])


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_folder_without_permission_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        assert "Permission denied" in refused(tmp_path / "pairs.csv")
    finally:
        tmp_path.chmod(0o700)


def test_an_interrupt_between_two_renames_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Outputs of one run belong together: all of them are there when the interrupt is felt."""
    plainly = os.replace

    def interrupted(source: Path, target: Path) -> None:
        plainly(source, target)
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(os, "replace", interrupted)
    before = signal.getsignal(signal.SIGINT)
    made = [Output(tmp_path / name, Kind.PAIRS, HEADING) for name in ("a.csv", "b.csv")]
    with pytest.raises(KeyboardInterrupt):
        outputs.write(made)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "b.csv"]
    assert signal.getsignal(signal.SIGINT) is before


def test_one_file_by_two_paths_is_one_file(tmp_path: Path) -> None:
    paths = (tmp_path / "a.csv", tmp_path / "x" / ".." / "a.csv")
    with pytest.raises(ConfigError, match="two outputs have the same path"):
        outputs.write([Output(path, Kind.PAIRS, HEADING) for path in paths])
