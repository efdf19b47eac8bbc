"""The model: candidates and limits as columns and linear rows, for every engine alike."""

from revmatch.model.build import build
from revmatch.model.columns import Columns, Kind, Model, Rows
from revmatch.model.families import Families
from revmatch.model.prices import Prices, brackets, ceiling, steps, total

__all__ = ["Columns", "Families", "Kind", "Model", "Prices", "Rows", "brackets", "build", "ceiling", "steps", "total"]
