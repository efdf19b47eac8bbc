"""Texts read from files whole, and refused where that makes no sense."""

from __future__ import annotations

import os

from revmatch.errors import InputError, LimitError, Problem

#: Files that are read whole have at most so many bytes: plans, policies, lists of pairs.
MOST_BYTES = 1 << 30


def read_text(path: str, most: int = MOST_BYTES) -> str:
    """Text of a UTF-8 file, with or without a byte order mark.

    Raises
    ------
    InputError
        RM192 if it cannot be read, RM125 if it is not UTF-8.
    LimitError
        RM191 if it is too large.
    """
    try:
        if os.path.exists(path):
            if not os.path.isfile(path):  # a pipe or a device may never end
                what = "a folder" if os.path.isdir(path) else "no plain file"
                raise InputError(Problem("RM192", path, f"expected a file, this is {what}", "give the path of a file"))
            if os.path.getsize(path) > most:
                raise LimitError(Problem("RM191", path, f"the file has more than {most:,} bytes"))
        with open(path, encoding="utf-8-sig", newline="") as file:
            return file.read()
    except UnicodeDecodeError as error:
        what = f"byte {error.start:,} (counted from 0) is not UTF-8"
        raise InputError(Problem("RM125", path, what, "save it as UTF-8; nothing is guessed")) from None
    except (OSError, ValueError) as error:
        said = error.strerror if isinstance(error, OSError) else "this is no path"
        hint = "check the path and its permissions"
        raise InputError(Problem("RM192", path.replace("\0", "?"), f"the file cannot be read: {said}", hint)) from None
