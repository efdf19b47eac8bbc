r"""Text that a spreadsheet cannot take for a formula, and the way back.

A spreadsheet runs a cell that begins with ``=``, ``+``, ``-`` or ``@`` (also after blanks, and in their full-width
forms), and may drop a leading tab or line break and run what follows. Such text is written with a ``'`` in front. The
way back takes that one mark off again. Text that already begins with marks before such a character gets one more, so
every text comes back as it was, byte for byte; all other text, ids included, is written as it is.
"""

from __future__ import annotations

import re

_RUNS = re.compile(r"'*(?:\s*[=+\-@＝＋－＠]|[\t\r\n])")
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")


def inert(text: str, *, number: bool = False) -> str:
    """Text as it is safe in a spreadsheet.

    Parameters
    ----------
    text : str
        A cell.
    number : bool
        Whether a plain number is meant as one, and stays as it is: in ids and in columns of numbers.

    Examples
    --------
    >>> inert("=1+1"), inert("-3"), inert("-3", number=True), inert("it's")
    ("'=1+1", "'-3", '-3', "it's")
    """
    if number and _NUMBER.fullmatch(text):
        return text
    return "'" + text if _RUNS.match(text) else text


def plain(text: str) -> str:
    """Text as it was before `inert`.

    >>> plain(inert("=1+1")), plain(inert("'=1+1")), plain("'tis")
    ('=1+1', "'=1+1", "'tis")
    """
    return text[1:] if text.startswith("'") and _RUNS.match(text) else text
