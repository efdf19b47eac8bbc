# revmatch. Needs only make and Python 3.11 or newer; everything else goes into .venv.
#
#   make demo   pair a built-in demo programme, and write it to demo-programme/
#   make test   run the tests
#
# Each target does its own set-up, once: a stamp in .venv is newer than pyproject.toml and constraints.txt.

PYTHON ?= python3
BIN := .venv/bin
# The first variable pins what the build itself needs for older pips, the second for newer ones.
PIP_INSTALL := PIP_CONSTRAINT=constraints.txt PIP_BUILD_CONSTRAINT=constraints.txt PIP_DISABLE_PIP_VERSION_CHECK=1 \
	$(BIN)/python -m pip install --quiet -c constraints.txt

.PHONY: help demo test soak lint format docs bench bench-full clean
.DELETE_ON_ERROR:
.NOTPARALLEL: # two installs into one .venv at once would break it

help:
	@echo "make demo    pair a built-in demo programme, and write it to demo-programme/"
	@echo "make test    run the tests: one run of each kind"
	@echo "make soak    run the full grids: thousands of random programmes, a thousand faults; takes long"
	@echo "make lint    ruff, mypy --strict and the layer contract"
	@echo "make format  let ruff tidy the code"
	@echo "make docs    build the documentation into docs/_build/html"
	@echo "make bench   run the benchmarks, minutes; make bench-full runs the long ones too"
	@echo "make clean   remove what make made"

demo: .venv/.ready
	$(BIN)/revmatch demo --out demo-programme

test: .venv/.ready-test
	$(BIN)/python -m pytest --numprocesses logical --maxprocesses 8 --dist worksteal

soak: .venv/.ready-test
	$(BIN)/python -m pytest -m "soak or hypothesis" --hypothesis-profile=soak -o timeout=0

lint: .venv/.ready-lint .venv/.ready-test
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy --strict src
	$(BIN)/python -m pytest --quiet tests/test_layers.py

format: .venv/.ready-lint
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

docs: .venv/.ready-docs
	$(BIN)/sphinx-build -W -n --keep-going -E -q -b html docs docs/_build/html
	@echo "docs/_build/html/index.html is ready"

bench: .venv/.ready-peers
	$(BIN)/python benchmarks/run.py
	$(BIN)/python benchmarks/report.py

bench-full: .venv/.ready-peers
	$(BIN)/python benchmarks/run.py --full
	$(BIN)/python benchmarks/report.py

clean:
	rm -rf .venv docs/_build docs/generated demo-programme .coverage htmlcov .hypothesis .mypy_cache .pytest_cache .ruff_cache

# Set-up. The first stamp holds what running needs and no more; each other one adds the extra of its name.
.venv/.ready: pyproject.toml constraints.txt
	@$(PYTHON) -c "import sys; sys.exit('revmatch needs Python 3.11 or newer; set PYTHON=...' if sys.version_info < (3, 11) else 0)"
	$(PYTHON) -m venv .venv
	$(PIP_INSTALL) -e .
	@touch $@

.venv/.ready-%: .venv/.ready
	$(PIP_INSTALL) -e ".[$*]"
	@touch $@

# Two of the peers bring a package of the same name, so one of them lives in a folder of its own.
.venv/.ready-peers: .venv/.ready-bench
	rm -rf .venv/peers/mentor-match
	$(PIP_INSTALL) --target .venv/peers/mentor-match mentor-match
	@touch $@
