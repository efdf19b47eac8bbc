"""Runs the command line as ``python -m revmatch``."""

from __future__ import annotations

import sys

from revmatch.cli import main

if __name__ == "__main__":
    sys.exit(main())
