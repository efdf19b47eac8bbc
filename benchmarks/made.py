"""Made-up people for the cases, and the same people as a good NumPy user would hold them: thin matrices and codes.

The programme is written to a file for us; the thin matrices, for the peers, come from the people's cells by code of
their own. So an agreement of answers says something about the scores too, and a peer's process never loads revmatch.
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

PROGRAMME, THIN = "programme.pickle", "thin.npz"
LEVELS = 5
FACTORS = ("mentors", "mentees", "mentor_codes", "mentee_codes", "capacity")

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Thin:
    """A programme without its people's names.

    Parameters
    ----------
    mentors, mentees : ndarray of float32, shapes (n, k) and (m, k)
        A pair's score is the product of their rows.
    mentor_codes, mentee_codes : ndarray of int32, shapes (rules, n) and (rules, m)
        A pair is eligible if the codes differ in every rule.
    capacity : ndarray of int64, shape (m,)
        Of mentees; mentors have one each.
    """

    mentors: Floats
    mentees: Floats
    mentor_codes: npt.NDArray[np.int32]
    mentee_codes: npt.NDArray[np.int32]
    capacity: Ints

    def save(self, folder: Path) -> None:
        np.savez(folder / THIN, **{name: getattr(self, name) for name in FACTORS})

    @classmethod
    def load(cls, folder: Path) -> Thin:
        with np.load(folder / THIN) as file:
            return cls(*(file[name] for name in FACTORS))


def programme(
    mentors: int, mentees: int, policy: Any, *, capacity: int | None = None, seed: int = 1, **people: int
) -> Any:
    """Make a programme of `revmatch.datasets` in which every leader has the same capacity (None: as it is made)."""
    import revmatch as rm

    made = rm.datasets.programme(mentors, mentees, seed=seed, policy=policy, **people)
    if capacity is None:
        return made
    everybody: Any = made.organisation
    del made
    cells = everybody.to_columns()
    leader = np.asarray(everybody["grade"]) >= rm.datasets.LOWEST_LEADER
    cells["capacity"] = np.where(leader, str(capacity), "1").astype(object)
    everybody = rm.People.from_columns(cells, place="organisation")
    juniors = everybody.where(f"grade <= {rm.datasets.HIGHEST_JUNIOR}")
    leaders = everybody.where(f"grade >= {rm.datasets.LOWEST_LEADER}")
    return rm.Programme(juniors, leaders, policy, organisation=everybody)


def save(made: Any, folder: Path) -> None:
    with (folder / PROGRAMME).open("wb") as file:
        pickle.dump(made, file, protocol=pickle.HIGHEST_PROTOCOL)


def load(folder: Path) -> Any:
    with (folder / PROGRAMME).open("rb") as file:
        return pickle.load(file)


def factors(made: Any, *, need: bool = False) -> tuple[Floats, Floats]:
    """Two thin matrices whose product is `SkillGap` of every pair.

    For each skill and level l, a mentor has ``[offers >= l]`` and a mentee ``[own < l <= wanted]`` times what a level
    is worth to them: 1, or ``floor(1000 / levels lacking)`` if every mentee's needs weigh the same.
    """
    number = {name: k for k, name in enumerate(sorted(set(made.mentees.wants.vocabulary)))}
    offered, own, wanted = (
        _levels(table, number) for table in (made.mentors.offers, made.mentees.offers, made.mentees.wants)
    )
    level = np.arange(1, LEVELS + 1, dtype=np.int8)
    has = offered[:, :, None] >= level
    lacks = (own[:, :, None] < level) & (level <= wanted[:, :, None])
    mentors = has.reshape(len(offered), -1).astype(np.float32)
    mentees = lacks.reshape(len(own), -1).astype(np.float32)
    if need:
        mentees *= (1000 // np.maximum(mentees.sum(axis=1), 1))[:, None]
    used = mentors.any(axis=0) & mentees.any(axis=0)  # the other columns add nothing
    return np.ascontiguousarray(mentors[:, used]), np.ascontiguousarray(mentees[:, used])


def _levels(table: Any, number: dict[str, int]) -> npt.NDArray[np.int8]:
    """Level of each person in each skill that some mentee wants; 0 if it is not listed."""
    code = np.array([number.get(name, -1) for name in table.vocabulary], dtype=np.int64)[table.skill]
    person = np.repeat(np.arange(len(table.indptr) - 1), np.diff(table.indptr))
    found = np.zeros((len(table.indptr) - 1, len(number)), dtype=np.int8)
    found[person[code >= 0], code[code >= 0]] = table.level[code >= 0]
    return found


def thin(made: Any, columns: tuple[str, ...]) -> Thin:
    """The peers' form of a programme whose people must differ in some columns and are scored by `SkillGap()`."""
    mentors, mentees = factors(made)
    codes = [_codes(made.mentors[column], made.mentees[column]) for column in columns]
    sides = [np.array([pair[k] for pair in codes], dtype=np.int32) for k in (0, 1)]
    return Thin(mentors, mentees, sides[0], sides[1], np.asarray(made.mentees.capacity))


def _codes(mentors: Any, mentees: Any) -> tuple[Ints, Ints]:
    _, code = np.unique(np.concatenate([mentors, mentees]).astype(str), return_inverse=True)
    return code[: len(mentors)], code[len(mentors) :]
