"""Plans as data frames, of the kind that people came in as."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from revmatch.errors import MissingExtraError, Problem

if TYPE_CHECKING:
    from revmatch.plan import Plan

#: Libraries that can hold a new data frame, the most usual first.
_LIBRARIES = ("pandas", "polars", "pyarrow", "modin", "cudf")


def plan_frame(plan: Plan) -> Any:
    """Pairs of a plan as a data frame with the columns ``mentor``, ``mentee``, ``score``, and ``slot`` if there is one.

    Parameters
    ----------
    plan : Plan
        One that holds pairs.

    Returns
    -------
    data frame
        Of the library that the mentors came from, else the mentees, else the organisation. Where they came from files
        or records, and where the library has no data frames of its own (a database), that of pandas, polars or pyarrow,
        whichever is installed.

    Raises
    ------
    MissingExtraError
        RM902 if none of them is installed.
    """
    import narwhals.stable.v2 as nw

    whole = all(isinstance(pair.score, int) for pair in plan.pairs)
    columns: dict[str, list[Any]] = {
        "mentor": [pair.mentor for pair in plan.pairs],
        "mentee": [pair.mentee for pair in plan.pairs],
        "score": [pair.score for pair in plan.pairs],
    }
    schema = {"mentor": nw.String(), "mentee": nw.String(), "score": nw.Int64() if whole else nw.Float64()}
    if plan.slots is not None:
        columns["slot"], schema["slot"] = [str(pair.slot) for pair in plan.pairs], nw.String()
    return nw.from_dict(columns, schema, backend=_library(plan)).to_native()


def _library(plan: Plan) -> Any:
    programme = plan.programme
    rosters = (programme.mentors, programme.mentees, programme.organisation)
    for roster in rosters:
        if roster is not None and roster.native in _LIBRARIES:
            return str(roster.native)
    for library in _LIBRARIES[:3]:
        if find_spec(library) is not None:
            return library
    hint = "pip install pandas (or polars, or pyarrow); plan.pairs needs none of them"
    raise MissingExtraError(Problem("RM902", "to_frame", "no library for data frames is installed", hint))
