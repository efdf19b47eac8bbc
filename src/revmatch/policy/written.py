"""Rules, limits, goals and scores as people write them: sentences such as ``5 * SkillGap + 2 * Different(division)``.

Nothing is evaluated: a text becomes declarations through a small grammar, or an error that shows the place::

    score  := ["-"] term {("+" | "-") term}
    term   := [number "*"] call ["*" number]
    call   := Name ["(" [argument {"," argument}] ")"]
    argument := [name "="] value
    value  := number | "text" | word | "[" value, ... "]" | "{" key ":" value, ... "}"
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from revmatch.errors import PolicyError, Problem
from revmatch.notation import Cursor, Kind
from revmatch.policy.declaration import CONSTANTS, Declaration, other_families
from revmatch.policy.term import Score, Term


def read_declaration(kind: type[Declaration], item: object, place: str) -> Any:
    """One rule, limit or goal, written as a sentence or as a table."""
    if isinstance(item, kind):
        return item
    if isinstance(item, str):
        cursor = Cursor(item, place)
        made = _call(cursor, kind, place)
        cursor.finish()
        return made
    if isinstance(item, Mapping):
        fields = dict(item)
        name = fields.pop("type", None)
        if not isinstance(name, str):
            raise PolicyError(Problem("RM135", place, "expected type = the name of a " + kind.family))
        return kind.from_fields(name, {key: frozen(value) for key, value in fields.items()}, place=place)
    raise PolicyError(_not_one(kind, item, place))


def _not_one(kind: type[Declaration], item: object, place: str) -> Problem:
    """What was given instead of a member of a family: a class, or a member of another family."""
    if isinstance(item, type) and issubclass(item, kind):
        needed = [field.name for field in dataclasses.fields(item) if field.default is dataclasses.MISSING]  # type: ignore[arg-type]
        made = f"{item.__name__}({', '.join(f'{name}=...' for name in needed)})"
        return Problem("RM135", place, f"expected a {kind.family}, found the class {item.__name__}", f"write {made}")
    if isinstance(item, Declaration):
        others = other_families(item.name, kind.family)
        if others:
            what = f"expected a {kind.family}, found the {item.family} {item.name}"
            return Problem("RM135", place, what, f"put it with the {item.family}s")
    return Problem("RM135", place, f"expected a {kind.family}: a text, or a table with its type")


def read_score(item: object, place: str) -> Score:
    """A score, written as a sentence, as a term, or as a list of tables with weights."""
    if item is None:
        return Score()
    if isinstance(item, Score):
        return item
    if isinstance(item, Term):
        return Score(((1, item),))
    if isinstance(item, str):
        cursor = Cursor(item, place)
        made = _sum(cursor, place)
        cursor.finish()
        return made
    if isinstance(item, Mapping):
        item = [item]
    if not isinstance(item, list | tuple):
        raise PolicyError(Problem("RM135", place, "expected a score", "a text such as '5 * SkillGap', or tables"))
    terms = []
    for k, part in enumerate(item):
        fields = dict(part) if isinstance(part, Mapping) else part
        weight = fields.pop("weight", 1) if isinstance(fields, dict) else 1
        if isinstance(weight, bool) or not isinstance(weight, int):
            raise PolicyError(Problem("RM180", f"{place}[{k}].weight", "expected a whole number"))
        terms.append((weight, read_declaration(Term, fields, f"{place}[{k}]")))
    return Score(tuple(terms))


def frozen(value: Any) -> Any:
    """Lists become tuples, so that declarations stay hashable."""
    return tuple(frozen(item) for item in value) if isinstance(value, list) else value


def _sum(cursor: Cursor, place: str) -> Score:
    if cursor.peek().text == "0" and cursor.peek(1).kind is Kind.END:
        cursor.take()
        return Score()
    sign = -1 if cursor.accept("-") else 1
    terms = [_term(cursor, place) * sign]
    while mark := cursor.accept("+", "-"):
        terms.append(_term(cursor, place) * (-1 if mark.text == "-" else 1))
    return Score(tuple(weighted for term in terms for weighted in term.terms))


def _term(cursor: Cursor, place: str) -> Score:
    weight = 1
    if cursor.peek().kind is Kind.NUMBER:
        weight = cursor.whole_number("a whole number as weight")
        cursor.expect("*")
    term: Term = _call(cursor, Term, place)
    if cursor.accept("*"):
        weight *= cursor.whole_number("a whole number as weight")
    return Score(((weight, term),))


def _call(cursor: Cursor, kind: type[Declaration], place: str) -> Any:
    name = cursor.word(f"the name of a {kind.family}")
    positional: list[Any] = []
    fields: dict[str, Any] = {}
    if cursor.accept("("):
        while not cursor.at(")"):
            if cursor.peek().kind is Kind.NAME and cursor.peek(1).text == "=" and cursor.peek(1).kind is Kind.OPERATOR:
                key = cursor.word("a field")
                cursor.expect("=")
                if key in fields:
                    cursor.fail(f"'{key}' is given twice", code="RM123")
                fields[key] = _value(cursor)
            elif fields:
                cursor.fail("expected field = value after the first named field")
            else:
                positional.append(_value(cursor))
            if not cursor.accept(","):
                break
        if cursor.peek().kind is Kind.NAME:
            _fail_at_blank(cursor)
        cursor.expect(")", ",")
    elif cursor.at("["):
        cursor.fail('expected "(", found "["', f"fields stand in round brackets: {name}(...)")
    return kind.from_fields(name, fields, place=place, positional=tuple(positional))


def _fail_at_blank(cursor: Cursor) -> None:
    """A word after a word: most often one text with a blank in it."""
    before, at = cursor.peek(-1), cursor.peek().at
    if before.kind is Kind.NAME:
        after = 0
        while cursor.peek(after).kind is Kind.NAME:
            after += 1
        text = cursor.text[before.at - 1 : cursor.peek(after - 1).at - 1 + len(cursor.peek(after - 1).text)]
        hint = f"write a text with a blank in quotes: '{text}'"
        cursor.fail(f'expected ")" or ",", found {cursor.peek()}', hint, at=at)


def _value(cursor: Cursor) -> Any:
    token = cursor.peek()
    if token.kind in (Kind.STRING, Kind.HEADING):
        return cursor.take().text
    if token.kind is Kind.NAME:
        word = cursor.take().text
        return CONSTANTS.get(word.casefold(), word)
    if token.kind is Kind.NUMBER or cursor.at("-"):
        return _number(cursor)
    with cursor.nested():
        if opening := cursor.accept("[", "("):
            return tuple(_items(cursor, {"[": "]", "(": ")"}[opening.text]))
        if cursor.accept("{"):
            return _table(cursor)
    cursor.fail(f"expected a value, found {token}")


def _number(cursor: Cursor) -> int | float:
    ahead = 1 if cursor.at("-") else 0
    if cursor.peek(ahead).kind is Kind.NUMBER and not cursor.peek(ahead).text.isdigit():
        sign = -1 if cursor.accept("-") else 1
        return sign * float(cursor.take().text)
    return cursor.whole_number()


def _items(cursor: Cursor, closing: str) -> list[Any]:
    found = []
    while not cursor.at(closing):
        found.append(_value(cursor))
        if not cursor.accept(","):
            break
    cursor.expect(closing)
    return found


def _table(cursor: Cursor) -> dict[str, Any]:
    found: dict[str, Any] = {}
    while not cursor.at("}"):
        key = cursor.take().text if cursor.peek().kind is Kind.STRING else cursor.word("a word or a text in quotes")
        cursor.expect(":", "=")
        if key in found:
            cursor.fail("this key is given twice", code="RM123")
        found[key] = _value(cursor)
        if not cursor.accept(","):
            break
    cursor.expect("}")
    return found
