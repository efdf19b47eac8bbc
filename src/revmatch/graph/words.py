"""Arithmetic on bit planes: sums, comparisons and choices for 64 pairs in one step.

A plane is a row of 64-bit words, one bit a pair. A number a pair is a list of planes, least digit first, so that adding
is full adders as in hardware (bit slicing: E. Biham, A Fast New DES Implementation in Software, 1997; for scans of
columns: D. O'Neil and D. Quass, Improved Query Performance with Variant Indexes, 1997).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from revmatch.policy.forms import expand
from revmatch.policy.sides import Bools, Ints

Words = npt.NDArray[np.uint64]
ALL = np.uint64(0xFFFFFFFFFFFFFFFF)

_BYTE_COUNTS = np.array([k.bit_count() for k in range(1 << 16)], dtype=np.uint8)


def packed(bits: Bools) -> Words:
    """Bits along the last axis, 64 to a word.

    >>> packed(np.array([True, False, True]))
    array([5], dtype=uint64)
    """
    bytes_ = np.packbits(bits, axis=-1, bitorder="little")
    whole = np.zeros((*bits.shape[:-1], -(-bits.shape[-1] // 64) * 8), dtype=np.uint8)
    whole[..., : bytes_.shape[-1]] = bytes_
    return whole.view(np.uint64)


def count(planes: Words) -> npt.NDArray[Any]:
    """How many bits are set in each word."""
    if hasattr(np, "bitwise_count"):
        return np.asarray(np.bitwise_count(planes))
    halves = _BYTE_COUNTS[planes.view(np.uint16)]  # NumPy before 2.0
    return np.asarray(halves.reshape(*planes.shape, 4).sum(axis=-1, dtype=np.uint8))


def total(planes: Words) -> Ints:
    """How many bits are set in each row."""
    return np.asarray(count(planes).sum(axis=1, dtype=np.int64))


def added(planes: Words, begin: Ints, bit: Ints, weight: Ints, flip: Bools) -> list[Words]:
    """Sum of weighted planes for each row: the digits of the sum, least first.

    Parameters
    ----------
    planes : ndarray of uint64, shape (bits + 1, words)
        The last one is empty.
    begin, bit, weight, flip : ndarray
        Which planes each of R rows adds (CSR), how often, and whether it adds the opposite.

    Returns
    -------
    list of ndarray of uint64, shape (R, words)
    """
    rows, empty = len(begin) - 1, len(planes) - 1
    row = np.repeat(np.arange(rows), np.diff(begin))
    waiting: list[list[Words]] = [[] for _ in range(int(weight.max(initial=0)).bit_length())]
    for digit, pile in enumerate(waiting):
        there = (weight >> digit & 1).astype(bool)
        which, size = row[there], np.bincount(row[there], minlength=rows)
        slot = expand(np.zeros(rows, dtype=np.int64), size)
        deep = int(size.max(initial=0))
        index = np.full((rows, deep), empty, dtype=np.int64)
        index[which, slot] = bit[there]
        turned = np.zeros((rows, deep), dtype=bool)
        turned[which, slot] = flip[there]
        for k in range(deep):
            plane = planes[index[:, k]]
            if turned[:, k].any():
                np.bitwise_xor(plane, np.where(turned[:, k], ALL, np.uint64(0))[:, None], out=plane)
            pile.append(plane)
    return carried(waiting)


def carried(waiting: list[list[Words]]) -> list[Words]:
    """One plane for each digit: three planes of a digit become one of it and one of the next, again and again."""
    nothing = next((np.zeros_like(pile[0]) for pile in waiting if pile), np.zeros((0, 0), dtype=np.uint64))
    digits: list[Words] = []
    digit = 0
    while digit < len(waiting):
        pile = waiting[digit]
        carries: list[Words] = []
        while len(pile) > 2:
            a, b, c = pile.pop(0), pile.pop(0), pile.pop(0)
            either = a ^ b
            pile.append(either ^ c)
            either &= c
            a &= b
            either |= a
            carries.append(either)
        if len(pile) == 2:
            carries.append(pile[0] & pile[1])
            pile = [pile[0] ^ pile[1]]
        if carries:
            if digit + 1 == len(waiting):
                waiting.append([])
            waiting[digit + 1].extend(carries)
        digits.append(pile[0] if pile else nothing)
        digit += 1
    return digits


def above(digits: list[Words], low: Ints) -> Words:
    """Which numbers are above a row's own.

    Parameters
    ----------
    digits : list of ndarray of uint64, shape (R, words)
        At least one.
    low : ndarray of int64, shape (R,)
        Below 0: all are above.
    """
    # digit by digit from the least: where the threshold has a one, a number is above it only if it has one too and was
    # above so far; where it has a zero, a one or having been above so far is enough
    zero = np.where(low[:, None] >> np.arange(len(digits)) & 1, np.uint64(0), ALL)
    more = np.zeros_like(digits[0])
    for digit, column in zip(digits, zero.T, strict=True):
        if (column == column[0]).all():  # the same for all rows, as neighbours often have the same threshold
            (np.bitwise_or if column[0] else np.bitwise_and)(more, digit, out=more)
        else:
            more ^= column[:, None]
            more &= digit ^ column[:, None]
            more ^= column[:, None]
    more[low < 0] = ALL
    more[low >= 1 << len(digits)] = 0
    return more


def best(mask: Words, digits: list[Words], most: int, spin: Ints) -> tuple[Words, Ints]:
    """The largest numbers of each row, about `most` of them (a little more where equals share a word).

    From the first digit on: if the ones are not too many, they are taken and the zeros gone on with; otherwise only
    the ones are gone on with. What is equal in the end is taken from a place of its own for each row onwards, so that
    rows that like the same people equally do not all get the same ones.

    Parameters
    ----------
    mask : ndarray of uint64, shape (R, words)
        Which pairs may be chosen.
    digits : list of ndarray of uint64
        Their numbers.
    most : int
    spin : ndarray of int64, shape (R,)
        Word from which equals are taken.

    Returns
    -------
    chosen : ndarray of uint64, shape (R, words)
    cut : ndarray of int64, shape (R,)
        No number that was not chosen is larger.
    """
    level, cut = mask.copy(), np.zeros(len(mask), dtype=np.int64)
    taken = np.zeros_like(mask)
    have = np.zeros(len(mask), dtype=np.int64)
    for b in range(len(digits) - 1, -1, -1):
        ones = level & digits[b]
        counts = total(ones)
        few = have + counts <= most
        have[few] += counts[few]
        cut |= np.where(few, 0, 1 << b)
        all_in = np.where(few, ALL, np.uint64(0))[:, None]
        taken |= ones & all_in
        # zeros where all ones were taken, ones elsewhere
        level &= digits[b] ^ all_in
    return taken | _from(level, most - have, spin), cut


def _from(mask: Words, most: Ints, spin: Ints) -> Words:
    """Whole words, from a place of each row's own onwards, until there are enough bits."""
    words = mask.shape[1]
    order = (np.arange(words)[None, :] + (spin % words)[:, None]) % words
    counts = np.take_along_axis(count(mask), order, axis=1).astype(np.int64)
    before = np.cumsum(counts, axis=1) - counts
    keep = np.zeros(mask.shape, dtype=bool)
    np.put_along_axis(keep, order, before < most[:, None], axis=1)
    return np.where(keep, mask, np.uint64(0))


def places(mask: Words) -> tuple[Ints, Ints]:
    """Row and place of each bit that is set, by row, then place."""
    words = mask.shape[1]
    some = np.flatnonzero(mask)
    bits = np.unpackbits(mask.ravel()[some].view(np.uint8).reshape(-1, 8), axis=1, bitorder="little")
    which, inside = np.nonzero(bits)
    row, word = np.divmod(some[which], words)
    return row, word * 64 + inside
