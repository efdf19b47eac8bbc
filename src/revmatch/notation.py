"""Words and marks: the small lexer behind where-expressions and the sentences of a policy.

Nothing here evaluates anything. A text becomes typed tokens with their positions; a `Cursor` walks over them and says,
when something else stands there than what was expected, at which position and what to write instead.

Headings with other characters than letters, digits and ``_`` stand in backticks, text in single or double quotes; the
closing mark inside is written twice: ``'it''s'``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import NoReturn

from revmatch.errors import PolicyError, Problem, RevmatchError

#: Brackets inside brackets; deeper than any text that a person writes, shallow enough for any stack.
DEEPEST = 64
#: Digits of a whole number that surely fits 64 bits.
MOST_DIGITS = 18
#: Words of where-expressions; a heading that is spelled like one stands in backticks.
KEYWORDS = frozenset({"and", "or", "not", "in", "missing"})


class Kind(StrEnum):
    """What a token is."""

    NAME = "name"
    HEADING = "heading"
    NUMBER = "number"
    STRING = "text"
    OPERATOR = "operator"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """One word or mark of a text.

    Parameters
    ----------
    kind : Kind
        What it is.
    text : str
        What it says: without its quotes or backticks, a number as it was written.
    at : int
        Position of its first character, counted from 1.
    """

    kind: Kind
    text: str
    at: int

    def __str__(self) -> str:
        # Text in quotes may be somebody's name: it is described, not repeated.
        if self.kind is Kind.END:
            return "the end"
        return "a text in quotes" if self.kind is Kind.STRING else f'"{self.text[:40]}"'


_TOKEN = re.compile(
    r"(?P<space>\s+)"
    r"|(?P<name>[^\W\d]\w*)"
    r"|(?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)(?!\w)"
    r'|(?P<string>"(?:[^"]|"")*"|' + r"'(?:[^']|'')*')"
    r"|(?P<heading>`(?:[^`]|``)+`)"
    r"|(?P<operator>==|!=|<=|>=|[-+*<>=(){}\[\],:.])"
)
_HINTS = {
    "&": 'write "and"',
    "|": 'write "or"',
    "!": 'write "not", or "!="',
    '"': "close the quotation mark",
    "'": "close the quotation mark",
    "`": "close the backtick",
}


def tokens(text: str, place: str, *, error: type[RevmatchError] = PolicyError) -> Iterator[Token]:
    """Split a text into tokens; the last one is the end.

    Parameters
    ----------
    text : str
        What was written.
    place : str
        Where it was written, for messages.
    error : type
        Class of the error that is raised.

    Yields
    ------
    Token
        Names, headings in backticks, numbers, texts in quotes, operators, and one `Kind.END`.

    Raises
    ------
    RevmatchError
        RM136 with the position of the first character that starts no token.

    Examples
    --------
    >>> [token.text for token in tokens("grade <= 4", "where")]
    ['grade', '<=', '4', '']
    """
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise error(_strange(text, at, place))
        kind = match.lastgroup or ""
        if kind != "space":
            yield Token(Kind(_KINDS[kind]), _inner(match.group(), kind), at + 1)
        at = match.end()
    yield Token(Kind.END, "", at + 1)


_KINDS = {"name": "name", "number": "number", "string": "text", "heading": "heading", "operator": "operator"}


def _inner(text: str, kind: str) -> str:
    if kind in ("string", "heading"):
        return text[1:-1].replace(text[0] * 2, text[0])
    return text


def _strange(text: str, at: int, place: str) -> Problem:
    mark = text[at]
    if mark.isdigit():
        return Problem("RM136", f"{place}, position {at + 1}", "this is not a plain number", "write 12 or 1.5")
    share = re.search(r"[0-9][0-9.]*$", text[:at]) if mark == "%" else None
    if share:
        what = "a share stands in quotes"
        return Problem("RM136", f"{place}, position {at + 1}", f"{mark!r} means nothing here", f"{what}: '{share[0]}%'")
    hint = _HINTS.get(mark, "text stands in quotes, a heading with other characters in backticks")
    return Problem("RM136", f"{place}, position {at + 1}", f"{mark!r} means nothing here", hint)


class Cursor:
    """Walks over the tokens of a text, for recursive descent.

    Parameters
    ----------
    text : str
        What was written.
    place : str
        Where it was written, for messages.
    error : type
        Class of the errors it raises.

    Examples
    --------
    >>> cursor = Cursor("Same(division)", "policy.rules[0]")
    >>> cursor.take().text, cursor.expect("(").text, cursor.word("a heading"), cursor.expect(")").text
    ('Same', '(', 'division', ')')
    >>> cursor.finish()
    """

    __slots__ = ("_depth", "_error", "_next", "_tokens", "place", "text")

    def __init__(self, text: str, place: str, *, error: type[RevmatchError] = PolicyError) -> None:
        self.text = text
        self.place = place
        self._error = error
        self._tokens = tuple(tokens(text, place, error=error))
        self._next = 0
        self._depth = 0

    def peek(self, ahead: int = 0) -> Token:
        """Token that comes next, or one a few places further on; the end if there is none."""
        return self._tokens[min(self._next + ahead, len(self._tokens) - 1)]

    def take(self) -> Token:
        """Token that comes next, and step over it."""
        token = self.peek()
        self._next += 1
        return token

    def at(self, *words: str) -> bool:
        """Tell whether one of these operators or bare names (in any case) comes next."""
        token = self.peek()
        return token.kind in (Kind.OPERATOR, Kind.NAME) and token.text.casefold() in words

    def accept(self, *words: str) -> Token | None:
        """Step over one of these operators or bare names (in any case), if one comes next."""
        return self.take() if self.at(*words) else None

    def expect(self, *words: str) -> Token:
        """Step over one of these operators or bare names; anything else is an error."""
        if not self.at(*words):
            self.fail("expected " + " or ".join(f'"{word}"' for word in words) + f", found {self.peek()}")
        return self.take()

    def word(self, what: str) -> str:
        """Text of a bare name or of a heading in backticks; `what` says in messages what it should have been."""
        if self.peek().kind not in (Kind.NAME, Kind.HEADING):
            self.fail(f"expected {what}, found {self.peek()}")
        return self.take().text

    def string(self, what: str) -> str:
        """Text in quotes; `what` says in messages what it should have been."""
        if self.peek().kind is not Kind.STRING:
            self.fail(f"expected {what} in quotes, found {self.peek()}")
        return self.take().text

    def whole_number(self, what: str = "a whole number") -> int:
        """Whole number with an optional minus; RM127 if it has more than 18 digits."""
        sign = -1 if self.accept("-") else 1
        token = self.peek()
        if token.kind is not Kind.NUMBER or not token.text.isdigit():
            self.fail(f"expected {what}, found {token}")
        if len(token.text.lstrip("0")) > MOST_DIGITS:
            self.fail(f"a number of {len(token.text):,} digits is too long", code="RM127")
        return sign * int(self.take().text.lstrip("0") or "0")

    def finish(self) -> None:
        """Make sure that nothing comes any more."""
        if self.peek().kind is not Kind.END:
            self.fail(f"{self.peek()} was not expected here")

    @contextmanager
    def nested(self) -> Iterator[None]:
        """Count brackets inside brackets; RM127 where they are too deep to be meant."""
        self._depth += 1
        if self._depth > DEEPEST:
            self.fail(f"more than {DEEPEST} brackets inside each other", code="RM127")
        yield
        self._depth -= 1

    def fail(self, expected: str, hint: str = "", *, code: str = "RM136", at: int | None = None) -> NoReturn:
        """Raise an error at this position: by default, of the token that comes next."""
        position = self.peek().at if at is None else at
        raise self._error(Problem(code, f"{self.place}, position {position}", expected, hint))


def quoted(text: str) -> str:
    """Write a text in quotes, so that it reads back as it is.

    >>> print(quoted("12' or 12 inches"), quoted('12"'))
    "12' or 12 inches" '12"'
    """
    if '"' in text and "'" not in text:
        return f"'{text}'"
    return '"' + text.replace('"', '""') + '"'


def heading(text: str) -> str:
    """Write a column's heading, in backticks where it needs them.

    >>> heading("grade"), heading("Cost centre")
    ('grade', '`Cost centre`')
    """
    if re.fullmatch(r"[^\W\d]\w*", text) and text.casefold() not in KEYWORDS:
        return text
    return "`" + text.replace("`", "``") + "`"
