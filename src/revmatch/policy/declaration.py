"""What every rule, score term, limit and goal has in common: a name, fields, and three ways to write them down.

A declaration is a frozen dataclass. It prints as a sentence (``words``), as notation that can be typed
(``str``: ``GradeGap(at_least=2)``), and as a table (``to_dict``: ``{"type": "GradeGap", "at_least": 2}``).
Each family (rules, score terms, ...) keeps a registry of its types by name, so that readers can be checked for gaps.
"""

from __future__ import annotations

import dataclasses
import operator
import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from fractions import Fraction
from numbers import Integral
from typing import Any, ClassVar, NoReturn, Self

from revmatch.errors import PolicyError, Problem, did_you_mean
from revmatch.notation import MOST_DIGITS, quoted

#: Words of the notation that stand for values; a text that is spelled like one stands in quotes.
CONSTANTS = {"true": True, "false": False, "none": None}
#: Whole numbers stay below this: they are written and read back with at most 18 digits, and fit 64 bits.
BEYOND = 10**MOST_DIGITS
#: Years of dates: before, clocks of some countries were ahead of UTC by no whole minutes.
_YEARS = 1980, 2200
_BARE_WORD = re.compile(r"[^\W\d]\w*")


class Declaration:
    """Base of all declarations. A family sets ``registry``; its members register themselves by name."""

    __slots__ = ()

    family: ClassVar[str] = ""
    registry: ClassVar[dict[str, type[Any]]] = {}
    #: Can be written down; a table of scores cannot.
    in_words: ClassVar[bool] = True

    def __init_subclass__(cls, *, abstract: bool = False, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        # slots=True makes dataclass build the class a second time, without keywords: the later one replaces the first
        if not abstract and not cls.__name__.startswith("_"):
            cls.registry[cls.__name__] = cls

    @property
    def name(self) -> str:
        """The word that users type."""
        return type(self).__name__

    def given(self) -> dict[str, Any]:
        """Fields that differ from their defaults, in order of declaration."""
        found: dict[str, Any] = {}
        for field in dataclasses.fields(self):  # type: ignore[arg-type]
            value = getattr(self, field.name)
            if field.default is dataclasses.MISSING or value != field.default:
                found[field.name] = value
        return found

    def to_dict(self) -> dict[str, Any]:
        """Table form: ``type`` and the fields that differ from their defaults."""
        return {"type": self.name, **{key: _plain(value) for key, value in self.given().items()}}

    def __str__(self) -> str:
        needed = [field.name for field in dataclasses.fields(self) if field.default is dataclasses.MISSING][:1]  # type: ignore[arg-type]
        said = [
            _notation(value) if key in needed else f"{key}={_notation(value)}" for key, value in self.given().items()
        ]
        return f"{self.name}({', '.join(said)})" if said else self.name

    @classmethod
    def from_fields(cls, name: str, fields: Mapping[str, Any], *, place: str, positional: tuple[Any, ...] = ()) -> Self:
        """Make the member of this family called `name`.

        Raises
        ------
        PolicyError
            RM135 for an unknown type or field, RM180 for a value out of range.
        """
        kind = cls.registry.get(name)
        if kind is None:
            others = other_families(name, cls.family)
            hint = f"{name} is a {others[0]}" if others else did_you_mean(name, cls.registry)
            raise PolicyError(Problem("RM135", place, f"there is no {cls.family} '{name}'", hint))
        if not kind.in_words:
            hint = f"give it in Python: Policy(score={name}(...))"
            raise PolicyError(Problem("RM180", place, f"a policy file holds no {name}", hint))
        names = [field.name for field in dataclasses.fields(kind)]
        values = dict(zip(names, positional, strict=False))
        if len(positional) > len(names):
            most = f"{len(names)} value{'s' * (len(names) != 1)}" if names else "no value"
            hint = ""
            if names == ["people"]:
                hint = f"put the ids in a list: {name}({_notation(positional)})"
            raise PolicyError(Problem("RM135", place, f"{name} takes {'at most ' * bool(names)}{most}", hint))
        for key, value in fields.items():
            if key not in names:
                raise PolicyError(Problem("RM135", place, f"{name} has no field '{key}'", did_you_mean(key, names)))
            if key in values:
                raise PolicyError(Problem("RM123", place, f"{name} is given '{key}' twice"))
            values[key] = value
        try:
            made: Self = kind(**values)
        except TypeError as error:
            needed = [field.name for field in dataclasses.fields(kind) if field.default is dataclasses.MISSING]
            missing = [name for name in needed if name not in values]
            hint = f"{name} needs {', '.join(missing)}" if missing else str(error)
            raise PolicyError(Problem("RM135", place, f"{name} cannot be made from these fields", hint)) from None
        except PolicyError as error:
            raise PolicyError(
                *(Problem(p.code, f"{place}.{p.place.rpartition('.')[2]}", p.expected, p.hint) for p in error.problems)
            ) from None
        return made

    # -- checks for __post_init__ ---------------------------------------------------------------------------------

    def _whole(self, field: str, *, least: int | None = None, optional: bool = False) -> None:
        given = getattr(self, field)
        if optional and given is None:
            return
        value = as_whole(given)
        if value is not None and (least is None or value >= least):
            object.__setattr__(self, field, value)
        else:
            wanted = "a whole number" if least is None else f"a whole number of at least {least}"
            if isinstance(given, Integral) and abs(given) >= BEYOND:
                wanted = f"{wanted} and of at most 18 digits"
            self._refuse(field, f"{wanted}{' or nothing' if optional else ''}")

    def _monday(self, field: str) -> None:
        given = getattr(self, field)
        try:
            day = date.fromisoformat(given) if isinstance(given, str) else given
        except ValueError:
            day = None
        if isinstance(day, datetime):
            self._refuse(field, "a date, not a moment", "give its .date()")
        if not isinstance(day, date) or not _YEARS[0] <= day.year < _YEARS[1]:
            years = f"year, month, day, of two digits each; from {_YEARS[0]} to {_YEARS[1] - 1}"
            self._refuse(field, 'a date such as "2026-03-02"', years)
        if day.weekday():
            hint = f"{day} is a {day:%A}; the Monday before is {day - timedelta(days=day.weekday())}"
            self._refuse(field, "a Monday", hint)
        object.__setattr__(self, field, day)

    def _one_of(self, field: str, *allowed: str | None) -> None:
        given, words = getattr(self, field), [word for word in allowed if word]
        if not isinstance(given, str | None) or given not in allowed:  # a NumPy array would not say yes or no
            hint = did_you_mean(given, words) if isinstance(given, str) else ""
            near = hint if hint.startswith("did you mean") else ""  # all that are known are listed anyway
            self._refuse(field, "one of " + ", ".join(f'"{word}"' for word in words), near)

    def _text(self, field: str) -> None:
        value = getattr(self, field)
        if not isinstance(value, str) or not value.strip():
            self._refuse(field, "the heading of a column")

    def _refuse(self, field: str, expected: str, hint: str = "") -> NoReturn:
        raise PolicyError(Problem("RM180", f"{self.name}.{field}", f"expected {expected}", hint))


def is_whole(value: object) -> bool:
    """Whether this is a whole number of at most 18 digits."""
    return isinstance(value, int) and not isinstance(value, bool) and -BEYOND < value < BEYOND


def as_whole(value: object) -> int | None:
    """A whole number of at most 18 digits, of any library, as Python's own; None if it is none.

    >>> as_whole(4), as_whole(True), as_whole(4.0)
    (4, None, None)
    """
    found = operator.index(value) if isinstance(value, Integral) else None
    return found if is_whole(found) and not isinstance(value, bool) else None


def other_families(name: str, family: str) -> list[str]:
    """Families besides this one that have a member of this name."""
    kinds = {kind.family: kind for kind in Declaration.__subclasses__() if kind.family != family}
    return [other for other, kind in kinds.items() if name in kind.registry]


def _plain(value: Any) -> Any:
    """Value as TOML and JSON hold it."""
    if isinstance(value, tuple) and value and all(isinstance(item, tuple) for item in value):
        return {key: _plain(item) for key, item in value}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Fraction) else value


def _notation(value: Any) -> str:
    """Value as the notation holds it: bare words where they are words, quotes elsewhere."""
    if isinstance(value, tuple) and value and all(isinstance(item, tuple) for item in value):
        return "{" + ", ".join(f"{_notation(key)}: {_notation(item)}" for key, item in value) + "}"
    if isinstance(value, tuple):
        return "[" + ", ".join(_notation(item) for item in value) + "]"
    if isinstance(value, Fraction | date):
        return quoted(str(value))
    if isinstance(value, str):
        return value if _BARE_WORD.fullmatch(value) and value.casefold() not in CONSTANTS else quoted(value)
    return str(value)


def join_words(parts: list[str], last: str = "and") -> str:
    """``a, b and c``.

    >>> join_words(["a", "b", "c"])
    'a, b and c'
    """
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {last} {parts[-1]}" if parts else ""
