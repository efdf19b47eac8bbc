"""Scores of some people alone: what a tile needs of them, and nothing more."""

from __future__ import annotations

import numpy as np

from revmatch.policy.forms import Compare, Form, Grid, Product, SparseRows, Triples, expand
from revmatch.policy.sides import Ints, Side
from revmatch.policy.term import WholeScore


def cut(score: WholeScore, strip: Ints, rows: Ints, side: Side) -> WholeScore:
    """The score between a strip's people, as mentors, and some rows, as mentees.

    Parameters
    ----------
    score : WholeScore
    strip, rows : ndarray of int64
        Numbers on their sides.
    side : {"mentor", "mentee"}
        Which side the rows are on.

    Notes
    -----
    Lists of pairs are left out: they are looked at one by one.
    """
    i, j = (strip, rows) if side == "mentee" else (rows, strip)
    parts = ((weight, _cut(form, i, j)) for weight, form in score.parts if not isinstance(form, Triples))
    return WholeScore(tuple((weight, form if side == "mentee" else _turned(form)) for weight, form in parts))


def _cut(form: Form, i: Ints, j: Ints) -> Form:
    if isinstance(form, Product):
        return Product(_rows(form.mentors, i), _rows(form.mentees, j))
    if isinstance(form, Compare):
        return Compare(
            form.mentors[i], form.mentees[j], form.mentors_stated[i], form.mentees_stated[j], form.how, form.at_most
        )
    assert isinstance(form, Grid)
    values = form.values[np.ix_(form.rows[i], form.cols[j])]
    return Grid(values, np.arange(len(i)), np.arange(len(j)))


def _turned(form: Form) -> Form:
    if isinstance(form, Product):
        return Product(form.mentees, form.mentors)
    if isinstance(form, Compare):
        return Compare(form.mentees, form.mentors, form.mentees_stated, form.mentors_stated, form.how, form.at_most)
    assert isinstance(form, Grid)
    return Grid(np.ascontiguousarray(form.values.T), form.cols, form.rows)


def _rows(rows: SparseRows, some: Ints) -> SparseRows:
    counts = rows.indptr[some + 1] - rows.indptr[some]
    at = expand(rows.indptr[some], counts)
    begin = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(counts)])
    return SparseRows(begin, rows.column[at], rows.value[at], rows.width)
