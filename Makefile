# Everything that is done to this project, one command each. Every target brings along what it needs; a second run is quick.
.DEFAULT_GOAL := help
SHELL := /bin/sh

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install -q -c constraints.txt
DEMO_OUT ?= demo-output
FUZZ_MINUTES ?= 10
KILLS ?= 200
SEED ?= 597

.PHONY: help setup demo test check format bench fuzz torture clean

help: ## This list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## */\1\t/' | expand -t 12

$(BIN)/python:
	@tools/make-venv.sh $(VENV)

# pip is asked again only when what it would install may have changed.
$(VENV)/.installed-demo: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing mailbox-ingest into $(VENV)"
	@$(PIP) -e '.[demo]'
	@touch $@

$(VENV)/.installed-dev: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing mailbox-ingest and its development tools into $(VENV)"
	@$(PIP) -e '.[dev]'
	@touch $@ $(VENV)/.installed-demo

$(VENV)/.apt-run: tools/apt-packages-run.txt | $(BIN)/python
	@tools/apt-install.sh tools/apt-packages-run.txt
	@touch $@

$(VENV)/.apt-test: tools/apt-packages-run.txt tools/apt-packages-test.txt | $(BIN)/python
	@tools/apt-install.sh tools/apt-packages-run.txt tools/apt-packages-test.txt
	@touch $@

setup: $(VENV)/.installed-demo $(VENV)/.apt-run ## Install the program and the programs it calls (OCR, office formats)

demo: $(VENV)/.installed-demo ## Three weeks of reports through the whole house; the result is in demo-output/
	@$(BIN)/mailbox-ingest demo --out $(DEMO_OUT)

check: $(VENV)/.installed-dev ## Format, lint, types, import directions
	@$(BIN)/ruff format --check -q .
	@$(BIN)/ruff check -q .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

test: check $(VENV)/.apt-test ## check, then every test
	@$(BIN)/pytest -q -n 2

format: $(VENV)/.installed-dev ## Put the code into its form
	@$(BIN)/ruff format -q .
	@$(BIN)/ruff check -q --fix .

bench: $(VENV)/.installed-dev $(VENV)/.apt-test ## Speed and memory beside a raw download and a bare loop
	@$(BIN)/python -m bench.poll_throughput
	@$(BIN)/python -m bench.reading_cost

fuzz: $(VENV)/.installed-dev $(VENV)/.apt-test ## Damaged files of every kind for FUZZ_MINUTES (10); a short form is in test
	@$(BIN)/python -m bench.fuzz.run --minutes $(FUZZ_MINUTES)

torture: $(VENV)/.installed-dev $(VENV)/.apt-test ## The worker killed KILLS (200) times on each database: nothing lost, nothing doubled (SEED=597)
	@$(BIN)/python -m bench.torture.run --kills $(KILLS) --seed $(SEED)

clean: ## Take away what was built, the environment included
	@rm -rf $(VENV) build dist demo-output .mypy_cache .ruff_cache .pytest_cache .hypothesis
