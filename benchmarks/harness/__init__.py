"""Runs the benchmark cases: what a case is, how it is measured, where the results go."""
