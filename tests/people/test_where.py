"""Where-expressions: what they select, and how they are refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from revmatch.errors import InputError
from revmatch.notation import quoted
from revmatch.people.people import People

PEOPLE = People.from_records(
    [
        {"id": "a", "grade": 3, "hired": 2010, "team": "x", "Cost centre": "K 1", "or": "1z", "blank": ""},
        {"id": "b", "grade": 5, "hired": None, "team": "y", "Cost centre": "K 2", "or": "2z", "blank": ""},
        {"id": "c", "grade": 8, "hired": -3, "team": None, "Cost centre": "it's", "or": "3z", "blank": ""},
        {"id": "d", "grade": 5, "hired": 2000, "team": "y", "Cost centre": 'a"b', "or": "4z", "blank": ""},
    ]
)


def chosen(expression: str) -> str:
    return "".join(PEOPLE.where(expression).ids)


@pytest.mark.parametrize(
    ("expression", "ids"),
    [
        ("grade <= 4", "a"),
        ("grade <= 5 and hired >= 2008", "a"),
        ("grade == 5", "bd"),
        ("grade != 5", "ac"),
        ("5 < grade", "c"),
        ("4 >= grade", "a"),
        ("grade<5or grade>7", None),
        ("grade<5 or grade>7", "ac"),
        ("grade > 4 and grade < 8", "bd"),
        ("hired < 0", "c"),
        ("hired == -3", "c"),
        ("hired == - 3", "c"),
        ("hired > 2000", "a"),
        ("not hired > 2000", "cd"),
        ("not not hired > 2000", "a"),
        ("hired > 0 or grade == 5", "abd"),
        ("not (hired > 0 or grade == 8)", ""),
        ("not (hired > 0 and grade == 5)", "ac"),
        ("missing(hired)", "b"),
        ("not missing(hired)", "acd"),
        ("missing(`team`) or missing(hired)", "bc"),
        ('team == "y"', "bd"),
        ("team != 'y'", "a"),
        ("not team == 'y'", "a"),
        ("team in ('x', \"z\")", "a"),
        ("team not in ('x', 'z')", "bd"),
        ("not team in ('x')", "bd"),
        ("not team not in ('x')", "a"),
        ("grade in (3, 8)", "ac"),
        ("grade in (3, 8,)", "ac"),
        ("grade in ()", ""),
        ("grade not in ()", "abcd"),
        ("team >= 'y'", "bd"),
        ("`Cost centre` == 'K 1'", "a"),
        ("`cost centre` == 'it''s'", "c"),
        ("`Cost centre` == 'a\"b'", "d"),
        ('`Cost centre` == "a""b"', "d"),
        ("`or` == '2z'", "b"),
        ("GRADE == 3 AND NOT Team == 'y'", "a"),
        ("id == 'd'", "d"),
        ("(((grade == 3)))", "a"),
        ("grade == 3 or grade == 5 and hired == 2000", "ad"),
        ("(grade == 3 or grade == 5) and hired == 2000", "d"),
        ("hired > grade", "ad"),
        ("hired < grade", "c"),
        ("team == `or`", ""),
        ("team != `or`", "abd"),
        ("blank == 'x'", ""),
        ("not blank == 3", ""),
        ("missing(blank)", "abcd"),
        ("grade == 999999999999999999", ""),
    ],
)
def test_expressions_select(expression, ids):
    if ids is None:
        with pytest.raises(InputError, match="RM136"):
            chosen(expression)
    else:
        assert chosen(expression) == ids


@pytest.mark.parametrize(
    ("expression", "position", "words", "hint"),
    [
        ("", 1, "expected a heading, found the end", ""),
        ("grade", 6, "expected a comparison, found the end", "such as grade <= 4"),
        ("grade = 4", 7, 'expected a comparison, found "="', 'write "==" to compare'),
        ("grade == ", 10, "expected a heading, found the end", ""),
        ("grade == 4 hired", 12, '"hired" was not expected here', ""),
        ("grade == 4 and", 15, "expected a heading, found the end", ""),
        ("and == 4", 1, 'expected a heading, found "and"', "backticks"),
        ("(grade == 4", 12, 'expected "\\)", found the end', ""),
        ("grade == 4)", 11, '"\\)" was not expected here', ""),
        ("grade in 4", 10, 'expected "\\("', ""),
        ("grade in (4 5)", 13, 'expected "," or "\\)"', ""),
        ("grade in (hired)", 11, "expected a text in quotes or a whole number", "quotes"),
        ("3 in (3)", 1, 'expected a heading before "in"', ""),
        ("grade not 4", 11, 'expected "in"', ""),
        ("3 == 4", 1, "two values are compared, but no column", "backticks"),
        ("'x' == 'y'", 1, "two values are compared, but no column", "backticks"),
        ("grade == 'x'", 10, 'column "grade" holds numbers and is compared with text', "leave out the quotes"),
        ("grade in (3, '8')", 14, 'column "grade" holds numbers and is compared with text', "leave out the quotes"),
        ("team == 3", 9, 'column "team" holds text and is compared with a number', 'write "3" in quotes'),
        ("id == 3", 7, 'column "id" holds text and is compared with a number', 'write "3" in quotes'),
        ("3 == team", 1, 'column "team" holds text and is compared with a number', 'write "3" in quotes'),
        ("grade == team", 10, "one holds numbers and the other text", ""),
        ("grade == 2.5", 10, "expected a whole number", ""),
        ("grade == True", 10, 'there is no column "True"', "grade"),
        ("missing grade", 1, 'there is no column "missing"', ""),
        ("missing(3)", 9, "expected a heading", ""),
        ("grade & 4", 7, "'&' means nothing here", 'write "and"'),
        ("grade == __import__('os')", 10, 'there is no column "__import__"', ""),
        ("grade == 4; hired", 11, "';' means nothing here", ""),
    ],
)
def test_what_cannot_be_read_is_refused_at_its_position(expression, position, words, hint):
    with pytest.raises(InputError, match=f"where, position {position}: .*{words}") as caught:
        PEOPLE.where(expression)
    assert caught.value.code == ("RM135" if "no column" in words else "RM136") or "but no column" in words
    assert hint in caught.value.problems[0].hint


def test_an_unknown_column_names_the_nearest():
    with pytest.raises(
        InputError, match=r'RM135 where, position 1: there is no column "grad" \(did you mean "grade"\?\)'
    ):
        PEOPLE.where("grad == 3")


def test_labels_of_grades_have_no_order_of_their_own():
    people = People.from_records([{"id": "a", "Grade": "Senior"}, {"id": "b", "Grade": "Junior"}])
    assert people.where("grade == 'Senior'").ids.tolist() == ["a"]
    with pytest.raises(InputError, match=r"RM137 where, position 9: grades are labels here.*grade in"):
        people.where("grade < 'Senior'")
    with pytest.raises(InputError, match="RM137"):
        people.where("grade < id")


def test_size_and_depth_have_an_end():
    with pytest.raises(InputError, match="RM127"):
        PEOPLE.where("(" * 50_000)
    with pytest.raises(InputError, match="RM127"):
        PEOPLE.where("grade == " + "9" * 5000)
    with pytest.raises(InputError, match=r"RM136 .* at most 100,000 characters"):
        PEOPLE.where(" " * 100_001)
    assert len(PEOPLE.where("not " * 20_000 + "grade == 5")) == 2
    assert len(PEOPLE.where(" or ".join(["grade == 5"] * 5_000))) == 2


def test_a_text_of_the_expression_is_not_repeated():
    for expression in ("grade == 'canary'", "'canary'", "team == 'x' 'canary'", "team in 'canary'"):
        with pytest.raises(InputError) as caught:
            PEOPLE.where(expression)
        assert "canary" not in str(caught.value)


def test_a_selection_of_many_different_texts():
    people = People.from_records([{"id": f"p{k}", "note": f"n{k}", "x": k if k % 2 else None} for k in range(3000)])
    assert people.where("note in ('n7', 'n2999') and x > 7").ids.tolist() == ["p2999"]
    assert len(people[5:10].where("note != 'n7'")) == 4
    assert len(people.where("note == id")) == 0


# -- against plain Python ---------------------------------------------------------------------------------------------

CELLS = st.sampled_from(["", "x", "y", "it's", 'a"b'])
ROWS = st.lists(st.tuples(st.one_of(st.none(), st.integers(-3, 3)), CELLS), min_size=1, max_size=6)
SIGNS = {"==": "__eq__", "!=": "__ne__", "<": "__lt__", "<=": "__le__", ">": "__gt__", ">=": "__ge__"}


@st.composite
def conditions(draw, depth=3):
    """An expression, and the same as a function of a row that gives True, False or None."""
    kind = draw(st.sampled_from(["n", "t", "in", "missing"] if depth == 0 else ["n", "t", "in", "not", "and", "or"]))
    if kind == "n":
        sign, value = draw(st.sampled_from(sorted(SIGNS))), draw(st.integers(-3, 3))
        return f"n {sign} {value}", lambda row: None if row[0] is None else getattr(row[0], SIGNS[sign])(value)
    if kind == "t":
        sign, value = draw(st.sampled_from(sorted(SIGNS))), draw(CELLS)
        return f"`t` {sign} {quoted(value)}", lambda row: getattr(row[1], SIGNS[sign])(value) if row[1] else None
    if kind == "in":
        values = draw(st.lists(CELLS, max_size=3))
        listed = ", ".join(map(quoted, values))
        return f"t not in ({listed})", lambda row: (row[1] not in values) if row[1] else None
    if kind == "missing":
        return "missing(n)", lambda row: row[0] is None
    text, truth = draw(conditions(depth - 1))
    if kind == "not":
        return f"not ({text})", lambda row: None if truth(row) is None else not truth(row)
    other_text, other = draw(conditions(depth - 1))

    def joined(row):
        found = {truth(row), other(row)}
        decided = kind == "or"
        return decided if decided in found else None if None in found else not decided

    return f"({text}) {kind} ({other_text})", joined


@given(ROWS, conditions())
def test_three_valued_logic_is_that_of_plain_python(rows, condition):
    text, truth = condition
    people = People.from_columns(
        {
            "id": ["n", "t", *(f"p{k}" for k in range(len(rows)))],
            "n": [0, 0, *(n for n, _ in rows)],  # one person each who states something: the columns have a kind
            "t": ["z", "z", *(t for _, t in rows)],
        }
    )
    expected = [f"p{k}" for k, row in enumerate(rows) if truth(row) is True]
    assert people[2:].where(text).ids.tolist() == expected
