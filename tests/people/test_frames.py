"""Data frames and records: what every kind of value becomes."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pytest

from revmatch.errors import InputError
from revmatch.people.cells import BadCellError, raw_text
from revmatch.people.people import People

ROWS = [
    {"id": "a", "grade": 3, "team": "x", "share": 0.5, "on": True, "since": dt.date(2020, 1, 2)},
    {"id": "b", "grade": None, "team": None, "share": 2.0, "on": False, "since": None},
    {"id": "c", "grade": 8, "team": " ", "share": None, "on": None, "since": dt.date(2021, 3, 4)},
]
CELLS = {
    "id": ["a", "b", "c"],
    "grade": ["3", "", "8"],
    "team": ["x", "", ""],
    "share": ["0.5", "2", ""],
    "on": ["True", "False", ""],
    "since": ["2020-01-02", "", "2021-03-04"],
}


@pytest.mark.parametrize(
    ("frame", "native"),
    [
        (pd.DataFrame(ROWS), "pandas"),
        (pd.DataFrame(ROWS).convert_dtypes(), "pandas"),
        (pd.DataFrame(ROWS).astype(object), "pandas"),
        (pl.DataFrame(ROWS), "polars"),
        (pl.LazyFrame(ROWS), "polars"),
        (pl.DataFrame(ROWS).with_columns(pl.col("id").cast(pl.Categorical)), "polars"),
    ],
)
def test_every_flavour_gives_the_same_people(frame, native):
    people = People.from_frame(frame)
    assert {column: cells.tolist() for column, cells in people.to_columns().items()} == CELLS
    assert people.native == native
    assert people == People.from_records(ROWS)
    assert people.digest() == People.from_records(ROWS).digest()
    assert people.rows.tolist() == [1, 2, 3]
    assert people.place(1, "team") == "frame:2:team"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""), (math.nan, ""), (pd.NA, ""), (pd.NaT, ""), (Decimal("NaN"), ""), (np.float64("nan"), ""),
        (3, "3"), (3.0, "3"), (-0.0, "0"), (2.5, "2.5"), (np.int64(7), "7"), (np.float32(2), "2"), (True, "True"),
        (np.bool_(False), "False"), (Decimal("4.00"), "4"), (Decimal("4.50"), "4.50"), (2.0**53, "9007199254740992.0"),
        (np.str_("x"), "x"), (["a;b", 2], "a\\;b;2"), (("a",), "a"), ({"b", "a"}, "a;b"), (np.array([1, 2]), "1;2"),
        (["a\\", "b"], "a\\ ;b"), ({"a:b": 2, "c;d": 3.0}, "a\\:b:2;c\\;d:3"), ({"a": None, "b": 1}, "b:1"), ([], ""),
        (dt.date(2020, 1, 2), "2020-01-02"),
    ],
)  # fmt: skip
def test_values_become_cells(value, text):
    assert raw_text(value) == text


@pytest.mark.parametrize("value", [b"x", bytearray(b"x"), 1j, print, [{"a": 1}], [["a"]], {"a": ["b"], ("c",): 1}])
def test_what_is_no_cell_is_refused(value):
    with pytest.raises(BadCellError):
        raw_text(value)


def test_skills_come_as_text_lists_dicts_or_structs():
    same = [
        People.from_records([{"id": "a", "offers": "sql:4;go:5"}, {"id": "b", "offers": ""}]),
        People.from_records([{"id": "a", "offers": {"sql": 4, "go": 5}}, {"id": "b", "offers": {}}]),
        People.from_records([{"id": "a", "offers": ["sql:4", "go"]}, {"id": "b", "offers": []}]),
        People.from_frame(pl.DataFrame({"id": ["a", "b"], "offers": [["sql:4", "go"], []]})),
        People.from_frame(pl.DataFrame({"id": ["a", "b"], "offers": [{"sql": 4, "go": 5}, {"sql": None, "go": None}]})),
        People.from_frame(pd.DataFrame({"id": ["a", "b"], "offers": [{"sql": 4, "go": 5}, None]})),
    ]
    for people in same:
        assert people.offers.row(0) == {"sql": 4, "go": 5}
        assert people.offers.row(1) == {}


def test_skills_come_as_a_long_table():
    frame = pl.DataFrame({"id": [1, 2, 3], "grade": [1, 2, 3]})
    skills = pd.DataFrame(
        {
            "ID": [2, 1, 2.0, 1],
            "Skill": ["sql", "a:b;c", "go", "sql"],
            "offers": [4, None, None, 1],
            "wants": [5.0, 3, 2, None],
        }
    )
    people = People.from_frame(frame, skills=skills)
    assert people.native == "polars"
    assert [people.offers.row(k) for k in range(3)] == [{"sql": 1}, {"sql": 4}, {}]
    assert [people.wants.row(k) for k in range(3)] == [{"a:b;c": 3}, {"sql": 5, "go": 2}, {}]
    assert people.cell(0, "wants") == "a\\:b\\;c:3"
    only = People.from_frame(frame, skills=skills.drop(columns="offers").dropna())
    assert "offers" not in only
    assert len(only.wants.row(1)) == 2


@pytest.mark.parametrize(
    ("skills", "code", "place"),
    [
        ({"id": ["x"], "skill": ["sql"], "offers": [1]}, "RM130", "skills:1:id"),
        ({"id": ["a", "a"], "skill": ["sql", " SQL"], "offers": [1, 2]}, "RM128", "skills:2:skill"),
        ({"id": ["a"], "skill": ["sql"], "offers": [6]}, "RM129", "skills:1:offers"),
        ({"id": ["a"], "skill": ["sql"], "offers": [None]}, "RM129", "skills:1"),
        ({"id": ["a"], "skill": [" "], "offers": [1]}, "RM129", "skills:1:skill"),
        ({"id": ["a"], "offers": [1]}, "RM143", "skills"),
        ({"who": ["a"], "skill": ["sql"], "wants": [1]}, "RM143", "skills"),
        ({"id": ["a"], "skill": ["sql"]}, "RM143", "skills"),
    ],
)
def test_a_bad_long_table_is_refused(skills, code, place):
    with pytest.raises(InputError) as caught:
        People.from_frame(pd.DataFrame({"id": ["a"], "name": ["canary"]}), skills=pd.DataFrame(skills))
    assert [(problem.code, problem.place) for problem in caught.value.problems] == [(code, place)]


def test_skills_given_twice_are_refused():
    frame = pd.DataFrame({"id": ["a"], "offers": ["sql"]})
    long = pd.DataFrame({"id": ["a"], "skill": ["go"], "offers": [1]})
    with pytest.raises(InputError, match="RM123"):
        People.from_frame(frame, skills=long)


@pytest.mark.parametrize(
    ("frame", "code", "words"),
    [
        (pd.DataFrame({"grade": [1]}), "RM143", 'there is no column "id"'),
        (pd.DataFrame({"id": ["a"], "ID": ["b"]}), "RM123", "the same heading"),
        (pd.DataFrame([["a", "b"]], columns=["id", "id"]), "RM123", "the same heading"),
        (pd.DataFrame([["a", "b"]], columns=["id", 5]), "RM143", "a heading is no text"),
        (pd.DataFrame([["a", "b"]], columns=["id", " "]), "RM143", "no heading"),
        (pd.DataFrame(), "RM143", 'there is no column "id"'),
        ("people.csv", "RM143", "expected a data frame, found str"),
        (pd.Series(["a"]), "RM143", "expected a data frame, found Series"),
        (np.zeros((2, 2)), "RM143", "expected a data frame, found ndarray"),
    ],
)
def test_a_frame_of_another_shape_is_refused(frame, code, words):
    with pytest.raises(InputError, match=words) as caught:
        People.from_frame(frame)
    assert caught.value.code == code


def test_bad_cells_of_a_frame_have_their_row_and_column():
    frame = pd.DataFrame({"id": [1.0, 2.5], "x": [1.0, np.inf], "name": ["canary", "canary"]})
    with pytest.raises(InputError) as caught:
        People.from_frame(frame, place="staff")
    assert sorted((problem.code, problem.place) for problem in caught.value.problems) == [
        ("RM101", "staff:2:x"),
        ("RM122", "staff:2:id"),
    ]
    assert "canary" not in str(caught.value)


def test_long_frames_are_read_in_pieces(monkeypatch):
    monkeypatch.setattr("revmatch.people.frames.CHUNK", 7)
    ids = [f"p{k}" for k in range(50)]
    frame = pd.DataFrame({"id": ids, "offers": ["sql:1"] * 50, "note": ids})
    people = People.from_frame(frame)
    assert people == People.from_records(frame.to_dict("records")) == People.from_columns(frame.to_dict("list"))
    assert people.offers.row(49) == {"sql": 1}
    with pytest.raises(InputError, match=r"frame:33:capacity"):
        People.from_frame(frame.assign(capacity=[1] * 32 + [-1] + [1] * 17))


def test_keys_that_appear_late_are_blank_before(monkeypatch):
    monkeypatch.setattr("revmatch.people.frames.CHUNK", 2)
    people = People.from_records({"id": k, **({"offers": "go", "x": k} if k > 4 else {})} for k in range(7))
    assert people.cell(3, "offers") == ""
    assert [len(people.offers.row(k)) for k in range(7)] == [0, 0, 0, 0, 0, 1, 1]
    assert people.missing("x").tolist() == [True] * 5 + [False] * 2
