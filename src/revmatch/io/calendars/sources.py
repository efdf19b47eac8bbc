"""Calendars wherever they are: in folders, in files, and in what a program holds."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from revmatch.errors import ConfigError, InputError, LimitError, Problem, Problems
from revmatch.io.calendars.ics import busy_of_ics
from revmatch.io.calendars.services import busy_of_answers, is_answer
from revmatch.io.calendars.window import Busy, Window
from revmatch.io.files import read_text
from revmatch.strict_json import loads

#: Endings of files of calendars.
_ENDINGS = (".ics", ".json")
#: A calendar has at most so many bytes, attachments included.
MOST_BYTES = 1 << 27
_EXPECTED = "expected a file, a folder, an answer of a calendar service, or a dict of iCalendar texts by owner"


@dataclass(slots=True)
class Sources:
    """Reads calendars, one after the other; what is wrong with one is noted.

    Parameters
    ----------
    window : Window
    problems : Problems
    who : callable
        What to say of an owner in messages.
    others : int
        How many files of folders were no calendars.
    """

    window: Window
    problems: Problems
    who: Callable[[str], str]
    others: int = 0

    def read(self, source: Any) -> Iterator[Busy]:
        """All calendars of one source.

        Raises
        ------
        ConfigError
            RM182 for what cannot hold calendars.
        """
        if isinstance(source, str | os.PathLike):
            for path in self._files(os.fspath(source)):
                yield from self._of_file(path)
        elif is_answer(source):
            yield from busy_of_answers(source, "calendars", self.window, self.problems, self.who)
        elif isinstance(source, Mapping) and all(isinstance(text, str) for text in source.values()):
            for k, (owner, text) in enumerate(source.items(), start=1):
                yield from self._of_text(text, str(owner), f"calendars, entry {k}{self.who(str(owner))}")
        else:
            raise ConfigError(Problem("RM182", "calendars", _EXPECTED))

    def _files(self, path: Any) -> Iterable[Path]:
        """The file, or the calendars of the folder."""
        if not isinstance(path, str) or not path:
            raise ConfigError(Problem("RM182", "calendars", _EXPECTED))
        here, add = Path(path), self.problems.add
        try:
            if "\0" in path or not here.is_dir():
                if here.suffix.lower() in _ENDINGS or not here.exists():
                    return (here,)
                add("RM176", _shown(path), "expected a file that ends in .ics or .json", "name it by what it holds")
                return ()
            inside = sorted(here.iterdir())
        except OSError as error:
            add("RM192", _shown(path), f"it cannot be read: {error.strerror}", "check the path and its permissions")
            return ()
        found = [file for file in inside if file.suffix.lower() in _ENDINGS]
        self.others += len(inside) - len(found)
        if not found:
            add("RM192", _shown(path), "there is no .ics and no .json file in this folder", "unzip what is zipped")
        return found

    def _of_file(self, path: Path) -> Iterator[Busy]:
        place = _shown(str(path))
        try:
            text = read_text(str(path), MOST_BYTES)
            if path.suffix.lower() == ".ics":
                yield from self._of_text(text, path.stem, place)
            else:
                answers = loads(text, place, private=True)
                yield from busy_of_answers(answers, place, self.window, self.problems, self.who)
        except (InputError, LimitError) as error:
            for problem in error.problems:
                self.problems.add(problem.code, _shown(problem.place), problem.expected, problem.hint)

    def _of_text(self, text: str, owner: str, place: str) -> Iterator[Busy]:
        try:
            yield busy_of_ics(text, owner, place, self.window)
        except (InputError, LimitError) as error:
            self.problems.extend(error)


def _shown(path: str) -> str:
    """A path as messages show it: names of files may hold anything."""
    return "".join(letter if letter.isprintable() else "?" for letter in path)
