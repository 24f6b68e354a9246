# Everything runs from a virtual environment that holds exactly what the locks name.
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV ?= .venv
# More arguments for the program that a target runs, e.g. make test ARGS='-k ledger'.
ARGS ?=
# One more than two cores: tests wait for servers and for the disk.
WORKERS ?= 3
# How often `make faults` lets every fault happen, and the seed of a campaign to run again.
ROUNDS ?= 5
SEED ?=

BIN := $(VENV)/bin
RUN := $(VENV)/.installed-run
DEV := $(VENV)/.installed-dev
PIP_INSTALL = $(BIN)/python -m pip --disable-pip-version-check --quiet install
PIN = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest \
	--generate-hashes --no-strip-extras --no-emit-index-url --no-emit-find-links \
	--custom-compile-command 'make lock' $(ARGS)
# Software by others that needs a newer Python, and shares no environment with us.
PIN_OTHERS = $(BIN)/uv pip compile --quiet --universal --python-version 3.12 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' $(ARGS)
COMPILE = $(PIN) pyproject.toml --group build

.PHONY: help run test faults oracles bench bench-views check format docs lock clean

help: ## Say what each target does
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(RUN) ## Start the server, with a demonstration programme if the log is empty
	$(BIN)/ssp serve --demo-if-empty $(ARGS)

test: $(DEV) ## Run the tests and print their coverage
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist worksteal --cov $(ARGS)

faults: $(DEV) ## Let faults happen to writers for ROUNDS rounds, and print what was lost: nothing
	$(BIN)/python -m pytest --numprocesses 0 -s -m "campaign or not campaign" \
		tests/faults tests/ledger/test_promises.py --faults-rounds $(ROUNDS) \
		--faults-seed '$(SEED)' $(ARGS)

check: $(DEV) ## Check format, lint, types and the direction of imports
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pyright
	$(BIN)/lint-imports

oracles: $(DEV) ## Ask other software anew for the statistics that tests compare ours with
	$(BIN)/python -m pytest --numprocesses 0 -m "campaign or not campaign" \
		tests/foreign/test_oracles.py tests/projections/evaluation_consistency $(ARGS)

bench: $(RUN) ## Measure the ledger beside its peers, ARGS=--quick for a short run
	$(BIN)/python -m benchmarks $(ARGS)

bench-views: $(RUN) ## Measure the views over a million events, ARGS=--quick for a short run
	$(BIN)/python -m benchmarks.views $(ARGS)

format: $(DEV) ## Format the code and mend what the linter can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(DEV) ## Write the pages anew that are made of the code
	$(BIN)/python -m tests.docs.event_catalogue
	$(BIN)/python -m tests.docs.audit_rules
	$(BIN)/python -m tests.docs.settings_page

lock: $(DEV) ## Pin all dependencies by hash again; ARGS=--upgrade takes the newest
	$(COMPILE) --output-file requirements.lock
	$(COMPILE) --group test --group check --constraints requirements.lock \
		--output-file requirements-dev.lock
	$(PIN_OTHERS) --group pyproject.toml:strangers --output-file requirements-strangers.lock
	$(PIN_OTHERS) --group pyproject.toml:oracles --output-file requirements-oracles.lock
	$(PIN) --group bench --output-file benchmarks/requirements.lock

clean: ## Remove the virtual environment and all that tools left behind
	rm -rf $(VENV) .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache \
		.pytest_cache .ruff_cache build dist
	find core projections api replay benchmarks tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Python 3.11 or newer is needed, and $(PYTHON) is not: make PYTHON=/path/to/python3.11 ..." >&2; \
		exit 1; }
	$(PYTHON) -m venv $(VENV)

# Only wheels, and no isolated build: nothing is fetched that the lock does not name.
$(RUN): requirements.lock pyproject.toml | $(BIN)/pip
	$(PIP_INSTALL) --require-hashes --only-binary :all: -r requirements.lock
	$(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV): requirements-dev.lock $(RUN)
	$(PIP_INSTALL) --require-hashes --only-binary :all: -r requirements-dev.lock
	@touch $@
