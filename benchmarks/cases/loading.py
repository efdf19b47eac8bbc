"""What is paid before anything is matched: importing the package, and loading people."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import import_time
import load_people
import ours
from harness.registry import Answer, Bar, Contestant, Size, case


def _nothing(folder: Path) -> None:
    pass


def _importing(module: str) -> Contestant:
    def run(_: None) -> Answer:
        seconds, mib = import_time.measure(f"import {module}")
        return Answer(seconds=seconds, mib=mib)

    name = ours.NAME if module == "revmatch" else f"import {module}"
    return Contestant(name, _nothing, run, unit="times as long")


NUMPY = _importing("numpy")


@case(
    "import",
    timed="one import statement in a new interpreter, whose start is not counted; one run before, thirty rounds",
    us=_importing("revmatch"),
    peers=(NUMPY,),
    sizes=(Size(1, what="import"),),
    bars=(Bar("units", 1.5, NUMPY.name),),
    repeats=30,
    warm_up=1,
)
def importing(size: Size, folder: Path) -> None:
    """Importing revmatch against importing NumPy."""


PEOPLE = "people.csv"


def _read(folder: Path) -> Answer:
    import revmatch as rm

    people = rm.read_csv(folder / PEOPLE)
    return Answer((len(people),), note=f"held {people.nbytes / 2**20:,.0f} MiB")


def _read_plainly(folder: Path) -> Answer:
    import csv

    with (folder / PEOPLE).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return Answer((len(rows),))


def _ready(folder: Path) -> Path:
    import_module("revmatch.io.csv")
    return folder


def _as_it_is(folder: Path) -> Path:
    return folder


@case(
    "load-people",
    timed="reading the file, which is written before, in a new process for each run; three rounds",
    us=Contestant(ours.NAME, _ready, _read),
    peers=(Contestant("csv.DictReader into a list", _as_it_is, _read_plainly),),
    sizes=(Size(100_000, what="people"), Size(1_000_000, what="people", full=True)),
    bars=(Bar("mib", 2e9 / 2**20),),
    fresh=True,
)
def people(size: Size, folder: Path) -> None:
    """A CSV file of so many people with 12 columns: all of it checked and held; the peer makes dicts, unchecked."""
    load_people.write(folder / PEOPLE, size.mentors)
