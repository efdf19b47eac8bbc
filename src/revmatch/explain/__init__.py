"""Explanations: what the rules leave of a programme, in plain words."""
