"""Every line of the documentation runs: the README, the pages in docs/, and the examples in docstrings.

Each page runs from top to bottom in an empty directory of its own:

* ``python`` blocks run in one namespace per page; a block that starts with ``>>>`` must show what it prints;
* ``console`` blocks: each ``$ revmatch ...`` runs as a command, and must exit with 0, or with N after a comment
  ``<!-- exit: N -->`` above the block;
* any block below a comment ``<!-- file: NAME -->`` is first written to that file;
* ``toml``, ``json`` and ``csv`` blocks must at least be readable; anything else has to be ``text``.
"""

from __future__ import annotations

import csv
import doctest
import inspect
import io
import json
import re
import shlex
import tomllib
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from types import ModuleType

import pytest
from sybil import Document, Example
from sybil.document import PythonDocStringDocument
from sybil.parsers.myst import CodeBlockParser, PythonCodeBlockParser
from sybil.parsers.rest import DocTestParser

import revmatch as rm
from revmatch.cli import main

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted(path for path in (ROOT / "docs").rglob("*.md") if "_build" not in path.parts)]
SOURCES = [path for path in sorted((ROOT / "src").rglob("*.py")) if ">>>" in path.read_text(encoding="utf-8")]

DOCTEST = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
#: Set-up that a reader types once; it is not run here, but what it names must exist.
OTHER_COMMANDS = {"make", "pip", "cd"}
FENCE = re.compile(r"^[ \t]*```(\S*)", re.MULTILINE)


def note(example: Example, key: str) -> str | None:
    """The comment `<!-- key: value -->` that stands right above a block, if there is one."""
    above = example.document.text[: example.start].rstrip()
    found = re.search(r"((?:<!--[^>]*-->\s*)+)$", above)
    value = re.search(rf"<!--\s*{key}:\s*(.+?)\s*-->", found.group(1)) if found else None
    return value.group(1) if value else None


def keep(check: Callable[[str], object]) -> Callable[[Example], None]:
    """Evaluator of a block of data: readable, and written to its file if it has a name."""

    def evaluate(example: Example) -> None:
        text = str(example.parsed)
        check(text)
        name = note(example, "file")
        if name:
            path = Path(name)
            assert not path.is_absolute()
            assert ".." not in path.parts
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    return evaluate


def check_csv(text: str) -> None:
    widths = {len(row) for row in csv.reader(text.splitlines(), strict=True) if row}
    assert len(widths) == 1, "rows of different lengths"


def run_console(example: Example) -> None:
    """Run each `$ revmatch ...` of a block; a line that ends in a backslash goes on below."""
    text = str(example.parsed).replace("\\\n", " ")
    commands = [line.removeprefix("$ ") for line in text.splitlines() if line.startswith("$ ")]
    assert commands, "a console block without a command: each one starts with `$ `"
    wanted = int(note(example, "exit") or 0)
    for command in commands:
        words = shlex.split(command, comments=True)
        if words[0] != "revmatch":
            assert words[0] in OTHER_COMMANDS, f"{words[0]}: not a command that the documentation may use"
            if words[0] == "make":
                makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
                for target in words[1:]:
                    assert re.search(rf"^{re.escape(target)}:", makefile, re.MULTILINE), f"no make target {target}"
            continue
        code, said = run_command(words[1:])
        assert code == wanted, f"{command}\nexit code {code}\n{said}"


def run_command(words: list[str]) -> tuple[int, str]:
    """Exit code of a command, and all that it says.

    It runs in this process: ``test_cli`` and ``test_cli_demo`` see to it that a process of its own does the same.
    """
    said = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    with redirect_stdout(said), redirect_stderr(said):
        code = main(words)
    return code, said.buffer.getvalue().decode()


PARSERS = [
    PythonCodeBlockParser(doctest_optionflags=DOCTEST),
    CodeBlockParser(language="console", evaluator=run_console),
    CodeBlockParser(language="toml", evaluator=keep(tomllib.loads)),
    CodeBlockParser(language="json", evaluator=keep(json.loads)),
    CodeBlockParser(language="csv", evaluator=keep(check_csv)),
    CodeBlockParser(language="text", evaluator=keep(str)),
]


def run(document: Document) -> int:
    document.namespace["__name__"] = "__main__"  # so that what stands under `if __name__ == "__main__":` runs too
    count = 0
    for example in document.examples():
        example.evaluate()
        count += 1
    return count


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_page_runs(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run(Document.parse(str(path), *PARSERS))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT / "src").as_posix())
def test_docstring_examples_run(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(PythonDocStringDocument.parse(str(path), DocTestParser(DOCTEST)))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_block_slips_through(path: Path) -> None:
    languages = FENCE.findall(path.read_text(encoding="utf-8"))[::2]  # every second fence closes a block
    runs = {"python", "console", "toml", "json", "csv", "text"}
    assert [language for language in languages if language not in runs and not language.startswith("{")] == []


def test_readme_shows_its_two_commands_and_an_example_first() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    first = Document.parse(str(ROOT / "README.md"), *PARSERS).regions[0][1]
    assert str(first.parsed).split() == ["$", "make", "demo", "$", "make", "test"]
    assert "```python\nimport revmatch as rm\n" in text


def test_links_to_files_lead_somewhere() -> None:
    broken = []
    for page in PAGES:
        text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
            if "://" not in target and not (page.parent / target).exists():
                broken.append(f"{page.relative_to(ROOT)}: {target}")
    assert broken == []


def public_names() -> Iterator[tuple[str, object]]:
    """Every name that a user can write after `rm.`, with what it is."""
    for name in rm.__all__:
        value = getattr(rm, name)
        yield name, value
        if isinstance(value, ModuleType):
            for inner, thing in vars(value).items():
                own = getattr(thing, "__module__", "") == value.__name__ and not inner.startswith("_")
                if inner in getattr(value, "__all__", [inner] if own else []):
                    yield f"{name}.{inner}", thing


def described(thing: object) -> bool:
    text = inspect.getdoc(thing) or ""
    # a dataclass without a docstring gets its signature as one
    return bool(text) and not (inspect.isclass(thing) and text.startswith(f"{thing.__name__}("))


def test_every_public_name_has_a_docstring() -> None:
    silent = []
    for name, thing in public_names():
        if not described(thing):
            silent.append(name)
        if inspect.isclass(thing) and thing.__module__.startswith("revmatch"):
            for base in thing.__mro__:
                for key, member in vars(base).items() if base.__module__.startswith("revmatch") else ():
                    shown = inspect.isroutine(member) or isinstance(member, property | classmethod | staticmethod)
                    if shown and not key.startswith("_") and not inspect.getdoc(getattr(thing, key)):
                        silent.append(f"{name}.{key}")
    assert silent == []


def test_every_public_name_is_in_the_reference() -> None:
    page = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^   ([\w.]+)$", page, re.MULTILINE))
    whole = set(re.findall(r"^\.\. automodule:: revmatch\.(\w+)$", page, re.MULTILINE))
    missing = []
    for name, thing in public_names():
        if isinstance(thing, ModuleType) or not getattr(thing, "__module__", "").startswith("revmatch"):
            continue
        if name not in listed and name.partition(".")[0] not in whole:
            missing.append(name)
    assert missing == []
