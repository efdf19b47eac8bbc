"""The process in which one contestant works: nothing else is in its memory or takes its time.

Started by `harness.measure`. Loads, says so, and then does the work once for each line that it reads, and answers with
one line of JSON each time.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any, TextIO


def peak_mib() -> float:
    """Peak memory of this process and of those that it started and waited for."""
    own, others = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return (own + others) / 1024


def main() -> None:
    words, said = sys.argv[1:], _own_stdout()
    from cases import CASES  # after the redirection: a solver may print when it is loaded

    case = CASES[words[0]]
    try:
        if words[1] == "make":
            from harness.registry import Size

            case.make(Size(int(words[3]), int(words[4])), Path(words[2]))
            _say(said, {"made": True})
        else:
            _work(case, words[1], Path(words[2]), said)
    except BrokenPipeError:
        raise
    except BaseException as error:  # whatever it is, the one who asked must hear of it
        first = (str(error).splitlines() or [""])[0]
        _say(said, {"error": f"{type(error).__name__}: {first}"})
    said.close()


def _work(case: Any, name: str, folder: Path, said: TextIO) -> None:
    contestant = case.contestant(name)
    loaded = contestant.load(folder)
    for _ in range(case.warm_up):
        contestant.run(loaded)
    _say(said, {"ready": True})
    for _ in sys.stdin:
        start = time.perf_counter()
        answer = contestant.run(loaded)
        seconds = time.perf_counter() - start
        _say(
            said,
            {
                "value": answer.value,
                "proven": answer.proven,
                "note": answer.note,
                "seconds": seconds if answer.seconds is None else answer.seconds,
                "mib": peak_mib() if answer.mib is None else answer.mib,
            },
        )


def _own_stdout() -> TextIO:
    """Standard output, kept for answers; whatever else is printed goes to standard error."""
    kept = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    return kept


def _say(said: TextIO, reply: dict[str, object]) -> None:
    said.write(json.dumps(reply) + "\n")
    said.flush()


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    main()
