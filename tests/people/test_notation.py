"""The lexer and cursor behind where-expressions and policy text."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from revmatch.errors import InputError, PolicyError
from revmatch.notation import DEEPEST, Cursor, Kind, heading, quoted, tokens


def kinds(text: str) -> list[tuple[str, str, int]]:
    return [(token.kind.value, token.text, token.at) for token in tokens(text, "here")]


def test_tokens_carry_kind_text_and_position():
    assert kinds("GradeGap(at_least=2, `Cost centre`, 'it''s', 1.5)") == [
        ("name", "GradeGap", 1),
        ("operator", "(", 9),
        ("name", "at_least", 10),
        ("operator", "=", 18),
        ("number", "2", 19),
        ("operator", ",", 20),
        ("heading", "Cost centre", 22),
        ("operator", ",", 35),
        ("text", "it's", 37),
        ("operator", ",", 44),
        ("number", "1.5", 46),
        ("operator", ")", 49),
        ("end", "", 50),
    ]


def test_unicode_names_are_names():
    assert kinds("größe≤"[:5])[0] == ("name", "größe", 1)


@pytest.mark.parametrize(
    ("text", "position", "hint"),
    [
        ("a & b", 3, 'write "and"'),
        ("a | b", 3, 'write "or"'),
        ('a == "b', 6, "close the quotation mark"),
        ("a == 'b", 6, "close the quotation mark"),
        ("`a", 1, "close the backtick"),
        ("a == 12abc", 6, "write 12 or 1.5"),
        ("a == 1_000", 6, "write 12 or 1.5"),
        ("a == １２", 6, "write 12 or 1.5"),
        ("a; b", 2, "text stands in quotes"),
    ],
)
def test_what_starts_no_token_is_refused_with_its_position(text, position, hint):
    with pytest.raises(PolicyError, match=f"RM136 here, position {position}: .*{hint}"):
        list(tokens(text, "here"))


@pytest.mark.parametrize("kind", [PolicyError, InputError])
def test_the_caller_chooses_the_class_of_error(kind):
    with pytest.raises(kind, match="RM136"):
        Cursor("a ?", "here", error=kind)
    cursor = Cursor("a b", "here", error=kind)
    cursor.take()
    with pytest.raises(kind, match=r'position 3: expected "\)", found "b"'):
        cursor.expect(")")


def test_a_text_in_quotes_is_not_repeated_in_messages():
    cursor = Cursor("'canary'", "here")
    with pytest.raises(PolicyError) as caught:
        cursor.word("a heading")
    assert "canary" not in str(caught.value)
    assert "found a text in quotes" in str(caught.value)


def test_cursor_walks():
    cursor = Cursor("Same(`Cost centre`, 'x', -3)", "here")
    assert cursor.peek(1).text == "("
    assert cursor.word("a rule") == "Same"
    assert cursor.accept(")") is None
    cursor.expect("(")
    assert cursor.word("a heading") == "Cost centre"
    cursor.expect(",")
    assert cursor.string("a value") == "x"
    cursor.expect(",")
    assert cursor.whole_number() == -3
    cursor.expect(")")
    cursor.finish()
    assert cursor.take().kind is Kind.END
    assert cursor.peek(100).kind is Kind.END


@pytest.mark.parametrize("text", ["1.5", "1e3", "x", "'1'", ""])
def test_only_whole_numbers_are_whole_numbers(text):
    with pytest.raises(PolicyError, match="RM136 here, position 1: expected a whole number"):
        Cursor(text, "here").whole_number()


def test_a_number_of_5000_digits_is_refused_and_zeros_in_front_are_not_counted():
    with pytest.raises(PolicyError, match="RM127 here, position 1: a number of 5,000 digits is too long"):
        Cursor("9" * 5000, "here").whole_number()
    assert Cursor("0" * 5000 + "7", "here").whole_number() == 7
    assert Cursor("0", "here").whole_number() == 0


def test_brackets_inside_brackets_have_an_end():
    def nest(cursor: Cursor) -> None:
        with cursor.nested():
            if cursor.accept("("):
                nest(cursor)

    nest(Cursor("(" * (DEEPEST - 1), "here"))
    with pytest.raises(PolicyError, match="RM127"):
        nest(Cursor("(" * 100_000, "here"))


def test_anything_left_over_is_refused():
    cursor = Cursor("a b", "here")
    cursor.take()
    with pytest.raises(PolicyError, match='position 3: "b" was not expected here'):
        cursor.finish()


@given(st.text())
def test_quoted_text_reads_back(text):
    assert Cursor(quoted(text), "here").string("a text") == text


@given(st.text(min_size=1))
def test_headings_read_back(text):
    cursor = Cursor(heading(text), "here")
    assert cursor.word("a heading") == text
    cursor.finish()


@given(st.text())
def test_any_text_is_tokens_or_an_error_of_ours(text):
    with contextlib.suppress(PolicyError):
        found = list(tokens(text, "here"))
        assert found[-1].kind is Kind.END
        assert all(text[token.at - 1 :].startswith(token.text) for token in found if token.kind is Kind.NAME)


def test_a_string_is_asked_for_in_quotes():
    with pytest.raises(PolicyError, match='expected a value in quotes, found "x"'):
        Cursor("x", "here").string("a value")
