"""Settings for all tests: the same random cases in every run; many fresh ones in the soak."""

from __future__ import annotations

import signal

import pytest
from hypothesis import HealthCheck, settings

# A shell starts what it puts in the background with interrupts ignored, and children inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# What runs every day must not be flaky: hypothesis draws the same cases each time, and a busy machine is no failure.
settings.register_profile(
    "default", derandomize=True, deadline=None, max_examples=32, suppress_health_check=[HealthCheck.too_slow]
)
# `make soak` looks for what nobody thought of; a failure is printed so that it can be pasted into a test.
settings.register_profile(
    "soak", deadline=None, max_examples=5_000, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("default")


@pytest.fixture
def at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """Engines in this process, where faults can be put in."""
    from revmatch.engines import worker

    monkeypatch.setattr(worker, "knows", lambda engine: False)
