"""A company as text, with every oddity that cells may have, and the plainest way to read its cells.

Written from the sentences of the contract, over dicts of text; uses nothing of the package but to make a programme.
"""

from __future__ import annotations

import functools
import random
import unicodedata
from dataclasses import dataclass
from typing import Any

import revmatch as rm

Cells = dict[str, str]

# --- a company, as text -----------------------------------------------------------------------------------------------

SKILLS = [f"skill {k}" for k in range(150)] + ["SQL", "sql ", " Sql", "Straße", "STRASSE", "Zo\u00eb", "Zoe\u0308"]
SKILLS += [r"c\:drive", r"a\;b", "C\\:Drive", "LGBT+ experience", "日本語"]
GRADES = ("trainee", "specialist", "manager", "director", "board")
HOURS = ("any", "Mon 9-12", "Mon,Wed AM; Tue PM", "Fri day", "Sun 20:00-24:00; Mon 0:00-2:00", "Tue-Thu 10:10-11:40")
ZONES = ("UTC", "Europe/Paris", "Asia/Kolkata", "America/New_York", "Pacific/Kiritimati", "Pacific/Honolulu")
LANGUAGES = ("en", "EN ", "de", " De", "fr", "", "gsw", r"a\;b", "a", "b")
MANY_LANGUAGES = tuple(f"x-{k}" for k in range(150))  # more than fit one word of 64 bits


@dataclass
class Company:
    """Records of both sides, the lines of everybody, and what was decided by hand."""

    mentors: list[Cells]
    mentees: list[Cells]
    everybody: list[Cells]
    history: set[tuple[str, str]]
    order: dict[str, tuple[str, ...]]

    @functools.cached_property
    def head(self) -> str | None:
        """Who stands above everybody else."""
        rows = {cells["id"]: cells for cells in self.everybody}
        above = {name: up(rows, name, 99) for name in rows}
        return next((h for h in rows if all(h in above[name] for name in rows if name != h)), None)

    def programme(self, rules: Any = (), score: Any = None) -> rm.Programme:
        return rm.Programme(
            self.mentors,
            self.mentees,
            rm.Policy(rules, score, order=self.order),
            organisation=self.everybody,
            history=self.history,
            unknown_manager="allow",
        )


def company(seed: int, n: int, m: int) -> Company:
    draw = random.Random(seed)
    ids = [f"p{k}" for k in draw.sample(range(10 * (n + m)), n + m)]
    labels = seed % 3 == 2
    people = [person(draw, name, ids, labels) for name in ids]
    history = {(draw.choice(ids[:n]), draw.choice(ids[n:])) for _ in range(3 * n)}
    order = {"grade": GRADES} if labels else {}
    return Company(people[:n], people[n:], lines(draw, ids, gone=seed % 3 == 1), history, order)


def person(draw: random.Random, name: str, ids: list[str], labels: bool) -> Cells:
    grade = draw.randrange(5)
    cells = {
        "id": name,
        "department": draw.choice(("Ops", "ops", "Law", "IT", " IT")),
        "site": draw.choice(("A", "B", "C")),
        "grade": GRADES[grade] if labels else str(grade - 1),
        "hired": str(draw.randint(-5, 2030)),
        "urgency": str(draw.randint(-9, 99)),
        "languages": ";".join(draw.sample(LANGUAGES, draw.randint(0, 2)) + draw.sample(MANY_LANGUAGES, 9)),
        "available": draw.choice(HOURS),
        "time_zone": draw.choice(ZONES),
        "choices": ";".join(
            draw.sample([other for other in ids if other != name], draw.randint(0, min(5, len(ids) - 1)))
        ),
        "offers": skill_cell(draw),
        "wants": skill_cell(draw),
    }
    for column in cells.keys() - {"id"}:  # what is not stated: empty, or nothing but spaces
        if draw.random() < 0.12:
            cells[column] = draw.choice(("", "  "))
    return cells


def skill_cell(draw: random.Random) -> str:
    """Few of many skills (each skill once, whatever its spelling), most of them with a level."""
    found: dict[str, str] = {}
    pool = SKILLS if draw.random() < 0.5 else SKILLS[-12:]
    for skill in draw.sample(pool, draw.randint(0, 6)):
        found.setdefault(fold(plain(skill)), skill + draw.choice(("", *(f":{level}" for level in range(1, 6)))))
    return draw.choice(("; ", ";", ";;")).join(found.values())


def lines(draw: random.Random, ids: list[str], gone: bool) -> list[Cells]:
    """A tree with dotted lines, a few heads and people who do not take part; perhaps managers who are in no file."""
    line = draw.sample([*ids, "x0", "x1", "x2"], len(ids) + 3)
    found = []
    for k, name in enumerate(line):
        above = draw.choice(line[max(0, k // 3 - 3) : k // 3 + 1]) if k else ""
        above = "nobody here" if gone and draw.random() < 0.03 else above if above != name else ""
        dotted = ";".join(draw.sample(line[: k // 2], min(k // 2, draw.randint(0, 2)))) if draw.random() < 0.3 else ""
        found.append({"id": name, "manager": above, "dotted_line": dotted})
    return draw.sample(found, len(found))


# --- cells, read plainly ----------------------------------------------------------------------------------------------


@functools.cache
def split(cell: str, mark: str) -> list[str]:
    """Parts between marks; a mark after a backslash is none."""
    parts = [""]
    for k, letter in enumerate(cell):
        if letter == mark and cell[k - 1 : k] != "\\":
            parts.append("")
        else:
            parts[-1] += letter
    return [part for part in parts if part.strip()]


def plain(text: str) -> str:
    return text.replace("\\;", ";").replace("\\:", ":")


def fold(text: str) -> str:
    return unicodedata.normalize("NFC", text.strip().casefold())


def items(cell: str) -> set[str]:
    return {fold(plain(part)) for part in split(cell, ";")}


@functools.cache
def levels(cell: str) -> dict[str, int]:
    parts = [split(part, ":") for part in split(cell, ";")]
    return {fold(plain(part[0])): int(part[1]) if len(part) > 1 else 5 for part in parts}


def stated(cell: str) -> str | None:
    return cell if cell.strip() else None


def number(given: Company, cells: Cells, column: str) -> int | None:
    cell = stated(cells[column])
    return None if cell is None else given.order[column].index(cell) if column in given.order else int(cell)


def up(rows: dict[str, Cells], name: str, steps: int) -> list[str | None]:
    """Who stands above, nearest first; None where the line breaks off."""
    found: list[str | None] = []
    while len(found) < steps and (above := rows[name]["manager"]):
        found.append(above if above in rows else None)
        if found[-1] is None:
            break
        name = above
    return found
