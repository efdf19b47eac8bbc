"""What runs every day of a grid of random cases, and what waits for the soak."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import settings


def daily(count: int, grid: Iterable[Any]) -> list[Any]:
    """Parameters of a grid: the first so many run every day, and the rest in `make soak`."""
    return [one if k < count else pytest.param(one, marks=pytest.mark.soak) for k, one in enumerate(grid)]


def examples(count: int) -> settings:
    """So many examples from hypothesis every day; many where the profile asks for many."""
    return settings(max_examples=count if settings.default.max_examples <= 100 else 1_000)
