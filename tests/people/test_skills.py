"""Skills: cells, tables, shared codes."""

from __future__ import annotations

import pickle
import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from revmatch.errors import InputError, Problems
from revmatch.people.cells import raw_text
from revmatch.people.skills import SkillBuilder, SkillTable, shared_vocabulary, skill_key, skill_table, split_items

NAMES = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=8).filter(lambda name: name.strip())
SKILLS = st.dictionaries(NAMES, st.integers(1, 5), max_size=5).filter(
    lambda skills: len({skill_key(name) for name in skills}) == len(skills)
)


def keyed(skills: dict[str, int]) -> dict[str, int]:
    return {skill_key(name): level for name, level in skills.items()}


@pytest.mark.parametrize(
    ("cell", "skills"),
    [
        ("python:4;cloud:2", {"python": 4, "cloud": 2}),
        (" python : 4 ; cloud ", {"python": 4, "cloud": 5}),
        (";;python:1;", {"python": 1}),
        ("", {}),
        (" ; ", {}),
        (r"a\;b:2;c\:d", {"a;b": 2, "c:d": 5}),
        ("back\\slash:1", {"back\\slash": 1}),
        ("back\\ :1", {"back\\": 1}),
    ],
)
def test_a_cell_reads_as_the_contract_says(cell, skills):
    assert skill_table([cell]).row(0) == skills


def test_spellings_of_one_skill_are_one_skill():
    table = skill_table(["SQL:1", " sql :2", "Straße:3", "STRASSE:4", unicodedata.normalize("NFD", "Zoë"), "ZOË:2"])
    assert len(table.vocabulary) == 3
    assert table.row(0) == {"SQL": 1}
    assert table.row(1) == {"SQL": 2}


@pytest.mark.parametrize("cells", [["sql:1", "SQL:2", "b"], ["b", "SQL:2", "sql:1"]])
def test_codes_and_spelling_do_not_depend_on_the_order_of_rows(cells):
    assert skill_table(cells).vocabulary == ("b", "SQL")


@given(st.lists(SKILLS, max_size=6), st.integers(1, 4))
def test_dicts_become_cells_and_read_back(people, chunk):
    problems = Problems()
    builder = SkillBuilder(problems, lambda k: str(k))
    for start in range(0, len(people), chunk):
        builder.add([raw_text(skills) for skills in people[start : start + chunk]])
    table = builder.finish()
    problems.raise_as(InputError)
    assert [keyed(table.row(k)) for k in range(len(table))] == [keyed(skills) for skills in people]
    for k in range(len(table)):
        assert (np.diff(table.skill[table.indptr[k] : table.indptr[k + 1]]) > 0).all()


@given(st.lists(SKILLS, max_size=4), st.lists(SKILLS, max_size=4))
def test_tables_get_the_same_codes(some, others):
    tables = [skill_table([raw_text(skills) for skills in people]) for people in (some, others)]
    vocabulary, shared = shared_vocabulary(*tables)
    assert sorted(map(skill_key, vocabulary)) == list(map(skill_key, vocabulary))
    for table, people in zip(shared, (some, others), strict=True):
        assert table.vocabulary is vocabulary
        assert [keyed(table.row(k)) for k in range(len(table))] == [keyed(skills) for skills in people]


def test_recoding_keeps_skills_in_order():
    table = skill_table(["a:1;b:2;c:3", "b:5"])
    turned = table.recoded(np.array([2, 1, 0], dtype=np.int32), ("c", "b", "a"))
    assert turned.skill.tolist() == [0, 1, 2, 1]
    assert turned.row(0) == {"c": 3, "b": 2, "a": 1}


def test_taking_people_repeats_and_leaves_out():
    table = skill_table(["a:1", "", "b:2;a:3"])
    taken = table.take(np.array([2, -1, 0, 2]))
    assert [taken.row(k) for k in range(4)] == [{"a": 3, "b": 2}, {}, {"a": 1}, {"a": 3, "b": 2}]
    assert len(SkillTable.empty(3).take(np.array([-1, 2]))) == 2
    assert SkillTable.empty(0).take(np.zeros(0, dtype=np.int64)).indptr.tolist() == [0]


@pytest.mark.parametrize(
    ("cell", "code", "words"),
    [
        ("python:4;PYTHON:2", "RM128", "the same skill stands twice"),
        ("python;python", "RM128", "the same skill stands twice"),
        ("python:0", "RM129", "not a whole number from 1 to 5"),
        ("python:6", "RM129", "not a whole number from 1 to 5"),
        ("python:", "RM129", "not a whole number from 1 to 5"),
        ("python:4.0", "RM129", "not a whole number from 1 to 5"),
        ("python:５", "RM129", "not a whole number from 1 to 5"),
        ("python:True", "RM129", "not a whole number from 1 to 5"),
        ("a:b:3", "RM129", 'more than one ":"'),
        (":3", "RM129", "a level without a skill"),
        ("python:" + "9" * 5000, "RM127", "has 5,000 digits"),
    ],
)
def test_bad_cells_are_refused(cell, code, words):
    with pytest.raises(InputError, match=words) as caught:
        skill_table(["fine:1", cell])
    assert caught.value.code == code
    assert caught.value.problems[0].place == "cell 1"
    assert caught.value.problems[0].hint
    assert "ython" not in str(caught.value).replace("write python:4", "")


def test_all_bad_cells_are_reported_at_once():
    with pytest.raises(InputError) as caught:
        skill_table(["a:9;b:8", "a;a", "ok"])
    assert [problem.code for problem in caught.value.problems] == ["RM129", "RM129", "RM128"]


@given(st.text(st.characters(exclude_categories=("Cs",))))
def test_a_key_is_stable(name):
    assert skill_key(skill_key(name)) == skill_key(name)


@given(st.lists(NAMES.map(str.strip)))
def test_lists_read_back(items):
    assert split_items(raw_text(items)) == items


def test_tables_are_read_only_also_after_pickling():
    table = skill_table(["a:1"])
    for held in (table, pickle.loads(pickle.dumps(table))):
        with pytest.raises(ValueError, match="read-only"):
            held.level[0] = 3
        assert held.row(0) == {"a": 1}
