"""Near-equal spellings: texts that a computer takes for two and a reader for one.

Two texts are near-equal if they are the same after Unicode composition, case folding, and trimming and collapsing white
space; or if one slip of the keyboard (a character more, less, other, or two swapped) leads from one to the other inside
a long word. A slip that touches a digit, a short word or the first letter of a word is taken for meant: "Plant 1" and
"Plant 2", "Team A" and "Team B", "Mental health" and "Dental health" are different.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

#: Letters of a word in which one slip is noticed.
LONG_WORD = 6
#: Longer texts are prose, and more different ones are no vocabulary: slips are not looked for.
_MOST_CHARACTERS, _MOST_TEXTS = 100, 20_000


def folded(text: str) -> str:
    """What is left of a text without case, composition and spare white space.

    >>> folded("  Human   Resources ") == folded("human resources")
    True
    """
    plain = unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).casefold())
    return " ".join(plain.split())


def near_equal(texts: Iterable[str]) -> list[tuple[str, ...]]:
    """Groups of near-equal spellings, each in the order of characters.

    >>> near_equal(["Finance", "finance ", "Sales", "Marketing", "Marketng", "Plant 1", "Plant 2"])
    [('Finance', 'finance '), ('Marketing', 'Marketng')]
    """
    spelled: dict[str, list[str]] = {}
    for text in sorted(set(texts)):
        spelled.setdefault(folded(text), []).append(text)
    found = [tuple(group) for group in spelled.values() if len(group) > 1]
    found += [tuple(sorted((spelled[a][0], spelled[b][0]))) for a, b in _one_slip_apart(sorted(spelled))]
    return sorted(found)


def _one_slip_apart(keys: list[str]) -> Iterator[tuple[str, str]]:
    """Pairs of keys that one slip parts: both leave the same text when one character is dropped."""
    if len(keys) > _MOST_TEXTS:
        return
    sharing: dict[str, list[str]] = {}
    for key in keys:
        if LONG_WORD <= len(key) <= _MOST_CHARACTERS:
            for rest in {key, *(key[:k] + key[k + 1 :] for k in range(len(key)))}:
                sharing.setdefault(rest, []).append(key)
    done: set[tuple[str, str]] = set()
    for group in sharing.values():
        for k, a in enumerate(group):
            for b in group[k + 1 :]:
                if (a, b) not in done and is_slip(a, b):
                    yield a, b
                done.add((a, b))


def is_slip(a: str, b: str) -> bool:
    """Whether one slip inside a long word leads from one text to the other.

    >>> is_slip("marketing", "markteing"), is_slip("region a", "region b"), is_slip("front end", "frontend")
    (True, False, True)
    """
    start = _in_common(a, b)
    end = _in_common(a[start:][::-1], b[start:][::-1])
    middle_a, middle_b = a[start : len(a) - end], b[start : len(b) - end]
    one = max(len(middle_a), len(middle_b)) == 1
    swapped = len(middle_a) == len(middle_b) == 2 and middle_a == middle_b[::-1]
    if not (one or swapped) or any(character.isdigit() for character in middle_a + middle_b):
        return False
    if not (middle_a + middle_b).isalnum():  # words put together, or apart: the whole text has to be long
        return sum(character.isalpha() for character in a) >= LONG_WORD
    words = [_word(text, start, len(middle)) for text, middle in ((a, middle_a), (b, middle_b))]
    letters = [sum(character.isalpha() for character in word) for word in words]
    return min(letters) >= LONG_WORD and words[0][0] == words[1][0]


def _in_common(a: str, b: str) -> int:
    """Length of the longest common beginning."""
    return next((k for k, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def _word(text: str, at: int, size: int) -> str:
    """The word around some characters of a text."""
    first, last = at, at + size
    while first > 0 and text[first - 1].isalnum():
        first -= 1
    while last < len(text) and text[last].isalnum():
        last += 1
    return text[first:last]
