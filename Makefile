# Everything here works on a machine that has only Python (3.10 or newer) and make.
# `make demo` and `make test` reuse .venv when it is there; PYTHON chooses what makes it.

PYTHON ?= python3
BIN := .venv/bin
# Tests at a time; each may start a process of a few hundred MB. `make test WORKERS=0`: one by one.
WORKERS ?= 2
SIDE_BY_SIDE := -n $(WORKERS) --dist worksteal
.DEFAULT_GOAL := help

.PHONY: picture site references samples help demo install test test-all lint bench docs cuda-bundle clean

help:
	@echo "make demo      score the reference submissions, offline, and build the leaderboard"
	@echo "make test      ruff, mypy --strict, pytest without the slow ones"
	@echo "make test-all  the slow ones too"
	@echo "make bench     the benchmarks of benchmarks/"
	@echo "make cuda-bundle  one archive to measure with on a GPU machine that has no network"
	@echo "make docs      docs/api.md, from the docstrings"
	@echo "make site      the documentation site, in build/site; a broken link is an error"
	@echo "make references  what of the bundled systems' records is missing (hours; goes on)"
	@echo "make samples   reports/ made again on this machine with today's code, and README's picture"

$(BIN)/python:
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip

# The stamps are older than pyproject.toml when what is installed may lack something.
.venv/.installed: $(BIN)/python pyproject.toml
	$(BIN)/python -m pip install --quiet -e .
	@touch $@

.venv/.installed-test: $(BIN)/python pyproject.toml
	$(BIN)/python -m pip install --quiet -e ".[test]"
	@touch $@ .venv/.installed

install: .venv/.installed

demo: .venv/.installed
	$(BIN)/esrbench demo

lint: .venv/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -c "from importlinter.cli import lint_imports_command as held; held()"

test: lint
	$(BIN)/python -m pytest -m "not slow" $(SIDE_BY_SIDE) --durations 40

test-all: lint
	$(BIN)/python -m pytest $(SIDE_BY_SIDE)

docs: .venv/.installed-test
	$(BIN)/python -m esrbench.api.reference > docs/api.md.new && mv docs/api.md.new docs/api.md

site: .venv/.installed-test
	$(BIN)/python -m pip install --quiet -e ".[docs]"
	$(BIN)/python -m mkdocs build --strict

references: .venv/.installed
	$(BIN)/python references/count.py
	$(BIN)/python references/make.py

# New records stand beside the old ones until those are removed: a record is only ever added.
SAMPLES = nearest bicubic/ycbcr lanczos quicksrnet/small ecbsr/m4c16 etds/t span/c28 rlfn/ntire \
	rfdn efdn bsrn/s imdn
samples: .venv/.installed
	$(BIN)/esrbench score $(SAMPLES) --results reports/results
	$(BIN)/esrbench report --results reports/results --out reports
	$(MAKE) picture

# What README.md shows; needs Chromium and its driver (`apt install chromium chromium-driver`).
picture: .venv/.installed-test
	$(BIN)/python -m tests.report.browser reports/index.html docs/leaderboard.png

bench: .venv/.installed-test
	$(BIN)/python benchmarks/metrics.py
	$(BIN)/python benchmarks/quality_pass.py
	$(BIN)/python benchmarks/timing_power.py

# What the machine has already: benchmarks/cuda/machine.txt, or HAS=FILE.
cuda-bundle: .venv/.installed-test
	$(BIN)/python -m benchmarks.cuda.bundle $(if $(HAS),--has $(HAS))

clean:
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
