"""Plans as data frames and graphs."""

from __future__ import annotations

import importlib.util
from typing import Any

import pytest

import revmatch as rm
from revmatch.io import frames

MENTORS = [{"id": "j2", "department": "HR"}, {"id": "j1", "department": "IT"}, {"id": "j3", "department": "IT"}]
MENTEES = [{"id": "s1", "department": "HR"}, {"id": "s2", "department": "IT"}, {"id": "s3", "capacity": "0"}]
POLICY = rm.Policy(rules=["DifferentDepartment"], score="3 * Different(department)")


def frame(library: str, rows: list[dict[str, str]]) -> Any:
    pytest.importorskip(library)
    columns = {"id": [row["id"] for row in rows], "department": [row["department"] for row in rows]}
    if library == "pyarrow":
        import pyarrow as pa

        return pa.table(columns)
    return __import__(library).DataFrame(columns)


@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow"])
def test_the_flavour_that_came_in_goes_out(library: str) -> None:
    plan = rm.match(rm.Programme(frame(library, MENTORS), frame(library, MENTEES[:2]), POLICY))
    out = plan.to_frame()
    assert type(out).__module__.partition(".")[0] == library
    columns = out.to_pydict() if library == "pyarrow" else {name: out[name].to_list() for name in out.columns}
    assert columns == {
        "mentor": [pair.mentor for pair in plan.pairs],
        "mentee": [pair.mentee for pair in plan.pairs],
        "score": [3, 3],
    }


@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow"])
def test_records_and_no_pairs(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip(library)
    monkeypatch.setattr(frames, "find_spec", lambda name: importlib.util.find_spec(name) if name == library else None)
    plan = rm.match(rm.Programme([], MENTEES[:2]))
    out = plan.to_frame()
    assert type(out).__module__.partition(".")[0] == library
    assert out.shape == (0, 3)


def test_scores_that_are_not_whole_stay_so() -> None:
    pytest.importorskip("pandas")
    plan = rm.match(rm.Programme.from_scores([[0.5, 0.25], [0.25, 0.5]]))
    assert plan.to_frame()["score"].tolist() == [0.5, 0.5]


def test_no_library_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "find_spec", lambda name: None)
    plan = rm.match(rm.Programme(MENTORS, MENTEES[:2], POLICY))
    with pytest.raises(rm.errors.MissingExtraError, match=r"RM902.*pip install"):
        plan.to_frame()


def test_the_graph_has_everybody_who_takes_part() -> None:
    plan = rm.match(rm.Programme(MENTORS, MENTEES, rm.Policy(score="3 * Different(department)")))
    graph = plan.to_networkx()
    assert [node for node, part in graph.nodes(data="bipartite") if part == 0] == [
        ("mentor", "j1"),
        ("mentor", "j2"),
        ("mentor", "j3"),
    ]
    assert [node for node, part in graph.nodes(data="bipartite") if part == 1] == [("mentee", "s1"), ("mentee", "s2")]
    edges = {(a[1], b[1], score) for a, b, score in graph.edges(data="score")}
    assert edges == {(pair.mentor, pair.mentee, pair.score) for pair in plan.pairs}


def test_one_person_in_two_roles_is_two_nodes() -> None:
    both = [{"id": "a"}, {"id": "b"}]
    graph = rm.match(rm.Programme(both, both, dual_role=True)).to_networkx()
    assert len(graph) == 4
