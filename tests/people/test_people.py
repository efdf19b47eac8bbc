"""People: columns, selection, lending, digests."""

from __future__ import annotations

import copy
import hashlib
import pickle
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import revmatch.people.text
from revmatch.errors import InputError
from revmatch.people.content import Content
from revmatch.people.people import People, Source

RECORDS = [
    {"id": "c", "name": "canary", "grade": 3, "hired": 2010, "team": "x", "offers": "sql:4", "manager": "", "rank": 2},
    {"id": "a", "name": "canary", "grade": 8, "hired": None, "team": "y", "wants": ["sql"], "manager": "c", "rank": 9},
    {"id": "b", "name": "canary", "grade": 5, "hired": 2001, "team": None, "capacity": 3, "manager": "c", "rank": " "},
]


@pytest.fixture
def people() -> People:
    return People.from_records(RECORDS)


def test_columns_have_the_types_of_the_contract(people):
    assert people["grade"].dtype == np.int64
    assert people["grade"].tolist() == [3, 8, 5]
    assert people["hired"].dtype == np.float64
    np.testing.assert_array_equal(people["hired"], [2010, np.nan, 2001])
    assert people["team"].tolist() == ["x", "y", ""]
    assert people["id"].tolist() == ["c", "a", "b"]
    assert people.missing("team").tolist() == [False, False, True]
    assert people.missing("rank").tolist() == [False, False, True]
    assert people[people["hired"] >= 2005].ids.tolist() == ["c"]
    assert people[people["hired"] < 2005].ids.tolist() == ["b"]
    assert people[:2]["hired"].dtype == np.float64
    assert people[[0, 2]]["hired"].dtype == np.int64


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["1", "-2", "0"], np.int64),
        (["1", "", "3"], np.float64),
        (["1", "2.0"], object),
        (["01", "2"], object),
        (["1", "２"], object),
        (["1", "2_0"], object),
        (["1" * 18], np.int64),
        (["1" * 19], object),
        ([str(2**53 + 1), ""], object),
        (["", ""], object),
        ([" ", "7"], np.float64),
        (["-0", "1"], np.int64),
    ],
)
def test_a_column_is_numbers_only_where_every_filled_cell_is_a_plain_whole_number(cells, kind):
    people = People.from_columns({"id": list(range(len(cells))), "x": cells})
    assert people["x"].dtype == kind


def test_many_different_numbers_are_numbers_too():
    values = list(range(5000))
    people = People.from_columns({"id": values, "x": values, "y": [*values[1:], None], "z": ["q", *values[1:]]})
    assert people["x"].tolist() == values
    assert np.isnan(people["y"][-1])
    assert people["z"].dtype == object
    assert people["id"].dtype == object


def test_numbers_names_the_rows_that_hold_something_else():
    people = People.from_records([{"id": k, "x": x} for k, x in enumerate(["1", "", "two", "1.5", "9" * 19])])
    with pytest.raises(InputError) as caught:
        people.numbers("x")
    assert [(p.code, p.place) for p in caught.value.problems] == [
        ("RM102", "records:3:x"),
        ("RM102", "records:4:x"),
        ("RM127", "records:5:x"),
    ]
    values, stated = people[:2].numbers("x")  # only of those who are asked for
    assert (values.tolist(), stated.tolist()) == ([1, 0], [True, False])


def test_headings_match_without_case_and_outer_spaces():
    people = People.from_records([{" ID ": "a", "Grade": 3, " Cost Centre ": "x", "OFFERS": "sql"}])
    assert people.columns == ("id", "grade", "Cost Centre", "offers")
    assert people["cost centre"].tolist() == ["x"]
    assert people["ID"].tolist() == ["a"]
    assert "COST CENTRE" in people
    assert "cost" not in people
    assert 3 not in people
    with pytest.raises(InputError, match=r'RM135 records: there is no column "grad" \(did you mean "grade"\?\)'):
        people["grad"]


def test_cells_are_given_as_they_were(people):
    assert people.cell(0, "offers") == "sql:4"
    assert people.cell(1, "wants") == "sql"
    assert people.cell(2, "rank") == ""
    assert people.cell(2, "nothing") == ""
    assert people[[2]].cell(0, "capacity") == "3"


def test_capacity_and_min_load_have_defaults(people):
    assert people.capacity.tolist() == [1, 1, 3]
    assert people.min_load.tolist() == [0, 0, 0]
    assert people[[2]].capacity.tolist() == [3]
    bare = People.from_records([{"id": "a"}])
    assert (bare.capacity.tolist(), bare.min_load.tolist()) == ([1], [0])
    assert len(bare.offers) == 1
    assert bare.wants.row(0) == {}


def test_nobody_is_fine():
    for people in (People.from_records([]), People.from_columns({"id": []})):
        assert len(people) == 0
        assert people.ids.tolist() == []
        assert len(people.digest()) == 64
        assert people.where("id == 'x'").ids.tolist() == []
        assert people.id_order().tolist() == []
        assert people.index(["x"]).tolist() == [-1]


# -- selection --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "ids"),
    [
        (np.array([True, False, True]), ["c", "b"]),
        ([True, False, True], ["c", "b"]),
        (np.array([2, 0]), ["b", "c"]),
        ([-1], ["b"]),
        ([], []),
        (slice(None, None, -1), ["b", "a", "c"]),
        (slice(1, 100), ["a", "b"]),
        (np.array([1], dtype=np.uint8), ["a"]),
    ],
)
def test_masks_indices_and_slices_select(people, key, ids):
    found = people[key]
    assert found.ids.tolist() == ids
    assert found["grade"].tolist() == [people["grade"].tolist()[people.ids.tolist().index(i)] for i in ids]
    assert found.roster is people
    assert found.org is people.org
    assert found.rows.tolist() == [["c", "a", "b"].index(i) + 1 for i in ids]
    assert found.offers.row(ids.index("c")) == {"sql": 4} if "c" in ids else True


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (np.array([True, False]), "the mask has 2 entries for 3 people"),
        ([3], "no such person among 3"),
        ([-4], "no such person among 3"),
        (np.array([[True, False, True]]), "expected a heading"),
        ([1.0], "expected a heading"),
        (1, "expected a heading"),
        (None, "expected a heading"),
        (["a"], "expected a heading"),
    ],
)
def test_other_keys_are_refused(people, key, words):
    with pytest.raises(InputError, match=words) as caught:
        people[key]
    assert caught.value.code == "RM143"


def test_a_selection_of_a_selection_is_one_of_the_roster(people):
    some = people[1:]
    found = some[[1]]
    assert found.roster is people
    assert found.roster_rows.tolist() == [2]
    assert found.rows.tolist() == [3]
    assert found.place(0, "team") == "records:3:team"
    assert some.index(["c", "b", "a", "?"]).tolist() == [-1, 1, 0, -1]
    assert some.id_order().tolist() == [0, 1]
    assert people.id_order().tolist() == [1, 2, 0]
    assert some.digest() == people.digest()
    assert some.same_roster(found)


def test_everybody_selected_is_the_same_people(people):
    assert people[:] is people
    assert people[[True] * 3] is people
    assert people[::-1] is not people


def test_the_source_says_how_people_were_selected(people):
    assert people.source == Source(None, None)
    found = people.where("grade < 7")
    assert found.source.selection == "grade < 7"
    assert found.where("rank == 2").source.selection == "(grade < 7) and (rank == 2)"
    assert found[[0]].source.selection is None
    assert people[[0]].where("grade < 7").source.selection is None  # words do not retell the indices


# -- immutable --------------------------------------------------------------------------------------------------------


def test_people_cannot_be_changed(people):
    for name in ("source", "_content", "anything"):
        with pytest.raises(AttributeError, match="immutable"):
            setattr(people, name, 1)
    with pytest.raises(AttributeError, match="immutable"):
        del people.source
    with pytest.raises(TypeError):
        People({"id": []})
    with pytest.raises(TypeError, match="columns, not rows"):
        list(people)
    some = people[:2]
    for array in (
        people["grade"], people["hired"], people["team"], people.ids, people.capacity, people.min_load, people.rows,
        people.missing("team"), people.codes("team")[0], people.numbers("grade")[0], people.roster_rows,
        some["grade"], some.ids, some.capacity, some.rows, some.codes("team")[0], some.roster_rows, some.missing("id"),
        people.id_order(), people.offers.level, some.offers.level,
    ):  # fmt: skip
        assert not array.flags.writeable


def test_the_callers_arrays_stay_writable(people):
    indices, mask = np.array([0, 1]), np.array([True, False, True])
    people[indices], people[mask], people.take(indices)
    indices[0] = 1
    mask[0] = False


def test_pickles_are_equal_and_share_one_roster(people):
    people.index(["a"])
    some, others = pickle.loads(pickle.dumps((people[:2], people.where("grade > 4"))))
    assert some == people[:2]
    assert others.source.selection == "grade > 4"
    assert some.roster is others.roster
    assert some.index(["a", "b"]).tolist() == [1, -1]
    assert some.digest() == people.digest()
    assert copy.deepcopy(people) == people


def test_equality_is_by_content(people):
    again = People.from_records(RECORDS, place="elsewhere")
    assert again == people
    assert hash(again) == hash(people)
    assert people[:2] == again[:2]
    assert people[[0, 1]] != people[[1, 0]]
    assert people != People.from_records([{**record, "grade": 1} for record in RECORDS])
    assert people != People.from_records([{**record, "more": 1} for record in RECORDS])
    assert people != "people"


def test_to_columns_gives_the_same_people(people):
    assert People.from_columns(people.to_columns()) == people
    assert People.from_columns(people[1:].to_columns()) == people[1:]


def test_what_is_shown_holds_no_cell(people):
    columns = "id, name, grade, hired, team, offers, manager, rank, wants, capacity"
    assert repr(people) == f"People(3 people; {columns})"
    assert repr(people[:1]) == f"People(1 person of 3; {columns})"
    shown = People.from_records([{"id": "canary", "<b>": "canary"}])._repr_html_()
    assert "&lt;b&gt;" in shown
    assert "1 person" in shown
    assert "canary" not in shown


# -- digest -----------------------------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.text("ab ;,é\n", max_size=4), st.text("xy1", max_size=2)), max_size=8), st.randoms())
def test_the_digest_does_not_depend_on_the_order_of_rows_and_columns(cells, lot):
    records = [{"id": f"p{k}", "title": title, "team": team} for k, (title, team) in enumerate(cells)] or [{"id": "p"}]
    first = People.from_records(records)
    lot.shuffle(records)
    shuffled = [dict(lot.sample(list(record.items()), len(record))) for record in records]
    assert People.from_records(shuffled).digest() == first.digest()
    changed = [
        {**record, "title": record.get("title", "") + "!"} if k == 0 else record for k, record in enumerate(records)
    ]
    assert People.from_records(changed).digest() != first.digest()


def test_the_digest_depends_on_every_part(monkeypatch):
    base = [{"id": "a", "x": "1", "y": "23"}, {"id": "b", "x": "", "y": ""}]
    digests = {
        People.from_records(records).digest()
        for records in (
            base,
            [{"id": "a", "x": "12", "y": "3"}, base[1]],
            [{"id": "a", "x": "", "y": ""}, {"id": "b", "x": "1", "y": "23"}],
            [{"id": "c", "x": "1", "y": "23"}, base[1]],
            [{"id": "a", "x": "1", "z": "23"}, {"id": "b", "x": "", "z": ""}],
            base[:1],
        )
    }
    assert len(digests) == 6


def test_the_digest_does_not_depend_on_how_columns_are_held(monkeypatch):
    lot = random.Random(5)
    records = [{"id": f"é{k}", "x": f"t{lot.randrange(40)}", "y": f"ü{k}" if k % 3 else ""} for k in range(2000)]
    coded = People.from_records(records).digest()
    monkeypatch.setattr(revmatch.people.text, "_FEW_TEXTS", 1)
    monkeypatch.setattr(revmatch.people.text, "_CELLS_PER_TEXT", 1000)
    assert People.from_records(records).digest() == coded


def test_the_digest_is_what_its_definition_says():
    def number(value: int) -> bytes:
        return value.to_bytes(8, "little")

    people = People.from_records([{"id": "b", "Team": "é"}, {"id": "a", "Team": None}])
    total = hashlib.sha256(b"revmatch people 1\n" + number(2))
    for heading, cells in (("Team", ["", "é"]), ("id", ["a", "b"])):
        encoded = [cell.encode() for cell in cells]
        total.update(number(len(heading)) + heading.encode())
        total.update(hashlib.sha256(b"".join(number(len(cell)) for cell in encoded)).digest())
        total.update(hashlib.sha256(b"".join(encoded)).digest())
    assert people.digest() == total.hexdigest()


@pytest.mark.parametrize("longest", [5, 40, 200])
@pytest.mark.parametrize("letters", ["abcXYZ019", "aé日👩"])
def test_ids_are_ordered_by_code_points(longest, letters):
    lot = random.Random(longest)
    names = list({"".join(lot.choices(letters, k=lot.randrange(1, longest))) for _ in range(50)})
    names = list({name.casefold(): name for name in names}.values())
    people = People.from_records([{"id": name} for name in names])
    assert people.ids[people.id_order()].tolist() == sorted(names)
    some = people[::3]
    assert some.ids[some.id_order()].tolist() == sorted(some.ids)
    assert people.index(names[::-1]).tolist() == list(range(len(names)))[::-1]
    assert people.id_bytes().tolist() == [name.encode() for name in names]
    assert some.id_bytes().tolist() == [name.encode() for name in some.ids]


@given(st.lists(st.integers(0, 9), unique=True), st.lists(st.integers(0, 9), unique=True), st.booleans())
def test_others_are_found_by_id_whether_they_come_from_one_roster_or_two(mine, others, one_roster):
    roster = People.from_columns({"id": [f"p{k}" for k in range(10)]})
    second = roster if one_roster else People.from_columns({"id": [f"p{k}" for k in range(10)]})
    expected = [mine.index(k) if k in mine else -1 for k in others]
    assert roster[mine].index_of(second[others]).tolist() == expected
    assert roster.index_of(second[others]).tolist() == others
    assert roster.index_of(roster).tolist() == list(range(10))


# -- lending ----------------------------------------------------------------------------------------------------------


def test_columns_that_are_lacking_are_lent_by_id():
    sides = People.from_records([{"id": "b", "grade": 1}, {"id": "x", "grade": 2}, {"id": "a", "grade": 3}])
    organisation = People.from_records(
        [
            {"id": "a", "grade": 9, "team": "t", "offers": "sql:2", "wants": "go", "capacity": 4, "min_load": 2},
            {"id": "b", "grade": 9, "team": "", "offers": "", "wants": "", "capacity": 2, "min_load": None},
        ]
    )
    lent = sides.with_lent_columns(organisation)
    assert lent.columns == ("id", "grade", "team", "offers", "wants", "capacity", "min_load")
    assert lent.lent == {"team", "offers", "wants", "capacity", "min_load"}
    assert lent["grade"].tolist() == [1, 2, 3]
    assert lent["team"].tolist() == ["", "", "t"]
    assert lent.capacity.tolist() == [2, 1, 4]
    assert lent.min_load.tolist() == [0, 0, 2]
    assert [lent.offers.row(k) for k in range(3)] == [{}, {}, {"sql": 2}]
    assert [lent.wants.row(k) for k in range(3)] == [{}, {}, {"go": 5}]
    assert lent.digest() == sides.digest()
    assert list(lent.to_columns()) == ["id", "grade"]
    assert sides.columns == ("id", "grade")
    assert sides.with_lent_columns(sides) is sides
    some, others = sides[:1].with_lent_columns(organisation), sides.where("grade > 1").with_lent_columns(organisation)
    assert some.roster is others.roster
    assert others["team"].tolist() == ["", "t"]
    assert others.source.selection == "grade > 1"
    assert pickle.loads(pickle.dumps(others)) == others


def test_a_selection_lends_only_its_own_people():
    organisation = People.from_records([{"id": "a", "team": "s"}, {"id": "b", "team": "t"}])
    sides = People.from_records([{"id": "a"}, {"id": "b"}])
    assert sides.with_lent_columns(organisation[1:])["team"].tolist() == ["", "t"]
    assert sides.with_lent_columns(organisation)["team"].tolist() == ["s", "t"]


# -- lists and codes --------------------------------------------------------------------------------------------------


def test_listed_ids_are_in_the_order_of_the_lists():
    people = People.from_records(
        [{"id": "a", "avoid": ["c", 2.0]}, {"id": "b"}, {"id": "c", "avoid": r"x\;y; a;;"}, {"id": "2"}]
    )
    assert people.listed_ids("avoid") == [("a", "c"), ("a", "2"), ("c", "x;y"), ("c", "a")]
    assert people[1:].listed_ids("avoid") == [("c", "x;y"), ("c", "a")]


def test_codes_of_two_selections_can_be_compared(people):
    codes, words = people[:2].codes("team")
    others, same_words = people[1:].codes("team")
    assert words is same_words
    assert words[codes[1]] == "y"
    assert others.tolist() == [codes[1], -1]


def test_bytes_held_are_counted(people):
    assert people.nbytes > 100
    assert isinstance(people._content, Content)


def test_hours_and_zones_may_be_many_different_texts(refused):
    records = [{"id": k, "available": f"Mon {k // 60:02}:{k % 60:02}-24:00"} for k in range(600)]
    assert len(People.from_records(records)) == 600
    problems = refused(*records, {"id": "x", "available": "Mon 9-12; Lun 9-12"}, {"id": "y", "available": "Mon 12-9"})
    assert [(problem.code, problem.place) for problem in problems] == [
        ("RM175", "records:601:available"),
        ("RM174", "records:602:available"),
    ]
    zones = refused(*({"id": k, "time_zone": f"Mars/{k}"} for k in range(600)))
    assert {problem.code for problem in zones} == {"RM171"}
    assert len(zones) == 100
