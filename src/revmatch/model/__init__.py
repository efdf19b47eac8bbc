"""The model: candidates and limits as columns and linear rows, for every engine alike.

What makes models from programmes is in `revmatch.model.build` and `revmatch.model.families`, and loads only there: the
child process of the engines reads models, and needs nothing of people and policies.
"""

from revmatch.model.columns import Columns, Kind, Model, Rows
from revmatch.model.prices import Prices, brackets, ceiling, steps, total

__all__ = ["Columns", "Kind", "Model", "Prices", "Rows", "brackets", "ceiling", "steps", "total"]
