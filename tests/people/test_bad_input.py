"""Every kind of bad input of a roster: its code, its place, a hint, and no cell of anybody in the message."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest

from revmatch.errors import MOST_PROBLEMS, InputError
from revmatch.people import ids
from revmatch.people.people import People

CANARY = "canary7f3"


@pytest.mark.parametrize(
    ("record", "code", "column", "words"),
    [
        ({"id": ""}, "RM122", "id", "blank"),
        ({"id": "   "}, "RM122", "id", "blank"),
        ({"id": None}, "RM122", "id", "blank"),
        ({"id": "a\0"}, "RM122", "id", "U+0000"),
        ({"id": "a\u200b"}, "RM122", "id", "U+200B"),
        ({"id": "\ufeffa"}, "RM122", "id", "U+FEFF"),
        ({"id": "a\u202e"}, "RM122", "id", "U+202E"),
        ({"id": "a\u2066"}, "RM122", "id", "U+2066"),
        ({"id": "a\u200f"}, "RM122", "id", "U+200F"),
        ({"id": "x" * 257}, "RM122", "id", "256 characters"),
        ({"id": 1.5}, "RM122", "id", "decimals"),
        ({"id": "1.50"}, "RM122", "id", "decimals"),
        ({"id": 1e22}, "RM122", "id", "decimals"),
        ({"id": "1.23E+15"}, "RM122", "id", "decimals"),
        ({"id": "a\ud800"}, "RM122", "id", "U+D800"),
        ({"avoid": ["\udc00"]}, "RM122", "avoid", "U+DC00"),
        ({"name": "\ud800"}, "RM125", "name", "surrogate"),
        ({"manager": 2.5}, "RM122", "manager", "decimals"),
        ({"manager": "b\u200b"}, "RM122", "manager", "U+200B"),
        ({"dotted_line": "b; 1.5"}, "RM122", "dotted_line", "item 2"),
        ({"choices": ["b", "c\u200b"]}, "RM122", "choices", "item 2"),
        ({"avoid": "\u202eb"}, "RM122", "avoid", "item 1"),
        ({"capacity": -1}, "RM150", "capacity", "from 0 to 1,000,000"),
        ({"capacity": 1.5}, "RM150", "capacity", "from 0 to 1,000,000"),
        ({"capacity": "two"}, "RM150", "capacity", "from 0 to 1,000,000"),
        ({"capacity": 1_000_001}, "RM150", "capacity", "from 0 to 1,000,000"),
        ({"capacity": True}, "RM150", "capacity", "from 0 to 1,000,000"),
        ({"capacity": "１２"}, "RM150", "capacity", "from 0 to 1,000,000"),
        ({"capacity": "1_000"}, "RM150", "capacity", "from 0 to 1,000,000"),
        ({"capacity": "+2"}, "RM150", "capacity", "from 0 to 1,000,000"),
        ({"capacity": "9" * 5000}, "RM127", "capacity", "5,000 digits"),
        ({"min_load": -1}, "RM150", "min_load", "from 0 to 1,000,000"),
        ({"min_load": 2}, "RM151", "min_load", "more than capacity 1"),
        ({"capacity": 0, "min_load": 1}, "RM151", "min_load", "more than capacity 0"),
        ({"offers": "sql:9"}, "RM129", "offers", "1 to 5"),
        ({"wants": {"sql": 0}}, "RM129", "wants", "1 to 5"),
        ({"offers": ["sql", "SQL"]}, "RM128", "offers", "twice"),
        ({"time_zone": "Europe/Lundon"}, "RM171", "time_zone", "time zone"),
        ({"time_zone": "../../etc/passwd"}, "RM171", "time_zone", "time zone"),
        ({"available": "Mon 12-9"}, "RM174", "available", "item 1"),
        ({"available": "any; Mon 24:00-25:00"}, "RM175", "available", "item 2"),
        ({"manager": "a"}, "RM140", "manager", "own manager"),
        ({"budget": float("inf")}, "RM101", "budget", "finite"),
        ({"budget": Decimal("-Infinity")}, "RM101", "budget", "finite"),
        ({"hired": "1" * 5000}, "RM127", "hired", "5,000 digits"),
        ({"hired": 10**5000}, "RM127", "hired", "digits"),
        ({"hired": Decimal("1e5000")}, "RM127", "hired", "digits"),
        ({"title": "x" * 131_073}, "RM126", "title", "131,072 characters"),
        ({"title": b"x"}, "RM143", "title", "cannot hold bytes"),
        ({"title": [["x"]]}, "RM143", "title", "another list"),
    ],
)
def test_a_bad_cell_is_refused_with_its_place(refused, record, code, column, words):
    problems = refused({"id": "first"}, {"id": "a", "name": CANARY, **record})
    assert [problem.code for problem in problems] == [code]
    assert problems[0].place == f"records:2:{column}"
    assert words in problems[0].expected
    assert CANARY not in str(problems[0])


def test_everything_is_reported_at_once(refused):
    problems = refused(
        {"id": "a", "capacity": "x", "offers": "q:9", "available": "nope"},
        {"id": "", "min_load": 3, "time_zone": "Nowhere", "wants": "a;a"},
        {"id": "a"},
    )
    found = [(problem.code, problem.place) for problem in problems]
    assert sorted(found) == [
        ("RM120", "records:3:id"),
        ("RM122", "records:2:id"),
        ("RM128", "records:2:wants"),
        ("RM129", "records:1:offers"),
        ("RM150", "records:1:capacity"),
        ("RM151", "records:2:min_load"),
        ("RM171", "records:2:time_zone"),
        ("RM175", "records:1:available"),
    ]


def test_collecting_stops_at_a_hundred():
    with pytest.raises(InputError) as caught:
        People.from_records([{"id": ""}] * 300)
    assert len(caught.value.problems) == MOST_PROBLEMS
    assert caught.value.more
    assert "the first 100 problems" in str(caught.value)


def test_duplicates_name_both_rows(refused):
    (problem,) = refused(*({"id": name} for name in ("x", "y", "z", "y")))
    assert (problem.code, problem.place) == ("RM120", "records:4:id")
    assert "rows 2 and 4" in problem.expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ana@x.com", "ana@X.com"),
        ("ana", "ana "),
        ("Zo\u00eb", "Zoe\u0308"),
        ("stra\u00dfe", "STRASSE"),
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u062e"),
        ("x\u200dy", "xy"),
    ],
)
def test_ids_that_look_alike_name_both_rows(refused, one, other):
    (problem,) = refused({"id": "0"}, {"id": one}, {"id": other})
    assert problem.code == "RM121"
    assert "rows 2 and 3" in problem.expected
    assert problem.hint


def test_more_than_two_alike_are_one_problem(refused):
    problems = refused(*({"id": name} for name in ("a", "A", "a ", " a", "A ", "\ta", "b", "a")))
    assert [problem.code for problem in problems] == ["RM120", "RM121"]
    assert "rows 1, 2, 3, 4, 5 and 1 more" in problems[1].expected


def test_ids_of_one_hash_are_not_confused(monkeypatch):
    monkeypatch.setattr(ids, "hash", lambda key: len(key), raising=False)
    people = People.from_records([{"id": name} for name in ("aa", "bb", "cc", "d")])
    assert people.index(["cc", "aa", "zz", "d", "bb"]).tolist() == [2, 0, -1, 3, 1]
    with pytest.raises(InputError, match=r"RM120 .* rows 1 and 3"):
        People.from_records([{"id": name} for name in ("aa", "bb", "aa")])


@pytest.mark.parametrize(
    "name",
    [
        "👩‍👩‍👧",
        "می‌خواهم",
        "אבג",
        "日本",
        "1e5",
        "12e4",
        "a.b",
        "v1.2.3",
        "x" * 256,
        "=1+1",
        "a;b",
        "007",
        "ß\u0301",
        "a b",
    ],
)
def test_any_other_id_is_kept_byte_for_byte(name):
    people = People.from_records([{"id": name}])
    assert people.ids.tolist() == [name]
    assert people.index([name]).tolist() == [0]


def test_whole_numbers_and_uuids_are_ids():
    uuid = UUID("12345678-1234-5678-1234-567812345678")
    people = People.from_records(
        [{"id": 1000.0, "manager": 7}, {"id": "7.00"}, {"id": uuid, "manager": "1000.0", "dotted_line": "7.0;1000"}]
    )
    assert people.ids.tolist() == ["1000", "7", str(uuid)]
    assert people["manager"].tolist() == ["7", "", "1000"]
    assert people.cell(2, "dotted_line") == "7;1000"
    assert people.org.head == 1


@pytest.mark.parametrize(
    ("records", "code", "words"),
    [
        ([{"name": "x"}], "RM143", 'there is no column "id"'),
        ([{}], "RM143", 'there is no column "id"'),
        ([{"id": "a", "ID ": "b"}], "RM123", "columns 1 and 2 have the same heading"),
        ([{"id": "a", "Team": "b"}, {"id": "b", "team": "c"}], "RM123", "columns 2 and 3 have the same heading"),
        ([{"id": "a", 5: "b"}], "RM143", "a key is no text"),
        ([{"id": "a"}, ["b"]], "RM143", "expected a dict"),
        ({"id": "a"}, "RM143", "expected one dict a person"),
        ("id", "RM143", "expected one dict a person"),
    ],
)
def test_unusable_shapes_are_refused(records, code, words):
    with pytest.raises(InputError, match=words) as caught:
        People.from_records(records)
    assert code in [problem.code for problem in caught.value.problems]


def test_a_cycle_is_named_by_its_rows(refused):
    (problem,) = refused({"id": "a", "manager": "b"}, {"id": "b", "manager": "a"})
    assert problem.code == "RM140"
    assert "records:1:manager" in str(problem)
    assert "records:2:manager" in str(problem)


def test_columns_of_different_lengths_are_refused():
    with pytest.raises(InputError, match=r"RM143 here: columns have between 1 and 2 cells"):
        People.from_columns({"id": ["a", "b"], "grade": [1]}, place="here")


@pytest.mark.parametrize(
    "record",
    [{"offers": "a:9"}, {"time_zone": "x"}, {"available": "x"}, {"capacity": -1}, {"min_load": 2}, {"offers": "a;a"}],
)
def test_more_problems_than_are_reported_are_noted(record):
    with pytest.raises(InputError) as caught:
        People.from_records([{"id": k, **record} for k in range(150)])
    assert len(caught.value.problems) == 100
    assert caught.value.more
    with pytest.raises(InputError) as caught:
        People.from_records([{"id": k, **record} for k in range(100)])
    assert not caught.value.more
