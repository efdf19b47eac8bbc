"""A caller's own table of scores."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from revmatch.errors import InputError, PolicyError, Problem, Problems, ScaleError
from revmatch.given import as_array
from revmatch.policy import forms
from revmatch.policy.sides import Bools, Ints, Sides
from revmatch.policy.term import Term

#: Scores that are not whole are scaled so that the largest comes near this.
SCALE_TO = 1 << 30
PLAIN = "write numbers such as 3 or 0.5"


@dataclass(frozen=True, slots=True, eq=False, init=False, repr=False)
class Table(Term):
    """Scores from the caller: row i and column j are the i-th mentor and the j-th mentee.

    Whole numbers are used as they are. Other numbers are multiplied by `scale`, or by the largest power of two with
    ``max|score| * scale <= 2**30``, and rounded once, half to even.

    Parameters
    ----------
    scores : array_like or sparse matrix, shape (n, m)
        In a sparse matrix (any of SciPy's), an entry that is absent forbids the pair; an explicit 0 does not.
    scale : int, float or Fraction, optional
        Above 0.
    forbidden : array_like of bool, shape (n, m), optional
        True where a pair must not exist (dense tables).

    Raises
    ------
    InputError
        RM101 for a number that is not finite, RM102 for something that is not a number.
    ScaleError
        RM110 for numbers beyond 2**53 after scaling.

    Examples
    --------
    >>> Table([[1, 2], [3, 4]]).shape
    (2, 2)
    """

    in_words: ClassVar[bool] = False
    #: The caller's numbers: n x m, or one for each of the entries; and the same in whole units.
    values: npt.NDArray[Any]
    whole: Ints
    entries: tuple[Ints, Ints] | None
    shape: tuple[int, int]
    forbidden: Bools | None
    scale: Fraction

    def __init__(self, scores: Any, scale: Any = None, forbidden: Any = None) -> None:
        values, entries, shape = _read(scores)
        whole, found_scale = _to_whole(values, scale)
        whole.setflags(write=False)
        struck_out = None if forbidden is None else _read_forbidden(forbidden, shape, sparse=entries is not None)
        parts = {"values": values, "whole": whole, "entries": entries, "shape": shape}
        for name, part in {**parts, "forbidden": struck_out, "scale": found_scale}.items():
            object.__setattr__(self, name, part)

    @property
    def largest_error(self) -> float:
        """Largest rounding error of one pair, in the caller's unit."""
        if self.values.dtype.kind == "i" or not self.values.size:
            return 0.0
        power = _power_of_two(self.scale)
        if power is not None:
            # this difference is exact: the two are within a factor of two of each other, or one of them is 0
            return float(np.abs(np.ldexp(self.whole.astype(np.float64), -power) - self.values).max())
        points = self.whole / _as_float(self.scale)
        if np.isnan(points).any():  # a scale beyond float64: all that is known is that numbers were rounded once
            return float(np.nextafter(float(1 / self.scale), np.inf))
        # the quotient is itself rounded: the error is at most what is seen and that rounding
        size = np.maximum(np.abs(points), np.abs(self.values))
        return float((np.abs(points - self.values) + 2 * np.spacing(size)).max())

    def form(self, sides: Sides) -> forms.Form:
        rows, cols = sides.positions
        if self.shape != sides.shape:
            expected = f"expected {sides.shape[0]} x {sides.shape[1]} scores"
            raise PolicyError(Problem("RM143", "score.Table", expected, "one row a mentor"))
        if self.entries is None:
            return forms.Grid(self.whole, rows, cols, self.forbidden)
        where_mentor, where_mentee = np.argsort(rows), np.argsort(cols)
        i, j = where_mentor[self.entries[0]], where_mentee[self.entries[1]]
        order = np.lexsort((j, i))
        return forms.Triples(i[order], j[order], self.whole[order], self.shape, only=True)

    def words(self) -> str:
        return "the given scores"

    def to_dict(self) -> dict[str, Any]:
        raise PolicyError(
            Problem("RM180", "score.Table", "a policy file holds no table of scores", "use programme.to_json")
        )

    def to_json_dict(self) -> dict[str, Any]:
        """The table whole, for a programme file."""
        found: dict[str, Any] = {"shape": list(self.shape), "scale": str(self.scale), "values": self.values.tolist()}
        if self.entries is not None:
            found["rows"], found["cols"] = (part.tolist() for part in self.entries)
        if self.forbidden is not None:
            found["forbidden"] = [part.tolist() for part in np.nonzero(self.forbidden)]
        return found

    @classmethod
    def from_json_dict(cls, data: Any) -> Table:
        """Table from what `to_json_dict` wrote."""
        n, m = data["shape"]
        values = np.array(data["values"])
        if "rows" in data:
            made = cls(_Entries((n, m), data["rows"], data["cols"], values), Fraction(data["scale"]))
        else:
            forbidden = np.zeros((n, m), dtype=bool)
            forbidden[tuple(np.array(part, dtype=np.int64) for part in data.get("forbidden", [[], []]))] = True
            made = cls(values.reshape(n, m), Fraction(data["scale"]), forbidden)
        return made

    def digest(self) -> str:
        """SHA-256 of the table's content, in the order of the caller's rows."""
        return sha256(json.dumps(self.to_json_dict()).encode()).hexdigest()

    def __str__(self) -> str:
        return f"Table({self.shape[0]} x {self.shape[1]})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Table) and self.to_json_dict() == other.to_json_dict()

    def __hash__(self) -> int:
        return hash((self.shape, self.whole.tobytes()))


@dataclass(frozen=True, slots=True)
class _Entries:
    """Listed entries that look like a sparse matrix in coordinate form."""

    shape: tuple[int, int]
    row: Any
    col: Any
    data: npt.NDArray[Any]

    def tocoo(self, *, copy: bool = True) -> _Entries:
        return self

    def sum_duplicates(self) -> None:
        """No entry is there twice: the table that wrote them had summed them."""


def _read(scores: Any) -> tuple[npt.NDArray[Any], tuple[Ints, Ints] | None, tuple[int, int]]:
    """Values, their positions if sparse, and the shape."""
    if np.ma.is_masked(scores):
        hint = "give forbidden= instead of a mask"
        raise InputError(Problem("RM143", "scores", "a masked array says not what a hidden number means", hint))
    if hasattr(scores, "tocoo"):
        if len(scores.shape) != 2:
            raise InputError(Problem("RM143", "scores", "expected n rows of m numbers", "one row a mentor"))
        entries = scores.tocoo(copy=True)
        entries.sum_duplicates()
        at = np.asarray(entries.row, dtype=np.int64), np.asarray(entries.col, dtype=np.int64)
        values, shape = np.array(entries.data), tuple(entries.shape)
    else:
        try:
            values = np.array(scores)
        except ValueError:
            values = np.empty((1, 1), dtype=object)  # rows of different lengths
        if isinstance(scores, list | tuple) and any(isinstance(x, bool | np.bool_) for x in _cells(scores)):
            raise InputError(Problem("RM102", "scores", "expected numbers, not bool", PLAIN))
        if values.ndim != 2:
            if values.size or values.ndim > 2:
                raise InputError(Problem("RM143", "scores", "expected n rows of m numbers", "one row a mentor"))
            values = values.reshape(len(values), 0).astype(np.int64)
        at, shape = None, values.shape
    values = _check(values, at)
    values.setflags(write=False)
    return values, at, (int(shape[0]), int(shape[1]))


def _cells(rows: list[Any] | tuple[Any, ...]) -> Iterator[Any]:
    for row in rows:
        yield from row if isinstance(row, list | tuple) else ()


def _check(values: npt.NDArray[Any], entries: tuple[Ints, Ints] | None) -> npt.NDArray[Any]:
    if values.dtype.kind == "O":  # whole numbers too large for int64, or not numbers at all
        if all(type(value) is int for value in values.flat):
            if all(-(1 << 63) <= value < 1 << 63 for value in values.flat):
                return values.astype(np.int64)
            raise ScaleError(Problem("RM110", "scores", "a score is beyond 2**63", "divide all scores"))
        raise InputError(Problem("RM102", "scores", "expected n rows of m plain numbers", PLAIN))
    if values.dtype.kind not in "iuf":
        raise InputError(Problem("RM102", "scores", f"expected numbers, not {values.dtype}", PLAIN))
    if values.dtype.kind == "f":
        values = values.astype(np.float64)
        bad = np.nonzero(~np.isfinite(values))
        problems = Problems()
        for at in zip(*bad, strict=True):
            i, j = at if entries is None else (entries[0][at[0]], entries[1][at[0]])
            problems.add("RM101", f"scores[{i}, {j}]", "not a finite number", "forbid a pair with forbidden= instead")
            if problems.full:
                break
        problems.raise_as(InputError)
        return values
    if values.dtype == np.uint64 and values.size and values.max() >= 1 << 63:
        raise ScaleError(Problem("RM110", "scores", "a score is beyond 2**63", "divide all scores"))
    return values.astype(np.int64)


def _read_forbidden(forbidden: Any, shape: tuple[int, int], *, sparse: bool) -> Bools | None:
    given = as_array(forbidden)
    array = None if given is None else given.copy()
    if array is None or array.dtype != bool or array.shape != shape:
        raise InputError(Problem("RM143", "forbidden", f"expected a Boolean array of shape {shape}"))
    if sparse:
        hint = "drop forbidden="
        raise InputError(Problem("RM143", "forbidden", "a sparse table forbids by leaving entries out", hint))
    array.setflags(write=False)
    return array if array.any() else None


def _to_whole(values: npt.NDArray[Any], asked: Any) -> tuple[Ints, Fraction]:
    """Whole numbers and the scale that made them."""
    given = None if asked is None else _read_scale(asked)
    if values.dtype.kind == "i" or bool((values == np.rint(values)).all()):
        _refuse_beyond(values, Fraction(1))
        return values.astype(np.int64), Fraction(1)
    most = Fraction(float(np.abs(values).max()))
    scale = _power_of_two_below(Fraction(SCALE_TO) / most) if given is None else given
    _refuse_beyond(values, scale)
    power = _power_of_two(scale)
    if power is not None:
        return np.rint(np.ldexp(values, power)).astype(np.int64), scale
    scaled = values * _as_float(scale)
    whole = np.rint(scaled)
    # a product that float64 itself rounded may sit on the wrong side of a half: decide those in exact arithmetic
    sure = np.abs(scaled - np.floor(scaled) - 0.5) > np.maximum(1e-6, np.abs(scaled) * 2.0**-51)
    for at in zip(*np.nonzero(~sure), strict=True):
        whole[at] = round(Fraction(float(values[at])) * scale)
    return whole.astype(np.int64), scale


def _power_of_two_below(ratio: Fraction) -> Fraction:
    """Largest power of two that is at most `ratio`."""
    power = Fraction(2) ** (ratio.numerator.bit_length() - ratio.denominator.bit_length())
    return power / 2 if power > ratio else power * 2 if power * 2 <= ratio else power


def _power_of_two(scale: Fraction) -> int | None:
    """Which power of two this is; None if it is none."""
    power = scale.numerator.bit_length() - scale.denominator.bit_length()
    return power if Fraction(2) ** power == scale else None


def _as_float(scale: Fraction) -> float:
    """Nearest float64; not a number where the scale is far beyond what float64 holds well."""
    return float(scale) if Fraction(1, 1 << 1000) < scale < 1 << 1000 else float("nan")


def _read_scale(asked: Any) -> Fraction:
    if isinstance(asked, np.integer | np.floating):
        asked = asked.item()
    if isinstance(asked, bool) or not isinstance(asked, int | float | Fraction):
        raise PolicyError(Problem("RM180", "scale", "expected a number above 0"))
    try:
        scale = Fraction(asked)
    except (ValueError, OverflowError):
        scale = Fraction(0)
    if scale <= 0:
        raise PolicyError(Problem("RM180", "scale", "expected a number above 0"))
    return scale


def _refuse_beyond(values: npt.NDArray[Any], scale: Fraction) -> None:
    if values.size and Fraction(float(np.abs(values.astype(np.float64)).max())) * scale >= 1 << 53:
        raise ScaleError(Problem("RM110", "scores", "a score is beyond 2**53 after scaling", "divide all scores"))
