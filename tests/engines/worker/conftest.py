"""Before and after each test of the child processes."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from children import children, soon
from revmatch.engines import worker
from revmatch.solve import exact


@pytest.fixture(autouse=True, scope="module")
def _nobody_is_left() -> Iterator[None]:
    if sys.platform != "linux":
        pytest.skip("looks at processes as Linux shows them")
    worker._end_all()
    before = children()
    yield
    worker._end_all()
    assert soon(lambda: children() == before), children()


@pytest.fixture(autouse=True)
def _one_waits_at_most() -> Iterator[None]:
    yield
    worker._useless.clear()
    assert soon(lambda: list(children().values()) in ([], ["S"])), children()  # above all no zombie


@pytest.fixture
def cold() -> Iterator[None]:
    """No child before, and none of this test's making after it."""
    worker._end_all()
    yield
    worker._end_all()


@pytest.fixture
def everything_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "QUICK", {})


@pytest.fixture
def straight_to_cp_sat(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exact, "MOST_CASES", 0)
