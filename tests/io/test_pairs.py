"""Lists of pairs: pins, bans and history."""

from __future__ import annotations

from pathlib import Path

import pytest

from revmatch.errors import InputError
from revmatch.io.outputs import csv_bytes
from revmatch.io.pairs import read_pairs


def made(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "list.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_pins_with_and_without_a_rule_to_break(tmp_path: Path) -> None:
    text = "Mentee; mentor ;despite;reason;note\ns1;j1;;;x\n\ns2;j2;GradeGap,Same;the board asked;y\n"
    rows = read_pairs(made(tmp_path, text.replace("GradeGap,Same", '"GradeGap;Same"')))
    assert [(row.mentor, row.mentee, row.despite, row.reason) for row in rows] == [
        ("j1", "s1", (), ""),
        ("j2", "s2", ("GradeGap", "Same"), "the board asked"),
    ]
    assert [row.place.rpartition(":")[2] for row in rows] == ["2", "4"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("bom", [False, True])
def test_a_file_of_pairs_that_was_written_is_read_back(delimiter: str, bom: bool, tmp_path: Path) -> None:
    ids = [("=1+1", "-3"), ("'=x", "@y"), ("é\u2028x", "a,b;c\td|e"), ('"q"', "\n=1"), ("1000.0", "-3.5-x")]
    data = csv_bytes(
        ["mentor", "mentee", "score", "why"],
        [[a, b, 1, "because"] for a, b in ids],
        numbers=["mentor", "mentee"],
        delimiter=delimiter,
        bom=bom,
    )
    rows = read_pairs(made(tmp_path, data))
    # an id that is a whole number written with decimals is that whole number, as everywhere
    assert [(row.mentor, row.mentee) for row in rows] == [*ids[:-1], ("1000", "-3.5-x")]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "RM143"),
        ("mentor,person\na,b\n", "RM143"),
        ("mentor,mentee,mentor\na,b,c\n", "RM123"),
        ("mentor,mentee\na\n", "RM124"),
        ("mentor,mentee\na,b,c\n", "RM124"),
        ("mentor,mentee\na,\n", "RM122"),
        ('mentor,mentee\na,"b\n', "RM143"),
        (b"mentor,mentee\n\xff,b\n", "RM125"),
        ("mentor,mentee\na," + "x" * 200_000 + "\n", "RM126"),
    ],
)
def test_bad_lists(text: str | bytes, code: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_pairs(made(tmp_path, text))
    assert caught.value.code == code
    assert "list.csv" in str(caught.value)


def test_all_bad_rows_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_pairs(made(tmp_path, "mentor,mentee\na\n,b\nc,d\n,\nx,\n"))
    assert [(p.code, p.place.rpartition("list.csv:")[2]) for p in caught.value.problems] == [
        ("RM124", "2"),
        ("RM122", "3:mentor"),
        ("RM122", "6:mentee"),
    ]


@pytest.mark.parametrize("path", ["not there.csv", ".", "a\0b"])
def test_no_such_list(path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="RM192"):
        read_pairs(path)
