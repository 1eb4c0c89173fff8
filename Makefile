# Two commands do all: `make run` and `make test`. Each target sets up what it needs by itself.
# Needs: Python 3.11 or newer, git, make. PYTHON= chooses the interpreter, PORT= the port.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready

# Most of a test is waiting. Files are dealt out in their order, so that the slow ones are begun early.
TWO_AT_ONCE := -n 2 --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help setup run demo test test-odoo crash bench check requirements clean

help: ## what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(STAMP) ## a .venv with everything, from pinned and hashed requirements

$(STAMP): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; this is $$($(PYTHON) --version). Set PYTHON=…"; exit 1; }
	@echo "Setting up $(VENV) (a minute or two the first time)"
	@$(PYTHON) -m venv $(VENV) \
	  || { echo "No virtual environment could be made: on Debian or Ubuntu, install python3-venv."; exit 1; }
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt \
	  || { echo "Installing the requirements failed: is the package index reachable? See the lines above."; exit 1; }
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

run: $(STAMP) ## the whole product on this machine: http://127.0.0.1:8010/sandbox (PORT= changes the port)
	@exec $(BIN)/po-agent up $(if $(PORT),--port $(PORT))

demo: $(STAMP) ## one purchase from greeting to billed order, over HTTP, through all of it
	@$(BIN)/po-agent demo

test: $(STAMP) ## all tests that need no Odoo server
	@$(BIN)/python -m pytest -m "not odoo" $(TWO_AT_ONCE)

test-odoo: $(STAMP) ## the port tests and the whole way on a real Odoo 19, which it fetches and starts (Debian; twenty minutes)
	@PO_AGENT_TEST_ODOO=1 $(BIN)/python -m pytest -m odoo

crash: $(STAMP) ## the tests that kill and restart things, the long ones too (three quarters of an hour)
	@PO_AGENT_TEST_CRASH=1 $(BIN)/python -m pytest tests/crash

bench: $(STAMP) ## speed and memory, as ratios within one run (half an hour)
	@$(BIN)/python -m tests.bench

check: $(STAMP) ## format, lint, types, who may import whom
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

requirements: ## pin anew what pyproject.toml asks for (needs uv)
	@requirements/pin

clean: ## forget the environment (data under .data stays)
	rm -rf $(VENV)
