# Everything this project needs is made here. `make demo` and `make test` do it all by themselves on a fresh machine with
# Python 3.11 or newer and make.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet
WORKERS ?= auto

# What takes longer than a few seconds, or measures: left to `make test-slow`.
QUICK := not slow and not load and not fuzz and not cluster

.PHONY: docs screens accessibility proof-answers proof-directory proof-year proof-calendars mutants-calendars help demo test test-slow test-all bench lint types format lock wheel image-check env env-demo system clean
.DEFAULT_GOAL := help

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

demo: env-demo ## an invented municipality, alive, on this machine only
	@exec $(BIN)/presence demo $(ARGS)

# The accessibility checker; its tests skip without it, and fail in CI.
node_modules/axe-core/axe.min.js:
	@command -v npm >/dev/null && npm install --no-save --no-audit --no-fund --silent axe-core@4.14.1 || echo "no npm: accessibility is not checked"

# In the order of collection, the longest journeys first: sorted by the number of tests, they would come last, one worker left alone
# with them.
test: system env node_modules/axe-core/axe.min.js ## the tests, in a few minutes
	$(BIN)/python -m pytest -m "$(QUICK)" -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

test-slow: system env node_modules/axe-core/axe.min.js ## the tests that take their time: proofs, every pair of a page's states, fuzzing, load
	$(BIN)/python -m pytest -m "not ($(QUICK)) and not load" -n $(WORKERS) --dist load $(ARGS) || [ $$? -eq 5 ]  # 5: there is none
	$(BIN)/python -m pytest -m load $(ARGS) || [ $$? -eq 5 ]  # alone: what is measured is time

proof-directory: system env ## twenty cut, stalled, truncated and emptied reads of 20,000 people
	PRESENCE_FULL=1 $(BIN)/python -m pytest tests/journeys/test_directory_faults.py -s

proof-calendars: env ## 10,000 made calendars the same by every way; 100,000 mutated ones cost themselves only
	PRESENCE_DIFFERENTIAL=10000 PRESENCE_FUZZ=100000 $(BIN)/python -m pytest -m slow -s \
	  tests/connectors/calendars/test_differential.py tests/connectors/calendars/test_fuzz.py

mutants-calendars: env ## how many changes of the calendars' short way its tests catch (a quarter of an hour)
	$(BIN)/python -m tests.connectors.calendars.mutants $(ARGS)

proof-answers: system env ## whether, never why at 500 ticks; no dead end in a week of 1,000 contacts; one truth (a quarter of an hour)
	PRESENCE_FULL=1 $(BIN)/python -m pytest -n $(WORKERS) --dist load -s \
	  tests/proofs/test_whether_never_why.py tests/proofs/test_no_dead_ends.py tests/proofs/test_one_truth.py tests/proofs/test_kept_answers.py \
	  tests/browser/test_one_truth.py
	PRESENCE_FULL=1 $(BIN)/python -m pytest -s tests/proofs/test_timing.py  # alone: what is measured is time

proof-year: env ## a year of 2,000 people, rolled day by day, asked at 50,000 instants
	PRESENCE_FULL=1 $(BIN)/python -m pytest tests/proofs/test_year.py -s

test-all: test test-slow ## every test

bench: env ## what an answer costs
	@scripts/system-packages wrk redis-server
	$(BIN)/python -m tests.bench.report

screens: system env ## the pictures of docs/screens.md
	$(BIN)/python -m tests.browser.screens

accessibility: system env node_modules/axe-core/axe.min.js ## every state, language, scheme and width through axe
	PRESENCE_FULL=1 $(BIN)/python -m pytest -m slow tests/browser/test_pages.py -s

docs: env ## the pages that are read off the code
	$(BIN)/python -m tests.rules.settings_reference

lint: env ## style, and who may import whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache

types: env ## strict types
	$(BIN)/mypy

format: env ## put the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

wheel: env ## dist/presence-….whl
	rm -rf dist
	$(BIN)/hatchling build -t wheel

image-check: ## the steps of the Dockerfile in an empty system, as root, without Docker
	$(PYTHON) tests/image/check.py $(ARGS)

# Locked dependencies, with hashes. `uv` need not be installed but to change them.
COMPILE := uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet

lock: ## new versions of all dependencies
	$(COMPILE) --upgrade pyproject.toml -o requirements/runtime.txt
	$(COMPILE) --upgrade --constraint requirements/runtime.txt --extra dev pyproject.toml -o requirements/dev.txt
	printf 'hatchling\neditables\n' | $(COMPILE) --upgrade --constraint requirements/dev.txt - -o requirements/build.txt

# The environment grows: what the service needs first, what its tests need on top. A stamp says what is in it.
env-demo: $(VENV)/.runtime
env: $(VENV)/.development

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "presence needs Python 3.11 or newer: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements/runtime.txt requirements/build.txt pyproject.toml | $(BIN)/python
	$(PIP) install --require-hashes -r requirements/runtime.txt -r requirements/build.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.development: requirements/dev.txt $(VENV)/.runtime
	$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

system: ## the servers and the browser that the tests drive
	@scripts/system-packages

clean: ## take away what was made here
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
