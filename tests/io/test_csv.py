"""CSV files: what is read, and how a bad file is refused."""

from __future__ import annotations

import csv
import io
import os
import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import revmatch.io.csv as csv_room
from revmatch.errors import InputError, LimitError
from revmatch.io.csv import read_csv
from revmatch.people.ids import look_alike
from revmatch.people.people import People, Source

WORKFORCE = Path(__file__).parents[2] / "../shared/data/workforce.csv"


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Write a file people.csv beside us, and give its name."""
    monkeypatch.chdir(tmp_path)

    def file(content: str | bytes) -> str:
        data = content if isinstance(content, bytes) else content.encode()
        Path("people.csv").write_bytes(data)
        return "people.csv"

    return file


def refused(path: str) -> list[tuple[str, str]]:
    with pytest.raises(InputError) as caught:
        read_csv(path)
    assert "canary" not in str(caught.value)
    return [(problem.code, problem.place) for problem in caught.value.problems]


@pytest.mark.parametrize(
    "content",
    [
        "id,name,grade\na,x,3\nb,y,8\n",
        "\ufeffid,name,grade\na,x,3\nb,y,8",
        "id;name;grade\na;x;3\nb;y;8\n",
        "id\tname\tgrade\na\tx\t3\nb\ty\t8\n",
        "id|name|grade\na|x|3\nb|y|8\n",
        " ID ,Name,GRADE\r\na,x,3\r\nb,y,8\r\n",
        "id,name,grade\ra,x,3\rb,y,8\r",
        "\n\nid,name,grade\n\na,x,3\n ,,\n,,\nb,y,8\n\n\n",
        '"id","name","grade"\n"a","x","3"\n"b","y","8"\n',
        '\ufeff"id";"name";"grade"\n"a";"x";"3"\n"b";"y";"8"\n',
        "id,name,grade,,\na,x,3,,\nb,y,8, ,\n",
    ],
)
def test_files_of_every_kind_are_read(write, content):
    people = read_csv(write(content))
    assert people.columns == ("id", "name", "grade")
    assert people.ids.tolist() == ["a", "b"]
    assert people["grade"].tolist() == [3, 8]
    assert people.source == Source("people.csv", None)
    assert people.native is None


@pytest.mark.parametrize(
    ("heading", "columns"),
    [
        ("id", ("id",)),
        ("id,a;b", ("id", "a;b")),
        ("a;b;c,id", ("a;b;c", "id")),  # the separator under which there is an id
        ('id,"a;b;c;d"', ("id", "a;b;c;d")),
        ("id;a,b", ("id", "a,b")),
    ],
)
def test_the_heading_row_decides_the_separator(write, heading, columns):
    assert read_csv(write(heading + "\n")).columns == columns


def test_rows_are_those_of_a_spreadsheet(write):
    people = read_csv(write('\nid,name\n\na,"two\nlines"\n\nb,x\n'))
    assert people.rows.tolist() == [4, 6]
    assert people.cell(0, "name") == "two\nlines"
    assert people.place(1, "name") == "people.csv:6:name"
    assert refused(write("\nid,capacity\n\na,1\n\nb,x\n")) == [("RM150", "people.csv:6:capacity")]


def test_a_path_may_be_a_path(write):
    assert len(read_csv(Path(write("id\na\n")))) == 1
    with pytest.raises(InputError, match="expected a path of text, found bytes"):
        read_csv(b"people.csv")


def test_no_people_are_no_error(write):
    people = read_csv(write("id,grade\n"))
    assert len(people) == 0
    assert people["grade"].tolist() == []


@pytest.mark.parametrize(
    ("content", "problems"),
    [
        ("", [("RM143", "people.csv")]),
        ("\n  \n", [("RM143", "people.csv")]),
        ("name,grade\ncanary,1\n", [("RM143", "people.csv:1")]),
        ("id,Team,team\na,canary,y\n", [("RM123", "people.csv:1")]),
        ("id,id\na,canary\n", [("RM123", "people.csv:1")]),
        ("id,,x\na,canary,y\nb,canary,y\n", [("RM143", "people.csv:2")]),
        ("id,name\na\nb,canary,z\nc,canary\n", [("RM124", "people.csv:2"), ("RM124", "people.csv:3")]),
        ("id,name\na,canary\nb,x\na,canary\n", [("RM120", "people.csv:4:id")]),
        ("id,name\nzo\u00eb,canary\nzoe\u0308,x\n", [("RM121", "people.csv:3:id")]),
        ("id,name\na\0,canary\n", [("RM122", "people.csv:2:id")]),
        ("id,name\n,canary\n", [("RM122", "people.csv:2:id")]),
        ("id,name\n1.5,canary\n", [("RM122", "people.csv:2:id")]),
        ('id,name\na,"canary\nb,canary\n', [("RM143", "people.csv:2")]),
        ('id,name\na,"canary"x\n', [("RM143", "people.csv:2")]),
        ("id,name\na,x\nb," + "canary" * 22_000 + "\n", [("RM126", "people.csv:3")]),
        ("id,hired,name\na," + "7" * 5000 + ",canary\n", [("RM127", "people.csv:2:hired")]),
        ("id,manager\na,b\nb,a\n", [("RM140", "people.csv:2:manager")]),
    ],
)
def test_a_bad_file_is_refused(write, content, problems):
    assert refused(write(content)) == problems


def test_all_problems_of_a_file_are_reported_at_once(write):
    name = write(
        "id,name,capacity,offers,time_zone\n"
        "a,canary,-1,sql:4,Europe/London\n"
        "b,canary\n"
        "\n"
        "a,canary,1,sql:7,Mars/Olympus\n"
        'c,"canary\n'
    )
    assert sorted(refused(name)) == [
        ("RM120", "people.csv:5:id"),
        ("RM124", "people.csv:3"),
        ("RM129", "people.csv:5:offers"),
        ("RM143", "people.csv:6"),
        ("RM150", "people.csv:2:capacity"),
        ("RM171", "people.csv:5:time_zone"),
    ]


@pytest.mark.parametrize("before", [0, 7, 8191, 200_000, 1_048_575 - 12])
def test_what_is_not_utf8_is_refused_with_its_offset(write, before):
    start = b"id,name\n" + b"".join(b"p%07d,canary\n" % k for k in range(before // 16))
    data = start + b"zz," + b"x" * (before % 16) + b"\xff\n"
    with pytest.raises(InputError, match="is not UTF-8") as caught:
        read_csv(write(data))
    problem = next(problem for problem in caught.value.problems if problem.code == "RM125")
    assert problem.place == "people.csv"
    assert f"byte {data.index(0xFF):,} " in problem.expected
    assert "CSV UTF-8" in problem.hint


def test_a_character_that_is_cut_off_is_refused_with_its_offset(write):
    data = b"id,name\n" + b"x" * ((1 << 20) - 10) + "日".encode()[:2] + b",\n"
    with pytest.raises(InputError, match=rf"RM125 people.csv: byte {(1 << 20) - 2:,} "):
        read_csv(write(data))
    with pytest.raises(InputError, match=r"RM125 people.csv: byte 9 "):
        read_csv(write(b"id\naaaaaa" + "日".encode()[:2]))
    with pytest.raises(InputError, match=r"RM125 people.csv: byte 0 "):
        read_csv(write("id,name\na,x\n".encode("utf-16")))


def test_a_file_that_is_not_there_names_the_nearest(write):
    write("id\n")
    with pytest.raises(InputError, match=r'RM192 peeple.csv: there is no such file \(did you mean "people.csv"\?\)'):
        read_csv("peeple.csv")
    with pytest.raises(InputError, match=r"RM192 no/people.csv: there is no such file \(its folder is not there"):
        read_csv("no/people.csv")
    with pytest.raises(InputError, match=r"RM192 x: there is no such file"):
        read_csv("x")


def test_other_things_than_files_are_refused(write, tmp_path):
    write("id\n")
    with pytest.raises(InputError, match=r"RM192 .*this is a folder"):
        read_csv(tmp_path)
    os.mkfifo("pipe")
    with pytest.raises(InputError, match=r"RM192 pipe: .*is not a plain file"):
        read_csv("pipe")
    with pytest.raises(InputError, match=r"RM192 .*cannot be read"):
        read_csv("peo\0ple.csv")
    with pytest.raises(InputError, match=r"RM192 .*cannot be read"):
        read_csv("people.csv/x")


def test_a_file_that_may_not_be_read_is_refused(write, monkeypatch):
    name = write("id\n")

    def denied(*_args, **_options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", denied)
    with pytest.raises(InputError, match=r"RM192 people.csv: the file cannot be read: Permission denied"):
        read_csv(name)


def test_a_file_too_large_is_refused_before_it_is_read(write, monkeypatch):
    monkeypatch.setattr(csv_room, "MOST_BYTES", 9)
    assert len(read_csv(write("id\nabcdef"))) == 1
    with pytest.raises(LimitError, match=r"RM191 people.csv: the file has 10 bytes, at most 9 are read"):
        read_csv(write("id\nabcdefg"))


def test_files_are_read_in_pieces(write, monkeypatch):
    content = "id,note,offers\n" + "".join(f"p{k},n{k % 3},sql:{k % 5 + 1}\n" for k in range(40))
    whole = read_csv(write(content))
    monkeypatch.setattr(csv_room, "CHUNK", 7)
    pieces = read_csv(write(content))
    assert pieces == whole
    assert pieces.offers.row(39) == {"sql": 5}
    assert pieces.rows.tolist() == list(range(2, 42))
    assert refused(write(content + "p3,x,\nq,x,sql:8\n")) == [
        ("RM129", "people.csv:43:offers"),
        ("RM120", "people.csv:42:id"),
    ]


TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=6)
IDS = st.lists(
    st.text(st.characters(categories=("L", "Nd", "So")), min_size=1, max_size=6).filter(
        lambda name: not name.isdigit()
    ),
    unique_by=look_alike,
    max_size=5,
)


@given(IDS, st.data(), st.sampled_from(",;\t|"))
def test_what_is_written_reads_back(tmp_path_factory, ids, data, separator):
    columns = {"id": ids, **{name: [data.draw(TEXT) for _ in ids] for name in ("name", "Title x", "team;1")}}
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=separator)
    writer.writerows([list(columns), *zip(*columns.values(), strict=True)])
    path = tmp_path_factory.mktemp("csv") / "people.csv"
    path.write_text(file.getvalue(), encoding="utf-8", newline="")
    people = read_csv(path)
    expected = {name: ["" if not cell or cell.isspace() else cell for cell in cells] for name, cells in columns.items()}
    assert {name: cells.tolist() for name, cells in people.to_columns().items()} == expected
    assert people == People.from_columns(columns)
    assert people.digest() == People.from_columns(columns).digest()


@pytest.mark.skipif(not WORKFORCE.exists(), reason="the shared data ../shared/data/workforce.csv is not there")
def test_the_real_workforce():
    people = read_csv(WORKFORCE)
    assert len(people) == 9_228
    mentors = people[(people["grade"] <= 4) & (people["hired"] >= 2008)]
    assert (len(mentors), len(people[people["grade"] >= 7])) == (3_089, 885)
    assert mentors == people.where("grade <= 4 and hired >= 2008")
    assert pickle.loads(pickle.dumps(mentors)) == mentors
    with WORKFORCE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert People.from_records(rows).digest() == people.digest()
    for k in (0, 17, 9_227):
        row = dict(item.rsplit(":", 1) for item in rows[k]["offers"].split(";") if item)
        assert people.offers.row(k) == {name: int(level) for name, level in row.items()}
        assert people.rows[k] == k + 2
    assert people.nbytes < 1000 * len(people)
