"""Where-expressions: which people a sentence such as ``grade <= 4 and hired >= 2008`` selects.

Three-valued logic: what is not stated is neither true nor false, and only what is true selects. A condition is
therefore two masks, where it is true and where it is false; ``not`` swaps them.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from revmatch.errors import InputError, did_you_mean
from revmatch.notation import Cursor, Kind
from revmatch.people.columns import wrong

if TYPE_CHECKING:
    from revmatch.people.people import People

Mask = npt.NDArray[np.bool_]

_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}
_MIRRORED = {"==": "==", "!=": "!=", "<=": ">=", ">=": "<=", "<": ">", ">": "<"}
#: Longest expression, in characters.
MOST_CHARACTERS = 100_000


@dataclass(frozen=True, slots=True)
class _Truth:
    """Where a condition is true, and where it is false; neither where something is not stated."""

    true: Mask
    false: Mask


@dataclass(frozen=True, slots=True)
class _Operand:
    """Heading, text or number, and the position it stands at."""

    at: int
    heading: str | None = None
    value: str | int | None = None


def selected(people: People, expression: str, *, place: str = "where") -> Mask:
    """Mask of the people for whom an expression is true; see `People.where`."""
    if not isinstance(expression, str):
        raise wrong("RM136", place, "expected an expression as text", 'such as "grade <= 4"')
    if len(expression) > MOST_CHARACTERS:
        what = f"an expression has at most {MOST_CHARACTERS:,} characters, this one {len(expression):,}"
        raise wrong("RM136", place, what, "select by a mask instead")
    cursor = Cursor(expression, place, error=InputError)
    truth = _Conditions(people, cursor).either()
    cursor.finish()
    return truth.true


class _Conditions:
    """Reads and applies an expression; one method for each level of the grammar."""

    def __init__(self, people: People, cursor: Cursor) -> None:
        self._people = people
        self._cursor = cursor

    def either(self) -> _Truth:
        truth = self._both()
        while self._cursor.accept("or"):
            other = self._both()
            truth = _Truth(truth.true | other.true, truth.false & other.false)
        return truth

    def _both(self) -> _Truth:
        truth = self._negated()
        while self._cursor.accept("and"):
            other = self._negated()
            truth = _Truth(truth.true & other.true, truth.false | other.false)
        return truth

    def _negated(self) -> _Truth:
        negate = False
        while self._cursor.accept("not"):
            negate = not negate
        truth = self._condition()
        return _Truth(truth.false, truth.true) if negate else truth

    def _condition(self) -> _Truth:
        cursor = self._cursor
        with cursor.nested():
            if cursor.accept("("):
                truth = self.either()
                cursor.expect(")")
                return truth
            if cursor.at("missing") and cursor.peek(1).text == "(" and cursor.peek(1).kind is Kind.OPERATOR:
                return self._missing()
            return self._comparison()

    def _missing(self) -> _Truth:
        self._cursor.take()
        self._cursor.expect("(")
        missing = self._people.missing(self._heading())
        self._cursor.expect(")")
        return _Truth(missing, ~missing)

    def _comparison(self) -> _Truth:
        cursor = self._cursor
        left = self._operand()
        if cursor.at("in", "not"):
            negate = cursor.accept("not") is not None
            cursor.expect("in")
            truth = self._among(left)
            return _Truth(truth.false, truth.true) if negate else truth
        if not cursor.at(*_COMPARISONS):
            hint = 'write "==" to compare' if cursor.at("=") else "such as grade <= 4"
            cursor.fail(f"expected a comparison, found {cursor.peek()}", hint)
        sign = cursor.take().text
        right = self._operand()
        if left.heading is not None:
            return self._compared(left.heading, sign, right)
        if right.heading is not None:
            return self._compared(right.heading, _MIRRORED[sign], left)
        cursor.fail("two values are compared, but no column", "headings stand bare or in backticks", at=left.at)

    def _among(self, left: _Operand) -> _Truth:
        cursor = self._cursor
        if left.heading is None:
            cursor.fail('expected a heading before "in"', at=left.at)
        cursor.expect("(")
        found = np.zeros(len(self._people), dtype=np.bool_)
        stated = ~self._people.missing(left.heading)
        while not cursor.accept(")"):
            value = self._operand()
            if value.heading is not None:
                cursor.fail("expected a text in quotes or a whole number", "text stands in quotes", at=value.at)
            found |= self._compared(left.heading, "==", value).true
            if not cursor.at(")"):
                cursor.expect(",", ")")
        return _Truth(found, stated & ~found)

    def _operand(self) -> _Operand:
        cursor = self._cursor
        token = cursor.peek()
        if token.kind is Kind.STRING:
            return _Operand(token.at, value=cursor.take().text)
        if token.kind is Kind.NUMBER or cursor.at("-"):
            return _Operand(token.at, value=cursor.whole_number())
        return _Operand(token.at, heading=self._heading())

    def _heading(self) -> str:
        cursor = self._cursor
        token = cursor.peek()
        if token.kind is Kind.NAME and token.text.casefold() in ("and", "or", "not", "in"):
            cursor.fail(f"expected a heading, found {token}", "a heading spelled like this stands in backticks")
        word = cursor.word("a heading")
        if word not in self._people:
            cursor.fail(
                f'there is no column "{word[:80]}"', did_you_mean(word, self._people.columns), code="RM135", at=token.at
            )
        return word

    def _compared(self, heading: str, sign: str, other: _Operand) -> _Truth:
        """Compare a column with a value, or with another column."""
        people = self._people
        number = people.holds_numbers(heading)
        if other.heading is not None:
            return self._two_columns(heading, sign, other)
        missing = people.missing(heading)
        if missing.all():  # a column without any value is neither text nor number
            return _Truth(np.zeros(len(missing), np.bool_), np.zeros(len(missing), np.bool_))
        if number and isinstance(other.value, str):
            what = f'column "{heading}" holds numbers and is compared with text'
            self._cursor.fail(what, "leave out the quotes", at=other.at)
        if not number and not isinstance(other.value, str):
            hint = f'write "{other.value}" in quotes'
            self._cursor.fail(f'column "{heading}" holds text and is compared with a number', hint, at=other.at)
        if number:
            values, stated = people.numbers(heading)
            return _truth(_COMPARISONS[sign](values, other.value), stated)
        self._refuse_order(heading, sign, other.at)
        codes, vocabulary = people.codes(heading)
        found = [_COMPARISONS[sign](text, other.value) for text in vocabulary]
        return _truth(np.array([*found, False], dtype=np.bool_)[codes], codes >= 0)

    def _two_columns(self, heading: str, sign: str, other: _Operand) -> _Truth:
        people = self._people
        assert other.heading is not None
        if people.holds_numbers(heading) != people.holds_numbers(other.heading):
            what = f'columns "{heading}" and "{other.heading}" are compared, but one holds numbers and the other text'
            self._cursor.fail(what, "compare numbers with numbers", at=other.at)
        both = ~(people.missing(heading) | people.missing(other.heading))
        if people.holds_numbers(heading):
            return _truth(_COMPARISONS[sign](people.numbers(heading)[0], people.numbers(other.heading)[0]), both)
        self._refuse_order(heading, sign, other.at)
        self._refuse_order(other.heading, sign, other.at)
        found = _COMPARISONS[sign](people.decoded(heading), people.decoded(other.heading))
        return _truth(np.asarray(found, dtype=np.bool_), both)

    def _refuse_order(self, heading: str, sign: str, at: int) -> None:
        """Labels of grades have an order that only a policy knows: by letters, "Senior" would come after "Junior"."""
        if sign not in ("==", "!=") and heading.strip().casefold() == "grade":
            hint = 'list the labels: grade in ("A", "B")'
            self._cursor.fail("grades are labels here, and have no order of their own", hint, code="RM137", at=at)


def _truth(found: Mask, stated: Mask) -> _Truth:
    return _Truth(found & stated, ~found & stated)
