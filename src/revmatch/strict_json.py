"""JSON that is read strictly: no key twice, no NaN, nothing too deep."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any, NoReturn

from revmatch.errors import InputError, Problem, RevmatchError

#: Levels of lists and objects inside each other; what revmatch writes has fewer than ten.
DEEPEST = 200
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


def _depth(text: str | bytes) -> int:
    """How deeply lists and objects are nested, at most."""
    plain = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    if plain.count("[") + plain.count("{") <= DEEPEST:
        return 0
    level = deepest = 0
    for bracket in re.findall(r"[\[\]{}]", _STRING.sub("", plain)):
        level += 1 if bracket in "[{" else -1
        deepest = max(deepest, level)
    return deepest


def loads(text: str | bytes, place: str, *, error: type[RevmatchError] = InputError, private: bool = False) -> Any:
    """Read JSON text; if it is private, no message says a key.

    Raises
    ------
    RevmatchError
        RM101 for numbers that are not finite, RM123 for a key given twice, RM127 for nesting or numbers without end,
        RM211 for text that is not JSON.
    """
    if not isinstance(text, str | bytes):
        raise error(Problem("RM211", place, f"expected JSON text, found {type(text).__name__}", "give the text itself"))

    def refuse(constant: str) -> NoReturn:
        raise error(Problem("RM101", place, f"{constant} is not a finite number", "write a number that JSON has"))

    def floats(number: str) -> float:
        value = float(number)
        return value if abs(value) != float("inf") else refuse(number[:20])

    def whole(number: str) -> int:
        if len(number) > 400:
            raise error(Problem("RM127", place, f"a number of {len(number):,} digits is too long", "shorten it"))
        return int(number)

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            twice = sorted(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
            key = "a key" if private else f"the key {twice[0][:60]!r}"
            raise error(Problem("RM123", place, f"{key} is given twice", "remove one"))
        return found

    if _depth(text) > DEEPEST:  # a host may have raised Python's own limit, beyond which the process would crash
        raise error(Problem("RM127", place, "nested too deeply", "give the file that revmatch wrote"))
    try:
        return json.loads(text, parse_constant=refuse, parse_float=floats, parse_int=whole, object_pairs_hook=once)
    except RecursionError:
        raise error(Problem("RM127", place, "nested too deeply", "give the file that revmatch wrote")) from None
    except ValueError as problem:  # UnicodeDecodeError and JSONDecodeError are both
        where = f", line {problem.lineno}" if isinstance(problem, json.JSONDecodeError) else ""
        raise error(
            Problem("RM211", f"{place}{where}", "this is not JSON, or it is cut off", "give the whole file")
        ) from None
