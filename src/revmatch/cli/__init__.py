"""The command line: reads what was typed, runs one command, prints what it found; its exit code says how it went.

========  =======================================================
0         done
1         an internal error
2         the command was not used as it is meant
3         people, policy or files that cannot be used as they are
4         the hard rules cannot all be met
5         the time limit came first; the best so far is written
130       interrupted
========  =======================================================
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress

from revmatch.cli.exits import Exit, Outcome
from revmatch.errors import (
    ConfigError,
    EngineError,
    InfeasibleError,
    MissingExtraError,
    NoPlanError,
    RevmatchError,
    VerificationError,
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    argv : sequence of str, optional
        What was typed after ``revmatch``; by default what the process was started with.

    Returns
    -------
    int
        The exit code.
    """
    from revmatch.cli.parser import parse

    try:
        args = parse(argv)
    except SystemExit as stop:  # help, version, or a command that cannot be understood; argparse has said which
        return int(stop.code) if isinstance(stop.code, int) else int(Exit.USAGE)
    outcome = _run(args)
    return int(outcome.code if _print(outcome) else Exit.USAGE)


def _run(args: object) -> Outcome:
    try:
        from revmatch.cli.commands import run

        return run(args)
    except RevmatchError as error:
        return Outcome(_code(error), error=str(error))
    except KeyboardInterrupt:
        return Outcome(Exit.INTERRUPTED, error="interrupted")
    except MemoryError:
        return Outcome(Exit.INTERNAL, error="out of memory")
    except Exception as error:
        if getattr(args, "debug", False):
            import traceback

            return Outcome(Exit.INTERNAL, error=f"internal error\n{traceback.format_exc()}")
        # The message of an error that nobody foresaw may hold cells of people: its kind must do.
        said = f"internal error ({type(error).__name__}); --debug shows where"
        return Outcome(Exit.INTERNAL, error=said)


def _code(error: RevmatchError) -> Exit:
    for kinds, code in (
        ((ConfigError, MissingExtraError), Exit.USAGE),
        ((InfeasibleError,), Exit.INFEASIBLE),
        ((NoPlanError,), Exit.TIME_LIMIT),
        ((EngineError, VerificationError), Exit.INTERNAL),
    ):
        if isinstance(error, kinds):
            return code
    return Exit.INPUT


def _print(outcome: Outcome) -> bool:
    """Results to standard output, errors to standard error; whether the results could be written."""
    lost = _print_results(outcome)
    for error in filter(None, (outcome.error, lost)):
        with suppress(OSError, AttributeError):  # nobody listens to standard error either
            print(_printable(f"revmatch: {error}", sys.stderr.encoding), file=sys.stderr)
    return lost is None


def _print_results(outcome: Outcome) -> str | None:
    """Why results could not be written, if so; who closes the pipe early has read enough."""
    if outcome.data is None and not outcome.text:
        return None
    if sys.stdout is None:
        return "RM195 standard output: it is closed"
    try:
        if outcome.data is not None:
            sys.stdout.flush()
            sys.stdout.buffer.write(outcome.data)
        if outcome.text:
            print(_printable(outcome.text, sys.stdout.encoding))
        sys.stdout.flush()
    except OSError as error:
        # Python flushes once more at its end: that must not fail again.
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            return f"RM195 standard output: cannot be written: {error.strerror}"
    return None


def _printable(text: str, encoding: str | None) -> str:
    """Text with what the stream cannot show written as an escape."""
    encoding = encoding or "utf-8"
    return text.encode(encoding, errors="backslashreplace").decode(encoding)


__all__ = ["Exit", "main"]
