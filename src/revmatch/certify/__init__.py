"""The independent checker and its witnesses.

Imports NumPy, the standard library, people, policy, programme and plan, nothing else; of a rule, score term, limit or
goal it reads the fields only.
"""
