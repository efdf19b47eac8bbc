"""What each choice of CP-SAT's settings is worth, on a model as `match` asks it."""

from __future__ import annotations

from pathlib import Path

import cp_sat_choices
import whole_peers
from harness.registry import Size, case


@case(
    "cp-sat-choices",
    timed=(
        f"one solve of one model, made before, until the proof, or {whole_peers.SECONDS:g} s; 'times as fast' is "
        "what the choice that is left out is worth; a process each, three rounds"
    ),
    us=cp_sat_choices.US,
    peers=cp_sat_choices.CHOICES,
    sizes=(Size(200, 60), Size(1000, 300, full=True)),
)
def cp_sat_choices_(size: Size, folder: Path) -> None:
    """The keyhole of the workforce with all four limits by our own engine, with each of its settings left out."""
    import workforce

    cp_sat_choices.take(workforce.programme(size.mentors, size.mentees, workforce.LIMITS), folder)
