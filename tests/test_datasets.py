"""Made-up organisations: the same people for the same seed everywhere, and as plausible as promised."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter

import numpy as np
import pytest

import revmatch as rm
from revmatch import datasets
from revmatch.datasets import _Lot

#: Content of the demo organisation. A new value here is a new demo for everybody: say so in the changelog.
DEMO_DIGEST = "d79258df8d1cc43e16cf4832f8c2c769f76aa0caec7de34abbaffed60717895a"
#: Content of larger ones, in which every column has been drawn in several ways.
LARGER_DIGESTS = {
    "everybody": "8336e101cf242bb50bd13b373c01cf6e083883bab83ae301fffc1611f6f427c3",
    "many skills": "9087db4908d67ee07ac62af89110b75d2ef3ebdcecf10eefe19016e951067f87",
}


@pytest.fixture(scope="module")
def demo():
    return datasets.demo()


@pytest.fixture(scope="module")
def everybody(demo):
    return demo.organisation


def test_the_demo_is_the_same_everywhere(everybody):
    assert everybody.digest() == DEMO_DIGEST
    assert datasets.organisation(datasets.DEMO_PEOPLE, seed=datasets.DEMO_SEED) == everybody


def test_larger_organisations_are_the_same_everywhere():
    assert datasets.organisation(5000, seed=3).digest() == LARGER_DIGESTS["everybody"]
    many = datasets.programme(4000, 700, seed=11, others=300, skills=60, departments=20)
    assert many.organisation.digest() == LARGER_DIGESTS["many skills"]


@pytest.mark.parametrize("hash_seed", ["0", "1"])
def test_the_hash_seed_does_not_matter(hash_seed):
    size, seed = datasets.DEMO_PEOPLE, datasets.DEMO_SEED
    code = f"import revmatch as rm; print(rm.datasets.organisation({size}, seed={seed}).digest())"
    path = os.pathsep.join(filter(None, sys.path))
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": path}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == DEMO_DIGEST


def test_numbers_are_drawn_as_ever():
    assert _Lot(0).below(1000, 6).tolist() == [636, 269, 40, 16, 813, 912]
    assert _Lot(0).order(6).tolist() == [3, 2, 1, 0, 4, 5]
    assert _Lot(0).weighted((1, 0, 3), 8).tolist() == [2, 2, 0, 0, 2, 2, 2, 2]
    person, number = _Lot(0).some(5, 1, 3, 4)
    assert list(zip(person.tolist(), number.tolist(), strict=True)) == [(0, 1), (0, 4), (1, 2), (2, 1), (3, 1)]


def test_draws_are_even_and_within_bounds():
    drawn = np.bincount(_Lot(5).below(7, 70_000), minlength=7)
    assert len(drawn) == 7
    assert (np.abs(drawn - 10_000) < 500).all()
    person, number = _Lot(5).some(9, 2, 4, 10_000)
    assert set(np.bincount(person)) == {2, 3, 4}
    assert len(set(zip(person.tolist(), number.tolist(), strict=True))) == len(person)
    assert set(number.tolist()) == set(range(9))
    assert set(_Lot(5).weighted((2, 0, 1), 1000).tolist()) == {0, 2}


def test_another_seed_is_another_organisation(everybody):
    assert datasets.organisation(260, seed=5).digest() != everybody.digest()


def test_the_demo_has_who_was_promised(demo, everybody):
    assert (len(demo.mentors), len(demo.mentees), len(everybody)) == (120, 60, 260)
    start = rm.Policy.reverse_mentoring()
    assert demo.policy.replace(limits=()) == start.replace(
        rules=[one for one in start.rules if one.name != "CommonHours"]
    )
    assert [str(limit) for limit in demo.policy.limits] == ['Meetings("2026-03-02")']
    assert demo.mentors.source.selection == "grade <= 3"
    assert demo.mentees.source.selection == "grade >= 7"
    assert set(everybody["grade"].tolist()) == set(range(1, 10))
    assert len(set(everybody["name"].tolist())) == 260
    assert len(set(everybody["time_zone"].tolist())) >= 3
    assert len(set(everybody["department"].tolist())) == 9
    assert 3 <= Counter(demo.mentees.capacity.tolist())[2] <= 15
    assert (demo.mentors.capacity == 1).all()
    assert not demo.mentors.missing("offers").any()
    assert not demo.mentees.missing("wants").any()
    assert 1 <= everybody.missing("available").sum() <= 10


def test_lines_are_whole(everybody):
    lines = everybody.org
    grade, department = everybody["grade"], everybody["department"]
    boss = lines.manager
    assert everybody["grade"][lines.head] == 9
    assert (boss >= 0).sum() == 259
    assert lines.unknown == 0
    assert lines.depth.max() >= 4
    below = np.flatnonzero(boss >= 0)
    assert (grade[boss[below]] > grade[below]).all()
    own = boss[below] != lines.head
    assert (department[boss[below]] == department[below])[own].all()
    assert len(lines.dotted)
    dotted = np.repeat(np.arange(260), np.diff(lines.dotted_indptr))
    assert (department[dotted] != department[lines.dotted]).all()


def eligible(programme):
    """Mask of the pairs that all rules allow, and for each rule the mask of its own."""
    sides = programme.sides()
    i, j = np.arange(len(programme.mentors))[:, None], np.arange(len(programme.mentees))[None, :]
    no_score = np.zeros((len(i), j.shape[1]), dtype=np.int64)
    masks = {
        rule.name: np.broadcast_to(rule.mask(sides)(i, j, no_score), no_score.shape)
        for rule in programme.policy.all_rules()
    }
    return np.logical_and.reduce(list(masks.values())), masks


def test_nearly_all_leaders_can_have_a_mentor_and_it_can_be_said_why_not(demo):
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_bipartite_matching

    allowed, masks = eligible(demo)
    matched = (maximum_bipartite_matching(csr_array(allowed.astype(np.int8)), perm_type="row") >= 0).sum()
    assert matched == 57
    alone = np.flatnonzero(~allowed.any(axis=0))
    assert len(alone) == 3
    # Two have stated no hours. One, in Singapore, has an hour with three juniors, all of their own department.
    blank = demo.mentees.missing("available")[alone]
    assert blank.sum() == 2
    (singapore,) = alone[~blank]
    in_time = masks["Meetings"][:, singapore]
    assert in_time.sum() == 3
    assert not masks["DifferentDepartment"][in_time, singapore].any()
    assert (~allowed.any(axis=1)).sum() == 4
    for name, mask in masks.items():
        others = np.logical_and.reduce([other for key, other in masks.items() if key != name])
        if name != "GradeGap":  # the two sides are chosen by grade
            assert (others & ~mask).sum() > 0, name


@pytest.mark.parametrize(
    ("mentors", "mentees", "others"), [(0, 0, 0), (0, 3, 0), (3, 0, 0), (1, 1, 0), (5, 2, 3), (40, 7, None)]
)
def test_any_size(mentors, mentees, others):
    programme = datasets.programme(mentors, mentees, others=others, seed=2)
    assert (len(programme.mentors), len(programme.mentees)) == (mentors, mentees)
    assert len(programme.organisation) == mentors + mentees + (mentors // 6 if others is None else others)
    again = datasets.programme(mentors, mentees, others=others, seed=2)
    assert again.organisation.digest() == programme.organisation.digest()


@pytest.mark.parametrize("size", [1, 2, 3, 13, 100])
def test_organisations_have_one_head(size):
    people = datasets.organisation(size, seed=size)
    assert len(people) == size
    assert (people["manager"] == "").sum() == 1


def wanted(programme):
    table = programme.mentees.wants
    return {table.vocabulary[code] for code in set(table.skill.tolist())}


def test_skills_and_departments_can_be_many_or_few():
    policy = rm.Policy(score=rm.score.SkillGap())
    many = datasets.programme(300, 100, skills=60, departments=20, policy=policy)
    assert len(wanted(many)) > 40
    assert len(set(many.organisation["department"].tolist())) == 21
    few = datasets.programme(20, 10, skills=1, departments=1, policy=policy)
    assert wanted(few) == {datasets.TOPICS[0]}
    assert few.policy == policy


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda: datasets.organisation(0), "size"),
        (lambda: datasets.organisation(2.5), "size"),
        (lambda: datasets.organisation(True), "size"),
        (lambda: datasets.programme(-1, 3), "mentors"),
        (lambda: datasets.programme(3, "4"), "mentees"),
        (lambda: datasets.programme(3, 4, others=-1), "others"),
        (lambda: datasets.programme(3, 4, seed=-1), "seed"),
        (lambda: datasets.programme(3, 4, skills=0), "skills"),
        (lambda: datasets.programme(3, 4, departments=0), "departments"),
    ],
)
def test_numbers_that_make_no_sense(call, field):
    with pytest.raises(rm.errors.ConfigError, match=rf"RM180 datasets.{field}: expected a whole number of at least"):
        call()


def test_a_large_programme_in_seconds():
    start = time.monotonic()
    programme = datasets.programme(60_000, 10_000, policy=rm.Policy())
    assert len(programme.mentors) == 60_000
    assert time.monotonic() - start < 30
