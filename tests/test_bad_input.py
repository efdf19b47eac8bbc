"""bad-input.md of the design, line by line: each line that touches what exists gets its class, code, place and hint.

Lines for later issues, with the codes they will have:

- slots and dates: RM172 and RM173 local times that do not exist or are ambiguous (moments in `away` say how far their
  clock is ahead, so that there are none; RM170, RM171, RM174 and RM175 are below and in people/test_series.py);
- spreadsheets and archives: the rest of RM191 (zip bombs, XML entities, .xlsm); a path read from inside a file: RM195;
- the impact report: small groups, RM201 (a column that stands in for a protected one).

Elsewhere: cells of people in people/test_bad_input.py, files in io/test_csv.py, options and files of the command line
in test_cli.py, tables of scores in policy/test_table.py, guards of the engines (RM110, RM900, RM901) and their child
process in engines/.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import revmatch as rm
from revmatch import errors
from revmatch.errors import ConfigError, InfeasibleError, InputError, LimitError, PolicyError, RevmatchError, ScaleError

Programme, Policy = rm.Programme, rm.Policy
A, Z = {"id": "a", "name": "Canary"}, {"id": "z", "name": "Canary"}
PAIR = [("a", "z")]
SMALL = Programme.from_scores([[1, 2], [3, 4]])


def read(cells: bytes, tmp: Path) -> Any:
    path = tmp / "p.csv"
    path.write_bytes(cells)
    return rm.read_csv(str(path))


def people(records: Any) -> Any:
    return rm.People.from_records(records)


def refused(make: Any, kind: type[RevmatchError], code: str, place: str) -> None:
    """One problem, of this class and code, at this place; with a hint; and nobody's name in it."""
    with pytest.raises(RevmatchError) as caught:
        make()
    assert type(caught.value) is kind
    (problem,) = caught.value.problems
    assert (problem.code, problem.place) == (code, place)
    assert problem.expected
    assert problem.hint or code == "RM127"
    assert "Canary" not in str(caught.value)


def test_one_base_and_its_children() -> None:
    kinds = ("InputError", "LimitError", "ScaleError", "InfeasibleError", "ConfigError", "EngineError")
    for name in (*kinds, "VerificationError", "PolicyError", "NoPlanError", "MissingExtraError"):
        assert issubclass(getattr(errors, name), errors.RevmatchError)
    assert rm.errors is errors


# --- line by line: what, who refuses it, class, code, place -----------------------------------------------------------

NUMBERS = [
    ("a score that is NaN", lambda: rm.score.Table([[1.0, math.nan]]), InputError, "RM101", "scores[0, 1]"),
    ("a score that is infinite", lambda: rm.score.Table([[-math.inf]]), InputError, "RM101", "scores[0, 0]"),
    ("a cell that is infinite", lambda: people([A | {"b": math.inf}]), InputError, "RM101", "records:1:b"),
    ("JSON 1e999", lambda: Programme.from_json('{"a": 1e999}'), InputError, "RM101", "programme"),
    ("JSON NaN", lambda: Programme.from_json('{"a": NaN}'), InputError, "RM101", "programme"),
    ("JSON Infinity", lambda: rm.Plan.from_json('{"a": -Infinity}', SMALL), InputError, "RM101", "plan"),
    ("a score True", lambda: rm.score.Table([[True, 2]]), InputError, "RM102", "scores"),
    ("a score １２", lambda: rm.score.Table([["１２"]]), InputError, "RM102", "scores"),
    ("a cell 1_000", lambda: weighed("1_000"), InputError, "RM102", "mentors:1:urgency"),
    ("a cell １２", lambda: weighed("１２"), InputError, "RM102", "mentors:1:urgency"),
    ("a cell True", lambda: weighed(True), InputError, "RM102", "mentors:1:urgency"),
    ("a cell 1.5", lambda: weighed(1.5), InputError, "RM102", "mentors:1:urgency"),
    ("a weight 1.5", lambda: 1.5 * rm.score.SkillGap(), PolicyError, "RM180", "score"),
    ("a weight １２", lambda: Policy(score="１２ * SkillGap"), PolicyError, "RM136", "policy.score, position 1"),
    ("a score beyond 2**63", lambda: rm.score.Table([[2**70]]), ScaleError, "RM110", "scores"),
    ("totals beyond 2**53", lambda: rm.match(Programme.from_scores([[2**52] * 2] * 2)), ScaleError, "RM110", "score"),
    ("5,000 digits", lambda: people([A | {"b": "9" * 5000}]), InputError, "RM127", "records:1:b"),
    ("5,000 digits in JSON", lambda: Programme.from_json("9" * 5000), InputError, "RM127", "programme"),
    ("5,000 digits in TOML", lambda: Policy.from_toml("a = " + "9" * 5000), PolicyError, "RM127", "policy"),
    ("JSON 100,000 deep", lambda: Programme.from_json("[" * 10**5), InputError, "RM127", "programme"),
    ("TOML 100,000 deep", lambda: Policy.from_toml("a = " + "[" * 10**5), PolicyError, "RM127", "policy"),
]
IDS = [
    ("twice", lambda: people([A, Z, A]), "RM120", "records:3:id"),
    ("equal but for case", lambda: people([A, {"id": "A"}]), "RM121", "records:2:id"),
    ("equal but for NFC", lambda: people([{"id": "Zo\u00eb"}, {"id": "Zoe\u0308"}]), "RM121", "records:2:id"),
    ("equal but for a joiner", lambda: people([{"id": "x\u200dy"}, {"id": "xy"}]), "RM121", "records:2:id"),
    ("empty", lambda: people([A, {"id": " "}]), "RM122", "records:2:id"),
    ("NUL", lambda: people([{"id": "a\0"}]), "RM122", "records:1:id"),
    ("lone surrogate", lambda: people([{"id": "\ud800"}]), "RM122", "records:1:id"),
    ("bidi control", lambda: people([{"id": "a\u202e"}]), "RM122", "records:1:id"),
    ("257 characters", lambda: people([{"id": "x" * 257}]), "RM122", "records:1:id"),
    ("in a ban, unknown", lambda: Programme([A], [Z], bans=[("a", "q")]), "RM130", "bans[0].mentee"),
    ("in a ban, nearly", lambda: Programme([A], [Z], bans=[("A", "z")]), "RM130", "bans[0].mentor"),
    ("in a ban, turned round", lambda: Programme([A], [Z], bans=[("z", "z")]), "RM130", "bans[0].mentor"),
    ("in a pin, unknown", lambda: Programme([A], [Z], pins=[("a ", "z")]), "RM130", "pins[0].mentor"),
    ("in history, unknown", lambda: Programme([A], [Z], history=[("q", "z")]), "RM130", "history[0].mentor"),
    ("avoided, unknown", lambda: Programme([A | {"avoid": "q"}], [Z]), "RM130", "mentors:1:avoid"),
    ("on both sides", lambda: Programme([A], [A]), "RM133", "mentors:1 and mentees:1"),
    ("shared by two", lambda: Programme([A], [A | {"name": "B"}]), "RM133", "mentors:1 and mentees:1"),
    ("pinned with oneself", lambda: Programme([A], [A], dual_role=True, pins=[("a", "a")]), "RM162", "pins[0]"),
    ("pinned and banned", lambda: Programme([A], [Z], pins=PAIR, bans=PAIR), "RM161", "pins[0] and bans[0]"),
    ("pinned, no place", lambda: Programme([A | {"capacity": 0}], [Z], pins=PAIR), "RM163", "mentors:1:capacity"),
    ("one's own manager", lambda: people([A | {"manager": "a"}]), "RM140", "records:1:manager"),
    ("a manager in no file", lambda: lined([A | {"manager": "q"}], [Z | {"manager": ""}]), "RM141", "manager"),
    ("capacity -1", lambda: people([A | {"capacity": -1}]), "RM150", "records:1:capacity"),
    ("capacity 1.5", lambda: people([A | {"capacity": 1.5}]), "RM150", "records:1:capacity"),
    ("capacity two", lambda: people([A | {"capacity": "two"}]), "RM150", "records:1:capacity"),
    ("capacity 10**7", lambda: Programme.from_scores([[1]], mentor_capacity=10**7), "RM150", "mentor_capacity"),
    ("min_load above capacity", lambda: Programme.from_scores([[1]], mentee_min_load=2), "RM151", "mentees:1:min_load"),
    ("unknown zone", lambda: people([A | {"time_zone": "Mars/X"}]), "RM171", "records:1:time_zone"),
    ("a zone that is a path", lambda: people([A | {"time_zone": "../x"}]), "RM171", "records:1:time_zone"),
    ("a slot that ends first", lambda: people([A | {"available": "Mon 9-9"}]), "RM174", "records:1:available"),
    ("a slot from 24:00", lambda: people([A | {"available": "Mon 24:00-25"}]), "RM175", "records:1:available"),
]  # fmt: skip
FILES = [
    ("column twice", b"id,a,A\n1,2,3\n", "RM123", "1"),
    ("short row", b"id,a\n1\n", "RM124", "2"),
    ("long row", b"id,a\n1,2,3\n", "RM124", "2"),
    ("not UTF-8", b"id\n\xe4\n", "RM125", ""),
    ("long field", b"id,a\n1," + b"x" * 131_073 + b"\n", "RM126", "2"),
]
OPTIONS = [
    ({"time_limit": -1}, "RM180", "match(time_limit=)"),
    ({"time_limit": math.nan}, "RM180", "match(time_limit=)"),
    ({"time_limit": math.inf}, "RM180", "match(time_limit=)"),
    ({"time_limit": "60"}, "RM180", "match(time_limit=)"),
    ({"time_limit": True}, "RM180", "match(time_limit=)"),
    ({"gap": -0.1}, "RM180", "match(gap=)"),
    ({"gap": math.nan}, "RM180", "match(gap=)"),
    ({"gap": 2}, "RM180", "match(gap=)"),
    ({"gap": "1 %"}, "RM180", "match(gap=)"),
    ({"seed": 1.5}, "RM180", "match(seed=)"),
    ({"seed": "0"}, "RM180", "match(seed=)"),
    ({"seed": True}, "RM180", "match(seed=)"),
    ({"seed": 10**100}, "RM180", "match(seed=)"),
    ({"workers": 0}, "RM181", "match(workers=)"),
    ({"workers": -1}, "RM181", "match(workers=)"),
    ({"workers": 10**6}, "RM181", "match(workers=)"),
    ({"workers": 1.0}, "RM181", "match(workers=)"),
    ({"verify": "none"}, "RM182", "match(verify=)"),
    ({"verify": True}, "RM182", "match(verify=)"),
]


def weighed(urgency: Any) -> Programme:
    return Programme([A | {"urgency": urgency}], [Z], Policy(score="Priority(urgency, mentor)"))


def lined(mentors: Any, mentees: Any) -> Programme:
    return Programme(mentors, mentees, Policy(["OutsideReportingLine"]))


@pytest.mark.parametrize(
    ("make", "kind", "code", "place"), [row[1:] for row in NUMBERS], ids=[row[0] for row in NUMBERS]
)
def test_numbers(make: Any, kind: type[RevmatchError], code: str, place: str) -> None:
    refused(make, kind, code, place)


@pytest.mark.parametrize(("make", "code", "place"), [row[1:] for row in IDS], ids=[row[0] for row in IDS])
def test_people_and_pairs(make: Any, code: str, place: str) -> None:
    refused(make, InputError, code, place)


@pytest.mark.parametrize(("cells", "code", "place"), [row[1:] for row in FILES], ids=[row[0] for row in FILES])
def test_files(cells: bytes, code: str, place: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read(cells, tmp_path)
    assert [problem.code for problem in caught.value.problems] == [code]
    assert caught.value.problems[0].place.startswith(str(tmp_path / "p.csv"))
    assert caught.value.problems[0].place.removeprefix(str(tmp_path / "p.csv")).startswith(f":{place}" if place else "")


@pytest.mark.parametrize(("options", "code", "place"), OPTIONS, ids=str)
def test_options_of_match(options: dict[str, Any], code: str, place: str) -> None:
    refused(lambda: rm.match(SMALL, **options), ConfigError, code, place)


def test_options_at_the_edge_are_legal() -> None:
    for options in (
        {"time_limit": 0},
        {"time_limit": 0.0},
        {"gap": 0},
        {"gap": 1},
        {"seed": -(10**60)},
        {"workers": 1024},
    ):
        assert rm.match(SMALL, **options).found
    assert rm.match(SMALL, seed=np.int64(5), workers=np.int32(2)).seed == 5


def test_all_wrong_options_are_told_at_once_and_unknown_ones_by_python() -> None:
    with pytest.raises(ConfigError) as caught:
        rm.match("programme", time_limit=-1, gap=7, seed="x", workers=0, verify="no")
    assert [p.code for p in caught.value.problems] == ["RM182", "RM180", "RM180", "RM180", "RM181", "RM182"]
    with pytest.raises(TypeError, match="engine"):
        rm.match(SMALL, engine="gurobi")
    with pytest.raises(ConfigError, match=r"RM18\d pairs"):
        rm.verify(rm.match(SMALL), pairs="some")


# --- lines that are no error ------------------------------------------------------------------------------------------


def test_a_byte_order_mark_is_accepted(tmp_path: Path) -> None:
    assert read(b"\xef\xbb\xbfid,a\n1,2\n", tmp_path).columns == ("id", "a")


@pytest.mark.parametrize("name", ["👩‍👩‍👧", "می‌خواهم", "אבג", "日本", "=1+1", "<b>", "a;b"])
def test_any_other_unicode_id_is_kept_byte_for_byte(name: str) -> None:
    plan = rm.match(Programme([{"id": name}], [Z]))
    assert plan.pairs[0].mentor == name
    assert json.loads(plan.to_json())["pairs"][0][0] == name


def test_what_is_not_stated_forbids_the_pair_and_the_column_missing_is_an_error() -> None:
    policy = Policy(["DifferentDepartment"])
    mentors = [A | {"department": ""}, {"id": "b", "department": "IT"}]
    plan = rm.match(Programme(mentors, [Z | {"department": "HR", "capacity": 2}], policy))
    assert [pair.mentor for pair in plan.pairs] == ["b"]
    refused(
        lambda: Programme([A], [Z | {"department": "HR"}], policy), PolicyError, "RM134", "DifferentDepartment, mentors"
    )


def test_an_unknown_label_names_the_nearest_known_one() -> None:
    policy = Policy(["GradeGap"], order={"grade": ["Junior", "Senior"]})
    with pytest.raises(InputError, match=r'RM131 mentors:1:grade: .* \(did you mean "Junior"\?\)'):
        Programme([A | {"grade": "junior"}], [Z | {"grade": "Senior"}], policy)


def test_in_two_roles_nobody_meets_themselves_nor_the_same_person_twice() -> None:
    both = [{"id": name, "capacity": 3} for name in "abc"]
    plan = rm.match(Programme(both, both, dual_role=True))
    assert len({frozenset((pair.mentor, pair.mentee)) for pair in plan.pairs}) == len(plan.pairs) == 3


def test_a_cycle_of_managers_is_named_by_its_rows() -> None:
    lines = {"a": "b", "b": "c", "c": "a"}
    with pytest.raises(InputError) as caught:
        people([{"id": k, "manager": v} for k, v in lines.items()])
    assert [problem.code for problem in caught.value.problems] == ["RM140"]
    assert all(f"records:{row}:manager" in str(caught.value) for row in (1, 2, 3))


def test_reporting_lines_deeper_than_64() -> None:
    with pytest.raises(InputError, match="RM140"):
        people([{"id": k, "manager": k - 1 if k else ""} for k in range(70)])


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0)])
def test_empty_sides_are_an_empty_plan(shape: tuple[int, int]) -> None:
    plan = rm.match(Programme.from_scores(np.zeros(shape, dtype=int)))
    assert (str(plan.status), plan.pairs, plan.objective, plan.bound, plan.gap) == ("OPTIMAL", (), 0, 0, 0.0)


def test_no_pair_that_may_exist_and_no_places() -> None:
    for programme in (
        Programme.from_scores([[1]], forbidden=[[True]]),
        Programme.from_scores([[1]], mentor_capacity=0, mentee_capacity=0),
        Programme([A], [Z], bans=[("a", "z")]),
    ):
        plan = rm.match(programme)
        assert (str(plan.status), plan.pairs, plan.objective) == ("OPTIMAL", (), 0)


def test_nobody_there_who_must_have_a_partner_is_no_demand() -> None:
    policy = Policy(limits=["EveryoneMatched(mentor)", "EveryoneMatched(mentee)"])
    off = {"mentor_capacity": 0, "mentee_capacity": 0}
    assert rm.match(Programme.from_scores([[1]], policy=policy, **off)).pairs == ()


def test_a_demand_that_cannot_be_met_is_a_status_and_raises_only_when_asked() -> None:
    plan = rm.match(Programme.from_scores([[1], [1]], policy=Policy(limits=["EveryoneMatched(mentor)"])))
    assert plan.status == "INFEASIBLE"
    with pytest.raises(InfeasibleError, match="RM160"):
        plan.to_frame()


def test_all_scores_equal_is_decided_by_lot_and_told() -> None:
    for value in (0, 7, -3):
        plan = rm.match(Programme.from_scores(np.full((4, 3), value)))
        assert plan.ties is True
        assert plan.objective == 3 * value


def test_too_many_pairs_are_refused_with_an_estimate(monkeypatch: pytest.MonkeyPatch) -> None:
    from revmatch.graph import tiles

    monkeypatch.setattr(tiles, "MOST_BYTES", 100)
    with pytest.raises(LimitError, match=r"RM190 programme: 10,000 pairs of 200 people would need about \d+ MB"):
        rm.match(Programme.from_scores(np.zeros((100, 100), dtype=int)))


def test_protected_attributes_are_declared_or_refused_and_never_shown() -> None:
    for policy in ({"score": "Different(gender)"}, {"rules": ["Same(Religion)"]}, {"score": "Priority(AGE, mentee)"}):
        with pytest.raises(PolicyError, match=r"RM200 .* is a protected attribute \(declare it"):
            Policy(**policy)
    assert Policy(score="Different(gender)", sensitive={"Gender": "agreed with the works council"})
    refused(lambda: Policy(show=["gender"]), PolicyError, "RM200", "policy.show")


@pytest.mark.parametrize(
    "content", [b"\x80\x04\x95", b"\x93NUMPY\x01\x00", b"!!python/object:os.system", b"PK\x03\x04"]
)
def test_pickles_arrays_yaml_and_archives_are_not_read(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(InputError):
        read(content, tmp_path)
    for make in (lambda: Programme.from_json(content), lambda: rm.Plan.from_json(content, SMALL)):
        with pytest.raises(InputError, match="RM211"):
            make()
