"""Engines: each solves one goal of a model, behind one small interface, and imports its solver on first use."""

from revmatch.engines.assignment import Assignment
from revmatch.engines.cpsat import CpSat
from revmatch.engines.engine import Answer, Engine, Feature
from revmatch.engines.flow import MinCostFlow
from revmatch.engines.linear import Linear

#: Cheapest first.
ENGINES: tuple[Engine, ...] = (Assignment(), MinCostFlow(), Linear(), CpSat())

__all__ = ["ENGINES", "Answer", "Assignment", "CpSat", "Engine", "Feature", "Linear", "MinCostFlow"]
